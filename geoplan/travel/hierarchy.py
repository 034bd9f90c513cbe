"""A contraction hierarchy, and nearest places by two passes over it from end to end.

Every shortest way goes up to ever later nodes and then down again (Geisberger et al. 2008). With
the nodes in an order in which all that stand above a node come before it, one pass backward
carries times up and one pass forward carries them down to every node, as in PHAST (Delling,
Goldberg, Nowatzyk and Werneck 2011), here from all places at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.travel.compiled import kernel
from geoplan.travel.contraction import contracted
from geoplan.travel.graph import FAR_MS, Graph, Int32s, Joins, Weights
from geoplan.travel.remaining import Remaining

VERSION = 2
"""Part of the key under which hierarchies are kept: to be raised when the same graph would give
another hierarchy, or its arrays another meaning."""

PLACE_BITS = 31
"""A label is a time above so many bits of place number: the least label is the soonest place, and
of equally soon ones the lowest."""
FAR_LABEL = FAR_MS << PLACE_BITS


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A graph's nodes in an order in which all that stand above a node come before it.

    `position` (N,) is the place of each of the graph's nodes in that order. Row p from
    `indptr[p]` to `indptr[p + 1]` holds the positions above it that are joined to it (`higher`,
    (E,)), the weight of the arc up to each (`up`) and of the arc down from it (`down`), `far`
    where there is none.
    """

    graph: Graph
    position: Int32s
    indptr: Int32s
    higher: Int32s
    up: Weights
    down: Weights

    @property
    def nodes(self) -> int:
        return len(self.position)


def contract(graph: Graph) -> Hierarchy:
    """The hierarchy of a graph; the same graph gives the same one.

    Raises:
        NotLikeRoads: if the graph is too dense for a hierarchy to be worth having.
    """
    rows = contracted(graph)
    at = _sweep_order(rows)
    position = np.empty(graph.nodes, np.int32)
    position[at] = np.arange(graph.nodes, dtype=np.int32)
    indptr = np.zeros(graph.nodes + 1, np.int32)
    np.cumsum(rows.size[at], out=indptr[1:])
    higher = np.empty(indptr[-1], np.int32)
    up = np.empty(indptr[-1], graph.weight.dtype)
    down = np.empty(indptr[-1], graph.weight.dtype)
    _gather(rows, at, position, (indptr, higher, up, down))
    return Hierarchy(graph, position, indptr, higher, up, down)


@kernel
def _sweep_order(rows: Remaining) -> Int32s:
    """All nodes (N,), each after the ones above it, and near nodes near each other.

    A walk in depth from each node in turn: a node comes when all above it have come.
    """
    nodes = len(rows.size)
    order = np.empty(nodes, np.int32)
    stack = np.empty(nodes, np.int32)
    looked = np.full(nodes, -1, np.int32)
    number = 0
    for root in range(nodes):
        if looked[root] >= 0:
            continue
        looked[root] = 0
        stack[0] = root
        depth = 1
        while depth > 0:
            v = stack[depth - 1]
            if looked[v] == rows.size[v]:
                order[number] = v
                number += 1
                depth -= 1
                continue
            x = rows.node[rows.first[v] + looked[v]]
            looked[v] += 1
            if looked[x] < 0:
                looked[x] = 0
                stack[depth] = x
                depth += 1
    return order


@kernel
def _gather(
    rows: Remaining,
    at: Int32s,
    position: Int32s,
    into: tuple[Int32s, Int32s, Weights, Weights],
) -> None:
    """Write the rows of the nodes `at` (N,) one after the other into (indptr, higher, up, down)."""
    indptr, higher, up, down = into
    for p in range(len(at)):
        slot = rows.first[at[p]]
        for arc in range(indptr[p], indptr[p + 1]):
            higher[arc] = position[rows.node[slot]]
            up[arc] = rows.out[slot]
            down[arc] = rows.back[slot]
            slot += 1


def nearest(ways: Hierarchy, joins: Joins) -> tuple[Int32s, Int32s]:
    """Milliseconds (N,) from every node to the nearest place, and its number (N,).

    Of equally near places the lowest number; `far` and -1 where no place is reached.

    Raises:
        TypeError: if the weights are not int32 milliseconds.
    """
    label = np.full(ways.nodes, FAR_LABEL, np.int64)
    np.minimum.at(label, ways.position[joins.node], _start_labels(ways, joins))
    _sweep_nearest(ways.indptr, ways.higher, (ways.up, ways.down), label)
    return _split(label[ways.position])


