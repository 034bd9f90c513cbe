"""Which points of facilities are fit to measure a distance to."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from builders.common import DATA

FINE = ("rooftop", "street")


def join_by_point(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds the township a point lies in, its distance to the stated township, and a verdict.

    `distance_metres` is 0 inside, measured on EPSG:3826 to the polygon of the stated township,
    blank without both. Verdicts: `agree`, `disagree`, `outside_land` (no polygon holds the point),
    `county_only` (no township stated), `no_point`.
    """
    towns = gpd.read_parquet(DATA / "boundaries" / "townships.parquet")
    has_point = (rows["lon"] != "") & (rows["lat"] != "")
    placed = rows[has_point]
    points = gpd.GeoDataFrame(
        placed[["site_id", "township_code"]],
        geometry=gpd.points_from_xy(placed["lon"].astype(float), placed["lat"].astype(float)),
        crs=4326,
    )
    inside = gpd.sjoin(
        points,
        towns[["township_code", "township_name", "geometry"]],
        how="left",
        predicate="within",
        lsuffix="stated",
        rsuffix="by_point",
    )
    inside = inside[~inside.index.duplicated()]
    plane = towns.set_index("township_code").to_crs(3826).geometry
    stated = placed["township_code"].where(placed["township_code"] != "")
    gaps = points.to_crs(3826).geometry.distance(
        gpd.GeoSeries(plane.reindex(stated).to_numpy(), index=placed.index, crs=3826)
    )
    out = rows.copy()
    out["township_code_by_point"] = inside["township_code_by_point"].reindex(rows.index).fillna("")
    out["township_name_by_point"] = inside["township_name"].reindex(rows.index).fillna("")
    metres = gaps.reindex(rows.index)
    out["distance_metres"] = [f"{round(m)}" if np.isfinite(m) else "" for m in metres]
    out["verdict"] = np.select(
        [
            ~has_point & (rows["township_code"] == ""),
            ~has_point,
            rows["township_code"] == "",
            out["township_code_by_point"] == rows["township_code"],
            out["township_code_by_point"] == "",
        ],
        ["county_only", "no_point", "county_only", "agree", "outside_land"],
        default="disagree",
    )
    return out


def outside_own_area(rows: pd.DataFrame, areas: pd.DataFrame) -> pd.Series:
    """True where a centre with a known service area has its point in a township outside it."""
    served = areas.groupby("site_id")["township_code"].agg(set)
    own = [served.get(site) for site in rows["site_id"]]
    township = rows["township_code_by_point"]
    return pd.Series(
        [area is not None and t not in area for area, t in zip(own, township, strict=True)],
        index=rows.index,
    )


def shared_with_another(rows: pd.DataFrame) -> pd.Series:
    """True where another site of the same layer has the same point.

    Food banks are left out: their lists name several hand-out points in one public building.
    """
    fine = rows["point_precision"].isin(FINE) & (rows["status"] == "existing")
    fine &= ~rows["layer"].str.startswith("food_banks")
    place = rows["layer"] + "/" + rows["lon"] + "/" + rows["lat"]
    return fine & place.where(fine).duplicated(keep=False)


def judge_points(rows: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Adds the join by point, `point_use` and the reason a fine point is not used.

    `distance`: fit to measure to. `suspect`: fine, but in another township than stated, outside
    the site's own service area, shared with another centre of the layer, or copied from a centre
    whose point is suspect. `township`: a point somewhere in the township. `none`: no point, or
    one that is known to show an older address.

    Of centres that share a point, one keeps it when it alone has a known service area around it:
    the shared point is then proven for that centre and for no other.
    """
    out = join_by_point(rows)
    fine = out["point_precision"].isin(FINE)
    astray = outside_own_area(out, areas)
    shared = shared_with_another(out)
    known_area = out["site_id"].isin(set(areas["site_id"]))
    holds = shared & known_area & ~astray
    place = out["lon"] + "/" + out["lat"]
    alone = holds & ~place.where(holds).duplicated(keep=False)
    reason = pd.Series(
        np.select(
            [
                ~fine,
                out["verdict"].isin(["disagree", "outside_land"]),
                astray,
                shared & ~alone,
            ],
            [
                "",
                "lies outside the stated township",
                "lies outside its own service area",
                "shared point",
            ],
            default="",
        ),
        index=out.index,
    )
    reason = copied_from_suspect(out, reason, fine)
    out["reason_point"] = reason
    out["point_use"] = np.select(
        [fine & (reason == ""), fine, out["point_precision"] == "township"],
        ["distance", "suspect", "township"],
        default="none",
    )
    return out


def copied_from_suspect(rows: pd.DataFrame, reason: pd.Series, fine: pd.Series) -> pd.Series:
    """A food bank inside a welfare centre shares the doubt about that centre's point."""
    doubtful = {
        site: f"{lon}/{lat}"
        for site, lon, lat in zip(
            rows["site_id"][reason != ""], rows["lon"][reason != ""], rows["lat"][reason != ""],
            strict=True,
        )
    }  # fmt: skip
    centre = rows["note"].str.extract(r"\b(WC\d{3})\b", expand=False)
    copied = fine & (reason == "") & (centre.map(doubtful) == rows["lon"] + "/" + rows["lat"])
    return reason.mask(copied, "copied from a centre whose point is suspect")
