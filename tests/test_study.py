"""A study is read strictly: unknown keys, wrong kinds and names that lead nowhere are told."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geoplan.errors import BadInput, SourceMissing
from geoplan.paths import bundled
from geoplan.study import find, read_study
from tests.inputs import BAD, toy_copy
from tests.test_catalog import expected, reads_well, told

NAMES = sorted(path.name for path in (BAD / "study").iterdir())


def place(folder: Path, content: bytes) -> Path:
    study = toy_copy(folder)
    study.write_bytes(content)
    return study


@pytest.mark.parametrize("name", NAMES)
def test_bad_study_is_told_with_key_and_line(name: str, tmp_path: Path) -> None:
    study = place(tmp_path, (BAD / "study" / name).read_bytes())
    with pytest.raises(BadInput) as caught:
        read_study(study)
    assert told(caught.value.faults) == expected(f"study/{name}")
    assert caught.value.exit_code == 3
    for fault in caught.value.faults:
        reads_well(fault)


def test_nearest_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_study(place(tmp_path, (BAD / "study" / "unknown_key.toml").read_bytes()))
    texts = [fault.tell("en") for fault in caught.value.faults]
    assert any("'data_date'" in text and "line" in text for text in texts)


def test_bundled_studies_are_found_by_name_and_by_path() -> None:
    by_name = read_study("tw-2030")
    assert by_name == read_study("studies/tw-2030.toml")
    assert by_name == read_study(bundled("studies") / "tw-2030.toml")
    assert [layer.target for layer in by_name.layers] == [158, 101, 83, 368]
    assert [layer.symbol for layer in by_name.layers] == ["circle", "square", "triangle", "diamond"]
    assert len(by_name.rules) == 8
    assert by_name.need.missing[0].id == "disability_by_township"
    assert by_name.layers[3].siting.also_at == ("welfare_centres",)
    assert by_name.straight_line == (1.4, 40)


def test_study_holds_what_the_file_says() -> None:
    study = read_study("toy")
    said = tomllib.loads((bundled("studies") / "toy.toml").read_text("utf-8"))
    assert study.id == said["id"]
    assert study.roads is not None and study.roads.open_status == tuple(
        said["roads"]["open_status"]
    )
    assert [layer.id for layer in study.layers] == [layer["id"] for layer in said["layer"]]
    main, islands = study.rules[:2]
    assert (main.universe, islands.universe) == ("main_island", "islands")
    assert (main.minutes, islands.minutes) == (30, None)


def test_study_is_frozen() -> None:
    study = read_study("toy")
    with pytest.raises(ValidationError):
        study.id = "other"


def test_study_without_roads_falls_back(tmp_path: Path) -> None:
    text = (bundled("studies") / "toy.toml").read_text("utf-8")
    head, rest = text.split("[roads]")
    study = read_study(place(tmp_path, (head + "[need]" + rest.split("[need]", 1)[1]).encode()))
    assert study.roads is None
    assert study.straight_line == (1.4, 40)


def test_unknown_study_names_the_bundled_ones() -> None:
    with pytest.raises(SourceMissing) as caught:
        read_study("tw-2031")
    assert caught.value.exit_code == 5
    assert "tw-2030" in str(caught.value) and "toy" in caught.value.tell("zh")


def test_own_rule_comes_before_the_bundled_one(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    rule = tmp_path / "rules" / "toy_centres.main_island.toml"
    text = rule.read_text("utf-8")
    version = tomllib.loads(text)["version"]
    rule.write_text(text.replace(f'"{version}"', '"2099-01"'), "utf-8")
    assert read_study(study).rules[0].version == "2099-01"
    shutil.rmtree(tmp_path / "rules")
    assert read_study(study).rules[0].version == version


def test_fault_of_a_rule_is_told_with_its_file(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    rule = tmp_path / "rules" / "toy_centres.main_island.toml"
    rule.write_text(rule.read_text("utf-8").replace("share_at_least", "share_atleast", 1), "utf-8")
    other = tmp_path / "rules" / "toy_pantries.main_island.toml"
    other.write_text(other.read_text("utf-8").replace("main_island", "islands"), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_study(study)
    found = {(fault.file, fault.code, fault.column) for fault in caught.value.faults}
    assert found == {
        ("rules/toy_centres.main_island.toml", "key_choice_near", "test[1].any_of[1]"),
        ("rules/toy_centres.main_island.toml", "rule_unused", "parameter"),
        ("rules/toy_pantries.main_island.toml", "rule_of_another", ""),
    }


def test_files_beside_the_study_come_first(tmp_path: Path) -> None:
    study = read_study(toy_copy(tmp_path))
    relative = "toy/population/villages.csv"
    assert find(study, relative) == (tmp_path / relative).resolve()
    (tmp_path / relative).unlink()
    assert find(study, relative) == bundled("data") / relative
    with pytest.raises(SourceMissing):
        find(study, "toy/nothing.csv")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_as_a_study_are_told(content: bytes, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("study") / "any.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_study(path)
    for fault in caught.value.faults:
        fault.tell("zh"), fault.tell("en")


def test_the_rule_and_the_study_must_agree_on_the_minutes(tmp_path: Path) -> None:
    study = (bundled("studies") / "toy.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(study.replace("minutes = 30", "minutes = 20"), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_study(tmp_path / "mine.toml")
    assert {fault.code for fault in caught.value.faults} == {"rule_minutes"}
    assert all("20" in fault.tell("zh") for fault in caught.value.faults)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:999999"])
def test_metres_need_a_reference_system_in_metres(tmp_path: Path, crs: str) -> None:
    study = (bundled("studies") / "toy.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(study.replace("EPSG:32759", crs), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_study(tmp_path / "mine.toml")
    assert {fault.code for fault in caught.value.faults} == {"crs_not_metric"}
