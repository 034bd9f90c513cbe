"""Searches without preparation find the whole numbers of scipy and networkx, on any graph."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from geoplan.travel import plain, search
from geoplan.travel.graph import FAR_MS, Graph, Joins, build_graph, far

METHODS = [plain, search]
MODELLED = 2**26
"""Combined weights: milliseconds times this, and modelled milliseconds."""


def made(nodes: int, edges: list[tuple[int, int, int]], kind: type = np.int32) -> Graph:
    rows = np.array(edges, np.int64).reshape(-1, 3)
    return build_graph(nodes, rows[:, 0], rows[:, 1], rows[:, 2].astype(kind))


def joined(legs: list[list[tuple[int, int]]], kind: type = np.int32) -> Joins:
    """Legs (node, time) of each place."""
    flat = np.array([leg for place in legs for leg in place], np.int64).reshape(-1, 2)
    ends = np.cumsum([0, *(len(place) for place in legs)])
    return Joins(ends.astype(np.int32), flat[:, 0].astype(np.int32), flat[:, 1].astype(kind))


@st.composite
def questions(draw: st.DrawFn, combined: bool = False) -> tuple[Graph, Joins]:
    """A small directed graph and places: loops, parallel edges, no time, loose parts and all."""
    nodes = draw(st.integers(1, 12))
    node = st.integers(0, nodes - 1)
    least_to_most = st.sampled_from([3, 1000, 300_000, FAR_MS - 1])
    most = draw(least_to_most) if not combined else 90_000
    ms = st.integers(0, most)
    if combined:
        ms = st.builds(lambda a, b: max(a, b) * MODELLED + min(a, b), ms, ms)
    kind = np.int64 if combined else np.int32
    edges = draw(st.lists(st.tuples(node, node, ms), max_size=40))
    legs = draw(st.lists(st.lists(st.tuples(node, ms), max_size=3), max_size=7))
    return made(nodes, edges, kind), joined(legs, kind)


def by_networkx(graph: Graph, joins: Joins) -> np.ndarray:
    """Times (N, m) from every node to every place, one after the other."""
    ways = nx.DiGraph()
    ways.add_nodes_from(range(graph.nodes))
    for node in range(graph.nodes):
        for arc in range(graph.indptr[node], graph.indptr[node + 1]):
            ways.add_edge(node, int(graph.indices[arc]), weight=int(graph.weight[arc]))
    result = np.full((graph.nodes, joins.places), far(graph.weight), np.int64)
    for place in range(joins.places):
        for leg in range(joins.indptr[place], joins.indptr[place + 1]):
            found = nx.single_source_dijkstra_path_length(ways, int(joins.node[leg]))
            for node, time in found.items():
                time += int(joins.weight[leg])
                result[node, place] = min(result[node, place], time)
    return result


def sorted_out(times: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest by a full sort of (time, place) in plain Python."""
    time = np.full((len(times), k), FAR_MS)
    place = np.full((len(times), k), -1)
    for node, row in enumerate(times):
        best = sorted((int(ms), at) for at, ms in enumerate(row) if ms < FAR_MS)[:k]
        for rank, (ms, at) in enumerate(best):
            time[node, rank], place[node, rank] = ms, at
    return time, place


@pytest.mark.parametrize("method", METHODS)
@given(asked=questions(), k=st.integers(1, 4), limit=st.integers(-1, 400_000))
@example(asked=(made(1, []), joined([[(0, 0)], []])), k=2, limit=0)
@example(asked=(made(2, [(0, 1, 0), (1, 0, 0)]), joined([[(0, 0)], [(1, 0)]])), k=2, limit=0)
@example(asked=(made(2, [(0, 1, FAR_MS - 1)]), joined([[(1, 1)], [(1, 0)]])), k=1, limit=FAR_MS)
def test_every_question_as_networkx(
    method: object, asked: tuple[Graph, Joins], k: int, limit: int
) -> None:
    graph, joins = asked
    truth = by_networkx(graph, joins)
    _judge(method, asked, truth, limit)
    for time, place, (best, who) in (
        (*method.k_nearest(graph, joins, k), sorted_out(truth, k)),
        (*(x[:, None] for x in method.nearest(graph, joins)), sorted_out(truth, 1)),
    ):
        np.testing.assert_array_equal(time, best)
        np.testing.assert_array_equal(place, who)
        assert (time.dtype, place.dtype) == (np.int32, np.int32)


