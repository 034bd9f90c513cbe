"""A road network from an OpenStreetMap file: read, choose, cut, time, write.

What is not in it: turn restrictions, traffic, waiting at lights, limits for parts of the day, ways
that are areas, and ferries known by a relation only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geoplan.errors import BadInput, Fault, SourceMissing
from geoplan.export.folder import claim
from geoplan.model import Bools, Floats, Ints
from geoplan.roads.osm_read import OsmWays, ranges, read_osm
from geoplan.roads.osm_ways import Profile, Ways, blocked_nodes, not_understood, usable_ways
from geoplan.roads.speeds import STREETS, Speeds, read_speeds, urban_stretches
from geoplan.roads.stretches import Lines, Stretches, cut_at_junctions
from geoplan.roads.write import RoadTables, Summary, check_folder, digest, write_roads

Told = Callable[[str, int, int], None]

MEMORY_PER_BYTE = 12
MEMORY_BASE_MB = 300
FERRY_KPH = (1.0, 100.0)
"""A stated duration that makes a ferry slower or faster than this is not used."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Minutes and km/h of each stretch (S,) along and against its way; `imputed`, `urban`."""

    along_minutes: Floats
    against_minutes: Floats
    along_kph: Floats
    against_kph: Floats
    imputed: Bools
    urban: Bools
    durations_not_used: int


def build(
    source: Path, out: Path, profile: Profile, speeds_file: Path | None, told: Told
) -> Summary:
    """Read `source` and write the network of `profile` as the folder `out`.

    Args:
        source: an OpenStreetMap file (.osm.pbf, .osm, .osm.bz2).
        out: the folder; a former road network there is replaced, anything else is refused.
        speeds_file: a speed table of one's own, or None for the one that comes with geoplan.
        told: hears of each step.

    Raises:
        SourceMissing: if `source` or `speeds_file` is not there.
        BadInput: if it is not OpenStreetMap data, is cut off, or holds no usable road.
        CannotWrite: if `out` cannot be written; what stood there is untouched.
    """
    if not source.is_file():
        raise SourceMissing("files_missing", files=str(source))
    speeds = read_speeds(speeds_file, profile)
    with claim(out) as place:
        check_folder(place.target)
        told("roads_reading", 0, 3)
        read = read_osm(source, speeds.road_class, place.aside / "lines")
        told("roads_reading", 1, 3)
        ways = usable_ways(read, profile, speeds.road_class)
        if not len(ways.row):
            raise BadInput([Fault("osm_no_roads", source.name)])
        cut = cut_at_junctions(lines_of(read, ways.row), blocked_nodes(read.barriers, profile))
        if not len(cut.way):
            raise BadInput([Fault("osm_no_nodes", source.name)])
        timed = time_stretches(cut, ways, speeds)
        tables = tables_of(cut, ways, timed, read.way[ways.row])
        told("roads_reading", 2, 3)
        summary = summarize(read, ways, cut, timed, tables)
        summary = Summary(
            {
                "profile": profile,
                "source_file": source.name,
                "source_sha256": digest(source, "sha256"),
                "data_timestamp": read.data_timestamp,
                **summary.values,
            },
            summary.class_km,
            not_understood(read, ways),
        )
        write_roads(out, tables, summary)
        told("roads_reading", 3, 3)
    return summary


def memory_mb(source: Path) -> int:
    """About how much memory `build` takes at most, from the size of an ordinary .osm.pbf extract.

    Measured: 6 times the file where few of its nodes are on roads; the locations of all nodes take
    16 bytes each, a position on a road about 550. A file filtered to roads alone takes more.
    """
    return MEMORY_BASE_MB + round(source.stat().st_size * MEMORY_PER_BYTE / 1e6)


def lines_of(read: OsmWays, row: Ints) -> Lines:
    """The chosen ways with their positions."""
    count = np.diff(read.first)[row]
    taken = ranges(read.first[:-1][row], count)
    first = np.concatenate([[0], np.cumsum(count)])
    return Lines(first, read.ref[taken], read.lon[taken], read.lat[taken])


