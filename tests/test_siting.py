"""Siting of a layer: cases worked by hand, and laws against a search of every plan."""

from __future__ import annotations

import dataclasses
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.model import Coverage
from geoplan.siting.build_out import BuildOut, goal_of, places_to_open, sparse_pairs
from geoplan.siting.location import Effort
from geoplan.siting.proposal import Proposal, propose

MINUTE = 60_000
NO_WAY = -1
COVERED, UNCOVERED, UNDETERMINED, UNREACHABLE = (int(state) for state in Coverage)
EFFORT = Effort(seconds=20, solver="highs", proof=True)
LAWS = settings(max_examples=40, deadline=None)


def make(minutes, weight, current, **more) -> BuildOut:
    """From a demand x candidate table of minutes (NO_WAY: none) and today's minutes.

    `current` may hold a number of minutes, "undetermined" or "unreachable".
    """
    minutes = np.array(minutes, dtype=np.int64).reshape(len(weight), -1)
    k = minutes.shape[1]
    threshold = more.pop("threshold", 30)
    ms = (np.maximum(minutes, 0) * MINUTE).astype(np.int32)
    indptr, demand, times = sparse_pairs(ms, minutes != NO_WAY)
    known = [0 if isinstance(time, str) else time for time in current]
    state = [
        {"undetermined": UNDETERMINED, "unreachable": UNREACHABLE}[time]
        if isinstance(time, str)
        else (COVERED if time <= threshold else UNCOVERED)
        for time in current
    ]
    fields = {
        "candidate_id": np.array([f"c{i:02d}" for i in range(k)], dtype=object),
        "indptr": indptr,
        "demand": demand,
        "ms": times,
        "weight": np.array(weight, dtype=np.int64),
        "listed": np.zeros(len(weight), dtype=bool),
        "current_ms": np.array(known, dtype=np.int64) * MINUTE,
        "current_state": np.array(state, dtype=np.uint8),
        "threshold_ms": threshold * MINUTE,
        "by_year": (1,),
        "listed_weight": 10,
        "county": np.zeros(k, dtype=np.int64),
        "still_needed": np.zeros(1, dtype=np.int64),
        "place": np.arange(k),
        "place_has_site": np.zeros(k, dtype=bool),
        "place_people": np.zeros(k, dtype=np.int64),
    }
    for name, value in more.items():
        fields[name] = np.array(value) if isinstance(value, list) else value
    if len(fields["place_people"]) != len(fields["place_has_site"]):
        fields["place_people"] = np.zeros(len(fields["place_has_site"]), np.int64)
    return BuildOut(**fields)


def ids(build: BuildOut, found: Proposal) -> list[str]:
    return list(build.candidate_id[found.openings.site])


def solved(*args, **more) -> tuple[BuildOut, Proposal]:
    build = make(*args, **more)
    return build, propose(build, EFFORT)


# ---------------------------------------------------------------------------------------------
# By hand


def test_listed_people_come_before_a_larger_city():
    build, found = solved([[10, NO_WAY], [NO_WAY, 10]], [100, 900], [60, 60], listed=[True, False])
    assert ids(build, found) == ["c00"]
    assert found.openings.worth[0].tolist()[:3] == [100, 100, 100 * 50 * MINUTE]
    assert (found.plain.listed, found.plain.gain) == (0, 900)
    assert list(build.candidate_id[found.plain.chosen]) == ["c01"]


def test_gains_are_marginal_and_add_up():
    minutes = [[5, 9, NO_WAY], [5, NO_WAY, 6], [NO_WAY, 9, 6]]
    build, found = solved(minutes, [10, 20, 30], [60, 60, 60], by_year=(2,))
    assert ids(build, found) == ["c02", "c00"]
    assert found.openings.worth[:, 1].tolist() == [50, 10]
    # the second site also brings the 20 people one minute nearer
    assert found.openings.worth[:, 2].tolist() == [50 * 54 * MINUTE, (10 * 55 + 20) * MINUTE]
    assert found.after_ms.tolist() == [5 * MINUTE, 5 * MINUTE, 6 * MINUTE]
    assert set(found.after_state) == {COVERED}


