"""What the commands print: a plan in a few lines, and the layers with their sources."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoplan.export.lists import Lists, make_lists
from geoplan.export.words import Labels, decimal, note_text
from geoplan.model import Plan
from geoplan.reporting.figures import (
    MOST_RUNS,
    SUPPLY_DIGITS,
    Far,
    Sure,
    how_far,
    how_sure,
    lacking,
    load_total,
    mean_supply,
)
from geoplan.study import Layer, Study
from geoplan.tables import CERTAINTIES
from geoplan.texts import Lang, say
from geoplan.typeset import counted, lined_up


def print_plan(plan: Plan, folder: Path, lang: Lang, *, as_json: bool, notes: bool) -> None:
    """The headline figures of each service, then where the result is."""
    if as_json:
        print((folder / "plan.json").read_text("utf-8"))
        return
    title = plan.study.title_zh if lang == "zh" else plan.study.title_en
    print(say("cli.run.title", lang, title=title, version=plan.version, run=plan.run_id))
    print(say("cli.run.brackets", lang))
    lists, labels = make_lists(plan), Labels(plan, lang)
    for layer in plan.study.layers:
        print()
        print(labels.layer(layer.id))
        for line in lined_up(_Block(lists, layer, labels).lines(), indent=2):
            print(line)
    if notes:
        print(file=sys.stderr)
        for note in plan.notes:
            print(f"- {note_text(note, lang)}", file=sys.stderr)
    count = sum(1 for path in folder.iterdir() if path.is_file())
    print()
    print(say("cli.run.written", lang, folder=folder, count=count))


@dataclass(frozen=True, slots=True)
class _Block:
    """One service in a few lines, each with a word in front; firm and provisional stay apart."""

    lists: Lists
    layer: Layer
    labels: Labels

    def lines(self) -> list[tuple[str, str]]:
        """How far, how much, who is beyond, who is listed and how surely, sites, the plan."""
        far = how_far(self.lists, self.layer)
        sure = how_sure(self.lists, self.layer)
        told = {
            "far": self._both({each.certainty: self._far(each) for each in far}),
            "much": self._both({each: self._much(each) for each in CERTAINTIES}),
            "beyond": self._both({each.certainty: self._beyond(each) for each in far}),
            "listed": self._both({each.certainty: self._listed(each) for each in sure}),
            "sites": self._sites(),
            "plan": self._plan(),
        }
        return [(self._say(f"run.{name}"), text) for name, text in told.items() if text]

    def _say(self, key: str, **values: object) -> str:
        return say(f"cli.{key}", self.labels.lang, **values)

    def _number(self, value: float | None, digits: int = 0) -> str:
        return decimal(value, self.labels.lang, digits)

    def _both(self, told: Mapping[str, tuple[str, str]]) -> str:
        """Firm in full, provisional in short behind it; a part without figures is left out."""
        full, short = told.get("firm", ("", ""))[0], told.get("provisional", ("", ""))[1]
        if not short:
            return full
        return (full or self._say("run.none_firm")) + self._say("run.provisional", text=short)

    def _far(self, far: Far) -> tuple[str, str]:
        if far.mean is None:
            key = "mostly_undetermined" if far.mostly_undetermined else "nobody"
            return self._say(f"run.far.{key}"), self._say(f"run.far.{key}")
        values = {
            "own": self._number(far.mean, 1),
            "p90": self._number(far.p90, 1),
            "nearest": self._number(far.nearest_mean, 1),
        }
        key = "chosen" if far.nearest_mean is None else "assigned"
        return self._say(f"run.far.{key}", **values), self._say(f"run.far.{key}.short", **values)

    def _much(self, certainty: str) -> tuple[str, str]:
        """Loads or supply per person, and townships in which no named site stands."""
        total = load_total(self.lists, self.layer, certainty)
        without = lacking(self.lists, self.layer, "township_without_site", certainty)
        full, short = [], []
        if total is not None:
            values = {
                "largest": self.labels.area(total["largest_area_id"]),
                "most": self._number(total["largest_residents_per_site"]),
                "least": self._number(total["smallest_residents_per_site"]),
                "ratio": self._number(total["ratio"], 1),
            }
            key = "run.load" if total["areas"] > 1 else "run.load_one"
            full.append(self._say(key, **values))
            short.append(self._say(f"{key}.short", **values))
        elif (supply := mean_supply(self.lists, self.layer, certainty)) is not None:
            basis = say(f"basis.{self.layer.per_person}", self.labels.lang)
            value = self._number(supply, SUPPLY_DIGITS[self.layer.per_person])
            full.append(self._say("run.supply", value=value, basis=basis))
            short.append(value)
        if without:
            full.append(counted("cli.run.without", len(without), self.labels.lang))
            short.append(self._say("run.without.short", n=self._number(len(without))))
        joint = self._say("run.next")
        return joint.join(full), joint.join(short)

    def _beyond(self, far: Far) -> tuple[str, str]:
        values = {
            "beyond": self._number(far.beyond),
            "people": self._number(far.people),
            "minutes": f"{self.layer.minutes:g}",
            "undetermined": self._number(far.undetermined),
        }
        return self._say("run.beyond.full", **values), self._say("run.beyond.short", **values)

    def _listed(self, sure: Sure) -> tuple[str, str]:
        values = {"listed": self._number(sure.listed), "share": f"{MOST_RUNS:.0%}"}
        full = counted("cli.run.listed", sure.listed, self.labels.lang)
        if sure.in_most_runs is None:
            return full, values["listed"]
        values |= {
            "most": self._number(sure.in_most_runs),
            "touching": self._number(sure.touching),
        }
        return full + self._say("run.runs", **values), self._say("run.runs.short", **values)

    def _sites(self) -> str:
        nation = self.lists.national(self.layer.id)
        names = ("target", "existing_named", "existing_unnamed", "proposed", "usable_points")
        known = "" if nation["unnamed_known"] else "_unknown"
        told = self._say(
            f"run.counts{known}", **{each: self._number(nation[each]) for each in names}
        )
        planned = nation["planned"]
        return told + (self._say("run.planned", n=self._number(planned)) if planned else "")

    def _plan(self) -> str:
        total = self.lists.total(self.layer.id)
        names = ("listed_gain", "gain", "listed_gain_bound", "gain_bound")
        values = {name: self._number(total[name]) for name in names}
        return self._say("run.proposed", minutes=f"{self.layer.minutes:g}", **values)


def print_layers(study: Study, lang: Lang, *, as_json: bool) -> None:
    """Layers, sources and every service system of the programme."""
    from geoplan.catalog import read_inputs

    inputs = read_inputs(study)
    standing = inputs.sites[inputs.sites["status"] == "existing"]
    layers = []
    for layer in study.layers:
        rows = standing[standing["layer"] == layer.id]
        layers.append(
            {
                "layer": layer.id,
                "name": layer.name_zh if lang == "zh" else layer.name_en,
                "named": len(rows),
                "usable": int((rows["point_use"] == "distance").sum()),
                "target": layer.target,
                "target_source": layer.target_source,
            }
        )
    sources = [
        {
            "file": source.file,
            "rows": source.rows,
            "date": source.date,
            "licence": source.licence,
            "origin": source.origin_zh if lang == "zh" else source.origin_en,
        }
        for source in inputs.sources
    ]
    services: list[Any] = inputs.services.to_dict("records")
    if as_json:
        told = {"layers": layers, "sources": sources, "services": services}
        print(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return
    _print_tables(layers, sources, services, lang)


def _print_tables(
    layers: list[dict[str, Any]],
    sources: list[dict[str, Any]],
    services: list[dict[str, Any]],
    lang: Lang,
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    for layer in layers:
        points = say("cli.layers.points", lang, usable=layer["usable"], named=layer["named"])
        target = say("cli.layers.target", lang)
        print(f"{layer['name']}  {target} {layer['target']}  {points}")
    print()
    rows, separator = say("cli.layers.rows", lang), "，" if lang == "zh" else ", "
    for source in sources:
        facts = (f"{source['rows']} {rows}", source["date"], source["licence"], source["origin"])
        print(f"{source['file']}: {separator.join(facts)}")
    if not services:
        return
    # Drawn apart and printed by us: rich itself ends the program with 1 when a reader goes away.
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=sys.stdout.isatty())
    print()
    print(say("cli.layers.services", lang))
    table = Table(box=box.SIMPLE)
    name = "service_zh" if lang == "zh" else "service_en"
    for key in ("run.service", "layers.held", "layers.does"):
        table.add_column(say(f"cli.{key}", lang), overflow="fold")
    for service in services:
        does = service["what_geoplan_does"]
        table.add_row(
            str(service[name]), f"{service['rows_held']} ({service['completeness']})", does
        )
    console.print(table)
    print(drawn.getvalue(), end="")
