"""Tables of one's own for siting: demand, candidates, minutes, and the rules of a plan.

As for access measures, an id that stands in one table and not in the one it belongs to is a fault:
it would take people, sites or rules out of the question in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from geoplan.door.checks import some
from geoplan.door.large import LargeTable, numbers, read_large, texts
from geoplan.door.manifest import SourceFile
from geoplan.door.own_access import MOST_WEIGHT, Trips, known_ends
from geoplan.door.own_pairs import coded, places_in, read_minutes_of_pairs, tell_double
from geoplan.door.reading import Found
from geoplan.door.tables import CANDIDATES, DEMAND
from geoplan.model import Bools, Floats, Ints
from geoplan.tables import CANDIDATE_STATUSES, Column, Table

SITING_DEMAND = Table(
    "siting_demand",
    (
        *DEMAND.columns,
        Column(
            "need", "number", "需求", "need, by which people may be weighed", "", False, least=0
        ),
        Column("area", "id", "地區", "area, such as a county", "", False),
    ),
    DEMAND.key,
)
SITE_LIST = Table("sites_named", (CANDIDATES.column("site_id"),), ("site_id",))
QUOTA = Table(
    "quota",
    (
        Column("group", "id", "群組", "group"),
        Column("at_least", "count", "下限", "at least so many open sites", "", False, True),
        Column("at_most", "count", "上限", "at most so many open sites", "", False, True),
    ),
    ("group",),
)
LEAST_SHARE = Table(
    "least_share",
    (
        Column("area", "id", "地區", "area"),
        Column("least_share", "share", "涵蓋率下限", "least share of its people", "0-1"),
    ),
    ("area",),
)
APART = Table(
    "apart",
    (
        CANDIDATES.column("site_id"),
        Column("other_id", "id", "不得同時設置的據點", "site that may not be open beside it"),
    ),
    ("site_id", "other_id"),
)


@dataclass(frozen=True, slots=True)
class SitingWanted:
    """What the question needs of the tables beside ids, people and minutes."""

    need: bool = False  # people count times need
    cost: bool = False  # every site's must be known, where there is such a column
    capacity: bool = False
    area: bool = False
    point: bool = False  # every site's longitude and latitude


@dataclass(frozen=True, slots=True)
class OwnDemand:
    """n demand points in the order of their ids, so that the order of rows decides nothing; `row`
    is where each stands in its file. `area` are positions in `area_id`."""

    file: str
    id: list[str]
    row: Ints
    people: Floats
    area: Ints | None
    area_id: list[str]


@dataclass(frozen=True, slots=True)
class OwnCandidates:
    """m sites in the order of their ids; a column the table does not have is None."""

    file: str
    id: list[str]
    existing: Bools
    group: Ints | None
    group_id: list[str]
    cost: Floats | None
    capacity: Floats | None
    lon: Floats | None
    lat: Floats | None


@dataclass(frozen=True, slots=True)
class OwnRules:
    """Sites named as fixed and forbidden (m,), quotas of the groups (g,), least shares of the areas
    (a,), and pairs of sites that may not both be open (pairs, 2); None where no such file is."""

    fixed: Bools
    forbidden: Bools
    at_least: Ints | None
    at_most: Ints | None
    least_share: Floats | None
    apart: Ints | None


@dataclass(frozen=True, slots=True)
class OwnSiting:
    """Everything that was read; `trips` are pairs by position, minutes as they were given."""

    demand: OwnDemand
    sites: OwnCandidates
    trips: Trips
    rules: OwnRules


def read_siting(
    sources: Mapping[str, SourceFile], wanted: SitingWanted, found: Found
) -> OwnSiting | None:
    """The tables `demand`, `candidates` and `matrix`, and of `fixed`, `forbidden`, `quota`,
    `least_share` and `apart` those there are; None, with every fault of all of them, when they
    cannot be used.
    """
    before = len(found.faults)
    demand = _read_demand(sources.get("demand"), wanted, found)
    sites = _read_candidates(sources.get("candidates"), wanted, found)
    pairs = read_minutes_of_pairs(sources["matrix"], found) if "matrix" in sources else None
    if sites is None:
        return None
    rules = OwnRules(
        _named(sources.get("fixed"), sites, found),
        _named(sources.get("forbidden"), sites, found),
        *_quotas(sources.get("quota"), sites, found),
        _least_shares(sources.get("least_share"), demand, found),
        _apart(sources.get("apart"), sites, found),
    )
    if demand is None or pairs is None:
        return None
    trips = known_ends(sources["matrix"].shown, pairs, (demand.id, sites.id), found)
    return OwnSiting(demand, sites, trips, rules) if len(found.faults) == before else None


def _read_demand(source: SourceFile | None, wanted: SitingWanted, found: Found) -> OwnDemand | None:
    asked = _with(SITING_DEMAND, need=wanted.need)
    table = None if source is None else read_large(source, asked, found)
    if table is None:
        return None
    before = len(found.faults)
    code, ids = coded(table, "demand_id", found)
    tell_double(table, code, ids, "demand_id", found)
    people = numbers(table, DEMAND.column("population"), found)
    if wanted.need:
        people = people * numbers(table, asked.column("need"), found)
    table.tell("too_large", people > MOST_WEIGHT, "population", found)
    column = next((name for name in ("area", "group") if name in table.columns), "")
    if wanted.area and not column:
        found.fault("area_missing", table.file, [1], "area", given=", ".join(table.columns))
    area, area_id = _words(table, column) if column else (None, [])
    if len(found.faults) > before:
        return None
    order = _by_id(code, ids)
    names = [ids[code[at]] for at in order]
    area = None if area is None else area[order]
    return OwnDemand(table.file, names, table.row[order], people[order], area, area_id)


def _read_candidates(
    source: SourceFile | None, wanted: SitingWanted, found: Found
) -> OwnCandidates | None:
    asked = _with(CANDIDATES, capacity=wanted.capacity, lon=wanted.point, lat=wanted.point)
    table = None if source is None else read_large(source, asked, found)
    if table is None:
        return None
    before = len(found.faults)
    code, ids = coded(table, "site_id", found)
    tell_double(table, code, ids, "site_id", found)
    existing = _existing(table, found)
    # What stands already need not be paid for again.
    needed = {"cost": ~existing} if wanted.cost else {}
    amounts = {
        name: numbers(table, asked.column(name), found, needed.get(name))
        if name in table.columns
        else None
        for name in ("cost", "capacity", "lon", "lat")
    }
    if wanted.cost and amounts["cost"] is not None:
        amounts["cost"][existing & np.isnan(amounts["cost"])] = 0.0
    group, group_id = None, list[str]()
    if "group" in table.columns:
        group, group_id = _words(table, "group")
    if len(found.faults) > before:
        return None
    order = _by_id(code, ids)
    columns = {name: None if each is None else each[order] for name, each in amounts.items()}
    group = None if group is None else group[order]
    names = [ids[code[at]] for at in order]
    return OwnCandidates(table.file, names, existing[order], group, group_id, **columns)


def _by_id(code: Ints, ids: list[str]) -> Ints:
    """The rows in the order of their ids."""
    rank = np.empty(len(ids), np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return np.argsort(rank[code], kind="stable")


def _with(table: Table, **needed: bool) -> Table:
    """The table's columns, those needed required and never empty, all others optional."""
    return replace(
        table,
        columns=tuple(
            replace(each, required=True, may_be_empty=False) if needed.get(each.name) else each
            for each in table.columns
        ),
    )


