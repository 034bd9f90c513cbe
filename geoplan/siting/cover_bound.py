"""Prices of a large covering question by Lagrangian relaxation.

The rows z <= sum of x are relaxed (Galvao and ReVelle 1996); what is left is to take the sites
with the largest sums of prices that the number and the groups allow, which sorting solves. The
prices are improved by subgradients (Held, Wolfe and Crowder 1974). Floats are good enough here:
`programme.price_bound` computes exactly what the prices prove.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Floats
from geoplan.siting import cover_search as search
from geoplan.siting.allowed import Allowed
from geoplan.siting.cover_programme import CoverProgramme
from geoplan.siting.search_log import Progress
from geoplan.travel.compiled import by_numba

_ROUNDS = 40
_STEPS = 100
_FINEST = 1e-3
_PATIENCE = 60  # steps without progress before they are halved


class _Relaxed(NamedTuple):
    price: Floats  # (rows,) at the best bound
    now: Floats  # (rows,)
    push: Floats  # (rows,) the direction, smoothed
    bound: Floats  # (1,) the best
    step: Floats  # (2,) length, and steps without progress


def relaxed_prices(model: CoverProgramme, allowed: Allowed, progress: Progress) -> Floats:
    """Prices of all rows of the programme: cover rows, number, groups, budget."""
    sets = search.sets_of(model.cover)
    weight = model.cover.weight.astype(np.float64)
    known = float(progress.value or 0)
    state = _begin(model, progress)
    for _ in range(_ROUNDS):
        _improve(sets, allowed, state, known, _STEPS)
        if progress.left <= 0 or state.step[0] < _FINEST or state.bound[0] < known + 1:
            break
    worth = site_worth(sets, state.price)
    rules = _rule_prices(model, allowed, worth)
    return np.concatenate([np.minimum(state.price, weight), rules])


def _begin(model: CoverProgramme, progress: Progress) -> _Relaxed:
    """Who is not covered by the best plan costs all, who is covered once half, others nothing."""
    cover = model.cover
    weight = cover.weight.astype(np.float64)
    price = weight.copy()
    if progress.chosen is not None and cover.rows:
        opened = np.add.reduceat(progress.chosen[cover.site].astype(np.int64), cover.start[:-1])
        over = opened - cover.need
        price = np.where(over < 0, weight, np.where(over == 0, weight / 2, 0.0)) / cover.need
    rows = cover.rows
    return _Relaxed(
        price, price.copy(), np.zeros(rows), np.array([np.inf]), np.array([1.0, 0.0])
    )  # fmt: skip


def _rule_prices(model: CoverProgramme, allowed: Allowed, worth: Floats) -> Floats:
    """Prices of the number and of the groups that fit the prices of the cover rows.

    The number costs what the best site not taken is worth; a group's maximum what its own best
    one is worth above that; a minimum what its least one falls short.
    """
    usable = model.cover.usable
    taken = take(worth, usable, allowed)
    in_group = np.bincount(allowed.group[taken], minlength=len(allowed.least))
    full = in_group >= np.minimum(
        allowed.most, np.bincount(allowed.group[usable], minlength=len(allowed.least))
    )
    bound_down = in_group <= allowed.least
    free = taken & ~bound_down[allowed.group]
    common = float(worth[free].min()) if free.any() else 0.0
    if int(taken.sum()) < allowed.number:
        common = 0.0
    elif not free.any():
        left = usable & ~taken & ~full[allowed.group]
        common = max(0.0, float(worth[left].max())) if left.any() else 0.0
    prices = []
    for _, kind, at in model.programme.names:
        members = usable & (allowed.group == at[0]) if kind in ("at_least", "at_most") else usable
        prices.append(_rule_price(kind, common, worth, members & taken, members & ~taken))
    return np.array(prices, np.float64)


def _rule_price(kind: str, common: float, worth: Floats, taken: Bools, left: Bools) -> float:
    if kind == "count":
        return common
    if kind == "at_most" and left.any():
        return max(0.0, float(worth[left].max()) - common) if taken.any() else 0.0
    if kind == "at_least" and taken.any():
        return max(0.0, common - float(worth[taken].min()))
    return 0.0


@by_numba
def site_worth(sets: search.Sets, price: Floats) -> Floats:
    worth = np.zeros(len(sets.usable))
    for i in range(len(price)):
        if price[i] > 0:
            for j in sets.site[sets.start[i] : sets.start[i + 1]]:
                worth[j] += price[i]
    return worth


@by_numba
def take(worth: Floats, usable: Bools, allowed: Allowed) -> Bools:
    """The sites worth most that the number, the minimums and the maximums allow."""
    order = np.argsort(-worth, kind="mergesort")
    taken = np.zeros(len(worth), np.bool_)
    in_group = np.zeros(len(allowed.least), np.int64)
    left = allowed.number
    for j in order:
        g = allowed.group[j]
        if usable[j] and in_group[g] < allowed.least[g]:
            taken[j] = True
            in_group[g] += 1
            left -= 1
    for j in order:
        g = allowed.group[j]
        if left > 0 and usable[j] and not taken[j] and in_group[g] < allowed.most[g]:
            taken[j] = True
            in_group[g] += 1
            left -= 1
    return taken


@by_numba
def _steepest(sets: search.Sets, state: _Relaxed, taken: Bools) -> float:
    """The smoothed direction in which prices should fall; its squared length."""
    price, length = state.now, 0.0
    for i in range(len(price)):
        opened = 0
        for j in sets.site[sets.start[i] : sets.start[i + 1]]:
            opened += taken[j]
        highest = sets.weight[i] / sets.need[i]
        slope = float(opened - (sets.need[i] if price[i] < highest else 0))
        if (price[i] <= 0 and slope > 0) or (price[i] >= highest and slope < 0):
            slope = 0.0
        state.push[i] = 0.3 * slope + 0.7 * state.push[i]
        length += state.push[i] * state.push[i]
    return length


@by_numba
def _improve(
    sets: search.Sets, allowed: Allowed, state: _Relaxed, known: float, steps: int
) -> None:
    highest = sets.weight / sets.need
    price = state.now
    for _ in range(steps):
        worth = site_worth(sets, price)
        taken = take(worth, sets.usable, allowed)
        bound = worth[taken].sum() + np.maximum(0.0, sets.weight - price * sets.need).sum()
        state.step[1] = 0 if bound < state.bound[0] * (1 - 1e-6) else state.step[1] + 1
        if bound < state.bound[0]:
            state.bound[0] = bound
            state.price[:] = price
        if state.step[1] >= _PATIENCE:
            state.step[0] *= 0.5
            state.step[1] = 0
            price[:] = state.price
            state.push[:] = 0.0
            continue
        length = _steepest(sets, state, taken)
        if length == 0.0:
            state.step[0] = 0.0
            break
        move = state.step[0] * (bound - known) / length
        price[:] = np.minimum(np.maximum(price - move * state.push, 0.0), highest)
