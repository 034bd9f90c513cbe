"""The folder of a road network: nodes.parquet, edges.parquet and roads.toml, whole or not there."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoplan.door.own_roads import ABOUT as ROADS_TOML
from geoplan.door.own_roads import EDGES, NODES
from geoplan.errors import CannotWrite
from geoplan.export.folder import read_manifest, write_result
from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.roads.stretches import Stretches
from geoplan.texts import say


@dataclass(frozen=True, slots=True)
class RoadTables:
    """Directed edges (E,) over the nodes of `cut`; `link` is the stretch, `against` its way."""

    cut: Stretches
    link: Ints
    against: Bools
    minutes: Floats
    speed_kph: Floats
    road_class: Strings
    imputed: Bools
    urban: Bools
    ferry: Bools
    osm_way: Ints

    def ends(self) -> tuple[Ints, Ints]:
        """Start and end node (E,) of every edge."""
        u, v = self.cut.u[self.link], self.cut.v[self.link]
        return np.where(self.against, v, u), np.where(self.against, u, v)


@dataclass(frozen=True, slots=True)
class Summary:
    """What people should know of a network: plain values, kilometres by class, odd limits."""

    values: Mapping[str, object]
    class_km: Mapping[str, float]
    maxspeed_not_understood: Mapping[str, int]


def check_folder(folder: Path) -> None:
    """Refuse a result of another kind.

    Raises:
        CannotWrite: if `folder` holds a finished result that is not a road network.
    """
    entries = read_manifest(folder)
    if entries is not None and ROADS_TOML not in entries:
        raise CannotWrite("not_a_road_folder", folder=str(folder))


def write_roads(out: Path, tables: RoadTables, summary: Summary) -> None:
    """Write the network as the folder `out`; nothing is to be seen there before all is written.

    Raises:
        CannotWrite: as `export.folder.claim` says, or if a result of another kind stands there.
    """

    def files() -> Iterator[tuple[str, bytes]]:
        hashes = {}
        for name, content in ((NODES, nodes_parquet(tables)), (EDGES, edges_parquet(tables))):
            hashes[name] = hashlib.sha256(content).hexdigest()
            yield name, content
        yield ROADS_TOML, roads_toml(summary, hashes).encode()

    check_folder(out)
    write_result(out, files(), {"kind": "roads"})


def nodes_parquet(tables: RoadTables) -> bytes:
    """node_id, lon, lat (degrees, as OpenStreetMap has them: seven decimals)."""
    import pandas as pd

    cut = tables.cut
    table = pd.DataFrame({"node_id": cut.node_id, "lon": cut.node_lon, "lat": cut.node_lat})
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def edges_parquet(tables: RoadTables) -> bytes:
    """u, v, metres, speed_kph, minutes, road_class, imputed, urban, ferry, link, osm_way, geometry.

    GeoParquet, EPSG:4326; each shape runs from u to v.
    """
    import geopandas as gpd
    import shapely

    cut = tables.cut
    u, v = tables.ends()
    names = np.array(cut.node_id, object)
    points, owner = shapes(tables)
    table = gpd.GeoDataFrame(
        {
            "u": names[u],
            "v": names[v],
            "metres": cut.metres[tables.link],
            "speed_kph": tables.speed_kph,
            "minutes": tables.minutes,
            "road_class": tables.road_class,
            "imputed": tables.imputed,
            "urban": tables.urban,
            "ferry": tables.ferry,
            "link": tables.link,
            "osm_way": tables.osm_way,
        },
        geometry=shapely.linestrings(points, indices=owner),
        crs="EPSG:4326",
    )
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def shapes(tables: RoadTables) -> tuple[Floats, Ints]:
    """Points (P, 2) of all edges in the direction of travel, and the edge (P,) of each point."""
    cut = tables.cut
    count = np.diff(cut.shape_first)[tables.link]
    owner = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    step = np.where(tables.against[owner], count[owner] - 1 - step, step)
    at = cut.shape_first[tables.link][owner] + step
    return np.column_stack([cut.shape_lon[at], cut.shape_lat[at]]), owner


def roads_toml(summary: Summary, hashes: Mapping[str, str]) -> str:
    """What the network is, where it comes from, how far it can be trusted, and its licence."""
    values = summary.values
    lines = [
        f"title = {toml_value(say('roads.title', 'en', **values))}",
        f"title_zh = {toml_value(say('roads.title', 'zh', **values))}",
        f"licence = {toml_value('ODbL-1.0')}",
        f"notice = {toml_value(say('roads.notice', 'en'))}",
        f"notice_zh = {toml_value(say('roads.notice', 'zh'))}",
        f"limits = {toml_value(say('roads.limits', 'en'))}",
        f"limits_zh = {toml_value(say('roads.limits', 'zh'))}",
        *(f"{key} = {toml_value(value)}" for key, value in values.items()),
    ]
    parts = (
        ("kilometres", summary.class_km),
        ("maxspeed_not_understood", summary.maxspeed_not_understood),
        ("sha256", hashes),
    )
    for name, rows in parts:
        lines += [
            "",
            f"[{name}]",
            *(f"{toml_value(key)} = {toml_value(one)}" for key, one in rows.items()),
        ]
    return "\n".join(lines) + "\n"


def digest(path: Path, kind: str) -> str:
    """md5 or sha256 of a file that may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def toml_value(value: object) -> str:
    """A TOML value; a JSON text is a TOML text too, once DEL is written as an escape."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
