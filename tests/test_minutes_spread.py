"""People by classes of minutes and Lorenz curves: laws, and the toy country counted again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoplan.access.curve import thinned
from geoplan.access.equity import gini, lorenz
from geoplan.catalog import read_inputs
from geoplan.model import Coverage, Floats
from geoplan.results.minutes_spread import (
    MOST,
    POINTS,
    THRESHOLDS,
    class_ends,
    cumulated,
    lorenz_curves,
    minutes_classes,
)
from geoplan.study import read_study
from geoplan.tables import LORENZ, MINUTES_CLASSES, checked
from tests.found import Found, found_for

SCOPE = ["layer", "universe", "scope"]
TOLD = 1e-3
"""A Gini is told with three decimals; what is drawn must not lie further off."""


@pytest.fixture(scope="module")
def toy() -> Found:
    return found_for(read_inputs(read_study("toy")))


@pytest.fixture(scope="module")
def classes(toy: Found) -> pd.DataFrame:
    return checked(minutes_classes(toy.ground, toy.outcomes), MINUTES_CLASSES)


@pytest.fixture(scope="module")
def curves(toy: Found) -> pd.DataFrame:
    return checked(lorenz_curves(toy.ground, toy.outcomes), LORENZ)


def area(along: Floats, up: Floats) -> float:
    return float((np.diff(along) * (up[1:] + up[:-1])).sum() / 2)


class TestThinned:
    @given(
        arrays(float, st.integers(2, 60), elements=st.floats(0, 1)),
        st.integers(3, 12),
    )
    def test_keeps_the_ends_and_what_is_asked(self, up: Floats, most: int) -> None:
        along = np.arange(len(up)) / (len(up) - 1)
        wanted = len(up) // 2
        kept = thinned(along, up, most, np.array([wanted]))
        assert len(kept) <= most
        assert {0, wanted, len(up) - 1} <= set(kept.tolist())
        assert (np.diff(kept) > 0).all()
        every = thinned(along, up, len(up) + 1, np.array([], int))
        assert np.interp(along, along[every], up[every]) == pytest.approx(up, abs=1e-12)

    def test_takes_the_point_furthest_off_first(self) -> None:
        up = np.array([0.0, 0.0, 0.5, 1.0, 4.0])
        assert thinned(np.arange(5.0), up, 3, np.array([], int)).tolist() == [0, 3, 4]
        # 1 lies as far off as no other, and of equals the first is taken.
        even = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
        assert thinned(np.arange(5.0), even, 3, np.array([], int)).tolist() == [0, 1, 4]

    def test_refuses_what_is_no_curve(self) -> None:
        with pytest.raises(ValueError, match="entry a point"):
            thinned(np.zeros(3), np.zeros(4), 5, np.array([], int))
        with pytest.raises(ValueError, match="more points"):
            thinned(np.arange(5.0), np.zeros(5), 3, np.array([1, 2]))

    @pytest.mark.parametrize("shape", [0.3, 1.0, 3.0])
    def test_a_curve_of_thousands_of_places_keeps_its_gini(self, shape: float) -> None:
        rng = np.random.default_rng(7)
        value, people = rng.gamma(shape, 20 / shape, 8000), rng.integers(1, 900, 8000)
        along, up = lorenz(value, people)
        kept = thinned(along, up, POINTS, np.array([], int))
        drawn = 1 - 2 * area(along[kept], up[kept])
        assert 0 <= float(gini(value, people)) - drawn < TOLD / 2


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), min_size=1, max_size=30))
def test_cumulated_counts_everybody_once(pairs: list[tuple[int, int]]) -> None:
    ms, people = np.array(pairs, np.int64).T
    times, upto, spent = cumulated(ms, people)
    assert upto[-1] == people.sum()
    assert spent[-1] == (people * ms).sum()
    for time, some in zip(times[1:], upto[1:], strict=True):
        assert some == people[ms <= time].sum()


@given(st.floats(0.5, 5000))
def test_classes_are_few_and_reach_far_enough(minutes: float) -> None:
    ends = class_ends(minutes)
    assert len(ends) <= MOST
    assert len(set(np.diff([0, *ends]))) == 1
    assert ends[-1] >= THRESHOLDS * minutes > ends[-1] - ends[0]


@pytest.mark.parametrize(("minutes", "width"), [(15, 5), (30, 5), (45, 10), (60, 10)])
def test_classes_are_five_or_ten_minutes_wide(minutes: float, width: int) -> None:
    assert class_ends(minutes)[0] == width


class TestClasses:
    def test_everybody_stands_in_one_class(self, toy: Found, classes: pd.DataFrame) -> None:
        everybody = classes[classes["scope"] == "all"]
        for outcome in toy.outcomes:
            mine = everybody[everybody["layer"] == outcome.layer.id]
            assert mine["people"].sum() == outcome.people.sum()
            beyond = np.isin(outcome.coverage, (Coverage.UNCOVERED, Coverage.UNREACHABLE))
            assert mine["people_beyond"].sum() == outcome.people[beyond].sum()
            for state, coverage in (
                ("unreachable", Coverage.UNREACHABLE),
                ("undetermined", Coverage.UNDETERMINED),
            ):
                people = outcome.people[outcome.coverage == coverage].sum()
                assert mine.loc[mine["state"] == state, "people"].sum() == people

    def test_a_class_holds_its_upper_end(self, toy: Found, classes: pd.DataFrame) -> None:
        outcome = toy.outcomes[0]
        main = toy.ground.universe[toy.ground.demand.township] == 0
        minutes = outcome.access.own_ms / 60_000
        chosen = (classes["scope"] == "all") & (classes["universe"] == "main_island")
        mine = classes[chosen & (classes["layer"] == outcome.layer.id)]
        for row in mine[mine["state"] == "measured"].to_dict("records"):
            up = np.inf if np.isnan(row["upto_minutes"]) else row["upto_minutes"]
            here = main & outcome.own_known & (minutes <= up)
            here &= (minutes > row["over_minutes"]) | (row["over_minutes"] == 0)
            assert row["people"] == outcome.people[here].sum()
            assert (
                row["people_beyond"]
                == outcome.people[here & (minutes > outcome.layer.minutes)].sum()
            )

    def test_nobody_within_the_threshold_is_beyond(self, toy: Found, classes: pd.DataFrame) -> None:
        for outcome in toy.outcomes:
            mine = classes[classes["layer"] == outcome.layer.id]
            near = mine["upto_minutes"] <= outcome.layer.minutes
            far = mine["over_minutes"] >= outcome.layer.minutes
            assert (mine.loc[near, "people_beyond"] == 0).all()
            assert (mine.loc[far, "people_beyond"] == mine.loc[far, "people"]).all()
            assert mine.loc[far | near, "people"].sum() > 0


class TestCurves:
    def test_from_nobody_to_everybody_and_convex(self, toy: Found, curves: pd.DataFrame) -> None:
        township = toy.ground.demand.township
        for key, curve in curves[curves["scope"] == "all"].groupby(["layer", "universe"]):
            outcome = next(each for each in toy.outcomes if each.layer.id == key[0])
            universe = ("main_island", "islands").index(key[1])
            here = (toy.ground.universe[township] == universe) & outcome.own_known
            _, upto, _ = cumulated(outcome.access.own_ms[here], outcome.people[here])
            for tenth in range(1, 10):
                assert upto[10 * upto >= tenth * upto[-1]][0] in set(curve["people"])
        for _, curve in curves.groupby(SCOPE):
            along, up = curve["people_share"].to_numpy(), curve["minutes_share"].to_numpy()
            assert (along[0], up[0], along[-1], up[-1]) == (0, 0, 1, 1)
            slope = np.diff(up) / np.diff(along)
            assert (np.diff(slope) >= -1e-12).all()
            assert len(curve) <= POINTS

    def test_the_area_is_the_gini_of_the_table(self, toy: Found, curves: pd.DataFrame) -> None:
        township = toy.ground.demand.township
        for outcome in toy.outcomes:
            for code, universe in enumerate(("main_island", "islands")):
                chosen = (curves["layer"] == outcome.layer.id) & (curves["universe"] == universe)
                curve = curves[chosen & (curves["scope"] == "all")]
                here = (toy.ground.universe[township] == code) & outcome.own_known
                told = float(gini(outcome.access.own_ms[here] / 60_000, outcome.people[here]))
                assert curve.empty == np.isnan(told)
                if not curve.empty:
                    along, up = (
                        curve[f"{name}_share"].to_numpy() for name in ("people", "minutes")
                    )
                    assert 0 <= told - (1 - 2 * area(along, up)) + 1e-12 < TOLD / 2
                    assert curve["people"].iloc[-1] == outcome.people[here].sum()

    def test_the_last_within_the_threshold_is_a_point(
        self, toy: Found, curves: pd.DataFrame
    ) -> None:
        for outcome in toy.outcomes:
            curve = curves[(curves["layer"] == outcome.layer.id) & (curves["scope"] == "all")]
            near = curve[curve["minutes"] <= outcome.layer.minutes]
            told = near.groupby("universe")["people"].max().sum()
            within = outcome.own_known & (outcome.access.own_ms <= outcome.threshold_ms)
            assert told == outcome.people[within].sum()
