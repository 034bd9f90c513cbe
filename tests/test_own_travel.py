"""A planner's own roads and minutes in a run, and two road networks side by side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.catalog import read_inputs
from geoplan.errors import BadInput, SourceMissing, WrongUsage
from geoplan.model import Inputs, Plan
from geoplan.paths import bundled
from geoplan.pipeline import Asked, plan_inputs, run
from geoplan.roads.compare import compare_roads, write_comparison
from geoplan.steps import demand_points, site_list, township_settlements
from geoplan.study import Study, read_study
from geoplan.travel.hierarchy import contract
from geoplan.travel.joining import Access, snap_places
from geoplan.travel.matrix import trips_matrix
from geoplan.travel.near_links import least_ms_to_links, near_links
from geoplan.travel.roads import RoadEdges, RoadNetwork, RoadNodes, build_roads
from geoplan.travel.trips import travel_times
from geoplan.travel_step import open_travel
from geoplan.travelling import OwnFiles, travelling


def quiet(what: str, done: int, of: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def toy() -> Study:
    return read_study("toy")


@pytest.fixture(scope="module")
def toy_inputs(toy: Study) -> Inputs:
    return read_inputs(toy)


@pytest.fixture(scope="module")
def own_roads(tmp_path_factory: pytest.TempPathFactory) -> OwnFiles:
    """The toy country's network written as a planner would bring it: directed edges and nodes."""
    folder = tmp_path_factory.mktemp("roads")
    tables = {
        name: pd.read_csv(bundled("data") / "toy" / "roads" / f"{name}.csv", dtype=str)
        for name in ("nodes", "edges", "local_edges", "village_access")
    }
    trunk = tables["edges"][tables["edges"]["status"].isin(["open", "weather"])]
    columns = ["from_node", "to_node", "length_metres", "speed_kph"]
    ours = ["u", "v", "metres", "speed_kph"]
    there = pd.concat([trunk[columns], tables["local_edges"][columns]]).set_axis(ours, axis=1)
    two_way = pd.concat([trunk[trunk["direction"] == "both"][columns], tables["local_edges"]])
    back = two_way[["to_node", "from_node", *columns[2:]]].set_axis(ours, axis=1)
    pd.concat([there, back]).to_csv(folder / "edges.csv", index=False)
    access = tables["village_access"][["village_code", "access_lon", "access_lat"]]
    points = tables["nodes"][["node_id", "lon", "lat"]]
    nodes = pd.concat([points, access.set_axis(points.columns, axis=1)])
    nodes.to_csv(folder / "nodes.csv", index=False)
    return OwnFiles(folder / "edges.csv", folder / "nodes.csv")


