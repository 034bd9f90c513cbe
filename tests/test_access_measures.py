"""Measures of access on small tables: outside cases, states, and what is wrong with a problem."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoplan.access import catchment, measures, raam
from geoplan.access.decay import FORMS, NAMED, UNIFORM, parse_decay
from geoplan.access.measures import loads
from geoplan.access.problem import AccessProblem, Pairs, joined, pairs_from_long, pairs_within
from geoplan.access.registry import MEASURES, measure
from geoplan.errors import BadInput
from geoplan.model import State

CASES = Path(__file__).parent / "cases"
NO = None
MINUTE = 60_000


def pairs(minutes: list[list[float | None]]) -> Pairs:
    """Minutes by demand point and site; None is no way."""
    table = np.array(minutes, dtype=float).reshape(len(minutes), -1)
    demand, site = np.nonzero(~np.isnan(table))
    return pairs_from_long(demand, site, table[demand, site], *table.shape)


def long(table: pd.DataFrame, points: int, sites: int) -> Pairs:
    demand, site = (table[name].to_numpy() - 1 for name in ("origin", "dest"))
    return pairs_from_long(demand, site, table["cost"].to_numpy(float), points, sites)


def of(name: str, problem: AccessProblem, **parameters: object) -> list[float]:
    return measure(name, problem, **parameters).value.tolist()


# --- outside cases


def test_overlapping_catchments() -> None:
    """In the form of Luo and Wang (2003): one provider each for 8 and for 5 people, one shared."""
    minutes: list[list[float | None]] = [[1, NO]] * 3 + [[1, 1]] + [[1, NO]] * 4 + [[NO, 1]] * 4
    problem = AccessProblem(pairs(minutes), np.ones(12, int), np.ones(2), threshold_minutes=1)
    value = measure("2sfca", problem).value
    wanted = [1 / 8] * 3 + [1 / 8 + 1 / 5] + [1 / 8] * 4 + [1 / 5] * 4
    np.testing.assert_allclose(value, wanted, rtol=0, atol=1e-12)
    assert value.sum() == pytest.approx(2, abs=1e-12)


HOSPITAL = {
    # column of the case: measure, decay, threshold, parameters
    "g2sfca_inv_cost_max61": ("e2sfca", parse_decay("power:1"), 61, {}),
    "g3sfca_inv_cost_max61": (
        "3sfca",
        parse_decay("power:1"),
        61,
        {"choice_beyond_threshold": True},
    ),
    "binary2sfca_30": ("2sfca", UNIFORM, 30, {}),
    "e2sfca_10_20_30": ("e2sfca", NAMED["luo-qi-2009-slow"], None, {}),
}


@pytest.fixture(scope="module")
def hospital() -> tuple[list[AccessProblem], pd.DataFrame]:
    """Three tracts and four scenarios of travel, of the tests of PySAL access 1.1.10 (BSD-3)."""
    times = pd.read_csv(CASES / "pysal_access_hospital_minutes.csv")
    people, doctors = np.array([100, 50, 10]), np.array([15, 20, 100])
    problems = [
        AccessProblem(long(times[times["scenario"] == scenario], 3, 3), people, doctors)
        for scenario in range(4)
    ]
    return problems, pd.read_csv(CASES / "pysal_access_hospital.csv")


@pytest.mark.parametrize("column", HOSPITAL)
def test_hospital_scenarios(
    hospital: tuple[list[AccessProblem], pd.DataFrame], column: str
) -> None:
    problems, expected = hospital
    name, decay, threshold, parameters = HOSPITAL[column]
    for scenario, problem in enumerate(problems):
        asked = replace(problem, decay=decay, threshold_minutes=threshold)
        wanted = expected.loc[expected["scenario"] == scenario, column]
        np.testing.assert_allclose(of(name, asked, **parameters), wanted, rtol=0, atol=1e-9)


def test_faster_ways_help_those_who_travel_them(
    hospital: tuple[list[AccessProblem], pd.DataFrame],
) -> None:
    """Fast ways in help tracts 1 and 2 and crowd tract 3; fast ways out do the reverse."""
    decay = parse_decay("power:1")
    before, inward, outward, both = (
        measure("e2sfca", replace(problem, decay=decay, threshold_minutes=61)).value
        for problem in hospital[0]
    )
    assert np.sign(inward - before).tolist() == [1, 1, -1]
    assert np.sign(outward - before).tolist() == [-1, -1, 1]
    assert np.sign(both - before).tolist() == [1, 1, -1]


def test_grid_of_36_places() -> None:
    """A 6 x 6 grid, Euclidean, made with PySAL access 1.1.10."""
    grid = pd.read_csv(CASES / "pysal_access_grid6.csv")
    x, y = grid["x"].to_numpy(float), grid["y"].to_numpy(float)
    apart = pairs(np.hypot(x[:, None] - x, y[:, None] - y).tolist())
    problem = AccessProblem(apart, grid["value"].to_numpy(), grid["supply"].to_numpy())
    near = replace(problem, threshold_minutes=2)
    by = {
        "s2_supply": of("2sfca", near),
        "e2_supply": of("e2sfca", replace(problem, decay=parse_decay("step:1=1,2=0.68,3=0.22"))),
        "gauss_supply": of(
            "e2sfca", replace(problem, decay=parse_decay("gaussian:1"), threshold_minutes=3)
        ),
        "t3_supply": of("3sfca", replace(problem, decay=parse_decay("step:1=.962,2=.704,3=.377"))),
        "fca_supply": of("fca_ratio", near, neighbours=apart),
    }
    for column, value in by.items():
        np.testing.assert_allclose(value, grid[column], rtol=0, atol=1e-9, err_msg=column)


def test_weights_given_in_place_of_minutes() -> None:
    """Numbers of the tests of the R package fca 0.1: weights 1..24, four points and six sites."""
    weights = np.arange(1.0, 25)
    every = pairs(np.zeros((4, 6)).tolist())
    problem = AccessProblem(every, np.arange(1, 5), np.arange(1, 7), weights=weights)
    alone = pairs_from_long(np.arange(4), np.arange(4), np.zeros(4), 4, 4)
    inside = replace(problem, weights=None)
    wanted = {
        "2sfca": [2.1, 2.1, 2.1, 2.1],
        "3sfca": [0.6686168, 1.3565093, 2.0921208, 2.8355005],
        "mh3sfca": [9.617634, 21.717421, 34.325798, 47.032856],
    }
    for name, values in wanted.items():
        np.testing.assert_allclose(of(name, problem), values, rtol=1e-6)
    # its simple ratio sets all capacity against each point's own people
    np.testing.assert_allclose(of("fca_ratio", inside, neighbours=alone), [21, 10.5, 7, 5.25])


def test_gaussian_three_steps_of_ten_origins() -> None:
    """The example in the README of the R package fca 0.1: exp(-t^2 / b), b = -20^2 / ln 0.01."""
    case = pd.read_csv(CASES / "r_fca_readme.csv")
    minutes = case[["minutes_1", "minutes_2", "minutes_3"]].to_numpy()
    sigma = np.sqrt(-(20**2) / np.log(0.01) / 2)
    problem = AccessProblem(
        pairs(minutes.tolist()),
        case["size"].to_numpy(),
        np.array([1000, 200, 500]),
        decay=parse_decay(f"gaussian:{sigma}"),
    )
    wanted = case["expected_3sfca_gauss20"]
    np.testing.assert_allclose(of("3sfca", problem), wanted, rtol=1e-6, atol=1e-6)


# --- the plain measures


@pytest.fixture
def small() -> AccessProblem:
    """Four points and an island; the third point is at a site's door, the fourth is too far."""
    minutes: list[list[float | None]] = [
        [10, 20, 30],
        [30, 10, NO],
        [0, 31, 45],
        [NO, 45, 60],
        [NO, NO, NO],
    ]
    return AccessProblem(
        pairs(minutes),
        np.array([100, 200, 50, 10, 30]),
        np.array([4, 2, 1]),
        threshold_minutes=30,
    )


