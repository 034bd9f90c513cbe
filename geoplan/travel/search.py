"""The questions of the engine answered on a graph as it is, by compiled searches (see `spread`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_matrix

from geoplan.model import Bools, Ints
from geoplan.travel.compiled import threads
from geoplan.travel.graph import Graph, Int32s, Joins, Weights, far
from geoplan.travel.spread import (
    PLACE_BITS,
    Arcs,
    Legs,
    Rule,
    Scratch,
    list_places,
    spread,
    spread_k,
    sum_places,
    time_places,
)
from geoplan.travel.wheel import NOBODY, fresh_marks

MOST_WIDTH_BITS = 62
"""A shift by 63 bits and more of a 64-bit label means nothing."""
SAMPLE = 4096
"""So many weights stand for all where their median is wanted."""
SEVERAL_BITS = 4
"""Slots are so many bits wider where several places are sought for each node: a node then passes
on most of its labels in one visit. Measured on road graphs, 5 places a node: 0.7 of the time."""
PLACES_AT_ONCE = 8
"""A thread takes so many places at a time."""

Task = TypeVar("Task")
Part = TypeVar("Part")
Array = TypeVar("Array", Int32s, Weights)


def nearest(graph: Graph, joins: Joins) -> tuple[Weights, Int32s]:
    """As `engine.nearest`: one search from all joins at once.

    A label is the time with the place's number below it, so the lesser label is the lesser time
    and, of equal times, the lower number.
    """
    marks = fresh_marks(graph.nodes)
    touched = np.empty(graph.nodes, np.int32)
    start = (joins.node, _place_labels(joins))
    spread(_arcs(graph), _place_rule(graph), start, marks, touched)
    return _unpacked(marks.label[:, 0], graph)


def k_nearest(graph: Graph, joins: Joins, k: int) -> tuple[Weights, Int32s]:
    """As `engine.k_nearest`: one search from all joins at once."""
    labels = np.full((graph.nodes, k), NOBODY)
    start = (joins.node, _place_labels(joins))
    rule, best = _place_rule(graph, SEVERAL_BITS), (labels, np.empty(k, np.int64))
    spread_k(_arcs(graph), rule, start, fresh_marks(graph.nodes), best)
    return _unpacked(labels, graph)


def times(graph: Graph, joins: Joins, targets: Ints | Int32s) -> Weights:
    """As `engine.times`: one search a place."""
    result = np.full((len(targets), joins.places), far(graph.weight), graph.weight.dtype)
    target = targets.astype(np.int32)
    _by_place(
        time_places, (graph, joins), _time_rule(graph, far(graph.weight) - 1), (target, result)
    )
    return result


def sums_within(graph: Graph, joins: Joins, amount: Ints, limit: int) -> Ints:
    """As `engine.sums_within`: one search a place that ends at the limit."""
    sums = np.zeros(joins.places, np.int64)
    _by_place(sum_places, (graph, joins), _time_rule(graph, limit), (amount, sums))
    return sums


def reached(graph: Graph, joins: Joins, limit: int, some: Ints) -> Ints:
    """How many nodes are at most `limit` from each of some places."""
    ends = np.zeros(len(some) + 1, np.int32)
    np.cumsum(np.diff(joins.indptr)[some], out=ends[1:])
    at = np.concatenate([np.arange(*joins.indptr[[place, place + 1]]) for place in some])
    few = Joins(ends, joins.node[at], joins.weight[at])
    return sums_within(graph, few, np.ones(graph.nodes, np.int64), limit)


def lists_within(
    graph: Graph, joins: Joins, limit: int, wanted: Bools
) -> tuple[Ints, Int32s, Weights]:
    """As `engine.lists_within`: one search a place that ends at the limit."""
    parts = _by_place(list_places, (graph, joins), _time_rule(graph, limit), wanted)
    indptr = np.concatenate([[0], *(lengths for lengths, _, _ in parts)]).cumsum()
    node = np.concatenate([np.zeros(0, np.int32), *(node for _, node, _ in parts)])
    time = np.concatenate([np.zeros(0, np.int64), *(time for _, _, time in parts)])
    rows = csr_matrix((time, node, indptr), (joins.places, graph.nodes))
    rows.sort_indices()
    return indptr, rows.indices.astype(np.int32), rows.data.astype(graph.weight.dtype)


def _by_place(
    work: Callable[[Arcs, Rule, Legs, Task, Scratch], Part],
    ways: tuple[Graph, Joins],
    rule: Rule,
    task: Task,
) -> list[Part]:
    """Results of `work` over runs of places in order, shared out among threads."""
    graph, joins = ways
    arcs = _arcs(graph)
    label = joins.weight.astype(np.int64)
    runs = range(0, joins.places, PLACES_AT_ONCE)
    results: dict[int, Part] = {}
    left: SimpleQueue[int] = SimpleQueue()  # an iterator is not to be shared among threads
    for first in runs:
        left.put(first)

    def worker() -> None:
        scratch = (fresh_marks(graph.nodes), np.empty(graph.nodes, np.int32))
        with suppress(Empty):
            while True:
                first = left.get_nowait()
                last = min(first + PLACES_AT_ONCE, joins.places)
                legs = Legs(joins.indptr, joins.node, label, first, last)
                results[first] = work(arcs, rule, legs, task, scratch)

    workers = min(threads(), len(runs))
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        for done in [pool.submit(worker) for _ in range(workers)]:
            done.result()
    return [results[first] for first in runs]


def _arcs(graph: Graph) -> Arcs:
    return Arcs(_read_only(graph.indptr), _read_only(graph.indices), _read_only(graph.weight))


def _read_only(array: Array) -> Array:
    """The same array as one that may only be read.

    Compiled code is made for each kind of argument: so one compilation serves graphs in memory and
    graphs mapped from files.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def _width_bits(graph: Graph) -> int:
    """How many bits the median weight has, less one: slots about as wide as half an arc is long.

    Narrower slots take each node exactly once but are more to go through; wider ones take some
    nodes twice. On road graphs of 0.2 and 1 million nodes the time is flat around here, within a
    tenth from 4 bits less to 3 bits more. The median is that of a sample, evenly spread.
    """
    some = graph.weight[:: len(graph.weight) // SAMPLE + 1]
    return max(int(np.median(some)).bit_length() - 1, 0) if len(some) else 0


def _time_rule(graph: Graph, limit: int) -> Rule:
    return Rule(0, _width_bits(graph), min(limit, far(graph.weight) - 1))


def _place_rule(graph: Graph, wider_bits: int = 0) -> Rule:
    limit = (far(graph.weight) << PLACE_BITS) - 1
    width = min(PLACE_BITS + _width_bits(graph) + wider_bits, MOST_WIDTH_BITS)
    return Rule(PLACE_BITS, width, limit)


def _place_labels(joins: Joins) -> Ints:
    """The labels (J,) with which searches start: times of legs and, doubled, numbers of places."""
    place = np.repeat(np.arange(joins.places), np.diff(joins.indptr))
    return (joins.weight.astype(np.int64) << PLACE_BITS) | (place << 1)


def _unpacked(label: Ints, graph: Graph) -> tuple[Int32s, Int32s]:
    """Times in ms and place numbers of labels of any shape; far and -1 for NOBODY."""
    reached = label != NOBODY
    time = np.where(reached, label >> PLACE_BITS, far(graph.weight)).astype(np.int32)
    place = np.where(reached, (label & (2**PLACE_BITS - 1)) >> 1, -1).astype(np.int32)
    return time, place
