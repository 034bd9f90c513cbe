"""Machine code of loops kept and loaded without numba: the same answers, and never a broken one."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.travel import machine_code
from geoplan.travel.compiled import kernel
from geoplan.travel.hierarchy import _walk
from geoplan.travel.witness import pop, push

pytestmark = pytest.mark.skipif(
    not machine_code.TRIED_HERE, reason="no loops are kept as code alone here"
)
ROOT = Path(__file__).resolve().parent.parent


class Pair(NamedTuple):
    many: np.ndarray
    factor: float


@kernel
def mixed(pair: Pair, table: np.ndarray, number: int, small: np.int64, odd: bool) -> float:
    """Something of every kind of argument, both read and written."""
    total = 0.0
    for at in range(len(pair.many)):
        total += pair.many[at] * pair.factor
        for column in range(table.shape[1]):
            table[at, column] += number + small
            total += table[at, column] if odd else -table[at, column]
    return total


@kernel
def any_odd(values: np.ndarray) -> bool:
    found = False
    for value in values:
        found = found or value % 2 == 1
    return found


@kernel
def divided(values: np.ndarray, by: int) -> None:
    values[0] = values[0] // by


def plain(loop: Any) -> Any:
    return loop.py_func


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=6),
    st.sampled_from([np.int32, np.uint8, np.float64]),
    st.sampled_from(["C", "part"]),
    st.integers(-(2**40), 2**40),
    st.booleans(),
)
def test_arguments_of_all_kinds(
    many: list[int], kind: type, layout: str, number: int, odd: bool
) -> None:
    values = np.array(many).astype(kind)
    values.flags.writeable = odd
    size = (len(many), 3)
    tables = [np.arange(np.prod(size), dtype=np.int64).reshape(size) for _ in range(2)]
    if layout == "part":
        tables = [np.repeat(table, 2, axis=1)[::-1, ::2] for table in tables]
    found, wanted = (
        loop(Pair(values, 0.5), table, number, np.int64(-3), odd)
        for loop, table in zip((mixed, plain(mixed)), tables, strict=True)
    )
    assert found == wanted
    assert (tables[0] == tables[1]).all()


def test_results_are_of_pythons_kinds() -> None:
    assert any_odd(np.array([2, 3])) is True
    assert any_odd(np.array([2, 4])) is False
    assert any_odd(np.zeros(0, np.int32)) is False
    values = np.array([7])
    assert divided(values, 2) is None
    assert values[0] == 3


def test_a_fault_in_a_loop_is_told() -> None:
    with pytest.raises(ArithmeticError, match="divided"):
        divided(np.array([7]), 0)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((np.array([1]), 2**63), OverflowError),
        ((np.array([1]), -(2**70)), OverflowError),
        ((np.array([1]), "1"), TypeError),
        ((np.array([1]), None), TypeError),
        ((np.array([1], ">i8"), 1), TypeError),
        ((np.array([1], object), 1), TypeError),
        (([1], 1), TypeError),
        ((np.zeros(9, np.uint8)[1:].view(np.int64), 1), TypeError),
    ],
)
def test_what_a_loop_cannot_take_is_refused(
    arguments: tuple[Any, ...], fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        divided(*arguments)


def test_a_loop_that_asks_for_memory_is_refused() -> None:
    @kernel
    def asks(values: np.ndarray) -> int:
        return len(np.zeros(len(values)))

    with pytest.raises(Exception, match=r"NRT required|returning of array"):
        asks(np.array([1]))


@given(st.lists(st.integers(0, 2**31 - 1), max_size=60))
def test_heap_is_that_of_plain_python(keys: list[int]) -> None:
    heaps = [(np.zeros(64, np.int64), np.zeros(64, np.int32)) for _ in range(2)]
    size = 0
    for node, key in enumerate(keys):
        ends = [
            put(*heap, size, (key, node))
            for put, heap in zip((push, plain(push)), heaps, strict=True)
        ]
        size = ends[0]
        assert ends[1] == size
        if node % 3 == 2:
            assert pop(*heaps[0], size) == plain(pop)(*heaps[1], size)
            size -= 1
    assert all((a == b).all() for a, b in zip(*heaps, strict=True))


@given(st.integers(1, 30), st.randoms(use_true_random=False))
def test_walk_is_that_of_plain_python(nodes: int, chance: Any) -> None:
    above = [sorted(chance.sample(range(v), min(v, chance.randrange(4)))) for v in range(nodes)]
    size = np.array([len(each) for each in above], np.int32)
    first = (np.cumsum(size) - size).astype(np.int32)
    rows = (first, size, np.array([x for each in above for x in each], np.int32))
    roots = np.array(chance.sample(range(nodes), nodes), np.int32)
    into = [tuple(np.full((3, nodes), -1, np.int32)) for _ in range(2)]
    assert _walk(rows, roots, into[0]) == plain(_walk)(rows, roots, into[1])
    assert (into[0][0] == into[1][0]).all()


def test_many_threads_meet_at_the_first_call() -> None:
    @kernel
    def summed(values: np.ndarray, weight: float) -> float:
        total = 0.0
        for value in values:
            total += value * weight
        return total

    kinds = [np.int8, np.int16, np.int32, np.int64] * 6
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda kind: summed(np.arange(100, dtype=kind), 2.0), kinds)
        assert set(found) == {9900.0}


PROGRAM = """
import sys
import numpy as np
from geoplan.travel.witness import push, pop
key, node = np.zeros(4, np.int64), np.zeros(4, np.int32)
size = push(key, node, 0, (7, 1))
size = push(key, node, size, (5, 2))
print(key.tolist(), node.tolist(), size, "numba" in sys.modules)
"""


def start(cache: Path, program: str = PROGRAM) -> subprocess.Popen[str]:
    environment = {**os.environ, "GEOPLAN_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    environment.pop("NUMBA_CACHE_DIR", None)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> bool:
    """Whether the process needed numba; its answers are right."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    answer, numba = out.strip().rsplit(" ", 1)
    assert answer == "[5, 7, 0, 0] [2, 1, 0, 0] 2"
    return numba == "True"