@pytest.mark.parametrize("method", METHODS)
@given(asked=questions(combined=True), limit=st.integers(0, 200_000))
def test_combined_weights_as_networkx(
    method: object, asked: tuple[Graph, Joins], limit: int
) -> None:
    _judge(method, asked, by_networkx(*asked), limit * MODELLED)


def _judge(method: object, asked: tuple[Graph, Joins], truth: np.ndarray, limit: int) -> None:
    """Times, sums and lists are those of the true times (N, m)."""
    graph, joins = asked
    truth = np.minimum(truth, far(graph.weight))
    targets = np.arange(graph.nodes)[::-2]
    found = method.times(graph, joins, targets)
    assert found.dtype == graph.weight.dtype
    np.testing.assert_array_equal(found, truth[targets])
    near = (truth <= limit) & (truth < far(graph.weight))
    amount = 10 ** np.arange(graph.nodes)
    np.testing.assert_array_equal(
        method.sums_within(graph, joins, amount, limit), (near * amount[:, None]).sum(axis=0)
    )
    wanted = np.arange(graph.nodes) % 3 != 1
    indptr, node, time = method.lists_within(graph, joins, limit, wanted)
    place, at = np.nonzero((near & wanted[:, None]).T)
    np.testing.assert_array_equal(np.repeat(np.arange(joins.places), np.diff(indptr)), place)
    np.testing.assert_array_equal(node, at)
    np.testing.assert_array_equal(time, truth[at, place])
    assert time.dtype == graph.weight.dtype


@given(asked=questions())
def test_no_detour_is_faster(asked: tuple[Graph, Joins]) -> None:
    graph, joins = asked
    to_place = METHODS[-1].times(graph, joins, np.arange(graph.nodes)).astype(np.int64)
    between = METHODS[-1].times(
        graph, Joins.at_nodes(np.arange(graph.nodes), graph), np.arange(graph.nodes)
    )
    for by in range(graph.nodes):
        through = between[:, by, None].astype(np.int64) + to_place[by]
        assert (to_place <= through).all()


@given(asked=questions(), seed=st.integers(0, 2**16))
def test_numbering_changes_no_answer(asked: tuple[Graph, Joins], seed: int) -> None:
    graph, joins = asked
    dice = np.random.default_rng(seed)
    new = dice.permutation(graph.nodes).astype(np.int32)
    end = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    edge = dice.permutation(len(graph.weight))
    other = build_graph(
        graph.nodes, new[graph.indices[edge]].astype(np.int64), new[end[edge]], graph.weight[edge]
    )
    moved = Joins(joins.indptr, new[joins.node], joins.weight)
    for method in METHODS:
        for before, after in zip(
            (*method.nearest(graph, joins), *method.k_nearest(graph, joins, 3)),
            (*method.nearest(other, moved), *method.k_nearest(other, moved, 3)),
            strict=True,
        ):
            np.testing.assert_array_equal(before, after[new])


def road_like(nodes: int, factor: int) -> Graph:
    """A planar graph with fast and slow edges, some of them one way."""
    dice = np.random.default_rng(11)
    xy = dice.uniform(0, 50_000, (nodes, 2))
    corners = Delaunay(xy).simplices
    edges = np.unique(np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]]]), axis=1), axis=0)
    start, end = edges.T.astype(np.int64)
    ms = np.hypot(*(xy[start] - xy[end]).T) * dice.choice([40, 80, 150, 600], len(edges))
    back = dice.random(len(edges)) < 0.9
    return build_graph(
        nodes,
        np.concatenate([start, end[back]]),
        np.concatenate([end, start[back]]),
        np.concatenate([ms, ms[back]]).astype(np.int32) * factor,
    )


