"""p-centres that one remote point does not decide alone: in turn, or group by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geoplan.errors import BadInput
from geoplan.model import Bools, Ints
from geoplan.siting.allowed import contradictions
from geoplan.siting.location import Effort, Found, LocationProblem, fault, infeasible
from geoplan.siting.pcentre import p_centre


def p_centre_in_turn(
    problem: LocationProblem, count: int, levels: int, effort: Effort | None = None
) -> tuple[Found, ...]:
    """The p-centre, then the p-centre of those whom the sites can still bring nearer, and so on.

    Demand points whose shortest way to any usable site is the longest way just found can be
    helped by no plan: they keep that limit and are set aside, and the longest way of the others is
    made shortest. Ends after `levels`, or where the longest way is not of that kind. The last
    answer's plan keeps every limit; each `objective` is the longest way of those not yet set aside.
    """
    found: list[Found] = []
    shortest = _shortest(problem)
    waiting = problem.weight > 0
    while len(found) < levels and waiting.any():
        answer = p_centre(problem, count, effort)
        found.append(answer)
        done = waiting & (shortest == answer.objective)
        if answer.status != "optimal" or not done.any():
            break
        waiting &= ~done
        problem = _kept_within(problem, done, answer.objective)
    return tuple(found)


def p_centre_by_group(
    problem: LocationProblem, home: Ints, counts: Sequence[int], effort: Effort | None = None
) -> tuple[Found, ...]:
    """A p-centre for each group with its own demand (`home`, (n,)), sites and number of sites,
    which is kept to `at_most` too: a number above it is a contradiction.

    Ways across groups do not count. BadInput with a budget or spacing, which groups would share.
    Positions of `chosen` and of named rows are the problem's.
    """
    if problem.budget is not None or (problem.apart is not None and len(problem.apart)):
        raise BadInput([fault("not_by_group")])
    if why := contradictions(replace(problem, at_least=np.asarray(counts, np.int64)), None):
        return (infeasible(why),)
    group = problem.group_of
    found = []
    for g, count in enumerate(counts):
        own = replace(
            problem,
            weight=np.where(home == g, problem.weight, 0),
            fixed=problem.fixed & (group == g),
            forbidden=problem.forbidden | (group != g),
            group=None,
            at_least=None,
            at_most=None,
        )
        found.append(p_centre(own, count, effort))
    return tuple(found)


def _shortest(problem: LocationProblem) -> Ints:
    """The shortest way of each demand point to a usable site (n,); -1 where there is none."""
    ms = problem.ms.astype(np.int64)
    longest = int(ms.max(initial=0)) + 1
    ms[problem.forbidden[problem.site]] = longest
    best = np.full(problem.points, longest)
    np.minimum.at(best, np.repeat(np.arange(problem.points), np.diff(problem.start)), ms)
    return np.where(best == longest, -1, best)


def _kept_within(problem: LocationProblem, rows: Bools, limit: int) -> LocationProblem:
    """The same, where `rows` must stay within `limit` and no longer count for the longest way."""
    there = np.repeat(rows, np.diff(problem.start))
    kept: Bools = ~there | (problem.ms <= limit)
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return replace(
        problem,
        start=before[problem.start],
        site=problem.site[kept],
        ms=np.where(there, 0, problem.ms)[kept],
    )
