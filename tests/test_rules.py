"""Rule files: read strictly, told plainly; and what the lists made by them say, read once more."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.catalog import read_inputs
from geoplan.door.study_checks import TomlFile
from geoplan.errors import BadInput
from geoplan.model import Plan
from geoplan.paths import bundled
from geoplan.pipeline import Asked, plan_inputs, run
from geoplan.results.flips import flips
from geoplan.results.margins import margins
from geoplan.results.near_misses import near_misses
from geoplan.results.remedies import remedies
from geoplan.results.rule_words import rule_text
from geoplan.rules import MEASURES, Rule, rule_faults
from geoplan.study import read_study
from geoplan.tables import FLIPS, LISTED, MARGINS, NEAR_MISSES, REMEDIES, STATUSES, checked
from geoplan.texts import LANGS, say
from tests.found import Found, found_for
from tests.inputs import toy_copy
from tests.test_catalog import reads_well

CENTRES = "rules/toy_centres.main_island.toml"
MS = 60_000


@pytest.fixture(scope="module")
def toy() -> Found:
    return found_for(read_inputs(read_study("toy")))


@pytest.fixture(scope="module")
def toy_margins(toy: Found) -> pd.DataFrame:
    return checked(margins(toy.ground, toy.layers), MARGINS)


# Rule files


def with_rule(folder: Path, change: Callable[[str], str]) -> Path:
    """A copy of the toy study with the text of one rule changed."""
    study = toy_copy(folder)
    rule = folder / CENTRES
    before = rule.read_text("utf-8")
    after = change(before)
    assert after != before
    rule.write_text(after, "utf-8")
    return study


FIRST, NEED = "test[1].any_of[1]", "test[2].any_of[1]"
ANOTHER = '[[test]]\nid = "{id}"\nany_of = ["{sentence}"]\n\n'
BAD = [
    # what is written, what stands there instead, the faults and their keys
    ('"share_beyond >=', '"share_beyund >=', {("key_choice_near", FIRST)}),
    ('"share_beyond >=', '"share_beyond =>', {("key_choice_near", FIRST)}),
    ('"share_beyond >=', '"share_beyond is', {("key_choice", FIRST)}),
    ('"share_beyond >= ', '"share_beyond>=', {("rule_sentence", FIRST)}),
    ('"share_beyond >=', '"not share_beyond >=', {("rule_sentence", FIRST)}),
    ('"share_beyond >=', '"share_beyond <=', {("rule_sign", FIRST)}),
    ("need_percentile >=", "need_percentile <", {("rule_sign", NEED)}),
    (
        '"share_beyond >= share_at_least"',
        '"share_beyond >= people_at_least"',
        {("rule_unit", FIRST), ("rule_unused", "parameter")},
    ),
    (
        '"share_beyond >= share_at_least"',
        '"share_beyond >= share_at_most"',
        {("key_choice_near", FIRST), ("rule_unused", "parameter")},
    ),
    ("value = 0.33", "value = 33", {("key_range", "parameter[2].value")}),
    ("value = 0.33", 'value = "a third"', {("key_kind", "parameter[2].value")}),
    ("value = 80", "value = 180", {("key_range", "parameter[5].value")}),
    ("value = 500", "value = -500", {("key_range", "parameter[3].value")}),
    ('unit = "people"', 'unit = "peopel"', {("key_choice_near", "parameter[3].unit")}),
    ('source = "invented, for tests"\n', "", {("key_missing", "parameter[1].source")}),
    (
        "value = 30",
        "values = 30",
        {("key_unknown_near", "parameter[1].values"), ("key_missing", "parameter[1].value")},
    ),
    (
        'beyond = "own_minutes > minutes"\n',
        "",
        {("rule_beyond_missing", "beyond"), ("rule_unused", "parameter")},
    ),
    ("own_minutes > minutes", "own_minutes >= minutes", {("rule_beyond", "beyond")}),
    (
        "own_minutes > minutes",
        "own_minutes > hours",
        {("key_choice", "beyond"), ("rule_unused", "parameter")},
    ),
    ('id = "need"', 'id = "neede"', {("key_choice_near", "test[2].id")}),
    ('watch = ["need"]', 'watch = ["needs"]', {("key_choice_near", "status.watch")}),
    ("severe = [", "severed = [", {("key_unknown_near", "status.severed")}),
    ('underserved = ["distance"]', "underserved = []", {("key_empty", "status.underserved")}),
    (
        "[status]",
        ANOTHER.format(id="need", sentence="share_beyond > share_at_least") + "[status]",
        {("id_twice", "test")},
    ),
    (
        "[status]",
        ANOTHER.format(id="capacity", sentence="own_minutes_p90 > minutes") + "[status]",
        {("rule_unused", "test")},
    ),
    ("[status]", "[distance]\nshare_at_least = 0.33\n\n[status]", {("key_unknown", "distance")}),
]


@pytest.mark.parametrize(("old", "new", "faults"), BAD, ids=[each[1][:40] for each in BAD])
def test_a_bad_rule_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, faults: set[tuple[str, str]]
) -> None:
    with pytest.raises(BadInput) as caught:
        read_study(with_rule(tmp_path, lambda text: text.replace(old, new, 1)))
    assert caught.value.exit_code == 3
    assert {(fault.code, fault.column) for fault in caught.value.faults} == faults
    assert {fault.file for fault in caught.value.faults} == {CENTRES}
    for fault in caught.value.faults:
        reads_well(fault)


def test_every_fault_of_a_rule_is_told_at_once(tmp_path: Path) -> None:
    def change(text: str) -> str:
        text = text.replace('"share_beyond >=', '"share_beyund >=').replace("= 80", "= 800")
        return text.replace('underserved = ["distance"]', 'underserved = ["distence"]')

    with pytest.raises(BadInput) as caught:
        read_study(with_rule(tmp_path, change))
    assert {(fault.code, fault.column) for fault in caught.value.faults} == {
        ("key_choice_near", FIRST),
        ("key_range", "parameter[5].value"),
        ("key_choice_near", "status.underserved"),
    }


def test_every_measure_has_a_name_and_a_sentence() -> None:
    for lang in LANGS:
        for name, measure in MEASURES.items():
            assert say(f"measure.{name}", lang)
            assert "7" in say(f"rule.says.{name}", lang, bound="7")
            assert "7" in say(f"unit.{measure.unit}", lang, value="7")


def test_a_rule_is_told_with_every_threshold_of_its_file() -> None:
    for name in ("tw-2030", "toy"):
        for rule in read_study(name).rules:
            for lang in LANGS:
                told = rule_text(rule, lang)
                for each in rule.parameters:
                    shown = each.value * 100 if each.unit == "share" else each.value
                    assert f"{shown:,g}" in told, (rule.id, each.id)
                assert rule.version in told


# The lists made by the rules, read once more from their own figures

SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": lambda value, threshold: value >= threshold,
    ">": lambda value, threshold: value > threshold,
}


def plain_status(rows: pd.DataFrame, statuses: Mapping[str, list[str]]) -> str:
    """The status of one township from its rows of the margins table and the rule's [status]."""

    def status(column: str) -> str:
        true: dict[str, bool] = {}
        for (test, _), sentence in rows.groupby(["test", "sentence"]):
            each = zip(sentence[column], sentence["sign"], sentence["threshold"], strict=True)
            holds = all(SIGNS[sign](value, threshold) for value, sign, threshold in each)
            true[str(test)] = true.get(str(test), False) or holds
        for name in ("severe", "underserved", "watch"):
            if any(all(true[test] for test in s.split(" and ")) for s in statuses.get(name, [])):
                return name
        return "not_listed"

    rows = rows.assign(
        value_least=rows["value_least"].fillna(-np.inf),
        value_most=rows["value_most"].fillna(np.inf),
    )
    least, most = status("value_least"), status("value_most")
    return least if least in LISTED or least == most else "undetermined"


