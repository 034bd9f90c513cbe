"""What a plan is worth and which rules it breaks, counted anew from the pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.asked import (
    BY_THRESHOLD,
    CENTRES,
    at_home,
    people_rules,
    site_rules,
    times_of,
)
from geoplan.siting.location import LocationProblem
from geoplan.siting.question import Question

_NO_WAY = np.iinfo(np.int64).max
BY_COST = ("lscp", "partial-cover")


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a plan breaks: which group, area or pair, what was counted, and the limit."""

    rule: str
    at: int
    found: int
    limit: int


def worth_of(model: str, problem: LocationProblem, question: Question, chosen: Ints) -> int | None:
    """The objective of the plan that opens `chosen`; None where somebody is left without a way."""
    opened = _opened(problem, chosen)
    if model in BY_COST:
        cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
        return int(cost[opened].sum())
    if model in BY_THRESHOLD:
        return int(problem.weight[_covered(model, problem, question, opened)].sum())
    way = _nearest(model, problem, opened)[problem.weight > 0]
    if (way == _NO_WAY).any():
        return None
    if model in CENTRES:
        return int(way.max(initial=0))
    weight = problem.weight[problem.weight > 0]
    return sum(int(a) * int(b) for a, b in zip(weight, way, strict=True))


def broken_rules(
    model: str, problem: LocationProblem, question: Question, chosen: Ints
) -> list[Broken]:
    """Every rule of the question that the plan breaks."""
    opened = _opened(problem, chosen)
    broken = [
        Broken(name, int(at), 0, 0)
        for name, wrong in (
            ("fixed", problem.fixed & ~opened),
            ("forbidden", problem.forbidden & opened),
        )
        for at in np.flatnonzero(wrong)
    ]
    for rule in site_rules(model, problem, question):
        found = int(rule.amount[opened[rule.sites]].sum())
        if found > rule.limit:
            broken.append(Broken(rule.name, rule.at, abs(found), abs(rule.limit)))
    number = int(opened.sum())
    wanted = question.count if model not in BY_COST and problem.budget is None else None
    if wanted is not None and number < wanted:
        broken.append(Broken("count", 0, number, wanted))
    return broken + _broken_shares(model, problem, question, opened)


def _broken_shares(
    model: str, problem: LocationProblem, question: Question, opened: Bools
) -> list[Broken]:
    """Shares of people that are not covered, and, where all must be, who is not."""
    if question.threshold_ms is None:
        return []
    covered = _covered(model, problem, question, opened)
    broken = []
    for rule in people_rules(model, problem, question):
        found = int(rule.amount[covered].sum())
        if found < rule.limit:
            broken.append(Broken(rule.name, rule.at, found, rule.limit))
    if model == "lscp":
        left_out = np.flatnonzero(~covered & (problem.weight > 0))
        broken += [Broken("all_covered", int(at), 0, 0) for at in left_out[:1]]
    return broken


def _opened(problem: LocationProblem, chosen: Ints) -> Bools:
    opened = np.zeros(problem.sites, np.bool_)
    opened[chosen] = True
    return opened


def _covered(model: str, problem: LocationProblem, question: Question, opened: Bools) -> Bools:
    """Who has enough open sites within the threshold (n,)."""
    near = opened[problem.site] & (problem.ms <= (question.threshold_ms or 0))
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))
    enough: Bools = np.bincount(row[near], minlength=problem.points) >= times_of(model, question)
    return enough


def _nearest(model: str, problem: LocationProblem, opened: Bools) -> Ints:
    """The shortest way to an open site (n,), _NO_WAY where there is none."""
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))
    usable = opened[problem.site]
    if model == "p-centre-by-group":
        usable = usable & at_home(problem, row)
    way = np.full(problem.points, _NO_WAY)
    np.minimum.at(way, row[usable], problem.ms[usable].astype(np.int64))
    return way
