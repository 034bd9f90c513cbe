from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geoplan.access.aggregate import by_coverage, largest_by, mean_by, quantile_by, sum_by
from geoplan.access.eligibility import Areas, SitePlaces, eligibility
from geoplan.access.nearest import Eligibility, coverage, layer_access
from geoplan.model import Coverage, State, TravelMatrix

MINUTE = 60_000


def matrix(minutes: list[list[float | None]]) -> TravelMatrix:
    """Minutes by demand and site; None is no way."""
    reachable = np.array([[cell is not None for cell in row] for row in minutes], bool)
    ms = np.array([[int((cell or 0) * MINUTE) for cell in row] for row in minutes], np.int32)
    sites = np.array([f"s{i}" for i in range(ms.shape[1])], object)
    return TravelMatrix(sites, ms, np.zeros_like(ms), reachable)


def everybody(of: TravelMatrix, **changes: np.ndarray) -> Eligibility:
    points = len(of.ms)
    parts = {
        "measured": np.ones(of.ms.shape, bool),
        "possible_ms": np.full(points, -1, np.int64),
        "may_be_unlisted": np.zeros(points, bool),
        "unlisted_ms": np.full(points, -1, np.int64),
        "planned": np.zeros(of.ms.shape[1], bool),
    }
    return Eligibility(**{**parts, **changes})


def test_own_is_the_nearest_eligible_and_ties_go_to_the_first() -> None:
    times = matrix([[10, 5, 5], [10, 20, 30]])
    allowed = np.array([[False, True, True], [True, True, True]])
    access = layer_access("x", times, everybody(times, measured=allowed), 30 * MINUTE)
    assert access.own_site.tolist() == [1, 0]
    assert access.nearest_site.tolist() == [1, 0]
    assert access.sites_within.tolist() == [2, 3]


def test_the_threshold_itself_counts_as_within() -> None:
    times = matrix([[30], [30.001]])
    access = layer_access("x", times, everybody(times), 30 * MINUTE)
    assert coverage(access, 30 * MINUTE).tolist() == [Coverage.COVERED, Coverage.UNCOVERED]


def test_zero_unreachable_and_unknown_are_kept_apart() -> None:
    times = matrix([[0], [None], [None], [50], [50], [50]])
    possible = np.array([-1, -1, 10 * MINUTE, 10 * MINUTE, 40 * MINUTE, -1])
    access = layer_access("x", times, everybody(times, possible_ms=possible), 30 * MINUTE)
    assert access.own_state.tolist() == [
        State.MEASURED,
        State.UNREACHABLE,
        State.UNKNOWN,
        State.MEASURED,
        State.MEASURED,
        State.MEASURED,
    ]
    assert coverage(access, 30 * MINUTE).tolist() == [
        Coverage.COVERED,
        Coverage.UNREACHABLE,
        Coverage.UNDETERMINED,  # the site without a point could be ten minutes away
        Coverage.UNDETERMINED,
        Coverage.UNCOVERED,  # it cannot be nearer than forty
        Coverage.UNCOVERED,
    ]


def test_surely_far_from_a_site_without_a_point_is_far() -> None:
    times = matrix([[None]])
    access = layer_access(
        "x", times, everybody(times, possible_ms=np.array([31 * MINUTE])), 30 * MINUTE
    )
    assert access.own_state.tolist() == [State.UNKNOWN]
    assert coverage(access, 30 * MINUTE).tolist() == [Coverage.UNCOVERED]


def test_a_layer_without_any_usable_site() -> None:
    times = matrix([[], []])
    access = layer_access("x", times, everybody(times), 30 * MINUTE)
    assert access.own_state.tolist() == [State.UNREACHABLE] * 2


SITES = SitePlaces(
    site_id=np.array(["a", "b", "c"], object),
    township=np.array([0, 1, -1]),
    county=np.array([0, 1, 1]),
    usable=np.array([True, True, False]),
    planned=np.zeros(3, bool),
)


def areas(served: set[tuple[str, int]], complete: bool = True) -> Areas:
    return Areas(
        township=np.array([0, 1, 2]),
        county_of_township=np.array([0, 1, 1]),
        complete=np.array([complete, complete]),
        served=frozenset(served),
    )


def nowhere(townships: np.ndarray) -> np.ndarray:
    """The points stand in townships 0, 1 and 2; everywhere else is five minutes away."""
    return np.where(townships, 0, 5 * MINUTE)


