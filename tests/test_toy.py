"""The toy country: rebuilt by its script, small, invented and saying so, full of trouble."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "data" / "toy"
MANIFESTS = sorted(TOY.rglob("*.toml"))


def read(name):
    return pd.read_csv(TOY / f"{name}.csv", dtype=str, keep_default_na=False)


def test_the_script_makes_the_committed_tables():
    command = [sys.executable, str(ROOT / "scripts" / "make_toy.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_it_is_small():
    assert sum(path.stat().st_size for path in TOY.rglob("*") if path.is_file()) < 100_000


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_every_manifest_says_that_it_is_invented(path):
    about = tomllib.loads(path.read_text("utf-8"))
    assert about["licence"] == "CC0-1.0"
    assert "does not exist" in about["origin"]
    assert "虛構" in about["origin_zh"]
    assert about["title"].startswith("Toy country")


def test_people_add_up_at_every_level():
    columns = ["population", "population_0_14", "population_15_64", "population_65_plus"]
    sums = {
        level: read(f"population/{level}")[columns].astype(int).sum().tolist()
        for level in ("villages", "townships", "counties")
    }
    assert len({tuple(found) for found in sums.values()}) == 1
    people, young, middle, old = sums["villages"]
    assert people == young + middle + old == 47_720
    assert len(read("population/villages")) == 32


def test_villages_fill_their_townships_and_hold_their_points():
    villages = gpd.read_parquet(TOY / "boundaries" / "villages.parquet")
    townships = gpd.read_parquet(TOY / "boundaries" / "townships.parquet")
    filled = villages.dissolve("township_code").geometry
    assert filled.normalize().geom_equals(townships.set_index("township_code").geometry).all()
    points = read("boundaries/village_points").astype({"lon": float, "lat": float})
    at = gpd.GeoSeries(gpd.points_from_xy(points["lon"], points["lat"]), crs=4326)
    assert list(points["village_code"]) == list(villages["village_code"])
    assert villages.geometry.contains(at).all()


def test_only_the_islet_is_cut_off_from_the_island():
    links = pd.concat([read("roads/edges").query("status != 'closed'"), read("roads/local_edges")])
    graph = nx.from_pandas_edgelist(links, "from_node", "to_node")
    parts = sorted(nx.connected_components(graph), key=len)
    assert parts[0] == {"020401", "020402"}
    assert len(parts) == 2
    access = read("roads/village_access")
    assert set(access["village_code"]) <= set(graph)
    assert set(access.loc[access["land_id"] == "1", "village_code"]) == parts[0]


def test_it_has_the_trouble_that_real_data_have():
    centres, pantries = read("facilities/toy_centres"), read("facilities/toy_pantries")
    assert {"distance", "township"} == set(centres["point_use"])
    assert {"distance", "suspect", "none"} == set(pantries["point_use"])
    assert "closed" in set(centres["status"]) & set(pantries["status"])
    assert (pantries["township_code"] == "").any()
    lists = read("facilities/completeness")
    assert {"complete", "partial", "unknown"} == set(lists["completeness"])
    townships = read("population/townships")
    assert townships["township_name"].duplicated().any()
    served = read("facilities/service_areas")["township_code"]
    assert set(townships["township_code"]) - set(served) == {"0203"}
    need = read("need/townships")
    assert (need["income_median"] == "").any()
    figures = need.merge(townships, on="township_code").set_index("township_code")
    twins = figures[["low_income_persons", "income_median", "population", "population_65_plus"]]
    assert twins.loc["0101"].equals(twins.loc["0103"])
    assert "0" in set(read("population/villages")["population"])


def test_every_status_and_both_certainties_occur(toy_plan):
    found = toy_plan.rows
    assert set(found["status"]) == {
        "severe", "underserved", "watch", "undetermined", "not_listed",
    }  # fmt: skip
    assert set(found["certainty"]) == {"firm", "provisional"}
    assert set(found["universe"]) == {"main_island", "islands"}


def test_the_targets_of_the_toy_country_close(toy_plan):
    nation = toy_plan.counts[toy_plan.counts["county_code"] == ""].set_index("layer")
    parts = nation[["existing_named", "existing_unnamed", "proposed"]]
    assert parts.loc["toy_centres"].tolist() == [4, 1, 2]
    assert parts.loc["toy_pantries"].tolist() == [5, 0, 4]
    assert parts.sum(axis=1).tolist() == nation["target"].tolist()