def _existing(table: LargeTable, found: Found) -> Bools:
    if "status" not in table.columns:
        return np.zeros(len(table.row), np.bool_)
    words = [str(word).lower() for word in texts(table, "status")]
    wrong = np.array([word not in ("", *CANDIDATE_STATUSES) for word in words], bool)
    table.tell("not_a_choice", wrong, "status", found, choices=", ".join(CANDIDATE_STATUSES))
    return np.array([word == "existing" for word in words], bool)


def _words(table: LargeTable, name: str) -> tuple[Ints, list[str]]:
    """A column as positions in the sorted list of its words; blank is a word like any other."""
    words, code = np.unique(texts(table, name).astype(str), return_inverse=True)
    return code.astype(np.int64), [str(word) for word in words]


def _at(table: LargeTable, name: str, known: list[str], code: str, found: Found) -> Ints:
    """Positions of a column's ids in a list; those that are not on it are the fault `code`."""
    given, ids = coded(table, name, found)
    at = places_in(known, ids)
    blank = np.array([not each for each in ids], np.bool_)  # told already
    strange = [ids[each] for each in np.flatnonzero((at < 0) & ~blank)]
    if strange:
        wrong = ((at < 0) & ~blank)[given]
        table.tell(code, wrong, name, found, ids=some(strange), asked=some(known))
    return at[given]


