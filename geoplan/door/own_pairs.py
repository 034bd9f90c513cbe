"""Long tables of a planner's own: pairs of demand point and site, with minutes or without.

Ids are looked at once for all their like, so a table of millions of rows is read in seconds.
Minutes stay as they were given: whoever needs whole milliseconds rounds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geoplan.door.checks import some, tell_missing
from geoplan.door.large import SHOWN, LargeTable, numbers, packed_ids, read_large
from geoplan.door.manifest import SourceFile
from geoplan.door.reading import CONTROL, Found, trim
from geoplan.door.tables import MATRIX
from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.tables import Table

IDS = ("demand_id", "site_id")
EITHER = Table("matrix", tuple(replace(each, required=False) for each in MATRIX.columns), ())
"""A matrix in either form: which columns it must have depends on the others."""


@dataclass(frozen=True, slots=True)
class LongPairs:
    """Rows or cells of a file: ids as codes into lists of ids, minutes, row numbers.

    In a `dense` file each site is a column and its id a heading.
    """

    demand: Ints
    site: Ints
    minutes: Floats
    row: Ints
    demand_ids: list[str]
    site_ids: list[str]
    dense: bool = False


def read_minutes_of_pairs(
    source: SourceFile, found: Found, longest: float = np.inf
) -> LongPairs | None:
    """demand_id, site_id, minutes in one row a pair; or a row a point and a column a site, where
    an empty cell is out of reach. None, with every fault, when the file cannot be used.

    Minutes of `longest` or more are a fault, for those who keep them as milliseconds.
    """
    before = len(found.faults)
    table = read_large(source, EITHER, found, packed=IDS)
    if table is None:
        return None
    pairs = (_sparse if _is_sparse(table) else _dense)(table, longest, found)
    return pairs if len(found.faults) == before else None


def coded(table: LargeTable, name: str, found: Found) -> tuple[Ints, list[str]]:
    """Ids as codes (rows,) into the list of different ids.

    Blank ids, spaces at the ends and characters that cannot be seen are faults.
    """
    code, given = packed_ids(table, name)
    trimmed = [trim(each) for each in given]
    blank = np.array([not each for each in trimmed], bool)
    padded = np.array([a != b for a, b in zip(given, trimmed, strict=True)], bool) & ~blank
    unseen = np.array([CONTROL.search(each) is not None for each in given], bool)
    shown = some([f"[{given[at]}]" for at in np.flatnonzero(padded)[:SHOWN]])
    if blank.any():
        table.tell("blank_id", blank[code], name, found)
    if padded.any():
        table.tell("padded_id", padded[code], name, found, ids=shown)
    if unseen.any():
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
    if again.any():
        at = np.flatnonzero(again)[:SHOWN]
        shown = [f"{demand_ids[demand[each]]}/{site_ids[site[each]]}" for each in at]
        ids = some(list(dict.fromkeys(shown)))
        table.tell("duplicate_id", again, "demand_id, site_id", found, ids=ids)
    return demand, demand_ids, site, site_ids


def _again(pair: Ints) -> Bools:
    """Which values stand more than once."""
    again = np.zeros(len(pair), bool)
    if (pair[1:] > pair[:-1]).all():
        return again
    ordered = np.sort(pair)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.isin(pair, twice) if len(twice) else again


def _is_sparse(table: LargeTable) -> bool:
    """Is it one row a pair, be it with a name that is not ours?"""
    given = set(table.columns)
    few = len(given) <= len(MATRIX.columns) and "demand_id" not in given
    return few or len(given) < 2 or bool({"site_id", "minutes"} & given)


def _has_columns(table: LargeTable, names: Sequence[str], found: Found) -> bool:
    """Has the table these columns? Each that is missing is a fault."""
    missing = [name for name in names if name not in table.columns]
    for name in missing:
        tell_missing(MATRIX.column(name), table.columns, table.file, found)
    return not missing


def _sparse(table: LargeTable, longest: float, found: Found) -> LongPairs | None:
    """One row a pair."""
    if not _has_columns(table, MATRIX.names, found):
        return None
    demand, demand_ids, site, site_ids = coded_pairs(table, found)
    minutes = numbers(table, MATRIX.column("minutes"), found)
    table.tell("trip_too_long", minutes >= longest, "minutes", found)
    return LongPairs(demand, site, minutes, table.row, demand_ids, site_ids)


def _dense(table: LargeTable, longest: float, found: Found) -> LongPairs | None:
    """One row a point, one column a site; empty cells are out of reach."""
    if not _has_columns(table, ("demand_id",), found):
        return None
    demand, demand_ids = coded(table, "demand_id", found)
    tell_double(table, demand, demand_ids, "demand_id", found)
    site_ids = [name for name in table.columns if name != "demand_id"]
    minutes = np.full((len(demand), len(site_ids)), np.nan)
    for column, name in enumerate(site_ids):
        cells = replace(MATRIX.column("minutes"), name=name, may_be_empty=True)
        told = Found()
        minutes[:, column] = numbers(table, cells, told)
        table.tell("trip_too_long", minutes[:, column] >= longest, name, told)
        no_number = [each for each in told.faults if each.code == "not_a_number"]
        if no_number and len(no_number[0].rows) == len(table.row):
            # Not a site, or a table of the other form.
            found.fault("not_a_site", table.file, [1], name, given=", ".join(table.columns))
        else:
            found.faults += told.faults
    row, site = np.nonzero(~np.isnan(minutes))
    at = minutes[row, site]
    return LongPairs(demand[row], site, at, table.row[row], demand_ids, site_ids, dense=True)
