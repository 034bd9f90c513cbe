"""`geoplan travel` as a user runs it: its words, its files, its exit codes.

Some commands run as real processes; the rest in this one, so that imports are paid for once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from geoplan.cli import app
from geoplan.paths import compiled_folder
from geoplan.travel import engine

ROOT = Path(__file__).resolve().parent.parent
NODES = {"A": (121.00, 24.0), "B": (121.01, 24.0), "C": (121.02, 24.01), "I": (121.0, 24.04)}
EDGES = [("A", "B", 1.0), ("B", "A", 1.0), ("B", "C", 2.5), ("C", "A", 4.25)]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def process(*words: str | Path, cwd: Path, numba: bool = True) -> Done:
    """The command as a process of its own."""
    without = "import sys; sys.modules['numba'] = None; from geoplan.cli import main; main()"
    start = ["-m", "geoplan"] if numba else ["-c", without]
    done = subprocess.run(
        [sys.executable, *start, *map(str, words)],
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "GEOPLAN_CACHE": str(cwd / "cache"),
            "NUMBA_CACHE_DIR": str(compiled_folder()),  # loops need not be compiled anew
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def geoplan(*words: str | Path, cwd: Path) -> Done:
    """The command in this process."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(app, ["--lang", "en", *map(str, words)])
    return Done(done.exit_code, done.stdout, done.stderr)