def test_plain_measures(small: AccessProblem) -> None:
    assert of("nearest", small)[:4] == [10, 10, 0, 45]
    assert of("kth_nearest", small, k=1)[:4] == [10, 10, 0, 45]
    assert of("kth_nearest", small, k=2)[:4] == [20, 30, 31, 60]
    third = measure("kth_nearest", small, k=3)
    assert third.value[[0, 2]].tolist() == [30, 45]
    assert third.state.tolist() == [0, 1, 0, State.UNREACHABLE, State.UNREACHABLE]
    assert of("count_within", small) == [3, 2, 1, 0, 0]
    assert of("capacity_within", small) == [7, 6, 4, 0, 0]
    assert of("people_within", small) == [350, 300, 100]
    linear = replace(small, decay=parse_decay("linear:40"))
    assert of("gravity", linear) == pytest.approx([4 * 0.75 + 2 * 0.5 + 0.25, 2.5, 4, 0, 0])


def test_zero_unreachable_not_meant_and_unknown(small: AccessProblem) -> None:
    """A far point is zero, an island unreachable; amounts are 0 there and minutes are blank."""
    people = small.people.copy()
    people[0] = 0
    known = np.array([True, False, True, True, True])
    problem = replace(small, people=people, known=known)
    reach = measure("2sfca", problem)
    wanted = [State.NOT_APPLICABLE, State.UNKNOWN, State.MEASURED, State.ZERO, State.UNREACHABLE]
    assert reach.state.tolist() == wanted
    # 50 people at the door share 4, the 200 of unknown access too; nobody else wants the third
    assert reach.value[[0, 2, 3, 4]] == pytest.approx([4 / 250 + 2 / 200, 4 / 250, 0, 0])
    assert np.isnan(reach.value[1])
    assert reach.unused_sites.tolist() == [2]
    assert not len(measure("2sfca", replace(problem, capacity=np.array([4, 2, 0]))).unused_sites)
    way = measure("nearest", problem)
    wanted[3] = State.MEASURED
    assert way.state.tolist() == wanted
    assert np.isnan(way.value[[1, 4]]).all()


