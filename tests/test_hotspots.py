"""Hot spots: published cases, exact chances, esda's own test beside ours."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from geoplan.access.hotspots import (
    LEAST_PLACES,
    SIGNIFICANCE,
    Chance,
    HotSpots,
    Kind,
    SpotState,
    clustering,
    getis_ord,
    hot_spots,
)
from geoplan.model import Floats, Ints

CASES = Path(__file__).resolve().parent / "cases"

# Six points and their values from esda's test_getisord.py (BSD-3); neighbours within 15.
POINTS = np.array([[10, 10], [20, 10], [40, 10], [15, 20], [30, 20], [30, 30]])
VALUES = np.array([2, 3, 3.2, 5, 8, 7])
WITHIN_15 = np.argwhere(
    (np.hypot(*(POINTS[:, None] - POINTS[None]).T) <= 15) & ~np.eye(6, dtype=bool)
)


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    """Homicide rates of 78 counties around St Louis, from the examples of libpysal, and what esda
    2.9.0 finds there: Moran_Local and G_Local(star=True, transform="B") with 99,999 permutations
    and seed 10. Kept as a table, for esda compiles half a minute before it answers."""
    return pd.read_csv(CASES / "hotspots_st_louis.csv")


@pytest.fixture(scope="module")
def beside() -> Ints:
    """Their neighbours."""
    return pd.read_csv(CASES / "hotspots_st_louis_neighbours.csv").to_numpy(np.int64) - 1


def chain(places: int) -> Ints:
    """Each place beside the next one."""
    return np.column_stack([np.arange(places - 1), np.arange(1, places)])


def grid(side: int) -> Ints:
    """Rook neighbours on a square."""
    at = np.arange(side * side).reshape(side, side)
    across = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    return np.vstack([across, np.column_stack([at[:-1].ravel(), at[1:].ravel()])])


class TestPublishedCases:
    def test_getis_and_ord(self) -> None:
        assert getis_ord(VALUES, WITHIN_15, star=False)[0] == pytest.approx(-1.0136729, abs=1e-6)
        rows = getis_ord(VALUES, WITHIN_15, star=False, standardised=True)
        assert rows[0] == pytest.approx(-0.62074534, abs=1e-6)
        assert getis_ord(VALUES, WITHIN_15)[0] == pytest.approx(-1.39727626, abs=1e-6)

    def test_general_g(self) -> None:
        found = clustering(VALUES, WITHIN_15)
        assert found.general_g == pytest.approx(0.55709779, abs=1e-6)
        assert found.general_g_p == pytest.approx(0.172936, abs=1e-6)

    def test_moran(self, counties: pd.DataFrame, beside: Ints) -> None:
        found = clustering(counties["HR8893"].to_numpy(float), beside)
        assert found.moran_i == pytest.approx(0.24365582621771695, abs=1e-6)
        assert found.moran_p == pytest.approx(0.0002714786277092747, abs=1e-6)

    @pytest.mark.parametrize(("alpha", "limit"), [(0.1, 0.002564102564), (0.05, 0.001282051282)])
    def test_cut_offs(self, alpha: float, limit: float) -> None:
        """esda's test_util.py: of the 78 p of 999 permutations with seed 10, two are 0.001."""
        p = np.append([0.001, 0.001, 0.005, 0.007, 0.009], np.linspace(0.02, 0.5, 73))
        kept = false_discovery_control(p, method="bh") <= alpha
        assert kept.tolist() == (p <= limit).tolist()


def test_beside_esda(counties: pd.DataFrame, beside: Ints) -> None:
    found = hot_spots(counties["HR8893"].to_numpy(float), beside, Chance(seed=1))
    assert found.local_moran == pytest.approx(counties["local_moran"].to_numpy(), abs=1e-12)
    assert found.gi_star == pytest.approx(counties["gi_star"].to_numpy(), abs=1e-12)
    # Theirs is the rarer of the two tails; twice that is ours, but for the chance of 9,999 draws.
    p = np.minimum(2 * counties["p_directed"].to_numpy(), 1)
    assert (np.abs(found.p - p) <= 2e-4 + 4 * 2 * np.sqrt(p / 2 * (1 - p / 2) / 9999)).all()
    # esda's quadrants are 1 high-high, 2 low-high, 3 low-low, 4 high-low.
    called = found.kind != Kind.NOT_SIGNIFICANT
    names = {1: Kind.HIGH_HIGH, 2: Kind.LOW_HIGH, 3: Kind.LOW_LOW, 4: Kind.HIGH_LOW}
    quadrant = counties["quadrant"].to_numpy()
    assert [names[each] for each in quadrant[called]] == found.kind[called].tolist()


