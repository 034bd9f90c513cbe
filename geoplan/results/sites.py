"""Every site of the plan: existing, planned by a trial, closed, and proposed areas to search."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.supply import site_residents
from geoplan.steps import complete_counties, positions
from geoplan.tables import PLAN_SITES
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.trial import AREA, PLANNED


def plan_sites(ground: Ground, outcomes: list[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.PLAN_SITES, sorted by layer (in the study's order), status and id."""
    parts = []
    for outcome in outcomes:
        parts += [_standing(ground, outcome), _proposed(ground, outcome)]
    return pd.concat(parts, ignore_index=True)[PLAN_SITES.names]


def _standing(ground: Ground, outcome: LayerOutcome) -> pd.DataFrame:
    sites = ground.inputs.sites
    rows = sites[sites["layer"] == outcome.layer.id].sort_values(["status", "site_id"])
    residents = site_residents(ground, outcome)
    rows = _drawn(ground, rows)
    rows = rows.assign(
        conditional=False,
        own_residents=pd.array([residents.get(site) for site in rows["site_id"]], dtype="Int64"),
    )
    for column in PLAN_SITES.names:
        if column not in rows:
            rows[column] = "" if PLAN_SITES.column(column).kind == "text" else None
    return _typed(rows[PLAN_SITES.names].reset_index(drop=True))


def _drawn(ground: Ground, rows: pd.DataFrame) -> pd.DataFrame:
    """Planned sites in an area with the point of its township's settlement."""
    area = rows["lon"].isna() & (rows["status"] == PLANNED)
    if not area.any():
        return rows
    points = township_points(ground)
    at = positions(rows.loc[area, "township_code"], ground.inputs.townships["township_code"])
    rows = rows.copy()
    rows.loc[area, ["lon", "lat"]] = [points[place] for place in at]
    return rows


def _proposed(ground: Ground, outcome: LayerOutcome) -> pd.DataFrame:
    """A proposal is a township to search in; its point is where its people are, not an address."""
    inputs, siting = ground.inputs, outcome.siting
    townships, opened = inputs.townships, siting.proposal.openings
    complete = complete_counties(inputs, outcome.layer.id)
    county = ground.county
    settlement = township_points(ground)
    standing = inputs.sites[inputs.sites["status"] == "existing"].set_index("site_id")
    records: list[dict[str, Any]] = []
    each = zip(outcome.proposal_ids, siting.candidate_id, siting.candidate_township, strict=True)
    for turn, (name, candidate, place) in enumerate(each):
        township = townships.iloc[int(place)]
        at_site = not candidate.startswith(AREA)
        lon, lat = (
            (standing.loc[candidate, "lon"], standing.loc[candidate, "lat"])
            if at_site
            else settlement[int(place)]
        )
        records.append(
            {
                "site_id": name,
                "layer": outcome.layer.id,
                "name": f"{township['county_name']}{township['township_name']}",
                "status": "proposed",
                "conditional": not bool(complete[county[int(place)]]),
                "county_code": township["county_code"],
                "county_name": township["county_name"],
                "township_code": township["township_code"],
                "township_name": township["township_name"],
                "lon": lon,
                "lat": lat,
                "point_precision": "area",
                "point_use": "area",
                "origin": "plan",
                "year": str(siting.years[opened.year[turn]]) if siting.years else "",
                "order": turn + 1,
                "listed_gain": int(siting.listed_gain[turn]),
                "gain": int(siting.gain[turn]),
                "saved_person_minutes": siting.saved_person_ms[turn] / MS_PER_MINUTE,
                "note": f"beside {candidate}" if at_site else "",
            }
        )
    return _typed(pd.DataFrame(records, columns=PLAN_SITES.names))


def township_points(ground: Ground) -> list[tuple[float, float]]:
    """Longitude and latitude of each township's settlement (where a proposal is drawn)."""
    demand = ground.demand
    return [(float(demand.lon[at]), float(demand.lat[at])) for at in ground.settlement]


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Text columns hold text ("" where empty), number columns nullable numbers."""
    typed = rows.copy()
    for column in PLAN_SITES.columns:
        if column.kind in ("id", "text"):
            typed[column.name] = (
                typed[column.name].astype(object).where(typed[column.name].notna(), "")
            )
        elif column.kind in ("people", "count"):
            typed[column.name] = pd.to_numeric(typed[column.name]).astype("Int64")
        elif column.kind == "flag":
            typed[column.name] = typed[column.name].astype(bool)
        else:
            typed[column.name] = pd.to_numeric(typed[column.name]).astype(float)
    return typed