def test_people_of_places_it_is_not_meant_for_count_nowhere(small: AccessProblem) -> None:
    meant = np.array([False, True, True, True, True])
    problem = replace(small, applicable=meant)
    result = measure("2sfca", problem)
    assert result.state[0] == State.NOT_APPLICABLE
    assert np.isnan(result.value[0])
    assert result.value[2] == 4 / 250
    assert of("people_within", problem) == [250, 200, 0]
    assert measure("people_within", problem).state.tolist() == [0, 0, State.ZERO]
    alone = pairs_from_long(np.arange(5), np.arange(5), np.zeros(5), 5, 5)
    assert of("fca_ratio", problem, neighbours=alone)[1:4] == [6 / 200, 4 / 50, 0]
    together = pairs(np.zeros((5, 5)).tolist())
    assert of("fca_ratio", problem, neighbours=together)[1:4] == [6 / 290, 4 / 290, 0]
    two = AccessProblem(pairs([[0], [0]]), np.array([70, 30]), np.ones(1))
    assert of("raam", replace(two, applicable=np.array([False, True])))[1] == 1


def test_an_assigned_service_gives_people_per_site() -> None:
    """Each point uses its own site alone, however far: the inverse is people per worker."""
    own: list[list[float | None]] = [[10, NO], [300, NO], [NO, 0.0], [NO, NO]]
    problem = AccessProblem(pairs(own), np.array([20_000, 630, 2573, 5]), np.array([3, 1]))
    assert of("ratio_in_area", problem)[:3] == pytest.approx([20_630 / 3, 20_630 / 3, 2573])
    assert 1 / measure("2sfca", problem).value[0] == pytest.approx(20_630 / 3)
    assert measure("ratio_in_area", problem).state[3] == State.UNREACHABLE


def test_loads_of_five_centres() -> None:
    found = loads(np.array([20_630, 14_612, 7_134, 7_208, 2_573]), np.array([3, 2, 2, 1, 1]))
    assert (found.largest, found.smallest) == (1, 4)
    assert found.ratio == pytest.approx(7306 / 2573)
    assert round(found.ratio or 0, 2) == 2.84


def test_loads_without_capacity_or_people() -> None:
    found = loads(np.array([10, 10, 0]), np.array([0, 5, 5]))
    assert found.state.tolist() == [State.NOT_APPLICABLE, State.MEASURED, State.ZERO]
    assert np.isnan(found.value[0])
    assert found.ratio == 1
    nobody = loads(np.zeros(1, int), np.ones(1, int))
    assert (nobody.largest, nobody.smallest, nobody.ratio) == (None, None, None)


def test_a_catchment_in_which_nobody_lives_has_no_ratio() -> None:
    problem = AccessProblem(pairs([[1], [2]]), np.array([5, 5]), np.ones(1))
    only_first = pairs([[0, NO], [NO, NO]])
    result = measure("fca_ratio", problem, neighbours=only_first)
    assert result.state.tolist() == [State.MEASURED, State.UNKNOWN]
    with pytest.raises(ValueError, match="demand points"):
        measure("fca_ratio", problem, neighbours=pairs([[0, 1, 2]]))


