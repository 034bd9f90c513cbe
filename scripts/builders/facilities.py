"""Facility layers: what counts as an existing site, and what is set apart and why."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas as pd

from builders.common import Builder, Sources, read_text_table, sorted_by
from builders.places import county_codes, township_codes
from builders.points import judge_points

MAIN_LAYERS = ("welfare_centres", "mental_health_centres", "collaboration_sites", "food_banks")
OTHER_LAYERS = (
    "child_protection_medical_centres",
    "domestic_violence_centres",
    "drug_abuse_prevention_centres",
    "early_intervention_sites",
    "employment_service_centres",
    "family_education_centres",
    "food_banks_private",
    "forensic_wards",
    "student_counselling_centres",
    "youth_guidance_committees",
)
COLUMNS = [
    "site_id", "name", "county_code", "county_name", "township_code", "township_name", "status",
    "role", "kind", "lon", "lat", "point_precision", "point_use", "address", "phone", "source",
    "source_date", "note",
]  # fmt: skip

# rows that are in a source list but are not sites of the layer: (id, status, reason)
SET_APART = {
    "WC142": ("branch", "a service point of 望安七美, not a centre of its own"),
    "WC145": ("branch", "a service point of 馬公湖西, not a centre of its own"),
    "MH002": ("not_counted", "the city does not count it among its five; due as the sixth in 2026"),
    "FB068": ("doubtful_double", "FB162 may be the later place of this branch; one of them counts"),
    "SC002": ("not_counted", "the ministry's own centre, not a centre of the city"),
    "ES001": ("unsourced", "the source that lists it has no name"),
    "ES002": ("unsourced", "the source that lists it has no name"),
}
LEGACY = "county-level entry of 2019 at the health bureau, not a site of the programme"

# what a note says again although a column says it already
REPEATED = re.compile(
    r"lon/lat = inside point of the township polygon(, not the site)?"
    r"|status=named centre"
    r"|no address or coordinate in source"
    r"|township known, lon/lat left empty"
)
# a source whose address was not written down, in words that stand alone
WORDS = (
    (r"GitHub file id \d+", "copy in a public code repository, name not recorded"),
    (r"[;,]? ?repository not named by the \w+", ""),
    (r" ?\(\)", ""),
    (r"\(search \w+, no address\)", "(address not recorded)"),
    (
        r"^pages search text (.*), address not given by the \w+",
        r"web page \1, address not recorded",
    ),
    (r"from the earlier collection", "date of the entry not recorded"),
    (r"\bseeds? (?=\d{3})", "document "),
)


def tidy_source(text: str) -> str:
    """A source in words that stand alone."""
    for old, new in WORDS:
        text = re.sub(old, new, text)
    return text


def tidy_note(text: str) -> str:
    """A note without what the columns say already."""
    parts = [part.strip() for part in text.split(";")]
    return tidy_source("; ".join(part for part in parts if part and not REPEATED.fullmatch(part)))


def status_of(row: pd.Series) -> tuple[str, str]:
    """(status, reason it does not count); the reason of an existing site is blank."""
    if row["id"] in SET_APART:
        return SET_APART[row["id"]]
    if "status=legacy" in row["note"]:
        return "legacy", LEGACY
    return "existing", ""


def read_layer(path: Path, layer: str) -> pd.DataFrame:
    """All rows of one source list in our columns, with `layer` and `reason` beside them."""
    raw = read_text_table(path)
    judged = [status_of(row) for _, row in raw.iterrows()]
    out = pd.DataFrame(
        {
            "site_id": raw["id"],
            "name": raw["name"],
            "county_code": county_codes(raw["county"]),
            "county_name": raw["county"],
            "township_code": township_codes(raw["county"], raw["township"]),
            "township_name": raw["township"],
            "status": [status for status, _ in judged],
            "role": "",
            "kind": raw.get("kind", ""),
            "lon": raw["lon"],
            "lat": raw["lat"],
            "point_precision": raw["coord_precision"],
            "point_use": "",
            "address": raw["address"],
            "phone": raw["phone"],
            "source": raw["source"].map(tidy_source),
            "source_date": raw["source_date"],
            "note": raw["note"].map(tidy_note),
            "layer": layer,
            "reason": [reason for _, reason in judged],
        }
    )
    if layer == "welfare_centres":
        out["role"] = ["branch" if status == "branch" else "main" for status in out["status"]]
    return out


def every_row(sources: Sources) -> pd.DataFrame:
    """All rows of all lists, with the use of each point judged."""
    return _every_row(tuple(sorted(sources.items())))


@cache
def _every_row(files: tuple[tuple[str, Path], ...]) -> pd.DataFrame:
    # several tables are cut from these rows; the points are judged once
    sources = dict(files)
    frames = [read_layer(sources[f"{layer}.csv"], layer) for layer in (*MAIN_LAYERS, *OTHER_LAYERS)]
    rows = sorted_by(pd.concat(frames, ignore_index=True), "site_id")
    if rows["site_id"].duplicated().any():
        raise ValueError("a site_id stands in two lists")
    return judge_points(rows, service_areas(sources))


def layer_builder(layer: str) -> Builder:
    """The builder of data/facilities/<layer>.csv: the existing sites alone."""

    def build(sources: Sources) -> pd.DataFrame:
        rows = every_row(sources)
        return rows.loc[(rows["layer"] == layer) & (rows["status"] == "existing"), COLUMNS]

    return build


def excluded(sources: Sources) -> pd.DataFrame:
    """Every row that does not count, with the reason."""
    rows = every_row(sources)
    return rows.loc[rows["status"] != "existing", [*COLUMNS, "layer", "reason"]]


def township_joins(sources: Sources) -> pd.DataFrame:
    """Each existing site's township by name and by point, and whether they agree."""
    rows = every_row(sources)
    rows = rows[rows["status"] == "existing"]
    return rows[
        ["site_id", "layer", "county_name", "township_name", "township_code",
         "township_code_by_point", "township_name_by_point", "distance_metres", "verdict",
         "point_use", "reason_point"]
    ]  # fmt: skip


