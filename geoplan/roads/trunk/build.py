"""The trunk network from its lists: clean, measure, rule, join, thin. One call a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.door.reading import Found
from geoplan.projection import to_metres
from geoplan.roads.trunk.cleaning import Line, clean
from geoplan.roads.trunk.freeway_joins import Joined, join_interchanges
from geoplan.roads.trunk.interchanges import Interchange
from geoplan.roads.trunk.joins import Drawn, surface_links
from geoplan.roads.trunk.network import Road, Trunk, make_network
from geoplan.roads.trunk.posts import Posts
from geoplan.roads.trunk.routes import order_of, road_class
from geoplan.roads.trunk.rulings import Rulings
from geoplan.roads.trunk.speeds import classes_and_speeds, surroundings
from geoplan.roads.trunk.stretches import Gap, make_stretches
from geoplan.roads.trunk.villages import METRES_CRS, Villages

SHOWN = 12
"""So many dropped signs are named in a note; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything the trunk network is made from, read and checked."""

    provincial: Posts
    freeways: Sequence[Posts]
    interchanges: Sequence[Interchange]
    rulings: Rulings
    villages: Villages


@dataclass(frozen=True, slots=True)
class Built:
    """The network, its interchanges and its gaps."""

    trunk: Trunk
    joined: Sequence[Joined]
    gaps: Sequence[Gap]


def build_trunk(lists: Lists, found: Found) -> Built | None:
    """The trunk network; None, and a fault each, while gaps are without a ruling.

    Rules and constants stand in the modules of this folder, with what they are based on.
    """
    lines = clean_lines(lists, found)
    stretches, gaps = make_stretches(lines, lists.rulings, found)
    lists.rulings.tell_unused(found)
    if found.faults:
        return None
    drawn = Drawn(stretches)
    links = surface_links(drawn)
    joined = join_interchanges(drawn, lists.interchanges, found)
    kind, speed_kph = classes_and_speeds(stretches, surroundings(stretches, lists.villages))
    road = Road(stretches, kind, speed_kph, stretches.status)
    ramps = [link for each in joined for link in each.links]
    return Built(make_network(road, [*links, *ramps], joined), joined, gaps)


def clean_lines(lists: Lists, found: Found) -> list[Line]:
    """One line of posts a route; what was dropped from the signs is noted."""
    lines: list[Line] = []
    repeated: list[str] = []
    stray: list[str] = []
    for signs in signs_by_route([lists.provincial, *lists.freeways]):
        if road_class(signs.route) == "freeway":
            lines.append(without_doubles(signs))
            continue
        done = clean(signs)
        lines.append(done.line)
        repeated += [f"{signs.route} {metres / 1000:.3f}K" for metres in done.repeated]
        stray += [f"{signs.route} {metres / 1000:.3f}K" for metres in done.stray]
    for code, dropped in (("posts_repeated", repeated), ("posts_stray", stray)):
        if dropped:
            more = " …" if len(dropped) > SHOWN else ""
            shown = ", ".join(dropped[:SHOWN]) + more
            found.note(code, file=lists.provincial.file, count=len(dropped), posts=shown)
    return lines


def signs_by_route(lists: Sequence[Posts]) -> list[Line]:
    """All signs of each route, in the order of the routes."""
    parts: dict[str, list[Line]] = defaultdict(list)
    for posts in lists:
        xy = to_metres(posts.lon, posts.lat, METRES_CRS)
        for route in dict.fromkeys(posts.route.tolist()):
            here = posts.route == route
            part = Line(route, posts.chainage[here], xy[here], posts.elevation[here])
            parts[route].append(part)
    return [
        Line(
            route,
            np.concatenate([part.chainage for part in parts[route]]),
            np.concatenate([part.xy for part in parts[route]]),
            np.concatenate([part.elevation for part in parts[route]]),
        )
        for route in sorted(parts, key=order_of)
    ]


def without_doubles(posts: Line) -> Line:
    """Freeway posts in order, one for each chainage (of several the first by coordinates)."""
    order = np.lexsort((posts.xy[:, 1], posts.xy[:, 0], posts.chainage))
    chainage = posts.chainage[order]
    first = order[np.append(True, np.diff(chainage) > 0)]
    return Line(posts.route, posts.chainage[first], posts.xy[first], posts.elevation[first])
