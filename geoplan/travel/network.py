"""The road network as arrays: nodes, directed edges in milliseconds, land masses.

Nodes are the demand points (where a trip starts) followed by the nodes of the surveyed roads.
Local links that nobody surveyed are part of the model; how much of a trip lies on them is
carried along, so no figure hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geoplan.model import Bools, Floats, Ints
from geoplan.travel.graph import Graph, build_graph

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

MS_PER_MINUTE = 60_000

# Streets crossed at the local level: the denser the place, the straighter and the slower the way.
# Lower bounds of residents per km2, ratio of way to straight line, speed. Set once, before any
# reference time was looked at, and never fitted.
DETOUR_BY_DENSITY = ((3000, 1.25), (500, 1.30), (100, 1.40), (40, 1.60), (0, 1.85))
SPEED_KPH_BY_DENSITY = (
    (15000, 19),
    (6000, 22),
    (2000, 27),
    (600, 33),
    (150, 38),
    (40, 32),
    (0, 24),
)

NO_JOINING_CLASSES = ("freeway", "expressway", "interchange")
"""Road classes in whose middle no trip starts or ends."""


@dataclass(frozen=True, slots=True)
class Network:
    """Roads ready to be searched, n demand points first, then the other nodes (N in all).

    The weights of `graph` are `ms * WEIGHT_UNIT + modelled_ms` (see `matrix`).
    `land` numbers the land masses (components without ferries). `may_join` marks nodes at which a
    site may join the network: not in the middle of a motorway.
    """

    points: int
    xy: Floats
    graph: Graph
    land: Ints
    may_join: Bools
    density_per_km2: Floats


WEIGHT_UNIT = 2**26
"""Above any modelled part of a trip in milliseconds (18 hours), so both fit one exact float."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges: node positions, milliseconds, and whether the link is modelled."""

    start: Ints
    end: Ints
    ms: Ints
    modelled: Bools

    @staticmethod
    def join(parts: list[Edges]) -> Edges:
        return Edges(
            np.concatenate([part.start for part in parts]),
            np.concatenate([part.end for part in parts]),
            np.concatenate([part.ms for part in parts]),
            np.concatenate([part.modelled for part in parts]),
        )

    def both_ways(self, one_way: Bools | None = None) -> Edges:
        back = np.ones(len(self.start), bool) if one_way is None else ~one_way
        turned = Edges(self.end[back], self.start[back], self.ms[back], self.modelled[back])
        return Edges.join([self, turned])


def by_density(density_per_km2: Floats, table: tuple[tuple[int, float], ...]) -> Floats:
    """The value of the first row of `table` whose lower bound the density reaches."""
    bounds = [density_per_km2 >= bound for bound, _ in table]
    return np.select(bounds, [value for _, value in table], table[-1][1]).astype(float)


def local_ms(metres: Floats, density_per_km2: Floats) -> Ints:
    """Milliseconds of a local trip over `metres` of straight line, at least one."""
    way = metres * by_density(density_per_km2, DETOUR_BY_DENSITY)
    speed_kph = by_density(density_per_km2, SPEED_KPH_BY_DENSITY)
    return np.maximum(np.rint(way / speed_kph * 3600), 1).astype(np.int64)


