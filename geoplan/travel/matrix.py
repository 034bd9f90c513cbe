"""Travel times from every demand point to every site, in integer milliseconds.

Each weight is `ms * WEIGHT_UNIT + modelled_ms`, so one search finds the fastest way, breaks ties
towards the surveyed road, and tells how much of the way is modelled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from geoplan.model import Bools, Floats, Ints, Strings, TravelMatrix
from geoplan.travel.engine import Ways, times
from geoplan.travel.graph import FAR_MS, Int32s, Joins
from geoplan.travel.joining import Snapped
from geoplan.travel.network import MS_PER_MINUTE, WEIGHT_UNIT, Network, local_ms
from geoplan.travel.trips import travel_times

OWN_ZONE_MS = MS_PER_MINUTE
"""The least time of any trip: a village is not a point, so nobody is nearer than one minute."""

SITES_PER_SEARCH = 64
JOINS_PER_SITE = 4
JOIN_SLACK_METRES = 2000
"""A site joins no node farther than its nearest one by more than this."""

Progress = Callable[[int], None]
Join = tuple[Ints, Ints]
"""Nodes at which a place joins the network, and the milliseconds of the leg to each (1 or more)."""


def travel_matrix(
    network: Network,
    ways: Ways,
    sites: tuple[Strings, Floats],
    direct_within_metres: float,
    progress: Progress = lambda done: None,
) -> TravelMatrix:
    """Times from all demand points (n,) to all sites (ids and xy, m), uncapped.

    `ways` is the network's graph, or the hierarchy made from it.
    A site joins the network at its four nearest ordinary nodes on the same land, over local
    streets. Below `direct_within_metres` the direct local trip is allowed beside the network.
    """
    site_id, site_xy = sites
    joins, land = _join_sites(network, site_xy)
    ms, modelled_ms, reachable = search_from(ways, network.points, joins, progress)
    _allow_direct_trips(
        network, (site_xy, land), direct_within_metres, (ms, modelled_ms, reachable)
    )
    np.maximum(ms, OWN_ZONE_MS, out=ms, where=reachable)
    return TravelMatrix(site_id=site_id, ms=ms, modelled_ms=modelled_ms, reachable=reachable)


def trips_matrix(
    ways: Ways, origins: Snapped, sites: tuple[Strings, Snapped], progress: Progress
) -> TravelMatrix:
    """Times from origins (n,) to sites (ids and how they are joined, m), both beside roads."""
    site_id, joined = sites
    shape = (len(origins.state), len(site_id))
    ms, modelled_ms = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    reachable = np.zeros(shape, bool)
    for first in range(0, len(site_id), SITES_PER_SEARCH):
        batch = slice(first, min(first + SITES_PER_SEARCH, len(site_id)))
        trips = travel_times(ways, origins, joined.part(batch.start, batch.stop))
        ms[:, batch], reachable[:, batch] = trips.ms, trips.reachable
        if trips.modelled_ms is not None:
            modelled_ms[:, batch] = trips.modelled_ms
        progress(batch.stop - first)
    np.maximum(ms, OWN_ZONE_MS, out=ms, where=reachable)
    return TravelMatrix(site_id=site_id, ms=ms, modelled_ms=modelled_ms, reachable=reachable)


def search_from(
    ways: Ways, points: int, joins: list[Join], progress: Progress = lambda done: None
) -> tuple[Int32s, Int32s, Bools]:
    """Times from the first `points` nodes (n,) to places joined to the network (m,).

    Returns ms, the modelled part of it, and whether there is a way, each (n, m); a leg's own
    milliseconds count as modelled.
    """
    places = len(joins)
    ms = np.zeros((points, places), np.int32)
    modelled_ms = np.zeros((points, places), np.int32)
    reachable = np.zeros((points, places), bool)
    targets = np.arange(points)
    for first in range(0, places, SITES_PER_SEARCH):
        batch = slice(first, min(first + SITES_PER_SEARCH, places))
        found = times(ways, _joins(joins[batch]), targets)
        reachable[:, batch] = found < FAR_MS * WEIGHT_UNIT
        whole = np.where(reachable[:, batch], found, 0)
        ms[:, batch], modelled_ms[:, batch] = np.divmod(whole, WEIGHT_UNIT)
        progress(batch.stop - first)
    return ms, modelled_ms, reachable


def _join_sites(network: Network, site_xy: Floats) -> tuple[list[Join], Ints]:
    """For each site the nodes it joins and the milliseconds to them; and each site's land mass."""
    joinable = np.flatnonzero(network.may_join)
    tree = cKDTree(network.xy[joinable])
    nearest_point = cKDTree(network.xy[: network.points])
    joins: list[Join] = []
    lands = np.zeros(len(site_xy), np.int64)
    if not len(site_xy):
        return joins, lands
    metres, which = tree.query(site_xy, k=min(JOINS_PER_SITE, len(joinable)))
    density = network.density_per_km2[nearest_point.query(site_xy)[1]]
    for site, (near, far) in enumerate(zip(which, metres, strict=True)):
        nodes = joinable[np.atleast_1d(near)]
        lands[site] = network.land[nodes[0]]
        legs = np.atleast_1d(far)
        same = (network.land[nodes] == lands[site]) & (legs <= legs[0] + JOIN_SLACK_METRES)
        leg_ms = local_ms(legs, np.full(nodes.shape, density[site]))
        joins.append((nodes[same], leg_ms[same]))
    return joins, lands


def _joins(joins: list[Join]) -> Joins:
    """The places as arrays; every leg is modelled."""
    indptr = np.zeros(len(joins) + 1, np.int32)
    np.cumsum([len(node) for node, _ in joins], out=indptr[1:])
    leg_ms = np.concatenate([leg for _, leg in joins])
    node = np.concatenate([node for node, _ in joins]).astype(np.int32)
    return Joins(indptr, node, leg_ms * WEIGHT_UNIT + leg_ms)


def _allow_direct_trips(
    network: Network,
    sites: tuple[Floats, Ints],
    within_metres: float,
    result: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Lower `ms` where the direct local trip on the same land is faster (changes `result`)."""
    site_xy, site_land = sites
    ms, modelled_ms, reachable = result
    point_xy = network.xy[: network.points]
    pairs = cKDTree(point_xy).query_ball_point(site_xy, within_metres) if len(site_xy) else []
    for site, near in enumerate(pairs):
        close = np.array(sorted(near), dtype=np.int64)
        close = close[network.land[close] == site_land[site]]
        metres = np.hypot(*(point_xy[close] - site_xy[site]).T)
        direct = local_ms(metres, network.density_per_km2[close])
        faster = ~reachable[close, site] | (direct < ms[close, site])
        ms[close[faster], site] = direct[faster]
        modelled_ms[close[faster], site] = direct[faster]
        reachable[close[faster], site] = True
