"""The arithmetic of the targets: the kinds of site add up, and a planner's rows fit in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.programme import (
    Standing,
    layer_counts,
    layer_standing,
    quota_readings,
)
from geoplan.tables import COUNTS, schema

DATA = Path(__file__).resolve().parents[1] / "data"
COUNTIES = ["01", "02", "03"]
TARGETS = {
    "welfare_centres": (158, 155, 1, 2),
    "mental_health_centres": (101, 60, 12, 29),
    "collaboration_sites": (83, 39, 0, 44),
    "food_banks": (368, 143, 0, 225),
}


def sites_of(*rows):
    """Sites from (county, status, origin[, use of the point])."""
    return pd.DataFrame(
        [
            (f"s{i:02d}", "clinics", row[0], row[1], row[2], row[3] if len(row) > 3 else "distance")
            for i, row in enumerate(rows)
        ],
        columns=["site_id", "layer", "county_code", "status", "origin", "point_use"],
    )


def lists_of(nation, **counties):
    """Lists from the nation's reported number and (reported, completeness) of each county."""
    rows = [("clinics", "", nation, "partial")]
    rows += [("clinics", code.strip("c"), *values) for code, values in counties.items()]
    columns = ["layer", "county_code", "reported_existing", "completeness"]
    return pd.DataFrame(rows, columns=columns)


def standing_of(sites, lists, target=10) -> Standing:
    return layer_standing("clinics", target, COUNTIES, sites, lists)


BUNDLED = [("01", "existing", "bundled")] * 2 + [("02", "existing", "bundled")] * 3
LISTS = lists_of(8, c01=(4, "partial"), c02=(3, "complete"), c03=(None, "unknown"))


def test_reported_sites_beyond_the_lists_are_counted_and_bound_where_known():
    standing = standing_of(sites_of(*BUNDLED), LISTS)
    assert standing.named.tolist() == [2, 3, 0]
    assert standing.unnamed.tolist() == [2, 0, 0]
    assert standing.unbound == 1
    assert (standing.stands, standing.to_place) == (8, 2)
    assert standing.unnamed_known.tolist() == [True, True, False]
    assert standing.conditional.tolist() == [True, False, True]


def test_closed_and_legacy_sites_are_never_counted():
    closed = [("01", "closed", "bundled"), ("03", "closed", "bundled")]
    standing = standing_of(sites_of(*BUNDLED, *closed), LISTS)
    assert (standing.all_named, standing.stands) == (5, 8)


def test_without_a_national_number_nothing_unnamed_is_counted():
    lists = lists_of(None, c01=(4, "partial"), c02=(3, "complete"))
    standing = standing_of(sites_of(*BUNDLED), lists)
    assert (standing.all_named, standing.all_unnamed, standing.to_place) == (5, 0, 5)
    assert not standing.reported
    assert standing.unnamed_known.tolist() == [False, True, False]
    assert standing.conditional.tolist() == [True, True, True]
    rows = counts_of(standing, [0, 0, 0])
    assert not rows["unnamed_known"].iloc[0]


def test_the_nation_never_has_fewer_than_its_counties():
    standing = standing_of(sites_of(*BUNDLED), lists_of(6, c01=(4, "partial")))
    assert (standing.all_unnamed, standing.unbound, standing.stands) == (2, 0, 7)


def test_a_county_that_names_more_than_reported_keeps_what_it_names():
    standing = standing_of(sites_of(*BUNDLED), lists_of(8, c02=(1, "partial")))
    assert standing.unnamed.tolist() == [0, 0, 0]
    assert (standing.unbound, standing.stands) == (3, 8)


@pytest.mark.parametrize("blank", ["", None, float("nan")])
def test_a_blank_report_is_not_zero(blank):
    standing = standing_of(sites_of(*BUNDLED), lists_of(blank, c01=(blank, "partial")))
    assert not standing.reported
    assert standing.unnamed_known.tolist() == [False, False, False]


def test_numbers_may_come_as_text():
    standing = standing_of(sites_of(*BUNDLED), lists_of("8", c01=("4.0", "partial")))
    assert standing.stands == 8


