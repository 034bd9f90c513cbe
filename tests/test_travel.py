from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geoplan.travel.areas import SITE_METRES, least_ms_to_areas, near_areas
from geoplan.travel.lands import land_masses
from geoplan.travel.matrix import OWN_ZONE_MS, search_from, travel_matrix
from geoplan.travel.network import (
    Network,
    RoadTables,
    build_network,
    by_density,
    edge_ms,
    local_ms,
)
from geoplan.travel.straight import straight_line_matrix

IDS = np.array(["v0", "v1", "v2", "v3"], object)
KINDS = ("mesh",)
ALL = np.array([True])


def road_tables(
    edges: list[tuple[str, str, float, float, str, str]], local: list[tuple[str, str, str, float]]
) -> RoadTables:
    """Edges: from, to, metres, km/h, direction, status; local links: from, to, kind, metres."""
    return RoadTables(
        nodes=pd.DataFrame({"node_id": ["t0", "t1", "t2"]}),
        edges=pd.DataFrame(
            [(*edge, "provincial") for edge in edges],
            columns=[
                "from_node",
                "to_node",
                "length_metres",
                "speed_kph",
                "direction",
                "status",
                "road_class",
            ],
        ),
        local_edges=pd.DataFrame(
            [(*link, 30.0) for link in local],
            columns=["from_node", "to_node", "kind", "length_metres", "speed_kph"],
        ),
        access=pd.DataFrame({"village_code": IDS, "density_per_km2": [700.0] * 4}),
        ferries=None,
        open_status=("open",),
        modelled_kinds=KINDS,
    )


def small_network() -> Network:
    """v0 -mesh- t0 =road= t1 -mesh- v1; v2 hangs on t2 one way; v3 is an island."""
    xy = np.array(
        [
            [0, 0],
            [20_000, 0],
            [10_000, 9_000],
            [90_000, 90_000],
            [1000, 0],
            [19_000, 0],
            [10_000, 8_000],
        ],
        float,
    )
    tables = road_tables(
        [
            ("t0", "t1", 18_000, 60, "both", "open"),
            ("t0", "t2", 12_000, 60, "forward", "open"),
            ("t2", "t1", 500, 60, "both", "closed"),
        ],
        [("v0", "t0", "mesh", 1_000), ("v1", "t1", "mesh", 1_000), ("v2", "t2", "mesh", 1_000)],
    )
    return build_network(tables, IDS, xy)


def test_minutes_by_hand() -> None:
    assert edge_ms(np.array([1000.0]), np.array([60.0])).tolist() == [60_000]
    # 700 residents/km2: detour 1.30, 33 km/h -> 1 km of straight line is 141.818 s
    assert local_ms(np.array([1000.0]), np.array([700.0])).tolist() == [141_818]
    assert by_density(np.array([3000.0, 2999.9, 0.0]), ((3000, 1), (500, 2), (0, 3))).tolist() == [
        1,
        2,
        3,
    ]


def test_closed_roads_and_one_way_streets_are_kept() -> None:
    network = small_network()
    at_v1 = travel_matrix(network, network.graph, (np.array(["s"], object), network.xy[[1]]), 0)
    # v0 -> v1: 1 km mesh (2 min at 30 km/h), 18 km road (18 min), 1 km mesh (2 min); the site
    # joins at v1 itself, over a leg of one millisecond.
    assert at_v1.ms[0, 0] == 22 * 60_000 + 1
    assert at_v1.modelled_ms[0, 0] == 4 * 60_000 + 1
    # v2 can reach nothing: its road leads only towards t2, and the other is closed.
    assert not at_v1.reachable[2, 0]
    assert not at_v1.reachable[3, 0]


def test_nobody_is_nearer_than_the_own_zone_minute() -> None:
    network = small_network()
    matrix = travel_matrix(network, network.graph, (np.array(["s"], object), network.xy[[0]]), 0)
    assert matrix.ms[0, 0] == OWN_ZONE_MS


def test_direct_trip_stays_on_the_same_land() -> None:
    network = small_network()
    beside_v3 = network.xy[[3]] + [500.0, 0.0]
    matrix = travel_matrix(network, network.graph, (np.array(["s"], object), beside_v3), 3000)
    assert matrix.reachable[:, 0].tolist() == [False, False, False, True]
    assert matrix.modelled_ms[3, 0] > 0


def test_least_time_to_an_area() -> None:
    network = small_network()
    beside_v1 = np.array([box(19_900, -100, 20_500, 100), box(60_000, 0, 61_000, 100)], object)
    near = near_areas(network, beside_v1)
    least = least_ms_to_areas(network, network.graph, near, np.array([True, False]), 0)
    # v1 lies inside; t1 is 900 m off, so a site at the edge is 900 m of fast local street nearer
    # than the two minutes from v1 to t1: 1.30 / 38 km/h * 900 m = 110.8 s.
    assert least.tolist() == [20 * 60_000 + 110_842, 1, -1, -1]
    # The other lies 40 km from any node, where no service stands.
    nowhere = least_ms_to_areas(network, network.graph, near, np.array([False, True]), 0)
    assert nowhere.tolist() == [-1] * 4


