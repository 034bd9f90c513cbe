"""Road networks to and from networkx: for cleaning, looking at and exchange, not for searching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geoplan.travel.roads import RoadEdges, RoadNetwork, RoadNodes, build_roads

if TYPE_CHECKING:
    import networkx as nx

EDGE_COLUMNS = ("ms", "metres", "speed_kph", "road_class", "imputed", "ferry", "link")
UNKNOWN: dict[str, object] = {
    "metres": float("nan"),
    "speed_kph": float("nan"),
    "road_class": "",
    "imputed": False,
    "ferry": False,
}


def to_networkx(roads: RoadNetwork) -> nx.MultiDiGraph[str]:
    """Nodes by their ids with lon, lat, x, y; edges as driven with their columns, ferries too.

    The courses of the roads are not carried along.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    ids = [str(each) for each in roads.nodes.node_id]
    graph.add_nodes_from(ids)
    for names, points in ((("lon", "lat"), roads.nodes.lonlat), (("x", "y"), roads.nodes.xy)):
        if points is None:
            continue
        for name, column in zip(names, points.T.tolist(), strict=True):
            nx.set_node_attributes(graph, dict(zip(ids, column, strict=True)), name)
    edges = roads.edges
    columns = [getattr(edges, name).tolist() for name in EDGE_COLUMNS]
    ends = zip(edges.start.tolist(), edges.end.tolist(), strict=True)
    graph.add_edges_from(
        (ids[start], ids[end], dict(zip(EDGE_COLUMNS, row, strict=True)))
        for (start, end), row in zip(ends, zip(*columns, strict=True), strict=True)
    )
    return graph


def from_networkx(graph: nx.MultiDiGraph[Any], with_ferries: bool = False) -> RoadNetwork:
    """The network of a graph whose edges carry `ms` (whole milliseconds), others as `to_networkx`.

    Nodes need x and y in metres to be snapped to; without `link` every edge is a link of its own.

    Raises:
        KeyError: if an edge has no ms, or some nodes have points and some have none.
        ValueError: as `build_roads` says.
    """
    names = list(graph.nodes)
    at = {name: place for place, name in enumerate(names)}
    rows = list(graph.edges(data=True))

    def column(name: str, kind: Any) -> Any:
        return np.array([data.get(name, UNKNOWN[name]) for _, _, data in rows], kind)

    def points(one: str, two: str) -> Any:
        if not any(one in data for _, data in graph.nodes(data=True)):
            return None
        values = [(data[one], data[two]) for _, data in graph.nodes(data=True)]
        return np.array(values, float).reshape(-1, 2)

    edges = RoadEdges(
        start=np.array([at[start] for start, _, _ in rows], np.int64),
        end=np.array([at[end] for _, end, _ in rows], np.int64),
        ms=np.array([data["ms"] for _, _, data in rows], np.int64),
        metres=column("metres", float),
        speed_kph=column("speed_kph", float),
        road_class=column("road_class", object),
        imputed=column("imputed", bool),
        ferry=column("ferry", bool),
        link=np.array([_link(data, row) for row, (_, _, data) in enumerate(rows)], np.int64),
    )
    ids = np.array([str(name) for name in names], object)
    nodes = RoadNodes(ids, points("lon", "lat"), points("x", "y"))
    return build_roads(nodes, edges, None, with_ferries)


def _link(data: dict[str, Any], row: int) -> int:
    """The stated link; below zero, and so never one that is stated, where there is none."""
    return int(data["link"]) if "link" in data else -1 - row