def by_planner(lists, *codes):
    planned = lists["county_code"].isin(codes)
    return lists.assign(completeness=lists["completeness"].mask(planned, "planner"))


def test_a_site_a_planner_adds_is_taken_for_an_unnamed_one():
    sites = sites_of(*BUNDLED, ("03", "existing", "planner"))
    standing = standing_of(sites, by_planner(LISTS, "03"))
    assert standing.named.tolist() == [2, 3, 1]
    assert (standing.unbound, standing.stands, standing.to_place) == (0, 8, 2)
    assert standing.unnamed_known.tolist() == [True, True, True]
    assert standing.conditional.tolist() == [True, False, False]


def test_what_was_reported_beyond_a_planners_list_still_stands_somewhere():
    sites = sites_of(*BUNDLED, ("01", "existing", "planner"))
    standing = standing_of(sites, by_planner(LISTS, "01"))
    assert standing.unnamed.tolist() == [0, 0, 0]
    assert (standing.all_named, standing.unbound, standing.stands) == (6, 2, 8)


def test_a_site_added_where_all_reported_were_named_is_new():
    sites = sites_of(*BUNDLED, ("02", "existing", "planner"))
    standing = standing_of(sites, by_planner(LISTS, "02"))
    assert standing.unnamed.tolist() == [2, 0, 0]
    assert (standing.unbound, standing.stands, standing.to_place) == (1, 9, 1)


def test_sites_added_beyond_all_unnamed_are_new():
    sites = sites_of(*BUNDLED, *[("03", "existing", "planner")] * 4)
    standing = standing_of(sites, by_planner(LISTS, "03"))
    assert (standing.unbound, standing.stands, standing.to_place) == (0, 11, 0)


def test_a_site_a_planner_closes_no_longer_stands():
    sites = sites_of(*BUNDLED[:-1], ("02", "closed", "planner"))
    standing = standing_of(sites, by_planner(LISTS, "02"))
    assert (standing.all_named, standing.all_unnamed, standing.stands) == (4, 3, 7)
    assert standing.to_place == 3
    unknown = standing_of(sites, by_planner(lists_of(None, c02=(3, "complete")), "02"))
    assert (unknown.stands, unknown.to_place) == (4, 6)


def test_a_site_that_moved_under_a_new_id_changes_nothing():
    sites = sites_of(*BUNDLED[:-1], ("02", "closed", "planner"), ("02", "existing", "planner"))
    standing = standing_of(sites, by_planner(LISTS, "02"))
    assert (standing.all_named, standing.all_unnamed, standing.stands) == (5, 3, 8)


def test_when_every_list_is_full_nothing_is_conditional():
    lists = lists_of(None, c01=(2, "complete"), c02=(None, "planner"), c03=(None, "planner"))
    standing = standing_of(sites_of(*BUNDLED), lists)
    assert not standing.conditional.any()
    assert standing.national_completeness == "complete"
    assert counts_of(standing, [0, 0, 0])["unnamed_known"].all()


def test_a_full_list_that_names_fewer_than_reported_is_not_called_known():
    lists = lists_of(None, c01=(3, "complete"), c02=(3, "complete"), c03=(None, "planner"))
    standing = standing_of(sites_of(*BUNDLED), lists)
    assert standing.unnamed_known.tolist() == [False, True, True]


def test_what_a_county_still_needs():
    standing = standing_of(sites_of(*BUNDLED), LISTS)
    assert standing.still_needed(1).tolist() == [0, 0, 1]
    assert standing.still_needed(4).tolist() == [0, 1, 4]
    assert standing.still_needed(0).tolist() == [0, 0, 0]


def test_sites_without_a_county_count_in_the_nation_alone():
    sites = sites_of(*BUNDLED, ("", "existing", "bundled", "none"))
    standing = standing_of(sites, LISTS)
    rows = counts_of(standing, [1, 0, 1])
    assert rows["existing_named"].tolist() == [6, 2, 3, 0]
    assert rows["usable_points"].tolist() == [5, 2, 3, 0]
    assert rows["existing_unnamed"].tolist() == [2, 2, 0, 0]


