"""Class and free-flow speed of each stretch, by rule.

The rules were set once, before any driving time was looked at, and are never fitted to one: what
a road is (freeway, expressway), how densely the land beside it is lived in, how it climbs and how
it winds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Floats, Strings
from geoplan.roads.trunk.stretches import Stretches
from geoplan.roads.trunk.villages import Villages, median_within

SAMPLE_METRES = 200
DENSITY_REACH_METRES = 2500
"""Density is sampled along the road, and its median over five kilometres counts."""
DENSITY_UNKNOWN = 300.0

WINDOW_METRES = 1500
"""Slope and winding are measured over this much road before and behind the middle."""
LEAST_WINDOW_METRES = 800
MOST_WINDING = 6.0

FREEWAY_KPH = {"國1": 92, "國3": 92, "國6": 92, "國5": 72, "國3甲": 70, "國2甲": 70}
OTHER_FREEWAY_KPH = 82
CITY_FREEWAY = ("國1", 62_000, 355_000, 78)
"""國1 through Taipei and Kaohsiung: slower before the first chainage and after the second."""

EXPRESSWAY_KPH, CITY_EXPRESSWAY_KPH, CITY_DENSITY = 72, 62, 4000

PROVINCIAL_KPH = ((15000, 22), (6000, 26), (3000, 31), (1200, 38), (400, 45), (100, 52))
"""Lower bounds of residents per km2, and the speed of a provincial road there."""
OPEN_LAND_KPH, WINDING_LAND_KPH, WINDING_LAND = 58, 50, 1.25

# Mountain roads: steep, or winding, or high and one of the two a little; three grades of them.
STEEP, WINDING = 0.045, 1.6
HIGH_METRES, HIGH_STEEP, HIGH_WINDING = 300, 0.03, 1.3
SLOW_METRES, SLOWEST_METRES, SLOWEST_WINDING = 700, 1800, 2.2
MOUNTAIN_KPH, SLOW_MOUNTAIN_KPH, SLOWEST_MOUNTAIN_KPH = 40, 34, 28

RESTRICTED_KPH = 25
"""Convoys and single lanes, whatever the land."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rules look at, for each stretch (n,)."""

    density_per_km2: Floats
    elevation: Floats
    """Metres, 0 where unknown."""
    slope: Floats
    """Metres of height per metre of road."""
    winding: Floats
    """Length of the road over the straight line, over three kilometres."""


def surroundings(stretches: Stretches, villages: Villages) -> Surroundings:
    """Density, height, slope and winding of every stretch."""
    n = len(stretches.length)
    density, slope, winding = np.full(n, np.nan), np.zeros(n), np.ones(n)
    bounds = np.flatnonzero(np.diff(stretches.run)) + 1
    for rows in np.split(np.arange(n), bounds) if n else []:
        mile = np.append(0.0, np.cumsum(stretches.length[rows]))
        middle = (mile[:-1] + mile[1:]) / 2
        xy = np.vstack([stretches.start[rows], stretches.end[rows[-1:]]])
        places = np.arange(SAMPLE_METRES / 2, mile[-1] + SAMPLE_METRES / 2, SAMPLE_METRES)
        sampled = villages.density_at(at(places, mile, xy))
        density[rows] = median_within(middle, (places, sampled), DENSITY_REACH_METRES)
        low = np.maximum(middle - WINDOW_METRES, 0)
        high = np.minimum(middle + WINDOW_METRES, mile[-1])
        winding[rows] = windings(low, high, mile, xy)
        height = np.append(stretches.elevation[rows, 0], stretches.elevation[rows[-1], 1])
        slope[rows] = slopes(low, high, mile, height)
    known = ~np.isnan(stretches.elevation)
    summed = np.where(known, stretches.elevation, 0).sum(axis=1)
    return Surroundings(
        filled_by_route(density, stretches.route),
        summed / np.maximum(known.sum(axis=1), 1),
        slope,
        winding,
    )


