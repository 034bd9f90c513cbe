"""Covering where a site serves no more people than it has room for (Current and Storbeck 1988).

People may be split over sites, whole people each: given the open sites, who goes where is a flow,
which is whole by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed, allowed_plans, complete, contradictions
from geoplan.siting.areas import areas_of
from geoplan.siting.composed import Composed, completed, solve
from geoplan.siting.conflicts import without_plan
from geoplan.siting.counting import Ways, open_sites, serve_all, served, ways_of
from geoplan.siting.location import (
    Effort,
    Found,
    LocationProblem,
    Positions,
    ended_as,
    fault,
    infeasible,
)
from geoplan.siting.programme import Programme
from geoplan.siting.search_log import Progress
from geoplan.siting.serving import Transport
from geoplan.siting.spacing import with_spacing_settled


def capacitated_cover(
    problem: LocationProblem, threshold_ms: int, count: int | None, effort: Effort | None = None
) -> Found:
    """Open `count` sites in all (fixed ones too) that serve most people within the threshold.

    max sum of y_ij with sum_j y_ij <= weight_i, sum_i y_ij <= capacity_j x_j, ms_ij <= threshold.
    The rules are those of `mclp`; the least shares count people served. `served` sends people
    where the ways in all are shortest among the plans that serve as many of each area.
    """
    if why := contradictions(problem, count):
        return infeasible(why)
    if count is None and problem.budget is None:
        raise BadInput([fault("no_count")])
    capacity = capacity_of(problem)
    problem = with_spacing_settled(problem)
    progress = Progress(effort or Effort())
    allowed = allowed_plans(problem, count)
    ways = ways_of(problem, threshold_ms)
    wanted = areas_of(problem)[1]
    areas = len(wanted)
    if why := _shares_refused(ways, wanted, capacity):
        return infeasible(why)
    counting = served(
        open_sites(problem, allowed), ways, capacity, worth=np.ones(len(ways.site), np.int64)
    )
    counting.keep_shares(wanted)
    near = int(ways.people[np.diff(ways.start) > 0].sum())
    progress.limit(min(near, int(capacity[~problem.forbidden].sum())))
    programme = counting.draft.make()
    model = _model(problem, allowed, programme, counting.sites, progress)
    ended = searched(model, progress)
    if progress.chosen is None:
        return without_plan(problem, programme, progress, progress.bound)
    new = progress.chosen & ~problem.fixed
    chosen = complete(problem, allowed, new, count)
    objective = progress.value or 0
    plan = completed(programme, counting.sites, progress.chosen, max(progress.left, 1.0))
    flow = (
        None
        if plan is None
        else served_by_area(problem, ways, chosen, counting.by_area(plan, areas))
    )
    return Found(
        np.flatnonzero(chosen),
        objective,
        progress.bound,
        ended_as(objective, progress.bound, ended),
        stages=tuple(progress.stages),
        served=flow,
    )


def capacitated_least(
    problem: LocationProblem, threshold_ms: int, people: int | None, effort: Effort
) -> Found:
    """The fewest sites, or the least cost, that serve everybody, or so many `people`."""
    if why := contradictions(problem, None):
        return infeasible(why)
    capacity = capacity_of(problem)
    problem = with_spacing_settled(problem)
    progress = Progress(effort)
    allowed = allowed_plans(problem, None)
    ways = ways_of(problem, threshold_ms)
    wanted = areas_of(problem)[1]
    areas = len(wanted)
    if why := out_of_reach(ways, people) or _shares_refused(ways, wanted, capacity):
        return infeasible(why)
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    counting = served(open_sites(problem, allowed, cost), ways, capacity)
    if people is None:
        serve_all(counting, ways, ways.people)
    else:
        counting.keep_people(people)
        counting.keep_shares(wanted)
    progress.limit(0)
    programme = counting.draft.make()
    ended = searched(_model(problem, allowed, programme, counting.sites, progress), progress)
    if progress.chosen is None:
        return without_plan(problem, programme, progress, -progress.bound)
    objective = -(progress.value or 0)
    plan = completed(programme, counting.sites, progress.chosen, max(progress.left, 1.0))
    chosen = progress.chosen
    flow = (
        None
        if plan is None
        else served_by_area(problem, ways, chosen, counting.by_area(plan, areas))
    )
    status = ended_as(objective, -progress.bound, ended)
    sites = np.flatnonzero(chosen)
    return Found(
        sites, objective, -progress.bound, status, stages=tuple(progress.stages), served=flow
    )


def served_by_area(
    problem: LocationProblem, ways: Ways, chosen: Bools, by_area: Ints
) -> Ints | None:
    """The shortest ways in all that serve so many people of each area (a,)."""
    transport = Transport(ways, chosen, capacity_of(problem))
    transport.serve_areas(by_area)
    return transport.solved()


def capacity_of(problem: LocationProblem) -> Ints:
    if problem.capacity is None:
        raise BadInput([fault("no_capacity")])
    return problem.capacity.astype(np.int64)


@contextmanager
def heard(progress: Progress) -> Iterator[None]:
    """Ctrl-C within is as the end of time."""
    try:
        yield
    except KeyboardInterrupt:
        progress.stopped = True


def searched(model: Composed, progress: Progress) -> bool:
    """Solve; Ctrl-C is as the end of time."""
    try:
        return solve(model, progress)
    except KeyboardInterrupt:
        progress.stopped = True
        return False


def out_of_reach(ways: Ways, people: int | None) -> tuple[Fault, ...]:
    """Demand without any way, where everybody must be served, named before solving."""
    some = np.diff(ways.start) > 0
    points = Positions(ways.point[~some].tolist())
    if people is None and points:
        return (fault("uncoverable", points, count=len(points), points=points),)
    most = int(ways.people[some].sum())
    if people is not None and people > most:
        return (fault("share_uncoverable", points, wanted=people, most=most, points=points),)
    return ()


def _shares_refused(ways: Ways, wanted: Ints, capacity: Ints) -> tuple[Fault, ...]:
    """The first area that has too few people with a way, or whose sites have too little room."""
    some = np.diff(ways.start) > 0
    for area in np.flatnonzero(wanted):
        here = int(ways.people[some & (ways.area == area)].sum())
        sites = np.unique(ways.site[ways.area[ways.row] == area])
        most = min(here, int(capacity[sites].sum()))
        if most < wanted[area]:
            return (
                fault("share_out_of_reach", area=int(area), wanted=int(wanted[area]), most=most),
            )
    return ()


def _model(
    problem: LocationProblem,
    allowed: Allowed,
    programme: Programme,
    sites: Ints,
    progress: Progress,
) -> Composed:
    return Composed(
        programme, sites, problem.fixed, allowed, by_programme(programme, sites, progress)
    )


def by_programme(
    programme: Programme, sites: Ints, progress: Progress
) -> Callable[[Bools], tuple[int, Ints] | None]:
    """What a plan of sites is worth by the programme itself."""

    def worth_of(chosen: Bools) -> tuple[int, Ints] | None:
        plan = completed(programme, sites, chosen, max(progress.left, 1.0))
        return None if plan is None else (programme.value(plan), plan)

    return worth_of
