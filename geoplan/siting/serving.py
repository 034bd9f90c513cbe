"""Who goes where, once the sites are decided."""

from __future__ import annotations

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.counting import Ways
from geoplan.siting.draft import Draft
from geoplan.siting.location import Found, LocationProblem
from geoplan.siting.solvers import linear_prices, solve_highs
from geoplan.travel.compiled import seconds_at_work

SECONDS = 60.0


def assignment(problem: LocationProblem, found: Found) -> Ints:
    """Demand point, site and people (m, 3), rising: as the model decided, else the nearest site.

    Ties go to the lowest site. Who has no way to an open site is in no row, nor is a point where
    nobody lives.
    """
    if found.served is not None:
        return found.served
    is_open = np.zeros(problem.sites, np.bool_)
    is_open[found.chosen] = True
    point = np.repeat(np.arange(problem.points), np.diff(problem.start))
    kept = is_open[problem.site] & (problem.weight[point] > 0)
    point, site, ms = point[kept], problem.site[kept].astype(np.int64), problem.ms[kept]
    order = np.lexsort((site, ms, point))
    first = np.ones(len(order), np.bool_)
    first[1:] = np.diff(point[order]) > 0
    at = order[first]
    return np.stack([point[at], site[at], problem.weight[point[at]]], axis=1)


def ways_between(problem: LocationProblem, point: Ints, site: Ints) -> Ints:
    """The way of each pair of positions that the problem has (m,); 0 where the site is -1."""
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))
    known = np.append(row * problem.sites + problem.site, -1)
    at = np.searchsorted(known[:-1], point * problem.sites + site)
    ms: Ints = np.where(site < 0, 0, np.append(problem.ms, 0)[at])
    return ms


class Transport:
    """People by each way to an open site so that all ways together are shortest.

    A transport problem (Hitchcock 1941): whole by itself, unless people near are asked for.
    """

    def __init__(self, ways: Ways, chosen: Bools, capacity: Ints) -> None:
        self.ways = ways
        self.kept = np.flatnonzero(chosen[ways.site])
        self.row, self.site = ways.row[self.kept], ways.site[self.kept]
        self.draft = Draft()
        self.one = np.ones(len(self.kept), np.int64)
        self.y = self.draft.add(-ways.ms[self.kept], ways.people[self.row])
        self.draft.keep((self.row, self.y, self.one), ways.people)
        self.draft.keep((self.site, self.y, self.one), np.where(chosen, capacity, 0))

    def serve_all(self) -> None:
        self.draft.keep((self.row, self.y, -self.one), -self.ways.people)

    def serve_areas(self, wanted: Ints, near_ms: int | None = None) -> None:
        """At least so many people of each area (a,), by ways of at most `near_ms`."""
        some = np.ones(len(self.kept), np.bool_)
        if near_ms is not None:
            some = self.ways.ms[self.kept] <= near_ms
        triples = (self.ways.area[self.row[some]], self.y[some], -self.one[some])
        self.draft.keep(triples, -wanted)

    def solved(self, seconds: float = SECONDS) -> Ints | None:
        """Demand point, site, people (m, 3), rising; None if the open sites have no room, or it
        was not found in time."""
        end = seconds_at_work() + seconds
        programme = self.draft.make()
        relaxed = linear_prices(programme, seconds)
        plan = None if relaxed is None else np.rint(relaxed[1]).astype(np.int64)
        if plan is None or not programme.allows(plan):
            programme.whole[:] = True
            solved = solve_highs(programme, max(end - seconds_at_work(), 0.1))
            if solved.stopped:
                raise KeyboardInterrupt
            plan = solved.plan
        if plan is None or not programme.allows(plan):
            return None
        used = np.flatnonzero(plan)
        people = plan[used]
        flow: Ints = np.stack([self.ways.point[self.row[used]], self.site[used], people], axis=1)
        return flow[np.lexsort((flow[:, 1], flow[:, 0]))]
