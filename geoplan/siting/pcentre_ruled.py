"""The p-centre under a budget, spacing and capacities: bisection over the times that occur.

Each time is asked as a programme: can the sites serve everybody within it (Minieka 1970)?
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import BadInput
from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed, allowed_plans, complete
from geoplan.siting.capacitated import by_programme, capacity_of, searched
from geoplan.siting.composed import Composed
from geoplan.siting.conflicts import without_plan
from geoplan.siting.counting import cover_all, open_sites, serve_all, served, ways_of
from geoplan.siting.location import Effort, Found, LocationProblem, Stage, Status, fault, infeasible
from geoplan.siting.median_refused import refused
from geoplan.siting.programme import Programme
from geoplan.siting.search_log import Progress
from geoplan.siting.serving import Transport
from geoplan.siting.spacing import with_spacing_settled


def ruled_centre(problem: LocationProblem, count: int, effort: Effort) -> Found:
    """The p-centre under all rules but least shares (BadInput); `count` is the most there may be
    with a budget or spacing."""
    if problem.least_share is not None and problem.least_share.any():
        raise BadInput([fault("share_not_asked")])
    if why := refused(problem, count):
        return infeasible(why)
    problem = with_spacing_settled(problem)
    if why := refused(problem, count):
        return infeasible(why)
    question = _Question(problem, allowed_plans(problem, count), Progress(effort))
    progress = question.progress
    ways = ways_of(problem, None)
    if not len(ways.point):
        chosen = complete(problem, question.allowed, np.zeros_like(problem.fixed), count)
        return Found(np.flatnonzero(chosen), 0, 0, "optimal")
    times = np.unique(ways.ms)
    low = int(np.searchsorted(times, np.minimum.reduceat(ways.ms, ways.start[:-1]).max()))
    high = len(times) - 1
    plan, tried, programme = question.reach(int(times[high]))
    if plan is None:
        return without_plan(problem, programme, tried, int(times[low]))
    stopped = False
    while low < high:
        middle = (low + high) // 2
        better, tried, _ = question.reach(int(times[middle]))
        if better is not None:
            plan, high = better, middle
        elif tried.impossible:
            low = middle + 1
        else:
            stopped = True
            break
    progress.value = int(times[high])
    progress.bound = int(times[low])
    progress.ended("bisection")
    chosen = complete(problem, question.allowed, plan & ~problem.fixed, count)
    status: Status = "cut_off" if stopped else "optimal"
    stages: tuple[Stage, ...] = tuple(progress.stages)
    found = Found(np.flatnonzero(chosen), progress.value, progress.bound, status, stages=stages)
    return replace(found, served=question.flow(chosen, progress.value))


class _Question:
    def __init__(self, problem: LocationProblem, allowed: Allowed, progress: Progress) -> None:
        self.problem, self.allowed, self.progress = problem, allowed, progress

    def reach(self, limit: int) -> tuple[Bools | None, Progress, Programme]:
        """A plan that serves everybody within `limit`, and how its search went."""
        base = open_sites(self.problem, self.allowed)
        if self.problem.capacity is None:
            cover_all(base, self.problem, limit)
        else:
            ways = ways_of(self.problem, limit)
            counting = served(base, ways, capacity_of(self.problem))
            serve_all(counting, ways, ways.people)
        programme = base.draft.make()
        effort = self.progress.effort
        tried = Progress(replace(effort, seconds=max(0.0, self.progress.left)))
        tried.limit(0)
        worth_of = by_programme(programme, base.sites, tried)
        model = Composed(programme, base.sites, self.problem.fixed, self.allowed, worth_of)
        searched(model, tried)
        return tried.chosen, tried, programme

    def flow(self, chosen: Bools, limit: int) -> Ints | None:
        """Who goes where, all within `limit`; None where everybody goes to the nearest."""
        if self.problem.capacity is None:
            return None
        transport = Transport(ways_of(self.problem, limit), chosen, capacity_of(self.problem))
        transport.serve_all()
        return transport.solved()
