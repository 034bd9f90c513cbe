"""Laws of the whole line: what must not change a plan, and what may only change it one way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.catalog import read_inputs
from geoplan.model import Inputs, Plan
from geoplan.pipeline import Asked, plan_inputs
from geoplan.study import read_study


@pytest.fixture(scope="module")
def toy_inputs() -> Inputs:
    return read_inputs(read_study("toy"))


def test_the_order_of_sites_and_areas_changes_nothing(toy_inputs: Inputs) -> None:
    first = plan_inputs(toy_inputs)
    turned = replace(
        toy_inputs,
        sites=toy_inputs.sites.iloc[::-1].reset_index(drop=True),
        service_areas=toy_inputs.service_areas.iloc[::-1].reset_index(drop=True),
        completeness=toy_inputs.completeness.iloc[::-1].reset_index(drop=True),
    )
    second = plan_inputs(turned)
    assert first.rows.equals(second.rows)
    assert first.village_rows.equals(second.village_rows)
    assert first.sites.equals(second.sites)


def test_twice_the_people_leaves_shares_and_need_as_they_are(toy_inputs: Inputs) -> None:
    first = plan_inputs(toy_inputs)
    points = toy_inputs.points.copy()
    people = [name for name in points.columns if name.startswith("population")]
    points[people] = points[people] * 2
    second = plan_inputs(replace(toy_inputs, points=points))
    layer = first.study.layers[0].id
    one, two = (plan.rows[plan.rows["layer"] == layer] for plan in (first, second))
    assert np.allclose(one["beyond_share"], two["beyond_share"], equal_nan=True)
    assert np.allclose(one["own_minutes_mean"], two["own_minutes_mean"], equal_nan=True)
    assert np.allclose(one["need_percentile"], two["need_percentile"], equal_nan=True)
    assert (one["population"].to_numpy() * 2 == two["population"].to_numpy()).all()


@settings(max_examples=12)
@given(st.data())
def test_a_site_added_never_lowers_coverage(
    toy_inputs: Inputs, quick_plan: Plan, data: st.DataObject
) -> None:
    inputs = toy_inputs
    layer = data.draw(st.sampled_from([each.id for each in inputs.study.layers]))
    place = data.draw(st.integers(0, len(inputs.points) - 1))
    point = inputs.points.iloc[place]
    township = inputs.townships.set_index("township_code").loc[point["township_code"]]
    like = inputs.sites[inputs.sites["layer"] == layer].iloc[0]
    added = like.copy()
    for name, value in {
        "site_id": "ZZ1",
        "status": "existing",
        "lon": point["lon"],
        "lat": point["lat"],
        "point_use": "distance",
        "township_code": point["township_code"],
        "township_name": township["township_name"],
        "county_code": township["county_code"],
        "county_name": township["county_name"],
    }.items():
        added[name] = value
    more = replace(inputs, sites=pd.concat([inputs.sites, added.to_frame().T], ignore_index=True))
    covered = [
        plan.rows.loc[plan.rows["layer"] == layer, "target_covered"].to_numpy()
        for plan in (quick_plan, plan_inputs(more, asked=Asked(quick=True)))
    ]
    assert (covered[1] >= covered[0]).all()


def test_without_roads_every_row_is_flagged_and_no_trip_crosses_the_sea(
    toy_inputs: Inputs,
) -> None:
    study = toy_inputs.study.model_copy(update={"roads": None})
    plan = plan_inputs(replace(toy_inputs, study=study, roads={}))
    assert plan.rows["flags"].str.contains("straight_line").all()
    measured = plan.rows["own_state"] == "measured"
    assert (plan.rows.loc[measured, "modelled_share"] == 1).all()
    assert (plan.rows["own_state"] == "unreachable").any()
    assert "network_straight_line" in {note.code for note in plan.notes}
