"""How much per person: people per site of an area, sites per 1,000 people, sites within reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoplan.access.aggregate import mean_by, sum_by
from geoplan.access.eligibility import served_townships
from geoplan.model import Coverage, Floats, Ints
from geoplan.results.outcome import Ground, Reached
from geoplan.steps import layer_places, positions


def per_person(ground: Ground, outcome: Reached) -> dict[str, Any]:
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


def site_residents(ground: Ground, outcome: Reached) -> dict[str, int | None]:
    """Residents of the area each site serves, by site id; None where the split is not known.

    Only for layers whose people are assigned by a service area, else empty.
    """
    serving = sites_of_townships(ground, outcome)
    if not serving:
        return {}
    site, unsplit = assigned_sites(ground, outcome, serving)
    people = people_by_site(site, len(outcome.sites), ground.demand.population)
    ids = outcome.sites["site_id"]
    return {
        each: None if each in unsplit else int(residents)
        for each, residents in zip(ids, people, strict=True)
    }


def assigned_sites(
    ground: Ground, outcome: Reached, serving: dict[int, list[str]]
) -> tuple[Ints, frozenset[str]]:
    """The site in whose area each demand point lies (n,), a position in `outcome.sites`, -1 where
    none serves it or it is not known which; and the ids of the sites whose split is not known.

    `serving` are the sites of each township. Where several share a township its people go to the
    nearest; that cannot be said if one of them has no usable point.
    """
    demand = ground.demand
    position = {site: place for place, site in enumerate(outcome.sites["site_id"])}
    usable = set(outcome.usable_id)
    nearest = np.array([position[site] for site in outcome.usable_id] + [-1], np.int64)[
        outcome.access.own_site
    ]
    site = np.full(len(demand.township), -1, np.int64)
    unsplit: set[str] = set()
    for township, sites in serving.items():
        here = demand.township == township
        if len(sites) == 1:
            site[here] = position[sites[0]]
        elif usable.issuperset(sites):
            site[here] = nearest[here]
        else:
            unsplit.update(sites)
    return site, frozenset(unsplit)


def people_by_site(site: Ints, sites: int, people: Ints) -> Ints:
    """People (n,) summed by the site (n,) they are assigned to, (sites,); -1 counts nowhere."""
    return sum_by(site[site >= 0], sites, people[site >= 0])


def sites_of_townships(ground: Ground, outcome: Reached) -> dict[int, list[str]]:
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


def _residents_per_site(ground: Ground, outcome: Reached) -> Floats:
    """By service area: the mean load of the township's own sites; where their split is not known,
    the residents of all the townships they serve together, per site."""
    serving = sites_of_townships(ground, outcome)
    if not serving:
        return _by_county(ground, outcome, ground.demand.population, per=None)
    residents = site_residents(ground, outcome)
    result = np.full(len(ground.inputs.townships), np.nan)
    for township, sites in serving.items():
        loads = [load for site in sites if (load := residents[site]) is not None]
        if len(loads) == len(sites):
            result[township] = sum(loads) / len(loads)
        else:
            result[township] = mean_of_shared(ground, serving, sites[0])
    return result


def mean_of_shared(ground: Ground, serving: dict[int, list[str]], site: str) -> float:
    """Residents per site of all the sites that share a township with `site`, and of all the
    townships these serve: what is known of a load whose split is not."""
    sites = {each for here in serving.values() if site in here for each in here}
    places = [place for place, here in serving.items() if not sites.isdisjoint(here)]
    residents = ground.demand.population[np.isin(ground.demand.township, places)]
    return float(residents.sum() / len(sites))


def _sites_per_1000(ground: Ground, outcome: Reached) -> Floats:
    return _by_county(ground, outcome, ground.demand.groups[outcome.layer.group], per=1000)


def _by_county(ground: Ground, outcome: Reached, people: Ints, per: int | None) -> Floats:
    """People per site of the county (`per` None), or sites per so many people; told by township."""
    inputs = ground.inputs
    counties = len(inputs.counties)
    county = positions(inputs.townships["county_code"], inputs.counties["county_code"])
    here = sum_by(county[ground.demand.township], counties, people).astype(float)
    standing = (outcome.standing.named + outcome.standing.unnamed).astype(float)
    over, under = (here, standing) if per is None else (standing * per, here)
    value: Floats = np.divide(over, under, out=np.full(counties, np.nan), where=under > 0)
    return value[county]


def _sites_within_reach(ground: Ground, outcome: Reached) -> Floats:
    """Mean over the target group; not known where most of it is undetermined."""
    area, townships = ground.demand.township, len(ground.inputs.townships)
    unsure = np.where(outcome.coverage == Coverage.UNDETERMINED, outcome.people, 0)
    mean = mean_by(area, townships, outcome.access.sites_within, outcome.people)
    mostly = 2 * sum_by(area, townships, unsure) > sum_by(area, townships, outcome.people)
    return np.where(mostly, np.nan, mean)