def test_service_areas_then_county_then_nobody() -> None:
    who = eligibility(SITES, areas({("a", 0), ("b", 2)}), ["service_area", "county"], nowhere)
    assert who.measured.tolist() == [[True, False], [False, True], [False, True]]
    # Point 1 may use its county's site that has no point: known only to be in the county.
    assert who.possible_ms.tolist() == [-1, 0, -1]
    assert not who.may_be_unlisted.any()


def test_only_a_published_table_says_that_nobody_else_serves_a_place() -> None:
    for complete in (True, False):
        by_table = eligibility(SITES, areas({("a", 0)}, complete), ["service_area"], nowhere)
        assert by_table.may_be_unlisted.tolist() == [False, False, not complete]
        by_county = eligibility(SITES, areas(set(), complete), ["county"], nowhere)
        assert by_county.may_be_unlisted.tolist() == [not complete] * 3


def test_without_any_site_a_list_that_is_not_complete_is_a_gap_and_not_a_finding() -> None:
    times = matrix([[None], [None]])
    gap = everybody(times, may_be_unlisted=np.array([True, False]))
    access = layer_access("x", times, gap, 30 * MINUTE)
    assert access.own_state.tolist() == [State.UNKNOWN, State.UNREACHABLE]
    assert coverage(access, 30 * MINUTE).tolist() == [Coverage.UNDETERMINED, Coverage.UNREACHABLE]


def test_unlisted_sites_of_a_neighbour_matter_only_where_anyone_may_use_any_site() -> None:
    lists = Areas(
        township=np.array([0, 1, 2]),
        county_of_township=np.array([0, 1, 1]),
        complete=np.array([True, False]),
        served=frozenset(),
    )
    assert eligibility(SITES, lists, ["county"], nowhere).unlisted_ms.tolist() == [-1] * 3
    found = eligibility(SITES, lists, ["anyone"], nowhere).unlisted_ms
    assert found.tolist() == [5 * MINUTE, 0, 0]


def test_a_site_the_table_is_silent_about_serves_the_township_it_stands_in() -> None:
    who = eligibility(SITES, areas({("a", 0)}), ["service_area"], nowhere)
    assert who.measured.tolist() == [[True, False], [False, True], [False, False]]
    # Without any published area nobody is assigned to anything.
    assert not eligibility(SITES, areas(set()), ["service_area"], nowhere).measured.any()


def test_anyone_reaches_every_site() -> None:
    who = eligibility(SITES, areas(set()), ["anyone"], nowhere)
    assert who.measured.all()
    assert who.possible_ms.tolist() == [5 * MINUTE, 0, 0]


def test_means_and_quantiles_by_hand() -> None:
    area = np.array([0, 0, 0, 1, 2])
    value = np.array([10, 20, 30, 7, 9])
    people = np.array([1, 1, 2, 5, 0])
    assert mean_by(area, 3, value, people)[:2].tolist() == [22.5, 7]
    assert np.isnan(mean_by(area, 3, value, people)[2])
    assert quantile_by(area, 3, value, people, 0.5)[:2].tolist() == [20, 7]
    assert quantile_by(area, 3, value, people, 0.9)[:2].tolist() == [30, 7]
    assert np.isnan(quantile_by(area, 3, value, people, 0.9)[2])
    assert largest_by(area, 3, value, people > 0)[:2].tolist() == [30, 7]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 10**6))))
def test_the_four_states_add_up_to_the_people(rows: list[tuple[int, int, int]]) -> None:
    area, states, people = (np.array([row[at] for row in rows], np.int64) for at in range(3))
    split = by_coverage(area, 4, states.astype(np.uint8), people)
    assert (sum(split.values()) == sum_by(area, 4, people)).all()


@given(st.data())
def test_a_site_added_never_lowers_coverage(data: st.DataObject) -> None:
    points = data.draw(st.integers(1, 6))
    cell = st.one_of(st.none(), st.floats(0, 90))
    times = data.draw(
        st.lists(st.lists(cell, min_size=3, max_size=3), min_size=points, max_size=points)
    )
    possible = np.array(
        data.draw(st.lists(st.integers(-1, 60 * MINUTE), min_size=points, max_size=points))
    )

    def covered(sites: int) -> np.ndarray:
        some = matrix([row[:sites] for row in times])
        access = layer_access("x", some, everybody(some, possible_ms=possible), 30 * MINUTE)
        return coverage(access, 30 * MINUTE) == Coverage.COVERED

    assert (covered(3) >= covered(2)).all()
