"""The p-median: as many sites as asked, so that the people's way to the nearest is least in all.

min sum_i weight_i x ms(i, nearest open site) over plans with `count` open sites (Hakimi 1964;
ReVelle and Swain 1970). Solved in stages: a plan by exchange, prices and their bound, exchange
again from what the prices suggest, and branch and bound over what is left (`pmedian_tree`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import Effort, Found, LocationProblem, Stage
from geoplan.siting.median_rows import (
    FREE,
    Columns,
    Rows,
    Rule,
    by_site,
    nearest_first,
    opened,
    rule_of,
    status_of,
    unserved_cost,
    without,
)
from geoplan.siting.pmedian_bound import LONGEST, NO_PLAN, SHORTEST, Climb, Pace, ascend
from geoplan.siting.pmedian_bound import relaxed_plan, worths
from geoplan.siting.pmedian_search import Task, exchange, plan_cost, shaken

_STEPS = 60
_PASSES = 40


@dataclass(slots=True)
class Work:
    """Where solving stands: what is left of the problem, the best plan, the bound, the log."""

    rows: Rows
    rule: Rule
    status: Codes
    climb: Climb
    scale: int
    far: int
    until: float  # by the wall clock
    bound: int = 0  # scaled
    stages: list[Stage] = field(default_factory=list)
    began: float = field(default_factory=time.process_time)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.until

    @property
    def ceiling(self) -> int:
        return int(self.climb.ceiling[0])

    @property
    def proven(self) -> bool:
        return self.bound > self.ceiling - self.scale

    def log(self, name: str) -> None:
        bound = min(-(-self.bound // self.scale), self.ceiling // self.scale)
        seconds, self.began = time.process_time() - self.began, time.process_time()
        self.stages.append(Stage(name, seconds, self.ceiling // self.scale, bound))


def p_median(problem: LocationProblem, count: int, effort: Effort | None = None) -> Found:
    effort = effort or Effort()
    work = _prepared(problem, count, effort)
    _root(work, np.random.default_rng(effort.seed))
    if not work.proven and effort.solver != "none":
        from geoplan.siting.pmedian_tree import branch

        branch(work)
    return _found(work)


def _prepared(problem: LocationProblem, count: int, effort: Effort) -> Work:
    until = time.monotonic() + effort.seconds
    rows, scale = nearest_first(problem)
    rule, status = rule_of(problem, count), status_of(problem)
    far = unserved_cost(rows, scale)
    n, k = len(rows.start), problem.sites
    rank = np.minimum(rows.start + max(1, 2 * k // (count + 1)), rows.stop - 1)
    price = rows.cost[rank].copy()
    climb = Climb(
        price,
        np.full(k, 0.5),
        np.zeros(k, np.bool_),
        np.full(1, NO_PLAN, np.int64),
        np.full(1, LONGEST),
    )
    work = Work(rows, rule, status, climb, scale, far, until)
    worth, plan = np.zeros(k, np.int64), np.zeros(k, np.bool_)
    worths(rows, price, worth)
    relaxed_plan(worth, status, rule, plan)
    work.log("prepare")
    better(work, plan)
    work.log("exchange")
    first = np.empty(n, np.int64)
    return work


def task_of(work: Work) -> Task:
    columns = Columns(*by_site(work.rows, len(work.status)))
    return Task(work.rows, columns, work.rule, work.status, work.far)


def better(work: Work, plan: Bools, task: Task | None = None) -> bool:
    """Exchange from `plan`; keep what comes out if it is the best so far."""
    task = task or task_of(work)
    cost = exchange(task, plan, _PASSES)
    if cost < work.ceiling:
        work.climb.ceiling[0] = cost
        work.climb.plan[:] = plan
        return True
    return False


def shrink(work: Work) -> None:
    """Leave out of the rows what the settled sites made needless."""
    work.rows = Rows(*without(work.rows, work.status))


def _root(work: Work, random: np.random.Generator) -> None:
    stale = 0
    task = task_of(work)
    while not work.late and not work.proven and work.climb.length[0] >= SHORTEST:
        before, left = work.bound, int((work.status == FREE).sum())
        ceiling = work.ceiling
        value = ascend(work.rows, work.rule, work.status, work.climb, Pace(_STEPS, 10, work.scale))
        if value == NO_PLAN:
            work.bound = work.ceiling
            break
        work.bound = max(work.bound, value)
        if (work.status == FREE).sum() < 0.8 * left:
            shrink(work)
            task = task_of(work)
        plan = work.climb.plan if work.ceiling < ceiling else relaxed(work)
        better(work, plan.copy(), task)
        draws = random.integers(0, 1 << 30, 4096)
        better(work, shaken(task, work.climb.plan, max(2, work.rule.count // 20), draws), task)
    work.log("prices")


def relaxed(work: Work) -> Bools:
    """The sites that the prices take most often, lately."""
    plan = np.zeros(len(work.status), np.bool_)
    worth = -(work.climb.share * (1 << 40)).astype(np.int64)
    relaxed_plan(worth, work.status, work.rule, plan)
    return plan


def _found(work: Work) -> Found:
    value = work.ceiling // work.scale
    bound = min(value, -(-work.bound // work.scale))
    status = "optimal" if bound == value else "cut_off" if work.late else "within"
    return Found(opened(work.climb.plan), value, bound, status, (), tuple(work.stages))