def counts_of(standing, proposed, readings=()):
    counties = pd.DataFrame({"county_code": COUNTIES, "county_name": ["A", "B", "C"]})
    return layer_counts(standing, counties, np.array(proposed), readings)


def test_rows_fit_the_table_and_add_up():
    standing = standing_of(sites_of(*BUNDLED, ("01", "existing", "bundled", "township")), LISTS)
    residents = np.array([600_000, 250_000, 10])
    readings = quota_readings(residents, standing.named, 250_000, 3)
    rows = counts_of(standing, [1, 0, 1], readings)
    schema(COUNTS).validate(rows)
    nation, counties = rows.iloc[0], rows.iloc[1:]
    assert nation[["existing_named", "existing_unnamed", "proposed"]].sum() == nation["target"]
    assert counties["target"].isna().all()
    assert rows["usable_points"].tolist() == [5, 2, 3, 0]
    for column in ("quota_up", "quota_nearest", "quota_down", "proposed"):
        assert counties[column].sum() == nation[column]
    schema(COUNTS).validate(counts_of(standing, [1, 0, 1]))


def test_more_proposals_than_the_target_leaves_are_refused():
    with pytest.raises(ValueError, match="clinics: 3 proposed of 2"):
        counts_of(standing_of(sites_of(*BUNDLED), LISTS), [1, 1, 1])


def test_readings_of_a_quota():
    residents = np.array([0, 1, 124_999, 125_000, 250_000, 250_001, 625_000])
    stands = np.array([0, 0, 0, 5, 0, 0, 0])
    found = {(r.rounding, r.keeps): r for r in quota_readings(residents, stands, 250_000, 12)}
    assert found["up", False].sites.tolist() == [0, 1, 1, 1, 1, 2, 3]
    assert found["nearest", False].sites.tolist() == [1, 1, 1, 1, 1, 1, 3]
    assert found["down", False].sites.tolist() == [1, 1, 1, 1, 1, 1, 2]
    assert found["down", True].sites.tolist() == [1, 1, 1, 5, 1, 1, 2]
    assert (found["down", True].total, found["down", True].above_target) == (12, False)
    assert (found["nearest", True].total, found["nearest", True].above_target) == (13, True)


# ---------------------------------------------------------------------------------------------
# The programme to 2030


