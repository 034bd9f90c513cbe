"""The plain measures: how far, how many, how much, and how many people to each site.

Each is a function of one `AccessProblem`. A site counts for a demand point where the weight of
their pair is above 0: within the threshold, and within the reach of the decay if there is one.
In the formulas i runs over demand points and j over sites: t minutes, W weight, [W > 0] 1 or 0,
P people, S capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoplan.access.problem import (
    NO_SITES,
    AccessProblem,
    Measured,
    amount,
    without_zero,
)
from geoplan.model import Bools, Codes, Floats, Ints, State

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def nearest(problem: AccessProblem) -> Measured:
    """Minutes to the nearest site the people of the point may use: min_j t_ij, however far.

    Hakimi (1964, doi:10.1287/opre.12.3.450). Threshold, decay and capacity play no part. No value
    and UNREACHABLE where there is no way, or where pairs beyond a limit were left out.
    """
    pairs = problem.pairs
    found = np.diff(pairs.start) > 0
    value = np.full(pairs.points, np.nan)
    if found.any():
        value[found] = np.minimum.reduceat(pairs.minutes, pairs.start[:-1][found])
    return without_zero(problem, value, found)


def kth_nearest(problem: AccessProblem, k: int) -> Measured:
    """Minutes to the k-th nearest site, k from 1: what is left when nearer ones are full or shut.

    No value and UNREACHABLE where fewer than k sites can be reached.
    """
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
    if k == 1:
        return nearest(problem)
    pairs = problem.pairs
    number = np.diff(pairs.start)
    row = np.repeat(np.arange(pairs.points), number)
    ranked = pairs.minutes[np.lexsort((pairs.minutes, row))]
    found = number >= k
    value = np.full(pairs.points, np.nan)
    value[found] = ranked[pairs.start[:-1][found] + k - 1]
    return without_zero(problem, value, found)


def count_within(problem: AccessProblem) -> Measured:
    """Sites that count: sum_j [W_ij > 0]. Cumulative opportunities, Wachs and Kumagai (1973,
    doi:10.1016/0038-0121(73)90041-4), with every site one opportunity."""
    return amount(problem, _inside(problem) @ np.ones(problem.pairs.sites), NO_SITES)


def capacity_within(problem: AccessProblem) -> Measured:
    """Capacity of the sites that count: sum_j [W_ij > 0] S_j (Wachs and Kumagai 1973)."""
    return amount(problem, _inside(problem) @ problem.capacity, NO_SITES)


def gravity(problem: AccessProblem) -> Measured:
    """Potential: sum_j W_ij S_j. Hansen (1959, doi:10.1080/01944365908978307).

    Grows with capacity in reach and says nothing of how many people share it.
    """
    weights = problem.pairs.matrix(problem.pair_weights())
    return amount(problem, weights @ problem.capacity, NO_SITES)


def people_within(problem: AccessProblem) -> Measured:
    """Of each site (m,): people for whom it counts, sum_i [W_ij > 0] P_i: the demand it may meet.

    ZERO: pairs, and nobody within. UNREACHABLE: no pair. People near two sites stand at both, so
    the figures of two sites must not be added.
    """
    value = _inside(problem).T @ problem.people
    paired = np.bincount(problem.pairs.site, minlength=problem.pairs.sites) > 0
    state = np.select([value > 0, paired], [State.MEASURED, State.ZERO], State.UNREACHABLE)
    unused = np.flatnonzero((value == 0) & (np.asarray(problem.capacity) > 0))
    return Measured(value, state.astype(np.uint8), unused)


@dataclass(frozen=True, slots=True)
class Loads:
    """People for each unit of capacity, by site (m,).

    MEASURED; ZERO where there is capacity and nobody to use it; no value (NaN) and NOT_APPLICABLE
    where there is no capacity to divide by. `largest` and `smallest` are positions of MEASURED
    sites (the first of equals), None if there are none; `ratio` is their loads' quotient.
    """

    value: Floats
    state: Codes
    largest: int | None
    smallest: int | None
    ratio: float | None


def loads(people_of_site: Ints | Floats, capacity: Ints | Floats) -> Loads:
    """Load of each site, P_j / S_j, and how many times the smallest the largest is."""
    usable: Bools = np.asarray(capacity) > 0
    value = np.divide(people_of_site, capacity, out=np.full(len(usable), np.nan), where=usable)
    measured = usable & (np.asarray(people_of_site) > 0)
    state = np.select([measured, usable], [State.MEASURED, State.ZERO], State.NOT_APPLICABLE)
    codes = state.astype(np.uint8)
    if not measured.any():
        return Loads(value, codes, None, None, None)
    largest = int(np.where(measured, value, -np.inf).argmax())
    smallest = int(np.where(measured, value, np.inf).argmin())
    return Loads(value, codes, largest, smallest, float(value[largest] / value[smallest]))


def _inside(problem: AccessProblem) -> csr_array:
    return problem.pairs.matrix((problem.pair_weights() > 0).astype(np.float64))
