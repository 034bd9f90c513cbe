"""Branch and bound for the p-median: a site stands open in one half of the plans, shut in the other.

Best bound first; each node climbs on from its parent's prices, over the rows that its settled
sites leave (Beasley 1985).
"""

from __future__ import annotations

import heapq
from itertools import count as counter

import numpy as np

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.median_rows import FREE, OPEN, SHUT, Rows, without
from geoplan.siting.pmedian import Work, better, shrink
from geoplan.siting.pmedian_bound import LONGEST, NO_PLAN, Pace, ascend

_STEPS = 80
_Node = tuple[int, int, Codes, Ints, Floats]


def branch(work: Work) -> None:
    """Until nothing better can be left or time is up; the bound stands in `work` either way."""
    shrink(work)
    number = counter()
    heap: list[_Node] = []
    _add(heap, (work.bound, next(number), work.status, work.climb.price, work.climb.share))
    nodes = 0
    while heap and not work.late:
        node = heapq.heappop(heap)
        work.bound = node[0]
        if work.proven:
            break
        nodes += 1
        for child in _children(work, node, number):
            _add(heap, child)
        work.bound = heap[0][0] if heap else work.ceiling
    work.log(f"tree {nodes}")


def _add(heap: list[_Node], node: _Node) -> None:
    heapq.heappush(heap, node)


def _children(work: Work, node: _Node, number: counter[int]) -> list[_Node]:
    bound, _, status, price, share = node
    status = status.copy()
    rows = Rows(*without(work.rows, status))
    climb = work.climb._replace(
        price=price.copy(), share=share.copy(), length=np.full(1, LONGEST * 0.3)
    )
    ceiling = work.ceiling
    value = ascend(rows, work.rule, status, climb, Pace(_STEPS, 6, work.scale))
    if work.ceiling < ceiling:
        better(work, work.climb.plan.copy())
    free = np.flatnonzero(status == FREE)
    if value == NO_PLAN or not len(free):
        return []
    bound = max(bound, value)
    chosen = free[np.argmin(np.abs(climb.share[free] - 0.5))]
    made = []
    for code in (OPEN, SHUT):
        half = status.copy()
        half[chosen] = code
        made.append((bound, next(number), half, climb.price, climb.share))
    return made
