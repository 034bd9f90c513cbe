"""Propose sites year by year, with a proven bound for every year, and other plans beside.

Lexicographic maximal covering (Church and ReVelle 1974): people of listed townships brought within
the threshold, then all people of the target group; then time saved where the cover leaves a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Codes, Ints, Strings
from geoplan.siting.build_out import BuildOut, Goal, Rules, goal_of, question, rules_of
from geoplan.siting.location import Effort, Found, LocationProblem, Status
from geoplan.siting.mclp import mclp
from geoplan.siting.models import solve
from geoplan.siting.openings import GAIN, LISTED, SAVED, Openings, after, openings
from geoplan.siting.phases import phased_cover
from geoplan.siting.proving import proven
from geoplan.siting.question import Question


class Answer(NamedTuple):
    """What a model was asked and answered, with the prices that prove its bound."""

    problem: LocationProblem
    question: Question
    found: Found


@dataclass(frozen=True, slots=True)
class Best:
    """The best plan of one number of sites: people newly within the threshold, and their bounds.

    No plan of as many sites covers more than `listed_bound` people of listed townships; none that
    covers these covers more than `gain_bound` in all. In a plan of `plain` cover listed townships
    do not come first, and its `gain_bound` holds for every plan.
    """

    count: int
    chosen: Ints
    listed: int
    gain: int
    listed_bound: int
    gain_bound: int
    status: Status
    answer: Answer | None = None  # None where there was nothing to ask


@dataclass(frozen=True, slots=True)
class YearPlan:
    """How many stand at the end of a year, whom they cover, and the best that year alone allows:
    with listed townships first, and (`plain`) without."""

    count: int
    listed: int
    gain: int
    best: Best
    plain: Best


@dataclass(frozen=True, slots=True)
class Proposal:
    """Sites in the order in which they open, what each adds, and each year's figures.

    `after_ms` and `after_state` (n,) describe the demand once all stand. `without_first` leaves out
    the soft rule (None where there is none).
    """

    openings: Openings
    years: tuple[YearPlan, ...]
    after_ms: Ints
    after_state: Codes
    without_first: Best | None

    @property
    def plain(self) -> Best:
        """The last year's plan without listed townships first."""
        return self.years[-1].plain


@dataclass(frozen=True, slots=True)
class Siting:
    """Proposed sites of one layer: what was asked, what was answered, and the years' own names."""

    layer: str
    build: BuildOut
    proposal: Proposal
    years: tuple[int, ...]  # calendar years; empty where the study has none

    @property
    def candidate_id(self) -> Strings:
        return self.build.candidate_id[self.proposal.openings.site]

    @property
    def candidate_township(self) -> Ints:
        return self.build.place[self.proposal.openings.site]

    @property
    def listed_gain(self) -> Ints:
        return self.proposal.openings.worth[:, LISTED]

    @property
    def gain(self) -> Ints:
        return self.proposal.openings.worth[:, GAIN]

    @property
    def saved_person_ms(self) -> Ints:
        return self.proposal.openings.worth[:, SAVED]

    @property
    def after_ms(self) -> Ints:
        """(n,) own time once the proposals stand; -1 where none is measured."""
        return self.proposal.after_ms

    @property
    def after_state(self) -> Codes:
        """(n,) Coverage once the proposals stand."""
        return self.proposal.after_state

    @property
    def last(self) -> YearPlan:
        return self.proposal.years[-1]


def propose(build: BuildOut, effort: Effort) -> Proposal:
    """The plan of all years that covers most, summed over the years."""
    goal = goal_of(build)
    rules = [rules_of(build, count) for count in build.by_year]
    last = rules[-1]
    every = {each.count: each for each in rules}
    ends = {
        count: (
            best_plan(build, goal, each, effort, full=each is last),
            plain_cover(build, goal, each, effort, full=each is last),
        )
        for count, each in every.items()
    }
    best, plain = zip(*(ends[each.count] for each in rules), strict=True)
    plan = _years_together(build, goal, rules, best[-1], effort)
    opened = openings(build, plan, rules)
    without = None
    if build.first_sites:
        free = replace(build, first_sites=False)
        without = best_plan(free, goal, rules_of(free, last.count), effort, full=True)
    after_ms, after_state = after(build, opened.site)
    return Proposal(
        openings=opened,
        years=tuple(
            _year(opened, turn, pair) for turn, pair in enumerate(zip(best, plain, strict=True))
        ),
        after_ms=after_ms,
        after_state=after_state,
        without_first=without,
    )


