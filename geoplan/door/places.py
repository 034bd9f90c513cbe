"""The townships of a study as a place to look things up: codes, names, and points on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.reading import Found
from geoplan.gazetteer import Gazetteer
from geoplan.model import Bools, Floats, Strings

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely import STRtree

OFF_MAP_DEGREES = 0.05
"""A point farther than this (about 5 km) from every township is not on the map."""

EDGE_DEGREES = 0.001
"""Drawn boundaries are simplified: a point this near (about 100 m) to its township is in it."""


@dataclass(frozen=True)
class Places:
    """Townships and counties of a study; built once the boundaries have been read."""

    townships: gpd.GeoDataFrame
    counties: pd.DataFrame

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return Gazetteer(self.townships)

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(self.townships["township_code"])

    @cached_property
    def county_codes(self) -> frozenset[str]:
        return frozenset(self.counties["county_code"])

    @cached_property
    def county_of(self) -> Mapping[str, str]:
        """Township code -> county code."""
        return dict(
            zip(self.townships["township_code"], self.townships["county_code"], strict=True)
        )

    @cached_property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """Township code -> county name, township name."""
        t = self.townships
        pairs = zip(t["county_name"], t["township_name"], strict=True)
        return dict(zip(t["township_code"], pairs, strict=True))

    @cached_property
    def county_names(self) -> Mapping[str, str]:
        """County code -> county name."""
        return dict(zip(self.counties["county_code"], self.counties["county_name"], strict=True))

    @cached_property
    def tree(self) -> STRtree:
        from shapely import STRtree

        return STRtree(self.townships.geometry.to_numpy())

    def township_at(self, lon: Floats, lat: Floats) -> Strings:
        """The code of the township each point lies in, blank outside all of them."""
        import shapely

        codes = self.townships["township_code"].to_numpy(object)
        result = np.full(len(lon), "", dtype=object)
        point, place = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        # On a shared border the lowest code holds the point, whatever the order of the rows.
        order = np.lexsort((codes[place].astype(str), point))[::-1]
        result[point[order]] = codes[place[order]]
        return result

    def in_township(self, code: Strings, lon: Floats, lat: Floats) -> Bools:
        """Is each point in the township of that code, or within its simplified edge?"""
        import shapely

        position = {each: n for n, each in enumerate(self.townships["township_code"])}
        at = np.array([position.get(each, -1) for each in code], dtype=np.int64)
        shapes = self.townships.geometry.to_numpy()[at]
        near = shapely.dwithin(shapes, shapely.points(lon, lat), EDGE_DEGREES)
        return np.asarray(near, dtype=bool) & (at >= 0)

    def on_map(self, lon: Floats, lat: Floats) -> Bools:
        """Is each point in a township or near one?"""
        import shapely

        points = np.asarray(shapely.points(lon, lat), dtype=object)
        result = np.zeros(len(points), dtype=np.bool_)
        result[self.tree.query(points, predicate="intersects")[0]] = True
        left = np.flatnonzero(~result)
        near = self.tree.query(points[left], predicate="dwithin", distance=OFF_MAP_DEGREES)[0]
        result[left[near]] = True
        return result


@dataclass(frozen=True, slots=True)
class PointColumns:
    """Which columns of a table hold longitude and latitude."""

    lon: str = "lon"
    lat: str = "lat"


def check_points(
    frame: pd.DataFrame,
    places: Places | None,
    file: str,
    found: Found,
    columns: PointColumns = PointColumns(),
) -> Bools:
    """Faults of points in degrees; returns which rows have a good one (rows,).

    Told apart: one half missing, metres in place of degrees, longitude and latitude exchanged,
    off the globe, off the map of the study.
    """
    lon, lat = frame[columns.lon].to_numpy(float), frame[columns.lat].to_numpy(float)
    name = f"{columns.lon}, {columns.lat}"
    half = np.isnan(lon) != np.isnan(lat)
    given = ~np.isnan(lon) & ~np.isnan(lat)
    good = given & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    off = given & ~good
    metres = off & ((np.abs(lon) > 360) | (np.abs(lat) > 360))
    swapped = off & ~metres & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
    away = np.zeros(len(frame), dtype=bool)
    if places is not None and good.any():
        away[good] = ~places.on_map(lon[good], lat[good])
        turned = away & (np.abs(lon) <= 90)
        if turned.any():
            there = places.on_map(lat[turned], lon[turned])
            swapped[np.flatnonzero(turned)[there]] = True
    faults = {
        "point_half": half,
        "metres_as_degrees": metres,
        "axes_swapped": swapped,
        "off_the_globe": off & ~metres & ~swapped,
        "off_the_map": away & ~swapped,
    }
    for code, wrong in faults.items():
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            shown = ", ".join("" if np.isnan(v[first]) else f"{v[first]:.10g}" for v in (lon, lat))
            found.fault(code, file, frame.index[wrong], name, given=shown)
    return np.asarray(good & ~away, dtype=np.bool_)
