"""Covering models against every plan there is, their laws, and the traps of the field."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoplan.errors import BadInput
from geoplan.siting import mclp as mclp_module
from geoplan.siting.location import Effort, Found, LocationProblem, Solver
from geoplan.siting.lscp import lscp, partial_cover
from geoplan.siting.mclp import mclp
from geoplan.siting.reduce import reduce_cover
from geoplan.travel import compiled

THRESHOLD = 600_000
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def problem_of(ms: np.ndarray, weight: list[int], **rules: Any) -> LocationProblem:
    """From a dense matrix; negative is no way."""
    k = ms.shape[1]
    way = ms >= 0
    values: dict[str, Any] = {
        "start": np.concatenate([[0], np.cumsum(way.sum(1))]).astype(np.int64),
        "site": np.nonzero(way)[1].astype(np.int32),
        "ms": ms[way].astype(np.int64),
        "weight": np.array(weight, np.int64),
        "sites": k,
        "fixed": np.zeros(k, np.bool_),
        "forbidden": np.zeros(k, np.bool_),
    }
    return LocationProblem(**(values | rules))


@st.composite
def problems(draw: st.DrawFn, most_sites: int = 9, ruled: bool = True) -> LocationProblem:
    k, n = draw(st.integers(1, most_sites)), draw(st.integers(1, 10))
    cell = st.sampled_from([-1, 0, THRESHOLD - 1, THRESHOLD, THRESHOLD + 1])
    ms = np.array(draw(st.lists(cell, min_size=n * k, max_size=n * k))).reshape(n, k)
    weight = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    if not ruled:
        return problem_of(ms, weight)
    flags = st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=k, max_size=k)
    kind = np.array(draw(flags))
    rules: dict[str, object] = {"fixed": kind == 1, "forbidden": kind == 2}
    if draw(st.booleans()):
        group = draw(st.lists(st.integers(0, 2), min_size=k, max_size=k))
        rules["group"] = np.array(group, np.int64)
        quotas = st.lists(st.integers(0, 2), min_size=3, max_size=3)
        rules["at_least"] = np.array(draw(quotas), np.int64)
        rules["at_most"] = rules["at_least"] + np.array(draw(quotas), np.int64)
    if draw(st.booleans()):
        cost = draw(st.lists(st.integers(0, 5), min_size=k, max_size=k))
        rules["cost"] = np.array(cost, np.int64)
        if draw(st.booleans()):
            rules["budget"] = draw(st.integers(0, 15))
    return problem_of(ms, weight, **rules)


def plans(problem: LocationProblem) -> list[tuple[int, ...]]:
    """Every plan that keeps the rules, but for the number of sites."""
    free = np.flatnonzero(~(problem.fixed | problem.forbidden))
    if (problem.fixed & problem.forbidden).any():
        return []
    fixed = tuple(np.flatnonzero(problem.fixed))
    allowed = []
    for size in range(len(free) + 1):
        for new in combinations(free, size):
            plan = tuple(sorted(fixed + new))
            money = 0 if problem.cost is None else problem.cost[list(plan)].sum()
            if problem.budget is not None and money > problem.budget:
                continue
            group = problem.group if problem.group is not None else np.zeros(problem.sites, int)
            counts = np.bincount(group[list(plan)], minlength=problem.groups)
            if problem.at_least is not None and (counts < problem.at_least).any():
                continue
            if problem.at_most is not None and (counts > problem.at_most).any():
                continue
            allowed.append(plan)
    return allowed


def near(problem: LocationProblem) -> np.ndarray:
    matrix = np.zeros((problem.points, problem.sites), np.bool_)
    rows = np.repeat(np.arange(problem.points), np.diff(problem.start))
    within = problem.ms <= THRESHOLD
    matrix[rows[within], problem.site[within]] = True
    return matrix


def covered(problem: LocationProblem, plan: tuple[int, ...], times: int = 1) -> int:
    return int(problem.weight[near(problem)[:, list(plan)].sum(1) >= times].sum())


def check(found: Found, best: int | None, problem: LocationProblem) -> None:
    if best is None:
        assert found.status == "infeasible"
        assert all(why.tell("en") and why.tell("zh") for why in found.why)
        assert found.why
        return
    assert (found.objective, found.bound, found.status) == (best, best, "optimal")
    assert tuple(found.chosen) in plans(problem)


@QUICK
@given(problems(), st.integers(0, 6), st.sampled_from([1, 1, 2]))
def test_mclp_is_the_best_of_all_plans(problem: LocationProblem, count: int, times: int) -> None:
    exact = problem.budget is None
    fitting = [
        plan for plan in plans(problem) if (len(plan) == count if exact else len(plan) <= count)
    ]
    found = mclp(problem, THRESHOLD, count, times)
    best = max((covered(problem, plan, times) for plan in fitting), default=None)
    check(found, best, problem)
    if best is not None:
        assert tuple(found.chosen) in fitting
        assert covered(problem, tuple(found.chosen), times) == best


@QUICK
@given(problems())
def test_lscp_is_the_least_of_all_plans(problem: LocationProblem) -> None:
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    everybody = int(problem.weight.sum())
    best = min(
        (int(cost[list(p)].sum()) for p in plans(problem) if covered(problem, p) == everybody),
        default=None,
    )
    check(lscp(problem, THRESHOLD), best, problem)


@QUICK
@given(problems(), st.integers(0, 60))
def test_partial_cover_is_the_least_of_all_plans(problem: LocationProblem, people: int) -> None:
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    best = min(
        (int(cost[list(p)].sum()) for p in plans(problem) if covered(problem, p) >= people),
        default=None,
    )
    check(partial_cover(problem, THRESHOLD, people), best, problem)


def country(seed: int, n: int = 300, k: int = 60) -> LocationProblem:
    draw = np.random.default_rng(seed)
    points, sites = draw.random((n, 2)), draw.random((k, 2))
    ms = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)) * 4_000_000
    ms[ms > 900_000] = -1
    weight = draw.integers(0, 3000, n)
    return problem_of(np.rint(ms), weight.tolist(), group=draw.integers(0, 5, k))


@pytest.mark.parametrize("solver", ["none", "highs", "scip"])
@pytest.mark.parametrize("times", [1, 2])
def test_heuristic_optimum_and_bound_stand_in_order(solver: Solver, times: int) -> None:
    problem, count = country(3, 200, 40), 12 if times == 1 else 6
    best = mclp(problem, THRESHOLD, count, times, Effort(solver="highs"))
    assert best.status == "optimal"
    found = mclp(problem, THRESHOLD, count, times, Effort(solver=solver))
    assert found.objective <= best.objective <= found.bound
    assert len(found.chosen) == count


@pytest.mark.parametrize("quotas", [False, True])
def test_lagrangian_bound_holds(monkeypatch: pytest.MonkeyPatch, quotas: bool) -> None:
    problem = country(4)
    if quotas:
        rules = {"at_least": np.full(5, 1), "at_most": np.array([2, 2, 9, 9, 2])}
        problem = replace(problem, **rules)
    best = mclp(problem, THRESHOLD, 12)
    monkeypatch.setattr(mclp_module, "LP_PAIRS", 0)
    found = mclp(problem, THRESHOLD, 12, effort=Effort(solver="none"))
    assert found.objective <= best.objective <= found.bound
    assert found.gap < 0.03
    assert mclp(problem, THRESHOLD, 12).objective == best.objective


def test_one_more_candidate_never_hurts() -> None:
    problem = country(5)
    without = replace(problem, forbidden=np.arange(60) >= 50)
    assert mclp(without, THRESHOLD, 8).objective <= mclp(problem, THRESHOLD, 8).objective
    whole = replace(problem, weight=np.where(near(without)[:, :50].any(1), problem.weight, 0))
    without = replace(without, weight=whole.weight)
    assert lscp(without, THRESHOLD).objective >= lscp(whole, THRESHOLD).objective


def test_scaled_weights_scale_the_people() -> None:
    problem = country(6)
    scaled = replace(problem, weight=problem.weight * 1000)
    one, many = mclp(problem, THRESHOLD, 9), mclp(scaled, THRESHOLD, 9)
    assert many.objective == 1000 * one.objective
    assert one.status == many.status == "optimal"


def test_other_names_change_nothing_else() -> None:
    problem = country(7)
    order = np.random.default_rng(1).permutation(60)  # new position -> old site
    turned = near(problem)[:, order]
    other = problem_of(np.where(turned, 0, -1), problem.weight.tolist())
    rows = np.random.default_rng(2).permutation(300)
    third = problem_of(np.where(turned[rows], 0, -1), problem.weight[rows].tolist())
    values = {mclp(p, THRESHOLD, 9).objective for p in (problem, other, third)}
    assert len(values) == 1
    share = int(problem.weight.sum() * 0.6)
    assert len({partial_cover(p, THRESHOLD, share).objective for p in (problem, third)}) == 1


def test_same_seed_same_answer() -> None:
    problem = country(8)
    first, again = (mclp(problem, THRESHOLD, 11, effort=Effort(seed=5)) for _ in range(2))
    assert (first.chosen == again.chosen).all()
    assert (first.objective, first.bound) == (again.objective, again.bound)


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_stopped_by_time_is_never_called_optimal(solver: Solver) -> None:
    problem = country(9, 900, 120)
    found = mclp(problem, THRESHOLD, 15, 2, Effort(seconds=0.05, solver=solver))
    assert found.status == "cut_off"
    assert found.objective < found.bound
    assert len(found.chosen) == 15
    assert found.objective == covered(problem, tuple(found.chosen), 2)


def test_ctrl_c_leaves_the_best_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    problem = country(9, 900, 120)
    monkeypatch.setattr(mclp_module, "linear_prices", interrupted)
    found = mclp(problem, THRESHOLD, 15)
    assert found.status == "cut_off"
    assert found.objective < found.bound
    assert len(found.chosen) == 15


def conflict(problem: LocationProblem, count: int | None = None) -> str:
    found = lscp(problem, THRESHOLD) if count is None else mclp(problem, THRESHOLD, count)
    assert found.status == "infeasible"
    return found.why[0].code.removeprefix("location_")


def test_contradicting_rules_are_named() -> None:
    square = problem_of(np.where(np.eye(4), 0, -1), [1, 1, 1, 1], group=np.array([0, 0, 1, 1]))
    two = np.array([True, True, False, False])
    assert conflict(replace(square, fixed=two, forbidden=two), 2) == "fixed_and_forbidden"
    assert conflict(square, 5) == "count_above_sites"
    assert conflict(replace(square, fixed=two), 1) == "fixed_above_count"
    some = replace(square, at_least=np.array([2, 1]))
    assert conflict(some, 2) == "quotas_above_count"
    assert conflict(replace(square, at_most=np.array([1, 1])), 3) == "quotas_below_count"
    assert conflict(replace(some, at_most=np.array([1, 2])), 3) == "quota_contradicts"
    assert conflict(replace(square, at_least=np.array([3, 0])), 4) == "quota_above_sites"
    assert conflict(replace(square, fixed=two, at_most=np.array([1, 2])), 3) == "fixed_above_quota"
    costly = replace(some, cost=np.full(4, 10), budget=20)
    assert conflict(costly, 4) == "minimums_above_budget"
    assert conflict(replace(square, fixed=two, cost=np.full(4, 9), budget=9), 4) == (
        "fixed_above_budget"
    )
    assert conflict(replace(square, forbidden=two)) == "uncoverable"
    capped = replace(square, at_most=np.array([2, 1]))
    found = lscp(capped, THRESHOLD)
    told = [(why.code.removeprefix("location_conflict_"), why.values) for why in found.why[1:]]
    assert told == [
        ("demand", {"points": (2, 3), "count": 2}),
        ("at_most", {"group": 1, "number": 1}),
    ]
    assert partial_cover(square, THRESHOLD, 5).why[0].code == "location_share_uncoverable"


def test_unreachable_demand_is_named_by_its_rows() -> None:
    problem = problem_of(np.array([[0, -1], [-1, -1], [-1, THRESHOLD + 1]]), [5, 5, 5])
    why = lscp(problem, THRESHOLD).why[0]
    assert why.rows == (3, 4)
    assert list(reduce_cover(problem, THRESHOLD).lost_rows) == [1, 2]
    nobody = replace(problem, weight=np.array([5, 0, 0]))
    assert lscp(nobody, THRESHOLD).objective == 1


def test_the_threshold_itself_is_within() -> None:
    problem = problem_of(np.array([[THRESHOLD, -1], [-1, THRESHOLD + 1]]), [3, 4])
    assert mclp(problem, THRESHOLD, 1).objective == 3
    assert mclp(problem, THRESHOLD + 1, 2).objective == 7


def test_bad_input_is_told_all_at_once() -> None:
    good = problem_of(np.zeros((2, 3)), [1, 2])
    with pytest.raises(BadInput) as told:
        replace(good, weight=np.array([-1, 1]), site=np.array([0, 1, 2, 2, 1, 9], np.int32))
    codes = {fault.code for fault in told.value.faults}
    assert codes == {"location_position", "location_amount", "location_unsorted_pairs"}
    for wrong in (
        {"fixed": np.zeros(2, np.bool_)},
        {"budget": 4},
        {"weight": np.array([2**52, 2**52])},
        {"start": np.array([0, 7, 6])},
        {"weight": np.array([0.5, 1.0])},
        {"area": np.array([0, 1, 0])},
        {"area": np.array([0, 2]), "least_share": np.array([0, 0])},
        {"area": np.array([0, 0]), "least_share": np.array([1_000_001])},
        {"apart": np.array([0, 1])},
        {"apart": np.array([[0, 1], [2, 2]])},
        {"apart": np.array([[0, 3]])},
    ):
        with pytest.raises(BadInput):
            replace(good, **wrong)
    with pytest.raises(BadInput):
        mclp(good, THRESHOLD)


def test_compiling_a_loop_takes_no_time_of_a_search() -> None:
    wall, work = time.monotonic(), compiled.seconds_at_work()
    compiled._numba().njit(lambda values: np.argsort(values, kind="mergesort"))(np.arange(3.0))
    assert 0 <= compiled.seconds_at_work() - work < (time.monotonic() - wall) / 2