def time_stretches(cut: Stretches, ways: Ways, speeds: Speeds) -> Timed:
    """Minutes of every stretch: the table's speed for its class in town or country, capped.

    A limit caps the speed and never raises it. A ferry whose duration is stated takes its share of
    the duration by length, if the file holds the whole way; others go at the table's ferry speed.
    """
    street = np.array([name in STREETS for name in ways.road_class])[ways.class_at]
    urban = urban_stretches(cut, street[cut.way])
    at = ways.class_at[cut.way]
    usual = np.where(urban, speeds.urban_kph[at], speeds.rural_kph[at])
    metres = np.bincount(cut.way, cut.metres, minlength=len(ways.row))
    with np.errstate(invalid="ignore"):
        ferry_kph = metres / 1000 / (ways.ferry_minutes / 60)
        believed = (ferry_kph >= FERRY_KPH[0]) & (ferry_kph <= FERRY_KPH[1]) & ~cut.cut_ways
    sailed = believed[cut.way]
    along, against = (
        np.where(sailed, ferry_kph[cut.way], np.minimum(usual, limit[cut.way]))
        for limit in (ways.along_kph, ways.against_kph)
    )
    imputed = np.where(ways.ferry[cut.way], ~sailed, ~ways.stated[cut.way])
    return Timed(
        along_minutes=cut.metres / 1000 / along * 60,
        against_minutes=cut.metres / 1000 / against * 60,
        along_kph=along,
        against_kph=against,
        imputed=imputed,
        urban=urban,
        durations_not_used=int((~np.isnan(ways.ferry_minutes) & ~believed).sum()),
    )


def tables_of(cut: Stretches, ways: Ways, timed: Timed, osm_way: Ints) -> RoadTables:
    """Directed edges: of a two-way stretch one row along its way, then one against it."""
    both = np.stack([ways.along[cut.way], ways.against[cut.way]], axis=1).ravel()
    link = np.repeat(np.arange(len(cut.way)), 2)[both]
    against = np.tile([False, True], len(cut.way))[both]
    return RoadTables(
        cut=cut,
        link=link,
        against=against,
        minutes=np.where(against, timed.against_minutes[link], timed.along_minutes[link]),
        speed_kph=np.where(against, timed.against_kph[link], timed.along_kph[link]),
        road_class=np.array(ways.road_class, object)[ways.class_at[cut.way[link]]],
        imputed=timed.imputed[link],
        urban=timed.urban[link],
        ferry=ways.ferry[cut.way[link]],
        osm_way=osm_way[cut.way[link]],
    )


def summarize(
    read: OsmWays, ways: Ways, cut: Stretches, timed: Timed, tables: RoadTables
) -> Summary:
    """Counts, kilometres by class (each stretch once), and how connected the network is."""
    at = ways.class_at[cut.way]
    km = np.bincount(at, cut.metres / 1000, minlength=len(ways.road_class)).tolist()
    road = ~ways.ferry[cut.way]
    road_metres = max(float(cut.metres[road].sum()), 1e-9)
    parts, share = components(tables, len(cut.node_id))
    values: dict[str, object] = {
        "nodes": len(cut.node_id),
        "edges": len(tables.link),
        "links": len(cut.way),
        "ways": len(ways.row),
        "road_km": round(road_metres / 1000, 3),
        "imputed_share": round(float(cut.metres[road & timed.imputed].sum()) / road_metres, 4),
        "urban_share": round(float(cut.metres[road & timed.urban].sum()) / road_metres, 4),
        "components": parts,
        "largest_component_share": round(share, 4),
        "cut_ways": int(cut.cut_ways.sum()),
        "nodes_missing": len(np.unique(missing_refs(read, ways.row))),
        "blocked_ends": sum(":" in name for name in cut.node_id),
        "ferry_ways": int(ways.ferry.sum()),
        "ferry_durations_not_used": timed.durations_not_used,
        **ways.counts,
    }
    named = zip(ways.road_class, km, strict=True)
    return Summary(values, {name: round(one, 3) for name, one in named if one > 0}, {})


def missing_refs(read: OsmWays, row: Ints) -> Ints:
    """Node ids that the chosen ways name and the file does not hold, as often as they are named."""
    lines = lines_of(read, row)
    return lines.ref[np.isnan(lines.lon)]


def components(tables: RoadTables, nodes: int) -> tuple[int, float]:
    """Parts within which every node reaches every other without a ferry; share of the largest."""
    road = ~tables.ferry
    u, v = tables.ends()
    arcs = csr_array((np.ones(int(road.sum()), bool), (u[road], v[road])), shape=(nodes, nodes))
    parts, part = connected_components(arcs, connection="strong")
    return int(parts), float(np.bincount(part).max() / nodes)
