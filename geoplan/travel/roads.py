"""A road network of stretches between nodes: what is driven, how long it takes, where one gets on.

Nodes lie in the order of a Hilbert curve, edges in the order of their nodes, whatever the order
of the rows they were read from: the same network always has the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.travel.graph import FAR_MS, Graph, Int32s, build_graph, hilbert_order
from geoplan.travel.network import NO_JOINING_CLASSES, WEIGHT_UNIT
from geoplan.travel.snap import Segments

NOBODY_GETS_ON = frozenset((*NO_JOINING_CLASSES, "motorway", "motorway_link"))
"""Classes of road in whose middle no trip starts or ends."""


@dataclass(frozen=True, slots=True)
class RoadNodes:
    """N nodes: ids, longitude and latitude (N, 2), metres (N, 2); no points where they are not
    known, and then nothing can be snapped to the network."""

    node_id: Strings
    lonlat: Floats | None = None
    xy: Floats | None = None


@dataclass(frozen=True, slots=True)
class RoadEdges:
    """E directed edges between positions of nodes. `link` is the same number for both directions
    of a stretch of road. Metres and speeds are not-a-number where they are not known."""

    start: Ints
    end: Ints
    ms: Ints
    metres: Floats
    speed_kph: Floats
    road_class: Strings
    imputed: Bools
    ferry: Bools
    link: Ints

    def at(self, order: Ints) -> RoadEdges:
        """The edges at these positions."""
        return RoadEdges(
            self.start[order],
            self.end[order],
            self.ms[order],
            self.metres[order],
            self.speed_kph[order],
            self.road_class[order],
            self.imputed[order],
            self.ferry[order],
            self.link[order],
        )


@dataclass(frozen=True, slots=True)
class Shapes:
    """The course of every edge, in its direction: edge e has the points xy[first[e]:first[e + 1]],
    two or more; `first` (E + 1,), `xy` (C, 2) in metres."""

    first: Ints
    xy: Floats


@dataclass(frozen=True, slots=True)
class Links:
    """L stretches of road: the nodes they run between, and the edge of each direction.

    `forward` (L,) runs from tail to head as the shape does, `backward` the other way, -1 where
    that is not permitted.
    """

    tail: Int32s
    head: Int32s
    forward: Int32s
    backward: Int32s
    joinable: Bools


@dataclass(frozen=True, slots=True)
class Pieces:
    """The straight pieces (S,) of joinable links: their link, and where along it they begin.

    `begins` and `metres` are along the shape; `length` (L,) is the whole shape's.
    """

    segments: Segments
    link: Int32s
    begins: Floats
    metres: Floats
    length: Floats


@dataclass(frozen=True)
class RoadNetwork:
    """Nodes in Hilbert order, edges sorted by start and end, links, and pieces to snap to.

    `given` (N,) is where each node stands now, by its position in the table it was given in.
    """

    nodes: RoadNodes
    given: Ints
    edges: RoadEdges
    links: Links
    pieces: Pieces | None
    with_ferries: bool

    @cached_property
    def driven(self) -> Bools:
        """Which edges are used: ferries only where they are switched on."""
        return ~self.edges.ferry | self.with_ferries

    @cached_property
    def graph(self) -> Graph:
        """Milliseconds, int32."""
        return self._graph(self.edges.ms.astype(np.int32))

    @cached_property
    def combined_graph(self) -> Graph:
        """Milliseconds and their modelled part in one int64 (`WEIGHT_UNIT`): a sailing whose
        duration was not stated is modelled, everything else of the table is surveyed."""
        modelled = np.where(self.edges.ferry & self.edges.imputed, self.edges.ms, 0)
        return self._graph(self.edges.ms * WEIGHT_UNIT + modelled)

    def _graph(self, weight: Ints | Int32s) -> Graph:
        edges, driven = self.edges, self.driven
        count = len(self.nodes.node_id)
        return build_graph(count, edges.start[driven], edges.end[driven], weight[driven])

    @cached_property
    def component(self) -> Int32s:
        """Weak component (N,) over roads without ferries: 0 is the one with most nodes, of equals
        that with the lowest node. Within one a trip may still be barred by one-way roads."""
        land = ~self.edges.ferry
        start, end = self.edges.start[land], self.edges.end[land]
        count = len(self.nodes.node_id)
        joined = csr_matrix((np.ones(len(start), np.int8), (start, end)), (count, count))
        label = connected_components(joined, directed=False)[1]
        _, first, size = np.unique(label, return_index=True, return_counts=True)
        rank = np.empty(len(size), np.int32)
        rank[np.lexsort((first, -size))] = np.arange(len(size))
        component: Int32s = rank[label]
        return component

    @cached_property
    def kilometres(self) -> float:
        """Length of the links, each once, of known length and without ferries."""
        return float(np.nansum(self.edges.metres[self._counted]) / 1000)

    @cached_property
    def imputed_share(self) -> float:
        """The share of the kilometres whose speed was not stated in the source."""
        counted = self._counted
        whole = np.nansum(self.edges.metres[counted])
        part = np.nansum(self.edges.metres[counted & self.edges.imputed])
        return float(part / whole) if whole else 0.0

    @property
    def _counted(self) -> Bools:
        first = np.zeros(len(self.edges.ms), bool)
        first[self.links.forward] = True
        return first & ~self.edges.ferry


def build_roads(
    nodes: RoadNodes, edges: RoadEdges, shapes: Shapes | None = None, with_ferries: bool = False
) -> RoadNetwork:
    """The network of these tables, put in order.

    Raises:
        ValueError: if an edge takes less than no time or twelve days and more, if a link is more
            than two directions of one stretch, or if there are shapes and no points of nodes.
    """
    if len(edges.ms) and (edges.ms.min() < 0 or edges.ms.max() >= FAR_MS):
        raise ValueError("the milliseconds of an edge cannot be used")
    if shapes is not None and nodes.xy is None:
        raise ValueError("edges have shapes and nodes have no points")
    order = np.argsort(nodes.node_id.astype(str), kind="stable")
    if nodes.xy is not None:
        order = order[hilbert_order(nodes.xy[order])]
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    nodes = RoadNodes(
        nodes.node_id[order],
        None if nodes.lonlat is None else nodes.lonlat[order],
        None if nodes.xy is None else nodes.xy[order],
    )
    edges = replace(edges, start=position[edges.start], end=position[edges.end])
    edge_order = _edge_order(edges, shapes)
    edges = edges.at(edge_order)
    edges = replace(edges, link=_by_first(edges.link))
    links = _links(edges)
    pieces = None if nodes.xy is None else _pieces(nodes.xy, links, shapes, edge_order)
    return RoadNetwork(nodes, position, edges, links, pieces, with_ferries)


def _edge_order(edges: RoadEdges, shapes: Shapes | None) -> Ints:
    """By start and end, parallel edges by what can tell them apart: never by the row."""
    _, class_code = np.unique(edges.road_class.astype(str), return_inverse=True)
    keys = [edges.imputed, edges.ferry, class_code, edges.metres, edges.ms, edges.end, edges.start]
    if shapes is not None:
        at = shapes.first[:-1]
        keys = [*(np.add.reduceat(shapes.xy[:, axis], at) for axis in (0, 1)), *keys]
    return np.lexsort(keys)


def _by_first(link: Ints) -> Ints:
    """Links renumbered in the order in which they first appear."""
    _, first, inverse = np.unique(link, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _links(edges: RoadEdges) -> Links:
    """Both directions of every link; the lower edge is called forward."""
    order = np.argsort(edges.link, kind="stable")
    count = np.bincount(edges.link) if len(order) else np.zeros(0, np.int64)
    at = np.cumsum(count) - count
    forward = order[at]
    backward = np.full(len(count), -1, np.int64)
    backward[count > 1] = order[at[count > 1] + 1]
    two = backward >= 0
    one, other = forward[two], backward[two]
    turned = (edges.start[one] == edges.end[other]) & (edges.end[one] == edges.start[other])
    if (count > 2).any() or not turned.all():
        raise ValueError("a link is more than the two directions of one stretch")
    closed = edges.ferry | np.isin(edges.road_class.astype(str), sorted(NOBODY_GETS_ON))
    return Links(
        edges.start[forward].astype(np.int32),
        edges.end[forward].astype(np.int32),
        forward.astype(np.int32),
        backward.astype(np.int32),
        ~closed[forward],
    )


def _pieces(xy: Floats, links: Links, shapes: Shapes | None, edge_order: Ints) -> Pieces:
    """The straight pieces of every joinable link, of its shape or of the line between its nodes."""
    chosen = np.flatnonzero(links.joinable)
    if shapes is None:
        points = np.stack([xy[links.tail[chosen]], xy[links.head[chosen]]], axis=1).reshape(-1, 2)
        count = np.full(len(chosen), 2, np.int64)
    else:
        row = edge_order[links.forward[chosen]]
        count = shapes.first[row + 1] - shapes.first[row]
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        points = shapes.xy[np.repeat(shapes.first[row], count) + step]
    last = np.zeros(len(points), bool)
    last[np.cumsum(count) - 1] = True
    at = np.flatnonzero(~last)
    owner = np.repeat(chosen, count - 1)
    a, b = points[at], points[at + 1]
    metres = np.hypot(*(b - a).T)
    length = np.zeros(len(links.tail))
    np.add.at(length, owner, metres)
    run = np.cumsum(metres) - metres
    new = np.ones(len(owner), bool)
    new[1:] = owner[1:] != owner[:-1]
    begins = run - np.repeat(run[new], count - 1)
    return Pieces(Segments(a, b), owner.astype(np.int32), begins, metres, length)
