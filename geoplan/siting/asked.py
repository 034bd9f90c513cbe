"""What a proof is about: a location question as rows that prices can be set on.

For the check (`check.py`) and for whoever looks for prices; written from the models' definitions
and the pairs alone, without the reduction and the programmes that the search uses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.location import ALL, LocationProblem
from geoplan.siting.question import Question

Kind = Literal["cover", "serve"]
BY_THRESHOLD = (
    *("mclp", "backup", "lscp", "partial-cover"),
    *("capacitated-cover", "worst-area", "even-cover"),
)
MOST_PEOPLE = ("mclp", "backup", "capacitated-cover", "even-cover")
"""Their objective is how many people are covered, or served where sites have a capacity."""
BY_COST = ("lscp", "partial-cover")
MEDIANS = ("p-median", "capacitated-p-median")
CENTRES = ("p-centre", "p-centre-lexicographic", "p-centre-by-group")
PROVABLE = (*BY_THRESHOLD, *MEDIANS, *CENTRES)


@dataclass(frozen=True, slots=True)
class SiteRule:
    """The amounts of the open sites among `sites` add up to at most `limit`."""

    name: str
    at: int  # which group or pair, 0 where there is one
    sites: Ints
    amount: Ints
    limit: int


@dataclass(frozen=True, slots=True)
class PeopleRule:
    """`amount` (n,) of those who are covered, or of each unit that is served within the threshold,
    adds up to at least `limit`."""

    name: str
    at: int
    amount: Ints
    limit: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in one of two forms; more is better in both, costs have a minus.

    cover: sum of `gain` over the points with `times` open sites among their pairs, less the cost
    of the open sites; where `all_served` every point with people must be such a one.
    serve: sum of `worth` over units sent along pairs to open sites, `unit` of them at each point;
    all of them where `all_served`, at most so many elsewhere, at most `capacity` at a site.

    A proof shows that no plan is worth more than `goal`.
    """

    kind: Kind
    row: Ints  # (pairs,) of the pairs that count, rising
    site: Ints
    worth: Ints  # (pairs,) zeros if kind is cover
    near: Bools  # (pairs,) within the threshold, where there is one
    gain: Ints  # (n,) zeros if kind is serve
    unit: Ints  # (n,) 0 where nobody lives
    cost: Ints  # (k,)
    capacity: Ints | None  # (k,)
    times: int
    all_served: bool
    site_rules: tuple[SiteRule, ...]
    people_rules: tuple[PeopleRule, ...]
    goal: int


def asked(model: str, problem: LocationProblem, question: Question, bound: int) -> Asked:
    """The question whose answer `goal` follows from the claim that no plan is better than `bound`.

    That not everybody can be brought nearer than `bound` milliseconds (p-centre; by group each in
    their own area, in turn the first) is that not all can be covered, or served, within one
    millisecond less; that no worst area can have more than `bound` is that no plan keeps a least
    share of one millionth more. The Gini of even-cover is left out, which can only weaken a proof.

    Raises:
        KeyError: prices are not known to prove anything of this model.
    """
    if model not in PROVABLE:
        raise KeyError(model)
    n, k = problem.points, problem.sites
    serve = model in MEDIANS or problem.capacity is not None
    row = np.repeat(np.arange(n), np.diff(problem.start))
    kept = _counting(model, problem, question, row, bound)
    row, site, ms = row[kept], problem.site[kept].astype(np.int64), problem.ms[kept]
    nothing, one = np.zeros(n, np.int64), (problem.weight > 0).astype(np.int64)
    unit = one if problem.capacity is None else problem.weight
    covers = model in MOST_PEOPLE or model in CENTRES
    worth = np.full(len(row), int(covers), np.int64)
    if model in MEDIANS:
        worth = -ms.astype(np.int64) * (problem.weight[row] if problem.capacity is None else 1)
    gain = problem.weight if model in MOST_PEOPLE else one
    cost = problem.cost if problem.cost is not None else np.ones(k, np.int64)
    within = np.iinfo(np.int64).max if question.threshold_ms is None else question.threshold_ms
    return Asked(
        kind="serve" if serve else "cover",
        row=row,
        site=site,
        worth=worth if serve else worth * 0,
        near=ms <= within,
        gain=gain if covers and not serve else nothing,
        unit=unit,
        cost=cost if model in BY_COST else np.zeros(k, np.int64),
        capacity=problem.capacity,
        times=times_of(model, question),
        all_served=model == "lscp" or model in MEDIANS,
        site_rules=site_rules(model, problem, question),
        people_rules=_priced_shares(model, problem, question, bound),
        goal=_goal(model, int(unit.sum()), bound),
    )


