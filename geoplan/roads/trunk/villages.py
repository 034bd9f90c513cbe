"""The villages under the roads: how many people live on a square kilometre where a road passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from shapely import STRtree, points

from geoplan.model import Floats, Strings

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

METRES_CRS = "EPSG:3826"
"""TWD97 zone 121: metres on the main island."""


@dataclass(frozen=True)
class Villages:
    """Village polygons in metres and the residents per km2 of each (m,)."""

    code: Strings
    shape: np.ndarray
    density_per_km2: Floats

    @cached_property
    def tree(self) -> STRtree:
        return STRtree(self.shape)

    def density_at(self, xy: Floats) -> Floats:
        """Residents per km2 at points (n, 2), not-a-number outside all villages.

        Where drawn boundaries overlap the denser village counts.
        """
        result = np.full(len(xy), np.nan)
        point, village = self.tree.query(points(xy), predicate="intersects")
        np.fmax.at(result, point, self.density_per_km2[village])
        return result


def make_villages(polygons: gpd.GeoDataFrame, population: pd.DataFrame) -> Villages:
    """Villages from polygons (`village_code`) and a table (`village_code`, `population`).

    A polygon without residents in the table (a retired village) has density 0.
    """
    drawn = polygons.to_crs(METRES_CRS)
    people = population.set_index("village_code")["population"].reindex(drawn["village_code"])
    km2 = drawn.geometry.area.to_numpy(float) / 1e6
    density = people.fillna(0).to_numpy(float) / km2
    return Villages(
        drawn["village_code"].to_numpy(object), drawn.geometry.to_numpy(object), density
    )


def median_within(at: Floats, samples: tuple[Floats, Floats], reach: float) -> Floats:
    """At each place along a line (n,), the median of the samples within `reach` metres.

    `samples` are places in ascending order and values; not-a-number samples do not count, and a
    place without any sample is not-a-number.
    """
    place, value = samples
    known = ~np.isnan(value)
    place, value = place[known], value[known]
    first, last = np.searchsorted(place, at - reach), np.searchsorted(place, at + reach, "right")
    spans: Sequence[tuple[int, int]] = list(zip(first.tolist(), last.tolist(), strict=True))
    return np.array([np.median(value[a:b]) if b > a else np.nan for a, b in spans], dtype=float)
