"""The least time to somewhere in an area, over a planner's own roads.

As `areas`, for roads that places join at the nearest link: a site that stands in the area joins a
link near it, so the search starts at both ends of all of those at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.travel.engine import Ways, times
from geoplan.travel.graph import FAR_COMBINED, FAR_MS, Joins
from geoplan.travel.joining import Access, Snapped
from geoplan.travel.network import WEIGHT_UNIT
from geoplan.travel.roads import Pieces, RoadNetwork

CELL_METRES = 500.0
"""Pieces of road are held against areas by the square they lie in, not one by one."""


@dataclass(frozen=True, slots=True)
class NearLinks:
    """Pairs of a link and an area within reach of it, and how near at least (0 inside)."""

    link: Ints
    area: Ints
    metres: Floats


def near_links(roads: RoadNetwork, polygons: Strings, within_metres: float) -> NearLinks:
    """Every joinable link with the areas (a,) that may hold a site joined to it; metres."""
    if roads.pieces is None or not len(roads.pieces.link):
        nothing = np.zeros(0, np.int64)
        return NearLinks(nothing, nothing, np.zeros(0))
    link, cell = _cells(roads.pieces)
    square, of_square = np.unique(cell, axis=0, return_inverse=True)
    centre: Strings = np.asarray(shapely.points((square + 0.5) * CELL_METRES), dtype=object)
    # From the middle of a square to its corner, and from a step to a spot between two steps.
    off = CELL_METRES * (np.sqrt(0.5) + 0.25)
    which, area = shapely.STRtree(polygons).query(
        centre, predicate="dwithin", distance=within_metres + off
    )
    metres = np.maximum(shapely.distance(centre[which], polygons[area]) - off, 0)
    # From squares to links: each link once an area, at its nearest square.
    order = np.argsort(of_square.ravel(), kind="stable")
    begins = np.searchsorted(of_square.ravel()[order], np.arange(len(square) + 1))
    count = np.diff(begins)[which]
    pair = np.repeat(np.arange(len(which)), count)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    links = link[order[np.repeat(begins[which], count) + step]]
    areas, least = area[pair].astype(np.int64), metres[pair]
    rank = np.lexsort((least, areas, links))
    links, areas, least = links[rank], areas[rank], least[rank]
    first = np.ones(len(links), bool)
    first[1:] = (links[1:] != links[:-1]) | (areas[1:] != areas[:-1])
    return NearLinks(links[first], areas[first], least[first])


def _cells(pieces: Pieces) -> tuple[Ints, Ints]:
    """Links and the squares (.., 2) their pieces pass: at steps of at most half a square."""
    a, b = pieces.segments.a, pieces.segments.b
    steps = np.ceil(pieces.metres / (CELL_METRES / 2)).astype(np.int64) + 1
    piece = np.repeat(np.arange(len(steps)), steps)
    at = np.arange(len(piece)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = at / np.maximum(steps[piece] - 1, 1)
    xy = a[piece] + share[:, None] * (b - a)[piece]
    found = np.column_stack([pieces.link[piece], np.floor(xy / CELL_METRES).astype(np.int64)])
    found = np.unique(found.astype(np.int64), axis=0)
    return found[:, 0], found[:, 1:]


def least_ms_to_links(
    roads: RoadNetwork, ways: Ways, origins: Snapped, near: NearLinks, access: Access
) -> Ints:
    """Least time from every origin (n,) to a site anywhere beside the links `near`, -1: no way.

    `ways` is the network's `combined_graph`, or the hierarchy made from it.
    """
    least = np.full(len(origins.state), FAR_COMBINED, np.int64)
    if not len(near.link):
        return np.full(len(least), -1, np.int64)
    leg_ms = np.floor(near.metres / access.kph * 3600).astype(np.int64)
    node = np.concatenate([roads.links.tail[near.link], roads.links.head[near.link]])
    leg = np.concatenate([leg_ms, leg_ms])
    order = np.lexsort((leg, node))
    node, leg = node[order], leg[order]
    first = np.concatenate([[True], node[1:] != node[:-1]])
    weight = leg[first] * WEIGHT_UNIT + leg[first]
    anywhere = Joins(np.array([0, first.sum()], np.int32), node[first].astype(np.int32), weight)
    leaving = Joins(
        origins.leaving.indptr,
        origins.leaving.node,
        origins.leaving.weight.astype(np.int64) * WEIGHT_UNIT,
    )
    start, row = np.unique(leaving.node, return_inverse=True)
    found = times(ways, anywhere, start)[:, 0][row] + leaving.weight
    owner = np.repeat(np.arange(len(least)), np.diff(leaving.indptr))
    np.minimum.at(least, owner, found)
    ms = np.where(least < FAR_MS * WEIGHT_UNIT, least // WEIGHT_UNIT, -1)
    return _along_own_link(ms, origins, near, leg_ms)


def _along_own_link(ms: Ints, origins: Snapped, near: NearLinks, leg_ms: Ints) -> Ints:
    """The site may stand on the origin's own link, right beside it."""
    least_leg = np.full(int(max(origins.link.max(initial=0), near.link.max())) + 1, -1, np.int64)
    order = np.argsort(-leg_ms, kind="stable")
    least_leg[near.link[order]] = leg_ms[order]
    beside = np.flatnonzero(origins.link >= 0)
    leg = least_leg[origins.link[beside]]
    beside, leg = beside[leg >= 0], leg[leg >= 0]
    direct = origins.leg_ms[beside] + leg
    ms[beside] = np.where(ms[beside] < 0, direct, np.minimum(ms[beside], direct))
    return ms


def chosen_links(near: NearLinks, chosen: Bools) -> NearLinks:
    """The pairs of the chosen areas (a,)."""
    here = chosen[near.area]
    return NearLinks(near.link[here], near.area[here], near.metres[here])
