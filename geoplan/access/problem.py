"""The question every measure of access answers, as plain arrays; and what an answer is.

Rows are demand (n,), columns are sites (m,). A pair of a demand point and a site that is not
there is out of reach. Who may use which site (eligibility) is said by leaving pairs out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.access.decay import UNIFORM, Decay
from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Codes, Floats, Ints, State

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Int32s = npt.NDArray[np.int32]

MS_PER_MINUTE = 60_000
BLOCK_CELLS = 8_000_000
"""So many cells of a dense matrix are looked at at once."""
NO_SITES: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sparse minutes by demand point. Checked when made (BadInput).

    The pairs of demand point `i` stand at `start[i]:start[i + 1]` of `site` (rising in each row)
    and `minutes`, which are kept as they were given and not rounded.
    `reached` tells which demand points have a way to any site at all; it is None where that is
    simply those with a pair, and given where pairs beyond a limit were left out.
    """

    start: Ints  # (n + 1,)
    site: Int32s  # (pairs,)
    minutes: Floats  # (pairs,)
    sites: int
    reached: Bools | None = None  # (n,)

    def __post_init__(self) -> None:
        if faults := _pairs_faults(self):
            raise BadInput(faults)

    @property
    def points(self) -> int:
        return len(self.start) - 1

    @property
    def has_way(self) -> Bools:
        """Which demand points have a way to any site (n,)."""
        here: Bools = np.diff(self.start) > 0
        return here if self.reached is None else here | self.reached

    def matrix(self, values: Floats) -> csr_array:
        """`values` (pairs,) as a sparse (n, m) matrix: `@` sums over sites, `.T @` over demand."""
        from scipy.sparse import csr_array

        return csr_array((values, self.site, self.start), shape=(self.points, self.sites))

    def spread(self, of_point: Floats) -> Floats:
        """A value of each demand point (n,), put on each of its pairs (pairs,)."""
        return np.repeat(of_point, np.diff(self.start))


