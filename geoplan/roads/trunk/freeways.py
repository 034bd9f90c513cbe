"""Freeway posts (list 95016): an archive or folder of KML and CSV, or one plain CSV."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import numpy as np

from geoplan.door.reading import Found, short, trim
from geoplan.roads.trunk.posts import Posts, chainage_of, degrees, has_columns, text_table
from geoplan.roads.trunk.routes import freeway_in, tidy
from geoplan.roads.trunk.sources import Opened, open_file, open_folder, unpacked

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import pandas as pd

SUFFIXES = (".kml", ".csv")
COLUMNS = ("k", "lon", "lat")
HEADINGS = {
    "里程": "k", "里程K+000": "k", "樁號": "k", "km": "k",
    "經度": "lon", "位置座標X": "lon", "坐標-E-WGS84": "lon", "X": "lon",
    "緯度": "lat", "位置座標Y": "lat", "坐標-N-WGS84": "lat", "Y": "lat",
    "路線": "route", "國道": "route",
}  # fmt: skip
"""Headings under which the columns of a CSV are known, theirs -> ours."""

KILOMETRES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[Kk]|公里|km)?")
SIGN = re.compile(r"\d+\s*[Kk]\s*\+\s*\d{1,3}(?!\d)")
LONGEST_KM = 500
"""No freeway is longer, so a larger number in a placemark is no chainage."""


def open_freeways(path: Path, found: Found) -> list[Opened]:
    """The file itself (which the manifest names), or the files of a folder."""
    if path.is_dir():
        return open_folder(path, SUFFIXES, found)
    opened = open_file(path, found)
    return [] if opened is None else [opened]


def read_freeways(files: list[Opened], found: Found) -> list[Posts]:
    """The posts of all freeways. Files that name no freeway are left out, which is said.

    A CSV with a column `route` may hold several freeways; every other file is of the freeway in
    its name.
    """
    before = len(found.faults)
    posts: list[Posts] = []
    for each in _members(files, found):
        read = read_csv_posts(each, found) if is_csv(each) else read_kml(each, found)
        posts += [] if read is None else [read]
    if not posts and len(found.faults) == before:
        found.fault("no_freeway", "、".join(each.name for each in files) or "95016")
    return posts


def _members(files: list[Opened], found: Found) -> Iterator[Opened]:
    for each in files:
        if each.content.startswith(b"PK"):
            yield from unpacked(each, SUFFIXES, found)
        else:
            yield each


def is_csv(opened: Opened) -> bool:
    """By its name, else by what it begins with."""
    return opened.name.lower().endswith(".csv") and not opened.content.lstrip().startswith(b"<")


def read_csv_posts(opened: Opened, found: Found) -> Posts | None:
    """A CSV of posts: k (kilometres, or 12K+300), lon, lat, and route if its name has none."""
    frame = text_table(opened, found)
    if frame is None:
        return None
    frame = frame.rename(columns={a: b for a, b in HEADINGS.items() if b not in frame.columns})
    named = freeway_in(opened.name)
    if "route" not in frame.columns and not named:
        found.note("file_left_out", file=opened.name)
        return None
    if not has_columns(frame, COLUMNS, opened.name, found):
        return None
    before = len(found.faults)
    route = routes_of(frame, named, opened.name, found)
    metres = np.array([metres_of(cell) for cell in frame["k"]], dtype=float)
    if np.isnan(metres).any():
        wrong = frame.index[np.isnan(metres)]
        given = str(frame["k"][wrong[0]])
        found.fault("freeway_chainage", opened.name, wrong, "k", given=given)
    lon, lat = degrees(frame, ("lon", "lat"), opened.name, found)
    if len(found.faults) > before:
        return None
    unknown = np.full(len(frame), np.nan)
    return Posts(opened.name, route, metres, lon, lat, unknown)


def routes_of(frame: pd.DataFrame, named: str, file: str, found: Found) -> np.ndarray:
    """The freeway of each row (n,)."""
    if "route" not in frame.columns:
        return np.full(len(frame), named, dtype=object)
    route = np.array([freeway_in(tidy(cell)) for cell in frame["route"]], dtype=object)
    if (route == "").any():
        rows = frame.index[route == ""]
        found.fault("freeway_route", file, rows, "route", given=str(frame["route"][rows[0]]))
    return route


def metres_of(text: str) -> float:
    """Metres of 12K+300, 12.3K or 12.3 (kilometres); not-a-number if the text is none."""
    text = trim(unicodedata.normalize("NFKC", text))
    metres = chainage_of(text)
    if not np.isnan(metres):
        return metres
    match = KILOMETRES.fullmatch(text)
    if match is None or float(match[1]) > LONGEST_KM:
        return float("nan")
    return float(round(float(match[1]) * 1000))


def read_kml(opened: Opened, found: Found) -> Posts | None:
    """A KML of one freeway: each placemark a point whose texts say the chainage."""
    named = freeway_in(opened.name)
    if not named:
        found.note("file_left_out", file=opened.name)
        return None
    import defusedxml.ElementTree as Safe
    from defusedxml.common import DefusedXmlException

    try:
        root = Safe.fromstring(opened.content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        found.fault("unreadable", opened.name, why=short(error))
        return None
    marks = [mark for mark in root.iter() if local_name(mark) == "Placemark"]
    return posts_of(marks, named, opened.name, found)


def posts_of(marks: list[Element], route: str, file: str, found: Found) -> Posts | None:
    """The placemarks of a KML as posts; a row is the number of the placemark."""
    import pandas as pd

    read = [mark_cells(mark) for mark in marks]
    points = [(n, cells) for n, cells in enumerate(read, 1) if cells is not None]
    if not points:
        found.fault("kml_without_points", file)
        return None
    before = len(found.faults)
    frame = pd.DataFrame([c for _, c in points], columns=["k", "lon", "lat"], dtype=object)
    frame.index = pd.Index([n for n, _ in points])
    metres = np.array([metres_of(cell) for cell in frame["k"]], dtype=float)
    if np.isnan(metres).any():
        found.fault("kml_chainage", file, frame.index[np.isnan(metres)], "name")
    lon, lat = degrees(frame, ("lon", "lat"), file, found)
    if len(found.faults) > before:
        return None
    names = np.full(len(frame), route, dtype=object)
    unknown = np.full(len(frame), np.nan)
    return Posts(file, names, metres, lon, lat, unknown)


def mark_cells(mark: Element) -> tuple[str, str, str] | None:
    """Chainage (blank if no text says one), longitude and latitude; None if it is no point."""
    point = next((each for each in mark.iter() if local_name(each) == "Point"), None)
    if point is None:
        return None
    where = next((e.text or "" for e in point.iter() if local_name(e) == "coordinates"), "")
    lon, lat, *_ = [*where.strip().split(","), "", ""]
    return chainage_in(mark), lon, lat


def chainage_in(mark: Element) -> str:
    """The chainage that a placemark says; blank if it says none.

    12K+300 counts in its name or any of its fields, a bare number in its name only: a field may
    hold any other number.
    """
    texts = {"name": "", "field": ""}
    for each in mark.iter():
        kind = {"name": "name", "SimpleData": "field", "value": "field"}.get(local_name(each))
        if kind is not None:
            texts[kind] += " " + unicodedata.normalize("NFKC", each.text or "")
    match = SIGN.search(texts["name"]) or SIGN.search(texts["field"])
    if match:
        return match[0]
    return "" if np.isnan(metres_of(texts["name"])) else texts["name"]


def local_name(element: Element) -> str:
    """The name of a KML element without its namespace."""
    return str(element.tag).rpartition("}")[2]
