"""The front of the travel engine: what can be asked, and which method answers.

Every question is asked of `ways`: a `Graph`, searched without preparation, or a `Hierarchy`,
prepared once for many questions. All methods find the same whole numbers; where numba is not
installed scipy answers, slower (`SLOW`: a thing to tell people).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.travel import plain, search
from geoplan.travel.compiled import COMPILED
from geoplan.travel.graph import Graph, Int32s, Joins, Weights

if TYPE_CHECKING:
    from geoplan.travel.hierarchy import Hierarchy

Ways: TypeAlias = "Graph | Hierarchy"

SLOW = not COMPILED
"""Whether travel times are found without compiled loops: the same times, several times slower."""

LARGE_NODES = 50_000
"""From so many nodes a hierarchy pays for a single run; the bundled network has 15,000."""

SAMPLED_PLACES = 5
# What range sums cost in each way, in nodes swept for one place (measured on road graphs of 0.2 and
# 1 million nodes, reaches from 0.05 to 90 % of them: the break-even lies near these numbers).
SWEPT_PER_REACHED = 150
SWEPT_PER_NODE_ONCE = 10
SWEPT_PER_AMOUNT = 6


def worth_preparing(graph: Graph) -> bool:
    """Whether a hierarchy pays: for a large graph, where loops are compiled."""
    return not SLOW and graph.nodes >= LARGE_NODES


def nearest(ways: Ways, joins: Joins) -> tuple[Weights, Int32s]:
    """The nearest place of every node: time (N,) in ms and number (N,), far and -1 where none.

    Of places equally near the lowest number is taken.

    Raises:
        ValueError: if weights are not int32, or joins do not fit the graph.
    """
    graph = _checked(ways, joins, one_number=True)
    if SLOW:
        return plain.nearest(graph, joins)
    if isinstance(ways, Graph):
        return search.nearest(graph, joins)
    from geoplan.travel import sweeps

    return sweeps.nearest(ways, joins)


def k_nearest(ways: Ways, joins: Joins, k: int) -> tuple[Weights, Int32s]:
    """The k nearest places of every node, (N, k) each, by time and then by number.

    Where a node has fewer, the row is filled up with far and -1.

    Raises:
        ValueError: if k is below 1, weights are not int32, or joins do not fit the graph.
    """
    if k < 1:
        raise ValueError("k must be at least 1")
    graph = _checked(ways, joins, one_number=True)
    if SLOW:
        return plain.k_nearest(graph, joins, k)
    if isinstance(ways, Graph):
        return search.k_nearest(graph, joins, k)
    from geoplan.travel import sweeps

    return sweeps.k_nearest(ways, joins, k)


def times(ways: Ways, joins: Joins, targets: Ints | Int32s) -> Weights:
    """Times (T, m) from the target nodes (T,) to every place, far where there is no way.

    Raises:
        ValueError: if a target is no node, or joins do not fit the graph.
    """
    graph = _checked(ways, joins)
    _check_nodes(targets, graph.nodes)
    if SLOW:
        return plain.times(graph, joins, targets)
    if isinstance(ways, Graph):
        return search.times(graph, joins, targets)
    from geoplan.travel import lanes

    return lanes.times(ways, joins, targets)


def sums_within(ways: Ways, joins: Joins, amount: Ints, limit: int) -> Ints:
    """For each place (m,) the sum of `amount` (N,) over the nodes at most `limit` away.

    `limit` is a weight of the graph's kind.

    Raises:
        ValueError: if there is not one whole amount a node, or joins do not fit the graph.
    """
    graph = _checked(ways, joins)
    if amount.shape != (graph.nodes,) or amount.dtype != np.int64:
        raise ValueError("there must be one amount for each node, a whole number (int64)")
    if SLOW:
        return plain.sums_within(graph, joins, amount, limit)
    if isinstance(ways, Graph) or _reach_is_short(graph, joins, amount, limit):
        return search.sums_within(graph, joins, amount, limit)
    from geoplan.travel import lanes

    return lanes.sums_within(ways, joins, amount, limit)


def lists_within(
    ways: Ways, joins: Joins, limit: int, wanted: Bools
) -> tuple[Ints, Int32s, Weights]:
    """The wanted nodes (N,) at most `limit` from each place, as rows: indptr (m + 1,), node, time.

    Within a row the nodes ascend.

    Raises:
        ValueError: if `wanted` has not one yes or no a node, or joins do not fit the graph.
    """
    graph = _checked(ways, joins)
    if wanted.shape != (graph.nodes,) or wanted.dtype != np.bool_:
        raise ValueError("there must be one yes or no for each node")
    if SLOW:
        return plain.lists_within(graph, joins, limit, wanted)
    return search.lists_within(graph, joins, limit, wanted)


def _reach_is_short(graph: Graph, joins: Joins, amount: Ints, limit: int) -> bool:
    """Whether searches that end at the limit cost less than sweeps of the hierarchy.

    A search costs by the nodes it reaches, which a few places tell, evenly spread. Sweeps cost
    something once, and then by the nodes they pass over: some for each node with an amount, and
    all at most.
    """
    sample = np.unique(np.linspace(0, joins.places - 1, SAMPLED_PLACES).astype(np.int64))
    if joins.places <= len(sample):
        return True
    reached = search.reached(graph, joins, limit, sample).mean()
    swept = min(graph.nodes, SWEPT_PER_AMOUNT * int(np.count_nonzero(amount)))
    once = SWEPT_PER_NODE_ONCE * graph.nodes / joins.places
    return bool(reached * SWEPT_PER_REACHED < swept + once)


def _checked(ways: Ways, joins: Joins, one_number: bool = False) -> Graph:
    """The graph of `ways`; compiled loops check nothing, so what could lead them astray stops here.

    Raises:
        ValueError: if joins do not fit the graph, or its weights are two numbers in one where
            `one_number` is asked for.
    """
    graph = ways if isinstance(ways, Graph) else ways.graph
    if joins.weight.dtype != graph.weight.dtype:
        raise ValueError("the legs of the joins are not of the graph's kind")
    if one_number and graph.weight.dtype != np.int32:
        raise ValueError("the nearest place is sought by milliseconds alone (int32)")
    _check_nodes(joins.node, graph.nodes)
    if len(joins.weight) and joins.weight.min() < 0:
        raise ValueError("a leg takes less than no time")
    return graph


def _check_nodes(node: Ints | Int32s, nodes: int) -> None:
    if len(node) and (node.min() < 0 or node.max() >= nodes):
        raise ValueError("a node is named that is not there")
