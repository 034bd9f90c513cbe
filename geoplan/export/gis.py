"""The result for a GIS: one GeoPackage with every list in it, and what it looks like elsewhere.

Layers are named by the service (its townships as areas), `sites`, `villages` (where people start
from), `village_areas` where the study has shapes of them, and `columns`, the data dictionary.
Coordinates are WGS 84 (EPSG:4326), longitude first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoplan.export.cells import DECIMAL, DEGREES, WHOLE, as_records, clean
from geoplan.export.lists import Listed, Lists, village_frame
from geoplan.export.words import date_text
from geoplan.tables import PLAN_SITES, ROWS, VILLAGE_ROWS, Column, Table
from geoplan.texts import LANGS, say

if TYPE_CHECKING:
    import geopandas as gpd

CRS = "EPSG:4326"
SITES, VILLAGES, VILLAGE_AREAS, DICTIONARY = "sites", "villages", "village_areas", "columns"
TOLD = ("IDENTIFIER", "DESCRIPTION")
"""What GeoPackage's table of contents holds of a layer for people; no two identifiers are alike."""
RESERVED = frozenset({SITES, VILLAGES, VILLAGE_AREAS, DICTIONARY})
_KINDS = {"flag": "boolean", **dict.fromkeys(WHOLE, "Int64")}
_KINDS |= dict.fromkeys(DECIMAL | DEGREES, "Float64")
_AREA = Table(
    VILLAGE_AREAS,
    (
        Column("village_code", "id", "村里代碼", "village code"),
        Column("village_name", "text", "村里", "village", may_be_empty=True),
        Column("township_code", "id", "鄉鎮市區代碼", "township code", may_be_empty=True),
    ),
    ("village_code",),
)


def geopackage(lists: Lists) -> bytes:
    """plan.gpkg: every list with its shapes or points, and the dictionary of their columns.

    The date inside is the data's, so the same plan gives the same bytes.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "plan.gpkg"
        for name, frame in layers(lists):
            write_layer(frame, file, name, lists.plan.data_date)
        return file.read_bytes()


def layers(lists: Lists) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and table of every layer; a table without shapes has no geometry. Its `attrs` are what
    a GIS shows of it: a name (IDENTIFIER) and what it holds (DESCRIPTION), in both languages."""
    plan, date = lists.plan, lists.plan.data_date
    for layer in plan.study.layers:
        names = layer.name_zh, layer.name_en
        yield _told(layer_name(layer.id), townships(lists, layer.id), "service", names, date)
    villages = as_records(village_frame(plan), VILLAGE_ROWS)
    rest = {
        SITES: _points(_frame(lists.sites)),
        VILLAGES: _points(_frame(Listed(VILLAGE_ROWS, villages))),
        VILLAGE_AREAS: None if plan.villages is None else _village_areas(plan.villages),
        DICTIONARY: dictionary(),
    }
    for name, frame in rest.items():
        if frame is not None:
            zh, en = (say(f"export.gis.name.{name}", lang) for lang in LANGS)
            yield _told(name, frame, name, (zh, en), date)


def _told(
    name: str, frame: pd.DataFrame, kind: str, names: tuple[str, str], date: str
) -> tuple[str, pd.DataFrame]:
    """The layer with its name and description as GeoPackage's table of contents holds them."""
    zh, en = (clean(each) for each in names)
    held = (
        say(f"export.gis.{kind}", lang, service=each, date=date_text(date, lang))
        for lang, each in zip(LANGS, (zh, en), strict=True)
    )
    identifier = say("export.gis.identifier", "zh", zh=zh, en=en, layer=name)
    frame.attrs = dict(zip(TOLD, (identifier, "\n".join(held)), strict=True))
    return name, frame


def layer_name(layer: str) -> str:
    """The name of a service's townships: its id, unless one of our own layers is called so."""
    return f"layer_{layer}" if layer in RESERVED else layer


def townships(lists: Lists, layer: str) -> gpd.GeoDataFrame:
    """The rows of one service with the shapes of their townships."""
    places = lists.plan.townships
    shape = dict(zip(places["township_code"], places.geometry, strict=True))
    frame = _frame(Listed(ROWS, lists.townships.of(layer)))
    return _geo(frame, [shape[code] for code in frame["township_code"]])


def dictionary() -> pd.DataFrame:
    """One row a column of the layers: its meaning in both languages, unit, kind, words used."""
    tables = (("<layer>", ROWS), (SITES, PLAN_SITES), (VILLAGES, VILLAGE_ROWS), (_AREA.id, _AREA))
    return pd.DataFrame(
        [
            {
                "layer": name,
                "column": column.name,
                "zh": column.zh,
                "en": column.en,
                "unit": column.unit,
                "kind": column.kind,
                "choices": " | ".join(column.choices),
            }
            for name, table in tables
            for column in table.columns
        ]
    )


def write_layer(frame: pd.DataFrame, file: Path, name: str, date: str) -> None:
    """Write, or add, one layer of a GeoPackage; `date` ("2025-12") is told as its last change."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _moment(date)})
    try:
        options: dict[Any, Any] = dict(frame.attrs)
        if "geometry" in frame:
            options |= {"GEOMETRY_NAME": "geometry", "SPATIAL_INDEX": "YES"}
        pyogrio.write_dataframe(frame, file, layer=name, driver="GPKG", layer_options=options)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _moment(date: str) -> str:
    """The first moment of a date of which the day or the month may be missing."""
    parts = [int(part) for part in date.split("-") if part.isdigit()]
    year, month, day = [*parts, *(1970, 1, 1)[len(parts) :]][:3]
    return f"{year:04}-{month:02}-{day:02}T00:00:00.000Z"


def _village_areas(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    known = [name for name in _AREA.names if name in shapes]
    frame = pd.DataFrame({name: shapes[name].map(clean).tolist() for name in known})
    return _geo(frame, shapes.geometry.tolist())


def _frame(listed: Listed) -> pd.DataFrame:
    """A list with the kinds of its columns; absent cells are NA, texts None."""
    names = listed.table.names
    return typed(pd.DataFrame(listed.records, columns=names, dtype=object), listed.table)


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with the columns of `table` in their kinds; others are left as they are."""
    kinds = {column.name: _KINDS.get(column.kind, "object") for column in table.columns}
    return frame.astype({name: kind for name, kind in kinds.items() if name in frame})


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Points where lon and lat are known; no geometry elsewhere."""
    import geopandas as gpd

    lon, lat = (frame[name].astype("float64") for name in ("lon", "lat"))
    points = gpd.points_from_xy(lon, lat)
    return _geo(frame, [None if x != x else point for x, point in zip(lon, points, strict=True)])


def _geo(frame: pd.DataFrame, shapes: list[Any]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=CRS))
