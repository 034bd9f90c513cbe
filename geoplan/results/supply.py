"""How much per person: people per site of an area, sites per 1,000 people, sites within reach.

Each figure is told from the sites that are known, and known as the least and the most it can be:
sites may stand that no list names, or whose place is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoplan.access.aggregate import mean_by, sum_by
from geoplan.access.eligibility import Areas, SitePlaces, served_townships
from geoplan.model import Bools, Codes, Coverage, Floats, Ints, State
from geoplan.results.outcome import Ground, Reached
from geoplan.steps import complete_counties, layer_places
from geoplan.trial import PLANNED


@dataclass(frozen=True, slots=True)
class Supply:
    """A layer's supply per person by township (townships,).

    `told` counts the sites that are known; NaN where `state` is not MEASURED: UNKNOWN, or
    NOT_APPLICABLE where surely no site stands or nobody lives. The true figure lies from `least`
    to `most`, -inf to inf where nothing is known. `more_sites`: sites may stand that `told` leaves
    out.
    """

    told: Floats
    least: Floats
    most: Floats
    state: Codes
    more_sites: Bools


def supply(ground: Ground, outcome: Reached) -> Supply:
    """The layer's own figure of supply.

    residents_per_site: residents of the area the township's own sites serve, per site; where
    people are assigned by county, residents of the county per site that stands there.
    sites_per_1000: sites of the county per 1,000 of the target group in it.
    sites_within_reach: usable sites within the threshold, mean over the target group whose
    coverage is known.
    """
    return FIGURES[outcome.layer.per_person](ground, outcome)


def per_person(ground: Ground, outcome: Reached) -> dict[str, Any]:
    """Columns `per_person_value` and `per_person_basis` of each township (townships,)."""
    return {
        "per_person_value": supply(ground, outcome).told,
        "per_person_basis": outcome.layer.per_person,
    }


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
    """The sites that serve each township (position), empty without published service areas.

    By the areas; in a trial also planned sites, and those that stand in for closed ones, of the
    townships whose people are nearest to them.
    """
    if "service_area" not in outcome.layer.eligibility:
        return {}
    places, areas = layer_places(ground.inputs, ground.demand, outcome.layer)
    serving: dict[int, list[str]] = {}
    served = served_townships(places, areas.served)
    for site, townships in zip(places.site_id, served, strict=True):
        for township in townships:
            serving.setdefault(township, []).append(site)
    for township, site in _by_nearest(ground, outcome, places, areas):
        serving.setdefault(township, []).append(site)
    return serving


def _by_nearest(
    ground: Ground, outcome: Reached, places: SitePlaces, areas: Areas
) -> list[tuple[int, str]]:
    """(township, site) pairs that no published area holds and a trial makes: people of the township
    go to the site, planned or a stand-in for a closed one, as their nearest; or they may, where
    the stand-in's place is not known."""
    township = ground.demand.township
    left = np.isin(township, list(areas.left))
    own = outcome.access.own_site
    planned = np.append(outcome.reach.eligibility.planned, False)[own]  # -1: no own site
    by_trial = (left | planned) & (own >= 0)
    pairs = {
        (int(there), str(outcome.usable_id[site]))
        for there, site in zip(township[by_trial], own[by_trial], strict=True)
    }
    county = areas.county_of_township
    for site, stands in zip(
        places.site_id[~places.usable], places.county[~places.usable], strict=True
    ):
        pairs |= {(there, str(site)) for there in areas.left if county[there] == stands}
    return sorted(pairs)


def more_may_serve(
    ground: Ground, outcome: Reached, serving: Mapping[int, list[str]]
) -> tuple[Bools, Bools]:
    """Townships (townships,) that a site not counted may serve: one reported and not named, or
    named where it is not known whom it serves; and those of counties whose list is not complete.
    """
    sites, county = outcome.sites, ground.county
    placed = {each for here in serving.values() for each in here}
    silent = ~sites["site_id"].isin(placed) & (sites["status"] != PLANNED)
    silent_county = sites.loc[silent, "county"].to_numpy(np.int64)
    standing = outcome.standing
    more = ~standing.unnamed_known | (standing.unnamed > 0)
    more[silent_county[silent_county >= 0]] = True
    more |= (silent_county < 0).any()
    return more[county], ~complete_counties(ground.inputs, outcome.layer.id)[county]


def _residents_per_site(ground: Ground, outcome: Reached) -> Supply:
    """By service area: the mean load of the township's own sites; where their split is not known,
    the residents of all the townships they serve together, per site."""
    serving = sites_of_townships(ground, outcome)
    if not serving:
        return _residents_per_county_site(ground, outcome)
    residents, townships = site_residents(ground, outcome), len(ground.universe)
    told, least, most = (np.full(townships, np.nan) for _ in range(3))
    for township, sites in serving.items():
        loads = [load for site in sites if (load := residents[site]) is not None]
        if len(loads) == len(sites):
            told[township] = least[township] = most[township] = sum(loads) / len(loads)
        else:
            told[township] = mean_of_shared(ground, serving, sites[0])
            least[township], most[township] = _ends_of_shared(ground, serving, sites)
    more, gap = more_may_serve(ground, outcome, serving)
    served = ~np.isnan(told)
    return _supply(
        told,
        (np.where(served & more, 0, least), most),
        unknown=~served & (more | gap),
        more_sites=more,
    )


