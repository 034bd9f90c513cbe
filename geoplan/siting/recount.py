"""What a plan is worth and which rules it breaks, counted anew from the pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.asked import (
    BY_COST,
    BY_THRESHOLD,
    CENTRES,
    MEDIANS,
    at_home,
    people_rules,
    site_rules,
    times_of,
)
from geoplan.siting.location import ALL, LocationProblem
from geoplan.siting.question import Question

_NO_WAY = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a plan breaks: which group, area, pair, site or point, what was counted, and the
    limit."""

    rule: str
    at: int
    found: int
    limit: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of open sites and, where sites have a capacity, who goes where.

    `served` (m, 3) are demand point, site and people; None where all go to the nearest open site.
    """

    model: str
    problem: LocationProblem
    question: Question
    chosen: Ints
    served: Ints | None = None

    @property
    def opened(self) -> Bools:
        opened = np.zeros(self.problem.sites, np.bool_)
        opened[self.chosen] = True
        return opened

    @property
    def row(self) -> Ints:
        """The demand point of each pair."""
        return np.repeat(np.arange(self.problem.points), np.diff(self.problem.start))


def worth_of(plan: Plan) -> int | None:
    """The objective of the plan; None where somebody is left without a way who must have one."""
    problem, model = plan.problem, plan.model
    if model in BY_COST:
        cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
        return int(cost[plan.opened].sum())
    if model == "worst-area":
        pairs = zip(*_by_area(plan), strict=True)
        return min((ALL * counted // people for people, counted in pairs if people), default=ALL)
    if model in BY_THRESHOLD:
        return int(_counted(plan).sum())
    people, way = _ways(plan)
    if (way == _NO_WAY).any():
        return None
    if model in CENTRES:
        return int(way.max(initial=0))
    return sum(int(a) * int(b) for a, b in zip(people, way, strict=True))


def broken_rules(plan: Plan) -> list[Broken]:
    """Every rule of the question that the plan breaks."""
    problem, opened = plan.problem, plan.opened
    broken = [
        Broken(name, int(at), 0, 0)
        for name, wrong in (
            ("fixed", problem.fixed & ~opened),
            ("forbidden", problem.forbidden & opened),
        )
        for at in np.flatnonzero(wrong)
    ]
    for rule in site_rules(plan.model, problem, plan.question):
        found = int(rule.amount[opened[rule.sites]].sum())
        if found > rule.limit:
            broken.append(Broken(rule.name, rule.at, abs(found), abs(rule.limit)))
    number, wanted = int(opened.sum()), plan.question.count
    at_most = plan.model in (*BY_COST, "even-cover") or problem.number_is_most
    if wanted is not None and not at_most and number < wanted:
        broken.append(Broken("count", 0, number, wanted))
    return [*broken, *_broken_flow(plan), *_broken_shares(plan)]


def _broken_flow(plan: Plan) -> list[Broken]:
    """People sent to shut sites, on no way, or more than there are or than a site has room for."""
    if plan.served is None:
        return []
    problem = plan.problem
    point, site, people = plan.served.T
    known = plan.row * problem.sites + problem.site
    wrong = (people < 1) | ~plan.opened[site] | ~np.isin(point * problem.sites + site, known)
    broken = [Broken("served", int(point[at]), int(people[at]), 0) for at in np.flatnonzero(wrong)]
    sums = np.bincount(point, weights=people, minlength=problem.points).astype(np.int64)
    over = np.flatnonzero(sums > problem.weight)
    broken += [Broken("people", int(at), int(sums[at]), int(problem.weight[at])) for at in over]
    if problem.capacity is not None:
        sums = np.bincount(site, weights=people, minlength=problem.sites).astype(np.int64)
        over = np.flatnonzero(sums > problem.capacity)
        room = problem.capacity
        broken += [Broken("capacity", int(at), int(sums[at]), int(room[at])) for at in over]
    return broken


def _broken_shares(plan: Plan) -> list[Broken]:
    """Shares that are not covered, areas too uneven and, where all must be, who is left out."""
    counted, broken = _counted(plan), []
    for rule in people_rules(plan.model, plan.problem, plan.question):
        found = int(counted[rule.amount > 0].sum())
        if found < rule.limit:
            broken.append(Broken(rule.name, rule.at, found, rule.limit))
    if plan.model == "even-cover" and plan.question.gini is not None:
        people, here = _by_area(plan)
        pairs = combinations(zip(people, here, strict=True), 2)
        apart = sum(abs(w * d - v * c) for (w, c), (v, d) in pairs)
        most = plan.question.gini * sum(people) * sum(here)
        if apart * ALL > most:
            broken.append(Broken("gini", 0, apart * ALL, most))
    everybody = plan.model == "lscp" or (plan.served is not None and plan.model in MEDIANS)
    if everybody or (plan.served is not None and plan.model in CENTRES):
        got = counted if plan.model == "lscp" else _served(plan)
        left_out = np.flatnonzero(got < plan.problem.weight)
        broken += [Broken("all_covered", int(at), 0, 0) for at in left_out[:1]]
    return broken


def _counted(plan: Plan) -> Ints:
    """People of each point who are covered, or served, within the threshold (n,)."""
    problem = plan.problem
    threshold = _NO_WAY if plan.question.threshold_ms is None else plan.question.threshold_ms
    near = plan.opened[problem.site] & (problem.ms <= threshold)
    if plan.served is not None:
        within = (plan.row * problem.sites + problem.site)[near]
        pairs = plan.served[:, 0] * problem.sites + plan.served[:, 1]
        return _sums(problem, plan.served[np.isin(pairs, within)])
    times = times_of(plan.model, plan.question)
    enough = np.bincount(plan.row[near], minlength=problem.points) >= times
    return np.where(enough, problem.weight, 0)


def _served(plan: Plan) -> Ints:
    """People of each point who are sent anywhere (n,)."""
    return plan.problem.weight if plan.served is None else _sums(plan.problem, plan.served)


def _sums(problem: LocationProblem, served: Ints) -> Ints:
    sums = np.bincount(served[:, 0], weights=served[:, 2], minlength=problem.points)
    return sums.astype(np.int64)


def _by_area(plan: Plan) -> tuple[list[int], list[int]]:
    """All people of each area, and those who are counted."""
    problem = plan.problem
    area = problem.area_of
    sums = [
        np.bincount(area, weights=people, minlength=problem.areas).astype(np.int64).tolist()
        for people in (problem.weight, _counted(plan))
    ]
    return sums[0], sums[1]


def _ways(plan: Plan) -> tuple[Ints, Ints]:
    """People and the way they go: to the nearest open site, or where they are sent."""
    problem = plan.problem
    if plan.served is not None:
        known = plan.row * problem.sites + problem.site
        at = np.searchsorted(known, plan.served[:, 0] * problem.sites + plan.served[:, 1])
        at = np.minimum(at, len(known) - 1)
        return plan.served[:, 2], problem.ms[at].astype(np.int64)
    usable = plan.opened[problem.site]
    if plan.model == "p-centre-by-group":
        usable = usable & at_home(problem, plan.row)
    way = np.full(problem.points, _NO_WAY)
    np.minimum.at(way, plan.row[usable], problem.ms[usable].astype(np.int64))
    lived_in = problem.weight > 0
    return problem.weight[lived_in], way[lived_in]
