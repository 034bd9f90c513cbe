"""The questions of the engine answered by scipy's Dijkstra, where no compiler is installed.

It is also the judge in the tests of every faster method. scipy searches in float64, which holds
whole numbers exactly up to 2**53; a time beyond that is refused and never rounded. Stored zeros
of a sparse matrix are edges of no time to scipy's searches, as they are here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geoplan.model import Bools, Floats, Ints
from geoplan.travel.graph import Graph, Int32s, Joins, Weights, far

EXACT = 2**53
"""Whole numbers up to here are exact in float64."""
BATCH_BYTES = 2**27
"""The searches of one batch of places may fill this much memory."""
TIME_SHIFT = 32
"""A time and a place number packed into one int64: the time stands above these bits."""


def nearest(graph: Graph, joins: Joins) -> tuple[Weights, Int32s]:
    """The nearest place of every node: its time (N,) and number (N,), far and -1 where none.

    One search from one more node that leads to all joins. Every weight is multiplied by the
    number of places and each leg has its place's number added, so a sum tells both the time and
    the place, and of equal times the lowest number wins.

    Raises:
        ValueError: if there are so many places that such sums would no longer be exact.
    """
    places, limit = max(joins.places, 1), far(graph.weight)
    if places > EXACT // limit:
        raise ValueError("too many places for one exact search")
    legs = joins.weight.astype(np.float64) * places + _place_of_leg(joins)
    ends = np.array([0, len(legs)])
    wide = _with_places(graph, places, joins.node, (legs, ends))
    found = dijkstra(wide, indices=graph.nodes)[: graph.nodes]
    reached = found < float(limit) * places
    time, place = np.divmod(np.where(reached, found, 0).astype(np.int64), places)
    return (
        np.where(reached, time, limit).astype(np.int32),
        np.where(reached, place, -1).astype(np.int32),
    )


def k_nearest(graph: Graph, joins: Joins, k: int) -> tuple[Weights, Int32s]:
    """The k nearest places of every node, (N, k) times and numbers, by time and then number.

    Batch by batch: the times to all places of the batch beside the best so far, sorted, cut at k.
    """
    limit = far(graph.weight)
    nobody = np.int64(limit) << TIME_SHIFT
    best = np.full((graph.nodes, k), nobody)
    for first, found in _batches(graph, joins):
        number = np.arange(first, first + len(found))[:, None]
        packed = np.where(found < limit, (found << TIME_SHIFT) | number, nobody)
        best = np.sort(np.hstack([best, packed.T]), axis=1)[:, :k]
    time, place = best >> TIME_SHIFT, best & (2**TIME_SHIFT - 1)
    return time.astype(np.int32), np.where(time < limit, place, -1).astype(np.int32)


def times(graph: Graph, joins: Joins, targets: Ints | Int32s) -> Weights:
    """Times (T, m) from the target nodes to every place, far where there is no way."""
    result = np.full((len(targets), joins.places), far(graph.weight), graph.weight.dtype)
    for first, found in _batches(graph, joins):
        result[:, first : first + len(found)] = found[:, targets].T
    return result


def sums_within(graph: Graph, joins: Joins, amount: Ints, limit: int) -> Ints:
    """For each place (m,) the sum of `amount` (N,) over the nodes at most `limit` away."""
    total = np.zeros(joins.places, np.int64)
    for first, found in _batches(graph, joins, limit):
        for row, time in enumerate(found):
            total[first + row] = amount[_inside(time, graph, limit)].sum()
    return total


def lists_within(
    graph: Graph, joins: Joins, limit: int, wanted: Bools
) -> tuple[Ints, Int32s, Weights]:
    """The wanted nodes (N,) at most `limit` from each place, as rows: indptr (m + 1,), node, time.

    Within a row the nodes ascend.
    """
    indptr = np.zeros(joins.places + 1, np.int64)
    node: list[Int32s] = [np.zeros(0, np.int32)]
    time_of: list[Ints] = [np.zeros(0, np.int64)]
    for first, found in _batches(graph, joins, limit):
        for row, time in enumerate(found):
            near = np.flatnonzero(_inside(time, graph, limit) & wanted)
            node.append(near.astype(np.int32))
            time_of.append(time[near])
            indptr[first + row + 1] = len(near)
    listed = np.empty(indptr.sum(), graph.weight.dtype)
    listed[:] = np.concatenate(time_of)
    return np.cumsum(indptr), np.concatenate(node), listed


def _inside(time: Ints, graph: Graph, limit: int) -> Bools:
    return (time <= limit) & (time < far(graph.weight))


def _batches(graph: Graph, joins: Joins, limit: int | None = None) -> Iterator[tuple[int, Ints]]:
    """Batch by batch of places: the number of the first, and times (b, N) from the nodes to each.

    Times beyond `limit` may come as far.

    Raises:
        ValueError: if a time is too great to be exact.
    """
    most = far(graph.weight)
    bound = np.inf if limit is None else float(limit)
    size = max(1, BATCH_BYTES // (16 * (graph.nodes + 1)))
    for first in range(0, joins.places, size) if bound >= 0 else ():
        ends = joins.indptr[first : first + size + 1].astype(np.int64)
        legs = joins.weight[ends[0] : ends[-1]].astype(np.float64)
        wide = _with_places(graph, 1, joins.node[ends[0] : ends[-1]], (legs, ends - ends[0]))
        starts = np.arange(graph.nodes, wide.shape[0])
        found: Floats = dijkstra(wide, indices=starts, limit=bound)[:, : graph.nodes]
        reached = found < most
        if found.max(where=reached, initial=0) >= EXACT:
            raise ValueError("a time is too great to be exact without compiled searches")
        yield first, np.where(reached, found, most).astype(np.int64)


def _with_places(
    graph: Graph, factor: int, node: Int32s, rows: tuple[Floats, npt.NDArray[np.int64]]
) -> csr_matrix:
    """The graph, its weights times `factor`, and one more node a row of `rows`.

    `rows` holds the legs' weights and where each row begins and ends among them. Legs lead out
    of the new nodes and none into them, so no way leads through a place.
    """
    legs, ends = rows
    size = graph.nodes + len(ends) - 1
    weight = np.concatenate([graph.weight.astype(np.float64) * factor, legs])
    indices = np.concatenate([graph.indices, node])
    indptr = np.concatenate([graph.indptr, graph.indptr[-1] + ends[1:]])
    return csr_matrix((weight, indices, indptr), (size, size))


def _place_of_leg(joins: Joins) -> Ints:
    return np.repeat(np.arange(joins.places), np.diff(joins.indptr))
