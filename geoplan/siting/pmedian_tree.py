"""Branch and bound for median problems: a site stands open in one half of the plans, shut in the
other.

Best bound first. A node is bounded by the linear relaxation (`median_relaxed`) and branched at the
fractional site whose two trials cost most (strong branching, Applegate and others 1995). Where many
sites lie nearer to a demand point than its price, that programme is dense and slow: unless it
proves much more of the whole question than steps did, as in cities, where steps stall, nodes then
climb on from their parent's prices (Beasley 1985).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from geoplan.model import Bools, Codes, Floats, Ints
from geoplan.siting.location import FREE, OPEN, SHUT
from geoplan.siting.median_relaxed import Relaxed
from geoplan.siting.median_rows import Rows, without
from geoplan.siting.median_work import Work, better, shrink, task_of
from geoplan.siting.pmedian_bound import (
    NO_PLAN,
    Pace,
    ascend,
    priced,
    relaxed_plan,
    settle,
)

_MANY = 30
"""Where so many sites come to one that is opened, the relaxation is dense."""
_WORTH_IT = 0.5
"""A dense one is kept if it leaves no more of the gap that steps left."""
_STEPS, _PATIENCE, _LENGTH, _BEND = 80, 6, 1.0, 0.5
_TRIED = 4  # fractional sites
_FRACTION = 1e-6
_SELDOM = 4  # nodes from one exchange to the next


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    """What is left at a node, the prices it starts from, and which sites they favour."""

    bound: int
    number: int
    status: Codes = field(compare=False)
    price: Ints = field(compare=False)
    share: Floats = field(compare=False)


def branch(work: Work) -> None:
    """Until nothing better can be left or time is up; the bound in `work` is valid either way."""
    dense = _dense(work)
    shrink(work)
    tree = _Tree(work, dense)
    heap = [_Node(work.bound, 0, work.status.copy(), work.climb.price, work.climb.share)]
    while heap and not work.late:
        work.bound = max(work.bound, heap[0].bound)
        if work.proven():
            break
        for half in tree.halves(heapq.heappop(heap)):
            heapq.heappush(heap, half)
    if not heap:
        work.bound = max(work.bound, work.ceiling)
    work.log("branch and bound")


class _Tree:
    """How nodes are bounded and halved."""

    def __init__(self, work: Work, dense: bool) -> None:
        self.work = work
        self._numbers = count(1)
        self._worth = np.zeros(len(work.status), np.int64)
        self._plan = np.zeros(len(work.status), np.bool_)
        self._task = task_of(work)
        self._dense = dense
        self._relaxed: Relaxed | None = Relaxed(work, work.status)

    def halves(self, node: _Node) -> list[_Node]:
        """What is left of a node's plans, in two halves; none if no better plan can be left."""
        if self._relaxed is None:
            left, chosen = self._by_steps(node)
        else:
            left, chosen = self._by_programme(node, self._relaxed)
        if left is None:
            return []
        if self._dense and not node.number and self._leaves_much(node, left):
            self._relaxed = None
        made = []
        for code in (OPEN, SHUT):
            half = left.status.copy()
            half[chosen] = code
            made.append(replace(left, number=next(self._numbers), status=half))
        return made

    def _leaves_much(self, before: _Node, left: _Node) -> bool:
        ceiling = self.work.ceiling
        return ceiling - left.bound > _WORTH_IT * (ceiling - before.bound)

    def _by_steps(self, node: _Node) -> tuple[_Node | None, int]:
        """Climb on from the parent's prices by subgradients."""
        work, ceiling = self.work, self.work.ceiling
        status = node.status.copy()
        rows = Rows(*without(work.rows, status))
        climb = work.climb._replace(
            price=node.price.copy(), share=node.share.copy(), length=np.full(1, _LENGTH)
        )
        pace = Pace(_STEPS, _PATIENCE, _BEND, work.scale)
        value = ascend(rows, work.rule, status, climb, pace)
        if work.ceiling < ceiling:
            better(work, work.climb.plan.copy(), self._task)
        free = np.flatnonzero(status == FREE)
        if value == NO_PLAN or not len(free):
            return None, -1
        left = _Node(max(node.bound, value), node.number, status, climb.price, climb.share)
        return left, int(free[np.argmin(np.abs(climb.share[free] - 0.5))])

    def _judged(self, status: Codes, price: Ints) -> int:
        """What prices prove of a node, NO_PLAN where nothing better is left; `status` settles."""
        work = self.work
        value = priced(work.rows, price, (status, work.rule), self._worth, self._plan)
        room = work.ceiling - work.scale - value
        if value == NO_PLAN or room < 0:
            return NO_PLAN
        settle(self._worth, self._plan, status, work.rule, room)
        return value

    def _by_programme(self, node: _Node, relaxed: Relaxed) -> tuple[_Node | None, int]:
        """Solve the relaxation, anew as long as its prices settle a site that is open in part."""
        work = self.work
        status, price, bound = node.status.copy(), node.price, node.bound
        while True:
            part = relaxed.solve(status)
            if part is not None:
                price = relaxed.prices()
            value = self._judged(status, price)
            if value == NO_PLAN:
                return None, -1
            bound = max(bound, value)
            free = np.flatnonzero(status == FREE)
            if not len(free):
                better(work, self._plan.copy(), self._task)  # what is left is one plan
                return None, -1
            left = replace(node, bound=bound, status=status, price=price)
            if part is None:  # late, or HiGHS did not come to an end
                return left, int(free[0])
            split = np.flatnonzero((part > _FRACTION) & (part < 1 - _FRACTION))
            if not len(split) or node.number % _SELDOM == 0:
                better(work, self._rounded(part), self._task)
            if bound > work.ceiling - work.scale:
                return None, -1
            if (status[split] == FREE).all():
                chosen = self._fractional(relaxed, part, split) if len(split) else int(free[0])
                relaxed.thin()
                return left, chosen

    def _rounded(self, part: Floats) -> Bools:
        """The plan of the sites that are open most."""
        plan = np.zeros(len(part), np.bool_)
        seldom: Ints = -(part * (1 << 40)).astype(np.int64)
        relaxed_plan(seldom, self.work.status, self.work.rule, plan)
        return plan

    def _fractional(self, relaxed: Relaxed, part: Floats, split: Ints) -> int:
        """Of the sites nearest to one half the one whose two trials cost most (their product)."""
        tried = split[np.argsort(np.abs(part[split] - 0.5), kind="stable")[:_TRIED]]
        if len(tried) == 1:
            return int(tried[0])
        room = float(self.work.ceiling - self.work.bound)
        gains = np.clip(relaxed.trials(tried), 1e-6 * room, room)
        return int(tried[np.argmax(gains[:, 0] * gains[:, 1])])


def _dense(work: Work) -> bool:
    """Whether so many sites are nearer to a row than its price that the lines would be long."""
    longest = len(work.rows.site) / len(work.rows.start)
    return min(longest, len(work.status) / work.rule.number) > _MANY
