"""What `geoplan programme` prints and writes: the programme's tables, topic by topic."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan import __version__
from geoplan.catalog import read_inputs
from geoplan.export.cells import as_records, clean
from geoplan.export.files import csv_bytes
from geoplan.export.folder import write_result
from geoplan.export.lists import Listed
from geoplan.export.programme_told import Told, View
from geoplan.export.programme_views import FIRST, OF_A_COUNTY, VIEWS
from geoplan.gazetteer import find_county
from geoplan.model import Inputs
from geoplan.results.programme import programme_tables
from geoplan.study import read_study
from geoplan.tables import PROGRAMME, checked
from geoplan.texts import Lang

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 160
"""Columns that a table may take where it is not drawn on a terminal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A study, topics (none: the main ones), a county by name or code, a folder for CSV."""

    study: str
    topics: tuple[str, ...] = ()
    county: str | None = None
    out: Path | None = None


def tell_programme(asked: Asked, lang: Lang, *, as_json: bool) -> None:
    """Print the views asked for, or all of them as JSON; write every table if a folder is given.

    Raises:
        BadInput, SourceMissing: if the study or its files cannot be used.
        WrongUsage: if there is no such county.
        CannotWrite: if the folder cannot be written.
    """
    inputs = read_inputs(read_study(asked.study))
    tables = programme_tables(inputs)
    lists = {
        table.id: Listed(table, as_records(checked(tables[table.id], table), table))
        for table in PROGRAMME
    }
    told = Told(
        records={name: listed.records for name, listed in lists.items()},
        study=inputs.study,
        lang=lang,
        counties=_counties(inputs, lang),
        county=find_county(inputs.townships, asked.county) if asked.county else "",
    )
    views = [VIEWS[name](told) for name in _wanted(asked)]
    if asked.out is not None:
        about = {"geoplan": __version__, "study": inputs.study.id}
        files = ((f"{name}.csv", csv_bytes(listed)) for name, listed in lists.items())
        write_result(asked.out, files, about)
    if as_json:
        print(json.dumps(_as_json(views), ensure_ascii=False, indent=1))
        return
    _print(told, [view for view in views if view.rows or asked.topics], bool(asked.topics))
    if asked.out is not None:
        print(told.say("written", count=len(lists) + 1, folder=asked.out))


def _wanted(asked: Asked) -> tuple[str, ...]:
    if asked.topics:
        return asked.topics
    return OF_A_COUNTY if asked.county else FIRST


def _counties(inputs: Inputs, lang: Lang) -> Mapping[str, str]:
    """County names by code; the Chinese one where no English one is known."""
    names = {}
    for row in inputs.counties.drop(columns="geometry").to_dict("records"):
        english = row.get("county_name_en") if lang == "en" else None
        names[str(row["county_code"])] = clean(str(english or row["county_name"]))
    return names


def _as_json(views: list[View]) -> dict[str, object]:
    """Each view by its id: title, lead, headings and rows of text."""
    return {
        view.id: {
            "title": view.title,
            "lead": view.lead,
            "columns": list(view.heads),
            "rows": [list(row) for row in view.rows],
        }
        for view in views
    }


def _print(told: Told, views: list[View], chosen: bool) -> None:
    from rich.console import Console

    # Drawn apart and printed by us: rich itself ends the program with 1 when a reader goes away.
    drawn = io.StringIO()
    width = None if sys.stdout.isatty() else WIDTH
    console = Console(
        file=drawn, force_terminal=sys.stdout.isatty(), width=width, highlight=False, markup=False
    )
    console.print(told.say("title"), style="bold")
    for view in views:
        _draw(console, view, told)
    if not chosen:
        console.print()
        names = ", ".join(name.replace("_", "-") for name in VIEWS)
        console.print(told.say("topics", topics=names), style="dim")
        console.print(told.say("topics_hint"), style="dim")
    print(drawn.getvalue(), end="")


def _draw(console: Console, view: View, told: Told) -> None:
    """Title, what the table says, the table."""
    from rich import box
    from rich.table import Table

    console.print()
    console.print(view.title, style="bold cyan")
    if view.lead:
        console.print(view.lead, style="dim")
    if not view.rows:
        console.print(told.say("nothing"))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    used = [any(row[at] for row in view.rows) for at in range(len(view.heads))]
    for head, numeric, shown in zip(view.heads, view.numeric, used, strict=True):
        if shown:
            table.add_column(head, justify="right" if numeric else "left", overflow="fold")
    before = ""
    for row in view.rows:
        cells = [cell for cell, shown in zip(row, used, strict=True) if shown]
        table.add_row("" if cells[0] == before else cells[0], *cells[1:])
        before = cells[0]
    console.print(table)
