"""Set covering: everybody within the threshold with the fewest sites (Toregas and others 1971).

Partial cover asks only for a share of the people. With costs, the cheapest plan is sought instead
of the smallest. Points where nobody lives ask for nothing. Where sites have a capacity, everybody
(or so many people) must be served within it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import Fault
from geoplan.model import Ints
from geoplan.siting import cover_search as search
from geoplan.siting.allowed import Allowed, allowed_plans, contradictions
from geoplan.siting.areas import areas_of
from geoplan.siting.capacitated import capacitated_least
from geoplan.siting.conflicts import without_plan
from geoplan.siting.cover_programme import CoverProgramme, least_cost, shares_refused
from geoplan.siting.exact import solve_exactly
from geoplan.siting.location import (
    Effort,
    Found,
    LocationProblem,
    Positions,
    ended_as,
    fault,
    infeasible,
)
from geoplan.siting.programme import fixed_by, price_bound
from geoplan.siting.reduce import Cover, reduce_cover, without_implied
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import linear_prices
from geoplan.siting.spacing import with_spacing_settled

_STEPS_PER_SITE = 200


def lscp(problem: LocationProblem, threshold_ms: int, effort: Effort | None = None) -> Found:
    """The fewest sites (fixed ones count), or the least cost, that cover every inhabited point."""
    return _solve(problem, threshold_ms, None, effort or Effort())


def partial_cover(
    problem: LocationProblem, threshold_ms: int, people: int, effort: Effort | None = None
) -> Found:
    """The fewest sites, or the least cost, that cover at least so many `people`."""
    return _solve(problem, threshold_ms, people, effort or Effort())


def _solve(
    problem: LocationProblem, threshold_ms: int, people: int | None, effort: Effort
) -> Found:
    if problem.capacity is not None:
        return capacitated_least(problem, threshold_ms, people, effort)
    progress = Progress(effort)
    if why := contradictions(problem, None):
        return infeasible(why, progress.stages)
    problem = with_spacing_settled(problem)
    allowed = allowed_plans(problem, None)
    cover = reduce_cover(problem, threshold_ms)
    shares = () if people is None else shares_refused(cover, areas_of(problem)[1])
    if why := _out_of_reach(cover, people) or shares:
        return infeasible(why, progress.stages)
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    target = None if people is None else max(0, people - cover.settled)
    if target is None:
        cover = without_implied(cover)
    progress.limit(0)
    progress.ended("reduce")
    model = least_cost(cover, allowed, cost, target)
    ended = False
    try:
        ended = _search(model, allowed, cost, progress)
    except KeyboardInterrupt:
        progress.stopped = True
    fixed_cost = int(cost[problem.fixed].sum())
    bound = fixed_cost - progress.bound
    if progress.chosen is None:
        return without_plan(problem, model.programme, progress, bound)
    chosen = problem.fixed | progress.chosen
    objective = int(cost[chosen].sum())
    status = ended_as(objective, bound, ended)
    return Found(np.flatnonzero(chosen), objective, bound, status, stages=tuple(progress.stages))


def _out_of_reach(cover: Cover, people: int | None) -> tuple[Fault, ...]:
    """Demand that no usable site reaches, named before anything is solved."""
    if people is None and len(cover.lost_rows):
        rows = Positions(cover.lost_rows.tolist())
        return (fault("uncoverable", rows, count=len(rows), points=rows),)
    if people is not None and people > cover.most:
        rows = Positions(cover.lost_rows.tolist())
        return (fault("share_uncoverable", rows, wanted=people, most=cover.most, points=rows),)
    return ()


def _search(model: CoverProgramme, allowed: Allowed, cost: Ints, progress: Progress) -> bool:
    programme = model.programme
    # Rows of a set covering count alike on the way to covering them all.
    even = model.cover.weight if model.counted else np.ones(model.cover.rows, np.int64)
    cover = replace(model.cover, weight=even)
    target = int(even.sum()) if not model.counted else -int(programme.limit[-1])
    _quick_plans(cover, allowed, (cost, target), model, progress)
    progress.ended("greedy and exchange")
    if progress.proven():
        return True
    if relaxed := linear_prices(programme, progress.left):
        bound = price_bound(programme, relaxed[0])
        progress.limit(bound.value)
        if progress.value is not None:
            model = replace(model, programme=fixed_by(programme, bound, progress.value))
    progress.ended("linear bound")
    if progress.proven() or progress.effort.solver == "none" or progress.left <= 0:
        return progress.proven() or progress.left > 0
    return solve_exactly(model, progress)


def _quick_plans(
    cover: Cover,
    allowed: Allowed,
    wanted: tuple[Ints, int],
    model: CoverProgramme,
    progress: Progress,
) -> None:
    """Add until the target is covered, close what is needless, then try with one site fewer."""
    cost, target = wanted
    sets = search.sets_of(cover)
    by_cost = allowed._replace(cost=cost) if allowed.cost.any() else allowed
    walk = search.begin(sets, by_cost, np.zeros(len(cover.usable), np.bool_), progress.effort.seed)
    search.fill(sets, by_cost, walk, target)
    search.thin(sets, by_cost, walk, cost, target)
    _offer(walk, model, progress)
    while progress.chosen is not None and not progress.proven() and progress.left > 0:
        fewer = _without_one(sets, by_cost, progress, target)
        if fewer is None or not _offer(fewer, model, progress):
            break


def _without_one(
    sets: search.Sets, allowed: Allowed, progress: Progress, target: int
) -> search.Walk | None:
    chosen = progress.chosen
    if chosen is None or not chosen.any():
        return None
    walk = search.begin(sets, allowed, chosen, progress.effort.seed)
    if not search.close_one(sets, allowed, walk):
        return None
    fixed_number = allowed._replace(number=int(walk.numbers[search.OPENED]))
    steps = min(_STEPS_PER_SITE, 20_000_000 // max(1, len(sets.site)))
    search.exchange(sets, fixed_number, walk, steps, target)
    return walk


def _offer(walk: search.Walk, model: CoverProgramme, progress: Progress) -> bool:
    """Take the walk's best plan if the programme allows it; whether it is the best so far."""
    plan = model.plan(walk.best)
    value = model.programme.value(plan)
    better = progress.value is None or value > progress.value
    if not better or not model.programme.allows(plan):
        return False
    progress.offer(walk.best, value)
    return True
