"""A map to lie under the page's own shapes, fetched over the internet: only for who asks for it.

No page has one by itself. A page that is drawn with one may ask one server for pictures and nothing
else, and asks it only once the reader has ticked the box; the page says what that server learns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely

from geoplan.errors import WrongUsage
from geoplan.maps.topology import polygons
from geoplan.texts import catalogue

KEY = "base_map"
"""Where a page's data tell of its base map; absent without one."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Picture tiles in web Mercator (EPSG:3857, XYZ), which is the map's own projection."""

    id: str
    host: str
    path: str  # with {z}, {y} and {x}, as Leaflet writes them
    most_zoom: int
    within: tuple[float, float, float, float]  # west, south, east, north of what it shows


EMAP = BaseMap(
    id="emap",
    host="https://wmts.nlsc.gov.tw",
    path="/wmts/EMAP/default/GoogleMapsCompatible/{z}/{y}/{x}",
    most_zoom=19,
    within=(114.0, 10.0, 124.0, 27.0),
)
"""The Taiwan e-Map of the National Land Surveying and Mapping Center; the box, ours, holds all that
Taiwan administers, the South China Sea islands included."""
BASE_MAPS = {each.id: each for each in (EMAP,)}


def with_base_map(data: dict[str, Any], base: BaseMap | None) -> dict[str, Any]:
    """A page's data with a base map and its texts; as they are without one."""
    if base is None:
        return data
    west, south, east, north = base.within
    told = {
        "host": base.host,
        "tiles": base.host + base.path,
        "most_zoom": base.most_zoom,
        "bounds": [[south, west], [north, east]],
    }
    texts = {key: text for key, text in catalogue().items() if key.startswith(f"{KEY}.")}
    return {**data, "texts": {**data["texts"], **texts}, KEY: told}


def refuse_elsewhere(topology: dict[str, Any], base: BaseMap) -> None:
    """Townships outside a base map would lie on nothing, or on a country that is not theirs.

    Raises:
        WrongUsage: some township lies outside of what the base map shows.
    """
    shapes = list(polygons(topology, "townships").values())
    west, south, east, north = shapely.total_bounds(shapes)
    least_x, least_y, most_x, most_y = base.within
    if west < least_x or south < least_y or east > most_x or north > most_y:
        raise WrongUsage("base_map_elsewhere", base=base.id)
