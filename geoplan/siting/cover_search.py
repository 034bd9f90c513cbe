"""Good plans fast: the best site first, then exchanges that may not be undone at once.

Greedy adding (Church and ReVelle 1974) and tabu exchange (Glover 1989) on whole numbers. A walk
can be stopped and taken up again, and the same seed makes the same walk.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed
from geoplan.siting.location import Int32s
from geoplan.siting.reduce import Cover
from geoplan.travel.compiled import by_numba

_NEVER = np.iinfo(np.int64).min
VALUE, BEST, OPENED, SPENT, ITERATION, CHANCE, BEST_AT = range(7)


class Sets(NamedTuple):
    """Who covers whom, both ways."""

    start: Ints
    site: Int32s
    site_start: Ints
    row: Int32s
    weight: Ints
    need: Int32s
    usable: Bools


class Walk(NamedTuple):
    """Where the search stands. `gain` is what opening a site adds, `loss` what closing it takes.

    `owner` is the sum of a row's open sites: where one is open, that one. `numbers` are at VALUE,
    BEST and so on.
    """

    is_open: Bools  # (k,)
    best: Bools  # (k,)
    covered: Int32s  # (rows,) how many open sites
    owner: Ints  # (rows,)
    gain: Ints  # (k,)
    loss: Ints  # (k,)
    in_group: Ints  # (g,)
    blocked: Ints  # (k,) how many open sites it may not stand beside
    open_from: Ints  # (k,) may be opened again from this iteration on
    close_from: Ints  # (k,)
    numbers: Ints


def sets_of(cover: Cover) -> Sets:
    return Sets(*(getattr(cover, name) for name in Sets._fields))


def begin(sets: Sets, allowed: Allowed, chosen: Bools, seed: int) -> Walk:
    """A walk that starts with the sites `chosen` (k,), which must be allowed."""
    k, rows, groups = len(sets.usable), len(sets.weight), len(allowed.least)
    walk = Walk(
        is_open=np.zeros(k, np.bool_),
        best=np.zeros(k, np.bool_),
        covered=np.zeros(rows, np.int32),
        owner=np.zeros(rows, np.int64),
        gain=np.zeros(k, np.int64),
        loss=np.zeros(k, np.int64),
        in_group=np.zeros(groups, np.int64),
        blocked=np.zeros(k, np.int64),
        open_from=np.zeros(k, np.int64),
        close_from=np.zeros(k, np.int64),
        numbers=np.zeros(7, np.int64),
    )
    walk.numbers[CHANCE] = seed * 2 + 1
    _first_gains(sets, walk)
    for j in np.flatnonzero(chosen):
        _open(sets, allowed, walk, int(j))
    _keep_best(walk)
    return walk


@by_numba
def _first_gains(sets: Sets, walk: Walk) -> None:
    for i in range(len(sets.weight)):
        if sets.need[i] == 1:
            for j in sets.site[sets.start[i] : sets.start[i + 1]]:
                walk.gain[j] += sets.weight[i]


@by_numba
def _keep_best(walk: Walk) -> None:
    walk.best[:] = walk.is_open
    walk.numbers[BEST] = walk.numbers[VALUE]
    walk.numbers[BEST_AT] = walk.numbers[ITERATION]


@by_numba
def _open(sets: Sets, allowed: Allowed, walk: Walk, j: int) -> None:
    walk.numbers[VALUE] += walk.gain[j]
    walk.numbers[OPENED] += 1
    walk.numbers[SPENT] += allowed.cost[j]
    walk.is_open[j] = True
    walk.in_group[allowed.group[j]] += 1
    for other in allowed.near[allowed.near_start[j] : allowed.near_start[j + 1]]:
        walk.blocked[other] += 1
    for i in sets.row[sets.site_start[j] : sets.site_start[j + 1]]:
        walk.covered[i] += 1
        walk.owner[i] += j
        over = walk.covered[i] - sets.need[i]
        if over < -1 or over > 1:
            continue
        for other in sets.site[sets.start[i] : sets.start[i + 1]]:
            if over == -1:
                walk.gain[other] += sets.weight[i]
            elif over == 0:
                walk.gain[other] -= sets.weight[i]
                walk.loss[other] += sets.weight[i]
            else:
                walk.loss[other] -= sets.weight[i]


@by_numba
def _close(sets: Sets, allowed: Allowed, walk: Walk, j: int) -> None:
    walk.numbers[VALUE] -= walk.loss[j]
    walk.numbers[OPENED] -= 1
    walk.numbers[SPENT] -= allowed.cost[j]
    walk.is_open[j] = False
    walk.in_group[allowed.group[j]] -= 1
    for other in allowed.near[allowed.near_start[j] : allowed.near_start[j + 1]]:
        walk.blocked[other] -= 1
    for i in sets.row[sets.site_start[j] : sets.site_start[j + 1]]:
        walk.covered[i] -= 1
        walk.owner[i] -= j
        over = walk.covered[i] - sets.need[i]
        if over < -2 or over > 0:
            continue
        for other in sets.site[sets.start[i] : sets.start[i + 1]]:
            if over == -2:
                walk.gain[other] -= sets.weight[i]
            elif over == -1:
                walk.gain[other] += sets.weight[i]
                walk.loss[other] -= sets.weight[i]
            else:
                walk.loss[other] += sets.weight[i]


@by_numba
def _reserve(sets: Sets, allowed: Allowed, walk: Walk, dearest: Ints) -> int:
    """What the minimums still wanted cost at the cheapest, and the dearest of these by group."""
    wanted = np.maximum(allowed.least - walk.in_group, 0)
    dearest[:] = -1
    total = 0
    if not wanted.any():
        return total
    for j in allowed.by_cost:
        g = allowed.group[j]
        if wanted[g] > 0 and sets.usable[j] and not walk.is_open[j]:
            wanted[g] -= 1
            dearest[g] = allowed.cost[j]
            total += allowed.cost[j]
    return total


@by_numba
def best_to_add(sets: Sets, allowed: Allowed, walk: Walk) -> int:
    """The allowed site that adds most (for its cost, where there is a budget); -1 if none.

    Enough sites and money are kept back for the minimums of all groups. Ties: the lowest.
    """
    dearest = np.empty(len(allowed.least), np.int64)
    reserve = _reserve(sets, allowed, walk, dearest)
    wanted = np.maximum(allowed.least - walk.in_group, 0).sum()
    spare = allowed.number - walk.numbers[OPENED] - wanted
    money = allowed.budget - walk.numbers[SPENT] - reserve
    best, found = -1.0, -1
    for j in range(len(sets.usable)):
        g = allowed.group[j]
        if walk.is_open[j] or not sets.usable[j] or walk.in_group[g] >= allowed.most[g]:
            continue
        if walk.blocked[j] > 0:
            continue
        cost = allowed.cost[j]
        if walk.in_group[g] < allowed.least[g]:
            if cost - min(cost, dearest[g]) > money:
                continue
        elif spare <= 0 or cost > money:
            continue
        worth = walk.gain[j] / max(cost, 1)
        if worth > best:
            best, found = worth, j
    return found


@by_numba
def fill(sets: Sets, allowed: Allowed, walk: Walk, target: int) -> None:
    """Add the best site again and again, until nothing may be added or `target` is covered."""
    while walk.numbers[VALUE] < target or (walk.in_group < allowed.least).any():
        j = best_to_add(sets, allowed, walk)
        if j < 0:
            break
        _open(sets, allowed, walk, j)
    if walk.numbers[VALUE] >= walk.numbers[BEST] or not walk.best.any():
        _keep_best(walk)


@by_numba
def thin(sets: Sets, allowed: Allowed, walk: Walk, cost: Ints, target: int) -> None:
    """Close what is not needed for `target` and the minimums, the dearest and latest first."""
    while True:
        found, best = -1, np.int64(-1)
        for j in range(len(sets.usable)):
            g = allowed.group[j]
            spare = walk.in_group[g] > allowed.least[g]
            needless = walk.is_open[j] and spare and walk.numbers[VALUE] - walk.loss[j] >= target
            if needless and cost[j] >= best:
                found, best = j, cost[j]
        if found < 0:
            break
        _close(sets, allowed, walk, found)
    _keep_best(walk)


@by_numba
def close_one(sets: Sets, allowed: Allowed, walk: Walk) -> bool:
    """Close the site that loses least, for a walk with one site fewer; False if none may close."""
    found, best = -1, np.int64(0)
    for j in range(len(sets.usable)):
        g = allowed.group[j]
        spare = walk.in_group[g] > allowed.least[g]
        if walk.is_open[j] and spare and (found < 0 or walk.loss[j] <= best):
            found, best = j, walk.loss[j]
    if found < 0:
        return False
    _close(sets, allowed, walk, found)
    _keep_best(walk)
    return True


@by_numba
def _chance(walk: Walk, below: int) -> int:
    number = (walk.numbers[CHANCE] * 1103515245 + 12345) & 0x7FFFFFFF
    walk.numbers[CHANCE] = number
    return int((number >> 8) % below)


@by_numba
def _shared(sets: Sets, walk: Walk, j: int, shared: Ints) -> None:
    """What opening `j` saves of each open site's loss (and, of covers short by one, does not)."""
    for i in sets.row[sets.site_start[j] : sets.site_start[j + 1]]:
        over = walk.covered[i] - sets.need[i]
        if sets.need[i] == 1:
            if over == 0:
                shared[walk.owner[i]] += sets.weight[i]
        elif over == 0 or over == -1:
            worth = sets.weight[i] if over == 0 else -sets.weight[i]
            for other in sets.site[sets.start[i] : sets.start[i + 1]]:
                if walk.is_open[other]:
                    shared[other] += worth


