"""Each demand point's sites, nearest first, with what serving it from there would cost.

Costs are weight x milliseconds x `scale`, integers throughout, so every sum and every bound is
exact. The scale leaves room for prices between two whole costs and keeps all sums in 62 bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import OPEN, SHUT, Int32s, LocationProblem
from geoplan.travel.compiled import by_numba

_ROOM = 1 << 60


class Rows(NamedTuple):
    """Demand points with people (n,), their sites nearest first, ties to the lowest site.

    The pairs of row `i` stand at `start[i]:stop[i]`; `stop` may end a row early.
    """

    start: Ints  # (n,)
    stop: Ints  # (n,)
    site: Int32s  # (pairs,)
    cost: Ints  # (pairs,) scaled


class Columns(NamedTuple):
    """The same pairs by site: those of site `j` stand at `start[j]:start[j + 1]`."""

    start: Ints  # (k + 1,)
    row: Int32s  # (pairs,)
    cost: Ints  # (pairs,)


class Rule(NamedTuple):
    """How many sites stand open in all and in each group."""

    group: Ints  # (k,)
    at_least: Ints  # (g,)
    at_most: Ints  # (g,)
    number: int


def rule_of(problem: LocationProblem, count: int) -> Rule:
    """The quotas, as one group without limits where the problem has none."""
    group = problem.group_of
    groups = problem.groups
    least = np.zeros(groups, np.int64) if problem.at_least is None else problem.at_least
    there = np.bincount(group, minlength=groups).astype(np.int64)
    most = there if problem.at_most is None else np.minimum(problem.at_most, there)
    return Rule(group.astype(np.int64), least.astype(np.int64), most, count)


def nearest_first(problem: LocationProblem) -> tuple[Rows, int]:
    """Rows with people and their allowed sites, and the scale of the costs."""
    kept = np.repeat(problem.weight > 0, np.diff(problem.start)) & ~problem.forbidden[problem.site]
    lengths = np.diff(np.concatenate([[0], np.cumsum(kept)])[problem.start])
    alive = problem.weight > 0
    ends = np.cumsum(lengths[alive]).astype(np.int64)
    start = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    whole = bool(kept.all())
    ms, site = (problem.ms, problem.site) if whole else (problem.ms[kept], problem.site[kept])
    bits = max(1, int(problem.sites).bit_length())
    key = (ms.astype(np.int64) << bits) | site
    for first, last in zip(start.tolist(), ends.tolist(), strict=True):
        key[first:last].sort()
    site = (key & ((1 << bits) - 1)).astype(np.int32)
    key >>= bits
    key *= np.repeat(problem.weight[alive], lengths[alive])
    rows = Rows(start, ends, site, key)
    scale = scale_of(rows, problem.sites)
    key *= scale
    return rows, scale


def scale_of(rows: Rows, sites: int) -> int:
    """The largest power of two (at most 2**20) that leaves room for every sum."""
    room = _ROOM // (_most(rows) * (_partial(rows, sites) + 2))
    return max(1, min(1 << 20, 1 << max(0, room.bit_length() - 1)))


def unserved_cost(rows: Rows, scale: int, sites: int) -> int:
    """Above the cost of any plan that serves all, as far as 62 bits allow: the search's price of
    a demand point without a way, so that plans which leave nobody out always come first."""
    return min(scale + _most(rows), 2 * _ROOM // (_partial(rows, sites) + 1))


def _most(rows: Rows) -> int:
    return 1 + int(rows.cost[rows.stop - 1].sum())


def _partial(rows: Rows, sites: int) -> int:
    """How many rows could be left without a way."""
    return int((rows.stop - rows.start < sites).sum())


@by_numba
def by_site(rows: Rows, sites: int) -> tuple[Ints, Int32s, Ints]:
    """The pairs of `Columns`, rising by row."""
    start = np.zeros(sites + 1, np.int64)
    for i in range(len(rows.start)):
        for q in range(rows.start[i], rows.stop[i]):
            start[rows.site[q] + 1] += 1
    for j in range(sites):
        start[j + 1] += start[j]
    fill = start[:-1].copy()
    row = np.empty(start[sites], np.int32)
    cost = np.empty(start[sites], np.int64)
    for i in range(len(rows.start)):
        for q in range(rows.start[i], rows.stop[i]):
            j = rows.site[q]
            row[fill[j]] = i
            cost[fill[j]] = rows.cost[q]
            fill[j] += 1
    return start, row, cost


@by_numba
def without(rows: Rows, status: Codes) -> tuple[Ints, Ints, Int32s, Ints]:
    """The rows of what is left: shut sites go, and all that lies behind the first open site."""
    n = len(rows.start)
    start, stop = np.empty(n, np.int64), np.empty(n, np.int64)
    total = 0
    for i in range(n):
        start[i] = total
        for q in range(rows.start[i], rows.stop[i]):
            code = status[rows.site[q]]
            if code != SHUT:
                total += 1
            if code == OPEN:
                break
        stop[i] = total
    site, cost = np.empty(total, np.int32), np.empty(total, np.int64)
    for i in range(n):
        at = start[i]
        for q in range(rows.start[i], rows.stop[i]):
            if at == stop[i]:
                break
            if status[rows.site[q]] != SHUT:
                site[at] = rows.site[q]
                cost[at] = rows.cost[q]
                at += 1
    return start, stop, site, cost


def opened(plan: Bools) -> Ints:
    """Positions of the open sites, rising."""
    return np.flatnonzero(plan).astype(np.int64)