# the source cuts these remarks off at a list mark; the full wording is in the centre's own row
PART_NOTES = {
    ("WC078", "鳳山區"): "國泰路以北41里",
    ("WC080", "鳳山區"): "國泰路以南35里",
    ("WC136", "秀林鄉"): "文蘭村、銅門村除外",
    ("WC137", "花蓮市"): "",
    ("WC138", "吉安鄉"): "另服務秀林鄉文蘭村、銅門村",
}


def service_areas(sources: Sources) -> pd.DataFrame:
    """Which townships a centre serves: welfare centres (365 pairs) and 11 mental-health centres."""
    welfare = read_text_table(sources["welfare_centre_service_areas.csv"]).assign(
        layer="welfare_centres",
        source="list of the Social and Family Affairs Administration, 2023-04",
    )
    mental = read_text_table(sources["mental_health_service_areas.csv"]).assign(
        layer="mental_health_centres", part_note=""
    )
    both = pd.concat([welfare, mental], ignore_index=True)
    notes = [
        PART_NOTES.get((site, township), "全縣" if note == "whole county" else note)
        for site, township, note in zip(
            both["centre_id"], both["township"], both["part_note"], strict=True
        )
    ]
    out = pd.DataFrame(
        {
            "layer": both["layer"],
            "site_id": both["centre_id"],
            "township_code": both["towncode"],
            "county_name": both["county"],
            "township_name": both["township"],
            "part_note": notes,
            "source": both["source"].map(tidy_source),
        }
    )
    return sorted_by(out, "layer", "site_id", "township_code")


COMPLETENESS_SOURCES = {
    "welfare_centres.csv": "list of the Social and Family Affairs Administration, 2023-04",
    "county open data": "open data of Hsinchu County",
    "seed 004 lines 381-419 (likely)": "document 004 lines 381-419, read as likely",
    "target of phase 2 (seeds 000, 001): the 155 listed and the missing one of Pingtung":
        "target of phase 2 (documents 000, 001): 155 listed and one of Pingtung not in the list",
}  # fmt: skip


def completeness(sources: Sources) -> pd.DataFrame:
    """How complete each county's list of a layer is; the national rows have a blank county."""
    raw = read_text_table(sources["completeness.csv"])
    county = raw["county"].replace("(national)", "")
    out = pd.DataFrame(
        {
            "layer": raw["layer"],
            "county_code": county_codes(county),
            "county_name": county,
            "named": raw["named"],
            "reported_existing": raw["reported_existing"],
            "reported_date": raw["reported_date"],
            "completeness": raw["completeness"],
            "source": [COMPLETENESS_SOURCES.get(s, s) for s in raw["source"]],
        }
    )
    return sorted_by(out, "layer", "county_code")


def food_bank_programmes(sources: Sources) -> pd.DataFrame:
    """County food-bank programmes known without a list of sites."""
    raw = read_text_table(sources["food_bank_programmes.csv"])
    out = pd.DataFrame(
        {
            "county_code": county_codes(raw["county"]),
            "county_name": raw["county"],
            "name": raw["name"],
            "operator": raw["operator"],
            "phone": raw["phone"],
            "source": raw["source"].map(tidy_source),
            "source_date": raw["source_date"],
            "note": raw["note"].map(tidy_note),
        }
    )
    return sorted_by(out, "county_code", "name")


def planned_or_unproven(sources: Sources) -> pd.DataFrame:
    """Sites announced or claimed that nothing shows to stand."""
    raw = read_text_table(sources["planned_or_unproven.csv"])
    out = pd.DataFrame(
        {
            "layer": raw["layer"],
            "county_code": county_codes(raw["county"]),
            "county_name": raw["county"],
            "township_code": township_codes(raw["county"], raw["township"]),
            "township_name": raw["township"],
            "name": raw["name"],
            "state": raw["state"],
            "source": raw["source"].map(tidy_source),
            "source_date": raw["source_date"],
            "note": raw["note"].map(tidy_note),
        }
    )
    return sorted_by(out, "layer", "county_code", "township_code", "name")


BUILDERS: dict[str, Builder] = {
    **{
        f"facilities/{layer}.csv": layer_builder(layer)
        for layer in (*MAIN_LAYERS, *OTHER_LAYERS)
        if layer != "employment_service_centres"
    },
    "facilities/excluded.csv": excluded,
    "facilities/township_joins.csv": township_joins,
    "facilities/service_areas.csv": service_areas,
    "facilities/completeness.csv": completeness,
    "facilities/food_bank_programmes.csv": food_bank_programmes,
    "facilities/planned_or_unproven.csv": planned_or_unproven,
}
