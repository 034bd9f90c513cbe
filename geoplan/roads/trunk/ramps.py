"""Modelled ways from villages to the trunk roads, and two fixed links that exist.

A village reaches the nearest provincial roads, freeways at their interchanges, and expressways,
whose interchanges are in no list, about every four kilometres: an assumption, and named so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from geoplan.model import Floats
from geoplan.projection import to_metres
from geoplan.roads.trunk.access_points import LOW_ROAD_POST, Access
from geoplan.roads.trunk.freeway_joins import Joined
from geoplan.roads.trunk.mesh import ISLAND_TOWNSHIP, LocalLink, lengths
from geoplan.roads.trunk.network import Trunk
from geoplan.roads.trunk.places import MAIN_ISLAND, Places, on_land
from geoplan.roads.trunk.routes import road_class
from geoplan.roads.trunk.surface import SurfaceNodes
from geoplan.roads.trunk.tables import node_id
from geoplan.roads.trunk.villages import METRES_CRS
from geoplan.travel.network import SPEED_KPH_BY_DENSITY, by_density

CANDIDATES = 12
MOST_ROUTES = 2
DENSE_PER_KM2, DENSE_METRES, PLAIN_METRES, MOUNTAIN_METRES = 2000, 2500, 5000, 6000
OTHER_TOWNSHIP_METRES = 2500
"""A mountain village reaches a road of another township only from so near: ridges lie between."""
AT_THE_POST_METRES = 5

RAMP_VILLAGES = 4
RAMP_METRES = 400
INTERCHANGE_METRES, EXPRESSWAY_METRES = 5000, 2500
EVERY_METRES, SOON_METRES = 4000, 1500
"""An expressway without interchange for the first distance gets an access, unless one follows
within the second."""

FIXED_LINKS = (
    ("fixed link: Qijin cross-harbour tunnel", 2500, 40,
     ("旗津區", 120.293, 22.582), ("前鎮區", 120.310, 22.585)),
    ("fixed link: Kinmen bridge", 7500, 50,
     ("金寧鄉", 118.318, 24.455), ("烈嶼鄉", 118.252, 24.440)),
)  # fmt: skip
"""Kind, metres, km/h, and at each end the township and degrees."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all ramps look at."""

    places: Places
    access: Access
    trunk: Trunk
    surface: SurfaceNodes


def ramp_links(ground: Ground, joined: Sequence[Joined]) -> list[LocalLink]:
    """All ramps, interchange ramps, assumed accesses, and the fixed links of these townships."""
    return [
        *surface_ramps(ground),
        *motorway_ramps(ground, joined),
        *fixed_links(ground.places, ground.access),
    ]


def surface_ramps(ground: Ground) -> Iterator[LocalLink]:
    """From each village of the main island to the nearest nodes of two provincial roads."""
    places, access, surface = ground.places, ground.access, ground.surface
    if not len(surface.number):
        return
    count = np.arange(1, min(CANDIDATES, len(surface.number)) + 1)
    tree = cKDTree(surface.xy)
    here = np.flatnonzero(on_land(places, MAIN_ISLAND) & (places.township_name != ISLAND_TOWNSHIP))
    away, near = tree.query(access.xy[here], k=count)
    for row, at in enumerate(here.tolist()):
        routes: set[str] = set()
        for metres, node in zip(away[row].tolist(), near[row].tolist(), strict=True):
            route = str(surface.route[node])
            if len(routes) == MOST_ROUTES or metres > reach(at, places, access):
                break
            other = access.mountain[at] and surface.township[node] != places.township[at]
            if route in routes or (other and metres > OTHER_TOWNSHIP_METRES):
                continue
            routes.add(route)
            yield surface_ramp(ground, at, node, metres)


def reach(at: int, places: Places, access: Access) -> int:
    """How far a village reaches for a provincial road."""
    if places.density_per_km2[at] > DENSE_PER_KM2:
        return DENSE_METRES
    return MOUNTAIN_METRES if access.mountain[at] else PLAIN_METRES


