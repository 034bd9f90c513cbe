"""Siting that is told to end: by its seconds, or by Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from geoplan.siting.allowed import allowed_plans
from geoplan.siting.cover_programme import most_covered
from geoplan.siting.fair import even_cover
from geoplan.siting.insight import Yardstick
from geoplan.siting.location import Effort, LocationProblem
from geoplan.siting.mclp import mclp
from geoplan.siting.models import solve
from geoplan.siting.otherwise import curve, service_of, worth, yardstick_of
from geoplan.siting.pmedian import capacitated_median, p_median
from geoplan.siting.question import Question
from geoplan.siting.reduce import reduce_cover
from geoplan.siting.room import flow_to, most_with_room, service_with_room, sites_with_room
from geoplan.siting.solvers import Solved, solve_highs, solve_scip

POINTS, SITES, COUNT = 400, 60, 15
NO_TIME = Effort(seconds=0.0)

STOPPED = """
from dataclasses import replace
from tests.test_siting_limits import COUNT, scattered
from geoplan.siting.location import Effort
from geoplan.siting.pmedian import capacitated_median
problem = scattered(800, 160)
tight = problem.capacity * 0 + int(problem.weight.sum() * 1.02) // (2 * COUNT)
problem = replace(problem, capacity=tight)
print("ready", flush=True)
found = capacitated_median(problem, 2 * COUNT, Effort(seconds=3000.0))
print(found.status, len(found.chosen), found.objective >= found.bound > 0, flush=True)
"""


def scattered(points: int, sites: int) -> LocationProblem:
    """People and sites at random in a square, all of them in reach of each other."""
    random = np.random.default_rng(7)
    place = random.random((points, 2))
    ms = np.hypot(*(place[:, None] - place[None, :sites]).transpose(2, 0, 1)) * 3_600_000
    weight = random.integers(1, 3000, points)
    return LocationProblem(
        start=np.arange(0, points * sites + 1, sites),
        site=np.tile(np.arange(sites, dtype=np.int32), points),
        ms=ms.astype(np.int64).ravel(),
        weight=weight,
        sites=sites,
        fixed=np.zeros(sites, np.bool_),
        forbidden=np.zeros(sites, np.bool_),
        capacity=np.full(sites, int(weight.sum()) // (COUNT - 3)),
        area=np.arange(points) % 5,
    )


def nearest(problem: LocationProblem) -> int:
    return int(problem.ms.reshape(problem.points, -1).min(axis=1) @ problem.weight)


def test_ctrl_c_ends_a_capacitated_median_with_a_plan() -> None:
    run = subprocess.Popen([sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    try:
        assert run.stdout.readline() == "ready\n"
        time.sleep(3)
        run.send_signal(signal.SIGINT)
        told, _ = run.communicate(timeout=120)
    finally:
        run.kill()
    assert told.split()[0] in ("cut_off", "within")
    assert told.split()[1:] == [str(2 * COUNT), "True"]


def test_without_time_a_median_is_bounded_by_everybody_s_nearest_site() -> None:
    roomy = scattered(POINTS, SITES)
    plain = replace(roomy, capacity=None)
    for found in (p_median(plain, COUNT, NO_TIME), capacitated_median(roomy, COUNT, NO_TIME)):
        assert nearest(plain) <= found.bound <= found.objective
        assert len(found.chosen) == COUNT


@pytest.mark.parametrize("times", [1, 2])
def test_without_time_cover_is_bounded_by_the_best_single_sites(times: int) -> None:
    problem = replace(scattered(POINTS, SITES), capacity=None)
    threshold = 300_000
    near = (problem.ms <= threshold).reshape(POINTS, -1)
    single = np.sort(problem.weight @ near)[::-1][:4].sum() // times
    found = mclp(problem, threshold, 4, times, NO_TIME)
    assert found.objective <= found.bound <= single < problem.weight.sum()
    exact = mclp(problem, threshold, 4, times)
    assert exact.status == "optimal" and exact.objective <= found.bound


def test_without_time_even_cover_is_bounded_by_who_is_in_reach() -> None:
    problem = replace(scattered(POINTS, SITES), capacity=None)
    found = even_cover(problem, 300_000, 4, 900_000, NO_TIME)
    assert found.bound < problem.weight.sum()


def test_a_problem_without_any_pair_is_refused_not_broken() -> None:
    problem = scattered(3, 2)
    problem = replace(
        problem,
        start=np.zeros(4, np.int64),
        site=np.zeros(0, np.int32),
        ms=np.zeros(0, np.int64),
        cost=np.ones(2, np.int64),
        budget=1,
    )
    for asked in (problem, replace(problem, capacity=None)):
        found = p_median(asked, 1)
        assert found.status == "infeasible" and found.why
        assert not len(found.chosen)


def test_the_maximum_flow_counts_as_many_as_the_programme() -> None:
    problem = replace(scattered(60, 8), capacity=np.arange(1, 9) * 2500)
    for limit in (None, 200_000, 900_000):
        for opened in (np.array([0, 3]), np.array([7, 2, 5]), np.zeros(0, np.int64)):
            by = Yardstick(limit)
            flow = flow_to(problem, by, opened)
            counted = service_with_room(problem, by, flow).people
            assert most_with_room(problem, by, opened) == counted


@pytest.mark.parametrize("name", ["capacitated-cover", "capacitated-p-median"])
def test_a_curve_with_room_counts_as_who_goes_where(name: str) -> None:
    """And without time nothing is sought: the plan's own first sites are told all the same."""
    problem = replace(scattered(60, 8), capacity=np.full(8, 25_000))
    question = Question(threshold_ms=1_500_000, count=6)
    found = solve(name, problem, question)
    sites = sites_with_room(problem, yardstick_of(name, question), found.chosen)
    points = curve((name, problem, question), sites, (found, (2, 3)), NO_TIME)
    assert [point.best for point in points[:-1]] == [None] * 6
    for point in points:
        served = service_of(name, problem, question, sites.site[: point.count])
        assert point.in_order == worth(name, problem, served)
    assert points[-1].in_order is not None


def test_scip_is_not_even_told_the_rows_when_time_is_over() -> None:
    problem = replace(scattered(60, 8), capacity=None)
    cover = reduce_cover(problem, 300_000)
    programme = most_covered(cover, allowed_plans(problem, 3)).programme
    assert solve_scip(programme, 0.0) == Solved(None, None, ended=False, infeasible=False)
    exact = solve_scip(programme, 60.0)
    assert exact.ended and exact.bound == solve_highs(programme, 60.0).bound
