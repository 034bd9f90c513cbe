"""The layers of plan.gpkg in other forms: GeoJSON, GeoParquet, KML of the sites, CSV, GeoPackage.

All come from the layers that the run wrote, so every form says the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from geoplan.export.cells import is_absent
from geoplan.export.files import csv_of
from geoplan.export.gis import (
    DICTIONARY,
    RESERVED,
    SITES,
    TOLD,
    VILLAGE_AREAS,
    VILLAGES,
    typed,
    write_layer,
)
from geoplan.export.kml import sites_kml
from geoplan.tables import PLAN_SITES, ROWS, VILLAGE_ROWS

Layers = Mapping[str, pd.DataFrame]
Files = Iterator[tuple[str, bytes]]

_TABLES = {SITES: PLAN_SITES, VILLAGES: VILLAGE_ROWS}


def read_layers(file: Path) -> dict[str, pd.DataFrame]:
    """The layers of a plan.gpkg by name, their columns in the kinds of their tables."""
    import pyogrio

    found = {}
    for name, _ in pyogrio.list_layers(file):
        frame = pyogrio.read_dataframe(file, layer=name)
        frame = frame if name == DICTIONARY else typed(frame, _TABLES.get(name, ROWS))
        told = pyogrio.read_info(file, layer=name)["layer_metadata"] or {}
        frame.attrs = {key: told[key] for key in TOLD if told.get(key)}
        found[name] = frame
    return found


def of_county(layers: Layers, county_code: str) -> dict[str, pd.DataFrame]:
    """The same layers with the rows of one county."""
    townships = {
        code
        for name, frame in layers.items()
        if name not in RESERVED
        for code in frame.loc[frame["county_code"] == county_code, "township_code"]
    }
    found = {}
    for name, frame in layers.items():
        if name in (VILLAGES, VILLAGE_AREAS):
            frame = frame[frame["township_code"].isin(townships)]
        elif name != DICTIONARY:
            frame = frame[frame["county_code"] == county_code]
        found[name] = frame.reset_index(drop=True)
    return found


def _geojson(layers: Layers, _: str) -> Files:
    """RFC 7946: WGS 84, six decimals. Columns that do not apply are null."""
    for name, frame in _with_shapes(layers):
        with TemporaryDirectory() as folder:
            import pyogrio

            file = Path(folder) / "layer.geojson"
            options = {"RFC7946": "YES", "COORDINATE_PRECISION": "6", "WRITE_NAME": "NO"}
            pyogrio.write_dataframe(frame, file, driver="GeoJSON", layer_options=options)
            yield f"{name}.geojson", file.read_bytes()


def _geoparquet(layers: Layers, _: str) -> Files:
    for name, frame in _with_shapes(layers):
        sink = io.BytesIO()
        frame.to_parquet(sink, index=False, compression="zstd", write_covering_bbox=False)
        yield f"{name}.parquet", sink.getvalue()


def _geopackage(layers: Layers, date: str) -> Files:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "plan.gpkg"
        for name, frame in layers.items():
            write_layer(frame, file, name, date)
        yield "plan.gpkg", file.read_bytes()


def _csv(layers: Layers, _: str) -> Files:
    """As the lists of a run: UTF-8 with BOM, CRLF, texts that a spreadsheet would run kept text."""
    for name, frame in layers.items():
        if name != VILLAGE_AREAS:
            yield f"{name}.csv", _csv_bytes(frame.drop(columns="geometry", errors="ignore"))


def _kml(layers: Layers, _: str) -> Files:
    yield "sites.kml", sites_kml(layers[SITES], [n for n in layers if n not in RESERVED])


FORMATS: dict[str, Callable[[Layers, str], Files]] = {
    "geojson": _geojson,
    "geoparquet": _geoparquet,
    "kml": _kml,
    "csv": _csv,
    "gpkg": _geopackage,
}
"""Name of a format -> the files it makes of the layers and the date of the data."""


def exported(layers: Layers, formats: list[str], date: str) -> Files:
    """Every file of the formats, and the dictionary of the columns as `columns.csv`, once."""
    for name in formats:
        yield from FORMATS[name](layers, date)
    if "csv" not in formats:
        yield f"{DICTIONARY}.csv", _csv_bytes(layers[DICTIONARY])


def _with_shapes(layers: Layers) -> Iterator[tuple[str, Any]]:
    return ((name, frame) for name, frame in layers.items() if "geometry" in frame)


def _csv_bytes(frame: pd.DataFrame) -> bytes:
    rows = frame.itertuples(index=False)
    return csv_of(
        map(str, frame.columns),
        ([None if is_absent(cell) else cell for cell in row] for row in rows),
    )
