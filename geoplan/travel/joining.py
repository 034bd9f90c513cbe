"""Places beside the roads joined to them: where on which link, how far off, and by which legs.

A place joins the nearest link, not the nearest node: its trip starts with the leg to the road and
the rest of the link to each end that may be driven to. One-way roads are kept to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from geoplan.model import Codes, Floats, Ints
from geoplan.travel.graph import FAR_MS, Graph, Int32s, Joins
from geoplan.travel.network import WEIGHT_UNIT
from geoplan.travel.roads import RoadNetwork
from geoplan.travel.snap import Segments, nearest_segments


class Joined(IntEnum):
    """How a place is joined to the roads."""

    AT_NODE = 0
    SNAPPED = 1
    TOO_FAR = 2


@dataclass(frozen=True, slots=True)
class Access:
    """How places reach the road: no farther than `most_metres` of straight line, at `kph`.

    20 km/h is a car on a yard or lane; 4.5 km/h is a person on foot.
    """

    most_metres: float = 5000.0
    kph: float = 20.0


@dataclass(frozen=True, slots=True)
class Lands:
    """The land mass of each point (P,) and of each piece of the network (S,), -1: of none."""

    point: Ints
    piece: Ints


@dataclass(frozen=True, slots=True)
class Snapped:
    """P places and how they are joined (`Joined`).

    `metres` (P,) is the way to the road, 0 at a node, infinite where its land has no road. `link`
    and `node` name the link and the nearer of its nodes, -1 where the place is too far off, which
    also has `component` -1. `share` (P,) is the place on the link from tail (0) to head (1);
    `leg_ms` the access leg. `link_ms` (P, 2) are the milliseconds of the link forward and
    backward, -1 where that is not permitted or the place is at a node. `leaving` and `arriving`
    are joins in milliseconds (int32), legs included; in a graph of combined weights use
    `leaving_in` and `arriving_in`.
    """

    state: Codes
    metres: Floats
    link: Int32s
    node: Int32s
    component: Int32s
    share: Floats
    leg_ms: Ints
    link_ms: Ints
    leaving: Joins
    arriving: Joins

    def leaving_in(self, graph: Graph) -> Joins:
        """Joins from the places to nodes, in weights of the graph's kind."""
        return _of_kind(self.leaving, self.leg_ms, graph)

    def arriving_in(self, graph: Graph) -> Joins:
        """Joins from nodes to the places, in weights of the graph's kind."""
        return _of_kind(self.arriving, self.leg_ms, graph)

    def part(self, first: int, last: int) -> Snapped:
        """The places from `first` up to, and without, `last`."""
        row = slice(first, last)
        return Snapped(
            self.state[row],
            self.metres[row],
            self.link[row],
            self.node[row],
            self.component[row],
            self.share[row],
            self.leg_ms[row],
            self.link_ms[row],
            _rows(self.leaving, first, last),
            _rows(self.arriving, first, last),
        )


def snap_places(
    roads: RoadNetwork,
    xy: Floats,
    access: Access = Access(),
    lands: Lands | None = None,
    node: Ints | None = None,
) -> Snapped:
    """Join places (P, 2), in the metres of the network, to its roads.

    `node` (P,) is the node at which a place stands, -1 for a place that is to be snapped; only
    those need a point. Nobody is joined to a ferry or in the middle of a motorway, nor, with
    `lands`, to a road of another land mass. A place whose nearest spot is the end of a link
    stands at that node, so every road there is open to it.

    Raises:
        ValueError: if a point to be snapped is not finite, or the network has no points.
    """
    node = np.full(len(xy), -1, np.int64) if node is None else node
    loose = np.flatnonzero(node < 0)
    link = np.full(len(xy), -1, np.int64)
    metres, share = np.zeros(len(xy)), np.zeros(len(xy))
    if len(loose):
        link[loose], metres[loose], share[loose] = _nearest_links(roads, xy[loose], lands, loose)
    state = np.full(len(xy), int(Joined.AT_NODE), np.uint8)
    state[loose] = Joined.SNAPPED
    state[(node < 0) & ~(metres <= access.most_metres)] = Joined.TOO_FAR
    joined = state == Joined.SNAPPED
    link[~joined] = -1
    leg_ms = np.zeros(len(xy), np.int64)
    leg_ms[joined] = np.rint(metres[joined] / access.kph * 3600).astype(np.int64)
    nearer = np.where(share <= 0.5, roads.links.tail[link], roads.links.head[link])
    stands = np.where(joined, nearer, node)
    component = np.where(stands >= 0, roads.component[stands], -1)
    at_end = ~joined | (share == 0) | (share == 1)
    link_ms = np.full((len(xy), 2), -1, np.int64)
    for way, edge in enumerate((roads.links.forward[link], roads.links.backward[link])):
        link_ms[:, way] = np.where(~at_end & (edge >= 0), roads.edges.ms[edge], -1)
    spots = _Spots(np.where(at_end, stands, -1), link, share, leg_ms, link_ms)
    return Snapped(
        state,
        metres,
        link.astype(np.int32),
        stands.astype(np.int32),
        component.astype(np.int32),
        share,
        leg_ms,
        link_ms,
        _joins(roads, spots, leaving=True),
        _joins(roads, spots, leaving=False),
    )


