"""Straight line times a detour: the fallback where no roads are given, flagged in every row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from scipy.spatial.distance import cdist

from geoplan.model import Floats, Ints, Strings, TravelMatrix
from geoplan.travel.matrix import OWN_ZONE_MS

MOST_MS = np.iinfo(np.int32).max


def straight_line_matrix(
    point: tuple[Floats, Ints],
    site_id: Strings,
    site: tuple[Floats, Ints],
    detour: float,
    speed_kph: float,
) -> TravelMatrix:
    """Times over the straight line; `point` and `site` are (xy in metres (n, 2), land mass (n,)).

    No way leads from one land mass to another. All of it is modelled.

    Raises:
        OverflowError: a way takes 596 hours or more, which milliseconds of 32 bits do not hold.
    """
    metres = cdist(point[0], site[0]) * detour if len(site_id) else np.zeros((len(point[0]), 0))
    reachable = point[1][:, None] == site[1][None, :]
    ms = np.where(reachable, np.maximum(np.rint(metres / speed_kph * 3600), OWN_ZONE_MS), 0)
    if ms.size and ms.max() > MOST_MS:
        raise OverflowError("straight-line times of 596 hours or more")
    ms32 = ms.astype(np.int32)
    return TravelMatrix(site_id=site_id, ms=ms32, modelled_ms=ms32.copy(), reachable=reachable)


def straight_least_ms(
    point: tuple[Floats, Ints],
    areas: np.ndarray,
    land_of: Callable[[Floats], Ints],
    hours_per_km: float,
) -> Ints:
    """Least time from each point (n,) to anywhere in the areas (polygons in metres), -1 across
    the sea. Each part of an area is a place of its own, so an islet counts only for its land."""
    xy, land = point
    least = np.full(len(xy), -1, np.int64)
    parts = shapely.get_parts(areas)
    corners = shapely.get_coordinates(shapely.point_on_surface(parts))
    for part, its_land in zip(parts, land_of(corners), strict=True):
        here = np.flatnonzero(land == its_land)
        metres = shapely.distance(shapely.points(xy[here]), part)
        ms = np.maximum(np.floor(metres * hours_per_km * 3600), 0).astype(np.int64)
        now = least[here]
        least[here] = np.where(now < 0, ms, np.minimum(now, ms))
    return least
