"""Laws that measures of access must keep on any table, and the same figures from PySAL access."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from access import fca, raam
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.access.decay import UNIFORM, parse_decay, steps
from geoplan.access.problem import AccessProblem, Measured, Pairs, pairs_from_long
from geoplan.access.registry import MEASURES, measure
from geoplan.model import Bools, Floats, Ints, State

STEPS = parse_decay("step:10=1,20=0.68,30=0.22")
FEW = settings(max_examples=20)
"""Examples of a law that is asked of each measure in turn."""
NEAR = 1e-9
SETTLED = 1e-4
"""The agents of RAAM stop when little is left to gain, and not at the very equilibrium."""
TIMES = [0.0, 5.0, 10.0, 10.0001, 20.0, 25.0, 30.0, 30.0001, 60.0]
FCA = ("2sfca", "e2sfca", "3sfca", "m2sfca", "mh3sfca", "bfca")
WHOLE = ("2sfca", "e2sfca", "3sfca")
LOSING = ("m2sfca", "mh3sfca")
MERGING = ("2sfca", "e2sfca", "m2sfca", "mh3sfca", "spatial_availability", "gravity", "raam")
SPLITTING = ("2sfca", "e2sfca", "3sfca", "m2sfca", "mh3sfca", "gravity", "raam")
NEVER_BETTER_FARTHER = (
    "nearest",
    "kth_nearest",
    "count_within",
    "capacity_within",
    "gravity",
    "2sfca",
    "e2sfca",
    "m2sfca",
    "spatial_availability",
    "raam",
)


@dataclass(frozen=True, slots=True)
class Table:
    """Minutes (n, m), which pairs have a way, people (n,) and capacity (m,)."""

    minutes: Floats
    way: Bools
    people: Ints
    capacity: Ints

    @property
    def pairs(self) -> Pairs:
        demand, site = np.nonzero(self.way)
        return pairs_from_long(demand, site, self.minutes[demand, site], *self.way.shape)

    @property
    def problem(self) -> AccessProblem:
        return AccessProblem(self.pairs, self.people, self.capacity, STEPS, 25)

    def within_40_by(self, decay: str) -> AccessProblem:
        return AccessProblem(self.pairs, self.people, self.capacity, parse_decay(decay), 40)

    @property
    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """People and capacity, as PySAL access wants them."""
        return pd.DataFrame({"demand": self.people}), pd.DataFrame({"supply": self.capacity})

    @property
    def weights(self) -> Floats:
        inside = self.way & (self.minutes <= 25)
        return np.where(inside, STEPS.weights(self.minutes), 0.0)


@st.composite
def tables(draw: st.DrawFn, least_people: int = 0) -> Table:
    points, sites = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cells = st.lists(
        st.sampled_from(TIMES) | st.none(), min_size=points * sites, max_size=points * sites
    )
    minutes = np.array(draw(cells), float).reshape(points, sites)
    people = draw(st.lists(st.integers(least_people, 90), min_size=points, max_size=points))
    capacity = draw(st.lists(st.integers(0, 9), min_size=sites, max_size=sites))
    return Table(np.nan_to_num(minutes), ~np.isnan(minutes), np.array(people), np.array(capacity))


def ask(name: str, table: Table, problem: AccessProblem | None = None) -> Measured:
    """The measure with the parameters it needs; neighbours are a ring of places."""
    points = len(table.people)
    parameters: dict[str, object] = {"k": 2} if name == "kth_nearest" else {}
    if name == "fca_ratio":
        every = np.arange(points)
        parameters["neighbours"] = pairs_from_long(every, every, np.zeros(points), points, points)
    return measure(name, problem or table.problem, **parameters)


def same(first: Floats, second: Floats, name: str = "") -> None:
    near = SETTLED if name == "raam" else NEAR
    np.testing.assert_allclose(first, second, rtol=near, atol=NEAR, err_msg=name)


# --- plain sums over the formulas, one pair at a time


def plain(name: str, table: Table) -> Floats:
    """The family by loops over the formulas of its papers."""
    w, people, capacity = table.weights, table.people, table.capacity
    points, sites = w.shape
    if name == "2sfca":
        w = (w > 0).astype(float)
    demand, use = np.zeros_like(w), np.zeros_like(w)
    for i in range(points):
        for j in range(sites):
            if w[i, j] == 0:
                continue
            share = w[i, j] / w[i].sum()
            pull = capacity[j] * w[i, j]
            huff = pull / (capacity * w[i]).sum() if pull else 0.0
            demand[i, j], use[i, j] = {
                "2sfca": (w[i, j], w[i, j]),
                "e2sfca": (w[i, j], w[i, j]),
                "3sfca": (share * w[i, j], share * w[i, j]),
                "m2sfca": (w[i, j], w[i, j] ** 2),
                "mh3sfca": (huff, huff * w[i, j]),
                "bfca": (share, w[i, j] / w[:, j].sum()),
            }[name]
    access = np.zeros(points)
    for j in range(sites):
        of_site = sum(people[i] * demand[i, j] for i in range(points))
        if of_site:
            access += capacity[j] / of_site * use[:, j]
    return access


@pytest.mark.parametrize("name", FCA)
@FEW
@given(table=tables())
def test_the_formula(name: str, table: Table) -> None:
    same(ask(name, table).value, plain(name, table))


# --- the ten invariants


def reached(table: Table) -> float:
    """Capacity of the sites that anybody can reach."""
    served = ((table.weights > 0) * table.people[:, None]).sum(axis=0) > 0
    return float(table.capacity[served].sum())


@FEW
@given(table=tables())
def test_all_capacity_that_is_reached_is_shared_out(table: Table) -> None:
    for name in WHOLE:
        same(ask(name, table).value @ table.people, reached(table))
    same(ask("spatial_availability", table).value.sum(), reached(table))
    for name in LOSING:
        assert ask(name, table).value @ table.people <= reached(table) + NEAR


@FEW
@given(table=tables())
def test_balanced_counts_nobody_and_no_ratio_twice(table: Table) -> None:
    w = table.weights
    rows = w / np.where(w.sum(axis=1) > 0, w.sum(axis=1), 1)[:, None]
    demand = table.people @ rows
    same(demand.sum(), table.people[(w > 0).any(axis=1)].sum())
    ratios = table.capacity[demand > 0] / demand[demand > 0]
    same(ask("bfca", table).value.sum(), ratios.sum())


@FEW
@given(table=tables(), times=st.integers(2, 7))
def test_more_capacity_or_more_people_scale(table: Table, times: int) -> None:
    for name in FCA:
        value = ask(name, table).value
        same(ask(name, replace(table, capacity=table.capacity * times)).value, value * times)
        same(ask(name, replace(table, people=table.people * times)).value, value / times)


@FEW
@given(table=tables(), at=st.integers(0, 3), part=st.integers(0, 9))
def test_two_sites_in_one_place_are_one(table: Table, at: int, part: int) -> None:
    j = at % len(table.capacity)
    first = min(part, int(table.capacity[j]))
    capacity = np.append(table.capacity, table.capacity[j] - first)
    capacity[j] = first
    split = replace(
        table,
        minutes=np.column_stack([table.minutes, table.minutes[:, j]]),
        way=np.column_stack([table.way, table.way[:, j]]),
        capacity=capacity,
    )
    for name in MERGING:
        same(ask(name, split).value, ask(name, table).value, name)


@FEW
@given(table=tables(), at=st.integers(0, 4), part=st.integers(0, 90))
def test_two_halves_of_a_demand_point_are_one(table: Table, at: int, part: int) -> None:
    i = at % len(table.people)
    first = min(part, int(table.people[i]))
    people = np.append(table.people, table.people[i] - first)
    people[i] = first
    split = replace(
        table,
        minutes=np.vstack([table.minutes, table.minutes[i]]),
        way=np.vstack([table.way, table.way[i]]),
        people=people,
    )
    for name in SPLITTING:
        value = ask(name, table).value
        same(ask(name, split).value, np.append(value, value[i]), name)
    parts = ask("spatial_availability", split).value
    parts[i] += parts[-1]
    same(parts[:-1], ask("spatial_availability", table).value)


@pytest.mark.parametrize("name", MEASURES)
@FEW
@given(table=tables(), seed=st.integers(0, 999))
def test_order_does_not_matter(name: str, table: Table, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = (rng.permutation(size) for size in table.way.shape)
    turned = Table(
        table.minutes[rows][:, columns],
        table.way[rows][:, columns],
        table.people[rows],
        table.capacity[columns],
    )
    order = columns if MEASURES[name].rows == "site" else rows
    before, after = ask(name, table), ask(name, turned)
    same(after.value, before.value[order], name)
    assert after.state.tolist() == before.state[order].tolist()
    assert {columns[site] for site in after.unused_sites} == set(before.unused_sites)


@FEW
@given(people=st.lists(st.integers(1, 90), min_size=1, max_size=6), capacity=st.integers(1, 9))
def test_one_site_for_all_gives_capacity_per_person(people: list[int], capacity: int) -> None:
    minutes = np.arange(len(people)) * 1000.0
    every = pairs_from_long(
        np.arange(len(people)), np.zeros(len(people), int), minutes, len(people), 1
    )
    value = measure("2sfca", AccessProblem(every, np.array(people), np.array([capacity]))).value
    same(value, np.full(len(people), capacity / sum(people)))


@FEW
@given(table=tables())
def test_even_steps_are_two_step(table: Table) -> None:
    even = replace(table.problem, decay=steps([10, 25], [1, 1]))
    same(measure("e2sfca", even).value, measure("2sfca", even).value)


@FEW
@given(table=tables())
def test_the_threshold_itself_is_within(table: Table) -> None:
    at = replace(table.problem, threshold_minutes=30.0)
    counted = (table.way & (table.minutes <= 30)).sum(axis=1)
    assert measure("count_within", at).value.tolist() == counted.tolist()
    beyond = replace(table.problem, threshold_minutes=float(np.nextafter(30, 0)))
    counted = (table.way & (table.minutes < 30)).sum(axis=1)
    assert measure("count_within", beyond).value.tolist() == counted.tolist()


# --- every measure of the registry


@pytest.mark.parametrize("name", MEASURES)
@FEW
@given(table=tables(), seed=st.integers(0, 999))
def test_a_figure_and_its_state_agree(name: str, table: Table, seed: int) -> None:
    applicable, known = np.random.default_rng(seed).random((2, len(table.people))) < 0.8
    asked = replace(table.problem, applicable=applicable, known=known)
    found = ask(name, table, asked)
    each, state, value = MEASURES[name], found.state, found.value
    shown = np.isin(state, [State.MEASURED, State.ZERO])
    assert np.isfinite(value[shown]).all()
    assert (value[shown] >= 0).all()
    assert (value[state == State.ZERO] == 0).all()
    if each.rows == "site":
        return
    amount = each.higher_is_better
    assert np.isnan(value[state == State.UNKNOWN]).all()
    assert np.isnan(value[~applicable]).all()
    lost = value[state == State.UNREACHABLE]
    assert (lost == 0).all() if amount else np.isnan(lost).all()
    assert not (state == State.ZERO).any() or amount
    away = applicable & (table.people > 0)
    assert (state[~away] == State.NOT_APPLICABLE).all()
    assert (state[away & ~known] == State.UNKNOWN).all()
    island = away & known & ~table.way.any(axis=1)
    assert (state[island] == State.UNREACHABLE).all()
    if amount and name != "fca_ratio":
        assert (state[away & known & ~island] != State.UNREACHABLE).all()
        assert ((value[away & known] > 0) == (state[away & known] == State.MEASURED)).all()


@pytest.mark.parametrize("name", MEASURES)
@FEW
@given(table=tables(least_people=1))
def test_a_pair_that_is_not_there_is_out_of_reach(name: str, table: Table) -> None:
    """As if it were as far as can be, but for the states; and never 0 minutes away."""
    far = replace(
        table,
        minutes=np.where(table.way, table.minutes, 1e6),
        way=np.ones_like(table.way),
    )
    without, with_far = ask(name, table), ask(name, far)
    there = without.state == State.MEASURED
    same(without.value[there], with_far.value[there], name)


@pytest.mark.parametrize("name", NEVER_BETTER_FARTHER)
@FEW
@given(table=tables(least_people=1), at=st.integers(0, 99), more=st.sampled_from([5.0, 20.0, 99.0]))
def test_a_longer_way_is_never_better(name: str, table: Table, at: int, more: float) -> None:
    i, j = at % len(table.people), at % len(table.capacity)
    farther = table.minutes.copy()
    farther[i, j] += more
    before = ask(name, table).value[i]
    after = ask(name, replace(table, minutes=farther)).value[i]
    if MEASURES[name].higher_is_better:
        assert after <= before + NEAR
    elif not np.isnan(after):
        assert after >= before * (1 - SETTLED)


@pytest.mark.parametrize("name", MEASURES)
def test_a_site_at_the_door_counts_in_full(name: str) -> None:
    """100 people at the site's door and nobody else: 0 minutes, and all of it is theirs."""
    table = Table(np.zeros((1, 1)), np.ones((1, 1), bool), np.array([100]), np.array([5]))
    wanted = {
        "nearest": 0,
        "count_within": 1,
        "capacity_within": 5,
        "people_within": 100,
        "ratio_in_area": 20,
        "gravity": 5,
        "spatial_availability": 5,
        "raam": 1,
    }
    found = ask(name, table)
    if name == "kth_nearest":
        assert found.state.tolist() == [State.UNREACHABLE]
        return
    assert found.state.tolist() == [State.MEASURED]
    assert found.value.tolist() == pytest.approx([wanted.get(name, 0.05)])