def write(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A small network, four demand points and two sites."""
    write(tmp_path / "nodes.csv", "node_id,lon,lat", [(name, *at) for name, at in NODES.items()])
    write(tmp_path / "edges.csv", "u,v,minutes", [*EDGES, ("I", "I", 1)])
    write(
        tmp_path / "d.csv",
        "demand_id,lon,lat,node_id",
        [
            ("d2", "", "", "C"),
            ("d1", 121.0, 24.0, ""),
            ("far", 122.5, 24.5, ""),
            ("d0", "", "", "I"),
        ],
    )
    write(tmp_path / "s.csv", "site_id,node_id", [("s2", "C"), ("s1", "A")])
    return tmp_path


def travel(here: Path, *more: str | Path, run: Callable[..., Done] = geoplan) -> Done:
    plain = {"--roads": "edges.csv", "--nodes": "nodes.csv", "--from": "d.csv", "--to": "s.csv",
             "--out": "m.csv"}  # fmt: skip
    words: list[str | Path] = ["travel"]
    for option, value in plain.items():
        if option not in more:
            words += [option, value]
    return run(*words, *more, cwd=here)


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_a_matrix_by_hand(here: Path) -> None:
    done = travel(here, run=process)
    assert done.returncode == 0, done.stderr
    assert lines(here / "m.csv") == [
        "demand_id,site_id,minutes",
        "d2,s2,0.00000",
        "d2,s1,4.25000",
        "d1,s1,0.00000",
        "d1,s2,3.50000",
    ]
    places = pd.read_csv(here / "m.places.csv", encoding="utf-8-sig", dtype=str).fillna("")
    assert places["id"].tolist() == ["d2", "d1", "far", "d0", "s2", "s1"]
    assert places["state"].tolist() == [
        "at_node", "snapped", "too_far", "at_node", "at_node", "at_node",
    ]  # fmt: skip
    assert places["component"].tolist() == ["0", "0", "", "1", "0", "0"]
    for word in ("far", "4 nodes", "5000 metres"):
        assert word in done.stderr
    assert "m.csv" in done.stdout
    assert [path.name for path in here.iterdir() if ".part" in path.name] == []


def test_the_manifest_names_inputs_and_options(here: Path) -> None:
    assert travel(here, "--limit-minutes", "4").returncode == 0
    about = tomllib.loads((here / "m.toml").read_text("utf-8"))
    assert about["sha256"] == hashlib.sha256((here / "m.csv").read_bytes()).hexdigest()
    assert [each["file"] for each in about["inputs"]] == [
        "edges.csv",
        "nodes.csv",
        "d.csv",
        "s.csv",
    ]
    assert "limit_minutes = 4.0" in about["note"]
    assert about["rows"] == len(lines(here / "m.csv")) - 1 == 3
    assert geoplan("check", "m.csv", "edges.csv", cwd=here).returncode == 0


def test_dense_nearest_and_parquet(here: Path) -> None:
    assert travel(here, "--dense").returncode == 0
    assert lines(here / "m.csv") == [
        "demand_id,s2,s1",
        "d2,0.00000,4.25000",
        "d1,3.50000,0.00000",
        "far,,",
        "d0,,",
    ]
    assert travel(here, "--nearest", "1", "--out", "n.parquet").returncode == 0
    near = pd.read_parquet(here / "n.parquet")
    assert near.to_numpy().tolist() == [["d2", "s2", 0.0], ["d1", "s1", 0.0]]
    assert travel(here, "--dense", "--nearest", "1", "--out", "o.csv").returncode == 0
    assert lines(here / "o.csv")[1:] == ["d2,0.00000,", "d1,,0.00000", "far,,", "d0,,"]
    write(here / "s.csv", "site_id,node_id", [("demand_id", "C"), ("s1", "A")])
    refused = travel(here, "--dense", "--out", "p.csv")
    assert refused.returncode == 3
    assert "s.csv" in refused.stderr and "--dense" in refused.stderr
    assert not (here / "p.csv").exists()
    assert travel(here, "--out", "p.csv").returncode == 0


@pytest.mark.parametrize(
    ("name", "begins"), [("m.parquet.csv", b"demand_id"), ("M.PARQUET", b"PAR1")]
)
@pytest.mark.parametrize("dense", [[], ["--dense"]])
def test_the_ending_says_the_format(here: Path, name: str, begins: bytes, dense: list[str]) -> None:
    done = travel(here, *dense, "--out", name)
    assert done.returncode == 0, done.stderr
    assert (here / name).read_bytes().startswith(begins)


def test_descriptions_of_other_things_are_not_replaced(here: Path) -> None:
    study = 'title = "a study of mine"\n'
    (here / "mine.toml").write_text(study)
    assert travel(here, "--out", "mine.csv").returncode == 7
    assert (here / "mine.toml").read_text() == study and not (here / "mine.csv").exists()
    (here / "d.toml").write_text('title = "people"\n')
    assert travel(here, "--out", "d.parquet").returncode == 2
    for _ in range(2):  # its own description is renewed
        assert travel(here).returncode == 0


def test_points_that_are_not_what_their_manifest_says(here: Path) -> None:
    (here / "d.toml").write_text(f'title = "people"\nsha256 = "{"0" * 64}"\n')
    done = travel(here)
    assert done.returncode == 5 and "d.csv" in done.stderr


def test_json_on_stdout_and_quiet(here: Path) -> None:
    done = geoplan(
        "--json", "--quiet", "travel", "--roads", "edges.csv", "--nodes", "nodes.csv",
        "--from", "d.csv", "--to", "s.csv", "--out", "m.csv", cwd=here,
    )  # fmt: skip
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["pairs"] == 4
    assert told["too_far"] == {"from": ["far"], "to": []}
    assert told["network"]["components"] == 2


def test_order_of_rows_changes_nothing(here: Path) -> None:
    assert travel(here).returncode == 0
    before = sorted(lines(here / "m.csv"))
    for name in ("nodes.csv", "edges.csv", "s.csv", "d.csv"):
        head, *rows = lines(here / name)
        (here / name).write_text("\n".join([head, *rows[::-1]]) + "\n", encoding="utf-8")
    assert travel(here).returncode == 0
    assert sorted(lines(here / "m.csv")) == before


def test_without_numba_the_bytes_are_the_same(here: Path) -> None:
    assert travel(here).returncode == 0
    compiled = (here / "m.csv").read_bytes()
    done = travel(here, run=partial(process, numba=False))
    assert done.returncode == 0, done.stderr
    assert "numba" in done.stderr
    assert (here / "m.csv").read_bytes() == compiled


def test_many_sites_are_networkxs_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many sites that the network is prepared once and kept."""
    monkeypatch.setenv("GEOPLAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engine, "LARGE_NODES", 10)
    rng = np.random.default_rng(5)
    ends = rng.integers(0, 300, (900, 2))
    minutes = (rng.integers(1, 400_000, 900) / 60_000).round(7)
    rows = [(f"n{a}", f"n{b}", each) for (a, b), each in zip(ends, minutes, strict=True)]
    write(tmp_path / "edges.csv", "u,v,minutes", rows)
    used = sorted({name for row in rows for name in row[:2]})
    write(tmp_path / "d.csv", "demand_id,node_id", [(f"d{at}", n) for at, n in enumerate(used)])
    write(tmp_path / "s.csv", "site_id,node_id", [(f"s{at}", n) for at, n in enumerate(used[:210])])
    words = ("--roads", "edges.csv", "--from", "d.csv", "--to", "s.csv", "--out", "m.csv")
    for _ in range(2):  # made, then read from disk
        done = geoplan("travel", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert any((tmp_path / "cache" / "hierarchies").rglob("*.npy"))
    graph = nx.MultiDiGraph()
    for a, b, each in rows:
        graph.add_edge(a, b, ms=round(each * 60_000))
    times = dict(nx.all_pairs_dijkstra_path_length(graph, weight="ms"))
    got = pd.read_csv(tmp_path / "m.csv")
    found = {
        (used[int(d[1:])], used[int(s[1:])]): round(each * 60_000)
        for d, s, each in got.itertuples(index=False)
    }
    assert found == {(a, b): times[a][b] for a in used for b in used[:210] if b in times[a]}
    keys = list(zip(got["demand_id"].str[1:].astype(int), got["minutes"], strict=True))
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("edges.csv", "u,v,minutes\nA,B,-1\nB,C,nan\n", ("row 2", "row 3", "-1", "nan")),
        ("edges.csv", "u,v,minutes\nA,Q,1\n", ("edges.csv", "Q", "column v")),
        ("edges.csv", "u,v,minutes\n", ("edges.csv", "no row below")),
        ("edges.csv", "u,v,minutes\nA,B,99999\n", ("edges.csv", "twelve days")),
        ("edges.csv", "PK\x03\x04", ("edges.csv", "zip")),
        ("nodes.csv", "node_id,lon,lat\nA,121,24\nA,121,24\n", ("nodes.csv", "rows 2, 3")),
        ("nodes.csv", "node_id,lon,lat\nA,,24\n", ("nodes.csv", "row 2", "column lon")),
        ("d.csv", "demand_id,lon,lat\nd1,,\n", ("d.csv", "row 2", "node_id")),
        ("d.csv", "demand_id,node_id\nd1,Q\nd2,A\n", ("d.csv", "row 2", "Q")),
        ("d.csv", "demand_id,lon,lat\nd1,24,121\n", ("d.csv", "exchanged")),
        ("d.csv", "demand_id,lon,lat\nd1,121,24\nd1,121,24\n", ("d.csv", "rows 2, 3", "d1")),
        ("s.csv", "site,lon,lat\ns1,121,24\n", ("s.csv", "site_id")),
        ("s.csv", "site_id,lon,lat\ns1,10,50\ns2,10,51\n", ("s.csv", "rows 2, 3", "5000 metres")),
    ],
)  # fmt: skip
def test_bad_inputs_are_told_with_their_rows(
    file: str, text: str, words: tuple[str, ...], here: Path
) -> None:
    (here / file).write_text(text, encoding="utf-8")
    before = sorted(path.name for path in here.iterdir())
    done = travel(here)
    assert done.returncode == 3, done.stderr
    for word in words:
        assert word in done.stderr
    assert sorted(path.name for path in here.iterdir()) == before


def test_faults_of_all_files_are_told_at_once(here: Path) -> None:
    (here / "edges.csv").write_text("u,v,minutes\nA,B,-1\n")
    (here / "d.csv").write_text("demand_id,lon,lat\nd1,121,\n")
    (here / "s.csv").write_text("site_id,lon,lat\ns1,x,24\n")
    done = travel(here, run=process)
    assert done.returncode == 3
    assert all(f"  - {name}" in done.stderr for name in ("edges.csv", "d.csv", "s.csv"))


def test_without_nodes_every_point_needs_a_node(here: Path) -> None:
    words = ("travel", "--roads", "edges.csv", "--from", "d.csv", "--to", "s.csv", "--out", "m.csv")
    done = geoplan(*words, cwd=here)
    assert done.returncode == 3
    assert "rows 3, 4" in done.stderr
    assert "--nodes" in done.stderr
    write(here / "d.csv", "demand_id,node_id", [("d1", "A")])
    assert geoplan(*words, cwd=here).returncode == 0
    assert lines(here / "m.csv")[1:] == ["d1,s1,0.00000", "d1,s2,3.50000"]


def test_missing_files_and_wrong_usage(here: Path) -> None:
    missing = travel(here, "--roads", "none.csv", "--to", "nobody.csv", run=process)
    assert missing.returncode == 5
    assert "none.csv" in missing.stderr
    assert "nobody.csv" in missing.stderr
    assert travel(here, "--out", "m.xlsx").returncode == 2
    assert travel(here, "--limit-minutes", "-3").returncode == 2
    assert travel(here, "--out", "d.csv").returncode == 2
    assert lines(here / "d.csv")[0] == "demand_id,lon,lat,node_id"


def test_what_cannot_be_written(here: Path) -> None:
    (here / "taken").write_text("a file, not a folder")
    below = travel(here, "--out", "taken/m.csv", run=process)
    assert below.returncode == 7
    (here / "folder.csv").mkdir()
    assert travel(here, "--out", "folder.csv").returncode == 7
    assert travel(here).returncode == 0
    kept = (here / "m.csv").read_bytes()
    (here / "m.toml").unlink()
    (here / "m.toml").mkdir()
    assert travel(here, "--dense").returncode == 7
    assert (here / "m.csv").read_bytes() == kept


def test_nobody_joins_across_water(here: Path) -> None:
    """A strait at latitude 24.011; the road of the island is farther off than the mainland's."""
    write(here / "nodes.csv", "node_id,lon,lat",
          [*((name, *at) for name, at in NODES.items()), ("J", 121.02, 24.04)])  # fmt: skip
    write(here / "edges.csv", "u,v,minutes", [*EDGES, ("I", "J", 1), ("J", "I", 1)])
    write(here / "d.csv", "demand_id,lon,lat", [("islander", 121.005, 24.021)])
    land = [shapely.box(120.9, 23.9, 121.1, 24.0105), shapely.box(120.9, 24.012, 121.1, 24.1)]
    gpd.GeoSeries(land, crs="EPSG:4326").to_frame("geometry").to_file(
        here / "land.geojson", driver="GeoJSON"
    )
    assert travel(here).returncode == 0
    assert lines(here / "m.places.csv")[1].split(",")[4:7] == ["C", "C", "A"]
    done = travel(here, "--land", "land.geojson")
    assert done.returncode == 0, done.stderr
    assert lines(here / "m.places.csv")[1].split(",")[4:7] == ["I", "I", "J"]
    assert len(lines(here / "m.csv")) == 1  # no way from the island to either site


def test_a_folder_of_roads_with_its_licence_and_ferries(here: Path) -> None:
    folder = here / "roads"
    folder.mkdir()
    rows = [("A", "B", 0), ("B", "A", 0), ("B", "C", 1), ("C", "B", 1)]
    names = [(NODES[u], NODES[v]) for u, v, _ in rows]
    gpd.GeoDataFrame(
        {
            "u": [u for u, _, _ in rows],
            "v": [v for _, v, _ in rows],
            "metres": [1000.0] * 4,
            "speed_kph": [50.0] * 4,
            "minutes": [1.2] * 4,
            "road_class": ["primary", "primary", "ferry", "ferry"],
            "imputed": [True, True, False, False],
            "ferry": [False, False, True, True],
            "link": [link for _, _, link in rows],
        },
        geometry=[shapely.LineString(ends) for ends in names],
        crs="EPSG:4326",
    ).to_parquet(folder / "edges.parquet")
    pd.read_csv(here / "nodes.csv").to_parquet(folder / "nodes.parquet")
    notice = "© OpenStreetMap contributors, ODbL 1.0"
    (folder / "roads.toml").write_text(
        f'title = "Small roads"\nlicence = "ODbL-1.0"\nnotice = "{notice}"\n', encoding="utf-8"
    )
    words = ["travel", "--roads", folder, "--from", "d.csv", "--to", "s.csv", "--out", "m.csv"]
    land_only = geoplan(*words, cwd=here)
    assert land_only.returncode == 0, land_only.stderr
    assert notice in land_only.stderr
    assert "--ferries" in land_only.stderr
    assert "does not state: 100.0" in land_only.stderr
    assert "d1,s2" not in (here / "m.csv").read_text()
    about = tomllib.loads((here / "m.toml").read_text("utf-8"))
    assert (about["licence"], about["licence_note"]) == ("ODbL-1.0", notice)
    assert geoplan(*words, "--ferries", cwd=here).returncode == 0
    assert "d1,s2,2.40000" in (here / "m.csv").read_text()
    assert geoplan("check", folder, "--role", "roads", cwd=here).returncode == 0
