"""Can so many sites bring everybody within a time? Yes with a plan, or no with a proof.

The question is put as a median problem: a demand point within the time costs 0, any other 1, from
a stand-in that is always open. A plan that costs 0 covers all; a bound above 0 proves that none
does. Demand points whose sites include all those of another, and sites that cover no more than
another of their group, are left out first (Toregas and ReVelle 1972).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import OPEN, Effort
from geoplan.siting.median_rows import Rows, Rule
from geoplan.siting.median_work import begin, climb_root
from geoplan.siting.pmedian_bound import relaxed_plan
from geoplan.siting.pmedian_tree import branch
from geoplan.travel.compiled import by_numba

_SCALE = 1 << 24


@dataclass(frozen=True, slots=True)
class Cover:
    """A plan (k,) that covers every row, or none; `proven` where there is none at all."""

    plan: Bools | None
    proven: bool
    worst: int = 0


def cover(near: Bools, rule: Rule, status: Codes, effort: Effort) -> Cover:
    """A plan under `rule` and `status` with an open site in reach of every row of `near` (n, k)."""
    k = near.shape[1]
    reduced = _reduced(near, status, rule.group)
    if reduced is None:
        return Cover(None, True)
    if not len(reduced):
        plan = np.zeros(k, np.bool_)
        relaxed_plan(np.zeros(k, np.int64), status, rule, plan)
        return Cover(plan, False)
    groups = len(rule.at_least)
    wider = Rule(
        np.append(rule.group, groups),
        np.append(rule.at_least, 1),
        np.append(rule.at_most, 1),
        rule.number + 1,
    )
    work = begin(_rows(reduced), wider, np.append(status, OPEN).astype(np.uint8), _SCALE, effort)
    work.climb.ceiling[0] = min(work.ceiling, _SCALE)  # only a plan that covers all is better
    climb_root(work, effort.seed)
    if not work.proven():
        branch(work)
    if work.ceiling == 0:
        return Cover(work.climb.plan[:k].copy(), False)
    return Cover(None, work.proven())


def _reduced(within: Bools, status: Codes, group: Ints) -> Bools | None:
    """The rows and pairs that decide; None if a row has no site."""
    if not within.any(axis=1).all():
        return None
    rows = np.ascontiguousarray(within[~within[:, status == OPEN].any(axis=1)])
    for _ in range(2):
        rows = np.ascontiguousarray(rows[_keep_rows(rows, rows.sum(axis=1))])
        columns = np.ascontiguousarray(rows.T)
        drop = _weaker_sites(columns, columns.sum(axis=1), group)
        rows[:, drop] = False
    return rows


@by_numba
def _members(flags: Bools, found: Ints) -> int:
    number = 0
    for at in range(len(flags)):
        if flags[at]:
            found[number] = at
            number += 1
    return number


@by_numba
def _includes(flags: Bools, members: Ints, number: int) -> bool:
    at = 0
    while at < number and flags[members[at]]:
        at += 1
    return at == number


@by_numba
def _keep_rows(near: Bools, size: Ints) -> Bools:
    """Rows that include no other row; of equal rows the first."""
    n, k = near.shape
    keep = np.ones(n, np.bool_)
    order = np.argsort(size, kind="mergesort")
    sites = np.empty(k, np.int64)
    for at in range(n):
        if not keep[order[at]]:
            continue
        number = _members(near[order[at]], sites)
        for later in range(at + 1, n):
            r = order[later]
            if keep[r] and _includes(near[r], sites, number):
                keep[r] = False
    return keep


@by_numba
def _weaker_sites(reach: Bools, size: Ints, group: Ints) -> Bools:
    """Sites that reach nothing beyond what one other of their group reaches (k, n)."""
    k, n = reach.shape
    drop = np.zeros(k, np.bool_)
    rows = np.empty(n, np.int64)
    order = np.argsort(-size, kind="mergesort")
    for at in range(k):
        j = order[at]
        number = _members(reach[j], rows)
        for before in range(at):
            o = order[before]
            if not drop[o] and group[o] == group[j] and _includes(reach[o], rows, number):
                drop[j] = True
                break
    return drop


def _rows(near: Bools) -> Rows:
    """Rows of cost 0 for the sites in reach, then the stand-in (the last position) at cost 1."""
    k = near.shape[1]
    stop = np.cumsum(near.sum(axis=1) + 1).astype(np.int64)
    start = np.concatenate([[0], stop[:-1]]).astype(np.int64)
    site = np.full(int(stop[-1]), k, np.int32)
    cost = np.full(int(stop[-1]), _SCALE, np.int64)
    row, column = np.nonzero(near)
    at = np.arange(len(row)) + row
    site[at] = column
    cost[at] = 0
    return Rows(start, stop, site, cost)