def surface_ramp(ground: Ground, at: int, node: int, metres: float) -> LocalLink:
    """The ramp from a village to a node of a provincial road."""
    places, access, surface = ground.places, ground.access, ground.surface
    density = places.density_per_km2[at : at + 1]
    height = surface.elevation[node]
    climb = 0.0 if np.isnan(height) else abs(float(height - access.elevation[at]))
    length = int(lengths(np.array([metres]), density, np.array([climb]))[0])
    if access.rule[at] == LOW_ROAD_POST and metres <= AT_THE_POST_METRES:
        length = max(round(metres), 10)  # the access point is the post itself
    code, goal = str(places.code[at]), node_id(int(surface.number[node]))
    return LocalLink(code, goal, "ramp", length, local_kph(density))


def local_kph(density: Floats) -> int:
    """Speed of a local road in land of that density (1,)."""
    return int(by_density(density, SPEED_KPH_BY_DENSITY)[0])


def motorway_ramps(ground: Ground, joined: Sequence[Joined]) -> Iterator[LocalLink]:
    """From interchanges, and from expressways, to the villages around."""
    places, access, trunk = ground.places, ground.access, ground.trunk
    here = np.flatnonzero(on_land(places, MAIN_ISLAND))
    if not len(here):
        return
    tree = cKDTree(access.xy[here])
    count = np.arange(1, min(RAMP_VILLAGES, len(here)) + 1)
    local = {trunk.at[each.at] for each in joined if not each.interchange.between_motorways}
    for number in sorted(local | expressway_accesses(trunk)):
        node = trunk.nodes[number]
        listed = number in local
        kind = "interchange ramp" if listed else "expressway access (assumed)"
        most = INTERCHANGE_METRES if listed else EXPRESSWAY_METRES
        away, near = tree.query((node.x, node.y), k=count)
        for metres, row in zip(away.tolist(), near.tolist(), strict=True):
            at = int(here[row])
            if metres > most or places.township_name[at] == ISLAND_TOWNSHIP:
                continue
            density = places.density_per_km2[at : at + 1]
            length = lengths(np.array([metres + RAMP_METRES]), density, np.zeros(1))
            code, goal = str(places.code[at]), node_id(number)
            yield LocalLink(code, goal, kind, int(length[0]), local_kph(density))


def expressway_accesses(trunk: Trunk) -> set[int]:
    """Nodes of expressways with an assumed access: their interchanges, and one every 4 km."""
    nodes = trunk.nodes
    routes: dict[str, list[int]] = {}
    for n, node in enumerate(nodes):
        if road_class(node.route) == "expressway":
            routes.setdefault(node.route, []).append(n)
    result: set[int] = set()
    for numbers in routes.values():
        ordered = sorted(numbers, key=lambda n: (nodes[n].chainage, n))
        known = [nodes[n].chainage for n in ordered if nodes[n].kind == "interchange"]
        last = -np.inf
        for n in ordered:
            here = nodes[n].chainage
            soon = any(here < each < here + SOON_METRES for each in known)
            if nodes[n].kind == "interchange" or (here - last > EVERY_METRES and not soon):
                result.add(n)
                last = here
    return result


def fixed_links(places: Places, access: Access) -> Iterator[LocalLink]:
    """The two links of `FIXED_LINKS`, where their townships are among the places."""
    for kind, metres, kph, *ends in FIXED_LINKS:
        codes = [nearest_village(end, places, access) for end in ends]
        if all(codes):
            yield LocalLink(codes[0], codes[1], kind, metres, kph)


def nearest_village(end: tuple[str, float, float], places: Places, access: Access) -> str:
    """The code of the village of a township whose access point is nearest; blank if none."""
    township, lon, lat = end
    here = np.flatnonzero(places.township_name == township)
    if not len(here):
        return ""
    point = to_metres([lon], [lat], METRES_CRS)[0]
    away = np.hypot(*(access.xy[here] - point).T)
    return str(places.code[here[np.argmin(away)]])
