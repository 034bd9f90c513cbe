"""Freeways join other roads only at their interchanges (list 166496)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from geoplan.door.reading import Found
from geoplan.projection import to_metres
from geoplan.roads.trunk.interchanges import Interchange
from geoplan.roads.trunk.joins import Anchor, Drawn, Link
from geoplan.roads.trunk.villages import METRES_CRS

FAR_METRES = 1500
"""An interchange farther from the posts of its freeway is told of: one of the two is wrong."""

REACH_METRES = 2000
FREEWAY_REACH_METRES, SYSTEM_REACH_METRES = 900, 1500
"""Freeways meet within the first distance, at system interchanges within the second."""
EXPRESSWAY_REACH_METRES, SYSTEM_EXPRESSWAY_REACH_METRES = 350, 1200

MOST_SURFACE_ROUTES = 3
FREEWAY_RAMP_METRES, FREEWAY_RAMP_KPH = 1000, 55
EXPRESSWAY_RAMP_METRES, EXPRESSWAY_RAMP_KPH = 900, 50
SURFACE_RAMP_METRES, SURFACE_RAMP_DETOUR, SURFACE_RAMP_KPH = 500, 1.3, 35


@dataclass(frozen=True, slots=True)
class Joined:
    """An interchange, the post of its freeway that stands for it, and its ramps."""

    interchange: Interchange
    at: Anchor
    links: tuple[Link, ...]
    routes: tuple[str, ...]


def join_interchanges(
    drawn: Drawn, interchanges: Iterable[Interchange], found: Found
) -> list[Joined]:
    """Each interchange at the nearest post of its freeway, with ramps to the roads around."""
    joined = []
    listed = list(interchanges)
    degrees = np.array([(each.lon, each.lat) for each in listed]).reshape(-1, 2)
    places = to_metres(degrees[:, 0], degrees[:, 1], METRES_CRS).tolist()
    for each, place in zip(listed, places, strict=True):
        point = shapely.Point(place)
        own = np.flatnonzero(drawn.stretches.route == each.route)
        if not len(own):
            found.note("interchange_without_freeway", name=each.name, route=each.route)
            continue
        away = shapely.distance(drawn.shape[own], point)
        nearest = int(own[np.argmin(away)])
        if away.min() > FAR_METRES:
            metres = round(float(away.min()))
            found.note("interchange_far", name=each.name, route=each.route, metres=metres)
        at = at_post(drawn, drawn.anchor(nearest, point))
        ramps = list(ramps_of(drawn, each, at))
        routes = tuple(str(drawn.stretches.route[link.two.stretch]) for link in ramps)
        joined.append(Joined(each, at, tuple(ramps), routes))
    return joined


def at_post(drawn: Drawn, anchor: Anchor) -> Anchor:
    """The nearer end of the stretch: posts stand every 100 m, so no place is made between them."""
    return drawn.canonical(anchor.stretch, float(round(anchor.fraction)))


def ramps_of(drawn: Drawn, which: Interchange, at: Anchor) -> Iterator[Link]:
    """Ramps to freeways, to expressways, and (not at system interchanges) to provincial roads."""
    point = drawn.place(at)
    others = drawn.usable & (drawn.stretches.route != which.route)
    surface = 0
    for metres, stretch in drawn.nearest_by_route(point, REACH_METRES, others):
        kind = drawn.kind[stretch]
        there = drawn.anchor(stretch, point)
        if kind == "freeway" and metres < (
            SYSTEM_REACH_METRES if which.system else FREEWAY_REACH_METRES
        ):
            note = f"freeway-freeway ramp at {which.name}"
            there = at_post(drawn, there)
            yield Link(at, there, FREEWAY_RAMP_METRES, FREEWAY_RAMP_KPH, "interchange", note)
        elif kind == "expressway" and meets_expressway(
            which, str(drawn.stretches.route[stretch]), metres
        ):
            surface += 1
            note = f"freeway-expressway ramp at {which.name}"
            length = EXPRESSWAY_RAMP_METRES + metres
            yield Link(at, there, length, EXPRESSWAY_RAMP_KPH, "interchange", note)
        elif kind == "provincial" and not which.system and surface < MOST_SURFACE_ROUTES:
            surface += 1
            length = SURFACE_RAMP_METRES + SURFACE_RAMP_DETOUR * metres
            note = f"ramp at {which.name}"
            yield Link(at, there, length, SURFACE_RAMP_KPH, "interchange", note)


def meets_expressway(which: Interchange, route: str, metres: float) -> bool:
    """Near enough to touch, or a system interchange, or named in the text of roads served."""
    near = metres < EXPRESSWAY_REACH_METRES
    system = which.system and metres < SYSTEM_EXPRESSWAY_REACH_METRES
    return near or system or route in which.served_routes
