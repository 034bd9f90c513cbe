"""A travel matrix of one's own: demand_id, site_id, minutes; or a row a point, a column a site.

A pair that is absent, or a cell that is empty, is out of reach. Minutes become whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geoplan.door.checks import some, tell_missing
from geoplan.door.large import LargeTable, ids, numbers, read_large
from geoplan.door.manifest import SourceFile
from geoplan.door.own_roads import LONGEST_MS, MS_PER_MINUTE
from geoplan.door.reading import Found
from geoplan.door.tables import MATRIX
from geoplan.model import Bools, Floats, Ints, Strings, TravelMatrix
from geoplan.tables import Table

LEAST = Table("matrix", (MATRIX.column("demand_id"),), ())


@dataclass(frozen=True, slots=True)
class OwnMatrix:
    """Trips that are possible (K,), by demand and then by site: positions and milliseconds.

    `demand_id` and `site_id` are the lists that were asked for, in their order, or all ids of the
    file in the order of their text.
    """

    demand_id: Strings
    site_id: Strings
    demand: Ints
    site: Ints
    ms: Ints

    def dense(self, demand_id: Strings, site_id: Strings) -> TravelMatrix:
        """The matrix of these demand points (n,) and sites (m,); pairs not in the table are out
        of reach, and nothing of it is known to be modelled."""
        row = _places_in(demand_id, list(self.demand_id))[self.demand]
        column = _places_in(site_id, list(self.site_id))[self.site]
        known = (row >= 0) & (column >= 0)
        shape = (len(demand_id), len(site_id))
        ms, reachable = np.zeros(shape, np.int32), np.zeros(shape, bool)
        ms[row[known], column[known]] = self.ms[known]
        reachable[row[known], column[known]] = True
        return TravelMatrix(site_id, ms, np.zeros(shape, np.int32), reachable)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Rows or cells of the file: ids as codes into lists of ids, minutes, row numbers."""

    demand: Ints
    site: Ints
    minutes: Floats
    row: Ints
    demand_ids: list[str]
    site_ids: list[str]


def read_matrix(
    source: SourceFile,
    found: Found,
    demand_id: Strings | None = None,
    site_id: Strings | None = None,
) -> OwnMatrix | None:
    """The matrix of a file; None, with every fault, when it cannot be used.

    With lists of ids only their pairs are kept. Ids of the file that are not among them are said
    in a note; if none is among them it is a fault. Points and sites without any trip are said too.
    """
    before = len(found.faults)
    table = read_large(source, LEAST, found)
    if table is None:
        return None
    sparse = {"site_id", "minutes"} & set(table.columns)
    pairs = _sparse(table, found) if sparse or len(table.columns) < 2 else _dense(table, found)
    if pairs is None or len(found.faults) > before:
        return None
    kept = np.ones(len(pairs.minutes), bool)
    place: list[Ints] = []
    lists: list[Strings] = []
    sides = (
        ("demand_id", pairs.demand, pairs.demand_ids, demand_id),
        ("site_id", pairs.site, pairs.site_ids, site_id),
    )
    for name, code, own, asked in sides:
        ordered = np.array(sorted(own), object) if asked is None else asked
        at = _places_in(ordered, own)
        if asked is not None:
            _tell_strangers(name, own, at, asked, (source.shown, found))
        place.append(at[code])
        lists.append(ordered)
        kept &= place[-1] >= 0
    if len(found.faults) > before:
        return None
    demand, site = place[0][kept], place[1][kept]
    ms = np.rint(pairs.minutes[kept] * MS_PER_MINUTE).astype(np.int64)
    order = np.lexsort((site, demand))
    return OwnMatrix(lists[0], lists[1], demand[order], site[order], ms[order])


def _places_in(ordered: Strings, own: list[str]) -> Ints:
    """Where each id of the file stands in a list, -1 where it does not."""
    known: Mapping[str, int] = {str(each): at for at, each in enumerate(ordered)}
    return np.array([known.get(each, -1) for each in own], np.int64)


def _tell_strangers(
    name: str, own: list[str], at: Ints, asked: Strings, where: tuple[str, Found]
) -> None:
    """Ids of the file that nobody asks for, and ids asked for of which the file has nothing."""
    file, found = where
    strange = sorted(each for each, place in zip(own, at, strict=True) if place < 0)
    absent = sorted({str(each) for each in asked} - set(own))
    if own and len(strange) == len(own):
        bare = {each.lstrip("0") for each in absent} & {each.lstrip("0") for each in strange}
        code = "ids_lost_zeros" if bare else "no_id_known"
        found.fault(code, file, (), name, ids=some(strange), asked=some(absent))
        return
    if strange:
        found.note(
            "matrix_strangers", file=file, column=name, count=len(strange), ids=some(strange)
        )
    if absent:
        found.note("matrix_absent", file=file, column=name, count=len(absent), ids=some(absent))


def _sparse(table: LargeTable, found: Found) -> _Pairs | None:
    """One row a pair."""
    missing = [each for each in MATRIX.columns if each.name not in table.columns]
    for column in missing:
        tell_missing(column, table.columns, table.file, found)
    if missing:
        return None
    demand, demand_ids = _coded(ids(table, "demand_id", found))
    site, site_ids = _coded(ids(table, "site_id", found))
    minutes = numbers(table, MATRIX.column("minutes"), found)
    table.tell("trip_too_long", minutes * MS_PER_MINUTE >= LONGEST_MS, "minutes", found)
    pair = demand * max(1, len(site_ids)) + site
    twice = _twice(pair)
    if twice.any():
        first = np.flatnonzero(twice)[:50]
        shown = [f"{demand_ids[demand[at]]}/{site_ids[site[at]]}" for at in first]
        shown = list(dict.fromkeys(shown))
        found.fault(
            "duplicate_id", table.file, table.row[twice], "demand_id, site_id", ids=some(shown)
        )
    return _Pairs(demand, site, minutes, table.row, demand_ids, site_ids)


def _dense(table: LargeTable, found: Found) -> _Pairs | None:
    """One row a point, one column a site; empty cells are out of reach."""
    demand, demand_ids = _coded(ids(table, "demand_id", found))
    twice = _twice(demand)
    if twice.any():
        shown = sorted({demand_ids[code] for code in demand[twice]})
        found.fault("duplicate_id", table.file, table.row[twice], "demand_id", ids=some(shown))
    site_ids = [name for name in table.columns if name != "demand_id"]
    minutes = np.full((len(demand), len(site_ids)), np.nan)
    for column, name in enumerate(site_ids):
        cells = replace(MATRIX.column("minutes"), name=name, may_be_empty=True)
        minutes[:, column] = numbers(table, cells, found)
        long = minutes[:, column] * MS_PER_MINUTE >= LONGEST_MS
        table.tell("trip_too_long", long, name, found)
    row, site = np.nonzero(~np.isnan(minutes))
    return _Pairs(demand[row], site, minutes[row, site], table.row[row], demand_ids, site_ids)


def _coded(cells: Any) -> tuple[Ints, list[str]]:
    """Ids as codes (rows,) into the list of different ids."""
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(cells)
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _twice(code: Ints) -> Bools:
    """Which values stand more than once."""
    _, inverse, count = np.unique(code, return_inverse=True, return_counts=True)
    return np.asarray(count[inverse] > 1, bool)
