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
from geoplan.siting.median_rows import FREE, OPEN, SHUT, Rows, Rule
from geoplan.travel.compiled import kernel

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


@kernel
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
            if taken < rule.count and here[g] < (rule.at_most[g] if filling else rule.at_least[g]):
                plan[j] = True
                here[g] += 1
                taken += 1
    if taken != rule.count:
        return False
    for g in range(len(here)):
        if here[g] < rule.at_least[g] or here[g] > rule.at_most[g]:
            return False
    return True


@kernel
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


@kernel
def _slack(rows: Rows, price: Ints, plan: Bools, slack: Ints) -> int:
    """1 - how often each row is served in the relaxed plan, into `slack`; the plan's real cost."""
    total = 0
    for i in range(len(rows.start)):
        u = price[i]
        count, found = 0, False
        for q in range(rows.start[i], rows.stop[i]):
            cost = rows.cost[q]
            if cost >= u and found:
                break
            if plan[rows.site[q]]:
                if not found:
                    found = True
                    total += cost
                if cost >= u:
                    break
                count += 1
        slack[i] = 1 - count
        if not found:
            total = NO_PLAN
            for r in range(i + 1, len(rows.start)):
                u, count = price[r], 0
                for q in range(rows.start[r], rows.stop[r]):
                    if rows.cost[q] >= u:
                        break
                    count += plan[rows.site[q]]
                slack[r] = 1 - count
            break
    return total


@kernel
def settle(worth: Ints, plan: Bools, status: Codes, rule: Rule, room: int) -> int:
    """Shut the sites whose entry, and open those whose absence, costs more than `room`.

    Sets that the quotas allow are the bases of a matroid, so the cheapest set with a given site is
    one exchange away from the cheapest of all. Returns how many sites were settled.
    """
    groups = len(rule.at_least)
    here = np.zeros(groups, np.int64)
    out_home = np.full(groups, -NO_PLAN)  # the most worth that may leave / the least that may come
    in_home = np.full(groups, NO_PLAN)
    for j in range(len(plan)):
        g = rule.group[j]
        if plan[j]:
            here[g] += 1
            if status[j] == FREE:
                out_home[g] = max(out_home[g], worth[j])
        elif status[j] == FREE:
            in_home[g] = min(in_home[g], worth[j])
    out_any, in_any = -NO_PLAN, NO_PLAN
    for g in range(groups):
        if here[g] > rule.at_least[g]:
            out_any = max(out_any, out_home[g])
        if here[g] < rule.at_most[g]:
            in_any = min(in_any, in_home[g])
    settled = 0
    for j in range(len(plan)):
        if status[j] != FREE:
            continue
        g = rule.group[j]
        if plan[j]:
            best = min(in_home[g], in_any) if here[g] > rule.at_least[g] else in_home[g]
            if best == NO_PLAN or best - worth[j] > room:
                status[j] = OPEN
                settled += 1
        else:
            best = max(out_home[g], out_any) if here[g] < rule.at_most[g] else out_home[g]
            if best == -NO_PLAN or worth[j] - best > room:
                status[j] = SHUT
                settled += 1
    return settled


@kernel
def ascend(rows: Rows, rule: Rule, status: Codes, climb: Climb, pace: Pace) -> int:
    """Raise the bound; returns the best, or NO_PLAN once no better plan can be left.

    `climb` is brought up to date, and sites settle in `status` as the bound allows.
    """
    n, k = len(rows.start), len(status)
    worth = np.zeros(k, np.int64)
    plan = np.zeros(k, np.bool_)
    slack = np.zeros(n, np.int64)
    bent = np.zeros(n)
    price = climb.price.copy()
    best, idle = -NO_PLAN, 0
    for _step in range(pace.steps):
        for i in range(n):  # a price outside these limits is never better than the limit
            if rows.start[i] == rows.stop[i]:
                return NO_PLAN
            price[i] = max(price[i], rows.cost[rows.start[i]])
            if status[rows.site[rows.stop[i] - 1]] == OPEN:
                price[i] = min(price[i], rows.cost[rows.stop[i] - 1])
        value = worths(rows, price, worth)
        if not relaxed_plan(worth, status, rule, plan):
            return NO_PLAN
        for j in range(k):
            if plan[j]:
                value += worth[j]
            climb.share[j] += 0.1 * (plan[j] - climb.share[j])
        cost = _slack(rows, price, plan, slack)
        if cost < climb.ceiling[0]:
            climb.ceiling[0] = cost
            climb.plan[:] = plan
        if value > best:
            idle = idle if value - best < 1e-5 * abs(value) else 0
            best = value
            climb.price[:] = price
        else:
            idle += 1
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
        square = 0.0
        for i in range(n):
            bent[i] = slack[i] + pace.bend * bent[i]
            square += bent[i] * bent[i]
        if square == 0.0:
            break
        step = climb.length[0] * (room + pace.scale) / square
        for i in range(n):
            price[i] += np.int64(step * bent[i])
    return best
