"""The villages of a county's page: their figures by service, and their shapes.

Figures are those of the run's list of villages: modelled people are rounded to 10 there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely

from geoplan.export.cells import clean
from geoplan.maps.antimeridian import eastward, is_moved
from geoplan.maps.encoding import columns
from geoplan.maps.topology import polygons, topology

PLACE = ("village_code", "village_name", "township_code", "lon", "lat", "population")
FIGURES = (
    *("target_people", "target_modelled", "own_state", "own_site_id", "own_minutes"),
    *("modelled_share", "coverage", "coverage_after", "own_minutes_after"),
)
"""Columns of tables.VILLAGE_ROWS that the page shows of each service."""


@dataclass(frozen=True, slots=True)
class Villages:
    """Villages of a finished result."""

    rows: pd.DataFrame  # one a village and layer, with the columns PLACE and FIGURES
    areas: pd.DataFrame  # village_code, village_name, township_code, geometry; may be empty

    def of_townships(self, codes: Iterable[str]) -> Villages:
        """Those of some townships; a shape without a township is that of its village's row."""
        wanted = set(codes)
        rows = self.rows[self.rows["township_code"].isin(wanted)]
        mine = self.areas["township_code"].isin(wanted) | self.areas["village_code"].isin(
            rows["village_code"]
        )
        return Villages(rows, self.areas[mine])


def site_ids(villages: Villages) -> set[tuple[str, str]]:
    """Layer and id of every site that is some village's own."""
    return set(zip(villages.rows["layer"], villages.rows["own_site_id"], strict=True))


def village_measures(layer: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be coloured by village: minutes in the classes of the townships' minutes, and
    whether the target group is covered, before and after the proposals."""
    minutes = next(each for each in layer["measures"] if each["id"] == "minutes")
    own = {**minutes, "id": "village_minutes", "column": "own_minutes", "state": "own_state"}
    coverage = [
        {"id": f"village_{name}", "column": name} for name in ("coverage", "coverage_after")
    ]
    return [{**each, "villages": True} for each in (own, *coverage)]


def village_tables(villages: Villages, nation: dict[str, Any], codes: Sequence[str]) -> Any:
    """`villages` (places, and figures by layer in the same order), `topology` (villages; a
    township of which no village has a shape stands there whole, under its own code) and `around`
    (townships of other counties, to see where one is).

    Args:
        nation: the topology of all townships.
        codes: the county's townships.
    """
    rows = villages.rows.sort_values(["layer", "village_code"], kind="stable")
    parts = {str(layer): part for layer, part in rows.groupby("layer", sort=False)}
    known = next(iter(parts.values()), rows)
    by_code = dict(zip(known["village_code"], known.to_dict("records"), strict=True))
    shapes, without = _shapes(villages, by_code)
    places = [
        {**dict.fromkeys(PLACE), **without.get(code, {}), **by_code.get(code, {})}
        for code in sorted({*by_code, *without})
    ]
    places = [place for place in places if place["township_code"] in set(codes)]
    order = [place["village_code"] for place in places]
    township = {place["village_code"]: place["township_code"] for place in places}
    shapes = {code: shape for code, shape in shapes.items() if code in township}
    shaped = {township[code] for code in shapes}
    whole = polygons(nation, "townships")
    if is_moved(list(whole.values())):
        shapes = dict(zip(shapes, eastward(list(shapes.values())), strict=True))
    shapes |= {code: whole[code] for code in codes if code not in shaped}
    return {
        "villages": {
            "places": columns(places, PLACE),
            "layers": {layer: _figures(part, order) for layer, part in parts.items()},
        },
        "topology": topology(list(shapes.values()), list(shapes), "villages"),
        "around": _around(whole, codes),
    }


def _shapes(villages: Villages, by_code: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Shapes by village code; and the villages that have a shape and no row, by code."""
    areas = villages.areas
    shapes = dict(zip(areas["village_code"], areas["geometry"], strict=True))
    names = ("village_code", "village_name", "township_code")
    without = {
        row["village_code"]: {name: clean(row[name] or "") for name in names}
        for row in areas[list(names)].to_dict("records")
        if row["village_code"] not in by_code
    }
    return shapes, without


def _figures(part: pd.DataFrame, order: list[str]) -> dict[str, Any]:
    found = dict(zip(part["village_code"], part[list(FIGURES)].to_dict("records"), strict=True))
    nothing = dict.fromkeys(FIGURES)
    return columns([found.get(code, nothing) for code in order], FIGURES)


def _around(whole: dict[str, Any], codes: Sequence[str]) -> dict[str, Any] | None:
    """Townships of other counties that the view of this one shows; None where there are none."""
    mine = [whole[code] for code in codes]
    west, south, east, north = shapely.total_bounds(mine)
    margin = max(east - west, north - south) / 4
    view = shapely.box(west - margin, south - margin, east + margin, north + margin)
    others = {c: s for c, s in whole.items() if c not in set(codes) and shapely.intersects(s, view)}
    return topology(list(others.values()), list(others), "around") if others else None
