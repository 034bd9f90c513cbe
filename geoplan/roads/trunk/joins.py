"""Where roads meet: provincial roads and expressways, by how near their drawn lines come.

共線 (two routes on one road) needs no rule of its own: posts stand only under the leading route,
the other has a gap or ends there and is joined at its ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import shapely

from geoplan.model import Bools, Floats, Strings
from geoplan.roads.trunk.routes import order_of
from geoplan.roads.trunk.stretches import Stretches

FRACTION_DIGITS = 3
"""A place on a stretch is told to a thousandth of it."""

SHORTEST_LINK_METRES = 20


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """A place on a stretch: its position among the stretches and the fraction of its length."""

    stretch: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Link:
    """A junction or a ramp between two places."""

    one: Anchor
    two: Anchor
    metres: float
    speed_kph: int
    road_class: str
    """junction (seen in the lines) or interchange (its length is assumed)."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """How two kinds of road are joined where their lines come within `within_metres`.

    A shared alignment is joined once every `once_per_metres`. A link is `fixed_metres` long plus
    `detour` times the distance between the lines.
    """

    within_metres: float
    once_per_metres: float
    fixed_metres: float
    detour: float
    speed_kph: int
    road_class: str
    note: str = ""


SURFACE = Meeting(80, 1500, 0, 1.2, 25, "junction")
CROSSING = Meeting(60, 3000, 600, 0, 35, "interchange", "assumed: 600 m ramp")
BETWEEN_EXPRESSWAYS = Meeting(60, 3000, 800, 0, 45, "interchange", "assumed: 800 m ramp")

APART_METRES = 500
"""Two places of one pair of routes with so much road between them are two meetings."""

END_REACH_METRES = {"provincial": 900, "expressway": 1200}
END_MOST_ROUTES = 3
END_DETOUR, END_RAMP_METRES, END_KPH = 1.3, 300, 30
"""The end of a road is joined to the nearest routes; a ramp is added where one is an expressway."""


@dataclass(frozen=True)
class Drawn:
    """The stretches as lines, to ask what lies near."""

    stretches: Stretches
    kind: Strings = field(init=False)
    usable: Bools = field(init=False)
    """Not closed."""
    shape: np.ndarray = field(init=False)
    tree: shapely.STRtree = field(init=False)

    def __post_init__(self) -> None:
        ends = np.stack([self.stretches.start, self.stretches.end], axis=1)
        set_once = object.__setattr__
        set_once(self, "kind", self.stretches.road_class)
        set_once(self, "usable", self.stretches.status != "closed")
        set_once(self, "shape", shapely.linestrings(ends))
        set_once(self, "tree", shapely.STRtree(self.shape))

    def anchor(self, stretch: int, point: shapely.Point) -> Anchor:
        """The place on a stretch nearest to a point; the end of one is the start of the next."""
        fraction = self.shape[stretch].project(point, normalized=True)
        return self.canonical(stretch, round(float(fraction), FRACTION_DIGITS))

    def canonical(self, stretch: int, fraction: float) -> Anchor:
        """One name for one place."""
        run = self.stretches.run
        if fraction >= 1 and stretch + 1 < len(run) and run[stretch + 1] == run[stretch]:
            return Anchor(stretch + 1, 0.0)
        return Anchor(stretch, fraction)

    def place(self, anchor: Anchor) -> shapely.Point:
        line: shapely.LineString = self.shape[anchor.stretch]
        return line.interpolate(anchor.fraction, normalized=True)

    def nearest_by_route(
        self, point: shapely.Point, reach: float, allowed: Bools
    ) -> list[tuple[float, int]]:
        """Of each route within `reach` metres the nearest stretch: distance, stretch; by distance.

        Equal distances go to the stretch listed first.
        """
        near = self.tree.query(point, predicate="dwithin", distance=reach)
        near = np.sort(near[allowed[near]])
        away = shapely.distance(self.shape[near], point)
        best: dict[str, tuple[float, int]] = {}
        for metres, at in zip(away.tolist(), near.tolist(), strict=True):
            route = self.stretches.route[at]
            if route not in best or metres < best[route][0]:
                best[route] = (metres, at)
        return sorted(best.values())


def surface_links(drawn: Drawn) -> list[Link]:
    """Links between provincial roads and expressways, at crossings and at the ends of roads."""
    provincial = (drawn.kind == "provincial") & drawn.usable
    expressway = (drawn.kind == "expressway") & drawn.usable
    return [
        *meet(drawn, provincial, provincial, SURFACE),
        *meet(drawn, expressway, provincial, CROSSING),
        *meet(drawn, expressway, expressway, BETWEEN_EXPRESSWAYS),
        *end_links(drawn, provincial | expressway),
    ]


def meet(drawn: Drawn, ones: Bools, twos: Bools, how: Meeting) -> Iterator[Link]:
    """A link at each meeting of a route of `ones` with another route of `twos`."""
    for one, two in near_pairs(drawn, ones, twos, how):
        line = shapely.shortest_line(drawn.shape[one], drawn.shape[two])
        ends = shapely.get_point(line, 0), shapely.get_point(line, 1)
        metres = max(how.fixed_metres + how.detour * line.length, SHORTEST_LINK_METRES)
        places = drawn.anchor(one, ends[0]), drawn.anchor(two, ends[1])
        yield Link(*places, metres, how.speed_kph, how.road_class, how.note)


def near_pairs(drawn: Drawn, ones: Bools, twos: Bools, how: Meeting) -> Iterator[tuple[int, int]]:
    """The nearest two stretches of each meeting of two routes."""
    mine = np.flatnonzero(ones)
    left, right = drawn.tree.query(
        drawn.shape[mine], predicate="dwithin", distance=how.within_metres
    )
    route = drawn.stretches.route
    pairs = [
        (route[a], route[b], a, b)
        for a, b in zip(mine[left].tolist(), right.tolist(), strict=True)
        if twos[b] and route[a] != route[b]
    ]
    if ones is twos or bool((ones == twos).all()):
        pairs = [each for each in pairs if order_of(each[0]) < order_of(each[1])]
    pairs.sort(key=lambda each: (order_of(each[0]), order_of(each[1]), each[2], each[3]))
    for _, group in groupby(pairs, key=lambda each: each[:2]):
        for meeting in meetings([each[2:] for each in group], drawn.stretches, how):
            yield min(meeting, key=lambda two: (apart(drawn, *two), two))


def apart(drawn: Drawn, one: int, two: int) -> float:
    """Metres between two stretches."""
    return float(drawn.shape[one].distance(drawn.shape[two]))


def meetings(
    pairs: Sequence[tuple[int, int]], stretches: Stretches, how: Meeting
) -> list[list[tuple[int, int]]]:
    """Pairs of stretches of two routes, split where the routes part or run together for long."""
    result: list[list[tuple[int, int]]] = []
    begun = until = -np.inf
    for one, two in pairs:
        start, end = stretches.from_metres[one], stretches.to_metres[one]
        if start - until >= APART_METRES or start - begun >= how.once_per_metres:
            result.append([])
            begun = start
        result[-1].append((one, two))
        until = max(end, until) if result[-1][:-1] else end
    return result


def end_links(drawn: Drawn, joinable: Bools) -> Iterator[Link]:
    """Links from the ends of roads (where a run of usable stretches begins or stops)."""
    for end in ends_of(drawn.stretches, joinable):
        point = drawn.place(end)
        kind, own = drawn.kind[end.stretch], drawn.stretches.route[end.stretch]
        others = joinable & (drawn.stretches.route != own)
        near = drawn.nearest_by_route(point, END_REACH_METRES[kind], others)
        for metres, at in near[:END_MOST_ROUTES]:
            ramp = "expressway" in (kind, drawn.kind[at])
            length = max(metres * END_DETOUR, SHORTEST_LINK_METRES) + END_RAMP_METRES * ramp
            road_class = "interchange" if ramp else "junction"
            there = drawn.anchor(at, point)
            here = drawn.canonical(end.stretch, end.fraction)
            yield Link(here, there, length, END_KPH, road_class, "terminal")


def ends_of(stretches: Stretches, joinable: Bools) -> list[Anchor]:
    """The loose ends of joinable stretches, in order."""
    run = stretches.run
    n = len(run)
    ends = []
    for each in np.flatnonzero(joinable).tolist():
        if each == 0 or run[each - 1] != run[each] or not joinable[each - 1]:
            ends.append(Anchor(each, 0.0))
        if each == n - 1 or run[each + 1] != run[each] or not joinable[each + 1]:
            ends.append(Anchor(each, 1.0))
    return ends


def interpolated(stretches: Stretches, anchor: Anchor) -> tuple[Floats, float, float]:
    """x and y (2,), chainage and elevation of a place."""
    at, part = anchor.stretch, anchor.fraction
    xy = stretches.start[at] + (stretches.end[at] - stretches.start[at]) * part
    start, end = stretches.from_metres[at], stretches.to_metres[at]
    low, high = stretches.elevation[at]
    return xy, float(start + (end - start) * part), float(low + (high - low) * part)
