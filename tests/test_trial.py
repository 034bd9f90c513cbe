"""Trials: what closing and opening may do to anybody, the file, and `geoplan run --fixed`."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.access.nearest import coverage
from geoplan.catalog import read_inputs
from geoplan.door.trial import read_trial
from geoplan.errors import BadInput
from geoplan.export import write_plan
from geoplan.model import Coverage, Demand, Inputs, LayerAccess, Plan, State, TravelMatrix
from geoplan.pipeline import Asked, on_trial, plan_inputs, run_id
from geoplan.steps import (
    Reach,
    access_to,
    demand_points,
    layer_places,
    reach_of,
    site_list,
    threshold_ms,
    township_settlements,
)
from geoplan.study import Layer, read_study
from geoplan.texts import LANGS
from geoplan.travel_step import Travel, open_travel, remembering
from geoplan.trial import LayerChange, Trial, trial_text, with_trial
from tests.commands import geoplan
from tests.test_trial_page import page_trial
from tests.trial_peer import Page, own_sites

QUICK = Asked(quick=True)
NO_WAY = np.iinfo(np.int64).max
# From best to worst for the people of a point.
ORDER = [Coverage.COVERED, Coverage.UNDETERMINED, Coverage.UNCOVERED, Coverage.UNREACHABLE]


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return read_inputs(read_study("toy"))


@dataclass(frozen=True)
class Land:
    """The toy country, ready to be asked how far everybody is under any trial."""

    inputs: Inputs
    demand: Demand
    travel: Travel
    matrix: TravelMatrix  # to all that any trial can leave standing or open

    def access(self, trial: Trial, layer: str) -> tuple[LayerAccess, Layer, Inputs]:
        tried = with_trial(self.inputs, trial)
        (of,) = [each for each in tried.study.layers if each.id == layer]
        return access_to(of, self.reach(trial, layer)), of, tried

    def reach(self, trial: Trial, layer: str) -> Reach:
        tried = with_trial(self.inputs, trial)
        (of,) = [each for each in tried.study.layers if each.id == layer]
        return reach_of(of, tried, self.demand, self.travel, self.matrix)


@pytest.fixture(scope="module")
def land(inputs: Inputs) -> Land:
    demand = demand_points(inputs)
    travel = remembering(open_travel(inputs, demand, lambda *_: None))
    settlement = township_settlements(demand, travel.xy, len(inputs.townships))
    sites = site_list(inputs, travel, settlement)
    return Land(inputs, demand, travel, travel.times(sites.id, sites.xy))


CENTRES, PANTRIES = ["TC01", "TC02", "TC04"], ["TP01", "TP02", "TP03"]
AREAS = [
    f"area-{code}" for code in ("0101", "0102", "0103", "0104", "0201", "0202", "0203", "0204")
]
SOME = {
    "toy_centres": (st.sets(st.sampled_from(CENTRES)), st.sets(st.sampled_from(AREAS))),
    "toy_pantries": (
        st.sets(st.sampled_from(PANTRIES)),
        st.sets(st.sampled_from([*AREAS, *CENTRES])),
    ),
}


def change(close: set[str], opened: set[str], minutes: float | None = None) -> LayerChange:
    return LayerChange(tuple(sorted(close)), tuple(sorted(opened)), minutes)


CHANGES = {
    layer: st.builds(change, *parts, st.sampled_from([None, 12.5, 20.0, 45.0]))
    for layer, parts in SOME.items()
}


def minutes_to_own(access: LayerAccess) -> np.ndarray:
    return np.where(access.own_state == State.MEASURED, access.own_ms, NO_WAY)


def worse(access: LayerAccess, layer: Layer) -> np.ndarray:
    rank = np.argsort(np.array(ORDER))
    return rank[coverage(access, threshold_ms(layer))]


@pytest.mark.parametrize("layer", SOME)
@given(data=st.data())
@settings(max_examples=30)
def test_opening_sites_makes_nobody_worse_off(land: Land, layer: str, data: Any) -> None:
    closed, opened = (data.draw(each) for each in SOME[layer])
    before, of, _ = land.access(Trial({layer: change(closed, set())}), layer)
    after, _, _ = land.access(Trial({layer: change(closed, opened)}), layer)
    assert (minutes_to_own(after) <= minutes_to_own(before)).all()
    assert (worse(after, of) <= worse(before, of)).all()


@pytest.mark.parametrize("layer", SOME)
@given(data=st.data())
@settings(max_examples=30)
def test_closing_sites_brings_nobody_nearer_who_keeps_their_kind(
    land: Land, layer: str, data: Any
) -> None:
    closed, opened = (data.draw(each) for each in SOME[layer])
    before, of, _ = land.access(Trial({layer: change(set(), opened)}), layer)
    after, _, tried = land.access(Trial({layer: change(closed, opened)}), layer)
    # Where the published area names closed sites alone, others of the county stand in, who may be
    # nearer than the own one was.
    left = layer_places(tried, land.demand, of)[1].left
    keeps = ~np.isin(land.demand.township, list(left))
    assert (minutes_to_own(after) >= minutes_to_own(before))[keeps].all()
    assert (worse(after, of) >= worse(before, of))[keeps].all()


@pytest.fixture(scope="module")
def page(quick_plan: Plan) -> Page:
    """What a browser has."""
    data, table = page_trial(quick_plan)
    codes = quick_plan.counties["county_code"].tolist()
    county = [codes.index(code) for code in quick_plan.townships["county_code"]]
    return Page(data, table, county)


@pytest.mark.parametrize("layer", SOME)
@given(data=st.data())
@settings(max_examples=40)
def test_the_page_carries_all_that_a_trial_asks_for(
    land: Land, page: Page, layer: str, data: Any
) -> None:
    tried = data.draw(CHANGES[layer])
    access, of, _ = land.access(Trial({layer: tried}), layer)
    matrix = land.reach(Trial({layer: tried}), layer).matrix
    covered = coverage(access, threshold_ms(of))
    found = own_sites(page, layer, tried)
    assert [own.coverage for own in found] == covered.tolist()
    assert [own.ms for own in found] == access.own_ms.tolist()
    names = [None if at < 0 else matrix.site_id[at] for at in access.own_site]
    assert [own.site for own in found] == names


def test_a_closed_site_is_as_if_the_list_said_so(land: Land) -> None:
    sites = land.inputs.sites.copy()
    sites.loc[sites["site_id"] == "TP02", "status"] = "closed"
    by_list = replace(land, inputs=replace(land.inputs, sites=sites))
    told, _, _ = by_list.access(Trial(), "toy_pantries")
    tried, _, _ = land.access(Trial({"toy_pantries": change({"TP02"}, set())}), "toy_pantries")
    np.testing.assert_array_equal(tried.own_ms, told.own_ms)
    np.testing.assert_array_equal(tried.own_state, told.own_state)
    np.testing.assert_array_equal(tried.unlisted_ms, told.unlisted_ms)


def test_where_only_closed_sites_served_the_county_stands_in(land: Land) -> None:
    """TC02 served 0102 and 0103; TC01 and TC03, which has no point, stand in the same county."""
    access, _, tried = land.access(Trial({"toy_centres": change({"TC02"}, set())}), "toy_centres")
    code = tried.townships["township_code"].to_numpy()[land.demand.township]
    there = np.isin(code, ["0102", "0103"])
    assert set(access.own_site[there]) == {0}  # TC01 before TC04 among those with a point
    assert (access.possible_ms[there] >= 0).all()
    assert set(access.own_site[code == "0201"]) == {1}
    nobody, _, _ = land.access(Trial({"toy_centres": change({"TC04"}, set())}), "toy_centres")
    assert (nobody.own_site[code == "0201"] == -1).all()  # the county has no other


def test_a_trial_that_changes_nothing_is_the_study(inputs: Inputs) -> None:
    trial = Trial({"toy_centres": LayerChange()}, {"toy": {}})
    assert trial.empty
    assert on_trial(inputs, trial) is inputs


def test_thresholds_and_weights_move_the_rule(inputs: Inputs) -> None:
    profile = inputs.study.need.profile_of("toy_centres")
    name = profile.indicators[0]
    tried = with_trial(
        inputs, Trial({"toy_centres": LayerChange(minutes=12.5)}, {profile.id: {name: 3.0}})
    )
    rules = {rule.id: rule.minutes for rule in tried.study.rules}
    assert rules["toy_centres.main_island"] == 12.5
    assert rules["toy_pantries.main_island"] == 30
    weights = {
        each.id: each.weight
        for each in tried.study.need.indicators_of(tried.study.need.profile_of("toy_centres"))
    }
    assert weights[name] == 3
    assert run_id(tried) != run_id(inputs)


@given(layers=st.fixed_dictionaries(CHANGES), run=st.sampled_from(["", "0123456789abcdef"]))
@settings(max_examples=40)
def test_the_file_comes_back(
    inputs: Inputs, tmp_path_factory: pytest.TempPathFactory, layers: Any, run: str
) -> None:
    path = tmp_path_factory.mktemp("trial") / "a.trial.json"
    trial = Trial(layers, {}, run)
    path.write_text(trial_text(trial, "toy", "1"), "utf-8")
    again = read_trial(path, inputs)
    assert trial_text(again, "toy", "1") == trial_text(trial, "toy", "1")


def test_the_file_in_the_docs_is_a_trial(inputs: Inputs, tmp_path: Path) -> None:
    docs = Path(__file__).resolve().parent.parent / "docs" / "trial.md"
    text = docs.read_text("utf-8").split("```json\n")[1].split("```")[0]
    path = tmp_path / "a.trial.json"
    path.write_text(text, "utf-8")
    assert trial_text(read_trial(path, inputs), "toy", "0.1.0") == text


GOOD: dict[str, Any] = {"geoplan": "trial", "format": 1, "study": "toy", "run": "", "version": "1"}


def of_centres(**changes: Any) -> dict[str, Any]:
    return {"layers": {"toy_centres": changes}}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"geoplan": "plan"}, ["trial_kind"]),
        ({"format": 2}, ["trial_format"]),
        ({"format": True}, ["trial_format"]),
        ({"study": "tw-2030"}, ["trial_study"]),
        ({"study": "x" * 10_000}, ["trial_study"]),
        ({"other": 1, "layrs": {}}, ["key_unknown", "key_unknown_near"]),
        ({"layers": []}, ["key_kind"]),
        ({"layers": {"none": {}}}, ["key_unknown"]),
        ({"layers": {"x" * 10_000: {}}}, ["key_unknown"]),
        ({"layers": {"toy_centres": 3}}, ["key_kind"]),
        (of_centres(shut=[]), ["key_unknown"]),
        (of_centres(close="TC01"), ["key_kind"]),
        (of_centres(close=[1]), ["key_kind"]),
        (of_centres(close=["TC01", "TC01"]), ["id_twice"]),
        (of_centres(close=["TC03", "TC05", "TP01", "<b>", "\u202ex"]), ["trial_close"]),
        (of_centres(open=["area-9999", "TC02", "y" * 10_000]), ["trial_open"]),
        (of_centres(minutes=0), ["trial_number"]),
        (of_centres(minutes=10**400), ["trial_number"]),
        (of_centres(minutes=True), ["trial_number"]),
        (of_centres(minutes="30"), ["trial_number"]),
        ({"weights": {"none": {}}}, ["key_unknown"]),
        (
            {"format": 9, "study": "x"} | of_centres(close=["no"], open=["no"], minutes=-1),
            ["trial_format", "trial_study", "trial_number", "trial_close", "trial_open"],
        ),
    ],
)
def test_every_fault_is_told_at_once(
    inputs: Inputs, tmp_path: Path, changes: dict[str, Any], codes: list[str]
) -> None:
    path = tmp_path / "a.trial.json"
    path.write_text(json.dumps(GOOD | changes), "utf-8")
    with pytest.raises(BadInput) as error:
        read_trial(path, inputs)
    assert sorted(fault.code for fault in error.value.faults) == sorted(codes)
    for lang in LANGS:
        for fault in error.value.faults:
            told = fault.tell(lang)
            assert len(told) < 1000
            assert "\u202e" not in told


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "trial_syntax"),
        (b"{", "trial_syntax"),
        (b"\xff\xfe", "trial_syntax"),
        (b"[" * 100_000, "trial_syntax"),
        (b'{"geoplan": NaN}', "trial_syntax"),
        (b'{"geoplan": "trial", "geoplan": "trial"}', "trial_twice"),
        (b"3", "trial_kind"),
        (b"[]", "trial_kind"),
        (b" " * 4_000_001, "trial_large"),
    ],
)
def test_what_is_no_trial_is_told_so(inputs: Inputs, tmp_path: Path, raw: bytes, code: str) -> None:
    path = tmp_path / "a.trial.json"
    path.write_bytes(raw)
    with pytest.raises(BadInput) as error:
        read_trial(path, inputs)
    assert [fault.code for fault in error.value.faults] == [code]


TRIED = Trial(
    {
        "toy_centres": LayerChange(close=("TC01",), open=("area-0101", "area-0204")),
        "toy_pantries": LayerChange(open=("TC02",), minutes=20),
    },
    run="not this one",
)


@pytest.fixture(scope="module")
def tried(inputs: Inputs) -> Plan:
    return plan_inputs(on_trial(inputs, TRIED, QUICK), asked=QUICK)


def test_planned_sites_stand_and_count_towards_the_target(tried: Plan, quick_plan: Plan) -> None:
    sites = tried.sites.set_index(["layer", "site_id"])
    assert sites.loc[("toy_centres", "TC01"), ["status", "origin"]].tolist() == ["closed", "trial"]
    planned = sites[sites["status"] == "planned"]
    assert [site for _, site in planned.index] == ["area-0101", "area-0204", "TC02"]
    assert set(planned["point_use"]) == {"area"}
    assert planned[["lon", "lat"]].notna().all().all()
    assert planned["name"].str.contains("試算").all()
    counts = tried.counts[tried.counts["county_code"] == ""].set_index("layer")
    before = quick_plan.counts[quick_plan.counts["county_code"] == ""].set_index("layer")
    assert counts["planned"].tolist() == [2, 1]
    assert (counts["existing_named"] - before["existing_named"]).tolist() == [-1, 0]
    stands = counts[["existing_named", "existing_unnamed", "planned", "proposed"]].sum(axis=1)
    assert stands.tolist() == counts["target"].tolist()
    rows = tried.rows[tried.rows["layer"] == "toy_centres"].set_index("township_code")
    assert rows.loc["0101", "sites_named"] == 0
    assert rows.loc["0204", "target_covered"] == rows.loc["0204", "target_people"]
    proposed = tried.sites[tried.sites["status"] == "proposed"]
    assert not proposed["site_id"].str.endswith(("toy_centres-0101", "toy_centres-0204")).any()


def test_loads_go_to_those_whom_people_go_to(tried: Plan) -> None:
    loads = tried.details["loads"].set_index("area_id")
    assert loads.loc["area-0204", "residents"] == 400  # the lone island, and nobody else
    assert "TC01" not in loads.index
    assert loads.loc["TC03", "split"] == "shared"  # whoever goes there instead is not known


def test_the_plan_says_that_it_is_a_trial(tried: Plan) -> None:
    assert tried.study.title_zh.endswith("（試算，非規劃結果）")
    assert tried.study.title_en.endswith("(a trial, not a result)")
    codes = [note.code for note in tried.notes]
    assert codes[:2] == ["trial", "trial_sites"]
    assert {"trial_minutes", "trial_other_run"} <= set(codes)


def test_run_fixed_from_file_to_folder(tmp_path: Path, quick_plan: Plan) -> None:
    path, out = tmp_path / "my.trial.json", tmp_path / "out"
    path.write_text(trial_text(TRIED, "toy", "1"), "utf-8")
    done = geoplan("run", "toy", "--quick", "--fixed", path, "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    assert plan["trial"] == TRIED.told()
    with (out / "sites.csv").open(encoding="utf-8-sig", newline="") as file:
        sites = [(row["site_id"], row["status"]) for row in csv.DictReader(file)]
    assert ("area-0204", "planned") in sites
    assert ("TC01", "closed") in sites
    assert geoplan("verify", out, cwd=tmp_path).returncode == 0
    told = geoplan("explain", out, "0204", cwd=tmp_path)
    assert "This is a trial, not a result" in told.stdout
    write_plan(quick_plan, "<!doctype html>", tmp_path / "study")
    compared = geoplan("compare", "study", out, cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    assert "trial.layers.toy_centres.close" in compared.stdout
    path.write_text(trial_text(TRIED, "other", "1"), "utf-8")
    refused = geoplan("run", "toy", "--fixed", path, "--out", "no", cwd=tmp_path)
    assert refused.returncode == 3
    assert "other" in refused.stderr
    assert not (tmp_path / "no").exists()
