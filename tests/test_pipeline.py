"""The default study's totals, and the laws that hold for every plan."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geoplan.model import Inputs, Plan
from geoplan.rules import SHARES
from geoplan.steps import demand_points
from geoplan.tables import COVERAGES, LISTED
from geoplan.travel.hierarchy import contract
from geoplan.travel.matrix import search_from
from geoplan.travel.network import to_networkx
from geoplan.travel_step import open_travel

TARGETS = {
    "welfare_centres": (158, 155, 1, 2),
    "mental_health_centres": (101, 60, 12, 29),
    "collaboration_sites": (83, 39, 0, 44),
    "food_banks": (368, 143, 0, 225),
}


@pytest.fixture(params=["toy_plan", "plan"])
def any_plan(request: pytest.FixtureRequest) -> Plan:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Plan)
    return found


def test_people_of_the_register(plan: Plan) -> None:
    for _, rows in plan.rows.groupby("layer"):
        assert len(rows) == 368
        assert rows["population"].sum() == 23_299_132
    assert (plan.village_rows.groupby("layer").size() == 7_752).all()


def test_named_unnamed_and_proposed_make_the_target(plan: Plan) -> None:
    nation = plan.counts[plan.counts["county_code"] == ""].set_index("layer")
    for layer, figures in TARGETS.items():
        row = nation.loc[layer]
        found = tuple(
            int(row[column])
            for column in ("target", "existing_named", "existing_unnamed", "proposed")
        )
        assert found == figures
    assert nation["unnamed_known"].to_dict() == {
        "welfare_centres": True,
        "mental_health_centres": True,
        "collaboration_sites": False,
        "food_banks": False,
    }


def test_unnamed_sites_are_bound_to_a_county_where_that_is_known(plan: Plan) -> None:
    counties = plan.counts[plan.counts["county_code"] != ""]
    bound = counties[counties["existing_unnamed"] > 0]
    found = dict(zip(bound["county_name"], bound["existing_unnamed"].astype(int), strict=True))
    assert found == {"屏東縣": 1, "桃園市": 3}


def test_every_kind_of_site_adds_up(any_plan: Plan) -> None:
    nation = any_plan.counts[any_plan.counts["county_code"] == ""]
    kinds = nation[["existing_named", "existing_unnamed", "proposed"]].sum(axis=1)
    assert (kinds == nation["target"]).all()
    listed = any_plan.sites.groupby(["layer", "status"]).size()
    for _, row in nation.iterrows():
        assert listed[row["layer"], "existing"] == row["existing_named"]
        assert listed.get((row["layer"], "proposed"), 0) == row["proposed"]


def test_quota_readings(plan: Plan) -> None:
    row = plan.counts[
        (plan.counts["layer"] == "mental_health_centres") & (plan.counts["county_code"] == "")
    ].iloc[0]
    assert (row["quota_up"], row["quota_nearest"], row["quota_down"]) == (104, 94, 86)
    rests = {note.code: note.values.get("only_if_en", "") for note in plan.notes}
    for rounding, helping in (("nearest", 9), ("down", 5)):  # 38 and 34 are lacking, 29 to place
        for keeps in ("bare", "kept"):
            assert f"only if {helping} of the 9 sites" in rests[f"quota_within_{rounding}_{keeps}"]


def test_every_county_keeps_what_it_has_and_gets_a_mental_health_centre(plan: Plan) -> None:
    counties = plan.counts[
        (plan.counts["layer"] == "mental_health_centres") & (plan.counts["county_code"] != "")
    ]
    stands = counties[["existing_named", "existing_unnamed", "proposed"]].sum(axis=1)
    assert (stands >= 1).all()


def test_food_banks_go_first_to_townships_without_one(plan: Plan) -> None:
    rows = plan.rows[plan.rows["layer"] == "food_banks"]
    assert (rows["sites_named"] > 0).sum() == 84
    assert rows.loc[rows["sites_named"] > 0, "proposed_sites"].sum() == 0
    assert rows["proposed_sites"].max() == 1
    assert ((rows["sites_named"] + rows["proposed_sites"]) == 0).sum() == 59


@pytest.mark.parametrize("who", ["population", "target"])
def test_the_four_states_add_up_in_every_township_and_in_total(any_plan: Plan, who: str) -> None:
    whole = "population" if who == "population" else "target_people"
    parts = any_plan.rows[[f"{who}_{state}" for state in COVERAGES]].sum(axis=1)
    assert (parts == any_plan.rows[whole]).all()
    totals = any_plan.layer_totals
    assert (totals[[f"{who}_{state}" for state in COVERAGES]].sum(axis=1) == totals[whole]).all()


def test_proposals_never_take_coverage_away(any_plan: Plan) -> None:
    rows = any_plan.rows
    assert (rows["target_covered_after"] >= rows["target_covered"]).all()
    settled = rows["target_undetermined"] - rows["target_undetermined_after"]
    gained = rows["target_covered_after"] - rows["target_covered"] - settled
    gained = gained.groupby(rows["layer"]).sum()
    totals = any_plan.layer_totals.set_index("layer")
    assert (gained == totals["gain"].reindex(gained.index)).all()
    assert (totals["gain"] <= totals["gain_bound"]).all()
    assert (totals["listed_gain"] <= totals["listed_gain_bound"]).all()


def test_listed_if_and_only_if_the_rule_is_true(any_plan: Plan) -> None:
    rows = any_plan.rows
    assert (rows["listed"] == rows["status"].isin(LISTED)).all()
    reasons = rows.loc[rows["listed"], "reasons"].str.split(";").str[0]
    assert reasons.isin(["distance", "no_site_on_island"]).all()
    # The rule once more, from the row's own figures.
    rule = {(each.layer, each.universe): each for each in any_plan.study.rules}
    for _, row in rows.iterrows():
        mine = rule[row["layer"], row["universe"]]
        share, with_share = mine.thresholds(*SHARES)
        enough = mine.parameter("people_at_least").value
        people, beyond = row["target_people"], row["beyond_people"]
        true = people > 0 and (
            beyond >= share * people or (beyond >= enough and beyond >= with_share * people)
        )
        assert bool(row["listed"]) == true, (row["layer"], row["township_name"])


def test_need_raises_the_severity_and_never_gates(any_plan: Plan) -> None:
    needy_from = {
        (each.layer, each.universe): each.parameter("needy_from").value
        for each in any_plan.study.rules
    }
    for _, row in any_plan.rows.iterrows():
        needy = row["need_percentile"] >= needy_from[row["layer"], row["universe"]]
        if row["status"] == "severe":
            assert needy
        if row["status"] == "watch":
            assert needy or "interval" in row["reasons"]
        if row["status"] in ("underserved", "not_listed"):
            assert not needy


def test_firm_only_where_the_list_is_complete(any_plan: Plan) -> None:
    rows = any_plan.rows
    complete = rows["list_completeness"].isin(["complete", "planner"])
    assert complete[rows["certainty"] == "firm"].all()
    # Where it is complete and yet provisional, the row says that a neighbour's list is why.
    doubted = complete & (rows["certainty"] == "provisional")
    assert rows.loc[doubted, "flags"].str.contains("unlisted_neighbour").all()


def test_nobody_within_the_threshold_of_a_proposal_stays_undetermined(any_plan: Plan) -> None:
    rows = any_plan.village_rows
    after = rows[rows["coverage_after"] == "covered"]
    minutes = {layer.id: layer.minutes for layer in any_plan.study.layers}
    assert (after["own_minutes_after"] <= after["layer"].map(minutes)).all()
    townships = any_plan.sites[any_plan.sites["status"] == "proposed"]
    for layer, sites in townships.groupby("layer"):
        here = rows[(rows["layer"] == layer) & rows["township_code"].isin(sites["township_code"])]
        assert (here["coverage_after"] == "covered").any()


def test_minutes_are_told_only_of_people_who_are_determined(any_plan: Plan) -> None:
    rows = any_plan.village_rows
    unsure = rows[rows["coverage"] == "undetermined"]
    assert unsure["own_minutes"].isna().all()
    assert (unsure["own_state"] == "unknown").all()
    measured = any_plan.rows["own_measured_people"]
    told = any_plan.rows["target_covered"] + any_plan.rows["target_uncovered"]
    assert (measured <= told).all()


def test_no_township_gets_worse_by_the_plan(any_plan: Plan) -> None:
    assert (any_plan.rows["beyond_people_after"] <= any_plan.rows["beyond_people"]).all()


def test_an_island_without_a_list_is_a_gap_and_not_a_finding(plan: Plan) -> None:
    rows = plan.rows[(plan.rows["layer"] == "food_banks") & (plan.rows["county_name"] == "金門縣")]
    assert (rows["status"] == "undetermined").all()
    assert rows["reasons"].str.startswith("list_gap").all()


def test_no_minutes_to_a_site_without_a_usable_point(any_plan: Plan) -> None:
    """Such a site counts in its township and is nobody's own or nearest site."""
    sites = any_plan.sites
    unusable = set(
        sites.loc[(sites["status"] == "existing") & (sites["point_use"] != "distance"), "site_id"]
    )
    assert unusable
    used = set(any_plan.village_rows["own_site_id"]) | set(any_plan.village_rows["nearest_site_id"])
    assert not used & unusable


