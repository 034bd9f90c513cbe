"""The road graph as arrays, turned round: a search that starts at a site finds the trips to it.

Weights are whole numbers: milliseconds in int32, or in int64 two numbers in one (see
`network.WEIGHT_UNIT`). No trip may take as long as `far(weight)`; such a node counts as not
reached, which is a state and never a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from geoplan.model import Floats, Ints

Int32s = npt.NDArray[np.int32]
Uint32s = npt.NDArray[np.uint32]
Number: TypeAlias = "int | np.integer[Any]"
Weights = npt.NDArray[np.int32] | npt.NDArray[np.int64]

FAR_MS = 2**30
"""Twelve days: no trip is longer, and two such numbers still fit into 32 bits."""
FAR_COMBINED = 2**61
HILBERT_BITS = 16


@dataclass(frozen=True, slots=True)
class Graph:
    """Row v of the N rows holds the nodes from which v is driven to directly, lowest first.

    `indptr` (N + 1,), `indices` (M,) and `weight` (M,); no loops, no parallel arcs.
    """

    indptr: Int32s
    indices: Int32s
    weight: Weights

    @property
    def nodes(self) -> int:
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True)
class Joins:
    """Places joined to the graph: place p at nodes node[indptr[p]:indptr[p + 1]].

    `weight` (J,) is the time of the leg between the place and the node, of the graph's kind.
    A place without a node is reached from nowhere.
    """

    indptr: Int32s
    node: Int32s
    weight: Weights

    @property
    def places(self) -> int:
        return len(self.indptr) - 1

    @staticmethod
    def at_nodes(node: Ints | Int32s, graph: Graph) -> Joins:
        """Places that stand at nodes themselves."""
        return Joins(
            np.arange(len(node) + 1, dtype=np.int32),
            node.astype(np.int32),
            np.zeros(len(node), graph.weight.dtype),
        )


def far(weight: Weights) -> int:
    """What stands for 'not reached' beside weights of this kind."""
    return FAR_MS if weight.dtype == np.int32 else FAR_COMBINED


def unsigned(index: Int32s) -> Uint32s:
    """The same numbers, none below 0, as unsigned ones, for hot compiled loops to go by.

    numba asks of every signed index whether it counts from the end, which takes half of the time
    of a sweep. A loop stays unsigned only if all it adds to its indices is (`np.uint64(1)`).
    """
    return index.view(np.uint32)


def build_graph(nodes: int, start: Ints, end: Ints, weight: Weights) -> Graph:
    """The graph of directed edges (M,), turned round; of parallel edges the fastest stays.

    Two counting sorts (by start, then by end) put every row in order; loops lead nowhere and are
    left out, and so are edges that take as long as `far`.

    Raises:
        ValueError: if an edge names a node below 0 or not below `nodes`, or takes less than none.
    """
    if len(start) and (min(start.min(), end.min()) < 0 or max(start.max(), end.max()) >= nodes):
        raise ValueError("an edge names a node that is not there")
    if len(weight) and weight.min() < 0:
        raise ValueError("an edge takes less than no time")
    kept = (start != end) & (weight < far(weight))
    start, end, weight = start[kept], end[kept], weight[kept]
    order = np.argsort(start, kind="stable")  # numpy sorts integers by counting digits
    order = order[np.argsort(end[order], kind="stable")]
    start, end, weight = start[order], end[order], weight[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    at = np.flatnonzero(fresh)
    least = np.minimum.reduceat(weight, at) if len(at) else weight
    indptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(end[at], minlength=nodes), out=indptr[1:])
    return Graph(indptr, start[at].astype(np.int32), least)


def hilbert_order(xy: Floats) -> Ints:
    """Positions of the points (N, 2) along a Hilbert curve, so that near nodes lie near in memory.

    Hilbert 1891; the turn of each quadrant as in Warren, Hacker's Delight, 2nd ed., 16-2.
    """
    span = max(float(np.ptp(xy, axis=0).max()), 1e-9) if len(xy) else 1.0
    cells = (xy - (xy.min(axis=0) if len(xy) else 0)) / span * (2**HILBERT_BITS - 1)
    x, y = cells[:, 0].astype(np.int64), cells[:, 1].astype(np.int64)
    along = np.zeros(len(xy), np.int64)
    for bit in reversed(range(HILBERT_BITS)):
        side = 1 << bit
        right, up = (x & side) > 0, (y & side) > 0
        along += side * side * ((3 * right) ^ up)
        x, y = x & (side - 1), y & (side - 1)
        flipped = ~up & right
        x, y = np.where(flipped, side - 1 - x, x), np.where(flipped, side - 1 - y, y)
        x, y = np.where(up, x, y), np.where(up, y, x)
    return np.argsort(along, kind="stable")
