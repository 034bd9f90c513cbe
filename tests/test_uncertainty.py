"""Draws: seeded, exact where nothing varies, and distributed as they say."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geoplan.access.aggregate import quantile_by, sum_by
from geoplan.access.equity import gini
from geoplan.access.nearest import coverage
from geoplan.catalog import read_inputs
from geoplan.errors import BadInput
from geoplan.model import Coverage, TravelMatrix
from geoplan.need import Indicator, need_index
from geoplan.pipeline import _ground, _plan_layer
from geoplan.results.draws import (
    LayerDraws,
    columns_of_draws,
    draw_layer,
    draw_notes,
    spread_of,
)
from geoplan.results.equity import OWN_MINUTES, equity
from geoplan.results.equity_draws import equity_of_draws, with_intervals
from geoplan.results.found import LayerFound
from geoplan.results.listing import Listing, list_townships
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.rows import layer_rows
from geoplan.rules import UNIVERSES, Rule
from geoplan.steps import demand_points, site_list
from geoplan.study import read_study
from geoplan.tables import EQUITY, LISTED, ROWS, SEVERITY, STATUSES, checked
from geoplan.texts import LANGS, say
from geoplan.travel_step import open_travel
from geoplan.uncertainty.need import need_percentiles
from geoplan.uncertainty.own_times import NearSites, OwnTimes, chunks, near_sites
from geoplan.uncertainty.spread import (
    UNIT,
    Spread,
    TravelFactors,
    TravelSpread,
    population_factors,
    position_ms,
    scaled,
    stream,
    travel_factors,
    weight_draws,
)
from geoplan.uncertainty.summary import interval, listed_ranks
from geoplan.uncertainty.townships import (
    ENDLESS_MS,
    Everybody,
    Measured,
    draw_p90_ms,
    draw_townships,
)

MINUTE = 60_000
MANY = 20_000
NOTHING_VARIES = Spread(draws=5, seed=1)
DEFAULT = Spread(
    draws=400,
    seed=2030,
    population_share=0.05,
    concentration=50,
    rooftop_ms=9_000,
    street_ms=90_000,
    travel=TravelSpread(0.144, 0.0, 0.136),
)


@dataclasses.dataclass(frozen=True)
class Toy:
    ground: Ground
    found: list[tuple[LayerOutcome, Listing]]

    def draws(self, spread: Spread) -> list[LayerDraws]:
        return [draw_layer(self.ground, *each, spread) for each in self.found]


@pytest.fixture(scope="module")
def toy() -> Toy:
    """The toy country, planned up to the rows."""
    study = read_study("toy")
    inputs = read_inputs(study, None)
    demand = demand_points(inputs)
    travel = open_travel(inputs, demand, lambda what, done, of: None)
    ground = _ground(inputs, demand, travel)
    sites = site_list(inputs, travel, ground.settlement)
    places = (sites, travel.times(sites.id, sites.xy))
    return Toy(ground, [_plan_layer(layer, ground, travel, places) for layer in study.layers])


def widened(spread: Spread, by: float) -> Spread:
    """All spreads of minutes, people and places `by` times as wide."""
    travel = spread.travel and TravelSpread(
        *(by * each for each in dataclasses.astuple(spread.travel))
    )
    return dataclasses.replace(
        spread,
        population_share=by * spread.population_share,
        rooftop_ms=round(by * spread.rooftop_ms),
        street_ms=round(by * spread.street_ms),
        travel=travel,
    )


def digest(draws: list[LayerDraws], townships: int) -> str:
    found = hashlib.sha256()
    for each in draws:
        for name, values in columns_of_draws(each, np.ones(townships, bool)).items():
            found.update(name.encode() + np.asarray(values, float).tobytes())
    return found.hexdigest()


# Streams


def test_the_same_seed_and_names_give_the_same_numbers() -> None:
    first = stream(1, "position", "a", "b").random(4)
    assert (first == stream(1, "position", "a", "b").random(4)).all()
    assert (first != stream(2, "position", "a", "b").random(4)).all()
    for names in (("position", "ab"), ("position", "b", "a")):
        assert (first != stream(1, *names).random(4)).all()


def test_one_more_township_or_site_changes_no_other_draw() -> None:
    people = population_factors(DEFAULT, ["a", "b"])
    assert (population_factors(DEFAULT, ["b", "c", "a"])[:, [2, 0]] == people).all()
    street = np.zeros(2, bool)
    added = position_ms(DEFAULT, "layer", ["s", "t"], street)
    assert (position_ms(DEFAULT, "layer", ["t", "new"], street)[:, 0] == added[:, 1]).all()
    assert (position_ms(DEFAULT, "other", ["s", "t"], street) != added).any()


def test_a_longer_run_begins_with_the_draws_of_a_shorter_one() -> None:
    longer = dataclasses.replace(DEFAULT, draws=2 * DEFAULT.draws)
    for drawn in (
        lambda spread: population_factors(spread, ["a"]),
        lambda spread: travel_factors(spread).modelled,
        lambda spread: position_ms(spread, "layer", ["s"], np.zeros(1, bool)),
        lambda spread: weight_draws(spread, np.array([0.5, 0.3, 0.2])),
    ):
        assert (drawn(longer)[: DEFAULT.draws] == drawn(DEFAULT)).all()


def test_another_process_draws_the_same(toy: Toy) -> None:
    script = (
        "import hashlib, numpy as np\n"
        "from geoplan.uncertainty.spread import *\n"
        "spread = Spread(400, 2030, 0.05, 50, 9_000, 90_000, TravelSpread(0.144, 0.0, 0.136))\n"
        "parts = [population_factors(spread, ['a', 'b']), travel_factors(spread).modelled,\n"
        "         position_ms(spread, 'layer', ['s'], np.zeros(1, bool)),\n"
        "         weight_draws(spread, np.array([0.5, 0.5]))]\n"
        "print(hashlib.sha256(b''.join(part.tobytes() for part in parts)).hexdigest())\n"
    )
    told = set()
    for threads in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": threads, "OMP_NUM_THREADS": threads}
        run = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).resolve().parent.parent,
            env=environment,
        )
        told.add(run.stdout.strip())
    parts = [
        population_factors(DEFAULT, ["a", "b"]),
        travel_factors(DEFAULT).modelled,
        position_ms(DEFAULT, "layer", ["s"], np.zeros(1, bool)),
        weight_draws(DEFAULT, np.array([0.5, 0.5])),
    ]
    told.add(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
    assert len(told) == 1
    townships = len(toy.ground.universe)
    assert digest(toy.draws(DEFAULT), townships) == digest(toy.draws(DEFAULT), townships)


# Distributions


def test_people_are_uniform_within_the_stated_share() -> None:
    factors = population_factors(dataclasses.replace(DEFAULT, draws=MANY), ["a", "b"]) / UNIT
    assert factors.min() >= 0.95 - 1e-6 and factors.max() <= 1.05 + 1e-6
    for township in factors.T:
        assert stats.kstest(township, stats.uniform(0.95, 0.1).cdf).statistic < 0.015
    assert abs(stats.pearsonr(*factors.T).statistic) < 0.03


def test_minutes_are_log_normal_with_one_common_factor() -> None:
    spread = dataclasses.replace(DEFAULT, draws=MANY, travel=TravelSpread(0.15, 0.1, 0.2))
    drawn = travel_factors(spread)
    surveyed, modelled = np.log(drawn.surveyed / UNIT), np.log(drawn.modelled / UNIT)
    assert abs(np.median(drawn.surveyed / UNIT) - 1) < 0.01
    assert surveyed.std() == pytest.approx(np.hypot(0.15, 0.1), rel=0.03)
    assert modelled.std() == pytest.approx(np.hypot(0.15, 0.2), rel=0.03)
    assert np.cov(surveyed, modelled)[0, 1] == pytest.approx(0.15**2, rel=0.1)
    assert stats.kstest(surveyed / surveyed.std(), "norm").statistic < 0.015


def test_places_are_uniform_in_a_disc() -> None:
    spread = dataclasses.replace(DEFAULT, draws=MANY)
    street, rooftop = position_ms(spread, "l", ["s", "t"], np.array([False, True])).T
    assert abs(street).max() <= 90_000 and abs(rooftop).max() <= 9_000
    cdf = stats.semicircular(scale=90_000).cdf
    assert stats.kstest(street, cdf).statistic < 0.015


def test_weights_are_dirichlet_around_those_given() -> None:
    share = np.array([0.5, 0.3, 0.2, 0.0])
    drawn = weight_draws(dataclasses.replace(DEFAULT, draws=MANY), share)
    assert np.allclose(drawn.sum(axis=1), 1)
    assert np.allclose(drawn.mean(axis=0), share, atol=0.003)
    assert np.allclose(drawn.var(axis=0), share * (1 - share) / 51, rtol=0.05)
    assert (drawn[:, 3] == 0).all()
    assert (weight_draws(DEFAULT, share) == weight_draws(DEFAULT, 7 * share)).all()


def test_one_weight_alone_and_no_concentration_do_not_vary() -> None:
    assert (weight_draws(DEFAULT, np.array([0.0, 2.0])) == [0, 1]).all()
    still = dataclasses.replace(DEFAULT, concentration=None)
    assert (weight_draws(still, np.array([3.0, 1.0])) == [0.75, 0.25]).all()


@given(st.integers(0, 10**9), st.integers(0, 4 * UNIT))
def test_people_are_scaled_to_the_nearest_whole(people: int, factor: int) -> None:
    exact = people * factor / UNIT
    found = int(scaled(np.array([people]), np.array([factor]))[0])
    assert abs(found - exact) <= 0.5
    assert int(scaled(np.array([people]), np.array([UNIT]))[0]) == people


# Own times and townships


@st.composite
def cases(draw: Any) -> tuple[TravelMatrix, Any, OwnTimes, Measured]:
    """A small matrix, who may use it, drawn factors, and points with people."""
    points, sites = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    modelled = rng.integers(0, 30 * MINUTE, (points, sites), dtype=np.int32)
    matrix = TravelMatrix(
        site_id=np.array([f"s{n}" for n in range(sites)], object),
        ms=modelled + rng.integers(0, 30 * MINUTE, (points, sites), dtype=np.int32),
        modelled_ms=modelled,
        reachable=rng.random((points, sites)) < 0.8,
    )
    allowed = rng.random((points, sites)) < 0.8
    near = near_sites(matrix, allowed)
    some = near.site[:, 0] >= 0
    draws = draw(st.integers(1, 7))
    times = OwnTimes(
        near.of(some),
        TravelFactors(*rng.integers(UNIT // 2, 2 * UNIT, (2, draws))),
        rng.integers(-2 * MINUTE, 2 * MINUTE, (draws, sites)),
    )
    count = int(some.sum())
    of = Measured(
        township=rng.integers(0, 4, count),
        townships=4,
        people=rng.integers(1, 5_000, count),
        may_be_within=rng.random(count) < 0.3,
        threshold_ms=30 * MINUTE,
    )
    return matrix, allowed, times, of


@given(cases())
def test_near_sites_are_the_nearest_that_may_be_used(case: Any) -> None:
    matrix, allowed, _, _ = case
    near = near_sites(matrix, allowed)
    for point, usable in enumerate(matrix.reachable & allowed):
        wanted = sorted(np.flatnonzero(usable), key=lambda site: (matrix.ms[point, site], site))
        assert near.site[point].tolist() == (wanted + [-1] * 3)[:3]
        for kept, site in enumerate(wanted[:3]):
            assert near.modelled_ms[point, kept] == matrix.modelled_ms[point, site]
            whole = near.surveyed_ms[point, kept] + near.modelled_ms[point, kept]
            assert whole == matrix.ms[point, site]


@given(cases())
def test_own_times_are_the_least_of_the_drawn_trips(case: Any) -> None:
    _, _, times, _ = case
    found = times.ms(slice(0, times.draws))
    near, factors = times.near, times.factors
    for draw in range(times.draws):
        for point in range(times.points):
            trips = []
            for site, surveyed, modelled in zip(
                near.site[point], near.surveyed_ms[point], near.modelled_ms[point], strict=True
            ):
                if site < 0:
                    continue
                parts = int(surveyed) * int(factors.surveyed[draw])
                parts += int(modelled) * int(factors.modelled[draw])
                trip = (2 * parts + UNIT) // (2 * UNIT) + int(times.position_ms[draw, site])
                trips.append(max(trip, min(int(surveyed + modelled), MINUTE)))
            assert found[draw, point] == min(trips)


@given(cases())
def test_townships_are_counted_as_one_by_one(case: Any) -> None:
    _, _, times, of = case
    if not times.points:
        with pytest.raises(ValueError):
            draw_townships(times, of)
        return
    found = draw_townships(times, of)
    for draw, ms in enumerate(times.ms(slice(0, times.draws))):
        over = np.where(ms > of.threshold_ms, of.people, 0)
        sure = sum_by(of.township, 4, np.where(of.may_be_within, 0, over))
        unsure = sum_by(of.township, 4, np.where(of.may_be_within, over, 0))
        assert (found.beyond[draw] == sure).all() and (found.undetermined[draw] == unsure).all()
        for township in range(4):
            here = of.township == township
            mean = np.average(ms[here], weights=of.people[here]) if here.any() else np.nan
            assert found.mean_ms[draw, township] == pytest.approx(mean, nan_ok=True)


@given(cases(), st.integers(0, 2**32))
def test_the_slowest_tenth_is_that_of_everybody(case: Any, seed: int) -> None:
    times = case[2]
    rng = np.random.default_rng(seed)
    count = times.points + 3
    drawn = np.sort(rng.choice(count, times.points, replace=False))
    reach = np.where(rng.random((2, count)) < 0.3, ENDLESS_MS, rng.integers(1, 10**6, (2, count)))
    everybody = Everybody(
        rng.integers(0, 4, count), 5, rng.integers(1, 500, count), reach[0], reach[1], drawn
    )
    least, most = draw_p90_ms(times, everybody)
    for draw, ms in enumerate(times.ms(slice(0, times.draws))):
        own = everybody.ms.copy()
        own[drawn] = ms
        for found, wanted in ((most, own), (least, np.minimum(own, everybody.possible_ms))):
            by_hand = quantile_by(everybody.township, 5, wanted, everybody.people, 0.9)
            by_hand[by_hand == ENDLESS_MS] = np.inf
            assert np.array_equal(found[draw], by_hand, equal_nan=True)


@given(cases(), st.randoms(use_true_random=False), st.integers(2, 9))
def test_order_of_villages_and_a_common_scale_change_nothing(
    case: Any, random: Any, scale: int
) -> None:
    _, _, times, of = case
    if not times.points:
        return
    order = list(range(times.points))
    random.shuffle(order)
    near = NearSites(*(getattr(times.near, f.name)[order] for f in dataclasses.fields(NearSites)))
    shuffled = dataclasses.replace(
        of,
        township=of.township[order],
        people=scale * of.people[order],
        may_be_within=of.may_be_within[order],
    )
    base = draw_townships(times, of)
    other = draw_townships(dataclasses.replace(times, near=near), shuffled)
    assert (other.beyond == scale * base.beyond).all()
    assert (other.undetermined == scale * base.undetermined).all()
    assert np.allclose(other.mean_ms, base.mean_ms, rtol=1e-14, equal_nan=True)


def test_ten_minutes_are_never_beyond_thirty() -> None:
    near = NearSites(
        np.array([[0, -1, -1]]), np.array([[0, 0, 0]]), np.array([[10, 0, 0]]) * MINUTE
    )
    spread = dataclasses.replace(DEFAULT, draws=MANY)
    added = position_ms(spread, "l", ["s"], np.zeros(1, bool))
    times = OwnTimes(near, travel_factors(spread), added)
    of = Measured(np.zeros(1, int), 1, np.array([100]), np.zeros(1, bool), 30 * MINUTE)
    assert not draw_townships(times, of).beyond.any()


def test_the_threshold_itself_is_within() -> None:
    near = NearSites(np.array([[0]]), np.array([[30 * MINUTE]]), np.array([[0]]))
    still = TravelFactors(np.array([UNIT]), np.array([UNIT]))
    for added, beyond in ((0, 0), (1, 7)):
        times = OwnTimes(near, still, np.array([[added]]))
        of = Measured(np.zeros(1, int), 1, np.array([7]), np.zeros(1, bool), 30 * MINUTE)
        assert draw_townships(times, of).beyond.tolist() == [[beyond]]


def test_chunks_cover_every_draw_once_and_bound_the_memory() -> None:
    assert [at for part in chunks(1_000, 7_752) for at in range(part.start, part.stop)] == list(
        range(1_000)
    )
    points, sites, draws = 20_000, 50, 1_000
    rng = np.random.default_rng(1)
    spread = dataclasses.replace(DEFAULT, draws=draws)
    near = NearSites(
        rng.integers(0, sites, (points, 3)), *rng.integers(0, 40 * MINUTE, (2, points, 3))
    )
    added = position_ms(spread, "l", [str(site) for site in range(sites)], np.zeros(sites, bool))
    times = OwnTimes(near, travel_factors(spread), added)
    of = Measured(
        rng.integers(0, 368, points),
        368,
        rng.integers(1, 3_000, points),
        np.zeros(points, bool),
        30 * MINUTE,
    )
    tracemalloc.start()
    try:
        draw_townships(times, of)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60e6  # all draws of all points at once would be 160 MB an array


# Need, intervals, ranks


@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(1, 4))
def test_need_is_ranked_as_the_need_index_does(seed: int, places: int, indicators: int) -> None:
    rng = np.random.default_rng(seed)
    universe = rng.integers(0, 2, places)
    value = rng.integers(0, 4, (indicators, places)).astype(float)
    value[:, rng.random(places) < 0.1] = np.nan
    weights = rng.integers(1, 5, (3, indicators)).astype(float)
    for drawn, weight in zip(weights, weights, strict=True):
        index = need_index(
            [
                Indicator(str(row), each, given_weight, True)
                for row, (each, given_weight) in enumerate(zip(value, weight, strict=True))
            ],
            universe,
        )
        found = need_percentiles(index.score, drawn[None, :], universe)[0]
        assert np.array_equal(found, index.percentile, equal_nan=True)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_an_interval_is_made_of_drawn_values(values: list[int]) -> None:
    found = interval(np.array(values))
    low, high = np.quantile(values, [0.05, 0.95], method="inverted_cdf")
    assert (found.low, found.high) == (low, high)
    assert min(values) <= found.low <= found.high <= max(values)


def test_an_interval_with_a_gap_is_not_told() -> None:
    found = interval(np.array([[1.0, 2.0], [3.0, np.nan]]))
    assert np.array_equal(found.low, [1, np.nan], equal_nan=True)
    assert np.array_equal(found.high, [3, np.nan], equal_nan=True)


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 30))
def test_ranks_are_those_of_each_list(seed: int, townships: int, draws: int) -> None:
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 5, (draws, townships))
    listed = rng.random((draws, townships)) < 0.7
    firm = rng.random(townships) < 0.5
    found = listed_ranks(score, listed, firm)
    for township in range(townships):
        ranks = []
        for people, here in zip(score, listed, strict=True):
            mine = [t for t in range(townships) if here[t] and firm[t] == firm[township]]
            mine.sort(key=lambda t: (-people[t], t))
            ranks += [mine.index(township) + 1] if here[township] else []
        told = (found.low[township], found.high[township])
        if ranks:
            assert told == tuple(np.quantile(ranks, [0.05, 0.95], method="inverted_cdf"))
        else:
            assert np.isnan(told).all()


# A layer


def test_where_nothing_varies_every_draw_is_the_list_itself(toy: Toy) -> None:
    for (outcome, listing), draws in zip(toy.found, toy.draws(NOTHING_VARIES), strict=True):
        assert (draws.share_listed == listing.listed).all()
        undetermined = listing.status == STATUSES.index("undetermined")
        assert (draws.share_undetermined == undetermined).all()
        assert not draws.touches.any()
        columns = columns_of_draws(draws, np.ones(len(listing.listed), bool))
        for name in ("rank", "beyond_share", "beyond_people", "own_minutes_mean"):
            assert np.array_equal(columns[f"{name}_low"], columns[f"{name}_high"], equal_nan=True)
        assert (draws.beyond_people.low == listing.beyond).all()
        need = toy.ground.need_of(outcome.layer.id).percentile * 100
        assert np.array_equal(draws.need_percentile.low, need, equal_nan=True)
        assert np.array_equal(draws.need_percentile.high, need, equal_nan=True)


@pytest.mark.parametrize("by", [0.25, 1, 3])
def test_a_wider_spread_keeps_the_base_inside(toy: Toy, by: float) -> None:
    for (_, listing), draws in zip(toy.found, toy.draws(widened(DEFAULT, by)), strict=True):
        assert (draws.share_listed >= 0).all()
        assert (draws.share_listed + draws.share_undetermined <= 1).all()
        assert (draws.share_listed[listing.listed] > 0).all()
        assert (draws.beyond_people.low <= listing.beyond).all()
        assert (draws.beyond_people.high >= listing.beyond).all()
        assert not (draws.touches & listing.listed).any()


def test_a_wider_spread_gives_wider_intervals(toy: Toy) -> None:
    narrow, wide = (toy.draws(widened(DEFAULT, by)) for by in (0.5, 2))
    for small, large in zip(narrow, wide, strict=True):
        for name in ("beyond_share", "beyond_people", "own_minutes_mean"):
            width = [getattr(each, name).high - getattr(each, name).low for each in (small, large)]
            assert (width[0] <= width[1])[~np.isnan(width[0])].all()


def test_those_of_whom_nothing_is_known_stay_so(toy: Toy) -> None:
    wide = widened(DEFAULT, 5)
    for (outcome, listing), draws in zip(toy.found, toy.draws(wide), strict=True):
        unsure = outcome.coverage == Coverage.UNDETERMINED
        assert not np.isin(np.flatnonzero(unsure), draws.drawn.points).any()
        cut_off = outcome.coverage == Coverage.UNREACHABLE
        township = toy.ground.demand.township
        sure = sum_by(township, len(listing.beyond), np.where(cut_off, outcome.people, 0))
        assert (draws.beyond_people.low >= np.floor(sure * (1 - wide.population_share))).all()
        only = sure == listing.target
        assert (draws.beyond_share.low[only & (sure > 0)] == 1).all()


def test_a_listed_share_counts_runs_of_the_rule(toy: Toy) -> None:
    """One draw alone, judged by the listing of a matrix multiplied by that draw's factors."""
    spread = Spread(draws=40, seed=5, travel=TravelSpread(0.3, 0.0, 0.0))
    factors = travel_factors(spread).surveyed
    townships = len(toy.ground.universe)
    for (outcome, listing), draws in zip(toy.found, toy.draws(spread), strict=True):
        runs = np.zeros(townships)
        for factor in factors:
            access = dataclasses.replace(
                outcome.access, own_ms=np.maximum(scaled(outcome.access.own_ms, factor), MINUTE)
            )
            state = coverage(access, outcome.threshold_ms)
            state[outcome.coverage == Coverage.UNDETERMINED] = Coverage.UNDETERMINED
            runs += _listed(toy.ground, outcome, listing, state)
        assert np.allclose(draws.share_listed, runs / spread.draws)


