"""The rational agent access model: people choose among sites by the way there and the queue.

The equilibrium is the minimum of a convex function (Beckmann, McGuire and Winsten 1956), so the
queues at the sites, and with them every cost, are unique. It is found by letting one demand point
after another choose anew, exactly, until nobody gains by another choice.
"""

from __future__ import annotations

import numpy as np

from geoplan.access.problem import AccessProblem, Int32s, Measured, without_zero
from geoplan.model import Floats, Ints
from geoplan.travel.compiled import by_numba

Ways = tuple[Ints, Int32s, Floats]
"""Start, site and cost of the way of each pair that can be chosen, by demand point."""

TAU_MINUTES = 60.0
TOLERANCE, FINE = 1e-6, 1e-10
"""What all could still gain by other choices, as a share of all cost, when it is called done: the
first always holds, the second where it takes no more than `EASY` looks at a pair."""
EASY = 100_000_000
MOST_SWEEPS = 50_000


def rational_agents(problem: AccessProblem, tau_minutes: float = TAU_MINUTES) -> Measured:
    """RAAM: u_i = min_j (t_ij / tau + Q_j), where Q_j = D_j / (rho S_j) is the crowding at a site.

    Saxon and Snow (2020, doi:10.1080/24694452.2019.1629870). D_j are the people who choose site j
    when nobody gains by choosing another, rho all people over all capacity, so Q is 1 where a
    site has its fair share. Less is better: a cost of 1 is `tau_minutes` of travel, or average
    crowding and no travel. Sites beyond the threshold or without capacity cannot be chosen; the
    decay plays no part. No value and UNREACHABLE where no site can be chosen.
    """
    if not tau_minutes > 0:
        raise ValueError(f"tau must be above 0 minutes, not {tau_minutes}")
    pairs = problem.pairs
    capacity = np.asarray(problem.capacity, np.float64)
    usable = (problem.pair_weights() > 0) & (capacity[pairs.site] > 0)
    start = np.concatenate([[0], np.cumsum(usable)])[pairs.start]
    found = np.diff(start) > 0
    value = np.full(pairs.points, np.nan)
    if found.any():
        people = problem.counted_people()
        fair = (people.sum() or 1.0) / capacity.sum()
        room = np.where(capacity > 0, capacity * fair, 1.0)
        ways = (start, pairs.site[usable], pairs.minutes[usable] / tau_minutes)
        value[found] = _equilibrium(ways, np.where(found, people, 0.0), room)[found]
    return without_zero(problem, value, found)


def _equilibrium(ways: Ways, people: Floats, room: Floats) -> Floats:
    """Least cost of each demand point (n,) once nobody gains by another choice."""
    pairs = len(ways[1])
    chosen, load, cost = np.zeros(pairs), np.zeros(len(room)), np.zeros(len(people))
    for sweep in range(1, MOST_SWEEPS + 1):
        _choose_anew(ways, people, room, (chosen, load))
        spent = _spent_and_least(ways, load / room, chosen, cost)
        gain = (spent - float(cost @ people)) / spent if spent > 0 else 0.0
        if gain <= FINE or (gain <= TOLERANCE and sweep * pairs > EASY):
            return cost
    raise ArithmeticError("the choices of the agents did not settle")


@by_numba
def _choose_anew(ways: Ways, people: Floats, room: Floats, state: tuple[Floats, Floats]) -> None:
    """Each point in turn spreads its people so that all sites it uses cost it the same, `level`;
    sites that cost more empty are struck off until none does."""
    start, site, travel = ways
    chosen, load = state
    for i in range(len(people)):
        pairs = range(start[i], start[i + 1])
        if people[i] == 0.0 or len(pairs) == 0:
            continue
        for p in pairs:
            load[site[p]] -= chosen[p]
        level, used, before = np.inf, len(pairs) + 1, len(pairs) + 2
        while 0 < used < before:
            before, used = used, 0
            weighted, width = people[i], 0.0
            for p in pairs:
                empty = travel[p] + load[site[p]] / room[site[p]]
                if empty < level:
                    weighted += empty * room[site[p]]
                    width += room[site[p]]
                    used += 1
            if used > 0:  # none: so few people that they do not show beside the queue
                level = weighted / width
        for p in pairs:
            chosen[p] = max(0.0, (level - travel[p]) * room[site[p]] - load[site[p]])
            load[site[p]] += chosen[p]


@by_numba
def _spent_and_least(ways: Ways, crowding: Floats, chosen: Floats, cost: Floats) -> float:
    """Fill `cost` (n,) with the least of each point; return what all spend as they chose."""
    start, site, travel = ways
    spent = 0.0
    for i in range(len(cost)):
        least = np.inf
        for p in range(start[i], start[i + 1]):
            here = travel[p] + crowding[site[p]]
            least = min(least, here)
            spent += here * chosen[p]
        cost[i] = least if start[i] < start[i + 1] else 0.0
    return spent
