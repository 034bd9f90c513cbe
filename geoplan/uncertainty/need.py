"""The need percentile of every township under drawn weights."""

from __future__ import annotations

import numpy as np

from geoplan.model import Floats, Ints
from geoplan.need.index import steady


def need_percentiles(score: Floats, weights: Floats, universe: Ints) -> Floats:
    """Percentile ranks 0..1 (draws, places) of the weighted mean of `score`.

    `score` (indicators, places) is high where needy and NaN where missing; `weights` (draws,
    indicators). The rank is the share of the other places of the same `universe` (places,) with a
    lower index, ties share the lower rank (Flanagan et al. 2011, as `geoplan.need.percentile_rank`
    does it for one draw); NaN where an indicator is missing.
    """
    index = np.zeros((len(weights), score.shape[1]))
    for drawn, each in zip(weights.T, score, strict=True):
        index += drawn[:, None] * each
    index = steady(index / weights.sum(axis=1)[:, None])
    result = np.full(index.shape, np.nan)
    known = ~np.isnan(score).any(axis=0)
    for group in np.unique(universe):
        members = np.flatnonzero((universe == group) & known)
        result[:, members] = _lower(index[:, members]) / max(len(members) - 1, 1)
    return result


def _lower(value: Floats) -> Ints:
    """For each entry (draws, places) how many of its row are lower."""
    order = np.argsort(value, axis=1, kind="stable")
    ranked = np.take_along_axis(value, order, axis=1)
    starts = np.zeros(value.shape, np.int64)
    starts[:, 1:] = np.where(ranked[:, 1:] != ranked[:, :-1], np.arange(1, value.shape[1]), 0)
    lower = np.empty_like(starts)
    np.put_along_axis(lower, order, np.maximum.accumulate(starts, axis=1), axis=1)
    return lower
