"""The steps of the straight line: from the tables that were read to arrays, and into the engines.

Each function takes what the step before it made and returns a frozen value. Nothing here reads or
writes a file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geoplan.access.aggregate import sum_by
from geoplan.access.eligibility import Areas, SitePlaces, eligibility, served_townships
from geoplan.access.nearest import Eligibility, layer_access
from geoplan.demand import AreaGroup, DemandPoints, build_demand
from geoplan.model import Bools, Demand, Floats, Inputs, Ints, LayerAccess, Strings, TravelMatrix
from geoplan.projection import to_metres
from geoplan.rules import Rule
from geoplan.study import Layer, Study
from geoplan.tables import STANDING
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.travel_step import Travel
from geoplan.trial import AREA, ORIGIN, PLANNED


@dataclass(frozen=True, slots=True)
class Reach:
    """Minutes from every demand point to the usable sites of one layer, and who may use which."""

    matrix: TravelMatrix
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class SiteList:
    """Existing sites and candidates in one order, the columns of the travel matrix."""

    id: Strings
    xy: Floats
    township: Ints


def positions(codes: pd.Series, of: pd.Series) -> Ints:
    """Position of each code in `of`, -1 where it is blank or not there."""
    found: Ints = pd.Index(of).get_indexer(pd.Index(codes)).astype(np.int64)
    return found


def demand_points(inputs: Inputs) -> Demand:
    """Villages with their people and every target group of the study."""
    points, townships = inputs.points, inputs.townships
    township = positions(points["township_code"], townships["township_code"])
    county_of_township = positions(townships["county_code"], inputs.counties["county_code"])
    counted, spread = {}, []
    for group in inputs.study.groups:
        if group.level == "village":
            counted[group.id] = points[list(group.columns)].sum(axis=1).to_numpy(np.int64)
            continue
        frame = townships if group.level == "township" else inputs.counties
        spread.append(
            AreaGroup(
                id=group.id,
                people=frame[list(group.columns)].sum(axis=1).to_numpy(np.int64),
                area=township if group.level == "township" else county_of_township[township],
                spread_by=points[group.spread_by].to_numpy(np.int64),
            )
        )
    known = DemandPoints(
        demand_id=points["village_code"].to_numpy(object),
        township=township,
        lon=points["lon"].to_numpy(float),
        lat=points["lat"].to_numpy(float),
        population=points["population"].to_numpy(np.int64),
    )
    return build_demand(known, counted, spread)


def universes(demand: Demand, travel: Travel, townships: int) -> Ints:
    """0 for townships most of whose people live on the land mass with the most people, else 1."""
    largest = np.bincount(travel.land, weights=demand.population).argmax()
    on_main = sum_by(
        demand.township, townships, np.where(travel.land == largest, demand.population, 0)
    )
    return np.where(2 * on_main > sum_by(demand.township, townships, demand.population), 0, 1)


def site_list(inputs: Inputs, travel: Travel, settlement: Ints) -> SiteList:
    """Usable existing sites of every layer, then one candidate a township, sorted by id.

    A candidate is the township's settlement (t,), the demand point nearest to its people-weighted
    centre: an area to search, not an address.
    """
    usable = inputs.sites[is_usable(inputs.sites) & inputs.sites["lon"].notna()]
    usable = usable.drop_duplicates("site_id")  # one planned beside another stands at its point
    site_xy = to_metres(
        usable["lon"].astype(float), usable["lat"].astype(float), inputs.study.metres_crs
    )
    candidate_id = [f"{AREA}{code}" for code in inputs.townships["township_code"]]
    ids = np.array([*usable["site_id"], *candidate_id], dtype=object)
    xy = np.vstack([site_xy.reshape(-1, 2), travel.xy[settlement]])
    township = np.concatenate(
        [
            positions(usable["township_code"], inputs.townships["township_code"]),
            np.arange(len(inputs.townships)),
        ]
    )
    order = np.argsort(ids.astype(str), kind="stable")
    return SiteList(ids[order], xy[order], township[order])


def is_usable(sites: pd.DataFrame) -> pd.Series:
    """Sites whose point is good enough to measure a distance to: of those that exist; one planned
    in an area is taken to stand at its township's settlement."""
    existing = (sites["status"] == "existing") & (sites["point_use"] == "distance")
    return existing | (sites["status"] == PLANNED)


def township_settlements(demand: Demand, xy: Floats, townships: int) -> Ints:
    """Position of the demand point nearest to each township's people-weighted centre."""
    people = np.maximum(demand.population, 1)
    whole = sum_by(demand.township, townships, people).astype(float)
    centre = np.column_stack(
        [
            np.bincount(demand.township, weights=xy[:, axis] * people, minlength=townships) / whole
            for axis in (0, 1)
        ]
    )
    metres = np.hypot(*(xy - centre[demand.township]).T)
    order = np.lexsort((np.arange(len(metres)), np.round(metres, 3), demand.township))
    first = np.unique(demand.township[order], return_index=True)[1]
    return order[first].astype(np.int64)


