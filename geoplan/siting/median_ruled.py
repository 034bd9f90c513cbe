"""Medians under every rule: capacities, a budget, spacing, least shares.

min sum of ms_ij y_ij over plans that serve everybody. y_ij are people where sites have a capacity
(the capacitated p-median, e.g. Lorena and Senne 2004, with people split over sites), else whole
demand points. Only each demand point's nearest sites are in the programme; a stand-in that costs
no more than any site left out serves the rest, so the programme is a relaxation, and grows until
its best plan needs no stand-in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geoplan.errors import BadInput
from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed, allowed_plans, complete, fits
from geoplan.siting.areas import areas_of
from geoplan.siting.capacitated import capacity_of
from geoplan.siting.composed import Composed, finish, greedily, relax
from geoplan.siting.conflicts import without_plan
from geoplan.siting.counting import Counting, Ways, open_sites, serve_all, served, ways_of
from geoplan.siting.location import Effort, Found, LocationProblem, ended_as, fault
from geoplan.siting.median_swaps import MOST_CELLS, exchanged, shaken, table_of
from geoplan.siting.programme import Programme
from geoplan.siting.search_log import Progress
from geoplan.siting.serving import SECONDS, Transport, ways_between
from geoplan.siting.spacing import with_spacing_settled
from geoplan.travel.compiled import seconds_at_work

_MOST_COST = 1 << 60
_LIKELY = 2  # times k / count sites, nearest first, one of which is likely to be open
_SPARE = 5
_SOME = 1e-6
_RESTARTS = 12
_SEARCH_SHARE = 0.2
_ROOM_STEPS = 40
_LEAST = 2.0  # seconds for who goes where, while there is no plan at all


def has_rules(problem: LocationProblem) -> bool:
    """Whether there is a rule that the plain p-median does not know."""
    shares = problem.least_share is not None and bool(problem.least_share.any())
    spaced = problem.apart is not None and len(problem.apart) > 0
    return problem.capacity is not None or problem.budget is not None or shares or spaced


def without_rules(problem: LocationProblem) -> LocationProblem:
    """The problem of the plain p-median, of which no plan under all rules can be better."""
    settled = with_spacing_settled(problem)
    return replace(settled, capacity=None, budget=None, cost=None, apart=None, least_share=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a median is asked beside the problem; the threshold is that of the least shares."""

    count: int
    threshold_ms: int | None = None


def ruled_median(problem: LocationProblem, asked: Asked, plain: Found, effort: Effort) -> Found:
    """The median under all rules; `count` is the most there may be with a budget or spacing.

    `plain` is the answer without them: its bound holds, and its plan is where the search starts.
    """
    problem, count = with_spacing_settled(problem), asked.count
    question = _Question(problem, asked)
    progress = question.progress = Progress(effort)
    progress.limit(-question.nearest)
    progress.limit(0 if plain.status == "infeasible" else -plain.bound)
    programme, ended = None, False
    try:
        start = _start(question, plain, progress)
        _search(question, start, progress)
        programme, ended = _grown(question, progress)
    except KeyboardInterrupt:
        progress.stopped = True
    if progress.chosen is None or question.best is None:
        programme = (
            programme or _Relaxed(question, np.zeros(len(question.lengths), np.int64)).programme
        )
        return without_plan(problem, programme, progress, -progress.bound)
    new = progress.chosen & ~problem.fixed
    chosen = complete(problem, question.allowed, new, count)
    flow = question.best
    if (chosen != progress.chosen).any():  # the minimums of groups may need what was chosen
        filled = question.flow(chosen)
        if filled is None or question.cost(filled) > question.cost(flow):
            chosen = progress.chosen
        else:
            flow = filled
    objective = question.cost(flow)
    bound = min(-progress.bound, objective)
    status = ended_as(objective, bound, ended)
    served_as = flow if problem.capacity is not None else None
    stages = tuple(progress.stages)
    return Found(np.flatnonzero(chosen), objective, bound, status, stages=stages, served=served_as)


