"""Branch and bound for median problems: a site stands open in one half of the plans, shut in the
other.

Best bound first. Where few sites lie nearer to a demand point than its price, a node is bounded by
the linear relaxation (`median_relaxed`) and branched at the fractional site whose two trials cost
most (strong branching, Applegate and others 1995). Where many do, its programme is too dense: a
node then climbs on from its parent's prices (Beasley 1985).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from geoplan.model import Bools, Codes, Floats, Ints
from geoplan.siting.median_relaxed import Relaxed
from geoplan.siting.median_rows import FREE, OPEN, SHUT, Rows, without
from geoplan.siting.median_work import Work, better, task_of
from geoplan.siting.pmedian_bound import (
    NO_PLAN,
    Pace,
    ascend,
    priced,
    relaxed_plan,
    settle,
)
from geoplan.siting.pmedian_search import nearest_two

_DENSE = 15
"""Where more sites, on average, are nearer than the price, subgradients are quicker."""
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
    """Until nothing better can be left or time is up; the bound in `work` is valid either way.

    The tree starts from the best prices alone, so that the steps kept in `work` prove all of it.
    """
    tree = _Tree(work)
    root = _Node(work.bound, 0, work.given.copy(), work.climb.price, work.climb.share)
    heap = [root] if tree.judged(work.whole, root.status, root.price, 0) < NO_PLAN else []
    if heap:
        tree.start(root.status)
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

    def __init__(self, work: Work) -> None:
        self.work = work
        self.numbers = count(1)
        self._worth = np.zeros(len(work.status), np.int64)
        self._plan = np.zeros(len(work.status), np.bool_)
        self._relaxed: Relaxed | None = None

    def start(self, status: Codes) -> None:
        """Leave out what the root settled, and choose the kind of bound."""
        work = self.work
        work.status[:] = status
        work.rows = Rows(*without(work.whole, status))
        self._task = task_of(work)
        if _nearer(work) <= _DENSE:
            self._relaxed = Relaxed(work, status)

    def judged(self, rows: Rows, status: Codes, price: Ints, number: int) -> int:
        """What prices prove of a node, NO_PLAN where nothing better is left; `status` settles."""
        work = self.work
        work.keep(number, price)
        value = priced(rows, price, (status, work.rule), self._worth, self._plan)
        room = work.ceiling - work.scale - value
        if value == NO_PLAN or room < 0:
            return NO_PLAN
        settle(self._worth, self._plan, status, work.rule, room)
        return value

    def halves(self, node: _Node) -> list[_Node]:
        """What is left of a node's plans, in two halves; none if no better plan can be left."""
        work = self.work
        if self._relaxed is None:
            left, chosen = self._by_steps(node)
        else:
            left, chosen = self._by_programme(node, self._relaxed)
        if left is None:
            return []
        made = []
        for code in (OPEN, SHUT):
            half = left.status.copy()
            half[chosen] = code
            made.append(replace(left, number=next(self.numbers), status=half))
        work.keep_halves(node.number, chosen, made[0].number)
        return made

    def _by_steps(self, node: _Node) -> tuple[_Node | None, int]:
        """Climb on from the parent's prices by subgradients."""
        work, ceiling = self.work, self.work.ceiling
        rows = Rows(*without(work.rows, node.status))
        climb = work.climb._replace(
            price=node.price.copy(), share=node.share.copy(), length=np.full(1, _LENGTH)
        )
        pace = Pace(_STEPS, _PATIENCE, _BEND, work.scale)
        ascend(rows, work.rule, node.status.copy(), climb, pace)
        if work.ceiling < ceiling:
            better(work, work.climb.plan.copy(), self._task)
        status = node.status.copy()
        value = self.judged(rows, status, climb.price, node.number)
        if value == NO_PLAN:
            return None, -1
        free = np.flatnonzero(status == FREE)
        if not len(free):
            return self._leaf(node.number)
        left = _Node(max(node.bound, value), node.number, status, climb.price, climb.share)
        return left, int(free[np.argmin(np.abs(climb.share[free] - 0.5))])

    def _by_programme(self, node: _Node, relaxed: Relaxed) -> tuple[_Node | None, int]:
        """Solve the relaxation, anew as long as its prices settle a site that is open in part."""
        work = self.work
        status, price, bound = node.status.copy(), node.price, node.bound
        while True:
            part = relaxed.solve(status)
            if part is not None:
                price = relaxed.prices()
            value = self.judged(work.rows, status, price, node.number)
            if value == NO_PLAN:
                return None, -1
            bound = max(bound, value)
            free = np.flatnonzero(status == FREE)
            if not len(free):
                return self._leaf(node.number)
            left = replace(node, bound=bound, status=status, price=price)
            if part is None:  # late, or HiGHS did not come to an end
                return left, int(free[0])
            split = np.flatnonzero((part > _FRACTION) & (part < 1 - _FRACTION))
            if not len(split) or node.number % _SELDOM == 0:
                better(work, self._rounded(part), self._task)
            if bound > work.ceiling - work.scale:
                return None, -1
            if (status[split] == FREE).all():
                relaxed.thin()
                return left, self._fractional(relaxed, part, split) if len(split) else int(free[0])

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

    def _leaf(self, number: int) -> tuple[None, int]:
        """All sites are settled: what is left is one plan; prices as high as its ways prove it."""
        work = self.work
        work.keep(number, nearest_two(work.rows, self._plan, work.far).first)
        better(work, self._plan.copy(), self._task)
        return None, -1


def _nearer(work: Work) -> float:
    """How many sites, on average, are nearer to a row than its price."""
    rows = work.whole
    below = np.repeat(work.climb.price, rows.stop - rows.start)
    return float((rows.cost < below).sum()) / len(rows.start)
