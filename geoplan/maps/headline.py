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
_READ = (
    *("county_code", "status", "certainty", "listed", "reasons"),
    *("target_people", "target_uncovered", "target_unreachable", "beyond_people"),
)
"""Columns of the rows that the figures are made of: every filter copies all it is given."""
_LOAD = "residents_per_site"


def headlines(plan: Plan, layer: Layer) -> dict[str, dict[str, Any]]:
    """Figures of one layer by county code; `NATION` ("") is the whole study."""
    rows = plan.rows.loc[plan.rows["layer"] == layer.id, list(_READ)]
    codes = [str(code) for code in plan.counties["county_code"]]
    scopes = {NATION: rows, **{code: rows[rows["county_code"] == code] for code in codes}}
    counts = {
        str(row["county_code"]): {str(name): cell(value) for name, value in row.items()}
        for row in plan.counts[plan.counts["layer"] == layer.id].to_dict("records")
    }
    loads = _firm_loads(plan, layer)
    return {
        code: {
            **_people(part),
            "load": _load(loads[loads["county_code"].isin(set(part["county_code"]))]),
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


def _firm_loads(plan: Plan, layer: Layer) -> pd.DataFrame:
    """Loads of the layer's firm areas, the smallest first; by site where each has a published area
    of its own, else by county."""
    table = plan.details["loads"]
    known = (table["certainty"] == "firm") & (table["split"] == "known")
    loads = table.loc[(table["layer"] == layer.id) & known, ["area_id", "county_code", _LOAD]]
    return loads.sort_values([_LOAD, "area_id"])


def _load(loads: pd.DataFrame) -> dict[str, Any] | None:
    """Largest and smallest load (residents per site) of some areas, and their ratio."""
    if not len(loads):
        return None
    smallest, largest = (_area(load) for load in (loads.iloc[0], loads.iloc[-1]))
    ratio = largest["residents"] / smallest["residents"]
    return {"largest": largest, "smallest": smallest, "ratio": ratio, "areas": len(loads)}


def _area(load: pd.Series) -> dict[str, Any]:
    return {
        "residents": cell(load[_LOAD]),
        "area_id": load["area_id"],
        "county_code": load["county_code"],
    }
