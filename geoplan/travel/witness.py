"""Which shortcuts taking a node out would need: short searches for a way round it.

A way through v from u to x may be left out if another way from u to x that avoids v takes no
longer (a witness: Geisberger, Sanders, Schultes and Delling 2008). The search gives up early;
a witness that was not found costs one shortcut too many and never a wrong time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.travel.compiled import kernel
from geoplan.travel.graph import Int32s, Number, Weights
from geoplan.travel.remaining import Remaining

HEAP_SIZE = 1 << 14


class Tracks(NamedTuple):
    """Memory of the short searches, clean between two of them.

    `time` (N,) from the start, `far` where not seen; `goal` (N,) the time to beat at the nodes
    that are asked for, -1 elsewhere; `seen` lists nodes with a time; `key` and `node` are a heap.
    """

    time: Weights
    goal: Weights
    seen: Int32s
    key: Weights
    node: Int32s


class Shortcuts(NamedTuple):
    """Ways through one node that must be kept: from `start` to `end` in `weight`."""

    start: Int32s
    end: Int32s
    weight: Weights


def tracks(nodes: int, dtype: np.dtype[np.generic], none: int) -> Tracks:
    """Clean memory for searches among so many nodes."""
    return Tracks(
        np.full(nodes, none, dtype),
        np.full(nodes, -1, dtype),
        np.empty(HEAP_SIZE, np.int32),
        np.empty(HEAP_SIZE, dtype),
        np.empty(HEAP_SIZE, np.int32),
    )


def shortcuts(most: int, dtype: np.dtype[np.generic]) -> Shortcuts:
    """Memory for so many shortcuts."""
    return Shortcuts(np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, dtype))


@kernel
def push(key: Weights, node: Int32s, size: int, item: tuple[int, Number]) -> int:
    """Put (key, node) into a binary heap of `size` items; returns the new size.

    Positions are unsigned here, in `pop` and in `_search`, as `graph.unsigned` tells why.
    """
    at, one, top = np.uint64(size), np.uint64(1), np.uint64(0)
    while at > top:
        above = (at - one) >> one
        if key[above] <= item[0]:
            break
        key[at] = key[above]
        node[at] = node[above]
        at = above
    key[at] = item[0]
    node[at] = item[1]
    return size + 1


@kernel
def pop(key: Weights, node: Int32s, size: int) -> int:
    """Take the first item away; returns the new size."""
    size -= 1
    one = np.uint64(1)
    end, at, child = np.uint64(size), np.uint64(0), one
    last = key[end]
    while child < end:
        if child + one < end and key[child + one] < key[child]:
            child += one
        if key[child] >= last:
            break
        key[at] = key[child]
        node[at] = node[child]
        at = child
        child = at + at + one
    key[at] = last
    node[at] = node[end]
    return size


@kernel
def _search(
    rows: Remaining, tracks: Tracks, ends: tuple[int, int], open_goals: int, most: int
) -> int:
    """Times from ends[0] avoiding ends[1], until every goal is met or `most` arcs are tried.

    Returns how many nodes `tracks.seen` lists. Goals that cannot be met any more end it too: the
    search stops at the longest goal.
    """
    start, avoided = ends
    longest = 0
    for slot in range(rows.first[avoided], rows.first[avoided] + rows.size[avoided]):
        longest = max(longest, tracks.goal[rows.node[slot]])
    tracks.time[start] = 0
    tracks.time[avoided] = -1  # nothing comes sooner, so no way is followed through it
    tracks.seen[0] = start
    tracks.seen[1] = avoided
    seen = 2
    waiting = push(tracks.key, tracks.node, 0, (0, start))
    while waiting > 0 and most > 0:
        time, v = tracks.key[0], np.uint32(tracks.node[0])
        waiting = pop(tracks.key, tracks.node, waiting)
        if time > tracks.time[v]:
            continue
        most -= rows.size[v]
        first = np.uint64(rows.first[v])
        for slot in range(first, first + np.uint64(rows.size[v])):
            x = np.uint32(rows.node[slot])
            later = time + rows.out[slot]
            if later >= tracks.time[x] or later > longest:
                continue
            if max(waiting, seen) == HEAP_SIZE:
                return seen
            if tracks.time[x] > longest:
                tracks.seen[seen] = x
                seen += 1
            if later <= tracks.goal[x] < tracks.time[x]:
                open_goals -= 1
            tracks.time[x] = later
            if open_goals == 0:
                return seen
            waiting = push(tracks.key, tracks.node, waiting, (later, x))
    return seen


@kernel
def needed_shortcuts(rows: Remaining, tracks: Tracks, found: Shortcuts, v: int, most: int) -> int:
    """Find the shortcuts that taking v out needs (into `found`); returns how many.

    `most` arcs are tried in each search. `found` must have room for all pairs of neighbours.
    """
    none = tracks.time[v]
    first, last = rows.first[v], rows.first[v] + rows.size[v]
    number = 0
    for one in range(first, last):
        if rows.back[one] >= none:
            continue
        goals = 0
        for other in range(first, last):
            through = rows.back[one] + rows.out[other]
            if other != one and through < none:
                tracks.goal[rows.node[other]] = through
                goals += 1
        if goals == 0:
            continue
        seen = _search(rows, tracks, (rows.node[one], v), goals, most)
        for other in range(first, last):
            x = rows.node[other]
            if tracks.goal[x] >= 0 and tracks.time[x] > tracks.goal[x]:
                found.start[number] = rows.node[one]
                found.end[number] = x
                found.weight[number] = tracks.goal[x]
                number += 1
            tracks.goal[x] = -1
        for at in range(seen):
            tracks.time[tracks.seen[at]] = none
    return number