def _listed(ground: Ground, outcome: LayerOutcome, listing: Listing, state: Any) -> Any:
    """The default rules by hand: a third, or 500 people and a twentieth."""
    far = np.isin(state, [Coverage.UNCOVERED, Coverage.UNREACHABLE])
    counted = [far, state == Coverage.UNREACHABLE]
    result = np.zeros(len(ground.universe), bool)
    for place, universe in enumerate(ground.universe):
        here = counted[universe] & (ground.demand.township == place)
        beyond, target = int(outcome.people[here].sum()), int(listing.target[place])
        share = 100 * beyond
        result[place] = target > 0 and (
            share >= 33 * target or (beyond >= 500 and share >= 5 * target)
        )
    return result


P90_RULE = {
    "id": "slow",
    "version": "1",
    "layer": "any",
    "universe": "main_island",
    "parameter": [{"id": "slow", "value": 25, "unit": "minutes", "source": "a test"}],
    "test": [{"id": "distance", "any_of": ["own_minutes_p90 >= slow"]}],
    "status": {"underserved": ["distance"]},
}


def test_a_rule_on_the_slowest_tenth_is_drawn_too(toy: Toy) -> None:
    rules = tuple(
        Rule.model_validate({**P90_RULE, "layer": layer.id, "universe": universe})
        for layer in toy.ground.inputs.study.layers
        for universe in UNIVERSES
    )
    study = toy.ground.inputs.study.model_copy(update={"rules": rules})
    ground = dataclasses.replace(
        toy.ground, inputs=dataclasses.replace(toy.ground.inputs, study=study)
    )
    for outcome, _ in toy.found:
        listing = list_townships(ground, outcome)
        still = draw_layer(ground, outcome, listing, NOTHING_VARIES)
        assert (still.share_listed == listing.listed).all()
        undetermined = listing.status == STATUSES.index("undetermined")
        assert (still.share_undetermined == undetermined).all()
        moved = draw_layer(ground, outcome, listing, DEFAULT)
        assert ((moved.share_listed > 0) & (moved.share_listed < 1)).any()