# --- the same from PySAL access


def long(minutes: Floats, way: Bools) -> pd.DataFrame:
    origin, dest = np.nonzero(way)
    return pd.DataFrame({"origin": origin, "dest": dest, "cost": minutes[origin, dest]})


def scalar(problem: AccessProblem) -> Callable[[float], float]:
    """The decay for one number at a time, as PySAL access wants it."""
    return lambda minutes: float(problem.decay.weights(np.array([minutes]))[0])


@pytest.fixture(scope="module")
def country() -> Table:
    rng = np.random.default_rng(20)
    here, there = rng.uniform(0, 90, (150, 2)), rng.uniform(0, 90, (20, 2))
    minutes = np.round(np.hypot(*(here[:, None] - there).transpose(2, 0, 1)) * 1.3, 4)
    minutes *= rng.uniform(0.8, 1.2, minutes.shape)
    return Table(minutes, minutes <= 70, rng.integers(1, 4000, 150), rng.integers(0, 12, 20))


WEIGHTS = {
    "steps": "step:10=1,20=0.68,30=0.22",
    "other steps": "step:15=0.9,25=0.5,45=0.1",
    "gaussian": "gaussian:12",
}


@pytest.mark.parametrize("spec", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.parametrize("name", ["2sfca", "e2sfca", "3sfca"])
def test_pysal_access_agrees(country: Table, spec: str, name: str) -> None:
    problem = country.within_40_by(spec)
    people, supply = country.frames
    theirs = (fca.three_stage_fca if name == "3sfca" else fca.two_stage_fca)(
        people,
        supply,
        long(country.minutes, country.way & (country.minutes <= 40)),
        40,
        demand_index=True,
        weight_fn=None if name == "2sfca" else scalar(problem),
    )
    if name == "2sfca":  # it counts every pair within 40 minutes the same
        problem = replace(problem, decay=UNIFORM)
    ours = measure(name, problem).value
    np.testing.assert_allclose(ours, theirs.reindex(range(150)).fillna(0), rtol=NEAR, atol=1e-15)


@pytest.mark.filterwarnings("ignore:some tracts may be unaccounted for")
@pytest.mark.parametrize("spec", WEIGHTS.values(), ids=WEIGHTS)
def test_pysal_ratio_agrees(country: Table, spec: str) -> None:
    here = np.random.default_rng(2).uniform(0, 60, (150, 150))
    np.fill_diagonal(here, 0)
    problem = country.within_40_by(spec)
    theirs = fca.fca_ratio(
        *country.frames,
        long(here, here <= 50),
        long(country.minutes, country.way),
        40,
        demand_index=True,
        supply_index=True,
        weight_fn=scalar(problem),
    )
    around = replace(country, minutes=here, way=here <= 50)
    ours = measure("fca_ratio", problem, neighbours=around.pairs).value
    np.testing.assert_allclose(ours, theirs.reindex(range(150)), rtol=NEAR, atol=1e-15)


def test_pysal_raam_comes_near(country: Table) -> None:
    """It moves whole people by shrinking steps, so it only comes near the equilibrium."""
    capacity = country.capacity + 1
    every = replace(country, way=np.ones_like(country.way), capacity=capacity)
    theirs = raam.raam(
        *every.frames,
        long(every.minutes, every.way),
        max_cycles=2000,
        min_step=0.0005,
        half_life=100,
    )
    ours = measure("raam", AccessProblem(every.pairs, every.people, capacity)).value
    np.testing.assert_allclose(ours, theirs.sort_index(), rtol=5e-3)
