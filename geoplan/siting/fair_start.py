"""First plans for covering that is fair to areas, where nobody's room is short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.siting.allowed import Allowed, fits
from geoplan.siting.cover_shares import walk_with_shares
from geoplan.siting.location import ALL, LocationProblem
from geoplan.siting.reduce import reduce_cover, reduce_demand
from geoplan.siting.search_log import Progress

_STEPS = 14


def for_worst_area(
    problem: LocationProblem, threshold_ms: int, allowed: Allowed, progress: Progress
) -> Bools | None:
    """Sites (k,) that keep the highest least share for all areas that the walks reach, by
    bisection; None if not even the least shares asked for were kept."""
    shares = np.zeros(problem.areas, np.int64)
    shares = shares if problem.least_share is None else problem.least_share
    low, high, best = 0, ALL, None
    for _ in range(_STEPS):
        if progress.left <= 0 or low >= high:
            break
        middle = (low + high + 1) // 2 if best is not None else 0
        asked = replace(problem, least_share=np.maximum(shares, middle))
        trial = Progress(replace(progress.effort, seconds=progress.left))
        walk_with_shares(reduce_cover(asked, threshold_ms), allowed, trial)
        if trial.chosen is not None:
            low, best = middle, trial.chosen | problem.fixed
        elif best is None:
            break
        else:
            high = middle - 1
    return best


def for_even_cover(
    problem: LocationProblem, threshold_ms: int, rules: tuple[Allowed, int], progress: Progress
) -> Bools:
    """Sites (k,) added one by one: most people among those that stay even, else the evenest.

    `rules` are those for sites, and the largest Gini index in millionths.
    """
    allowed, gini = rules
    people, reach = _reach(problem, threshold_ms)
    chosen = problem.fixed.copy()
    best, most = chosen.copy(), -1.0
    for _ in range(problem.sites):
        counted: Bools = np.any(reach[chosen], axis=0)
        here = _by_area(people, counted)
        index = float(_gini(people.sum(axis=0), here[None])[0])
        if fits(chosen & ~problem.fixed, allowed) and index <= gini and here.sum() > most:
            best, most = chosen.copy(), float(here.sum())
        open_to = _open_to(problem, chosen, allowed)
        if not len(open_to) or progress.left <= 0:
            break
        after = np.stack([_by_area(people, counted | reach[j]) for j in open_to])
        index_after = _gini(people.sum(axis=0), after)
        fine = index_after <= gini
        worth = np.where(fine, after.sum(axis=1), -index_after)
        chosen[open_to[int(worth.argmax())]] = True
    return best


def _reach(problem: LocationProblem, threshold_ms: int) -> tuple[Floats, Bools]:
    """The people of each row by area (rows, a), and whom each site reaches (k, rows)."""
    rows = reduce_demand(problem, threshold_ms)
    people = np.zeros((rows.rows + problem.areas, problem.areas))
    people[np.arange(rows.rows), rows.area] = rows.weight
    area = problem.area_of
    lost = people[rows.rows :]
    np.add.at(lost, (area[rows.lost_rows], area[rows.lost_rows]), problem.weight[rows.lost_rows])
    reach = np.zeros((problem.sites, len(people)), np.bool_)
    reach[rows.site, np.repeat(np.arange(rows.rows), np.diff(rows.start))] = True
    return people, reach


def _by_area(people: Floats, counted: Bools) -> Floats:
    here: Floats = people[counted].sum(axis=0)
    return here


def _gini(people: Floats, here: Floats) -> Floats:
    """The Gini index in millionths of each plan's people by area (plans, a)."""
    both = people[None, :, None] * here[:, None, :]
    apart = np.abs(both - both.transpose(0, 2, 1)).sum(axis=(1, 2)) / 2
    whole = people.sum() * here.sum(axis=1)
    index: Floats = ALL * np.divide(apart, whole, out=np.zeros(len(here)), where=whole > 0)
    return index


def _open_to(problem: LocationProblem, chosen: Bools, allowed: Allowed) -> Ints:
    """The sites that the rules let stand beside the new ones chosen; minimums first."""
    new = chosen & ~problem.fixed
    usable = ~(problem.fixed | problem.forbidden)
    here = np.bincount(allowed.group[new], minlength=len(allowed.least))
    short = here < allowed.least
    free = usable & ~chosen & (short[allowed.group] if short.any() else True)
    able = [j for j in np.flatnonzero(free) if _may_join(new, int(j), allowed)]
    return np.array(able, np.int64)


def _may_join(new: Bools, j: int, allowed: Allowed) -> bool:
    joined = new.copy()
    joined[j] = True
    none_asked = allowed._replace(least=np.zeros_like(allowed.least))
    return fits(joined, none_asked)
