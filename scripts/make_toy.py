"""Make data/toy: a small country that does not exist, for fast tests and for reading along.

    python scripts/make_toy.py           # write what differs
    python scripts/make_toy.py --check   # compare, write nothing, exit 4 when something differs

Everything is invented by plain arithmetic, dedicated to the public domain (CC0 1.0), and lies in
the open ocean. It has every kind of trouble real data have: see the notes of its manifests.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
from builders.common import DATA, csv_bytes, sha256_of
from builders.toy_places import (
    CRS,
    ISLET,
    TOWNSHIPS,
    Village,
    boundaries,
    degrees,
    villages,
)
from builders.toy_tables import MANIFEST, TITLES, completeness, need, service_areas, services, sites

TOY = DATA / "toy"
POPULATION = ["population", "population_0_14", "population_15_64", "population_15_plus",
              "population_65_plus"]  # fmt: skip

# kilometres east and north of the grid's corner
NODES = {
    "t01": (6.0, 29.0, "燈臺口"), "t02": (14.0, 27.5, ""), "t03": (22.0, 27.0, ""),
    "t04": (29.0, 25.0, "霧津"), "t05": (38.0, 27.0, ""), "t06": (47.0, 28.0, "長灘口"),
    "t07": (28.0, 17.0, "山口"), "t08": (33.0, 10.0, "銅谷"), "t09": (45.0, 7.0, "遠岬"),
    "t10": (20.0, 5.0, ""), "t11": (8.0, 11.0, "新鎮口"), "t12": (24.0, 21.0, "霧津交流道"),
    "t13": (11.0, 16.0, "新鎮交流道"),
}  # fmt: skip
# from, to, route, class, km/h, direction, status, what there is to know
STRETCHES = [
    ("t01", "t02", "1", "main", 45, "both", "open", ""),
    ("t02", "t03", "1", "main", 45, "both", "open", ""),
    ("t03", "t04", "1", "main", 45, "both", "open", ""),
    ("t04", "t05", "1", "main", 45, "both", "open", ""),
    ("t05", "t06", "1", "main", 40, "both", "open", ""),
    ("t04", "t07", "2", "hill", 28, "both", "weather", "closed in storms"),
    ("t07", "t08", "2", "hill", 28, "both", "open", ""),
    ("t08", "t09", "3", "main", 40, "both", "open", ""),
    ("t08", "t10", "3", "main", 40, "both", "open", ""),
    ("t10", "t11", "3", "main", 40, "both", "open", ""),
    ("t01", "t11", "4", "main", 45, "both", "closed", "landslide: the coast road does not count"),
    ("t12", "t13", "5", "expressway", 80, "both", "open", "joined only at its two interchanges"),
    ("t04", "t12", "link", "interchange", 35, "both", "open", ""),
    ("t13", "t11", "link", "interchange", 35, "both", "open", ""),
    ("t06", "t05", "1a", "main", 60, "forward", "open", "one way, from t06 to t05"),
]
NO_PATH = {("C", "E"), ("B", "E"), ("C", "G")}  # a ridge: no local way between these townships


def metres_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    return ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 * 1000


def road_nodes() -> pd.DataFrame:
    rows = []
    for node, (east, north, name) in NODES.items():
        lon, lat = degrees(east, north)
        rows.append((node, lon, lat, "junction", name))
    return pd.DataFrame(rows, columns=["node_id", "lon", "lat", "kind", "name"])


def road_edges() -> pd.DataFrame:
    """Each stretch is a fifth longer than the straight line between its ends."""
    rows = []
    for start, end, route, kind, speed_kph, direction, status, note in STRETCHES:
        length = round(metres_between(NODES[start][:2], NODES[end][:2]) * 1.2)
        rows.append((start, end, route, kind, length, speed_kph, direction, status, note))
    columns = ["from_node", "to_node", "route", "road_class", "length_metres", "speed_kph",
               "direction", "status", "note"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).sort_values(["from_node", "to_node"])


def local_links(places: list[Village]) -> Iterator[tuple[str, str, str, int, int]]:
    """Neighbouring villages (mesh), and each village's nearest road node (ramp)."""
    for a in places:
        for b in places:
            beside = abs(a.column - b.column) + abs(a.row - b.row) == 1
            ridge = {(a.township, b.township), (b.township, a.township)} & NO_PATH
            if a.code < b.code and beside and not ridge:
                length = round(metres_between(a.access, b.access) * 1.35)
                yield a.code, b.code, "mesh", length, 30
        if a.township == ISLET:
            continue
        near = min(
            (node for node in NODES if node not in ("t12", "t13")),
            key=lambda node: (metres_between(a.access, NODES[node][:2]), node),
        )
        metres = metres_between(a.access, NODES[near][:2])
        if metres < 8000:
            yield a.code, near, "ramp", round(metres * 1.3) + 50, 30


def local_edges(places: list[Village]) -> pd.DataFrame:
    columns = ["from_node", "to_node", "kind", "length_metres", "speed_kph"]
    rows = pd.DataFrame(local_links(places), columns=columns)
    return rows.sort_values(["from_node", "to_node"])