def k_nearest(ways: Hierarchy, joins: Joins, k: int) -> tuple[Int32s, Int32s]:
    """The k nearest places of every node: milliseconds and place numbers, each (N, k).

    Sorted by time, then place number; `far` and -1 where there are fewer than k.

    Raises:
        TypeError: if the weights are not int32 milliseconds.
        ValueError: if k is below 1.
    """
    if k < 1:
        raise ValueError("k nearest places: k must be 1 or more")
    label = np.full((ways.nodes, k), FAR_LABEL, np.int64)
    start = (ways.position[joins.node], _start_labels(ways, joins))
    _sweep_k_nearest(ways.indptr, ways.higher, (ways.up, ways.down), start, label)
    return _split(label[ways.position])


@kernel
def _sweep_nearest(
    indptr: Int32s, higher: Int32s, weights: tuple[Weights, Weights], label: npt.NDArray[np.int64]
) -> None:
    """Lower every label (N,), by position, to the least that any way brings."""
    up, down = weights
    for p in range(len(label) - 1, -1, -1):
        here = label[p]
        if here < FAR_LABEL:
            for arc in range(indptr[p], indptr[p + 1]):
                item = here + (np.int64(up[arc]) << PLACE_BITS)
                if item < label[higher[arc]]:
                    label[higher[arc]] = item
    for p in range(len(label)):
        least = label[p]
        for arc in range(indptr[p], indptr[p + 1]):
            least = min(least, label[higher[arc]] + (np.int64(down[arc]) << PLACE_BITS))
        label[p] = least


@kernel
def _sweep_k_nearest(
    indptr: Int32s,
    higher: Int32s,
    weights: tuple[Weights, Weights],
    start: tuple[Int32s, npt.NDArray[np.int64]],
    label: npt.NDArray[np.int64],
) -> None:
    """As `_sweep_nearest` for the k least labels of different places, in rows (N, k) in order.

    `start` are positions and the labels (J,) that joins bring there. Only the k best of a node
    matter further on: what is later here is later wherever the way leads on from here.
    """
    up, down = weights
    row, item = start
    for join in range(len(row)):
        _insert(label[row[join]], item[join])
    for p in range(len(label) - 1, -1, -1):
        if label[p, 0] < FAR_LABEL:
            for arc in range(indptr[p], indptr[p + 1]):
                _merge(label[higher[arc]], label[p], np.int64(up[arc]) << PLACE_BITS)
    for p in range(len(label)):
        for arc in range(indptr[p], indptr[p + 1]):
            _merge(label[p], label[higher[arc]], np.int64(down[arc]) << PLACE_BITS)


@kernel
def _merge(best: npt.NDArray[np.int64], other: npt.NDArray[np.int64], leg: np.int64) -> None:
    """Into the row `best` (k,) what is among its k least of `other` (k,) after a leg."""
    for label in other:
        if label + leg >= best[-1]:
            return
        _insert(best, label + leg)


@kernel
def _insert(best: npt.NDArray[np.int64], item: int) -> None:
    """Put a label into its place in a row in order (k,), unless the row knows a sooner one."""
    at = len(best) - 1
    if item >= best[at]:
        return
    for other in range(at):
        if (best[other] ^ item) & (2**PLACE_BITS - 1) == 0:
            if best[other] <= item:
                return
            at = other
            break
    while at > 0 and best[at - 1] > item:
        best[at] = best[at - 1]
        at -= 1
    best[at] = item


def _start_labels(ways: Hierarchy, joins: Joins) -> npt.NDArray[np.int64]:
    """The label (J,) that each join brings to its node."""
    if ways.up.dtype != np.int32 or joins.weight.dtype != np.int32:
        raise TypeError("nearest places are found by int32 milliseconds")
    place = np.repeat(np.arange(joins.places, dtype=np.int64), np.diff(joins.indptr))
    labels: npt.NDArray[np.int64] = (joins.weight.astype(np.int64) << PLACE_BITS) + place
    return labels


def _split(label: npt.NDArray[np.int64]) -> tuple[Int32s, Int32s]:
    """Times and place numbers of labels; unreached ones have time `far` and place -1."""
    time = (label >> PLACE_BITS).astype(np.int32)
    place = (label & (2**PLACE_BITS - 1)).astype(np.int32)
    place[time == FAR_MS] = -1
    return time, place
