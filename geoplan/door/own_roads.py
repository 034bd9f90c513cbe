"""Road tables of one's own: directed edges, nodes with their points, shapes where there are some.

A folder made by `geoplan roads build` is read in the same way. Shapes may be drawn in either
direction; they are turned so as to run from `u` to `v`.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoplan.door.checks import some
from geoplan.door.large import LargeTable, flags, ids, numbers, read_large, texts
from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.places import check_points
from geoplan.door.polygons import DEGREES, known_crs
from geoplan.door.reading import Found, short
from geoplan.door.tables import OWN_ROADS, ROAD_NODES
from geoplan.errors import SourceMissing
from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.projection import to_metres

LONGEST_MS = 2**30
"""Twelve days: an edge, like a trip, takes less (travel.graph.FAR_MS)."""
MS_PER_MINUTE = 60_000
MOST_NORTH, MOST_SOUTH = 84.0, -80.0
"""Degrees of latitude between which the zones of UTM are made."""
EDGES, NODES, ABOUT = "edges.parquet", "nodes.parquet", "roads.toml"


@dataclass(frozen=True, slots=True)
class OwnNodes:
    """N nodes: ids, and longitude, latitude and metres (N, 2) where there is a table of nodes."""

    node_id: Any
    lonlat: Floats | None = None
    xy: Floats | None = None
    metres_crs: str = ""


@dataclass(frozen=True, slots=True)
class OwnEdges:
    """E directed edges between positions of nodes; metres and speeds not-a-number where unknown.

    The shape of edge e, from u to v in metres, is shape_xy[shape_first[e]:shape_first[e + 1]].
    """

    start: Ints
    end: Ints
    ms: Ints
    metres: Floats
    speed_kph: Floats
    road_class: Strings
    imputed: Bools
    ferry: Bools
    link: Ints
    shape_first: Ints | None
    shape_xy: Floats | None


@dataclass(frozen=True, slots=True)
class OwnRoads:
    """A network as it was read, and what its folder says of it (blank for plain files)."""

    nodes: OwnNodes
    edges: OwnEdges
    sources: tuple[SourceFile, ...]
    about: dict[str, object]


@dataclass(frozen=True, slots=True)
class RoadFiles:
    """The files of a network: edges, nodes if there are some, and the folder's description."""

    edges: Path
    nodes: Path | None
    about: Path | None

    @property
    def all(self) -> list[Path]:
        return [path for path in (self.edges, self.nodes, self.about) if path is not None]


def road_files(roads: Path, nodes: Path | None) -> RoadFiles:
    """The files meant by a file of edges, or by a folder: what `geoplan roads build` made there,
    or tables of one's own named edges.csv and nodes.csv."""
    if roads.is_dir() and (roads / "edges.csv").is_file() and not (roads / ABOUT).exists():
        return RoadFiles(roads / "edges.csv", nodes or roads / "nodes.csv", None)
    if roads.is_dir():
        return RoadFiles(roads / EDGES, nodes or roads / NODES, roads / ABOUT)
    return RoadFiles(roads, nodes, None)


def read_own_roads(files: RoadFiles, found: Found) -> OwnRoads | None:
    """The network of these files, which exist; None, with every fault, when it cannot be used.

    Raises:
        SourceMissing: if a file is not the one its description tells of.
    """
    sources = [open_source(path, path.name, found) for path in files.all]
    about = _about(files, sources, found)
    edge_source, node_source = sources[0], sources[1] if files.nodes else None
    if edge_source is None or (files.nodes and node_source is None):
        return None
    changed = [each.shown for each in sources if each is not None and each.changed]
    if changed:
        raise SourceMissing("sources_changed", files=changed)
    nodes = None if node_source is None else read_nodes(node_source, found)
    table = read_large(edge_source, OWN_ROADS, found)
    if table is None or (files.nodes and nodes is None):
        return None
    ends = {name: ids(table, name, found) for name in ("u", "v")}
    if nodes is None:
        nodes = OwnNodes(_all_ids(ends))
    edges = _edges(table, ends, nodes, found)
    if edges is None or found.faults:
        return None
    return OwnRoads(nodes, edges, tuple(each for each in sources if each is not None), about)


def _about(files: RoadFiles, sources: list[SourceFile | None], found: Found) -> dict[str, object]:
    """What the folder says of its network; files that are not those it names are refused."""
    source = sources[-1]
    if files.about is None or source is None:
        return {}
    try:
        about = tomllib.loads(source.content.decode("utf-8"))
    except ValueError as error:
        found.fault("unreadable", source.shown, why=short(error))
        return {}
    hashes = about.get("sha256", {})
    changed = [
        each.shown
        for each in sources[:-1]
        if each is not None and hashes.get(each.path.name, each.sha256) != each.sha256
    ]
    if changed:
        raise SourceMissing("sources_changed", files=changed)
    return about


