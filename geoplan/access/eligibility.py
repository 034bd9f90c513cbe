"""Who may use which site: by published service area, inside the county, or anyone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.access.nearest import Eligibility
from geoplan.model import Bools, Ints, Strings

LeastMs = Callable[[Bools], Ints]
"""From the demand points of an area (n,) to the least time to it from everywhere (n,)."""


@dataclass(frozen=True, slots=True)
class SitePlaces:
    """Sites of one layer (m,): id, township and county position (-1 where it is not known)."""

    site_id: Strings
    township: Ints
    county: Ints
    usable: Bools


@dataclass(frozen=True, slots=True)
class Areas:
    """Demand points (n,): township and county position; `served` pairs (site id, township);
    `complete` (counties,) says whether the county's list of this layer is complete."""

    township: Ints
    county: Ints
    served: frozenset[tuple[str, int]]
    complete: Bools


def eligibility(
    sites: SitePlaces, areas: Areas, modes: Sequence[str], least_ms: LeastMs
) -> Eligibility:
    """Eligibility of one layer; columns are the usable sites in order.

    `modes` are tried in order: `service_area` holds where the township is in the published table;
    `county` and `anyone` hold everywhere. Where none holds the own site is missing: a list gap if
    the county's list is incomplete, else there is none.
    """
    allowed = np.zeros((len(areas.township), len(sites.site_id)), bool)
    open_points = np.ones(len(areas.township), bool)
    for mode in modes:
        rows = _pairs(mode, sites, areas)
        holds = rows.any(axis=1) if mode == "service_area" else np.ones(len(open_points), bool)
        allowed[open_points & holds] = rows[open_points & holds]
        open_points &= ~holds
    list_gap = open_points & ~areas.complete[areas.county]
    return Eligibility(
        measured=allowed[:, sites.usable],
        possible_ms=_possible_ms(sites, areas, allowed, least_ms),
        list_gap=list_gap,
    )


def _pairs(mode: str, sites: SitePlaces, areas: Areas) -> Bools:
    points, number = len(areas.township), len(sites.site_id)
    if mode == "anyone":
        return np.ones((points, number), bool)
    if mode == "county":
        same: Bools = areas.county[:, None] == sites.county[None, :]
        return same
    if mode != "service_area":
        raise ValueError(f"unknown eligibility {mode!r}")
    rows = np.zeros((points, number), bool)
    for column, townships in enumerate(served_townships(sites, areas.served)):
        rows[:, column] = np.isin(areas.township, townships)
    return rows


def served_townships(sites: SitePlaces, served: frozenset[tuple[str, int]]) -> list[list[int]]:
    """The townships each site serves: by the published table, else the township it stands in.

    A table that does not name a site is silent about it, not a statement that it serves nobody.
    """
    by_site: dict[str, list[int]] = {}
    for site, township in sorted(served):
        by_site.setdefault(site, []).append(township)
    return [
        by_site.get(site, [int(township)] if by_site and township >= 0 else [])
        for site, township in zip(sites.site_id, sites.township, strict=True)
    ]


def _possible_ms(sites: SitePlaces, areas: Areas, allowed: Bools, least_ms: LeastMs) -> Ints:
    """Least time to an eligible site known only by township or county; -1 where there is none."""
    none = np.iinfo(np.int64).max
    result = np.full(len(areas.township), none)
    times: dict[tuple[str, int], Ints] = {}
    for site in np.flatnonzero(~sites.usable):
        by_township = sites.township[site] >= 0
        place = (
            ("township", int(sites.township[site]))
            if by_township
            else (
                "county",
                int(sites.county[site]),
            )
        )
        if place not in times:
            inside = (areas.township if by_township else areas.county) == place[1]
            times[place] = least_ms(inside)
        reached = allowed[:, site] & (times[place] >= 0)
        result[reached] = np.minimum(result[reached], times[place][reached])
    return np.where(result == none, -1, result)
