"""Speeds: a table of road class x town or country, and which of the two a stretch is."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from geoplan.errors import BadInput, Fault, SourceMissing
from geoplan.model import Bools, Floats, Ints
from geoplan.roads.stretches import Stretches, metres_between

COLUMNS = ("profile", "road_class", "urban_kph", "rural_kph")
MOST_KPH = 200.0

KM_PER_DEGREE = 111.195
STREETS = frozenset(
    {"residential", "living_street", "pedestrian", "tertiary", "secondary", "primary"}
)
"""Classes that thicken where people live. `unclassified` is left out: in farmland it is the lanes
between fields; so are service ways, tracks and motorways."""
URBAN_STREET_KM = 6.0
"""A square of 1 km with at least so many kilometres of STREETS is town.

Blocks of 100 m by 150 m make about 16 km of street in such a square, a village on a main road 2 to
5. The rule asks the network only, so it holds where no map of towns is at hand; where streets are
not drawn yet, and in squares that the edge of an extract cuts, it says country.
"""


@dataclass(frozen=True, slots=True)
class Speeds:
    """The road classes (C,) of one profile and their speeds in km/h."""

    road_class: tuple[str, ...]
    urban_kph: Floats
    rural_kph: Floats


def read_speeds(path: Path | None, profile: str) -> Speeds:
    """The rows of `profile` from a table of one's own, or from the one that comes with geoplan.

    A class that does not stand in the table is not used at all.

    Raises:
        SourceMissing: if there is no such file.
        BadInput: with every row that is wrong, or if the profile has no row.
    """
    source = path if path is not None else files("geoplan") / "roads" / "speeds.csv"
    if not source.is_file():
        raise SourceMissing("files_missing", files=str(path))
    try:
        rows = list(csv.reader(source.read_text("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput([Fault("speeds_columns", source.name, (1,))]) from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise BadInput([Fault("speeds_columns", source.name, (1,))])
    wrong = tuple(at for at, row in enumerate(rows[1:], 2) if row and not _good(row))
    if wrong:
        raise BadInput([Fault("speeds_row", source.name, wrong, values={"most": MOST_KPH})])
    mine = {row[1]: (float(row[2]), float(row[3])) for row in rows[1:] if row and row[0] == profile}
    if not set(mine) - {"ferry"} or "ferry" not in mine:
        raise BadInput([Fault("speeds_profile", source.name, values={"profile": profile})])
    return Speeds(
        tuple(mine),
        np.array([urban for urban, _ in mine.values()]),
        np.array([rural for _, rural in mine.values()]),
    )


def _good(row: list[str]) -> bool:
    try:
        return len(row) == len(COLUMNS) and all(0 < float(kph) <= MOST_KPH for kph in row[2:])
    except ValueError:
        return False


def urban_stretches(cut: Stretches, street: Bools) -> Bools:
    """(S,) whether most metres of a stretch lie in squares of town; `street` (S,) marks STREETS.

    Each step of a shape counts in the square of its middle. The squares are 1 km high and wide,
    counted from the equator and, row by row, from the prime meridian.
    """
    if not len(cut.way):
        return np.zeros(0, bool)
    inner = np.ones(len(cut.shape_lon), bool)
    inner[cut.shape_first[1:] - 1] = False
    at = np.flatnonzero(inner)
    owner = np.repeat(np.arange(len(cut.way)), np.diff(cut.shape_first) - 1)
    lon, lat = cut.shape_lon, cut.shape_lat
    metres = metres_between(lon[at], lat[at], lon[at + 1], lat[at + 1])
    square = _squares((lon[at] + lon[at + 1]) / 2, (lat[at] + lat[at + 1]) / 2)
    streets = np.bincount(square, metres * street[owner])
    town = streets[square] >= URBAN_STREET_KM * 1000
    in_town = np.bincount(owner, metres * town, minlength=len(cut.way))
    return np.asarray(in_town * 2 > cut.metres)


def _squares(lon: Floats, lat: Floats) -> Ints:
    """A number for the square kilometre of each point."""
    row = np.floor(lat * KM_PER_DEGREE).astype(np.int64)
    middle = np.radians((row + 0.5) / KM_PER_DEGREE)
    column = np.floor(lon * KM_PER_DEGREE * np.cos(middle)).astype(np.int64)
    return np.unique(row * 2**32 + column, return_inverse=True)[1].astype(np.int64)