@pytest.fixture(scope="module")
def minutes(toy_inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every trip of the toy country as its own roads time it, as a planner's table."""
    demand = demand_points(toy_inputs)
    travel = open_travel(toy_inputs, demand, quiet)
    settlement = township_settlements(demand, travel.xy, len(toy_inputs.townships))
    sites = site_list(toy_inputs, travel, settlement)
    matrix = travel.times(sites.id, sites.xy)
    row, column = np.nonzero(matrix.reachable)
    path = tmp_path_factory.mktemp("minutes") / "minutes.csv"
    frame = {
        "demand_id": demand.demand_id[row],
        "site_id": sites.id[column],
        "minutes": matrix.ms[row, column] / 60_000,
    }
    pd.DataFrame(frame).to_csv(path, index=False)
    return path


def planned(study: Study) -> Plan:
    """The plan without draws."""
    return plan_inputs(read_inputs(study), asked=Asked(quick=True))


def test_the_same_minutes_as_a_table_give_the_same_plan(toy: Study, minutes: Path) -> None:
    # Without draws: the spread of minutes is stated for roads, and not for a planner's table.
    by_roads = planned(toy)
    by_table = planned(travelling(toy, OwnFiles(matrix=minutes)))
    differ = ["minutes_from", "modelled_share", "run_id"]
    pd.testing.assert_frame_equal(
        by_roads.rows.drop(columns=differ), by_table.rows.drop(columns=differ)
    )
    assert set(by_roads.rows["minutes_from"]) == {"roads"}
    assert set(by_table.rows["minutes_from"]) == {"own_matrix"}
    assert by_table.rows["modelled_share"].isna().all()
    pd.testing.assert_frame_equal(by_roads.sites, by_table.sites)
    assert "network_own_matrix" in {note.code for note in by_table.notes}
    assert "minutes.csv" in {source.file for source in by_table.sources}


def test_a_site_the_table_is_silent_about_is_not_measured(
    toy: Study, toy_inputs: Inputs, minutes: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(minutes, dtype=str)
    usable = toy_inputs.sites[toy_inputs.sites["point_use"] == "distance"]
    silent = usable["site_id"].iloc[0]
    areas = frame["site_id"].str.startswith("area-")
    frame[(frame["site_id"] != silent) & ~areas].to_csv(tmp_path / "m.csv", index=False)
    plan = run(travelling(toy, OwnFiles(matrix=tmp_path / "m.csv")))
    told = {note.code: note.values for note in plan.notes}
    assert told["matrix_without_sites"]["count"] == 1
    assert told["matrix_without_candidates"]["count"] == len(toy_inputs.townships)
    site = plan.sites.set_index("site_id").loc[silent]
    assert site["point_use"] == "township"
    assert not plan.rows["own_site_ids"].str.contains(silent).any()


def test_every_fault_of_a_table_is_told_at_once(toy: Study, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("demand_id,site_id,minutes\nx,s1,-1\ny,s1,nan\n")
    with pytest.raises(BadInput) as caught:
        read_inputs(travelling(toy, OwnFiles(matrix=bad)))
    rows = {row for fault in caught.value.faults for row in fault.rows}
    assert {2, 3} <= rows
    with pytest.raises(SourceMissing):
        travelling(toy, OwnFiles(matrix=tmp_path / "absent.csv"))
    with pytest.raises(WrongUsage):
        travelling(toy, OwnFiles(nodes=bad))
    with pytest.raises(WrongUsage):
        travelling(toy, OwnFiles(matrix=bad), ferries=True)


def test_a_planners_roads_take_the_place_of_the_studys(toy: Study, own_roads: OwnFiles) -> None:
    plan = run(travelling(toy, own_roads))
    assert set(plan.rows["minutes_from"]) == {"own_roads"}
    files = {source.file for source in plan.sources}
    assert {"edges.csv", "nodes.csv"} <= files
    share = plan.rows["modelled_share"].dropna()
    assert ((share >= 0) & (share < 0.5)).all() and (share > 0).any()  # access legs alone
    # The islet has no road to the island: its people are cut off as over the study's own roads.
    theirs = run(toy)
    cut_off = plan.rows["target_unreachable"] > 0
    assert cut_off.tolist() == (theirs.rows["target_unreachable"] > 0).tolist()


def test_a_folder_of_tables_is_a_network_too(toy: Study, own_roads: OwnFiles) -> None:
    assert own_roads.roads is not None
    by_files, by_folder = (
        planned(travelling(toy, own)).rows.drop(columns="run_id")
        for own in (own_roads, OwnFiles(own_roads.roads.parent))
    )
    pd.testing.assert_frame_equal(by_files, by_folder)


def test_the_same_roads_change_nothing_and_slower_ones_do(
    toy: Study, own_roads: OwnFiles, tmp_path: Path
) -> None:
    own = travelling(toy, own_roads)
    same = compare_roads(own, own, quiet)
    assert (same.rows["change_minutes"].dropna() == 0).all()
    assert not len(same.changed(0))
    edges = pd.read_csv(own_roads.roads)
    edges.assign(speed_kph=edges["speed_kph"] / 3).to_csv(tmp_path / "slow.csv", index=False)
    slow = travelling(toy, OwnFiles(tmp_path / "slow.csv", own_roads.nodes))
    found = compare_roads(own, slow, quiet)
    known = found.rows["change_minutes"].notna() & (found.rows["second_minutes"] > 1)
    assert (found.rows.loc[known, "change_minutes"] >= 0).all()
    changed = found.changed(10)
    assert 0 < len(changed) < len(found.rows)
    assert (changed["change_minutes"].abs() > 10).all()
    write_comparison(found, tmp_path / "changes.csv")
    back = pd.read_csv(tmp_path / "changes.csv", dtype={"township_code": str})
    assert back["township_code"].tolist() == found.rows["township_code"].tolist()
    np.testing.assert_allclose(back["change_minutes"], found.rows["change_minutes"], atol=1e-5)


def network(
    xy: np.ndarray, ends: list[tuple[int, int]], metres_a_minute: float, one_way: bool
) -> RoadNetwork:
    """Straight roads between the points."""
    start, end = np.array(ends + [(b, a) for a, b in ends]).T
    metres = np.hypot(*(xy[start] - xy[end]).T)
    link = np.tile(np.arange(len(ends)), 2)
    if one_way:  # every third road leads one way only
        kept = (link % 3 > 0) | (np.arange(len(start)) < len(ends))
        start, end, metres, link = start[kept], end[kept], metres[kept], link[kept]
    count = len(start)
    edges = RoadEdges(
        start,
        end,
        np.rint(metres / metres_a_minute * 60_000).astype(np.int64),
        metres,
        np.full(count, np.nan),
        np.full(count, "residential", object),
        np.zeros(count, bool),
        np.zeros(count, bool),
        link,
    )
    names = np.array([f"n{at:03}" for at in range(len(xy))], object)
    return build_roads(RoadNodes(names, xy, xy), edges)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_site_in_an_area_is_reached_sooner_than_the_least_time(data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    points = int(random.integers(3, 9))
    xy = random.uniform(0, 12_000, (points, 2))
    ends = [(at, int(random.integers(0, at))) for at in range(1, points)]
    roads = network(xy, ends, float(random.uniform(200, 1200)), seed % 2 == 1)
    access = Access(most_metres=3000, kph=20)
    centre, size = random.uniform(2000, 10_000, 2), float(random.uniform(200, 2500))
    area = shapely.box(*(centre - size), *(centre + size))
    homes = snap_places(roads, random.uniform(0, 12_000, (15, 2)), access)
    sites = snap_places(roads, centre + random.uniform(-size, size, (25, 2)), access)
    near = near_links(roads, np.array([area], object), access.most_metres)
    graph = roads.combined_graph
    ways = [roads.graph, graph, contract(graph)]
    least = least_ms_to_links(roads, data.draw(st.sampled_from(ways[1:])), homes, near, access)
    trips = travel_times(data.draw(st.sampled_from(ways)), homes, sites)
    reached = trips.reachable.any(axis=1)
    soonest = np.where(trips.reachable, trips.ms, np.iinfo(np.int32).max).min(axis=1)
    assert (least[reached] >= 0).all()
    assert (least[reached] <= soonest[reached]).all()


def test_what_a_folder_says_of_its_roads_reaches_the_plan(
    toy: Study, own_roads: OwnFiles, tmp_path: Path
) -> None:
    assert own_roads.roads is not None and own_roads.nodes is not None
    folder = tmp_path / "built"
    folder.mkdir()
    pd.read_csv(own_roads.roads, dtype={"u": str, "v": str}).to_parquet(folder / "edges.parquet")
    pd.read_csv(own_roads.nodes, dtype={"node_id": str}).to_parquet(folder / "nodes.parquet")
    said = {
        "title": "Roads of a test",
        "title_zh": "測試路網",
        "licence": "ODbL-1.0",
        "notice": "The notice to be shown.",
        "notice_zh": "須標示之聲明。",
        "data_timestamp": "2026-01-02T03:04:05Z",
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    (folder / "roads.toml").write_text("\n".join(lines), "utf-8")
    plan = run(travelling(toy, OwnFiles(folder)))
    notice = next(note for note in plan.notes if note.code == "licence_notice")
    assert notice.values == {"zh": "須標示之聲明。", "en": "The notice to be shown."}
    assert plan.study.minutes_from.name_en == "Roads of a test, 2026-01-02"
    licences = {source.licence for source in plan.sources if source.file.endswith(".parquet")}
    assert "ODbL-1.0" in licences
    (folder / "nodes.parquet").unlink()
    with pytest.raises(SourceMissing):
        read_inputs(travelling(toy, OwnFiles(folder)))


def test_roads_of_another_country_are_refused(
    toy: Study, own_roads: OwnFiles, tmp_path: Path
) -> None:
    nodes = pd.read_csv(own_roads.nodes)
    nodes.assign(lat=nodes["lat"] + 5).to_csv(tmp_path / "elsewhere.csv", index=False)
    with pytest.raises(BadInput) as caught:
        run(travelling(toy, own_roads._replace(nodes=tmp_path / "elsewhere.csv")))
    assert [fault.code for fault in caught.value.faults] == ["roads_elsewhere"]


def test_roads_without_nodes_are_refused(toy: Study, own_roads: OwnFiles) -> None:
    with pytest.raises(BadInput) as caught:
        read_inputs(travelling(toy, own_roads._replace(nodes=None)))
    assert [fault.code for fault in caught.value.faults] == ["roads_without_nodes"]


def test_a_trip_of_twelve_days_is_out_of_reach_and_never_a_short_one() -> None:
    day_ms = 24 * 3600 * 1000
    ids = np.array(["a", "b", "c", "d"], object)
    start, end = np.array([0, 1, 2]), np.array([1, 2, 3])
    unknown = np.full(3, np.nan)
    no = np.zeros(3, bool)
    edges = RoadEdges(
        start, end, np.full(3, 10 * day_ms), unknown, unknown, np.full(3, "", object), no, no,
        np.arange(3),
    )  # fmt: skip
    roads = build_roads(RoadNodes(ids), edges)
    at = snap_places(roads, np.full((4, 2), np.nan), node=np.argsort(roads.given))
    for graph in (roads.graph, roads.combined_graph):
        for ways in (graph, contract(graph)):
            trips = travel_times(ways, at, at)
            assert trips.reachable.sum() == 4 + 3  # oneself, and one edge ahead
            assert sorted(trips.ms[trips.reachable].tolist()) == [0] * 4 + [10 * day_ms] * 3
            matrix = trips_matrix(ways, at, (ids, at), lambda done: None)
            assert matrix.ms[~matrix.reachable].max() == 0
