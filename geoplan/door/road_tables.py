"""The road tables of a study: every link joins two known nodes, every village has an access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from geoplan.door.checks import some
from geoplan.door.places import PointColumns, check_points
from geoplan.door.sites import text_columns
from geoplan.door.tables import FERRIES, LOCAL_EDGES, ROAD_EDGES, ROAD_NODES, VILLAGE_ACCESS

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.door.opened import Door

ACCESS_POINT = PointColumns("access_lon", "access_lat")


def read_roads(door: Door, points: pd.DataFrame | None) -> Mapping[str, pd.DataFrame]:
    """nodes, edges, local_edges, access (and ferries); empty when the study has no roads."""
    roads = door.study.roads
    if roads is None:
        return {}
    wanted = {
        "nodes": (roads.nodes, ROAD_NODES),
        "edges": (roads.edges, ROAD_EDGES),
        "local_edges": (roads.local_edges, LOCAL_EDGES),
        "access": (roads.access, VILLAGE_ACCESS),
    }
    if roads.ferries is not None:
        wanted["ferries"] = (roads.ferries, FERRIES)
    tables = {role: door.table(file, table) for role, (file, table) in wanted.items()}
    files = {role: file for role, (file, _) in wanted.items()}
    if tables["nodes"] is not None:
        check_points(tables["nodes"], None, files["nodes"], door.found)
    if tables["access"] is not None:
        check_points(tables["access"], None, files["access"], door.found, ACCESS_POINT)
    if any(table is None for table in tables.values()) or points is None:
        return {}
    read = {role: text_columns(table) for role, table in tables.items() if table is not None}
    # Two nodes may stand on one spot: which of them a site joins must not hang on the file's order.
    read["nodes"] = read["nodes"].sort_values("node_id", kind="stable")
    villages = set(points["village_code"])
    check_ends(read, files, villages, door)
    absent = sorted(villages - set(read["access"]["village_code"]))
    if absent:
        door.found.fault(
            "places_absent",
            files["access"],
            column="village_code",
            codes=some(absent),
            count=len(absent),
        )
    return read


def check_ends(
    tables: Mapping[str, pd.DataFrame], files: Mapping[str, str], villages: set[str], door: Door
) -> None:
    """Both ends of every link are nodes of the network or villages."""
    nodes = set(tables["nodes"]["node_id"]) | villages
    ends = {
        "edges": ("from_node", "to_node"),
        "local_edges": ("from_node", "to_node"),
        "ferries": ("from_village_code", "to_village_code"),
    }
    for role, columns in ends.items():
        if role not in tables:
            continue
        table = tables[role]
        for column in columns:
            unknown = ~table[column].isin(nodes) & (table[column] != "")
            if unknown.any():
                ids = some(list(dict.fromkeys(table.loc[unknown, column])))
                rows = table.index[unknown]
                door.found.fault("unknown_node", files[role], rows, column, ids=ids)
