"""Ways and barriers of an OpenStreetMap file as arrays; osmium and pyarrow do every loop.

osmium's own code filters the file, gives each way the places of its nodes and writes what is left
as lines of text (OPL), so no Python runs for a node; pyarrow takes the lines apart, block by block.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.errors import BadInput, CannotWrite, Fault, WrongUsage
from geoplan.model import Floats, Ints
from geoplan.roads.osm_rules import unescaped

BLOCK_BYTES = 2**24
"""The text is taken apart in blocks of this size; a line is far shorter."""

WAY_KEYS = (
    "highway",
    "route",
    "area",
    "junction",
    "motorroad",
    "access",
    "vehicle",
    "motor_vehicle",
    "motorcar",
    "foot",
    "oneway",
    "oneway:vehicle",
    "oneway:motor_vehicle",
    "oneway:motorcar",
    "oneway:foot",
    "maxspeed",
    "maxspeed:forward",
    "maxspeed:backward",
    "duration",
)
NODE_KEYS = ("barrier", "access", "vehicle", "motor_vehicle", "motorcar", "foot")

NODE_LINE_TO_ROW = bytes.maketrans(b",xy", b"\n  ")


@dataclass(frozen=True, slots=True)
class Tag:
    """One key of N objects: `code` (N,) points into the distinct `values`, -1 where absent."""

    values: tuple[str, ...]
    code: Ints

    @property
    def stated(self) -> Any:
        """(N,) whether the object has the key."""
        return self.code >= 0

    def read(self, rule: Callable[[str], Any], absent: Any) -> Any:
        """(N,) what `rule` makes of each value; it runs once for a distinct value."""
        return np.array([*(rule(value) for value in self.values), absent])[self.code]


@dataclass(frozen=True, slots=True)
class Barriers:
    """Nodes with a barrier: their ids (B,) and tags."""

    node: Ints
    tags: Mapping[str, Tag]


@dataclass(frozen=True, slots=True)
class OsmWays:
    """Ways in the order of their ids: way i runs over the positions first[i]:first[i + 1].

    `way` (W,), `first` (W + 1,); `ref`, `lon`, `lat` (R,) node id and degrees of each position,
    NaN where the file lacks the node. `data_timestamp` is the file's own word, "" if it has none.
    """

    way: Ints
    first: Ints
    ref: Ints
    lon: Floats
    lat: Floats
    tags: Mapping[str, Tag]
    barriers: Barriers
    data_timestamp: str


def read_osm(source: Path, classes: Sequence[str], scratch: Path) -> OsmWays:
    """The ways of `source` with one of the highway `classes` or `route=ferry`, and all barriers.

    Args:
        source: an OpenStreetMap file of any kind that osmium reads (.osm.pbf, .osm, .osm.bz2).
        classes: values of `highway` that are wanted.
        scratch: a file that may be written and is deleted again; about as large as `source`.

    Raises:
        WrongUsage: if the package osmium is not installed.
        BadInput: if the file cannot be read as OpenStreetMap data, holds old versions, or has no
            such way.
        CannotWrite: if the disk has no room for `scratch`.
    """
    try:
        timestamp = _write_lines(source, classes, scratch)
        ways = _read_lines(scratch, timestamp)
    finally:
        scratch.unlink(missing_ok=True)
    if not len(ways.way):
        raise BadInput([Fault("osm_no_roads", source.name)])
    if (ways.way[1:] == ways.way[:-1]).any():
        raise BadInput([Fault("osm_history", source.name)])
    return ways


def _write_lines(source: Path, classes: Sequence[str], scratch: Path) -> str:
    """Filter `source` into lines of text in `scratch`; the file's own date comes back."""
    try:
        import osmium
        from osmium.filter import KeyFilter, TagFilter
        from osmium.osm import NODE, WAY
    except ImportError as error:
        raise WrongUsage("osmium_missing") from error
    barriers = KeyFilter("barrier")
    barriers.enable_for(NODE)
    roads = TagFilter(*(("highway", name) for name in classes), ("route", "ferry"))
    roads.enable_for(WAY)
    located = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    located.ignore_errors()  # a node beyond the edge of an extract stays without a place
    lines = osmium.io.File(str(scratch), "opl,add_metadata=false,locations_on_ways=true")
    try:
        with osmium.io.Reader(str(source), NODE | WAY) as reader:
            header = reader.header()
            if header.has_multiple_object_versions:
                raise BadInput([Fault("osm_history", source.name)])
            writer = osmium.SimpleWriter(lines, overwrite=True)
            try:
                osmium.apply(reader, located, barriers, roads, writer)
            finally:
                _close(writer)
    except (RuntimeError, OSError, ValueError) as error:
        raise _told(error, source, scratch) from error
    stamps = (header.get(key) for key in ("osmosis_replication_timestamp", "timestamp"))
    return next((stamp for stamp in stamps if stamp), "")


def _close(writer: Any) -> None:
    """Close what was written; a writer whose disk is full is never thrown away.

    The destructor of such a writer would try to write once more, fail, and end the whole process.
    """
    try:
        writer.close()
    except RuntimeError:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        raise


def _told(error: Exception, source: Path, scratch: Path) -> Exception:
    """osmium says everything with one kind of error; what it means for whoever called."""
    if isinstance(error, BadInput):
        return error
    if "No space left" in str(error) or "Write failed" in str(error):
        return CannotWrite("disk_full", folder=str(scratch.parent), why=str(error))
    return BadInput([Fault("osm_unreadable", source.name, values={"why": str(error)})])


