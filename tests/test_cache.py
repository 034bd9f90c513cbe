"""What is kept on disk is used again when it is whole, and found out when it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from geoplan import cache
from geoplan.cache import ARRAYS, MANIFEST, UNFINISHED, cache_folder, kept_hierarchy
from geoplan.paths import compiled_folder
from geoplan.travel.graph import Graph, Joins, build_graph
from geoplan.travel.hierarchy import contract
from geoplan.travel.lanes import times
from geoplan.travel.sweeps import nearest

ROOT = Path(__file__).resolve().parent.parent


def ring(nodes: int, kind: type = np.int32) -> Graph:
    start = np.arange(nodes)
    end = (start + 1) % nodes
    ms = (start % 7 + 1).astype(kind)
    return build_graph(nodes, np.r_[start, end], np.r_[end, start], np.r_[ms, ms])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOPLAN_CACHE", str(tmp_path))
    return tmp_path / "hierarchies"


def only_entry(folder: Path) -> Path:
    (entry,) = folder.iterdir()
    return entry


def assert_same(one: object, other: object) -> None:
    for name in ARRAYS:
        assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_the_second_time_it_comes_from_disk(kind: type) -> None:
    graph = ring(50, kind)
    first, second = kept_hierarchy(graph), kept_hierarchy(graph)
    assert (first.from_disk, second.from_disk) == (False, True)
    assert first.note("en") == second.note("zh") == ""
    assert_same(first.ways, second.ways)
    assert second.ways.graph is graph
    joins = Joins.at_nodes(np.array([3, 30]), graph)
    every = np.arange(50)
    found = [times(kept.ways, joins, every) for kept in (first, second)]
    assert np.array_equal(*found)


def test_arrays_from_disk_answer_as_those_in_memory() -> None:
    graph = ring(50)
    kept_hierarchy(graph)
    joins = Joins.at_nodes(np.array([3, 30]), graph)
    for one, other in zip(
        nearest(contract(graph), joins), nearest(kept_hierarchy(graph).ways, joins), strict=True
    ):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("nodes", [0, 1, 5])
def test_graphs_without_arcs_are_kept(nodes: int) -> None:
    none = np.zeros(0, np.int64)
    graph = build_graph(nodes, none, none, none.astype(np.int32))
    first, second = kept_hierarchy(graph), kept_hierarchy(graph)
    assert (first.from_disk, second.from_disk) == (False, True)
    assert_same(first.ways, second.ways)


def test_another_weight_is_another_graph() -> None:
    graph, other = ring(20), ring(20)
    other.weight[3] += 1
    kept_hierarchy(graph)
    assert not kept_hierarchy(other).from_disk
    assert not kept_hierarchy(ring(20, np.int64)).from_disk
    assert kept_hierarchy(graph).from_disk


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [truncate, flip_a_byte, remove, empty])
@pytest.mark.parametrize("name", [*(f"{array}.npy" for array in ARRAYS), MANIFEST])
def test_a_damaged_file_is_found_and_made_anew(
    folder: Path, name: str, harm: Callable[[Path], None]
) -> None:
    graph = ring(30)
    kept_hierarchy(graph)
    path = only_entry(folder) / name
    if harm is flip_a_byte and name == MANIFEST:
        path.write_bytes(path.read_bytes().replace(b"0", b"1"))
    else:
        harm(path)
    again = kept_hierarchy(graph)
    assert not again.from_disk
    assert again.trouble == ""
    assert_same(again.ways, contract(graph))
    assert kept_hierarchy(graph).from_disk


@pytest.mark.parametrize(("field", "value"), [("format", "0.0"), ("key", "x"), ("sha256", {})])
def test_a_manifest_of_something_else_is_refused(folder: Path, field: str, value: object) -> None:
    graph = ring(30)
    kept_hierarchy(graph)
    path = only_entry(folder) / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    assert not kept_hierarchy(graph).from_disk
    assert kept_hierarchy(graph).from_disk


def test_a_new_version_makes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = ring(30)
    kept_hierarchy(graph)
    monkeypatch.setattr(cache, "FORMAT", "1.later")
    assert not kept_hierarchy(graph).from_disk
    assert kept_hierarchy(graph).from_disk


def test_a_file_that_looks_like_an_object_is_not_opened(folder: Path) -> None:
    """An array of Python objects would run what its writer wants."""
    graph = ring(30)
    kept_hierarchy(graph)
    path = only_entry(folder) / "up.npy"
    np.save(path, np.array([{}], object), allow_pickle=True)
    manifest = only_entry(folder) / MANIFEST
    changed = json.loads(manifest.read_text())
    changed["sha256"]["up"] = cache._hash(path)
    manifest.write_text(json.dumps(changed))
    assert not kept_hierarchy(graph).from_disk


def test_where_nothing_can_be_written_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a file"
    file.write_text("in the way")
    monkeypatch.setenv("GEOPLAN_CACHE", str(file / "below"))
    graph = ring(30)
    kept = kept_hierarchy(graph)
    assert_same(kept.ways, contract(graph))
    assert not kept.from_disk
    assert "GEOPLAN_CACHE" in kept.note("en")
    assert kept.trouble in kept.note("zh")


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    graph = ring(30)
    monkeypatch.setattr(cache.json, "dumps", full)
    kept = kept_hierarchy(graph)
    assert "No space left" in kept.note("en")
    assert list(folder.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_replaced(folder: Path) -> None:
    graph = ring(30)
    kept_hierarchy(graph)
    entry = only_entry(folder)
    cache._remove(entry)
    entry.write_text("not a folder")
    assert not kept_hierarchy(graph).from_disk
    assert kept_hierarchy(graph).from_disk


def test_only_those_used_last_stay(folder: Path) -> None:
    graphs = [ring(10 + more) for more in range(cache.MOST_KEPT + 2)]
    now = time.time()
    for age, graph in enumerate(graphs[: cache.MOST_KEPT]):
        kept_hierarchy(graph)
        os.utime(folder / cache._key(graph), (now - 1000 + age,) * 2)
    kept_hierarchy(graphs[0])  # used again: now the second is the oldest
    for graph in graphs[cache.MOST_KEPT :]:
        kept_hierarchy(graph)
    gone = {cache._key(graph) for graph in graphs[1:3]}
    assert {entry.name for entry in folder.iterdir()} == {cache._key(g) for g in graphs} - gone


def test_what_is_not_ours_stays(folder: Path) -> None:
    folder.mkdir(parents=True)
    for at in range(12):
        (folder / f"mine-{at}").mkdir()
    kept_hierarchy(ring(5))
    assert len([each for each in folder.iterdir() if each.name.startswith("mine-")]) == 12


def test_what_a_dead_process_left_is_cleared_away(folder: Path) -> None:
    dead, busy = folder / f"{UNFINISHED}dead", folder / f"{UNFINISHED}busy"
    for left in (dead, busy):
        left.mkdir(parents=True)
        (left / "up.npy").write_bytes(b"half")
    os.utime(dead, (time.time() - 2 * cache.ABANDONED_SECONDS,) * 2)
    kept_hierarchy(ring(30))
    assert not dead.exists()
    assert busy.exists()


TWICE = """
import sys, time
import numpy as np
from geoplan.cache import kept_hierarchy
from tests.test_cache import ring
graph = ring(20_000)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    kept = kept_hierarchy(graph)
    assert kept.trouble == "", kept.trouble
    assert int(kept.ways.up.sum()) == int(sys.argv[1])
print("done", flush=True)
"""


def test_two_processes_at_once(folder: Path) -> None:
    expected = str(int(contract(ring(20_000)).up.sum()))
    command = [sys.executable, "-c", TWICE, expected]
    loops = str(compiled_folder())  # which need not be compiled anew
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": loops}
    running = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:  # both begin at the same moment
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, "done\n")
    assert only_entry(folder).name == cache._key(ring(20_000))
    assert kept_hierarchy(ring(20_000)).from_disk


def test_the_folder_is_the_users_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOPLAN_CACHE")
    assert "geoplan" in cache_folder().parts
    monkeypatch.setenv("GEOPLAN_CACHE", "")
    assert cache_folder().is_absolute()
