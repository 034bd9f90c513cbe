"""Straight line times a detour: the fallback where no roads are given, flagged in every row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from scipy.spatial.distance import cdist

from geoplan.model import Floats, Ints, Strings, TravelMatrix
from geoplan.travel.matrix import OWN_ZONE_MS


def straight_line_matrix(
    point: tuple[Floats, Ints],
    site_id: Strings,
    site: tuple[Floats, Ints],
    detour: float,
    speed_kph: float,
) -> TravelMatrix:
    """Times over the straight line; `point` and `site` are (xy in metres (n, 2), land mass (n,)).

    No way leads from one land mass to another. All of it is modelled.
    """
    metres = cdist(point[0], site[0]) * detour if len(site_id) else np.zeros((len(point[0]), 0))
    reachable = point[1][:, None] == site[1][None, :]
    ms = np.where(reachable, np.maximum(np.rint(metres / speed_kph * 3600), OWN_ZONE_MS), 0)
    ms32 = ms.astype(np.int32)
    return TravelMatrix(site_id=site_id, ms=ms32, modelled_ms=ms32.copy(), reachable=reachable)


def land_masses(polygons: np.ndarray) -> Callable[[Floats], Ints]:
    """Which land mass a point stands on: a function from points (n, 2) to numbers (n,).

    Townships that touch are one land; a point off every shore belongs to the nearest.
    """
    parts = np.array(shapely.get_parts(shapely.union_all(polygons)), dtype=object)
    tree = shapely.STRtree(parts)

    def land_of(xy: Floats) -> Ints:
        if not len(xy):
            return np.zeros(0, np.int64)
        return np.asarray(tree.nearest(shapely.points(xy)), dtype=np.int64)

    return land_of