def _nearest_links(
    roads: RoadNetwork, xy: Floats, lands: Lands | None, loose: Ints
) -> tuple[Ints, Floats, Floats]:
    """Link (-1: none), metres to it and share along it, of each point."""
    if roads.pieces is None:
        raise ValueError("the network has no points to snap to")
    pieces = roads.pieces
    if lands is None:
        found = nearest_segments(pieces.segments, xy)
    else:
        segments = Segments(pieces.segments.a, pieces.segments.b, lands.piece)
        found = nearest_segments(segments, xy, lands.point[loose])
    piece = found.segment.astype(np.int64)
    if not len(pieces.link):
        return piece, found.metres, found.along
    link = np.where(piece >= 0, pieces.link[piece], -1)
    length = pieces.length[link]
    done = pieces.begins[piece] + found.along * pieces.metres[piece]
    share = np.divide(done, length, out=np.zeros(len(xy)), where=length > 0)
    # Sums of lengths are rounded; a spot at the very end of the last piece is the end.
    ends = (found.along == 1) & (
        pieces.begins[piece] + pieces.metres[piece] >= length * (1 - 1e-12)
    )
    return link, found.metres, np.where(ends, 1.0, np.clip(share, 0, 1))


@dataclass(frozen=True, slots=True)
class _Spots:
    """Where places stand: at a node, or (-1) at a share of a link with its milliseconds."""

    node: Ints
    link: Ints
    share: Floats
    leg_ms: Ints
    link_ms: Ints


def _joins(roads: RoadNetwork, spots: _Spots, leaving: bool) -> Joins:
    """Joins of all places, one or two each; of a link both parts add up to its milliseconds."""
    done = np.rint(spots.share[:, None] * spots.link_ms).astype(np.int64)  # counted from the tail
    tail, head = roads.links.tail[spots.link], roads.links.head[spots.link]
    to_head = spots.link_ms[:, 0] - done[:, 0]
    to_tail = done[:, 1]
    from_tail = done[:, 0]
    from_head = spots.link_ms[:, 1] - done[:, 1]
    forward, backward = spots.link_ms[:, 0] >= 0, spots.link_ms[:, 1] >= 0
    ends = (
        (spots.node >= 0, spots.node, np.zeros(len(tail), np.int64)),
        (forward, head if leaving else tail, to_head if leaving else from_tail),
        (backward, tail if leaving else head, to_tail if leaving else from_head),
    )
    place = np.concatenate([np.flatnonzero(chosen) for chosen, _, _ in ends])
    node = np.concatenate([where[chosen] for chosen, where, _ in ends])
    part = np.concatenate([ms[chosen] for chosen, _, ms in ends])
    order = np.argsort(place, kind="stable")
    indptr = np.zeros(len(tail) + 1, np.int32)
    np.cumsum(np.bincount(place, minlength=len(tail)), out=indptr[1:])
    weight = (part + spots.leg_ms[place])[order]
    if len(weight) and weight.max() >= FAR_MS:
        raise ValueError("a leg takes twelve days or more")
    return Joins(indptr, node[order].astype(np.int32), weight.astype(np.int32))


def _of_kind(joins: Joins, leg_ms: Ints, graph: Graph) -> Joins:
    if graph.weight.dtype == np.int32:
        return joins
    if len(leg_ms) and 2 * int(leg_ms.max()) >= WEIGHT_UNIT:
        raise ValueError("an access leg is too long to be told apart from the trip")
    modelled = np.repeat(leg_ms, np.diff(joins.indptr))
    return Joins(joins.indptr, joins.node, joins.weight.astype(np.int64) * WEIGHT_UNIT + modelled)


def _rows(joins: Joins, first: int, last: int) -> Joins:
    indptr = joins.indptr[first : last + 1]
    row = slice(int(indptr[0]), int(indptr[-1]))
    return Joins(indptr - indptr[0], joins.node[row], joins.weight[row])
