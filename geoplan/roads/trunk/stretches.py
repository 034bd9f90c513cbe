"""Stretches: from each post to the next, with length, and what was ruled about it.

Length is the difference of chainage. Where the straight line is longer, chainage was not renewed
after a new alignment, and the straight line counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.door.reading import Found
from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.roads.trunk.cleaning import (
    CHAINAGE_FACTOR,
    WORST_EXCESS_METRES,
    Line,
)
from geoplan.roads.trunk.routes import road_class
from geoplan.roads.trunk.rulings import NO_RULING, Ruling, Rulings, span_text

GAP_METRES = 1600
"""Signs stand at least every kilometre; so long without one needs a person's ruling."""

JUMP_DETOUR = 1.08
"""Length over straight line where chainage jumps: such stretches are tunnels and new roads."""

LONGER_THAN_CHAINAGE = 1.1
LONGER_DETOUR = 1.03
"""A straight line this much above the chainage gets the detour, a lesser one is the length."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without posts, metres of chainage, and what is done about it."""

    route: str
    from_metres: float
    to_metres: float
    straight_metres: float
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stretches:
    """All stretches, n in all, in the order of the routes and of the chainage.

    `run` numbers unbroken rows of stretches; `ruling` is the position in `rulings` or NO_RULING.
    """

    route: Strings
    run: Ints
    from_metres: Floats
    to_metres: Floats
    start: Floats
    """(n, 2)"""
    end: Floats
    """(n, 2)"""
    elevation: Floats
    """(n, 2): at both ends, not-a-number where unknown."""
    length: Floats
    basis: Strings
    ruling: Ints
    rulings: tuple[Ruling, ...]

    @property
    def status(self) -> Strings:
        """open, or as ruled (n,)."""
        return np.array([self._ruled(n) for n in self.ruling], dtype=object)

    def _ruled(self, ruling: int) -> str:
        if ruling == NO_RULING or self.rulings[ruling].for_gaps_only:
            return "open"
        return self.rulings[ruling].ruling

    @property
    def road_class(self) -> Strings:
        """freeway, expressway or provincial (n,)."""
        return np.array([road_class(each) for each in self.route], dtype=object)


def make_stretches(
    lines: Sequence[Line], rulings: Rulings, found: Found
) -> tuple[Stretches, list[Gap]]:
    """Stretches of all lines and the list of gaps; a gap without a ruling is a fault."""
    parts: list[Stretches] = []
    gaps: list[Gap] = []
    runs = 0
    for line in lines:
        if len(line.chainage) < 2:
            found.note("route_of_one_post", route=line.route)
            continue
        part, seen = of_line(line, rulings, found)
        parts.append(shifted(part, runs))
        runs += int(part.run.max(initial=-1)) + 1
        gaps += seen
    return joined(parts, rulings.rows), gaps


def of_line(line: Line, rulings: Rulings, found: Found) -> tuple[Stretches, list[Gap]]:
    """The stretches of one line; those that are absent or cannot be right are left out."""
    along = np.diff(line.chainage)
    straight = np.hypot(*np.diff(line.xy, axis=0).T)
    middle = (line.chainage[:-1] + line.chainage[1:]) / 2
    ruling = rulings.for_stretches(line.route, middle)
    jump = np.zeros(len(along), dtype=bool)
    gaps: list[Gap] = []
    for at in np.flatnonzero(along > GAP_METRES):
        start, end = line.chainage[at], line.chainage[at + 1]
        ruled = rulings.for_gap(line.route, start, end)
        if ruled == NO_RULING:
            tell_gap(line.route, (start, end), float(straight[at]), rulings, found)
            continue
        what = rulings.rows[ruled]
        jump[at] = what.ruling == "jump"
        if not what.for_gaps_only:
            ruling[at] = ruled
        gaps.append(Gap(line.route, start, end, float(straight[at]), what.ruling, what.note))
    length, basis = lengths(along, straight, jump)
    cut = (straight > CHAINAGE_FACTOR * along + WORST_EXCESS_METRES) & (along <= GAP_METRES)
    for at in np.flatnonzero(cut):
        span = span_text(line.chainage[at], line.chainage[at + 1])
        found.note("stretch_cut", route=line.route, span=span, metres=round(float(straight[at])))
    absent = np.array([n != NO_RULING and rulings.rows[n].ruling == "absent" for n in ruling])
    return taken(line, (length, basis, ruling), ~cut & ~absent), gaps


def tell_gap(
    route: str, span: tuple[float, float], straight: float, rulings: Rulings, found: Found
) -> None:
    """The fault of a gap nobody has ruled on, with the line to add."""
    found.fault(
        "gap_without_ruling",
        rulings.file,
        (),
        "route",
        route=route,
        span=span_text(*span),
        straight=round(straight),
        line=f"{route},{int(span[0])},{int(span[1])},RULING,YYYY-MM-DD,data,false,SOURCE,WHY",
    )


def lengths(along: Floats, straight: Floats, jump: Bools) -> tuple[Floats, Strings]:
    """Metres of each stretch and what they rest on (n,)."""
    base = np.where(jump, straight * JUMP_DETOUR, along)
    basis = np.where(jump, f"straight_x{JUMP_DETOUR}", "chainage").astype(object)
    longer = straight > LONGER_THAN_CHAINAGE * base
    basis[longer] = f"straight_x{LONGER_DETOUR}"
    length = np.where(longer, straight * LONGER_DETOUR, np.maximum(base, straight))
    return length, basis


def taken(line: Line, worked_out: tuple[Floats, Strings, Ints], keep: Bools) -> Stretches:
    """The stretches of a line that stand, numbered by unbroken runs."""
    length, basis, ruling = worked_out
    at = np.flatnonzero(keep)
    run = np.cumsum(np.diff(at, prepend=at[:1]) > 1)
    return Stretches(
        route=np.full(len(at), line.route, dtype=object),
        run=run.astype(np.int64),
        from_metres=line.chainage[at],
        to_metres=line.chainage[at + 1],
        start=line.xy[at],
        end=line.xy[at + 1],
        elevation=np.column_stack([line.elevation[at], line.elevation[at + 1]]),
        length=length[at],
        basis=basis[at],
        ruling=ruling[at],
        rulings=(),
    )


def shifted(part: Stretches, runs: int) -> Stretches:
    """The same stretches with the numbers of their runs moved on."""
    from dataclasses import replace

    return replace(part, run=part.run + runs)


def joined(parts: Sequence[Stretches], rulings: tuple[Ruling, ...]) -> Stretches:
    """All parts one after the other."""

    def of(name: str, shape: tuple[int, ...] = (0,)) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts] or [np.zeros(shape)])

    return Stretches(
        of("route"), of("run"), of("from_metres"), of("to_metres"),
        of("start", (0, 2)), of("end", (0, 2)), of("elevation", (0, 2)),
        of("length"), of("basis"), of("ruling"), rulings,
    )  # fmt: skip
