"""What a run writes, opened again with other people's readers."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.export import write_plan
from geoplan.export.cells import clean, csv_cell
from geoplan.export.folder import changed_files, is_whole
from geoplan.export.lists import Lists, make_lists, rank
from geoplan.export.sheets import make_sheets
from geoplan.export.words import Labels, date_text
from geoplan.export.writers import WRITERS, result_files
from geoplan.model import Plan
from geoplan.tables import (
    COVERAGES,
    DETAILS,
    LAYER_TOTALS,
    LISTED,
    PLAN_SITES,
    ROWS,
    VILLAGE_ROWS,
    schema,
)
from tests.plans import HOSTILE, hand_made_plan, hostile_plan

FILES = {"map.html", "manifest.json", *WRITERS}
PAGE = "<!DOCTYPE html><title>the map</title>"


@pytest.fixture(scope="module", params=["hand_made", "toy"])
def made(request: pytest.FixtureRequest) -> Plan:
    """The plan made by hand, and the toy country through the whole line."""
    if request.param == "toy":
        return request.getfixturevalue("toy_plan")
    return hand_made_plan()


@pytest.fixture(scope="module")
def lists(made: Plan) -> Lists:
    return make_lists(made)


@pytest.fixture(scope="module")
def folder(made: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "result"
    write_plan(made, PAGE, out)
    return out


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hostile") / "result"
    write_plan(hostile_plan(), PAGE, out)
    return out


def read_csv(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_sheet(path: Path, sheet: str) -> list[dict[str, Any]]:
    """Rows of a list sheet under the names of its second line."""
    page = openpyxl.load_workbook(path)[sheet]
    _, names, *rows = page.iter_rows(values_only=True)
    records = [dict(zip(names, row, strict=True)) for row in rows]
    return [] if records and records[0]["layer"] == "（無）" else records


def keys(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["layer"], row["township_code"]) for row in rows]


def test_the_hand_made_plan_is_such_a_plan() -> None:
    plan = hand_made_plan()
    for frame, table in (
        (plan.rows, ROWS),
        (plan.village_rows, VILLAGE_ROWS),
        (plan.sites, PLAN_SITES),
        (plan.layer_totals, LAYER_TOTALS),
    ):
        schema(table).validate(frame, lazy=True)


def test_every_file_is_there_and_the_manifest_knows_it(folder: Path, made: Plan) -> None:
    wanted = FILES | set(made.certificates)
    assert {path.name for path in folder.iterdir()} == wanted
    assert is_whole(folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {each["name"] for each in manifest["files"]} == wanted - {"manifest.json"}
    assert (manifest["run_id"], manifest["study"]) == (made.run_id, made.study.id)
    assert (folder / "map.html").read_text("utf-8") == PAGE


def test_same_plan_same_bytes(made: Plan) -> None:
    assert dict(result_files(made, PAGE)) == dict(result_files(made, PAGE))


def test_rows_in_another_order_give_the_same_bytes(made: Plan) -> None:
    import dataclasses

    turned = dataclasses.replace(
        made,
        **{
            name: getattr(made, name).iloc[::-1].reset_index(drop=True)
            for name in ("rows", "village_rows", "sites", "counts", "layer_totals", "completeness")
        },
    )
    first, second = dict(result_files(made, PAGE)), dict(result_files(turned, PAGE))
    assert [name for name in first if first[name] != second[name]] == []


def test_townships_csv_is_every_row_of_the_plan(folder: Path, made: Plan) -> None:
    rows = read_csv(folder / "townships.csv")
    assert list(rows[0]) == ROWS.names
    assert len(rows) == len(made.rows)
    expected = made.rows.set_index(["layer", "township_code"])
    for row in rows:
        one = expected.loc[(row["layer"], row["township_code"])]
        assert int(row["beyond_people"]) == one["beyond_people"]
        assert row["listed"] == ("true" if one["listed"] else "false")
        if row["own_minutes_mean"]:
            assert float(row["own_minutes_mean"]) == pytest.approx(
                one["own_minutes_mean"], abs=1e-5
            )
        else:
            assert pd.isna(one["own_minutes_mean"])


def test_counts_are_equal_everywhere(folder: Path, made: Plan) -> None:
    listed = made.rows[made.rows["listed"].astype(bool)]
    firm = listed["certainty"] == "firm"
    in_csv = read_csv(folder / "underserved.csv")
    in_book = {
        sheet: read_sheet(folder / "underserved.xlsx", sheet)
        for sheet in ("列入", "暫定", "無法判定", "其餘未列入")
    }
    assert len(in_csv) == len(listed)
    assert sum(row["certainty"] == "firm" for row in in_csv) == len(in_book["列入"]) == firm.sum()
    assert len(in_book["暫定"]) == (~firm).sum()
    assert sum(len(rows) for rows in in_book.values()) == len(made.rows)
    summary = json.loads((folder / "plan.json").read_text("utf-8"))
    for layer in summary["layers"]:
        of_layer = [row for row in in_csv if row["layer"] == layer["layer"]]
        for certainty in ("firm", "provisional"):
            count = sum(row["certainty"] == certainty for row in of_layer)
            assert layer["rows"][certainty] == count
            assert layer["totals"][f"listed_{certainty}"] == count
            people = sum(int(r["beyond_people"]) for r in of_layer if r["certainty"] == certainty)
            assert layer["totals"][f"listed_{certainty}_people"] == people


def test_the_workbook_lists_in_the_order_of_the_csv(folder: Path, made: Plan) -> None:
    names = {layer.name_zh: layer.id for layer in made.study.layers}
    in_csv = read_csv(folder / "underserved.csv")
    for sheet, certainty in (("列入", "firm"), ("暫定", "provisional")):
        rows = read_sheet(folder / "underserved.xlsx", sheet)
        found = [(names[row["layer"]], row["township_code"]) for row in rows]
        assert found == keys([row for row in in_csv if row["certainty"] == certainty])


def test_listed_if_and_only_if_the_rule_is_true_and_never_without_a_reason(folder: Path) -> None:
    for row in read_csv(folder / "townships.csv"):
        assert (row["status"] in LISTED) == (row["listed"] == "true")
        if row["listed"] == "true":
            assert row["reasons"].split(";")[0] in ("distance", "no_site_on_island")
    assert all(row["listed"] == "true" for row in read_csv(folder / "underserved.csv"))


def test_every_township_stands_in_exactly_one_list(lists: Lists) -> None:
    parts = [lists.firm, lists.provisional, lists.undetermined, lists.others]
    assert sorted(key for part in parts for key in keys(part.records)) == sorted(
        keys(lists.townships.records)
    )


def test_the_list_is_ranked_by_people_times_severity(lists: Lists) -> None:
    for layer in lists.plan.study.layers:
        for part in (lists.firm, lists.provisional, lists.undetermined, lists.others):
            ranks = [rank(row) for row in part.of(layer.id)]
            assert ranks == sorted(ranks)
    severe = {"status": "severe", "beyond_people": 60, "township_code": "2"}
    more = {"status": "underserved", "beyond_people": 119, "township_code": "1"}
    tie = {"status": "underserved", "beyond_people": 120, "township_code": "3"}
    assert sorted([tie, more, severe], key=rank) == [severe, tie, more]


def test_totals_reconcile_with_the_official_ones(folder: Path, made: Plan) -> None:
    page = openpyxl.load_workbook(folder / "underserved.xlsx")["總計"]
    rows = list(page.iter_rows(values_only=True))
    names = rows[2][: rows[2].index("difference") + 1]
    people = []
    for row in rows[3:]:
        if row[0] is None:
            break
        people.append(dict(zip(names, row, strict=False)))
    assert len(people) == 3 * len(made.study.layers)
    official = int(made.townships["population"].sum())
    for row in people:
        assert row["difference"] == 0
        assert row["sum"] == sum(row[state] for state in COVERAGES)
    assert [row["people"] for row in people[::3]] == [official] * len(made.study.layers)


def test_townships_by_list_add_up(lists: Lists) -> None:
    totals = next(sheet for sheet in make_sheets(lists) if sheet.name == "總計")
    for row in totals.blocks[1].records:
        parts = row["firm"] + row["provisional"] + row["undetermined"] + row["others"]
        assert parts == row["all"] == len(lists.plan.townships)


def test_codes_stay_text_in_every_format(folder: Path, made: Plan) -> None:
    codes = set(made.rows["township_code"])
    assert all(isinstance(code, str) for code in codes)
    names = ("列入", "暫定", "無法判定", "其餘未列入")
    in_book = [row for name in names for row in read_sheet(folder / "underserved.xlsx", name)]
    assert {row["township_code"] for row in in_book} == codes
    assert {row["township_code"] for row in read_csv(folder / "townships.csv")} == codes
    villages = pd.read_parquet(folder / "villages.parquet")
    assert set(villages["township_code"]) == codes


def test_a_leading_zero_survives(tmp_path: Path) -> None:
    write_plan(hand_made_plan(), PAGE, tmp_path / "r")
    page = openpyxl.load_workbook(tmp_path / "r" / "underserved.xlsx")["暫定"]
    names = [cell.value for cell in page[2]]
    cells = [row[names.index("township_code")] for row in page.iter_rows(min_row=3)]
    assert {(cell.value, cell.data_type) for cell in cells} >= {("09007010", "s")}
    assert {cell.number_format for cell in cells} == {"@"}
    assert ",09007010," in (tmp_path / "r" / "underserved.csv").read_text("utf-8-sig")


def test_the_workbook_is_made_for_reading(folder: Path, made: Plan) -> None:
    services = ["計畫各項服務"] if len(made.details["services"]) else []
    book = openpyxl.load_workbook(folder / "underserved.xlsx")
    assert book.sheetnames == [
        *("列入", "暫定", "無法判定", "其餘未列入", "規劃據點", "據點"),
        *("未計入據點", "名單完整性", "目標", "總計"),
        *("據點負荷", "無據點地區", "可用與最近據點", "公平性", "車程分組人數", "羅倫茲曲線"),
        *("接近門檻", "村里與單點之差異"),
        *("如何改善", "與各門檻差距", "空間聚集"),
        *("分年規劃", "規劃據點檢視", "逐年規劃前後", "處數與涵蓋", "規劃比較"),
        *("離島與各區", "縣市規劃前後"),
        *("替代規劃", "現有據點之影響", "服務範圍變動", "經費分擔", "配額解讀"),
        *("需求指標", "指標影響力"),
        *services,
        *("欄位說明", "資料來源", "限制"),
    ]
    for sheet in book.sheetnames[:9]:
        page = book[sheet]
        assert page.freeze_panes is not None
        assert page.sheet_view.pane.ySplit == 2
        if page.cell(3, 1).value != "（無）":
            assert page.auto_filter.ref.endswith(str(page.max_row))
            assert page.auto_filter.ref.startswith("A2:")
        assert all(
            6 <= page.column_dimensions[cell.column_letter].width <= 50
            for cell in page[1]
            if cell.column_letter in page.column_dimensions
        )
    everything = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell for cell in everything if cell.data_type in ("f", "e")]
    assert not [cell for cell in everything if cell.hyperlink]


def test_the_workbook_speaks_words_not_codes(folder: Path, made: Plan) -> None:
    labels = Labels(made, "zh")
    layers = {labels.layer(layer.id) for layer in made.study.layers}
    for sheet in ("列入", "暫定"):
        for row in read_sheet(folder / "underserved.xlsx", sheet):
            assert row["layer"] in layers
            assert row["status"] in ("嚴重不足", "服務可近性不足")
            assert not re.search("[a-z]_[a-z]", row["reasons"])


AS_GIVEN = {"parameter", "site_id", "source", "note", "own_site_ids", "nearest_site_ids"}
"""Columns whose texts are names in files or come from the source as they are."""


def test_no_sheet_of_figures_shows_a_code(folder: Path) -> None:
    """Names of thresholds are those of the rule file, for whoever changes them."""
    book = openpyxl.load_workbook(folder / "underserved.xlsx")
    last = book.sheetnames.index("欄位說明")
    seen = 0
    for sheet in book.sheetnames[:last]:
        if sheet == "總計":
            continue
        _, names, *rows = book[sheet].iter_rows(values_only=True)
        for row in rows:
            for name, cell in zip(names, row, strict=True):
                if isinstance(cell, str) and name not in AS_GIVEN:
                    seen += 1
                    assert not re.search("[a-z0-9]_[a-z0-9]", cell), (sheet, name, cell)
    assert seen


def test_the_totals_speak_words_too(toy_plan: Plan) -> None:
    lists, labels = make_lists(toy_plan), Labels(toy_plan, "zh")
    totals = next(sheet for sheet in make_sheets(lists) if sheet.name == "總計")
    for block in totals.blocks:
        for record in block.records:
            for column in block.columns:
                shown = labels.cell(column.name, record[column.name])
                assert not re.search("[a-z]_[a-z]", str(shown)), (column.name, shown)


READ = {
    *("township_name", "county_name", "name", "indicator", "longer", "figure"),
    *("year", "sites", "plan", "alternative", "rounding", "people"),
}


def test_detail_sheets_begin_with_what_people_read(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "underserved.xlsx")
    names_of = book.sheetnames
    sheets = names_of[names_of.index("據點負荷") : names_of.index("指標影響力") + 1]
    assert len(sheets) == 25
    for sheet in sheets:
        names = [cell.value for cell in book[sheet][2]]
        assert names[0] in ("layer", "profile")
        codes = [place for place, name in enumerate(names) if re.search("_code$|^area_id$", name)]
        people_read = READ & set(names)
        assert people_read, sheet
        assert not codes or min(map(names.index, people_read)) < min(codes), sheet
        if "township_code" in names:
            assert {"county_name", "township_name"} <= set(names[:4])
        for cell in book[sheet][1]:
            if cell.column_letter in book[sheet].column_dimensions:
                assert 8 <= book[sheet].column_dimensions[cell.column_letter].width <= 50


@pytest.mark.parametrize("table", ["flips", "margins", "near_misses", "remedies"])
def test_a_township_code_is_never_alone(toy_plan: Plan, table: str) -> None:
    """Sheet and CSV carry the names; the dictionary knows them."""
    lists = make_lists(toy_plan)
    listed = lists.details[table]
    names = toy_plan.townships.set_index("township_code")["township_name"]
    assert listed.records
    for row in listed.records:
        assert row["township_name"] == names[row["township_code"]]
        assert list(row) == listed.table.names
    assert len(listed.records) == len(toy_plan.details[table])
    sheet = next(sheet for sheet in make_sheets(lists) if sheet.name == "欄位說明")
    told = [row["column"] for row in sheet.blocks[0].records if row["file"] == f"{table}.csv"]
    assert told == listed.table.names
    header, first, *_ = dict(result_files(toy_plan, PAGE))[f"{table}.csv"].decode().splitlines()
    assert "county_name,township_name" in header
    assert str(listed.records[0]["township_name"]) in first


def test_a_share_is_shown_as_a_percentage_and_a_chance_is_not(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "underserved.xlsx")
    for sheet, column, form in (
        ("與各門檻差距", "threshold", {"比例": "0.0%", "人": "#,##0.00", "分鐘": "#,##0.00"}),
        ("空間聚集", "p", {"": "0.0000"}),
    ):
        _, names, *rows = book[sheet].iter_rows()
        at = [cell.value for cell in names].index(column)
        units = [cell.value for cell in names]
        for row in rows:
            unit = row[units.index("unit")].value if "unit" in units else ""
            if row[at].value and unit in form:
                assert row[at].number_format == form[unit]


def test_the_tables_behind_the_rows_reconcile(toy_plan: Plan) -> None:
    """Own against nearest, townships without a site, and loads add up to the totals."""
    lists = make_lists(toy_plan)
    for layer in toy_plan.study.layers:
        total = lists.total(layer.id)
        near = lists.details["own_nearest"].of(layer.id)
        assert sum(row["target_people"] for row in near) == total["target_people"]
        assert sum(row["population"] for row in near) == total["population"]
        without = lists.details["places_without"].of(layer.id)
        townships = [row for row in without if row["lack"] == "township_without_site"]
        bare = [row for row in lists.townships.of(layer.id) if row["sites_named"] == 0]
        assert len(townships) == len(bare)
        assert sum(row["population"] for row in townships) == sum(r["population"] for r in bare)
        spread = [row for row in lists.details["load_totals"].of(layer.id) if row["scope"] == "all"]
        assert spread[0]["townships_without"] == len(townships)
        loads = [r for r in lists.details["loads"].of(layer.id) if r["split"] == "known"]
        assert spread[0]["areas"] == len(loads)
        if loads:
            largest = max(row["residents_per_site"] for row in loads)
            assert spread[0]["largest_residents_per_site"] == largest


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_code_of_every_table_has_a_word(made: Plan, lang: Any) -> None:
    labels = Labels(made, lang)
    for table in (ROWS, PLAN_SITES, VILLAGE_ROWS, *DETAILS):
        for column in table.columns:
            for choice in column.choices:
                word = (
                    labels.site_status(choice)
                    if table is PLAN_SITES and column.name == "status"
                    else labels.cell(column.name, choice)
                )
                assert word
                assert "_" not in word, (column.name, choice)
    for name in ("reasons", "flags"):
        for cell in made.rows[name].unique():
            assert "_" not in str(labels.cell(name, cell))


def test_the_dictionary_names_every_column(lists: Lists) -> None:
    sheet = next(sheet for sheet in make_sheets(lists) if sheet.name == "欄位說明")
    told = {row["column"] for row in sheet.blocks[0].records}
    for table in (ROWS, PLAN_SITES, VILLAGE_ROWS, LAYER_TOTALS, *DETAILS):
        assert told >= set(table.names)


def test_villages_are_whole_and_modelled_people_are_rounded(folder: Path, made: Plan) -> None:
    villages = pd.read_parquet(folder / "villages.parquet")
    assert villages.columns.tolist() == VILLAGE_ROWS.names
    assert len(villages) == len(made.village_rows)
    assert not villages.duplicated(list(VILLAGE_ROWS.key)).any()
    modelled = villages[villages["target_modelled"]]
    assert (modelled["target_people"] % 10 == 0).all()
    key = list(VILLAGE_ROWS.key)
    told = villages.set_index(key)["target_people"].sort_index()
    held = made.village_rows.set_index(key)["target_people"].sort_index()
    assert told.tolist() == held.tolist()  # rounded once, before the plan is made
    counted = villages[~villages["target_modelled"]]
    before = made.village_rows[~made.village_rows["target_modelled"].astype(bool)]
    assert counted["target_people"].sum() == before["target_people"].sum()
    assert (villages["population"].sum()) == made.village_rows["population"].sum()
    schema_of = pq.read_schema(folder / "villages.parquet")
    assert str(schema_of.field("village_code").type) == "string"
    assert str(schema_of.field("population").type) == "int64"
    unmeasured = villages["own_state"] != "measured"
    assert villages.loc[unmeasured, "own_minutes"].isna().all()


def test_sites_csv_and_geojson_agree_with_the_plan(folder: Path, made: Plan) -> None:
    rows = read_csv(folder / "sites.csv")
    assert list(rows[0]) == PLAN_SITES.names
    assert sorted(row["site_id"] for row in rows) == sorted(made.sites["site_id"])
    collection = json.loads((folder / "sites.geojson").read_text("utf-8"))
    shown = made.sites[made.sites["status"] != "closed"]
    assert len(collection["features"]) == len(shown)
    expected = shown.set_index(["layer", "site_id"])
    for feature in collection["features"]:
        told = feature["properties"]
        site = expected.loc[(told["layer"], told["site_id"])]
        if pd.isna(site["lon"]):
            assert feature["geometry"] is None
        else:
            lon, lat = feature["geometry"]["coordinates"]
            assert (lon, lat) == (round(site["lon"], 6), round(site["lat"], 6))
        if told["status"] == "proposed":
            assert told["point_precision"] == "area"


def test_geojson_opens_elsewhere(folder: Path) -> None:
    read = pyogrio.read_dataframe(folder / "sites.geojson")
    assert read.crs.to_epsg() == 4326
    assert set(read["status"]) <= {"existing", "proposed"}


def test_plan_json_has_hashes_and_figures_and_no_clock(folder: Path, made: Plan) -> None:
    summary = json.loads((folder / "plan.json").read_text("utf-8"))
    assert summary["run_id"] == made.run_id
    assert summary["study"]["id"] == made.study.id
    assert {each["file"]: each["sha256"] for each in summary["inputs"]} == {
        source.file: source.sha256 for source in made.sources
    }
    assert [each["layer"] for each in summary["layers"]] == [each.id for each in made.study.layers]
    for layer in summary["layers"]:
        totals = layer["totals"]
        for prefix, whole in (("population", "population"), ("target", "target_people")):
            assert sum(totals[f"{prefix}_{state}"] for state in COVERAGES) == totals[whole]
        counts = layer["counts"]
        stands = counts["existing_named"] + counts["existing_unnamed"] + counts["proposed"]
        assert stands >= counts["target"]
    assert all(note["zh"] and note["en"] for note in summary["notes"])
    assert not re.search(r"\d{2}:\d{2}:\d{2}", (folder / "plan.json").read_text("utf-8"))


def test_nothing_hostile_runs_in_the_workbook(hostile: Path) -> None:
    book = openpyxl.load_workbook(hostile / "underserved.xlsx")
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert "=cmd|' /C calc'!A0" in texts  # shown, as text
    assert_unseen_gone("".join(texts))


def test_nothing_hostile_runs_in_a_csv(hostile: Path) -> None:
    for name in ("underserved.csv", "townships.csv", "sites.csv"):
        text = (hostile / name).read_text("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len({len(row) for row in rows}) == 1
        assert_unseen_gone("".join(cell for row in rows for cell in row))
        header, *body = rows
        for row in body:
            for column, cell in zip(header, row, strict=True):
                if re.match(r"\s*[=+@＝＋－＠\-]", cell):
                    assert re.fullmatch(r"-?\d+(\.\d+)?", cell), (column, cell)


def test_no_markup_of_data_in_json_and_report(hostile: Path) -> None:
    for name in ("plan.json", "sites.geojson"):
        text = (hostile / name).read_text("utf-8")
        assert "<" not in text
        assert_unseen_gone(text.replace("\n", ""))
        json.loads(text)
    report = (hostile / "report.html").read_text("utf-8")
    assert "<script" not in report
    assert "<img" not in report
    assert "&lt;script&gt;" in report
    assert_unseen_gone(report.replace("\n", ""))


def test_nothing_hostile_stays_in_the_villages(hostile: Path) -> None:
    villages = pd.read_parquet(hostile / "villages.parquet")
    assert_unseen_gone("".join(villages["village_name"]))


def test_hostile_rows_are_all_there(hostile: Path) -> None:
    ids = {row["site_id"] for row in read_csv(hostile / "sites.csv")}
    assert ids >= {f"hostile-{number}" for number in range(len(HOSTILE))}
    assert changed_files(hostile) == []


def assert_unseen_gone(text: str) -> None:
    bad = {
        f"{ord(letter):04x}"
        for letter in text
        if unicodedata.category(letter) in ("Cc", "Cs")
        or unicodedata.bidirectional(letter) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI")
        or letter in "\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u2028\u2029"
    }
    assert not bad


@given(st.text())
def test_clean_text_stays_clean_and_is_one_line(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert_unseen_gone(once)


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Zl", "Zp"))))
def test_plain_text_is_untouched(text: str) -> None:
    assert clean(text) == text


@given(st.text())
def test_no_csv_cell_of_text_begins_like_a_formula(text: str) -> None:
    assert not re.match(r"\s*[=+\-@]", csv_cell(clean(text)))


def test_names_in_the_private_use_area_are_kept() -> None:
    assert clean("\ue000里") == "\ue000里"


@pytest.mark.parametrize(
    ("date", "zh", "en"),
    [
        ("2025-12", "民國 114 年 12 月", "December 2025"),
        ("2025-12-30", "民國 114 年 12 月 30 日", "30 December 2025"),
        ("1912", "民國 1 年", "1912"),
        ("1911-05", "西元 1911 年 5 月", "May 1911"),
        ("2023-04 list", "2023-04 list", "2023-04 list"),
        ("2025-13", "2025-13", "2025-13"),
    ],
)
def test_dates_are_told_in_each_language(date: str, zh: str, en: str) -> None:
    assert (date_text(date, "zh"), date_text(date, "en")) == (zh, en)


def test_writing_warns_of_nothing(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_plan(hostile_plan(), PAGE, tmp_path / "r")


def test_all_of_taiwan_is_written_whole_and_adds_up(plan: Plan, taiwan_result: Path) -> None:
    assert is_whole(taiwan_result)
    rows = read_csv(taiwan_result / "townships.csv")
    assert len(rows) == 368 * 4
    assert sum(int(row["population"]) for row in rows) == 4 * 23_299_132
    listed = read_csv(taiwan_result / "underserved.csv")
    assert {(row["layer"], row["township_code"]) for row in listed} == {
        (row["layer"], row["township_code"]) for row in rows if row["listed"] == "true"
    }
    assert all(len(row["township_code"]) == 8 for row in rows)
    sites = read_csv(taiwan_result / "sites.csv")
    for layer in json.loads((taiwan_result / "plan.json").read_text("utf-8"))["layers"]:
        totals, counts = layer["totals"], layer["counts"]
        assert sum(totals[f"population_{state}"] for state in COVERAGES) == 23_299_132
        told = counts["existing_named"] + counts["existing_unnamed"] + counts["proposed"]
        assert told == counts["target"]
        proposed = [
            site
            for site in sites
            if (site["layer"], site["status"]) == (layer["layer"], "proposed")
        ]
        assert [int(site["order"]) for site in proposed] == list(range(1, counts["proposed"] + 1))
    difference = [
        row
        for sheet in make_sheets(make_lists(plan))
        if sheet.name == "總計"
        for row in sheet.blocks[0].records
    ]
    assert {row["difference"] for row in difference} == {0}
