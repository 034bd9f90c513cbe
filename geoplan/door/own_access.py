"""Tables of one's own for access measures: demand, supply, minutes, who may use which site.

Ids of the minutes and of the eligibility must stand in the tables of demand and supply: one that
does not, for a space or a lost zero, would take people or sites out of the figures in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from geoplan.door.checks import some
from geoplan.door.large import LargeTable, numbers, read_large
from geoplan.door.manifest import SourceFile
from geoplan.door.own_pairs import (
    LongPairs,
    coded,
    coded_pairs,
    places_in,
    read_minutes_of_pairs,
    tell_double,
)
from geoplan.door.reading import Found
from geoplan.door.tables import CANDIDATES, DEMAND, MATRIX
from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.tables import Column, Table

ELIGIBILITY = Table(
    "eligibility", tuple(map(MATRIX.column, ("demand_id", "site_id"))), ("demand_id", "site_id")
)
DECAY = Table(
    "decay",
    (
        # Plain numbers: what edges and weights may be is judged with every other decay.
        Column("minutes", "number", "車程上限", "minutes up to which the weight holds", "minute"),
        Column("weight", "number", "權重", "weight"),
    ),
    ("minutes",),
)
PAIR_ROLES = ("matrix", "eligibility", "neighbours")
MOST_PEOPLE = 1e10
"""More people at one point are a slip of digits, and would not add up exactly."""
MOST_WEIGHT = 1e15
"""Need may be weighed in any unit; beyond this no whole number would add up exactly."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the tables: a capacity, the same for every site (`each`), or none at all;
    and the column that must agree between a demand point and a site it may use (`same`)."""

    capacity: bool = True
    each: float | None = None
    same: str = ""


@dataclass(frozen=True, slots=True)
class Trips:
    """K pairs: positions of the demand point and of the site, and minutes as they were given."""

    demand: Ints
    site: Ints
    minutes: Floats

    def where(self, kept: Bools) -> Trips:
        """Those of the pairs that are kept (K,)."""
        return Trips(self.demand[kept], self.site[kept], self.minutes[kept])


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """n demand points and m sites in the order of their rows.

    `trips` are those that are possible and allowed; `not_allowed` counts the possible ones that
    nobody may make. `eligible` (n,) says who may use any site. `neighbours` are trips from demand
    point to demand point, where they were asked for.
    """

    demand_id: Strings
    population: Ints | Floats
    site_id: Strings
    capacity: Floats
    trips: Trips
    not_allowed: int
    eligible: Bools
    neighbours: Trips | None


@dataclass(frozen=True, slots=True)
class _Places:
    """One table of demand points or sites: its ids, each once, its people or capacity, and the
    cells of the column that must agree."""

    file: str
    id: list[str]
    amount: Floats
    column: str
    same: tuple[Ints, list[str]] | None


def read_access(
    sources: Mapping[str, SourceFile], wanted: Wanted, found: Found
) -> OwnAccess | None:
    """The tables `demand` and `supply` and, where there are some, `matrix`, `eligibility` and
    `neighbours`; None, with every fault of all of them, when they cannot be used.

    Without a matrix every pair that is allowed is a trip of 0 minutes.
    """
    before = len(found.faults)
    demand = _read_demand(sources.get("demand"), wanted, found)
    supply = _read_supply(sources.get("supply"), wanted, found)
    read: dict[str, LongPairs | None] = {
        role: _read_eligibility(sources[role], found)
        if role == "eligibility"
        else read_minutes_of_pairs(sources[role], found)
        for role in PAIR_ROLES
        if role in sources
    }
    if demand is None or supply is None:
        return None
    ends: dict[str, Trips] = {}
    for role, pairs in read.items():
        if pairs is not None:
            known = (demand.id, demand.id if role == "neighbours" else supply.id)
            ends[role] = known_ends(sources[role].shown, pairs, known, found)
    if len(found.faults) > before:
        return None
    allowed, eligible = _allowed(demand, supply, ends, found)
    if len(found.faults) > before:
        return None
    return OwnAccess(
        np.array(demand.id, object),
        _weighed(demand, found),
        np.array(supply.id, object),
        supply.amount,
        allowed,
        len(ends["matrix"].minutes) - len(allowed.minutes) if "matrix" in ends else 0,
        eligible,
        ends.get("neighbours"),
    )


def _weighed(demand: _Places, found: Found) -> Ints | Floats:
    """Whole people; or, which is said, weights in fractions, such as people times need."""
    broken = np.flatnonzero(demand.amount % 1 > 0)
    if not len(broken):
        return demand.amount.astype(np.int64)
    found.note("population_in_fractions", file=demand.file, count=len(broken))
    return demand.amount


def _allowed(
    demand: _Places, supply: _Places, ends: Mapping[str, Trips], found: Found
) -> tuple[Trips, Bools]:
    """The trips to sites that people may use, and who may use any site at all (n,)."""
    trips, listed = ends.get("matrix"), ends.get("eligibility")
    points = np.arange(len(demand.id))
    if listed is not None:
        eligible = np.isin(points, listed.demand)
        if trips is None:
            return listed, eligible
        keys = [each.demand * len(supply.id) + each.site for each in (trips, listed)]
        return trips.where(np.isin(keys[0], keys[1])), eligible
    if demand.same is None or supply.same is None:
        none = np.zeros(0, np.int64)
        return trips or Trips(none, none, np.zeros(0)), np.ones(len(points), bool)
    of_demand, of_site = _one_list(demand.same, supply.same)
    eligible = np.isin(of_demand, of_site)
    if not eligible.any():
        given, asked = (some(sorted(set(each.same[1]))) for each in (demand, supply) if each.same)
        found.fault("nothing_the_same", demand.file, (), demand.column, ids=given, asked=asked)
    if trips is not None:
        return trips.where(of_demand[trips.demand] == of_site[trips.site]), eligible
    row, column = np.nonzero(of_demand[:, None] == of_site[None, :])
    return Trips(row, column, np.zeros(len(row))), eligible


def read_decay_table(source: SourceFile, found: Found) -> tuple[Floats, Floats] | None:
    """Minutes and weights of a decay of one's own, in the order of the rows; whether they rise
    and fall as they must is judged with every other decay."""
    before = len(found.faults)
    table = read_large(source, DECAY, found)
    if table is None:
        return None
    minutes, weight = (numbers(table, column, found) for column in DECAY.columns)
    return (minutes, weight) if len(found.faults) == before else None


def whole_people(table: LargeTable, column: Column, found: Found) -> Floats:
    """People of each row: known, whole and not too many to be true."""
    people = numbers(table, column, found)
    table.tell("fractional", people % 1 > 0, column.name, found)
    table.tell("too_large", people > MOST_PEOPLE, column.name, found)
    return people


def _read_demand(source: SourceFile | None, wanted: Wanted, found: Found) -> _Places | None:
    table = None if source is None else read_large(source, DEMAND, found)
    if table is None:
        return None
    before = len(found.faults)
    ids = _ids_once(table, "demand_id", found)
    people = numbers(table, DEMAND.column("population"), found)
    table.tell("too_large", people > MOST_WEIGHT, "population", found)
    same = _same(table, wanted.same, found)
    whole = _Places(table.file, ids, people, wanted.same, same)
    return whole if len(found.faults) == before else None


def _read_supply(source: SourceFile | None, wanted: Wanted, found: Found) -> _Places | None:
    needed = wanted.capacity and wanted.each is None
    capacity = replace(CANDIDATES.column("capacity"), required=needed)
    asked = Table("supply", (CANDIDATES.column("site_id"), capacity), ("site_id",))
    table = None if source is None else read_large(source, asked, found)
    if table is None:
        return None
    before = len(found.faults)
    ids = _ids_once(table, "site_id", found)
    if needed:
        every = np.ones(len(ids), bool)
        amount = numbers(table, capacity, found, every, "capacity_not_known")
    else:
        amount = np.full(len(ids), 1.0 if wanted.each is None else wanted.each)
    same = _same(table, wanted.same, found)
    whole = _Places(table.file, ids, amount, wanted.same, same)
    return whole if len(found.faults) == before else None


def _read_eligibility(source: SourceFile, found: Found) -> LongPairs | None:
    """Which demand point may use which site."""
    table = read_large(source, ELIGIBILITY, found)
    if table is None:
        return None
    before = len(found.faults)
    demand, demand_ids, site, site_ids = coded_pairs(table, found)
    if len(found.faults) > before:
        return None
    nothing = np.zeros(len(demand))
    return LongPairs(demand, site, nothing, table.row, demand_ids, site_ids)


def _ids_once(table: LargeTable, name: str, found: Found) -> list[str]:
    """The ids of a table in the order of its rows; each may stand once."""
    code, ids = coded(table, name, found)
    tell_double(table, code, ids, name, found)
    return [ids[each] for each in code]


def _same(table: LargeTable, name: str, found: Found) -> tuple[Ints, list[str]] | None:
    """The cells of the column that must agree, as codes and their list."""
    if not name:
        return None
    if name not in table.columns:
        found.fault("same_missing", table.file, [1], name, given=", ".join(table.columns))
        return None
    return coded(table, name, found)


def _one_list(first: tuple[Ints, list[str]], other: tuple[Ints, list[str]]) -> tuple[Ints, Ints]:
    """Both codes by one list of their texts."""
    known = list(dict.fromkeys([*first[1], *other[1]]))
    return places_in(known, first[1])[first[0]], places_in(known, other[1])[other[0]]


def known_ends(
    file: str, pairs: LongPairs, known: tuple[list[str], list[str]], found: Found
) -> Trips:
    """The pairs by positions of demand points and sites; ids on neither list are faults."""
    places: list[Ints] = []
    sides = (
        ("demand_id", pairs.demand, pairs.demand_ids),
        ("site_id", pairs.site, pairs.site_ids),
    )
    for (name, code, own), ids in zip(sides, known, strict=True):
        at = places_in(ids, own)
        # Mostly the file has all ids in the order of the list, and millions of codes are right.
        places.append(code if (at == np.arange(len(at))).all() else at[code])
        strange = [each for each, place in zip(own, at, strict=True) if place < 0]
        if not strange:
            continue
        absent = sorted(set(ids) - set(own))
        # Those that stand nowhere in the file come first: one of them may be meant.
        asked = [*absent, *sorted(set(ids) & set(own))]
        values = {"ids": some(strange), "asked": some(asked)}
        if pairs.dense and name == "site_id":
            # Each site is a column, and its id a heading.
            found.fault("unknown_site_id", file, [1], some(strange), **values)
        else:
            rows = pairs.row[at[code] < 0]
            found.fault(_why_unknown(name, strange, absent), file, rows, name, **values)
    return Trips(places[0], places[1], pairs.minutes)


def _why_unknown(name: str, strange: list[str], absent: list[str]) -> str:
    """The fault of ids that are not on a list: did they lose their zeros, or did the list?"""
    bare = {each.lstrip("0") for each in strange} & {each.lstrip("0") for each in absent}
    if not bare:
        return f"unknown_{name}"
    lost = bare & set(strange)
    return "ids_lost_zeros" if lost else "list_lost_zeros"
