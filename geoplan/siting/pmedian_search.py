"""Good plans for the p-median: exchange of one site for another while it helps, from many starts.

The exchange is Teitz and Bart's (1968) with Whitaker's (1983) accounts: for a site that may come
in, one pass over its demand points gives the profit of every exchange at once (as in Resende and
Werneck 2007). The first exchange that helps is made.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.location import FREE, Int32s
from geoplan.siting.median_rows import Columns, Rows, Rule
from geoplan.travel.compiled import by_numba


class Served(NamedTuple):
    """By row: the nearest open site (-1 if none), and the costs of the nearest and the second."""

    by: Int32s
    first: Ints
    second: Ints


class Task(NamedTuple):
    """What every search needs. `far` is the cost of a row that no open site reaches."""

    rows: Rows
    columns: Columns
    rule: Rule
    status: Codes
    far: int


@by_numba
def _serve(rows: Rows, plan: Bools, served: Served, far: int, i: int) -> None:
    by, first, second = -1, far, far
    for q in range(rows.start[i], rows.stop[i]):
        if plan[rows.site[q]]:
            if by < 0:
                by, first = rows.site[q], rows.cost[q]
            else:
                second = rows.cost[q]
                break
    served.by[i] = by
    served.first[i] = first
    served.second[i] = second


@by_numba
def nearest_two(rows: Rows, plan: Bools, far: int) -> Served:
    """The two nearest open sites of every row."""
    n = len(rows.start)
    served = Served(np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int64))
    for i in range(n):
        _serve(rows, plan, served, far, i)
    return served


@by_numba
def _best_out(task: Task, plan: Bools, here: Ints, profit: Ints, j: int) -> int:
    """The site whose leaving for `j` costs least and keeps the quotas; -1 if none may leave."""
    rule = task.rule
    home = rule.group[j]
    best = -1
    for o in range(len(plan)):
        if not plan[o] or task.status[o] != FREE:
            continue
        g = rule.group[o]
        if g != home and (here[g] <= rule.at_least[g] or here[home] >= rule.at_most[home]):
            continue
        if best < 0 or profit[o] > profit[best]:
            best = o
    return best


@by_numba
def _open_by_group(rule: Rule, plan: Bools) -> Ints:
    here = np.zeros(len(rule.at_least), np.int64)
    for j in range(len(plan)):
        if plan[j]:
            here[rule.group[j]] += 1
    return here


@by_numba
def _gain(columns: Columns, served: Served, loss: Ints, profit: Ints, j: int) -> int:
    """What the entry of `j` saves; `profit` becomes what each site's leaving then adds to that."""
    for o in range(len(profit)):
        profit[o] = -loss[o]
    gain = 0
    for q in range(columns.start[j], columns.start[j + 1]):
        i, cost = columns.row[q], columns.cost[q]
        if cost < served.first[i]:
            gain += served.first[i] - cost
            if served.by[i] >= 0:
                profit[served.by[i]] += served.second[i] - served.first[i]
        elif cost < served.second[i]:
            profit[served.by[i]] += served.second[i] - cost
    return gain


@by_numba
def _follow(task: Task, plan: Bools, served: Served, loss: Ints, moved: int) -> None:
    """Serve anew the rows that a site's entry or leaving concerns; `loss` follows."""
    columns = task.columns
    for q in range(columns.start[moved], columns.start[moved + 1]):
        i = columns.row[q]
        if columns.cost[q] > served.second[i]:
            continue
        if served.by[i] >= 0:
            loss[served.by[i]] -= served.second[i] - served.first[i]
        _serve(task.rows, plan, served, task.far, i)
        if served.by[i] >= 0:
            loss[served.by[i]] += served.second[i] - served.first[i]


@by_numba
def exchange(task: Task, plan: Bools, passes: int) -> int:
    """Exchange sites of `plan` (in place) one for one while it helps; returns the cost."""
    rule, k = task.rule, len(plan)
    served = nearest_two(task.rows, plan, task.far)
    loss, profit = np.zeros(k, np.int64), np.zeros(k, np.int64)
    here = _open_by_group(rule, plan)
    for i in range(len(served.by)):
        if served.by[i] >= 0:
            loss[served.by[i]] += served.second[i] - served.first[i]
    idle, turn = 0, 0
    while idle < k and turn < passes * k:
        j = turn % k
        turn += 1
        idle += 1
        if plan[j] or task.status[j] != FREE:
            continue
        gain = _gain(task.columns, served, loss, profit, j)
        o = _best_out(task, plan, here, profit, j)
        if o < 0 or gain + profit[o] <= 0:
            continue
        plan[o], plan[j] = False, True
        here[rule.group[o]] -= 1
        here[rule.group[j]] += 1
        idle = 0
        _follow(task, plan, served, loss, o)
        _follow(task, plan, served, loss, j)
    total = 0
    for i in range(len(served.first)):
        total += served.first[i]
    return total


@by_numba
def shaken(task: Task, plan: Bools, swaps: int, draws: Ints) -> Bools:
    """A copy of `plan` after so many random exchanges that keep the quotas."""
    rule = task.rule
    fresh = plan.copy()
    k = len(plan)
    here = _open_by_group(rule, plan)
    done, at = 0, 0
    while done < swaps and at + 1 < len(draws):
        o, j = draws[at] % k, draws[at + 1] % k
        at += 2
        if not fresh[o] or fresh[j] or task.status[o] != FREE or task.status[j] != FREE:
            continue
        g, home = rule.group[o], rule.group[j]
        if g != home and (here[g] <= rule.at_least[g] or here[home] >= rule.at_most[home]):
            continue
        fresh[o], fresh[j] = False, True
        here[g] -= 1
        here[home] += 1
        done += 1
    return fresh