@settings(max_examples=60, deadline=None)
@given(st.floats(15_000, 25_000), st.floats(-4_000, 4_000), st.floats(200, 6_000))
def test_no_site_in_an_area_is_nearer_than_the_least_time_to_it(
    x: float, y: float, size: float
) -> None:
    network = small_network()
    area = box(x, y, x + size, y + size)
    least = least_ms_to_areas(
        network, network.graph, near_areas(network, np.array([area], object)), ALL, 3000
    )
    corners = np.array([[x, y], [x + size, y + size], [x + size / 2, y + size / 3]])
    times = travel_matrix(
        network, network.graph, (np.array(["a", "b", "c"], object), corners), 3000
    )
    nodes = network.xy[np.flatnonzero(network.may_join)]
    for point in range(network.points):
        for site in range(3):
            from_node = np.hypot(*(nodes - corners[site]).T).min()
            if times.reachable[point, site] and from_node <= SITE_METRES:
                assert least[point] >= 0
                assert times.ms[point, site] >= least[point]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_same_times_as_networkx(data: st.DataObject) -> None:
    """Random road graphs: the time and the least modelled part of it, to the millisecond."""
    points = data.draw(st.integers(2, 8))
    nodes = data.draw(st.integers(1, 8))
    names = [f"v{i}" for i in range(points)] + [f"t{i}" for i in range(nodes)]
    pick = st.sampled_from(names)
    roads = data.draw(
        st.lists(
            st.tuples(pick, pick, st.integers(1, 9000), st.sampled_from(["both", "forward"])),
            min_size=1,
            max_size=25,
        )
    )
    links = data.draw(
        st.lists(
            st.tuples(pick, pick, st.sampled_from(["mesh", "fixed"]), st.integers(1, 9000)),
            max_size=15,
        )
    )
    ids = np.array(names[:points], object)
    tables = RoadTables(
        nodes=pd.DataFrame({"node_id": names[points:]}),
        edges=pd.DataFrame(
            [(a, b, metres, 50.0, way, "open", "provincial") for a, b, metres, way in roads],
            columns=[
                "from_node",
                "to_node",
                "length_metres",
                "speed_kph",
                "direction",
                "status",
                "road_class",
            ],
        ),
        local_edges=pd.DataFrame(
            [(a, b, kind, metres, 30.0) for a, b, kind, metres in links],
            columns=["from_node", "to_node", "kind", "length_metres", "speed_kph"],
        ),
        access=pd.DataFrame({"village_code": ids, "density_per_km2": [100.0] * points}),
        ferries=None,
        open_status=("open",),
        modelled_kinds=KINDS,
    )
    # Far apart, so that a site joins only where it stands.
    xy = np.column_stack([np.arange(len(names)) * 1e6, np.zeros(len(names))])
    network = build_network(tables, ids, xy)
    site = data.draw(st.integers(0, points - 1))
    found_ms, modelled_ms, reachable = search_from(
        network.graph, network.points, [(np.array([site]), np.array([1]))]
    )

    graph = nx.DiGraph()
    graph.add_nodes_from(names)

    def add(start: str, end: str, ms: int, modelled: bool) -> None:
        weight = (ms, ms if modelled else 0)
        if start != end and (
            not graph.has_edge(start, end) or graph[start][end]["weight"] > weight
        ):
            graph.add_edge(start, end, weight=weight)

    for a, b, metres, way in roads:
        ms = int(edge_ms(np.array([float(metres)]), np.array([50.0]))[0])
        add(a, b, ms, False)
        if way == "both":
            add(b, a, ms, False)
    for a, b, kind, metres in links:
        ms = int(edge_ms(np.array([float(metres)]), np.array([30.0]))[0])
        add(a, b, ms, kind == "mesh")
        add(b, a, ms, kind == "mesh")
    # Both numbers in one weight: networkx adds Python integers, so it is exact as well.
    times = nx.single_source_dijkstra_path_length(
        graph.reverse(), names[site], weight=lambda u, v, e: e["weight"][0] * 10**9 + e["weight"][1]
    )
    for place, name in enumerate(names[:points]):
        assert bool(reachable[place, 0]) == (name in times)
        if name in times:
            # The leg at the site is one millisecond, and modelled.
            found = int(found_ms[place, 0]) - 1, int(modelled_ms[place, 0]) - 1
            assert found == divmod(times[name], 10**9)


def test_straight_line_never_wraps_round() -> None:
    """2^31 milliseconds are 596 hours: 2,983 km at 5 km/h."""
    site = np.array([[0.0, 0.0]])

    def first_ms(metres: float) -> int:
        point = np.array([[metres, 0.0]])
        land = np.zeros(1, np.int64)
        name = np.array(["s"], object)
        return int(straight_line_matrix((point, land), name, (site, land), 1, 5).ms[0, 0])

    assert first_ms(2_982_000) == 2_982 * 720_000
    with pytest.raises(OverflowError, match="596 hours"):
        first_ms(2_983_000)


def test_straight_line_never_crosses_the_sea() -> None:
    lands = land_masses(
        np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(50, 0, 60, 10)], object)
    )
    xy = np.array([[1.0, 1.0], [15.0, 5.0], [55.0, 5.0]])
    assert lands.nearest(xy)[0] == lands.nearest(xy)[1] != lands.nearest(xy)[2]
    matrix = straight_line_matrix(
        (xy * 1000, lands.nearest(xy)),
        np.array(["s"], object),
        (xy[[1]] * 1000, lands.nearest(xy[[1]])),
        1.4,
        40,
    )
    assert matrix.reachable[:, 0].tolist() == [True, True, False]
    # 14.56 km of straight line x 1.4 at 40 km/h
    assert matrix.ms[0, 0] == pytest.approx(np.hypot(14, 4) * 1000 * 1.4 / 40 * 3.6 * 1000, abs=1)
