"""How trips are timed: over the study's roads, a planner's roads or minutes, or straight lines.

Each way of timing gives the same value, `Travel`; what follows does not know which it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Demand, Floats, Inputs, Ints, Strings, TravelMatrix
from geoplan.own_network import own_network
from geoplan.projection import in_crs, to_metres
from geoplan.travel.areas import least_ms_to_areas, near_areas
from geoplan.travel.engine import Ways, worth_preparing
from geoplan.travel.graph import Graph
from geoplan.travel.joining import Access, Joined, Lands, Snapped, snap_places
from geoplan.travel.lands import land_masses, piece_lands
from geoplan.travel.matrix import travel_matrix, trips_matrix
from geoplan.travel.near_links import chosen_links, least_ms_to_links, near_links
from geoplan.travel.network import Network, RoadTables, build_network
from geoplan.travel.straight import straight_least_ms, straight_line_matrix

Progress = Callable[[str, int, int], None]
"""Told (what, done, of how many) while a step goes on."""
Prepare = Callable[[Graph], Ways]
"""Makes a graph ready for many searches: its hierarchy, built or kept from an earlier run."""


@dataclass(frozen=True, slots=True)
class Travel:
    """How trips are timed, by whichever way `Study.minutes_from` says."""

    xy: Floats  # where the people of each demand point start, metres (n, 2)
    land: Ints  # land mass of each demand point (n,)
    times: Callable[[Strings, Floats], TravelMatrix]
    least_ms: Callable[[Bools], Ints]  # to anywhere in the chosen townships (t,)
    network: Network | None = None  # of the study's roads
    off_road: Bools | None = None  # (n,) demand points too far from any of the planner's roads


def remembering(travel: Travel) -> Travel:
    """The same, but the least times to an area are searched for once: layers ask for the same."""
    known: dict[bytes, Ints] = {}

    def least_ms(chosen: Bools) -> Ints:
        key = chosen.tobytes()
        if key not in known:
            known[key] = travel.least_ms(chosen)
        return known[key]

    return replace(travel, least_ms=least_ms)


def contracted(graph: Graph) -> Ways:
    """The hierarchy of a large graph; others are searched as they are (`worth_preparing`)."""
    if not worth_preparing(graph):
        return graph
    from geoplan.travel.contraction import NotLikeRoads
    from geoplan.travel.hierarchy import contract

    try:
        return contract(graph)
    except NotLikeRoads:
        return graph


def open_travel(
    inputs: Inputs, demand: Demand, progress: Progress, prepare: Prepare = contracted
) -> Travel:
    """The study's way of timing trips, ready for use."""
    by = inputs.study.minutes_from.code
    if by == "own_matrix":
        return _table_travel(inputs, demand, progress, prepare)
    if by == "own_roads":
        return _own_road_travel(inputs, demand, progress, prepare)
    if by == "roads":
        return _road_travel(inputs, demand, progress, prepare)
    return _straight_travel(inputs, demand)


def _road_travel(inputs: Inputs, demand: Demand, progress: Progress, prepare: Prepare) -> Travel:
    network = _study_network(inputs, demand)
    ways = prepare(network.graph)
    within_metres = inputs.study.roads.direct_within_metres if inputs.study.roads else 0

    def times(site_id: Strings, site_xy: Floats) -> TravelMatrix:
        told = _counted(progress, len(site_id))
        return travel_matrix(network, ways, (site_id, site_xy), within_metres, told)

    near = near_areas(network, township_polygons(inputs))

    def least_ms(chosen: Bools) -> Ints:
        return least_ms_to_areas(network, ways, near, chosen, within_metres)

    return Travel(
        xy=network.xy[: network.points],
        land=network.land[: network.points],
        times=times,
        least_ms=least_ms,
        network=network,
    )


def _counted(progress: Progress, sites: int) -> Callable[[int], None]:
    """Adds up the sites that are done."""
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        progress("travel", done, sites)

    return told


