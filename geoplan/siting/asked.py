"""What a proof is about: a location question as rows that prices can be set on.

For the check (`check.py`) and for whoever looks for prices; written from the models' definitions
and the pairs alone, without the reduction and the programmes that the search uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.location import ALL, LocationProblem
from geoplan.siting.question import Question

Kind = Literal["cover", "serve"]
COVERING = ("mclp", "backup", "lscp", "partial-cover")
BY_THRESHOLD = (*COVERING, "capacitated-cover")
CENTRES = ("p-centre", "p-centre-lexicographic", "p-centre-by-group")
PROVABLE = (*COVERING, "p-median", *CENTRES)


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
    """`amount` (n,) of those who are covered adds up to at least `limit`."""

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
    its own area, in turn the first) is that not all can be covered within one millisecond less.

    Raises:
        KeyError: prices are not known to prove anything of this model.
    """
    if model not in PROVABLE:
        raise KeyError(model)
    n, k = problem.points, problem.sites
    threshold = question.threshold_ms if model in BY_THRESHOLD else None
    if model in CENTRES:
        threshold = bound - 1
    serve = model in ("p-median", "capacitated-cover", "capacitated-p-median")
    lived_in = problem.weight > 0
    row = np.repeat(np.arange(n), np.diff(problem.start))
    kept = lived_in[row] & ~problem.forbidden[problem.site]
    if threshold is not None:
        kept &= problem.ms <= threshold
    if model == "p-centre-by-group":
        kept &= at_home(problem, row)
    row, site = row[kept], problem.site[kept].astype(np.int64)
    nothing, one = np.zeros(n, np.int64), lived_in.astype(np.int64)
    capacity = problem.capacity if model.startswith("capacitated") else None
    unit = problem.weight if capacity is not None else one
    worth, gain = np.zeros(len(row), np.int64), nothing
    if "median" in model:
        ms = problem.ms[kept].astype(np.int64)
        worth = -ms if capacity is not None else -ms * problem.weight[row]
    elif serve:
        worth = np.ones(len(row), np.int64)
    else:
        gain = one if model in CENTRES else problem.weight if model in ("mclp", "backup") else gain
    by_cost = model in ("lscp", "partial-cover")
    cost = problem.cost if problem.cost is not None else np.ones(k, np.int64)
    most = model in ("mclp", "backup", "capacitated-cover")
    goal = bound if most else -bound
    if model in CENTRES:
        goal = int(one.sum()) - (bound > 0)  # that it takes no time less than none is no claim
    return Asked(
        kind="serve" if serve else "cover",
        row=row,
        site=site,
        worth=worth,
        gain=gain,
        unit=unit,
        cost=cost if by_cost else np.zeros(k, np.int64),
        capacity=capacity,
        times=times_of(model, question),
        all_served=model == "lscp" or "median" in model,
        site_rules=site_rules(model, problem, question),
        people_rules=people_rules(model, problem, question) if not serve else (),
        goal=goal,
    )


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
    if question.count is not None and model not in ("lscp", "partial-cover"):
        rules.append(SiteRule("count", 0, every, ones, question.count))
    group = problem.group if problem.group is not None else np.zeros(problem.sites, np.int64)
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
        area = problem.area if problem.area is not None else np.zeros(problem.points, np.int64)
        for a, share in enumerate(problem.least_share.tolist()):
            people = np.where(area == a, problem.weight, 0)
            limit = -(-int(people.sum()) * share // ALL)
            rules.append(PeopleRule("least_share", a, people, limit))
    if model == "partial-cover" and question.share is not None:
        limit = -(-int(problem.weight.sum()) * question.share // ALL)
        rules.append(PeopleRule("share", 0, problem.weight, limit))
    return tuple(rules)