class _Question:
    """A median problem, its whole ways, and what a plan of sites costs."""

    def __init__(self, problem: LocationProblem, asked: Asked) -> None:
        self.problem, self.count, self.threshold_ms = problem, asked.count, asked.threshold_ms
        self.progress = Progress(Effort())
        self.best: Ints | None = None  # who goes where in the best plan offered
        self.capacity = None if problem.capacity is None else capacity_of(problem)
        self.allowed: Allowed = allowed_plans(problem, asked.count)
        self.wanted = areas_of(problem)[1]
        if self.wanted.any() and asked.threshold_ms is None:
            raise BadInput([fault("share_without_threshold")])
        ways = ways_of(problem, None)
        order = np.lexsort((ways.site, ways.ms, ways.row))
        self.ways = replace(ways, site=ways.site[order], ms=ways.ms[order])
        first = self.ways.ms[ways.start[:-1][np.diff(ways.start) > 0]]
        self.nearest = int(first @ ways.people[np.diff(ways.start) > 0])  # no plan costs less
        last = np.append(self.ways.ms, 0)[self.ways.start[1:] - 1]
        self.lengths = np.diff(ways.start)
        if float(last @ ways.people.astype(np.float64)) >= _MOST_COST:
            raise BadInput([fault("too_much", name="weight x ms")])

    def flow(self, chosen: Bools) -> Ints | None:
        """Who goes where (m, 3); None if somebody cannot, or a least share is not kept."""
        if self.capacity is None:
            return self._nearest(chosen)
        transport = Transport(self.ways, chosen, self.capacity)
        seconds = min(SECONDS, max(self.progress.left, 0.0 if self.best is not None else _LEAST))
        transport.serve_all()
        if self.wanted.any():
            transport.serve_areas(self.wanted, self.threshold_ms)
        return transport.solved(seconds)

    def offer(self, chosen: Bools, flow: Ints) -> None:
        """Count the plan, and keep it with its flow if it is the best so far."""
        value = -self.cost(flow)
        if self.progress.value is None or value > self.progress.value:
            self.best = flow
        self.progress.offer(chosen, value)

    def keeps_shares(self, chosen: Bools) -> bool:
        return not self.wanted.any() or self.flow(chosen) is not None

    def _nearest(self, chosen: Bools) -> Ints | None:
        ways = self.ways
        at = np.flatnonzero(chosen[ways.site])
        row, first = np.unique(ways.row[at], return_index=True)
        if len(row) < len(ways.point):
            return None
        at = at[first]
        near = ways.ms[at] <= (self.threshold_ms or 0)
        here = np.zeros(len(self.wanted), np.int64)
        np.add.at(here, ways.area[near], ways.people[near])
        if (here < self.wanted).any():
            return None
        return np.stack([ways.point, ways.site[at], ways.people], axis=1)

    def cost(self, flow: Ints) -> int:
        """Person-milliseconds of a flow."""
        ms = ways_between(self.problem, flow[:, 0], flow[:, 1]).astype(np.int64)
        return int((ms * flow[:, 2]).sum())


def _start(question: _Question, plain: Found, progress: Progress) -> Bools:
    """The plain plan's sites as far as the rules allow, then the roomiest, nearest to all."""
    problem, allowed = question.problem, question.allowed
    preferred = np.zeros(problem.sites, np.float64)
    preferred[plain.chosen] = np.inf
    if question.capacity is not None:
        preferred = np.where(preferred > 0, 2.0, 1.0) * question.capacity
    order = np.argsort(-preferred, kind="stable")
    chosen = problem.fixed | greedily(order, ~(problem.fixed | problem.forbidden), allowed)
    _offer(question, chosen, progress)
    if question.capacity is not None:
        roomy = np.argsort(-question.capacity, kind="stable")
        most = problem.fixed | greedily(roomy, ~(problem.fixed | problem.forbidden), allowed)
        _offer(question, most, progress)
    return chosen


def _search(question: _Question, start: Bools, progress: Progress) -> None:
    """Exchange from the start, then from shaken plans.

    Capacities are seen only as room in all: more of it is asked for in each round.
    """
    problem, capacity = question.problem, question.capacity
    cells = len(question.ways.point) * problem.sites
    if not 0 < cells <= MOST_CELLS or progress.proven():
        progress.ended("start")
        return
    table = table_of(question.ways, problem.sites)
    free = ~(problem.fixed | problem.forbidden)
    random = np.random.default_rng(progress.effort.seed)
    limit = seconds_at_work() + _SEARCH_SHARE * progress.left
    people = int(problem.weight.sum())

    def late() -> bool:
        return seconds_at_work() > limit

    def keeps(chosen: Bools) -> bool:
        if capacity is not None:
            return int(capacity[chosen].sum()) >= room
        return progress.chosen is None or question.keeps_shares(chosen)

    plan = start
    for turn in range(_RESTARTS):
        room = people + people * turn // _ROOM_STEPS
        plan = exchanged(table, plan, (free, question.allowed), keeps, late)
        _offer(question, plan, progress)
        if progress.proven() or late():
            break
        known = plan if progress.chosen is None else progress.chosen
        plan = shaken(known, (free, question.allowed), random)
    progress.ended("exchange")