def _tell_again(table: LargeTable, name: str, at: Ints, found: Found) -> None:
    """A fault of the rows that name the same as another row; unknown names are told already."""
    again = (at >= 0) & (np.bincount(at + 1, minlength=2)[at + 1] > 1)
    words = texts(table, name)
    shown = sorted({str(words[row]) for row in np.flatnonzero(again)})
    table.tell("duplicate_id", again, name, found, ids=some(shown))


def _named(source: SourceFile | None, sites: OwnCandidates, found: Found) -> Bools:
    """Which sites a list of ids names; one that stands in it twice is no fault."""
    flags = np.zeros(len(sites.id), np.bool_)
    table = None if source is None else read_large(source, SITE_LIST, found)
    if table is not None:
        at = _at(table, "site_id", sites.id, "unknown_candidate", found)
        flags[at[at >= 0]] = True
    return flags


def _quotas(
    source: SourceFile | None, sites: OwnCandidates, found: Found
) -> tuple[Ints | None, Ints | None]:
    """The least and the most open sites of each group; groups not in the file are free."""
    table = None if source is None else read_large(source, QUOTA, found)
    if table is None:
        return None, None
    if sites.group is None:
        found.fault("group_missing", sites.file, [1], "group", quota=table.file)
        return None, None
    at = _at(table, "group", sites.group_id, "unknown_group", found)
    _tell_again(table, "group", at, found)
    limits = []
    for name, free in (("at_least", 0), ("at_most", len(sites.id))):
        values = np.full(len(sites.group_id), free, np.int64)
        if name in table.columns:
            given = numbers(table, QUOTA.column(name), found)
            table.tell("fractional", given % 1 > 0, name, found)
            said = (at >= 0) & ~np.isnan(given)
            values[at[said]] = given[said]
        limits.append(values)
    return limits[0], limits[1]


def _least_shares(
    source: SourceFile | None, demand: OwnDemand | None, found: Found
) -> Floats | None:
    """The least share of each area's people; areas not in the file are free."""
    table = None if source is None else read_large(source, LEAST_SHARE, found)
    if table is None or demand is None:
        return None
    at = _at(table, "area", demand.area_id, "unknown_area", found)
    _tell_again(table, "area", at, found)
    given = numbers(table, LEAST_SHARE.column("least_share"), found)
    table.tell("above", given > 1, "least_share", found, most=1)
    shares = np.zeros(len(demand.area_id))
    shares[at[at >= 0]] = given[at >= 0]
    return shares


def _apart(source: SourceFile | None, sites: OwnCandidates, found: Found) -> Ints | None:
    """Pairs of sites that may not both be open."""
    table = None if source is None else read_large(source, APART, found)
    if table is None:
        return None
    ends = [_at(table, name, sites.id, "unknown_candidate", found) for name in APART.names]
    table.tell("pair_of_one", (ends[0] == ends[1]) & (ends[0] >= 0), "other_id", found)
    return np.stack(ends, axis=1)
