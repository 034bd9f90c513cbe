"""Points of one's own to travel from or to: an id, and a node of the roads or a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.checks import conform, some
from geoplan.door.manifest import SourceFile
from geoplan.door.opened import read_text
from geoplan.door.own_roads import OwnNodes
from geoplan.door.places import check_points
from geoplan.door.polygons import read_polygons
from geoplan.door.reading import Found
from geoplan.model import Floats, Ints, Strings
from geoplan.projection import to_metres
from geoplan.tables import Table

if TYPE_CHECKING:
    import pandas as pd

LAND = Table("land", (), ())


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """P points in the order of their rows: id, the row of each in its file, the node at which it
    stands (a position, -1: none stated) and metres (P, 2), not-a-number where a node is stated."""

    file: str
    id: Strings
    row: Ints
    node: Ints
    xy: Floats


def read_points(source: SourceFile, table: Table, found: Found) -> pd.DataFrame | None:
    """The table of points, its columns and coordinates checked; None when it cannot be used."""
    before = len(found.faults)
    frame = read_text(source.content, source.shown, found)
    typed = None if frame is None else conform(frame, table, source.shown, found, source.columns)
    if typed is None or not len(typed):
        return None
    for name, blank in (("node_id", ""), ("lon", np.nan), ("lat", np.nan)):
        if name not in typed:
            typed[name] = blank
    check_points(typed, None, source.shown, found)
    nowhere = (typed["node_id"] == "") & (typed["lon"].isna() | typed["lat"].isna())
    half = typed["lon"].isna() != typed["lat"].isna()  # told already
    bare = (nowhere & ~half).to_numpy(bool)
    if bare.any() and len(found.faults) == before:
        found.fault("point_missing", source.shown, typed.index[bare], "lon, lat, node_id")
    return typed if len(found.faults) == before else None


def place_points(
    typed: pd.DataFrame, table: Table, file: str, nodes: OwnNodes, found: Found
) -> OwnPoints:
    """Points among the nodes of a network: unknown nodes are faults, and so are rows without a
    node where nodes have no points."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array(typed["node_id"].tolist(), pa.string())
    at = pc.index_in(names, value_set=pa.array(nodes.node_id.cast(pa.string())))
    node = pc.fill_null(at, -1).to_numpy().astype(np.int64)
    stated = (typed["node_id"] != "").to_numpy(bool)
    unknown = stated & (node < 0)
    if unknown.any():
        given = some(list(dict.fromkeys(typed.loc[unknown, "node_id"])))
        found.fault("unknown_node", file, typed.index[unknown], "node_id", ids=given)
    xy = np.full((len(typed), 2), np.nan)
    if nodes.xy is None:
        if (~stated).any():
            found.fault("node_id_needed", file, typed.index[~stated], "node_id")
    elif (~stated).any():
        lon, lat = (typed.loc[~stated, name].to_numpy(float) for name in ("lon", "lat"))
        xy[~stated] = to_metres(lon, lat, nodes.metres_crs)
    ids = typed[table.key[0]].to_numpy(object)
    return OwnPoints(file, ids, typed.index.to_numpy(np.int64), node, xy)


def read_land(source: SourceFile, metres_crs: str, found: Found) -> np.ndarray | None:
    """Polygons of land in metres; None, with every fault, when they cannot be used."""
    read = read_polygons(source.content, LAND, source.shown, found, source.columns)
    return None if read is None else read.to_crs(metres_crs).geometry.to_numpy()