def statuses_of(found: Found) -> dict[tuple[str, str], Mapping[str, list[str]]]:
    """The [status] table of each rule, from its file, by layer and universe."""
    folder = bundled("studies") / "rules"
    return {
        (rule.layer, rule.universe): tomllib.loads((folder / f"{rule.id}.toml").read_text("utf-8"))[
            "status"
        ]
        for rule in found.ground.inputs.study.rules
    }


def townships(found: Found, table: pd.DataFrame) -> Iterator[tuple[pd.Series[Any], pd.DataFrame]]:
    """Each row of the list with its rows of the margins table."""
    groups = dict(iter(table.groupby(["layer", "township_code"])))
    for _, row in found.rows.iterrows():
        yield row, groups[row["layer"], row["township_code"]]


def test_listed_if_and_only_if_the_rule_is_true(toy: Found, toy_margins: pd.DataFrame) -> None:
    statuses = statuses_of(toy)
    seen = set()
    for row, rows in townships(toy, toy_margins):
        status = plain_status(rows, statuses[row["layer"], row["universe"]])
        assert row["status"] == status, (row["layer"], row["township_name"])
        assert row["listed"] == (status in LISTED)
        seen.add(status)
    assert seen == set(STATUSES)


def test_near_misses_are_those_whom_the_changed_threshold_moves(
    toy: Found, toy_margins: pd.DataFrame
) -> None:
    table = checked(near_misses(toy.ground, toy.layers), NEAR_MISSES)
    statuses = statuses_of(toy)
    by_threshold = table[table["parameter"] != "minutes"]
    told = {
        (row["layer"], row["township_code"], row["parameter"], row["changed_value"]): row[
            "status_then"
        ]
        for _, row in by_threshold.iterrows()
    }
    expected = {}
    for row, rows in townships(toy, toy_margins):
        for parameter, threshold in set(zip(rows["parameter"], rows["threshold"], strict=True)):
            for changed in (round(threshold * 0.9, 9), round(threshold * 1.1, 9)):
                here = rows.assign(
                    threshold=rows["threshold"].where(rows["parameter"] != parameter, changed)
                )
                then = plain_status(here, statuses[row["layer"], row["universe"]])
                if then != row["status"]:
                    expected[row["layer"], row["township_code"], parameter, changed] = then
    assert told == expected
    assert told  # the toy country has some