def test_the_threshold_is_inclusive_to_the_millisecond():
    build, found = solved([[30]], [7], [31])
    assert found.years[0].gain == found.plain.gain_bound == 7
    late = propose(dataclasses.replace(build, ms=build.ms + np.int32(1)), EFFORT)
    assert late.years[0].gain == late.plain.gain_bound == 0
    assert late.after_state.tolist() == [UNCOVERED]
    assert late.after_ms.tolist() == [30 * MINUTE + 1]


def test_ties_go_to_the_lowest_id():
    assert ids(*solved([[9, 9, 9]], [5], [60], by_year=(2,))) == ["c00", "c01"]


def test_sites_that_cover_nobody_more_go_where_they_save_time_then_where_people_are():
    both = [[20, 10, 9], [20, NO_WAY, NO_WAY]]
    # c00 covers everybody; of the others c02 saves most
    assert ids(*solved(both, [5, 5], [60, 60], by_year=(2,))) == ["c00", "c02"]
    build = make([[9, 9, 9]], [5], [60], place_people=[3, 8, 8], by_year=(2,))
    assert ids(build, propose(build, EFFORT))[1] in ("c01", "c02")


def test_undetermined_demand_counts_in_nothing_and_is_settled_by_a_site_beside_it():
    build, found = solved(
        [[5, 8], [NO_WAY, 8]], [1000, 1], ["undetermined", 60], listed=[True, False]
    )
    assert ids(build, found) == ["c01"]
    last = found.years[-1]
    assert (last.listed, last.gain, last.best.listed_bound, last.best.gain_bound) == (0, 1, 0, 1)
    assert found.after_state.tolist() == [COVERED, COVERED]
    _, far = solved([[40]], [7], ["undetermined"])
    assert far.after_state.tolist() == [UNDETERMINED]


def test_unreachable_demand_is_covered_but_saves_no_minutes():
    build, found = solved([[5, 40], [50, 40]], [10, 10], ["unreachable", 60], by_year=(2,))
    assert ids(build, found) == ["c00", "c01"]
    assert found.openings.worth[:, 1].tolist() == [10, 0]
    assert found.openings.worth[:, 2].tolist() == [100 * MINUTE, 100 * MINUTE]
    _, far = solved([[40]], [10], ["unreachable"])
    assert far.after_state.tolist() == [UNCOVERED]
    assert far.after_ms.tolist() == [40 * MINUTE]
    _, cut_off = solved([[NO_WAY]], [10], ["unreachable"])
    assert cut_off.after_state.tolist() == [UNREACHABLE]


def test_a_county_below_its_minimum_gets_its_site_in_the_first_year():
    minutes = [[5, NO_WAY, NO_WAY], [NO_WAY, 5, NO_WAY], [NO_WAY, NO_WAY, 5]]
    more = {"county": [0, 0, 1], "still_needed": [0, 1]}
    build, found = solved(minutes, [100, 90, 1], [60] * 3, by_year=(1, 2), **more)
    assert ids(build, found) == ["c02", "c00"]
    assert [year.gain for year in found.years] == [1, 101]
    assert found.years[-1].best.gain_bound == 101
    # More is needed than a year may open: its sites go to those counties alone.
    build, found = solved(
        minutes, [100, 90, 1], [60] * 3, by_year=(1, 3), county=[0, 0, 1], still_needed=[1, 1]
    )
    assert [year.gain for year in found.years] == [100, 191]


