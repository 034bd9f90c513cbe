"""The contraction hierarchy finds what plain searches find, on graphs of every awkward shape."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay

from geoplan.cache import prepared
from geoplan.travel import engine, hierarchy, lanes
from geoplan.travel.contraction import NotLikeRoads
from geoplan.travel.graph import FAR_COMBINED, FAR_MS, Graph, Joins, build_graph, far
from geoplan.travel.hierarchy import Hierarchy, contract
from geoplan.travel.lanes import sums_within, times
from geoplan.travel.sweeps import k_nearest, nearest
from geoplan.travel_step import contracted

Edges = list[tuple[int, int, int]]
KINDS = (np.int32, np.int64)
UNIT = 2**26 + 1
"""Combined weights: every millisecond modelled, so the low half of the number is busy too."""


def as_graph(nodes: int, edges: Edges, kind: type) -> Graph:
    start, end, ms = np.array(edges, np.int64).reshape(-1, 3).T
    return build_graph(nodes, start, end, (ms * (UNIT if kind is np.int64 else 1)).astype(kind))


def as_joins(places: list[list[tuple[int, int]]], kind: type) -> Joins:
    """Places, each with its (node, leg in ms) pairs."""
    ends = np.cumsum([0, *(len(place) for place in places)]).astype(np.int32)
    flat = np.array([leg for place in places for leg in place], np.int64).reshape(-1, 2)
    unit = UNIT if kind is np.int64 else 1
    return Joins(ends, flat[:, 0].astype(np.int32), (flat[:, 1] * unit).astype(kind))


def judged(graph: Graph, joins: Joins) -> np.ndarray:
    """Times (N, m) by scipy, through places added to the graph as nodes of their own."""
    none = far(graph.weight)
    legs = np.diff(joins.indptr)
    wide = csr_matrix(
        (
            np.concatenate([graph.weight, joins.weight]).astype(float),
            np.concatenate([graph.indices, joins.node]),
            np.concatenate([graph.indptr[:-1], graph.indptr[-1] + joins.indptr]),
        ),
        (graph.nodes + len(legs),) * 2,
    )
    if not len(legs):
        return np.zeros((graph.nodes, 0), graph.weight.dtype)
    found = dijkstra(wide, indices=np.arange(graph.nodes, graph.nodes + len(legs)))
    found = found[:, : graph.nodes].T
    return np.where(found < none, found, none).astype(graph.weight.dtype)


def sorted_places(time: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k least times of each row and their columns, the lower column first of equal ones."""
    time = np.hstack([time, np.full((len(time), k), FAR_MS, time.dtype)])
    order = np.argsort(time, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(time, order, axis=1)
    return best, np.where(best < FAR_MS, order, -1)


def check_everything(graph: Graph, joins: Joins, limit: int) -> None:
    ways, wanted = contract(graph), judged(graph, joins)
    every = np.arange(graph.nodes)
    assert np.array_equal(times(ways, joins, every), wanted)
    some = every[::-2]
    assert np.array_equal(times(ways, joins, some), wanted[some])
    amount = (every * 7) % 5
    within = (wanted <= limit) & (wanted < far(graph.weight))
    sums = [int(amount[column].sum()) for column in within.T]
    assert sums_within(ways, joins, amount, limit).tolist() == sums
    if graph.weight.dtype == np.int32:
        time, place = nearest(ways, joins)
        best, which = sorted_places(wanted, 1)
        assert np.array_equal(time, best[:, 0])
        assert np.array_equal(place, which[:, 0])
        for k in (1, 3):
            time, place = k_nearest(ways, joins, k)
            best, which = sorted_places(wanted, k)
            assert np.array_equal(time, best)
            assert np.array_equal(place, which)


@st.composite
def road_graphs(draw: st.DrawFn) -> tuple[int, Edges]:
    """Loops, parallel edges, edges of no time and separate parts all come up by themselves."""
    nodes = draw(st.integers(1, 24))
    node = st.integers(0, nodes - 1)
    ms = st.one_of(st.integers(0, 3), st.integers(0, 1000))
    edges = draw(st.lists(st.tuples(node, node, ms), max_size=60))
    both_ways = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
    back = [(v, u, t) for (u, v, t), also in zip(edges, both_ways, strict=True) if also]
    return nodes, edges + back


@settings(max_examples=150)
@given(road_graphs(), st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_all_questions_on_random_graphs(
    kind: type, road_graph: tuple[int, Edges], data: st.DataObject
) -> None:
    nodes, edges = road_graph
    leg = st.tuples(st.integers(0, nodes - 1), st.integers(0, 5))
    places = data.draw(st.lists(st.lists(leg, max_size=3), max_size=6))
    limit = data.draw(st.integers(0, 1500)) * (UNIT if kind is np.int64 else 1)
    check_everything(as_graph(nodes, edges, kind), as_joins(places, kind), limit)


def two_way(edges: Edges) -> Edges:
    return edges + [(v, u, ms) for u, v, ms in edges]


SHAPES: dict[str, tuple[int, Edges]] = {
    "one node": (1, []),
    "no edge": (5, []),
    "chain": (40, two_way([(i, i + 1, i % 7) for i in range(39)])),
    "one-way chain": (40, [(i, i + 1, 1 + i % 7) for i in range(39)]),
    "ring": (30, two_way([(i, (i + 1) % 30, 1 + i % 5) for i in range(30)])),
    "one-way ring": (30, [(i, (i + 1) % 30, 1 + i % 5) for i in range(30)]),
    "star": (60, two_way([(7, i, 3 + i % 4) for i in range(60) if i != 7])),
    "ring with tails": (
        40,
        two_way([(i, (i + 1) % 10, 2) for i in range(10)] + [(i, i + 10, 1) for i in range(30)]),
    ),
    "all joined to all": (14, [(i, j, 1 + (i * j) % 9) for i in range(14) for j in range(14)]),
    "no time anywhere": (12, [(i, (i * 5 + 1) % 12, 0) for i in range(12)] + [(3, 8, 0)]),
    "two lands": (
        20,
        two_way([(i, i + 1, 4) for i in range(9)] + [(i, i + 1, 6) for i in range(10, 19)]),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_all_questions_on_awkward_shapes(shape: str, kind: type) -> None:
    nodes, edges = SHAPES[shape]
    graph = as_graph(nodes, edges, kind)
    places = [[(i % nodes, i), ((i * 3 + 1) % nodes, 2)] for i in range(0, nodes, 2)]
    unit = UNIT if kind is np.int64 else 1
    check_everything(graph, as_joins([*places, []], kind), 12 * unit)
    check_everything(graph, as_joins([], kind), 12 * unit)


def plane_graph(nodes: int, seed: int, kind: type) -> Graph:
    """Points joined to those around them, some streets one-way."""
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 1000, (nodes, 2))
    corners = Delaunay(xy).simplices
    pairs = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    pairs = pairs[random.random(len(pairs)) < 0.5]
    ms = np.rint(np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) * 100).astype(np.int64) + 1
    back = random.random(len(pairs)) > 0.06
    start = np.concatenate([pairs[:, 0], pairs[back, 1]])
    end = np.concatenate([pairs[:, 1], pairs[back, 0]])
    ms = np.concatenate([ms, ms[back]])
    return build_graph(nodes, start, end, (ms * (UNIT if kind is np.int64 else 1)).astype(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_plane_road_graph(kind: type) -> None:
    """More places than one batch, several threads, chains, dead ends and a dense rest."""
    graph = plane_graph(20_000, 5, kind)
    at = np.random.default_rng(6).choice(graph.nodes, 2 * lanes.LANES + 9, replace=False)
    unit = UNIT if kind is np.int64 else 1
    check_everything(graph, Joins.at_nodes(at, graph), 10_000 * unit)


def test_against_networkx() -> None:
    graph = plane_graph(300, 9, np.int32)
    roads: nx.DiGraph[int] = nx.DiGraph()
    for v in range(graph.nodes):
        for arc in range(graph.indptr[v], graph.indptr[v + 1]):
            roads.add_edge(v, int(graph.indices[arc]), ms=int(graph.weight[arc]))
    at = np.array([3, 77, 150])
    found = times(contract(graph), Joins.at_nodes(at, graph), np.arange(graph.nodes))
    for place, node in enumerate(at):
        expected = nx.single_source_dijkstra_path_length(roads, int(node), weight="ms")
        column = {v: int(ms) for v, ms in enumerate(found[:, place]) if ms < FAR_MS}
        assert column == expected


@pytest.mark.parametrize("shuffle", range(3))
def test_the_numbering_of_nodes_and_edges_changes_no_time(shuffle: int) -> None:
    random = np.random.default_rng(shuffle)
    graph = plane_graph(2_000, 11, np.int32)
    start = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    new, edge = random.permutation(graph.nodes), random.permutation(len(start))
    # A graph stands turned round, so its rows are ends.
    moved = build_graph(graph.nodes, new[graph.indices[edge]], new[start[edge]], graph.weight[edge])
    at = np.arange(0, graph.nodes, 50)
    before = nearest(contract(graph), Joins.at_nodes(at, graph))
    after = nearest(contract(moved), Joins.at_nodes(new[at], moved))
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other[new])


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_has_one_hierarchy(kind: type) -> None:
    one, other = contract(plane_graph(3_000, 2, kind)), contract(plane_graph(3_000, 2, kind))
    for field in ("position", "indptr", "higher", "up", "down"):
        assert np.array_equal(getattr(one, field), getattr(other, field))


@pytest.mark.parametrize("patch", [1, 100, 2**15])
@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_above_a_node_comes_before_it(
    kind: type, patch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hierarchy, "PATCH", patch)
    ways = contract(plane_graph(3_000, 4, kind))
    row = np.repeat(np.arange(ways.nodes), np.diff(ways.indptr))
    assert (ways.higher < row).all()
    assert np.array_equal(np.sort(ways.position), np.arange(ways.nodes))
    none = far(ways.up)
    assert (np.minimum(ways.up, ways.down) < none).all()


@pytest.mark.parametrize(("kind", "none"), [(np.int32, FAR_MS), (np.int64, FAR_COMBINED)])
def test_times_about_as_long_as_there_are(kind: type, none: int) -> None:
    """Sums that reach `far` are no way, and none runs over the end of its type."""
    half = none // 2
    start, end = np.array([0, 1, 2, 3, 0, 4]), np.array([1, 2, 3, 4, 3, 0])
    weight = np.array([half, half - 1, none - 1, none - 1, 0, 0], kind)
    graph = build_graph(5, np.r_[start, end], np.r_[end, start], np.r_[weight, weight])
    joins = Joins(np.arange(4, dtype=np.int32), np.array([0, 2, 1], np.int32), weight[[5, 1, 2]])
    expected = [[0, half - 1 + none - 1, half + none - 1]] * 5
    expected[1] = [half, 2 * (half - 1), none - 1]
    expected[2] = [none - 1, half - 1, none - 1 + half - 1]
    wanted = np.minimum(expected, none).astype(kind)
    ways = contract(graph)
    assert np.array_equal(times(ways, joins, np.arange(5)), wanted)
    for limit in (half - 1, half, none - 1, none):
        within = (wanted <= limit) & (wanted < none)
        found = sums_within(ways, joins, np.ones(5, np.int64), limit)
        assert np.array_equal(found, within.sum(axis=0))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_no_time_depends_on_threads(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = plane_graph(1_000, 8, np.int32)
    joins = Joins.at_nodes(np.arange(0, 1_000, 7), graph)
    monkeypatch.setattr(lanes, "threads", lambda: threads)
    found = times(contract(graph), joins, np.arange(1_000))
    assert np.array_equal(found, judged(graph, joins))


@pytest.mark.parametrize("board_bytes", [1, 1_000 * 4 * 8, 2**27])
def test_no_time_depends_on_lanes(board_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A board for which memory is short has as few as one lane."""
    graph = plane_graph(1_000, 8, np.int32)
    joins = Joins.at_nodes(np.arange(0, 1_000, 21), graph)
    monkeypatch.setattr(lanes, "BOARD_BYTES", board_bytes)
    found = times(contract(graph), joins, np.arange(1_000))
    assert np.array_equal(found, judged(graph, joins))


def test_the_engine_refuses_for_hierarchies_too() -> None:
    combined = as_graph(2, [(0, 1, 5)], np.int64)
    with pytest.raises(ValueError, match="milliseconds alone"):
        engine.nearest(contract(combined), as_joins([[(0, 0)]], np.int64))
    plain = as_graph(2, [(0, 1, 5)], np.int32)
    with pytest.raises(ValueError, match="k must be"):
        engine.k_nearest(contract(plain), as_joins([[(0, 0)]], np.int32), 0)


def test_a_graph_without_important_roads() -> None:
    """Where no road is better than others rows grow long, and memory is handed out again."""
    random = np.random.default_rng(3)
    start, end = random.integers(0, 300, (2, 1_800))
    ms = random.integers(0, 50, 1_800)
    graph = build_graph(300, start, end, ms.astype(np.int32))
    ways = contract(graph)
    assert np.diff(ways.indptr).max() > 32
    check_everything(graph, Joins.at_nodes(np.arange(0, 300, 9), graph), 40)


def test_a_graph_unlike_roads_is_given_up_and_searched_as_it_is() -> None:
    random = np.random.default_rng(5)
    ends = random.integers(0, 800, (2, 9600))
    graph = build_graph(800, ends[0], ends[1], random.integers(1, 900, 9600).astype(np.int32))
    with pytest.raises(NotLikeRoads):
        contract(graph)


def test_a_large_graph_is_prepared_unless_it_is_unlike_roads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "LARGE_NODES", 100)
    monkeypatch.setenv("GEOPLAN_CACHE", str(tmp_path))
    node = np.arange(399)
    road = build_graph(400, node, node + 1, np.full(399, 7, np.int32))
    random = np.random.default_rng(5)
    ends = random.integers(0, 800, (2, 9600))
    dense = build_graph(800, ends[0], ends[1], random.integers(1, 900, 9600).astype(np.int32))
    for prepare in (contracted, prepared(print)):
        assert isinstance(prepare(road), Hierarchy)
        assert prepare(dense) is dense
    monkeypatch.setattr(engine, "LARGE_NODES", 1000)
    assert contracted(road) is road
