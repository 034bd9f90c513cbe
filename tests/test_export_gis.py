"""What a GIS reads: the layers of plan.gpkg and their other forms, opened by other programs."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from defusedxml.ElementTree import parse

from geoplan.export import write_plan
from geoplan.export.gis import RESERVED, geopackage, layer_name
from geoplan.export.lists import Lists, make_lists
from geoplan.finished import whole_files
from geoplan.model import Plan
from geoplan.tables import PLAN_SITES, ROWS, VILLAGE_ROWS
from tests.commands import geoplan
from tests.plans import HOSTILE, hostile_plan

KML = "{http://www.opengis.net/kml/2.2}"
EVERY = [
    word for name in ("geojson", "geoparquet", "kml", "csv", "gpkg") for word in ("--format", name)
]


@pytest.fixture(scope="module")
def lists(toy_plan: Plan) -> Lists:
    return make_lists(toy_plan)


@pytest.fixture(scope="module")
def folder(toy_result: Path) -> Path:
    return toy_result


@pytest.fixture(scope="module")
def exported(folder: Path) -> Path:
    done = geoplan("export", folder, *EVERY, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder.parent / "toy-export"


def same(frame: pd.DataFrame, records: list[dict[str, Any]], names: list[str]) -> None:
    """Every cell is the list's: numbers as numbers, texts (codes among them) as texts."""
    assert len(frame) == len(records)
    for name in names:
        for cell, told in zip(frame[name].tolist(), [row[name] for row in records], strict=True):
            if told is None:
                assert pd.isna(cell) or cell == "", (name, cell)
            elif isinstance(told, str):
                assert cell == told, name
            else:
                assert float(cell) == pytest.approx(float(told), rel=1e-15), name


def test_the_geopackage_holds_every_list_with_its_shapes(folder: Path, lists: Lists) -> None:
    file = folder / "plan.gpkg"
    kinds = dict(pyogrio.list_layers(file))
    services = [layer.id for layer in lists.plan.study.layers]
    assert list(kinds) == [*services, "sites", "villages", "village_areas", "columns"]
    places = lists.plan.townships
    for layer in services:
        frame = pyogrio.read_dataframe(file, layer=layer)
        assert frame.crs == "EPSG:4326"
        same(frame, lists.townships.of(layer), ROWS.names)
        shape = dict(zip(places["township_code"], places.geometry, strict=True))
        for code, drawn in zip(frame["township_code"], frame.geometry, strict=True):
            assert drawn.equals(shape[code])
    same(pyogrio.read_dataframe(file, layer="sites"), lists.sites.records, PLAN_SITES.names)
    villages = pyogrio.read_dataframe(file, layer="villages")
    assert len(villages) == len(lists.plan.village_rows)
    assert set(VILLAGE_ROWS.names) < set(villages)
    told = pyogrio.read_dataframe(file, layer="columns")
    for name, table in (("<layer>", ROWS), ("sites", PLAN_SITES), ("villages", VILLAGE_ROWS)):
        assert told.loc[told["layer"] == name, "column"].tolist() == table.names


def test_a_gis_is_told_in_both_languages_what_each_layer_is(
    folder: Path, exported: Path, lists: Lists
) -> None:
    study = lists.plan.study
    for file in (folder / "plan.gpkg", exported / "plan.gpkg"):
        with closing(sqlite3.connect(file)) as opened:
            told = opened.execute(
                "SELECT table_name, identifier, description FROM gpkg_contents ORDER BY rowid"
            ).fetchall()
        assert [name for name, _, _ in told] == [name for name, _ in pyogrio.list_layers(file)]
        assert len({identifier for _, identifier, _ in told}) == len(told)
        for layer, (name, identifier, description) in zip(study.layers, told, strict=False):
            assert name == layer.id
            zh, en = description.split("\n")
            assert layer.name_zh in identifier
            assert layer.name_en in identifier
            assert layer.name_zh in zh
            assert layer.name_en in en
        assert all(len(description.split("\n")) == 2 for _, _, description in told)


def test_a_site_without_a_point_is_there_without_a_point(folder: Path, lists: Lists) -> None:
    sites = pyogrio.read_dataframe(folder / "plan.gpkg", layer="sites")
    known = [row["lon"] is not None for row in lists.sites.records]
    assert not all(known)
    assert any(known)
    assert sites.geometry.notna().tolist() == known


def test_the_same_plan_gives_the_same_bytes(lists: Lists, folder: Path) -> None:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    assert geopackage(lists) == (folder / "plan.gpkg").read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


