"""Branch and bound for median problems: a site stands open in one half of the plans, shut in the
other.

Best bound first; each node climbs on from its parent's prices, over the rows that its settled
sites leave (Beasley 1985).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.median_rows import FREE, OPEN, SHUT, Rows, without
from geoplan.siting.median_work import BEND, Work, better, shrink, task_of
from geoplan.siting.pmedian_bound import LONGEST, NO_PLAN, Pace, ascend

_STEPS, _PATIENCE, _LENGTH = 80, 6, 0.3 * LONGEST


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    bound: int
    number: int
    status: Codes = field(compare=False)
    price: Ints = field(compare=False)
    share: Floats = field(compare=False)


def branch(work: Work) -> None:
    """Until nothing better can be left or time is up; the bound in `work` is valid either way."""
    shrink(work)
    numbers = count()
    climb = work.climb
    heap = [_Node(work.bound, next(numbers), work.status, climb.price, climb.share)]
    while heap and not work.late:
        work.bound = max(work.bound, heap[0].bound)
        if work.proven():
            break
        for child in _halves(work, heapq.heappop(heap), numbers):
            heapq.heappush(heap, child)
    if not heap:
        work.bound = max(work.bound, work.ceiling)
    work.log("branch and bound")


def _halves(work: Work, node: _Node, numbers: count[int]) -> list[_Node]:
    """What is left of a node's plans, in two halves; none if no better plan can be left."""
    status = node.status.copy()
    rows = Rows(*without(work.rows, status))
    climb = work.climb._replace(
        price=node.price.copy(), share=node.share.copy(), length=np.full(1, _LENGTH)
    )
    ceiling = work.ceiling
    value = ascend(rows, work.rule, status, climb, Pace(_STEPS, _PATIENCE, BEND, work.scale))
    if work.ceiling < ceiling:
        better(work, work.climb.plan.copy(), task_of(work))
    free = np.flatnonzero(status == FREE)
    if value == NO_PLAN or not len(free):
        return []
    bound = max(node.bound, value)
    chosen = free[np.argmin(np.abs(climb.share[free] - 0.5))]
    made = []
    for code in (OPEN, SHUT):
        half = status.copy()
        half[chosen] = code
        made.append(_Node(bound, next(numbers), half, climb.price, climb.share))
    return made
