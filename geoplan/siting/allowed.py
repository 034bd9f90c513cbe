"""Which plans are allowed: how many new sites, in which groups, for how much, how far apart; and
contradictions.

The counts here are of new sites: what is fixed has been taken off.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.errors import Fault
from geoplan.model import Bools, Ints
from geoplan.siting.location import MOST_TOTAL, LocationProblem, Positions, fault
from geoplan.siting.spacing import neighbours, with_spacing_settled


class Allowed(NamedTuple):
    """At most `number` new sites, `least` to `most` in each group, for at most `budget`.

    The sites that may not stand beside site `j` are `near[near_start[j]:near_start[j + 1]]`.
    """

    group: Ints  # (k,)
    least: Ints  # (g,)
    most: Ints  # (g,)
    cost: Ints  # (k,) zeros where there is no budget
    by_cost: Ints  # (k,) sites, the cheapest first
    number: int
    budget: int
    near_start: Ints  # (k + 1,)
    near: Ints

    @property
    def spaced(self) -> bool:
        return len(self.near) > 0


def allowed_plans(problem: LocationProblem, count: int | None) -> Allowed:
    """`count` sites in all, fixed ones too; None is as many as there are."""
    k = problem.sites
    group = problem.group_of
    already = np.bincount(group[problem.fixed], minlength=problem.groups)
    free = np.bincount(group[~(problem.fixed | problem.forbidden)], minlength=problem.groups)
    least = np.zeros(problem.groups, np.int64) if problem.at_least is None else problem.at_least
    most = free if problem.at_most is None else np.minimum(problem.at_most - already, free)
    cost, budget = np.zeros(k, np.int64), MOST_TOTAL
    if problem.cost is not None and problem.budget is not None:
        cost = problem.cost
        budget = problem.budget - int(cost[problem.fixed].sum())
    new = int(free.sum()) if count is None else count - int(problem.fixed.sum())
    by_cost = np.argsort(cost, kind="stable")
    return Allowed(
        group,
        np.maximum(least - already, 0),
        most,
        cost,
        by_cost,
        new,
        budget,
        *neighbours(problem),
    )


def fits(chosen: Bools, allowed: Allowed) -> bool:
    """Whether a plan of new sites (k,) keeps the rules; fewer sites than asked for may be filled
    up."""
    in_group = np.bincount(allowed.group[chosen], minlength=len(allowed.least))
    inside = (in_group >= allowed.least).all() and (in_group <= allowed.most).all()
    cost = int(allowed.cost[chosen].sum())
    if not (inside and chosen.sum() <= allowed.number and cost <= allowed.budget):
        return False
    return not (np.repeat(chosen, np.diff(allowed.near_start)) & chosen[allowed.near]).any()


def complete(problem: LocationProblem, allowed: Allowed, new: Bools, count: int | None) -> Bools:
    """Fixed and new sites, and the lowest allowed others where a number is asked for."""
    chosen = problem.fixed | new
    if count is None or problem.budget is not None:
        return chosen
    in_group = np.bincount(allowed.group[new], minlength=len(allowed.least))
    missing = count - int(chosen.sum())
    for j in np.flatnonzero(~(chosen | problem.forbidden)):
        if missing <= 0:
            break
        near = allowed.near[allowed.near_start[j] : allowed.near_start[j + 1]]
        if in_group[allowed.group[j]] < allowed.most[allowed.group[j]] and not chosen[near].any():
            chosen[j] = True
            in_group[allowed.group[j]] += 1
            missing -= 1
    return chosen


def contradictions(problem: LocationProblem, count: int | None) -> tuple[Fault, ...]:
    """The first set of rules that no plan can keep together, the smallest kind first.

    Each test names a set of which no part is in conflict by itself.
    """
    both = np.flatnonzero(problem.fixed & problem.forbidden)
    if len(both):
        return (fault("fixed_and_forbidden", sites=Positions(both.tolist())),)
    if problem.apart is not None:
        near = problem.apart[problem.fixed[problem.apart].all(axis=1)]
        if len(near):
            return (fault("fixed_apart", sites=Positions(near[0].tolist())),)
    problem = with_spacing_settled(problem)
    if faults := _group_conflicts(problem):
        return faults[:1]
    rules = allowed_plans(problem, count)
    if count is not None and (found := _count_conflict(problem, rules, count)):
        return (found,)
    if problem.budget is not None:
        needed = problem.budget - rules.budget + _cheapest_minimums(problem, rules)
        if needed > problem.budget:
            return (_above_budget(problem, rules, needed),)
    return ()


def _group_conflicts(problem: LocationProblem) -> tuple[Fault, ...]:
    group = problem.group_of
    already = np.bincount(group[problem.fixed], minlength=problem.groups)
    usable = np.bincount(group[~problem.forbidden], minlength=problem.groups)
    faults = []
    for g in range(problem.groups):
        least = 0 if problem.at_least is None else int(problem.at_least[g])
        most = problem.sites if problem.at_most is None else int(problem.at_most[g])
        if least > most:
            faults.append(fault("quota_contradicts", group=g, least=least, most=most))
        if already[g] > most:
            here = _positions(problem.fixed & (group == g))
            faults.append(
                fault("fixed_above_quota", group=g, sites=here, fixed=len(here), most=most)
            )
        if least > usable[g]:
            faults.append(fault("quota_above_sites", group=g, least=least, sites=int(usable[g])))
    return tuple(faults)


def _count_conflict(problem: LocationProblem, rules: Allowed, count: int) -> Fault | None:
    fixed, usable = int(problem.fixed.sum()), int((~problem.forbidden).sum())
    if count > usable and not problem.number_is_most:
        return fault("count_above_sites", count=count, sites=usable)
    if fixed > count:
        sites = _positions(problem.fixed)
        return fault("fixed_above_count", fixed=fixed, count=count, sites=sites)
    if rules.least.sum() > rules.number:
        named = _fewest(rules.least, rules.number)
        needed = fixed + int(rules.least[named].sum())
        return fault(
            "quotas_above_count", needed=needed, count=count, groups=Positions(named.tolist())
        )
    if rules.most.sum() < rules.number and not problem.number_is_most:
        free = ~(problem.fixed | problem.forbidden)
        held = rules.most < np.bincount(rules.group[free], minlength=problem.groups)
        most = fixed + int(rules.most.sum())
        return fault("quotas_below_count", most=most, count=count, groups=_positions(held))
    return None


def _above_budget(problem: LocationProblem, rules: Allowed, needed: int) -> Fault:
    """Names the fixed sites that cost something and the groups whose minimums do."""
    sites, groups = _positions(problem.fixed & (rules.cost > 0)), _positions(rules.least > 0)
    code = "fixed_above_budget" if sites else "minimums_above_budget"
    if sites and groups:
        code = "fixed_and_minimums_above_budget"
    return fault(code, needed=needed, budget=problem.budget, sites=sites, groups=groups)


def _positions(chosen: Bools) -> Positions:
    return Positions(np.flatnonzero(chosen).tolist())


def _fewest(least: Ints, room: int) -> Ints:
    """The fewest groups whose minimums are too much together; none of them can be left out."""
    order = np.argsort(-least, kind="stable")
    first = int(np.searchsorted(np.cumsum(least[order]), room, side="right"))
    named: Ints = np.sort(order[: first + 1])
    return named


def _cheapest_minimums(problem: LocationProblem, rules: Allowed) -> int:
    usable: Bools = ~(problem.fixed | problem.forbidden)
    total = 0
    for g in np.flatnonzero(rules.least):
        prices = np.sort(rules.cost[usable & (rules.group == g)])
        total += int(prices[: rules.least[g]].sum())
    return total
