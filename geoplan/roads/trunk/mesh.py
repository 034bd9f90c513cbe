"""Modelled links between neighbouring villages: they stand for all roads that are in no list.

Neighbours are those of the Gabriel graph (no third village in the circle over the two). Length
is the straight line times a detour by density, speed is by density; both were set once and never
fitted. A link knows nothing of rivers or ridges in its way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import Delaunay, cKDTree

from geoplan.model import Bools, Floats, Ints
from geoplan.roads.trunk.access_points import Access
from geoplan.roads.trunk.places import MAIN_ISLAND, Places
from geoplan.travel.network import DETOUR_BY_DENSITY, SPEED_KPH_BY_DENSITY, by_density

JITTER_METRES = 0.5
JITTER_SEED = 0
"""Villages that share a point are moved apart a little, the same way every time."""
GABRIEL_SLACK = 0.999

STEEPEST = 0.06
"""A local road climbs no more than this, so a height to climb makes it longer ..."""
MOST_DETOUR = 3.0
"""... up to so many times the straight line."""
SHORT_METRES = 200
"""Over shorter distances the heights of posts say nothing."""
SHORTEST_METRES = 10

# No link is longer: within a township, between two, and where a mountain village is an end.
SAME_METRES, OTHER_METRES = 9000, 7000
MOUNTAIN_SAME_METRES, MOUNTAIN_OTHER_METRES, MOUNTAINS_METRES = 7000, 6000, 2500

WATER_METRES = 500
WATER_CHECK_METRES = 800
"""A longer link that lies so far outside all land would cross the sea."""

ISLAND_TOWNSHIP = "旗津區"
RIVER_MOUTH = frozenset(("八里區", "淡水區"))
"""A harbour island whose tunnel is a link of its own, and two banks without a bridge."""


@dataclass(frozen=True, slots=True)
class LocalLink:
    """A modelled link; its ends are a village code and a village code or trunk node id."""

    one: str
    two: str
    kind: str
    metres: int
    speed_kph: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of villages (p,): positions, metres in a straight line."""

    one: Ints
    two: Ints
    straight: Floats


def mesh_links(places: Places, access: Access) -> list[LocalLink]:
    """The mesh of all land masses, by the positions of its ends."""
    pairs = neighbours(places, access)
    keep = may_be_joined(pairs, places, access)
    one, two, straight = pairs.one[keep], pairs.two[keep], pairs.straight[keep]
    density = np.sqrt(places.density_per_km2[one] * places.density_per_km2[two])
    climb = np.abs(access.elevation[one] - access.elevation[two])
    metres = lengths(straight, np.maximum(density, 1), climb)
    speed = by_density(np.maximum(density, 1), SPEED_KPH_BY_DENSITY)
    cells = zip(one.tolist(), two.tolist(), metres.tolist(), speed.tolist(), strict=True)
    code = places.code
    return [LocalLink(code[a], code[b], "mesh", m, int(kph)) for a, b, m, kph in cells]


def lengths(straight: Floats, density: Floats, climb: Floats) -> Ints:
    """Metres of local road: the straight line with its detour, longer where it has to climb."""
    detour = by_density(density, DETOUR_BY_DENSITY)
    way = straight * np.maximum(detour, climbing(straight, climb))
    return np.maximum(np.rint(way), SHORTEST_METRES).astype(np.int64)


def climbing(straight: Floats, climb: Floats) -> Floats:
    """The detour that a climb of so many metres asks for."""
    return np.minimum(climb / STEEPEST / np.maximum(straight, SHORT_METRES), MOST_DETOUR)


def neighbours(places: Places, access: Access) -> Pairs:
    """The Gabriel graph of the access points, each land mass for itself."""
    moved = access.xy + np.random.default_rng(JITTER_SEED).normal(0, JITTER_METRES, access.xy.shape)
    parts = [np.zeros((0, 2), dtype=np.int64)]
    for land in np.unique(places.land).tolist():
        here = np.flatnonzero(places.land == land)
        parts.append(here[gabriel(moved[here])])
    pairs = np.vstack(parts)
    one, two = pairs[:, 0], pairs[:, 1]
    return Pairs(one, two, np.hypot(*(access.xy[one] - access.xy[two]).T))


def gabriel(xy: Floats) -> Ints:
    """Pairs (p, 2) of points (n, 2) whose circle holds no third point (Gabriel and Sokal 1969)."""
    if len(xy) < 4:
        return np.array(
            [(a, b) for a in range(len(xy)) for b in range(a + 1, len(xy))], dtype=np.int64
        ).reshape(-1, 2)
    corners = Delaunay(xy).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    ends = xy[sides]
    radius = np.hypot(*(ends[:, 0] - ends[:, 1]).T) / 2
    nearest, _ = cKDTree(xy).query(ends.mean(axis=1))
    return np.asarray(sides[nearest >= radius * GABRIEL_SLACK], dtype=np.int64)


def may_be_joined(pairs: Pairs, places: Places, access: Access) -> Bools:
    """Which pairs get a link (p,): not too long for where they lie, and not across water."""
    one, two, straight = pairs.one, pairs.two, pairs.straight
    same = places.township[one] == places.township[two]
    either = access.mountain[one] | access.mountain[two]
    both = access.mountain[one] & access.mountain[two]
    plain = np.where(same, SAME_METRES, OTHER_METRES)
    between = np.where(both, MOUNTAINS_METRES, MOUNTAIN_OTHER_METRES)
    most = np.where(either, np.where(same, MOUNTAIN_SAME_METRES, between), plain)
    short = (straight <= most) | (places.land[one] != MAIN_ISLAND)
    names = places.township_name
    barred = (names[one] == ISLAND_TOWNSHIP) != (names[two] == ISLAND_TOWNSHIP)
    banks = [a != b and {a, b} == RIVER_MOUTH for a, b in zip(names[one], names[two], strict=True)]
    allowed: Bools = short & ~barred & ~np.array(banks, dtype=bool)
    dry: Bools = over_water(pairs, places, access, allowed) < WATER_METRES
    return allowed & dry


def over_water(pairs: Pairs, places: Places, access: Access, asked: Bools) -> Floats:
    """Metres of each straight line outside all land (p,); 0 for short ones and those not asked."""
    result = np.zeros(len(pairs.one))
    long = np.flatnonzero(asked & (pairs.straight > WATER_CHECK_METRES))
    ends = np.stack([access.xy[pairs.one[long]], access.xy[pairs.two[long]]], axis=1)
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    shapely.prepare(places.ground)
    ground = places.ground[places.land[pairs.one[long]]]
    leaving = ~shapely.covers(ground, lines)
    outside = shapely.difference(lines[leaving], shapely.union_all(places.ground))
    result[long[leaving]] = shapely.length(outside)
    return result