def village_access(places: list[Village], shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    area_km2 = dict(zip(shapes["village_code"], shapes.to_crs(CRS).area / 1e6, strict=True))
    rows = []
    for village in places:
        lon, lat = degrees(*village.access)
        moved = village.access != village.point
        density = round(village.population / area_km2[village.code], 1)
        rule = "polygon_near_road" if moved else "village_point"
        land = 1 if village.township == ISLET else 0
        hill = str(village.township == "E").lower()
        rows.append((village.code, lon, lat, land, density, hill, rule))
    columns = ["village_code", "access_lon", "access_lat", "land_id", "density_per_km2",
               "mountain", "access_rule"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def ferries(places: list[Village]) -> pd.DataFrame:
    """One boat to the islet; no study uses it unless it says so."""
    by_code = {village.code: village for village in places}
    start, end = by_code["020303"], by_code["020401"]
    return pd.DataFrame(
        [("ferry", "遠岬", "孤嶼", *degrees(*start.access), *degrees(*end.access), start.code,
          start.name, end.code, end.name, 45, 30, "certain", "invented", "twice a day")],
        columns=["mode", "from_port", "to_port", "from_lon", "from_lat", "to_lon", "to_lat",
                 "from_village_code", "from_village_name", "to_village_code", "to_village_name",
                 "minutes", "wait_minutes", "link_certainty", "time_certainty", "note"],
    )  # fmt: skip


def village_points(places: list[Village]) -> pd.DataFrame:
    rows = [(v.code, v.name, v.township_code, *degrees(*v.point), "invented") for v in places]
    columns = ["village_code", "village_name", "township_code", "lon", "lat", "point_source"]
    return pd.DataFrame(rows, columns=columns)


def village_population(places: list[Village]) -> pd.DataFrame:
    rows = [(v.code, v.name, v.township_code, *v.ages) for v in places]
    return pd.DataFrame(
        rows, columns=["village_code", "village_name", "township_code", *POPULATION]
    )


def area_population(places: list[Village], level: str) -> pd.DataFrame:
    """The villages' figures summed by township or county, with its names."""
    rows = pd.DataFrame([(v.township_code, v.township, *v.ages) for v in places],
                        columns=["township_code", "letter", *POPULATION])  # fmt: skip
    rows["township_name"] = rows["letter"].map(lambda letter: TOWNSHIPS[letter].name)
    rows["county_code"] = rows["township_code"].str[:2]
    rows["county_name"] = rows["letter"].map(lambda letter: TOWNSHIPS[letter].county.name)
    names = ["county_code", "county_name"]
    if level == "township":
        names = ["township_code", "township_name", *names]
    return rows.groupby(names, as_index=False, sort=True)[POPULATION].sum()


def tables() -> dict[str, pd.DataFrame]:
    """Every table of the toy country by its path below data/toy, without the ending."""
    places = villages()
    shapes = boundaries(places)
    everything: dict[str, pd.DataFrame] = {f"boundaries/{name}": t for name, t in shapes.items()}
    everything |= {
        "boundaries/village_points": village_points(places),
        "population/villages": village_population(places),
        "population/townships": area_population(places, "township"),
        "population/counties": area_population(places, "county"),
        "need/townships": need(area_population(places, "township")),
        "facilities/toy_centres": sites("toy_centres", degrees),
        "facilities/toy_pantries": sites("toy_pantries", degrees),
        "facilities/service_areas": service_areas(),
        "facilities/completeness": completeness(),
        "programme/services": services(),
        "roads/nodes": road_nodes(),
        "roads/edges": road_edges(),
        "roads/local_edges": local_edges(places),
        "roads/village_access": village_access(places, shapes["villages"]),
        "roads/ferries": ferries(places),
    }
    return everything


def same(table: pd.DataFrame, path: Path) -> bool:
    """Does the committed file hold this table? Parquet is compared by content."""
    if not path.is_file():
        return False
    if path.suffix == ".csv":
        return path.read_bytes() == csv_bytes(table)
    old = gpd.read_parquet(path)
    plain = table.columns.drop("geometry")
    return (
        list(old.columns) == list(table.columns)
        and old[plain].equals(pd.DataFrame(table[plain]))
        and bool(old.geometry.geom_equals_exact(table.geometry, tolerance=0).all())
    )


def manifest(name: str, table: pd.DataFrame, path: Path) -> str:
    """The manifest of one table: invented, CC0, and what trouble it holds on purpose."""
    title, title_zh, note = TITLES[name]
    columns = "".join(f'{column} = "(invented)"\n' for column in table.columns)
    return MANIFEST.format(
        title=title,
        title_zh=title_zh,
        table="toy_" + name.replace("/", "_"),
        rows=len(table),
        sha256=sha256_of(path),
        note=note,
        columns=columns,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the invented toy country in data/toy.")
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    check = parser.parse_args().check
    differing: list[str] = []
    for name, table in tables().items():
        spatial = isinstance(table, gpd.GeoDataFrame)
        path = TOY / f"{name}{'.parquet' if spatial else '.csv'}"
        if not same(table, path):
            differing.append(path.relative_to(DATA).as_posix())
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                if spatial:
                    table.to_parquet(path, compression="zstd", compression_level=15, index=False)
                else:
                    path.write_bytes(csv_bytes(table))
        beside = path.with_suffix(".toml")
        text = manifest(name, table, path) if path.is_file() else ""
        if not beside.is_file() or beside.read_text("utf-8") != text:
            differing.append(beside.relative_to(DATA).as_posix())
            if not check:
                beside.write_text(text, encoding="utf-8", newline="\n")
    for path_name in differing:
        print(f"{'differs' if check else 'written'}: {path_name}")
    return 4 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
