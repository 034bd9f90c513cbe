"""Every file a trunk network is made from, read and checked; all faults are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geoplan.door.checks import conform, number_of
from geoplan.door.polygons import read_polygons
from geoplan.door.reading import Found, read_csv
from geoplan.door.tables import POINTS, POPULATION, TOWNSHIPS
from geoplan.door.tables import VILLAGES as VILLAGE_TABLE
from geoplan.paths import bundled
from geoplan.roads.trunk.build import Lists
from geoplan.roads.trunk.freeways import open_freeways, read_freeways
from geoplan.roads.trunk.interchanges import read_connections, read_interchanges
from geoplan.roads.trunk.places import Places, make_places
from geoplan.roads.trunk.posts import has_columns, read_mileposts
from geoplan.roads.trunk.rulings import read_rulings
from geoplan.roads.trunk.sources import Opened, check_present, open_file, open_folder
from geoplan.roads.trunk.villages import Villages, make_villages

POLYGONS = "boundaries/villages.parquet"
PEOPLE = "population/villages.csv"
VILLAGE_POINTS = "boundaries/village_points.csv"
TOWNSHIP_POLYGONS = "boundaries/townships.parquet"
DENSITIES = "population/townships.csv"
GROUND = (POLYGONS, PEOPLE, VILLAGE_POINTS, TOWNSHIP_POLYGONS, DENSITIES)
RULINGS = "roads/rulings.csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the lists are: paths as the user gave them.

    `ground` is a folder laid out like the bundled `data/` (boundaries and residents); None means
    the bundled one. So it is with `rulings`.
    """

    mileposts: Path
    freeway: Path
    interchanges: Path
    connections: Path | None = None
    ground: Path | None = None
    rulings: Path | None = None

    @property
    def ground_folder(self) -> Path:
        return self.ground or bundled("data")

    @property
    def rulings_file(self) -> Path:
        return self.rulings or bundled("data") / RULINGS


@dataclass(frozen=True, slots=True)
class Read:
    """The lists, and name and sha256 of each file they were read from."""

    lists: Lists
    places: Places
    files: tuple[tuple[str, str], ...]


def read_lists(asked: Asked, found: Found) -> Read | None:
    """Everything read; None, and every fault, when something cannot be used.

    Raises:
        SourceMissing: naming every file and folder that is not there.
    """
    folder = asked.ground_folder
    single = {
        "mileposts": asked.mileposts,
        "connections": asked.connections,
        "rulings": asked.rulings_file,
        **{name: folder / name for name in GROUND},
    }
    check_present([asked.freeway, asked.interchanges, *single.values()])
    files = {name: open_file(path, found) for name, path in single.items() if path is not None}
    freeways = open_freeways(asked.freeway, found)
    interchanges = open_folder(asked.interchanges, (".csv",), found)
    connections = read_connections(files.get("connections"), found)
    read_freeway = read_freeways(freeways, found)
    read_interchange = read_interchanges(interchanges, connections, found)
    provincial = None if not (one := files["mileposts"]) else read_mileposts(one, found)
    rulings = None if not (two := files["rulings"]) else read_rulings(two, found)
    villages = read_villages(files[POLYGONS], files[PEOPLE], found)
    places = None if villages is None else read_places(files, villages, found)
    if provincial is None or rulings is None or villages is None or places is None:
        return None
    if found.faults:
        return None
    opened = [*files.values(), *freeways, *interchanges]
    names = sorted({(each.name, each.sha256) for each in opened if each is not None})
    lists = Lists(provincial, read_freeway, read_interchange, rulings, villages)
    return Read(lists, places, tuple(names))


def read_villages(polygons: Opened | None, people: Opened | None, found: Found) -> Villages | None:
    """Village polygons with their residents; None (and faults) when one file cannot be used."""
    if polygons is None or people is None:
        return None
    drawn = read_polygons(polygons.content, VILLAGE_TABLE, polygons.name, found, {})
    frame = read_csv(people.content, people.name, found)
    table = None if frame is None else conform(frame, POPULATION, people.name, found)
    if drawn is None or table is None:
        return None
    return make_villages(drawn, table)


def read_places(
    files: Mapping[str, Opened | None], villages: Villages, found: Found
) -> Places | None:
    """The villages with people; None (and faults) when one of the files cannot be used."""
    points, townships, people = (
        files[name] for name in (VILLAGE_POINTS, TOWNSHIP_POLYGONS, DENSITIES)
    )
    if points is None or townships is None or people is None:
        return None
    frame = read_csv(points.content, points.name, found)
    table = None if frame is None else conform(frame, POINTS, points.name, found)
    drawn = read_polygons(townships.content, TOWNSHIPS, townships.name, found, {})
    density = read_densities(people, found)
    if table is None or drawn is None or density is None or found.faults:
        return None
    return make_places(table, drawn, density, villages)


def read_densities(opened: Opened, found: Found) -> dict[str, float] | None:
    """Residents per km2 by township code."""
    frame = read_csv(opened.content, opened.name, found)
    columns = ("township_code", "density_per_km2")
    if frame is None or not has_columns(frame, columns, opened.name, found):
        return None
    density = [number_of(cell) for cell in frame["density_per_km2"]]
    return dict(zip(frame["township_code"], density, strict=True))
