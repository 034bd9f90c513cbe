"""No plan is better than this: the Lagrangian bound of the p-median, in whole numbers.

Each demand point may be served once; that rule is given a price (Cornuejols, Fisher and Nemhauser
1977). Given prices u, a site is worth r_j = sum_i min(0, c_ij - u_i), and
L(u) = sum_i u_i + the least sum of r_j over the sets of sites that the quotas allow
is below the cost of every plan. Prices, costs and L are integers: any prices give a valid bound.
Prices follow subgradients (Held, Wolfe and Crowder 1974), bent towards the last direction as
Camerini, Fratta and Maffioli (1975) propose. A site whose entry or absence alone would push the
bound above the best plan is shut or opened for good.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Codes, Floats, Ints
from geoplan.siting.location import FREE, OPEN, SHUT
from geoplan.siting.median_rows import Rows, Rule
from geoplan.travel.compiled import by_numba

NO_PLAN = 1 << 62
LONGEST, SHORTEST = 1.5, 1e-4


class Climb(NamedTuple):
    """What the ascent reads and writes, and keeps from one call to the next."""

    price: Ints  # (n,) the prices of the best bound
    share: Floats  # (k,) how often, lately, each site was in the relaxed plan
    plan: Bools  # (k,) the best plan met
    ceiling: Ints  # (1,) the cost of the best plan known
    length: Floats  # (1,) of the steps; halved when the bound stalls


class Pace(NamedTuple):
    steps: int
    patience: int  # steps without a better bound until the step is halved
    bend: float  # how much of the last direction is kept
    scale: int  # of the costs: a better plan is better by at least this


@by_numba
def relaxed_plan(worth: Ints, status: Codes, rule: Rule, plan: Bools) -> bool:
    """The sites of least worth that the quotas allow, into `plan`; False if they allow none."""
    here = np.zeros(len(rule.at_least), np.int64)
    taken = 0
    order = np.argsort(worth, kind="mergesort")
    for j in range(len(plan)):
        plan[j] = status[j] == OPEN
        if plan[j]:
            here[rule.group[j]] += 1
            taken += 1
    for filling in range(2):
        for j in order:
            if plan[j] or status[j] != FREE:
                continue
            g = rule.group[j]
            if taken < rule.number and here[g] < (rule.at_most[g] if filling else rule.at_least[g]):
                plan[j] = True
                here[g] += 1
                taken += 1
    if taken != rule.number:
        return False
    for g in range(len(here)):
        if here[g] < rule.at_least[g] or here[g] > rule.at_most[g]:
            return False
    return True


@by_numba
def worths(rows: Rows, price: Ints, worth: Ints) -> int:
    """The worth of each site at these prices, into `worth`; returns the sum of the prices."""
    worth[:] = 0
    total = 0
    for i in range(len(rows.start)):
        u = price[i]
        total += u
        for q in range(rows.start[i], rows.stop[i]):
            gain = rows.cost[q] - u
            if gain >= 0:
                break
            worth[rows.site[q]] += gain
    return total


@by_numba
def priced(rows: Rows, price: Ints, held: tuple[Codes, Rule], worth: Ints, plan: Bools) -> int:
    """L(price): no plan that the status and the rule `held` allow costs less (NO_PLAN if they
    allow none). Its relaxed plan and the worths of the sites go into `plan` and `worth`."""
    value = worths(rows, price, worth)
    if not relaxed_plan(worth, held[0], held[1], plan):
        return NO_PLAN
    for j in range(len(plan)):
        if plan[j]:
            value += worth[j]
    return value


@by_numba
def _slack(rows: Rows, price: Ints, plan: Bools, slack: Ints) -> int:
    """1 - how often each row is served in the relaxed plan, into `slack`; the plan's real cost
    (NO_PLAN where it leaves a row out)."""
    total = 0
    for i in range(len(rows.start)):
        count, nearest = 0, NO_PLAN
        for q in range(rows.start[i], rows.stop[i]):
            dear = rows.cost[q] >= price[i]
            if dear and nearest < NO_PLAN:
                break
            if plan[rows.site[q]]:
                nearest = min(nearest, rows.cost[q])
                count += not dear
        slack[i] = 1 - count
        total = NO_PLAN if NO_PLAN in (total, nearest) else total + nearest
    return total


@by_numba
def _edges(worth: Ints, plan: Bools, status: Codes, rule: Rule) -> tuple[Ints, Ints, Ints]:
    """By group: the sites in the plan, the most worth that may leave, the least that may come."""
    groups = len(rule.at_least)
    here = np.zeros(groups, np.int64)
    leaving, coming = np.full(groups, -NO_PLAN), np.full(groups, NO_PLAN)
    for j in range(len(plan)):
        g = rule.group[j]
        here[g] += plan[j]
        if status[j] == FREE and plan[j]:
            leaving[g] = max(leaving[g], worth[j])
        elif status[j] == FREE:
            coming[g] = min(coming[g], worth[j])
    return here, leaving, coming


@by_numba
def settle(worth: Ints, plan: Bools, status: Codes, rule: Rule, room: int) -> None:
    """Shut the sites whose entry, and open those whose absence, costs more than `room`.

    Sets that the quotas allow are the bases of a matroid, so the cheapest set with a given site is
    one exchange away from the cheapest of all.
    """
    here, leaving, coming = _edges(worth, plan, status, rule)
    spare, open_to = here > rule.at_least, here < rule.at_most
    leaving_any, coming_any = -NO_PLAN, NO_PLAN
    for g in range(len(here)):
        if spare[g]:
            leaving_any = max(leaving_any, leaving[g])
        if open_to[g]:
            coming_any = min(coming_any, coming[g])
    for j in range(len(plan)):
        if status[j] != FREE:
            continue
        g = rule.group[j]
        if plan[j]:
            best = min(coming[g], coming_any) if spare[g] else coming[g]
            if best == NO_PLAN or best - worth[j] > room:
                status[j] = OPEN
        else:
            best = max(leaving[g], leaving_any) if open_to[g] else leaving[g]
            if best == -NO_PLAN or worth[j] - best > room:
                status[j] = SHUT


@by_numba
def _within_limits(rows: Rows, status: Codes, price: Ints) -> bool:
    """Bring prices to where alone they can be best; False if a row has no site left."""
    for i in range(len(price)):
        if rows.start[i] == rows.stop[i]:
            return False
        last = rows.stop[i] - 1
        price[i] = max(price[i], rows.cost[rows.start[i]])
        if status[rows.site[last]] == OPEN:
            price[i] = min(price[i], rows.cost[last])
    return True


@by_numba
def _step(price: Ints, bent: Floats, length: float) -> bool:
    """Move the prices along `bent`; False if there is no direction."""
    square = 0.0
    for i in range(len(price)):
        square += bent[i] * bent[i]
    if square == 0.0:
        return False
    for i in range(len(price)):
        price[i] += np.int64(length / square * bent[i])
    return True


@by_numba
def _note(climb: Climb, plan: Bools, cost: int) -> None:
    """The relaxed plan is a real one too: keep it where it is the best so far."""
    for j in range(len(plan)):
        climb.share[j] += 0.1 * (plan[j] - climb.share[j])
    if cost < climb.ceiling[0]:
        climb.ceiling[0] = cost
        climb.plan[:] = plan


@by_numba
def ascend(rows: Rows, rule: Rule, status: Codes, climb: Climb, pace: Pace) -> int:
    """Raise the bound; returns the best, or NO_PLAN once no better plan can be left.

    `climb` is brought up to date, and sites settle in `status` as the bound allows.
    """
    worth = np.zeros(len(status), np.int64)
    plan = np.zeros(len(status), np.bool_)
    slack = np.zeros(len(rows.start), np.int64)
    bent = np.zeros(len(slack))
    price = climb.price.copy()
    best, idle = -NO_PLAN, 0
    for _turn in range(pace.steps):
        if not _within_limits(rows, status, price):
            return NO_PLAN
        value = priced(rows, price, (status, rule), worth, plan)
        if value == NO_PLAN:
            return NO_PLAN
        _note(climb, plan, _slack(rows, price, plan, slack))
        idle = 0 if value - best > 1e-5 * abs(value) else idle + (value <= best)
        if value > best:
            best = value
            climb.price[:] = price
        room = climb.ceiling[0] - pace.scale - value
        if room < 0:
            return NO_PLAN
        settle(worth, plan, status, rule, room)
        if idle >= pace.patience:
            idle = 0
            climb.length[0] *= 0.5
            price[:] = climb.price
            bent[:] = 0.0
            if climb.length[0] < SHORTEST:
                break
            continue
        bent *= pace.bend
        bent += slack
        if not _step(price, bent, climb.length[0] * (room + pace.scale)):
            break
    return best
