"""The local model: access points of villages and the modelled links around the trunk roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geoplan.projection import to_degrees
from geoplan.roads.trunk.access_points import Access, access_points
from geoplan.roads.trunk.freeway_joins import Joined
from geoplan.roads.trunk.mesh import LocalLink, mesh_links
from geoplan.roads.trunk.network import Trunk
from geoplan.roads.trunk.places import Places
from geoplan.roads.trunk.ramps import Ground, ramp_links
from geoplan.roads.trunk.rescue import rescue_links
from geoplan.roads.trunk.surface import surface_nodes
from geoplan.roads.trunk.tables import Row, flag
from geoplan.roads.trunk.villages import METRES_CRS

ACCESS_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Local:
    """Access points and links of all villages."""

    places: Places
    access: Access
    links: tuple[LocalLink, ...]


def build_local(trunk: Trunk, joined: Sequence[Joined], places: Places) -> Local:
    """Access points, mesh, ramps, and rescue links for what is left."""
    surface = surface_nodes(trunk, places)
    access = access_points(places, surface, trunk)
    ground = Ground(places, access, trunk, surface)
    links = [*mesh_links(places, access), *ramp_links(ground, joined)]
    return Local(places, access, (*links, *rescue_links(ground, links)))


def local_tables(local: Local) -> dict[str, list[Row]]:
    """Rows of local_edges (by their ends and kind) and village_access (by village)."""
    places, access = local.places, local.access
    links: list[Row] = [
        (each.one, each.two, each.kind, each.metres, each.speed_kph) for each in local.links
    ]
    degrees = to_degrees(access.xy, METRES_CRS).round(ACCESS_DIGITS).tolist()
    cells = zip(
        places.code.tolist(),
        degrees,
        places.land.tolist(),
        places.density_per_km2.round(1).tolist(),
        access.mountain.tolist(),
        access.rule.tolist(),
        strict=True,
    )
    rows: list[Row] = [
        (code, *point, land, density, flag(mountain), rule)
        for code, point, land, density, mountain, rule in cells
    ]
    return {
        "local_edges": sorted(links, key=lambda row: tuple(map(str, row[:3]))),
        "village_access": sorted(rows, key=lambda row: str(row[0])),
    }
