"""How much per person: people per site of an area, sites per 1,000 people, sites within reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoplan.access.aggregate import mean_by, sum_by
from geoplan.access.eligibility import served_townships
from geoplan.model import Coverage, Floats, Ints
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.steps import layer_places, positions


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


def site_residents(ground: Ground, outcome: LayerOutcome) -> dict[str, int | None]:
    """Residents of the area each site serves, by site id; None where the split is not known.

    Only for layers whose people are assigned by a service area. Where several sites share a
    township its people go to the nearest; that cannot be said if one of them has no usable point.
    """
    serving = sites_of_townships(ground, outcome)
    if not serving:
        return {}
    usable = set(outcome.usable_id)
    residents: dict[str, int | None] = dict.fromkeys(outcome.sites["site_id"], 0)
    demand = ground.demand
    whole = sum_by(demand.township, len(ground.inputs.townships), demand.population)
    for township, sites in serving.items():
        if len(sites) == 1:
            shares = {sites[0]: int(whole[township])}
        elif usable.issuperset(sites):
            shares = _nearest_shares(ground, outcome, township)
        else:
            residents.update(dict.fromkeys(sites))
            continue
        for site, people in shares.items():
            now = residents[site]
            residents[site] = None if now is None else now + people
    return residents


def sites_of_townships(ground: Ground, outcome: LayerOutcome) -> dict[int, list[str]]:
    """The sites that serve each township (position), empty without published service areas."""
    if "service_area" not in outcome.layer.eligibility:
        return {}
    places, areas = layer_places(ground.inputs, ground.demand, outcome.layer)
    serving: dict[int, list[str]] = {}
    served = served_townships(places, areas.served)
    for site, townships in zip(places.site_id, served, strict=True):
        for township in townships:
            serving.setdefault(township, []).append(site)
    return serving


def _nearest_shares(ground: Ground, outcome: LayerOutcome, township: int) -> dict[str, int]:
    here = np.flatnonzero((ground.demand.township == township) & (outcome.access.own_site >= 0))
    shares: dict[str, int] = {}
    for point in here:
        site = outcome.usable_id[outcome.access.own_site[point]]
        shares[site] = shares.get(site, 0) + int(ground.demand.population[point])
    return shares


def _residents_per_site(ground: Ground, outcome: LayerOutcome) -> Floats:
    """By service area: the mean load of the township's own sites; where their split is not known,
    the residents of all the townships they serve together, per site."""
    serving = sites_of_townships(ground, outcome)
    if not serving:
        return _by_county(ground, outcome, ground.demand.population, per=None)
    residents = site_residents(ground, outcome)
    townships = len(ground.inputs.townships)
    whole = sum_by(ground.demand.township, townships, ground.demand.population)
    result = np.full(townships, np.nan)
    for township, sites in serving.items():
        loads = [load for site in sites if (load := residents[site]) is not None]
        if len(loads) == len(sites):
            result[township] = sum(loads) / len(loads)
        else:
            together = {
                place for place, others in serving.items() if not set(others).isdisjoint(sites)
            }
            result[township] = sum(int(whole[place]) for place in together) / len(sites)
    return result


def _sites_per_1000(ground: Ground, outcome: LayerOutcome) -> Floats:
    return _by_county(ground, outcome, ground.demand.groups[outcome.layer.group], per=1000)


def _by_county(ground: Ground, outcome: LayerOutcome, people: Ints, per: int | None) -> Floats:
    """People per site of the county (`per` None), or sites per so many people; told by township."""
    inputs = ground.inputs
    counties = len(inputs.counties)
    county = positions(inputs.townships["county_code"], inputs.counties["county_code"])
    here = sum_by(county[ground.demand.township], counties, people).astype(float)
    standing = (outcome.standing.named + outcome.standing.unnamed).astype(float)
    over, under = (here, standing) if per is None else (standing * per, here)
    value: Floats = np.divide(over, under, out=np.full(counties, np.nan), where=under > 0)
    return value[county]


def _sites_within_reach(ground: Ground, outcome: LayerOutcome) -> Floats:
    """Mean over the target group; not known where most of it is undetermined."""
    area, townships = ground.demand.township, len(ground.inputs.townships)
    unsure = np.where(outcome.coverage == Coverage.UNDETERMINED, outcome.people, 0)
    mean = mean_by(area, townships, outcome.access.sites_within, outcome.people)
    mostly = 2 * sum_by(area, townships, unsure) > sum_by(area, townships, outcome.people)
    return np.where(mostly, np.nan, mean)
