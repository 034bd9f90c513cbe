"""The engine picks the method; no answer depends on which it picked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.travel import engine, plain
from geoplan.travel.compiled import COMPILED
from geoplan.travel.graph import FAR_MS, Graph, Joins, build_graph, hilbert_order

ROOT = Path(__file__).resolve().parent.parent


def grid(side: int, kind: type = np.int32) -> Graph:
    """Streets of a town of side x side crossings, each way of a street with its own time."""
    dice = np.random.default_rng(side)
    node = np.arange(side * side).reshape(side, side)
    pairs = [(node[:, :-1], node[:, 1:]), (node[:-1], node[1:])]
    start = np.concatenate([part.ravel() for a, b in pairs for part in (a, b)])
    end = np.concatenate([part.ravel() for a, b in pairs for part in (b, a)])
    return build_graph(side**2, start, end, dice.integers(0, 90_000, len(start)).astype(kind))


def places(graph: Graph, count: int) -> Joins:
    """Places with two legs each, and one place that is joined nowhere."""
    dice = np.random.default_rng(count)
    node = dice.integers(0, graph.nodes, 2 * count).astype(np.int32)
    leg = dice.integers(0, 9_000, 2 * count).astype(graph.weight.dtype)
    return Joins(np.append(np.arange(0, 2 * count + 1, 2), 2 * count).astype(np.int32), node, leg)


def answers(ways: engine.Ways, joins: Joins, limit: int) -> list[np.ndarray]:
    """What the engine says to every question that can be asked of this kind of graph."""
    nodes = np.arange(len(joins.indptr) * 3)
    size = ways.nodes
    told = [
        engine.times(ways, joins, nodes),
        engine.sums_within(ways, joins, np.arange(size), limit),
        *engine.lists_within(ways, joins, limit, np.arange(size) % 2 == 0),
    ]
    if joins.weight.dtype == np.int32:
        told += [*engine.nearest(ways, joins), *engine.k_nearest(ways, joins, 3)]
    return told


def same(ours: list[np.ndarray], theirs: list[np.ndarray]) -> None:
    for mine, right in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, right)
        assert mine.dtype == right.dtype


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@pytest.mark.parametrize("limit", [-1, 0, 60_000, 400_000, 2**30])
def test_hierarchy_answers_as_graph(
    kind: type, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoplan.travel.hierarchy import contract

    graph = grid(18, kind)
    joins = places(graph, 40)
    prepared = answers(contract(graph), joins, limit)
    same(prepared, answers(graph, joins, limit))
    monkeypatch.setattr(engine, "SLOW", True)
    same(prepared, answers(contract(graph), joins, limit))


@pytest.mark.parametrize(("limit", "swept"), [(20_000, False), (2_000_000, True)])
def test_range_sums_sweep_where_most_nodes_are_in_reach(
    limit: int, swept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoplan.travel import lanes
    from geoplan.travel.hierarchy import contract

    asked = []
    sweep = lanes.sums_within
    monkeypatch.setattr(lanes, "sums_within", lambda *args: asked.append(args) or sweep(*args))
    graph = grid(18)
    joins, amount = places(graph, 40), np.arange(graph.nodes)
    found = engine.sums_within(contract(graph), joins, amount, limit)
    np.testing.assert_array_equal(found, plain.sums_within(graph, joins, amount, limit))
    assert bool(asked) == swept


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import numpy as np
from geoplan.travel import engine
from tests.test_engine import answers, grid, places
assert engine.SLOW
for kind in (np.int32, np.int64):
    graph = grid(12, kind)
    for told in answers(graph, places(graph, 30), 300_000):
        sys.stdout.buffer.write(np.ascontiguousarray(told).tobytes())
"""


def test_same_bytes_without_numba() -> None:
    """A Python in which numba cannot be imported tells the same."""
    path = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], cwd=ROOT, env=path, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    told = b""
    for kind in (np.int32, np.int64):
        graph = grid(12, kind)
        for answer in answers(graph, places(graph, 30), 300_000):
            told += np.ascontiguousarray(answer).tobytes()
    assert run.stdout == told


def test_graph_mapped_from_files(tmp_path: Path) -> None:
    """Arrays that may only be read answer as well, and no others are made read-only."""
    graph = grid(9)
    arrays = {"indptr": graph.indptr, "indices": graph.indices, "weight": graph.weight}
    for name, array in arrays.items():
        np.save(tmp_path / name, array)
    mapped = Graph(**{name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in arrays})
    joins = places(graph, 12)
    same(answers(graph, joins, 100_000), answers(mapped, joins, 100_000))
    assert graph.weight.flags.writeable


