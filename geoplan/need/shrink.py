"""Rates of small places: a rate of few people swings by chance, and is drawn to the mean."""

from __future__ import annotations

import numpy as np

from geoplan.model import Floats, Ints


def crude_rate(events: Floats, people: Floats) -> Floats:
    """events / people (places,); NaN where one is not known or there is nobody."""
    with np.errstate(invalid="ignore"):
        some = people > 0
    rate: Floats = np.divide(events, people, out=np.full(len(events), np.nan), where=some)
    return rate


def empirical_bayes(events: Floats, people: Floats, universe: Ints) -> Floats:
    """Rates drawn to the mean of their universe, the more the fewer people stand behind them.

    `events` and `people` are counts (places,); places where one is not known, or without people,
    have NaN and count for nobody. With m = sum(events) / sum(people), r the crude rate and
    s2 = sum(people (r - m)^2) / sum(people), the spread between places beyond chance is
    A = max(0, s2 - m / mean(people)), and the rate told is m + c (r - m) with
    c = A / (A + m / people): the global estimator of Marshall (1991), Mapping disease and
    mortality rates using empirical Bayes estimators, Applied Statistics 40(2).
    """
    rate = crude_rate(events, people)
    result = np.full(len(rate), np.nan)
    for group in np.unique(universe):
        members = np.flatnonzero((universe == group) & ~np.isnan(rate))
        if len(members):
            result[members] = _drawn(rate[members], events[members], people[members])
    return result


def _drawn(rate: Floats, events: Floats, people: Floats) -> Floats:
    mean = events.sum() / people.sum()
    if mean == 0:
        return np.zeros(len(rate))
    spread = (people * (rate - mean) ** 2).sum() / people.sum() - mean / people.mean()
    spread = max(spread, 0.0)
    return np.asarray(mean + spread / (spread + mean / people) * (rate - mean))
