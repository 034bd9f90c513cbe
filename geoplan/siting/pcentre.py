"""The p-centre: as many sites as asked, so that the longest way to the nearest is shortest.

min max_i ms(i, nearest open site) (Hakimi 1964), by bisection over the times that occur, each
asked as a covering question (Minieka 1970). Everybody with people counts alike.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from geoplan.model import Ints
from geoplan.siting.location import Effort, Found, LocationProblem, Stage, fault
from geoplan.siting.pcentre_cover import covering_plan
from geoplan.siting.pmedian import infeasible, refused


def p_centre(problem: LocationProblem, count: int, effort: Effort | None = None) -> Found:
    """`count` open sites, fixed ones too; `objective` and `bound` are milliseconds.

    Quotas are kept; `infeasible` where `count` sites cannot reach everybody at all.
    """
    effort = effort or Effort()
    if why := refused(problem, count):
        return infeasible(why)
    until = time.monotonic() + effort.seconds
    began = time.process_time()
    best = covering_plan(problem, count, None, effort)
    if best.status != "optimal":
        return best
    chosen, value = best.chosen, longest(problem, best.chosen)
    times = _times(problem)
    low, high = 0, int(np.searchsorted(times, value))
    stages: list[Stage] = []
    stopped = False
    while low < high and not stopped:
        middle = (low + high) // 2
        left = until - time.monotonic()
        found = covering_plan(problem, count, int(times[middle]), replace(effort, seconds=left))
        if found.status == "optimal":
            chosen, value = found.chosen, longest(problem, found.chosen)
            high = int(np.searchsorted(times, value))
        elif found.status == "infeasible":
            low = middle + 1
        else:
            stopped = True
    bound = int(times[low]) if len(times) else 0
    stages.append(Stage("bisection", time.process_time() - began, value, bound))
    status = "optimal" if value == bound else "cut_off"
    return Found(chosen, value, bound, status, (), tuple(stages))


def longest(problem: LocationProblem, chosen: Ints) -> int:
    """The longest way of anybody to the nearest of the sites `chosen`; 0 where nobody lives."""
    some = problem.weight > 0
    return int(nearest(problem, chosen)[some].max(initial=0))


def nearest(problem: LocationProblem, chosen: Ints) -> Ints:
    """Milliseconds of each demand point (n,) to the nearest of the sites; -1 without a way."""
    is_open = np.zeros(problem.sites, np.bool_)
    is_open[chosen] = True
    kept = is_open[problem.site]
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))[kept]
    way = np.full(problem.points, np.iinfo(np.int64).max)
    np.minimum.at(way, row, problem.ms[kept])
    way[way == np.iinfo(np.int64).max] = -1
    return way


def _times(problem: LocationProblem) -> Ints:
    """The times that could be the answer: from the longest of the shortest ways upwards."""
    kept = np.repeat(problem.weight > 0, np.diff(problem.start)) & ~problem.forbidden[problem.site]
    times = np.unique(problem.ms[kept]).astype(np.int64)
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))[kept]
    shortest = np.full(problem.points, np.iinfo(np.int64).max)
    np.minimum.at(shortest, row, problem.ms[kept])
    some = shortest[problem.weight > 0]
    some_times: Ints = times[np.searchsorted(times, some.max(initial=0)) :]
    return some_times