def read_nodes(source: SourceFile, found: Found) -> OwnNodes | None:
    """Nodes with their points; None, with every fault, when they cannot be used."""
    import pyarrow.compute as pc

    table = read_large(source, ROAD_NODES, found)
    if table is None:
        return None
    before = len(found.faults)
    node_id = ids(table, "node_id", found)
    encoded = pc.dictionary_encode(node_id)
    code = encoded.indices.to_numpy()
    twice = np.bincount(code)[code] > 1
    twice &= np.asarray(pc.not_equal(node_id, "").to_numpy(zero_copy_only=False), bool)
    if twice.any():
        shown = some(sorted({str(node_id[int(at)]) for at in np.flatnonzero(twice)[:50]}))
        found.fault("duplicate_id", table.file, table.row[twice], "node_id", ids=shown)
    lon, lat = (numbers(table, ROAD_NODES.column(name), found) for name in ("lon", "lat"))
    good = np.isfinite(lon) & np.isfinite(lat)
    frame = pd.DataFrame({"lon": lon[good], "lat": lat[good]}, index=table.row[good])
    check_points(frame, None, table.file, found)
    if len(found.faults) > before:
        return None
    polar = (lat > MOST_NORTH) | (lat < MOST_SOUTH)
    if polar.any():
        found.fault("beyond_utm", table.file, table.row[polar], "lat")
        return None
    crs = metres_crs(lon, lat)
    return OwnNodes(node_id, np.column_stack([lon, lat]), to_metres(lon, lat, crs), crs)


def metres_crs(lon: Floats, lat: Floats) -> str:
    """The reference system in metres for where the nodes lie: their zone of UTM."""
    import geopandas as gpd

    corners = gpd.points_from_xy([lon.min(), lon.max()], [lat.min(), lat.max()], crs=DEGREES)
    return str(gpd.GeoSeries(corners).estimate_utm_crs().to_string())