def two_legs(nodes: int) -> Joins:
    """Places with a short leg to one node and a longer one to another."""
    return joined([[(node, node % 7), (nodes - 1 - node, 1000)] for node in range(0, nodes, 41)])


@pytest.mark.parametrize("factor", [1, 20])
def test_larger_graphs_as_scipy(factor: int) -> None:
    """With weights near and far, so that upper levels of the wheel come into use."""
    graph = road_like(3000, factor)
    assert graph.weight.max() > 2**22 * factor
    joins = two_legs(3000)
    targets = np.arange(0, 3000, 7)
    wanted = np.arange(3000) % 5 > 0
    for question in (
        lambda method: method.nearest(graph, joins),
        lambda method: method.k_nearest(graph, joins, 5),
        lambda method: (method.times(graph, joins, targets),),
        lambda method: method.lists_within(graph, joins, 900_000 * factor, wanted),
    ):
        for ours, theirs in zip(question(search), question(plain), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("width_bits", [0, 7, 19, 29])
def test_width_of_slots_changes_no_answer(width_bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Down to one time a slot, and up to all times in one slot."""
    graph, joins, nodes = road_like(400, 1), two_legs(400), np.arange(400)
    monkeypatch.setattr(search, "_width_bits", lambda graph: width_bits)
    for ours, theirs in (
        (search.nearest(graph, joins), plain.nearest(graph, joins)),
        (search.k_nearest(graph, joins, 3), plain.k_nearest(graph, joins, 3)),
        ((search.times(graph, joins, nodes),), (plain.times(graph, joins, nodes),)),
    ):
        for mine, right in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(mine, right)


@pytest.mark.parametrize("count", [1, 5])
def test_number_of_threads_changes_no_answer(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, joins = road_like(400, 1), joined([[(node, 5)] for node in range(100)])
    monkeypatch.setattr(search, "threads", lambda: count)
    wanted = np.ones(400, bool)
    ours = search.lists_within(graph, joins, 2_000_000, wanted)
    for mine, right in zip(ours, plain.lists_within(graph, joins, 2_000_000, wanted), strict=True):
        np.testing.assert_array_equal(mine, right)


def test_fault_in_a_thread_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(search, "sum_places", broken)
    graph = road_like(50, 1)
    with pytest.raises(MemoryError):
        search.sums_within(graph, two_legs(50), np.ones(50, np.int64), 10)


def test_scipy_searches_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, joins = road_like(300, 1), joined([[(node, 3)] for node in range(0, 300, 7)])
    whole = plain.k_nearest(graph, joins, 4)
    monkeypatch.setattr(plain, "BATCH_BYTES", 5 * 16 * 301)
    assert [len(found) for _, found in plain._batches(graph, joins)] == [5] * 8 + [3]
    for before, after in zip(whole, plain.k_nearest(graph, joins, 4), strict=True):
        np.testing.assert_array_equal(before, after)


def test_scipy_refuses_what_it_cannot_tell_exactly() -> None:
    graph = made(2, [(0, 1, 2**53)], np.int64)
    joins = joined([[(1, 1)]], np.int64)
    with pytest.raises(ValueError, match="too great to be exact"):
        plain.times(graph, joins, np.array([0]))


def test_arcs_of_a_day_and_a_half_do_not_confuse_the_queue() -> None:
    for weight in (2**27 - 1, 2**27, 2**28, 2**29):
        graph = build_graph(
            3, np.array([0, 1]), np.array([1, 2]), np.array([weight, weight], np.int32)
        )
        joins = Joins.at_nodes(np.array([2, 1]), graph)
        ours = search.k_nearest(graph, joins, 2)
        theirs = plain.k_nearest(graph, joins, 2)
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
