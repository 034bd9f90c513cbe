"""What remains of a graph while nodes are taken out of it: rows of neighbours that grow and shrink.

A row holds each neighbour once, with the weight of the arc to it and of the arc back from it, so
that both directions of a road lie side by side in memory. The row of a node that was taken out
stays as it was at that moment: its neighbours are exactly the later ones, which is what the
hierarchy wants to know.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geoplan.travel.compiled import kernel
from geoplan.travel.graph import Graph, Int32s, Weights, far

SMALLEST_ROOM = 2
"""Rooms are powers of two; the smallest holds 2**2 neighbours."""
ROOM_SIZES = 31

USED = ROOM_SIZES
"""Slots handed out so far; below it in `free`, the first room given back of each size (or -1)."""


class Remaining(NamedTuple):
    """Rows of the N nodes: row v has `size[v]` neighbours in slots from `first[v]` on.

    `room` (N,) is the size of the row's room (a power of two). Of each slot, `node` is the
    neighbour, `out` the weight of the arc from v to it and `back` of the arc from it to v, `far`
    where there is none. `free` (ROOM_SIZES + 1,) keeps the rooms given back and the slots used.
    """

    first: Int32s
    size: Int32s
    room: npt.NDArray[np.int8]
    node: Int32s
    out: Weights
    back: Weights
    free: npt.NDArray[np.int64]


def remaining_rows(graph: Graph) -> Remaining:
    """All of the graph, before any node is taken out."""
    count = np.diff(graph.indptr)
    _count_one_way(graph.indptr, graph.indices, count)
    room = np.full(graph.nodes, SMALLEST_ROOM, np.int8)
    while (tight := count > np.left_shift(1, room, dtype=np.int32)).any():
        room[tight] += 1
    end = np.cumsum(np.left_shift(1, room, dtype=np.int32), dtype=np.int64)
    used = int(end[-1]) if graph.nodes else 0
    first = (end - np.left_shift(1, room, dtype=np.int32)).astype(np.int32)
    free = np.full(ROOM_SIZES + 1, -1, np.int64)
    free[USED] = used
    kind = graph.weight.dtype
    rows = Remaining(
        first,
        np.diff(graph.indptr),
        room,
        np.empty(used, np.int32),
        np.empty(used, kind),
        np.empty(used, kind),
        free,
    )
    _fill(graph.indptr, graph.indices, graph.weight, rows, far(graph.weight))
    return rows


def grown(rows: Remaining, slots: int) -> Remaining:
    """The same rows with memory for so many slots more."""
    size = len(rows.node) + slots
    wider = []
    for values in (rows.node, rows.out, rows.back):
        copy = np.empty(size, values.dtype)
        copy[: len(values)] = values
        wider.append(copy)
    return rows._replace(node=wider[0], out=wider[1], back=wider[2])


@kernel
def _arc(indptr: Int32s, indices: Int32s, start: int, end: int) -> int:
    """Where the arc from start to end stands, or -1; rows are in order, so it is cut in halves."""
    low, high = indptr[start], indptr[start + 1]
    while low < high:
        middle = (low + high) >> 1
        if indices[middle] < end:
            low = middle + 1
        else:
            high = middle
    if low < indptr[start + 1] and indices[low] == end:
        return int(low)
    return -1


@kernel
def _count_one_way(indptr: Int32s, indices: Int32s, count: Int32s) -> None:
    """Count in (changes `count`) the neighbours from which an arc comes without one back."""
    for v in range(len(indptr) - 1):
        for arc in range(indptr[v], indptr[v + 1]):
            if _arc(indptr, indices, indices[arc], v) < 0:
                count[indices[arc]] += 1


@kernel
def _fill(indptr: Int32s, indices: Int32s, weight: Weights, rows: Remaining, none: int) -> None:
    """Both directions of every arc into the rows; `size` starts with the arcs that go out."""
    for v in range(len(indptr) - 1):
        for arc in range(indptr[v], indptr[v + 1]):
            x = indices[arc]
            slot = rows.first[v] + arc - indptr[v]
            rows.node[slot] = x
            rows.out[slot] = weight[arc]
            turned = _arc(indptr, indices, x, v)
            if turned >= 0:
                rows.back[slot] = weight[turned]
            else:
                rows.back[slot] = none
                slot = rows.first[x] + rows.size[x]
                rows.size[x] += 1
                rows.node[slot] = v
                rows.out[slot] = none
                rows.back[slot] = weight[arc]


@kernel
def drop(rows: Remaining, v: int, gone: int) -> None:
    """Take the neighbour `gone` out of row v; the last one takes its slot.

    Looked for from the back, since nodes of many dead ends lose their neighbours in that order.
    """
    last = rows.first[v] + rows.size[v] - 1
    slot = last
    while rows.node[slot] != gone:
        slot -= 1
    rows.node[slot] = rows.node[last]
    rows.out[slot] = rows.out[last]
    rows.back[slot] = rows.back[last]
    rows.size[v] -= 1


@kernel
def lower(rows: Remaining, v: int, x: int, out: int, back: int) -> None:
    """Let row v know of ways to x (`out`) and back from it, where they are shorter than known."""
    first, size = rows.first[v], rows.size[v]
    for slot in range(first, first + size):
        if rows.node[slot] == x:
            rows.out[slot] = min(rows.out[slot], out)
            rows.back[slot] = min(rows.back[slot], back)
            return
    if size == 1 << rows.room[v]:
        _move(rows, v)
        first = rows.first[v]
    rows.node[first + size] = x
    rows.out[first + size] = out
    rows.back[first + size] = back
    rows.size[v] = size + 1


@kernel
def _move(rows: Remaining, v: int) -> None:
    """Row v moves into a room twice as large; its old room may be used again."""
    old, room = rows.first[v], rows.room[v]
    new = rows.free[room + 1]
    if new >= 0:
        rows.free[room + 1] = rows.node[new]
    else:
        new = rows.free[USED]
        rows.free[USED] += 2 << room
    for at in range(1 << room):
        rows.node[new + at] = rows.node[old + at]
        rows.out[new + at] = rows.out[old + at]
        rows.back[new + at] = rows.back[old + at]
    rows.node[old] = rows.free[room]
    rows.free[room] = old
    rows.first[v] = new
    rows.room[v] = room + 1
