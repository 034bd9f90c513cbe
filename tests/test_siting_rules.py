"""Spacing, least shares, budgets, quotas: alone and together, against every plan there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoplan.siting.location import ALL, Found, LocationProblem
from geoplan.siting.lscp import lscp, partial_cover
from geoplan.siting.mclp import mclp
from tests.test_cover_models import THRESHOLD, covered, near, plans, problems

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
Plan = tuple[int, ...]


@st.composite
def ruled(draw: st.DrawFn, most_sites: int = 8) -> LocationProblem:
    """Problems with spacing and least shares beside the other rules."""
    problem = draw(problems(most_sites))
    k, n = problem.sites, problem.points
    if k > 1 and draw(st.booleans()):
        two = st.lists(st.integers(0, k - 1), min_size=2, max_size=2, unique=True)
        pairs = draw(st.lists(two, max_size=k))
        problem = replace(problem, apart=np.array(pairs, np.int64).reshape(-1, 2))
    if draw(st.booleans()):
        area = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)), np.int64)
        share = st.sampled_from([0, 0, 1, 333_333, 500_000, 900_000, ALL])
        shares = np.array(draw(st.lists(share, min_size=3, max_size=3)), np.int64)
        problem = replace(problem, area=area, least_share=shares)
    return problem


def spaced(problem: LocationProblem, plan: Plan) -> bool:
    return problem.apart is None or not np.isin(problem.apart, plan).all(axis=1).any()


def shares_kept(problem: LocationProblem, counted: np.ndarray) -> bool:
    """Whether the people counted (n,) are enough of each area's."""
    if problem.least_share is None:
        return True
    assert problem.area is not None
    return all(
        int(counted[problem.area == h].sum()) * ALL
        >= int(problem.weight[problem.area == h].sum()) * int(share)
        for h, share in enumerate(problem.least_share)
    )


def of_number(problem: LocationProblem, count: int) -> list[Plan]:
    """Allowed plans of so many sites; fewer may do where money or spacing may forbid more."""
    fewer = problem.budget is not None or (problem.apart is not None and len(problem.apart) > 0)
    if problem.budget is None and count > (~problem.forbidden).sum():
        return []
    return [
        plan
        for plan in plans(problem)
        if spaced(problem, plan) and (len(plan) == count or (fewer and len(plan) <= count))
    ]


def check(problem: LocationProblem, found: Found, best: int | None) -> None:
    if best is None:
        assert found.status == "infeasible"
        assert found.why
        assert all(why.tell("en") and why.tell("zh") for why in found.why)
        return
    assert (found.objective, found.bound, found.status) == (best, best, "optimal")
    plan = tuple(found.chosen.tolist())
    assert plan in plans(problem) and spaced(problem, plan)


def counted(problem: LocationProblem, plan: Plan, times: int = 1) -> np.ndarray:
    is_counted = near(problem)[:, list(plan)].sum(1) >= times
    return np.where(is_counted, problem.weight, 0)


def refused_number(found: Found) -> bool:
    """Whether more sites are asked for than the quotas and what is too near leave."""
    codes = {"location_quotas_below_count", "location_count_above_sites"}
    return found.status == "infeasible" and found.why[0].code in codes


@QUICK
@given(ruled(), st.integers(0, 5), st.sampled_from([1, 1, 2]))
def test_mclp_under_every_rule(problem: LocationProblem, count: int, times: int) -> None:
    fitting = [
        plan
        for plan in of_number(problem, count)
        if shares_kept(problem, counted(problem, plan, times))
    ]
    best = max((covered(problem, plan, times) for plan in fitting), default=None)
    found = mclp(problem, THRESHOLD, count, times)
    if refused_number(found):
        assert not any(len(plan) == count for plan in fitting)
        return
    check(problem, found, best)
    if best is not None:
        assert tuple(found.chosen.tolist()) in fitting


@QUICK
@given(ruled())
def test_lscp_under_every_rule(problem: LocationProblem) -> None:
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    everybody = int(problem.weight.sum())
    best = min(
        (
            int(cost[list(plan)].sum())
            for plan in plans(problem)
            if spaced(problem, plan) and covered(problem, plan) == everybody
        ),
        default=None,
    )
    check(problem, lscp(problem, THRESHOLD), best)


@QUICK
@given(ruled(), st.integers(0, 50))
def test_partial_cover_under_every_rule(problem: LocationProblem, people: int) -> None:
    cost = problem.cost if problem.cost is not None else np.ones(problem.sites, np.int64)
    best = min(
        (
            int(cost[list(plan)].sum())
            for plan in plans(problem)
            if spaced(problem, plan)
            and covered(problem, plan) >= people
            and shares_kept(problem, counted(problem, plan))
        ),
        default=None,
    )
    check(problem, partial_cover(problem, THRESHOLD, people), best)