def _ends_of_shared(
    ground: Ground, serving: Mapping[int, list[str]], sites: list[str]
) -> tuple[float, float]:
    """Least and most residents per site of a township's own `sites`, whoever goes to which: those
    of townships that no other site serves, and those of all that one of them serves."""
    own, demand = set(sites), ground.demand
    most = [place for place, here in serving.items() if not own.isdisjoint(here)]
    least = [place for place in most if own.issuperset(serving[place])]
    fewest, all_of_them = (
        float(demand.population[np.isin(demand.township, places)].sum() / len(sites))
        for places in (least, most)
    )
    return fewest, all_of_them


def mean_of_shared(ground: Ground, serving: dict[int, list[str]], site: str) -> float:
    """Residents per site of all the sites that share a township with `site`, and of all the
    townships these serve: what is known of a load whose split is not."""
    sites = {each for here in serving.values() if site in here for each in here}
    places = [place for place, here in serving.items() if not sites.isdisjoint(here)]
    residents = ground.demand.population[np.isin(ground.demand.township, places)]
    return float(residents.sum() / len(sites))


def _residents_per_county_site(ground: Ground, outcome: Reached) -> Supply:
    residents = _by_county(ground, ground.demand.population)
    fewest, most = _standing(outcome)

    def per_site(sites: Floats) -> Floats:
        """Without any site there are endlessly many, without residents none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(residents > 0, residents / sites, 0.0)

    known = fewest > 0
    told = np.where(known, per_site(fewest), np.nan)
    ends = (per_site(most), per_site(fewest))
    return _of_counties(ground, told, ends, ~known & (most > 0), most > fewest)


def _sites_per_1000(ground: Ground, outcome: Reached) -> Supply:
    people = _by_county(ground, ground.demand.groups[outcome.layer.group])
    fewest, most = _standing(outcome)

    def per_1000(sites: Floats) -> Floats:
        """Nobody is short of sites where nobody lives."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(people > 0, sites * 1000 / people, np.inf)

    unknown = (fewest == 0) & (most > 0)  # nothing is named, and that is not known to be all
    told = np.where(unknown | (people == 0), np.nan, per_1000(fewest))
    ends = (per_1000(fewest), per_1000(most))
    return _of_counties(ground, told, ends, unknown & (people > 0), most > fewest)


def _standing(outcome: Reached) -> tuple[Floats, Floats]:
    """The fewest and the most sites that can stand in each county (counties,); a named site
    without a known county can stand in any."""
    standing = outcome.standing
    fewest = standing.in_counties.astype(float)
    return fewest, np.where(standing.unnamed_known, fewest + standing.elsewhere, np.inf)


def _by_county(ground: Ground, people: Ints) -> Floats:
    """People (n,) of each county (counties,)."""
    county = ground.county[ground.demand.township]
    return sum_by(county, len(ground.inputs.counties), people).astype(float)


def _of_counties(
    ground: Ground, told: Floats, ends: tuple[Floats, Floats], unknown: Bools, more_sites: Bools
) -> Supply:
    """The figures of each county (counties,), told by township."""
    county = ground.county
    least, most = ends
    return _supply(told[county], (least[county], most[county]), unknown[county], more_sites[county])


def _sites_within_reach(ground: Ground, outcome: Reached) -> Supply:
    """Mean over the target group whose coverage is known; not known where most of it is not.

    At least, those who are undetermined have none.
    """
    area, townships = ground.demand.township, len(ground.universe)
    people, within = outcome.people, outcome.access.sites_within
    unsure = np.where(outcome.coverage == Coverage.UNDETERMINED, people, 0)
    mean = mean_by(area, townships, within, people - unsure)
    mostly = 2 * sum_by(area, townships, unsure) > sum_by(area, townships, people)
    more = sum_by(area, townships, np.where(_more_within(ground, outcome), people, 0)) > 0
    lived_in = sum_by(area, townships, people) > 0
    least = np.where(lived_in, mean_by(area, townships, within, people), np.inf)
    return _supply(
        np.where(mostly, np.nan, mean),
        (least, np.where(more, np.inf, least)),
        unknown=mostly,
        more_sites=more,
    )


def _more_within(ground: Ground, outcome: Reached) -> Bools:
    """Points (n,) of which a site that is not counted could be within the threshold: its place is
    not known, or the list of a county near enough may lack it."""
    access, sites, standing = outcome.access, outcome.sites, outcome.standing
    more = outcome.reach.eligibility.may_be_unlisted.copy()
    for ms in (access.possible_ms, access.unlisted_ms):
        more |= (ms >= 0) & (ms <= outcome.threshold_ms)
    not_named = ~standing.unnamed_known | (standing.unnamed > 0)
    more |= not_named[ground.county][ground.demand.township]
    nowhere = (sites["township"] < 0) & (sites["county"] < 0) & ~sites["usable"].astype(bool)
    return more | bool(nowhere.any())


def _supply(told: Floats, ends: tuple[Floats, Floats], unknown: Bools, more_sites: Bools) -> Supply:
    least, most = ends
    state = np.select(
        [~np.isnan(told), unknown], [State.MEASURED, State.UNKNOWN], State.NOT_APPLICABLE
    )
    nothing = np.isnan(least) | (unknown & (least == 0) & np.isinf(most))
    return Supply(
        told=told,
        least=np.where(nothing, -np.inf, least),
        most=np.where(nothing, np.inf, most),
        state=state.astype(np.uint8),
        more_sites=more_sites,
    )


FIGURES: Mapping[str, Callable[[Ground, Reached], Supply]] = {
    "residents_per_site": _residents_per_site,
    "sites_per_1000": _sites_per_1000,
    "sites_within_reach": _sites_within_reach,
}