def at(places: Floats, mile: Floats, xy: Floats) -> Floats:
    """Points (k, 2) at `places` metres along a line of posts at `mile` (p,) and `xy` (p, 2)."""
    return np.column_stack([np.interp(places, mile, xy[:, 0]), np.interp(places, mile, xy[:, 1])])


def windings(low: Floats, high: Floats, mile: Floats, xy: Floats) -> Floats:
    """Road over straight line between the places `low` and `high` (n,)."""
    straight = np.hypot(*(at(high, mile, xy) - at(low, mile, xy)).T)
    ratio = np.minimum((high - low) / np.maximum(straight, 1), MOST_WINDING)
    return np.where(high - low > LEAST_WINDOW_METRES, ratio, 1.0)


def slopes(low: Floats, high: Floats, mile: Floats, height: Floats) -> Floats:
    """Rise over road between the places `low` and `high` (n,); 0 where no heights are known."""
    known = ~np.isnan(height)
    if known.sum() < 2:
        return np.zeros(len(low))
    rise = np.interp(high, mile[known], height[known]) - np.interp(low, mile[known], height[known])
    along = np.maximum(high - low, 1)
    return np.where(along > LEAST_WINDOW_METRES, np.abs(rise) / along, 0.0)


def filled_by_route(density: Floats, route: Strings) -> Floats:
    """Unknown densities replaced by the median of the route, else by `DENSITY_UNKNOWN`."""
    result = density.copy()
    for name in dict.fromkeys(route[np.isnan(density)]):
        here = route == name
        known = density[here & ~np.isnan(density)]
        fill = float(np.median(known)) if len(known) else DENSITY_UNKNOWN
        result[here & np.isnan(density)] = fill
    return result


def classes_and_speeds(stretches: Stretches, around: Surroundings) -> tuple[Strings, Floats]:
    """Road class (freeway, expressway, provincial, provincial_mountain) and km/h (n,)."""
    kind = stretches.road_class
    slow = mountain_kph(around)
    provincial = kind == "provincial"
    mountain = provincial & (slow > 0)
    speed = np.where(mountain, slow, provincial_kph(around))
    city = around.density_per_km2 > CITY_DENSITY
    speed = np.where(
        kind == "expressway", np.where(city, CITY_EXPRESSWAY_KPH, EXPRESSWAY_KPH), speed
    )
    for route in dict.fromkeys(stretches.route[kind == "freeway"]):
        speed[stretches.route == route] = FREEWAY_KPH.get(route, OTHER_FREEWAY_KPH)
    route, before, after, slower = CITY_FREEWAY
    start = stretches.from_metres
    speed[(stretches.route == route) & ((start < before) | (start > after))] = slower
    speed[stretches.status == "restricted"] = RESTRICTED_KPH
    return np.where(mountain, "provincial_mountain", kind).astype(object), speed.astype(float)


def provincial_kph(around: Surroundings) -> Floats:
    """The speed of provincial roads that are no mountain roads (n,)."""
    open_land = np.where(around.winding < WINDING_LAND, OPEN_LAND_KPH, WINDING_LAND_KPH)
    bounds = [around.density_per_km2 >= bound for bound, _ in PROVINCIAL_KPH]
    return np.select(bounds, [kph for _, kph in PROVINCIAL_KPH], open_land).astype(float)


def mountain_kph(around: Surroundings) -> Floats:
    """The speed of mountain roads, 0 where the road is none (n,)."""
    z, slope, winding = around.elevation, around.slope, around.winding
    high = (z > HIGH_METRES) & ((slope > HIGH_STEEP) | (winding > HIGH_WINDING))
    mountain = high | (slope > STEEP) | (winding > WINDING)
    slowest = (z > SLOWEST_METRES) | (winding > SLOWEST_WINDING)
    slow = (z > SLOW_METRES) | (winding > WINDING)
    speed = np.select(
        [slowest, slow], [SLOWEST_MOUNTAIN_KPH, SLOW_MOUNTAIN_KPH], MOUNTAIN_KPH
    ).astype(float)
    return np.where(mountain, speed, 0.0)
