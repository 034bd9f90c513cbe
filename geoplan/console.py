"""What the commands print: a plan in a few lines, and the layers with their sources."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.export.words import note_text
from geoplan.texts import Lang, say

if TYPE_CHECKING:
    from geoplan.model import Plan
    from geoplan.study import Study


def print_plan(plan: Plan, folder: Path, lang: Lang, *, as_json: bool, notes: bool) -> None:
    """The headline figures of each service, then where the result is."""
    if as_json:
        print((folder / "plan.json").read_text("utf-8"))
        return
    title = plan.study.title_zh if lang == "zh" else plan.study.title_en
    print(say("cli.run.title", lang, title=title, version=plan.version, run=plan.run_id))
    for layer in plan.study.layers:
        print()
        print(layer.name_zh if lang == "zh" else layer.name_en)
        for line in _headline(plan, layer.id, lang):
            print(f"  {line}")
    if notes:
        print(file=sys.stderr)
        for note in plan.notes:
            print(f"- {note_text(note, lang)}", file=sys.stderr)
    count = sum(1 for path in folder.iterdir() if path.is_file())
    print()
    print(say("cli.run.written", lang, folder=folder, count=count))


def _headline(plan: Plan, layer: str, lang: Lang) -> list[str]:
    totals = plan.layer_totals.set_index("layer").loc[layer]
    counts = plan.counts[(plan.counts["layer"] == layer) & (plan.counts["county_code"] == "")]
    nation = counts.iloc[0]
    both = [*totals.items(), *nation.items()]
    import pandas as pd

    values: dict[str, object] = {str(name): value for name, value in both}
    for certainty in ("firm", "provisional"):
        mean = totals[f"own_minutes_mean_{certainty}"]
        values[f"mean_{certainty}"] = say("unknown", lang) if pd.isna(mean) else f"{mean:.1f}"
    known = "" if nation["unnamed_known"] else "_unknown"
    keys = (f"counts{known}", "far", "far_provisional", "listed", "proposed", "plain")
    return [say(f"cli.run.{key}", lang, **values) for key in keys]


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