def read(name):
    return pd.read_csv(DATA / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def counties():
    return read("population/counties.csv")


@pytest.mark.parametrize(("layer", "numbers"), TARGETS.items())
def test_named_unnamed_and_proposed_make_the_target_exactly(layer, numbers, counties):
    target, named, unnamed, proposed = numbers
    sites = read(f"facilities/{layer}.csv").assign(layer=layer, origin="bundled")
    lists = read("facilities/completeness.csv")
    standing = layer_standing(layer, target, counties["county_code"].tolist(), sites, lists)
    assert (standing.all_named, standing.all_unnamed, standing.to_place) == (
        named,
        unnamed,
        proposed,
    )
    assert named + unnamed + proposed == target
    everywhere = np.bincount(np.arange(proposed) % len(counties), minlength=len(counties))
    rows = layer_counts(standing, counties, everywhere)
    schema(COUNTS).validate(rows)
    nation, rest = rows.iloc[0], rows.iloc[1:]
    assert nation["existing_named"] + nation["existing_unnamed"] + nation["proposed"] == target
    assert rest["existing_named"].sum() == named
    assert rest["existing_unnamed"].sum() <= unnamed
    assert bool(nation["unnamed_known"]) == (layer in ("welfare_centres", "mental_health_centres"))


@pytest.mark.parametrize(
    ("layer", "bound", "unbound"),
    [
        ("welfare_centres", {"屏東縣": 1}, 0),
        ("mental_health_centres", {"桃園市": 3}, 9),
        ("collaboration_sites", {}, 0),
        ("food_banks", {}, 0),
    ],
)
def test_unnamed_sites_are_bound_to_the_county_that_reports_them(layer, bound, unbound, counties):
    sites = read(f"facilities/{layer}.csv").assign(layer=layer)
    lists = read("facilities/completeness.csv")
    codes = counties["county_code"].tolist()
    standing = layer_standing(layer, TARGETS[layer][0], codes, sites, lists)
    names = counties["county_name"]
    found = {name: n for name, n in zip(names, standing.unnamed, strict=True) if n}
    assert found == bound
    assert standing.unbound == unbound
    conditional = set(names[standing.conditional])
    if layer == "welfare_centres":
        assert conditional == {"屏東縣"}
    elif layer == "mental_health_centres":
        assert {"桃園市", "臺中市"} <= conditional
        assert "臺北市" not in conditional
    else:
        assert len(conditional) == 22


def test_the_quota_per_250000_residents_read_in_six_ways(counties):
    centres = read("facilities/mental_health_centres.csv").assign(layer="mental_health_centres")
    codes = counties["county_code"].tolist()
    lists = read("facilities/completeness.csv")
    standing = layer_standing("mental_health_centres", 101, codes, centres, lists)
    residents = counties["population"].astype("int64").to_numpy()
    readings = quota_readings(residents, standing.named + standing.unnamed, 250_000, 101)
    assert {(r.rounding, r.keeps): (r.total, r.above_target) for r in readings} == {
        ("up", False): (104, True),
        ("up", True): (109, True),
        ("nearest", False): (94, False),
        ("nearest", True): (101, False),
        ("down", False): (86, False),
        ("down", True): (97, False),
    }


# ---------------------------------------------------------------------------------------------
# Laws


@st.composite
def situations(draw):
    """Sites and lists of three counties, with a planner's rows in some of them."""
    rows, counties = [], {}
    for code in COUNTIES:
        planner = draw(st.booleans())
        rows += [(code, "existing", "bundled")] * draw(st.integers(0, 3))
        if planner:
            rows += [(code, "existing", "planner")] * draw(st.integers(0, 3))
            rows += [(code, "closed", "planner")] * draw(st.integers(0, 2))
        state = "planner" if planner else draw(st.sampled_from(["complete", "partial", "unknown"]))
        counties[f"c{code}"] = (draw(st.none() | st.integers(0, 6)), state)
    return sites_of(*rows), lists_of(draw(st.none() | st.integers(0, 20)), **counties)


@given(situations(), st.integers(0, 25))
@settings(max_examples=200, deadline=None)
def test_the_arithmetic_always_closes(situation, target):
    standing = standing_of(*situation, target=target)
    assert standing.all_named + standing.all_unnamed == standing.stands
    assert standing.stands + standing.to_place == max(target, standing.stands)
    assert (standing.unnamed >= 0).all()
    assert standing.unbound >= 0
    assert standing.stands >= int((standing.named + standing.unnamed).sum())
    if not standing.reported:
        assert standing.all_unnamed == 0


@given(situations(), st.sampled_from(COUNTIES))
@settings(max_examples=200, deadline=None)
def test_a_site_more_never_lowers_what_stands_and_adds_at_most_one(situation, code):
    sites, lists = situation
    more = pd.concat([sites, sites_of((code, "existing", "planner"))], ignore_index=True)
    before = standing_of(sites, by_planner(lists, code))
    after = standing_of(more, by_planner(lists, code))
    assert after.all_named == before.all_named + 1
    assert 0 <= after.stands - before.stands <= 1
    assert before.to_place - after.to_place == min(after.stands - before.stands, before.to_place)


@given(situations(), st.integers(0, 100))
@settings(max_examples=200, deadline=None)
def test_closing_a_site_takes_it_from_what_stands(situation, turn):
    sites, lists = situation
    open_rows = sites.index[sites["status"] == "existing"]
    if not len(open_rows):
        return
    row = open_rows[turn % len(open_rows)]
    lists = by_planner(lists, sites.loc[row, "county_code"])
    closed = sites.copy()
    closed.loc[row, ["status", "origin"]] = ["closed", "planner"]
    before, after = standing_of(sites, lists), standing_of(closed, lists)
    assert after.stands <= before.stands
    assert after.all_named == before.all_named - 1
    if before.reported and before.all_unnamed > 0:
        assert after.stands == before.stands - 1
