"""Figures of the programme: targets, staff, budgets, counts reported by press and counties."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from builders.common import Builder, Sources, read_text_table, sorted_by
from builders.facilities import COMPLETENESS_SOURCES, tidy_source
from builders.places import county_codes

NATIONAL = ("(national)", "全國")
WORDS = Path(__file__).parent / "programme_words"
INCREASE = "_increase_phase2_over_phase1"
LAYER_OF_ITEM = {
    "social_welfare_centre": "welfare_centres",
    "community_mental_health_centre": "mental_health_centres",
    "collaboration_site": "collaboration_sites",
    "food_bank_site": "food_banks",
}
LINES_CORRECTED = {"422-423,435": "422-423,434"}
"""The second place of the target of 154 is line 434; 435 is blank."""
AS_POINTS = "; the documents say 5 % and 10 %, read here as percentage points"
COUNTY_OF_ITEM = {
    "taichung_family_welfare_service_centre": "66000",
    "residents_per_social_worker": "66000",
}


def document(name: str) -> str:
    """The id of a programme document: its number, 000 to 004."""
    return name[:3]


def programme(sources: Sources) -> pd.DataFrame:
    """Every figure with the document and the lines it stands in, named in both languages.

    The rows of `programme.csv` come first, then those that were read from the documents since
    (`programme_words/added.csv`). Targets of a layer name it; `county_code` is blank for the
    nation.
    """
    raw = read_text_table(sources["programme.csv"])
    raw = raw.assign(
        kind=raw["kind"].str.replace(" ", "_"),
        document=raw["seed_file"].map(document),
        lines=raw["line"].replace(LINES_CORRECTED),
        county_code=raw["item"].map(COUNTY_OF_ITEM).fillna(""),
        item=raw["item"].str.removeprefix("taichung_"),
        note=raw["note"].map(tidy_source)
        + raw["unit"].map({"percentage point": AS_POINTS}).fillna(""),
    )
    added = read_text_table(WORDS / "added.csv")
    figures = pd.concat([raw[list(added.columns)], added], ignore_index=True)
    in_words = {name: read_text_table(WORDS / f"{name}.csv") for name in ("items", "notes")}
    items = in_words["items"].set_index("item")
    base = figures["item"].str.removesuffix(INCREASE)
    more = figures["item"].str.endswith(INCREASE)
    zh, en = (base.map(items[name]) for name in ("item_zh", "item_en"))
    notes = {"": ""} | dict(in_words["notes"].itertuples(index=False, name=None))
    out = pd.DataFrame(
        {
            "figure_id": [f"P{number:03d}" for number in range(1, len(figures) + 1)],
            "topic": figures["topic"],
            "item": figures["item"],
            "item_zh": zh.where(~more, zh + "（第二期較第一期增加）"),
            "item_en": en.where(~more, en + " (phase 2 over phase 1)"),
            "layer": figures["item"].map(LAYER_OF_ITEM).fillna(""),
            "county_code": figures["county_code"],
            **{name: figures[name] for name in ("year_roc", "value", "unit", "kind")},
            "document": figures["document"],
            "lines": figures["lines"],
            "note": figures["note"],
            "note_zh": figures["note"].map(notes),
        }
    )
    if out.isna().any(axis=None):
        raise ValueError(f"figures without words: {out[out.isna().any(axis=1)]}")
    return out


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
            "source": [
                tidy_source(COMPLETENESS_SOURCES.get(s, s)).replace("document 004 lines ", "004:")
                for s in raw["source"]
            ],
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
