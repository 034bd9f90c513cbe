"""Solving a median problem in stages: where it stands, and the stage of prices and exchange."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import FREE, Effort, Stage
from geoplan.siting.median_rows import Columns, Rows, Rule, by_site, unserved_cost, without
from geoplan.siting.pmedian_bound import (
    LONGEST,
    NO_PLAN,
    SHORTEST,
    Climb,
    Pace,
    ascend,
    relaxed_plan,
    worths,
)
from geoplan.siting.pmedian_search import Task, exchange, nearest_two, shaken
from geoplan.travel.compiled import seconds_at_work

STEPS, PATIENCE, BEND = 50, 15, 0.7
_PASSES = 40
_DRAWS = 4096
_SLOW = 2
"""So many rounds in a row that close less than a tenth of the gap end the climb."""


@dataclass(slots=True)
class Work:
    """What is left of the problem, the best plan, the bound, the log. Costs are scaled."""

    rows: Rows
    rule: Rule
    status: Codes
    climb: Climb
    scale: int
    far: int
    until: float  # by the wall clock
    bound: int = 0
    stopped: bool = False
    stages: list[Stage] = field(default_factory=list)
    began: float = field(default_factory=time.process_time)

    @property
    def late(self) -> bool:
        self.stopped = self.stopped or seconds_at_work() > self.until
        return self.stopped

    @property
    def ceiling(self) -> int:
        return int(self.climb.ceiling[0])

    def proven(self) -> bool:
        """No plan is better by a whole unit."""
        return self.bound > self.ceiling - self.scale

    @property
    def whole_bound(self) -> int:
        """The bound in units of the objective, rounded up: costs are whole there."""
        return min(-(-self.bound // self.scale), self.ceiling // self.scale)

    def log(self, name: str) -> None:
        now = time.process_time()
        self.stages.append(Stage(name, now - self.began))
        self.began = now


def begin(rows: Rows, rule: Rule, status: Codes, scale: int, effort: Effort) -> Work:
    """A first plan from guessed prices, exchanged; the prices then start from that plan."""
    until = seconds_at_work() + effort.seconds
    k = len(status)
    plan, worth = np.zeros(k, np.bool_), np.zeros(k, np.int64)
    rank = np.minimum(rows.start + 2 * k // (rule.number + 1), rows.stop - 1)
    worths(rows, rows.cost[rank], worth)
    relaxed_plan(worth, status, rule, plan)
    climb = Climb(
        rows.cost[rank],
        np.full(k, 0.5),
        plan,
        np.full(1, NO_PLAN, np.int64),
        np.full(1, LONGEST),
    )
    far = unserved_cost(rows, scale, k)
    nearest = int(rows.cost[rows.start].sum())  # nobody is nearer in any plan
    work = Work(rows, rule, status, climb, scale, far, until, nearest)
    restart(work, plan.copy())
    return work


def restart(work: Work, plan: Bools) -> None:
    """Exchange from `plan`, and set prices between its nearest and its second nearest sites."""
    better(work, plan, task_of(work))
    served = nearest_two(work.rows, work.climb.plan, work.far)
    last = work.rows.cost[work.rows.stop - 1]
    work.climb.price[:] = served.first + (np.minimum(served.second, last) - served.first) // 3
    work.log("exchange")


def leaves_out(work: Work) -> bool:
    """Whether the best plan leaves a demand point without a way."""
    return bool((nearest_two(work.rows, work.climb.plan, work.far).by < 0).any())


def task_of(work: Work) -> Task:
    columns = Columns(*by_site(work.rows, len(work.status)))
    return Task(work.rows, columns, work.rule, work.status, work.far)


def better(work: Work, plan: Bools, task: Task) -> None:
    """Exchange from `plan` (in place); keep what comes out if it is the best so far."""
    cost = exchange(task, plan, _PASSES)
    if cost < work.ceiling:
        work.climb.ceiling[0] = cost
        work.climb.plan[:] = plan


def shrink(work: Work) -> None:
    """Leave out of the rows what the settled sites made needless."""
    work.rows = Rows(*without(work.rows, work.status))


def climb_root(work: Work, seed: int) -> None:
    """Raise the bound, exchange from what the prices suggest and from shaken plans, by turns."""
    random = np.random.default_rng(seed)
    task = task_of(work)
    pace = Pace(STEPS, PATIENCE, BEND, work.scale)
    slow = 0
    while not work.proven() and slow < _SLOW and not work.late:
        left, ceiling = int((work.status == FREE).sum()), work.ceiling
        gap = ceiling - work.bound
        value = ascend(work.rows, work.rule, work.status, work.climb, pace)
        work.bound = work.ceiling if value == NO_PLAN else max(work.bound, value)
        if work.proven() or work.climb.length[0] < SHORTEST:
            break
        slow = slow + 1 if ceiling - work.bound > 0.9 * gap else 0
        if (work.status == FREE).sum() < 0.8 * left:
            shrink(work)
            task = task_of(work)
        met = work.climb.plan.copy() if work.ceiling < ceiling else _suggested(work)
        better(work, met, task)
        swaps = max(2, work.rule.number // 20)
        draws = random.integers(0, 1 << 30, _DRAWS)
        better(work, shaken(task, work.climb.plan, swaps, draws), task)
    work.log("prices")


def _suggested(work: Work) -> Bools:
    """The sites that the prices took most often, lately."""
    plan = np.zeros(len(work.status), np.bool_)
    seldom: Ints = -(work.climb.share * (1 << 40)).astype(np.int64)
    relaxed_plan(seldom, work.status, work.rule, plan)
    return plan
