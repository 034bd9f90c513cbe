"""The least time to somewhere in an area: for sites whose place is known only by township.

A site that stands anywhere in the area cannot be reached sooner. The search starts at every node
in the area at once, and at nodes near it after the shortest local leg there could be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.travel.engine import Ways
from geoplan.travel.matrix import JOIN_SLACK_METRES, search_from
from geoplan.travel.network import DETOUR_BY_DENSITY, SPEED_KPH_BY_DENSITY, Network, local_ms

SITE_METRES = 5000
"""No service stands farther than this from the nearest road or village point."""
NEAR_METRES = SITE_METRES + JOIN_SLACK_METRES
"""Nodes farther than this from an area are not joined by a site in it."""


@dataclass(frozen=True, slots=True)
class NearAreas:
    """Pairs of a node and an area in or near which it lies, with the distance (0 inside)."""

    node: Ints
    area: Ints
    metres: Floats


def near_areas(network: Network, polygons: Strings) -> NearAreas:
    """Every joinable node with the areas (a,) within reach of it; polygons in metres."""
    nodes = np.flatnonzero(network.may_join)
    points: Strings = np.asarray(shapely.points(network.xy[nodes]), dtype=object)
    tree = shapely.STRtree(polygons)
    which, area = tree.query(points, predicate="dwithin", distance=NEAR_METRES)
    metres: Floats = np.asarray(shapely.distance(points[which], polygons[area]))
    return NearAreas(nodes[which].astype(np.int64), area.astype(np.int64), metres)


def least_ms_to_areas(
    network: Network, ways: Ways, near: NearAreas, chosen: Bools, direct_within_metres: float
) -> Ints:
    """Least time from every demand point (n,) to anywhere in the chosen areas; -1 without a way.

    `chosen` (a,) says which areas count. Below `direct_within_metres` the direct local trip
    counts, as it does for a site whose place is known.
    """
    wanted = chosen[near.area]
    node, metres = near.node[wanted], near.metres[wanted]
    if not len(node):
        return np.full(network.points, -1, np.int64)
    order = np.lexsort((metres, node))
    node, metres = node[order], metres[order]
    first = np.concatenate([[True], node[1:] != node[:-1]])
    node, metres = node[first], metres[first]
    leg_ms = np.maximum(np.floor(metres * _fastest_ms_per_metre()), 1).astype(np.int64)
    ms, _, reachable = search_from(ways, network.points, [(node, leg_ms)])
    least = np.where(reachable[:, 0], ms[:, 0].astype(np.int64), -1)
    close = (node < network.points) & (metres <= direct_within_metres)
    direct = local_ms(metres[close], network.density_per_km2[node[close]])
    now = least[node[close]]
    least[node[close]] = np.where(now < 0, direct, np.minimum(now, direct))
    return least


def _fastest_ms_per_metre() -> float:
    """Milliseconds a metre of straight line, at the density where local streets are fastest."""
    bounds = {bound for bound, _ in (*DETOUR_BY_DENSITY, *SPEED_KPH_BY_DENSITY)}
    density = np.array(sorted(bounds), float)
    metres = np.full(len(density), 1_000_000.0)
    return float(local_ms(metres, density).min()) / 1_000_000
