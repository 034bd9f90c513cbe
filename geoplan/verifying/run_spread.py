"""Do people by classes of minutes and Lorenz curves agree with the totals and the Gini figures?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from geoplan.verifying.findings import Finding, judged
from geoplan.verifying.tables import ROUNDED, Row, Tables, number, of

_OFF = 1e-3
"""A curve has few of its points, and a line through them lies above it: so much of the Gini
may be lost."""
_STATES = ("undetermined", "unreachable")


def check_spread(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """The classes of `all` hold everybody; each curve goes from nobody to everybody, nearest first,
    and the area between it and the diagonal is the Gini of equity.csv."""
    rows = tables.rows("minutes_classes.csv", layer["layer"])
    if not rows:
        return
    wrong = _classes(of(rows, scope="all"), layer["totals"])
    curves = defaultdict(list)
    for row in tables.rows("lorenz.csv", layer["layer"]):
        curves[row["universe"], row["scope"]].append(row)
    told = of(tables.rows("equity.csv", layer["layer"]), quantity="own_minutes", figure="gini")
    for row in told:
        curve = curves.pop((row["universe"], row["scope"]), [])
        if bool(row["value"]) != bool(curve) or (curve and not _fits(curve, row)):
            wrong.append(f"lorenz {row['universe']} {row['scope']}")
    wrong += [f"lorenz {' '.join(key)}" for key in curves]
    what = ", ".join(wrong[:4])
    yield judged(not wrong, "spread", layer=layer["layer"], count=len(rows), what=what)


def _classes(rows: list[Row], totals: dict[str, Any]) -> list[str]:
    def people(some: list[Row], column: str = "people") -> int:
        return sum(number(row[column]) for row in some)

    sums = {"target_people": people(rows)}
    sums |= {f"target_{state}": people(of(rows, state=state)) for state in _STATES}
    beyond = people(rows, "people_beyond") - sums["target_unreachable"]
    sums["target_uncovered"] = beyond
    return [name for name, found in sums.items() if found != totals[name]]


def _fits(curve: list[Row], gini: Row) -> bool:
    """Whether people and minutes only grow, the people between two points have minutes between
    those of the points, the shares are theirs, and the area fits the Gini."""
    people = [number(row["people"]) for row in curve]
    spent = [float(row["person_minutes"]) for row in curve]
    minutes = [float(row["minutes"]) for row in curve]
    area, right = 0.0, people[0] == spent[0] == 0 and people[-1] == number(gini["people"])
    for at, (before, here) in enumerate(pairwise(people)):
        if here <= before:
            return False
        mean = (spent[at + 1] - spent[at]) / (here - before)
        right &= minutes[at] - ROUNDED <= mean <= minutes[at + 1] + ROUNDED
        area += (here - before) * (spent[at] + spent[at + 1]) / 2
    for shares, amounts in (("people_share", people), ("minutes_share", spent)):
        told = [float(row[shares]) for row in curve]
        right &= all(
            abs(share - amount / amounts[-1]) <= ROUNDED
            for share, amount in zip(told, amounts, strict=True)
        )
    lost = float(gini["value"]) - (1 - 2 * area / people[-1] / spent[-1])
    return right and -ROUNDED <= lost <= _OFF
