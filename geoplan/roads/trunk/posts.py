"""Mileposts as read from the provincial list (7040) or the freeway list (95016)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.checks import number_of, some
from geoplan.door.reading import Found, read_csv, trim
from geoplan.model import Bools, Floats, Strings
from geoplan.roads.trunk.routes import is_provincial, tidy

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.roads.trunk.sources import Opened

WEST, SOUTH, EAST, NORTH = 119.9, 21.8, 122.1, 25.4
"""The main island in degrees, with a margin; both lists cover nothing else."""

ROUTE, CHAINAGE = "公路編號", "起點樁號"
LON, LAT, ELEVATION = "坐標-E-WGS84", "坐標-N-WGS84", "坐標Z"
SURVEYED = "調查日期"
NEEDED = (ROUTE, CHAINAGE, LON, LAT, ELEVATION)
"""Columns of list 7040. Its TWD97 columns are never read: some rows are in another zone."""

CHAINAGE_TEXT = re.compile(r"(\d+)\s*[Kk]\s*\+\s*(\d{1,3})(?!\d)")
DATE = re.compile(r"(?:19|20)\d\d([-/])\d\d\1\d\d")
NO_ELEVATION = (0, 999)
"""Written where nobody measured; below the first and from HIGHEST_METRES on nothing is true."""
HIGHEST_METRES = 3400


@dataclass(frozen=True, slots=True)
class Posts:
    """Mileposts, n in all: route, chainage in metres, degrees, metres above the sea."""

    file: str
    route: Strings
    chainage: Floats
    lon: Floats
    lat: Floats
    elevation: Floats
    """Not-a-number where it is not known."""
    newest: str = ""
    """The date of the newest survey, blank where the list does not say."""


def read_mileposts(opened: Opened, found: Found) -> Posts | None:
    """The provincial mileposts (list 7040); None, and every fault, when they cannot be used.

    Args:
        opened: a CSV in CP950 as published; UTF-8 is read too.
    """
    frame = text_table(opened, found)
    if frame is None or not has_columns(frame, NEEDED, opened.name, found):
        return None
    before = len(found.faults)
    route = np.array([tidy(cell) for cell in frame[ROUTE]], dtype=object)
    strange = ~np.array([is_provincial(name) for name in route], dtype=bool)
    if strange.any():
        given = some(list(dict.fromkeys(frame.loc[strange, ROUTE])))
        found.fault("post_route", opened.name, frame.index[strange], ROUTE, given=given)
    chainage = chainages(frame[CHAINAGE], opened.name, found)
    lon, lat = degrees(frame, (LON, LAT), opened.name, found)
    if len(found.faults) > before:
        return None
    height = np.array([number_of(cell) for cell in frame[ELEVATION]], dtype=float)
    known = (height > 0) & (height < HIGHEST_METRES) & ~np.isin(height, NO_ELEVATION)
    elevation = np.where(known, height, np.nan)
    dates = [trim(text) for text in frame.get(SURVEYED, ())]
    newest = max((text for text in dates if DATE.fullmatch(text)), default="")
    return Posts(opened.name, route, chainage, lon, lat, elevation, newest.replace("/", "-"))


def text_table(opened: Opened, found: Found) -> pd.DataFrame | None:
    """A CSV as text. The lists are published in Big5, so its reading needs no note."""
    notes = len(found.notes)
    frame = read_csv(opened.content, opened.name, found)
    found.notes[notes:] = [each for each in found.notes[notes:] if each.code != "decoded_cp950"]
    return frame


def has_columns(frame: pd.DataFrame, needed: Iterable[str], file: str, found: Found) -> bool:
    """Are all these columns there? Each missing one is a fault."""
    missing = [name for name in needed if name not in frame.columns]
    for name in missing:
        given = ", ".join(map(str, frame.columns))
        found.fault("official_column", file, [1], name, given=given)
    return not missing


def chainage_of(text: str) -> float:
    """Metres of a chainage such as 12K+345; not-a-number if the text is none."""
    match = CHAINAGE_TEXT.match(trim(unicodedata.normalize("NFKC", text)))
    return int(match[1]) * 1000.0 + int(match[2]) if match else float("nan")


def chainages(cells: pd.Series, file: str, found: Found) -> Floats:
    """Metres along the route (n,); a text that is no chainage is a fault."""
    metres = np.array([chainage_of(cell) for cell in cells], dtype=float)
    wrong = np.isnan(metres)
    if wrong.any():
        given = some(list(dict.fromkeys(cells[wrong])))
        found.fault("post_chainage", file, cells.index[wrong], str(cells.name), given=given)
    return metres


def degrees(
    frame: pd.DataFrame, columns: Sequence[str], file: str, found: Found
) -> tuple[Floats, Floats]:
    """Longitude and latitude (n,); faults for what is no number, exchanged, or not in Taiwan."""
    lon, lat = (np.array([number_of(cell) for cell in frame[name]], float) for name in columns)
    finite = np.isfinite(lon) & np.isfinite(lat)
    here = inside(lon, lat)
    faults: Mapping[str, Bools] = {
        "post_not_a_point": ~finite,
        "axes_swapped": finite & ~here & inside(lat, lon),
        "post_outside": finite & ~here & ~inside(lat, lon),
    }
    for code, wrong in faults.items():
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            given = ", ".join(str(frame[name].iloc[first]) for name in columns)
            rows = frame.index[wrong]
            found.fault(code, file, rows, ", ".join(columns), given=given)
    return lon, lat


def inside(lon: Floats, lat: Floats) -> Bools:
    """Which points lie on the main island or near it."""
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH), dtype=bool
        )
