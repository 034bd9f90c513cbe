"""Rulings: what people decided about gaps between mileposts and about the status of stretches.

The table (`data/roads/rulings.csv`, or one's own) is the only place where such decisions stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from geoplan.door.checks import conform
from geoplan.door.reading import Found, read_csv
from geoplan.door.tables import GAP_RULINGS, ROAD_STATUSES, RULINGS
from geoplan.model import Floats, Ints
from geoplan.roads.trunk.routes import tidy
from geoplan.roads.trunk.sources import Opened

SLACK_METRES = 100
"""A gap may reach so far beyond its ruling: a sign more or less makes no new gap."""

NO_RULING = -1
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Ruling:
    """One row of the table. Metres are chainage along the route; the end may be infinite."""

    route: str
    from_metres: float
    to_metres: float
    ruling: str
    verified: bool
    note: str
    row: int = 0

    @property
    def for_gaps_only(self) -> bool:
        return self.ruling in GAP_RULINGS

    def covers(self, start: float, end: float) -> bool:
        """Does it rule on a gap from `start` to `end`, give or take `SLACK_METRES`?"""
        return self.from_metres - SLACK_METRES <= start and end <= self.to_metres + SLACK_METRES


@dataclass(frozen=True, slots=True)
class Rulings:
    """All rulings; `used` remembers which of them matched something."""

    file: str
    rows: tuple[Ruling, ...]
    used: set[int] = field(default_factory=set)

    def for_gap(self, route: str, start: float, end: float) -> int:
        """The position of the ruling on a gap, NO_RULING if nobody has ruled on it.

        Where several cover it, the one for gaps only wins, then the shortest, then the first.
        A restriction of a whole route says nothing about its gaps, so it is no ruling on one.
        """
        deciding = (*GAP_RULINGS, "absent", "closed", "open")
        fitting = [
            (not each.for_gaps_only, each.to_metres - each.from_metres, n)
            for n, each in enumerate(self.rows)
            if each.route == route and each.ruling in deciding and each.covers(start, end)
        ]
        if not fitting:
            return NO_RULING
        self.used.add(min(fitting)[2])
        return min(fitting)[2]

    def for_stretches(self, route: str, middle: Floats) -> Ints:
        """For each stretch of a route, by its middle (n,), the ruling on its status."""
        result = np.full(len(middle), NO_RULING, dtype=np.int64)
        for n, each in enumerate(self.rows):
            if each.route != route or each.for_gaps_only:
                continue
            inside = (middle >= each.from_metres) & (middle < each.to_metres)
            result[inside] = n
            if inside.any():
                self.used.add(n)
        return result

    def tell_unused(self, found: Found) -> None:
        """A note for each ruling that matched nothing."""
        for n, each in enumerate(self.rows):
            if n not in self.used:
                found.note(
                    "ruling_unused",
                    file=self.file,
                    row=each.row,
                    route=each.route,
                    span=span_text(each.from_metres, each.to_metres),
                    ruling=each.ruling,
                )


def read_rulings(opened: Opened, found: Found) -> Rulings | None:
    """The table of rulings; None, and every fault, when it cannot be used."""
    before = len(found.faults)
    frame = read_csv(opened.content, opened.name, found)
    # A table with no ruling in it yet is a table all the same.
    found.faults[before:] = [each for each in found.faults[before:] if each.code != "header_only"]
    frame = None if frame is None else conform(frame, RULINGS, opened.name, found)
    if frame is None:
        return None
    undated = frame.index[[DATE.fullmatch(text) is None for text in frame["date"]]]
    if len(undated):
        given = str(frame["date"][undated[0]])
        found.fault("ruling_date", opened.name, undated, "date", given=given)
    end = frame["to_metres"].to_numpy(float)
    columns = zip(
        map(tidy, frame["route"]),
        frame["from_metres"].to_numpy(float).tolist(),
        np.where(np.isnan(end), np.inf, end).tolist(),
        frame["ruling"],
        frame["verified"].tolist(),
        frame["note"],
        frame.index.tolist(),
        strict=True,
    )
    rows = [Ruling(*cells) for cells in columns]
    check_spans(rows, opened.name, found)
    return Rulings(opened.name, tuple(rows)) if len(found.faults) == before else None


def check_spans(rows: Iterable[Ruling], file: str, found: Found) -> None:
    """Every ruling ends after it begins, and no two statuses hold for one stretch."""
    inverted = [each.row for each in rows if each.to_metres <= each.from_metres]
    if inverted:
        found.fault("ruling_span", file, inverted, "to_metres")
    status = [each for each in rows if each.ruling in (*ROAD_STATUSES, "absent")]
    status.sort(key=lambda each: (each.route, each.from_metres, each.row))
    for one, two in pairwise(status):
        if one.route == two.route and two.from_metres < one.to_metres:
            found.fault("rulings_overlap", file, [one.row, two.row], "from_metres", route=one.route)


def chainage_text(metres: float) -> str:
    """Metres as signs show them: 12K+345; blank for the end of a route."""
    if np.isinf(metres):
        return ""
    return f"{int(metres) // 1000}K+{int(metres) % 1000:03d}"


def span_text(start: float, end: float) -> str:
    """From where to where along a route, for messages."""
    return f"{chainage_text(start)}–{chainage_text(end)}"
