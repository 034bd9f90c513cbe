"""The programme's tables: every figure traced, sums that hold, contradictions in plain sight."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.catalog import read_inputs
from geoplan.errors import BadInput
from geoplan.export.cells import as_records
from geoplan.export.lists import Records, make_lists
from geoplan.export.programme_told import Told, View, number, share
from geoplan.export.programme_views import VIEWS
from geoplan.export.sheets import make_sheets
from geoplan.gazetteer import find_county
from geoplan.model import Inputs, Plan
from geoplan.programme_spec import Programme
from geoplan.reporting.report import report_html
from geoplan.results.programme import programme_tables
from geoplan.results.programme_rules import supervisor_rows
from geoplan.study import read_study
from geoplan.tables import PROGRAMME, checked
from geoplan.targets import central_share, supervisors, years_of
from geoplan.texts import LANGS, Lang
from tests.commands import geoplan
from tests.inputs import toy_copy
from tests.plans import hand_made_plan, programme_plan

LINES = re.compile(r"\d{3}:\d+(-\d+)?(,\d+(-\d+)?)*")
TRACED = ("targets", "kpis", "staffing", "budget", "shares", "appraisal", "facility", "volumes")
"""Views whose rows are figures of the documents."""


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return read_inputs(read_study("tw-2030"))


@pytest.fixture(scope="module")
def tables(inputs: Inputs) -> dict[str, pd.DataFrame]:
    made = programme_tables(inputs)
    return {table.id: checked(made[table.id], table) for table in PROGRAMME}


@pytest.fixture(scope="module")
def records(tables: dict[str, pd.DataFrame]) -> dict[str, Records]:
    return {table.id: as_records(tables[table.id], table) for table in PROGRAMME}


def view(name: str, records: dict[str, Records], lang: Lang = "zh", county: str = "") -> View:
    names = {row["county_code"]: row["county_name"] for row in records["subsidy_tiers"]}
    return VIEWS[name](Told(records, read_study("tw-2030"), lang, names, county))


def column(told: View, *heads: str) -> list[str]:
    at = next(place for place, head in enumerate(told.heads) if head in heads)
    return [row[at] for row in told.rows]


# ---------------------------------------------------------------- traced


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", TRACED)
def test_every_figure_told_names_document_and_lines(
    name: str, lang: Lang, records: dict[str, Records]
) -> None:
    known = {row["document"] for row in records["programme_documents"]}
    told = view(name, records, lang)
    assert told.rows
    for source in column(told, "文件:行", "document:line"):
        if source in ("文件未載", "in no document"):
            continue
        for each in source.split("; "):
            assert LINES.fullmatch(each), each
            assert each[:3] in known


def test_every_figure_stands_in_some_view(records: dict[str, Records]) -> None:
    """With its value and with its own document and lines in one row."""
    told = [
        (set(row), {source for cell in row for source in cell.split("; ")})
        for name in (*TRACED, "supervisors")
        for row in view(name, records).rows
    ]
    lost = [
        figure["figure_id"]
        for figure in records["programme_figures"]
        if not any(
            f"{figure['document']}:{figure['lines']}" in sources
            and {number(figure["value"]), share(figure["value"])} & cells
            for cells, sources in told
        )
    ]
    assert lost == []


@pytest.mark.parametrize("lang", LANGS)
def test_every_view_speaks_its_language_without_codes(
    lang: Lang, records: dict[str, Records]
) -> None:
    for name in VIEWS:
        told = view(name, records, lang)
        assert told.rows
        for row in told.rows:
            assert len(row) == len(told.heads) == len(told.numeric)
            assert not [
                cell
                for head, cell in zip(told.heads, row, strict=True)
                if re.search("[a-z]_[a-z]", cell) and "/" not in cell
            ]


# ---------------------------------------------------------------- sums and contradictions


def value(records: dict[str, Records], item: str, year: str, topic: str) -> list[float]:
    return [
        row["value"]
        for row in records["programme_figures"]
        if (row["item"], row["year_roc"], row["topic"]) == (item, year, topic)
    ]


def test_the_sums_of_the_documents_hold(records: dict[str, Records]) -> None:
    staff = {row["item"]: row for row in records["staffing"] if row["part"] == "staffing_table_1"}
    lines = [item for item in staff if "total" not in item]
    for column_of in [f"roc_{year}" for year in range(107, 115)] + ["increase"]:
        base = [item for item in lines if item.startswith("base_")]
        own = [item for item in lines if not item.startswith("base_")]
        assert sum(staff[i][column_of] for i in own) == staff["subtotal_programme"][column_of]
        assert sum(staff[i][column_of] for i in base) == staff["subtotal_base_plan"][column_of]
        assert sum(staff[i][column_of] for i in lines) == staff["total"][column_of]
    for item in staff:
        assert staff[item]["increase"] == staff[item]["roc_114"] - staff[item]["roc_109"]
    for year in range(107, 114):
        parts = ("local_staff_and_assistants", "local_welfare_work", "central_agencies_own_work")
        money = [value(records, part, str(year), "budget_table_3")[0] for part in parts]
        assert sum(money) == pytest.approx(value(records, "total", str(year), "budget_table_3")[0])
    for year, visited in (("108", 37_819), ("109-01..06", 19_924)):
        outcomes = [
            row["value"]
            for row in records["programme_figures"]
            if row["item"].startswith("visits_") and row["year_roc"] == year
        ]
        assert sum(outcomes) == visited
    appraisal = [r for r in records["programme_figures"] if r["topic"] == "appraisal_weight"]
    assert sum(r["value"] for r in appraisal if r["item"] != "hire_rate_floor") == 100


def test_the_triples_of_2020_add_up_to_the_targets(records: dict[str, Records]) -> None:
    nation, *counties = [r for r in records["build_out"] if r["layer"] == "welfare_centres"]
    assert (nation["set_up_2020"], nation["target_2020"], nation["outstanding_2020"]) == (
        *(136, 154),
        21,
    )
    assert len(counties) == 22
    assert sum(row["target_2020"] for row in counties) == 154
    assert {row["certainty_2020"] for row in counties} == {"certain", "likely"}
    told = column(view("build_out", records), "109年6月 已設／目標")
    assert all("確定" in cell or "可能" in cell for cell in told)


@pytest.mark.parametrize("lang", LANGS)
def test_contradictions_stand_side_by_side(lang: Lang, records: dict[str, Records]) -> None:
    told = view("contradictions", records, lang)
    assert len(told.rows) == 25
    told_figures = " ".join(column(told, "各處數字", "figures"))
    for place in ("001:120", "000:166", "003:156-157", "000:107", "002:215", "002:252"):
        assert place in told_figures
    both = [row for row in view("targets", records, lang).rows if row[2] in ("71", "77")]
    assert [row[4] for row in both] == ["001:120", "000:166"]
    employed = [row for row in records["kpis"] if row["item"] == "mentally_disabled_employment"]
    assert [(row["unit"], row["roc_114"]) for row in employed] == [
        ("person-time", 4180),
        ("person", 4180),
    ]


# ---------------------------------------------------------------- nothing filled in


def test_years_and_counties_of_which_nothing_is_said_are_blank(
    records: dict[str, Records],
) -> None:
    between = [row for row in records["yearly_targets"] if 2026 <= row["year"] < 2030]
    assert len(between) == 16
    assert all(row["target"] is None and row["build_out_rate"] is None for row in between)
    for row in records["build_out"]:
        assert (row["build_out_rate"] is None) == (row["target"] is None)
        assert bool(row["target_source"]) == (row["target"] is not None)
    banks = [row for row in records["build_out"] if row["layer"] == "food_banks"]
    assert [row["target"] for row in banks] == [368, *[None] * 22]


def test_rates_are_what_stands_over_the_target(records: dict[str, Records]) -> None:
    for row in (*records["build_out"], *records["yearly_targets"]):
        if row["target"]:
            stands = row["existing_named"] + row["existing_unnamed"]
            assert row["build_out_rate"] == pytest.approx(stands / row["target"], abs=1e-5)


def test_tiers_not_yet_published_are_held_and_said_to_be(records: dict[str, Records]) -> None:
    assert len(records["subsidy_tiers"]) == 22
    for row in records["subsidy_tiers"]:
        assert row["percent_held"] == row["percent"] == 40 + 10 * row["tier"]
        assert row["former_percent"] == 40 + 10 * row["former_tier"]
        assert row["change"] == row["percent"] - row["former_percent"]
    assert "沿用" in view("subsidy", records).lead
    assert any("沿用" in head for head in view("subsidy", records).heads)


def test_the_centre_share_by_tier_and_year(inputs: Inputs) -> None:
    assert inputs.programme is not None
    figures = inputs.programme.figures
    told = {
        (tier, year): central_share(tier, year, figures)
        for tier, year in ((1, 2019), (1, 2021), (3, 2024), (5, 2030), (5, 2031), (6, 2030))
    }
    found = {key: share and share.percent for key, share in told.items()}
    # 2021 (ROC 110) is in no tier row of the documents: 002:277 tells only the average of 40 %.
    assert found == {
        (1, 2019): 10,
        (1, 2021): None,
        (3, 2024): 70,
        (5, 2030): 90,
        (5, 2031): None,
        (6, 2030): None,
    }
    assert list(years_of("111-114")) == [2022, 2023, 2024, 2025]
    assert list(years_of("114-05")) == [2025]


@given(workers=st.integers(0, 100_000), ratio=st.integers(1, 50))
def test_supervisors_cover_the_workers(workers: int, ratio: int) -> None:
    full, begun = supervisors(workers, ratio)
    assert full * ratio <= workers <= begun * ratio
    assert begun - full == (workers % ratio > 0)


def test_supervisors_are_reckoned_only_where_staff_is_counted(inputs: Inputs) -> None:
    assert inputs.programme is not None
    figures = inputs.programme.figures
    rows = supervisor_rows(inputs, figures)
    of_county = rows[rows["county_code"] != ""]
    assert set(of_county["county_code"]) == {"66000"}
    seventeen = of_county[of_county["staff"] == 17].iloc[0]
    assert seventeen["supervisors_full_groups"] == 2  # as the document shows
    assert set(rows["ratio_source"]) == {"002:330"}
    assert inputs.study.programme is not None
    own = inputs.study.programme.model_copy(update={"workers_per_supervisor": 5})
    study = inputs.study.model_copy(update={"programme": own})
    rows = supervisor_rows(dataclasses.replace(inputs, study=study), figures)
    assert set(rows["workers_per_supervisor"]) == {5}
    assert set(rows["ratio_source"]) == {"study"}


# ---------------------------------------------------------------- the door and the command


def test_a_figure_of_an_unknown_document_is_a_fault(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    figures = "figure_id,topic,item,item_zh,item_en,layer,county_code,year_roc,value,unit,kind,"
    figures += "document,lines,note,note_zh\nP1,facility,site,據點,sites,,,119,7,site,target,"
    (tmp_path / "figures.csv").write_text(figures + "009,1,,\n", "utf-8")
    (tmp_path / "documents.csv").write_text(
        "document,title,title_en,publisher,publisher_en,date_roc,kind,note,text_sha256\n"
        "001,甲,A,,,,,,\n",
        "utf-8",
    )
    text = study.read_text("utf-8")
    section = '[programme]\nfigures = "figures.csv"\ndocuments = "documents.csv"\n\n[need]'
    study.write_text(text.replace("[need]", section, 1), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study(study))
    assert [fault.code for fault in caught.value.faults] == ["unknown_document"]
    good = figures + "001,1,,\n"
    (tmp_path / "figures.csv").write_text(good, "utf-8")
    read = read_inputs(read_study(study)).programme
    assert read is not None
    assert read.figures["value"].tolist() == [7]
    assert read.contradictions.empty


def test_a_study_names_its_programme_strictly() -> None:
    with pytest.raises(ValueError, match="workers_per_supervisor"):
        Programme(figures="f.csv", documents="d.csv", workers_per_supervisor=0)


def test_the_command_tells_topics_and_writes_tables(tmp_path: Path) -> None:
    asked = ("programme", "toy", "--topic", "services", "--out", "tables")
    done = geoplan("--json", *asked, cwd=tmp_path, lang="zh")
    assert done.returncode == 0
    assert [row[0] for row in json.loads(done.stdout)["services"]["rows"]][:1] == ["服務中心"]
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        *(f"{table.id}.csv" for table in PROGRAMME),
        "manifest.json",
    }


@pytest.mark.parametrize("given", ["臺南市", "台南市", "臺南縣", "67000", "Tainan City", "tainan"])
def test_a_county_is_found_by_its_names(
    given: str, inputs: Inputs, records: dict[str, Records]
) -> None:
    code = find_county(inputs.townships, given)
    assert column(view("subsidy", records, county=code), "縣市") == ["臺南市"]


def test_the_command_says_what_it_has_not(tmp_path: Path) -> None:
    wrong = geoplan("programme", "toy", "--county", "Atlantis", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "Atlantis" in wrong.stderr
    empty = geoplan("programme", "toy", "--topic", "kpis", cwd=tmp_path, lang="zh")
    assert empty.returncode == 0
    assert "沒有數據" in empty.stdout


# ---------------------------------------------------------------- page, report, workbook


@pytest.fixture(scope="module")
def made(inputs: Inputs) -> Plan:
    return programme_plan(inputs)


def test_the_report_tells_the_programme(made: Plan) -> None:
    page = report_html(make_lists(made)).decode()
    assert '<h2 id="zh-programme"' in page
    assert '<h2 id="en-programme"' in page
    assert "003:146,212" in page
    assert page.count(">000:69<") > 0 < page.count(">002:215<")  # two aims, never one
    assert "<img src=x" not in page
    bare = report_html(make_lists(hand_made_plan())).decode()
    assert "zh-programme" not in bare


def test_the_workbook_has_the_programme_in_words(made: Plan) -> None:
    sheets = {sheet.name: sheet.blocks[0] for sheet in make_sheets(make_lists(made))}
    for name in ("計畫各年目標", "布建率", "績效指標", "人力", "文件歧異", "計畫數據"):
        assert sheets[name].records
        names = [each.name for each in sheets[name].columns]
        assert not [each for each in names if each.endswith("_en")]
    assert len(sheets["計畫數據"].records) == 498
