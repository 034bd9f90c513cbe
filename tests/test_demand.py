from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.demand import AreaGroup, DemandPoints, apportion, build_demand, spread


def test_largest_remainder_by_hand() -> None:
    # 10 people over 1:1:1 -> 4, 3, 3: the odd one goes to the first place.
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    # 7 over 5:3:2 -> quotas 3.5, 2.1, 1.4 -> 3, 2, 1 and the last to the largest remainder.
    assert apportion(7, [5, 3, 2]) == [4, 2, 1]


def test_without_weights_people_are_split_evenly() -> None:
    assert apportion(5, [0, 0]) == [3, 2]


def test_people_without_a_place_are_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        apportion(3, [])
    with pytest.raises(ValueError, match="negative"):
        apportion(-1, [1])


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=30))
def test_apportioning_keeps_the_sum_and_stays_within_one_of_the_quota(
    total: int, weights: list[int]
) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * weight / sum(weights)) < 1 + 1e-6


def test_spread_keeps_every_area() -> None:
    area = np.array([1, 0, 1, 0, 1])
    group = AreaGroup("aid", np.array([11, 7]), area, np.array([1, 5, 2, 5, 3]))
    result = spread(group)
    assert result[area == 0].sum() == 11
    assert result[area == 1].sum() == 7
    assert result[area == 0].tolist() == [6, 5]


def test_spread_groups_are_marked_as_modelled() -> None:
    points = DemandPoints(
        np.array(["a", "b"], object), np.array([0, 0]), np.zeros(2), np.zeros(2), np.array([4, 6])
    )
    aid = AreaGroup("aid", np.array([5]), np.array([0, 0]), np.array([4, 6]))
    demand = build_demand(points, {"all": points.population}, [aid])
    assert demand.modelled == {"aid"}
    assert demand.groups["aid"].tolist() == [2, 3]
