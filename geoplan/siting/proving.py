"""Prices that prove a bound: found by relaxations and branching, believed only as counted anew.

A tree of prices, best bound first. At each node a relaxation suggests prices and a site to branch
on; what the prices prove, and which sites they settle, `check.py` counts. Where the allowance ends
first the proof has a weaker bound of its own.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from geoplan.model import Codes, Floats
from geoplan.siting.asked import CENTRES, MOST_PEOPLE, PROVABLE, Asked, asked
from geoplan.siting.check import NotProven, closes, weigh
from geoplan.siting.location import (
    FREE,
    OPEN,
    SHUT,
    Effort,
    Found,
    LocationProblem,
    Stage,
    status_of,
)
from geoplan.siting.proof import NO_BRANCH, Node, Prices, Proof
from geoplan.siting.proving_cover import CoverPrices
from geoplan.siting.proving_flow import FlowPrices
from geoplan.siting.proving_median import MedianPrices
from geoplan.siting.question import Question
from geoplan.travel.compiled import seconds_at_work

_MOST_NODES = 4000
_MOST_VALUES = 2_000_000
"""Nodes and prices of a proof, so that its file stays small."""
_TIME_SHARE = 0.25
_ANYTHING = int(np.iinfo(np.int64).max)


class Pricing(Protocol):
    """Suggests prices for one question."""

    shift: int

    def suggest(self, status: Codes, seconds: float) -> tuple[Sequence[Prices], Floats] | None:
        """Sets of prices where sites stand as in `status`, and how far each site is open (k,).

        None where nothing was found in time.
        """


@dataclass(slots=True)
class _Part:
    """A node while the tree grows; `worth` is what is proven of its plans."""

    worth: int
    status: Codes
    prices: tuple[Prices, ...] = ()
    branch: int = NO_BRANCH
    halves: list[_Part] = field(default_factory=list)


def proven(
    model: str, problem: LocationProblem, question: Question, found: Found, effort: Effort
) -> Found:
    """The answer with a proof of its bound, or of the best bound that was reached.

    Without one where there is no plan, or where prices prove nothing of the model.
    """
    if model not in PROVABLE or not len(found.chosen) or found.status == "infeasible":
        return found
    began = time.process_time()
    until = seconds_at_work() + _TIME_SHARE * effort.seconds
    claimed = asked(model, problem, question, found.bound)
    root, shift = _tree(claimed, problem, until)
    worth = max(part.worth for part in _ends(root))
    bound = _claim(model, claimed, found.bound, worth)
    if bound is None:
        return found
    proof = Proof(bound, shift, tuple(_nodes(root, worth)))
    seconds = time.process_time() - began
    stage = Stage("prices that prove the bound", seconds)
    return replace(found, proof=proof, stages=(*found.stages, stage))


def _claim(model: str, question: Asked, bound: int, worth: int) -> int | None:
    """The bound that a tree proves whose ends are worth so much at most; None if it proves none."""
    if worth <= question.goal:
        return bound
    if worth == _ANYTHING or model in CENTRES or model == "worst-area":
        return None
    return worth if model in MOST_PEOPLE else -worth


def _tree(question: Asked, problem: LocationProblem, until: float) -> tuple[_Part, int]:
    """The tree as far as the allowance lets it grow, and the shift of its prices."""
    status = status_of(problem)
    root = _Part(_ANYTHING, status)
    pricing = _pricing(question, problem, status)
    with suppress(KeyboardInterrupt):  # what has grown by then is a proof too
        _grow(root, question, pricing, until)
    return root, pricing.shift


def _pricing(question: Asked, problem: LocationProblem, status: Codes) -> Pricing:
    if question.kind == "cover":
        return CoverPrices(question, problem, status)
    plain = question.capacity is None and not question.people_rules and question.unit.any()
    return MedianPrices(question, problem, status) if plain else FlowPrices(question, status)


def _grow(root: _Part, question: Asked, pricing: Pricing, until: float) -> None:
    """Split the part with the weakest bound until all end at the goal or the allowance ends."""
    order = 0
    heap = [(-root.worth, order, root)]
    values = 0
    for _ in range(_MOST_NODES):
        left = until - seconds_at_work()
        if not heap or values > _MOST_VALUES or (left <= 0 and root.prices):
            break
        part = heapq.heappop(heap)[2]
        if not _price(part, question, pricing, max(left, 1.0)):
            break
        values += sum(int(np.count_nonzero(each.demand)) for each in part.prices)
        for half in part.halves:
            order += 1
            heapq.heappush(heap, (-half.worth, order, half))


def _price(part: _Part, question: Asked, pricing: Pricing, seconds: float) -> bool:
    """Give a node its prices and, where they leave more than the goal, its two halves."""
    none = _nothing(question, part.status)
    total = weigh(question, none, pricing.shift, part.status).total
    if total is None or total >> pricing.shift <= question.goal:
        return _applied(part, question, none, pricing.shift)
    suggested = pricing.suggest(part.status, seconds)
    if suggested is None:
        return False
    sets, opened = suggested
    for prices in sets:
        if _applied(part, question, prices, pricing.shift):
            return True
    if not (part.status == FREE).any() and _applied(part, question, none, pricing.shift):
        return True  # all sites were settled by the last prices: there is one plan left
    free = np.flatnonzero(part.status == FREE)
    if not len(free) or not part.prices:
        return False
    part.branch = int(free[np.argmin(np.abs(opened[free] - 0.5))])
    for state in (OPEN, SHUT):
        status = part.status.copy()
        status[part.branch] = state
        part.halves.append(_Part(part.worth, status))
    return True


def _applied(part: _Part, question: Asked, prices: Prices, shift: int) -> bool:
    """Keep these prices at the node; whether they leave nothing above the goal."""
    try:
        weighed = weigh(question, prices, shift, part.status)
    except NotProven:  # too large to be counted: they prove nothing
        return False
    part.prices += (prices,)
    closed = closes(question, weighed, shift, part.status)
    if closed:
        part.worth = question.goal
    elif weighed.total is not None:
        part.worth = min(part.worth, weighed.total >> shift)
    return closed


def _nothing(question: Asked, status: Codes) -> Prices:
    """Prices of 0: enough where somebody who must be served cannot be."""
    sites = 0 if question.capacity is None else len(status)
    rules = len(question.site_rules) + len(question.people_rules)
    zeros = [np.zeros(size, np.int64) for size in (len(question.unit), sites, rules)]
    return Prices(*zeros)


def _ends(part: _Part) -> list[_Part]:
    """The parts at which the lines of the tree end."""
    waiting, ends = [part], []
    while waiting:
        part = waiting.pop()
        waiting += part.halves
        if not part.halves:
            ends.append(part)
    return ends


def _nodes(root: _Part, worth: int) -> list[Node]:
    """The tree in the order of a walk, cut off where a node proves what is claimed."""
    waiting, nodes = [root], []
    while waiting:
        part = waiting.pop()
        if part.worth <= worth:
            nodes.append(Node(part.prices, NO_BRANCH))
            continue
        nodes.append(Node(part.prices, part.branch))
        waiting += part.halves[::-1]
    return nodes
