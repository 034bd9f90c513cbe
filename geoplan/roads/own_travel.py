"""`geoplan travel`: travel times from points of one's own to sites of one's own, over roads.

Read everything, tell every fault, join the points, search a few sites at a time, write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from geoplan.cache import ready
from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.own_points import OwnPoints, place_points, read_land, read_points
from geoplan.door.own_roads import OwnRoads, read_own_roads, road_files
from geoplan.door.reading import Found
from geoplan.door.tables import TRAVEL_FROM, TRAVEL_TO
from geoplan.errors import BadInput, CannotWrite, SourceMissing, WrongUsage
from geoplan.model import Note
from geoplan.own_network import join_points, own_network, too_far
from geoplan.roads.matrix_files import (
    ENDINGS,
    Rows,
    write_dense,
    write_rows,
    write_sparse,
    written_aside,
)
from geoplan.roads.write import digest, toml_value
from geoplan.texts import say
from geoplan.travel.engine import Ways
from geoplan.travel.joining import Access, Joined, Snapped
from geoplan.travel.kept import Asked, KeptTrips, keep_trips
from geoplan.travel.roads import RoadNetwork
from geoplan.travel.trips import sites_a_batch

SITES_WORTH_A_HIERARCHY = 200
"""From so many sites on it pays to prepare the network once and keep it for the next time."""
ROWS_AT_ONCE = 2**20
MARK = b'table = "matrix"'
"""In every description written here: another file of that name is not ours to replace."""
PLACES_HEADER = (
    "role", "id", "state", "metres_to_road", "node_id", "link_from", "link_to", "component",
)  # fmt: skip

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class TravelRequest:
    """What is asked: files, bounds, and where the answer goes."""

    roads: Path
    origins: Path
    sites: Path
    out: Path
    nodes: Path | None = None
    land: Path | None = None
    limit_minutes: float | None = None
    nearest: int | None = None
    dense: bool = False
    ferries: bool = False
    access: Access = field(default_factory=Access)

    @property
    def places_out(self) -> Path:
        return self.out.with_name(f"{self.out.stem}.places.csv")

    @property
    def about_out(self) -> Path:
        return self.out.with_name(f"{self.out.stem}.toml")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything read and joined."""

    own: OwnRoads
    roads: RoadNetwork
    points: tuple[OwnPoints, OwnPoints]
    joined: tuple[Snapped, Snapped]
    sources: tuple[SourceFile, ...]
    notes: tuple[Note, ...]


def prepare(request: TravelRequest) -> Prepared:
    """Read the files, build the network, join the points.

    Raises:
        WrongUsage: if the options cannot mean anything.
        SourceMissing: naming every file that is not there.
        BadInput: with every fault of every file; or if all points are too far from a road.
    """
    files = road_files(request.roads, request.nodes)
    beside = [request.origins, request.sites, *([request.land] if request.land else [])]
    missing = [str(path) for path in (*files.all, *beside) if not path.is_file()]
    if missing:
        raise SourceMissing("files_missing", files=missing)
    check_out(request, [*files.all, *beside])
    found = Found()
    own = read_own_roads(files, found)
    opened = [open_source(path, path.name, found) for path in beside]
    sources = tuple(each for each in opened if each is not None)
    if len(sources) < len(beside):
        raise BadInput(found.faults)
    changed = [each.shown for each in sources if each.changed]
    if changed:
        raise SourceMissing("sources_changed", files=changed)
    tables = (TRAVEL_FROM, TRAVEL_TO)
    read = [
        read_points(source, table, found) for source, table in zip(sources, tables, strict=False)
    ]
    if own is None or found.faults:
        raise BadInput(found.faults)
    points = tuple(
        place_points(frame, table, source.shown, own.nodes, found)
        for frame, table, source in zip(read, tables, sources, strict=False)
        if frame is not None
    )
    tell_reserved(points[1:] if request.dense else (), found)
    land = None
    if request.land is not None and own.nodes.xy is not None:
        land = read_land(sources[2], own.nodes.metres_crs, found)
    if found.faults or len(points) < len(tables):
        raise BadInput(found.faults)
    roads = own_network(own, request.ferries)
    joined = tuple(join_points(roads, each, request.access, land) for each in points)
    for each, places in zip(points, joined, strict=True):
        if (places.state == Joined.TOO_FAR).all():
            metres = request.access.most_metres
            found.fault("all_too_far", each.file, each.row, "lon, lat", metres=metres)
    if found.faults:
        raise BadInput(found.faults)
    every = (*own.sources, *sources)
    notes = tuple(found.notes)
    return Prepared(own, roads, (points[0], points[1]), (joined[0], joined[1]), every, notes)


