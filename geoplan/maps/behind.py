"""The tables that stand behind the rows, in the few columns that the page shows of them.

What the page can look up is left out: names of places and sites, and of each comparison of a rule
all that is the same for every township.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from geoplan.export.lists import Lists, Records
from geoplan.maps.encoding import columns

COMPARED = ("test", "sentence", "measure", "unit", "sign", "parameter", "threshold")
"""What a comparison is: the same for every township under the same rule."""

HOLDS = ("false", "true", "unknown")

SHOWN: dict[str, tuple[str, ...]] = {
    "loads": (
        *("layer", "area_id", "assigned_by", "county_code", "certainty", "split"),
        *("residents_per_site", "times_mean", "rank"),
    ),
    "load_totals": (
        *("layer", "scope", "areas", "residents_per_site_mean", "ratio"),
        *("largest_area_id", "largest_residents_per_site"),
        *("smallest_area_id", "smallest_residents_per_site"),
    ),
    "places_without": ("layer", "lack", "place_code", "certainty"),
    "own_nearest": ("layer", "certainty", "longer", "target_people", "person_minutes"),
    "equity": ("layer", "universe", "scope", "quantity", "figure", "value", "low", "high"),
    "minutes_classes": (
        *("layer", "universe", "scope", "state", "over_minutes", "upto_minutes"),
        *("people", "people_beyond"),
    ),
    "lorenz": ("layer", "universe", "scope", "minutes", "people_share", "minutes_share"),
    "hotspots": ("layer", "township_code", "certainty", "cluster"),
    "flips": (
        *("layer", "township_code", "flip", "status_township"),
        *("beyond_people_villages", "beyond_people_township"),
    ),
    "near_misses": (
        *("layer", "township_code", "parameter", "unit", "value", "changed_value"),
        *("status_then", "change"),
    ),
    "remedies": (
        *("layer", "township_code", "remedies", "people_to_bring_within", "minutes_shorter"),
        *("capacity_times", "status_after"),
    ),
    "siting_years": (
        *("layer", "year", "steps", "new_sites", "sites", "stands", "listed_gain", "gain"),
        *("listed_bound", "listed_loss", "gap", "proof"),
    ),
    "siting_sites": ("layer", "order", "loss", "selected"),
    "siting_curve": ("layer", "sites", "listed_gain", "listed_bound"),
    "siting_beside": (
        *("layer", "plan", "sites", "listed_gain", "gain", "townships_lifted", "places_first"),
        "proof",
    ),
    "quota_readings": (
        *("layer", "rounding", "residents_per_site", "total", "total_kept", "target", "proof"),
        *("new_needed", "to_place", "unplaced", "listed_gain", "gain"),
    ),
}
"""Columns of each table that stand in the page."""

_CHANGING = ("beyond_people", "beyond_share", "target_undetermined", "own_minutes_mean")
PROGRESS = ("layer", "year", "township_code", *_CHANGING)
"""Columns of siting_progress that stand in the page, of the rows that `_progress` keeps."""

_SCOPE = ("layer", "universe", "scope")
CLUSTERS = ("high_high", "low_low")
EQUITY_FIGURES = ("mean", "gini", "concentration_index", "people_shortfall")


def tables_behind(lists: Lists, rows: Records) -> dict[str, Any]:
    """Every table of SHOWN and the margins, by name, as columns; `rows` are those of the page."""
    classes = lists.details["minutes_classes"].records
    peopled = {tuple(row[name] for name in _SCOPE) for row in classes if row["people"]}
    assigned = {layer.id for layer in lists.plan.study.layers if layer.eligibility[0] != "anyone"}
    wanted: dict[str, Callable[[dict[str, Any]], bool]] = {
        # Of services that anyone may choose, no site is anybody's own.
        "places_without": lambda row: row["layer"] in assigned,
        "own_nearest": lambda row: row["layer"] in assigned,
        "load_totals": lambda row: row["areas"] > 0,
        "equity": lambda row: row["figure"] in EQUITY_FIGURES and row["people"] > 0,
        "minutes_classes": lambda row: tuple(row[name] for name in _SCOPE) in peopled,
        "hotspots": lambda row: row["cluster"] in CLUSTERS,
        # Who would come or go; another status on the same side of the list is left to the files.
        "near_misses": lambda row: row["change"] in ("came", "went"),
        "flips": lambda row: row["flip"] != "other_status",
    }
    made = {}
    for name, shown in SHOWN.items():
        records = filter(wanted.get(name), lists.details[name].records)
        made[name] = columns(list(records), shown)
    progress = columns(_progress(lists), PROGRESS)
    return {**made, "siting_progress": progress, "margins": _margins(lists, rows)}


def _progress(lists: Lists) -> Records:
    """Townships at the end of a year in which something changed there, but for the last year: what
    that one leaves stands in the rows."""
    found, last = [], dict[tuple[str, str], dict[str, Any]]()
    today = {_place(row): row for row in lists.townships.records}
    records = lists.details["siting_progress"].records
    end = max((row["year"] for row in records), default="")
    for row in records:
        before = last.get(_place(row), today[_place(row)])
        if row["year"] != end and any(row[name] != before[name] for name in _CHANGING):
            found.append(row)
            last[_place(row)] = row
    return found


def comparisons(lists: Lists) -> dict[str, Records]:
    """The comparisons that each rule makes, in its order, by rule id.

    Raises:
        ValueError: townships under one rule that are not compared alike.
    """
    margins, found = _by_place(lists), dict[str, Records]()
    for row in lists.townships.records:
        made = [{name: each[name] for name in COMPARED} for each in margins[_place(row)]]
        if found.setdefault(row["rule_id"], made) != made:
            raise ValueError(f"{row['rule_id']} compares {row['township_code']} otherwise")
    return found


def tested(lists: Lists, layer: str) -> int | None:
    """How many townships were tested for clusters; None where none was looked for."""
    records = lists.details["hotspots"].of(layer)
    return sum(row["tested"] == "tested" for row in records) if records else None


def _margins(lists: Lists, rows: Records) -> dict[str, Any]:
    """The value of each comparison and whether it holds, row after row of the page.

    `most` has those that are not `least`, by number of the comparison. The margin is left out: it
    follows from value and threshold.
    """
    margins = _by_place(lists)
    made = [each for row in rows for each in margins[_place(row)]]
    least, most = ([each[name] for each in made] for name in ("value_least", "value_most"))
    return {
        "least": least,
        "most": {at: end for at, end in enumerate(most) if end != least[at]},
        "holds": [HOLDS.index(each["holds"]) for each in made],
    }


def _by_place(lists: Lists) -> defaultdict[tuple[str, str], Records]:
    found: defaultdict[tuple[str, str], Records] = defaultdict(list)
    for each in lists.details["margins"].records:
        found[_place(each)].append(each)
    return found


def _place(row: dict[str, Any]) -> tuple[str, str]:
    return row["layer"], row["township_code"]
