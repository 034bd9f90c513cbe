"""Equity figures: published cases, laws, and PySAL inequality beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import inequality.atkinson
import inequality.gini
import inequality.theil
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geoplan.access.equity import (
    atkinson,
    concentration_index,
    equally_distributed,
    fgt,
    gini,
    lorenz,
    mean_per_person,
    palma,
    people_shortfall,
    theil,
)
from geoplan.model import Floats, Ints

CASES = Path(__file__).resolve().parent / "cases"

YEARS = [f"pcgdp{year}" for year in range(1940, 2010, 10)]
# PySAL inequality, its own test suite (BSD-3), as given in the cases of access_inequality.
THEIL = [0.20894344, 0.15222451, 0.10472941, 0.10194725, 0.09560113, 0.10511256, 0.10660832]
THEIL_BETWEEN = [0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872]
GINI_1940 = 0.3537237117345285

Figure = Callable[[Floats, Ints], Floats]
INEQUALITIES: dict[str, Figure] = {
    "gini": gini,
    "theil": lambda value, people: theil(value, people).total,
    "atkinson_half": lambda value, people: atkinson(value, people, 0.5),
    "atkinson_1": lambda value, people: atkinson(value, people, 1),
    "atkinson_2": lambda value, people: atkinson(value, people, 2),
}
FIGURES: dict[str, Figure] = {
    **INEQUALITIES,
    "mean": mean_per_person,
    "palma": palma,
    "fgt_0": lambda value, people: fgt(value, people, 30, 0),
    "fgt_2_below": lambda value, people: fgt(value, people, 30, 2, "below"),
}


@st.composite
def spreads(draw: st.DrawFn, least: int = 1) -> tuple[Floats, Ints]:
    """Places with whole values (so that ties and 0 occur) and people, some of whom have some."""
    places = draw(st.integers(2, 12))
    value = draw(st.lists(st.integers(least, 90), min_size=places, max_size=places))
    people = draw(st.lists(st.integers(0, 5000), min_size=places, max_size=places))
    assume(sum(v * p for v, p in zip(value, people, strict=True)) > 0)
    return np.array(value, float), np.array(people)


def ones(value: Floats) -> Ints:
    return np.ones(len(value), np.int64)


@pytest.fixture(scope="module")
def mexico() -> pd.DataFrame:
    """Income per head of the 32 states of Mexico, from the examples of libpysal."""
    return pd.read_csv(CASES / "inequality_mexico.csv")


class TestPublishedCases:
    def test_gini(self, mexico: pd.DataFrame) -> None:
        value = mexico["pcgdp1940"].to_numpy(float)
        assert gini(value, ones(value)) == pytest.approx(GINI_1940, abs=1e-12)

    @pytest.mark.parametrize("year", range(len(YEARS)))
    def test_theil(self, mexico: pd.DataFrame, year: int) -> None:
        value = mexico[YEARS[year]].to_numpy(float)
        found = theil(value, ones(value), mexico["hanson98"].to_numpy())
        assert found.total == pytest.approx(THEIL[year], abs=1e-7)
        assert found.between == pytest.approx(THEIL_BETWEEN[year], abs=1e-7)

    def test_atkinson(self) -> None:
        value = np.array([10.0, 20, 30, 40, 50])
        assert atkinson(value, ones(value), 0) == 0
        assert atkinson(value, ones(value), 0.5) == pytest.approx(0.06315, abs=1e-5)
        assert atkinson(value, ones(value), 1) == pytest.approx(0.1316096, abs=1e-5)
        level = equally_distributed(value, ones(value), 0.5)
        assert level == pytest.approx(28.105398233, abs=1e-7)

    def test_theil_of_people_with_nothing(self) -> None:
        value = np.array([0.0, 0, 0, 10, 10, 10])
        found = theil(value, ones(value), np.array([1, 1, 1, 2, 2, 2]))
        assert found.total == pytest.approx(np.log(2), abs=1e-15)
        assert found.between == pytest.approx(np.log(2), abs=1e-15)
        assert found.within == 0


class TestByHand:
    def test_lorenz(self) -> None:
        people, value = lorenz(np.array([3.0, 1.0]), np.array([1, 3]))
        assert people.tolist() == [0, 0.75, 1]
        assert value.tolist() == [0, 0.5, 1]

    def test_palma_divides_a_place_at_the_limits(self) -> None:
        # Of 10 people 4 have least: three at 1 and one of the six at 2; the one with most has 5.
        value, people = np.array([1.0, 2, 5]), np.array([3, 6, 1])
        assert palma(value, people) == pytest.approx(5 / 5)
        # Of 5 people the tenth is half a person, the 40 % two.
        assert palma(np.arange(1.0, 6), ones(np.arange(5))) == pytest.approx(2.5 / 3)

    def test_palma_of_equals_and_of_a_poorest_with_nothing(self) -> None:
        assert palma(np.full(4, 7.0), np.array([1, 2, 3, 4])) == pytest.approx(0.25)
        assert np.isnan(palma(np.array([0.0, 1.0]), np.array([1, 1])))

    def test_the_sign_of_the_concentration_index(self) -> None:
        minutes, need = np.array([10.0, 20, 30]), np.array([1.0, 2, 3])
        # The neediest have the longest way: negative, and as large as the Gini.
        found = concentration_index(minutes, ones(minutes), need)
        assert found == pytest.approx(-gini(minutes, ones(minutes)))
        assert concentration_index(minutes, ones(minutes), -need) == pytest.approx(-found)

    def test_places_of_equal_need_share_a_rank(self) -> None:
        minutes, people = np.array([10.0, 50, 30]), np.array([100, 300, 200])
        need = np.array([5.0, 5.0, 1.0])
        merged = np.array([(10 * 100 + 50 * 300) / 400, 30])
        expected = concentration_index(merged, np.array([400, 200]), np.array([5.0, 1.0]))
        assert concentration_index(minutes, people, need) == pytest.approx(expected)

    def test_fgt_of_minutes_and_of_supply(self) -> None:
        minutes, people = np.array([15.0, 30, 45, 60]), np.array([1, 2, 3, 4])
        # At the line nobody falls short.
        assert fgt(minutes, people, 30, 0) == pytest.approx(0.7)
        assert fgt(minutes, people, 30, 1) == pytest.approx((3 * 0.5 + 4 * 1) / 10)
        assert fgt(minutes, people, 30, 2) == pytest.approx((3 * 0.25 + 4 * 1) / 10)
        assert people_shortfall(minutes, people, 30) == 3 * 15 + 4 * 30
        assert fgt(minutes, people, 30, 0, "below") == pytest.approx(0.1)
        assert people_shortfall(minutes, people, 30, "below") == 15

    def test_from_aversion_one_on_nothing_for_one_settles_atkinson(self) -> None:
        value, people = np.array([0.0, 10]), np.array([1, 1000])
        assert atkinson(value, people, 1) == 1
        assert atkinson(value, people, 3) == 1
        assert atkinson(value, people, 0.5) < 0.01
        # Nobody lives where there is nothing.
        assert atkinson(value, np.array([0, 1000]), 2) == 0


class TestNotDefined:
    @pytest.mark.parametrize("name", FIGURES)
    def test_nobody_is_counted(self, name: str) -> None:
        assert np.isnan(FIGURES[name](np.array([1.0, 2.0]), np.array([0, 0])))
        assert np.isnan(FIGURES[name](np.zeros(0), np.zeros(0, np.int64)))

    @pytest.mark.parametrize("name", [*INEQUALITIES, "palma"])
    def test_everybody_has_nothing(self, name: str) -> None:
        assert np.isnan(FIGURES[name](np.zeros(3), np.array([1, 2, 3])))

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
    @pytest.mark.parametrize("name", FIGURES)
    def test_what_is_not_measured_is_refused(self, name: str, bad: float) -> None:
        with pytest.raises(ValueError, match="value must be finite"):
            FIGURES[name](np.array([1.0, bad]), np.array([1, 1]))

    def test_other_bad_arguments(self) -> None:
        value, people = np.array([1.0, 2]), np.array([1, 1])
        with pytest.raises(ValueError, match="people must be finite"):
            gini(value, np.array([1, -1]))
        with pytest.raises(ValueError, match="one entry a place"):
            gini(value, np.array([1, 1, 1]))
        with pytest.raises(ValueError, match="aversion"):
            atkinson(value, people, -0.1)
        with pytest.raises(ValueError, match="line"):
            fgt(value, people, 0, 1)
        with pytest.raises(ValueError, match="need must"):
            concentration_index(value, people, np.array([1.0, np.nan]))
        with pytest.raises(ValueError, match="group"):
            theil(value, people, np.array([1]))
        with pytest.raises(ValueError, match="beyond"):
            people_shortfall(value, people, 1, "over")


class TestLaws:
    @given(spread=spreads(), data=st.data())
    def test_a_transfer_to_one_who_has_less_lowers_it(
        self, spread: tuple[Floats, Ints], data: st.DataObject
    ) -> None:
        """Pigou-Dalton: one person of a place gives to one of a place with less, not past them."""
        value, people = np.repeat(spread[0], 2), np.repeat(np.maximum(spread[1], 1), 2)
        poor, rich = data.draw(st.permutations(range(len(value))))[:2]
        if value[poor] > value[rich]:
            poor, rich = rich, poor
        assume(value[rich] > value[poor])
        people[[poor, rich]] = 1
        after = value.copy()
        given_away = data.draw(st.floats(0.1, 0.9)) * (value[rich] - value[poor])
        after[rich] -= given_away
        after[poor] += given_away
        for figure in INEQUALITIES.values():
            assert figure(after, people) < figure(value, people)

    @given(spread=spreads(), times=st.integers(2, 9))
    def test_everybody_twice_changes_nothing(self, spread: tuple[Floats, Ints], times: int) -> None:
        value, people = spread
        twice = np.tile(value, 2), np.tile(people, 2)
        for figure in FIGURES.values():
            before = pytest.approx(figure(value, people), abs=1e-12, nan_ok=True)
            assert figure(value, people * times) == before
            assert figure(*twice) == before

    @given(spread=spreads(), place=st.integers(0, 11), part=st.floats(0, 1))
    def test_a_place_in_two_parts_changes_nothing(
        self, spread: tuple[Floats, Ints], place: int, part: float
    ) -> None:
        value, people = spread
        place %= len(value)
        some = int(people[place] * part)
        parted = np.append(people, some)
        parted[place] -= some
        for figure in FIGURES.values():
            before = pytest.approx(figure(value, people), abs=1e-12, nan_ok=True)
            assert figure(np.append(value, value[place]), parted) == before

    @given(spread=spreads(), factor=st.sampled_from([1e-9, 0.01, 3.0, 60.0, 1e12]))
    def test_the_unit_changes_nothing(self, spread: tuple[Floats, Ints], factor: float) -> None:
        value, people = spread
        for figure in (*INEQUALITIES.values(), palma):
            before = pytest.approx(figure(value, people), abs=1e-12, nan_ok=True)
            assert figure(value * factor, people) == before

    @given(spread=spreads(), data=st.data())
    def test_the_order_of_places_changes_nothing(
        self, spread: tuple[Floats, Ints], data: st.DataObject
    ) -> None:
        value, people = spread
        order = np.array(data.draw(st.permutations(range(len(value)))))
        for figure in FIGURES.values():
            before = pytest.approx(figure(value, people), abs=1e-12, nan_ok=True)
            assert figure(value[order], people[order]) == before

    @given(people=st.lists(st.integers(1, 10**9), min_size=1, max_size=9), value=st.floats(0.1, 99))
    def test_equals_are_equal(self, people: list[int], value: float) -> None:
        for figure in INEQUALITIES.values():
            found = figure(np.full(len(people), value), np.array(people))
            assert found == pytest.approx(0, abs=1e-12)
            assert found >= 0

    @given(spread=spreads(least=0), data=st.data())
    def test_within_and_between_make_the_whole(
        self, spread: tuple[Floats, Ints], data: st.DataObject
    ) -> None:
        value, people = spread
        places = len(value)
        group = data.draw(st.lists(st.integers(0, 3), min_size=places, max_size=places))
        found = theil(value, people, np.array(group))
        assert found.within + found.between == pytest.approx(float(found.total), abs=1e-12)
        assert min(found.within, found.between) >= 0

    @given(spread=spreads(least=0))
    def test_lorenz_bends_below_the_diagonal_and_encloses_the_gini(
        self, spread: tuple[Floats, Ints]
    ) -> None:
        people, value = lorenz(*spread)
        assert (value <= people + 1e-12).all()
        assert (np.diff(value) >= 0).all()
        assert (np.diff(people) >= 0).all()
        area = np.trapezoid(value, people)
        assert gini(*spread) == pytest.approx(1 - 2 * area, abs=1e-12)

    @given(spread=spreads(), data=st.data())
    def test_concentration_lies_between_the_ginis(
        self, spread: tuple[Floats, Ints], data: st.DataObject
    ) -> None:
        value, people = spread
        places = len(value)
        need = np.array(data.draw(st.lists(st.integers(0, 4), min_size=places, max_size=places)))
        found = concentration_index(value, people, need)
        assert abs(found) <= gini(value, people) + 1e-12
        # Only the order of need counts, and turning it round turns the sign.
        assert concentration_index(value, people, np.exp(need)) == found
        assert concentration_index(value, people, -need) == pytest.approx(-found, abs=1e-12)
        assert concentration_index(np.full(places, 9.0), people, need) == 0
        assert concentration_index(value, people, np.ones(places)) == pytest.approx(0, abs=1e-12)

    @given(spread=spreads(least=0), line=st.integers(1, 90))
    def test_the_gap_is_people_times_shortfall(
        self, spread: tuple[Floats, Ints], line: int
    ) -> None:
        value, people = spread
        gap = fgt(value, people, line, 1) * line * people.sum()
        assert people_shortfall(value, people, line) == pytest.approx(gap)

    @given(spread=spreads(), draws=st.integers(1, 4), seed=st.integers(0, 99))
    def test_draws_are_told_as_one_by_one(
        self, spread: tuple[Floats, Ints], draws: int, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        value = spread[0] * rng.uniform(0.5, 2, (draws, len(spread[0])))
        people = spread[1] + rng.integers(0, 50, value.shape)
        for figure in FIGURES.values():
            together = figure(value, people)
            assert together.shape == (draws,)
            alone = [figure(*each) for each in zip(value, people, strict=True)]
            assert together == pytest.approx(alone, rel=1e-12, nan_ok=True)


class TestBesidePysal:
    @given(spread=spreads(), group=st.integers(0, 2**12))
    def test_equal_weights_give_their_figures(
        self, spread: tuple[Floats, Ints], group: int
    ) -> None:
        value = spread[0]
        people = ones(value)
        groups = (group >> np.arange(len(value))) % 2
        assert gini(value, people) == pytest.approx(inequality.gini.Gini(value).g, abs=1e-12)
        parts = theil(value, people, groups)
        theirs = inequality.theil.TheilD(value, groups)
        assert parts.total == pytest.approx(float(theirs.T), abs=1e-12)
        assert parts.between == pytest.approx(float(theirs.bg.sum()), abs=1e-12)
        for aversion in (0.5, 1, 2):
            theirs = inequality.atkinson.atkinson(value, aversion)
            assert atkinson(value, people, aversion) == pytest.approx(theirs, abs=1e-12)

    @given(spread=spreads())
    def test_people_weigh_as_if_each_were_listed(self, spread: tuple[Floats, Ints]) -> None:
        value, people = spread[0], spread[1] % 40
        assume(people.sum() > 1)
        each = np.repeat(value, people)
        assert gini(value, people) == pytest.approx(inequality.gini.Gini(each).g, abs=1e-12)
        listed = inequality.theil.Theil(each).T
        assert theil(value, people).total == pytest.approx(listed, abs=1e-12)

    def test_a_nation_of_people_keeps_twelve_digits(self) -> None:
        rng = np.random.default_rng(5)
        value = rng.integers(1, 200, 60).astype(float)
        small = rng.integers(0, 9, 60)
        found = gini(value, small * 10**11)
        assert found == pytest.approx(inequality.gini.Gini(np.repeat(value, small)).g, rel=1e-12)