def test_slow_says_whether_numba_is_there() -> None:
    assert engine.SLOW is not COMPILED


def test_faults_are_refused_before_compiled_loops_see_them() -> None:
    graph = grid(4)
    good = places(graph, 3)
    beyond = Joins(good.indptr, good.node + np.int32(16), good.weight)
    below = Joins(good.indptr, good.node - np.int32(16), good.weight)
    negative = Joins(good.indptr, good.node, good.weight - np.int32(10_000))
    other_kind = Joins(good.indptr, good.node, good.weight.astype(np.int64))
    for bad in (beyond, below, negative, other_kind):
        with pytest.raises(ValueError, match=r"node|leg"):
            engine.nearest(graph, bad)
        with pytest.raises(ValueError, match=r"node|leg"):
            engine.times(graph, bad, np.array([0]))
    with pytest.raises(ValueError, match="a node is named"):
        engine.times(graph, good, np.array([16]))
    with pytest.raises(ValueError, match="at least 1"):
        engine.k_nearest(graph, good, 0)
    with pytest.raises(ValueError, match="one amount"):
        engine.sums_within(graph, good, np.ones(15, np.int64), 5)
    with pytest.raises(ValueError, match="one amount"):
        engine.sums_within(graph, good, np.full(16, 0.5), 5)
    with pytest.raises(ValueError, match="one yes or no"):
        engine.lists_within(graph, good, 5, np.ones(17, bool))
    combined = grid(4, np.int64)
    with pytest.raises(ValueError, match="milliseconds alone"):
        engine.nearest(combined, places(combined, 3))


@pytest.mark.parametrize("nodes", [0, 1, 5])
def test_no_roads_and_no_places(nodes: int) -> None:
    nothing = np.zeros(0, np.int64)
    graph = build_graph(nodes, nothing, nothing, nothing.astype(np.int32))
    nobody = Joins(np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    time, place = engine.nearest(graph, nobody)
    assert time.tolist() == [FAR_MS] * nodes
    assert place.tolist() == [-1] * nodes
    assert engine.k_nearest(graph, nobody, 2)[0].tolist() == [[FAR_MS, FAR_MS]] * nodes
    assert engine.times(graph, nobody, np.arange(nodes)).shape == (nodes, 0)
    assert engine.sums_within(graph, nobody, np.arange(nodes), 5).shape == (0,)
    indptr, node, listed = engine.lists_within(graph, nobody, 5, np.ones(nodes, bool))
    assert (indptr.tolist(), len(node), len(listed)) == ([0], 0, 0)
    unjoined = Joins(np.zeros(3, np.int32), nobody.node, nobody.weight)
    assert engine.times(graph, unjoined, np.arange(nodes)).tolist() == [[FAR_MS] * 2] * nodes
    assert engine.sums_within(graph, unjoined, np.arange(nodes), 5).tolist() == [0, 0]


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), max_size=60))
def test_hilbert_order_names_every_point_once(points: list[tuple[int, int]]) -> None:
    order = hilbert_order(np.array(points, float).reshape(-1, 2))
    assert sorted(order.tolist()) == list(range(len(points)))


def test_hilbert_order_keeps_neighbours_together() -> None:
    """Along the curve through a full grid of 16 x 16 every step leads to a neighbour."""
    x, y = np.divmod(np.random.default_rng(1).permutation(256), 16)
    xy = np.column_stack([x, y]).astype(float)
    steps = np.abs(np.diff(xy[hilbert_order(xy)], axis=0)).sum(axis=1)
    assert (steps == 1).all()


def test_damaged_machine_code_is_compiled_anew(tmp_path: Path) -> None:
    # A loop that calls another; both compile quickly.
    program = (
        "import numpy as np; from geoplan.siting.median_rows import Rows; "
        "from geoplan.siting.pmedian_search import nearest_two; "
        "site, cost = np.array([1, 0, 1], np.int32), np.array([4, 2, 5]); "
        "served = nearest_two(Rows(np.array([0, 1]), np.array([1, 3]), site, cost), site < 2, 99); "
        "print(served.first.tolist(), served.second.tolist())"
    )
    environment = {**os.environ, "GEOPLAN_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def told() -> str:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert told() == "[4, 2] [99, 5]\n"
    kept = [each for each in (tmp_path / "compiled").rglob("*.nb[ci]") if each.is_file()]
    assert kept
    for each in kept:
        each.write_bytes(b"damaged" * 20)
    assert told() == "[4, 2] [99, 5]\n"
    assert any(b"damaged" not in each.read_bytes() for each in kept)
