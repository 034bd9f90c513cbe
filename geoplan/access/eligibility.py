"""Who may use which site: by published service area, inside the county, or anyone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.access.nearest import Eligibility
from geoplan.model import Bools, Ints, Strings

LeastMs = Callable[[Bools], Ints]
"""From chosen townships (t,) to the least time to anywhere in them, from every point (n,)."""


@dataclass(frozen=True, slots=True)
class SitePlaces:
    """Sites of one layer that stand (m,): id, township and county position (-1: not known)."""

    site_id: Strings
    township: Ints
    county: Ints
    usable: Bools
    planned: Bools  # opened by a trial


@dataclass(frozen=True, slots=True)
class Areas:
    """Demand points (n,): their township; townships (t,): their county; counties (c,): whether
    their list of this layer is complete. `served` pairs (site id, township); `left` are the
    townships that only closed sites served."""

    township: Ints
    county_of_township: Ints
    complete: Bools
    served: frozenset[tuple[str, int]]
    left: frozenset[int] = frozenset()

    @property
    def county(self) -> Ints:
        county: Ints = self.county_of_township[self.township]
        return county


def eligibility(
    sites: SitePlaces, areas: Areas, modes: Sequence[str], least_ms: LeastMs
) -> Eligibility:
    """Eligibility of one layer; columns are the usable sites in order.

    `modes` are tried in order, and each holds where it names a site at all: `service_area` where
    the township is in the published table, `county` where the county has a site, `anyone`
    everywhere. Only a published table says that nobody else serves a place: without one, the own
    site may be missing from a list that is not complete.

    Planned sites make no mode hold. Everybody may use them where `anyone` is a mode, else the
    people of their county, beside the sites they may use anyway. Townships left by their sites go
    by the next mode; where none is left for them, the county's other sites stand in.
    """
    allowed = np.zeros((len(areas.township), len(sites.site_id)), bool)
    assigned = np.zeros(len(areas.township), bool)
    open_points = np.ones(len(areas.township), bool)
    for mode in modes:
        rows = _pairs(mode, sites, areas)
        holds = open_points & rows.any(axis=1)
        allowed[holds] = rows[holds]
        assigned |= holds & (mode == "service_area")
        open_points &= ~holds
    if areas.left and modes[-1] == "service_area":
        stand_ins = open_points & np.isin(areas.township, list(areas.left))
        allowed[stand_ins] = _pairs("county", sites, areas)[stand_ins]
    allowed |= _pairs("anyone" if "anyone" in modes else "county", sites, areas, planned=True)
    return Eligibility(
        measured=allowed[:, sites.usable],
        possible_ms=_possible_ms(sites, areas, allowed, least_ms),
        may_be_unlisted=~assigned & ~areas.complete[areas.county],
        unlisted_ms=_unlisted_ms(areas, assigned, modes, least_ms),
        planned=sites.planned[sites.usable],
    )


def _unlisted_ms(areas: Areas, assigned: Bools, modes: Sequence[str], least_ms: LeastMs) -> Ints:
    """Where anyone may use any site: least time to a county whose list is not complete, else -1."""
    incomplete = ~areas.complete[areas.county_of_township]
    if "anyone" not in modes or not incomplete.any():
        return np.full(len(areas.township), -1, np.int64)
    return np.where(assigned, -1, least_ms(incomplete))


def _pairs(mode: str, sites: SitePlaces, areas: Areas, *, planned: bool = False) -> Bools:
    """Who (n,) may use which site (m,) by one mode: of the planned sites, or of the others."""
    points, number = len(areas.township), len(sites.site_id)
    chosen = sites.planned if planned else ~sites.planned
    if mode == "anyone":
        return np.tile(chosen, (points, 1))
    if mode == "county":
        same: Bools = (areas.county[:, None] == sites.county[None, :]) & chosen
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
    A planned site has no area.
    """
    by_site: dict[str, list[int]] = {}
    for site, township in sorted(served):
        by_site.setdefault(site, []).append(township)
    if not by_site:
        return [[] for _ in sites.site_id]
    own = ~sites.planned & (sites.township >= 0)
    return [
        [] if planned else by_site.get(site, [int(township)] if known else [])
        for site, township, planned, known in zip(
            sites.site_id, sites.township, sites.planned, own, strict=True
        )
    ]


def _possible_ms(sites: SitePlaces, areas: Areas, allowed: Bools, least_ms: LeastMs) -> Ints:
    """Least time to an eligible site known only by township or county; -1 where there is none."""
    none = np.iinfo(np.int64).max
    result = np.full(len(areas.township), none)
    times: dict[tuple[str, int], Ints] = {}
    for site in np.flatnonzero(~sites.usable):
        by_township = sites.township[site] >= 0
        place = (
            ("township", sites.township[site]) if by_township else ("county", sites.county[site])
        )
        if place not in times:
            every = np.arange(len(areas.county_of_township))
            times[place] = least_ms(
                (every if by_township else areas.county_of_township) == place[1]
            )
        reached = allowed[:, site] & (times[place] >= 0)
        result[reached] = np.minimum(result[reached], times[place][reached])
    return np.where(result == none, -1, result)
