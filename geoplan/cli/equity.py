"""`geoplan equity`: how evenly a figure of one's own is spread over people."""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, note
from geoplan.errors import WrongUsage
from geoplan.texts import say

if TYPE_CHECKING:
    from geoplan.measuring.equity import Equity, EquityRequest


class Beyond(StrEnum):
    """On which side of the line people fall short."""

    above = "above"
    below = "below"


@guarded
def equity(  # noqa: PLR0913 - every option of the command
    table: Annotated[
        Path,
        typer.Option(
            help="Places (CSV, Parquet): place_id, value, population; also need, group, state."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The figures to write, .csv or .parquet.")],
    value: Annotated[str, typer.Option(help="The column that holds the value.")] = "value",
    inequality_aversion: Annotated[
        list[float] | None,
        typer.Option(help="Atkinson's aversion, 0 or more; may be repeated (default: 0.5, 1, 2)."),
    ] = None,
    line: Annotated[
        float | None, typer.Option(help="The line of the FGT gap, with --beyond.")
    ] = None,
    beyond: Annotated[
        Beyond | None,
        typer.Option(help="Who falls short: above the line (minutes) or below it (supply)."),
    ] = None,
) -> None:
    """How evenly a figure is spread over people: Gini, Palma, Theil, Atkinson and more.

    A table of values goes in, such as `geoplan access` writes (with demand_id renamed place_id, and
    the people joined). Each person of a place has the place's value. Without a column population
    every place counts as one. Places whose state is unreachable, not_applicable or unknown are left
    out and counted; a value of 0 counts like any other; a value below 0 is a fault. No correction
    is made for small samples.

    Writes measure, value, state: places, people, mean, gini, palma (the top tenth's over the lower
    40 %'s), theil_t (with theil_within and theil_between where there is a column group),
    atkinson_E and equally_distributed_E for every aversion E, concentration_index where there is a
    column need (negative: the neediest have more than their share), with --line fgt_0 (share
    beyond the line), fgt_1 (mean gap in lines), fgt_2 and people_shortfall (people times gap). The
    state is measured, limit (Atkinson where somebody has 0 and E is 1 or more: exactly 1) or
    not_defined (no value). Beside it <out>.lorenz holds people_share, value_share.

    \b
    places.csv (only place_id and value must be there):
      place_id,value,population,need,group,state
      01,4.5,400,0.2,East,measured
      02,,20,0.7,West,unreachable

    Examples:

    \b
    geoplan equity --table places.csv --out equity.csv

    \b
    geoplan equity --table minutes.csv --value nearest --line 30 --beyond above --out e.csv
    """
    from geoplan.measuring.equity import EquityRequest, find_equity, write_equity

    if (line is None) != (beyond is None):
        raise WrongUsage("line_and_beyond")
    request = EquityRequest(
        table=table,
        out=out,
        value=value,
        aversions=tuple(dict.fromkeys(inequality_aversion or (0.5, 1.0, 2.0))),
        line=line,
        beyond="above" if beyond is Beyond.above else "below",
    )
    result = find_equity(request)
    write_equity(request, result)
    if not OPTIONS.quiet:
        tell_notes(result)
    tell_result(request, result)


def tell_notes(result: Equity) -> None:
    """What a planner should know of what was counted, on standard error."""
    from geoplan.export.words import note_text
    from geoplan.measuring.equity import LEFT_OUT

    lang = OPTIONS.lang
    for each in result.notes:
        note(note_text(each, lang))
    if not result.weighted:
        note(say("equity.unweighted", lang))
    for state in LEFT_OUT:
        if result.places[state]:
            counts = {"places": result.places[state], "people": result.people[state]}
            note(say(f"equity.left_out_{state}", lang, **counts))
    states = [result.state(name) for name in result.figures]
    if "limit" in states:
        note(say("equity.limit", lang))
    undefined = [name for name, figure in result.figures.items() if math.isnan(figure)]
    if undefined:
        note(say("equity.not_defined", lang, names=", ".join(undefined)))


def tell_result(request: EquityRequest, result: Equity) -> None:
    """The figures on standard output, in words or as JSON."""
    if OPTIONS.json:
        figures = {k: None if math.isnan(v) else v for k, v in result.figures.items()}
        told = {
            "out": str(request.out),
            "lorenz": str(request.lorenz_out),
            "measures": figures,
            "states": {name: result.state(name) for name in figures},
            "places": result.places,
            "people": result.people,
            "weighted": result.weighted,
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    lang = OPTIONS.lang
    undefined = say("equity.no_figure", lang)
    for name, figure in result.figures.items():
        shown = undefined if math.isnan(figure) else f"{figure:,.6g}"
        print(f"{name}  {shown}")
    print(say("equity.written", lang, out=request.out, lorenz=request.lorenz_out))
