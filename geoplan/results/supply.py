"""How much per person: people per site of an area, sites per 1,000 people, sites within reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoplan.access.aggregate import mean_by, sum_by
from geoplan.model import Floats, Ints
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.steps import positions


def per_person(ground: Ground, outcome: LayerOutcome) -> dict[str, Any]:
    """Columns `per_person_value` and `per_person_basis` of each township (townships,).

    residents_per_site: residents of the area the township's own sites serve, per site; where
    people are assigned by county, residents of the county per site that stands there.
    sites_per_1000: sites of the county per 1,000 of the target group in it.
    sites_within_reach: usable sites within the threshold, mean over the target group.
    """
    basis = outcome.layer.per_person
    figures = {
        "residents_per_site": _residents_per_site,
        "sites_per_1000": _sites_per_1000,
        "sites_within_reach": _sites_within_reach,
    }
    return {"per_person_value": figures[basis](ground, outcome), "per_person_basis": basis}


def site_residents(ground: Ground, outcome: LayerOutcome) -> dict[str, int]:
    """Residents of each site's published service area, split to the nearest where it overlaps.

    Only for layers whose people are assigned by a service area; a site whose place is not fit to
    measure still has the residents of townships that are its alone.
    """
    if "service_area" not in outcome.layer.eligibility:
        return {}
    inputs, demand = ground.inputs, ground.demand
    areas = inputs.service_areas[inputs.service_areas["layer"] == outcome.layer.id]
    standing = set(outcome.sites["site_id"])
    serving: dict[str, list[str]] = {}
    for site, township in zip(areas["site_id"], areas["township_code"], strict=True):
        if site in standing:
            serving.setdefault(township, []).append(site)
    codes = inputs.townships["township_code"].to_numpy(object)
    residents = dict.fromkeys(sorted(standing), 0)
    for point, people in enumerate(demand.population.tolist()):
        sites = serving.get(codes[demand.township[point]], [])
        own = int(outcome.access.own_site[point])
        if len(sites) == 1:
            residents[sites[0]] += people
        elif own >= 0:
            residents[outcome.usable_id[own]] += people
    return residents


def _residents_per_site(ground: Ground, outcome: LayerOutcome) -> Floats:
    residents = site_residents(ground, outcome)
    if not residents:
        return _by_county(ground, outcome, ground.demand.population, per=None)
    inputs = ground.inputs
    areas = inputs.service_areas[inputs.service_areas["layer"] == outcome.layer.id]
    result = np.full(len(inputs.townships), np.nan)
    place = positions(areas["township_code"], inputs.townships["township_code"])
    for township in np.unique(place[place >= 0]):
        loads = [
            residents[site] for site in areas["site_id"][place == township] if site in residents
        ]
        if loads:
            result[township] = sum(loads) / len(loads)
    return result


def _sites_per_1000(ground: Ground, outcome: LayerOutcome) -> Floats:
    return _by_county(ground, outcome, ground.demand.groups[outcome.layer.group], per=1000)


def _by_county(ground: Ground, outcome: LayerOutcome, people: Ints, per: int | None) -> Floats:
    """People per site of the county (`per` None), or sites per so many people; told by township."""
    inputs = ground.inputs
    counties = len(inputs.counties)
    county = positions(inputs.townships["county_code"], inputs.counties["county_code"])
    here = sum_by(county[ground.demand.township], counties, people).astype(float)
    sites = outcome.sites["county"].to_numpy(np.int64)
    standing = np.bincount(sites[sites >= 0], minlength=counties).astype(float)
    over, under = (here, standing) if per is None else (standing * per, here)
    value = np.divide(over, under, out=np.full(counties, np.nan), where=under > 0)
    return value[county]


def _sites_within_reach(ground: Ground, outcome: LayerOutcome) -> Floats:
    return mean_by(
        ground.demand.township,
        len(ground.inputs.townships),
        outcome.access.sites_within,
        ground.demand.groups[outcome.layer.group],
    )