def test_places_without_a_site_come_first():
    minutes = [[5, NO_WAY, NO_WAY], [NO_WAY, 5, NO_WAY], [NO_WAY, NO_WAY, 5]]
    more = {"place": [0, 0, 1], "place_has_site": [False, False]}
    free = make(minutes, [100, 90, 1], [60, 60, 60], by_year=(2,), **more)
    assert ids(free, propose(free, EFFORT)) == ["c00", "c01"]
    ruled = dataclasses.replace(free, first_sites=True)
    found = propose(ruled, EFFORT)
    assert ids(ruled, found) == ["c00", "c02"]
    assert found.years[-1].best.gain_bound == 101
    assert found.without_first.gain == 190
    later = dataclasses.replace(ruled, by_year=(1, 2, 3))
    assert ids(later, propose(later, EFFORT)) == ["c00", "c02", "c01"]


def test_the_hard_rule_goes_before_the_soft_one():
    build, found = solved(
        [[5, 6, 7]], [10], [60], by_year=(2,), county=[0, 0, 1], still_needed=[2, 0],
        place=[0, 0, 1], place_has_site=[False, False], first_sites=True,
    )  # fmt: skip
    assert sorted(ids(build, found)) == ["c00", "c01"]


def test_no_site_is_taken_back_for_a_better_set_later():
    # c01 alone covers most, c00 and c02 together cover all: a year apart both cannot be had.
    minutes = [[NO_WAY, 5, NO_WAY], [5, 5, NO_WAY], [NO_WAY, 5, 5], [5, NO_WAY, NO_WAY],
               [NO_WAY, NO_WAY, 5]]  # fmt: skip
    _, found = solved(minutes, [1, 10, 10, 9, 9], [60] * 5, by_year=(1, 2))
    assert [year.best.gain for year in found.years] == [21, 38]
    assert [year.gain for year in found.years] == [19, 38]
    assert sum(year.gain for year in found.years) == 57  # 21 + 30 is less


def test_nothing_to_place_and_nobody_to_reach():
    _, none = solved([[5]], [10], [60], by_year=(0,))
    assert len(none.openings.site) == 0
    assert none.after_ms.tolist() == [60 * MINUTE]
    assert none.plain.gain_bound == 0
    _, empty = solved(np.zeros((1, 0)), [10], [60], by_year=(0, 0))
    assert len(empty.openings.site) == 0
    _, near = solved([[5]], [10], [20])
    assert near.years[0].gain == 0
    assert near.openings.worth[:, 2].tolist() == [150 * MINUTE]


# ---------------------------------------------------------------------------------------------
# Laws


@st.composite
def builds(draw, years=(1, 2), most=7):
    n = draw(st.integers(1, 7))
    k = draw(st.integers(1, most))
    counties = draw(st.integers(1, 3))
    times = st.sampled_from([NO_WAY, 0, 7, 12, 30, 31, 44])
    minutes = draw(st.lists(st.lists(times, min_size=k, max_size=k), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))
    today = st.sampled_from([10, 30, 31, 45, 90, "undetermined", "unreachable"])
    current = draw(st.lists(today, min_size=n, max_size=n))
    places = draw(st.integers(1, k))
    place = np.array(draw(st.lists(st.integers(0, places - 1), min_size=k, max_size=k)))
    of_place = st.lists(st.integers(0, counties - 1), min_size=places, max_size=places)
    county = np.array(draw(of_place))[place]
    there = np.bincount(county, minlength=counties)
    needed = np.array([draw(st.integers(0, min(2, int(most)))) for most in there])
    last = draw(st.integers(int(needed.sum()), k))
    turns = draw(st.integers(*years))
    steps = sorted(draw(st.lists(st.integers(0, last), min_size=turns - 1, max_size=turns - 1)))
    flags = st.lists(st.booleans(), min_size=places, max_size=places)
    return make(
        minutes, weight, current, by_year=(*steps, last), county=county, still_needed=needed,
        listed=np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))),
        listed_weight=draw(st.sampled_from([1, 3, 10])), place=place,
        place_has_site=np.array(draw(flags)), first_sites=draw(st.booleans()),
    )  # fmt: skip


