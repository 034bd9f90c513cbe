"""The tables of the plan of new sites, on the toy country and on what a study says of its years."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from geoplan.catalog import read_inputs
from geoplan.errors import BadInput
from geoplan.export.writers import result_files
from geoplan.model import Plan
from geoplan.phasing_spec import CentralShare, new_by_year
from geoplan.programme import QuotaReading, Standing
from geoplan.results.notes import only_if
from geoplan.results.quotas import quota_table
from geoplan.results.siting_counties import cost_shares
from geoplan.results.siting_proofs import certificate_of
from geoplan.results.siting_tables import phased_plan
from geoplan.siting.proposal import Siting
from geoplan.study import Layer, read_study
from geoplan.tables import COST_SHARES, QUOTA_READINGS, checked
from geoplan.targets import central_share
from tests.found import Found, found_for
from tests.inputs import toy_copy


def of(plan: Plan, table: str, layer: str):
    frame = plan.details[table]
    return frame[frame["layer"] == layer]


def layers(plan: Plan) -> list[str]:
    return [layer.id for layer in plan.study.layers]


@pytest.fixture(scope="module")
def toy() -> Found:
    return found_for(read_inputs(read_study("toy")))


def with_siting(name: str, **keys) -> Layer:
    layer = next(each for each in read_study("toy").layers if each.id == name)
    return layer.model_copy(update={"siting": layer.siting.model_copy(update=keys)})


# ---------------------------------------------------------------------------------------------
# What a study says


@pytest.mark.parametrize(
    ("place", "years", "expected"),
    [
        (29, 5, (6, 12, 18, 24, 29)),
        (2, 5, (1, 1, 2, 2, 2)),
        (225, 5, (45, 90, 135, 180, 225)),
        (0, 3, (0, 0, 0)),
        (7, 1, (7,)),
    ],
)
def test_without_targets_the_years_share_evenly_an_odd_one_earlier(place, years, expected):
    layer = with_siting("toy_centres")
    assert new_by_year(layer, years, place, 10) == expected


def test_yearly_targets_count_what_stands_and_a_budget_holds_them_back():
    layer = with_siting("toy_centres", yearly_targets=(11, 14, 20))
    assert new_by_year(layer, 3, 8, 12) == (0, 2, 8)
    poor = with_siting("toy_centres", unit_cost=10, yearly_budget=(25, 0, 39))
    assert new_by_year(poor, 3, 9, 0) == (2, 2, 5)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("yearly_targets = [5]\nyearly_targets_source = 'x'", "yearly_length"),
        ("yearly_targets = [7, 5]\nyearly_targets_source = 'x'", "yearly_targets_fall"),
        ("yearly_targets = [5, 6]\nyearly_targets_source = 'x'", "yearly_targets_end"),
        ("yearly_targets = [5, 7]", "source_needed"),
        ("unit_cost = 5", "source_needed"),
        ("yearly_budget = [5, 5]", "budget_needs_cost"),
    ],
)
def test_years_that_do_not_fit_are_told(lines: str, code: str, tmp_path: Path):
    study = toy_copy(tmp_path)
    text = study.read_text("utf-8")
    study.write_text(text.replace("county_at_least = 3", f"county_at_least = 3\n{lines}"), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_study(study)
    assert code in {fault.code for fault in caught.value.faults}
    for fault in caught.value.faults:
        assert "{" not in fault.tell("zh") + fault.tell("en")


def test_years_rise(tmp_path: Path):
    study = toy_copy(tmp_path)
    text = study.read_text("utf-8").replace("years = [2026, 2027]", "years = [2027, 2027]")
    study.write_text(text, "utf-8")
    with pytest.raises(BadInput) as caught:
        read_study(study)
    assert [fault.code for fault in caught.value.faults] == ["years_rising"]


SHARES = """
[phasing.central_share]
tier_column = "{column}"
tiers_known_until = 2026
percent = [50, 75]
source = "invented"
"""


@pytest.mark.parametrize(
    ("column", "code"),
    [("popullation", "figure_absent_near"), ("population", "tier_without_share")],
)
def test_a_tier_column_is_looked_at_at_the_door(column: str, code: str, tmp_path: Path):
    study = toy_copy(tmp_path)
    with study.open("a", encoding="utf-8") as file:
        file.write(SHARES.format(column=column))
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study(study))
    fault = next(each for each in caught.value.faults if each.code == code)
    assert (fault.column, fault.file) == (column, "toy/population/counties.csv")
    assert "{" not in fault.tell("zh") + fault.tell("en")


def test_the_default_study_shares_cost_as_the_documents_say():
    study = read_study("tw-2030")
    shares = study.phasing and study.phasing.central_share
    assert shares
    figures = read_inputs(study).programme.figures
    for year in study.phasing.years:
        for tier, percent in enumerate(shares.percent, start=1):
            found = central_share(tier, year, figures)
            assert found is not None
            assert found.percent == percent
            assert found.source.partition(":")[0] in shares.source


# ---------------------------------------------------------------------------------------------
# The toy country


def test_years_add_up_and_none_beats_its_bound(toy_plan: Plan):
    for layer in layers(toy_plan):
        rows = of(toy_plan, "siting_years", layer)
        years, total = rows[rows["year"] != ""], rows[rows["year"] == ""].iloc[0]
        proposed = toy_plan.sites.query("layer == @layer and status == 'proposed'")
        assert years["year"].tolist() == ["2026", "2027"]
        assert years["new_sites"].cumsum().tolist() == years["sites"].tolist()
        assert proposed["year"].value_counts().to_dict() == {
            year: new for year, new in zip(years["year"], years["new_sites"], strict=True) if new
        }
        assert (years["listed_gain"] <= years["listed_bound"]).all()
        assert (years["gain"] <= years["gain_bound"]).all()
        assert (years["proof"] == "optimal").all()
        assert total["listed_gain"] == years["listed_gain"].sum()
        assert total["listed_loss"] == years["listed_loss"].sum()
        assert years["listed_gain"].iloc[-1] == proposed["listed_gain"].sum()
        assert 0 <= total["gap"] <= 0.005


def test_who_gains_adds_up_to_what_each_site_gains(toy_plan: Plan):
    gains = toy_plan.details["siting_gains"]
    for layer in layers(toy_plan):
        for _, site in of(toy_plan, "siting_sites", layer).iterrows():
            mine = gains[gains["site_id"] == site["site_id"]]
            assert mine["gain"].sum() == site["gain"]
            assert mine.loc[mine["listed"], "gain"].sum() == site["listed_gain"]
            assert 0 <= site["listed_loss"] <= site["loss"]
            assert site["runs"] == 100
            assert site["selected"] in ("always", "often", "contested")
        ids = of(toy_plan, "siting_sites", layer)["site_id"].tolist()
        assert set(ids) <= set(toy_plan.sites["site_id"])


def test_townships_year_by_year_go_from_today_to_the_whole_plan(toy_plan: Plan):
    progress, gains = toy_plan.details["siting_progress"], toy_plan.details["siting_gains"]
    years = toy_plan.details["siting_sites"].set_index("site_id")["year"]
    for layer in layers(toy_plan):
        rows = toy_plan.rows[toy_plan.rows["layer"] == layer].set_index("township_code")
        mine = progress[progress["layer"] == layer]
        at = sorted(set(mine["year"]))
        assert at == [str(year) for year in toy_plan.study.phasing.years]
        gained = gains[gains["layer"] == layer]
        for year in at:
            row = mine[mine["year"] == year].set_index("township_code").loc[rows.index]
            so_far = gained[gained["site_id"].map(years) <= year]
            less = so_far.groupby("township_code")["gain"].sum().reindex(rows.index).fillna(0)
            main = rows["universe"] == "main_island"
            expected = rows["beyond_people"] - less
            assert (row["beyond_people"][main] == expected[main]).all()
        assert row["beyond_people"].equals(rows["beyond_people_after"])
        assert row["target_undetermined"].equals(rows["target_undetermined_after"])
        assert row["own_minutes_mean"].equals(
            rows["own_minutes_mean_after"].rename("own_minutes_mean")
        )


def test_the_curve_lies_under_its_bound_and_the_parts_make_the_whole(toy_plan: Plan):
    for layer in layers(toy_plan):
        curve = of(toy_plan, "siting_curve", layer)
        assert (curve["listed_gain"] <= curve["listed_bound"]).all()
        assert (curve["best_listed_gain"] == curve["listed_bound"]).all()
        assert curve["listed_bound"].is_monotonic_increasing
        total = toy_plan.layer_totals.query("layer == @layer").iloc[0]
        parts = of(toy_plan, "siting_parts", layer)
        assert parts["gain"].sum() == total["gain"]
        assert parts["townships"].sum() == len(toy_plan.townships)
        assert (parts["listed_gain"] <= parts["listed_bound"]).all()
        areas = of(toy_plan, "siting_areas", layer)
        nation, counties = areas.iloc[0], areas.iloc[1:]
        assert nation["covered_after"] == counties["covered_after"].sum()
        assert nation["covered_after"] == total["target_covered_after"]
        assert nation["sites"] == counties["sites"].sum()


def test_other_plans_stand_beside(toy_plan: Plan):
    beside = toy_plan.details["siting_beside"].set_index(["layer", "plan"])
    for layer in layers(toy_plan):
        phased, plain = beside.loc[(layer, "phased")], beside.loc[(layer, "plain")]
        best = beside.loc[(layer, "unphased")]
        assert phased["listed_gain"] <= best["listed_gain"] == best["listed_bound"]
        assert plain["gain"] == plain["gain_bound"] >= best["gain"]
    assert ("toy_pantries", "without_first") in beside.index
    assert ("toy_centres", "without_first") not in beside.index
    assert beside.loc[("toy_pantries", "phased"), "places_first"] == 4


def test_a_phased_plan_is_proven_best_only_at_both_bounds(toy: Found):
    for outcome in toy.outcomes:
        siting = outcome.siting
        last = siting.last

        def told(listed: int, gain: int, siting: Siting = siting) -> str:
            year = dataclasses.replace(siting.last, listed=listed, gain=gain)
            proposal = dataclasses.replace(siting.proposal, years=(year,))
            return phased_plan(dataclasses.replace(siting, proposal=proposal)).status

        assert told(last.best.listed_bound, last.best.gain_bound) == "optimal"
        assert told(last.best.listed_bound, last.best.gain_bound - 1) == "within"
        assert told(last.best.listed_bound - 1, last.best.gain_bound) == "within"


def test_moves_are_of_assigned_services_and_bring_people_nearer(toy_plan: Plan):
    moves = toy_plan.details["siting_moves"]
    assert set(moves["layer"]) <= {"toy_centres"}
    timed = moves[moves["from_site_id"] != ""]
    assert (timed["minutes_after"] < timed["minutes_before"]).all()
    assert (moves["target_people"] > 0).all()


def test_a_quick_run_has_the_same_plan_without_runs_and_other_plans(
    toy_plan: Plan, quick_plan: Plan
):
    for table in ("siting_years", "siting_gains", "siting_beside", "siting_areas"):
        assert quick_plan.details[table].equals(toy_plan.details[table])
    assert quick_plan.details["siting_alternatives"].empty
    assert quick_plan.details["siting_parts"].empty
    assert not quick_plan.certificates
    assert set(quick_plan.details["siting_sites"]["selected"]) == {""}


def test_every_year_has_its_certificate(toy_plan: Plan):
    names = {
        f"certificate-{layer}-{year}{ending}.zip"
        for layer in layers(toy_plan)
        for year in (2026, 2027)
        for ending in ("", "-plain")
    }
    written = dict(result_files(toy_plan, ""))
    assert {name for name in written if name.startswith("certificate")} == names


def test_certificates_name_their_groups_by_county_or_by_township(toy: Found):
    """By township where townships without a site come first; never guessed from their number."""
    counties = tuple(toy.ground.inputs.counties["county_code"])
    townships = tuple(toy.ground.inputs.townships["township_code"])
    for outcome in toy.outcomes:
        answer = outcome.siting.last.best.answer
        assert answer is not None
        by_place = outcome.layer.siting.townships_without_first
        assert certificate_of(toy.ground, outcome, answer).group_id == (
            townships if by_place else counties
        )


def test_a_quota_that_asks_for_too_much_names_its_counties(toy: Found):
    table = checked(quota_table(toy.ground, toy.outcomes), QUOTA_READINGS)
    assert table["rounding"].tolist() == ["none", "up", "nearest", "down"]
    for _, row in table.iterrows():
        enough = row["new_needed"] <= row["to_place"] + row["unplaced"]
        assert (row["proof"] != "infeasible") == enough
        assert (row["infeasible_because"] == "") == enough
    asking = toy.outcomes[0].layer.siting.model_copy(update={"soft_residents_per_site": 1000})
    layer = toy.outcomes[0].layer.model_copy(update={"siting": asking})
    greedy = dataclasses.replace(toy.outcomes[0], layer=layer)
    more = quota_table(toy.ground, [greedy])
    asked = more[more["rounding"] != "none"]
    assert (asked["proof"] == "infeasible").all()
    assert asked["counties"].str.contains("郡").all()
    assert asked["gain"].isna().all()


def test_without_a_quota_the_reading_is_the_plan_that_is_known(toy: Found):
    table = quota_table(toy.ground, toy.outcomes).set_index(["layer", "rounding"])
    for outcome in toy.outcomes:
        if outcome.layer.siting.soft_residents_per_site is None:
            continue
        row, best = table.loc[(outcome.layer.id, "none")], outcome.siting.last.best
        assert (row["listed_gain"], row["gain"]) == (best.listed, best.gain)
        assert (row["listed_bound"], row["gain_bound"]) == (best.listed_bound, best.gain_bound)


@pytest.mark.parametrize(
    ("to_place", "unplaced", "told"),
    [
        (9, 0, ""),  # all that is lacking may be placed
        (9, 4, ""),
        (5, 4, "only if 4 of the 4 sites of unknown county"),
        (6, 7, "only if 3 of the 7 sites of unknown county"),
        (6, 2, ""),  # more is lacking than can stand: what stands is more than the reading allows
    ],
)
def test_a_reading_within_the_target_says_what_it_rests_on(to_place: int, unplaced: int, told: str):
    counts = [3, 0]
    standing = Standing(
        layer="x",
        target=sum(counts) + unplaced + to_place,
        named=np.array(counts),
        usable=np.array(counts),
        planned=np.zeros(2, np.int64),
        unnamed=np.zeros(2, np.int64),
        unnamed_known=np.ones(2, np.bool_),
        completeness=("complete", "complete"),
        elsewhere=unplaced // 2,
        elsewhere_usable=0,
        unbound=unplaced - unplaced // 2,
        reported=True,
        national_completeness="complete",
    )
    assert standing.to_place == to_place
    reading = QuotaReading(
        "down", keeps=False, sites=np.array([7, 5]), total=12, above_target=False
    )
    rests = only_if(reading, standing)
    assert told in rests["only_if_en"]
    assert bool(told) == bool(rests["only_if_en"]) == bool(rests["only_if_zh"])


def test_cost_is_shared_by_tier_and_held_constant_after_the_known_years(toy: Found):
    assert cost_shares(toy.ground, toy.outcomes).empty  # no unit cost, nothing invented
    share = CentralShare(tier_column="tier", tiers_known_until=2026, percent=(50, 75), source="x")
    inputs = toy.ground.inputs
    phasing = inputs.study.phasing.model_copy(update={"central_share": share})
    study = inputs.study.model_copy(update={"phasing": phasing})
    counties = inputs.counties.assign(tier=np.arange(len(inputs.counties)) % 2 + 1)
    ground = dataclasses.replace(
        toy.ground, inputs=dataclasses.replace(inputs, study=study, counties=counties)
    )
    outcome = toy.outcomes[0]
    siting = outcome.layer.siting.model_copy(
        update={"unit_cost": 101, "unit_cost_source": "invented"}
    )
    priced = dataclasses.replace(outcome, layer=outcome.layer.model_copy(update={"siting": siting}))
    table = checked(cost_shares(ground, [priced]), COST_SHARES)
    assert table["new_sites"].sum() == len(outcome.siting.candidate_id)
    assert (table["central"] + table["local"] == table["cost"]).all()
    assert (table["cost"] == table["new_sites"] * 101).all()
    assert (table["tier_held"] == (table["year"] == "2027")).all()
    one = table[table["tier"] == 1]
    assert (one["central"] == (one["cost"] * 50 + 50) // 100).all()
