"""The last part in a million: no float is exact enough there, so prices decide.

Where worths are large, a solver's bound can be told from the best plan only to its tolerance.
Plans are then halved site by site (Land and Doig 1960) until prices in whole numbers, made of each
part's linear relaxation, prove that nothing better is left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import highspy
import numpy as np

from geoplan.model import Floats
from geoplan.siting.programme import Programme, fixed_by, price_bound
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import highs_of, row_scale, scale_worths

CLOSE = 1e-6
_MOST_PARTS = 400


def halved(programme: Programme, sites: int, progress: Progress) -> bool:
    """Whether prices prove that no plan is better than the best known.

    The first `sites` variables are the sites. A part whose relaxation has no plan is empty, as the
    solver says; where time or the number of parts ends first nothing is proven.
    """
    known = progress.value
    if known is None:
        return False
    parts = [programme]
    for _ in range(_MOST_PARTS):
        if not parts:
            progress.limit(known)
            progress.ended("prices of parts")
            return True
        if progress.left <= 0:
            break
        part = parts.pop()
        found = _relaxed(part, progress.left)
        if found is None:
            break
        if found.empty:
            continue
        bound = price_bound(part, found.prices)
        if bound.value <= known:
            continue
        less = fixed_by(part, bound, known)
        at = _most_split(less, found.values, sites)
        if at < 0:
            break
        parts += _halves(less, at)
    progress.ended("prices of parts")
    return False


class _Relaxed(NamedTuple):
    prices: Floats
    values: Floats
    empty: bool


def _relaxed(part: Programme, seconds: float) -> _Relaxed | None:
    """Prices and variables of a part's relaxation, or that it has no plan; None if cut off."""
    solver = highs_of(part, seconds, relaxed=True)
    scale = scale_worths(solver, part)
    solver.run()
    status = solver.getModelStatus()
    empty = status == highspy.HighsModelStatus.kInfeasible
    if not empty and status != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    prices = np.abs(np.array(solution.row_dual, np.float64))
    if not empty:
        prices *= row_scale(part) * scale
    return _Relaxed(prices, np.array(solution.col_value, np.float64), empty)


def _most_split(part: Programme, values: Floats, sites: int) -> int:
    """The undecided site that is nearest to half open; -1 if all are decided."""
    free = np.flatnonzero(part.lower[:sites] < part.upper[:sites])
    if not len(free):
        return -1
    return int(free[np.argmin(np.abs(values[free] - 0.5))])


def _halves(part: Programme, at: int) -> list[Programme]:
    closed, opened = part.upper.copy(), part.lower.copy()
    closed[at], opened[at] = 0, 1
    return [replace(part, upper=closed), replace(part, lower=opened)]