def allowed(build: BuildOut, plan: tuple[int, ...], count: int) -> bool:
    """Whether these candidates may stand when there are `count`, told anew from the rules."""
    sites = list(plan)
    here = np.bincount(build.county[sites], minlength=len(build.still_needed))
    short = int(build.still_needed.sum())
    if count < short and ((here > build.still_needed).any() or len(sites) > count):
        return False
    if count >= short and (here < build.still_needed).any():
        return False
    opening = set(places_to_open(build).tolist())
    first = [place for place in build.place[sites].tolist() if place in opening]
    if opening and count <= len(opening):
        return len(first) == len(sites) == len(set(first))
    return not opening or set(first) == opening


def every_plan(build: BuildOut, count: int) -> list[tuple[int, ...]]:
    plans = combinations(range(build.candidates), count)
    return [plan for plan in plans if allowed(build, plan, count)]


def value(build: BuildOut, plan) -> tuple[int, int]:
    """People of listed townships, and all, newly within."""
    near = np.zeros(len(build.weight), bool)
    for c in plan:
        pairs = slice(build.indptr[c], build.indptr[c + 1])
        near[build.demand[pairs][build.ms[pairs] <= build.threshold_ms]] = True
    near &= build.open_to
    return int(build.weight[near & build.listed].sum()), int(build.weight[near].sum())


def stands(found: Proposal, turn: int) -> tuple[int, ...]:
    return tuple(sorted(found.openings.site[found.openings.year <= turn].tolist()))


@given(builds())
@LAWS
def test_every_year_keeps_the_rules_and_its_bound_is_the_best_of_all_plans(build):
    found = propose(build, EFFORT)
    for turn, (count, year) in enumerate(zip(build.by_year, found.years, strict=True)):
        plan = stands(found, turn)
        assert len(plan) == year.count == count
        assert allowed(build, plan, count)
        assert (year.listed, year.gain) == value(build, plan)
        best = max((value(build, plan) for plan in every_plan(build, count)), default=(0, 0))
        assert (year.best.listed, year.best.gain) == best
        assert year.best.status == "optimal"
        assert (year.best.listed_bound, year.best.gain_bound) == best
    plans = every_plan(build, build.by_year[-1])
    most = max((value(build, plan)[1] for plan in plans), default=0)
    assert found.plain.gain == found.plain.gain_bound == most


@given(builds(years=(2, 3), most=6))
@LAWS
def test_no_plan_of_all_years_covers_more(build):
    found = propose(build, EFFORT)

    def worth(plans) -> int:
        values = [value(build, plan) for plan in plans]
        weight = build.listed_weight
        return sum(listed * weight + gain - listed for listed, gain in values)

    ours = worth(stands(found, turn) for turn in range(len(build.by_year)))
    nested = (
        worth(plans)
        for plans in product(*(every_plan(build, count) for count in build.by_year))
        if all(set(a) <= set(b) for a, b in pairwise(plans))
    )
    assert ours == max(nested)


@given(builds(years=(1, 1)))
@LAWS
def test_one_year_is_the_best_plan_of_its_number(build):
    found = propose(build, EFFORT)
    last = found.years[-1]
    assert (last.listed, last.gain) == (last.best.listed, last.best.gain)
    assert found.openings.worth[:, 0].sum() == last.listed


@given(builds())
@LAWS
def test_states_after_agree_with_times_and_gains(build):
    found = propose(build, EFFORT)
    before, after = build.current_state, found.after_state
    newly = (after == COVERED) & (before != COVERED) & (before != UNDETERMINED)
    assert int(build.weight[newly].sum()) == found.years[-1].gain
    assert (after[before == COVERED] == COVERED).all()
    assert (before[after == UNDETERMINED] == UNDETERMINED).all()
    measured = (before == COVERED) | (before == UNCOVERED)
    assert (found.after_ms[measured] <= build.current_ms[measured]).all()
    saved = (build.current_ms - found.after_ms)[measured] @ build.weight[measured]
    assert int(found.openings.worth[:, 2].sum()) == int(saved)
    near = found.after_ms <= build.threshold_ms
    assert near[after == COVERED].all()
    assert (~near[after == UNCOVERED]).all()


