"""The compiled loops of searches without preparation: Dijkstra's with a wheel of buckets.

A label is one int64: a time, or a time with the number of the place it leads to below it. The
nodes of one slot of the wheel are taken together; a node whose label becomes better while its
slot is being emptied is simply taken once more, so the width of a slot changes the speed and
never the answer (Dijkstra 1959; Dial 1969; correcting labels inside a bucket as in delta-stepping,
Meyer and Sanders 2003).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.travel.compiled import kernel
from geoplan.travel.graph import Int32s, Weights
from geoplan.travel.wheel import NOBODY, Marks, earliest, move, wait

PLACE_BITS = 32
"""A place's number, doubled, stands in so many bits below the time; the lowest bit says 'done'."""


class Arcs(NamedTuple):
    """The arrays of a `Graph`, as compiled loops take them."""

    indptr: Int32s
    indices: Int32s
    weight: Weights


class Rule(NamedTuple):
    """How labels are made: weights stand above `lift` bits, slots share the bits below `width`.

    Labels above `limit` are dropped.
    """

    lift: int
    width: int
    limit: int


class Legs(NamedTuple):
    """The arrays of `Joins`, and which of the places to search from: first to last - 1."""

    indptr: Int32s
    node: Int32s
    label: Ints
    first: int
    last: int


Start = tuple[Int32s, Ints]
"""Nodes (S,) at which a search starts, and their labels."""
Scratch = tuple[Marks, Int32s]
"""Marks, and room for the nodes that a search touched (N,)."""


@kernel
def spread(arcs: Arcs, rule: Rule, start: Start, marks: Marks, touched: Int32s) -> int:
    """Search on from start nodes and their labels (S,) each.

    Writes the nodes that got a label into `touched` (N,) and returns how many they are.
    """
    indptr, indices, weight = arcs
    lift, width, limit = rule
    labels, link, first = marks
    now, waiting, count = 0, 0, 0
    for at in range(len(start[0])):
        node, label = start[0][at], start[1][at]
        old = labels[node, 0]
        if label < old and label <= limit:
            labels[node, 0] = label
            if old == NOBODY:
                touched[count] = node
                count += 1
            waiting += move(node, (old, label), (first, now, width), link)
    while waiting > 0:
        now, node = earliest((first, now, width), marks)
        while node >= 0:
            after = link[node, 2]
            link[node, 3] = -1
            waiting -= 1
            here = labels[node, 0]
            for arc in range(indptr[node], indptr[node + 1]):
                end = indices[arc]
                label = here + (np.int64(weight[arc]) << lift)
                old = labels[end, 0]
                if label < old and label <= limit:
                    labels[end, 0] = label
                    if old == NOBODY:
                        touched[count] = end
                        count += 1
                    waiting += move(end, (old, label), (first, now, width), link)
            node = after
    return count


@kernel
def _from_place(arcs: Arcs, rule: Rule, legs: Legs, place: int, scratch: Scratch) -> int:
    """Search from one place; `scratch` is (marks, touched). The number of nodes touched."""
    some = slice(legs.indptr[place], legs.indptr[place + 1])
    return spread(arcs, rule, (legs.node[some], legs.label[some]), scratch[0], scratch[1])


@kernel
def _clean(count: int, scratch: Scratch) -> None:
    marks, touched = scratch
    for at in range(count):
        marks.label[touched[at], 0] = NOBODY


@kernel
def sum_places(
    arcs: Arcs, rule: Rule, legs: Legs, task: tuple[Ints, Ints], scratch: Scratch
) -> None:
    """Add the amounts (N,) in reach of each place to its sum; `task` is (amount, result)."""
    amount, result = task
    for place in range(legs.first, legs.last):
        count = _from_place(arcs, rule, legs, place, scratch)
        for at in range(count):
            result[place] += amount[scratch[1][at]]
        _clean(count, scratch)


@kernel
def time_places(
    arcs: Arcs, rule: Rule, legs: Legs, task: tuple[Int32s, Weights], scratch: Scratch
) -> None:
    """Times from targets (T,) to each place, where there is a way; `task` is (targets, result)."""
    target, result = task
    for place in range(legs.first, legs.last):
        count = _from_place(arcs, rule, legs, place, scratch)
        for row in range(len(target)):
            label = scratch[0].label[target[row], 0]
            if label != NOBODY:
                result[row, place] = label
        _clean(count, scratch)