def test_changed_minutes_count_people_anew(toy: Found) -> None:
    table = near_misses(toy.ground, toy.layers)
    table = table[(table["parameter"] == "minutes") & (table["layer"] == "toy_centres")]
    assert set(table["changed_value"]) == {27, 33}
    outcome, listing = toy.layers[0]
    codes = toy.ground.inputs.townships["township_code"].tolist()
    area, access = toy.ground.demand.township, outcome.access
    for _, row in table.iterrows():
        here = area == codes.index(row["township_code"])
        far = (access.own_state == 1) | (access.own_ms > row["changed_value"] * MS)
        assert row["beyond_people_then"] == outcome.people[here & far].sum()
        assert row["beyond_people"] == listing.beyond[codes.index(row["township_code"])]
        assert (row["change"] == "came") == (row["changed_value"] == 27)


def test_what_the_draws_watch_is_neither_near_miss_nor_flip(toy_plan: Plan) -> None:
    """The interval of the draws says nothing of a threshold, nor of where in a township people
    are."""
    quick = plan_inputs(read_inputs(read_study("toy")), asked=Asked(quick=True))
    assert toy_plan.rows["reasons"].str.contains("interval").any()
    for table in ("near_misses", "flips", "margins"):
        pd.testing.assert_frame_equal(
            quick.details[table], toy_plan.details[table], check_exact=True
        )
    watched = toy_plan.rows["reasons"].str.contains("interval")
    assert (toy_plan.rows.loc[watched, "status_after"] == "").all()


