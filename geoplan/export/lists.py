"""The lists: which rows stand in which one, in which order. One definition for every format.

A list is a table definition and plain records; CSV, workbook and report show the same records.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from geoplan.export.cells import as_records, clean
from geoplan.model import Plan
from geoplan.tables import (
    COMPLETENESS_TABLE,
    COUNTS,
    DETAILS,
    EXCLUDED,
    LAYER_TOTALS,
    PLAN_SITES,
    ROWS,
    SEVERITY,
    VILLAGE_ROWS,
    Table,
)

_SITE_ORDER = {"existing": 0, "planned": 1, "closed": 2, "proposed": 3}

NAMES = ("county_name", "township_name")
_GROUPS = ("firm", "provisional", "undetermined", "others")

Records = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: its columns and its rows as plain values (text cleaned, absent cells None)."""

    table: Table
    records: Records

    def of(self, layer: str) -> Records:
        """The rows of one layer."""
        return [row for row in self.records if row["layer"] == layer]


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list of a plan. The township lists firm, provisional, undetermined and others share
    no row and together hold all; each is ranked (see `rank`) within its layer."""

    plan: Plan
    townships: Listed  # by layer as the study orders them, and township code
    firm: Listed  # the rule lists them, the list of sites is complete
    provisional: Listed  # the rule lists them on the named sites of an incomplete list
    undetermined: Listed  # the rule lacks an input
    others: Listed  # to be watched, or not listed
    sites: Listed  # by layer: existing, planned, closed, proposed in the order of the proposal
    excluded: Listed  # sites that were seen and are not counted
    completeness: Listed
    counts: Listed
    totals: Listed
    details: dict[str, Listed]  # the tables behind the rows, by id

    @property
    def underserved(self) -> Listed:
        """Listed townships, layer by layer, firm before provisional."""
        layers = [layer.id for layer in self.plan.study.layers]
        return Listed(
            ROWS,
            [
                row
                for layer in layers
                for part in (self.firm, self.provisional)
                for row in part.of(layer)
            ],
        )

    @property
    def proposals(self) -> Listed:
        return Listed(PLAN_SITES, [row for row in self.sites.records if _is_proposed(row)])

    @property
    def standing(self) -> Listed:
        """Existing, planned and closed sites."""
        return Listed(PLAN_SITES, [row for row in self.sites.records if not _is_proposed(row)])

    def national(self, layer: str) -> dict[str, Any]:
        """The nation's arithmetic of the target of one layer."""
        return next(row for row in self.counts.of(layer) if not row["county_code"])

    def total(self, layer: str) -> dict[str, Any]:
        """The headline figures of one layer."""
        return self.totals.of(layer)[0]


def make_lists(plan: Plan) -> Lists:
    """All lists of a plan, in their order."""
    place = {layer.id: number for number, layer in enumerate(plan.study.layers)}

    def ordered(frame: pd.DataFrame, table: Table) -> Listed:
        known = frame[frame["layer"].isin(list(place))]
        records = as_records(known, table)
        # The key without the layer: township, or county with the nation (blank) first.
        records.sort(
            key=lambda row: (place[row["layer"]], *(row[name] or "" for name in table.key[1:]))
        )
        return Listed(table, records)

    townships = ordered(plan.rows, ROWS)
    groups: dict[str, Records] = {name: [] for name in _GROUPS}
    for row in sorted(townships.records, key=lambda row: (place[row["layer"]], *rank(row))):
        groups[_group(row)].append(row)
    sites = as_records(plan.sites, PLAN_SITES)
    sites.sort(
        key=lambda row: (
            place[row["layer"]],
            _SITE_ORDER[row["status"]],
            row["order"] or 0,
            row["site_id"],
        )
    )
    return Lists(
        plan=plan,
        townships=townships,
        **{name: Listed(ROWS, groups[name]) for name in _GROUPS},
        sites=Listed(PLAN_SITES, sites),
        excluded=ordered(plan.excluded, EXCLUDED),
        completeness=ordered(plan.completeness, COMPLETENESS_TABLE),
        counts=ordered(plan.counts, COUNTS),
        totals=ordered(plan.layer_totals, LAYER_TOTALS),
        details={
            table.id: with_names(Listed(table, as_records(plan.details[table.id], table)), plan)
            for table in DETAILS
        },
    )


def with_names(listed: Listed, plan: Plan) -> Listed:
    """The list with the names of county and township behind a township code that stands alone."""
    table = listed.table
    if "township_code" not in table.names or "township_name" in table.names:
        return listed
    known = plan.townships.set_index("township_code")
    names = {name: known[name].map(clean).to_dict() for name in NAMES}
    at = table.names.index("township_code") + 1
    named = tuple(ROWS.column(name) for name in NAMES)
    columns = (*table.columns[:at], *named, *table.columns[at:])
    order = [column.name for column in columns]
    records = []
    for row in listed.records:
        told = row | {name: names[name].get(row["township_code"]) for name in NAMES}
        records.append({name: told[name] for name in order})
    return Listed(replace(table, columns=columns), records)


def rank(row: dict[str, Any]) -> tuple[int, str]:
    """Most people beyond the threshold times severity first, ties by township code.

    Where the rule lacks an input, the people of whom nothing is known count as well.
    """
    people = row["beyond_people"]
    if row["status"] == "undetermined":
        people += row["target_undetermined"]
    return -people * SEVERITY.get(row["status"], 1), row["township_code"]


def _group(row: dict[str, Any]) -> str:
    if row["listed"]:
        return "firm" if row["certainty"] == "firm" else "provisional"
    return "undetermined" if row["status"] == "undetermined" else "others"


def village_frame(plan: Plan) -> pd.DataFrame:
    """Every demand point and layer, as the plan holds them: by layer, then village code."""
    frame = plan.village_rows[VILLAGE_ROWS.names]
    place = {layer.id: number for number, layer in enumerate(plan.study.layers)}
    frame = frame.assign(layer_place=[place[layer] for layer in frame["layer"]])
    ordered = frame.sort_values(["layer_place", "village_code"], kind="stable")
    return ordered[VILLAGE_ROWS.names].reset_index(drop=True)


def _is_proposed(site: dict[str, Any]) -> bool:
    return bool(site["status"] == "proposed")
