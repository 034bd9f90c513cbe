"""What the page computes a trial from: the table of minutes and the ground beside it."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geoplan.maps.times import deflated, inflated, nearest_before
from geoplan.maps.trial import trial_data
from geoplan.model import Plan

TABLES = arrays.arrays(
    np.int32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.integers(-1, 2**31 - 1),
)


@given(TABLES, st.integers(0, 2**32 - 1))
def test_the_table_comes_back_cell_by_cell(table: Any, seed: int) -> None:
    before = nearest_before(np.random.default_rng(seed).random((len(table), 2)))
    again = inflated(deflated(table, before), before, table.shape[1])
    assert again.dtype == np.int32
    np.testing.assert_array_equal(again, table)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40))
def test_the_row_before_is_the_nearest_of_those_before(places: list[tuple[int, int]]) -> None:
    xy = np.array(places, float)
    found = nearest_before(xy)
    assert found[0] == -1
    for at in range(1, len(xy)):
        apart = ((xy[:at] - xy[at]) ** 2).sum(axis=1)
        assert 0 <= found[at] < at
        assert apart[found[at]] == apart.min()


def page_trial(plan: Plan) -> tuple[dict[str, Any], Any]:
    """The page's data of a trial, taken apart as the browser does."""
    made = trial_data(plan)
    assert made["trial"] is not None
    assert made["times"] is not None
    data = json.loads(zlib.decompress(base64.b64decode(made["trial"])))
    before = np.array(data["points"]["before"])
    table = inflated(base64.b64decode(made["times"]), before, len(data["columns"]["id"]))
    return data, table


def test_own_minutes_follow_from_the_page(toy_plan: Plan) -> None:
    data, table = page_trial(toy_plan)
    layer = data["layers"]["toy_pantries"]  # anyone may use any of them
    sites = layer["sites"]
    columns = [at for at, known in zip(sites["column"], sites["measured"], strict=True) if known]
    assert [data["columns"]["id"][at] for at in columns] == [
        site for site, known in zip(sites["id"], sites["measured"], strict=True) if known
    ]
    ms = np.where(table[:, columns] < 0, 2**31 - 1, table[:, columns]).min(axis=1)
    villages = toy_plan.village_rows[toy_plan.village_rows["layer"] == "toy_pantries"]
    known = (villages["nearest_minutes"].notna()).to_numpy()
    assert known.any()
    np.testing.assert_allclose(
        ms[known] / 60_000, villages["nearest_minutes"].to_numpy(float)[known]
    )
    assert ((ms == 2**31 - 1) == ~known).all()  # no way: -1 in every column
    areas = [f"area-{code}" for code in sorted(toy_plan.townships["township_code"])]
    candidates = [data["columns"]["id"][at] for at in layer["candidates"]]
    assert [each for each in sorted(candidates) if each.startswith("area-")] == areas


def test_a_page_without_a_ground_has_no_trial(toy_plan: Plan) -> None:
    nothing = dataclasses.replace(toy_plan, trial=None)
    assert trial_data(nothing) == {"trial": None, "times": None}


def test_a_table_too_large_leaves_the_trial_out(toy_plan: Plan, monkeypatch: Any) -> None:
    monkeypatch.setattr("geoplan.maps.trial.MOST_BYTES", 1)
    assert trial_data(toy_plan) == {"trial": None, "times": None}
