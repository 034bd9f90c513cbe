from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.need import Indicator, leading, need_index, percentile_rank

ONE = np.zeros(5, np.int64)


def test_percentile_rank_by_hand() -> None:
    # Share of the other places that are lower; ties share the lower rank (CDC's PERCENT_RANK).
    value = np.array([3.0, 1.0, 2.0, 2.0, 9.0])
    assert percentile_rank(value, ONE).tolist() == [0.75, 0.0, 0.25, 0.25, 1.0]


def test_missing_counts_for_nobody() -> None:
    value = np.array([3.0, np.nan, 2.0, 1.0, 4.0])
    rank = percentile_rank(value, ONE)
    assert np.isnan(rank[1])
    assert rank[[0, 2, 3, 4]].tolist() == [2 / 3, 1 / 3, 0.0, 1.0]


def test_universes_are_ranked_apart() -> None:
    rank = percentile_rank(np.array([1.0, 2.0, 10.0, 20.0]), np.array([0, 0, 1, 1]))
    assert rank.tolist() == [0, 1, 0, 1]


def test_reversal_is_one_minus_the_percentile() -> None:
    income = Indicator("income", np.array([100.0, 200.0, 300.0, 400.0, 500.0]), 1, False)
    assert need_index([income], ONE).by_indicator[0].tolist() == [1, 0.75, 0.5, 0.25, 0]


def test_a_missing_indicator_leaves_the_index_unknown() -> None:
    a = Indicator("a", np.array([1.0, np.nan, 3.0, 4.0, 5.0]), 1, True)
    b = Indicator("b", np.arange(5.0), 1, True)
    assert np.isnan(need_index([a, b], ONE).percentile[1])


def test_weights_must_mean_something() -> None:
    with pytest.raises(ValueError, match="positive weight"):
        need_index([], ONE)
    with pytest.raises(ValueError, match="positive weight"):
        need_index([Indicator("a", np.arange(5.0), 0, True)], ONE)


def test_leading_indicators_in_order() -> None:
    by_indicator = np.array([[0.1, 0.5], [0.9, np.nan], [0.4, 0.5]])
    assert leading(by_indicator, 2) == [[1, 2], [0, 2]]


values = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=12)


@given(values, st.data())
def test_worse_need_never_lowers_the_index(base: list[float], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(base) - 1))
    more = data.draw(st.floats(0, 1e6))
    higher_is_needier = data.draw(st.booleans())
    worse = list(base)
    worse[place] += more if higher_is_needier else -more
    other = Indicator("other", np.arange(len(base), dtype=float), 2, True)
    universe = np.zeros(len(base), np.int64)

    def percentile(of: list[float]) -> float:
        one = Indicator("one", np.array(of), 1, higher_is_needier)
        return float(need_index([one, other], universe).percentile[place])

    assert percentile(worse) >= percentile(base)


@given(values)
def test_order_of_places_changes_nothing(base: list[float]) -> None:
    order = np.array(sorted(range(len(base)), key=lambda i: (hash((i, 7)) % 13, i)))
    universe = np.zeros(len(base), np.int64)
    straight = percentile_rank(np.array(base), universe)
    turned = percentile_rank(np.array(base)[order], universe)
    assert straight[order].tolist() == turned.tolist()
