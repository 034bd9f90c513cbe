"""Freeway interchanges (list 166496), and one's own table of the roads they serve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geoplan.door.checks import number_of
from geoplan.door.reading import Found, trim
from geoplan.roads.trunk.posts import degrees, has_columns, text_table
from geoplan.roads.trunk.routes import freeway_in
from geoplan.roads.trunk.sources import Opened

NAME, KILOMETRE, LON, LAT = "設施名稱", "里程K+000", "位置座標X", "位置座標Y"
ELEVATED = "高架"
"""The elevated part of 國1 has interchanges of its own; it is not modelled."""

SYSTEM = re.compile("系統|轉接道")
"""In the name of an interchange between motorways, where nobody leaves to a street."""

STREETS_TOO = "民族"
"""In the name of the one of them that also lets traffic out to a street."""

SERVED_ROUTE = re.compile(r"國道\d+號(?:甲線)?|台\d+")


@dataclass(frozen=True, slots=True)
class Interchange:
    """One interchange: its freeway, where it is, and what is said of it."""

    route: str
    name: str
    kilometre: float
    lon: float
    lat: float
    serves: str = ""
    note: str = ""

    @property
    def system(self) -> bool:
        return SYSTEM.search(self.name) is not None

    @property
    def between_motorways(self) -> bool:
        """Does nobody reach a street here?"""
        return self.system and STREETS_TOO not in self.name

    @property
    def served_routes(self) -> frozenset[str]:
        """Routes that its text names, as they are written here."""
        return frozenset(freeway_in(each) or each for each in SERVED_ROUTE.findall(self.serves))


def read_interchanges(
    files: list[Opened], connections: Mapping[str, tuple[str, str]], found: Found
) -> list[Interchange]:
    """The interchanges of all freeways, each name once a freeway, in the order of the files.

    Args:
        files: one CSV a freeway, the freeway in its name.
        connections: name -> text of the roads served, remark (see `read_connections`).
    """
    kept: dict[tuple[str, str], Interchange] = {}
    for opened in files:
        route = freeway_in(opened.name)
        if not route:
            found.note("file_left_out", file=opened.name)
            continue
        for each in _of_file(opened, route, found):
            serves, note = connections.get(each.name, ("", ""))
            whole = Interchange(
                each.route, each.name, each.kilometre, each.lon, each.lat, serves, note
            )
            kept.setdefault((each.route, each.name), whole)
    if not kept and not found.faults:
        found.fault("no_interchange", "、".join(each.name for each in files) or "166496")
    return list(kept.values())


def _of_file(opened: Opened, route: str, found: Found) -> list[Interchange]:
    frame = text_table(opened, found)
    if frame is None or not has_columns(frame, (NAME, KILOMETRE, LON, LAT), opened.name, found):
        return []
    elevated = frame[NAME].str.contains(ELEVATED) | frame[KILOMETRE].str.contains(ELEVATED)
    frame = frame[~elevated]
    before = len(found.faults)
    kilometre = np.array([number_of(cell) for cell in frame[KILOMETRE]], dtype=float)
    wrong = ~np.isfinite(kilometre)
    if wrong.any():
        given = str(frame[KILOMETRE][wrong].iloc[0])
        found.fault("interchange_km", opened.name, frame.index[wrong], KILOMETRE, given=given)
    blank = frame[NAME].map(trim) == ""
    if blank.any():
        found.fault("blank_cell", opened.name, frame.index[blank], NAME)
    lon, lat = degrees(frame, (LON, LAT), opened.name, found)
    if len(found.faults) > before:
        return []
    cells = zip(frame[NAME], kilometre.tolist(), lon.tolist(), lat.tolist(), strict=True)
    return [Interchange(route, trim(name), km, x, y) for name, km, x, y in cells]


def read_connections(opened: Opened | None, found: Found) -> dict[str, tuple[str, str]]:
    """One's own table: interchange `name` -> `serves` (text naming the roads), `note` if given."""
    if opened is None:
        found.note("connections_absent")
        return {}
    frame = text_table(opened, found)
    if frame is None or not has_columns(frame, ("name", "serves"), opened.name, found):
        return {}
    notes = frame["note"] if "note" in frame.columns else [""] * len(frame)
    cells = zip(frame["name"], frame["serves"], notes, strict=True)
    return {trim(name): (trim(serves), trim(note)) for name, serves, note in cells}