def test_townships_missing_from_a_list_are_not_called_unserved(plan: Plan) -> None:
    rows = plan.rows[plan.rows["layer"] == "welfare_centres"].set_index("township_name")
    for name in ("枋寮鄉", "佳冬鄉", "枋山鄉", "春日鄉", "獅子鄉"):
        assert rows.loc[name, "status"] == "undetermined"
        assert rows.loc[name, "certainty"] == "provisional"
        assert "list_gap" in rows.loc[name, "reasons"]
    assert rows.loc["烏坵鄉", "reasons"] == "no_site_on_island"
    for name in ("信義區", "萬華區"):  # their centres moved; the new place is not known
        row = rows.loc[name]
        row = row[row["county_name"] == "臺北市"].iloc[0] if isinstance(row, pd.DataFrame) else row
        assert (row["status"], row["reasons"]) == ("undetermined", "no_usable_point")


def test_islands_are_cut_off_with_ferries_off(plan: Plan) -> None:
    rows = plan.rows[plan.rows["layer"] == "welfare_centres"].set_index("township_name")
    for name in ("琉球鄉", "綠島鄉", "蘭嶼鄉"):
        assert rows.loc[name, "universe"] == "islands"
        assert rows.loc[name, "own_state"] == "unreachable"
        assert rows.loc[name, "population_unreachable"] == rows.loc[name, "population"]