@by_numba
def _may_replace(allowed: Allowed, walk: Walk, out: int, into: int) -> bool:
    a, b = allowed.group[out], allowed.group[into]
    if walk.numbers[SPENT] - allowed.cost[out] + allowed.cost[into] > allowed.budget:
        return False
    if walk.blocked[into] > 0:
        beside = allowed.near[allowed.near_start[into] : allowed.near_start[into + 1]]
        if walk.blocked[into] > 1 or not (beside == out).any():
            return False
    if a == b:
        return True
    return bool(walk.in_group[a] > allowed.least[a] and walk.in_group[b] < allowed.most[b])


@by_numba
def _best_exchange(
    sets: Sets, allowed: Allowed, walk: Walk, opened: Ints, shared: Ints
) -> tuple[int, int]:
    """The best exchange that is not tabu, or that leads to a new best plan; -1, -1 if none.

    A site that cannot beat the best exchange found is passed over without looking at its rows:
    an exchange gains at most `gain`, and at most gain + loss - the smallest loss.
    """
    now, short = walk.numbers[ITERATION], walk.numbers[BEST] - walk.numbers[VALUE]
    least = walk.loss[opened].min()
    best, into, out = np.int64(_NEVER), -1, -1
    for j in np.argsort(-walk.gain, kind="mergesort"):
        if walk.gain[j] <= best:
            break
        if walk.is_open[j] or not sets.usable[j] or walk.gain[j] + walk.loss[j] - least <= best:
            continue
        _shared(sets, walk, j, shared)
        for o in opened:
            change = walk.gain[j] - walk.loss[o] + shared[o]
            shared[o] = 0
            tabu = walk.open_from[j] > now or walk.close_from[o] > now
            if change <= best or (tabu and change <= short):
                continue
            if _may_replace(allowed, walk, o, j):
                best, into, out = change, j, o
    return into, out


@by_numba
def exchange(sets: Sets, allowed: Allowed, walk: Walk, steps: int, target: int) -> None:
    """`steps` exchanges, each the best there is, better or not; stops at `target`."""
    shared = np.zeros(len(sets.usable), np.int64)
    numbers = walk.numbers
    last = numbers[ITERATION] + steps
    while numbers[ITERATION] < last and numbers[BEST] < target:
        numbers[ITERATION] += 1
        opened = np.flatnonzero(walk.is_open)
        if len(opened) == 0:
            break
        into, out = _best_exchange(sets, allowed, walk, opened, shared)
        if into < 0:
            continue
        _close(sets, allowed, walk, out)
        _open(sets, allowed, walk, into)
        walk.open_from[out] = numbers[ITERATION] + 5 + _chance(walk, 10)
        walk.close_from[into] = numbers[ITERATION] + 3 + _chance(walk, min(8, len(opened)))
        more = best_to_add(sets, allowed, walk)
        if more >= 0 and walk.gain[more] > 0:
            _open(sets, allowed, walk, more)
        if numbers[VALUE] > numbers[BEST]:
            _keep_best(walk)
