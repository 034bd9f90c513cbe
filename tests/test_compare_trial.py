"""`geoplan compare` of a finished result with the file of a trial that nothing has planned yet."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from geoplan.catalog import read_inputs
from geoplan.export import write_plan
from geoplan.model import Plan
from geoplan.pipeline import Asked, on_trial, plan_inputs
from geoplan.study import read_study
from geoplan.trial import LayerChange, Trial, trial_text
from tests.commands import Done, geoplan
from tests.inputs import toy_copy

CHANGE = LayerChange(("TP02",), ("area-0102",), 22.5)
TRIED = Trial({"toy_pantries": CHANGE}, {"all_indicators": {"income_median": 0.5}})
PAGE = "<!doctype html><title>no map here</title>"
QUICK = Asked(quick=True)


def written(plan: Plan, folder: Path) -> Path:
    write_plan(plan, PAGE, folder)
    return folder


@pytest.fixture(scope="module")
def before(quick_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(quick_plan, tmp_path_factory.mktemp("compared") / "before")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, quick_plan: Plan) -> Path:
    path = tmp_path_factory.mktemp("tried") / "mine.trial.json"
    trial = dataclasses.replace(TRIED, run=quick_plan.run_id)
    path.write_text(trial_text(trial, "toy", quick_plan.version), "utf-8")
    return path


def compared(*words: object, cwd: Path) -> Done:
    return geoplan("--json", "compare", *words, cwd=cwd)


def test_says_what_planning_it_and_comparing_would(
    before: Path, file: Path, quick_plan: Plan, tmp_path: Path
) -> None:
    trial = dataclasses.replace(TRIED, run=quick_plan.run_id)
    planned = plan_inputs(on_trial(read_inputs(read_study("toy")), trial, QUICK), asked=QUICK)
    assert "trial_other_run" not in {note.code for note in planned.notes}
    after = written(planned, tmp_path / "after")
    out = tmp_path / "changes.csv"
    at_once = compared(before, file, "--out", out, cwd=tmp_path)
    assert at_once.returncode == 0, at_once.stderr
    found = json.loads(at_once.stdout)
    wanted = json.loads(compared(before, after, cwd=tmp_path).stdout)
    assert found["second"].pop("folder") == str(file)
    assert wanted["second"].pop("folder") == str(after)
    assert found == wanted
    assert found["rows"]
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(quick_plan.rows)
    seen = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert seen == {"after", "changes.csv"}


def test_a_threshold_of_the_trial_is_no_rule_that_was_changed_in_silence(
    before: Path, file: Path, tmp_path: Path
) -> None:
    told = geoplan("compare", before, file, cwd=tmp_path).stdout
    assert "rule toy_pantries.main_island: with the threshold of the trial" in told
    assert "give it a new one" not in told


def test_a_rule_changed_besides_is_told_as_silent(
    before: Path, quick_plan: Plan, tmp_path: Path
) -> None:
    study = toy_copy(tmp_path)
    rule = study.parent / "rules" / "toy_pantries.main_island.toml"
    text = rule.read_text("utf-8")
    assert text.count("value = 0.33") == 1
    rule.write_text(text.replace("value = 0.33", "value = 0.4"), "utf-8")
    plan = plan_inputs(on_trial(read_inputs(read_study(study)), TRIED, QUICK), asked=QUICK)
    after = written(plan, tmp_path / "after")
    told = geoplan("compare", before, after, cwd=tmp_path).stdout
    assert "rule toy_pantries.main_island: changed, yet its version is still" in told
    assert "with the threshold of the trial" not in told


def test_of_a_study_of_one_s_own(tmp_path: Path, file: Path) -> None:
    study = toy_copy(tmp_path)
    text = study.read_text("utf-8")
    assert text.count("Toy country:") == 1
    study.write_text(text.replace("Toy country:", "My country:"), "utf-8")
    plan = plan_inputs(read_inputs(read_study(study)), asked=QUICK)
    own = written(plan, tmp_path / "own")
    alone = compared(own, file, cwd=tmp_path)
    assert alone.returncode == 3  # the bundled study has another title
    assert "--study" in alone.stderr
    done = compared(own, file, "--study", study, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_more_than_the_study_went_into_the_result(
    quick_plan: Plan, file: Path, tmp_path: Path
) -> None:
    other = written(dataclasses.replace(quick_plan, run_id="0" * 16), tmp_path / "other")
    done = compared(other, file, cwd=tmp_path)
    assert done.returncode == 3
    assert f"run --fixed {file.name}" in done.stderr
    broken = tmp_path / "broken.trial.json"
    broken.write_text('{"geoplan": "trial", "format": 2, "study": "toy"}', "utf-8")
    both = compared(other, broken, cwd=tmp_path)
    assert both.returncode == 3
    assert "format 2" in both.stderr
    assert "run --fixed" in both.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.trial.json", b""),
        ("no-json.trial.json", b"\xff\xfe{"),
        ("list.trial.json", b"[]"),
        ("table.csv", b"township_code,people\n0101,3\n"),
        ("deep.trial.json", b"[" * 100_000),
        ("foreign.trial.json", b'{"geoplan": "trial", "format": 1, "study": "tw-2030"}'),
        ("unknown.trial.json", b'{"geoplan":"trial","format":1,"study":"toy","layers":{"x":{}}}'),
    ],
)
def test_what_is_no_trial_of_the_study_is_refused(
    before: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    done = compared(before, name, cwd=tmp_path)
    assert done.returncode == 3
    assert name in done.stderr
    assert done.stdout == ""


def test_what_is_not_there_and_what_cannot_be_meant(before: Path, tmp_path: Path) -> None:
    assert compared(before, "none.trial.json", cwd=tmp_path).returncode == 5
    assert compared(tmp_path, "none.trial.json", cwd=tmp_path).returncode == 5
    assert compared(before, before, "--study", "toy", cwd=tmp_path).returncode == 2
