"""A network of one's own, as it came in by the door, made ready to be travelled."""

from __future__ import annotations

import numpy as np

from geoplan.door.own_points import OwnPoints
from geoplan.door.own_roads import OwnRoads
from geoplan.model import Ints
from geoplan.travel.joining import Access, Joined, Lands, Snapped, snap_places
from geoplan.travel.lands import land_masses, piece_lands
from geoplan.travel.roads import RoadEdges, RoadNetwork, RoadNodes, Shapes, build_roads


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
    lands = None
    if land is not None:
        masses = land_masses(land)
        lands = Lands(masses.nearest(points.xy), piece_lands(roads, masses))
    node = np.where(points.node >= 0, roads.given[points.node], -1)
    return snap_places(roads, points.xy, access, lands, node)


def too_far(places: Snapped) -> Ints:
    """Positions of the places that are joined to no road."""
    return np.flatnonzero(places.state == Joined.TOO_FAR)
