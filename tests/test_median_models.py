"""p-median and p-centre: brute force, laws, and published optima."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import BadInput
from geoplan.model import Bools, Ints
from geoplan.siting import pmedian_tree
from geoplan.siting.location import Effort, Found, LocationProblem
from geoplan.siting.pcentre import p_centre
from geoplan.siting.pcentre_turns import p_centre_by_group, p_centre_in_turn
from geoplan.siting.pmedian import p_median

MODELS = (p_median, p_centre)


def problem_of(ms: Ints, weight: Ints, there: Bools | None = None) -> LocationProblem:
    """A problem of a dense table (n, k); `there` says which pairs have a way."""
    there = np.ones(ms.shape, np.bool_) if there is None else there
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64)
    k = ms.shape[1]
    none = np.zeros(k, np.bool_)
    site = np.nonzero(there)[1].astype(np.int32)
    return LocationProblem(start, site, ms[there], weight, k, none, none)


def allowed(problem: LocationProblem, plan: tuple[int, ...]) -> bool:
    is_open = np.zeros(problem.sites, np.bool_)
    is_open[list(plan)] = True
    if (problem.fixed & ~is_open).any() or (problem.forbidden & is_open).any():
        return False
    if problem.group is None:
        return True
    here = np.bincount(problem.group[is_open], minlength=problem.groups)
    return (problem.at_least is None or bool((here >= problem.at_least).all())) and (
        problem.at_most is None or bool((here <= problem.at_most).all())
    )


def nearest(problem: LocationProblem, chosen: Ints) -> Ints:
    """Milliseconds to the nearest chosen site (n,); -1 without a way."""
    way = []
    for first, last in zip(problem.start[:-1], problem.start[1:], strict=True):
        here = np.isin(problem.site[first:last], chosen)
        way.append(int(problem.ms[first:last][here].min()) if here.any() else -1)
    return np.array(way, np.int64)


def worth(problem: LocationProblem, chosen: Ints, median: bool) -> int | None:
    """What a plan costs; None where it leaves somebody out."""
    way = nearest(problem, chosen)
    if ((way < 0) & (problem.weight > 0)).any():
        return None
    return (
        int((problem.weight * way).sum()) if median else int(way[problem.weight > 0].max(initial=0))
    )


def brute(problem: LocationProblem, count: int, median: bool) -> int | None:
    found = [
        worth(problem, np.array(plan, np.int64), median)
        for plan in combinations(range(problem.sites), count)
        if allowed(problem, plan)
    ]
    return min((value for value in found if value is not None), default=None)


@st.composite
def problems(draw: st.DrawFn) -> tuple[LocationProblem, int]:
    n, k = draw(st.integers(1, 14)), draw(st.integers(1, 10))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    top = draw(st.sampled_from([3, 40, 10_000_000]))
    ms = random.integers(0, top + 1, (n, k))
    there = random.random((n, k)) < draw(st.sampled_from([1.0, 0.6, 0.3]))
    weight = random.integers(0, draw(st.sampled_from([2, 5000])), n)
    problem = problem_of(ms, weight, there)
    marks = random.random(k)
    if draw(st.booleans()):
        problem = replace(problem, fixed=marks < 0.15, forbidden=marks > 0.85)
    if draw(st.booleans()):
        groups = draw(st.integers(1, 3))
        problem = replace(
            problem,
            group=random.integers(0, groups, k),
            at_least=random.integers(0, 2, groups),
            at_most=random.integers(1, 5, groups),
        )
    return problem, draw(st.integers(1, k))


def check(problem: LocationProblem, count: int, found: Found, median: bool) -> None:
    best = brute(problem, count, median)
    if best is None:
        assert found.status == "infeasible"
        assert found.why
        assert all(why.tell("en") and why.tell("zh") for why in found.why)
        return
    assert found.status == "optimal"
    assert found.objective == found.bound == best
    assert len(found.chosen) == count
    assert allowed(problem, tuple(found.chosen.tolist()))
    assert worth(problem, found.chosen, median) == best


@settings(max_examples=150, deadline=None)
@given(problems())
def test_p_median_is_the_best_of_all_plans(case: tuple[LocationProblem, int]) -> None:
    check(*case, p_median(*case), True)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_p_centre_is_the_best_of_all_plans(case: tuple[LocationProblem, int]) -> None:
    check(*case, p_centre(*case), False)


def table(n: int, k: int, seed: int) -> LocationProblem:
    random = np.random.default_rng(seed)
    where, sites = random.random((n, 2)), random.random((k, 2))
    far = np.hypot(*(where[:, None] - sites[None]).transpose(2, 0, 1))
    return problem_of((far * 3_600_000).astype(np.int64), random.integers(1, 9000, n))


@pytest.mark.parametrize("model", MODELS)
def test_the_search_alone_is_above_and_its_bound_below_the_optimum(model: object) -> None:
    assert callable(model)
    problem = table(120, 40, 5)
    quick = model(problem, 6, Effort(solver="none"))
    best = model(problem, 6)
    assert best.status == "optimal"
    assert quick.bound <= best.objective <= quick.objective


@pytest.mark.parametrize("model", MODELS)
def test_one_more_candidate_or_site_never_hurts(model: object) -> None:
    assert callable(model)
    problem = table(60, 15, 2)
    last = np.arange(15) == 14
    fewer = model(replace(problem, forbidden=last), 4).objective
    assert model(problem, 4).objective <= fewer
    assert model(problem, 5).objective <= model(problem, 4).objective


def test_scaling_the_people_scales_the_objective() -> None:
    problem = table(60, 15, 3)
    tenfold = p_median(replace(problem, weight=problem.weight * 10), 4)
    once = p_median(problem, 4)
    assert tenfold.objective == 10 * once.objective
    assert tenfold.chosen.tolist() == once.chosen.tolist()
    centre = p_centre(replace(problem, weight=problem.weight * 10), 4)
    assert centre.objective == p_centre(problem, 4).objective


@pytest.mark.parametrize("model", MODELS)
def test_other_ids_change_only_names(model: object) -> None:
    assert callable(model)
    problem = table(50, 12, 9)
    order = np.random.default_rng(1).permutation(12)
    renamed = problem_of(problem.ms.reshape(50, 12)[:, order], problem.weight)
    assert model(renamed, 3).objective == model(problem, 3).objective


def test_who_cannot_be_reached_is_named_before_solving() -> None:
    ms = np.arange(12).reshape(4, 3)
    there = np.ones((4, 3), np.bool_)
    there[2] = False
    problem = problem_of(ms, np.array([1, 1, 1, 1]), there)
    for model in MODELS:
        found = model(problem, 2)
        assert found.status == "infeasible"
        assert found.why[0].code == "location_uncoverable"
        assert found.why[0].rows == (4,)
        assert found.stages == ()
        empty = replace(problem, weight=np.array([1, 1, 0, 1]))
        assert model(empty, 2).status == "optimal"


def test_contradicting_rules_are_named() -> None:
    problem = problem_of(np.arange(12).reshape(4, 3), np.ones(4, np.int64))
    every = np.ones(3, np.bool_)
    for model in MODELS:
        assert model(problem, 4).why[0].code == "location_count_above_sites"
        fixed = replace(problem, fixed=every)
        assert model(fixed, 2).why[0].code == "location_fixed_above_count"


@pytest.mark.parametrize("model", MODELS)
def test_no_time_is_never_called_optimal(model: object) -> None:
    assert callable(model)
    problem = table(400, 150, 4)
    found = model(problem, 12, Effort(seconds=0.0))
    assert found.status == "cut_off"
    assert found.bound <= model(problem, 12, Effort(seconds=20)).objective


def test_sums_beyond_64_bits_are_refused() -> None:
    ms = np.full((2, 2), 2**40)
    with pytest.raises(BadInput):
        p_median(problem_of(ms, np.full(2, 2**40)), 1)


def test_a_way_of_one_millisecond_more_decides() -> None:
    """Integers at the largest national scale: one person-millisecond is still told apart."""
    ms = np.array([[50_000_000, 50_000_001], [3, 2]])
    found = p_median(problem_of(ms, np.array([20_000_000, 1])), 1)
    assert found.chosen.tolist() == [0]
    assert found.objective == found.bound == 20_000_000 * 50_000_000 + 3


def test_same_seed_same_answer() -> None:
    problem = table(300, 80, 8)
    first, again = p_median(problem, 9), p_median(problem, 9)
    assert first.chosen.tolist() == again.chosen.tolist()
    assert [stage.name for stage in first.stages] == [stage.name for stage in again.stages]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_next_worst_is_made_shortest_in_turn(case: tuple[LocationProblem, int]) -> None:
    problem, count = case
    problem = replace(problem, weight=np.maximum(problem.weight, 1))
    plans = [
        way
        for plan in combinations(range(problem.sites), count)
        if allowed(problem, plan)
        and ((way := nearest(problem, np.array(plan, np.int64))) >= 0).all()
    ]
    usable = np.flatnonzero(~problem.forbidden)
    floor = nearest(problem, usable)
    aside = np.zeros(problem.points, np.bool_)
    answers = p_centre_in_turn(problem, count, 3)
    for answer in answers:
        if not plans:
            assert answer.status == "infeasible"
            break
        best = min(int(way[~aside].max()) for way in plans)
        assert answer.objective == answer.bound == best
        plans = [way for way in plans if way[~aside].max() <= best or aside.all()]
        plans = [way for way in plans if (way[floor == best] <= best).all()]
        done = ~aside & (floor == best)
        aside |= done
        assert nearest(problem, answer.chosen)[done].tolist() == floor[done].tolist()


def test_each_group_has_its_own_centre() -> None:
    problem = table(40, 12, 6)
    group, home = np.arange(12) % 2, np.arange(40) % 2
    north, south = p_centre_by_group(replace(problem, group=group), home, [2, 3])
    for found, g, count in ((north, 0, 2), (south, 1, 3)):
        assert (group[found.chosen] == g).all()
        alone = replace(
            problem, forbidden=group != g, weight=np.where(home == g, problem.weight, 0)
        )
        assert found.objective == brute(alone, count, False)


def test_points_apart_that_need_more_sites_are_named() -> None:
    ms = np.arange(9).reshape(3, 3)
    problem = problem_of(ms, np.ones(3, np.int64), np.eye(3, dtype=np.bool_))
    for model in MODELS:
        found = model(problem, 2)
        assert found.status == "infeasible"
        assert found.why[0].code == "location_points_apart"
        assert found.why[0].rows == (2, 3, 4)


def country(seed: int, points: int, sites: int) -> LocationProblem:
    random = np.random.default_rng(seed)
    town = random.uniform(0, 300, (20, 2))
    at = town[random.integers(0, 20, points)] + random.normal(0, 9, (points, 2))
    km = np.hypot(*(at[:, None] - at[None, :sites]).transpose(2, 0, 1))
    return problem_of(np.rint(km * 90_000).astype(np.int64), random.integers(1, 5_000, points))


@pytest.mark.parametrize("worth_it", [-1.0, 1.0])
def test_both_kinds_of_bound_come_to_the_same_end(
    monkeypatch: pytest.MonkeyPatch, worth_it: float
) -> None:
    """Prices by subgradients and by the linear relaxation are two ways to one optimum."""
    problem = country(3, 250, 60)
    expected = {count: p_median(problem, count).objective for count in (5, 12, 25)}
    monkeypatch.setattr(pmedian_tree, "_MANY", 0)
    monkeypatch.setattr(pmedian_tree, "_WORTH_IT", worth_it)
    for count, objective in expected.items():
        found = p_median(problem, count)
        assert (found.status, found.objective) == ("optimal", objective)


def test_in_a_city_the_relaxation_proves_what_steps_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps alone take some 600 nodes there, the relaxation a few."""
    random = np.random.default_rng(4)
    at = random.uniform(0, 2_000, (600, 2))
    metres = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    people = 1 + random.lognormal(3, 1.2, 600).astype(np.int64)
    problem = problem_of(np.rint(metres * 1_000).astype(np.int64), people)

    def refused(*asked: object) -> int:
        raise AssertionError("a node climbs by steps")

    monkeypatch.setattr(pmedian_tree, "ascend", refused)
    found = p_median(problem, 10)
    assert [stage.name for stage in found.stages][-1] == "branch and bound"
    assert (found.status, found.objective) == ("optimal", 5_546_699_865)


def test_relaxed_plans_keep_quotas_and_ways_that_are_missing() -> None:
    problem = country(5, 200, 40)
    near = problem.ms < 9_000_000
    before = np.concatenate([[0], np.cumsum(near)])
    problem = replace(
        problem,
        start=before[problem.start].astype(np.int64),
        site=problem.site[near],
        ms=problem.ms[near],
        group=np.arange(40, dtype=np.int64) % 4,
        at_least=np.array([2, 0, 0, 3], np.int64),
        at_most=np.array([9, 2, 9, 9], np.int64),
    )
    found = p_median(problem, 12)
    assert found.status == "optimal" == p_median(problem, 12, Effort(seed=4)).status
    assert allowed(problem, tuple(found.chosen.tolist()))
    assert worth(problem, found.chosen, True) == found.objective
    assert found.objective == p_median(problem, 12, Effort(seed=4)).objective
