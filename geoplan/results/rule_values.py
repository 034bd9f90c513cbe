"""What the rules of a layer compare, measured for every township: least and most of each figure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np

from geoplan.access.aggregate import quantile_by, sum_by
from geoplan.designation import Between
from geoplan.model import Floats, State
from geoplan.results.outcome import Ground, Reached
from geoplan.results.supply import more_may_serve, site_residents, sites_of_townships, supply
from geoplan.rules import Rule

FAR_MS = 2**62
"""Longer than any trip: no way there, or nothing known that would bound it."""


def rule_values(ground: Ground, reached: Reached, names: Collection[str]) -> dict[str, Between]:
    """The measures called `names` (townships,), beside those that count people (Counted).

    One that is known of no township at all has no data in this layer and is left out: a test that
    asks for it is then no part of the rule.
    """
    made = {name: SUPPLIERS[name](ground, reached) for name in SUPPLIERS if name in names}
    return {name: value for name, value in made.items() if _known_anywhere(value)}


def measures_of(rules: Collection[Rule]) -> set[str]:
    """The measures that the rules compare."""
    return {
        each.measure
        for rule in rules
        for test in rule.tests
        for sentence in test.sentences
        for each in sentence
    }


def _known_anywhere(value: Between) -> bool:
    return bool(((value.least > -np.inf) | (value.most < np.inf)).any())


def _need(ground: Ground, reached: Reached) -> Between:
    return Between.exactly(ground.need_of(reached.layer.id).percentile)


def _own_ms_p90(ground: Ground, reached: Reached) -> Between:
    """The least time that 90 % of a township's target group do not exceed, milliseconds.

    Who is cut off takes for ever. Where a site of unknown place could be nearer, the time lies
    between the least it can be and what is measured.
    """
    access, people = reached.access, reached.people
    area, areas = ground.demand.township, len(ground.universe)
    measured = np.where(access.own_state == State.MEASURED, access.own_ms, FAR_MS)
    possible = np.where(access.possible_ms >= 0, access.possible_ms, FAR_MS)
    least, most = (
        quantile_by(area, areas, ms, people, 0.9)
        for ms in (np.minimum(measured, possible), measured)
    )
    lived_in = (sum_by(area, areas, people) > 0).astype(np.int64)
    return Between(_endless(least), _endless(most), whole=lived_in)


def _endless(ms: Floats) -> Floats:
    return np.where(ms < FAR_MS, ms, np.inf)


def people_per_capacity(ground: Ground, reached: Reached) -> Between:
    """Residents of the area of a township's own sites per unit of their capacity.

    By service area: of the areas that its sites serve; where people are assigned by county: of the
    county. Not known where a site has no capacity stated, or where one may stand that is not named.
    """
    serving = sites_of_townships(ground, reached)
    if serving:
        value = _per_area_capacity(ground, reached, serving)
    elif "county" in reached.layer.eligibility:
        value = _per_county_capacity(ground, reached)
    else:
        value = np.full(len(ground.universe), np.nan)
    return Between.exactly(value)


def _per_county_capacity(ground: Ground, reached: Reached) -> Floats:
    inputs, demand, standing = ground.inputs, ground.demand, reached.standing
    county = ground.county
    counties = len(inputs.counties)
    here = reached.sites["county"].to_numpy(np.int64)
    known = here >= 0
    capacity = reached.sites["capacity"].to_numpy(float)
    offered = np.bincount(here[known], capacity[known], counties).astype(float)
    offered[~standing.unnamed_known | (standing.unnamed > 0) | (standing.elsewhere > 0)] = np.nan
    residents = sum_by(county[demand.township], counties, demand.population)
    return _ratio(residents.astype(float), offered)[county]


def _per_area_capacity(
    ground: Ground, reached: Reached, serving: Mapping[int, list[str]]
) -> Floats:
    residents = site_residents(ground, reached)
    capacity = dict(zip(reached.sites["site_id"], reached.sites["capacity"], strict=True))
    people, offered = (np.full(len(ground.universe), np.nan) for _ in range(2))
    for township, sites in serving.items():
        loads = [residents[site] for site in sites]
        people[township] = sum(np.nan if load is None else load for load in loads)
        offered[township] = sum(capacity[site] for site in sites)
    offered[more_may_serve(ground, reached, serving)[0]] = np.nan
    return _ratio(people, offered)


def _ratio(people: Floats, capacity: Floats) -> Floats:
    """People per unit; without any capacity there are endlessly many, without people none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = people / capacity
    return np.where((people == 0) & ~np.isnan(capacity), 0.0, ratio)


def _per_person(name: str) -> Callable[[Ground, Reached], Between]:
    """The layer's own figure of supply, where it is counted so."""

    def figure(ground: Ground, reached: Reached) -> Between:
        if reached.layer.per_person != name:
            return Between.exactly(np.full(len(ground.universe), np.nan))
        found = supply(ground, reached)
        return Between(found.least, found.most)

    return figure


SUPPLIERS: Mapping[str, Callable[[Ground, Reached], Between]] = {
    "need_percentile": _need,
    "own_minutes_p90": _own_ms_p90,
    "people_per_capacity": people_per_capacity,
    "residents_per_site": _per_person("residents_per_site"),
    "sites_per_1000": _per_person("sites_per_1000"),
    "sites_within_reach": _per_person("sites_within_reach"),
}
