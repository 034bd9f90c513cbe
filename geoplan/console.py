"""What the commands print: a plan in a few lines, and the layers with their sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.texts import Lang, say

if TYPE_CHECKING:
    from geoplan.model import Plan
    from geoplan.study import Study


def print_plan(plan: Plan, folder: Path, lang: Lang, *, as_json: bool, notes: bool) -> None:
    """The headline figures of each service, then where the result is."""
    if as_json:
        print((folder / "plan.json").read_text("utf-8"))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    title = plan.study.title_zh if lang == "zh" else plan.study.title_en
    console.print(say("cli.run.title", lang, title=title, version=plan.version, run=plan.run_id))
    table = Table(box=box.SIMPLE, title_justify="left")
    table.add_column("")
    for layer in plan.study.layers:
        name = layer.name_zh if lang == "zh" else layer.name_en
        table.add_column(name, justify="right", overflow="fold")
    columns = [_headline(plan, layer.id) for layer in plan.study.layers]
    for key in columns[0]:
        table.add_row(say(f"cli.run.{key}", lang), *(column[key] for column in columns))
    console.print(table)
    if notes:
        note_texts = [say(f"note.{each.code}", lang, **each.values) for each in plan.notes]
        error_console = Console(stderr=True)
        for text in note_texts:
            error_console.print(f"- {text}", highlight=False, markup=False)
    count = sum(1 for path in folder.iterdir() if path.is_file())
    console.print(say("cli.run.written", lang, folder=folder, count=count), markup=False)


def _headline(plan: Plan, layer: str) -> dict[str, str]:
    totals = plan.layer_totals.set_index("layer").loc[layer]
    counts = plan.counts[(plan.counts["layer"] == layer) & (plan.counts["county_code"] == "")]
    nation: Any = counts.iloc[0]
    unknown = "" if nation["unnamed_known"] else "?"
    beyond = totals["target_uncovered"] + totals["target_unreachable"]
    return {
        "targets": f"{nation['existing_named']} + {nation['existing_unnamed']}{unknown} + "
        f"{nation['proposed']} = {nation['target']}",
        "usable": f"{nation['usable_points']} / {nation['existing_named']}",
        "mean": f"{totals['own_minutes_mean']:.1f}",
        "beyond": f"{beyond:,} / {totals['target_people']:,}",
        "undetermined": f"{totals['target_undetermined']:,}",
        "listed": f"{totals['listed_firm']} / {totals['listed_provisional']}",
        "gain": f"{totals['listed_gain']:,} <= {totals['listed_gain_bound']:,}",
        "gain_all": f"{totals['gain']:,} <= {totals['gain_bound']:,}",
    }


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
    services = inputs.services.to_dict("records")
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

    console = Console()
    for layer in layers:
        points = say("cli.layers.points", lang, usable=layer["usable"], named=layer["named"])
        target = say("cli.layers.target", lang)
        console.print(f"{layer['name']}  {target} {layer['target']}  {points}", markup=False)
    table = Table(box=box.SIMPLE)
    for key in ("file", "rows", "date", "licence", "origin"):
        table.add_column(say(f"cli.layers.{key}", lang), overflow="fold")
    for source in sources:
        table.add_row(*(str(source[key]) for key in ("file", "rows", "date", "licence", "origin")))
    console.print(table)
    if not services:
        return
    console.print(say("cli.layers.services", lang))
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
