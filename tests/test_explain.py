"""A township explained: every figure is the list's own, in both languages, with names."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geoplan.catalog import read_inputs
from geoplan.cli import app
from geoplan.errors import WrongUsage
from geoplan.explain import explain_township
from geoplan.explain.finding import find_township
from geoplan.export import write_plan
from geoplan.export.words import place_name
from geoplan.finished import Finished, Row, read_finished
from geoplan.gazetteer import fold
from geoplan.model import Plan
from geoplan.pipeline import Asked, plan_inputs, run
from geoplan.rules import Rule
from geoplan.study import read_study
from geoplan.tables import ROWS
from geoplan.texts import LANGS, say

PAGE = "<!doctype html><title>no map here</title>"


@pytest.fixture(scope="module")
def folder(toy_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result as it is written."""
    folder = tmp_path_factory.mktemp("explain") / "toy"
    write_plan(toy_plan, PAGE, folder)
    return folder


def margins_of(row: Row, finished: Finished) -> list[dict]:
    """Every comparison of the rule, worked out from the row alone."""
    rule = next(rule for rule in finished.rules if rule.id == row["rule_id"])
    target, beyond = int(row["target_people"]), int(row["beyond_people"])
    ends = [beyond, beyond + int(row["target_undetermined"])]
    need = float(row["need_percentile"]) if row["need_percentile"] else None
    shares = [round(each / target, 5) if target else 0.0 for each in ends]
    values = {"need_percentile": [need, need]}
    for name in ("beyond", "without_site_on_island"):
        values |= {f"share_{name}": shares, f"people_{name}": ends}
    found = []
    for test in rule.tests:
        for number, sentence in enumerate(test.sentences, start=1):
            for each in sentence:
                least, most = values[each.measure]
                found.append(comparison(rule, each, (least, most)))
                found[-1] |= {"layer": row["layer"], "township_code": row["township_code"]}
                found[-1] |= {"test": test.id, "sentence": number}
    return found


def comparison(rule: Rule, each: tuple[str, str, str], ends: tuple) -> dict:
    parameter = rule.parameter(each[2])
    assert each[1] == ">="
    known = ends[0] is not None
    holds = [known and end >= parameter.value for end in ends]
    answer = "true" if holds[0] else "unknown" if holds[1] or not known else "false"
    return {
        "measure": each[0],
        "unit": parameter.unit,
        "value_least": ends[0] if known else "",
        "value_most": ends[1] if known else "",
        "sign": each[1],
        "parameter": each[2],
        "threshold": parameter.value,
        "margin": round(ends[0] - parameter.value, 5) if known else "",
        "holds": answer,
    }


def codes_of(plan: Plan) -> list[str]:
    return [str(code) for code in plan.townships["township_code"]]


def number(cell: str, digits: int = 1, times: int = 1) -> str:
    return f"{float(cell) * times:,.{digits}f}"


def section(text: str, name: str) -> str:
    """What stands under the heading of one layer: its sentence, then its lines."""
    blocks = text.split("\n\n")
    at = next(at for at, block in enumerate(blocks) if block.startswith(f"{name}\n"))
    return "\n".join(blocks[at : at + 2])


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_is_the_cell_of_the_list(folder: Path, toy_plan: Plan, lang: str) -> None:
    for code in codes_of(toy_plan):
        told = explain_township(folder, code, lang)
        for row in told.rows:
            layer = next(each for each in toy_plan.study.layers if each.id == row["layer"])
            text = section(told.text, getattr(layer, f"name_{lang}"))
            for figure in figures(row):
                assert figure in text, (code, row["layer"], figure)
            assert row[f"sentence_{lang}"] in text
            assert say(f"status.{row['status']}", lang) in text
            for kind, cell in (("reason", row["reasons"]), ("flag", row["flags"])):
                for word in filter(None, cell.split(";")):
                    assert say(f"{kind}.{word}", lang) in text
            if not row["own_minutes_mean"] or not row["need_percentile"]:
                assert say("unknown", lang) in text or say("state.unreachable", lang) in text


