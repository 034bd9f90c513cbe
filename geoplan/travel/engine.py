"""The front of the travel engine: what can be asked, and which method answers.

Every question is asked of `ways`: a `Graph`, searched without preparation, or a `Hierarchy`,
prepared once for many questions. All methods find the same whole numbers; where numba is not
installed scipy answers, slower.
"""

from __future__ import annotations

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.travel import plain
from geoplan.travel.graph import Graph, Int32s, Joins, Weights

Ways = Graph


def nearest(ways: Ways, joins: Joins) -> tuple[Weights, Int32s]:
    """The nearest place of every node: time (N,) in ms and number (N,), far and -1 where none.

    Of places equally near the lowest number is taken.

    Raises:
        ValueError: if weights are not int32, or joins do not fit the graph.
    """
    _check_joins(ways, joins, one_number=True)
    return plain.nearest(ways, joins)


def k_nearest(ways: Ways, joins: Joins, k: int) -> tuple[Weights, Int32s]:
    """The k nearest places of every node, (N, k) each, by time and then by number.

    Where a node has fewer, the row is filled up with far and -1.

    Raises:
        ValueError: if k is below 1, weights are not int32, or joins do not fit the graph.
    """
    if k < 1:
        raise ValueError("k must be at least 1")
    _check_joins(ways, joins, one_number=True)
    return plain.k_nearest(ways, joins, k)


def times(ways: Ways, joins: Joins, targets: Ints | Int32s) -> Weights:
    """Times (T, m) from the target nodes (T,) to every place, far where there is no way.

    Raises:
        ValueError: if a target is no node, or joins do not fit the graph.
    """
    _check_joins(ways, joins)
    _check_nodes(targets, ways.nodes)
    return plain.times(ways, joins, targets)


def sums_within(ways: Ways, joins: Joins, amount: Ints, limit: int) -> Ints:
    """For each place (m,) the sum of `amount` (N,) over the nodes at most `limit` away.

    `limit` is a weight of the graph's kind.

    Raises:
        ValueError: if there is not one amount a node, or joins do not fit the graph.
    """
    _check_joins(ways, joins)
    if len(amount) != ways.nodes:
        raise ValueError("there must be one amount for each node")
    return plain.sums_within(ways, joins, amount, limit)


def lists_within(
    ways: Ways, joins: Joins, limit: int, wanted: Bools
) -> tuple[Ints, Int32s, Weights]:
    """The wanted nodes (N,) at most `limit` from each place, as rows: indptr (m + 1,), node, time.

    Within a row the nodes ascend.

    Raises:
        ValueError: if `wanted` has not one entry a node, or joins do not fit the graph.
    """
    _check_joins(ways, joins)
    if len(wanted) != ways.nodes:
        raise ValueError("there must be one entry for each node")
    return plain.lists_within(ways, joins, limit, wanted)


def _check_joins(graph: Graph, joins: Joins, one_number: bool = False) -> None:
    """Compiled loops check nothing, so what could lead them out of an array stops here."""
    if joins.weight.dtype != graph.weight.dtype:
        raise ValueError("the legs of the joins are not of the graph's kind")
    if one_number and graph.weight.dtype != np.int32:
        raise ValueError("the nearest place is sought by milliseconds alone (int32)")
    _check_nodes(joins.node, graph.nodes)
    if len(joins.weight) and joins.weight.min() < 0:
        raise ValueError("a leg takes less than no time")


def _check_nodes(node: Ints | Int32s, nodes: int) -> None:
    if len(node) and (node.min() < 0 or node.max() >= nodes):
        raise ValueError("a node is named that is not there")
