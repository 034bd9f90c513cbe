"""Indicators in different units on one scale, within the universe in which places are compared.

Every function takes `value` and `universe` (places,): NaN stays NaN and counts for nobody. Where
all values of a universe are equal nobody is needier than another, and everybody has the least
score (z: 0).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from geoplan.model import Floats, Ints

Normalise = Literal["percentile", "z", "min-max"]


def percentile_rank(value: Floats, universe: Ints) -> Floats:
    """Share of the other places of the same universe with a lower value; ties share the lower.

    (rank - 1) / (N - 1), as in the CDC Social Vulnerability Index (Flanagan et al. 2011, A social
    vulnerability index for disaster management). Nothing is rounded before ranks are taken. A
    place alone in its universe has rank 0.
    """

    def ranked(known: Floats) -> Floats:
        below = np.searchsorted(np.sort(known), known, side="left")
        return np.asarray(below / max(len(known) - 1, 1))

    return _by_universe(value, universe, ranked)


def z_score(value: Floats, universe: Ints) -> Floats:
    """(x - mean) / standard deviation of the universe's places, each place counted once.

    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 5.
    """

    def scored(known: Floats) -> Floats:
        if known.min() == known.max():
            return np.zeros(len(known))
        return np.asarray((known - known.mean()) / known.std())

    return _by_universe(value, universe, scored)


def min_max(value: Floats, universe: Ints) -> Floats:
    """(x - least) / (most - least) of the universe: 0 to 1; one extreme place moves all others.

    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 5.
    """

    def scored(known: Floats) -> Floats:
        least, most = known.min(), known.max()
        return np.zeros(len(known)) if least == most else (known - least) / (most - least)

    return _by_universe(value, universe, scored)


SCALES: dict[Normalise, Callable[[Floats, Ints], Floats]] = {
    "percentile": percentile_rank,
    "z": z_score,
    "min-max": min_max,
}


def needier(value: Floats, higher_is_needier: bool, universe: Ints, scale: Normalise) -> Floats:
    """The indicator on a scale, turned so that more is needier.

    An indicator of which less is needier is reversed: 1 - score (percentile, min-max), -score (z).
    """
    score = SCALES[scale](value, universe)
    if higher_is_needier:
        return score
    return np.asarray(-score if scale == "z" else 1 - score)


def _by_universe(value: Floats, universe: Ints, scored: Callable[[Floats], Floats]) -> Floats:
    result = np.full(len(value), np.nan)
    for group in np.unique(universe):
        members = np.flatnonzero((universe == group) & ~np.isnan(value))
        if len(members):
            result[members] = scored(value[members])
    return result