def figures(row: Row) -> list[str]:
    """The figures of a row as they are told."""
    found = [f"{int(row[name]):,}" for name in ("target_people", "own_measured_people")]
    for name in ("own_minutes_mean", "own_minutes_p90", "own_minutes_max", "need_percentile"):
        found += [number(row[name])] if row[name] else []
    if row["per_person_value"]:
        digits = 0 if row["per_person_basis"] == "residents_per_site" else 1
        found.append(number(row["per_person_value"], digits))
    if row["modelled_share"]:
        found.append(number(row["modelled_share"], 1, 100) + "%")
    if row["minutes_over_threshold"] and float(row["minutes_over_threshold"]) > 0:
        found.append(f"{math.ceil(10 * float(row['minutes_over_threshold'])) / 10:,.1f}")
    for name in ("target_covered", "beyond_people"):
        found.append(f"{int(row[name]):,} → {int(row[f'{name}_after']):,}")
    return [*found, row["rule_id"], row["rule_version"]]


@pytest.mark.parametrize("lang", LANGS)
def test_every_id_stands_beside_its_name(folder: Path, toy_plan: Plan, lang: str) -> None:
    sites = toy_plan.sites.set_index("site_id")["name"]
    indicators = {each.id: each for each in toy_plan.study.need.indicators}
    for code in codes_of(toy_plan):
        told = explain_township(folder, code, lang)
        for facts in told.layers:
            for site in [*facts["how_far"]["own_sites"], *facts["how_far"]["nearest_sites"]]:
                assert site["name"] == sites[site["site_id"]]
                assert site["file"].endswith(f"{facts['layer']}.csv")
        for row in told.rows:
            for each in filter(None, row["need_leading"].split(";")):
                name = getattr(indicators[each], f"name_{lang}")
                assert f"{name}（{each}）" in told.text or f"{name} ({each})" in told.text


@pytest.mark.parametrize("lang", LANGS)
def test_each_comparison_of_the_rule_is_told(folder: Path, toy_plan: Plan, lang: str) -> None:
    finished = read_finished(folder, ROWS.names)
    for code in codes_of(toy_plan):
        told = explain_township(folder, code, lang)
        for facts, row in zip(told.layers, told.rows, strict=True):
            wanted = margins_of(row, finished)
            assert [each["parameter"] for each in facts["rule"]["tests"]] == [
                each["parameter"] for each in wanted
            ]
            text = section(told.text, facts[f"name_{lang}"])
            lines = [line for line in text.splitlines() if any(p in line for p in parameters(row))]
            assert len(lines) >= len(wanted)
            for each in wanted:
                ends = [shown(each[name], each["unit"]) for name in ("value_least", "value_most")]
                holds = say(f"explain.holds.{each['holds']}", lang)
                assert [
                    line
                    for line in lines
                    if each["parameter"] in line
                    and line.endswith(holds)
                    and all(end in line for end in ends)
                ], (each, text)


def parameters(row: Row) -> list[str]:
    main = row["universe"] == "main_island"
    names = ["share_at_least", "people_at_least", "with_share_at_least", "needy_from"]
    return names if main else [*names, "share"]


def shown(value: float | str, unit: str) -> str:
    if value == "":
        return ""
    return f"{value * 100:.10g}%" if unit == "share" else f"{value:,.10g}"


@pytest.mark.parametrize("lang", LANGS)
def test_draws_are_told_as_the_list_has_them(folder: Path, lang: str) -> None:
    told = explain_township(folder, "0102", lang)
    for facts, row in zip(told.layers, told.rows, strict=True):
        assert facts["draws"]["share_listed"] == float(row["share_listed"])
        text = section(told.text, facts[f"name_{lang}"])
        for name in ("share_listed", "beyond_share_low", "beyond_share_high"):
            assert number(row[name], 1, 100) + "%" in text
        for name in ("beyond_people_low", "beyond_people_high"):
            assert f"{int(row[name]):,}" in text


def test_a_quick_run_has_no_draws(tmp_path: Path) -> None:
    plan = plan_inputs(read_inputs(read_study("toy")), asked=Asked(quick=True))
    write_plan(plan, PAGE, tmp_path / "quick")
    told = explain_township(tmp_path / "quick", "0102", "en")
    assert [facts["draws"] for facts in told.layers] == [None, None]
    assert plan.details["hotspots"].empty and not plan.details["margins"].empty


def test_what_takes_a_township_off_the_list_is_rounded_up(folder: Path) -> None:
    told = explain_township(folder, "0102", "en")
    centre, pantry = told.layers
    finished = read_finished(folder, ROWS.names)
    row = next(
        row
        for row in finished.table("remedies")
        if (row["layer"], row["township_code"]) == ("toy_centres", "0102")
    )
    assert centre["lift"]["people_to_bring_within"] == int(row["people_to_bring_within"])
    assert pantry["lift"]["people_to_bring_within"] is None
    assert pantry["lift"]["remedies"] == []
    minutes = math.ceil(float(row["minutes_shorter"]) * 10) / 10
    enough = (
        f"{int(row['people_to_bring_within']):,} people brought within the threshold, "
        f"or every trip shorter by {minutes} minutes"
    )
    text = section(told.text, "Service centre")
    assert enough in text
    assert f"; then {say('status.' + row['status_after'], 'en')}" in text
    assert "off the list" not in section(told.text, "Food pantry")