def test_agents_choose_until_nobody_gains() -> None:
    """Two sites 0 and 30 minutes away, tau 60, 100 people, fair share 50 each:
    q / 50 = 1 / 2 + (100 - q) / 50 at q = 62.5, so everybody's cost is 1.25."""
    problem = AccessProblem(pairs([[0, 30]]), np.array([100]), np.array([1, 1]))
    assert of("raam", problem) == pytest.approx([1.25])
    assert of("raam", problem, tau_minutes=10) == pytest.approx([2.0])
    assert of("raam", replace(problem, capacity=np.array([1, 0]))) == pytest.approx([1.0])
    none = measure("raam", replace(problem, capacity=np.zeros(2)))
    assert none.state.tolist() == [State.UNREACHABLE]
    with pytest.raises(ValueError, match="tau"):
        measure("raam", problem, tau_minutes=0)


def test_agents_where_nobody_lives() -> None:
    empty = AccessProblem(pairs([[6], [NO]]), np.array([0, 0]), np.ones(1))
    result = measure("raam", empty)
    assert result.value[0] == pytest.approx(0.1)
    assert result.state.tolist() == [State.NOT_APPLICABLE] * 2


def test_agents_settle_where_choices_are_even() -> None:
    """Sums of a few equal minutes round either way; a choice must end all the same. As many times
    the people crowd as many times the fair share, so the cost stays."""
    rng = np.random.default_rng(0)
    for _ in range(400):
        minutes = rng.choice([5.0, 15.0, 25.0, 35.0], (3, 2))
        people, capacity = rng.integers(1, 50, 3), rng.integers(1, 9, 2)
        once = AccessProblem(pairs(minutes.tolist()), people, capacity)
        often = replace(once, people=people * 7)
        assert of("raam", once) == pytest.approx(of("raam", often), rel=1e-4)


# --- the registry


def test_every_measure_stands_in_the_registry() -> None:
    written = {
        function
        for module in (measures, catchment, raam)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation == "Measured"
    }
    assert {each.function for each in MEASURES.values()} == written
    assert len(MEASURES) == len(written)


@pytest.mark.parametrize("name", MEASURES)
def test_the_registry_names_the_parameters(name: str) -> None:
    each = MEASURES[name]
    own = set(inspect.signature(each.function).parameters) - {"problem"}
    assert own == set(each.takes) - {"threshold", "decay"}
    assert set(each.needs) <= set(each.takes)


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("2sfac", {}, "measure_unknown_near"),
        ("q", {}, "measure_unknown"),
        ("count_within", {}, "measure_needs"),
        ("e2sfca", {}, "measure_needs"),
        ("kth_nearest", {}, "measure_needs"),
        ("nearest", {"k": 2}, "measure_takes_no"),
    ],
)
def test_a_request_that_cannot_be_met(
    small: AccessProblem, name: str, parameters: dict[str, object], code: str
) -> None:
    with pytest.raises(BadInput) as caught:
        measure(name, replace(small, threshold_minutes=None), **parameters)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert all(fault.tell("zh") and fault.tell("en") for fault in caught.value.faults)


def test_k_counts_from_one(small: AccessProblem) -> None:
    with pytest.raises(ValueError, match="k must be"):
        measure("kth_nearest", small, k=0)


def test_the_page_on_measures_names_them_all() -> None:
    page = (CASES.parent.parent / "docs" / "measures.md").read_text("utf-8")
    for name, each in MEASURES.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        for what in set(each.takes) - {"choice_beyond_threshold"}:
            assert what.removesuffix("_minutes") in line
    for form in (*FORMS, "step", "table"):
        assert f"| `{form}:" in page
    assert all(f"`{name}`" in page for name in NAMED)


# --- pairs and problems


def test_pairs_in_any_order() -> None:
    found = pairs_from_long(
        np.array([1, 0, 1]), np.array([2, 1, 0]), np.array([3.0, 2.0, 1 / 3]), 3, 3
    )
    assert found.start.tolist() == [0, 1, 3, 3]
    assert found.site.tolist() == [1, 0, 2]
    assert found.minutes.tolist() == [2.0, 1 / 3, 3.0]
    assert found.has_way.tolist() == [True, True, False]


