"""The arithmetic of the targets: what stands, named and unnamed, and what is left to propose.

Named is not existing. A layer has five kinds of site that are never mixed: existing and named in a
list, existing but not named (reported to stand, in no list here), planned (opened by a trial),
proposed, and closed. All but the last add up to the target; the last is never counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geoplan.model import Bools, Ints

if TYPE_CHECKING:
    import pandas as pd

NATION = ""
FULL = ("complete", "planner")
"""Lists that name every site of the county."""
CLOSED_BY = ("planner", "trial")
"""Whose closing takes a site away that a report had counted."""

Rounding = Literal["up", "nearest", "down"]
ROUNDINGS: tuple[Rounding, ...] = ("up", "nearest", "down")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one layer before the plan. Arrays have an entry a county (c,), in order.

    `unnamed` are the sites reported to stand in the county beyond its list; `unbound` those that
    the nation reports beyond all lists without saying where. `reported` says whether the nation
    reports a number at all: if not, no unnamed site is counted and the target's rest is "at most",
    on condition that the list holds all. `elsewhere` are named sites without a known county.
    """

    layer: str
    target: int
    named: Ints
    usable: Ints
    planned: Ints
    unnamed: Ints
    unnamed_known: Bools
    completeness: tuple[str, ...]
    elsewhere: int
    elsewhere_usable: int
    unbound: int
    reported: bool
    national_completeness: str

    @property
    def all_named(self) -> int:
        return int(self.named.sum()) + self.elsewhere

    @property
    def all_unnamed(self) -> int:
        return int(self.unnamed.sum()) + self.unbound

    @property
    def stands(self) -> int:
        """Existing sites."""
        return self.all_named + self.all_unnamed

    @property
    def before(self) -> int:
        """Sites that count towards the target before any is proposed: existing and planned."""
        return self.stands + int(self.planned.sum())

    @property
    def in_counties(self) -> Ints:
        """(c,) Sites that are known to stand there: named or not, or planned."""
        return self.named + self.unnamed + self.planned

    @property
    def unplaced(self) -> int:
        """Sites that stand in no known county."""
        return self.unbound + self.elsewhere

    @property
    def to_place(self) -> int:
        """Sites to propose: the target less what stands; none when more stand than targeted."""
        return max(self.target - self.before, 0)

    @property
    def conditional(self) -> Bools:
        """(c,) Are proposals there conditional on the list? Where it is not known to be full."""
        full = np.array([state in FULL for state in self.completeness], dtype=np.bool_)
        return ~full | (not self.reported and not full.all())

    def still_needed(self, at_least: int) -> Ints:
        """(c,) New sites a county must get so that it has `at_least`; each keeps what it has."""
        short: Ints = np.maximum(at_least - self.in_counties, 0)
        return short


@dataclass(frozen=True, slots=True)
class QuotaReading:
    """One reading of a quota: `sites` (c,) by county, their sum, and whether the target allows it.

    `keeps` says whether a county that already has more keeps them.
    """

    rounding: Rounding
    keeps: bool
    sites: Ints
    total: int
    above_target: bool

    def lacking(self, stands: Ints) -> Ints:
        """(c,) Sites of it that counties with `stands` (c,) lack."""
        short: Ints = np.maximum(self.sites - stands, 0)
        return short


def layer_standing(
    layer: str, target: int, county_codes: Sequence[str], sites: pd.DataFrame, lists: pd.DataFrame
) -> Standing:
    """What stands of `layer`, from its `sites` (tables.SITES) and `lists` (COMPLETENESS_TABLE).

    Named: sites of status existing. Unnamed sites are counted only if the national row of `lists`
    reports how many stand:

    - A county that reports more than its list names has the difference, unnamed, bound to it. The
      rest of the national number is unnamed and bound to no county. The nation never has fewer than
      its counties together.
    - A planner's list is full: its county has no unnamed sites. What was reported there beyond it
      still stands in the national number, bound to no county.
    - A site a planner adds is taken for one of the unnamed, so it lowers their number and not the
      target's rest; but where a county's reported number was already named in full, it is new and
      adds to what stands. With no unnamed left it is new too.
    - A site that a planner or a trial closes no longer stands: the number reported falls by it, the
      unnamed stay. Each closed row counts; rows that close what no list held are for the door.
    - Sites that a trial opens are `planned`, neither named nor unnamed.
    """
    layer_sites = sites[sites["layer"] == layer]
    existing = layer_sites[layer_sites["status"] == "existing"]
    usable_sites = existing[existing["point_use"] == "distance"]
    named, usable = _by_county(existing, county_codes), _by_county(usable_sites, county_codes)
    planned = _by_county(layer_sites[layer_sites["status"] == "planned"], county_codes)
    closed = np.zeros_like(named)
    if "origin" in layer_sites:
        by_planner = layer_sites["origin"].isin(CLOSED_BY)
        closed = _by_county(
            layer_sites[(layer_sites["status"] == "closed") & by_planner], county_codes
        )
    completeness, reports = _lists(layer, county_codes, lists)
    planner = np.array([state == "planner" for state in completeness[1:]], dtype=np.bool_)
    full = np.array([state in FULL for state in completeness[1:]], dtype=np.bool_)
    reported = np.array([number is not None for number in reports[1:]], dtype=np.bool_)
    left = np.array([number or 0 for number in reports[1:]], dtype=np.int64) - closed
    short = np.where(reported, np.maximum(left - named, 0), 0)
    unnamed, unbound = np.zeros_like(named), 0
    known = full & (planner | (short == 0))
    if reports[0] is not None:
        unnamed, known = np.where(planner, 0, short), full | reported
        grown = np.where(full & reported, np.maximum(named - left, 0), 0)
        stands = reports[0] - int(closed.sum()) + int(grown.sum())
        unbound = max(stands - len(existing), int(short.sum())) - int(unnamed.sum())
    return Standing(
        layer=layer,
        target=target,
        named=named,
        usable=usable,
        planned=planned,
        unnamed=unnamed,
        unnamed_known=known,
        completeness=tuple(completeness[1:]),
        elsewhere=len(existing) - int(named.sum()),
        elsewhere_usable=len(usable_sites) - int(usable.sum()),
        unbound=unbound,
        reported=reports[0] is not None,
        national_completeness="complete" if len(full) and full.all() else completeness[0],
    )


