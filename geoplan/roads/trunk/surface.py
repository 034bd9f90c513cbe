"""The nodes of provincial roads, where people of the villages beside come onto the trunk roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geoplan.model import Floats, Ints, Strings
from geoplan.roads.trunk.network import Trunk
from geoplan.roads.trunk.places import Places
from geoplan.roads.trunk.routes import road_class

NOT_PASSABLE = ("closed", "restricted")
HEIGHTS_FROM = 4
"""The height of a point is that of the nearest so many posts, nearer ones counting more."""
HEIGHT_SOFTENING_METRES = 100


@dataclass(frozen=True, slots=True)
class SurfaceNodes:
    """Nodes of provincial roads on passable stretches, k in all, by number."""

    number: Ints
    """Which node of the trunk network each is."""
    xy: Floats
    elevation: Floats
    route: Strings
    village: Ints
    """Position of the village each lies in, -1 outside all with people."""
    township: Strings


def surface_nodes(trunk: Trunk, places: Places) -> SurfaceNodes:
    """The nodes where a village may be joined."""
    nodes = trunk.nodes
    passable = {
        end
        for edge in trunk.edges
        if edge.route != "link" and edge.status not in NOT_PASSABLE
        for end in (edge.one, edge.two)
    }
    number = np.array(
        [n for n in sorted(passable) if road_class(nodes[n].route) == "provincial"], dtype=np.int64
    )
    xy = np.array([(nodes[n].x, nodes[n].y) for n in number], dtype=float).reshape(-1, 2)
    village = villages_at(xy, places)
    return SurfaceNodes(
        number,
        xy,
        np.array([nodes[n].elevation for n in number], dtype=float),
        np.array([nodes[n].route for n in number], dtype=object),
        village,
        np.where(village >= 0, places.township[village], "").astype(object),
    )


def villages_at(xy: Floats, places: Places) -> Ints:
    """The position of the village in which each point (k, 2) lies, -1 outside; lowest first."""
    result = np.full(len(xy), len(places.code), dtype=np.int64)
    tree = shapely.STRtree(places.shape)
    point, village = tree.query(shapely.points(xy), predicate="intersects")
    np.minimum.at(result, point, village)
    return np.where(result == len(places.code), -1, result)


def heights_at(xy: Floats, trunk: Trunk) -> Floats:
    """Metres above the sea at points (n, 2), from the provincial posts around them."""
    known = [
        node
        for node in trunk.nodes
        if road_class(node.route) == "provincial" and not np.isnan(node.elevation)
    ]
    if not known:
        return np.zeros(len(xy))
    count = min(HEIGHTS_FROM, len(known))
    tree = cKDTree([(node.x, node.y) for node in known])
    away, at = tree.query(xy, k=np.arange(1, count + 1))
    weight = 1 / (away + HEIGHT_SOFTENING_METRES) ** 2
    heights = np.array([node.elevation for node in known])
    return np.asarray((weight * heights[at]).sum(axis=1) / weight.sum(axis=1), dtype=float)


def passable_edges(trunk: Trunk) -> tuple[Ints, Ints]:
    """Both ends of every edge that is neither closed nor restricted."""
    ends = [(e.one, e.two) for e in trunk.edges if e.status not in NOT_PASSABLE]
    table = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