def test_every_form_says_the_same(exported: Path, lists: Lists) -> None:
    for layer in [layer.id for layer in lists.plan.study.layers]:
        records = lists.townships.of(layer)
        same(gpd.read_file(exported / f"{layer}.geojson"), records, ROWS.names)
        same(gpd.read_parquet(exported / f"{layer}.parquet"), records, ROWS.names)
        with (exported / f"{layer}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["township_code"] for row in rows] == [row["township_code"] for row in records]
        assert [int(row["beyond_people"]) for row in rows] == [
            row["beyond_people"] for row in records
        ]
    sites = lists.sites.records
    same(gpd.read_parquet(exported / "sites.parquet"), sites, PLAN_SITES.names)
    same(pyogrio.read_dataframe(exported / "plan.gpkg", layer="sites"), sites, PLAN_SITES.names)
    assert (exported / "plan.gpkg").stat().st_size > 0


def test_geojson_is_as_its_standard_says(exported: Path) -> None:
    for file in exported.glob("*.geojson"):
        told = json.loads(file.read_text("utf-8"))
        assert "crs" not in told  # RFC 7946: always WGS 84
        assert all(each["type"] == "Feature" for each in told["features"])


def test_geoparquet_carries_its_coordinate_system(exported: Path) -> None:
    about = json.loads(pq.read_schema(exported / "sites.parquet").metadata[b"geo"])
    assert about["columns"]["geometry"]["encoding"] == "WKB"
    assert gpd.read_parquet(exported / "villages.parquet").crs == "EPSG:4326"


def test_kml_tells_each_site_and_what_it_is(exported: Path, lists: Lists) -> None:
    root = parse(exported / "sites.kml").getroot()
    marks = root.findall(f".//{KML}Placemark")
    assert len(marks) == len(lists.sites.records)
    styles = {each.get("id") for each in root.findall(f".//{KML}Style")}
    for mark, site in zip(marks, lists.sites.records, strict=True):
        assert mark.findtext(f"{KML}name") == site["name"]
        style = str(mark.findtext(f"{KML}styleUrl")).removeprefix("#")
        assert style in styles
        assert (style == "existing") == (
            site["status"] == "existing" and site["point_use"] == "distance"
        )
        where = mark.findtext(f"{KML}Point/{KML}coordinates")
        assert (where is None) == (site["lon"] is None)
        if where is not None:
            lon, lat = map(float, where.split(","))
            assert (lon, lat) == pytest.approx((site["lon"], site["lat"]))


def test_names_that_look_like_code_are_text_in_every_form(tmp_path: Path) -> None:
    write_plan(hostile_plan(), "<p>page</p>", tmp_path / "hostile")
    done = geoplan("export", "hostile", *EVERY, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = tmp_path / "hostile-export"
    names = gpd.read_parquet(found / "sites.parquet")["name"].tolist()
    assert any("<script>" in name for name in names)
    assert any("<script>" in text for text in HOSTILE)
    marks = parse(found / "sites.kml").getroot().findall(f".//{KML}Placemark")
    assert sorted(mark.findtext(f"{KML}name") or "" for mark in marks) == sorted(names)
    for file in found.glob("*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as text:
            cells = [cell for row in csv.reader(text) for cell in row]
        assert not [cell for cell in cells if cell[:1] in "=+@\t" and cell[:1]]


def test_one_county_by_any_of_its_names(folder: Path, lists: Lists, tmp_path: Path) -> None:
    rows = lists.townships.records
    code, name = rows[0]["county_code"], rows[0]["county_name"]
    assert {row["county_code"] for row in rows} != {code}
    for number, given in enumerate((name, code)):
        out = tmp_path / f"one{number}"
        done = geoplan("export", folder, "--county", given, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        layer = lists.plan.study.layers[0].id
        frame = gpd.read_parquet(out / f"{layer}.parquet")
        here = [row for row in lists.townships.of(layer) if row["county_code"] == code]
        same(frame, here, ROWS.names)
        townships = set(frame["township_code"])
        assert set(gpd.read_parquet(out / "villages.parquet")["township_code"]) == townships
    files = [(tmp_path / f"one{number}" / "sites.kml").read_bytes() for number in range(2)]
    assert files[0] == files[1]


def test_an_export_is_whole_and_can_be_made_again(exported: Path, folder: Path) -> None:
    assert {"columns.csv", "sites.kml"} < whole_files(exported)
    assert (exported / "plan.json").read_bytes() == (folder / "plan.json").read_bytes()
    assert geoplan("verify", exported, cwd=folder.parent).returncode == 0
    before = {file.name: file.read_bytes() for file in exported.iterdir()}
    assert geoplan("export", folder, *EVERY, cwd=folder.parent).returncode == 0
    assert {file.name: file.read_bytes() for file in exported.iterdir()} == before


def test_what_cannot_be_exported(folder: Path, tmp_path: Path, toy_plan: Plan) -> None:
    unknown = geoplan("export", folder, "--county", "沒有縣", cwd=tmp_path, lang="zh")
    assert unknown.returncode == 2
    assert "沒有縣" in unknown.stderr
    assert geoplan("export", tmp_path, cwd=tmp_path).returncode == 5
    assert geoplan("export", folder, "--format", "shp", cwd=tmp_path).returncode == 2
    taken = tmp_path / "mine"
    taken.mkdir()
    (taken / "letter.txt").write_text("mine", "utf-8")
    assert geoplan("export", folder, "--out", taken, cwd=tmp_path).returncode == 7
    assert (taken / "letter.txt").read_text("utf-8") == "mine"
    changed = tmp_path / "changed"
    write_plan(toy_plan, "<p>page</p>", changed)
    (changed / "plan.gpkg").write_bytes(b"")
    refused = geoplan("export", changed, cwd=tmp_path)
    assert (refused.returncode, "plan.gpkg" in refused.stderr) == (5, True)


def test_a_service_named_like_one_of_our_layers() -> None:
    assert [layer_name(name) for name in ("sites", "centres")] == ["layer_sites", "centres"]
    assert "layer_sites" not in RESERVED
