"""Nearest places of every node by two passes over a hierarchy from end to end.

One pass backward carries labels up, one pass forward carries them down to every node, as in PHAST
(Delling, Goldberg, Nowatzyk and Werneck 2011), here from all places at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Ints
from geoplan.travel.compiled import kernel
from geoplan.travel.graph import FAR_MS, Int32s, Joins, Number, Uint32s, Weights, unsigned
from geoplan.travel.hierarchy import Hierarchy

PLACE_BITS = 31
"""A label is a time above so many bits of place number: the least label is the soonest place, and
of equally soon ones the lowest."""
FAR_LABEL = FAR_MS << PLACE_BITS


class Rows(NamedTuple):
    """The arrays of a `Hierarchy` as compiled loops take them."""

    position: Uint32s
    indptr: Uint32s
    higher: Uint32s
    up: Weights
    down: Weights


def nearest(ways: Hierarchy, joins: Joins) -> tuple[Int32s, Int32s]:
    """As `engine.nearest`."""
    time, place = _k_least(ways, joins, 1)
    return time[:, 0], place[:, 0]


def k_nearest(ways: Hierarchy, joins: Joins, k: int) -> tuple[Int32s, Int32s]:
    """As `engine.k_nearest`."""
    return _k_least(ways, joins, k)


def _k_least(ways: Hierarchy, joins: Joins, k: int) -> tuple[Int32s, Int32s]:
    rows = Rows(
        unsigned(ways.position), unsigned(ways.indptr), unsigned(ways.higher), ways.up, ways.down
    )
    label = np.full((ways.nodes, k), FAR_LABEL, np.int64)
    time, place = np.empty(label.shape, np.int32), np.empty(label.shape, np.int32)
    _start(rows.position, (joins.indptr, joins.node, joins.weight), label)
    if k == 1:
        _sweep_nearest(rows, label.reshape(-1))
    else:
        _sweep_k_nearest(rows, label)
    _tell(rows.position, label, (time, place))
    return time, place


@kernel
def _start(position: Uint32s, joins: tuple[Int32s, Int32s, Weights], label: Ints) -> None:
    """Put the labels that joins (indptr, node, weight) bring to their nodes into rows (N, k)."""
    indptr, node, weight = joins
    for place in range(len(indptr) - 1):
        for join in range(indptr[place], indptr[place + 1]):
            _insert(label, position[node[join]], (np.int64(weight[join]) << PLACE_BITS) + place)


@kernel
def _sweep_nearest(rows: Rows, label: Ints) -> None:
    """Lower every label (N,), by position, to the least that any way brings."""
    end, one = np.uint64(len(label)), np.uint64(1)
    for back in range(end):
        p = end - one - back
        here = label[p]
        if here < FAR_LABEL:
            for arc in range(rows.indptr[p], rows.indptr[p + one]):
                item = here + (np.int64(rows.up[arc]) << PLACE_BITS)
                if item < label[rows.higher[arc]]:
                    label[rows.higher[arc]] = item
    for q in range(end):
        least = label[q]
        for arc in range(rows.indptr[q], rows.indptr[q + one]):
            brought = label[rows.higher[arc]] + (np.int64(rows.down[arc]) << PLACE_BITS)
            least = min(least, brought)
        label[q] = least


@kernel
def _sweep_k_nearest(rows: Rows, label: Ints) -> None:
    """As `_sweep_nearest` for the k least labels of different places, in rows (N, k) in order.

    Only the k best of a node matter further on: what is later here is later wherever the way
    leads on from here.
    """
    end, one, first = np.uint64(len(label)), np.uint64(1), np.uint64(0)
    for back in range(end):
        p = end - one - back
        if label[p, first] < FAR_LABEL:
            for arc in range(rows.indptr[p], rows.indptr[p + one]):
                _merge(label, rows.higher[arc], p, np.int64(rows.up[arc]) << PLACE_BITS)
    for q in range(end):
        for arc in range(rows.indptr[q], rows.indptr[q + one]):
            _merge(label, q, rows.higher[arc], np.int64(rows.down[arc]) << PLACE_BITS)


@kernel
def _merge(label: Ints, to: Number, by: Number, leg: Number) -> None:
    """Into row `to` what is among its k least of row `by` after a leg."""
    width = np.uint64(label.shape[1])
    for column in range(width):
        item = label[by, column] + leg
        if item >= label[to, width - np.uint64(1)]:
            return
        _insert(label, to, item)


@kernel
def _insert(label: Ints, row: Number, item: Number) -> None:
    """Put a label into its place in a row in order, unless the row knows a sooner one."""
    one, first = np.uint64(1), np.uint64(0)
    at = np.uint64(label.shape[1]) - one
    if item >= label[row, at]:
        return
    for other in range(at):
        if (label[row, other] ^ item) & (2**PLACE_BITS - 1) == 0:
            if label[row, other] <= item:
                return
            at = np.uint64(other)
            break
    while at > first and label[row, at - one] > item:
        label[row, at] = label[row, at - one]
        at -= one
    label[row, at] = item


@kernel
def _tell(position: Uint32s, label: Ints, into: tuple[Int32s, Int32s]) -> None:
    """Times and place numbers (N, k) of labels; unreached ones have time `far` and place -1."""
    time, place = into
    for v in range(len(position)):
        for column in range(label.shape[1]):
            item = label[position[v], column]
            time[v, column] = item >> PLACE_BITS
            place[v, column] = item & (2**PLACE_BITS - 1) if item < FAR_LABEL else -1
