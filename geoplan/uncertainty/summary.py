"""What is told of many draws: shares of runs, intervals, ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.uncertainty.own_times import OwnTimes, chunks

LOW_PERCENT, HIGH_PERCENT = 5, 95
TOUCHES_FROM = 0.05
"""A township that is not listed is to be watched from this share of runs in which it is."""
EQUITY_DRAWS = 200

EquityMeasure = Callable[[Floats, Ints], Floats]
"""From minutes (draws, n) and people (draws, n) to one figure a draw (draws,)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The 5th and the 95th percentile over the draws; floats, NaN where there is none."""

    low: Any
    high: Any


def interval(value: Any) -> Interval:
    """Over the first axis of `value` (draws, ...): the least drawn value that 5 % (95 %) of the
    draws do not exceed. Nothing is interpolated, so counts stay counts; a column with NaN has NaN.
    """
    ranked = np.sort(np.asarray(value, float), axis=0)
    low, high = (ranked[_place(percent, len(ranked))] for percent in (LOW_PERCENT, HIGH_PERCENT))
    unknown = np.isnan(ranked[-1])
    return Interval(np.where(unknown, np.nan, low)[()], np.where(unknown, np.nan, high)[()])


def _place(percent: int, draws: Any) -> Any:
    """Position of a percentile among `draws` ranked values, in whole numbers: ceil(p n / 100)."""
    return np.maximum(-(-percent * draws // 100) - 1, 0)


def listed_ranks(score: Ints, listed: Bools, group: Bools) -> Interval:
    """Between which ranks a township stands in its list, over the draws in which it is listed.

    `score` (draws, townships) is people beyond times severity; the highest of each `group`
    (townships,), firm or provisional, has rank 1, ties go to the first township. NaN where a
    township is never listed.
    """
    rank = np.empty(score.shape)
    for members in (np.flatnonzero(group), np.flatnonzero(~group)):
        ordered = np.where(listed[:, members], -score[:, members], 1)
        order = np.argsort(ordered, axis=1, kind="stable")
        turns = np.broadcast_to(np.arange(1.0, len(members) + 1), order.shape)
        placed = np.empty(order.shape)
        np.put_along_axis(placed, order, turns, axis=1)
        rank[:, members] = placed
    ranked = np.sort(np.where(listed, rank, np.inf), axis=0)
    runs = listed.sum(axis=0)
    columns = np.arange(score.shape[1])
    low, high = (
        np.where(runs > 0, ranked[_place(percent, runs), columns], np.nan)
        for percent in (LOW_PERCENT, HIGH_PERCENT)
    )
    return Interval(low, high)


def equity_intervals(
    times: OwnTimes, people: Callable[[slice], Ints], measures: Mapping[str, EquityMeasure]
) -> dict[str, Interval]:
    """The interval of each measure of the own minutes, by the measure's name.

    `people` gives those (d, n) who bear the times (d, n) of the chosen draws. Over the first
    EQUITY_DRAWS draws: each measure sorts every place anew, and the fifth part of the draws tells
    a 5th percentile well enough.
    """
    found: dict[str, list[Floats]] = {name: [] for name in measures}
    for draws in chunks(min(times.draws, EQUITY_DRAWS), times.points):
        minutes, who = times.ms(draws) / MS_PER_MINUTE, people(draws)
        for name, measure in measures.items():
            found[name].append(measure(minutes, who))
    return {name: interval(np.concatenate(parts)) for name, parts in found.items()}
