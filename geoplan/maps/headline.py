"""The first figures of each service, for the nation and for every county.

Firm figures are those of counties whose list of sites is complete; provisional ones, and places of
which nothing can be said, stand beside them and are never added to them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoplan.maps.encoding import cell
from geoplan.model import Plan
from geoplan.study import Layer

NATION = ""


def headlines(plan: Plan, layer: Layer) -> dict[str, dict[str, Any]]:
    """Figures of one layer by county code; `NATION` ("") is the whole study."""
    rows = plan.rows[plan.rows["layer"] == layer.id]
    codes = [str(code) for code in plan.counties["county_code"]]
    scopes = {NATION: rows, **{code: rows[rows["county_code"] == code] for code in codes}}
    counts = {
        str(row["county_code"]): {str(name): cell(value) for name, value in row.items()}
        for row in plan.counts[plan.counts["layer"] == layer.id].to_dict("records")
    }
    return {
        code: {
            **_people(part),
            "load": _load(plan, layer, part),
            "sites": counts.get(code),
        }
        for code, part in scopes.items()
    }


def _people(rows: pd.DataFrame) -> dict[str, Any]:
    firm = rows["certainty"] == "firm"
    listed = rows["listed"].astype(bool)
    undetermined = rows["status"] == "undetermined"
    reasons = rows["reasons"].fillna("").str.split(";")
    return {
        "listed_firm": _tally(rows[listed & firm], "beyond_people"),
        "listed_provisional": _tally(rows[listed & ~firm], "beyond_people"),
        "undetermined": _tally(rows[undetermined], "target_people"),
        "list_gap": _tally(rows[[("list_gap" in each) for each in reasons]], "target_people"),
        "no_usable_point": _tally(
            rows[[("no_usable_point" in each) for each in reasons]], "target_people"
        ),
        "beyond_firm": _beyond(rows[firm]),
        "beyond_provisional": _beyond(rows[~firm]),
        "target_firm": int(rows.loc[firm, "target_people"].sum()),
        "target": int(rows["target_people"].sum()),
        "townships": len(rows),
    }


def _tally(rows: pd.DataFrame, people: str) -> dict[str, int]:
    return {"townships": len(rows), "people": int(rows[people].sum())}


def _beyond(rows: pd.DataFrame) -> dict[str, int]:
    """Everybody beyond the threshold or cut off, whatever the rule of the place asks for."""
    people = rows["target_uncovered"] + rows["target_unreachable"]
    return {"townships": len(rows), "people": int(people.sum())}


def _load(plan: Plan, layer: Layer, rows: pd.DataFrame) -> dict[str, Any] | None:
    """Largest and smallest number of residents per site in the firm counties, and their ratio.

    By site where each has a published area of its own, else by county.
    """
    if layer.per_person != "residents_per_site":
        return None
    firm = rows[rows["certainty"] == "firm"]
    loads = _by_site(plan, layer, firm) or _by_county(firm)
    if not loads:
        return None
    ordered = sorted(
        loads, key=lambda load: (load["residents"], load["county_code"], load["site_id"])
    )
    smallest, largest = ordered[0], ordered[-1]
    ratio = largest["residents"] / smallest["residents"]
    return {"largest": largest, "smallest": smallest, "ratio": ratio, "areas": len(loads)}


def _by_site(plan: Plan, layer: Layer, rows: pd.DataFrame) -> list[dict[str, Any]]:
    sites = plan.sites[(plan.sites["layer"] == layer.id) & (plan.sites["status"] == "existing")]
    sites = sites[sites["county_code"].isin(set(rows["county_code"]))]
    sites = sites[sites["own_residents"].fillna(0) > 0]
    return [
        {"residents": int(residents), "site_id": site, "layer": layer.id, "county_code": county}
        for residents, site, county in zip(
            sites["own_residents"], sites["site_id"], sites["county_code"], strict=True
        )
    ]


def _by_county(rows: pd.DataFrame) -> list[dict[str, Any]]:
    counties = rows[rows["per_person_value"].fillna(0) > 0].drop_duplicates("county_code")
    return [
        {"residents": cell(residents), "site_id": "", "layer": "", "county_code": county}
        for residents, county in zip(
            counties["per_person_value"], counties["county_code"], strict=True
        )
    ]
