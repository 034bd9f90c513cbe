"""Where neighbours are alike beyond chance: local Moran, Gi* and their permutation test.

A description of the map, never a part of a rule. Statistics and weights are those of esda and
libpysal; they are imported when a test is asked for, for the import is slow. The permutation
test is our own: esda compiles its test anew in every process, some 25 CPU seconds, where this
takes less than one.

Arrays: `value` (n,), one figure a place, NaN where it has none; `pairs` (m, 2) neighbours, each
pair once or both ways. Neighbours weigh the same. A place without a value, without a neighbour
that has one, among values that are all equal or among too few places is not tested, and its state
says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from geoplan.model import Codes, Floats, Ints

if TYPE_CHECKING:
    from libpysal.weights import W

SIGNIFICANCE = 0.05
"""The false discovery rate: of the places called a cluster, the share expected to be none."""

LEAST_PLACES = 30
"""Among fewer places nothing is tested: the scores' moments ask for some thirty."""


class SpotState(IntEnum):
    """Whether a place was tested, and if not why."""

    TESTED = 0
    NO_VALUE = 1
    NO_NEIGHBOUR = 2
    ALL_EQUAL = 3
    TOO_FEW = 4


class Kind(IntEnum):
    """A place against the mean, then its neighbours against it (Anselin 1995)."""

    NOT_SIGNIFICANT = 0
    HIGH_HIGH = 1
    LOW_LOW = 2
    HIGH_LOW = 3
    LOW_HIGH = 4
    NOT_TESTED = 5


@dataclass(frozen=True, slots=True)
class Chance:
    """How the test is drawn: `permutations` of the other places' values, from a `seed`."""

    seed: int
    permutations: int = 9999


@dataclass(frozen=True, slots=True)
class Clustering:
    """The whole map at once: Moran's I and the general G, each with its p under normality.

    `moran_p` is two-sided, `general_g_p` one-sided, as esda gives them.
    """

    moran_i: float
    moran_p: float
    general_g: float
    general_g_p: float


@dataclass(frozen=True, slots=True)
class HotSpots:
    """One test of n places; figures are NaN where a place is not tested.

    `neighbours` counts those that take part. `p` is two-sided, `q` the same after Benjamini and
    Hochberg over the places tested; `kind` names a place where q <= SIGNIFICANCE. `whole` is the
    clustering of the places tested, None where there are none.
    """

    state: Codes
    neighbours: Ints
    local_moran: Floats
    gi_star: Floats
    p: Floats
    q: Floats
    kind: Codes
    whole: Clustering | None


def hot_spots(value: Floats, pairs: Ints, chance: Chance) -> HotSpots:
    """Local Moran and Gi* of every place that can be tested.

    I_i = (n - 1) z_i sum_j w_ij z_j / sum z^2 with row-standardised w; Gi* is the standard score
    of the sum over the place and its neighbours. Given its own value both follow the
    neighbours' mean alone, so one test serves both: the values of all other places are shuffled
    (conditional randomisation) and p = 2 (1 + the rarer tail) / (permutations + 1), at most 1.

    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27(2),
    93-115; Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics.
    Geographical Analysis 27(4), 286-306; Benjamini, Y. and Hochberg, Y. (1995). Controlling the
    false discovery rate. Journal of the Royal Statistical Society B 57(1), 289-300.

    Raises:
        ValueError: if a value is infinite or negative (the moments of Gi* are those of amounts),
            or a pair names no place.
    """
    pairs = _both_ways(pairs, len(value))
    if np.isinf(value).any() or (value < 0).any():
        raise ValueError("a value is infinite or negative")
    known = ~np.isnan(value)
    taking = pairs[known[pairs].all(axis=1)]
    neighbours = np.bincount(taking[:, 0], minlength=len(value)).astype(np.int64)
    state = np.select(
        [~known, neighbours == 0], [SpotState.NO_VALUE, SpotState.NO_NEIGHBOUR], SpotState.TESTED
    )
    here = np.flatnonzero(state == SpotState.TESTED)
    few, equal = len(here) < LEAST_PLACES, len(here) > 0 and np.ptp(value[here]) == 0
    if few or equal:
        state[here] = SpotState.TOO_FEW if few else SpotState.ALL_EQUAL
        here = here[:0]
    columns = np.full((4, len(value)), np.nan)
    kind = np.full(len(value), Kind.NOT_TESTED, np.uint8)
    whole = None
    if len(here):
        at = np.full(len(value), -1)
        at[here] = np.arange(len(here))
        columns[:, here], kind[here] = _tested(value[here], at[taking], chance)
        whole = clustering(value[here], at[taking])
    moran, star, p, q = columns
    return HotSpots(state.astype(np.uint8), neighbours, moran, star, p, q, kind, whole)