def test_need_figures_are_not_told_below_their_source(any_plan: Plan) -> None:
    modelled = any_plan.village_rows[any_plan.village_rows["target_modelled"]]
    assert (modelled["target_people"] % 10 == 0).all()


def test_sentences_carry_the_row_s_own_figures(any_plan: Plan) -> None:
    for _, row in any_plan.rows.iloc[::7].iterrows():
        for lang in ("zh", "en"):
            assert f"{row['target_people']:,}" in row[f"sentence_{lang}"]
            if row["target_undetermined"] < row["target_people"]:
                assert f"{row['beyond_people']:,}" in row[f"sentence_{lang}"]


def test_ferries_are_a_switch_and_off_by_default(taiwan_inputs: Inputs) -> None:
    inputs = taiwan_inputs
    assert inputs.study.roads is not None
    demand = demand_points(inputs)
    island = (inputs.townships["township_name"] == "琉球鄉").to_numpy()
    times = []
    for use_ferries in (False, True):
        roads = inputs.study.roads.model_copy(update={"use_ferries": use_ferries})
        study = inputs.study.model_copy(update={"roads": roads})
        travel = open_travel(replace(inputs, study=study), demand, lambda *told: None)
        times.append(travel.least_ms(island))
    on_main = inputs.townships["township_name"].to_numpy()[demand.township] == "東港鎮"
    assert (times[0][on_main] == -1).all()
    # The crossing alone takes an hour with the wait.
    assert (times[1][on_main] >= 60 * 60_000).all()


def test_times_on_the_bundled_network_are_those_of_networkx(taiwan_inputs: Inputs) -> None:
    inputs = taiwan_inputs
    demand = demand_points(inputs)
    network = open_travel(inputs, demand, lambda *told: None).network
    assert network is not None
    graph = to_networkx(network).reverse(copy=False)
    hierarchy = contract(network.graph)
    for point in (0, 2_500, 7_000):  # Matsu, the west coast, a municipality
        theirs = nx.single_source_dijkstra_path_length(graph, point, weight="ms")
        for ways in (network.graph, hierarchy):
            join = [(np.array([point]), np.array([1]))]
            ms, _, reachable = search_from(ways, network.points, join)
            ours = np.where(reachable[:, 0], ms[:, 0] - 1, -1)
            assert ours.tolist() == [theirs.get(place, -1) for place in range(network.points)]