def _all_ids(ends: dict[str, Any]) -> Any:
    """Every node that an edge names, sorted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    every = pc.unique(pa.concat_arrays([ends["u"], ends["v"]]))
    return every.take(pc.sort_indices(every))


def _edges(
    table: LargeTable, ends: dict[str, Any], nodes: OwnNodes, found: Found
) -> OwnEdges | None:
    """Edges with times, marks, shapes and links; None when one of these is at fault."""
    before = len(found.faults)
    given = {name: _given(table, name, found) for name in ("minutes", "metres", "speed_kph")}
    start, end = (_positions(table, name, ends[name], nodes, found) for name in ("u", "v"))
    ms = _milliseconds(table, given, found)
    names = table.columns
    none = np.zeros(len(table.row), bool)
    marks = {
        name: flags(table, name, found) if name in names else none for name in ("imputed", "ferry")
    }
    shapes = _shapes(table, found) if nodes.xy is not None else None
    if len(found.faults) > before:
        return None
    shape_first, shape_xy = None, None
    if shapes is not None and nodes.xy is not None:
        ends_xy = (nodes.xy[start], nodes.xy[end])
        shape_first, shape_xy = _drawn(shapes, ends_xy, nodes.metres_crs)
    metres = given["metres"]
    if np.isnan(metres).all() and nodes.xy is not None:
        metres = _lengths(start, end, nodes.xy, shape_first, shape_xy)
    link = _stated_links(table, start, end, found)
    if link is None:
        link = _paired((start, end), ms, shape_first, shape_xy)
    if len(found.faults) > before:
        return None
    unknown = np.full(len(ms), "", object)
    return OwnEdges(
        start,
        end,
        ms,
        metres,
        given["speed_kph"],
        texts(table, "road_class") if "road_class" in names else unknown,
        marks["imputed"],
        marks["ferry"],
        link,
        shape_first,
        shape_xy,
    )


def _given(table: LargeTable, name: str, found: Found) -> Floats:
    """A column of numbers, not-a-number throughout where the table has none."""
    if name not in table.columns:
        return np.full(len(table.row), np.nan)
    column = OWN_ROADS.column(name)
    beside = name != "minutes" and "minutes" in table.columns
    return numbers(table, replace(column, may_be_empty=beside), found)


def _positions(table: LargeTable, name: str, cells: Any, nodes: OwnNodes, found: Found) -> Ints:
    """Positions of the nodes that a column names; unknown ones are a fault."""
    import pyarrow.compute as pc

    found_at = pc.fill_null(pc.index_in(cells, value_set=nodes.node_id), -1)
    at: Ints = found_at.to_numpy().astype(np.int64)
    blank = np.asarray(pc.equal(cells, "").to_numpy(zero_copy_only=False), bool)
    unknown = (at < 0) & ~blank
    if unknown.any():
        shown = list(dict.fromkeys(str(cells[int(row)]) for row in np.flatnonzero(unknown)[:50]))
        found.fault("unknown_node", table.file, table.row[unknown], name, ids=some(shown))
    return at


def _milliseconds(table: LargeTable, given: dict[str, Floats], found: Found) -> Ints:
    """Of the minutes, else of metres and km/h: metres / (km/h) * 3600; none at all is legal."""
    if "minutes" in table.columns:
        column, exact = "minutes", given["minutes"] * MS_PER_MINUTE
    elif {"metres", "speed_kph"} <= set(table.columns):
        column, exact = "metres", given["metres"] / given["speed_kph"] * 3600
    else:
        found.fault("road_without_time", table.file, [1], "minutes")
        return np.zeros(len(table.row), np.int64)
    long = exact >= LONGEST_MS
    table.tell("edge_too_long", long, column, found)
    return np.rint(np.where(np.isfinite(exact) & ~long, exact, 0)).astype(np.int64)


def _shapes(table: LargeTable, found: Found) -> tuple[Any, Any] | None:
    """The lines of a GeoParquet file and their reference system; None where there are none."""
    import shapely

    if not table.geo or not table.binary:
        return None
    try:
        about = json.loads(table.geo)
        name = about["primary_column"]
        stated = about["columns"][name].get("crs", "OGC:CRS84")
        lines = shapely.from_wkb(table.binary[name].to_numpy(zero_copy_only=False))
    except Exception as error:
        # Foreign bytes can make a parser fail in any way; every one of them is a bad file.
        found.fault("unreadable", table.file, why=short(error))
        return None
    if stated is None:
        found.fault("no_crs", table.file)
        return None
    crs = known_crs(stated, table.file, found)
    wrong = (shapely.get_type_id(lines) != 1) | shapely.is_empty(lines)
    wrong |= ~np.isfinite(shapely.bounds(lines)).all(axis=1)
    table.tell("not_lines", wrong, name, found)
    return None if crs is None or wrong.any() else (lines, crs)


def _drawn(
    shapes: tuple[Any, Any], ends: tuple[Floats, Floats], metres_crs: str
) -> tuple[Ints, Floats]:
    """Points of the shapes in metres, each shape turned so that it runs from u to v."""
    import shapely
    from pyproj import Transformer

    lines, crs = shapes
    points, owner = shapely.get_coordinates(lines, return_index=True)
    turn = Transformer.from_crs(crs, metres_crs, always_xy=True)
    xy = np.column_stack(turn.transform(points[:, 0], points[:, 1])).astype(float)
    count = np.bincount(owner, minlength=len(lines))
    first = np.concatenate([[0], np.cumsum(count)])
    head, tail = xy[first[:-1]], xy[first[1:] - 1]
    u, v = ends
    as_drawn = np.hypot(*(head - u).T) + np.hypot(*(tail - v).T)
    turned = np.hypot(*(head - v).T) + np.hypot(*(tail - u).T) < as_drawn
    step = np.arange(len(xy)) - first[owner]
    step = np.where(turned[owner], count[owner] - 1 - step, step)
    return first, xy[first[owner] + step]


def _lengths(
    start: Ints, end: Ints, xy: Floats, first: Ints | None, shape_xy: Floats | None
) -> Floats:
    """Metres along the shapes, else of the straight lines between nodes."""
    if first is None or shape_xy is None:
        apart = xy[end] - xy[start]
        return np.hypot(apart[:, 0], apart[:, 1])
    step = np.zeros(len(shape_xy))
    step[1:] = np.hypot(*np.diff(shape_xy, axis=0).T)
    step[first[:-1]] = 0
    length: Floats = np.add.reduceat(step, first[:-1])
    return length


def _stated_links(table: LargeTable, start: Ints, end: Ints, found: Found) -> Ints | None:
    """The links that the table states; a link is one edge, or an edge and its way back."""
    import pyarrow.compute as pc

    if "link" not in table.columns:
        return None
    encoded = pc.dictionary_encode(ids(table, "link", found))
    code: Ints = encoded.indices.to_numpy().astype(np.int64)
    order = np.argsort(code, kind="stable")
    count = np.bincount(code)
    first = np.cumsum(count) - count
    two = np.flatnonzero(count == 2)
    one, other = order[first[two]], order[first[two] + 1]
    good = (start[one] == end[other]) & (end[one] == start[other])
    bad = count > 2
    bad[two[~good]] = True
    table.tell("link_not_a_stretch", bad[code], "link", found)
    return code


def _paired(ends: tuple[Ints, Ints], ms: Ints, first: Ints | None, shape_xy: Floats | None) -> Ints:
    """Links where none are stated: an edge and the one back between the same nodes over the same
    shape are one stretch; of parallel ones the fastest goes with the fastest."""
    start, end = ends
    keys = [np.minimum(start, end), np.maximum(start, end)]
    if first is not None and shape_xy is not None:
        keys.append(np.diff(first))
        # Whole millimetres: their sum is the same in either direction.
        whole = np.rint(shape_xy.T * 1000).astype(np.int64)
        keys += [np.add.reduceat(axis, first[:-1]) for axis in whole]
    order = np.lexsort([ms, start, *keys])
    new = np.zeros(len(order), bool)
    turn = np.zeros(len(order), bool)
    for key in keys:
        new[1:] |= key[order][1:] != key[order][:-1]
    turn[1:] = start[order][1:] != start[order][:-1]
    new[:1] = True
    place = np.arange(len(order))
    rank = place - np.maximum.accumulate(np.where(new | turn, place, 0))
    pair = np.cumsum(new)
    stretch = pair * (int(rank.max(initial=0)) + 1) + rank
    link = np.empty(len(order), np.int64)
    link[order] = np.unique(stretch, return_inverse=True)[1]
    return link