@dataclass(frozen=True, slots=True)
class AccessProblem:
    """Who lives where, what the sites hold, and how far it is. Checked when made (BadInput).

    The weight of a pair is decay(minutes), and 0 beyond the threshold; `<=` is within. `weights`
    given by another program take the place of the decay (they may be above 1).
    `people` are whole people, or weighted need in fractions. `applicable` is False where the
    service is not meant for a place: its people count nowhere. `known` is False where an input of
    a place is missing, so that its own figure is not known, though its people do count.
    """

    pairs: Pairs
    people: Ints | Floats  # (n,)
    capacity: Ints | Floats  # (m,)
    decay: Decay = UNIFORM
    threshold_minutes: float | None = None
    weights: Floats | None = None  # (pairs,)
    applicable: Bools | None = None  # (n,)
    known: Bools | None = None  # (n,)

    def __post_init__(self) -> None:
        if faults := _problem_faults(self):
            raise BadInput(faults)

    def counted_people(self) -> Floats:
        """People of each demand point (n,), none where the service is not meant for the place."""
        people = np.asarray(self.people, np.float64)
        return people if self.applicable is None else np.where(self.applicable, people, 0.0)

    def pair_weights(self) -> Floats:
        """What each pair counts (pairs,): a fresh array."""
        minutes = self.pairs.minutes
        if self.weights is not None:
            result = self.weights.astype(np.float64)
        elif self.decay == UNIFORM:
            result = np.ones(len(minutes))
        else:
            result = self.decay.weights(minutes)
        if self.threshold_minutes is not None:
            result[minutes > self.threshold_minutes] = 0.0
        if self.applicable is not None and not self.applicable.all():
            result[np.repeat(~self.applicable, np.diff(self.pairs.start))] = 0.0
        return result


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure and its `model.State` for each demand point (n,), or each site (m,).

    ZERO is an amount of 0 where sites can be reached but none counts (beyond the threshold, or no
    capacity): it belongs in every mean, Gini and rank. UNREACHABLE is no way to any site: an
    amount of 0, while minutes, costs and burdens have no value. NOT_APPLICABLE is a place the
    service is not meant for (no value), or where nobody lives (the value is what one would have
    there). UNKNOWN has no value. 'No value' is NaN, and only the state says which kind.
    `unused_sites` are positions of sites whose capacity nobody can reach: it serves no one.
    """

    value: Floats
    state: Codes
    unused_sites: Ints


def pairs_from_long(demand: Ints, site: Ints, minutes: Floats, points: int, sites: int) -> Pairs:
    """Pairs in any order, by position of demand point and site; each pair once (BadInput)."""
    if faults := _long_faults(demand, site, minutes, points, sites):
        raise BadInput(faults)
    key = demand.astype(np.int64) * sites + site
    order = slice(None) if (np.diff(key) > 0).all() else np.argsort(key, kind="stable")
    key = key[order]
    doubled = np.flatnonzero(key[1:] == key[:-1])
    if len(doubled):
        raise BadInput([Fault("access_double_pairs", "pairs", values={"count": len(doubled)})])
    start = np.searchsorted(key, np.arange(points + 1, dtype=np.int64) * sites)
    return Pairs(
        start.astype(np.int64), site[order].astype(np.int32), minutes[order].astype(float), sites
    )


def pairs_within(
    ms: Int32s, reachable: Bools, eligible: Bools | None = None, limit_ms: int | None = None
) -> Pairs:
    """Pairs of a dense travel matrix (n, m), block by block; those beyond `limit_ms` left out."""
    points, sites = ms.shape
    rows = max(1, BLOCK_CELLS // max(sites, 1))
    blocks = []
    for first in range(0, max(points, 1), rows):
        block = slice(first, first + rows)
        usable = reachable[block] if eligible is None else reachable[block] & eligible[block]
        blocks.append(_block(ms[block], usable, limit_ms))
    return joined(blocks)


def joined(blocks: Sequence[Pairs]) -> Pairs:
    """Pairs of demand points below one another; every block has the same sites."""
    start = [np.zeros(1, np.int64)]
    for block in blocks:
        start.append(block.start[1:] + start[-1][-1])
    reached = None
    if any(block.reached is not None for block in blocks):
        reached = np.concatenate([block.has_way for block in blocks])
    return Pairs(
        np.concatenate(start),
        np.concatenate([block.site for block in blocks]),
        np.concatenate([block.minutes for block in blocks]),
        blocks[0].sites,
        reached,
    )


def _block(ms: Int32s, usable: Bools, limit_ms: int | None) -> Pairs:
    sites = ms.shape[1]
    reached: Bools | None = None
    if limit_ms is not None:
        reached = np.asarray(usable.any(axis=1))
        usable = usable & (ms <= limit_ms)
    start = np.concatenate([[0], np.cumsum(np.count_nonzero(usable, axis=1))]).astype(np.int64)
    site = np.broadcast_to(np.arange(sites, dtype=np.int32), ms.shape)[usable]
    return Pairs(start, site, ms[usable] / MS_PER_MINUTE, sites, reached)


def states(problem: AccessProblem, counts: Bools) -> Codes:
    """State of each demand point (n,); `counts` says where some site counts for something."""
    state = np.where(counts, State.MEASURED, State.ZERO)
    state[~counts & ~problem.pairs.has_way] = State.UNREACHABLE
    if problem.known is not None:
        state[~problem.known] = State.UNKNOWN
    state[np.asarray(problem.people) == 0] = State.NOT_APPLICABLE
    if problem.applicable is not None:
        state[~problem.applicable] = State.NOT_APPLICABLE
    return state.astype(np.uint8)


def amount(problem: AccessProblem, value: Floats, unused_sites: Ints) -> Measured:
    """An amount (n,): 0 is ZERO or UNREACHABLE, and a place it is not meant for has no value."""
    return _measured(problem, value, states(problem, value > 0), unused_sites)


def without_zero(problem: AccessProblem, value: Floats, found: Bools) -> Measured:
    """Minutes, a cost or a burden (n,): no value and UNREACHABLE where nothing was `found`."""
    state = states(problem, found)
    state[state == State.ZERO] = State.UNREACHABLE
    return _measured(problem, np.where(found, value, np.nan), state, NO_SITES)


def _measured(problem: AccessProblem, value: Floats, state: Codes, unused: Ints) -> Measured:
    blank = state == State.UNKNOWN
    if problem.applicable is not None:
        blank = blank | ~problem.applicable
    return Measured(np.where(blank, np.nan, value), state, unused)


def _fault(code: str, **values: object) -> Fault:
    return Fault(f"access_{code}", "access", values=dict(values))


def _pairs_faults(pairs: Pairs) -> list[Fault]:
    number = len(pairs.site)
    if len(pairs.minutes) != number:
        return [_fault("shape", name="minutes", found=len(pairs.minutes), wanted=number)]
    if pairs.reached is not None and len(pairs.reached) != pairs.points:
        return [_fault("shape", name="reached", found=len(pairs.reached), wanted=pairs.points)]
    start = pairs.start
    if not len(start) or start[0] != 0 or start[-1] != number or (np.diff(start) < 0).any():
        return [_fault("start")]
    if not number:
        return []
    faults = []
    if pairs.site.min() < 0 or pairs.site.max() >= pairs.sites:
        faults.append(_fault("position", name="site", size=pairs.sites))
    rising = np.diff(pairs.site) > 0
    rows = start[(start > 0) & (start < number)]
    rising[rows - 1] = True
    if not rising.all():
        faults.append(_fault("unsorted_pairs"))
    return faults + _amount_faults("minutes", pairs.minutes)


def _long_faults(demand: Ints, site: Ints, minutes: Floats, points: int, sites: int) -> list[Fault]:
    faults = [
        _fault("shape", name=name, found=len(values), wanted=len(demand))
        for name, values in (("site", site), ("minutes", minutes))
        if len(values) != len(demand)
    ]
    for name, values, size in (("demand", demand, points), ("site", site, sites)):
        if len(values) and (values.min() < 0 or values.max() >= size):
            faults.append(_fault("position", name=name, size=size))
    return faults


def _problem_faults(problem: AccessProblem) -> list[Fault]:
    points, sites, number = problem.pairs.points, problem.pairs.sites, len(problem.pairs.site)
    faults = []
    for name, values, wanted in (
        ("people", problem.people, points),
        ("capacity", problem.capacity, sites),
        ("weights", problem.weights, number),
        ("applicable", problem.applicable, points),
        ("known", problem.known, points),
    ):
        if values is not None and len(values) != wanted:
            faults.append(_fault("shape", name=name, found=len(values), wanted=wanted))
        elif values is not None:
            faults += _amount_faults(name, values)
    threshold = problem.threshold_minutes
    if threshold is not None and not 0 < threshold < np.inf:
        faults.append(_fault("threshold", minutes=threshold))
    return faults


def _amount_faults(name: str, values: Ints | Floats | Bools) -> list[Fault]:
    """NaN, negative and infinite numbers in one pass each way: a NaN fails both comparisons."""
    if len(values) and not (values.min() >= 0 and values.max() < np.inf):
        return [_fault("amount", name=name)]
    return []
