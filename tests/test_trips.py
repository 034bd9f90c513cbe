"""Places joined to roads and the trips between them, against networkx with the places put in."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.travel.exchange import from_networkx, to_networkx
from geoplan.travel.joining import Access, Joined, Lands, Snapped, snap_places
from geoplan.travel.network import WEIGHT_UNIT
from geoplan.travel.roads import RoadEdges, RoadNetwork, RoadNodes, Shapes, build_roads
from geoplan.travel.trips import travel_times, trip_batches, trip_weights

ACCESS = Access(most_metres=600.0, kph=20.0)


def edges_of(
    rows: list[tuple[int, int, int, int]], road_class: str = "primary", ferry: bool = False
) -> RoadEdges:
    """Edges from start, end, milliseconds and link."""
    start, end, ms, link = np.array(rows, np.int64).reshape(-1, 4).T
    return RoadEdges(
        start,
        end,
        ms,
        np.full(len(ms), 100.0),
        np.full(len(ms), np.nan),
        np.full(len(ms), road_class, object),
        np.zeros(len(ms), bool),
        np.full(len(ms), ferry),
        link,
    )


def nodes_of(points: list[tuple[float, float]]) -> RoadNodes:
    ids = np.array([f"n{number}" for number in range(len(points))], object)
    return RoadNodes(ids, None, np.array(points, float))


Spots = dict[int, list[tuple[float, tuple[str, int]]]]


def by_networkx(roads: RoadNetwork, origins: Snapped, sites: Snapped) -> np.ndarray:
    """Trips with every place put into its link as a node of its own; -1 where there is no way."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(roads.nodes.node_id)))
    lying: Spots = {}
    add_places(graph, "from", origins, lying)
    add_places(graph, "to", sites, lying)
    for edge in np.flatnonzero(roads.driven):
        add_edge(graph, roads, int(edge), lying)
    found = np.full((len(origins.state), len(sites.state)), -1, np.int64)
    for place in range(len(origins.state)):
        reached = nx.single_source_dijkstra_path_length(graph, ("from", place), weight="ms")
        for site in range(len(sites.state)):
            found[place, site] = reached.get(("to", site), -1)
    return found


def add_places(graph: nx.MultiDiGraph, kind: str, places: Snapped, lying: Spots) -> None:
    for place in range(len(places.state)):
        mine = (kind, place)
        graph.add_node(mine)
        if places.state[place] == Joined.TOO_FAR:
            continue
        spot: object = ("spot", *mine)
        if (places.link_ms[place] < 0).all():
            spot = int(places.node[place])
        else:
            lying.setdefault(int(places.link[place]), []).append((places.share[place], mine))
        out, back = (mine, spot) if kind == "from" else (spot, mine)
        graph.add_edge(out, back, ms=int(places.leg_ms[place]))


def add_edge(graph: nx.MultiDiGraph, roads: RoadNetwork, edge: int, lying: Spots) -> None:
    """The edge in parts between the spots that lie on it; spots at the same share are one."""
    link, ms = int(roads.edges.link[edge]), int(roads.edges.ms[edge])
    forward = roads.links.forward[link] == edge
    stops = sorted(lying.get(link, ()))
    chain: list[tuple[object, int]] = [(int(roads.links.tail[link]), 0)]
    chain += [(("spot", *mine), round(share * ms)) for share, mine in stops]
    chain.append((int(roads.links.head[link]), ms))
    for (here, done), (there, more) in pairwise(chain):
        graph.add_edge(*((here, there) if forward else (there, here)), ms=more - done)
    for (share, one), (other_share, other) in pairwise(stops):
        if share == other_share:
            graph.add_edge(("spot", *one), ("spot", *other), ms=0)
            graph.add_edge(("spot", *other), ("spot", *one), ms=0)


@st.composite
def networks(draw: st.DrawFn) -> RoadNetwork:
    """Small networks: one-way stretches, loops, parallel roads, no time, ferries, motorways."""
    count = draw(st.integers(2, 7))
    cell = st.integers(0, 5).map(lambda step: step * 100.0)
    points = draw(st.lists(st.tuples(cell, cell), min_size=count, max_size=count))
    node = st.integers(0, count - 1)
    rows, classes, ferry = [], [], []
    stretches = draw(st.lists(st.tuples(node, node), min_size=1, max_size=12))
    for number, (start, end) in enumerate(stretches):
        kind = draw(st.sampled_from(["primary"] * 5 + ["motorway", "ferry"]))
        ms = draw(st.integers(0, 60_000))
        rows.append((start, end, ms, number))
        if draw(st.booleans()):
            rows.append((end, start, draw(st.sampled_from([ms, 2 * ms + 1])), number))
        new = len(rows) - len(classes)
        classes += [kind] * new
        ferry += [kind == "ferry"] * new
    edges = edges_of(rows)
    edges.road_class[:] = classes
    edges.ferry[:] = ferry
    return build_roads(nodes_of(points), edges, with_ferries=draw(st.booleans()))