def layer_counts(
    standing: Standing,
    counties: pd.DataFrame,
    proposed: Ints,
    readings: Sequence[QuotaReading] = (),
) -> pd.DataFrame:
    """The rows of tables.COUNTS for one layer: the nation (blank county), then its counties.

    `counties` has county_code and county_name in the order of `standing`; `proposed` (c,) are the
    new sites by county. Existing named, existing unnamed, planned and proposed add up to the target
    when all of `standing.to_place` are proposed and no more stand than targeted.

    Raises:
        ValueError: if more are proposed than there are to place.
    """
    import pandas as pd

    if int(proposed.sum()) > standing.to_place:
        raise ValueError(f"{standing.layer}: {proposed.sum()} proposed of {standing.to_place}")
    unknown = [None] * (len(counties) + 1)
    quotas = {
        reading.rounding: [reading.total, *reading.sites.tolist()]
        for reading in readings
        if not reading.keeps
    }
    known = standing.reported or bool(standing.unnamed_known.all())
    return pd.DataFrame(
        {
            "layer": standing.layer,
            "county_code": [NATION, *counties["county_code"]],
            "county_name": ["", *counties["county_name"]],
            "target": pd.array([standing.target, *[None] * len(counties)], dtype="Int64"),
            "existing_named": [standing.all_named, *standing.named.tolist()],
            "existing_unnamed": [standing.all_unnamed, *standing.unnamed.tolist()],
            "unnamed_known": [known, *standing.unnamed_known.tolist()],
            "planned": [int(standing.planned.sum()), *standing.planned.tolist()],
            "proposed": [int(proposed.sum()), *proposed.tolist()],
            "usable_points": [
                int(standing.usable.sum()) + standing.elsewhere_usable,
                *standing.usable.tolist(),
            ],
            "completeness": [standing.national_completeness, *standing.completeness],
            **{
                f"quota_{rounding}": pd.array(quotas.get(rounding, unknown), dtype="Int64")
                for rounding in ROUNDINGS
            },
        }
    )


def quota_readings(
    residents: Ints, stands: Ints, residents_per_site: int, target: int
) -> tuple[QuotaReading, ...]:
    """What "one site per so many residents" can mean, county by county (c,), and what it sums to.

    Rounded up; to the nearest (halves up) with at least one; down with at least one: each as it is
    and once more with a county that has more today (`stands`) keeping them. A reading whose sum is
    above the target cannot be met within it.
    """
    whole, rest = np.divmod(residents, residents_per_site)
    by_rounding: dict[Rounding, Ints] = {
        "up": whole + (rest > 0),
        "nearest": np.maximum(whole + (2 * rest >= residents_per_site), 1),
        "down": np.maximum(whole, 1),
    }
    readings = []
    for rounding in ROUNDINGS:
        for keeps in (False, True):
            sites = by_rounding[rounding]
            sites = np.maximum(sites, stands) if keeps else sites
            total = int(sites.sum())
            readings.append(QuotaReading(rounding, keeps, sites, total, total > target))
    return tuple(readings)


def _by_county(sites: pd.DataFrame, county_codes: Sequence[str]) -> Ints:
    """Sites in each county (c,)."""
    counts = sites["county_code"].value_counts()
    return np.array([int(counts.get(code, 0)) for code in county_codes], dtype=np.int64)


def _lists(
    layer: str, county_codes: Sequence[str], lists: pd.DataFrame
) -> tuple[list[str], list[int | None]]:
    """Completeness and number reported to stand (None: not known), nation first, then counties."""
    rows = {row["county_code"]: row for _, row in lists[lists["layer"] == layer].iterrows()}
    codes = [NATION, *county_codes]
    completeness = [
        str(rows[code]["completeness"]) if code in rows else "unknown" for code in codes
    ]
    reports = [_number(rows[code]["reported_existing"]) if code in rows else None for code in codes]
    return completeness, reports


def _number(cell: object) -> int | None:
    """A count, None where the cell says nothing."""
    if cell is None or cell == "" or cell != cell:
        return None
    return int(float(str(cell)))
