"""Fair to areas, and the longest way under every rule, against every plan there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoplan.errors import BadInput
from geoplan.siting import composed
from geoplan.siting.areas import people_of_areas, within_gini, worst_share
from geoplan.siting.fair import even_cover, worst_area
from geoplan.siting.location import ALL, Effort, LocationProblem
from geoplan.siting.mclp import mclp
from geoplan.siting.models import solve
from geoplan.siting.pcentre import p_centre
from geoplan.siting.pcentre_turns import p_centre_by_group
from geoplan.siting.question import Question
from geoplan.siting.serving import assignment
from tests.test_cover_models import THRESHOLD, country, problem_of
from tests.test_siting_capacity import flow, roomy, shares_can_be_kept, way
from tests.test_siting_rules import (
    Plan,
    check,
    counted,
    of_number,
    refused_number,
    ruled,
    shares_kept,
)

QUICK = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def with_areas(draw: st.DrawFn) -> LocationProblem:
    problem = draw(ruled(6))
    if problem.area is not None:
        return problem
    area = st.lists(st.integers(0, 2), min_size=problem.points, max_size=problem.points)
    return replace(problem, area=np.array(draw(area), np.int64))


def by_area(problem: LocationProblem, plan: Plan) -> list[int]:
    here = counted(problem, plan)
    return [int(here[problem.area == h].sum()) for h in range(problem.areas)]


@QUICK
@given(with_areas(), st.integers(0, 4))
def test_the_worst_area_is_as_well_off_as_can_be(problem: LocationProblem, count: int) -> None:
    people = people_of_areas(problem)
    fitting = {
        plan: (worst_share(people, by_area(problem, plan)), sum(by_area(problem, plan)))
        for plan in of_number(problem, count)
        if shares_kept(problem, counted(problem, plan))
    }
    found = worst_area(problem, THRESHOLD, count)
    if refused_number(found):
        assert not any(len(plan) == count for plan in fitting)
        return
    best = max(fitting.values(), default=None)
    check(problem, found, None if best is None else best[0])
    if best is not None:
        assert fitting[tuple(found.chosen.tolist())] == best


@QUICK
@given(with_areas(), st.integers(0, 4), st.sampled_from([0, 1, 100_000, 250_000, ALL]))
def test_even_cover_is_the_best_of_even_plans(
    problem: LocationProblem, count: int, gini: int
) -> None:
    people = people_of_areas(problem)
    found = even_cover(problem, THRESHOLD, count, gini)
    best = None
    for size in range(count + 1):
        for plan in of_number(problem, size):
            here = by_area(problem, plan)
            even = within_gini(people, here, gini)
            if even and len(plan) <= count and shares_kept(problem, counted(problem, plan)):
                best = max(sum(here), -1 if best is None else best)
    if refused_number(found):
        return
    check(problem, found, best)
    if best is not None:
        here = by_area(problem, tuple(found.chosen.tolist()))
        assert sum(here) == best and within_gini(people, here, gini)


def test_gini_is_that_of_the_textbook() -> None:
    people, covered = [10, 30, 60], [10, 15, 0]
    share = np.repeat(np.array(covered) / people, people)
    textbook = np.abs(share[:, None] - share[None]).mean() / (2 * share.mean())
    at = round(textbook * ALL)
    assert within_gini(people, covered, at + 1) and not within_gini(people, covered, at - 1)


@QUICK
@given(roomy(), st.integers(1, 4))
def test_the_worst_area_where_room_is_short(problem: LocationProblem, count: int) -> None:
    area = np.arange(problem.points) % 2
    shares = np.zeros(2, np.int64)
    problem = replace(problem, area=area, least_share=shares)
    people = np.array(people_of_areas(problem))

    def share(plan: Plan) -> int:
        low, high = 0, ALL
        while low < high:
            middle = (low + high + 1) // 2
            asked = replace(problem, least_share=np.full(2, middle))
            low, high = (middle, high) if shares_can_be_kept(asked, plan) else (low, middle - 1)
        return low

    fitting = {plan: share(plan) for plan in of_number(problem, count)}
    found = worst_area(problem, THRESHOLD, count)
    if refused_number(found):
        assert not any(len(plan) == count for plan in fitting)
        return
    best = max(fitting.values(), default=None)
    check(problem, found, best)
    if best is None:
        return
    rows = assignment(problem, found)
    here = np.zeros(2, np.int64)
    np.add.at(here, area[rows[:, 0]], rows[:, 2])
    assert worst_share(people.tolist(), here.tolist()) == best
    assert rows[:, 2].sum() == max(
        flow(problem, p) for p, worth in fitting.items() if worth == best
    )


@QUICK
@given(ruled(6), st.integers(1, 4), st.booleans())
def test_p_centre_under_every_rule(problem: LocationProblem, count: int, room: bool) -> None:
    problem = replace(problem, least_share=None)
    if room:
        capacity = np.random.default_rng(count).integers(0, 25, problem.sites)
        problem = replace(problem, capacity=capacity)
    ms, alive = way(problem), problem.weight > 0
    row = np.repeat(np.arange(problem.points), np.diff(problem.start))

    def longest(plan: Plan) -> int | None:
        for limit in np.unique(np.append(ms[ms >= 0], 0)).tolist():
            within = (ms >= 0) & (ms <= limit)
            if room:
                kept = within[row, problem.site]
                asked = replace(problem, ms=np.where(kept, 0, THRESHOLD + 1))
                reached = flow(asked, plan) == problem.weight.sum()
            else:
                reached = bool(within[alive][:, list(plan)].any(axis=1).all())
            if reached:
                return int(limit) if alive.any() else 0
        return None

    longest_ways = [longest(plan) for plan in of_number(problem, count)]
    best = min((each for each in longest_ways if each is not None), default=None)
    found = p_centre(problem, count)
    if not refused_number(found):
        check(problem, found, best)


def areas_of_country(seed: int) -> LocationProblem:
    problem = country(seed, 80, 20)
    return replace(problem, area=np.random.default_rng(seed).integers(0, 6, 80))


@pytest.mark.parametrize("name", ["worst-area", "even-cover"])
def test_search_optimum_and_bound_stand_in_order(name: str) -> None:
    problem, question = areas_of_country(1), Question(THRESHOLD, 5, gini=60_000)
    best = solve(name, problem, question)
    found = solve(name, problem, question, Effort(solver="none"))
    assert best.status == "optimal"
    assert best.objective <= found.bound
    if len(found.chosen):
        assert found.objective <= best.objective


def test_more_sites_and_looser_limits_never_hurt() -> None:
    problem = areas_of_country(2)
    without = replace(problem, forbidden=np.arange(20) == 3)
    best = worst_area(problem, THRESHOLD, 5).objective
    assert worst_area(without, THRESHOLD, 5).objective <= best
    even = [even_cover(problem, THRESHOLD, 5, gini).objective for gini in (40_000, 80_000, ALL)]
    assert even == sorted(even)
    assert even[-1] == mclp(problem, THRESHOLD, 5).objective


def test_no_time_is_never_called_optimal() -> None:
    problem, none = areas_of_country(3), Effort(seconds=0.0)
    assert worst_area(problem, THRESHOLD, 5, none).status == "cut_off"
    assert even_cover(problem, THRESHOLD, 5, 50_000, none).status == "cut_off"


def test_what_a_centre_cannot_keep_is_refused_by_name() -> None:
    problem = areas_of_country(4)
    shared = replace(problem, least_share=np.full(6, 1))
    with pytest.raises(BadInput, match="least share"):
        p_centre(shared, 5)
    home = np.zeros(80, np.int64)
    with pytest.raises(BadInput, match="spacing"):
        p_centre_by_group(replace(problem, apart=np.array([[0, 1]])), home, [3])


@pytest.mark.parametrize("name", ["mclp", "worst-area", "even-cover"])
def test_other_names_change_nothing_else(name: str) -> None:
    problem, question = areas_of_country(6), Question(THRESHOLD, 5, gini=90_000)
    problem = replace(problem, apart=np.array([[0, 4], [7, 9]]), least_share=np.full(6, 50_000))
    order = np.random.default_rng(1).permutation(20)  # new position -> old site
    rows = np.random.default_rng(2).permutation(80)
    ms = way(problem)[rows][:, order]
    assert problem.area is not None and problem.apart is not None
    renamed = problem_of(
        ms,
        problem.weight[rows].tolist(),
        area=problem.area[rows],
        least_share=problem.least_share,
        apart=np.argsort(order)[problem.apart],
    )
    found = [solve(name, each, question) for each in (problem, renamed)]
    assert found[0].status == found[1].status == "optimal"
    assert found[0].objective == found[1].objective


def test_ctrl_c_leaves_the_best_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(composed, "linear_prices", interrupted)
    for name in ("worst-area", "even-cover"):
        found = solve(name, areas_of_country(3), Question(THRESHOLD, 5, gini=90_000))
        assert found.status == "cut_off"
        assert found.objective <= found.bound