def _offer(question: _Question, chosen: Bools, progress: Progress) -> None:
    if fits(chosen & ~question.problem.fixed, question.allowed):
        flow = question.flow(chosen)
        if flow is not None:
            question.offer(chosen, flow)


def _grown(question: _Question, progress: Progress) -> tuple[Programme | None, bool]:
    """Solve with the nearest sites of each demand point, with more where that is not enough."""
    lengths = question.lengths
    few = _LIKELY * question.problem.sites // max(1, question.count) + _SPARE
    kept, programme = np.minimum(lengths, few), None
    while not progress.proven():
        relaxed = _Relaxed(question, kept)
        programme = relaxed.programme
        model = relaxed.model()
        found = relax(model, progress)
        missed = kept < lengths
        if found.values is not None:
            used = missed & (found.values[relaxed.others] > _SOME)
            if used.any() and progress.left > 0:
                kept = np.minimum(lengths, np.where(used, 2 * kept + 1, kept))
                continue
        ended = finish(model, found, progress)
        if not ended or progress.effort.solver == "none" or not missed.any():
            return programme, ended
        if progress.impossible:
            return programme, True
        kept = np.minimum(lengths, 2 * kept + 1)
    return programme, True


class _Relaxed:
    """The programme with the `kept` (rows,) nearest ways of each row, and stand-ins."""

    def __init__(self, question: _Question, kept: Ints) -> None:
        self.question = question
        self.near, beyond = _nearest_ways(question.ways, kept)
        rows = len(self.near.point)
        whole_rows = question.capacity is None
        self.unit = self.near.people if whole_rows else np.ones(rows, np.int64)
        base = open_sites(question.problem, question.allowed)
        worth = -self.near.ms * self.unit[self.near.row]
        self.counting = served(base, self.near, question.capacity, worth)
        left_out = kept < np.diff(question.ways.start)
        most = np.where(left_out, self.near.people // self.unit, 0)
        self.others = base.draft.add(-beyond * self.unit, most)
        serve_all(self.counting, self.near, self.near.people // self.unit, self.others)
        if question.wanted.any():
            self._keep_near(beyond, question.threshold_ms or 0)
        self.programme = base.draft.make()
        if question.wanted.any() and question.capacity is not None:
            self.programme.whole[:] = True  # a flow with shares of some ways is not whole by itself

    def model(self) -> Composed:
        problem, sites = self.question.problem, self.counting.sites
        allowed = self.question.allowed
        return Composed(self.programme, sites, problem.fixed, allowed, self.worth_of)

    def _keep_near(self, beyond: Ints, threshold: int) -> None:
        near, counting = self.near, self.counting
        ways, rows = near.ms <= threshold, beyond <= threshold
        Counting(
            counting.draft,
            counting.sites,
            np.concatenate([counting.counts[ways], self.others[rows]]),
            np.concatenate([self.unit[near.row[ways]], self.unit[rows]]),
            np.concatenate([near.area[near.row[ways]], near.area[rows]]),
        ).keep_shares(self.question.wanted)

    def worth_of(self, chosen: Bools) -> tuple[int, Ints] | None:
        flow = self.question.flow(chosen)
        if flow is None:
            return None
        self.question.offer(chosen, flow)
        plan = np.zeros(len(self.programme.worth), np.int64)
        plan[: len(self.counting.sites)] = chosen[self.counting.sites]
        k = self.question.problem.sites
        key = self.near.row * k + self.near.site
        order = np.argsort(key)
        row = np.searchsorted(self.near.point, flow[:, 0])
        wanted = row * k + flow[:, 1]
        at = np.minimum(np.searchsorted(key, wanted, sorter=order), len(key) - 1)
        there = key[order[at]] == wanted
        variable = np.where(there, self.counting.counts[order[at]], self.others[row])
        np.add.at(plan, variable, flow[:, 2] // self.unit[row])
        return -self.question.cost(flow), plan


def _nearest_ways(ways: Ways, kept: Ints) -> tuple[Ways, Ints]:
    """The nearest ways of each row, and the ms of the next one after them (0 if there is none)."""
    rank = np.arange(len(ways.site)) - ways.start[:-1][ways.row]
    some = rank < kept[ways.row]
    start = np.concatenate([[0], np.cumsum(kept)])
    after = np.minimum(ways.start[:-1] + kept, len(ways.ms) - 1)
    beyond = np.where(kept < np.diff(ways.start), ways.ms[after], 0)
    return replace(ways, start=start, site=ways.site[some], ms=ways.ms[some]), beyond
