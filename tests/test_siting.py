"""Siting: cases worked by hand, and laws against a search of every plan on small problems."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import BadInput
from geoplan.model import Coverage
from geoplan.siting import (
    Objective,
    SitingProblem,
    gain_bound,
    listed_bound,
    mclp_plain,
    propose,
    sparse_pairs,
)

MINUTE = 60_000
NO_WAY = -1
COVERED, UNCOVERED, UNDETERMINED, UNREACHABLE = (int(state) for state in Coverage)


def make(minutes, weight, current, **more):
    """A problem from a demand x candidate table of minutes (NO_WAY: none) and today's minutes.

    `current` may hold a number of minutes, "undetermined" or "unreachable".
    """
    minutes = np.array(minutes, dtype=np.int64).reshape(len(weight), -1)
    k = minutes.shape[1]
    threshold = more.pop("threshold", 30)
    indptr, demand, ms = sparse_pairs(
        (np.maximum(minutes, 0) * MINUTE).astype(np.int32), minutes != NO_WAY
    )
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
        "ms": ms,
        "weight": np.array(weight, dtype=np.int64),
        "listed": np.zeros(len(weight), dtype=bool),
        "current_ms": np.array(known, dtype=np.int64) * MINUTE,
        "current_state": np.array(state, dtype=np.uint8),
        "threshold_ms": threshold * MINUTE,
        "count": 1,
        "group": np.zeros(k, dtype=np.int64),
        "still_needed": np.zeros(1, dtype=np.int64),
        "place": np.arange(k),
        "place_has_site": np.zeros(k, dtype=bool),
    }
    for name, value in more.items():
        fields[name] = np.array(value) if isinstance(value, list) else value
    return SitingProblem(**fields)


# ---------------------------------------------------------------------------------------------
# By hand


def test_listed_people_come_before_a_larger_city():
    problem = make([[10, NO_WAY], [NO_WAY, 10]], [100, 900], [60, 60], listed=[True, False])
    proposal = propose(problem)
    assert list(proposal.candidate_id) == ["c00"]
    assert proposal.listed_gain.tolist() == [100]
    assert proposal.gain.tolist() == [100]
    assert proposal.saved_person_ms.tolist() == [100 * 50 * MINUTE]
    assert list(mclp_plain(problem).candidate_id) == ["c01"]


def test_gains_are_marginal_and_add_up():
    minutes = [[5, 9, NO_WAY], [5, NO_WAY, 6], [NO_WAY, 9, 6]]
    proposal = propose(make(minutes, [10, 20, 30], [60, 60, 60], count=2))
    assert list(proposal.candidate_id) == ["c02", "c00"]
    assert proposal.gain.tolist() == [50, 10]
    # the second site also brings the 20 people one minute nearer
    assert proposal.saved_person_ms.tolist() == [50 * 54 * MINUTE, (10 * 55 + 20) * MINUTE]
    assert proposal.after_ms.tolist() == [5 * MINUTE, 5 * MINUTE, 6 * MINUTE]
    assert set(proposal.after_state) == {COVERED}


def test_the_threshold_is_inclusive_to_the_millisecond():
    problem = make([[30]], [7], [31])
    assert propose(problem).gain.tolist() == [7]
    assert gain_bound(problem) == 7
    late = dataclasses.replace(problem, ms=problem.ms + np.int32(1))
    assert propose(late).gain.tolist() == [0]
    assert gain_bound(late) == 0
    assert propose(late).after_state.tolist() == [UNCOVERED]
    assert propose(late).after_ms.tolist() == [30 * MINUTE + 1]


def test_ties_go_to_the_lowest_id():
    assert list(propose(make([[9, 9, 9]], [5], [60], count=2)).candidate_id) == ["c00", "c01"]


def test_equal_people_are_told_apart_by_time_saved():
    assert list(propose(make([[20, 10]], [5], [60])).candidate_id) == ["c01"]


def test_equal_gains_are_told_apart_by_the_people_of_the_place():
    problem = make([[9, 9, 9]], [5], [60], place_people=[3, 8, 8], count=2)
    assert list(propose(problem).candidate_id) == ["c01", "c02"]
    nearer = make([[9, 8, 9]], [5], [60], place_people=[3, 1, 8])
    assert list(propose(nearer).candidate_id) == ["c01"]


def test_undetermined_demand_counts_in_nothing():
    problem = make([[5, 8], [NO_WAY, 8]], [1000, 1], ["undetermined", 60], listed=[True, False])
    proposal = propose(problem)
    assert list(proposal.candidate_id) == ["c01"]
    assert proposal.listed_gain.sum() == 0
    assert proposal.gain.sum() == 1
    assert proposal.after_state.tolist() == [COVERED, COVERED]  # settled, and nobody's gain
    assert (listed_bound(problem), gain_bound(problem)) == (0, 1)


def test_unreachable_demand_is_covered_but_saves_no_minutes():
    problem = make([[5, 40], [50, 40]], [10, 10], ["unreachable", 60], count=2)
    proposal = propose(problem)
    assert proposal.gain.tolist() == [10, 0]
    assert proposal.saved_person_ms.tolist() == [10 * 10 * MINUTE, 10 * 10 * MINUTE]
    far = propose(make([[40]], [10], ["unreachable"]))
    assert far.after_state.tolist() == [UNCOVERED]
    assert far.after_ms.tolist() == [40 * MINUTE]
    assert (far.gain.sum(), far.saved_person_ms.sum()) == (0, 0)
    cut_off = propose(make([[NO_WAY]], [10], ["unreachable"]))
    assert cut_off.after_state.tolist() == [UNREACHABLE]


def test_the_last_picks_are_reserved_for_groups_that_are_short():
    minutes = [[5, NO_WAY, NO_WAY], [NO_WAY, 5, NO_WAY], [NO_WAY, NO_WAY, 5]]
    problem = make(
        minutes, [100, 90, 1], [60, 60, 60], count=2, group=[0, 0, 1], still_needed=[0, 1]
    )
    proposal = propose(problem)
    assert list(proposal.candidate_id) == ["c00", "c02"]
    assert gain_bound(problem) == 101


def test_places_without_a_site_come_first():
    minutes = [[5, NO_WAY, NO_WAY], [NO_WAY, 5, NO_WAY], [NO_WAY, NO_WAY, 5]]
    more = {"place": [0, 0, 1], "place_has_site": [False, False]}
    problem = make(minutes, [100, 90, 1], [60, 60, 60], count=2, **more)
    assert list(propose(problem).candidate_id) == ["c00", "c01"]
    ruled = dataclasses.replace(problem, places_without_first=True)
    assert list(propose(ruled).candidate_id) == ["c00", "c02"]
    assert gain_bound(ruled) == 101
    all_three = dataclasses.replace(ruled, count=3)
    assert list(propose(all_three).candidate_id) == ["c00", "c02", "c01"]


def test_the_hard_rule_goes_before_the_soft_one():
    problem = make(
        [[5, 6, 7]], [10], [60], count=2,
        group=[0, 0, 1], still_needed=[2, 0],
        place=[0, 0, 1], place_has_site=[False, False], places_without_first=True,
    )  # fmt: skip
    assert list(propose(problem).candidate_id) == ["c00", "c01"]


def test_an_exchange_mends_a_greedy_choice():
    # the middle candidate is best alone, the two outer ones are best together
    minutes = [[NO_WAY, 5, NO_WAY], [5, 5, NO_WAY], [NO_WAY, 5, 5], [5, NO_WAY, NO_WAY],
               [NO_WAY, NO_WAY, 5]]  # fmt: skip
    problem = make(minutes, [1, 10, 10, 9, 9], [60] * 5, count=2)
    assert propose(problem, exchange=False).gain.sum() == 30
    assert propose(problem).gain.tolist() == [19, 19]
    assert gain_bound(problem) == 38


def test_the_undetermined_are_settled_by_a_proposal_beside_them():
    undetermined = int(Coverage.UNDETERMINED)
    problem = make([[5], [40], [5]], [3, 2, 7], [60, 60, 0])
    states = np.array([problem.current_state[0], undetermined, undetermined], np.uint8)
    problem = dataclasses.replace(problem, current_state=states)
    found = propose(problem)
    # Nobody's gain, but surely within afterwards if the new site is near enough.
    assert found.gain.tolist() == [3]
    assert found.after_state.tolist() == [Coverage.COVERED, undetermined, Coverage.COVERED]


def test_nothing_to_place_and_nobody_to_reach():
    none = make([[5]], [10], [60], count=0)
    assert len(propose(none).chosen) == 0
    assert propose(none).after_ms.tolist() == [60 * MINUTE]
    assert gain_bound(none) == 0
    empty = make(np.zeros((1, 0)), [10], [60], count=0)
    assert len(propose(empty).chosen) == 0
    everybody_near = make([[5]], [10], [20])
    assert propose(everybody_near).gain.tolist() == [0]
    assert propose(everybody_near).saved_person_ms.tolist() == [150 * MINUTE]
    assert gain_bound(everybody_near) == 0


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("siting_count_above_candidates", {"count": 4}),
        ("siting_minimum_above_count", {"still_needed": [2]}),
        (
            "siting_minimum_above_candidates",
            {"count": 3, "group": [0, 0, 1], "still_needed": [0, 2]},
        ),
        ("siting_negative", {"count": -1}),
        ("siting_negative", {"weight": [5, -5]}),
        ("siting_shape", {"listed": [True]}),
        ("siting_shape", {"place_people": [1, 2]}),
        ("siting_position", {"group": [0, 0, 1]}),
        ("siting_position", {"place": [0, 1, 3]}),
        ("siting_double_candidate", {"candidate_id": ["a", "b", "a"]}),
        ("siting_unsorted_candidates", {"candidate_id": ["a", "c", "b"]}),
        (
            "siting_place_in_two_groups",
            {"group": [0, 0, 1], "still_needed": [0, 0], "place": [0] * 3},
        ),
        ("siting_state", {"current_state": [1, 9]}),
        ("siting_state_time", {"current_ms": [40 * MINUTE, 20 * MINUTE]}),
        ("siting_unsorted_pairs", {"demand": [0, 0, 0, 1, 0, 1]}),
        ("siting_indptr", {"indptr": [0, 2, 4, 5]}),
    ],
)  # fmt: skip
def test_a_problem_that_cannot_be_solved_is_refused_with_its_reason(code, change):
    problem = make([[5, 6, 7], [5, 6, 7]], [5, 5], [60, 60])
    arrays = {name: np.array(v) if isinstance(v, list) else v for name, v in change.items()}
    with pytest.raises(BadInput) as caught:
        dataclasses.replace(problem, **arrays)
    assert [fault.code for fault in caught.value.faults] == [code]
    for lang in ("zh", "en"):
        assert "{" not in caught.value.faults[0].tell(lang)


def test_every_fault_of_the_rules_is_told_at_once():
    problem = make([[5, 6, 7]], [5], [60])
    with pytest.raises(BadInput) as caught:
        dataclasses.replace(problem, count=4, still_needed=np.array([5]))
    assert {fault.code for fault in caught.value.faults} == {
        "siting_count_above_candidates",
        "siting_minimum_above_count",
        "siting_minimum_above_candidates",
    }


# ---------------------------------------------------------------------------------------------
# Laws


@st.composite
def problems(draw, soft=None):
    n = draw(st.integers(1, 9))
    k = draw(st.integers(1, 10))
    groups = draw(st.integers(1, 3))
    times = st.sampled_from([NO_WAY, 0, 7, 12, 30, 31, 44])
    minutes = draw(st.lists(st.lists(times, min_size=k, max_size=k), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))
    today = st.sampled_from([10, 30, 31, 45, 90, "undetermined", "unreachable"])
    current = draw(st.lists(today, min_size=n, max_size=n))
    places = draw(st.integers(1, k))
    place = np.array(draw(st.lists(st.integers(0, places - 1), min_size=k, max_size=k)))
    group_of_place = np.array(
        draw(st.lists(st.integers(0, groups - 1), min_size=places, max_size=places))
    )
    group = group_of_place[place]
    there = np.bincount(group, minlength=groups)
    needed = np.array([draw(st.integers(0, min(2, int(most)))) for most in there])
    count = draw(st.integers(int(needed.sum()), k))
    return make(
        minutes, weight, current, count=count, group=group, still_needed=needed, place=place,
        listed=np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))),
        place_has_site=np.array(draw(st.lists(st.booleans(), min_size=places, max_size=places))),
        places_without_first=draw(st.booleans()) if soft is None else soft,
        place_people=draw(
            st.none()
            | st.lists(st.integers(0, 5), min_size=places, max_size=places).map(np.array)
        ),
    )  # fmt: skip


def opened(problem, plan):
    """How many places of the plan had no site."""
    places = np.unique(problem.place[list(plan)])
    return int((~problem.place_has_site[places]).sum())


def every_plan(problem):
    """All plans under both rules, by trying each set of candidates."""
    fitting = []
    for plan in combinations(range(len(problem.candidate_id)), problem.count):
        here = np.bincount(problem.group[list(plan)], minlength=len(problem.still_needed))
        if (here >= problem.still_needed).all():
            fitting.append(plan)
    if problem.places_without_first:
        most = max((opened(problem, plan) for plan in fitting), default=0)
        fitting = [plan for plan in fitting if opened(problem, plan) == most]
    return fitting


def value(problem, plan):
    """Listed gain, gain, person-ms saved and people of its places: what a plan is worth."""
    listed = gain = saved = 0
    of_places = 0
    if problem.place_people is not None:
        of_places = int(problem.place_people[problem.place[list(plan)]].sum())
    for i in range(len(problem.weight)):
        people, state = int(problem.weight[i]), problem.current_state[i]
        times = [
            int(problem.ms[pair])
            for c in plan
            for pair in range(problem.indptr[c], problem.indptr[c + 1])
            if problem.demand[pair] == i
        ]
        if state == UNDETERMINED or not times:
            continue
        if state != COVERED and min(times) <= problem.threshold_ms:
            gain += people
            listed += people * bool(problem.listed[i])
        if state != UNREACHABLE:
            saved += people * max(0, int(problem.current_ms[i]) - min(times))
    return listed, gain, saved, of_places


def totals(proposal):
    return (
        int(proposal.listed_gain.sum()),
        int(proposal.gain.sum()),
        int(proposal.saved_person_ms.sum()),
    )


@given(problems(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_plan_beats_the_bound_and_the_proposal_is_one_of_the_plans(problem, exchange):
    plans = every_plan(problem)
    proposal = propose(problem, exchange=exchange)
    assert tuple(sorted(proposal.chosen.tolist())) in plans
    assert totals(proposal) == value(problem, proposal.chosen.tolist())[:3]
    values = [value(problem, plan)[:3] for plan in plans]
    assert totals(proposal) <= max(values)
    assert max(listed for listed, _, _ in values) <= listed_bound(problem)
    assert max(gain for _, gain, _ in values) <= gain_bound(problem)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_exchanges_never_make_a_plan_worse(problem):
    assert totals(propose(problem)) >= totals(propose(problem, exchange=False))
    plain = propose(problem, Objective.PEOPLE)
    assert totals(plain)[1:] >= totals(propose(problem, Objective.PEOPLE, exchange=False))[1:]


@given(problems())
@settings(max_examples=100, deadline=None)
def test_no_single_exchange_would_help(problem):
    chosen = set(propose(problem).chosen.tolist())
    best = value(problem, chosen)
    for plan in every_plan(problem):
        if len(chosen - set(plan)) <= 1:
            assert value(problem, plan) <= best


@given(problems())
@settings(max_examples=100, deadline=None)
def test_the_first_pick_is_the_best_allowed_one(problem):
    free = np.zeros_like(problem.still_needed)
    problem = dataclasses.replace(problem, count=max(problem.count, 1), still_needed=free)
    first = int(propose(problem, exchange=False).chosen[0])
    rivals = range(len(problem.candidate_id))
    if problem.places_without_first:
        lacking = [c for c in rivals if not problem.place_has_site[problem.place[c]]]
        rivals = lacking or rivals
    best = max(value(problem, [c]) for c in rivals)
    assert first == min(c for c in rivals if value(problem, [c]) == best)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_states_after_agree_with_times_and_gains(problem):
    proposal = propose(problem)
    before, after = problem.current_state, proposal.after_state
    newly = (after == COVERED) & (before != COVERED) & (before != UNDETERMINED)
    assert int(problem.weight[newly].sum()) == int(proposal.gain.sum())
    assert (after[before == COVERED] == COVERED).all()
    assert (before[after == UNDETERMINED] == UNDETERMINED).all()
    assert np.isin(after[before == UNDETERMINED], [UNDETERMINED, COVERED]).all()
    measured = (before == COVERED) | (before == UNCOVERED)
    assert (proposal.after_ms[measured] <= problem.current_ms[measured]).all()
    near = proposal.after_ms <= problem.threshold_ms
    assert (near[(after == COVERED)]).all()
    assert (~near[(after == UNCOVERED)]).all()


@given(problems(soft=False), st.data())
@settings(max_examples=100, deadline=None)
def test_one_candidate_more_never_lowers_the_bound(problem, data):
    n, k = len(problem.weight), len(problem.candidate_id)
    demand = np.array(sorted(data.draw(st.sets(st.integers(0, n - 1)))), dtype=np.int32)
    home = data.draw(st.integers(0, len(problem.still_needed) - 1))
    more = dataclasses.replace(
        problem,
        candidate_id=np.append(problem.candidate_id, "d"),
        indptr=np.append(problem.indptr, len(problem.ms) + len(demand)),
        demand=np.concatenate([problem.demand, demand]),
        ms=np.concatenate([problem.ms, np.full(len(demand), 9 * MINUTE, dtype=np.int32)]),
        group=np.append(problem.group, home),
        place=np.append(problem.place, len(problem.place_has_site)),
        place_has_site=np.append(problem.place_has_site, False),
        place_people=None,
    )
    assert len(more.candidate_id) == k + 1
    assert gain_bound(more) >= gain_bound(problem)
    assert listed_bound(more) >= listed_bound(problem)


@given(problems(), st.integers(2, 9))
@settings(max_examples=100, deadline=None)
def test_more_people_everywhere_scale_the_plan(problem, factor):
    scaled = dataclasses.replace(problem, weight=problem.weight * factor)
    one, many = propose(problem), propose(scaled)
    assert many.chosen.tolist() == one.chosen.tolist()
    assert totals(many) == tuple(factor * total for total in totals(one))
    assert factor * gain_bound(problem) <= gain_bound(scaled) + factor - 1
    assert gain_bound(scaled) < factor * (gain_bound(problem) + 1)


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_demand_changes_nothing(problem, random):
    new_place = list(range(len(problem.weight)))
    random.shuffle(new_place)
    old = np.argsort(new_place)
    demand, ms = problem.demand.copy(), problem.ms.copy()
    for c in range(len(problem.candidate_id)):
        pairs = slice(problem.indptr[c], problem.indptr[c + 1])
        moved = np.array(new_place, dtype=np.int32)[problem.demand[pairs]]
        order = np.argsort(moved)
        demand[pairs], ms[pairs] = moved[order], problem.ms[pairs][order]
    shuffled = dataclasses.replace(
        problem, demand=demand, ms=ms, weight=problem.weight[old], listed=problem.listed[old],
        current_ms=problem.current_ms[old], current_state=problem.current_state[old],
    )  # fmt: skip
    one, other = propose(problem), propose(shuffled)
    assert other.candidate_id.tolist() == one.candidate_id.tolist()
    assert totals(other) == totals(one)
    assert other.after_ms.tolist() == one.after_ms[old].tolist()
    assert gain_bound(shuffled) == gain_bound(problem)


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_renamed_and_reordered_candidates_change_only_names(problem, random):
    order = list(range(len(problem.candidate_id)))
    random.shuffle(order)
    pairs = [np.arange(problem.indptr[c], problem.indptr[c + 1]) for c in order]
    at = np.concatenate(pairs).astype(np.int64)
    moved = dataclasses.replace(
        problem,
        candidate_id=np.array([f"x{i:02d}" for i in range(len(order))], dtype=object),
        indptr=np.cumsum([0, *(len(part) for part in pairs)]),
        demand=problem.demand[at], ms=problem.ms[at],
        group=problem.group[order], place=problem.place[order],
    )  # fmt: skip
    assert gain_bound(moved) == gain_bound(problem)
    assert listed_bound(moved) == listed_bound(problem)
    # the same sites are worth the same; which of equal ones is taken is for the id to say
    back = [order[c] for c in propose(moved).chosen]
    assert totals(propose(moved)) == value(problem, back)[:3]
    names = np.array([f"y{i:02d}" for i in range(len(order))], dtype=object)
    renamed = propose(dataclasses.replace(problem, candidate_id=names))
    assert renamed.chosen.tolist() == propose(problem).chosen.tolist()


@given(st.integers(1, 6), st.integers(1, 6), st.data())
@settings(max_examples=60, deadline=None)
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