def test_flips_are_the_townships_where_one_point_says_otherwise(toy: Found) -> None:
    table = checked(flips(toy.ground, toy.layers), FLIPS)
    assert set(table["flip"]) == {"listed_only_at_villages"}
    codes = toy.ground.inputs.townships["township_code"].tolist()
    told = set(zip(table["layer"], table["township_code"], strict=True))
    for outcome, listing in toy.layers:
        everybody = outcome.coverage[toy.ground.settlement]
        for place, code in enumerate(codes):
            needy = listing.judged.tests["need"][place]
            if everybody[place] == 2 or needy == 2:  # undetermined
                continue
            far = everybody[place] == 3 or (everybody[place] == 1 and listing.which[place] == 0)
            far = far and listing.target[place] > 0
            status = (
                ("severe" if needy else "underserved")
                if far
                else "watch"
                if needy
                else "not_listed"
            )
            flipped = status != STATUSES[listing.status[place]]
            assert ((outcome.layer.id, code) in told) == flipped


def test_remedies_are_the_least_that_is_enough(toy: Found, toy_margins: pd.DataFrame) -> None:
    table = checked(remedies(toy.rows), REMEDIES).set_index(["layer", "township_code"])
    statuses = statuses_of(toy)
    area = toy.ground.demand.township
    codes = toy.ground.inputs.townships["township_code"].tolist()
    outcomes = {outcome.layer.id: outcome for outcome, _ in toy.layers}

    def listed_with(fewer: int, row: pd.Series[Any], rows: pd.DataFrame) -> bool:
        people = row["beyond_people"] - fewer
        least = rows["value_least"].mask(rows["unit"] == "people", people)
        least = least.mask(rows["unit"] == "share", people / row["target_people"])
        now = rows.assign(value_least=least)
        return plain_status(now, statuses[row["layer"], row["universe"]]) in LISTED

    for row, rows in townships(toy, toy_margins):
        at = (row["layer"], row["township_code"])
        assert (at in table.index) == (row["listed"] or row["status"] == "undetermined")
        if not row["listed"]:
            continue
        remedy = table.loc[at]
        people = int(remedy["people_to_bring_within"])
        assert not listed_with(people, row, rows)
        assert listed_with(people - 1, row, rows)
        outcome = outcomes[row["layer"]]
        here = area == codes.index(row["township_code"])
        over = np.maximum(outcome.access.own_ms - outcome.threshold_ms, 0)
        if pd.notna(remedy["minutes_shorter"]):
            shorter = round(remedy["minutes_shorter"] * MS)
            for less, listed in ((shorter, False), (shorter - 1, True)):
                near = here & (over > 0) & (over <= less)
                assert listed_with(int(outcome.people[near].sum()), row, rows) == listed
        else:
            assert row["target_unreachable"] > 0


# Rules that ask for more


def planned(study: Path, change: Callable[[Any], Any] = lambda inputs: inputs) -> Found:
    return found_for(change(read_inputs(read_study(study))))


CAPACITY = """
[[parameter]]
id = "load"
value = 5000
unit = "people_per_capacity"
source = "invented, for tests"

[[test]]
id = "capacity"
any_of = ["people_per_capacity > load"]

"""


def ask_for_capacity(text: str) -> str:
    text = text.replace("[status]", CAPACITY + "[status]")
    return text.replace('underserved = ["distance"]', 'underserved = ["distance", "capacity"]')


def test_a_test_without_any_figure_is_told(tmp_path: Path) -> None:
    plan = run(read_study(with_rule(tmp_path, ask_for_capacity)))
    told = [note for note in plan.notes if note.code == "rule_without_figures"]
    assert [note.values["layer_en"] for note in told] == ["Service centre"]
    assert "capacity" in str(told[0].values["measure_en"])