def _read_lines(lines: Path, timestamp: str) -> OsmWays:
    ways, nodes = _Gathered(WAY_KEYS), _Gathered(NODE_KEYS)
    counts: list[Ints] = []
    rows: list[Any] = []
    for block in _blocks(lines):
        way_lines, node_lines = block
        nodes.add(node_lines[0], node_lines[1])
        ways.add(way_lines[0], way_lines[1])
        count, row = _positions(way_lines[2])
        counts.append(count)
        rows.append(row)
    ids, tags = ways.columns()
    order = np.argsort(ids, kind="stable")
    count = _joined(counts, np.int64)
    ref, lon, lat = (
        _joined([row.column(at).to_numpy() for row in rows], kind)
        for at, kind in enumerate((np.int64, np.float64, np.float64))
    )
    taken = ranges(np.concatenate([[0], np.cumsum(count)])[:-1][order], count[order])
    return OsmWays(
        ids[order],
        np.concatenate([[0], np.cumsum(count[order])]),
        ref[taken],
        lon[taken],
        lat[taken],
        {key: Tag(tag.values, tag.code[order]) for key, tag in tags.items()},
        Barriers(*nodes.columns()),
        timestamp,
    )


def _blocks(lines: Path) -> Iterator[tuple[list[Any], list[Any]]]:
    """Columns (id, tags, positions) of the ways and (id, tags) of the nodes, block by block."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    if not lines.stat().st_size:
        return
    reader = csv.open_csv(
        lines,
        csv.ReadOptions(column_names=["line"], block_size=BLOCK_BYTES),
        # Tab and quotes mean nothing here: OPL writes a tab in a value as an escape.
        csv.ParseOptions(delimiter="\t", quote_char=False),
        csv.ConvertOptions(column_types={"line": pa.string()}),
    )
    for batch in reader:
        line = batch.column(0)
        split = []
        for letter, columns in (("w", 3), ("n", 4)):
            kind = line.filter(pc.starts_with(line, letter))
            parts = pc.list_flatten(pc.split_pattern(kind, " "))
            split.append(
                [parts.take(pa.array(np.arange(at, len(parts), columns))) for at in (0, 1)]
            )
            if letter == "w":
                split[0].append(parts.take(pa.array(np.arange(2, len(parts), columns))))
        yield split[0], split[1]


def _positions(text: Any) -> tuple[Ints, Any]:
    """How many nodes each way has (W,), and a table of node id, lon, lat of all of them."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    count = pc.count_substring(text, "n").to_numpy().astype(np.int64)
    # "Nn12x121.5y25.1,n13xy" becomes the rows "12 121.5 25.1" and "13  ".
    rows = "\n".join(text.to_pylist()).encode().translate(NODE_LINE_TO_ROW, b"Nn")
    names = {"ref": pa.int64(), "lon": pa.float64(), "lat": pa.float64()}
    if not count.sum():
        return count, pa.schema(names).empty_table()
    table = csv.read_csv(
        pa.BufferReader(rows),
        csv.ReadOptions(column_names=list(names)),
        csv.ParseOptions(delimiter=" ", quote_char=False),
        csv.ConvertOptions(column_types=names),
    )
    return count, table


class _Gathered:
    """Ids and wanted tags of objects, gathered block by block."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.count = 0
        self.ids: list[Ints] = []
        self.owners: dict[str, list[Ints]] = {key: [] for key in keys}
        self.values: dict[str, list[Any]] = {key: [] for key in keys}

    def add(self, ids: Any, tags: Any) -> None:
        """One block: ids such as "w12" and tags such as "Thighway=track,oneway=yes"."""
        import pyarrow as pa
        import pyarrow.compute as pc

        self.ids.append(pc.utf8_slice_codeunits(ids, 1).cast(pa.int64()).to_numpy())
        split = pc.split_pattern(pc.utf8_slice_codeunits(tags, 1), ",")
        pairs = pc.list_flatten(split)
        owners = pc.list_parent_indices(split).to_numpy()
        for key in self.values:
            mine = pc.starts_with(pairs, f"{key}=")
            self.values[key].append(pc.utf8_slice_codeunits(pairs.filter(mine), len(key) + 1))
            self.owners[key].append(owners[mine.to_numpy(zero_copy_only=False)] + self.count)
        self.count += len(ids)

    def columns(self) -> tuple[Ints, dict[str, Tag]]:
        return _joined(self.ids, np.int64), {key: self._tag(key) for key in self.values}

    def _tag(self, key: str) -> Tag:
        import pyarrow as pa

        code = np.full(self.count, -1, np.int64)
        found = pa.chunked_array(self.values[key], pa.string()).combine_chunks().dictionary_encode()
        code[_joined(self.owners[key], np.int64)] = found.indices.to_numpy(zero_copy_only=False)
        return Tag(tuple(unescaped(value) for value in found.dictionary.to_pylist()), code)


def _joined(parts: Iterable[Any], kind: Any) -> Any:
    return np.concatenate([np.empty(0, kind), *parts]).astype(kind, copy=False)


def ranges(start: Ints, count: Ints) -> Ints:
    """start[0] .. start[0] + count[0] - 1, then the same of the next, in one array."""
    before = np.cumsum(count) - count
    return np.repeat(start - before, count) + np.arange(int(count.sum()))
