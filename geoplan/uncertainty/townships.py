"""People beyond the threshold and the minutes of every township in every draw.

The people of a township move together (`spread.population_factors`), so neither its shares nor its
means and quantiles depend on them: they are counted here as they are without draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.uncertainty.own_times import NO_TRIP_MS, OwnTimes, chunks

NINE_IN_TEN = 0.9
MS_BITS = 40
"""Room for milliseconds below the township in one sorting key."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The points (n,) whose own time is drawn, their township (a position below `townships`) and
    their people, more than 0 at each.

    Where `may_be_within`, a site whose place is not known could be within the threshold: in a draw
    without a measured one its people are undetermined and not beyond.
    """

    township: Ints
    townships: int
    people: Ints
    may_be_within: Bools
    threshold_ms: int


@dataclass(frozen=True, slots=True)
class TownshipDraws:
    """Of the measured people (draws, townships): those surely beyond the threshold, those
    undetermined, and the mean own time weighted by people, NaN where there is nobody."""

    beyond: Ints
    undetermined: Ints
    mean_ms: Floats


def draw_townships(times: OwnTimes, of: Measured) -> TownshipDraws:
    """Count every township in every draw; `<=` the threshold is within, as without draws."""
    order, towns, first = _by_township(of)
    people, unsure = of.people[order], of.may_be_within[order]
    beyond, undetermined, product = np.zeros((3, times.draws, of.townships), np.int64)
    for draws in chunks(times.draws, times.points):
        ms = times.ms(draws)[:, order]
        far = np.where(ms > of.threshold_ms, people, 0)
        beyond[draws, towns] = np.add.reduceat(np.where(unsure, 0, far), first, axis=1)
        undetermined[draws, towns] = np.add.reduceat(np.where(unsure, far, 0), first, axis=1)
        product[draws, towns] = np.add.reduceat(ms * people, first, axis=1)
    whole = np.bincount(of.township, weights=of.people, minlength=of.townships)
    mean = np.divide(product, whole, out=np.full(product.shape, np.nan), where=whole > 0)
    return TownshipDraws(beyond, undetermined, mean)


def draw_p90_ms(times: OwnTimes, of: Measured) -> Floats:
    """The least own time that nine measured people in ten of a township do not exceed, in every
    draw (draws, townships); NaN where there is nobody. As `access.aggregate.quantile_by`."""
    order, towns, first = _by_township(of)
    people = of.people[order]
    sizes = np.diff([*first, len(order)])
    enough = np.repeat(NINE_IN_TEN * np.add.reduceat(people, first), sizes)
    before = np.repeat(np.cumsum(people)[first] - people[first], sizes)
    result = np.full((times.draws, of.townships), np.nan)
    for draws in chunks(times.draws, times.points):
        ms = times.ms(draws)[:, order]
        by_time = np.argsort((of.township[order] << MS_BITS) + ms, axis=1)
        reached = np.cumsum(people[by_time], axis=1) - before
        ranked = np.take_along_axis(ms, by_time, axis=1)
        late = np.where(reached >= enough, ranked, NO_TRIP_MS)
        result[draws, towns] = np.minimum.reduceat(late, first, axis=1)
    return result


def _by_township(of: Measured) -> tuple[Ints, Ints, Ints]:
    """Points in the order of their townships, the townships there are, and where each begins.

    Raises:
        ValueError: if there is no point, or nobody at one.
    """
    if not len(of.people) or of.people.min() < 1:
        raise ValueError("times are drawn of points with people only")
    order = np.argsort(of.township, kind="stable")
    towns, first = np.unique(of.township[order], return_index=True)
    return order, towns, first