def test_capacity_counts_where_the_planner_brings_it(tmp_path: Path, toy: Found) -> None:
    study = with_rule(tmp_path, ask_for_capacity)
    bare = planned(study)
    centres = bare.rows[bare.rows["layer"] == "toy_centres"]
    before = toy.rows[toy.rows["layer"] == "toy_centres"]
    assert centres["status"].tolist() == before["status"].tolist()  # no capacity, no test
    assert "capacity" not in set(margins(bare.ground, bare.layers)["test"])

    def bring(inputs: Any) -> Any:
        workers = {"TC01": 1.0, "TC02": 100.0}
        sites = inputs.sites.assign(capacity=inputs.sites["site_id"].map(workers))
        return replace(inputs, sites=sites)

    full = planned(study, bring)
    rows = full.rows[full.rows["layer"] == "toy_centres"].set_index("township_code")
    table = margins(full.ground, full.layers)
    loads = table[table["test"] == "capacity"].set_index("township_code")
    # TC01 alone serves 0101: its residents by one worker. TC03 has no capacity stated.
    people = rows.loc["0101", "population"]
    assert loads.loc["0101", "value_least"] == loads.loc["0101", "value_most"] == people
    assert people > 5000
    assert rows.loc["0101", "status"] == "underserved"
    assert rows.loc["0101", "reasons"] == "capacity;need"
    assert "capacity" in rows.loc["0101", "sentence_en"]
    shared = rows.loc[["0102", "0103"], "population"].sum() / 100
    assert loads.loc["0102", "value_least"] == loads.loc["0103", "value_least"] == shared
    assert loads.loc["0104", "holds"] == "unknown"
    assert rows.loc["0104", "status"] == "undetermined"
    assert rows.loc["0104", "reasons"].split(";") == ["no_usable_point", "no_figure"]
    remedy = remedies(full.rows).set_index(["layer", "township_code"])
    assert remedy.loc[("toy_centres", "0101"), "capacity_times"] == people / 5000
    assert remedy.loc[("toy_centres", "0101"), "remedies"] == "capacity"


def test_the_slowest_tenth_may_be_asked_for(tmp_path: Path) -> None:
    def change(text: str) -> str:
        text = text.replace('"share_beyond >= share_at_least"', '"own_minutes_p90 > minutes"')
        start = text.index('[[parameter]]\nid = "share_at_least"')
        return text[:start] + text[text.index('[[parameter]]\nid = "people_at_least"') :]

    found = planned(with_rule(tmp_path, change))
    table = margins(found.ground, found.layers)
    slow = table[table["measure"] == "own_minutes_p90"].set_index("township_code")
    rows = found.rows[found.rows["layer"] == "toy_centres"].set_index("township_code")
    known = rows.loc[slow.index, "target_undetermined"] == 0
    told = rows.loc[slow.index, "own_minutes_p90"][known]
    assert (slow["value_least"][known] == told).all()
    assert (slow["value_most"][known] == told).all()
    assert slow.loc[known & (told > 30), "holds"].tolist() == ["true"] * int((told > 30).sum())


def test_a_nearer_site_across_the_boundary_is_a_reason_and_a_remedy() -> None:
    def reassign(inputs: Any) -> Any:
        areas = inputs.service_areas
        swapped = areas["township_code"].map({"0101": "TC04", "0201": "TC01"})
        return replace(inputs, service_areas=areas.assign(site_id=swapped.fillna(areas["site_id"])))

    found = found_for(reassign(read_inputs(read_study("toy"))))
    row = found.rows.set_index(["layer", "township_code"]).loc[("toy_centres", "0101")]
    assert row["reasons"].split(";")[:2] == ["distance", "cross_boundary"]
    table = remedies(found.rows).set_index(["layer", "township_code"])
    assert "agreement" in table.loc[("toy_centres", "0101"), "remedies"].split(";")


def test_the_page_on_rules_names_every_measure_and_its_example_is_a_rule() -> None:
    text = (Path(__file__).parent.parent / "docs" / "rules.md").read_text("utf-8")
    for name, measure in MEASURES.items():
        assert f"| `{name}` | {measure.unit} | {measure.worse} |" in text
    example, capacity = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    rule = tomllib.loads(
        (bundled("studies") / "rules/welfare_centres.main_island.toml").read_text()
    )
    said = tomllib.loads(example)
    assert said["parameter"][0] in rule["parameter"]
    assert said["test"][0] in rule["test"]
    assert {name: said[name] for name in ("id", "version", "beyond", "status")} == {
        name: rule[name] for name in ("id", "version", "beyond", "status")
    }
    more = tomllib.loads(capacity)
    rule["parameter"] += more["parameter"]
    rule["test"] += more["test"]
    rule["status"] = more["status"]
    read = TomlFile("example.toml", rule, "")
    found = read.validate(Rule, rule)
    assert found.value is not None
    assert not rule_faults(found.value, read)
