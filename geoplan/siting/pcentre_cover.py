"""Can so many sites bring everybody within a time? Yes with a plan, or no with a proof.

The question is put as a median problem: a demand point within the time costs 0, any other 1, from
a stand-in that is always open. A plan that costs 0 covers all; a bound above 0 proves that none
does. Demand points whose sites include all those of another, and sites that cover no more than
another of their group, are left out first (Toregas and ReVelle 1972).
"""

from __future__ import annotations

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import Effort, Found, LocationProblem, fault
from geoplan.siting.median_rows import FREE, OPEN, SHUT, Rows, Rule, opened, rule_of, status_of
from geoplan.siting.median_work import begin, climb_root
from geoplan.siting.pmedian_bound import relaxed_plan
from geoplan.siting.pmedian_tree import branch
from geoplan.travel.compiled import kernel

_SCALE = 1 << 24


def covering_plan(
    problem: LocationProblem, count: int, limit_ms: int | None, effort: Effort
) -> Found:
    """A plan with everybody within `limit_ms` (None: any way at all), or `infeasible`.

    `objective` is 0 where all are covered. `cut_off` where neither was found in time.
    """
    rule, status = rule_of(problem, count), status_of(problem)
    within = _within(problem, limit_ms)
    reduced = _reduced(within, status, rule.group)
    if reduced is None:
        return _none(count)
    if not reduced.any():
        plan = np.zeros(problem.sites, np.bool_)
        relaxed_plan(np.zeros(problem.sites, np.int64), status, rule, plan)
        return Found(opened(plan), 0, 0, "optimal")
    k = problem.sites
    groups = len(rule.at_least)
    wider = Rule(
        np.append(rule.group, groups),
        np.append(rule.at_least, 1),
        np.append(rule.at_most, 1),
        count + 1,
    )
    work = begin(_rows(reduced), wider, np.append(status, OPEN).astype(np.uint8), _SCALE, effort)
    work.climb.ceiling[0] = min(work.ceiling, _SCALE)  # only a plan that covers all is better
    climb_root(work, effort.seed)
    if not work.proven:
        branch(work)
    if work.ceiling == 0:
        return Found(opened(work.climb.plan[:k]), 0, 0, "optimal", (), tuple(work.stages))
    if work.proven:
        return _none(count)
    return Found(np.zeros(0, np.int64), 0, 0, "cut_off", (fault("no_plan_in_time"),))


def _none(count: int) -> Found:
    why = (fault("rule_conflict", rules=f"count {count}"),)
    return Found(np.zeros(0, np.int64), 0, 0, "infeasible", why)


def _within(problem: LocationProblem, limit_ms: int | None) -> Bools:
    """Who could be within the time of which usable site (n, k), for those with people."""
    near = np.zeros((problem.points, problem.sites), np.bool_)
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))
    kept = ~problem.forbidden[problem.site]
    if limit_ms is not None:
        kept &= problem.ms <= limit_ms
    near[row[kept], problem.site[kept]] = True
    some: Bools = near[problem.weight > 0]
    return some


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


@kernel
def _keep_rows(near: Bools, size: Ints) -> Bools:
    """Rows that include no other row; of equal rows the first."""
    n, k = near.shape
    keep = np.ones(n, np.bool_)
    order = np.argsort(size, kind="mergesort")
    spread = np.zeros(k, np.int64)
    for i in range(n):
        for j in range(k):
            spread[j] += near[i, j]
    sites = np.empty(k, np.int64)
    for at in range(n):
        i = order[at]
        if not keep[i]:
            continue
        number, rarest = 0, -1
        for j in range(k):
            if near[i, j]:
                sites[number] = j
                number += 1
                if rarest < 0 or spread[j] < spread[rarest]:
                    rarest = j
        for later in range(at + 1, n):
            r = order[later]
            if not keep[r] or not near[r, rarest]:
                continue
            includes = True
            for s in range(number):
                if not near[r, sites[s]]:
                    includes = False
                    break
            if includes:
                keep[r] = False
    return keep


@kernel
def _weaker_sites(reach: Bools, size: Ints, group: Ints) -> Bools:
    """Sites that reach nothing beyond what one other of their group reaches (k, n)."""
    k, n = reach.shape
    drop = np.zeros(k, np.bool_)
    rows = np.empty(n, np.int64)
    for j in range(k):
        if size[j] == 0:
            continue
        number = 0
        for i in range(n):
            if reach[j, i]:
                rows[number] = i
                number += 1
        for o in range(k):
            if o == j or drop[o] or group[o] != group[j] or size[o] < size[j]:
                continue
            if size[o] == size[j] and o > j:
                continue
            includes = True
            for s in range(number):
                if not reach[o, rows[s]]:
                    includes = False
                    break
            if includes:
                drop[j] = True
                break
    return drop


def _rows(near: Bools) -> Rows:
    """Rows of cost 0 for the sites in reach, then the stand-in (the last position) at cost 1."""
    n, k = near.shape
    stop = np.cumsum(near.sum(axis=1) + 1).astype(np.int64)
    start = np.concatenate([[0], stop[:-1]]).astype(np.int64)
    site = np.full(int(stop[-1]), k, np.int32)
    cost = np.full(int(stop[-1]), _SCALE, np.int64)
    row, column = np.nonzero(near)
    at = np.arange(len(row)) + row
    site[at] = column
    cost[at] = 0
    return Rows(start, stop, site, cost)
