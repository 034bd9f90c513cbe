"""`geoplan equity`: how evenly a figure of one's own is spread over people, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoplan.access.equity import (
    Beyond,
    atkinson,
    concentration_index,
    equally_distributed,
    fgt,
    gini,
    lorenz,
    mean_per_person,
    palma,
    people_shortfall,
    theil,
)
from geoplan.door.own_files import open_own_files
from geoplan.door.own_values import OwnValues, read_values
from geoplan.door.reading import Found
from geoplan.errors import BadInput
from geoplan.measuring.files import Columns, beside, check_outputs, number_word, write_tables
from geoplan.model import Bools, Floats, Ints, Note, State

COUNTED = (State.MEASURED, State.ZERO)
"""The states whose value is a figure."""
LEFT_OUT = tuple(each.name.lower() for each in State if each not in COUNTED)


@dataclass(frozen=True, slots=True)
class EquityRequest:
    """What is asked: the table, its column, how averse to inequality, the line, the result."""

    table: Path
    out: Path
    value: str = "value"
    aversions: tuple[float, ...] = (0.5, 1.0, 2.0)
    line: float | None = None
    beyond: Beyond = "below"

    @property
    def lorenz_out(self) -> Path:
        return beside(self.out, "lorenz")


@dataclass(frozen=True, slots=True)
class Equity:
    """The figures by name (not-a-number: not defined), those that are a limit, the Lorenz curve,
    and places and people by state."""

    figures: dict[str, float]
    limits: frozenset[str]
    lorenz: tuple[Floats, Floats]
    places: dict[str, int]
    people: dict[str, int]
    weighted: bool
    notes: tuple[Note, ...]

    def state(self, name: str) -> str:
        """Measured, a limit, or not defined."""
        if np.isnan(self.figures[name]):
            return "not_defined"
        return "limit" if name in self.limits else "measured"


def find_equity(request: EquityRequest) -> Equity:
    """Read the table and find every figure it has columns for.

    Raises:
        WrongUsage: if the result would replace the table, or has no known ending.
        SourceMissing: if the table is not there.
        BadInput: with every fault of the options and of the table.
    """
    check_outputs([request.out, request.lorenz_out], [request.table])
    found = Found()
    for aversion in request.aversions:
        if not 0 <= aversion < np.inf:
            found.fault("option_negative", "--inequality-aversion", given=aversion)
    if request.line is not None and not 0 < request.line < np.inf:
        found.fault("option_not_positive", "--line", given=request.line)
    sources = open_own_files({"table": request.table}, found)
    values = read_values(sources["table"], request.value, found) if sources else None
    if values is not None and not np.isin(values.state, COUNTED).any():
        found.fault("nothing_measured", sources["table"].shown, (), "state")
    if values is None or found.faults:
        raise BadInput(found.faults)
    counted = np.isin(values.state, COUNTED)
    zero = bool((values.value[counted & (values.people > 0)] == 0).any())
    return Equity(
        figures=dict(_figures(request, values, counted)),
        limits=frozenset(
            f"{name}_{number_word(each)}"
            for name in ("atkinson", "equally_distributed")
            for each in request.aversions
            if zero and each >= 1
        ),
        lorenz=lorenz(values.value[counted], values.people[counted]),
        places={each.name.lower(): int((values.state == each).sum()) for each in State},
        people={
            each.name.lower(): int(values.people[values.state == each].sum()) for each in State
        },
        weighted=values.weighted,
        notes=tuple(found.notes),
    )


def _figures(
    request: EquityRequest, values: OwnValues, counted: Bools
) -> Iterator[tuple[str, float]]:
    """Name and figure, in the order in which they are told."""
    value, people = values.value[counted], values.people[counted]
    yield "places", int(counted.sum())
    yield "people", int(people.sum())
    yield "mean", float(mean_per_person(value, people))
    yield "gini", float(gini(value, people))
    yield "palma", float(palma(value, people))
    group = None if values.group is None else values.group[counted]
    entropy = theil(value, people, group)
    yield "theil_t", float(entropy.total)
    if group is not None:
        yield "theil_within", float(entropy.within)
        yield "theil_between", float(entropy.between)
    for each in request.aversions:
        level = equally_distributed(value, people, each)
        yield f"atkinson_{number_word(each)}", float(atkinson(value, people, each))
        yield f"equally_distributed_{number_word(each)}", float(level)
    if values.need is not None:
        need = values.need[counted]
        yield "concentration_index", float(concentration_index(value, people, need))
    if request.line is not None:
        yield from _beyond_the_line(value, people, request.line, request.beyond)


def _beyond_the_line(
    value: Floats, people: Ints, line: float, beyond: Beyond
) -> Iterator[tuple[str, float]]:
    for alpha in (0, 1, 2):
        yield f"fgt_{alpha}", float(fgt(value, people, line, alpha, beyond))
    yield "people_shortfall", float(people_shortfall(value, people, line, beyond))


def write_equity(request: EquityRequest, equity: Equity) -> None:
    """The figures, and beside them the Lorenz curve.

    Raises:
        CannotWrite: if the system says no.
    """
    excluded = [
        (f"{what}_{state}", count)
        for state in LEFT_OUT
        for what, count in (
            ("places", equity.places[state]),
            ("people", equity.people[state]),
        )
    ]
    figures: Columns = {
        "measure": [*equity.figures, *(name for name, _ in excluded)],
        "value": [*equity.figures.values(), *(count for _, count in excluded)],
        "state": [*map(equity.state, equity.figures), *("measured" for _ in excluded)],
    }
    share_of_people, share_of_value = equity.lorenz
    curve: Columns = {"people_share": share_of_people, "value_share": share_of_value}
    write_tables({request.out: figures, request.lorenz_out: curve})
