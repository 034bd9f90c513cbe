"""The villages whose people use the roads: where they lie, on which land, how densely settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.projection import to_metres
from geoplan.roads.trunk.villages import METRES_CRS, Villages

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

SHORE_METRES = 40
"""Land is drawn so much wider: narrow channels and drawn gaps part no land mass."""

MAIN_ISLAND = 0
COUNTY_DIGITS = 5
"""A township code begins with the code of its county."""


@dataclass(frozen=True, slots=True)
class Places:
    """The villages with people, n in all, by code; metres of EPSG:3826."""

    code: Strings
    township: Strings
    township_name: Strings
    xy: Floats
    """(n, 2): the point of the village."""
    shape: np.ndarray
    """Its polygon, None where none is drawn."""
    km2: Floats
    """Not-a-number without polygon."""
    density_per_km2: Floats
    township_density: Floats
    land: Ints
    """The land mass of each: 0 the largest, and so on by area."""
    ground: np.ndarray
    """The land masses themselves, by area."""


def make_places(
    points: pd.DataFrame,
    townships: gpd.GeoDataFrame,
    density_of_township: dict[str, float],
    villages: Villages,
) -> Places:
    """Villages from their points (`village_code, township_code, lon, lat`) and polygons.

    A village without polygon is as dense as its township.
    """
    points = points.sort_values("village_code", ignore_index=True)
    code = points["village_code"].to_numpy(object)
    xy = to_metres(points["lon"].to_numpy(float), points["lat"].to_numpy(float), METRES_CRS)
    drawn = {each: n for n, each in enumerate(villages.code.tolist())}
    at = [drawn.get(each, -1) for each in code.tolist()]
    shape = np.array([villages.shape[n] if n >= 0 else None for n in at], dtype=object)
    density = np.array([villages.density_per_km2[n] if n >= 0 else np.nan for n in at])
    township = points["township_code"].to_numpy(object)
    around = np.array([density_of_township.get(each, np.nan) for each in township], dtype=float)
    names = dict(zip(townships["township_code"], townships["township_name"], strict=True))
    ground = land_masses(townships)
    nearest = shapely.STRtree(ground).nearest(shapely.points(xy))
    return Places(
        code,
        township,
        np.array([names.get(each, "") for each in township], dtype=object),
        xy,
        shape,
        shapely.area(shape) / 1e6,
        np.where(np.isnan(density), around, density),
        around,
        np.asarray(nearest, dtype=np.int64),
        ground,
    )


def on_land(places: Places, land: int) -> Bools:
    """Which villages lie on a land mass (n,)."""
    return np.asarray(places.land == land, dtype=bool)


def land_masses(townships: gpd.GeoDataFrame) -> np.ndarray:
    """Connected land, the largest first."""
    merged = shapely.union_all(townships.to_crs(METRES_CRS).geometry.to_numpy())
    parts = shapely.get_parts(shapely.buffer(merged, SHORE_METRES))
    return np.asarray(parts[np.argsort(-shapely.area(parts), kind="stable")], dtype=object)