def tell_reserved(columns: Sequence[OwnPoints], found: Found) -> None:
    """A dense matrix names a column after each site, and one is taken already."""
    for sites in columns:
        taken = sites.id == "demand_id"
        if taken.any():
            found.fault("site_id_reserved", sites.file, sites.row[taken], "site_id")


def check_out(request: TravelRequest, inputs: list[Path]) -> None:
    """The result must have an ending that says what it is, and must replace no input and no
    manifest or study of the same name."""
    if request.out.suffix.lower() not in ENDINGS:
        raise WrongUsage("out_ending", path=request.out.name, endings=", ".join(ENDINGS))
    outputs = {path.resolve() for path in (request.out, request.places_out, request.about_out)}
    beside = [path.with_suffix(".toml") for path in inputs]  # their manifests
    same = [str(path) for path in (*inputs, *beside) if path.resolve() in outputs]
    if same:
        raise WrongUsage("out_is_input", files=same)
    about = request.about_out
    twins = [request.out.with_suffix(ending) for ending in ENDINGS]
    described = any(twin.is_file() for twin in twins if twin.suffix != request.out.suffix)
    if about.is_file() and (described or MARK not in about.read_bytes()):
        raise CannotWrite("file_in_the_way", path=str(about))


def memory_bytes(request: TravelRequest, ready: Prepared) -> int:
    """The most that trips held at one time may take; pairs within a limit come on top of it."""
    points, sites = (len(each.id) for each in ready.points)
    graph = ready.roads.graph
    batch = sites_a_batch(graph, ready.joined[0])
    rows = len(np.unique(ready.joined[0].leaving.node)) + 3 * points
    held = rows * min(batch, sites) * graph.weight.itemsize
    if request.nearest is not None:
        return held + 3 * points * (min(request.nearest, sites) + min(batch, sites)) * 8
    return held if request.limit_minutes is not None else held + points * sites * 4


def ways_of(roads: RoadNetwork, sites: int) -> tuple[Ways, str]:
    """The graph, or from many sites on its hierarchy; and what stood in the way of keeping it."""
    return (roads.graph, "") if sites < SITES_WORTH_A_HIERARCHY else ready(roads.graph)


def write_trips(request: TravelRequest, ready: Prepared, told: Told) -> tuple[int, str]:
    """Search and write the matrix, the places and the description; how many pairs there are, and
    what stood in the way of keeping the prepared network.

    Raises:
        CannotWrite: if the system says no; what stood there before is untouched.
    """
    origins, sites = ready.joined
    demand_id, site_id = (each.id for each in ready.points)
    with written_aside([request.out, request.places_out, request.about_out]) as aside:
        write_rows(aside[1], PLACES_HEADER, place_records(ready))
        ways, trouble = ways_of(ready.roads, len(site_id))
        limit = None if request.limit_minutes is None else round(request.limit_minutes * 60_000)
        asked = Asked(np.argsort(np.argsort(site_id.astype(str))), limit, request.nearest)
        count = len(site_id)
        told("travel", 0, count)
        trips = keep_trips(ways, (origins, sites), asked, lambda done: told("travel", done, count))
        write = write_dense if request.dense else write_sparse
        pairs = write(aside[0], demand_id, site_id, rows_of(trips, len(demand_id), count))
        aside[2].write_text(about_toml(request, ready, pairs, digest(aside[0], "sha256")), "utf-8")
    return pairs, trouble


