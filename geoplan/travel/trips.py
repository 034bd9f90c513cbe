"""Trips from place to place: by the network, or along the link on which both places lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.model import Bools, Ints
from geoplan.travel.engine import Ways, times
from geoplan.travel.graph import FAR_MS, Graph, Weights, far
from geoplan.travel.joining import Snapped
from geoplan.travel.network import WEIGHT_UNIT

MOST_BYTES = 2**28
"""Memory that one batch of trips may take, unless another bound is asked for."""


@dataclass(frozen=True, slots=True)
class Trips:
    """Trips from P places to m sites, each (P, m): `ms`, the part of it that is modelled (none
    where the ways are of milliseconds alone), and whether there is a way; where not, 0."""

    ms: npt.NDArray[np.int32]
    modelled_ms: npt.NDArray[np.int32] | None
    reachable: Bools


def travel_times(ways: Ways, origins: Snapped, sites: Snapped) -> Trips:
    """The fastest trip from every origin to every site.

    Over `RoadNetwork.combined_graph`, or a hierarchy of it, the modelled part is told: access
    legs and modelled links.
    """
    graph = ways if isinstance(ways, Graph) else ways.graph
    weight = trip_weights(ways, origins, sites)
    combined = graph.weight.dtype != np.int32
    reachable = weight < (FAR_MS * WEIGHT_UNIT if combined else far(graph.weight))
    weight[~reachable] = 0
    if graph.weight.dtype == np.int32:
        return Trips(weight.astype(np.int32, copy=False), None, reachable)
    ms, modelled = np.divmod(weight, WEIGHT_UNIT)
    return Trips(ms.astype(np.int32), modelled.astype(np.int32), reachable)


def trip_batches(
    ways: Ways, origins: Snapped, sites: Snapped, most_bytes: int = MOST_BYTES
) -> Iterator[tuple[int, Weights]]:
    """`trip_weights` a few sites at a time: the first site's number and the weights (P, b)."""
    step = sites_a_batch(ways, origins, most_bytes)
    for first in range(0, len(sites.state), step):
        yield first, trip_weights(ways, origins, sites.part(first, first + step))


def sites_a_batch(ways: Ways, origins: Snapped, most_bytes: int = MOST_BYTES) -> int:
    """How many sites a batch has: times at the ends of links, and of trips before and after."""
    graph = ways if isinstance(ways, Graph) else ways.graph
    rows = len(np.unique(origins.leaving.node)) + 3 * len(origins.state)
    return max(1, min(most_bytes // max(1, rows * graph.weight.itemsize), 4096))


def trip_weights(ways: Ways, origins: Snapped, sites: Snapped) -> Weights:
    """Weights (P, m) of the fastest trips, of the graph's kind; far where there is no way.

    One table of times from the nodes at which origins get on, the least over the origin's own
    nodes, then trips along a link that both lie on, where that direction is permitted.
    """
    graph = ways if isinstance(ways, Graph) else ways.graph
    none = far(graph.weight)
    leaving = origins.leaving_in(graph)
    node, row = np.unique(leaving.node, return_inverse=True)
    between = times(ways, sites.arriving_in(graph), node)
    least: Weights = np.full((len(origins.state), len(sites.state)), none, graph.weight.dtype)
    count = np.diff(leaving.indptr)
    for leg in range(int(count.max(initial=0))):
        origin = np.flatnonzero(count > leg)
        join = leaving.indptr[origin] + leg
        trip = between[row[join]]
        trip += leaving.weight[join][:, None]  # far and a leg together still fit
        least[origin] = np.minimum(least[origin], trip)
    origin, site, along = _along_one_link(origins, sites)
    direct = along.astype(graph.weight.dtype)
    if graph.weight.dtype != np.int32:
        direct = along * WEIGHT_UNIT + origins.leg_ms[origin] + sites.leg_ms[site]
    np.minimum.at(least, (origin, site), direct)
    least[least > none] = none
    return least


def _along_one_link(origins: Snapped, sites: Snapped) -> tuple[Ints, Ints, Ints]:
    """Pairs of origin and site on one link, and the milliseconds along it with both legs."""
    here = np.flatnonzero((origins.link_ms >= 0).any(axis=1))
    there = np.flatnonzero((sites.link_ms >= 0).any(axis=1))
    there = there[np.argsort(sites.link[there], kind="stable")]
    on = sites.link[there]
    first = np.searchsorted(on, origins.link[here], "left")
    count = np.searchsorted(on, origins.link[here], "right") - first
    origin = np.repeat(here, count)
    step = np.arange(len(origin)) - np.repeat(np.cumsum(count) - count, count)
    site = there[np.repeat(first, count) + step]
    share, other = origins.share[origin], sites.share[site]
    pairs = []
    for way, permitted in enumerate((share <= other, share >= other)):
        whole = origins.link_ms[origin, way]
        apart = np.abs(np.rint(other * whole) - np.rint(share * whole)).astype(np.int64)
        chosen = permitted & (whole >= 0)
        pairs.append((origin[chosen], site[chosen], apart[chosen]))
    origin, site, apart = (np.concatenate(part) for part in zip(*pairs, strict=True))
    return origin, site, apart + origins.leg_ms[origin] + sites.leg_ms[site]
