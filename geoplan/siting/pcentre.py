"""The p-centre: as many sites as asked, so that the longest way to the nearest is shortest.

min max_i ms(i, nearest open site) (Hakimi 1964), by bisection over the times that occur, each
asked as a covering question (Minieka 1970). Only the demand points that decide are asked: where a
plan for them leaves others too far, those join them (Chen and Chen 2009). Everybody with people
counts alike.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from geoplan.errors import Fault
from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import (
    OPEN,
    Effort,
    Found,
    LocationProblem,
    Positions,
    Stage,
    Status,
    fault,
    infeasible,
    status_of,
)
from geoplan.siting.median_refused import refused
from geoplan.siting.median_rows import Columns, Rows, Rule, by_site, opened, rule_of
from geoplan.siting.median_ruled import has_rules
from geoplan.siting.pcentre_cover import Cover, cover
from geoplan.siting.pcentre_ruled import ruled_centre
from geoplan.travel.compiled import by_numba, seconds_at_work

_NO_WAY = np.iinfo(np.int64).max


@dataclass(slots=True)
class _Question:
    """Demand with people and its ways to usable sites; the rows that were found to decide."""

    rows: Rows  # `cost` is milliseconds, in order of sites
    columns: Columns
    point: Ints  # (n,) the demand point of each row
    rule: Rule
    status: Codes
    until: float
    effort: Effort
    core: list[int] = field(default_factory=list)

    def table(self) -> Ints:
        """Milliseconds of the deciding rows to all sites (rows, k), _NO_WAY where there is none."""
        table = np.full((len(self.core), len(self.status)), _NO_WAY)
        for at, i in enumerate(self.core):
            pairs = slice(self.rows.start[i], self.rows.stop[i])
            table[at, self.rows.site[pairs]] = self.rows.cost[pairs]
        return table

    def times(self, low: int, high: int) -> Ints:
        """The times of the deciding rows from `low` to below `high`, rising."""
        times = np.unique(self.table())
        some: Ints = times[(times >= low) & (times < high)]
        return some


def p_centre(problem: LocationProblem, count: int, effort: Effort | None = None) -> Found:
    """`count` open sites, fixed ones too; `objective` and `bound` are milliseconds.

    Quotas are kept, and a budget, spacing and capacities by `pcentre_ruled`; `infeasible` where
    `count` sites cannot reach everybody at all. Ctrl-C is as the end of time: the best plan so far
    and a valid bound.
    """
    if has_rules(problem):
        return ruled_centre(problem, count, effort or Effort())
    if why := refused(problem, count):
        return infeasible(why)
    question = _question(problem, count, effort or Effort())
    shortest = np.full(len(question.point), _NO_WAY)
    _nearer(question.columns, np.ones(problem.sites, np.bool_), shortest)
    low = int(shortest.max(initial=0))
    if len(shortest):
        question.core.append(int(shortest.argmax()))
    began = time.process_time()
    first = _reach(question, _NO_WAY - 1)
    if first.plan is None:
        return _without_plan(question, first, count)
    plan, high, stopped = first.plan, first.worst, False
    try:
        while low < high:
            times = question.times(low, high)
            limit = int(times[(len(times) - 1) // 2]) if len(times) else low
            found = _reach(question, limit)
            if found.plan is not None:
                plan, high = found.plan, found.worst
            elif found.proven:
                # Between two times of the deciding rows, which may be more by now, nothing changes.
                later = question.times(limit + 1, high)
                low = int(later[0]) if len(later) else high
            else:
                stopped = True
                break
    except KeyboardInterrupt:
        stopped = True
    stage = Stage("bisection", time.process_time() - began)
    status: Status = "cut_off" if stopped and low < high else "optimal"
    return Found(opened(plan), high, low, status, (), (stage,))


def reaching_plan(problem: LocationProblem, count: int, effort: Effort) -> Found:
    """Any plan that reaches everybody; `infeasible` or `cut_off` where none was found."""
    question = _question(problem, count, effort)
    found = _reach(question, _NO_WAY - 1)
    if found.plan is None:
        return _without_plan(question, found, count)
    return Found(opened(found.plan), 0, 0, "optimal")


def _question(problem: LocationProblem, count: int, effort: Effort) -> _Question:
    some = problem.weight > 0
    lengths = np.diff(problem.start)
    kept = np.repeat(some, lengths) & ~problem.forbidden[problem.site]
    before = np.concatenate([[0], np.cumsum(kept)])[problem.start]
    rows = Rows(
        before[:-1][some], before[1:][some], problem.site[kept], problem.ms[kept].astype(np.int64)
    )
    return _Question(
        rows,
        Columns(*by_site(rows, problem.sites)),
        np.flatnonzero(some),
        rule_of(problem, count),
        status_of(problem),
        seconds_at_work() + effort.seconds,
        effort,
    )


def _reach(question: _Question, limit: int) -> Cover:
    """A plan with everybody within `limit` (its `worst` is then the longest way), or none."""
    while True:
        left = max(0.0, question.until - seconds_at_work())
        near = question.table() <= limit
        found = cover(near, question.rule, question.status, replace(question.effort, seconds=left))
        if found.plan is None:
            return found
        way = np.full(len(question.point), _NO_WAY)
        by = _nearer(question.columns, found.plan, way)
        if way.max(initial=0) <= limit:
            return replace(found, worst=int(way.max(initial=0)))
        if left == 0.0:
            return Cover(None, False)
        question.core += _farthest_of_each(way, by, limit)


def _farthest_of_each(way: Ints, by: Ints, limit: int) -> list[int]:
    """For each open site the row it serves from farthest beyond `limit`, the lowest of equals."""
    order = np.lexsort((np.arange(len(way)), -way, by))
    order = order[way[order] > limit]
    _, first = np.unique(by[order], return_index=True)
    rows: list[int] = order[first].tolist()
    return rows


@by_numba
def _nearer(columns: Columns, plan: Bools, way: Ints) -> Ints:
    """The shortest way to an open site, into `way`; returns the site (-1 where there is none)."""
    by = np.full(len(way), -1)
    for j in range(len(plan)):
        if plan[j]:
            for q in range(columns.start[j], columns.start[j + 1]):
                if columns.cost[q] < way[columns.row[q]]:
                    way[columns.row[q]] = columns.cost[q]
                    by[columns.row[q]] = j
    return by


def _without_plan(question: _Question, found: Cover, count: int) -> Found:
    if not found.proven:
        why = (fault("no_plan_in_time"),)
        return Found(np.zeros(0, np.int64), 0, 0, "cut_off", why)
    return infeasible((_too_few(question, count),))


def _too_few(question: _Question, count: int) -> Fault:
    """Demand points no two of which share a site, if they need more than the new sites; else that
    the rules together leave somebody out."""
    reach = question.table() < _NO_WAY
    held = question.status == OPEN
    new = count - int(held.sum())
    apart: list[int] = []
    taken = held.copy()
    for at in np.argsort(reach.sum(axis=1), kind="stable"):
        if not (reach[at] & taken).any() and len(apart) <= new:
            taken |= reach[at]
            apart.append(int(question.point[question.core[at]]))
    if len(apart) <= new:
        return fault("cannot_reach_all", count=count)
    points = Positions(sorted(apart))
    return fault("points_apart", points, number=len(points), new=new, points=points)
