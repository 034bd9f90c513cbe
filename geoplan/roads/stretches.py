"""Ways cut into stretches between junctions, with their lengths; arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.roads.osm_read import ranges

EQUATOR_METRES = 6_378_137.0
ECCENTRICITY_SQUARED = 0.00669437999014
"""WGS 84."""
NO_NODE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Lines:
    """Ways (W,) over positions first[i]:first[i + 1] of `ref` (node ids), `lon`, `lat` (R,)."""

    first: Ints
    ref: Ints
    lon: Floats
    lat: Floats


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches (S,) of ways between junctions, over the nodes (N,) they start and end at.

    `way` of each; `u`, `v` its nodes along the way; `metres`; its shape is the positions
    shape_first[i]:shape_first[i + 1] of `shape_lon`, `shape_lat`. `node_id`, `node_lon`,
    `node_lat` (N,). `cut_ways` (W,) tells the ways that lost nodes the file does not hold.
    """

    way: Ints
    u: Ints
    v: Ints
    metres: Floats
    shape_first: Ints
    shape_lon: Floats
    shape_lat: Floats
    node_id: list[str]
    node_lon: Floats
    node_lat: Floats
    cut_ways: Bools


def metres_between(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres between near points, on the ellipsoid at the mean latitude.

    With the radii of curvature M (north) and N (east) at the mean latitude,
    d = sqrt((M dlat)^2 + (N cos(lat) dlon)^2) (Snyder 1987, Map Projections, eq. 4-18 to 4-21);
    within 1 ppm of the geodesic for a kilometre, 0.1 % for a hundred.
    """
    middle = np.radians((lat + to_lat) / 2)
    north = np.radians(to_lat - lat)
    east = np.radians((to_lon - lon + 180) % 360 - 180)
    shrunk = 1 - ECCENTRICITY_SQUARED * np.sin(middle) ** 2
    by_east = EQUATOR_METRES / np.sqrt(shrunk)
    by_north = by_east * (1 - ECCENTRICITY_SQUARED) / shrunk
    return np.hypot(by_north * north, by_east * np.cos(middle) * east)


def cut_at_junctions(lines: Lines, blocked: Ints) -> Stretches:
    """Cut ways where ways meet or end, where the file lacks a node, and at `blocked` node ids.

    A loop from a node back to itself is cut in its middle too, so that both halves lead somewhere.
    At a blocked node nobody passes: each stretch that ends there gets an end of its own, called
    "<node>", "<node>:2", "<node>:3" ... in the order of the ways.
    """
    owner, at = _positions(lines)
    known = ~np.isnan(lines.lon[at])
    ids, node = np.unique(np.where(known, lines.ref[at], NO_NODE), return_inverse=True)
    joined = (owner[1:] == owner[:-1]) & known[1:] & known[:-1]
    vertex = _junctions(joined, node, len(ids)) | np.isin(ids, blocked)
    start, count = _runs(joined, vertex[node])
    loops = (node[start] == node[start + count]) & (count > 1)
    vertex[node[start[loops] + count[loops] // 2]] = True
    start, count = _runs(joined, vertex[node])
    lon, lat = lines.lon[at], lines.lat[at]
    steps = ranges(start, count)
    lengths = metres_between(lon[steps], lat[steps], lon[steps + 1], lat[steps + 1])
    first = np.concatenate([[0], np.cumsum(count)])[:-1]
    shape = ranges(start, count + 1)
    ends = np.stack([node[start], node[start + count]], axis=1)
    used, ends, names = _named_ends(ends, ids, np.isin(ids, blocked))
    where = np.zeros(len(ids), np.int64)
    where[node] = np.arange(len(node))
    cut = np.zeros(len(lines.first) - 1, bool)
    cut[owner[~known]] = True
    return Stretches(
        way=owner[start],
        u=ends[:, 0],
        v=ends[:, 1],
        metres=np.add.reduceat(lengths, first) if len(first) else lengths,
        shape_first=np.concatenate([[0], np.cumsum(count + 1)]),
        shape_lon=lon[shape],
        shape_lat=lat[shape],
        node_id=names,
        node_lon=lon[where[used]],
        node_lat=lat[where[used]],
        cut_ways=cut,
    )


def _positions(lines: Lines) -> tuple[Ints, Ints]:
    """Way and index of every position, without a node that only repeats the one before."""
    owner = np.repeat(np.arange(len(lines.first) - 1), np.diff(lines.first))
    fresh = np.ones(len(owner), bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (lines.ref[1:] != lines.ref[:-1])
    return owner[fresh], np.flatnonzero(fresh)


def _junctions(joined: Bools, node: Ints, nodes: int) -> Bools:
    """(N,) nodes where a chain of positions ends, or that chains pass more than once.

    `joined` (R - 1,) tells whether a position goes on to the next one.
    """
    before, after = np.zeros(len(node), bool), np.zeros(len(node), bool)
    before[1:], after[:-1] = joined, joined
    passed = np.bincount(node[before | after], minlength=nodes) > 1
    passed[node[before != after]] = True
    return passed


def _runs(joined: Bools, vertex: Bools) -> tuple[Ints, Ints]:
    """Start position and number of steps of every run of joined positions between vertices."""
    steps = np.flatnonzero(joined)
    heads = np.flatnonzero(vertex[steps])
    return steps[heads], np.diff(np.append(heads, len(steps)))


def _named_ends(ends: Ints, ids: Ints, blocked: Bools) -> tuple[Ints, Ints, list[str]]:
    """Nodes that are ends, the ends (S, 2) in their numbers, their names; blocked ones parted."""
    flat = ends.ravel()
    shut = np.flatnonzero(blocked[flat])
    used = np.unique(flat)
    place = np.searchsorted(used, flat)
    order = shut[np.argsort(flat[shut], kind="stable")]
    heads = np.ones(len(order), bool)
    heads[1:] = flat[order[1:]] != flat[order[:-1]]
    nth = np.arange(len(order)) - np.maximum.accumulate(np.where(heads, np.arange(len(order)), 0))
    copies = order[~heads]
    place[copies] = len(used) + np.arange(len(copies))
    names = [str(one) for one in ids[used].tolist()]
    again = zip(ids[flat[copies]].tolist(), (nth[~heads] + 1).tolist(), strict=True)
    names += [f"{one}:{number}" for one, number in again]
    return np.concatenate([used, flat[copies]]), place.reshape(-1, 2), names
