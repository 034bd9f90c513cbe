"""Two results side by side, and the life cycle of a township on the list."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from geoplan.catalog import read_inputs
from geoplan.cli import app
from geoplan.comparing.compare import (
    Comparison,
    changed_rows,
    compare_folders,
    layer_sums,
    read_previous,
)
from geoplan.comparing.differences import changed_settings
from geoplan.comparing.telling import tell
from geoplan.errors import BadInput, SourceMissing
from geoplan.export import write_plan
from geoplan.export.folder import write_result
from geoplan.model import Plan
from geoplan.pipeline import run
from geoplan.results.life_cycle import CHANGES, COMPARED, Previous, life_cycle, with_changes
from geoplan.rules import Rule
from geoplan.study import read_study
from geoplan.tables import LISTED, STATUSES
from tests.inputs import toy_copy

RULE = "toy_centres.main_island"
PAGE = "<!doctype html><title>no map here</title>"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


def written(plan: Plan, folder: Path) -> Path:
    write_plan(plan, PAGE, folder)
    return folder


@pytest.fixture(scope="module")
def before(toy_plan: Plan, folders: Path) -> Path:
    return written(toy_plan, folders / "before")


@pytest.fixture(scope="module")
def closed_plan(folders: Path) -> Plan:
    """One centre closed by a planner's row."""
    rows = "site_id,layer,name,county,township,status\nTC02,,,,,closed\n"
    (folders / "close.csv").write_text(rows, "utf-8")
    return run(read_study("toy"), folders / "close.csv")


@pytest.fixture(scope="module")
def closed(closed_plan: Plan, folders: Path) -> Path:
    return written(closed_plan, folders / "closed")


def with_rule(folder: Path, version: str) -> Path:
    """A copy of the study whose rule lists fewer townships."""
    folder.mkdir()
    study = toy_copy(folder)
    rule = folder / "rules" / f"{RULE}.toml"
    text = rule.read_text("utf-8")
    changes = {
        'version = "2025-01"': f'version = "{version}"',
        "value = 0.33": "value = 0.9",
        "value = 500": "value = 6000",
    }
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    rule.write_text(text, "utf-8")
    return study


@pytest.fixture(scope="module")
def stricter(folders: Path) -> Path:
    return written(run(read_study(with_rule(folders / "s", "2026-01"))), folders / "stricter")


