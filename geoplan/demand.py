"""Demand points: villages, their people, and the people of each target group.

A group whose figure exists only for a larger area (township, county) is spread over the villages
of that area in proportion to another count. That is a model and is marked as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.model import Demand, Ints, Strings


@dataclass(frozen=True, slots=True)
class AreaGroup:
    """A target group counted by area: `people` (areas,), `area` and `spread_by` (points,)."""

    id: str
    people: Ints
    area: Ints
    spread_by: Ints


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` people in proportion to `weights` into integers that add up to it exactly.

    Largest remainders (Hamilton 1792), ties to the lowest position; without any weight the people
    are split evenly.

    Raises:
        ValueError: if there is nobody to give the people to, or a count is negative.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("people cannot be negative")
    if not weights:
        if total:
            raise ValueError(f"{total} people and no place to put them")
        return []
    parts = [int(weight) for weight in weights]
    if not any(parts):
        parts = [1] * len(parts)
    whole = sum(parts)
    shares = [divmod(total * part, whole) for part in parts]
    result = [share for share, _ in shares]
    left = total - sum(result)
    by_remainder = sorted(range(len(parts)), key=lambda place: (-shares[place][1], place))
    for place in by_remainder[:left]:
        result[place] += 1
    return result


def spread(group: AreaGroup) -> Ints:
    """People of `group` at each demand point (n,); every area's sum is kept exactly."""
    result = np.zeros(len(group.area), dtype=np.int64)
    order = np.argsort(group.area, kind="stable")
    areas, starts = np.unique(group.area[order], return_index=True)
    for area, points in zip(areas, np.split(order, starts[1:]), strict=True):
        result[points] = apportion(int(group.people[area]), group.spread_by[points].tolist())
    return result


@dataclass(frozen=True, slots=True)
class DemandPoints:
    """What is known of the points themselves, (n,) each."""

    demand_id: Strings
    township: Ints
    lon: np.ndarray
    lat: np.ndarray
    population: Ints


def build_demand(
    points: DemandPoints, counted: dict[str, Ints], spread_groups: Sequence[AreaGroup]
) -> Demand:
    """Demand points with every target group: counted at the points, or spread over them."""
    groups = dict(counted)
    groups.update({group.id: spread(group) for group in spread_groups})
    return Demand(
        demand_id=points.demand_id,
        township=points.township,
        lon=points.lon,
        lat=points.lat,
        population=points.population,
        groups=groups,
        modelled=frozenset(group.id for group in spread_groups),
    )
