"""The only place that changes coordinates: longitude and latitude (EPSG:4326) to metres."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer


@lru_cache(maxsize=32)
def transformer(one: str, other: str) -> Transformer:
    """From `one` reference system into `other`, x before y; kept, as making one takes longer than
    turning thousands of points. Threads may share it."""
    return Transformer.from_crs(one, other, always_xy=True)


def to_metres(lon: npt.ArrayLike, lat: npt.ArrayLike, metres_crs: str) -> npt.NDArray[np.float64]:
    """Points (n,) in degrees as an array (n, 2) of x, y in metres of `metres_crs`."""
    x, y = transformer("EPSG:4326", metres_crs).transform(lon, lat)
    return np.column_stack([np.asarray(x, float), np.asarray(y, float)])


def to_degrees(xy: npt.NDArray[np.float64], metres_crs: str) -> npt.NDArray[np.float64]:
    """Points (n, 2) in metres of `metres_crs` as an array (n, 2) of longitude, latitude."""
    lon, lat = transformer(metres_crs, "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    return np.column_stack([np.asarray(lon, float), np.asarray(lat, float)])


def in_crs(xy: npt.NDArray[np.float64], one: str, other: str) -> npt.NDArray[np.float64]:
    """Points (n, 2) in metres of `one` as metres of `other`; a point that is NaN stays so."""
    x, y = transformer(one, other).transform(xy[:, 0], xy[:, 1])
    turned = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    turned[~np.isfinite(turned)] = np.nan
    return turned
