"""Figures of the programme: targets, staff, budgets, counts reported by press and counties."""

from __future__ import annotations

import pandas as pd

from builders.common import Builder, Sources, read_text_table, sorted_by
from builders.facilities import COMPLETENESS_SOURCES, tidy_source
from builders.places import county_codes

NATIONAL = ("(national)", "全國")


def document(name: str) -> str:
    """The id of a programme document: its number, 000 to 004."""
    return name[:3]


def programme(sources: Sources) -> pd.DataFrame:
    """385 figures with the document and line they stand in."""
    raw = read_text_table(sources["programme.csv"])
    return pd.DataFrame(
        {
            "figure_id": [f"P{number:03d}" for number in range(1, len(raw) + 1)],
            "topic": raw["topic"],
            "item": raw["item"],
            "year_roc": raw["year_roc"],
            "value": raw["value"],
            "unit": raw["unit"],
            "kind": raw["kind"].str.replace(" ", "_"),
            "document": raw["seed_file"].map(document),
            "lines": raw["line"],
            "note": raw["note"].map(tidy_source),
        }
    )


def county_of(names: pd.Series) -> pd.Series:
    """County names, blank for the country."""
    return names.where(~names.isin(NATIONAL), "")


def county_targets(sources: Sources) -> pd.DataFrame:
    """Targets and counts by county; a blank county is the country."""
    raw = read_text_table(sources["county_targets.csv"])
    name = county_of(raw["county"])
    out = pd.DataFrame(
        {
            "layer": raw["layer"],
            "county_code": county_codes(name),
            "county_name": name,
            "metric": raw["metric"],
            "year_roc": raw["year_roc"].str.partition(" ")[0],
            "value": raw["value"],
            "certainty": raw["certainty"],
            "source": [tidy_source(COMPLETENESS_SOURCES.get(s, s)) for s in raw["source"]],
            "note": raw["note"].map(tidy_source),
        }
    )
    return sorted_by(out, "layer", "county_code", "metric", "year_roc")


def reported_counts(sources: Sources) -> pd.DataFrame:
    """Counts of sites that press and counties report, each with its date."""
    mental = read_text_table(sources["counts_reported_mental_health.csv"])
    food = read_text_table(sources["counts_reported_food_banks.csv"])
    raw = pd.concat([mental.rename(columns={"reported_number": "number"}), food], ignore_index=True)
    name = county_of(raw["county"])
    out = pd.DataFrame(
        {
            "layer": raw["layer"],
            "county_code": county_codes(name),
            "county_name": name,
            "number": raw["number"],
            "date": raw["date"],
            "source": raw["source"].map(tidy_source),
            "note": raw["note"].map(tidy_source),
        }
    )
    return sorted_by(out, "layer", "county_code", "date", "number")


BUILDERS: dict[str, Builder] = {
    "programme/programme.csv": programme,
    "programme/county_targets.csv": county_targets,
    "programme/reported_counts.csv": reported_counts,
}
