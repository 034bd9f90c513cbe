"""A network of one's own, as it came in by the door, made ready to be travelled."""

from __future__ import annotations

import numpy as np
import shapely

from geoplan.door.own_points import OwnPoints
from geoplan.door.own_roads import OwnRoads
from geoplan.model import Floats, Ints
from geoplan.travel.joining import Access, Joined, Lands, Snapped, snap_places
from geoplan.travel.roads import RoadEdges, RoadNetwork, RoadNodes, Shapes, build_roads

SHORE_METRES = 100.0
"""Drawn shores are simplified: a road this near to its land lies on it."""


def own_network(own: OwnRoads, with_ferries: bool = False) -> RoadNetwork:
    """The network of tables that were read and found good."""
    ids = np.asarray(own.nodes.node_id.to_numpy(zero_copy_only=False), object)
    edges = own.edges
    shapes = None
    if edges.shape_first is not None and edges.shape_xy is not None:
        shapes = Shapes(edges.shape_first, edges.shape_xy)
    return build_roads(
        RoadNodes(ids, own.nodes.lonlat, own.nodes.xy),
        RoadEdges(
            edges.start,
            edges.end,
            edges.ms,
            edges.metres,
            edges.speed_kph,
            edges.road_class,
            edges.imputed,
            edges.ferry,
            edges.link,
        ),
        shapes,
        with_ferries,
    )


def join_points(
    roads: RoadNetwork, points: OwnPoints, access: Access, land: np.ndarray | None
) -> Snapped:
    """Points joined to the network; with polygons of `land` (metres), never across water."""
    lands = None if land is None else lands_of(roads, points.xy, land)
    return snap_places(roads, points.xy, access, lands, points.node)


def lands_of(roads: RoadNetwork, xy: Floats, polygons: np.ndarray) -> Lands:
    """The land of each point (the nearest) and of each piece of road.

    A piece belongs to a land if both its ends lie on it or within a hundred metres of its shore;
    a bridge between two lands and a road over open water belong to none.
    """
    parts = np.array(shapely.get_parts(shapely.union_all(polygons)), dtype=object)
    parts = parts[np.lexsort(shapely.bounds(parts).T)]  # numbered by where they lie
    tree = shapely.STRtree(parts)
    point = np.full(len(xy), -1, np.int64)
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    point[known] = tree.nearest(shapely.points(xy[known]))
    pieces = roads.pieces
    if pieces is None:
        return Lands(point, np.zeros(0, np.int64))
    a, b = (_on_land(tree, ends) for ends in (pieces.segments.a, pieces.segments.b))
    return Lands(point, np.where(a == b, a, -1))


def _on_land(tree: shapely.STRtree, xy: Floats) -> Ints:
    """The nearest land within the shore's breadth, -1 off every shore."""
    land = np.full(len(xy), -1, np.int64)
    found, part = tree.query_nearest(
        shapely.points(xy), max_distance=SHORE_METRES, all_matches=False
    )
    land[found] = part
    return land


def too_far(places: Snapped) -> Ints:
    """Positions of the places that are joined to no road."""
    return np.flatnonzero(places.state == Joined.TOO_FAR)