class TestChance:
    def test_p_is_that_of_all_shuffles(self) -> None:
        """On a chain few neighbours can be drawn: all of them are tried here, without chance."""
        value = np.random.default_rng(3).gamma(2.0, size=LEAST_PLACES)
        value[4:8] += 9
        found = hot_spots(value, chain(LEAST_PLACES), Chance(seed=1))
        for place in range(LEAST_PLACES):
            others = np.delete(value, place)
            near = value[[each for each in (place - 1, place + 1) if 0 <= each < LEAST_PLACES]]
            sums = np.array([sum(each) for each in combinations(others, len(near))])
            tail = min((sums >= near.sum() - 1e-9).mean(), (sums <= near.sum() + 1e-9).mean())
            error = 4 * np.sqrt(max(tail, 0.001) / 9999)
            assert found.p[place] == pytest.approx(min(1, 2 * tail), abs=2 * error)

    def test_a_seed_gives_the_same_again_and_another_does_not(self) -> None:
        value = np.random.default_rng(1).normal(20, 1, size=49)
        first, again, other = (hot_spots(value, grid(7), Chance(seed)) for seed in (5, 5, 6))
        assert first.p.tolist() == again.p.tolist()
        assert first.p.tolist() != other.p.tolist()

    def test_little_is_called_where_there_is_nothing(self) -> None:
        rng = np.random.default_rng(2)
        called = [
            (
                hot_spots(rng.normal(20, 1, size=100), grid(10), Chance(1, 999)).q <= SIGNIFICANCE
            ).any()
            for _ in range(40)
        ]
        assert np.mean(called) <= 0.15

    def test_a_cluster_is_found_with_its_sign(self) -> None:
        value = np.random.default_rng(2).normal(20, 1, size=(12, 12))
        value[1:5, 1:5] += 8
        value[7:11, 7:11] -= 8
        kind = hot_spots(value.ravel(), grid(12), Chance(1)).kind.reshape(12, 12)
        assert (kind[2:4, 2:4] == Kind.HIGH_HIGH).all()
        assert (kind[8:10, 8:10] == Kind.LOW_LOW).all()

    def test_q_keeps_what_benjamini_and_hochberg_keep(self) -> None:
        value = np.random.default_rng(2).normal(20, 1, size=(12, 12))
        value[1:5, 1:5] += 2
        found = hot_spots(value.ravel(), grid(12), Chance(seed=1))
        ranked = np.sort(found.p)
        kept = []
        for alpha in (0.001, 0.05, 0.1, 0.5):
            passing = np.flatnonzero(ranked <= alpha * np.arange(1, 145) / 144)
            limit = ranked[passing[-1]] if len(passing) else -1.0
            assert ((found.q <= alpha) == (found.p <= limit)).all()
            kept.append(len(passing))
        assert kept[0] == 0 < kept[1] < kept[3]

    @given(shift=st.integers(0, 50), factor=st.sampled_from([0.25, 2, 1024]))
    @settings(max_examples=15)
    def test_the_unit_and_its_zero_change_nothing(self, shift: int, factor: float) -> None:
        value = np.round(np.random.default_rng(4).normal(20, 1, size=36) * 16) / 16
        first = hot_spots(value, grid(6), Chance(1, 199))
        second = hot_spots(value * factor + shift, grid(6), Chance(1, 199))
        assert second.p.tolist() == first.p.tolist()
        assert second.kind.tolist() == first.kind.tolist()
        assert second.local_moran == pytest.approx(first.local_moran, abs=1e-9)
        assert second.gi_star == pytest.approx(first.gi_star, abs=1e-9)


class TestNotTested:
    def of(self, value: Floats, pairs: Ints) -> HotSpots:
        return hot_spots(value, pairs, Chance(1, 99))

    def test_an_island_and_a_place_without_a_value_are_named(self) -> None:
        places = LEAST_PLACES + 4
        value = np.arange(float(places))
        value[[5, -2]] = np.nan
        # The last but one is the only neighbour of the last; the third from the end has none.
        pairs = np.vstack([chain(places - 3), [[places - 2, places - 1]]])
        found = self.of(value, pairs)
        assert found.state[5] == found.state[-2] == SpotState.NO_VALUE
        assert found.state[-3] == found.state[-1] == SpotState.NO_NEIGHBOUR
        assert (found.state == SpotState.TESTED).sum() == places - 4 == (~np.isnan(found.p)).sum()
        assert found.neighbours[[-3, -1]].tolist() == [0, 0]
        assert found.neighbours[4] == 1
        untested = found.state != SpotState.TESTED
        assert (found.kind[untested] == Kind.NOT_TESTED).all()
        for figure in (found.local_moran, found.gi_star, found.p, found.q):
            assert (np.isnan(figure) == untested).all()

    def test_equal_values_and_few_places_have_no_test(self) -> None:
        equal = self.of(np.full(40, 3.0), chain(40))
        assert (equal.state == SpotState.ALL_EQUAL).all()
        few = self.of(np.arange(LEAST_PLACES - 1.0), chain(LEAST_PLACES - 1))
        assert (few.state == SpotState.TOO_FEW).all()
        enough = self.of(np.arange(float(LEAST_PLACES)), chain(LEAST_PLACES))
        assert (enough.state == SpotState.TESTED).all()
        for found in (equal, few):
            assert np.isnan(found.p).all()
            assert found.whole is None

    def test_a_place_left_out_does_not_shift_the_others(self) -> None:
        value = np.random.default_rng(6).normal(20, 1, size=36)
        with_island = np.insert(value, 0, 99.0)
        first, second = self.of(value, grid(6)), self.of(with_island, grid(6) + 1)
        assert second.p[1:].tolist() == first.p.tolist()
        assert second.gi_star[1:].tolist() == first.gi_star.tolist()

    def test_pairs_may_come_once_or_both_ways_and_name_places(self) -> None:
        value = np.random.default_rng(6).normal(20, 1, size=36)
        both = np.vstack([grid(6), grid(6)[:, ::-1], grid(6), [[3, 3]]])
        assert self.of(value, both).p.tolist() == self.of(value, grid(6)).p.tolist()
        with pytest.raises(ValueError, match="names no place"):
            self.of(value, np.array([[0, 36]]))
        for bad in (np.inf, -1):
            with pytest.raises(ValueError, match="infinite or negative"):
                self.of(np.append(value, bad), grid(6))