def columns_of(matrix: TravelMatrix, site_id: Strings) -> TravelMatrix:
    """The matrix of the named sites only, in the order given."""
    at = positions(pd.Series(site_id, dtype=object), pd.Series(matrix.site_id, dtype=object))
    return TravelMatrix(
        site_id=site_id,
        ms=matrix.ms[:, at],
        modelled_ms=matrix.modelled_ms[:, at],
        reachable=matrix.reachable[:, at],
    )


def layer_sites(inputs: Inputs, layer: str) -> pd.DataFrame:
    """Sites of one layer that stand, sorted by id, with township and county positions."""
    stands = inputs.sites["status"].isin(STANDING)
    sites = inputs.sites[(inputs.sites["layer"] == layer) & stands]
    sites = sites.sort_values("site_id", kind="stable").reset_index(drop=True)
    return sites.assign(
        township=positions(sites["township_code"], inputs.townships["township_code"]),
        county=positions(sites["county_code"], inputs.counties["county_code"]),
        usable=is_usable(sites),
    )


def complete_counties(inputs: Inputs, layer: str) -> Bools:
    """Whether each county's list of this layer is complete (or brought by the planner)."""
    return np.isin(county_completeness(inputs, layer), ["complete", "planner"])


def county_completeness(inputs: Inputs, layer: str) -> Strings:
    """The completeness of each county's list (counties,); `unknown` where nothing is said."""
    table = inputs.completeness[inputs.completeness["layer"] == layer]
    said = table.set_index("county_code")["completeness"].to_dict()
    return np.array([said.get(code, "unknown") for code in inputs.counties["county_code"]], object)


def reach_of(
    layer: Layer, inputs: Inputs, demand: Demand, travel: Travel, matrix: TravelMatrix
) -> Reach:
    """The minutes to the usable sites of one layer, and who may use which."""
    sites, areas = layer_places(inputs, demand, layer)
    who = eligibility(sites, areas, layer.eligibility, travel.least_ms)
    return Reach(columns_of(matrix, sites.site_id[sites.usable]), who)


def access_to(layer: Layer, reach: Reach) -> LayerAccess:
    """How far everybody is from their own and from the nearest site of one layer."""
    return layer_access(layer.id, reach.matrix, reach.eligibility, threshold_ms(layer))


def layer_places(inputs: Inputs, demand: Demand, layer: Layer) -> tuple[SitePlaces, Areas]:
    """Where the layer's sites stand, and whom they serve."""
    sites = layer_sites(inputs, layer.id)
    townships = inputs.townships
    county_of_township = positions(townships["county_code"], inputs.counties["county_code"])
    table = inputs.service_areas[inputs.service_areas["layer"] == layer.id]
    township = positions(table["township_code"], townships["township_code"])
    places = SitePlaces(
        site_id=sites["site_id"].to_numpy(object),
        township=sites["township"].to_numpy(np.int64),
        county=sites["county"].to_numpy(np.int64),
        usable=sites["usable"].to_numpy(bool),
        planned=(sites["status"] == PLANNED).to_numpy(bool),
    )
    areas = Areas(
        township=demand.township,
        county_of_township=county_of_township,
        complete=complete_counties(inputs, layer.id),
        served=frozenset(zip(table["site_id"], township.tolist(), strict=True)),
    )
    return places, replace(areas, left=_left(inputs, layer, places, areas))


def _left(inputs: Inputs, layer: Layer, places: SitePlaces, areas: Areas) -> frozenset[int]:
    """The townships that only sites closed by a trial served, by the published areas."""
    sites = inputs.sites
    gone = sites[
        (sites["layer"] == layer.id) & (sites["status"] == "closed") & (sites["origin"] == ORIGIN)
    ]
    if gone.empty or "service_area" not in layer.eligibility:
        return frozenset()
    nowhere = np.full(len(gone), -1)
    closed = SitePlaces(
        site_id=gone["site_id"].to_numpy(object),
        township=positions(gone["township_code"], inputs.townships["township_code"]),
        county=nowhere,
        usable=nowhere >= 0,
        planned=nowhere >= 0,
    )
    served, before = (
        {township for site in served_townships(each, areas.served) for township in site}
        for each in (places, closed)
    )
    return frozenset(before - served)


def threshold_ms(layer: Layer) -> int:
    return round(layer.minutes * MS_PER_MINUTE)


def rule_of(study: Study, layer: str, universe: str) -> Rule:
    """The rule of this layer in this universe."""
    return next(rule for rule in study.rules if (rule.layer, rule.universe) == (layer, universe))
