"""The need index: indicators on one scale, their weighted mean, and its rank in the universe.

Percentile ranks as in the CDC Social Vulnerability Index (Flanagan et al. 2011): the share of the
other places with a lower value. An indicator where more means less need is reversed as
1 - percentile. Ranks are taken before any rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.model import Floats, Ints
from geoplan.need.influence import Influence, influence
from geoplan.need.scale import Normalise, needier, percentile_rank
from geoplan.need.weights import Weighting, Weights, ahp, entropy, equal_per_theme, given, pca


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: `value` (places,), NaN where it is missing; its weight and direction."""

    id: str
    value: Floats
    weight: float
    higher_is_needier: bool
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """Scale, weighting and, for `ahp`, the comparisons (indicators, indicators)."""

    normalise: Normalise = "percentile"
    weighting: Weighting = "given"
    pairwise: Floats | None = None


PERCENTILES_AS_GIVEN = Method()


@dataclass(frozen=True, slots=True)
class NeedIndex:
    """`percentile` (places,) 0..1, NaN if an indicator is missing; `index` (places,) the weighted
    mean of `score`. `value`, `by_indicator` and `score` are (indicators, places) in the order
    given: the figures, their percentile ranks and their scores, the latter two turned so that
    more is needier. With percentiles as the scale, ranks are the scores."""

    percentile: Floats
    index: Floats
    value: Floats
    by_indicator: Floats
    score: Floats
    weights: Weights
    influence: Influence


def need_index(
    indicators: Sequence[Indicator], universe: Ints, method: Method = PERCENTILES_AS_GIVEN
) -> NeedIndex:
    """Weighted mean of the indicators' scores, ranked again within the universe.

    A worse figure never improves a place's percentile where scale and weights of the others do
    not hang on it: percentile or min-max scores with weights given, equal for each theme, or by
    comparison. With z scores, entropy and principal components a figure also moves what all
    figures are measured by, so only the place's own score is sure not to improve.

    Raises:
        ValueError: no indicators, or weights that are negative or all zero.
        NoWeights: the figures do not give weights.
    """
    if not indicators:
        raise ValueError("need wants at least one indicator with a positive weight")
    score = _scores(indicators, universe, method.normalise)
    ranks = score
    if method.normalise != "percentile":
        ranks = _scores(indicators, universe, "percentile")
    weights = _weights(indicators, universe, method, score)
    index = weights.share @ score
    return NeedIndex(
        percentile=percentile_rank(steady(index), universe),
        index=index,
        value=np.vstack([each.value for each in indicators]),
        by_indicator=ranks,
        score=score,
        weights=weights,
        influence=influence(score, weights.share, universe),
    )


def _scores(indicators: Sequence[Indicator], universe: Ints, scale: Normalise) -> Floats:
    return np.vstack(
        [needier(each.value, each.higher_is_needier, universe, scale) for each in indicators]
    )


def _weights(
    indicators: Sequence[Indicator], universe: Ints, method: Method, score: Floats
) -> Weights:
    if method.weighting == "equal_per_theme":
        return equal_per_theme([each.theme for each in indicators])
    if method.weighting == "entropy":
        # Ranks are spread alike whatever is ranked, and z scores are negative: neither will do.
        return entropy(_scores(indicators, universe, "min-max"))
    if method.weighting == "pca":
        return pca(score)
    if method.weighting == "ahp":
        if method.pairwise is None or method.pairwise.shape != (len(score), len(score)):
            raise ValueError("ahp wants a comparison of each indicator with each")
        return ahp(method.pairwise)
    return given([each.weight for each in indicators])


def steady(index: Floats) -> Floats:
    """Equal sums that differ in the last bit are equal: 12 digits decide a rank, no more."""
    return np.round(index, 12)


def leading(by_indicator: Floats, most: int = 3) -> list[list[int]]:
    """For each place the positions of its highest indicators, highest first, ties in order."""
    known = ~np.isnan(by_indicator)
    order = np.argsort(-np.where(known, by_indicator, -np.inf), axis=0, kind="stable")[:most]
    return [
        [int(row) for row in order[:, place] if known[row, place]]
        for place in range(by_indicator.shape[1])
    ]
