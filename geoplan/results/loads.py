"""How many people each site has to serve, from the largest load to the smallest, and the places
that have no site. Firm areas (their list of sites is complete) and provisional ones are ranked
apart, for a site that no list names would change a load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoplan.access.aggregate import sum_by
from geoplan.model import Floats, Ints, Strings
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.supply import (
    assigned_sites,
    mean_of_shared,
    people_by_site,
    sites_of_townships,
)
from geoplan.steps import complete_counties
from geoplan.tables import CERTAINTIES, LOAD_TOTALS, LOADS

SCOPES = (*CERTAINTIES, "all")


def loads(ground: Ground, outcomes: Sequence[LayerOutcome], rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of tables.LOADS: one row an area of the assigned services, largest load first.

    By site where service areas are published, else by county; services that anyone may choose
    have no area and no row. The load is residents per site, so that a county with two sites
    compares with an area that has one. `rows` are those of tables.ROWS, for the need.
    """
    parts = [
        part
        for each in outcomes
        if (part := _layer_loads(ground, each, rows[rows["layer"] == each.layer.id])) is not None
    ]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=LOADS.names)
    return found[LOADS.names]


def load_totals(
    loads: pd.DataFrame, without: pd.DataFrame, outcomes: Sequence[LayerOutcome]
) -> pd.DataFrame:
    """Columns of tables.LOAD_TOTALS: each layer's largest and smallest load, their ratio, and how
    many places have no site; firm, provisional, and both together.

    `loads` and `without` are the tables of `loads` and `places_without`.
    """
    records = []
    for outcome in outcomes:
        layer = outcome.layer.id
        for scope in SCOPES:
            of, lacking = (
                table[
                    (table["layer"] == layer)
                    & ((table["certainty"] == scope) if scope != "all" else True)
                ]
                for table in (loads, without)
            )
            records.append(
                {"layer": layer, "scope": scope, **spread_of_loads(of), **_lacks(lacking, outcome)}
            )
    return pd.DataFrame(records, columns=LOAD_TOTALS.names)


def certainty(ground: Ground, layer: str, county: Ints) -> Strings:
    """Firm where the county (position) has a complete list of this layer, else provisional."""
    complete = np.append(complete_counties(ground.inputs, layer), False)  # -1: county not known
    return np.where(complete[county], *CERTAINTIES).astype(object)


def _layer_loads(ground: Ground, outcome: LayerOutcome, rows: pd.DataFrame) -> pd.DataFrame | None:
    serving = sites_of_townships(ground, outcome)
    need = rows["need_percentile"].to_numpy(float)[ground.demand.township]
    if serving:
        found = _by_site(ground, outcome, serving, need)
    elif "county" in outcome.layer.eligibility:
        found = _by_county(ground, outcome, need)
    else:
        return None
    found["layer"] = outcome.layer.id
    found["residents_per_capacity"] = _over(found["residents"], found["capacity"])
    return _ranked(found)


def _by_site(
    ground: Ground, outcome: LayerOutcome, serving: dict[int, list[str]], need: Floats
) -> pd.DataFrame:
    demand, sites = ground.demand, outcome.sites
    site, unsplit = assigned_sites(ground, outcome, serving)
    shared = sites["site_id"].isin(unsplit).to_numpy(bool)
    residents = people_by_site(site, len(sites), demand.population)
    target = people_by_site(site, len(sites), outcome.people)
    townships = pd.Series([each for sites_here in serving.values() for each in sites_here])
    per_site = np.where(residents > 0, residents.astype(float), np.nan)
    for place in np.flatnonzero(shared):
        per_site[place] = mean_of_shared(ground, serving, sites["site_id"].iloc[place])
    return pd.DataFrame(
        {
            "area_id": sites["site_id"],
            "assigned_by": "service_area",
            "name": sites["name"],
            "county_code": sites["county_code"],
            "county_name": sites["county_name"],
            "certainty": certainty(ground, outcome.layer.id, sites["county"].to_numpy(np.int64)),
            "split": np.select([shared, residents == 0], ["shared", "nobody"], "known"),
            "sites": 1,
            "townships": sites["site_id"].map(townships.value_counts()).fillna(0).astype(int),
            "residents": pd.array(residents, dtype="Int64"),
            "target_people": pd.array(target, dtype="Int64"),
            "need_percentile_mean": _mean_need(site, len(sites), demand.population, need),
            "residents_per_site": per_site,
            "capacity": sites["capacity"].to_numpy(float),
        }
    ).assign(
        residents=lambda table: table["residents"].mask(shared),
        target_people=lambda table: table["target_people"].mask(shared),
    )


