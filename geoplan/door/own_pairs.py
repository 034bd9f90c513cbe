"""Long tables of a planner's own: pairs of demand point and site, with minutes or without.

Ids are looked at once for all their like, so a table of millions of rows is read in seconds.
Minutes stay as they were given: whoever needs whole milliseconds rounds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geoplan.door.checks import some, tell_missing
from geoplan.door.large import SHOWN, LargeTable, numbers, read_large
from geoplan.door.manifest import SourceFile
from geoplan.door.own_roads import LONGEST_MS, MS_PER_MINUTE
from geoplan.door.reading import CONTROL, Found, trim
from geoplan.door.tables import MATRIX
from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.tables import Table

LEAST = Table("matrix", (MATRIX.column("demand_id"),), ())


@dataclass(frozen=True, slots=True)
class LongPairs:
    """Rows or cells of a file: ids as codes into lists of ids, minutes, row numbers."""

    demand: Ints
    site: Ints
    minutes: Floats
    row: Ints
    demand_ids: list[str]
    site_ids: list[str]


def read_minutes_of_pairs(source: SourceFile, found: Found) -> LongPairs | None:
    """demand_id, site_id, minutes in one row a pair; or a row a point and a column a site, where
    an empty cell is out of reach. None, with every fault, when the file cannot be used."""
    before = len(found.faults)
    table = read_large(source, LEAST, found)
    if table is None:
        return None
    sparse = {"site_id", "minutes"} & set(table.columns)
    pairs = _sparse(table, found) if sparse or len(table.columns) < 2 else _dense(table, found)
    return pairs if len(found.faults) == before else None


def coded(table: LargeTable, name: str, found: Found) -> tuple[Ints, list[str]]:
    """Ids as codes (rows,) into the list of different ids, in the order in which they come.

    Blank ids, spaces at the ends and characters that cannot be seen are faults.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(pc.fill_null(pc.cast(table.columns[name], pa.string()), ""))
    code = encoded.indices.to_numpy().astype(np.int64)
    given: list[str] = encoded.dictionary.to_pylist()
    trimmed = [trim(each) for each in given]
    blank = np.array([not each for each in trimmed], bool)
    padded = np.array([a != b for a, b in zip(given, trimmed, strict=True)], bool) & ~blank
    unseen = np.array([CONTROL.search(each) is not None for each in given], bool)
    table.tell("blank_id", blank[code], name, found)
    shown = some([f"[{given[at]}]" for at in np.flatnonzero(padded)[:SHOWN]])
    table.tell("padded_id", padded[code], name, found, ids=shown)
    table.tell("control_character", unseen[code], name, found)
    return code, trimmed


def tell_double(table: LargeTable, code: Ints, ids: list[str], name: str, found: Found) -> None:
    """A fault of the rows whose id stands more than once."""
    again = np.bincount(code, minlength=1)[code] > 1
    shown = sorted({ids[each] for each in code[again]})
    table.tell("duplicate_id", again, name, found, ids=some(shown))


def places_in(ordered: Sequence[str] | Strings, own: list[str]) -> Ints:
    """Where each id of the file stands in a list, -1 where it does not."""
    known = {str(each): at for at, each in enumerate(ordered)}
    return np.array([known.get(each, -1) for each in own], np.int64)


def coded_pairs(table: LargeTable, found: Found) -> tuple[Ints, list[str], Ints, list[str]]:
    """The codes and ids of demand points and of sites; a pair that stands twice is a fault."""
    demand, demand_ids = coded(table, "demand_id", found)
    site, site_ids = coded(table, "site_id", found)
    again = _again(demand * max(1, len(site_ids)) + site)
    at = np.flatnonzero(again)[:SHOWN]
    shown = [f"{demand_ids[demand[each]]}/{site_ids[site[each]]}" for each in at]
    ids = some(list(dict.fromkeys(shown)))
    table.tell("duplicate_id", again, "demand_id, site_id", found, ids=ids)
    return demand, demand_ids, site, site_ids


def _again(pair: Ints) -> Bools:
    """Which values stand more than once; found by sorting, which is the quickest for millions."""
    ordered = np.sort(pair)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.isin(pair, twice) if len(twice) else np.zeros(len(pair), bool)


def _sparse(table: LargeTable, found: Found) -> LongPairs | None:
    """One row a pair."""
    missing = [each for each in MATRIX.columns if each.name not in table.columns]
    for column in missing:
        tell_missing(column, table.columns, table.file, found)
    if missing:
        return None
    demand, demand_ids, site, site_ids = coded_pairs(table, found)
    minutes = numbers(table, MATRIX.column("minutes"), found)
    table.tell("trip_too_long", minutes * MS_PER_MINUTE >= LONGEST_MS, "minutes", found)
    return LongPairs(demand, site, minutes, table.row, demand_ids, site_ids)


def _dense(table: LargeTable, found: Found) -> LongPairs:
    """One row a point, one column a site; empty cells are out of reach."""
    demand, demand_ids = coded(table, "demand_id", found)
    tell_double(table, demand, demand_ids, "demand_id", found)
    site_ids = [name for name in table.columns if name != "demand_id"]
    minutes = np.full((len(demand), len(site_ids)), np.nan)
    for column, name in enumerate(site_ids):
        cells = replace(MATRIX.column("minutes"), name=name, may_be_empty=True)
        minutes[:, column] = numbers(table, cells, found)
        long = minutes[:, column] * MS_PER_MINUTE >= LONGEST_MS
        table.tell("trip_too_long", long, name, found)
    row, site = np.nonzero(~np.isnan(minutes))
    return LongPairs(demand[row], site, minutes[row, site], table.row[row], demand_ids, site_ids)