def edge_ms(length_metres: Floats, speed_kph: Floats) -> Ints:
    """Milliseconds on an edge: metres / (km/h) * 3600, rounded, at least one."""
    return np.maximum(np.rint(length_metres / speed_kph * 3600), 1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class RoadTables:
    """The road tables of a study, checked at the door, and how they are to be read."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    local_edges: pd.DataFrame
    access: pd.DataFrame
    ferries: pd.DataFrame | None
    open_status: tuple[str, ...]
    modelled_kinds: tuple[str, ...]


def build_network(roads: RoadTables, demand_id: np.ndarray, xy: Floats) -> Network:
    """Arrays from tables. `xy` (N, 2) holds the access points of the demand, then the nodes.

    Raises:
        KeyError: if an edge names a node that does not exist (the door has checked it).
    """
    names = [*demand_id, *roads.nodes["node_id"]]
    position = {name: place for place, name in enumerate(names)}

    at = partial(_positions, position)
    trunk = roads.edges[roads.edges["status"].isin(roads.open_status)]
    surveyed = Edges(
        at(trunk["from_node"]),
        at(trunk["to_node"]),
        edge_ms(trunk["length_metres"].to_numpy(float), trunk["speed_kph"].to_numpy(float)),
        np.zeros(len(trunk), bool),
    ).both_ways((trunk["direction"] == "forward").to_numpy())
    local = roads.local_edges
    links = Edges(
        at(local["from_node"]),
        at(local["to_node"]),
        edge_ms(local["length_metres"].to_numpy(float), local["speed_kph"].to_numpy(float)),
        local["kind"].isin(roads.modelled_kinds).to_numpy(),
    ).both_ways()
    parts = [surveyed, links]
    on_land = Edges.join(parts)
    if roads.ferries is not None:
        parts.append(_ferry_edges(roads.ferries, at))
    density = roads.access.set_index("village_code").loc[demand_id, "density_per_km2"]
    return Network(
        points=len(demand_id),
        xy=xy,
        graph=combined_graph(Edges.join(parts), len(names)),
        land=components(on_land.start, on_land.end, len(names)),
        may_join=_may_join(trunk["road_class"], surveyed, len(demand_id), len(names)),
        density_per_km2=density.to_numpy(float),
    )


def _positions(position: Mapping[str, int], column: pd.Series) -> Ints:
    return np.array([position[name] for name in column], dtype=np.int64)


def _ferry_edges(ferries: pd.DataFrame, at: Callable[[pd.Series], Ints]) -> Edges:
    """Sailings with their waiting time; flights of the same table are nobody's way to a service."""
    sailing = ferries["mode"] == "ferry" if "mode" in ferries else True
    landed = (ferries["from_village_code"] != "") & (ferries["to_village_code"] != "")
    known = ferries[landed & sailing]
    minutes = known["minutes"].to_numpy(float) + known["wait_minutes"].to_numpy(float)
    return Edges(
        at(known["from_village_code"]),
        at(known["to_village_code"]),
        np.rint(minutes * MS_PER_MINUTE).astype(np.int64),
        np.ones(len(known), bool),
    ).both_ways()


def _may_join(edge_class: pd.Series, edges: Edges, points: int, nodes: int) -> Bools:
    """Demand points, and nodes that touch an ordinary road."""
    ordinary = ~edge_class.isin(NO_JOINING_CLASSES).to_numpy()
    joinable = np.zeros(nodes, bool)
    joinable[:points] = True
    joinable[edges.start[: len(ordinary)][ordinary]] = True
    joinable[edges.end[: len(ordinary)][ordinary]] = True
    return joinable


def combined_graph(edges: Edges, nodes: int) -> Graph:
    """The searchable graph; of parallel edges the fastest stays, then the least modelled."""
    weight = edges.ms * WEIGHT_UNIT + np.where(edges.modelled, edges.ms, 0)
    return build_graph(nodes, edges.start, edges.end, weight)


def components(start: Ints, end: Ints, nodes: int) -> Ints:
    """The number (N,) of the part of the network each node lies in, whatever the direction."""
    links = csr_matrix((np.ones(len(start), bool), (start, end)), (nodes, nodes))
    label: Ints = connected_components(links, directed=False)[1].astype(np.int64)
    return label


def to_networkx(network: Network) -> nx.DiGraph[int]:
    """The network for looking at, cleaning or exchange: nodes are positions, edges as driven.

    Edges carry `ms` and `modelled_ms`. The search itself never uses it: `make bench` prints why.
    """
    import networkx as nx

    towards = network.graph
    ms, modelled_ms = np.divmod(towards.weight, WEIGHT_UNIT)
    end = np.repeat(np.arange(towards.nodes), np.diff(towards.indptr))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(towards.nodes))
    graph.add_edges_from(
        (start, end, {"ms": one, "modelled_ms": two})
        for start, end, one, two in zip(
            towards.indices.tolist(), end.tolist(), ms.tolist(), modelled_ms.tolist(), strict=True
        )
    )
    return graph