def _goal(model: str, everybody: int, bound: int) -> int:
    if model in CENTRES:
        return everybody - (bound > 0)  # that it takes no time less than none is no claim
    if model == "worst-area":
        return -1 if bound < ALL else 0  # nor is that no share is above all
    return bound if model in MOST_PEOPLE else -bound


def _counting(
    model: str, problem: LocationProblem, question: Question, row: Ints, bound: int
) -> Bools:
    """Which pairs count: of people, to sites that may open, near enough, in their own area."""
    kept: Bools = (problem.weight[row] > 0) & ~problem.forbidden[problem.site]
    if model in BY_THRESHOLD and question.threshold_ms is not None:
        kept &= problem.ms <= question.threshold_ms
    elif model in CENTRES:
        kept &= problem.ms < bound
    if model == "p-centre-by-group":
        kept &= at_home(problem, row)
    return kept


def _priced_shares(
    model: str, problem: LocationProblem, question: Question, bound: int
) -> tuple[PeopleRule, ...]:
    """The people rules with amounts by unit; those of the worst area at a millionth more."""
    rules = people_rules(model, problem, question)
    if model == "worst-area":
        share = np.full(problem.areas, min(bound + 1, ALL))
        if problem.least_share is not None:
            share = np.maximum(share, problem.least_share)
        wanted = replace(problem, least_share=share)
        rules = people_rules(model, wanted, question)
    if problem.capacity is None:
        return rules
    return tuple(replace(rule, amount=(rule.amount > 0).astype(np.int64)) for rule in rules)


def at_home(problem: LocationProblem, row: Ints) -> Bools:
    """Whether each pair's site stands in its point's own area (pairs,)."""
    if problem.group is None or problem.area is None:
        return np.ones(len(row), np.bool_)
    home: Bools = problem.area[row] == problem.group[problem.site]
    return home


def times_of(model: str, question: Question) -> int:
    return max(2, question.times) if model == "backup" else question.times


def site_rules(model: str, problem: LocationProblem, question: Question) -> tuple[SiteRule, ...]:
    """Number, minimums and maximums of the groups, budget, and sites that stand apart."""
    every = np.arange(problem.sites)
    ones = np.ones(problem.sites, np.int64)
    rules = []
    if question.count is not None and model not in BY_COST:
        rules.append(SiteRule("count", 0, every, ones, question.count))
    group = problem.group_of
    for g in range(problem.groups):
        members = np.flatnonzero(group == g)
        at_most = problem.at_least if model == "p-centre-by-group" else problem.at_most
        if at_most is not None:
            most = int(at_most[g])
            rules.append(SiteRule("at_most", g, members, ones[members], most))
        if problem.at_least is not None:
            least = int(problem.at_least[g])
            rules.append(SiteRule("at_least", g, members, -ones[members], -least))
    if problem.budget is not None and problem.cost is not None:
        rules.append(SiteRule("budget", 0, every, problem.cost, problem.budget))
    if problem.apart is not None:
        for at, pair in enumerate(problem.apart):
            rules.append(SiteRule("apart", at, pair.astype(np.int64), ones[:2], 1))
    return tuple(rules)


def people_rules(
    model: str, problem: LocationProblem, question: Question
) -> tuple[PeopleRule, ...]:
    """A share of each area's people, and a share of all, to be covered at least."""
    rules = []
    if problem.least_share is not None:
        area = problem.area_of
        for a, share in enumerate(problem.least_share.tolist()):
            people = np.where(area == a, problem.weight, 0)
            limit = -(-int(people.sum()) * share // ALL)
            rules.append(PeopleRule("least_share", a, people, limit))
    if model == "partial-cover" and question.share is not None:
        limit = -(-int(problem.weight.sum()) * question.share // ALL)
        rules.append(PeopleRule("share", 0, problem.weight, limit))
    return tuple(rules)
