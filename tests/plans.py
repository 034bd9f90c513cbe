"""A small plan made by hand: five townships, four villages each, the layers of the default study.

Every figure is invented; the plan is consistent with itself, as a real one is.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from geoplan.model import Inputs, Note, Plan, Source
from geoplan.results.programme import programme_tables
from geoplan.study import Study, read_study
from geoplan.tables import (
    COMPLETENESS_TABLE,
    COUNTS,
    COVERAGES,
    DETAILS,
    LAYER_TOTALS,
    PLAN_SITES,
    PROGRAMME,
    ROWS,
    VILLAGE_ROWS,
    checked,
)

TOWNS = [
    # code, name, English, county code, county, county English, people
    ("09007010", "南竿鄉", "Nangan Township", "09007", "連江縣", "Lienchiang County", 7_000),
    ("10013010", "甲市", "Jia City", "10013", "乙縣", "Yi County", 120_000),
    ("10013020", "丙鄉", "Bing Township", "10013", "乙縣", "Yi County", 8_000),
    ("10013030", "丁鄉", "Ding Township", "10013", "乙縣", "Yi County", 4_000),
    ("10013040", "戊鄉", "Wu Township", "10013", "乙縣", "Yi County", 2_000),
]
STATUS = {
    # township: status, reasons, tenths covered, uncovered, undetermined, cut off
    "09007010": ("underserved", "no_site_on_island", (0, 0, 0, 10)),
    "10013010": ("not_listed", "", (9, 1, 0, 0)),
    "10013020": ("severe", "distance;need", (2, 8, 0, 0)),
    "10013030": ("undetermined", "no_usable_point", (1, 1, 8, 0)),
    "10013040": ("watch", "need", (10, 0, 0, 0)),
}
FIRM_LAYERS = ("welfare_centres", "food_banks")
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    '<script>alert("x")</script>',
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}${8*8}`",
    "甲\u202e乙\u200f\u2066丙",
    "甲\x00\x07\x1b乙\x9d\u2028丙",
    "http://example.invalid/",
    "'; DROP TABLE --",
    "]]></name>",
)


def hand_made_plan(**changes: Any) -> Plan:
    """The plan; `changes` replace fields of it."""
    study = read_study("tw-2030")
    rows = pd.concat([_rows(study, layer) for layer in study.layers], ignore_index=True)
    sites = pd.concat([_sites(layer) for layer in study.layers], ignore_index=True)
    places = gpd.GeoDataFrame(
        {
            "township_code": [town[0] for town in TOWNS],
            "township_name": [town[1] for town in TOWNS],
            "township_name_en": [town[2] for town in TOWNS],
            "county_code": [town[3] for town in TOWNS],
            "county_name": [town[4] for town in TOWNS],
            "county_name_en": [town[5] for town in TOWNS],
            "population": [town[6] for town in TOWNS],
        },
        geometry=[box(120 + n, 23, 121 + n, 24) for n in range(len(TOWNS))],
        crs="EPSG:4326",
    )
    counties = places.drop_duplicates("county_code")[
        ["county_code", "county_name", "county_name_en", "geometry"]
    ].reset_index(drop=True)
    plan = Plan(
        study=study,
        data_date="2025-12",
        run_id="0123456789abcdef",
        version="0.1.0",
        townships=places,
        counties=counties,
        villages=None,
        rows=rows[ROWS.names],
        village_rows=pd.concat([_villages(layer) for layer in study.layers], ignore_index=True),
        sites=sites[PLAN_SITES.names],
        counts=pd.concat([_counts(layer, sites) for layer in study.layers], ignore_index=True),
        layer_totals=pd.concat([_totals(layer, rows) for layer in study.layers]),
        completeness=pd.concat([_completeness(layer) for layer in study.layers]),
        services=pd.DataFrame({"service_id": ["S01"], "service_name": ["社會福利服務中心"]}),
        excluded=_excluded(study.layers[0]),
        details={table.id: pd.DataFrame(columns=table.names) for table in DETAILS},
        sources=(
            Source(
                file="population/villages.csv",
                title_zh="村里人口",
                title_en="Population by village",
                origin_zh="內政部戶政司",
                origin_en="Department of Household Registration",
                date="2025-12",
                licence="OGDL-Taiwan-1.0",
                licence_note="",
                sha256="0" * 64,
                rows=20,
            ),
        ),
        notes=(Note("usable_points", {"usable": np.int64(8), "named": 12}),),
    )
    return dataclasses.replace(plan, **changes)


def hostile_plan() -> Plan:
    """The same plan with hostile text in every text of its sites, and in names of places."""
    plan = hand_made_plan()
    sites = plan.sites.copy()
    for turn, name in enumerate(("name", "address", "phone", "source", "source_date", "note")):
        texts = [HOSTILE[(place + turn) % len(HOSTILE)] for place in range(len(sites))]
        sites[name] = texts
    extra = pd.concat([sites.iloc[[0]]] * len(HOSTILE), ignore_index=True)
    extra["site_id"] = [f"hostile-{number}" for number in range(len(HOSTILE))]
    extra["name"] = list(HOSTILE)
    rows = plan.rows.copy()
    rows.loc[rows["township_code"] == "10013020", "township_name"] = HOSTILE[7]
    rows.loc[rows["township_code"] == "10013010", "township_name"] = HOSTILE[0]
    villages = plan.village_rows.assign(village_name=HOSTILE[11])
    sites = pd.concat([sites, extra], ignore_index=True)
    return dataclasses.replace(plan, sites=sites, rows=rows, village_rows=villages)


def _is_firm(layer: Any, county: str) -> bool:
    return layer.id in FIRM_LAYERS and county == "10013"


def _target_of(layer: Any, people: int) -> int:
    return people if layer.group == "residents" else people * 3 // 100


def _split(people: int, tenths: tuple[int, ...]) -> list[int]:
    """Whole people by tenths; what does not divide goes to the first state that has any."""
    parts = [people * tenth // 10 for tenth in tenths]
    first = next(place for place, tenth in enumerate(tenths) if tenth)
    parts[first] += people - sum(parts)
    return parts


def _rows(study: Study, layer: Any) -> pd.DataFrame:
    records = []
    for code, name, _, county, county_name, _, people in TOWNS:
        status, reasons, tenths = STATUS[code]
        target = _target_of(layer, people)
        parts = _split(target, tenths)
        whole = _split(people, tenths)
        beyond = parts[1] + parts[3]
        gained = parts[1] // 2 if code == "10013020" else 0
        after = [parts[0] + gained, parts[1] - gained, parts[2], parts[3]]
        measured = code != "09007010"
        universe = "main_island" if measured else "islands"
        record: dict[str, Any] = {
            "layer": layer.id,
            "county_code": county,
            "county_name": county_name,
            "township_code": code,
            "township_name": name,
            "county_name_en": "",
            "township_name_en": "",
            "universe": universe,
            "region": "other" if measured else "island",
            "rule_id": f"{layer.id}.{universe}",
            "rule_version": "2026-11",
            "run_id": "0123456789abcdef",
            "data_date": "2025-12",
            "status": status,
            "certainty": "firm" if _is_firm(layer, county) else "provisional",
            "listed": status in ("severe", "underserved"),
            "reasons": reasons,
            "flags": "modelled_target;small_group" if target < 100 else "",
            "population": people,
            "target_group": layer.group,
            "target_people": target,
            "target_modelled": layer.group != "residents",
            "own_state": "measured" if measured else "unreachable",
            "own_site_ids": f"{layer.id}-1;{layer.id}-2" if measured else "",
            "own_minutes_mean": 34.0 + 1 / 3 if measured else np.nan,
            "own_minutes_p90": 51.0 if measured else np.nan,
            "own_minutes_max": 63.25 if measured else np.nan,
            "own_measured_people": parts[0] + parts[1],
            "own_at_most_people": 0,
            "nearest_site_ids": f"{layer.id}-1" if measured else "",
            "nearest_minutes_mean": 30.5 if measured else np.nan,
            "own_minus_nearest_minutes": 3.8 if measured else np.nan,
            "minutes_from": "roads",
            "modelled_share": 0.42 if measured else np.nan,
            "target_within_15": parts[0] // 2,
            "target_within_30": parts[0],
            "target_within_60": parts[0] + parts[1],
            "beyond_people": beyond,
            "beyond_share": beyond / target,
            "beyond_people_after": after[1] + after[3],
            "margin_share": beyond / target - 0.33,
            "sites_named": 2,
            "sites_usable": 1,
            "per_person_value": people / 2,
            "per_person_basis": layer.per_person,
            "people_per_capacity": np.nan,
            "norm_residents_per_site": np.nan,
            "above_norm_residents_per_site": np.nan,
            "need_percentile": 88.0 if "need" in reasons else 40.0,
            "need_leading": "low_income_share;share_65_plus",
            "second_nearest_minutes_mean": 41.5 if measured else np.nan,
            "e2sfca_per_100k": 0.5 if measured else 0.0,
            "e2sfca_anyone_per_100k": 0.75 if measured else 0.0,
            "e2sfca_state": "measured" if measured else "unreachable",
            "capacity_basis": "sites",
            "share_listed": 0.9 if status in ("severe", "underserved") else 0.02,
            "share_undetermined": 0.0,
            "rank_low": 1.0,
            "rank_high": 3.0,
            **_interval("beyond_share", beyond / target),
            **_interval("beyond_people", float(beyond)),
            **_interval("own_minutes_mean", 34.0 + 1 / 3 if measured else np.nan),
            **_interval("need_percentile", 88.0 if "need" in reasons else 40.0),
            "change": "kept",
            "change_reason": "",
            "remedies": "sites" if status in ("severe", "underserved") else "",
            "people_to_bring_within": beyond if status in ("severe", "underserved") else None,
            "minutes_shorter": np.nan,
            "capacity_times": np.nan,
            "status_after": status,
            "list_completeness": "complete" if _is_firm(layer, county) else "partial",
            "proposed_sites": 1 if code == "10013020" else 0,
            "own_minutes_mean_after": 25.0 if measured else np.nan,
            "minutes_over_threshold": 33.25 if measured else np.nan,
            "sentence_zh": f"{county_name}{name}：{target:,} 人，其中 {beyond:,} 人超過門檻。",
            "sentence_en": f"{name}: {beyond:,} of {target:,} people are beyond the threshold.",
        }
        for prefix, suffix, values in (
            ("population", "", whole),
            ("target", "", parts),
            ("target", "_after", after),
        ):
            for state, value in zip(COVERAGES, values, strict=True):
                record[f"{prefix}_{state}{suffix}"] = value
        records.append(record)
    return pd.DataFrame(records)[ROWS.names]


def _interval(name: str, value: float) -> dict[str, float]:
    return {f"{name}_low": value, f"{name}_high": value}


def _villages(layer: Any) -> pd.DataFrame:
    records = []
    for town, (code, _, _, _, _, _, people) in enumerate(TOWNS):
        for number in range(4):
            target = _target_of(layer, people) // 4
            if layer.group != "residents":
                target = (target + 5) // 10 * 10  # modelled people are no counts
            records.append(
                {
                    "layer": layer.id,
                    "village_code": f"{code}-{number:03d}",
                    "village_name": f"第{number}村",
                    "township_code": code,
                    "lon": 120.1234567 + town,
                    "lat": 23.5,
                    "population": people // 4,
                    "target_people": target,
                    "target_modelled": layer.group != "residents",
                    "own_state": "measured" if town else "unreachable",
                    "own_site_id": f"{layer.id}-1" if town else "",
                    "own_minutes": 12.3456789 if town else np.nan,
                    "nearest_site_id": f"{layer.id}-1" if town else "",
                    "nearest_minutes": 12.0 if town else np.nan,
                    "minutes_from": "roads",
                    "modelled_share": 0.5 if town else np.nan,
                    "coverage": "covered" if town else "unreachable",
                    "coverage_after": "covered" if town else "unreachable",
                    "own_minutes_after": 12.0 if town else np.nan,
                }
            )
    return pd.DataFrame(records)[VILLAGE_ROWS.names]


def _sites(layer: Any) -> pd.DataFrame:
    common = {
        "layer": layer.id,
        "county_code": "10013",
        "county_name": "乙縣",
        "phone": "",
        "source": "縣府公開名單",
        "source_date": "2025-11",
        "own_residents": np.nan,
        "note": "",
    }
    standing = {"year": "", "order": np.nan, "listed_gain": np.nan, "gain": np.nan}
    nowhere = {"lon": np.nan, "lat": np.nan, "address": ""}
    records = [
        common
        | standing
        | {
            "site_id": f"{layer.id}-1",
            "name": "甲中心",
            "status": "existing",
            "conditional": False,
            "township_code": "10013010",
            "township_name": "甲市",
            "lon": 121.12345678,
            "lat": 23.5,
            "point_precision": "rooftop",
            "point_use": "distance",
            "address": "甲市一路 1 號",
            "origin": "bundled",
            "saved_person_minutes": np.nan,
        },
        common
        | standing
        | nowhere
        | {
            "site_id": f"{layer.id}-2",
            "name": "丙中心",
            "status": "existing",
            "conditional": False,
            "township_code": "10013020",
            "township_name": "丙鄉",
            "point_precision": "unknown",
            "point_use": "none",
            "origin": "planner",
            "saved_person_minutes": np.nan,
        },
        common
        | standing
        | nowhere
        | {
            "site_id": f"{layer.id}-3",
            "name": "舊中心",
            "status": "closed",
            "conditional": False,
            "township_code": "",
            "township_name": "",
            "point_precision": "unknown",
            "point_use": "none",
            "origin": "bundled",
            "saved_person_minutes": np.nan,
        },
        common
        | {
            "site_id": "area-10013020",
            "name": "乙縣丙鄉",
            "status": "proposed",
            "conditional": layer.id not in FIRM_LAYERS,
            "township_code": "10013020",
            "township_name": "丙鄉",
            "lon": 122.5,
            "lat": 23.6,
            "point_precision": "area",
            "point_use": "area",
            "address": "",
            "origin": "plan",
            "year": "2026",
            "order": 1,
            "listed_gain": 3_200 if layer.group == "residents" else 96,
            "gain": 3_200 if layer.group == "residents" else 96,
            "saved_person_minutes": 12_345.5,
        },
    ]
    return pd.DataFrame(records)


def _counts(layer: Any, sites: pd.DataFrame) -> pd.DataFrame:
    known = layer.id in FIRM_LAYERS
    records = [
        {
            "layer": layer.id,
            "county_code": code,
            "county_name": name,
            "target": 4 if not code else np.nan,
            "existing_named": 2 if code != "09007" else 0,
            "existing_unnamed": 1 if not code else 0,
            "unnamed_known": known,
            "planned": 0,
            "proposed": 1 if code != "09007" else 0,
            "usable_points": 1 if code != "09007" else 0,
            "completeness": "partial",
            "quota_up": 1,
            "quota_nearest": 1,
            "quota_down": 1,
        }
        for code, name in (("", ""), ("09007", "連江縣"), ("10013", "乙縣"))
    ]
    return pd.DataFrame(records)[COUNTS.names]


def _totals(layer: Any, rows: pd.DataFrame) -> pd.DataFrame:
    mine = rows[rows["layer"] == layer.id]
    listed, firm = mine["listed"].astype(bool), mine["certainty"] == "firm"
    record = {
        name: mine[name].sum()
        for name in LAYER_TOTALS.names
        if name in mine and name not in ("layer", "target_group")
    }
    record |= {
        "layer": layer.id,
        "target_group": layer.group,
        "minutes": layer.minutes,
        "own_minutes_mean": 34.0 + 1 / 3,
        "nearest_minutes_mean": 30.5,
        "listed_firm": int((listed & firm).sum()),
        "listed_provisional": int((listed & ~firm).sum()),
        "undetermined_townships": int((mine["status"] == "undetermined").sum()),
        "listed_firm_people": int(mine.loc[listed & firm, "beyond_people"].sum()),
        "listed_provisional_people": int(mine.loc[listed & ~firm, "beyond_people"].sum()),
        "listed_gain": 3_200 if layer.group == "residents" else 96,
        "listed_gain_bound": 3_300,
        "gain": 3_200 if layer.group == "residents" else 96,
        "gain_bound": 3_400,
        "plain_listed_gain": 90,
        "plain_gain": 3_300 if layer.group == "residents" else 99,
    }
    for certainty, part in (("firm", mine[firm]), ("provisional", mine[~firm])):
        record |= {
            f"target_{certainty}_people": int(part["target_people"].sum()),
            f"beyond_{certainty}_people": int(
                part[["target_uncovered", "target_unreachable"]].sum().sum()
            ),
            f"undetermined_{certainty}_people": int(part["target_undetermined"].sum()),
            f"own_minutes_mean_{certainty}": 34.0 + 1 / 3 if len(part) else np.nan,
        }
    return pd.DataFrame([record])[LAYER_TOTALS.names]


def _excluded(layer: Any) -> pd.DataFrame:
    """One site that was seen and is not counted, with the codes of its place as the line has."""
    record = {
        "site_id": f"{layer.id}-9",
        "layer": layer.id,
        "name": "丙鄉據點",
        "county_code": "10013",
        "county_name": "乙縣",
        "township_code": "10013020",
        "township_name": "丙鄉",
        "reason": "opens in 2027",
        "source": "縣府公開名單",
        "source_date": "2025-11",
    }
    return pd.DataFrame([record])


def _completeness(layer: Any) -> pd.DataFrame:
    full = "complete" if layer.id in FIRM_LAYERS else "partial"
    records = [
        ("", "", 2, 3, "2025-12-30", "partial"),
        ("10013", "乙縣", 2, 2, "2025-12", full),
    ]
    frame = pd.DataFrame(
        [(layer.id, *record, "縣府公開名單") for record in records],
        columns=COMPLETENESS_TABLE.names,
    )
    frame["reported_existing"] = frame["reported_existing"].astype(object)
    return frame


HOSTILE_FIGURE = '<img src=x onerror="window.pwned=1">{{7*7}}${8*8}</script>'


def programme_plan(inputs: Inputs) -> Plan:
    """The small plan with the programme of these inputs; the first of its figures and of its
    indicators has a hostile name."""
    made = programme_tables(inputs)
    tables = {table.id: checked(made[table.id], table).copy() for table in PROGRAMME}
    tables["programme_figures"].loc[0, "item_zh"] = HOSTILE_FIGURE
    tables["kpis"].loc[0, ["item_zh", "item_en"]] = HOSTILE_FIGURE
    plan = hand_made_plan()
    return dataclasses.replace(plan, details={**plan.details, **tables})