def test_kept_code_is_used_only_where_it_is_whole(tmp_path: Path) -> None:
    both = [start(tmp_path), start(tmp_path)]  # two at once leave one whole file
    assert [told(each) for each in both] == [True, True]
    (file,) = tmp_path.rglob("*.o")
    assert list(tmp_path.rglob("*.part")) == []
    assert not told(start(tmp_path))
    whole = file.read_bytes()
    for damaged in (whole[:-100], whole[:200] + b"\xff" + whole[201:]):
        file.write_bytes(damaged)
        assert told(start(tmp_path))
        assert file.read_bytes() == whole
    foreign = file.with_name(file.name.replace("push", "pop"))
    assert machine_code.kept_bytes(file) is not None
    file.rename(foreign)  # whole, but code of another loop
    assert machine_code.kept_bytes(foreign) is None


def test_where_nothing_can_be_kept_loops_are_compiled(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert told(start(tmp_path / "file" / "below"))
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_elsewhere_numba_keeps_the_code(tmp_path: Path) -> None:
    untried = "from geoplan.travel import machine_code as m; m.TRIED_HERE = False\n"
    for _ in range(2):
        assert told(start(tmp_path, untried + PROGRAM))
    assert list(tmp_path.rglob("*.o")) == []
    assert list(tmp_path.rglob("*.nbi")) != []


def test_other_versions_have_other_places(monkeypatch: pytest.MonkeyPatch) -> None:
    place = machine_code.place
    places = [place("loop", ["int"]), place("loop", ["float"]), place("other", ["int"])]
    machine_code._made_for.cache_clear()
    monkeypatch.setattr(machine_code, "version", lambda name: "0.1")
    places.append(place("loop", ["int"]))
    machine_code._made_for.cache_clear()
    assert len(set(places)) == 4


ALL_TRAVEL = """
import sys
import numpy as np
from geoplan.travel.hierarchy import contract
from tests.test_engine import answers, grid, places
graph = grid(12, np.int32)
for ways in (graph, contract(graph)):
    answers(ways, places(graph, 30), 300_000)
print("numba" in sys.modules)
"""


def test_travel_needs_numba_only_to_compile() -> None:
    """Every question of the engine, in a process that finds all its loops compiled."""
    ends = []
    for _ in range(2):  # the first compiles what no test before did
        ran = subprocess.run(
            [sys.executable, "-c", ALL_TRAVEL], cwd=ROOT, capture_output=True, text=True, check=True
        )
        ends.append(ran.stdout)
    assert ends[1] == "False\n"
