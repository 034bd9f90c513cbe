"""The programme's targets, rates, indicators, staff and shares as tables for people.

The same rows stand on the screen, in the report and on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geoplan.export.lists import Records
from geoplan.export.programme_lists import (
    appraisal,
    contradictions,
    documents,
    figures_of,
    of_county,
    services,
    shares,
)
from geoplan.export.programme_told import NOTHING, Told, View, number, of_year, percent, share
from geoplan.targets import PROGRAMME_YEARS


def targets(told: Told) -> View:
    """Each layer's targets by year; years of which no document speaks stand in one row."""
    rows: list[list[str]] = []
    silent: list[int] = []
    records = told.records["yearly_targets"]
    for at, row in enumerate(records):
        if row["target"] is None:
            silent.append(row["year"])
            follows = records[at + 1] if at + 1 < len(records) else None
            if follows and follows["target"] is None and follows["layer"] == row["layer"]:
                continue
            first, last = (told.year(year).removesuffix(" 年") for year in (silent[0], silent[-1]))
            years = told.say("years", first=first, last=last)
            rows.append([told.layer(row["layer"]), years, NOTHING, NOTHING, told.say("silent"), ""])
            silent = []
            continue
        rows.append(
            [
                told.layer(row["layer"]),
                told.year(row["year"]),
                number(row["target"]),
                rate_text(told, row),
                row["source"],
                standing_text(told, row),
            ]
        )
    heads = [("layer", False), ("year", False), ("target", True), ("rate", True)]
    return told.view("targets", [*heads, ("source", False), ("standing", False)], rows)


def rate_text(told: Told, row: Mapping[str, Any]) -> str:
    """The rate; "at least" where more may stand than is known."""
    told_rate = percent(row["build_out_rate"])
    if row["build_out_rate"] is None or row["unnamed_known"]:
        return told_rate
    return told.say("at_least", value=told_rate)


def standing_text(told: Told, row: Mapping[str, Any]) -> str:
    """How many sites stand, named and unnamed."""
    key = "standing" if row["unnamed_known"] else "standing_least"
    return told.say(key, named=number(row["existing_named"]), unnamed=row["existing_unnamed"])


def build_out(told: Told) -> View:
    """One row a county: what stands of each layer over its latest target, and the 2020 triple."""
    layers = list(dict.fromkeys(row["layer"] for row in told.records["build_out"]))
    by_county: dict[str, Records] = {}
    for row in told.here("build_out"):
        by_county.setdefault(row["county_code"] or "", []).append(row)
    rows = [
        [
            told.place(code),
            *(_standing_over_target(told, row) for row in mine),
            next((_triple(told, row) for row in mine if row["target_2020"] is not None), NOTHING),
            "; ".join(dict.fromkeys(row["target_source"] for row in mine if row["target_source"]))
            or told.say("silent"),
        ]
        for code, mine in by_county.items()
    ]
    heads = [("county", False), *((f"={told.layer(layer)}", True) for layer in layers)]
    return told.view("build_out", [*heads, ("set_up_2020", True), ("source_any", False)], rows)


def _standing_over_target(told: Told, row: Mapping[str, Any]) -> str:
    """ "5/5 100%"; only what stands where no target is stated; the year of an older target."""
    stands = number(row["existing_named"] + row["existing_unnamed"])
    if not row["unnamed_known"]:
        stands = told.say("at_least", value=stands)
    if row["target"] is None:
        return stands
    pair = told.say("triple", set_up=stands, target=number(row["target"]))
    return f"{pair} {percent(row['build_out_rate'])} ({told.roc(row['target_year_roc'] or '')})"


def _triple(told: Told, row: Mapping[str, Any]) -> str:
    """Set up and target of 2020-06 with their certainty."""
    pair = told.say("triple", set_up=row["set_up_2020"], target=row["target_2020"])
    certainty = told.word("certainty", row["certainty_2020"])
    return f"{pair} {percent(row['build_out_rate_2020'])} ({certainty})"


def kpis(told: Told) -> View:
    """Every indicator with the years that are printed."""
    years = (PROGRAMME_YEARS.start - 1, *PROGRAMME_YEARS)
    rows = [
        [
            told.own(row, "item"),
            told.word("code.unit", row["unit"]),
            number(row["baseline"]),
            *(number(of_year(row, year)) for year in years),
            number(row["yearly_growth"]),
            row["sources"],
            told.note(row),
        ]
        for row in told.records["kpis"]
    ]
    columns = [(f"={told.year(year)}", True) for year in years]
    heads = [("indicator", False), ("unit", False), ("before", True), *columns, ("growth", True)]
    return told.view("kpis", [*heads, ("source", False), ("note", False)], rows)


def staffing(told: Told) -> View:
    """Tables 1 and 2 of the documents and what 2.0 adds."""
    years = (*range(2018, 2026), 2030)
    rows = [
        [
            told.own(row, "item"),
            *(number(of_year(row, year)) for year in years),
            number(row["increase"]),
            row["source"],
            told.note(row),
        ]
        for row in told.records["staffing"]
    ]
    columns = [(f"={told.year(year)}", True) for year in years]
    heads = [("item", False), *columns, ("increase", True), ("source", False), ("note", False)]
    return told.view("staffing", heads, rows)


def supervisors(told: Told) -> View:
    """Supervisors by the ratio, both readings of the rest."""
    rows = [
        [
            told.place(row["county_code"] or ""),
            told.own(row, "item"),
            told.roc(row["year_roc"]),
            number(row["staff"]),
            number(row["supervisors_full_groups"]),
            number(row["supervisors_begun_groups"]),
            row["source"],
            f"1:{number(row['workers_per_supervisor'])} "
            + (told.say("study_ratio") if row["ratio_source"] == "study" else row["ratio_source"]),
        ]
        for row in told.here("supervisors")
    ]
    heads = [("county", False), ("item", False), ("year", False), ("staff", True)]
    heads += [("full", True), ("begun", True), ("source", False), ("ratio", False)]
    return told.view("supervisors", heads, rows)


def subsidy(told: Told) -> View:
    """Each county's tier and former tier with the centre's share."""
    rows = [
        [
            told.place(row["county_code"]),
            number(row["former_tier"]),
            share(row["former_percent"]),
            number(row["tier"]),
            share(row["percent"]),
            share(row["percent_held"]),
            NOTHING if row["change"] is None else f"{row['change']:+.0f}",
            row["percent_source"],
            told.own(row, "tier_source"),
        ]
        for row in told.here("subsidy_tiers")
    ]
    heads = [("county", False), ("tier_former", True), ("share_former", True), ("tier", True)]
    heads += [("share", True), ("held", True), ("change", True)]
    return told.view("subsidy", [*heads, ("source", False), ("source_any", False)], rows)


VIEWS: dict[str, Callable[[Told], View]] = {
    "targets": targets,
    "build_out": build_out,
    "kpis": kpis,
    "staffing": staffing,
    "supervisors": supervisors,
    "budget": figures_of("budget", "budget", "budget_table_3"),
    "shares": shares,
    "subsidy": subsidy,
    "appraisal": appraisal,
    "contradictions": contradictions,
    "services": services,
    "facility": figures_of("facility", "facility", "staffing"),
    "volumes": figures_of("volumes", "service_volume"),
    "county": of_county,
    "documents": documents,
}
"""Every topic and what makes its view."""

FIRST = ("targets", "build_out", "kpis", "shares", "appraisal", "contradictions", "documents")
"""Topics told when none is asked for."""
OF_A_COUNTY = ("build_out", "subsidy", "supervisors", "county", "facility", "volumes")
"""Topics that have rows of counties."""