@given(builds(), st.integers(2, 9))
@LAWS
def test_more_people_everywhere_scale_the_plan(build, factor):
    one = propose(build, EFFORT)
    many = propose(dataclasses.replace(build, weight=build.weight * factor), EFFORT)
    assert [factor * year.best.listed for year in one.years] == [y.best.listed for y in many.years]
    assert [factor * year.best.gain for year in one.years] == [y.best.gain for y in many.years]
    assert many.plain.gain == factor * one.plain.gain


@given(builds(years=(1, 1)), st.randoms(use_true_random=False))
@LAWS
def test_order_of_demand_and_names_of_candidates_change_no_figure(build, random):
    order = list(range(build.candidates))
    random.shuffle(order)
    pairs = [np.arange(build.indptr[c], build.indptr[c + 1]) for c in order]
    at = np.concatenate(pairs).astype(np.int64)
    moved = dataclasses.replace(
        build,
        candidate_id=np.array([f"x{i:02d}" for i in range(len(order))], dtype=object),
        indptr=np.cumsum([0, *(len(part) for part in pairs)]),
        demand=build.demand[at], ms=build.ms[at],
        county=build.county[order], place=build.place[order],
    )  # fmt: skip
    one, other = propose(build, EFFORT), propose(moved, EFFORT)
    assert one.years[-1].best.listed == other.years[-1].best.listed
    assert one.years[-1].best.gain == other.years[-1].best.gain
    assert one.plain.gain == other.plain.gain
    assert propose(build, EFFORT).openings.site.tolist() == one.openings.site.tolist()


@given(builds(), st.randoms(use_true_random=False))
@LAWS
def test_a_listed_person_weighs_more_than_all_others_together(build, random):
    """And what any people weigh together tells how many of them are listed, and how many all."""
    goal = goal_of(build)
    listed, others = goal.lexicographic[goal.listed], goal.lexicographic[~goal.listed]
    assert (listed // goal.people[goal.listed] > others.sum()).all()
    assert others.tolist() == goal.people[~goal.listed].tolist()
    for _ in range(9):
        covered = np.array([random.random() < 0.5 for _ in goal.people], bool)
        told = goal.told(int(goal.lexicographic[covered].sum()))
        assert told == (goal.people[covered & goal.listed].sum(), goal.people[covered].sum())


@given(st.integers(1, 6), st.integers(1, 6), st.data())
@LAWS
def test_sparse_pairs_hold_the_matrix(n, k, data):
    usable = np.array(data.draw(st.lists(st.booleans(), min_size=n * k, max_size=n * k)))
    usable = usable.reshape(n, k)
    ms = np.arange(n * k, dtype=np.int32).reshape(n, k)
    indptr, demand, times = sparse_pairs(ms, usable)
    found = {
        (int(demand[pair]), c): int(times[pair])
        for c in range(k)
        for pair in range(indptr[c], indptr[c + 1])
    }
    assert found == {(i, c): int(ms[i, c]) for i in range(n) for c in range(k) if usable[i, c]}


@pytest.mark.parametrize("first", [1_000, 100_000, 10_000_000])
def test_a_worth_far_from_one_costs_no_exactness(first):
    """Listed people weigh as much as all others: solvers are given worths near 1."""
    random = np.random.default_rng(first)
    n, k = 60, 20
    minutes = random.integers(5, 90, (n, k))
    weight = random.integers(1, 50, n)
    weight[0] = first
    listed = random.random(n) < 0.5
    listed[0] = False
    _, found = solved(minutes, weight, [120] * n, listed=listed, by_year=(3, 6))
    for year in found.years:
        assert year.best.listed == year.best.listed_bound
