"""Guessed roads for villages that nothing else joins: few, long-winded, and always named so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.roads.trunk.mesh import SHORTEST_METRES, LocalLink, climbing
from geoplan.roads.trunk.places import COUNTY_DIGITS, MAIN_ISLAND, on_land
from geoplan.roads.trunk.ramps import Ground
from geoplan.roads.trunk.surface import passable_edges
from geoplan.roads.trunk.tables import node_id

KIND = "rescue (assumed road)"
DETOUR, KPH = 1.7, 24
ISLAND_DETOUR, ISLAND_KPH = 1.5, 35
OTHER_TOWNSHIP, OTHER_COUNTY = 1.6, 1.5
"""A goal in another township, or county, counts as so much farther away."""


@dataclass(frozen=True, slots=True)
class Goals:
    """Where a rescue link may lead (g,): villages and nodes already joined."""

    name: Strings
    position: Ints
    """Among villages, then nodes of the trunk."""
    xy: Floats
    elevation: Floats
    township: Strings


def rescue_links(ground: Ground, links: Sequence[LocalLink]) -> list[LocalLink]:
    """Links that make each land mass one component, the nearest first."""
    part = components(ground, links)
    return [*main_island(ground, part), *other_islands(ground, part)]


def components(ground: Ground, links: Sequence[LocalLink]) -> Ints:
    """The component of each village and, after them, of each node of the trunk."""
    codes = {str(code): n for n, code in enumerate(ground.places.code.tolist())}
    n = len(codes)
    total = n + len(ground.trunk.nodes)

    def position(name: str) -> int:
        return codes[name] if name in codes else n + int(name[1:])

    ends = np.array([(position(each.one), position(each.two)) for each in links], dtype=np.int64)
    one, two = passable_edges(ground.trunk)
    ends = np.vstack([ends.reshape(-1, 2), np.column_stack([one + n, two + n])])
    graph = csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(total, total))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def main_island(ground: Ground, part: Ints) -> list[LocalLink]:
    """Rescue links of the main island; `part` is changed as components become one."""
    here = on_land(ground.places, MAIN_ISLAND)
    n = len(here)
    if not here.any():
        return []
    main = int(np.bincount(part[:n][here]).argmax())
    made = []
    while (outside := np.flatnonzero(here & (part[:n] != main))).size:
        goals = goals_of(ground, part == main, here)
        options = [best_goal(int(at), ground, goals) for at in outside]
        best = min(range(len(options)), key=lambda each: (options[each][0], int(outside[each])))
        at, goal = int(outside[best]), options[best][1]
        straight = float(np.hypot(*(goals.xy[goal] - ground.access.xy[at])))
        climb = np.array([abs(float(goals.elevation[goal] - ground.access.elevation[at]))])
        detour = max(DETOUR, float(climbing(np.array([straight]), np.nan_to_num(climb))[0]))
        metres = max(round(straight * detour), SHORTEST_METRES)
        code = str(ground.places.code[at])
        made.append(LocalLink(code, str(goals.name[goal]), KIND, metres, KPH))
        part[part == part[at]] = main
    return made


def goals_of(ground: Ground, joined: Bools, here: Bools) -> Goals:
    """Villages of the island and nodes of provincial roads that are already joined."""
    places, access, surface = ground.places, ground.access, ground.surface
    n = len(here)
    villages = np.flatnonzero(joined[:n] & here)
    nodes = np.flatnonzero(joined[n + surface.number])
    names = [*places.code[villages], *(node_id(int(k)) for k in surface.number[nodes])]
    return Goals(
        np.array(names, dtype=object),
        np.concatenate([villages, n + surface.number[nodes]]),
        np.vstack([access.xy[villages], surface.xy[nodes]]),
        np.concatenate([access.elevation[villages], surface.elevation[nodes]]),
        np.concatenate([places.township[villages], surface.township[nodes]]),
    )


def best_goal(at: int, ground: Ground, goals: Goals) -> tuple[float, int]:
    """The goal nearest to a village, its own township and county preferred: metres, position."""
    own = str(ground.places.township[at])
    away = np.hypot(*(goals.xy - ground.access.xy[at]).T)
    county = np.array([each[:COUNTY_DIGITS] == own[:COUNTY_DIGITS] for each in goals.township])
    away = away * np.where(goals.township == own, 1, OTHER_TOWNSHIP)
    away = away * np.where(county, 1, OTHER_COUNTY)
    best = int(np.argmin(away))
    return float(away[best]), best


def other_islands(ground: Ground, part: Ints) -> list[LocalLink]:
    """Rescue links that join the villages of each smaller island, the nearest two at a time."""
    places, xy = ground.places, ground.access.xy
    made = []
    for land in sorted(set(places.land.tolist()) - {MAIN_ISLAND}):
        here = np.flatnonzero(places.land == land)
        while len(set(part[here].tolist())) > 1:
            inner = here[part[here] == part[here[0]]]
            outer = here[part[here] != part[here[0]]]
            away = np.hypot(*(xy[inner][:, None] - xy[outer][None]).transpose(2, 0, 1))
            one, two = np.unravel_index(int(away.argmin()), away.shape)
            metres = max(round(float(away[one, two]) * ISLAND_DETOUR), SHORTEST_METRES)
            start, goal = int(outer[two]), int(inner[one])
            codes = str(places.code[start]), str(places.code[goal])
            made.append(LocalLink(*codes, KIND, metres, ISLAND_KPH))
            part[part == part[start]] = part[goal]
    return made
