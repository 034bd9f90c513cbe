"""Files in the layouts of the official lists: invented ones, and the bundled network as lists."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box, union_all

from geoplan.projection import to_degrees

DATA = Path(__file__).resolve().parent.parent / "data"
CRS = "EPSG:3826"
HEADINGS = (
    *("公路編號", "坐標-E-WGS84", "坐標-N-WGS84", "坐標-X-TWD97", "坐標-Y-TWD97", "起點樁號"),
    *("坐標Z", "隸屬縣市", "隸屬鄉鎮", "隸屬村里", "設置位置", "調查日期"),
)
IC_HEADINGS = ("設施名稱", "里程K+000", "位置座標X", "位置座標Y")
RULING_HEADINGS = "route,from_metres,to_metres,ruling,date,evidence,verified,source,note"
EVERY_METRES = 200
VILLAGE_TOWNSHIP = "10099010"

Sign = tuple[str, float, float, float, str]
"""Route, metres of chainage, longitude, latitude, elevation as text."""


def write_csv(path: Path, rows: Iterable[Sequence[object]], encoding: str = "cp950") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def chainage(metres: float) -> str:
    return f"{round(metres) // 1000}K+{round(metres) % 1000:03d}"


def write_7040(path: Path, signs: Iterable[Sign], encoding: str = "cp950") -> Path:
    rows = [
        (
            route,
            f"{lon:.6f}",
            f"{lat:.6f}",
            "",
            "",
            chainage(metres),
            z,
            "",
            "",
            "",
            "右",
            "2026-06-25",
        )
        for route, metres, lon, lat, z in signs
    ]
    return write_csv(path, [HEADINGS, *rows], encoding)


def straight(
    route: str, start: tuple[float, float], step: tuple[float, float], count: int
) -> list[Sign]:
    """Signs on a straight line: the first at `start`, each `step` metres (x, y) on."""
    xy = np.array(start) + np.arange(count)[:, None] * np.array(step)
    every = float(np.hypot(*step))
    degrees = to_degrees(xy, CRS).tolist()
    return [(route, n * every, lon, lat, "25") for n, (lon, lat) in enumerate(degrees)]


def ground(folder: Path, density: float = 60) -> Path:
    """A folder like data/ with two villages side by side in the island's middle."""
    shapes = [
        box(200_000, 2_600_000, 236_000, 2_660_000),
        box(236_000, 2_600_000, 260_000, 2_660_000),
    ]
    codes = [f"{VILLAGE_TOWNSHIP}{n:03d}" for n in (1, 2)]
    (folder / "boundaries").mkdir(parents=True)
    places = {"village_code": codes, "village_name": ["甲村", "乙村"]}
    villages = gpd.GeoDataFrame(
        {**places, "township_code": VILLAGE_TOWNSHIP}, geometry=shapes, crs=CRS
    )
    villages.to_crs(4326).to_parquet(folder / "boundaries" / "villages.parquet")
    town = {"township_code": VILLAGE_TOWNSHIP, "township_name": "中鄉", "county_name": "中縣"}
    town |= {"township_name_en": "Mid", "county_name_en": "Mid County"}
    frame = gpd.GeoDataFrame(
        [{**town, "county_code": VILLAGE_TOWNSHIP[:5]}], geometry=[union_all(shapes)], crs=CRS
    )
    frame.to_crs(4326).to_parquet(folder / "boundaries" / "townships.parquet")
    points = to_degrees(np.array([(233_000, 2_629_000), (238_000, 2_631_000)], float), CRS)
    rows = [
        (code, code, VILLAGE_TOWNSHIP, *xy) for code, xy in zip(codes, points.tolist(), strict=True)
    ]
    headings = ("village_code", "village_name", "township_code", "lon", "lat")
    write_csv(folder / "boundaries" / "village_points.csv", [headings, *rows], "utf-8")
    people = [
        (code, round(density * shape.area / 1e6)) for code, shape in zip(codes, shapes, strict=True)
    ]
    write_csv(
        folder / "population" / "villages.csv", [("village_code", "population"), *people], "utf-8"
    )
    rows = [("township_code", "density_per_km2"), (VILLAGE_TOWNSHIP, density)]
    write_csv(folder / "population" / "townships.csv", rows, "utf-8")
    return folder


# ------------------------------------------------------------- the bundled network as lists


def signs_of_network() -> list[Sign]:
    """The bundled nodes, and places every 200 m between them, as signs; ruled gaps stay empty."""
    nodes = pd.read_csv(DATA / "roads" / "trunk_nodes.csv").set_index("node_id")
    edges = pd.read_csv(DATA / "roads" / "trunk_edges.csv", keep_default_na=False)
    gaps = pd.read_csv(DATA / "roads" / "gaps.csv")
    spans = {
        route: list(zip(group["from_metres"], group["to_metres"], strict=True))
        for route, group in gaps.groupby("route")
    }
    columns = ["chainage_metres", "lon", "lat", "elevation_metres"]
    signs: dict[tuple[str, int], Sign] = {}
    road = edges[edges["route"] != "link"]
    ends = [nodes.loc[road[name], columns].to_numpy(float) for name in ("from_node", "to_node")]
    for route, one, two in zip(road["route"], *ends, strict=True):
        low, high = (one, two) if one[0] <= two[0] else (two, one)
        within = [(a, b) for a, b in spans.get(route, ()) if a - 30 <= low[0] and high[0] <= b + 30]
        parts = 1 if within else max(1, round((high[0] - low[0]) / EVERY_METRES))
        for step in range(parts + 1):
            metres, lon, lat, z = low + (high - low) * step / parts
            if any(a + 30 < metres < b - 30 for a, b in within):
                continue  # a junction that was put into a gap
            height = "999" if np.isnan(z) else str(round(z))
            signs[route, round(metres)] = (route, round(metres), lon, lat, height)
    return [signs[key] for key in sorted(signs)]


def write_network_lists(folder: Path) -> Path:
    """7040.csv, 95016.csv and interchanges/ as the bundled network would have them."""
    signs = signs_of_network()
    write_7040(folder / "7040.csv", [each for each in signs if each[0].startswith("台")])
    freeway = [
        (route, metres / 1000, f"{lon:.6f}", f"{lat:.6f}")
        for route, metres, lon, lat, _ in signs
        if route.startswith("國")
    ]
    write_csv(folder / "95016.csv", [("route", "k", "lon", "lat"), *freeway], "utf-8")
    nodes = pd.read_csv(DATA / "roads" / "trunk_nodes.csv").set_index("node_id")
    table = pd.read_csv(DATA / "roads" / "interchanges.csv")
    points = nodes.loc[table["node_id"]]
    for route in sorted(set(table["route"])):
        here = (table["route"] == route).to_numpy()
        number = route[1:].replace("甲", "號甲") if "甲" in route else f"{route[1:]}號"
        rows = zip(
            table["name"][here],
            table["chainage_km"][here].astype(int),
            points["lon"][here],
            points["lat"][here],
            strict=True,
        )
        write_csv(folder / "interchanges" / f"國道{number}.csv", [IC_HEADINGS, *rows], "utf-8-sig")
    return folder