def _study_network(inputs: Inputs, demand: Demand) -> Network:
    study, roads = inputs.study, inputs.study.roads
    if roads is None:
        raise ValueError("the study has no roads")
    access = inputs.roads["access"].set_index("village_code").loc[demand.demand_id.tolist()]
    nodes = inputs.roads["nodes"]
    xy = to_metres(
        np.concatenate([access["access_lon"], nodes["lon"]]).astype(float),
        np.concatenate([access["access_lat"], nodes["lat"]]).astype(float),
        study.metres_crs,
    )
    tables = RoadTables(
        nodes=nodes,
        edges=inputs.roads["edges"],
        local_edges=inputs.roads["local_edges"],
        access=inputs.roads["access"],
        ferries=inputs.roads.get("ferries") if roads.use_ferries else None,
        open_status=tuple(roads.open_status),
        modelled_kinds=tuple(roads.modelled_kinds),
    )
    return build_network(tables, demand.demand_id, xy)


def township_polygons(inputs: Inputs) -> Strings:
    """The townships' polygons (t,) in metres."""
    polygons: Strings = inputs.townships.geometry.to_crs(inputs.study.metres_crs).to_numpy()
    return polygons


def _own_road_travel(
    inputs: Inputs, demand: Demand, progress: Progress, prepare: Prepare
) -> Travel:
    """Over a planner's own roads: every place joins the nearest road of its own land mass."""
    study, own, read = inputs.study, inputs.study.own_roads, inputs.own_roads
    if own is None or read is None:
        raise ValueError("the study has no roads of a planner's own")
    roads = own_network(read, own.use_ferries)
    polygons: Strings = inputs.townships.geometry.to_crs(read.nodes.metres_crs).to_numpy()
    lands = land_masses(polygons)
    piece_land = piece_lands(roads, lands)
    access = Access(own.max_snap_metres, own.access_kph)
    ways = prepare(roads.combined_graph)

    def joined(xy: Floats) -> Snapped:
        points = in_crs(xy, study.metres_crs, read.nodes.metres_crs)
        return snap_places(roads, points, access, Lands(lands.nearest(points), piece_land))

    xy = to_metres(demand.lon, demand.lat, study.metres_crs)
    origins = joined(xy)
    if (origins.state == Joined.TOO_FAR).all():
        metres: dict[str, object] = {"metres": access.most_metres}
        raise BadInput([Fault("roads_elsewhere", Path(own.edges).name, values=metres)])

    def times(site_id: Strings, site_xy: Floats) -> TravelMatrix:
        told = _counted(progress, len(site_id))
        return trips_matrix(ways, origins, (site_id, joined(site_xy)), told)

    near = near_links(roads, polygons, access.most_metres)

    def least_ms(chosen: Bools) -> Ints:
        return least_ms_to_links(roads, ways, origins, chosen_links(near, chosen), access)

    off_road: Bools = origins.state == Joined.TOO_FAR
    land = lands.nearest(in_crs(xy, study.metres_crs, read.nodes.metres_crs))
    return Travel(xy=xy, land=land, times=times, least_ms=least_ms, off_road=off_road)


def _table_travel(inputs: Inputs, demand: Demand, progress: Progress, prepare: Prepare) -> Travel:
    """A planner's own minutes; what a site of unknown place could be is told by the roads below."""
    table = inputs.own_matrix
    if table is None:
        raise ValueError("the study has no minutes of a planner's own")
    below = inputs.study.model_copy(update={"own_matrix": None})
    beside = open_travel(replace(inputs, study=below), demand, progress, prepare)

    def times(site_id: Strings, site_xy: Floats) -> TravelMatrix:
        return table.dense(demand.demand_id, site_id)

    return replace(beside, times=times, network=None, off_road=None)


def _straight_travel(inputs: Inputs, demand: Demand) -> Travel:
    study = inputs.study
    xy = to_metres(demand.lon, demand.lat, study.metres_crs)
    polygons = township_polygons(inputs)
    land_of = land_masses(polygons).nearest
    land = land_of(xy)
    detour, speed_kph = study.straight_line

    def times(site_id: Strings, site_xy: Floats) -> TravelMatrix:
        site = (site_xy, land_of(site_xy))
        try:
            return straight_line_matrix((xy, land), site_id, site, detour, speed_kph)
        except OverflowError as error:
            values: dict[str, object] = {"speed": speed_kph}
            fault = Fault("straight_too_long", f"{study.id}.toml", (), "roads", values)
            raise BadInput([fault]) from error

    def least_ms(chosen: Bools) -> Ints:
        return straight_least_ms((xy, land), polygons[chosen], land_of, detour / speed_kph)

    return Travel(xy=xy, land=land, times=times, least_ms=least_ms)
