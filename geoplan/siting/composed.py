"""Solving a programme that `counting` builds: its linear bound, plans rounded from it, a solver.

What a plan of sites is worth is always counted anew by the question's own `worth_of`; the
programme may be a relaxation of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.siting.allowed import Allowed, fits
from geoplan.siting.halving import CLOSE, halved
from geoplan.siting.programme import Bound, Programme, fixed_by, price_bound
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import linear_prices, run_solver, solve_highs

_SCIP_PAYS = 5_000
_SOME = 1e-6  # a site that the linear relaxation opens by so much may be wanted


@dataclass(frozen=True, slots=True)
class Composed:
    """A programme whose first variables open `sites`, and the rules for new sites.

    `worth_of` gives what opening some sites (k,) is really worth and the variables of that plan,
    None where it breaks a rule. `more` says that open sites never do harm.
    """

    programme: Programme
    sites: Ints
    fixed: Bools  # (k,)
    allowed: Allowed
    worth_of: Callable[[Bools], tuple[int, Ints] | None]
    more: bool = True


class Relaxed(NamedTuple):
    """What the linear relaxation proves, and its variables (None where it was cut off)."""

    bound: Bound
    values: Floats | None


def solve(model: Composed, progress: Progress) -> bool:
    """Improve plan and bound; whether the search came to its end (and was not cut off)."""
    return progress.proven() or finish(model, relax(model, progress), progress)


def relax(model: Composed, progress: Progress) -> Relaxed:
    """The linear bound."""
    found = linear_prices(model.programme, progress.left) if progress.left > 0 else None
    prices, values = found or (np.zeros(len(model.programme.limit)), None)
    bound = price_bound(model.programme, prices)
    progress.limit(bound.value)
    progress.ended("linear bound")
    return Relaxed(bound, values)


def finish(model: Composed, relaxed: Relaxed, progress: Progress) -> bool:
    """Plans rounded from the relaxation, then a solver on what its bound leaves open."""
    if relaxed.values is not None:
        for chosen in _rounded(model, relaxed.values):
            offer(model, chosen, progress)
        progress.limit(relaxed.bound.value)
        progress.ended("rounding")
    if progress.proven() or progress.effort.solver == "none" or progress.left <= 0:
        return progress.proven() or progress.left > 0
    return _exactly(model, relaxed.bound, progress)


def fixed_sites(programme: Programme, sites: Ints, chosen: Bools) -> Programme:
    """The programme with its sites decided."""
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[: len(sites)] = upper[: len(sites)] = chosen[sites]
    return replace(programme, lower=lower, upper=upper)


def completed(programme: Programme, sites: Ints, chosen: Bools, seconds: float) -> Ints | None:
    """The best plan of the programme with these sites, None if there is none (or not in time)."""
    decided = fixed_sites(programme, sites, chosen)
    if not decided.whole[len(sites) :].any() and (relaxed := linear_prices(decided, seconds)):
        plan = np.rint(relaxed[1]).astype(np.int64)
        if decided.allows(plan):
            return plan
    solved = solve_highs(decided, seconds)
    if solved.stopped:
        raise KeyboardInterrupt
    return solved.plan if solved.plan is not None and decided.allows(solved.plan) else None


def offer(model: Composed, chosen: Bools | None, progress: Progress) -> None:
    """Count the plan, and keep it if it keeps the rules and is the best so far."""
    found = None if chosen is None else model.worth_of(chosen)
    if chosen is not None and found is not None:
        progress.offer(chosen, found[0])


def _exactly(model: Composed, bound: Bound, progress: Progress) -> bool:
    programme, start = model.programme, None
    if progress.value is not None and progress.chosen is not None:
        programme = fixed_by(programme, bound, progress.value)
        known = model.worth_of(progress.chosen)
        start = known[1] if known and programme.allows(known[1]) else None

    def offered(plan: Ints) -> None:
        chosen = np.zeros(len(model.fixed), np.bool_)
        chosen[model.sites[plan[: len(model.sites)] > 0]] = True
        if fits(chosen & ~model.fixed, model.allowed):
            offer(model, chosen, progress)

    ended = run_solver(programme, start, _SCIP_PAYS, progress, offered)
    gap = progress.bound - (progress.value or 0)
    if ended and progress.value is not None and 0 < gap <= CLOSE * abs(progress.value):
        halved(programme, len(model.sites), progress)
    return ended


def _rounded(model: Composed, values: Floats) -> Iterator[Bools]:
    """Plans that open the sites which the linear relaxation opens most, as the rules allow."""
    some = values[: len(model.sites)] > _SOME
    tries = [some, np.ones_like(some)] if model.more else [some]
    order = model.sites[np.argsort(-values[: len(model.sites)], kind="stable")]
    for wanted in tries:
        usable = np.zeros(len(model.fixed), np.bool_)
        usable[model.sites[wanted]] = True
        chosen = greedily(order, usable & ~model.fixed, model.allowed)
        if fits(chosen, model.allowed):
            yield chosen | model.fixed


def greedily(order: Ints, usable: Bools, allowed: Allowed) -> Bools:
    """The first usable sites in `order` that may be opened together, the groups' minimums first."""
    chosen = np.zeros(len(usable), np.bool_)
    in_group = np.zeros(len(allowed.least), np.int64)
    spent = 0
    for most in (allowed.least, allowed.most):
        for j in order.tolist():
            near = allowed.near[allowed.near_start[j] : allowed.near_start[j + 1]]
            g, cost = allowed.group[j], int(allowed.cost[j])
            if not usable[j] or chosen[j] or in_group[g] >= most[g] or chosen[near].any():
                continue
            if chosen.sum() < allowed.number and spent + cost <= allowed.budget:
                chosen[j] = True
                in_group[g] += 1
                spent += cost
    return chosen