def _by_county(ground: Ground, outcome: LayerOutcome, need: Floats) -> pd.DataFrame:
    inputs, demand = ground.inputs, ground.demand
    counties = inputs.counties
    county = ground.county[demand.township]
    residents = people_by_site(county, len(counties), demand.population)
    standing = outcome.standing.in_counties
    capacity = np.array(
        [
            # A capacity that one site lacks is no capacity of the county.
            outcome.sites.loc[outcome.sites["county"] == each, "capacity"].sum(skipna=False)
            for each in range(len(counties))
        ],
        float,
    )
    table = pd.DataFrame(
        {
            "area_id": counties["county_code"],
            "assigned_by": "county",
            "name": counties["county_name"],
            "county_code": counties["county_code"],
            "county_name": counties["county_name"],
            "certainty": certainty(ground, outcome.layer.id, np.arange(len(counties))),
            "split": "known",
            "sites": standing,
            "townships": np.bincount(ground.county, minlength=len(counties)),
            "residents": pd.array(residents, dtype="Int64"),
            "target_people": pd.array(
                people_by_site(county, len(counties), outcome.people), dtype="Int64"
            ),
            "need_percentile_mean": _mean_need(county, len(counties), demand.population, need),
            "residents_per_site": _over(residents, standing),
            "capacity": np.where(outcome.standing.unnamed > 0, np.nan, capacity),
        }
    )
    return table[standing > 0]


def _mean_need(area: Ints, areas: int, people: Ints, need: Floats) -> Floats:
    """Need percentile by area, weighted by the people whose need is known; NaN where none is."""
    known = (area >= 0) & ~np.isnan(need)
    product = np.bincount(area[known], weights=(people * need)[known], minlength=areas)
    return _over(product, sum_by(area[known], areas, people[known]))


def _ranked(found: pd.DataFrame) -> pd.DataFrame:
    """Ranked within each certainty, largest first, ties to the lowest id; then the unranked."""
    found = found.assign(rank=pd.array([None] * len(found), "Int64"), times_mean=np.nan)
    for each in CERTAINTIES:
        of = found[(found["certainty"] == each) & (found["split"] == "known")]
        order = of.sort_values(["residents_per_site", "area_id"], ascending=[False, True]).index
        found.loc[order, "rank"] = np.arange(1, len(order) + 1)
        if len(of):
            mean = of["residents"].sum() / of["sites"].sum()
            found.loc[order, "times_mean"] = of.loc[order, "residents_per_site"] / float(mean)
    return found.sort_values(["certainty", "rank", "area_id"], ignore_index=True)


def spread_of_loads(of: pd.DataFrame) -> dict[str, Any]:
    """The mean, the largest and the smallest of some rows of tables.LOADS."""
    known = of[of["split"] == "known"].sort_values(["residents_per_site", "area_id"])
    found: dict[str, Any] = {
        "areas": len(known),
        "areas_shared": int((of["split"] == "shared").sum()),
    }
    if not len(known):
        return found
    smallest, largest = known.iloc[0], known.iloc[-1]
    found |= {
        "residents_per_site_mean": float(known["residents"].sum() / known["sites"].sum()),
        "largest_area_id": largest["area_id"],
        "largest_residents_per_site": largest["residents_per_site"],
        "smallest_area_id": smallest["area_id"],
        "smallest_residents_per_site": smallest["residents_per_site"],
        "ratio": largest["residents_per_site"] / smallest["residents_per_site"],
    }
    by_capacity = known["residents_per_capacity"]
    if by_capacity.notna().all():  # with gaps the extremes could be elsewhere
        found |= {
            "largest_residents_per_capacity": by_capacity.max(),
            "smallest_residents_per_capacity": by_capacity.min(),
            "capacity_ratio": by_capacity.max() / by_capacity.min(),
        }
    return found


def _lacks(without: pd.DataFrame, outcome: LayerOutcome) -> dict[str, Any]:
    counted = without["lack"].value_counts()
    assigned = "service_area" in outcome.layer.eligibility
    return {
        "counties_without": int(counted.get("county_without_site", 0)),
        "townships_without": int(counted.get("township_without_site", 0)),
        "townships_unserved": int(counted.get("township_unserved", 0)) if assigned else None,
    }


def _over(part: Any, whole: Any) -> Floats:
    """part / whole as floats; NaN where the whole is 0 or either is not known."""
    above, below = (pd.Series(each).astype(float).to_numpy() for each in (part, whole))
    divided: Floats = np.divide(
        above, below, out=np.full(len(above), np.nan), where=np.nan_to_num(below) > 0
    )
    return divided
