"""What the planner sees of a plan, against plain counting; and the models by name."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import BadInput
from geoplan.siting.insight import Yardstick, area_figures, plan_sites, service
from geoplan.siting.location import Effort, LocationProblem, Positions, fault
from geoplan.siting.models import MODELS, solve
from geoplan.siting.otherwise import (
    Spread,
    alternatives,
    curve,
    curve_counts,
    frequency,
    in_words,
    service_of,
    worth,
    yardstick_of,
)
from geoplan.siting.question import Question
from geoplan.siting.reduce import reduce_cover
from tests.test_cover_models import QUICK, THRESHOLD, country, problem_of, problems

QUESTION = Question(threshold_ms=THRESHOLD, count=6, share=600_000)


@pytest.mark.parametrize(
    "name", ["mclp", "backup", "lscp", "partial-cover", "p-median", "p-centre"]
)
def test_models_answer_by_name(name: str) -> None:
    problem = country(3, 60, 20)
    found = solve(name, problem, QUESTION, Effort(seconds=20))
    assert found.status in ("optimal", "infeasible")
    assert bool(len(found.chosen)) == (found.status == "optimal")


def test_a_model_names_what_it_was_not_given() -> None:
    problem = country(3, 60, 20)
    for name, model in MODELS.items():
        with pytest.raises(BadInput) as told:
            solve(name, problem, Question())
        assert len(told.value.faults) == len(model.needs)
        assert all(what in str(told.value) for what in model.needs)


def test_positions_are_shown_a_few_at_a_time() -> None:
    told = fault("uncoverable", points=Positions(range(20)), count=20).tell("en")
    assert "0, 1, 2, 3, 4, 5, 6, 7, ...;" in told


# ---- what a plan gives, counted anew the slow way ----


def slow_reached(
    problem: LocationProblem, yardstick: Yardstick, opened: set[int]
) -> tuple[int, int]:
    """People reached, and person-milliseconds of all who have a way."""
    people, time = 0, 0
    for i in range(problem.points):
        pairs = range(problem.start[i], problem.start[i + 1])
        ways = [int(problem.ms[q]) for q in pairs if int(problem.site[q]) in opened]
        time += int(problem.weight[i]) * min(ways, default=0)
        near = [ms for ms in ways if yardstick.threshold_ms is None or ms <= yardstick.threshold_ms]
        wanted = yardstick.times if yardstick.threshold_ms is not None else 1
        people += int(problem.weight[i]) * (len(near) >= wanted)
    return people, time


YARDSTICKS = st.sampled_from([Yardstick(), Yardstick(THRESHOLD), Yardstick(THRESHOLD, 2)])


@st.composite
def opened_plans(draw: st.DrawFn) -> tuple[LocationProblem, Yardstick, np.ndarray]:
    problem = draw(problems())
    new = draw(st.sets(st.integers(0, problem.sites - 1)))
    fixed = set(np.flatnonzero(problem.fixed).tolist())
    return problem, draw(YARDSTICKS), np.array(sorted(new | fixed), np.int64)


@QUICK
@given(opened_plans())
def test_service_is_as_counted(case: tuple[LocationProblem, Yardstick, np.ndarray]) -> None:
    problem, yardstick, opened = case
    found = service(problem, yardstick, opened)
    expected = slow_reached(problem, yardstick, set(opened.tolist()))
    assert (found.people, found.person_ms.sum()) == expected
    for i in range(problem.points):
        pairs = range(problem.start[i], problem.start[i + 1])
        ways = [(int(problem.ms[q]), int(problem.site[q])) for q in pairs]
        nearest = min([way for way in ways if way[1] in opened], default=(0, -1))
        assert (found.ms[i], found.by[i]) == nearest


@QUICK
@given(opened_plans())
def test_gains_and_losses_add_up(case: tuple[LocationProblem, Yardstick, np.ndarray]) -> None:
    problem, yardstick, chosen = case
    sites = plan_sites(problem, yardstick, chosen)
    assert sorted(sites.site) == sorted(chosen)
    fixed = [int(j) for j in chosen if problem.fixed[j]]
    assert sites.site[: len(fixed)].tolist() == fixed
    whole = slow_reached(problem, yardstick, set(chosen.tolist()))
    open_sites = set(fixed)
    for j, order, gain in zip(sites.site, sites.order, sites.gain_people, strict=True):
        before = slow_reached(problem, yardstick, open_sites)[0]
        if order:
            others = set(chosen.tolist()) - open_sites
            after = {
                other: slow_reached(problem, yardstick, open_sites | {other})[0] for other in others
            }
            assert after[int(j)] == max(after.values()) == before + gain
        else:
            assert gain == 0
        open_sites.add(int(j))
    for j, lost in zip(sites.site, sites.loss_people, strict=True):
        assert whole[0] - lost == slow_reached(problem, yardstick, open_sites - {int(j)})[0]


def test_time_gained_and_lost() -> None:
    """Worked by hand: one who walks to another site, one who is brought nearer, one left alone."""
    ms = np.array([[10, 4, -1], [7, -1, 1], [-1, 5, -1]])
    problem = problem_of(ms, [100, 10, 1], fixed=np.array([True, False, False]))
    sites = plan_sites(problem, Yardstick(), np.array([0, 1, 2]))
    assert sites.site.tolist() == [0, 1, 2]
    assert sites.order.tolist() == [0, 1, 2]
    assert sites.gain_people.tolist() == [0, 1, 0]
    assert sites.gain_person_ms.tolist() == [0, 600, 60]
    assert sites.loss_people.tolist() == [0, 1, 0]
    assert sites.loss_person_ms.tolist() == [0, 600, 60]


def test_areas_before_and_after() -> None:
    ms = np.array([[1, -1], [20, 2], [-1, 3], [-1, -1]])
    rules = {"fixed": np.array([True, False]), "area": np.array([0, 0, 1, 1])}
    problem = problem_of(ms, [30, 20, 40, 10], **rules)
    before = service(problem, Yardstick(10), np.array([0]))
    after = service(problem, Yardstick(10), np.array([0, 1]))
    found = area_figures(problem, before, after)
    assert found.people.tolist() == [50, 50]
    assert found.reached_before.tolist() == [30, 0]
    assert found.reached_after.tolist() == [50, 40]
    assert found.nearer.tolist() == [20, 40]
    assert found.person_ms_before.tolist() == [30 + 400, 0]
    assert found.person_ms_after.tolist() == [30 + 40, 120]
    assert found.with_way_after.tolist() == [50, 40]
    assert found.gini_before == pytest.approx(0.5)  # all of it in one half of the people
    assert found.gini_after == pytest.approx((1 - 0.8) / 2 / 1.8)


# ---- what a plan could be otherwise ----


def covering(seed: int = 5) -> tuple[str, LocationProblem, Question]:
    problem = replace(country(seed, 80, 14), fixed=np.arange(14) == 4)
    return "mclp", problem, Question(threshold_ms=THRESHOLD, count=5)


@pytest.mark.parametrize("name", ["mclp", "p-median", "p-centre", "lscp"])
def test_curve_has_the_best_of_every_number(name: str) -> None:
    problem = covering()[1]
    if name in ("p-median", "p-centre"):
        draw = np.random.default_rng(2)
        problem = problem_of(draw.integers(1, 99, (12, 8)), draw.integers(1, 9, 12).tolist())
    question = Question(threshold_ms=THRESHOLD, count=5)
    found = solve(name, problem, question)
    if name == "lscp":  # over those who can be covered
        lost = reduce_cover(problem, THRESHOLD).lost_rows
        problem = replace(problem, weight=np.where(np.isin(np.arange(80), lost), 0, problem.weight))
        found = solve(name, problem, question)
    sites = plan_sites(problem, yardstick_of(name, question), found.chosen)
    points = curve((name, problem, question), sites, (found, curve_counts(sites)), Effort())
    fixed = int(problem.fixed.sum())
    assert [point.count for point in points] == list(range(fixed, len(found.chosen) + 1))
    for point in points[0 if fixed else 1 :]:
        asked = replace(question, count=point.count)
        best = solve("mclp" if name == "lscp" else name, problem, asked).objective
        assert point.best == point.bound == best
        assert point.status == "optimal"
        assert point.in_order is not None
        worse = point.in_order - best if name in ("p-median", "p-centre") else best - point.in_order
        assert worse >= 0
    assert points[-1].in_order == points[-1].best


def test_frequency_is_of_the_runs_and_seeded() -> None:
    asked = covering()
    spread = Spread(runs=30)
    found = frequency(asked, spread, Effort(seed=7))
    assert found.runs == 30
    assert found.times.sum() == 30 * 5
    assert found.share(4) == 1  # fixed
    again = frequency(asked, spread, Effort(seed=7))
    assert (found.times == again.times).all()
    never = frequency(asked, replace(spread, people=0.0, minutes=0.0), Effort(seed=8))
    chosen = solve(*asked).chosen
    assert never.times[chosen].tolist() == [30] * 5
    assert (in_words(1.0), in_words(0.95), in_words(0.5), in_words(0.49)) == (
        "always", "always", "often", "contested",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["mclp", "p-median"])
@pytest.mark.parametrize("quotas", [False, True])
def test_alternatives_are_the_best_that_differ_so_much(name: str, quotas: bool) -> None:
    draw = np.random.default_rng(4)
    ms = draw.integers(1, 2 * THRESHOLD, (30, 9))
    problem = problem_of(ms, draw.integers(1, 90, 30).tolist(), fixed=np.arange(9) == 3)
    if quotas:
        rules = {"at_least": np.array([1, 1, 1]), "at_most": np.array([2, 2, 2])}
        problem = replace(problem, group=np.arange(9) % 3, **rules)
    question = Question(threshold_ms=THRESHOLD, count=4)
    found = solve(name, problem, question)
    others = alternatives((name, problem, question), found.chosen, 2, 3, Effort())
    if quotas and not others:
        assert name == "p-median"
        return
    fixed = [int(j) for j in np.flatnonzero(problem.fixed)]
    plans = [set(plan) | set(fixed) for plan in combinations(set(range(9)) - set(fixed), 3)]
    if quotas:
        plans = [p for p in plans if all(1 <= sum(j % 3 == g for j in p) <= 2 for g in range(3))]
    far = [plan for plan in plans if len(set(found.chosen.tolist()) - plan) >= 2]
    served = [service_of(name, problem, question, np.array(sorted(plan))) for plan in far]
    values = [worth(name, problem, each) for each in served]
    best = max(values) if name == "mclp" else min(values)
    assert others[0].found.objective == others[0].found.bound == best
    earlier: set[int] = set()
    for other in others:
        assert other.differs >= 2
        mine = set(other.found.chosen.tolist())
        assert not mine & earlier
        earlier |= mine - set(found.chosen.tolist())
