"""Tables of one's own as a location problem in whole numbers.

Values that are whole are kept as they are, so any unit stays exact. Minutes with fractions become
whole milliseconds; rounding never carries a pair over the threshold. People and costs with
fractions are counted in tenths, hundredths, to millionths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.door.checks import some
from geoplan.door.own_roads import MS_PER_MINUTE
from geoplan.door.own_siting import OwnCandidates, OwnSiting, SitingWanted
from geoplan.door.reading import Found
from geoplan.errors import BadInput
from geoplan.measuring.siting_options import Rules
from geoplan.model import Floats, Ints
from geoplan.siting.location import ALL, LocationProblem

FINEST = 1_000_000
_EARTH_KM = 6371.0088
_MOST_COST = 2.0**59
_MOST_APART = 2_000_000
"""Pairs of sites that may not stand together: more would be no rule but a mistake in the unit."""


@dataclass(frozen=True, slots=True)
class Scales:
    """So many whole units make one minute, one person and one of the costs."""

    minutes: int = 1
    people: int = 1
    cost: int = 1

    def of_minutes(self, minutes: float) -> int:
        return round(minutes * self.minutes)


@dataclass(frozen=True, slots=True)
class State:
    """All that a problem is made of."""

    own: OwnSiting
    scales: Scales
    threshold: float | None
    rules: Rules
    by_group: bool  # areas are the groups
    wanted: SitingWanted


def scales_of(own: OwnSiting, threshold: float | None, budget: float | None) -> Scales:
    """The coarsest units in which everything is whole (minutes: else milliseconds)."""
    minutes = np.append(own.trips.minutes, 0.0 if threshold is None else threshold)
    cost = np.zeros(1) if own.sites.cost is None else own.sites.cost
    return Scales(
        1 if (minutes % 1 == 0).all() else MS_PER_MINUTE,
        _finest(own.demand.people),
        _finest(np.append(cost[~np.isnan(cost)], 0.0 if budget is None else budget)),
    )


def _finest(values: Floats) -> int:
    """The least power of ten that makes all of them whole; a millionth is the finest."""
    scale = 1
    while scale < FINEST:
        scaled = values * scale
        if (np.abs(scaled - np.rint(scaled)) < 1e-9 * np.maximum(1, np.abs(scaled))).all():
            break
        scale *= 10
    return scale


def tell_tables(own: OwnSiting, threshold: float | None, by_group: bool, found: Found) -> None:
    """What cannot be planned for, and what a planner should know of the tables."""
    people, trips = own.demand.people, own.trips
    if not (people > 0).any():
        found.fault("nobody_to_serve", own.demand.file, (), "population")
    elif not (people > 0).all():
        found.note("points_without_people", file=own.demand.file, count=int((people == 0).sum()))
    if (people % 1 > 0).any():
        count = int((people % 1 > 0).sum())
        found.note("population_in_fractions", file=own.demand.file, count=count)
    nearest = float(trips.minutes.min(initial=np.inf))
    if threshold is not None and nearest > threshold:
        found.fault("threshold_below_all", "--threshold", given=threshold, nearest=nearest)
    _tell_ends(own, threshold, found)
    if by_group and own.sites.group is None:
        found.fault("group_missing", own.sites.file, [1], "group", quota="--quota")
    strange = sorted(set(own.demand.area_id) - set(own.sites.group_id)) if by_group else []
    if strange:
        found.fault("area_without_sites", own.demand.file, (), "area", ids=some(strange))


def _tell_ends(own: OwnSiting, threshold: float | None, found: Found) -> None:
    """People without a way to any site, or without one within the threshold, named first; and sites
    that nobody can come to."""
    people, trips = own.demand.people, own.trips
    waiting = people > 0
    near = trips.minutes <= (np.inf if threshold is None else threshold)
    for code, ends in (("no_way_to_site", trips.demand), ("beyond_threshold", trips.demand[near])):
        lost = np.flatnonzero(waiting & ~np.isin(np.arange(len(people)), ends))
        waiting[lost] = False
        if len(lost):
            ids, count = some([own.demand.id[at] for at in lost]), len(lost)
            many = float(people[lost].sum())
            found.note(code, count=count, people=many, ids=ids, threshold=threshold)
    used = np.isin(np.arange(len(own.sites.id)), trips.site)
    if not used.all():
        idle = [own.sites.id[at] for at in np.flatnonzero(~used)]
        found.note("no_way_from_demand", count=len(idle), ids=some(idle))


def problem_of(state: State, found: Found) -> LocationProblem | None:
    """The location problem; None, with every fault, where there is none."""
    own, scales = state.own, state.scales
    weight = np.rint(own.demand.people * scales.people).astype(np.int64)
    order = np.lexsort((own.trips.site, own.trips.demand))
    ms = _ways(own.trips.minutes[order], state)
    if float(weight.sum()) * float(ms.max(initial=1)) >= _MOST_COST:
        found.fault("siting_too_large", own.demand.file)
        return None
    apart = _apart(state, found)
    if found.faults:
        return None
    sites, budget = own.sites, state.rules.budget
    cost = sites.cost if state.wanted.cost else None
    try:
        return LocationProblem(
            start=np.searchsorted(own.trips.demand[order], np.arange(len(weight) + 1)),
            site=own.trips.site[order].astype(np.int32),
            ms=ms,
            weight=weight,
            sites=len(sites.id),
            fixed=sites.existing | own.rules.fixed,
            forbidden=own.rules.forbidden,
            group=sites.group,
            at_least=own.rules.at_least,
            at_most=own.rules.at_most,
            cost=None if cost is None else np.rint(cost * scales.cost).astype(np.int64),
            budget=None if budget is None else round(budget * scales.cost),
            capacity=_capacity(sites, scales) if state.wanted.capacity else None,
            area=_areas(state),
            least_share=_least_shares(state),
            apart=apart,
        )
    except BadInput as error:
        found.faults.extend(error.faults)
        return None


def _ways(minutes: Floats, state: State) -> Ints:
    """Minutes in whole units: those within the threshold stay within it, those beyond beyond."""
    if state.scales.minutes == 1:
        return minutes.astype(np.int64)
    ms = np.rint(minutes * state.scales.minutes).astype(np.int64)
    if state.threshold is None:
        return ms
    limit = state.scales.of_minutes(state.threshold)
    within = minutes <= state.threshold
    kept: Ints = np.where(within, np.minimum(ms, limit), np.maximum(ms, limit + 1))
    return kept


def _capacity(sites: OwnCandidates, scales: Scales) -> Ints | None:
    """Capacity counts people, whole ones (a fraction of a place serves nobody)."""
    if sites.capacity is None:  # the door has seen that there is one
        return None
    return np.floor(sites.capacity * scales.people).astype(np.int64)


def _areas(state: State) -> Ints | None:
    area, demand = state.own.demand.area, state.own.demand
    if area is None or not state.by_group:
        return area
    place = {group: at for at, group in enumerate(state.own.sites.group_id)}
    return np.array([place[name] for name in demand.area_id], np.int64)[area]


def _least_shares(state: State) -> Ints | None:
    """Millionths, rounded up: a share that is asked for is reached."""
    given, areas = state.own.rules.least_share, len(state.own.demand.area_id)
    if given is not None:
        return np.ceil(given * ALL - 1e-6).astype(np.int64)
    if state.rules.least_share is None:
        return None
    return np.full(areas, state.rules.least_share, np.int64)


def _apart(state: State, found: Found) -> Ints | None:
    """Pairs of sites that may not both be open: as listed, or nearer than so many kilometres.

    No plan can part two sites that both stand already: that is told, and the rule holds for all
    others, those that are fixed for the plan too.
    """
    own, km = state.own, state.rules.apart_km
    pairs = own.rules.apart
    if km is not None:
        lon, lat = own.sites.lon, own.sites.lat
        if lon is None or lat is None:  # the door has seen that there are points
            return None
        pairs = _nearer_than(km, np.radians(lon), np.radians(lat))
        if len(pairs) > _MOST_APART:
            found.fault("apart_too_many", "--apart", given=km, count=len(pairs))
            return None
    if pairs is None:
        return None
    stand = own.sites.existing[pairs].all(axis=1)
    if stand.any():
        told = sorted({tuple(sorted(pair)) for pair in pairs[stand].tolist()})
        names = [" / ".join(own.sites.id[at] for at in pair) for pair in told]
        found.note("stand_too_near", count=len(names), pairs=some(names))
    kept: Ints = pairs[~stand]
    return kept


def _nearer_than(km: float, lon: Floats, lat: Floats) -> Ints:
    """Pairs (first below second) nearer than `km` along the great circle."""
    from scipy.spatial import cKDTree

    xyz = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    chord = 2 * np.sin(min(km / _EARTH_KM, np.pi) / 2)
    found = cKDTree(xyz).query_pairs(chord, output_type="ndarray").astype(np.int64)
    gap = np.linalg.norm(xyz[found[:, 0]] - xyz[found[:, 1]], axis=1)
    near = found[gap < chord * (1 - 1e-12)]
    ordered: Ints = near[np.lexsort((near[:, 1], near[:, 0]))]
    return ordered
