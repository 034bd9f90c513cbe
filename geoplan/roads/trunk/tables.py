"""The tables of a trunk network in the columns of the bundled one, with a manifest each."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from geoplan.errors import CannotWrite
from geoplan.export.folder import read_manifest, write_result
from geoplan.paths import bundled
from geoplan.projection import to_degrees
from geoplan.roads.trunk.build import Built
from geoplan.roads.trunk.network import Node
from geoplan.roads.trunk.villages import METRES_CRS
from geoplan.texts import say

Row = Sequence[object]

DEGREE_DIGITS = 5
"""About a metre; signs are not surveyed better."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "trunk_nodes": (
        "node_id", "lon", "lat", "kind", "route", "chainage_metres", "elevation_metres", "name",
    ),
    "trunk_edges": (
        "from_node", "to_node", "route", "road_class", "length_metres", "speed_kph", "direction",
        "status", "verified", "length_basis", "note",
    ),
    "interchanges": (
        "node_id", "route", "name", "chainage_km", "system", "links_to", "serves", "note",
    ),
    "gaps": ("route", "from_metres", "to_metres", "straight_metres", "action", "reason"),
    "local_edges": ("from_node", "to_node", "kind", "length_metres", "speed_kph"),
    "village_access": (
        "village_code", "access_lon", "access_lat", "land_id", "density_per_km2", "mountain",
        "access_rule",
    ),
}  # fmt: skip


def node_id(number: int) -> str:
    """The id of a node: a letter keeps it apart from the villages."""
    return f"t{number}"


def node_rows(nodes: Sequence[Node]) -> list[Row]:
    """Rows of trunk_nodes, by id."""
    xy = np.array([(node.x, node.y) for node in nodes], dtype=float).reshape(-1, 2)
    degrees = to_degrees(xy, METRES_CRS).round(DEGREE_DIGITS).tolist()
    rows = [
        (
            node_id(n),
            *degrees[n],
            node.kind,
            node.route,
            node.chainage,
            "" if np.isnan(node.elevation) else round(node.elevation),
            node.name,
        )
        for n, node in enumerate(nodes)
    ]
    return sorted(rows, key=lambda row: str(row[0]))


def edge_rows(built: Built) -> list[Row]:
    """Rows of trunk_edges, by their ends."""
    rows = [
        (
            node_id(edge.one),
            node_id(edge.two),
            edge.route,
            edge.road_class,
            edge.metres,
            edge.speed_kph,
            "both",
            edge.status,
            flag(edge.verified),
            edge.basis,
            edge.note,
        )
        for edge in built.trunk.edges
    ]
    return sorted(rows, key=lambda row: tuple(map(str, row[:3])))


def interchange_rows(built: Built) -> list[Row]:
    """Rows of interchanges, by the id of the node."""
    rows = [
        (
            node_id(built.trunk.at[each.at]),
            each.interchange.route,
            each.interchange.name,
            each.interchange.kilometre,
            flag(each.interchange.between_motorways),
            ",".join(each.routes),
            each.interchange.serves,
            each.interchange.note,
        )
        for each in built.joined
    ]
    return sorted(rows, key=lambda row: (str(row[0]), str(row[2])))


def gap_rows(built: Built) -> list[Row]:
    """Rows of gaps, by route and kilometre."""
    ordered = sorted(built.gaps, key=lambda gap: (gap.route, gap.from_metres))
    return [
        (
            gap.route,
            round(gap.from_metres),
            round(gap.to_metres),
            round(gap.straight_metres),
            gap.action,
            gap.reason,
        )
        for gap in ordered
    ]


def flag(value: bool) -> str:
    return "true" if value else "false"


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 without BOM, LF, as the bundled tables are written."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def trunk_tables(built: Built) -> dict[str, list[Row]]:
    """Every table of the network, name -> rows in the order of `COLUMNS`."""
    return {
        "trunk_nodes": node_rows(built.trunk.nodes),
        "trunk_edges": edge_rows(built),
        "interchanges": interchange_rows(built),
        "gaps": gap_rows(built),
    }


def write_tables(
    out: Path, tables: Mapping[str, Sequence[Row]], files: Sequence[tuple[str, str]], date: str
) -> None:
    """Write tables and manifests as the folder `out`, whole or not at all.

    Args:
        tables: name -> rows; a name of `COLUMNS`.
        files: name and sha256 of every file read.
        date: the day of the newest survey, or blank.

    Raises:
        CannotWrite: as `export.folder.claim` says, or if a result of another kind stands there.
    """

    def contents() -> Iterator[tuple[str, bytes]]:
        for name, rows in tables.items():
            content = csv_bytes(COLUMNS[name], rows)
            yield f"{name}.csv", content
            digest = hashlib.sha256(content).hexdigest()
            yield f"{name}.toml", manifest(name, len(rows), digest, (files, date)).encode()

    entries = read_manifest(out)
    if entries is not None and "trunk_nodes.csv" not in entries:
        raise CannotWrite("not_a_road_folder", folder=str(out))
    write_result(out, contents(), {"kind": "roads"})


def manifest(
    name: str, rows: int, digest: str, about: tuple[Sequence[tuple[str, str]], str]
) -> str:
    """The manifest of one table: as the bundled one, with the files and sums of this build."""
    beside = bundled("data") / "roads" / f"{name}.toml"
    stated = tomllib.loads(beside.read_text("utf-8"))
    files, date = about
    keys = ("title", "title_zh", "table", "licence", "licence_note")
    lines = [f"{key} = {quoted(stated[key])}" for key in keys]
    lines += [
        f"origin = {quoted(say('trunk.origin', 'en'))}",
        f"origin_zh = {quoted(say('trunk.origin', 'zh'))}",
        f"rows = {rows}",
        f"date = {quoted(date)}",
        f"sha256 = {quoted(digest)}",
        f"rebuild = {quoted('geoplan roads build-trunk')}",
        "inputs = [",
        *(f"  {{ file = {quoted(file)}, sha256 = {quoted(sha)} }}," for file, sha in files),
        "]",
        f"note = {quoted('Made by geoplan roads build-trunk from the files under inputs.')}",
        "",
        "[columns]",
        *(f"{column} = {quoted(column)}" for column in COLUMNS[name]),
    ]
    return "\n".join(lines) + "\n"


def quoted(value: object) -> str:
    """A TOML value; a JSON text is a TOML text too, once DEL is written as an escape."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