def test_columns_are_those_of_the_rows(toy: Toy) -> None:
    townships = len(toy.ground.universe)
    for draws in [*toy.draws(DEFAULT), None]:
        columns = columns_of_draws(draws, np.arange(townships) > 0)
        assert np.isnan(columns["share_listed"][0]) and np.isnan(columns["beyond_people_low"][0])
        assert set(columns) <= set(ROWS.names)
        assert bool(np.isnan(columns["share_listed"]).all()) == (draws is None)


def test_equity_intervals_hold_the_figure_of_the_list(toy: Toy) -> None:
    everybody = np.ones(len(toy.ground.demand.township), bool)
    for outcome, listing in toy.found:
        draws = draw_layer(toy.ground, outcome, listing, DEFAULT)
        told = equity_of_draws(toy.ground, outcome, draws, everybody, lambda at: {"gini": gini})
        points = draws.drawn.points
        base = float(gini(outcome.access.own_ms[points] / MINUTE, outcome.people[points]))
        assert told["gini"].low <= base <= told["gini"].high
        assert told["gini"].low < told["gini"].high
        assert not equity_of_draws(
            toy.ground, outcome, draws, ~everybody, lambda at: {"gini": gini}
        )


def test_the_equity_table_gets_its_intervals(toy: Toy) -> None:
    rows = pd.concat(
        [layer_rows(toy.ground, LayerFound(*each, None)) for each in toy.found], ignore_index=True
    )
    outcomes = [outcome for outcome, _ in toy.found]
    table = equity(toy.ground, outcomes, rows)
    for spread in (DEFAULT, NOTHING_VARIES):
        drawn = list(zip(outcomes, toy.draws(spread), strict=True))
        filled = checked(with_intervals(table, toy.ground, drawn), EQUITY)
        minutes = filled["quantity"] == OWN_MINUTES
        assert filled.loc[~minutes, ["low", "high"]].isna().all().all()
        told = filled[minutes & filled["value"].notna()]
        assert len(told) and (told["low"] <= told["high"] + 1e-12).all()
        if spread is NOTHING_VARIES:
            assert np.allclose(told["low"], told["value"], rtol=1e-9, atol=1e-12)
            assert np.allclose(told["high"], told["value"], rtol=1e-9, atol=1e-12)


