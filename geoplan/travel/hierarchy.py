"""A contraction hierarchy: a graph's nodes in order, and ways up and down between them.

Every shortest way goes up to ever later nodes and then down again (Geisberger et al. 2008). With
the nodes in an order in which all that stand above a node come before it, one pass backward
carries times up and one pass forward carries them down to every node, as in PHAST (Delling,
Goldberg, Nowatzyk and Werneck 2011): see `sweeps` and `lanes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.travel.compiled import kernel
from geoplan.travel.contraction import contracted
from geoplan.travel.graph import Graph, Int32s, Weights
from geoplan.travel.remaining import Remaining

VERSION = 3
"""Part of the key under which hierarchies are kept: to be raised when the same graph would give
another hierarchy, or its arrays another meaning."""
PATCH = 2**15
"""So many nodes are put in order together; measured from 2**10 to 2**24 on road graphs of 0.2 and
1 million nodes, the nearest place and the 5 nearest: times are flat around here."""


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


def _sweep_order(rows: Remaining) -> Int32s:
    """All nodes (N,), each after the ones above it: a walk in patches, each by level.

    A walk keeps near nodes near, and patches of it stay in the cache. In a patch rows of one level
    do not wait for each other's labels, and where rows of equal length lie side by side the
    processor foresees their ends. Nothing above a node comes later in the walk, so it is in an
    earlier patch, or on a lower level of the same one.
    """
    every = np.arange(len(rows.size), dtype=np.int32)
    at = walk((rows.first, rows.size, rows.node), every)
    level = np.zeros(len(at), np.int32)
    _fill_levels(rows, at, level)
    return at[np.lexsort((rows.size[at], level[at], every // PATCH))]


def walk(rows: tuple[Int32s, Int32s, Int32s], roots: Int32s) -> Int32s:
    """Roots and all above them, each after the ones above it, and near ones near each other.

    Of row v in `rows` (first, size, higher) the nodes above are the `size[v]` from `first[v]` on.
    A walk in depth from each root in turn: a node comes when all above it have come.
    """
    order, stack, looked = np.full((3, len(rows[1])), -1, np.int32)
    return order[: _walk(rows, roots, (order, stack, looked))].copy()


@kernel
def _walk(
    rows: tuple[Int32s, Int32s, Int32s], roots: Int32s, into: tuple[Int32s, Int32s, Int32s]
) -> int:
    """Write the walk into the first of three arrays (N,), all -1 before; returns its length."""
    first, size, higher = rows
    order, stack, looked = into
    number = 0
    for root in roots:
        if looked[root] >= 0:
            continue
        looked[root] = 0
        stack[0] = root
        depth = 1
        while depth > 0:
            v = stack[depth - 1]
            if looked[v] == size[v]:
                order[number] = v
                number += 1
                depth -= 1
                continue
            x = higher[first[v] + looked[v]]
            looked[v] += 1
            if looked[x] < 0:
                looked[x] = 0
                stack[depth] = x
                depth += 1
    return number


@kernel
def _fill_levels(rows: Remaining, order: Int32s, level: Int32s) -> None:
    """The most steps (N,) from each node up to one with none above; `order` is from above.

    `level` is 0 before.
    """
    for v in order:
        for slot in range(rows.first[v], rows.first[v] + rows.size[v]):
            level[v] = max(level[v], level[rows.node[slot]] + 1)


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