def best_plan(
    build: BuildOut, goal: Goal, rules: Rules, effort: Effort, *, full: bool = False
) -> Best:
    """Most people of listed townships, then most people, with so many sites.

    With `full` sites that the cover leaves free go where they save most time.
    """
    answer = _answer(build, goal, rules, goal.lexicographic, effort)
    if answer is None:
        return _nothing(build, rules, full=full)
    found = answer.found
    figures = (*goal.told(found.objective), *goal.told(found.bound))
    chosen = filled(build, rules, found.chosen) if full else found.chosen
    return Best(rules.count, chosen, *figures, found.status, answer)


def plain_cover(
    build: BuildOut, goal: Goal, rules: Rules, effort: Effort, *, full: bool = False
) -> Best:
    """Most people, whoever they are: it fills cities, and is shown beside the plan."""
    answer = _answer(build, goal, rules, goal.people, effort)
    if answer is None:
        return _nothing(build, rules, full=full)
    found = answer.found
    within = np.isin(goal.site, found.chosen)
    covered = np.zeros(len(goal.people), np.bool_)
    covered[np.repeat(np.arange(len(covered)), np.diff(goal.start))[within]] = True
    return Best(
        rules.count,
        filled(build, rules, found.chosen) if full else found.chosen,
        int(goal.people[covered & goal.listed].sum()),
        found.objective,
        int(goal.people[goal.listed].sum()),
        found.bound,
        found.status,
        answer,
    )


def filled(build: BuildOut, rules: Rules, chosen: Ints) -> Ints:
    """The sites of a plan that it needs, and others where they save most time."""
    opened = np.zeros((1, build.candidates), np.bool_)
    opened[0, chosen] = True
    return openings(build, opened, [rules]).site


def _nothing(build: BuildOut, rules: Rules, *, full: bool) -> Best:
    """The plan where there is nobody to reach, or no site to place."""
    none = np.zeros(0, np.int64)
    return Best(rules.count, filled(build, rules, none) if full else none, 0, 0, 0, 0, "optimal")


def _answer(
    build: BuildOut, goal: Goal, rules: Rules, weight: Ints, effort: Effort
) -> Answer | None:
    """The answer of maximal covering, and whole-number prices that prove it as far as they can.

    None where there are no sites to place or nobody to reach: that is no question to a model.
    """
    if rules.count == 0 or not len(goal.people):
        return None
    problem = question(build, goal, rules, weight)
    asked = Question(threshold_ms=build.threshold_ms, count=rules.count)
    return Answer(problem, asked, answered(problem, asked, effort))


def answered(problem: LocationProblem, asked: Question, effort: Effort) -> Found:
    """The answer of maximal covering; its bound is what prices prove where a solver's has slack.

    A solver's tolerances leave its bound a little high: the prices are asked for the plan's worth.
    """
    found = solve("mclp", problem, asked, replace(effort, proof=False))
    if not effort.proof:
        return found
    exact = proven("mclp", problem, asked, replace(found, bound=found.objective), effort)
    if exact.proof is None:
        return found
    bound = min(found.bound, max(exact.proof.bound, found.objective))
    status = "optimal" if bound == found.objective else found.status
    return replace(exact, bound=bound, status=status)


def _years_together(
    build: BuildOut, goal: Goal, rules: Sequence[Rules], last: Best, effort: Effort
) -> Bools:
    """Open sites at the end of each year (years, k): most people, summed over the years.

    Between years a person of a listed township counts as `listed_weight` others. Without any
    exchange a few of them a year earlier would cost the last year hundreds of others.
    """
    plan = np.zeros((len(rules), build.candidates), np.bool_)
    if len(rules) == 1:
        plan[0, last.chosen] = True
    if len(rules) == 1 or not rules[-1].count or not len(goal.people):
        return plan
    weight = goal.weighted(build.listed_weight)
    problems = [question(build, goal, each, weight) for each in rules]
    counts = [each.count for each in rules]
    stands = np.zeros(build.candidates, np.bool_)
    for turn, (problem, count) in enumerate(zip(problems, counts, strict=True)):
        if count:
            grown = replace(problem, fixed=stands)
            stands = stands.copy()
            stands[mclp(grown, build.threshold_ms, count, effort=effort).chosen] = True
        plan[turn] = stands
    return phased_cover(problems, build.threshold_ms, counts, plan, effort)


def _year(opened: Openings, turn: int, plans: tuple[Best, Best]) -> YearPlan:
    sums = opened.worth[opened.year <= turn].sum(axis=0)
    stand = int((opened.year <= turn).sum())
    return YearPlan(stand, int(sums[LISTED]), int(sums[GAIN]), *plans)
