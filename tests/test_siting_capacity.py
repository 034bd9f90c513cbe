"""Sites with little room: who is served, against every plan and every flow there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import maximum_flow

from geoplan.errors import BadInput
from geoplan.siting.areas import areas_of
from geoplan.siting.capacitated import capacitated_cover
from geoplan.siting.location import Effort, Found, LocationProblem, Solver
from geoplan.siting.lscp import lscp, partial_cover
from geoplan.siting.mclp import mclp
from geoplan.siting.pmedian import p_median
from geoplan.siting.serving import assignment
from tests.test_cover_models import THRESHOLD, country, near, plans
from tests.test_median_models import table
from tests.test_siting_rules import Plan, check, of_number, refused_number, ruled, spaced

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def roomy(draw: st.DrawFn) -> LocationProblem:
    problem = draw(ruled(6))
    room = st.lists(st.sampled_from([0, 3, 7, 20]), min_size=problem.sites, max_size=problem.sites)
    return replace(problem, capacity=np.array(draw(room), np.int64))


def flow(problem: LocationProblem, plan: Plan, wanted: np.ndarray | None = None) -> int:
    """The most people that a plan serves; of each area at most `wanted`, where that is given."""
    assert problem.capacity is not None
    area = areas_of(problem)[0]
    n, k = problem.points, problem.sites
    a = int(area.max()) + 1
    edges = np.zeros((a + n + k + 2, a + n + k + 2), np.int32)
    source, sink = a + n + k, a + n + k + 1
    edges[source, :a] = 10_000 if wanted is None else wanted[:a]
    for i in range(n):
        edges[area[i], a + i] = problem.weight[i]
        for j in np.flatnonzero(near(problem)[i]):
            edges[a + i, a + n + j] = problem.weight[i]
    for site in plan:
        edges[a + n + site, sink] = problem.capacity[site]
    return int(maximum_flow(sparse.csr_array(edges), source, sink).flow_value)


def shares_can_be_kept(problem: LocationProblem, plan: Plan) -> bool:
    wanted = areas_of(problem)[1]
    return flow(problem, plan, wanted) == wanted.sum() if wanted.any() else True


def check_served(problem: LocationProblem, found: Found, people: int) -> None:
    """The flow keeps to open sites in reach, their room and the people there are."""
    rows = assignment(problem, found)
    assert rows[:, 2].sum() == people and (rows[:, 2] > 0).all()
    assert np.isin(rows[:, 1], found.chosen).all()
    assert near(problem)[rows[:, 0], rows[:, 1]].all()
    here, used = np.zeros(problem.points, np.int64), np.zeros(problem.sites, np.int64)
    np.add.at(here, rows[:, 0], rows[:, 2])
    np.add.at(used, rows[:, 1], rows[:, 2])
    area, wanted = areas_of(problem)
    by_area = np.zeros(len(wanted), np.int64)
    np.add.at(by_area, area, here)
    assert problem.capacity is not None
    assert (here <= problem.weight).all() and (used <= problem.capacity).all()
    assert (by_area >= wanted).all()


@QUICK
@given(roomy(), st.integers(0, 4))
def test_capacitated_cover_is_the_best_of_all_plans(problem: LocationProblem, count: int) -> None:
    fitting = [plan for plan in of_number(problem, count) if shares_can_be_kept(problem, plan)]
    best = max((flow(problem, plan) for plan in fitting), default=None)
    found = mclp(problem, THRESHOLD, count)
    if refused_number(found):
        assert not any(len(plan) == count for plan in fitting)
        return
    check(problem, found, best)
    if best is not None:
        assert tuple(found.chosen.tolist()) in fitting
        check_served(problem, found, best)


@QUICK
@given(roomy(), st.one_of(st.none(), st.integers(0, 40)))
def test_the_least_that_serves_enough(problem: LocationProblem, people: int | None) -> None:
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    wanted = int(problem.weight.sum()) if people is None else people
    best = min(
        (
            int(cost[list(plan)].sum())
            for plan in plans(problem)
            if spaced(problem, plan)
            and flow(problem, plan) >= wanted
            and shares_can_be_kept(problem, plan)
        ),
        default=None,
    )
    if people is None:
        found = lscp(problem, THRESHOLD)
    else:
        found = partial_cover(problem, THRESHOLD, people)
    check(problem, found, best)
    if best is not None:
        check_served(problem, found, int(assignment(problem, found)[:, 2].sum()))
        assert assignment(problem, found)[:, 2].sum() >= wanted


def roomy_country(seed: int) -> LocationProblem:
    problem = country(seed, 150, 30)
    return replace(problem, capacity=np.random.default_rng(seed).integers(2000, 40_000, 30))


@pytest.mark.parametrize("solver", ["none", "highs", "scip"])
def test_search_optimum_and_bound_stand_in_order(solver: Solver) -> None:
    problem = roomy_country(1)
    best = capacitated_cover(problem, THRESHOLD, 8)
    found = capacitated_cover(problem, THRESHOLD, 8, Effort(solver=solver))
    assert best.status == "optimal"
    assert found.objective <= best.objective <= found.bound
    without = capacitated_cover(replace(problem, forbidden=np.arange(30) == 7), THRESHOLD, 8)
    assert without.objective <= best.objective


def test_endless_room_is_plain_covering() -> None:
    problem = country(2, 150, 30)
    endless = replace(problem, capacity=np.full(30, 10**7))
    assert (
        capacitated_cover(endless, THRESHOLD, 6).objective == mclp(problem, THRESHOLD, 6).objective
    )


def test_people_times_ten_and_room_times_ten() -> None:
    problem = roomy_country(3)
    assert problem.capacity is not None
    tenfold = replace(problem, weight=problem.weight * 10, capacity=problem.capacity * 10)
    once, ten = (capacitated_cover(p, THRESHOLD, 8).objective for p in (problem, tenfold))
    assert ten == 10 * once


def test_no_time_is_never_called_optimal() -> None:
    found = capacitated_cover(roomy_country(4), THRESHOLD, 8, Effort(seconds=0.0))
    assert found.status == "cut_off"
    assert found.bound >= capacitated_cover(roomy_country(4), THRESHOLD, 8).objective


def test_capacity_must_be_there_and_second_covers_know_none() -> None:
    problem = country(2, 50, 10)
    with pytest.raises(BadInput):
        capacitated_cover(problem, THRESHOLD, 3)
    with pytest.raises(BadInput):
        mclp(replace(problem, capacity=np.full(10, 5)), THRESHOLD, 3, times=2)


def way(problem: LocationProblem) -> np.ndarray:
    """Milliseconds (n, k); -1 where there is no way."""
    matrix = np.full((problem.points, problem.sites), -1, np.int64)
    rows = np.repeat(np.arange(problem.points), np.diff(problem.start))
    matrix[rows, problem.site] = problem.ms
    return matrix


def least_ways(problem: LocationProblem, plan: Plan) -> int | None:
    """Person-milliseconds of the best way to serve everybody, by a programme written anew."""
    rows, open_to = np.flatnonzero(problem.weight), np.array(plan, np.int64)
    ms = way(problem)[np.ix_(rows, open_to)]
    n, p = ms.shape
    if n == 0:
        return 0
    if p == 0:
        return None
    weight = problem.weight[rows]
    unit = np.ones(n, np.int64)
    if problem.capacity is None:
        unit = weight
    cost = np.where(ms >= 0, ms, 0) * unit[:, None]
    most = np.where(ms >= 0, (weight // unit)[:, None], 0)
    one = np.kron(np.eye(n), np.ones(p))
    limits = [LinearConstraint(one, weight // unit, weight // unit)]
    if problem.capacity is not None:
        limits.append(LinearConstraint(np.kron(unit, np.eye(p)), 0, problem.capacity[open_to]))
    area, wanted = areas_of(problem)
    within = (ms >= 0) & (ms <= THRESHOLD)
    for h in np.flatnonzero(wanted):
        here = (within & (area[rows] == h)[:, None]) * unit[:, None]
        limits.append(LinearConstraint(here.ravel()[None, :], wanted[h], np.inf))
    answer = milp(
        cost.ravel(), constraints=limits, bounds=Bounds(0, most.ravel()), integrality=np.ones(n * p)
    )
    return round(answer.fun) if answer.status == 0 else None


@QUICK
@given(ruled(6), st.integers(1, 4), st.booleans())
def test_medians_under_every_rule(problem: LocationProblem, count: int, has_room: bool) -> None:
    if has_room:
        room = np.random.default_rng(count).integers(0, 25, problem.sites)
        problem = replace(problem, capacity=room)
    worths = {plan: least_ways(problem, plan) for plan in of_number(problem, count)}
    fitting = {plan: worth for plan, worth in worths.items() if worth is not None}
    found = p_median(problem, count, None, THRESHOLD)
    if refused_number(found):
        assert not any(len(plan) == count for plan in fitting)
        return
    check(problem, found, min(fitting.values(), default=None))
    if fitting:
        flow = assignment(problem, found)
        ms = way(problem)[flow[:, 0], flow[:, 1]]
        assert (ms >= 0).all() and (ms * flow[:, 2]).sum() == found.objective
        assert flow[:, 2].sum() == problem.weight.sum()


def test_large_sums_are_proven_to_the_last_person_millisecond() -> None:
    """A solver's bound alone would leave hundreds of person-milliseconds open."""
    problem = table(60, 14, 5)
    cost = np.random.default_rng(2).integers(5, 20, 14)
    found = p_median(replace(problem, cost=cost, budget=45), 4)
    best = min(
        least_ways(problem, plan) or 0
        for plan in combinations(range(14), 4)
        if cost[list(plan)].sum() <= 45
    )
    assert (found.objective, found.bound, found.status) == (best, best, "optimal")


@pytest.mark.parametrize("room", [False, True])
def test_median_cut_off_leaves_plan_and_bound(room: bool) -> None:
    problem = replace(table(80, 20, 7), cost=np.arange(20) % 7 + 3, budget=25)
    if room:
        problem = replace(problem, capacity=np.full(20, int(problem.weight.sum()) // 4))
    best = p_median(problem, 6)
    assert best.status == "optimal"
    for effort in (Effort(seconds=0.0), Effort(solver="none")):
        found = p_median(problem, 6, effort)
        assert found.bound <= best.objective
        if len(found.chosen):
            assert found.objective >= best.objective
    assert p_median(problem, 6, Effort(seconds=0.0)).status == "cut_off"
