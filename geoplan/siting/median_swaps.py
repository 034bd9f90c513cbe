"""Plans for a median under rules that the plain search does not know: exchange within the rules.

Best exchange (Teitz and Bart 1968, with Whitaker's 1983 accounts for all exchanges at once) over a
whole table of costs, and a few shaken restarts. Floats only choose the next exchange: what a plan
costs is counted in whole numbers by the caller.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.siting.allowed import Allowed
from geoplan.siting.counting import Ways

MOST_CELLS = 20_000_000
_FAR = 1000.0
_TRIES = 20  # exchanges that a check may refuse before the search gives up
_PASSES = 200

Check = Callable[[Bools], bool]


def table_of(ways: Ways, sites: int) -> Floats:
    """People x milliseconds from each row to each site (rows, k); far above all without a way."""
    cost = ways.ms * ways.people[ways.row].astype(np.float64)
    far = _FAR * max(1.0, float(cost.max(initial=0.0)))
    table = np.full((len(ways.point), sites), far)
    table[ways.row, ways.site] = cost
    return table


def exchanged(
    table: Floats,
    chosen: Bools,
    rules: tuple[Bools, Allowed],
    keeps: Check,
    late: Callable[[], bool],
) -> Bools:
    """The plan after exchanges and additions that the rules allow, while they help.

    `rules` are the sites that may be opened or closed (k,) and the rules for them; `keeps` is
    asked of each plan beside them.
    """
    chosen = chosen.copy()
    for _ in range(_PASSES):
        step = _best_step(table, chosen, rules, keeps)
        if step is None or late():
            break
        chosen = step
    return chosen


def _best_step(
    table: Floats, chosen: Bools, rules: tuple[Bools, Allowed], keeps: Check
) -> Bools | None:
    outs = np.append(np.flatnonzero(chosen & rules[0]), -1)  # -1 closes nothing
    profit = _profits(table, chosen, outs)
    profit[~_may(chosen, outs, rules)] = -np.inf
    for _ in range(_TRIES):
        at, into = np.unravel_index(int(profit.argmax()), profit.shape)
        if profit[at, into] < 0.5:  # costs are whole numbers
            return None
        trial = chosen.copy()
        trial[into] = True
        if outs[at] >= 0:
            trial[outs[at]] = False
        if keeps(trial):
            return trial
        profit[at, into] = -np.inf
    return None


def _profits(table: Floats, chosen: Bools, outs: Ints) -> Floats:
    """What closing each of `outs` and opening each site saves (outs, k)."""
    sites = np.flatnonzero(chosen)
    if not len(sites):
        return np.broadcast_to(table.sum() - table.sum(axis=0), (len(outs), table.shape[1])).copy()
    near = table[:, sites]
    by = near.argmin(axis=1)
    first = near[np.arange(len(near)), by]
    second = np.full(len(near), np.inf)
    if len(sites) > 1:
        near[np.arange(len(near)), by] = np.inf
        second = near.min(axis=1)
    second = np.minimum(second, table.max())
    gain = np.maximum(first[:, None] - table, 0).sum(axis=0)
    saved = np.maximum(second[:, None] - np.maximum(table, first[:, None]), 0)
    rank = np.full(len(chosen), -1)
    rank[outs[:-1]] = np.arange(len(outs) - 1)
    row_of = rank[sites[by]]
    loss, extra = np.zeros(len(outs)), np.zeros((len(outs), table.shape[1]))
    some = row_of >= 0
    np.add.at(loss, row_of[some], (second - first)[some])
    order = np.argsort(row_of[some], kind="stable")
    groups, start = np.unique(row_of[some][order], return_index=True)
    if len(groups):
        extra[groups] = np.add.reduceat(saved[some][order], start, axis=0)
    profit: Floats = gain[None, :] - loss[:, None] + extra
    return profit


def _may(chosen: Bools, outs: Ints, rules: tuple[Bools, Allowed]) -> Bools:
    """Which exchanges and additions the rules allow (outs, k)."""
    free, allowed = rules
    new = chosen & free
    k, groups = len(chosen), len(allowed.least)
    here = np.bincount(allowed.group[new], minlength=groups)
    blocked = np.add.reduceat(np.append(new[allowed.near], False), allowed.near_start[:-1])
    blocked = np.where(np.diff(allowed.near_start) > 0, blocked, 0)
    spent = int(allowed.cost[new].sum())
    may = np.zeros((len(outs), k), np.bool_)
    for at, out in enumerate(outs.tolist()):
        left, room, beside = here.copy(), allowed.number - int(new.sum()), blocked.copy()
        money = allowed.budget - spent
        if out >= 0:
            left[allowed.group[out]] -= 1
            room, money = room + 1, money + int(allowed.cost[out])
            beside[allowed.near[allowed.near_start[out] : allowed.near_start[out + 1]]] -= 1
        may[at] = free & ~chosen & (beside == 0) & (allowed.cost <= money) & (room > 0)
        may[at] &= left[allowed.group] < allowed.most[allowed.group]
        short = left < allowed.least
        if short.any():
            may[at] &= short[allowed.group] & (short.sum() == 1)
    return may


def shaken(chosen: Bools, rules: tuple[Bools, Allowed], random: np.random.Generator) -> Bools:
    """The plan with a few exchanges that the rules allow, whatever they cost."""
    chosen = chosen.copy()
    for _ in range(max(2, int(chosen.sum()) // 8)):
        outs = np.append(np.flatnonzero(chosen & rules[0]), -1)
        may = np.argwhere(_may(chosen, outs, rules)[:-1])
        if not len(may):
            break
        at, into = may[random.integers(len(may))]
        chosen[outs[at]], chosen[into] = False, True
    return chosen
