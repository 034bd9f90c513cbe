"""`geoplan roads compare`: what another road network changes, township by township."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, kept_note, progress_bar
from geoplan.texts import say

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.roads.compare import Comparison
    from geoplan.study import Study

SHOWN = 20
"""Rows on the screen; the file has all."""
STUDY = "study"


@guarded
def compare(
    first: Annotated[
        str, typer.Argument(help="'study' for the study's own roads, or a folder of roads.")
    ],
    second: Annotated[str, typer.Argument(help="The other network, likewise.")],
    study: Annotated[
        str, typer.Option(help="Whose people and sites; a study (TOML) or a bundled one.")
    ] = "tw-2030",
    minutes: Annotated[
        float, typer.Option(min=0, help="Show townships whose mean changes by more than this.")
    ] = 10.0,
    out: Annotated[
        Path | None, typer.Option(help="Write every township and service to this CSV.")
    ] = None,
) -> None:
    """Which townships come nearer or farther when other roads are used, and who is cut off.

    Minutes are means over the residents, to the nearest usable site of each service, over those
    whom both networks bring to one.

    Examples:

    geoplan roads compare study roads/taiwan

    geoplan roads compare roads/2025 roads/2026 --minutes 5 --out changes.csv
    """
    from geoplan.cache import prepared
    from geoplan.roads.compare import compare_roads, write_comparison
    from geoplan.study import read_study

    base = read_study(study)
    one, other = over(base, first), over(base, second)
    with progress_bar() as bar:
        found = compare_roads(one, other, bar, prepared(kept_note, OPTIONS.lang))
    if out is not None:
        write_comparison(found, out)
    changed = found.changed(minutes)
    if OPTIONS.json:
        print(json.dumps(as_json(found, changed, minutes), ensure_ascii=False, indent=1))
        return
    tell(found, changed, minutes)
    if out is not None:
        print(say("compare.written", OPTIONS.lang, file=out, rows=len(found.rows)))


def over(study: Study, network: str) -> Study:
    """The study over the network meant."""
    from geoplan.travelling import OwnFiles, travelling

    return study if network == STUDY else travelling(study, OwnFiles(Path(network)))


def tell(found: Comparison, changed: pd.DataFrame, minutes: float) -> None:
    """The changed rows, service by service, greatest change first."""
    lang = OPTIONS.lang
    names = [
        network.name_zh if lang == "zh" else network.name_en
        for network in (found.first.minutes_from, found.second.minutes_from)
    ]
    print(say("compare.networks", lang, first=names[0], second=names[1]))
    for layer in found.first.layers:
        rows = changed[changed["layer"] == layer.id]
        name = layer.name_zh if lang == "zh" else layer.name_en
        print()
        print(say("compare.layer", lang, layer=name, count=len(rows), minutes=minutes))
        for row in rows.head(SHOWN).to_dict("records"):
            print("  " + say("compare.row", lang, **told({str(key): row[key] for key in row})))
        if len(rows) > SHOWN:
            print("  " + say("compare.more", lang, count=len(rows) - SHOWN))


def told(row: dict[str, object]) -> dict[str, object]:
    """A row's figures as text; a mean that is not there is a dash."""
    figures: dict[str, object] = dict(row)
    english = f"{row['township_name_en']}, {row['county_name_en']}".strip(", ")
    chinese = f"{row['county_name']}{row['township_name']}"
    figures["place"] = english if OPTIONS.lang == "en" and english else chinese
    for name in ("first_minutes", "second_minutes", "change_minutes"):
        value = float(str(row[name]))
        sign = "+" if name == "change_minutes" else ""
        figures[name] = "–" if value != value else f"{value:{sign}.1f}"
    return figures


def as_json(found: Comparison, changed: pd.DataFrame, minutes: float) -> dict[str, object]:
    """The changed rows for other programs; a mean that is not there is null."""
    rows = changed.astype(object).where(changed.notna(), None).to_dict("records")
    return {
        "first": found.first.minutes_from.name_en,
        "second": found.second.minutes_from.name_en,
        "over_minutes": minutes,
        "compared": len(found.rows),
        "changed": rows,
    }