def getis_ord(
    value: Floats, pairs: Ints, *, star: bool = True, standardised: bool = False
) -> Floats:
    """Standard scores (n,) of Gi*, or of Gi, which leaves the place itself out.

    Weights are binary, the place weighing as much as a neighbour, or row-standardised. Every place
    has a neighbour, and not all values are equal. NaN where a place neighbours all others, for
    then nothing can vary. Ord and Getis (1995), with the moments esda uses.
    """
    from esda.getisord import G_Local

    pairs = _both_ways(pairs, len(value))
    if star:
        own = np.arange(len(value))
        pairs = np.vstack([pairs, np.column_stack([own, own])])
    weights = neighbour_weights(len(value), pairs)
    transform = "R" if standardised else "B"
    with np.errstate(divide="ignore", invalid="ignore"):  # the NaN said above
        scores: Floats = G_Local(value, weights, transform=transform, permutations=0, star=None).Zs
    return scores


def clustering(value: Floats, pairs: Ints) -> Clustering:
    """Moran's I (row-standardised weights) and the general G (binary weights) of all places.

    Every value is finite, not all are equal; the general G asks for values not below 0. Places
    without a neighbour count towards the mean, as esda counts them.

    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37, 17-23; Getis,
    A. and Ord, J. K. (1992). The analysis of spatial association by use of distance statistics.
    Geographical Analysis 24(3), 189-206.
    """
    from esda.getisord import G
    from esda.moran import Moran

    pairs = _both_ways(pairs, len(value))
    moran = Moran(value, neighbour_weights(len(value), pairs), permutations=0)
    general = G(value, neighbour_weights(len(value), pairs), permutations=0)
    return Clustering(float(moran.I), float(moran.p_norm), float(general.G), float(general.p_norm))


def neighbour_weights(places: int, pairs: Ints) -> W:
    """libpysal's binary weights of places 0 .. n - 1 from pairs (m, 2) as they are given."""
    from libpysal.weights import W

    neighbours: dict[int, list[int]] = {place: [] for place in range(places)}
    for here, there in pairs.tolist():
        neighbours[here].append(there)
    return W(neighbours, id_order=list(range(places)), silence_warnings=True)


def _both_ways(pairs: Ints, places: int) -> Ints:
    """Each pair once in each direction, sorted; a place is no neighbour of its own."""
    pairs = np.asarray(pairs, np.int64).reshape(-1, 2)
    if pairs.size and (pairs.min() < 0 or pairs.max() >= places):
        raise ValueError("a pair names no place")
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both: Ints = np.unique(np.vstack([pairs, pairs[:, ::-1]]), axis=0)
    return both


def _tested(value: Floats, pairs: Ints, chance: Chance) -> tuple[Floats, Codes]:
    """Rows local Moran, Gi*, p, q (4, n), and the kinds (n,), of places that all take part."""
    from esda.moran import Moran_Local
    from scipy.stats import false_discovery_control

    places = len(value)
    moran = Moran_Local(value, neighbour_weights(places, pairs), permutations=0)
    apart = value - value.mean()
    starts = np.searchsorted(pairs[:, 0], np.arange(places + 1))
    around = np.add.reduceat(apart[pairs[:, 1]], starts[:-1])
    p = _permutation_p(apart, around, np.diff(starts), chance)
    # Keeps nothing where nothing passes; `esda.fdr` then gives alpha / n as the limit.
    q = false_discovery_control(p, method="bh")
    high, high_around = apart > 0, around > 0
    quadrant = np.select(
        [high & high_around, ~high & ~high_around, high],
        [Kind.HIGH_HIGH, Kind.LOW_LOW, Kind.HIGH_LOW],
        Kind.LOW_HIGH,
    )
    kind = np.where(q <= SIGNIFICANCE, quadrant, Kind.NOT_SIGNIFICANT).astype(np.uint8)
    return np.vstack([moran.Is, getis_ord(value, pairs), p, q]), kind


def _permutation_p(apart: Floats, around: Floats, neighbours: Ints, chance: Chance) -> Floats:
    """Two-sided p (n,) of each place's sum over neighbours, were they any of the others.

    One set of shuffles serves all places: its first entries are as many others as a place has
    neighbours, drawn without replacement.
    """
    places = len(apart)
    rng = np.random.default_rng(chance.seed)
    every = np.tile(np.arange(places - 1, dtype=np.int32), (chance.permutations, 1))
    picks = rng.permuted(every, axis=1)[:, : neighbours.max()]
    # The same values in another order may add up to a little more or less.
    close = 1e-12 * np.abs(apart).max() * neighbours
    p = np.empty(places)
    for place in range(places):
        chosen = picks[:, : neighbours[place]]
        drawn = apart[chosen + (chosen >= place)].sum(axis=1)
        above = int((drawn >= around[place] - close[place]).sum())
        below = int((drawn <= around[place] + close[place]).sum())
        p[place] = min(1.0, 2 * (1 + min(above, below)) / (chance.permutations + 1))
    return p
