"""The plain files of a result: CSV, GeoJSON, Parquet and the summary in JSON, as bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from geoplan.export.cells import clean, csv_cell, plain_column
from geoplan.export.lists import Listed, Lists, village_frame
from geoplan.export.words import note_text
from geoplan.study import Layer, Study
from geoplan.tables import COUNTS, VILLAGE_ROWS, Column

_ARROW = {"people": "int64", "count": "int64", "flag": "bool", "id": "string", "text": "string"}
_MARKUP = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def csv_bytes(listed: Listed) -> bytes:
    """A list as CSV, names of columns as in the tables' definition."""
    return csv_of(listed.table.names, (record.values() for record in listed.records))


def csv_of(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Plain values as CSV: UTF-8 with BOM, CRLF; text that a spreadsheet would run stays text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def sites_geojson(lists: Lists) -> bytes:
    """sites.geojson: existing, planned, proposed sites, EPSG:4326; without a point: null geometry.

    `point_precision` and `point_use` say what a point is good for; a proposal is an area to
    search and its point only says where its people live.
    """
    sites = [site for site in lists.sites.records if site["status"] != "closed"]
    features = [_feature(site) for site in sites]
    return _json({"type": "FeatureCollection", "features": features}, indent=None)


def _feature(site: dict[str, Any]) -> dict[str, Any]:
    lon, lat = site["lon"], site["lat"]
    known = lon is not None and lat is not None
    point = {"type": "Point", "coordinates": [lon, lat]} if known else None
    properties = {name: value for name, value in site.items() if name not in ("lon", "lat")}
    return {"type": "Feature", "geometry": point, "properties": properties}


def villages_parquet(lists: Lists) -> bytes:
    """villages.parquet: every demand point and layer (tables.VILLAGE_ROWS)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = village_frame(lists.plan)
    arrays = [_arrow(frame[column.name], column, pa) for column in VILLAGE_ROWS.columns]
    table = pa.Table.from_arrays(arrays, names=VILLAGE_ROWS.names)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=9)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _arrow(series: pd.Series[Any], column: Column, pa: Any) -> Any:
    kinds = {"int64": pa.int64(), "bool": pa.bool_(), "string": pa.string()}
    kind = kinds.get(_ARROW.get(column.kind, ""), pa.float64())
    return pa.array(plain_column(series, column), kind)


def plan_json(lists: Lists) -> bytes:
    """plan.json: what was planned, from which inputs, and the headline figures; no clock."""
    plan, study = lists.plan, lists.plan.study
    return _json(
        {
            "format": "geoplan-plan",
            "geoplan": plan.version,
            "run_id": plan.run_id,
            "study": {
                "id": study.id,
                "title_zh": clean(study.title_zh),
                "title_en": clean(study.title_en),
                "settings": _settings(study),
            },
            "trial": plan.fixed.told() if plan.fixed else None,
            "data_date": plan.data_date,
            "rules": [rule.model_dump(mode="json", by_alias=True) for rule in study.rules],
            "inputs": [
                {
                    "file": source.file,
                    "sha256": source.sha256,
                    "rows": source.rows,
                    "date": source.date,
                    "licence": clean(source.licence),
                    "title_zh": clean(source.title_zh),
                    "title_en": clean(source.title_en),
                    "origin_zh": clean(source.origin_zh),
                    "origin_en": clean(source.origin_en),
                }
                for source in plan.sources
            ],
            "layers": [_layer(lists, layer) for layer in study.layers],
            "notes": [
                {
                    "code": note.code,
                    "values": {name: _value(value) for name, value in note.values.items()},
                    "zh": note_text(note, "zh"),
                    "en": note_text(note, "en"),
                }
                for note in plan.notes
            ],
        },
        indent=1,
    )


def _settings(study: Study) -> dict[str, Any]:
    """Every key of the study under the name it has in its file; of files that a planner brought,
    the name only, as where they lie is nobody's business."""
    keys: dict[str, Any] = study.model_dump(mode="json", by_alias=True, exclude={"folder", "rules"})
    for section in ("own_roads", "own_matrix"):
        for name in ("edges", "nodes", "file"):
            if keys[section] and keys[section].get(name):
                keys[section][name] = Path(keys[section][name]).name
    return {name: _value(value) for name, value in keys.items()}


def _layer(lists: Lists, layer: Layer) -> dict[str, Any]:
    totals, counts = lists.total(layer.id), lists.national(layer.id)
    rows = {
        "firm": lists.firm,
        "provisional": lists.provisional,
        "undetermined": lists.undetermined,
        "others": lists.others,
    }
    return {
        "layer": layer.id,
        "name_zh": clean(layer.name_zh),
        "name_en": clean(layer.name_en),
        "totals": {name: value for name, value in totals.items() if name != "layer"},
        "counts": {name: counts[name] for name in COUNTS.names[len(COUNTS.key) + 1 :]},
        "rows": {name: len(listed.of(layer.id)) for name, listed in rows.items()},
        "completeness": [
            {name: value for name, value in row.items() if name != "layer"}
            for row in lists.completeness.of(layer.id)
        ],
    }


def _value(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_value(each) for each in value]
    if isinstance(value, dict):
        return {name: _value(each) for name, each in value.items()}
    return clean(str(value))


def _json(value: object, indent: int | None) -> bytes:
    """JSON in which no text can end or begin an element of a page."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    for mark, escaped in _MARKUP.items():
        text = text.replace(mark, escaped)  # these three stand in strings only
    return (text + "\n").encode()