@pytest.fixture(scope="module")
def fewer(folders: Path) -> Path:
    """In each village of Mistford that is far away live fewer people."""
    (folders / "p").mkdir()
    study = toy_copy(folders / "p")
    path = folders / "p" / "toy" / "population" / "villages.csv"
    table = pd.read_csv(path, dtype=str)
    here = table["township_code"] == "0102"
    people = [name for name in table.columns if name.startswith("population")]
    for name in people:
        table.loc[here, name] = (table.loc[here, name].astype(int) * 9 // 10).astype(str)
    table.loc[here, "population"] = (
        table.loc[here, ["population_0_14", "population_15_64", "population_65_plus"]]
        .astype(int)
        .sum(axis=1)
        .astype(str)
    )
    table.to_csv(path, index=False)
    return written(run(read_study(study)), folders / "fewer")


def row_of(found: Comparison, layer: str, code: str) -> pd.Series:
    rows = found.rows
    return rows[(rows["layer"] == layer) & (rows["township_code"] == code)].iloc[0]


def test_a_run_with_itself_has_nothing_to_tell(before: Path) -> None:
    found = compare_folders(before, before)
    assert not found.differences.any
    assert changed_rows(found.rows).empty
    assert set(found.rows["change"]) == {"kept", "under_review", "none"}
    assert (found.rows["change_reason"] == "").all()
    assert (found.rows["rank_reason"] == "none").all()
    assert found.layers[0]["kept_share"] == 1.0
    assert "Rules, sources and settings are the same." in tell(found, "en")


def test_a_closed_site_is_the_reason(before: Path, closed: Path) -> None:
    found = compare_folders(before, closed)
    row = row_of(found, "toy_centres", "0102")
    assert (row["change"], row["change_reason"]) == ("kept", "site")
    assert row["beyond_people"] > row["beyond_people_before"]
    assert [each.file for each in found.differences.sources] == ["close.csv"]
    assert not found.differences.rules
    assert not found.differences.settings
    text = tell(found, "zh")
    assert "來源 close.csv：前次未用" in text
    assert "可用據點不同" in text
    again = compare_folders(closed, before)
    assert row_of(again, "toy_centres", "0102")["beyond_people_change"] < 0


def test_another_rule_is_told_first_with_its_thresholds(before: Path, stricter: Path) -> None:
    found = compare_folders(before, stricter)
    (rule,) = found.differences.rules
    assert (rule.id, rule.version_before, rule.version) == (RULE, "2025-01", "2026-01")
    assert {each.path: (each.before, each.now) for each in rule.settings} == {
        "parameter.share_at_least.value": (0.33, 0.9),
        "parameter.people_at_least.value": (500.0, 6000.0),
    }
    mine = found.rows[found.rows["layer"] == "toy_centres"]
    gone = mine[mine["change"] == "withdrawn"]
    assert len(gone)
    assert (gone["change_reason"] == "rule").all()
    assert (gone["beyond_people_change"] == 0).all()
    lines = tell(found, "en").splitlines()
    told = lines.index("What differs in what went in")
    assert lines[told + 1] == f"  rule {RULE}: version 2025-01 → 2026-01"
    assert "    parameter.share_at_least.value: 0.33 → 0.9" in lines
    assert told < lines.index("Service centre")


def test_a_rule_changed_without_a_new_version_is_told(before: Path, folders: Path) -> None:
    study = with_rule(folders / "silent", "2025-01")
    found = compare_folders(before, written(run(read_study(study)), folders / "silent-result"))
    assert found.differences.rules[0].silent
    assert "changed, yet its version is still 2025-01" in tell(found, "en")
    assert "rule" in set(found.rows["change_reason"])


def test_fewer_people_are_a_change_of_ones_own_value(before: Path, fewer: Path) -> None:
    found = compare_folders(before, fewer)
    assert [each.file for each in found.differences.sources] == ["toy/population/villages.csv"]
    row = row_of(found, "toy_centres", "0102")
    assert "people" in row["change_reason"].split(";")
    assert row["beyond_people_change"] < 0
    others = found.rows[(found.rows["layer"] == "toy_centres") & (found.rows["rank_change"] != 0)]
    for other in others.to_dict("records"):
        own = other["beyond_people_change"] != 0
        assert other["rank_reason"] == ("own" if own else "others")


def test_who_only_moved_because_others_did_is_counted_not_shown(
    before: Path, tmp_path: Path
) -> None:
    """The last of the list gets the most people; whoever stood before it only moves down."""
    found = compare_folders(before, before)
    listed = found.rows[(found.rows["layer"] == "toy_centres") & found.rows["listed"]]
    last = listed.sort_values("rank").iloc[-1]["township_code"]

    def edit(plan: dict, files: dict[str, bytes]) -> None:
        rows = list(csv.DictReader(io.StringIO(files["townships.csv"].decode("utf-8-sig"))))
        for row in rows:
            if (row["layer"], row["township_code"]) == ("toy_centres", last):
                row["beyond_people"] = "999999"
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        files["townships.csv"] = text.getvalue().encode("utf-8-sig")

    after = compare_folders(before, edited(before, tmp_path / "last-first", edit))
    moved = changed_rows(after.rows)
    assert moved["rank_reason"].tolist() == ["own", *["others"] * (len(listed) - 1)]
    assert row_of(after, "toy_centres", last)["rank"] == 1
    assert f"{len(listed) - 1} more only have another place" in tell(after, "en")


@pytest.mark.parametrize("later", ["before", "closed", "stricter", "fewer"])
def test_the_sums_reconcile(later: str, before: Path, request: pytest.FixtureRequest) -> None:
    found = compare_folders(before, request.getfixturevalue(later))
    for sums in found.layers:
        check_sums(sums)
        mine = found.rows[found.rows["layer"] == sums["layer"]]
        assert sum(sums[word]["townships"] for word in CHANGES) == len(mine)


def check_sums(sums: dict) -> None:
    for unit in ("townships", "people_before"):
        parts = ("kept", "leaving", "withdrawn", "under_review_listed_before")
        assert sums["listed_before"][unit] == sum(sums[part][unit] for part in parts)
    for unit in ("townships", "people"):
        parts = ("new", "kept", "leaving")
        assert sums["listed"][unit] == sum(sums[part][unit] for part in parts)


def test_a_run_with_its_previous_says_the_same(
    before: Path, closed: Path, closed_plan: Plan, folders: Path
) -> None:
    inputs = read_inputs(read_study("toy"), folders / "close.csv")
    previous = read_previous(before, inputs)
    rows = with_changes(closed_plan.rows, previous, closed_plan.study.rules)
    found = compare_folders(before, closed).rows
    for name in ("change", "change_reason"):
        assert rows[name].tolist() == found[name].tolist()
    blank = with_changes(closed_plan.rows, None, closed_plan.study.rules)
    assert set(blank["change"]) == set(blank["change_reason"]) == {""}


# What cannot be compared.


def edited(result: Path, out: Path, edit: Callable[[dict, dict[str, bytes]], None]) -> Path:
    """A copy of a result, whole, with its plan.json and files edited."""
    files = {path.name: path.read_bytes() for path in result.iterdir()}
    del files["manifest.json"]
    plan = json.loads(files["plan.json"])
    edit(plan, files)
    files["plan.json"] = json.dumps(plan).encode()
    write_result(out, files.items(), {})
    return out


def test_results_of_other_studies_layers_and_townships(before: Path, tmp_path: Path) -> None:
    def edit(plan: dict, files: dict[str, bytes]) -> None:
        plan["study"]["id"] = "another"
        lines = files["townships.csv"].splitlines(keepends=True)
        kept = [line for line in lines if b"toy_pantries" not in line and b",0101," not in line]
        files["townships.csv"] = b"".join(kept)

    folder = edited(before, tmp_path / "another", edit)
    with pytest.raises(BadInput) as raised:
        compare_folders(before, folder)
    faults = {fault.code: fault.tell("en") for fault in raised.value.faults}
    assert set(faults) == {"other_study", "other_layers", "other_townships"}
    assert "toy_pantries" in faults["other_layers"]
    assert "0101" in faults["other_townships"]
    assert all(fault.tell("zh") for fault in raised.value.faults)
    assert invoke("compare", before, folder).exit_code == 3
    with pytest.raises(BadInput):
        read_previous(folder, read_inputs(read_study("toy")))


def test_no_result_and_a_changed_one(before: Path, tmp_path: Path) -> None:
    nothing = invoke("compare", before, tmp_path)
    assert nothing.exit_code == 5
    assert "manifest.json" in nothing.stderr
    damaged = tmp_path / "damaged"
    shutil.copytree(before, damaged)
    (damaged / "townships.csv").write_text("", "utf-8")
    told = invoke("compare", damaged, before)
    assert told.exit_code == 5
    assert "townships.csv" in told.stderr


@pytest.mark.parametrize("part", ["settings", "column", "rules", "townships.csv"])
def test_a_result_of_another_version(part: str, before: Path, tmp_path: Path) -> None:
    def edit(plan: dict, files: dict[str, bytes]) -> None:
        if part == "settings":
            del plan["study"]["settings"]
        elif part == "rules":
            plan["rules"] = [{"id": "of an older form"}]
        elif part == "column":
            table = files["townships.csv"]
            files["townships.csv"] = table.replace(b"need_percentile", b"need_index")
        else:
            del files["townships.csv"]

    edited(before, tmp_path / "older", edit)
    with pytest.raises(SourceMissing) as raised:
        compare_folders(tmp_path / "older", before)
    assert raised.value.exit_code == 5
    wanted = {"column": "need_percentile"}.get(part, part)
    assert wanted in raised.value.tell("en")
    assert wanted in raised.value.tell("zh")


# The command.


def invoke(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_writes_every_row(before: Path, closed: Path, tmp_path: Path) -> None:
    done = invoke("compare", before, closed, "--out", tmp_path / "c.csv")
    assert done.exit_code == 0, done.stderr
    assert "Wrote" in done.stdout
    assert "16 rows" in done.stdout
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = compare_folders(before, closed)
    assert [row["change"] for row in rows] == found.rows["change"].tolist()
    as_json = json.loads(invoke("--json", "compare", before, closed).stdout)
    assert as_json["compared"] == 16
    assert as_json["layers"] == list(found.layers)
    assert as_json["differences"]["sources"][0]["file"] == "close.csv"
    (row,) = [row for row in as_json["rows"] if row["township_code"] == "0102"]
    assert row["change_reason"] == "site"
    chinese = invoke("--lang", "zh", "compare", before, closed).stdout
    assert "續列" in chinese


def test_a_folder_in_the_way_of_the_table(before: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").mkdir()
    assert invoke("compare", before, before, "--out", tmp_path / "c.csv").exit_code == 7


def test_settings_go_by_the_id_of_their_part() -> None:
    old = {"layer": [{"id": "a", "minutes": 30}, {"id": "b", "minutes": 20}], "gone": 1}
    new = {"layer": [{"id": "b", "minutes": 25}, {"id": "a", "minutes": 30}], "come": [1, 2]}
    told = [(each.path, each.before, each.now) for each in changed_settings(old, new)]
    assert told == [("come", None, [1, 2]), ("gone", 1, None), ("layer.b.minutes", 20, 25)]


# Laws of the life cycle, on rows that were never a plan.


def rule(share: float = 0.33, version: str = "1") -> Rule:
    """Listed from so great a share, or from 500 people and 5 per cent."""
    parameters = {
        "minutes": (30.0, "minutes"),
        "share": (share, "share"),
        "people": (500.0, "people"),
        "with": (0.05, "share"),
    }
    return Rule.model_validate(
        {
            "id": "r",
            "version": version,
            "layer": "a",
            "universe": "main_island",
            "beyond": "own_minutes > minutes",
            "parameter": [
                {"id": name, "value": value, "unit": unit, "source": "invented"}
                for name, (value, unit) in parameters.items()
            ],
            "test": [
                {
                    "id": "distance",
                    "any_of": [
                        "share_beyond >= share",
                        "people_beyond >= people and share_beyond >= with",
                    ],
                }
            ],
            "status": {"underserved": ["distance"]},
        }
    )


def frame(people: list[tuple[int, int, str]], sites: str = "S1") -> pd.DataFrame:
    """Rows of (target, beyond, status)."""
    target, beyond, status = (list(column) for column in zip(*people, strict=True))
    rows = pd.DataFrame(
        {
            "layer": "a",
            "township_code": [f"{place:04d}" for place in range(len(people))],
            "rule_id": "r",
            "rule_version": "1",
            "status": status,
            "certainty": "firm",
            "listed": [each in LISTED for each in status],
            "reasons": "",
            "own_state": "measured",
            "own_site_ids": sites,
            "own_minutes_mean": 12.5,
            "own_minutes_max": 40.0,
            "need_percentile": 50.0,
            "target_people": target,
            "target_undetermined": 0,
            "beyond_people": beyond,
            "beyond_share": np.array(beyond) / np.maximum(target, 1),
            "own_minutes_p90": np.nan,
            "people_per_capacity": np.nan,
            "per_person_basis": "residents_per_site",
            "per_person_value": np.nan,
            "list_completeness": "complete",
        }
    )
    return rows[list(COMPARED)]


people = st.integers(0, 2000).flatmap(
    lambda target: st.tuples(st.just(target), st.integers(0, target), st.sampled_from(STATUSES))
)
pairs = st.lists(st.tuples(people, people), min_size=1, max_size=12)


def cycle(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    return life_cycle(Previous("run", before, [rule()]), now, [rule()])


@settings(max_examples=40)
@given(pairs)
def test_every_township_has_one_word_and_the_sums_reconcile(pairs: list) -> None:
    before, now = (frame([pair[side] for pair in pairs]) for side in (0, 1))
    found = cycle(before, now)
    for at, word in enumerate(found["change"]):
        was, is_on = before["listed"][at], now["listed"][at]
        review = now["status"][at] == "undetermined"
        assert (word == "under_review") == review
        assert (word == "new") == (is_on and not was)
        assert (word in ("kept", "leaving")) == (is_on and was)
        assert (word == "withdrawn") == (was and not is_on and not review)
        assert (word == "none") == (not was and not is_on and not review)
        if before["status"][at] != now["status"][at]:
            assert found["change_reason"][at]

    rows = now.join(found)
    for name in ("listed", "certainty", "beyond_people"):
        rows[f"{name}_before"] = before[name]
    check_sums(layer_sums(rows))
    back = cycle(now, before)["change"]
    determined = (before["status"] != "undetermined") & (now["status"] != "undetermined")
    assert (found["change"] == "new")[determined].equals((back == "withdrawn")[determined])


@settings(max_examples=15)
@given(pairs, st.randoms())
def test_the_order_of_the_rows_does_not_matter(pairs: list, random) -> None:
    before, now = (frame([pair[side] for pair in pairs]) for side in (0, 1))
    order = list(range(len(pairs)))
    random.shuffle(order)
    shuffled = cycle(before, now.iloc[order])
    assert shuffled.equals(cycle(before, now).iloc[order])


@pytest.mark.parametrize(
    ("then", "here", "word"),
    [
        ((1000, 400), (1000, 350), "leaving"),  # a tenth fewer: 315, under 33 %
        ((1000, 400), (1000, 367), "kept"),  # a tenth fewer: 330, exactly 33 %
        ((1000, 400), (1000, 366), "leaving"),  # a tenth fewer: 329
        ((1000, 350), (1000, 350), "kept"),  # not fewer than before
        ((1000, 340), (1000, 350), "kept"),  # more than before
        ((5000, 900), (5000, 560), "kept"),  # a tenth fewer: 504, listed by number
        ((5000, 900), (5000, 550), "leaving"),  # a tenth fewer: 495
    ],
)
def test_leaving_is_close_to_the_edge_and_closer_than_before(
    then: tuple[int, int], here: tuple[int, int], word: str
) -> None:
    before, now = frame([(*then, "underserved")]), frame([(*here, "underserved")])
    assert cycle(before, now)["change"].tolist() == [word]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"own_site_ids": "S1;S2"}, "site"),
        ({"own_minutes_mean": 12.6}, "minutes"),
        ({"own_minutes_mean": 12.500004}, ""),  # the same at five decimals
        ({"own_state": "unreachable", "own_minutes_mean": np.nan}, "minutes"),
        ({"beyond_people": 401}, "minutes"),
        ({"target_people": 1001, "beyond_people": 401}, "people"),
        ({"need_percentile": 51.0}, "need"),
        ({"per_person_value": 9.0}, ""),  # the rule does not ask for it
        ({"per_person_value": 9.0, "reasons": "capacity"}, "supply"),
        ({"list_completeness": "partial", "certainty": "provisional"}, "list"),
        ({"status": "severe"}, "other"),
        ({"rule_id": "q"}, "rule"),
    ],
)
def test_each_reason(change: dict, reason: str) -> None:
    before = frame([(1000, 400, "underserved")])
    now = before.assign(**change)
    rules = [rule(), rule().model_copy(update={"id": "q"})]
    found = life_cycle(Previous("run", before, [rule()]), now, rules)
    assert found["change_reason"].tolist() == [reason]


def test_the_same_sites_in_another_order_are_the_same() -> None:
    before = frame([(1000, 400, "underserved")], sites="S1;S2")
    now = before.assign(own_site_ids="S2;S1")
    assert cycle(before, now)["change_reason"].tolist() == [""]


def test_a_changed_threshold_is_a_changed_rule() -> None:
    rows = frame([(1000, 400, "underserved")])
    found = life_cycle(Previous("run", rows, [rule()]), rows, [rule(share=0.34)])
    assert found["change_reason"].tolist() == ["rule"]


def test_a_township_the_previous_run_lacks_is_refused() -> None:
    rows = frame([(1000, 400, "underserved"), (10, 0, "not_listed")])
    with pytest.raises(KeyError):
        cycle(rows.iloc[:1], rows)
