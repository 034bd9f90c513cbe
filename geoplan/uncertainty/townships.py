"""People beyond the threshold and the minutes of every township in every draw.

The people of a township move together (`spread.population_factors`), so neither its shares nor its
means and quantiles depend on them: they are counted here as they are without draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.uncertainty.own_times import OwnTimes, chunks

NINE_IN_TEN = 0.9
MS_BITS = 40
"""Room for milliseconds below the township in one sorting key."""
ENDLESS_MS = (1 << MS_BITS) - 1


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


@dataclass(frozen=True, slots=True)
class Everybody:
    """All points (n,) with people, more than 0 at each, as without draws: own time in ms, and the
    least time to a site whose place is not known; ENDLESS_MS where there is none. The times at
    the positions `drawn` are drawn anew."""

    township: Ints
    townships: int
    people: Ints
    ms: Ints
    possible_ms: Ints
    drawn: Ints


def draw_p90_ms(times: OwnTimes, of: Everybody) -> tuple[Floats, Floats]:
    """The least own time that nine people in ten of a township do not exceed, in every draw
    (draws, townships), as `access.aggregate.quantile_by` has it for one.

    At least and at most: a site whose place is not known could be nearer than the measured one.
    Infinite where the tenth is out of reach, NaN where there is nobody.
    """
    order, towns, first = _by_township(of)
    sizes = np.diff([*first, len(order)])
    key = of.township[order] << MS_BITS
    people = of.people[order]
    enough = np.repeat(NINE_IN_TEN * np.add.reduceat(people, first), sizes)
    before = np.repeat(np.cumsum(people)[first] - people[first], sizes)
    ends = np.full((2, times.draws, of.townships), np.nan)
    for draws in chunks(times.draws, len(order)):
        most = np.tile(of.ms, (draws.stop - draws.start, 1))
        most[:, of.drawn] = times.ms(draws)
        for end, ms in zip(ends, (np.minimum(most, of.possible_ms), most), strict=True):
            ranked = ms[:, order]
            by_time = np.argsort(key + ranked, axis=1)
            reached = np.cumsum(people[by_time], axis=1) - before
            ranked = np.take_along_axis(ranked, by_time, axis=1)
            late = np.where(reached >= enough, ranked, ENDLESS_MS)
            end[draws, towns] = np.minimum.reduceat(late, first, axis=1)
    ends[ends == ENDLESS_MS] = np.inf
    return ends[0], ends[1]


def _by_township(of: Measured | Everybody) -> tuple[Ints, Ints, Ints]:
    """Points in the order of their townships, the townships there are, and where each begins.

    Raises:
        ValueError: if there is no point, or nobody at one.
    """
    if not len(of.people) or of.people.min() < 1:
        raise ValueError("times are drawn of points with people only")
    order = np.argsort(of.township, kind="stable")
    towns, first = np.unique(of.township[order], return_index=True)
    return order, towns, first