PLACE = st.tuples(st.integers(-3, 30), st.integers(-3, 30)).map(lambda at: (at[0] * 20, at[1] * 20))
PLACES = st.lists(PLACE, min_size=1, max_size=6).map(lambda rows: np.array(rows, float))


@settings(max_examples=200)
@given(networks(), PLACES, PLACES)
def test_trips_are_those_of_networkx(
    roads: RoadNetwork, here: np.ndarray, there: np.ndarray
) -> None:
    origins, sites = snap_places(roads, here, ACCESS), snap_places(roads, there, ACCESS)
    trips = travel_times(roads.graph, origins, sites)
    expected = by_networkx(roads, origins, sites)
    assert np.array_equal(np.where(trips.reachable, trips.ms, -1), expected)
    both = travel_times(roads.combined_graph, origins, sites)
    assert np.array_equal(both.ms, trips.ms)
    legs = origins.leg_ms[:, None] + sites.leg_ms[None, :]
    assert both.modelled_ms is not None
    assert np.array_equal(both.modelled_ms, np.where(trips.reachable, legs, 0))


@settings(max_examples=60)
@given(networks(), PLACES, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(roads: RoadNetwork, here: np.ndarray, order: object) -> None:
    edges = roads.edges
    mixed = np.random.default_rng(order.getrandbits(32)).permutation(len(edges.ms))
    again = build_roads(roads.nodes, edges.at(mixed), with_ferries=roads.with_ferries)
    for name in ("start", "end", "ms", "link", "ferry", "road_class"):
        assert np.array_equal(getattr(again.edges, name), getattr(edges, name)), name
    one, two = snap_places(roads, here, ACCESS), snap_places(again, here, ACCESS)
    assert np.array_equal(one.link, two.link)
    assert np.array_equal(one.leaving.weight, two.leaving.weight)


def line_roads(ms: int = 6000, both: bool = True, **more: object) -> RoadNetwork:
    """One stretch of 1 km along the x axis."""
    rows = [(0, 1, ms, 5), (1, 0, ms, 5)] if both else [(0, 1, ms, 5)]
    return build_roads(nodes_of([(0, 0), (1000, 0)]), edges_of(rows, **more))


def test_a_trip_along_one_link_by_hand() -> None:
    roads = line_roads()
    places = snap_places(roads, np.array([[250.0, 100.0], [750.0, 0.0]]), ACCESS)
    assert places.metres.tolist() == [100, 0]
    assert places.leg_ms.tolist() == [18_000, 0]  # 100 m at 20 km/h
    assert travel_times(roads.graph, places, places).ms.tolist() == [[36_000, 21_000], [21_000, 0]]


def test_nobody_drives_against_a_one_way_road() -> None:
    roads = line_roads(both=False)
    places = snap_places(roads, np.array([[250.0, 0.0], [750.0, 0.0]]), ACCESS)
    trips = travel_times(roads.graph, places, places)
    assert trips.reachable.tolist() == [[True, True], [False, True]]
    assert trips.ms[0].tolist() == [0, 3000]


def test_beyond_the_maximum_is_a_state_with_its_metres() -> None:
    places = snap_places(line_roads(), np.array([[0.0, 601.0], [0.0, 600.0]]), ACCESS)
    assert places.state.tolist() == [Joined.TOO_FAR, Joined.SNAPPED]
    assert places.metres.tolist() == [601, 600]
    assert places.component.tolist() == [-1, 0]
    trips = travel_times(line_roads().graph, places, places)
    assert trips.reachable.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize("more", [{"road_class": "motorway"}, {"ferry": True}])
def test_where_nobody_gets_on(more: dict[str, object]) -> None:
    places = snap_places(line_roads(**more), np.array([[500.0, 0.0]]), ACCESS)
    assert (places.state[0], places.metres[0]) == (Joined.TOO_FAR, np.inf)


def test_a_road_across_the_water_is_not_joined() -> None:
    roads = build_roads(
        nodes_of([(0, 0), (1000, 0), (0, 400), (1000, 400)]), edges_of([(0, 1, 9, 0), (2, 3, 9, 1)])
    )
    assert roads.pieces is not None
    on_north = (roads.pieces.segments.a[:, 1] > 0).astype(np.int64)
    xy = np.array([[500.0, 100.0], [500.0, 100.0]])
    places = snap_places(roads, xy, ACCESS, Lands(np.array([0, 1]), on_north))
    assert places.metres.tolist() == [100, 300]


def test_shapes_are_followed() -> None:
    nodes, rows = nodes_of([(0, 0), (1000, 0)]), [(0, 1, 8000, 3), (1, 0, 8000, 3)]
    bend = [[0, 0], [0, 500], [1000, 500], [1000, 0]]
    shapes = Shapes(np.array([0, 4, 8]), np.array([*bend, *bend[::-1]], float))
    roads = build_roads(nodes, edges_of(rows), shapes)
    places = snap_places(roads, np.array([[500.0, 510.0], [10.0, 250.0]]), ACCESS)
    assert places.metres.tolist() == [10, 10]
    assert places.share.tolist() == [0.5, 0.125]
    direct = travel_times(roads.graph, places, places).ms[0, 1]
    assert direct == 3000 + 2 * 1800


def test_components_and_imputed_share() -> None:
    edges = edges_of([(0, 1, 5, 0), (1, 2, 5, 1), (3, 4, 5, 2), (4, 5, 5, 3)])
    edges.ferry[:] = [False, True, False, False]
    edges.imputed[:] = [True, True, False, False]
    roads = build_roads(nodes_of([(0, 0), (9, 0), (20, 0), (30, 0), (40, 0), (50, 0)]), edges)
    named = dict(zip(roads.nodes.node_id, roads.component.tolist(), strict=True))
    assert named == {"n3": 0, "n4": 0, "n5": 0, "n0": 1, "n1": 1, "n2": 2}
    assert roads.imputed_share == 1 / 3
    assert roads.kilometres == 0.3


def test_ferries_are_a_switch() -> None:
    nodes, edges = nodes_of([(0, 0), (9, 0)]), edges_of([(0, 1, 70, 0), (1, 0, 70, 0)], ferry=True)
    at = np.array([0, 1])
    for switched, reached in ((False, [[True, False]]), (True, [[True, True]])):
        roads = build_roads(nodes, edges, with_ferries=switched)
        places = snap_places(roads, np.zeros((2, 2)), ACCESS, node=at)
        assert travel_times(roads.graph, places.part(0, 1), places).reachable.tolist() == reached


def test_batches_are_the_whole_table() -> None:
    roads = line_roads()
    places = snap_places(roads, np.array([[x, 3.0] for x in range(0, 1000, 90)], float), ACCESS)
    whole = trip_weights(roads.graph, places, places)
    parts = list(trip_batches(roads.graph, places, places, most_bytes=400))
    assert len(parts) > 1
    assert np.array_equal(np.hstack([weight for _, weight in parts]), whole)


def test_what_cannot_be_used_is_refused() -> None:
    nodes = nodes_of([(0, 0), (9, 0)])
    with pytest.raises(ValueError, match="milliseconds"):
        build_roads(nodes, edges_of([(0, 1, -1, 0)]))
    with pytest.raises(ValueError, match="stretch"):
        build_roads(nodes, edges_of([(0, 1, 1, 0), (0, 1, 1, 0)]))
    with pytest.raises(ValueError, match="points"):
        snap_places(
            build_roads(RoadNodes(nodes.node_id), edges_of([(0, 1, 1, 0)])), np.zeros((1, 2))
        )
    long = Access(most_metres=1e9, kph=0.5)
    with pytest.raises(ValueError, match="leg"):
        places = snap_places(line_roads(), np.array([[5.0, 1e7]]), long)
        places.leaving_in(line_roads().combined_graph)
    assert WEIGHT_UNIT > 2 * 5000 / 4.5 * 3600  # the usual bounds are far from it


@settings(max_examples=60)
@given(networks())
def test_to_networkx_and_back(roads: RoadNetwork) -> None:
    graph = to_networkx(roads)
    again = from_networkx(graph, with_ferries=roads.with_ferries)
    assert again.nodes.node_id.tolist() == roads.nodes.node_id.tolist()
    for name in RoadEdges.__slots__:
        one, two = getattr(again.edges, name), getattr(roads.edges, name)
        assert np.array_equal(one, two, equal_nan=one.dtype.kind == "f"), name
    assert np.array_equal(again.graph.indices, roads.graph.indices)
    assert np.array_equal(again.graph.weight, roads.graph.weight)


def test_a_graph_of_others_needs_milliseconds_only() -> None:
    graph = nx.MultiDiGraph([("p", "q", {"ms": 7}), ("q", "p", {"ms": 9})])
    roads = from_networkx(graph)
    assert roads.nodes.xy is None
    assert sorted(roads.edges.ms.tolist()) == [7, 9]
    assert len(roads.links.tail) == 2
    with pytest.raises(KeyError):
        from_networkx(nx.MultiDiGraph([("p", "q", {})]))
