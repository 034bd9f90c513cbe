"""Road tables and matrices of one's own: what comes in by the door, and every fault in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.door import own_roads
from geoplan.door.check_files import check
from geoplan.door.manifest import open_source
from geoplan.door.own_matrix import OwnMatrix, read_matrix
from geoplan.door.own_roads import OwnRoads, read_own_roads, road_files
from geoplan.door.reading import Found
from geoplan.errors import SourceMissing
from geoplan.own_network import own_network
from geoplan.roads.matrix_files import Rows, write_dense, write_sparse
from geoplan.travel.graph import FAR_MS
from geoplan.travel.roads import RoadNetwork

NODES = "node_id,lon,lat\nA,121.00,24.0\nB,121.01,24.0\nC,121.02,24.0\n"
EDGES = "u,v,minutes\nA,B,1\nB,A,1\nB,C,2.5\n"


def read(folder: Path, edges: str, nodes: str | None = NODES) -> tuple[OwnRoads | None, Found]:
    (folder / "edges.csv").write_text(edges, "utf-8")
    if nodes is not None:
        (folder / "nodes.csv").write_text(nodes, "utf-8")
    found = Found()
    files = road_files(folder / "edges.csv", None if nodes is None else folder / "nodes.csv")
    return read_own_roads(files, found), found


def good(folder: Path, edges: str, nodes: str | None = NODES) -> OwnRoads:
    own, found = read(folder, edges, nodes)
    assert own is not None, found.faults
    return own


def named_edges(own: OwnRoads) -> list[tuple[str, str, int]]:
    roads = own_network(own)
    ids = roads.nodes.node_id
    rows = zip(roads.edges.start, roads.edges.end, roads.edges.ms, strict=True)
    return sorted((ids[start], ids[end], int(ms)) for start, end, ms in rows)


def test_edges_and_nodes_are_read(tmp_path: Path) -> None:
    own = good(tmp_path, EDGES)
    assert named_edges(own) == [("A", "B", 60_000), ("B", "A", 60_000), ("B", "C", 150_000)]
    assert own.edges.link[0] == own.edges.link[1] != own.edges.link[2]
    assert own.edges.metres[0] == pytest.approx(1016, rel=0.01)
    assert own.nodes.metres_crs == "EPSG:32651"


def test_time_of_metres_and_speed(tmp_path: Path) -> None:
    own = good(tmp_path, "u,v,metres,speed_kph\nA,B,1000,60\nB,C,0,30\n")
    assert own.edges.ms.tolist() == [60_000, 0]


@pytest.mark.parametrize(
    ("edges", "faults"),
    [
        ("u,v,minutes\nA,B,-1\nB,C,-2\n", [("negative", (2, 3), "minutes")]),
        ("u,v,minutes\nA,B,nan\nB,C,inf\n", [("not_a_number", (2, 3), "minutes")]),
        ("u,v,minutes\nA,B,\nB,C,1\n", [("number_not_known", (2,), "minutes")]),
        ("u,v,minutes\nA,X,1\nY,B,1\n", [("unknown_node", (3,), "u"), ("unknown_node", (2,), "v")]),
        ("u,v,minutes\nA,B,99999\n", [("edge_too_long", (2,), "minutes")]),
        ("u,v,metres,speed_kph\nA,B,5,0\nB,C,-5,9\n",
         [("negative", (3,), "metres"), ("below", (2,), "speed_kph")]),
        ("u,v,metres\nA,B,5\n", [("road_without_time", (1,), "minutes")]),
        ("u,v,minutes\n", [("header_only", (), "")]),
        ("u,w,minutes\nA,B,1\n", [("column_missing", (1,), "v")]),
        ("u,v,minutes\nA,B,1,7\nB,C,1\n", [("ragged", (2,), "")]),
        ("u,v,minutes\n\nA,B,1\n,C,1\n", [("blank_id", (4,), "u")]),
        ('u,v,minutes\n"A",B,1\nB, C,1\n', [("padded_id", (3,), "v")]),
        ("u,v,minutes,link\nA,B,1,7\nB,C,1,7\n", [("link_not_a_stretch", (2, 3), "link")]),
        ("u,v,minutes,ferry\nA,B,1,perhaps\n", [("not_a_choice", (2,), "ferry")]),
    ],
)  # fmt: skip
def test_every_fault_of_edges(
    edges: str, faults: list[tuple[str, tuple[int, ...], str]], tmp_path: Path
) -> None:
    own, found = read(tmp_path, edges)
    assert own is None
    assert [(each.code, each.rows, each.column) for each in found.faults] == faults
    assert all(len(each.tell(lang)) > 20 for each in found.faults for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("nodes", "code", "rows"),
    [
        ("node_id,lon,lat\nA,121,24\nB,,24\nC,121,24\n", "number_not_known", (3,)),
        ("node_id,lon,lat\nA,121,24\nA,121,24\nB,121,24\nC,121,24\n", "duplicate_id", (2, 3)),
        ("node_id,lon,lat\nA,24,121\nB,24,121\nC,24,121\n", "axes_swapped", (2, 3, 4)),
        ("node_id,lon,lat\nA,302000,2770000\n", "metres_as_degrees", (2,)),
    ],
)
def test_every_fault_of_nodes(nodes: str, code: str, rows: tuple[int, ...], tmp_path: Path) -> None:
    own, found = read(tmp_path, EDGES, nodes)
    assert own is None
    assert (code, rows) in {(each.code, each.rows) for each in found.faults}


def test_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    _, found = read(tmp_path, EDGES.replace("2.5", "-2.5"), NODES.replace("24.0", "95"))
    assert {each.file for each in found.faults} == {"nodes.csv"}  # ends cannot be judged yet
    _, found = read(tmp_path, EDGES.replace("2.5", "-2.5").replace("A,B", "A,Z"))
    assert {each.code for each in found.faults} == {"negative", "unknown_node"}


def test_without_nodes_there_are_no_points(tmp_path: Path) -> None:
    own = good(tmp_path, EDGES, None)
    assert own.nodes.xy is None
    assert named_edges(own) == [("A", "B", 60_000), ("B", "A", 60_000), ("B", "C", 150_000)]


MANY_EDGES = ("A,B,1", "B,A,1", "B,C,2.5", "A,B,3", "C,B,2.5", "C,C,1")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    """The network of these edges in this order."""
    edges = "\n".join(["u,v,minutes", *MANY_EDGES]) + "\n"
    return own_network(good(tmp_path_factory.mktemp("plain"), edges))


@settings(max_examples=25)
@given(edge_order=st.permutations(range(6)), node_order=st.permutations(range(3)))
def test_order_of_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    plain: RoadNetwork,
    edge_order: list[int],
    node_order: list[int],
) -> None:
    head, *nodes = NODES.splitlines()
    mixed = "\n".join(["u,v,minutes", *(MANY_EDGES[at] for at in edge_order)]) + "\n"
    own = good(
        tmp_path_factory.mktemp("order"),
        mixed,
        "\n".join([head, *(nodes[at] for at in node_order)]) + "\n",
    )
    roads = own_network(own)
    assert roads.nodes.node_id.tolist() == plain.nodes.node_id.tolist()
    for name in ("start", "end", "ms", "link"):
        assert getattr(roads.edges, name).tolist() == getattr(plain.edges, name).tolist()
    assert roads.pieces is not None
    assert plain.pieces is not None
    assert np.array_equal(roads.pieces.segments.a, plain.pieces.segments.a)


def geo_edges(folder: Path, lines: list[object], **more: object) -> Path:
    frame = gpd.GeoDataFrame(
        {"u": ["A", "B", "B"], "v": ["B", "A", "C"], "minutes": [1.0, 1.0, 2.5], **more},
        geometry=lines,
        crs="EPSG:4326",
    )
    frame.to_parquet(folder / "edges.parquet")
    (folder / "nodes.csv").write_text(NODES)
    return folder / "edges.parquet"


BEND = shapely.LineString([(121.0, 24.0), (121.0, 24.01), (121.01, 24.0)])
STRAIGHT = shapely.LineString([(121.01, 24.0), (121.02, 24.0)])


@pytest.mark.parametrize("drawn", [BEND, BEND.reverse()])
def test_shapes_run_with_their_edge_however_drawn(drawn: object, tmp_path: Path) -> None:
    path, found = geo_edges(tmp_path, [BEND, drawn, STRAIGHT]), Found()
    own = read_own_roads(road_files(path, tmp_path / "nodes.csv"), found)
    assert own is not None, found.faults
    first, xy = own.edges.shape_first, own.edges.shape_xy
    assert first is not None
    assert xy is not None
    assert np.array_equal(xy[first[0] : first[1]], xy[first[1] : first[2]][::-1])
    assert own.edges.link[0] == own.edges.link[1]
    assert own.edges.metres[0] == pytest.approx(1107 + 1502, rel=0.01)


def test_shapes_that_are_no_lines(tmp_path: Path) -> None:
    path, found = geo_edges(tmp_path, [BEND, shapely.Point(121, 24), None]), Found()
    assert read_own_roads(road_files(path, tmp_path / "nodes.csv"), found) is None
    assert [(each.code, each.rows) for each in found.faults] == [("not_lines", (3, 4))]


def test_a_table_of_numbers_reads_like_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"u": [1, 2], "v": [2, 3], "minutes": [1.5, np.nan]})
    frame.to_parquet(tmp_path / "edges.parquet")
    found = Found()
    assert read_own_roads(road_files(tmp_path / "edges.parquet", None), found) is None
    assert [(each.code, each.rows) for each in found.faults] == [("number_not_known", (3,))]


def test_a_folder_whose_files_are_not_those_it_names(tmp_path: Path) -> None:
    geo_edges(tmp_path, [BEND, BEND, STRAIGHT])
    pd.read_csv(tmp_path / "nodes.csv").to_parquet(tmp_path / "nodes.parquet")
    about = tmp_path / "roads.toml"
    about.write_text('title = "Roads"\n')
    found = Found()
    own = read_own_roads(road_files(tmp_path, None), found)
    assert own is not None, found.faults
    assert own.about["title"] == "Roads"
    about.write_text(f'title = "Roads"\n[sha256]\n"edges.parquet" = "{"0" * 64}"\n')
    with pytest.raises(SourceMissing, match=r"edges\.parquet"):
        read_own_roads(road_files(tmp_path, None), Found())


def test_twelve_days_are_the_same_everywhere() -> None:
    assert own_roads.LONGEST_MS == FAR_MS


def matrix(folder: Path, text: str, **lists: np.ndarray) -> tuple[OwnMatrix | None, Found]:
    (folder / "m.csv").write_text(text, "utf-8")
    found = Found()
    source = open_source(folder / "m.csv", "m.csv", found)
    assert source is not None
    return read_matrix(source, found, **lists), found


def test_a_sparse_and_a_dense_matrix_say_the_same(tmp_path: Path) -> None:
    sparse, _ = matrix(tmp_path, "demand_id,site_id,minutes\nb,s2,1.5\na,s1,0\nb,s1,0.00002\n")
    dense, _ = matrix(tmp_path, "demand_id,s2,s1\na,,0\nb,1.5,0.00002\n")
    assert sparse is not None
    assert dense is not None
    for name in OwnMatrix.__slots__:
        assert getattr(sparse, name).tolist() == getattr(dense, name).tolist()
    table = sparse.dense(sparse.demand_id, sparse.site_id)
    assert table.ms.tolist() == [[0, 0], [1, 90_000]]
    assert table.reachable.tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("demand_id,site_id,minutes\na,s,-1\n", [("negative", (2,))]),
        ("demand_id,site_id,minutes\na,s,nan\na,t,\n",
         [("not_a_number", (2,)), ("number_not_known", (3,))]),
        ("demand_id,site_id,minutes\na,s,1\nb,s,1\na,s,2\n", [("duplicate_id", (2, 4))]),
        ("demand_id,site_id,minutes\na,,1\n", [("blank_id", (2,))]),
        ("demand_id,site_id,minute\na,s,1\n", [("column_missing_near", (1,))]),
        ("demand_id,site_id,minutes\na,s,20000\n", [("trip_too_long", (2,))]),
        ("demand_id,s,t\na,1,x\na,2,3\n", [("duplicate_id", (2, 3)), ("not_a_number", (2,))]),
        ("demand_id\na\n", [("column_missing", (1,)), ("column_missing", (1,))]),
    ],
)  # fmt: skip
def test_every_fault_of_a_matrix(
    text: str, faults: list[tuple[str, tuple[int, ...]]], tmp_path: Path
) -> None:
    read, found = matrix(tmp_path, text)
    assert read is None
    assert [(each.code, each.rows) for each in found.faults] == faults
    told = check([tmp_path / "m.csv"], "matrix")
    assert [(each.code, each.rows) for each in told] == faults


def test_ids_that_are_not_on_the_lists(tmp_path: Path) -> None:
    text = "demand_id,site_id,minutes\na,s,1\nz,s,2\n"
    known = {"demand_id": np.array(["b", "a"], object), "site_id": np.array(["s"], object)}
    read, found = matrix(tmp_path, text, **known)
    assert read is not None
    assert (read.demand.tolist(), read.ms.tolist()) == ([1], [60_000])
    assert [note.code for note in found.notes] == ["matrix_strangers", "matrix_absent"]
    none, found = matrix(tmp_path, text, site_id=np.array(["other"], object))
    assert none is None
    assert [each.code for each in found.faults] == ["no_id_known"]
    shortened = "demand_id,site_id,minutes\n9007,s,1\n"
    none, found = matrix(tmp_path, shortened, demand_id=np.array(["09007"], object))
    assert none is None
    assert [each.code for each in found.faults] == ["ids_lost_zeros"]


TRIPS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 4)), st.integers(0, FAR_MS - 30_000), min_size=1
)
IDS = np.array(['a,"b"', "臺中", "x y", "1", "02", "=1"], object)


@settings(max_examples=40)
@given(TRIPS, st.sampled_from(["csv", "parquet"]), st.booleans())
def test_what_is_written_reads_back_to_the_millisecond(
    tmp_path_factory: pytest.TempPathFactory,
    trips: dict[tuple[int, int], int],
    ending: str,
    dense: bool,
) -> None:
    keys = sorted(trips)
    demand, site = np.array(keys).T
    ms = np.array([trips[key] for key in keys])
    path = tmp_path_factory.mktemp("matrix") / f"m.{ending}.part"
    write = write_dense if dense else write_sparse
    sites = np.array(["s0", "s,1", "s2", "場", "s4"], object)
    assert write(path, IDS, sites, [Rows(0, 6, demand, site, ms)]) == len(ms)
    found = Found()
    source = open_source(path, path.name, found)
    assert source is not None
    back = read_matrix(source, found, IDS, sites)
    assert back is not None, found.faults
    assert back.demand.tolist() == demand.tolist()
    assert back.site.tolist() == site.tolist()
    assert back.ms.tolist() == ms.tolist()


def test_check_judges_roads(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text(EDGES.replace("2.5", "-2.5"))
    assert [each.code for each in check([tmp_path / "edges.csv"])] == ["negative"]
    (tmp_path / "edges.csv").write_text(EDGES)
    assert check([tmp_path / "edges.csv"], "roads") == []


def test_texts_of_travel_are_in_both_languages() -> None:
    path = Path(own_roads.__file__).parent.parent / "wording" / "travel.toml"
    for key, text in tomllib.loads(path.read_text("utf-8")).items():
        assert set(text) == {"zh", "en"}, key
