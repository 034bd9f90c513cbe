"""Polygons of places: GeoParquet or GeoJSON, with a stated reference system, valid, in degrees.

No driver is guessed: a file is GeoParquet or GeoJSON by its first bytes or it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geoplan.door.checks import conform, number_of
from geoplan.door.reading import Found, frame_of, header_of, kind_of_file, read_parquet, short
from geoplan.model import Floats
from geoplan.tables import Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

DEGREES = "EPSG:4326"
# Taiwan's datum of before 1997: about 850 m off, and no exact way leads from it to today's.
TWD67 = frozenset((3821, 3827, 3828))
POLYGONS = ("Polygon", "MultiPolygon")


def read_polygons(
    content: bytes, table: Table, file: str, found: Found, foreign: Mapping[str, str]
) -> gpd.GeoDataFrame | None:
    """A table of places with their polygons in EPSG:4326; None when it cannot be used."""
    import geopandas as gpd
    import pandas as pd

    kind = kind_of_file(content)
    if kind == "Parquet":
        read = geoparquet(content, file, found)
    elif kind == "JSON":
        read = geojson(content, file, found)
    else:
        found.fault("not_spatial", file, kind=kind or "CSV/text")
        return None
    if read is None:
        return None
    frame, shapes, crs = read
    typed = conform(frame, table, file, found, foreign)
    valid = mended(frame.index, shapes, file, found)
    if typed is None or valid is None:
        return None
    for name in typed.columns[typed.columns.str.startswith("area_")]:
        typed[name] = number_column(typed[name])
    result = gpd.GeoDataFrame(typed, geometry=pd.Series(list(valid), typed.index), crs=crs)
    if result.crs != DEGREES:
        result = result.to_crs(DEGREES)
    return result if in_degrees(result, file, found) else None


def number_column(cells: pd.Series) -> Floats:
    """Areas as numbers; what is no number is not known."""
    values = np.array([number_of(str(cell)) for cell in cells], dtype=float)
    return np.where(np.isinf(values), np.nan, values)


Read = tuple["pd.DataFrame", "np.ndarray", Any]


def geoparquet(content: bytes, file: str, found: Found) -> Read | None:
    """Attributes as text, shapes and reference system of a GeoParquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    frame = read_parquet(content, file, found)
    if frame is None:
        return None
    try:
        schema = pq.read_schema(pa.BufferReader(content))
        about = json.loads((schema.metadata or {}).get(b"geo", b"null"))
        if not about:
            found.fault("no_geometry", file)
            return None
        name = about["primary_column"]
        column = about["columns"][name]
        if column.get("crs", "absent") is None:
            found.fault("no_crs", file)
            return None
        crs = known_crs(column.get("crs", "OGC:CRS84"), file, found)
        packed = pq.read_table(pa.BufferReader(content), columns=[name])[name]
        shapes = shapely.from_wkb(packed.to_numpy(zero_copy_only=False))
    except Exception as error:
        # Foreign bytes can make a parser fail in any way; every one of them is a bad file.
        found.fault("unreadable", file, why=short(error))
        return None
    return None if crs is None else (frame, shapes, crs)


def geojson(content: bytes, file: str, found: Found) -> Read | None:
    """Attributes as text, shapes and reference system of a GeoJSON FeatureCollection."""
    import shapely

    try:
        document = json.loads(content.decode("utf-8-sig"))
        features = document["features"]
        named = (document.get("crs") or {}).get("properties", {}).get("name", "OGC:CRS84")
        names = list(dict.fromkeys(key for each in features for key in each["properties"]))
        rows = [
            ["" if (v := each["properties"].get(key)) is None else str(v) for key in names]
            for each in features
        ]
        shapes = np.array(
            [
                shapely.from_geojson(json.dumps(each["geometry"])) if each["geometry"] else None
                for each in features
            ],
            dtype=object,
        )
    except Exception as error:
        # Foreign bytes can make a parser fail in any way; every one of them is a bad file.
        found.fault("unreadable", file, why=short(error))
        return None
    crs = known_crs(named, file, found)
    header = header_of(names, 1, file, found)
    if not rows:
        found.fault("header_only", file)
    if crs is None or header is None or not rows:
        return None
    return frame_of(list(range(2, len(rows) + 2)), header, rows, file, found), shapes, crs


def known_crs(given: object, file: str, found: Found) -> Any:
    """The reference system, or None and a fault when it is none or cannot be trusted."""
    from pyproj.exceptions import CRSError

    try:
        crs, epsg = read_crs(given if isinstance(given, str) else json.dumps(given))
    except CRSError as error:
        found.fault("crs_unknown", file, why=short(error))
        return None
    if epsg in TWD67 or "TWD67" in crs.name:
        found.fault("crs_twd67", file, crs=crs.name)
        return None
    return crs


@lru_cache(maxsize=32)
def read_crs(given: str) -> tuple[Any, int | None]:
    """The reference system of a name or a definition, and its number at EPSG if it has one; both
    are slow to find and asked of every file."""
    from pyproj import CRS

    crs = CRS.from_user_input(given)
    return crs, crs.to_epsg()


def mended(rows: pd.Index, shapes: np.ndarray, file: str, found: Found) -> np.ndarray | None:
    """Valid polygons; what is missing or no polygon is a fault, what was mended is said."""
    import shapely

    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if missing.any():
        found.fault("geometry_missing", file, rows[missing])
    kinds = shapely.get_type_id(shapes)
    other = ~missing & ~np.isin(kinds, (3, 6))
    if other.any():
        names = sorted({shapes[place].geom_type for place in np.flatnonzero(other)})
        found.fault("not_polygons", file, rows[other], kinds=", ".join(names))
    if missing.any() or other.any():
        return None
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        before = shapely.area(shapes[invalid]).sum()
        shapes = shapes.copy()
        shapes[invalid] = [polygons_of(shape) for shape in shapely.make_valid(shapes[invalid])]
        after = shapely.area(shapes[invalid]).sum()
        change = abs(after - before) / before * 100 if before else 100.0
        found.note("polygons_mended", file=file, count=int(invalid.sum()), percent=f"{change:.3f}")
    return shapes


def polygons_of(shape: Any) -> Any:
    """The polygons of a shape that was made valid; lines and points that came out are dropped."""
    import shapely

    parts = [part for part in shapely.get_parts(shape) if part.geom_type in POLYGONS]
    return shape if shape.geom_type in POLYGONS else shapely.union_all(parts)


def in_degrees(places: gpd.GeoDataFrame, file: str, found: Found) -> bool:
    """Are all shapes on the globe? Metres or swapped axes under a label of degrees are faults."""
    bounds = places.geometry.bounds
    wide = (bounds[["minx", "maxx"]].abs() > 180).any(axis=1)
    high = (bounds[["miny", "maxy"]].abs() > 90).any(axis=1)
    wrong = wide | high | bounds.isna().any(axis=1)
    if not wrong.any():
        return True
    largest = float(np.nanmax(bounds[wrong].abs().to_numpy()))
    code = "metres_as_degrees" if largest > 360 else "axes_swapped"
    found.fault(code, file, places.index[wrong], "geometry", given=f"{largest:.4f}")
    return False
