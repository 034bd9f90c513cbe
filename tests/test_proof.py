"""Proofs of bounds: whatever is true is proven, whatever is false is not, by any prices.

Every plan there is, counted here in the plainest way, says what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoplan.siting import proving_cover
from geoplan.siting.asked import (
    BY_COST,
    BY_THRESHOLD,
    CENTRES,
    MEDIANS,
    MOST_PEOPLE,
    PROVABLE,
    Asked,
    asked,
)
from geoplan.siting.check import NotProven, check_proof
from geoplan.siting.location import Effort, Found, LocationProblem
from geoplan.siting.models import MODELS as EVERY_MODEL
from geoplan.siting.models import Model, solve
from geoplan.siting.proof import NO_BRANCH, Node, Prices, Proof
from geoplan.siting.proving import proven
from geoplan.siting.question import Question
from geoplan.siting.recount import Plan, broken_rules, worth_of
from tests.test_cover_models import THRESHOLD, country, problems

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
MODELS = ("mclp", "backup", "lscp", "partial-cover", "worst-area", "p-median", "p-centre")
COSTS = ("lscp", "partial-cover")
MOST = ("mclp", "backup", "worst-area")


@st.composite
def cases(draw: st.DrawFn) -> tuple[LocationProblem, Question]:
    """A small problem, with spacing and shares of areas too, and a question."""
    problem = draw(problems(most_sites=7))
    n, k = problem.points, problem.sites
    if draw(st.booleans()):
        area = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), np.int64)
        shares = np.array(draw(st.tuples(*[st.sampled_from([0, 300_000, 500_000])] * 2)), np.int64)
        problem = replace(problem, area=area, least_share=shares)
    if k > 1 and draw(st.booleans()):
        first = draw(st.integers(0, k - 2))
        apart = np.array([[first, draw(st.integers(first + 1, k - 1))]], np.int64)
        problem = replace(problem, apart=apart)
    count, share = draw(st.integers(1, k)), draw(st.sampled_from([0, 250_000, 600_000]))
    return problem, Question(THRESHOLD, count, 1, share)


def best(model: str, problem: LocationProblem, question: Question) -> int | None:
    """The best value of any plan that keeps the rules; None where there is none."""
    table = np.full((problem.points, problem.sites), -1)
    rows = np.repeat(np.arange(problem.points), np.diff(problem.start))
    table[rows, problem.site] = problem.ms
    values = []
    for size in range(problem.sites + 1):
        for plan in combinations(range(problem.sites), size):
            if keeps_rules(model, problem, question, plan):
                value = value_of(model, problem, question, table[:, list(plan)])
                if value is not None:
                    cost = problem.cost[list(plan)].sum() if problem.cost is not None else size
                    values.append(int(cost) if model in COSTS else value)
    if not values:
        return None
    return max(values) if model in MOST else min(values)


def keeps_rules(
    model: str, problem: LocationProblem, question: Question, plan: tuple[int, ...]
) -> bool:
    opened = np.zeros(problem.sites, bool)
    opened[list(plan)] = True
    if (problem.fixed & ~opened).any() or (problem.forbidden & opened).any():
        return False
    if model not in COSTS and question.count is not None and len(plan) > question.count:
        return False
    if problem.group is not None:
        counts = np.bincount(problem.group[opened], minlength=problem.groups)
        if (counts < problem.at_least).any() or (counts > problem.at_most).any():
            return False
    if problem.budget is not None and problem.cost[opened].sum() > problem.budget:
        return False
    return problem.apart is None or not any(opened[a] and opened[b] for a, b in problem.apart)


def value_of(
    model: str, problem: LocationProblem, question: Question, ms: np.ndarray
) -> int | None:
    """People covered, or the longest or the summed way; None where shares are not kept."""
    weight = problem.weight
    times = 2 if model == "backup" else question.times
    covered = ((ms >= 0) & (ms <= THRESHOLD)).sum(axis=1) >= times
    if model in (*CENTRES, "p-median"):
        way = np.where(ms < 0, 10**9, ms).min(axis=1, initial=10**9)[weight > 0]
        if (way == 10**9).any():
            return None
        return int(way @ weight[weight > 0]) if model == "p-median" else int(way.max(initial=0))
    if problem.least_share is not None:
        for a, share in enumerate(problem.least_share):
            mine = problem.area == a
            if weight[mine & covered].sum() * 1_000_000 < weight[mine].sum() * share:
                return None
    if model == "worst-area":
        area = problem.area if problem.area is not None else np.zeros(len(weight), int)
        people = [(weight[area == a].sum(), weight[(area == a) & covered].sum()) for a in set(area)]
        return min((int(c) * 10**6 // int(w) for w, c in people if w), default=10**6)
    if model == "lscp" and not covered[weight > 0].all():
        return None
    wanted = weight.sum() * question.share if model == "partial-cover" else 0
    return int(weight[covered].sum()) if weight[covered].sum() * 10**6 >= wanted else None


def with_bound(bound: int) -> Found:
    return Found(np.zeros(1, np.int64), bound, bound, "optimal")


@pytest.mark.parametrize("model", MODELS)
@QUICK
@given(case=cases())
def test_what_is_true_is_proven_and_nothing_better(
    model: str, case: tuple[LocationProblem, Question]
) -> None:
    problem, question = case
    value = best(model, problem, question)
    if value is None:
        return
    proof = proven(model, problem, question, with_bound(value), Effort()).proof
    assert proof is not None
    assert proof.bound == value
    check_proof(asked(model, problem, question, value), problem, proof)
    # Asked for more than is true, the search ends at the truth or short of it.
    most = model in MOST
    false = value - 1 if most else value + 1
    proof = proven(model, problem, question, with_bound(false), Effort()).proof
    if proof is not None:
        assert proof.bound >= value if most else proof.bound <= value
        with pytest.raises(NotProven):
            check_proof(asked(model, problem, question, false), problem, proof)


@pytest.mark.parametrize("model", MODELS)
@QUICK
@given(case=cases(), data=st.data())
def test_no_prices_prove_what_is_false(
    model: str, case: tuple[LocationProblem, Question], data: st.DataObject
) -> None:
    problem, question = case
    value = best(model, problem, question)
    if value is None:
        return
    false = value - 1 if model in MOST else value + 1
    claimed = asked(model, problem, question, false)
    price = st.integers(-40, 40) if model != "p-median" else st.integers(-(10**7), 0)
    branches = data.draw(st.sampled_from([(-1,), (0, -1, -1), (0, -1, problem.sites - 1, -1, -1)]))
    nodes = tuple(
        Node(tuple(random_prices(claimed, data, price) for _ in range(2)), branch)
        for branch in branches
    )
    with pytest.raises(NotProven):
        check_proof(claimed, problem, Proof(false, data.draw(st.integers(0, 3)), nodes))


def random_prices(claimed: Asked, data: st.DataObject, price: st.SearchStrategy[int]) -> Prices:
    def draw(size: int) -> np.ndarray:
        return np.array(data.draw(st.lists(price, min_size=size, max_size=size)), np.int64)

    rules = len(claimed.site_rules) + len(claimed.people_rules)
    return Prices(draw(len(claimed.unit)), np.zeros(0, np.int64), draw(rules))


def small() -> tuple[LocationProblem, Question]:
    """Two points, two sites, each serving one; one may be opened."""
    problem = LocationProblem(
        start=np.array([0, 1, 2]),
        site=np.array([0, 1], np.int32),
        ms=np.array([5, 7]),
        weight=np.array([3, 2]),
        sites=2,
        fixed=np.zeros(2, np.bool_),
        forbidden=np.zeros(2, np.bool_),
    )
    return problem, Question(10, 1)


@pytest.mark.parametrize("damage", ["short", "long", "branch", "huge", "shift", "sizes"])
def test_a_damaged_proof_proves_nothing(damage: str) -> None:
    problem, question = small()
    proof = proven("mclp", problem, question, with_bound(3), Effort()).proof
    assert proof is not None
    first = proof.nodes[0]
    prices = first.prices[0]
    huge = replace(prices, demand=np.full(2, 2**61))
    broken = {
        "short": replace(proof, nodes=()),
        "long": replace(proof, nodes=(first, first)),
        "branch": replace(proof, nodes=(Node((), 9), first, first)),
        "huge": replace(proof, nodes=(Node((huge,), NO_BRANCH),)),
        "shift": replace(proof, shift=99),
        "sizes": replace(
            proof, nodes=(Node((replace(prices, demand=prices.demand[:1]),), NO_BRANCH),)
        ),
    }
    claimed = asked("mclp", problem, question, 3)
    check_proof(claimed, problem, proof)
    with pytest.raises(NotProven):
        check_proof(claimed, problem, broken[damage])


def roomy(model: str) -> tuple[LocationProblem, Question]:
    """Twelve points and six sites with room for so many, in two areas that are groups too."""
    rng = np.random.default_rng(11)
    here = np.arange(12) % 2
    problem = LocationProblem(
        start=np.arange(13) * 6,
        site=np.tile(np.arange(6, dtype=np.int32), 12),
        ms=rng.integers(1, THRESHOLD + 200_000, 72),
        weight=rng.integers(1, 40, 12),
        sites=6,
        fixed=np.arange(6) == 4,
        forbidden=np.zeros(6, np.bool_),
        group=np.arange(6) % 2,
        at_least=np.array([2, 2]),
        cost=rng.integers(1, 9, 6),
        capacity=rng.integers(60, 110, 6),
        area=here,
        least_share=None if "centre" in model else np.array([300_000, 300_000]),
    )
    return problem, Question(THRESHOLD, 4, 1, 500_000, 300_000)


@pytest.mark.parametrize("model", [name for name in PROVABLE if name != "backup"])
def test_where_sites_have_room_for_so_many_bounds_are_proven_too(model: str) -> None:
    problem, question = roomy(model)
    found = solve(model, problem, question, Effort(proof=True))
    assert found.status == "optimal", found.why
    plan = Plan(model, problem, question, found.chosen, found.served)
    assert (worth_of(plan), broken_rules(plan)) == (found.objective, [])
    assert found.proof is not None
    check_proof(asked(model, problem, question, found.proof.bound), problem, found.proof)
    most = model in (*MOST, "capacitated-cover", "even-cover")
    if model == "even-cover":  # the Gini has no price
        assert found.proof.bound >= found.objective
        return
    assert found.proof.bound == found.objective
    false = found.objective + (-1 if most else 1)
    with pytest.raises(NotProven):
        check_proof(asked(model, problem, question, false), problem, found.proof)


@pytest.mark.parametrize("model", [*MODELS, "p-centre-lexicographic", "p-centre-by-group"])
def test_answers_come_with_proofs_where_asked_for(model: str) -> None:
    problem, question = small()
    wanted = replace(question, count=2, share=500_000)
    here = np.array([0, 1])
    problem = replace(problem, area=here)
    if model == "p-centre-by-group":
        problem = replace(problem, group=here, at_least=np.array([1, 1]))
    found = solve(model, problem, wanted, Effort(proof=True))
    assert found.status == "optimal"
    assert found.proof is not None
    assert found.proof.bound == found.objective
    check_proof(asked(model, problem, wanted, found.objective), problem, found.proof)
    assert solve(model, problem, wanted).proof is None


@pytest.mark.parametrize("model", ["mclp", "backup"])
def test_large_questions_are_priced_by_steps(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No relaxation is solved: what the steps prove is a bound, and not a bad one."""
    monkeypatch.setattr(proving_cover, "_LP_PAIRS", 0)
    problem = country(3)
    question = Question(THRESHOLD, 8)
    found = solve(model, problem, question, Effort(seconds=20, proof=True))
    assert found.proof is not None
    check_proof(asked(model, problem, question, found.proof.bound), problem, found.proof)
    assert found.objective <= found.proof.bound <= found.objective * (1.2 if model == "mclp" else 2)


def test_every_model_is_in_the_sets_that_say_how_it_is_counted() -> None:
    """A model that is added must be told to the check and to the recount too."""

    def those(is_so: Callable[[Model], bool]) -> set[str]:
        return {name for name, model in EVERY_MODEL.items() if is_so(model)}

    assert set(PROVABLE) == set(EVERY_MODEL)
    assert set(BY_THRESHOLD) == those(lambda model: model.covers)
    assert set(MOST_PEOPLE) == those(lambda model: model.unit == "people")
    assert set(BY_COST) == those(lambda model: model.unit == "cost")
    assert set(MEDIANS) == those(lambda model: model.unit == "person_ms")
    assert set(CENTRES) == those(lambda model: model.unit == "ms")
    most = {*MOST_PEOPLE, "worst-area"}
    assert most == those(lambda model: model.most)