# The study


def test_the_measured_spread_is_of_the_roads_it_was_measured_on() -> None:
    study = read_study("tw-2030")
    spread = spread_of(study)
    assert spread is not None and spread.travel is not None
    assert spread.travel.common == pytest.approx(np.log(1.13 / 0.93) / (2 * 0.67449), abs=5e-4)
    assert spread.travel.modelled == pytest.approx(np.log(1.25) / 1.64485, abs=5e-4)
    assert (spread.draws, spread.rooftop_ms, spread.street_ms) == (1000, 9_000, 90_000)
    elsewhere = study.model_copy(update={"roads": None})
    told = spread_of(elsewhere)
    assert told is not None and told.travel is None and told.population_share == 0.05
    assert spread_of(study.model_copy(update={"uncertainty": None})) is None


def test_notes_say_what_was_drawn() -> None:
    study = read_study("tw-2030")
    bare = study.model_copy(update={"uncertainty": None})
    codes = {
        "drawn": [note.code for note in draw_notes(study)],
        "quick": [note.code for note in draw_notes(bare)],
        "elsewhere": [note.code for note in draw_notes(study.model_copy(update={"roads": None}))],
    }
    assert codes == {
        "drawn": ["draws"],
        "quick": ["draws_none"],
        "elsewhere": ["draws", "draws_without_minutes"],
    }
    for note in draw_notes(study) + draw_notes(bare):
        for lang in LANGS:
            assert say(f"note.{note.code}", lang, **note.values)


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ("draws = 1000", "draws = 0", "key_range"),
        ("seed = 1", "seed = -1", "key_range"),
        ("share = 0.05", "share = 1.0", "key_range"),
        ("concentration = 50", "concentration = 0", "key_range"),
        ("concentration = 50", "concentraton = 50", "key_unknown_near"),
        ("common_deviation = 0.15", "common_deviation = nan", None),
        ('of = "roads"', 'of = "rails"', "key_choice_near"),
    ],
)
def test_faults_of_the_section_are_told(
    tmp_path: Path, was: str, becomes: str, code: str | None
) -> None:
    text = (Path(__file__).parent.parent / "studies" / "toy.toml").read_text("utf-8")
    assert was in text
    (tmp_path / "toy.toml").write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(BadInput) as error:
        read_study(tmp_path / "toy.toml")
    assert code is None or code in {fault.code for fault in error.value.faults}


def test_a_spread_stated_twice_is_a_fault(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "studies" / "toy.toml").read_text("utf-8")
    part = text[text.index("[[uncertainty.minutes]]") : text.index("[phasing]")]
    (tmp_path / "toy.toml").write_text(text.replace(part, part + part), "utf-8")
    with pytest.raises(BadInput) as error:
        read_study(tmp_path / "toy.toml")
    assert "id_twice" in {fault.code for fault in error.value.faults}


def test_listed_statuses_have_a_severity() -> None:
    assert set(SEVERITY) == set(LISTED)