def rows_of(trips: KeptTrips, points: int, sites: int) -> Iterator[Rows]:
    """All trips, some rows of demand at a time."""
    step = max(1, ROWS_AT_ONCE // sites)
    for first in range(0, points, step):
        last = min(first + step, points)
        yield Rows(first, last, *trips.rows(first, last))


def place_records(ready: Prepared) -> Iterator[tuple[object, ...]]:
    """How each point is joined: state, metres, node or the ends of the link, component."""
    roads = ready.roads
    name = roads.nodes.node_id
    for role, points, places in zip(("from", "to"), ready.points, ready.joined, strict=True):
        for place in range(len(points.id)):
            link, node = int(places.link[place]), int(places.node[place])
            metres = float(places.metres[place])
            yield (
                role,
                points.id[place],
                Joined(int(places.state[place])).name.lower(),
                f"{metres:.2f}" if np.isfinite(metres) else "",
                name[node] if node >= 0 else "",
                name[roads.links.tail[link]] if link >= 0 else "",
                name[roads.links.head[link]] if link >= 0 else "",
                int(places.component[place]) if node >= 0 else "",
            )


def about_toml(request: TravelRequest, ready: Prepared, pairs: int, sha256: str) -> str:
    """The manifest of the matrix: which network, which options, which inputs, which licence."""
    about = ready.own.about
    options = {
        "limit_minutes": request.limit_minutes,
        "nearest": request.nearest,
        "dense": request.dense,
        "max_snap_metres": request.access.most_metres,
        "access_kph": request.access.kph,
        "ferries": request.ferries,
        "land": request.land.name if request.land else None,
    }
    values: dict[str, object] = {
        "title": say("travel.title", "en"),
        "title_zh": say("travel.title", "zh"),
        "table": "matrix",
        "rows": len(ready.points[0].id) if request.dense else pairs,
        "origin": str(about.get("title", request.roads.name)),
        "origin_zh": str(about.get("title_zh", about.get("title", request.roads.name))),
        "licence": str(about.get("licence", "")),
        "licence_note": str(about.get("notice", "")),
        "sha256": sha256,
        "note": ", ".join(
            f"{key} = {value}" for key, value in options.items() if value is not None
        ),
    }
    lines = [f"{key} = {toml_value(value)}" for key, value in values.items()]
    for source in ready.sources:
        lines += ["", "[[inputs]]", f"file = {toml_value(source.shown)}"]
        lines.append(f"sha256 = {toml_value(source.sha256)}")
    return "\n".join(lines) + "\n"


def summary(ready: Prepared) -> dict[str, object]:
    """What people should know of the network and of how the points lie on it."""
    roads = ready.roads
    size = np.bincount(roads.component)
    edges = roads.edges
    known, stated = np.isfinite(edges.metres), np.isfinite(edges.speed_kph)
    return {
        "nodes": len(roads.nodes.node_id),
        "edges": len(edges.ms),
        "kilometres": round(roads.kilometres, 1) if known.any() else None,
        "components": len(size),
        "largest_percent": round(100 * int(size.max()) / len(roads.component), 1),
        "imputed_percent": round(100 * roads.imputed_share, 1) if stated.any() else None,
        "ferries": int(edges.ferry[roads.links.forward].sum()),
    }


def names_too_far(ready: Prepared) -> dict[str, list[str]]:
    """Ids of the points that are joined to no road, by role."""
    pairs = zip(("from", "to"), ready.points, ready.joined, strict=True)
    return {role: points.id[too_far(places)].tolist() for role, points, places in pairs}
