"""Covering that is fair to areas: the worst area first, or no more uneven than so much.

Where sites have a capacity, people count who are served; else those with an open site in reach.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import BadInput
from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed, allowed_plans, contradictions
from geoplan.siting.areas import areas_of, people_of_areas, within_gini
from geoplan.siting.capacitated import by_programme, heard, searched, served_by_area
from geoplan.siting.composed import Composed, completed, offer
from geoplan.siting.conflicts import without_plan
from geoplan.siting.counting import covered, open_sites, served, ways_of
from geoplan.siting.fair_start import for_even_cover, for_worst_area
from geoplan.siting.location import ALL, Effort, Found, LocationProblem, ended_as, fault, infeasible
from geoplan.siting.mclp import mclp, most_at_all
from geoplan.siting.programme import Programme
from geoplan.siting.reduce import reduce_cover
from geoplan.siting.search_log import Progress
from geoplan.siting.spacing import with_spacing_settled

_MOST_PEOPLE = 1 << 30
_FIRST_SHARE = 0.8
_ROOM = 1 << 61


def worst_area(
    problem: LocationProblem, threshold_ms: int, count: int | None, effort: Effort | None = None
) -> Found:
    """Most of the worst area's people within the threshold, then most people in all.

    max min_h C_h / W_h (Rawls's rule; e.g. Marsh and Schilling 1994), C_h people covered of the
    W_h of area h. `objective` and `bound` are whole millionths of that share, rounded down, and
    the status is theirs; the people in all are the most that the time left finds at that share.
    Rules as in `mclp`.
    """
    if why := _refused(problem, count):
        return why
    effort = effort or Effort()
    problem = _with_areas(problem)
    question = _Question(problem, threshold_ms, count, exact=False)
    progress = Progress(replace(effort, seconds=_FIRST_SHARE * effort.seconds))
    programme = question.worst()
    progress.limit(ALL)
    model = question.model(programme, progress)
    if problem.capacity is None:
        with heard(progress):
            start = for_worst_area(problem, threshold_ms, question.allowed, progress)
            offer(model, start, progress)
    progress.ended("exchange")
    ended = searched(model, progress)
    if progress.chosen is None:
        return without_plan(problem, programme, progress, progress.bound)
    share, chosen = progress.value or 0, np.flatnonzero(progress.chosen)
    least = np.maximum(_shares(problem), share)
    seconds = (
        0.0 if progress.stopped else max(progress.left, 0.0) + (1 - _FIRST_SHARE) * effort.seconds
    )
    left = replace(effort, seconds=seconds)
    most = mclp(replace(problem, least_share=least), threshold_ms, count, 1, left)
    flow = most.served
    if len(most.chosen):
        chosen = most.chosen
    elif problem.capacity is not None:
        flow = question.flow(programme, progress.chosen)
    status = ended_as(share, progress.bound, ended)
    stages = (*progress.stages, *most.stages)
    return Found(chosen, share, progress.bound, status, stages=stages, served=flow)


def even_cover(
    problem: LocationProblem,
    threshold_ms: int,
    count: int | None,
    gini_millionths: int,
    effort: Effort | None = None,
) -> Found:
    """Most people within the threshold, where the areas' shares are even enough.

    The Gini index of the shares C_h / W_h, each weighted by its people W_h, is at most so many
    millionths: sum over pairs of |W_h C_g - W_g C_h| <= gini x W x C (Drezner, Drezner and
    Guyse 2009 use it for facilities). Nobody in reach of an open site is left uncounted to look
    even, so more sites can be worse, and `count` is the most there may be. Other rules as in
    `mclp`.
    """
    if why := _refused(problem, count):
        return why
    problem = _with_areas(problem)
    people = people_of_areas(problem)
    if sum(people) >= _MOST_PEOPLE:
        raise BadInput([fault("too_much", name="weight")])
    question = _Question(problem, threshold_ms, count, exact=True)
    progress = Progress(effort or Effort())
    programme = question.even(people, gini_millionths)
    cover = reduce_cover(problem, threshold_ms)
    progress.limit(cover.settled + most_at_all(cover, question.allowed))
    model = question.model(programme, progress)
    by_programme = model.worth_of

    def worth_of(chosen: Bools) -> tuple[int, Ints] | None:
        found = by_programme(chosen)
        if found is None:
            return None
        here = question.counting.by_area(found[1], len(people)).tolist()
        return found if within_gini(people, here, gini_millionths) else None

    model = replace(model, worth_of=worth_of, more=False)
    if problem.capacity is None and progress.left > 0:
        with heard(progress):
            rules = (question.allowed, gini_millionths)
            offer(model, for_even_cover(problem, threshold_ms, rules, progress), progress)
            even = for_worst_area(problem, threshold_ms, question.allowed, progress)
            offer(model, even, progress)
    progress.ended("greedy")
    ended = searched(model, progress)
    if progress.chosen is None:
        return without_plan(problem, programme, progress, progress.bound)
    objective = progress.value or 0
    flow = None
    if problem.capacity is not None:
        flow = question.flow(programme, progress.chosen)
    status = ended_as(objective, progress.bound, ended)
    chosen = np.flatnonzero(progress.chosen)
    stages = tuple(progress.stages)
    return Found(chosen, objective, progress.bound, status, stages=stages, served=flow)


class _Question:
    """The people counted by area under all rules, as a draft that takes an objective."""

    def __init__(
        self, problem: LocationProblem, threshold_ms: int, count: int | None, exact: bool
    ) -> None:
        self.problem, self.threshold_ms = problem, threshold_ms
        self.allowed: Allowed = allowed_plans(problem, count)
        base = open_sites(problem, self.allowed)
        if problem.capacity is None:
            self.counting = covered(base, problem, threshold_ms, exact)
        else:
            capacity = problem.capacity.astype(np.int64)
            self.counting = served(base, ways_of(problem, threshold_ms), capacity)
        self.counting.keep_shares(areas_of(problem)[1])

    def worst(self) -> Programme:
        """The most `u` with W_h u <= 1,000,000 C_h in every area."""
        people = np.array(people_of_areas(self.problem), np.int64)
        total = self._totals(people, np.zeros(len(people), np.int64))
        some = np.flatnonzero(people)
        draft = self.counting.draft
        u = draft.add(np.ones(1, np.int64), np.array([ALL]), whole=True)
        at = np.arange(len(some))
        triples = (
            np.tile(at, 2),
            np.concatenate([np.repeat(u, len(some)), total[some]]),
            np.concatenate([people[some], np.full(len(some), -ALL)]),
        )
        draft.keep(triples, np.zeros(len(some), np.int64))
        return draft.make()

    def even(self, people: list[int], gini: int) -> Programme:
        """The most C with the sum of d_hg >= |W_h C_g - W_g C_h| at most gini x W x C.

        Rounded up to what 61 bits hold; who uses a plan counts its Gini exactly.
        """
        weight = np.array(people, np.int64)
        total = self._totals(weight, np.ones(len(people), np.int64))
        one, other = np.triu_indices(len(people), 1)
        draft = self.counting.draft
        d = draft.add(np.zeros(len(one), np.int64), weight[one] * weight[other])
        at = np.arange(len(one))
        for first, second in ((one, other), (other, one)):
            triples = (
                np.tile(at, 3),
                np.concatenate([total[second], total[first], d]),
                np.concatenate([weight[first], -weight[second], -np.ones_like(at)]),
            )
            draft.keep(triples, np.zeros(len(at), np.int64))
        whole = sum(people)
        scale = max(1, min(ALL, _ROOM // max(1, whole * whole)))
        limit = -(-scale * gini * whole // ALL)
        variables = np.concatenate([d, total])
        values = np.concatenate([np.full(len(d), scale), np.full(len(total), -limit)])
        row = np.zeros(len(variables), np.int64)
        draft.keep((row, variables, values), np.zeros(1, np.int64), [("gini", ())])
        return draft.make()

    def _totals(self, people: Ints, worth: Ints) -> Ints:
        """A variable for the people counted in each area (a,)."""
        counting = self.counting
        total = counting.draft.add(worth, people, whole=True)
        areas = np.arange(len(people))
        row = np.concatenate([counting.area, areas])
        variables = np.concatenate([counting.counts, total])
        values = np.concatenate([counting.people, -np.ones(len(people), np.int64)])
        for sign in (1, -1):
            counting.draft.keep((row, variables, sign * values), np.zeros(len(people), np.int64))
        return total

    def model(self, programme: Programme, progress: Progress) -> Composed:
        sites = self.counting.sites
        worth_of = by_programme(programme, sites, progress)
        return Composed(programme, sites, self.problem.fixed, self.allowed, worth_of)

    def flow(self, programme: Programme, chosen: Bools) -> Ints | None:
        plan = completed(programme, self.counting.sites, chosen, 10.0)
        if plan is None:
            return None
        ways = ways_of(self.problem, self.threshold_ms)
        by_area = self.counting.by_area(plan, self.problem.areas)
        return served_by_area(self.problem, ways, chosen, by_area)


def _refused(problem: LocationProblem, count: int | None) -> Found | None:
    if why := contradictions(problem, count):
        return infeasible(why)
    if count is None and problem.budget is None:
        raise BadInput([fault("no_count")])
    return None


def _with_areas(problem: LocationProblem) -> LocationProblem:
    """With least shares, if only of nothing: they tell the reduction to keep areas apart."""
    return with_spacing_settled(replace(problem, least_share=_shares(problem)))


def _shares(problem: LocationProblem) -> Ints:
    none = np.zeros(problem.areas, np.int64)
    return none if problem.least_share is None else problem.least_share
