"""The p-median: as many sites as asked, so that the people's way to the nearest is least in all.

min sum_i weight_i x ms(i, nearest open site) over plans with `count` open sites (Hakimi 1964;
ReVelle and Swain 1970). Solved in stages: a plan by exchange, prices and their bound, exchange
again from what the prices suggest, and branch and bound over what is left (`pmedian_tree`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import BadInput
from geoplan.siting.capacitated import capacity_of
from geoplan.siting.location import (
    Effort,
    Found,
    LocationProblem,
    Status,
    fault,
    infeasible,
    status_of,
)
from geoplan.siting.median_refused import refused
from geoplan.siting.median_rows import nearest_first, opened, rule_of
from geoplan.siting.median_ruled import Asked, has_rules, ruled_median, without_rules
from geoplan.siting.median_work import Work, begin, climb_root, leaves_out, restart
from geoplan.siting.pcentre import reaching_plan
from geoplan.siting.pmedian_bound import relaxed_plan
from geoplan.siting.pmedian_tree import branch
from geoplan.siting.spacing import with_spacing_settled
from geoplan.travel.compiled import seconds_at_work

_MOST_COST = 1 << 60
_PLAIN_SHARE = 0.2


def p_median(
    problem: LocationProblem,
    count: int,
    effort: Effort | None = None,
    threshold_ms: int | None = None,
) -> Found:
    """`count` open sites, fixed ones too; `objective` and `bound` are person-milliseconds.

    Groups' quotas are kept; so are a budget, spacing, capacities and least shares (within the
    threshold, which nothing else asks for), by `median_ruled`. BadInput where the sums would not
    fit 64 bits. Everybody must be served: where `count` sites cannot do that, the answer is
    `infeasible`. Ctrl-C is as the end of time: the best plan so far and a valid bound.
    """
    effort = effort or Effort()
    if has_rules(problem):
        return _under_rules(problem, Asked(count, threshold_ms), effort)
    if why := refused(problem, count):
        return infeasible(why)
    farthest = np.maximum.reduceat(np.append(problem.ms, 0), problem.start[:-1])
    if float(farthest @ problem.weight.astype(np.float64)) >= _MOST_COST:
        raise BadInput([fault("too_much", name="weight x ms")])
    if not (problem.weight > 0).any():
        return _nobody(problem, count)
    rows, scale = nearest_first(problem)
    work = begin(rows, rule_of(problem, count), status_of(problem), scale, effort)
    if leaves_out(work):
        served = reaching_plan(problem, count, effort)
        if served.status == "infeasible":
            return infeasible(served.why)
        if served.status == "cut_off":
            return replace(served, objective=0, bound=work.whole_bound)
        plan = np.zeros(problem.sites, np.bool_)
        plan[served.chosen] = True
        restart(work, plan)
    try:
        climb_root(work, effort.seed)
        if not work.proven() and effort.solver != "none":
            branch(work)
    except KeyboardInterrupt:
        work.stopped = True
    return _found(work)


def capacitated_median(
    problem: LocationProblem,
    count: int,
    effort: Effort | None = None,
    threshold_ms: int | None = None,
) -> Found:
    """`count` open sites (fixed ones too) that serve everybody within their capacities.

    `objective` and `bound` are person-milliseconds. People of a demand point may be split over
    sites; the threshold is that of the least shares. `served` is who goes where.
    """
    capacity_of(problem)
    return _under_rules(problem, Asked(count, threshold_ms), effort or Effort())


def _under_rules(problem: LocationProblem, asked: Asked, effort: Effort) -> Found:
    """Solved without the rules first, then with them from there."""
    if why := refused(problem, asked.count) or refused(with_spacing_settled(problem), asked.count):
        return infeasible(why)
    began = seconds_at_work()
    some = replace(effort, seconds=_PLAIN_SHARE * effort.seconds)
    try:
        plain = p_median(without_rules(problem), asked.count, some)
    except KeyboardInterrupt:
        plain = Found(np.zeros(0, np.int64), 0, 0, "cut_off")
    if plain.status == "infeasible" and not problem.number_is_most:
        return plain
    took = seconds_at_work() - began
    stopped = plain.status == "cut_off" and took < 0.9 * some.seconds  # by a person
    left = 0.0 if stopped else max(0.0, effort.seconds - took)
    return ruled_median(problem, asked, plain, replace(effort, seconds=left))


def _nobody(problem: LocationProblem, count: int) -> Found:
    """Where nobody lives every plan costs nothing: the lowest sites that the quotas allow."""
    plan, worth = np.zeros(problem.sites, np.bool_), np.zeros(problem.sites, np.int64)
    relaxed_plan(worth, status_of(problem), rule_of(problem, count), plan)
    return Found(opened(plan), 0, 0, "optimal")


def _found(work: Work) -> Found:
    value = work.ceiling // work.scale
    bound = value if work.proven() else work.whole_bound
    status: Status = "optimal" if bound == value else "cut_off" if work.stopped else "within"
    return Found(opened(work.climb.plan), value, bound, status, (), tuple(work.stages))
