"""The order in which nodes are taken out of a graph, and what stands above each of them.

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

MOST_SETTLED = 40
"""Nodes settled in each search for a witness; more finds a few more and takes longer."""
LEVEL_POINTS = 1000
RATIO_POINTS = 1000
"""Importance of a node: its level, and shortcuts needed for each arc that goes; see `_points`."""

TAKEN, QUEUED = 0, 1
"""Entries of `Order.number`: nodes taken out so far, and nodes that wait in the queue."""


class Order(NamedTuple):
    """How far the work has come.

    `taken` (N,) lists the nodes in the order in which they went; `level` (N,) is above that of
    every neighbour that went before; `points` (N,) is the importance from the last look; a node
    is `stale` (N,) when a neighbour went since then, and -1 when it is gone itself. `key` and
    `node` are the queue; `number` (2,) see TAKEN and QUEUED.
    """

    taken: Int32s
    level: Int32s
    points: Int32s
    stale: npt.NDArray[np.int8]
    key: npt.NDArray[np.int64]
    node: Int32s
    number: npt.NDArray[np.int64]


def contracted(graph: Graph) -> tuple[Int32s, Remaining]:
    """Nodes (N,) in the order in which they went, and rows that hold each one's later neighbours.

    The same graph gives the same order.
    """
    nodes, none = graph.nodes, far(graph.weight)
    rows = remaining_rows(graph)
    order = Order(
        np.empty(nodes, np.int32),
        np.zeros(nodes, np.int32),
        np.zeros(nodes, np.int32),
        np.zeros(nodes, np.int8),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int32),
        np.zeros(2, np.int64),
    )
    waiting = np.arange(nodes - 1, -1, -1, dtype=np.int32)
    while len(waiting):
        waiting = _take_simple(rows, order, waiting, none)
    _queue_others(rows, order)
    paths = tracks(nodes, graph.weight.dtype, none)
    found = shortcuts(1 << 10, graph.weight.dtype)
    while _take_by_importance(rows, order, paths, found):
        rows = grown(rows, max(1 << 16, len(rows.node) // 4))
        most = int(rows.size.max()) ** 2
        if most > len(found.start):
            found = shortcuts(2 * most, graph.weight.dtype)
    return order.taken, rows


@kernel
def _take_simple(rows: Remaining, order: Order, waiting: Int32s, none: int) -> Int32s:
    """Take out those of the waiting nodes that have at most two neighbours; no two side by side.

    Of a chain every second node goes, so that what is left of it halves each time. Returns the
    nodes to look at next: the simple ones beside a node that went.
    """
    again = np.empty(2 * len(waiting), np.int32)
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
    later = np.empty(number, np.int32)
    kept = 0
    for x in again[:number]:
        if order.stale[x] == 1:
            order.stale[x] = 0
            if rows.size[x] <= 2:
                later[kept] = x
                kept += 1
    return later[:kept].copy()


@kernel
def _mark(rows: Remaining, order: Order, v: int) -> None:
    """Note that v is gone, and that its neighbours stand above it and need a fresh look."""
    order.stale[v] = -1
    order.taken[order.number[TAKEN]] = v
    order.number[TAKEN] += 1
    for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
        x = rows.node[slot]
        order.stale[x] = 1
        order.level[x] = max(order.level[x], order.level[v] + 1)


@kernel
def _queue_others(rows: Remaining, order: Order) -> None:
    """Put every node that is still there into the queue, as if each pair needed a shortcut."""
    for v in range(len(order.stale)):
        if order.stale[v] >= 0:
            order.stale[v] = 1
            order.points[v] = RATIO_POINTS * (rows.size[v] - 1) // 2
            _queue(order, v)


@kernel
def _queue(order: Order, v: int) -> None:
    key = LEVEL_POINTS * np.int64(order.level[v]) + order.points[v]
    item = ((key << 32) + v, v)
    order.number[QUEUED] = push(order.key, order.node, order.number[QUEUED], item)


@kernel
def _take_by_importance(rows: Remaining, order: Order, tracks: Tracks, found: Shortcuts) -> bool:
    """Take out the least important node until none is left; True if memory is short before that.

    A node's importance is looked at afresh when its turn comes and a neighbour went meanwhile.
    """
    while order.number[QUEUED] > 0:
        v = order.node[0]
        if _room_wanted(rows, v) > len(rows.node) - rows.free[USED]:
            return True
        if rows.size[v] * rows.size[v] > len(found.start):
            return True
        order.number[QUEUED] = pop(order.key, order.node, order.number[QUEUED])
        if order.stale[v] and not _first(order, v):
            _queue(order, v)
            continue
        number = needed_shortcuts(rows, tracks, found, v, MOST_SETTLED)
        if order.stale[v]:
            order.stale[v] = 0
            order.points[v] = _points(rows, v, number, tracks.time[v])
            if not _first(order, v):
                _queue(order, v)
                continue
        for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
            drop(rows, rows.node[slot], v)
        none = tracks.time[v]
        for at in range(number):
            lower(rows, found.start[at], found.end[at], found.weight[at], none)
            lower(rows, found.end[at], found.start[at], none, found.weight[at])
        _mark(rows, order, v)
    return False


@kernel
def _first(order: Order, v: int) -> bool:
    """Whether v is less important than all that wait (or equally, with a lower number)."""
    key = LEVEL_POINTS * np.int64(order.level[v]) + order.points[v]
    return bool(order.number[QUEUED] == 0 or (key << 32) + v < order.key[0])


@kernel
def _points(rows: Remaining, v: int, number: int, none: int) -> int:
    """Shortcuts for each arc that goes, in thousandths."""
    arcs = 0
    for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
        arcs += (rows.out[slot] < none) + (rows.back[slot] < none)
    return RATIO_POINTS * number // max(arcs, 1)


@kernel
def _room_wanted(rows: Remaining, v: int) -> int:
    """Slots that are enough for all shortcuts of v: a room doubles, and its old one is kept."""
    own = rows.size[v]
    wanted = 0
    for slot in range(rows.first[v], rows.first[v] + own):
        wanted += 4 * (rows.size[rows.node[slot]] + own)
    return wanted
