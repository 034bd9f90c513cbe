"""Land masses, so that nobody is joined to a road across the water.

Areas that touch are one land. Which land a point or a road lies on is told by the polygons alone,
never by the roads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geoplan.model import Floats, Ints, Strings
from geoplan.travel.roads import RoadNetwork

SHORE_METRES = 100.0
"""Drawn shores are simplified: a road this near to its land lies on it."""


@dataclass(frozen=True, slots=True)
class LandMasses:
    """The lands as polygons in metres (l,), numbered by where they lie, and a tree over them."""

    parts: Strings
    tree: shapely.STRtree

    def nearest(self, xy: Floats) -> Ints:
        """The land of each point (P, 2), off every shore the nearest one; -1 without a point."""
        land = np.full(len(xy), -1, np.int64)
        known = np.flatnonzero(np.isfinite(xy).all(axis=1))
        land[known] = self._inside(xy[known])
        off = known[land[known] < 0]
        if len(off):
            land[off] = self.tree.nearest(shapely.points(xy[off]))
        return land

    def on_land(self, xy: Floats) -> Ints:
        """The land each point (P, 2) lies on or within a hundred metres of, -1 out at sea."""
        land = self._inside(xy)
        off = np.flatnonzero(land < 0)
        if len(off):
            found, part = self.tree.query_nearest(
                shapely.points(xy[off]), max_distance=SHORE_METRES, all_matches=False
            )
            land[off[found]] = part
        return land

    def _inside(self, xy: Floats) -> Ints:
        """The land around each point, the lowest number on a shared edge; -1 outside of all."""
        land = np.full(len(xy), -1, np.int64)
        point, part = self.tree.query(shapely.points(xy), predicate="intersects")
        order = np.lexsort((-part, point))
        land[point[order]] = part[order]
        return land


def land_masses(polygons: np.ndarray) -> LandMasses:
    """The lands that these polygons (in metres) make up."""
    parts: Strings = np.array(shapely.get_parts(shapely.union_all(polygons)), dtype=object)
    parts = parts[np.lexsort(shapely.bounds(parts).T)]
    return LandMasses(parts, shapely.STRtree(parts))


def piece_lands(roads: RoadNetwork, lands: LandMasses) -> Ints:
    """The land (S,) of each piece of road: that of both its ends; -1 for a bridge between two
    lands and for a road over open water."""
    pieces = roads.pieces
    if pieces is None or not len(pieces.link):
        return np.zeros(0, np.int64)
    land = lands.on_land(pieces.segments.a)
    # Pieces of a link follow one another: the end of one is the beginning of the next.
    last = np.flatnonzero(np.append(pieces.link[1:] != pieces.link[:-1], True))
    end = np.append(land[1:], -1)
    end[last] = lands.on_land(pieces.segments.b[last])
    return np.where(land == end, land, -1)
