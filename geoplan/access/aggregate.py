"""From demand points to townships: sums of people, means and quantiles weighted by people."""

from __future__ import annotations

import numpy as np

from geoplan.model import Bools, Codes, Coverage, Floats, Ints


def sum_by(area: Ints, areas: int, people: Ints) -> Ints:
    """People (n,) summed by area (n,) into (areas,), exactly."""
    result = np.zeros(areas, np.int64)
    np.add.at(result, area, people)
    return result


def by_coverage(area: Ints, areas: int, states: Codes, people: Ints) -> dict[Coverage, Ints]:
    """People of each area in each Coverage; the four add up to the people of the area."""
    return {state: sum_by(area, areas, np.where(states == state, people, 0)) for state in Coverage}


def mean_by(area: Ints, areas: int, value: Ints, people: Ints) -> Floats:
    """Mean of `value` (n,) weighted by people, by area; NaN where nobody counts."""
    whole = sum_by(area, areas, people)
    product = sum_by(area, areas, value * people)
    mean: Floats = np.divide(product, whole, out=np.full(areas, np.nan), where=whole > 0)
    return mean


def quantile_by(area: Ints, areas: int, value: Ints, people: Ints, share: float) -> Floats:
    """The least value not exceeded by at least `share` of an area's people; NaN without people."""
    result = np.full(areas, np.nan)
    counted = people > 0
    order = np.lexsort((value[counted], area[counted]))
    where, values, weights = area[counted][order], value[counted][order], people[counted][order]
    for place, first, last in _runs(where):
        reached = np.cumsum(weights[first:last])
        result[place] = values[first + np.searchsorted(reached, share * reached[-1])]
    return result


def largest_by(area: Ints, areas: int, value: Ints, counts: Bools) -> Floats:
    """Largest value (n,) among the points that count, by area; NaN where none does."""
    result = np.full(areas, -1, np.int64)
    np.maximum.at(result, area[counts], value[counts])
    return np.where(result < 0, np.nan, result.astype(float))


def _runs(sorted_area: Ints) -> list[tuple[int, int, int]]:
    if not len(sorted_area):
        return []
    places, first = np.unique(sorted_area, return_index=True)
    last = [*first[1:].tolist(), len(sorted_area)]
    return list(zip(places.tolist(), first.tolist(), last, strict=True))
