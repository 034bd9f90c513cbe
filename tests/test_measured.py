"""Measures beside the three plain numbers: counted again from the villages in plain pandas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geoplan.catalog import read_inputs
from geoplan.errors import BadInput
from geoplan.model import Inputs, Plan
from geoplan.pipeline import plan_inputs
from geoplan.projection import to_metres
from geoplan.results.measured import measure_faults
from geoplan.steps import demand_points, layer_sites
from geoplan.study import Study, read_study
from geoplan.travel_step import open_travel

PANTRIES = "toy_pantries"


def changed(study: Study, **values: object) -> Study:
    layers = [
        layer.model_copy(update=values) if layer.id == PANTRIES else layer for layer in study.layers
    ]
    return study.model_copy(update={"layers": tuple(layers)})


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return read_inputs(read_study("toy"))


@pytest.fixture(scope="module")
def plan(inputs: Inputs) -> Plan:
    return plan_inputs(inputs)


@pytest.fixture(scope="module")
def minutes(inputs: Inputs) -> pd.DataFrame:
    """Every village and every pantry that can be measured to, one row each that has a way."""
    demand = demand_points(inputs)
    travel = open_travel(inputs, demand, lambda what, done, of: None)
    sites = layer_sites(inputs, PANTRIES)
    sites = sites[sites["usable"]]
    xy = to_metres(sites["lon"].astype(float), sites["lat"].astype(float), inputs.study.metres_crs)
    matrix = travel.times(sites["site_id"].to_numpy(object), xy)
    point, site = np.nonzero(matrix.reachable)
    return pd.DataFrame(
        {
            "township": demand.township[point],
            "village": point,
            "people": demand.groups["low_income"][point],
            "site": site,
            "minutes": matrix.ms[point, site] / 60_000,
        }
    )


def test_e2sfca_of_a_township_by_hand(plan: Plan, minutes: pd.DataFrame) -> None:
    """R_j = 1 / sum of people x weight, A_i = sum of R_j x weight, in plain pandas."""
    pairs = minutes.assign(weight=np.maximum(0, 1 - minutes["minutes"] / 60))
    demanded = (pairs["people"] * pairs["weight"]).groupby(pairs["site"]).sum()
    each = pairs["weight"] * pairs["site"].map(np.divide(1, demanded.where(demanded > 0)))
    access = each.groupby(pairs["village"]).sum()
    rows = plan.rows[plan.rows["layer"] == PANTRIES].reset_index(drop=True)
    state = plan.village_rows[plan.village_rows["layer"] == PANTRIES].reset_index(drop=True)
    compared = 0
    for township, row in rows.iterrows():
        here = minutes[minutes["township"] == township].drop_duplicates("village")
        known = state.loc[here["village"], "coverage"].ne("undetermined").to_numpy()
        if row["e2sfca_state"] != "measured" or not known.all():
            continue
        told = (access[here["village"]].to_numpy() * here["people"]).sum() / here["people"].sum()
        assert row["e2sfca_per_100k"] == pytest.approx(told * 100_000, rel=1e-12)
        compared += 1
    assert compared >= 2


def test_anyone_and_own_are_the_same_where_anyone_is_eligible(plan: Plan) -> None:
    rows = plan.rows[plan.rows["layer"] == PANTRIES]
    pd.testing.assert_series_equal(
        rows["e2sfca_per_100k"], rows["e2sfca_anyone_per_100k"], check_names=False
    )
    others = plan.rows[plan.rows["layer"] != PANTRIES]
    assert others[["e2sfca_per_100k", "second_nearest_minutes_mean"]].isna().all(axis=None)
    assert (others["e2sfca_state"] == "").all()


def test_the_second_site_is_no_nearer_than_the_first(plan: Plan, minutes: pd.DataFrame) -> None:
    rows = plan.rows[plan.rows["layer"] == PANTRIES].reset_index(drop=True)
    both = rows.dropna(subset=["second_nearest_minutes_mean", "own_minutes_mean"])
    assert len(both)
    for township, row in both.iterrows():
        here = minutes[minutes["township"] == township]
        second = here.groupby("village")["minutes"].nsmallest(2).groupby(level=0).nth(1)
        assert row["second_nearest_minutes_mean"] <= second.max() + 1e-9
        assert row["second_nearest_minutes_mean"] >= second.min() - 1e-9


def test_a_number_for_every_site_multiplies_access(inputs: Inputs, plan: Plan) -> None:
    norm = plan_inputs(replace(inputs, study=changed(inputs.study, capacity=5.0)))
    one, five = (each.rows[each.rows["layer"] == PANTRIES] for each in (plan, norm))
    np.testing.assert_allclose(
        five["e2sfca_per_100k"].to_numpy(), 5 * one["e2sfca_per_100k"].to_numpy(), rtol=1e-12
    )
    assert set(five["capacity_basis"]) == {"norm"} and set(one["capacity_basis"]) == {"sites"}


def test_every_fault_of_the_measures_at_once(inputs: Inputs) -> None:
    wrong = replace(inputs, study=changed(inputs.study, decay="lineer:60", capacity="given"))
    faults = measure_faults(wrong)
    assert [(each.code, each.column) for each in faults] == [
        ("decay_unknown_near", f"layer.{PANTRIES}.decay"),
        ("capacity_missing", f"layer.{PANTRIES}.capacity"),
    ]
    assert all("toy.toml" in each.tell("en") and "toy.toml" in each.tell("zh") for each in faults)
    with pytest.raises(BadInput) as caught:
        plan_inputs(wrong)
    assert len(caught.value.faults) == 2
