"""Every table's columns: name, kind, unit, meaning in both languages, required or not.

The one source of headers, data dictionaries and checks. Inputs (SITES, POINTS ...) are checked at
the door by the pandera schema made from these lists; outputs (ROWS, PLAN_SITES ...) are checked
before they are written.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

Kind = Literal["id", "text", "people", "count", "number", "share", "minutes", "lon", "lat", "flag"]
"""id: non-blank text; people and count: integers from 0; share: 0 to 1; flag: true or false."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, in which unit, and what it is called in both languages."""

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    required: bool = True
    may_be_empty: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A list of columns and the key that must not repeat."""

    id: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


PRECISIONS = ("rooftop", "street", "township", "unknown")
POINT_USES = ("distance", "suspect", "township", "none")
SITE_STATUSES = ("existing", "closed")
CANDIDATE_STATUSES = ("existing", "candidate")
PLAN_SITE_STATUSES = ("existing", "closed", "planned", "proposed")
STANDING = ("existing", "planned")
"""Of these statuses are the sites that people can use; those of a trial are `planned`."""
STATUSES = ("severe", "underserved", "watch", "undetermined", "not_listed")
LISTED = ("severe", "underserved")
SEVERITY = {"severe": 2, "underserved": 1}
"""Weight of the status in the order of the lists; every other status weighs 1."""
CERTAINTIES = ("firm", "provisional")
STATES = ("measured", "unreachable", "not_applicable", "unknown")
ACCESS_STATES = (*STATES, "zero")
COVERAGES = ("covered", "uncovered", "undetermined", "unreachable")
REASONS = (
    *("distance", "no_site_on_island", "capacity", "supply", "cross_boundary", "need"),
    *("list_gap", "no_usable_point", "no_figure", "interval"),
)
UNIVERSES = ("main_island", "islands")
COMPLETENESS = ("complete", "partial", "none", "unknown", "planner")


def read_table(name: str) -> Table:
    """The table whose columns stand in `geoplan/columns/<name>.csv`, one row a column."""
    text = (files("geoplan") / "columns" / f"{name}.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    columns = tuple(
        Column(
            name=row["name"],
            kind=cast(Kind, row["kind"]),
            zh=row["zh"],
            en=row["en"],
            unit=row["unit"],
            may_be_empty=row["may_be_empty"] == "yes",
            choices=tuple(row["choices"].split("|")) if row["choices"] else (),
        )
        for row in rows
    )
    return Table(name, columns, tuple(row["name"] for row in rows if row["key"] == "yes"))


COMPLETENESS_TABLE = read_table("completeness")
EXCLUDED = read_table("excluded")
ROWS = read_table("townships")
VILLAGE_ROWS = read_table("villages")
PLAN_SITES = read_table("plan_sites")
COUNTS = read_table("counts")
LAYER_TOTALS = read_table("layer_totals")
COMPARISON = read_table("comparison")
LOADS = read_table("loads")
LOAD_TOTALS = read_table("load_totals")
PLACES_WITHOUT = read_table("places_without")
OWN_NEAREST = read_table("own_nearest")
EQUITY = read_table("equity")
MINUTES_CLASSES = read_table("minutes_classes")
LORENZ = read_table("lorenz")
HOTSPOTS = read_table("hotspots")
NEED = read_table("need")
MARGINS = read_table("margins")
FLIPS = read_table("flips")
NEAR_MISSES = read_table("near_misses")
REMEDIES = read_table("remedies")
NEED_INFLUENCE = read_table("need_influence")
SITING_YEARS = read_table("siting_years")
SITING_BESIDE = read_table("siting_beside")
SITING_PARTS = read_table("siting_parts")
QUOTA_READINGS = read_table("quota_readings")
SITING_SITES = read_table("siting_sites")
SITING_GAINS = read_table("siting_gains")
SITING_PROGRESS = read_table("siting_progress")
SITING_MOVES = read_table("siting_moves")
SITING_CURVE = read_table("siting_curve")
SITING_ALTERNATIVES = read_table("siting_alternatives")
SITING_REMOVAL = read_table("siting_removal")
SITING_AREAS = read_table("siting_areas")
COST_SHARES = read_table("cost_shares")

PROGRAMME_FIGURES = read_table("programme_figures")
PROGRAMME_DOCUMENTS = read_table("programme_documents")
CONTRADICTIONS = read_table("contradictions")
PROGRAMME_SERVICES = read_table("services")
COUNTY_TARGETS = read_table("county_targets")
YEARLY_TARGETS = read_table("yearly_targets")
BUILD_OUT = read_table("build_out")
KPIS = read_table("kpis")
STAFFING = read_table("staffing")
SUBSIDY_TIERS = read_table("subsidy_tiers")
SUPERVISORS = read_table("supervisors")

PROGRAMME: tuple[Table, ...] = (
    *(YEARLY_TARGETS, BUILD_OUT, COUNTY_TARGETS, KPIS, STAFFING, SUPERVISORS, SUBSIDY_TIERS),
    *(CONTRADICTIONS, PROGRAMME_SERVICES, PROGRAMME_FIGURES, PROGRAMME_DOCUMENTS),
)
"""Tables of the programme: its documents' figures and what stands against them; made by
results/programme.py. A study without a programme has them with no rows."""

DETAILS: tuple[Table, ...] = (
    *(LOADS, LOAD_TOTALS, PLACES_WITHOUT, OWN_NEAREST),
    *(EQUITY, MINUTES_CLASSES, LORENZ, HOTSPOTS),
    *(MARGINS, FLIPS, NEAR_MISSES, REMEDIES, NEED, NEED_INFLUENCE),
    *PROGRAMME,
    *(SITING_YEARS, SITING_SITES, SITING_GAINS, SITING_PROGRESS, SITING_MOVES),
    *(SITING_CURVE, SITING_BESIDE),
    *(SITING_ALTERNATIVES, SITING_REMOVAL, SITING_AREAS, SITING_PARTS),
    *(QUOTA_READINGS, COST_SHARES),
)
"""Tables that stand behind the rows, made by results/details.py and written as `<id>.csv`."""


def schema(table: Table, extra: Sequence[str] = ()) -> pa.DataFrameSchema:
    """The pandera schema of an output table: kinds, choices, empties and key; `extra` allowed."""
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.choices:
            blank = ("",) if column.may_be_empty else ()
            found.append(pa.Check.isin((*column.choices, *blank)))
        if column.kind in ("people", "count", "minutes"):
            found.append(pa.Check.ge(0))
        if column.kind == "share":
            found.append(pa.Check.in_range(0, 1))
        if column.kind == "id":
            found.append(pa.Check.str_length(min_value=1))
        return found

    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                checks=checks(column), nullable=column.may_be_empty, required=column.required
            )
            for column in table.columns
        },
        unique=list(table.key),
        strict=not extra,
    )


def checked(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame, once it is proved to be such a table; a fault here is a bug, not bad input."""
    return schema(table).validate(frame, lazy=True)