def test_pairs_of_a_dense_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    ms = rng.integers(0, 60 * MINUTE, (40, 7)).astype(np.int32)
    ms[3, 2] = 30 * MINUTE
    reachable, eligible = rng.random((2, 40, 7)) < 0.5
    reachable[3, 2] = eligible[3, 2] = True
    usable = reachable & eligible
    demand, site = np.nonzero(usable & (ms <= 30 * MINUTE))
    monkeypatch.setattr("geoplan.access.problem.BLOCK_CELLS", 20)
    found = pairs_within(ms, reachable, eligible, 30 * MINUTE)
    assert np.repeat(np.arange(40), np.diff(found.start)).tolist() == demand.tolist()
    assert found.site.tolist() == site.tolist()
    assert found.minutes.tolist() == (ms[demand, site] / MINUTE).tolist()
    assert found.has_way.tolist() == usable.any(axis=1).tolist()
    whole = pairs_within(ms, reachable)
    assert len(whole.site) == reachable.sum()
    assert whole.reached is None


def test_no_pairs_at_all() -> None:
    for empty in (
        pairs_within(np.zeros((0, 3), np.int32), np.zeros((0, 3), bool)),
        pairs_within(np.zeros((2, 0), np.int32), np.zeros((2, 0), bool)),
        joined([pairs([[NO]]), pairs([[NO]])]),
    ):
        problem = AccessProblem(empty, np.ones(empty.points, int), np.ones(empty.sites))
        for name in ("nearest", "2sfca", "ratio_in_area", "raam"):
            state = measure(name, problem).state
            assert (state == State.UNREACHABLE).all()
            assert len(state) == empty.points


def test_a_point_beyond_the_limit_is_not_an_island() -> None:
    ms = np.array([[40 * MINUTE], [0]], np.int32)
    cut = pairs_within(ms, np.array([[True], [False]]), None, 30 * MINUTE)
    problem = AccessProblem(cut, np.ones(2, int), np.ones(1))
    assert measure("2sfca", problem).state.tolist() == [State.ZERO, State.UNREACHABLE]


GOOD = pairs([[1.0, 2.0], [3.0, NO]])


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"people": np.array([1, -1])}, ["access_amount"]),
        ({"people": np.array([1.0, np.nan])}, ["access_amount"]),
        ({"people": np.ones(3)}, ["access_shape"]),
        ({"capacity": np.array([1, np.inf])}, ["access_amount"]),
        ({"capacity": np.ones(1)}, ["access_shape"]),
        ({"weights": np.array([1.0, -1, 1])}, ["access_amount"]),
        ({"weights": np.ones(2)}, ["access_shape"]),
        ({"applicable": np.ones(1, bool)}, ["access_shape"]),
        ({"threshold_minutes": 0}, ["access_threshold"]),
        ({"threshold_minutes": -1}, ["access_threshold"]),
        ({"threshold_minutes": np.nan}, ["access_threshold"]),
        (
            {"people": np.array([1, -1]), "capacity": np.ones(3), "threshold_minutes": 0},
            ["access_amount", "access_shape", "access_threshold"],
        ),
    ],
)
def test_a_problem_that_cannot_be(changes: dict[str, object], codes: list[str]) -> None:
    good = {"pairs": GOOD, "people": np.ones(2, int), "capacity": np.ones(2)}
    with pytest.raises(BadInput) as caught:
        AccessProblem(**{**good, **changes})
    assert [fault.code for fault in caught.value.faults] == codes
    assert all(fault.tell("zh") and fault.tell("en") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"start": np.array([0, 2])}, "access_start"),
        ({"start": np.array([0, 3, 2])}, "access_start"),
        ({"start": np.zeros(0, int)}, "access_start"),
        ({"site": np.array([0, 2, 0], np.int32)}, "access_position"),
        ({"site": np.array([1, 0, 0], np.int32)}, "access_unsorted_pairs"),
        ({"site": np.array([0, 0, 0], np.int32)}, "access_unsorted_pairs"),
        ({"minutes": np.ones(2)}, "access_shape"),
        ({"minutes": np.array([1, 2, np.nan])}, "access_amount"),
        ({"minutes": np.array([1, 2, -1.0])}, "access_amount"),
        ({"reached": np.ones(3, bool)}, "access_shape"),
    ],
)
def test_pairs_that_cannot_be(changes: dict[str, np.ndarray], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        replace(GOOD, **changes)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert all(fault.tell("zh") and fault.tell("en") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("demand", "site", "code"),
    [
        ([0, 0], [1, 1], "access_double_pairs"),
        ([0, 2], [0, 0], "access_position"),
        ([0, -1], [0, 0], "access_position"),
        ([0], [0, 1], "access_shape"),
    ],
)
def test_long_pairs_that_cannot_be(demand: list[int], site: list[int], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        pairs_from_long(np.array(demand), np.array(site), np.ones(len(demand)), 2, 2)
    assert [fault.code for fault in caught.value.faults][:1] == [code]
