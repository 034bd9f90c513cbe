"""How needy: indicators of a place, ranked within its universe, and their weighted mean.

Percentile ranks as in the CDC Social Vulnerability Index (Flanagan et al. 2011): the share of the
other places with a lower value. An indicator where more means less need is reversed as
1 - percentile. Ranks are taken before any rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: `value` (places,), NaN where it is missing; its weight and direction."""

    id: str
    value: Floats
    weight: float
    higher_is_needier: bool


@dataclass(frozen=True, slots=True)
class NeedIndex:
    """`percentile` (places,) 0..1, NaN if an indicator is missing; `by_indicator` (indicators,
    places) in the order given, already turned so that 1 is neediest."""

    percentile: Floats
    index: Floats
    by_indicator: Floats


def percentile_rank(value: Floats, universe: Ints) -> Floats:
    """Share of the other places of the same universe with a lower value; ties share the lower.

    `value` and `universe` are (places,); NaN stays NaN and counts for nobody. A place alone in its
    universe has rank 0.
    """
    result = np.full(len(value), np.nan)
    for group in np.unique(universe):
        members = np.flatnonzero((universe == group) & ~np.isnan(value))
        ranked = np.sort(value[members])
        below = np.searchsorted(ranked, value[members], side="left")
        result[members] = below / max(len(members) - 1, 1)
    return result


def need_index(indicators: Sequence[Indicator], universe: Ints) -> NeedIndex:
    """Weighted mean of the indicators' percentiles, ranked again within the universe.

    Raises:
        ValueError: no indicators, or weights that are negative or all zero.
    """
    weights = np.array([indicator.weight for indicator in indicators], float)
    if not len(weights) or (weights < 0).any() or not weights.sum():
        raise ValueError("need wants at least one indicator with a positive weight")
    ranks = np.vstack([_needier(indicator, universe) for indicator in indicators])
    index = weights @ ranks / weights.sum()
    return NeedIndex(percentile_rank(_steady(index), universe), index, ranks)


def _needier(indicator: Indicator, universe: Ints) -> Floats:
    rank = percentile_rank(indicator.value, universe)
    return rank if indicator.higher_is_needier else 1 - rank


def _steady(index: Floats) -> Floats:
    """Equal sums that differ in the last bit are equal: 12 digits decide a rank, no more."""
    return np.round(index, 12)


def leading(by_indicator: Floats, most: int = 3) -> list[list[int]]:
    """For each place the positions of its highest indicators, highest first, ties in order."""
    columns = np.nan_to_num(by_indicator, nan=-1.0)
    order = np.argsort(-columns, axis=0, kind="stable")[:most]
    known: Bools = columns >= 0
    return [
        [int(row) for row in order[:, place] if known[row, place]]
        for place in range(by_indicator.shape[1])
    ]