def list_places(
    arcs: Arcs, rule: Rule, legs: Legs, wanted: Bools, scratch: Scratch
) -> tuple[Ints, Int32s, Ints]:
    """Wanted nodes (N,) in reach of each place, how many of each place, and the times."""
    places = legs.last - legs.first
    most = places * int(np.count_nonzero(wanted))  # memory that is not written to is not taken
    found = np.empty(places, np.int64), np.empty(most, np.int32), np.empty(most, np.int64)
    used = _list_places(arcs, rule, legs, (wanted, *found), scratch)
    lengths, node, time = found
    return lengths, node[:used].copy(), time[:used].copy()


@kernel
def _list_places(
    arcs: Arcs, rule: Rule, legs: Legs, task: tuple[Bools, Ints, Int32s, Ints], scratch: Scratch
) -> int:
    """As `list_places`, into (lengths, node, time) of the task; returns the sum of the lengths."""
    wanted, lengths, node, time = task
    used = 0
    for place in range(legs.first, legs.last):
        count = _from_place(arcs, rule, legs, place, scratch)
        before = used
        for at in range(count):
            if wanted[scratch[1][at]]:
                node[used] = scratch[1][at]
                time[used] = scratch[0].label[scratch[1][at], 0]
                used += 1
        lengths[place - legs.first] = used - before
        _clean(count, scratch)
    return used


@kernel
def _enter(row: int, label: int, labels: Ints) -> bool:
    """Let a label into a node's row of `labels` (N, k) if it is one of its k best; whether it is.

    Rows ascend and hold each place once.
    """
    last = labels.shape[1] - 1
    at = last
    if label >= labels[row, last]:
        return False
    for column in range(last + 1):
        old = labels[row, column]
        if old == NOBODY:
            at = column
            break
        if ((old ^ label) & (2**PLACE_BITS - 2)) == 0:
            if old <= (label | 1):
                return False
            at = column
            break
    while at > 0 and labels[row, at - 1] > label:
        labels[row, at] = labels[row, at - 1]
        at -= 1
    labels[row, at] = label
    return True


@kernel
def _take(node: int, latest: int, labels: Ints, taken: Ints) -> tuple[int, int]:
    """Mark a node's labels up to `latest` as done and copy them: how many, and the next label."""
    count = 0
    for column in range(labels.shape[1]):
        label = labels[node, column]
        if label & 1 == 0:
            if label > latest:
                return count, label
            taken[count] = label
            count += 1
            labels[node, column] = label | 1
    return count, NOBODY


@kernel
def spread_k(arcs: Arcs, rule: Rule, start: Start, marks: Marks, best: tuple[Ints, Ints]) -> None:
    """Search on until every node has its k nearest places in its row of `labels` (N, k).

    A node waits by its least label that is not done (the lowest bit); it passes on all labels of
    the slot at once. A label that is not among a node's k best is on no other node's list either.
    `best` is (labels, memory for one row of them).
    """
    indptr, indices, weight = arcs
    lift, width, limit = rule
    least, link, first = marks
    labels, taken = best
    now, waiting, last = 0, 0, labels.shape[1] - 1
    for at in range(len(start[0])):
        node, label = start[0][at], start[1][at]
        old = least[node, 0]
        if label <= limit and _enter(node, label, labels) and label < old:
            least[node, 0] = label
            waiting += move(node, (old, label), (first, now, width), link)
    while waiting > 0:
        now, node = earliest((first, now, width), marks)
        while node >= 0:
            after = link[node, 2]
            count, later = _take(node, ((now + 1) << width) - 1, labels, taken)
            least[node, 0] = later
            link[node, 3] = -1
            waiting -= 1
            if later != NOBODY:
                wait(node, later, (first, now, width), link)
                waiting += 1
            for arc in range(indptr[node], indptr[node + 1]):
                end = indices[arc]
                for at in range(count):
                    label = taken[at] + (np.int64(weight[arc]) << lift)
                    if label > limit or label >= labels[end, last]:
                        break
                    old = least[end, 0]
                    if _enter(end, label, labels) and label < old:
                        least[end, 0] = label
                        waiting += move(end, (old, label), (first, now, width), link)
            node = after
