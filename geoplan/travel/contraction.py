"""Taking the nodes out of a graph one after the other, and what then stands above each of them.

Contraction hierarchy of Geisberger, Sanders, Schultes and Delling 2008: nodes are taken out one
after the other, the least important first, and shortcuts keep every time between the others.
Dead ends and chains go first, without any search: a node with two neighbours needs at most one
shortcut each way, and to keep one that was not needed costs little and falsifies nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geoplan.travel.compiled import kernel
from geoplan.travel.graph import Graph, Int32s, far
from geoplan.travel.remaining import USED, Remaining, drop, grown, lower, remaining_rows
from geoplan.travel.witness import (
    Shortcuts,
    Tracks,
    needed_shortcuts,
    pop,
    push,
    shortcuts,
    tracks,
)

MOST_ARCS = 1000
"""Arcs tried in each search for a witness; more finds a few more and takes longer."""
MANY = 10
"""Nodes with more neighbours than this are not looked at before they go: it would take too long
where no road is more important than others, as in a grid of equal streets."""
MOST_NEIGHBOURS = 200
"""A node with more neighbours than this when its turn comes belongs to no road network (the most
in road graphs of a million nodes is 59); the work would grow with the square of their number."""
LEVEL_POINTS = 100
RATIO_POINTS = 1000
"""Importance of a node: its level, and shortcuts for each arc that goes with it."""

SLOTS, PAIRS, QUEUE, PATIENCE = 1, 2, 3, 4
"""What there may be too little of: slots of rows, pairs of neighbours, entries of the queue, and
patience with a graph in which everything is close to everything."""


class NotLikeRoads(ValueError):
    """The graph has no important and unimportant nodes: searched as it is, it answers sooner."""


class Order(NamedTuple):
    """How far the work has come.

    `level` (N,) is above that of every neighbour that went before; `points` (N,) is the rest of a
    node's importance; `stale` (N,) is 1 when a neighbour went and nobody looked since then, and
    -1 when the node is gone itself. `key` and `node` are the queue of `queued[0]` entries, where
    only a node's present key counts.
    """

    level: Int32s
    points: Int32s
    stale: npt.NDArray[np.int8]
    key: npt.NDArray[np.int64]
    node: Int32s
    queued: npt.NDArray[np.int64]


def contracted(graph: Graph) -> Remaining:
    """Rows that hold each node's neighbours at the moment it was taken out: all went later.

    The same graph gives the same rows.

    Raises:
        NotLikeRoads: if a node has more than MOST_NEIGHBOURS neighbours when its turn comes.
    """
    nodes, none = graph.nodes, far(graph.weight)
    rows = remaining_rows(graph)
    order = Order(
        np.zeros(nodes, np.int32),
        np.zeros(nodes, np.int32),
        np.zeros(nodes, np.int8),
        np.empty(0, np.int64),
        np.empty(0, np.int32),
        np.zeros(1, np.int64),
    )
    waiting = np.arange(nodes - 1, -1, -1, dtype=np.int32)
    while len(waiting):
        again = np.empty(2 * len(waiting), np.int32)
        waiting = again[: _take_simple(rows, order, waiting, none, again)]
    left = order.stale >= 0
    order.stale[left] = 1
    order = _with_queue(order, 2 * int(left.sum()))
    _queue_others(rows, order)
    paths = tracks(nodes, graph.weight.dtype, none)
    found = shortcuts(1 << 10, graph.weight.dtype)
    while short_of := _take_by_importance(rows, order, paths, found):
        if short_of == SLOTS:
            rows = grown(rows, max(1 << 16, len(rows.node) // 4))
        elif short_of == PATIENCE:
            raise NotLikeRoads("too many neighbours")
        elif short_of == PAIRS:
            found = shortcuts(4 * len(found.start), graph.weight.dtype)
        else:
            order.queued[0] = 0
            _queue_others(rows, order)
    return rows


def _with_queue(order: Order, size: int) -> Order:
    """The same state with an empty queue of that size."""
    return order._replace(key=np.empty(size, np.int64), node=np.empty(size, np.int32))


@kernel
def _take_simple(rows: Remaining, order: Order, waiting: Int32s, none: int, again: Int32s) -> int:
    """Take out those of the waiting nodes that have at most two neighbours; no two side by side.

    Of a chain every second node goes, so that what is left of it halves each time. Puts the nodes
    to look at next into `again`, the simple ones beside a node that went; returns how many.
    """
    number = 0
    for v in waiting:
        if order.stale[v] != 0 or rows.size[v] > 2:
            continue
        a = rows.first[v]
        if rows.size[v] == 2:
            b = a + 1
            out = min(rows.back[a] + rows.out[b], none)
            back = min(rows.back[b] + rows.out[a], none)
            drop(rows, rows.node[a], v)
            drop(rows, rows.node[b], v)
            if out < none or back < none:
                lower(rows, rows.node[a], rows.node[b], out, back)
                lower(rows, rows.node[b], rows.node[a], back, out)
        elif rows.size[v] == 1:
            drop(rows, rows.node[a], v)
        _mark(rows, order, v)
        for slot in range(a, a + rows.size[v]):
            again[number] = rows.node[slot]
            number += 1
    kept = 0
    for x in again[:number]:
        if order.stale[x] == 1:
            order.stale[x] = 0
            if rows.size[x] <= 2:
                again[kept] = x
                kept += 1
    return kept


@kernel
def _mark(rows: Remaining, order: Order, v: int) -> None:
    """Note that v is gone, and that its neighbours stand above it and need a fresh look."""
    order.stale[v] = -1
    for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
        x = rows.node[slot]
        order.stale[x] = 1
        order.level[x] = max(order.level[x], order.level[v] + 1)


@kernel
def _queue_others(rows: Remaining, order: Order) -> None:
    """Put every node that is still there into the empty queue, once.

    One that nobody looked at yet is taken to need a shortcut for each pair of neighbours.
    """
    for v in range(len(order.stale)):
        if order.stale[v] >= 0:
            if order.stale[v]:
                order.points[v] = RATIO_POINTS * (rows.size[v] - 1) // 2
            _queue(order, v)


@kernel
def _key(order: Order, v: int) -> int:
    """Importance of v above its number: the least key is the next to go."""
    points = LEVEL_POINTS * np.int64(order.level[v]) + order.points[v]
    return int(points << 32) + v


@kernel
def _queue(order: Order, v: int) -> None:
    order.queued[0] = push(order.key, order.node, order.queued[0], (_key(order, v), v))


@kernel
def _take_by_importance(rows: Remaining, order: Order, tracks: Tracks, found: Shortcuts) -> int:
    """Take out the least important node until none is left, and look at its neighbours afresh.

    Returns 0 at the end, or what there is too little of.
    """
    while order.queued[0] > 0:
        v = order.node[0]
        none = tracks.time[v]  # clean between two searches
        fresh = order.stale[v] >= 0 and order.key[0] == _key(order, v)
        if fresh:
            short_of = _short_of(rows, order, found, v)
            if short_of:
                return short_of
        order.queued[0] = pop(order.key, order.node, order.queued[0])
        if not fresh:
            continue
        number = needed_shortcuts(rows, tracks, found, v, MOST_ARCS)
        if order.stale[v] and rows.size[v] <= MANY:
            _note_points(rows, order, v, number, none)
            if order.queued[0] and order.key[0] < _key(order, v):
                _queue(order, v)
                continue
        _replace(rows, found, v, number, none)
        _mark(rows, order, v)
        for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
            x = rows.node[slot]
            if rows.size[x] <= MANY:
                number = needed_shortcuts(rows, tracks, found, x, MOST_ARCS)
            else:
                number = rows.size[x] * (rows.size[x] - 1)
            _note_points(rows, order, x, number, none)
            _queue(order, x)
    return 0


@kernel
def _short_of(rows: Remaining, order: Order, found: Shortcuts, v: int) -> int:
    """What taking v out might need more of than there is, or 0.

    A row that grows may double more than once, and each of its old rooms is kept.
    """
    own = rows.size[v]
    if own > MOST_NEIGHBOURS:
        return PATIENCE
    slots, longest = 0, max(own, MANY)  # longer rows are not looked at
    for slot in range(rows.first[v], rows.first[v] + own):
        slots += 4 * (rows.size[rows.node[slot]] + own)
    if slots > len(rows.node) - rows.free[USED]:
        return SLOTS
    if longest * longest > len(found.start):
        return PAIRS
    return QUEUE if order.queued[0] + own > len(order.key) else 0


@kernel
def _replace(rows: Remaining, found: Shortcuts, v: int, number: int, none: int) -> None:
    """Put the shortcuts found in place of v."""
    for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
        drop(rows, rows.node[slot], v)
    for at in range(number):
        lower(rows, found.start[at], found.end[at], found.weight[at], none)
        lower(rows, found.end[at], found.start[at], none, found.weight[at])


@kernel
def _note_points(rows: Remaining, order: Order, v: int, number: int, none: int) -> None:
    """Note what a look at v found: shortcuts for each arc that goes with it."""
    arcs = 0
    for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
        arcs += (rows.out[slot] < none) + (rows.back[slot] < none)
    order.points[v] = RATIO_POINTS * number // max(arcs, 1)
    order.stale[v] = 0