@pytest.mark.parametrize("lang", LANGS)
def test_sources_have_date_and_hash(folder: Path, lang: str) -> None:
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    told = explain_township(folder, "0102", lang)
    by_file = {source["file"]: source for source in told.sources}
    assert set(by_file) == {each["file"] for each in plan["inputs"]}
    for each in plan["inputs"]:
        assert by_file[each["file"]]["sha256"] == each["sha256"]
        if by_file[each["file"]]["role"] != "services":
            line = next(line for line in told.text.splitlines() if each["sha256"] in line)
            assert each["file"] in line
    assert by_file["toy/population/villages.csv"]["key"] == {"township_code": "0102"}
    assert by_file["toy/facilities/completeness.csv"]["key"] == {"county_code": "01"}
    assert by_file["toy/facilities/toy_centres.csv"]["role"] == "sites"
    assert "site_id TC02" in told.text


def test_a_planners_row_is_traced_to_the_planners_file(tmp_path: Path) -> None:
    rows = (
        "site_id,layer,name,county,township,lon,lat\n"
        "MY1,toy_centres,New centre,晨霧郡,霧津市,170.751269,-29.956579\n"
    )
    (tmp_path / "mine.csv").write_text(rows, "utf-8")
    plan = run(read_study("toy"), tmp_path / "mine.csv")
    write_plan(plan, PAGE, tmp_path / "out")
    told = explain_township(tmp_path / "out", "0102", "en")
    assert [each["role"] for each in told.sources if each["file"] == "mine.csv"] == ["planner"]
    mine = [site for site in told.layers[0]["how_far"]["nearest_sites"] if site["name"]]
    assert {site["file"] for site in mine if site["site_id"] == "MY1"} == {"mine.csv"}
    assert "mine.csv, site_id MY1" in told.text


@pytest.mark.parametrize("lang", LANGS)
def test_json_has_every_field(folder: Path, lang: str) -> None:
    words = ["--json", "--lang", lang, "explain", str(folder), "0102"]
    told = json.loads(CliRunner().invoke(app, words).stdout)
    rows = {row["layer"]: row for row in told["rows"]}
    for facts in told["layers"]:
        row = rows[facts["layer"]]
        assert facts["status"] == row["status"]
        assert facts["how_far"]["beyond_people"] == int(row["beyond_people"])
        assert facts["how_far"]["minutes_mean"] == float(row["own_minutes_mean"])
        assert facts["need"]["percentile"] == float(row["need_percentile"])
        assert facts["reasons"] == [each for each in row["reasons"].split(";") if each]
    assert told["sources"]


def test_one_site_is_not_sites(folder: Path, toy_plan: Plan) -> None:
    texts = [explain_township(folder, code, "en").text for code in codes_of(toy_plan)]
    assert any("1 site proposed here" in text for text in texts)
    assert not any(re.search(r"(?<![\d.,])1 (sites|minutes|people)\b", text) for text in texts)


def test_a_township_goes_by_many_names(folder: Path) -> None:
    rows = read_finished(folder, ROWS.names).rows
    for name in ("0102", "102", "晨霧郡霧津市", "霧津市", "霧津", "Mistford, Dawnmist", "mistford"):
        assert find_township(rows, name) == "0102"
    assert fold("台 北市") == "臺北市"
    twice = [row["township_name"] for row in rows if row["layer"] == rows[0]["layer"]]
    double = next(name for name in twice if twice.count(name) > 1)
    for name in ("Nowhere", double):
        with pytest.raises(WrongUsage):
            find_township(rows, name)


def test_places_without_an_english_name_keep_their_own(folder: Path) -> None:
    row = read_finished(folder, ROWS.names).rows[0]
    assert place_name(row, "en") == "Lanternhead, Dawnmist"
    assert place_name(row | {"township_name_en": ""}, "en") == "晨霧郡燈臺鎮"


def test_a_name_like_no_other_is_said_to_be_so(folder: Path) -> None:
    with pytest.raises(WrongUsage, match="none of a like name"):
        explain_township(folder, "qqqqqqqq", "en")
