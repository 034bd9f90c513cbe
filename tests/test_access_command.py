"""`geoplan access` as a user runs it: published cases, its words, its files, its exit codes."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoplan.access.decay import FORMS, NAMED
from geoplan.access.registry import MEASURES
from tests.commands import Done, geoplan, lines, write

CASES = Path(__file__).resolve().parent / "cases"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Three points and three sites; d3 is on an island, s3 is out of everybody's reach."""
    write(tmp_path / "d.csv", "demand_id,population,county", "01,100,A", "02,50,B", "03,8,B")
    write(tmp_path / "s.csv", "site_id,capacity,county", "x,3,A", "y,2,B", "z,1,B")
    write(tmp_path / "m.csv", "demand_id,site_id,minutes", "02,x,10", "01,x,0", "01,y,30.000005")
    return tmp_path


def access(here: Path, measure: str, *more: object, **files: str) -> Done:
    """The command on the tables of the folder, other ones by keyword."""
    named = {"matrix": "m.csv", "demand": "d.csv", "supply": "s.csv", "out": "o.csv", **files}
    words = [word for name, file in named.items() if file for word in (f"--{name}", file)]
    return geoplan("access", *words, "--measure", measure, *more, cwd=here)


def figures(here: Path, column: int = 1) -> list[float]:
    return [float(row.split(",")[column]) for row in lines(here / "o.csv")[1:]]


# ---- published cases, through the command line ----


@pytest.mark.parametrize("scenario", range(4))
def test_hospital_scenarios(scenario: int, tmp_path: Path) -> None:
    """PySAL access 1.1.10 (BSD-3), its test_hospital_example: minutes that differ by direction."""
    minutes = pd.read_csv(CASES / "pysal_access_hospital_minutes.csv", dtype=str)
    expected = pd.read_csv(CASES / "pysal_access_hospital.csv").query(f"scenario == {scenario}")
    there = minutes[minutes["scenario"] == str(scenario)].drop(columns="scenario")
    there.set_axis(["demand_id", "site_id", "minutes"], axis=1).to_csv(
        tmp_path / "m.csv", index=False
    )
    write(tmp_path / "d.csv", "demand_id,population", "1,100", "2,50", "3,10")
    write(tmp_path / "s.csv", "site_id,capacity", "1,15", "2,20", "3,100")
    asked: dict[str, tuple[object, ...]] = {
        "g2sfca_inv_cost_max61": ("e2sfca", "--decay", "power:1", "--threshold", 61),
        "binary2sfca_30": ("2sfca", "--threshold", 30),
        "e2sfca_10_20_30": ("e2sfca", "--decay", "luo-qi-2009-slow"),
        "g3sfca_inv_cost_max61": (
            "3sfca", "--decay", "power:1", "--threshold", 61, "--choice-beyond-threshold",
        ),
    }  # fmt: skip
    for column, (measure, *more) in asked.items():
        done = access(tmp_path, str(measure), *more)
        assert done.returncode == 0, done.stderr
        np.testing.assert_allclose(figures(tmp_path), expected[column], rtol=1e-9)


@pytest.mark.parametrize(
    ("column", "measure", "more"),
    [
        ("s2_supply", "2sfca", ("--threshold", 2)),
        ("e2_supply", "e2sfca", ("--decay", "step:1=1,2=0.68,3=0.22")),
        ("gauss_supply", "e2sfca", ("--decay", "gaussian:1", "--threshold", 3)),
        ("t3_supply", "3sfca", ("--decay", "step:1=0.962,2=0.704,3=0.377")),
        ("fca_supply", "fca_ratio", ("--threshold", 2, "--neighbours", "m.csv")),
    ],
)
def test_grid_of_pysal_access(
    column: str, measure: str, more: tuple[object, ...], tmp_path: Path
) -> None:
    """PySAL access 1.1.10 (BSD-3), its util: a grid of 6 by 6, straight lines as minutes."""
    points = pd.read_csv(CASES / "pysal_access_grid6.csv")
    ids, xy = points["id"], points[["x", "y"]].to_numpy(float)
    apart = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))
    demand, site = (each.ravel() for each in np.indices(apart.shape))
    trips = {"demand_id": ids[demand].array, "site_id": ids[site].array, "minutes": apart.ravel()}
    pd.DataFrame(trips).to_csv(tmp_path / "m.csv", index=False)
    people = {"id": "demand_id", "value": "population"}
    points.rename(columns=people)[list(people.values())].to_csv(tmp_path / "d.csv", index=False)
    supply = {"id": "site_id", "supply": "capacity"}
    points.rename(columns=supply)[list(supply.values())].to_csv(tmp_path / "s.csv", index=False)
    done = access(tmp_path, measure, *more)
    assert done.returncode == 0, done.stderr
    expected = points[column].fillna(0)
    np.testing.assert_allclose(figures(tmp_path), expected, rtol=1e-9, atol=1e-12)


def test_readme_of_r_fca(tmp_path: Path) -> None:
    """R package fca 0.1, its README (numbers only): 3SFCA, exp(-t^2 / b), b = -20^2 / ln(0.01)."""
    table = pd.read_csv(CASES / "r_fca_readme.csv")
    minutes = table.filter(like="minutes_").set_axis(["1", "2", "3"], axis=1)
    minutes.assign(demand_id=table["id"]).to_csv(tmp_path / "m.csv", index=False)
    people = table[["id", "size"]].set_axis(["demand_id", "population"], axis=1)
    people.to_csv(tmp_path / "d.csv", index=False)
    write(tmp_path / "s.csv", "site_id,capacity", "1,1000", "2,200", "3,500")
    sigma = math.sqrt(-400 / math.log(0.01) / 2)
    done = access(tmp_path, "3sfca", "--decay", f"gaussian:{sigma!r}")
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(figures(tmp_path), table["expected_3sfca_gauss20"], atol=1e-6)


def test_two_catchments_that_overlap(tmp_path: Path) -> None:
    """In the form of Luo and Wang (2003), figure of 2SFCA: 8 people at one, 5 at the other."""
    write(tmp_path / "d.csv", "demand_id,population", *(f"{at},1" for at in range(1, 13)))
    write(tmp_path / "s.csv", "site_id,capacity", "a,1", "b,1")
    trips = [f"{at},a,1" for at in range(1, 9)] + [f"{at},b,1" for at in (4, *range(9, 13))]
    far = ["12,a,1.000001"]
    write(tmp_path / "m.csv", "demand_id,site_id,minutes", *trips, *far)
    assert access(tmp_path, "2sfca", "--threshold", 1).returncode == 0
    expected = [0.125] * 3 + [0.325] + [0.125] * 4 + [0.2] * 4
    np.testing.assert_allclose(figures(tmp_path), expected, rtol=1e-12)
    assert sum(figures(tmp_path)) == pytest.approx(2, abs=1e-12)


def test_load_of_five_areas(tmp_path: Path) -> None:
    people, workers = (20_630, 14_612, 7_134, 7_208, 2_573), (3, 2, 2, 1, 1)
    write(tmp_path / "d.csv", "demand_id,population", *(f"a{n},{p}" for n, p in enumerate(people)))
    write(tmp_path / "s.csv", "site_id,capacity", *(f"c{n},{w}" for n, w in enumerate(workers)))
    write(tmp_path / "areas.csv", "demand_id,site_id", *(f"a{n},c{n}" for n in range(5)))
    own = ("--eligibility", "areas.csv")
    done = access(tmp_path, "ratio_in_area", *own, matrix="")
    assert done.returncode == 0, done.stderr
    assert "the largest load is 2.84 times the smallest" in done.stderr
    assert "7,306.0 (a1, site c1)" in done.stderr
    assert figures(tmp_path) == pytest.approx([p / w for p, w in zip(people, workers, strict=True)])
    sites = lines(tmp_path / "o.sites.csv")
    assert sites[0] == "site_id,people,load,load_state"
    assert sites[5] == "c4,2573,2573,measured"
    said = geoplan(
        "--json", "--quiet", "access", "--demand", "d.csv", "--supply", "s.csv", *own,
        "--measure", "ratio_in_area", "--out", "o.csv", cwd=tmp_path,
    )  # fmt: skip
    told = json.loads(said.stdout)["measures"]["ratio_in_area"]
    assert told["largest_over_smallest"] == pytest.approx(7306 / 2573)
    assert told["smallest"]["site_id"] == ["c4"]
    zh = geoplan(
        "access", "--demand", "d.csv", "--supply", "s.csv", *own,
        "--measure", "ratio_in_area", "--out", "o.csv", cwd=tmp_path, lang="zh",
    )  # fmt: skip
    assert "2.84 倍" in zh.stderr


# ---- what is written ----


def test_rows_states_and_words(here: Path) -> None:
    done = access(here, "e2sfca", "--decay", "luo-qi-2009-slow")
    assert done.returncode == 0, done.stderr
    assert lines(here / "o.csv") == [
        "demand_id,e2sfca,state",
        "01,0.02,measured",
        "02,0.02,measured",
        "03,0,unreachable",
    ]
    for word in ("with a figure 150", "unreachable 8", "3 of 6", "2 (y, z)"):
        assert word in done.stderr
    assert "o.csv" in done.stdout
    assert [path.name for path in here.iterdir() if ".part" in path.name] == []


def test_minutes_are_blank_where_there_are_none(here: Path) -> None:
    write(here / "d.csv", "demand_id,population", "02,0", "03,8", "01,100")
    assert access(here, "nearest").returncode == 0
    assert lines(here / "o.csv")[1:] == ["02,,not_applicable", "03,,unreachable", "01,0,measured"]
    assert access(here, "kth_nearest", "--nearest", 2).returncode == 0
    assert lines(here / "o.csv")[3] == "01,30.000005,measured"


def test_zero_is_not_unreachable(here: Path) -> None:
    done = access(here, "2sfca", "--threshold", 9.99)
    assert lines(here / "o.csv")[1:] == ["01,0.03,measured", "02,0,zero", "03,0,unreachable"]
    assert "that counts) 50" in done.stderr


def test_several_measures_and_thresholds(here: Path) -> None:
    done = access(
        here, "count_within", "--threshold", 10, "--threshold", 60, "--measure", "nearest",
        "--measure", "people_within",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert lines(here / "o.csv")[:3] == [
        "demand_id,count_within_10,count_within_10_state,count_within_60,count_within_60_state,"
        "nearest,nearest_state",
        "01,1,measured,2,measured,0,measured",
        "02,1,measured,1,measured,10,measured",
    ]
    assert lines(here / "o.sites.csv") == [
        "site_id,people_within_10,people_within_10_state,people_within_60,people_within_60_state",
        "x,150,measured,150,measured",
        "y,0,zero,100,measured",
        "z,0,unreachable,0,unreachable",
    ]


def test_figures_of_sites_alone(here: Path) -> None:
    assert access(here, "people_within", "--threshold", 30).returncode == 0
    assert lines(here / "o.csv") == [
        "site_id,people_within,state",
        "x,150,measured",
        "y,0,zero",
        "z,0,unreachable",
    ]
    assert not (here / "o.sites.csv").exists()


def test_parquet_is_the_same_as_csv(here: Path) -> None:
    """Both as input and as result; a dense matrix too."""
    assert access(here, "e2sfca", "--decay", "exponential:15").returncode == 0
    by_csv = pd.read_csv(here / "o.csv", dtype={"demand_id": str})
    for name, kinds in (("d", {"demand_id": str}), ("s", {}), ("m", {"demand_id": str})):
        pd.read_csv(here / f"{name}.csv", dtype=kinds).to_parquet(here / f"{name}.parquet")
    files = {name: f"{name[0]}.parquet" for name in ("matrix", "demand", "supply")}
    done = access(here, "e2sfca", "--decay", "exponential:15", out="o.parquet", **files)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(pd.read_parquet(here / "o.parquet"), by_csv, check_dtype=False)
    write(here / "m.csv", "demand_id,x,y,z", "01,0,30.000005,", "02,10,,", "03,,,")
    before = (here / "o.csv").read_bytes()
    assert access(here, "e2sfca", "--decay", "exponential:15").returncode == 0
    assert (here / "o.csv").read_bytes() == before


def test_order_of_rows_changes_no_figure(here: Path) -> None:
    assert access(here, "mh3sfca", "--decay", "gaussian:20").returncode == 0
    before = sorted(lines(here / "o.csv"))
    for name in ("m.csv", "s.csv", "d.csv"):
        head, *rows = lines(here / name)
        write(here / name, head, *rows[::-1])
    assert access(here, "mh3sfca", "--decay", "gaussian:20").returncode == 0
    after = lines(here / "o.csv")
    assert after[1].startswith("03,")
    assert sorted(after) == before


def test_what_a_spreadsheet_would_run_is_text(here: Path) -> None:
    write(here / "d.csv", "demand_id,population", "=1+1,5")
    write(here / "m.csv", "demand_id,site_id,minutes", "=1+1,x,5")
    assert access(here, "nearest").returncode == 0
    assert lines(here / "o.csv")[1] == "'=1+1,5,measured"


def test_every_measure_runs_and_is_in_the_help(here: Path) -> None:
    write(here / "n.csv", "demand_id,site_id,minutes", *(f"0{n},0{n},0" for n in (1, 2, 3)))
    more = {
        "threshold": ("--threshold", 45),
        "decay": ("--decay", "linear:60"),
        "k": ("--nearest", 1),
        "tau_minutes": ("--tau-minutes", 30),
        "neighbours": ("--neighbours", "n.csv"),
        "choice_beyond_threshold": ("--choice-beyond-threshold",),
    }
    shown = geoplan("access", "--help", cwd=here).stdout
    for name, each in MEASURES.items():
        done = access(here, name, *(word for what in each.takes for word in more[what]))
        assert done.returncode == 0, done.stderr
        assert len(lines(here / "o.csv")) == 4
        assert re.search(rf"\b{name}\b", shown)
    for form in (*FORMS, *NAMED, "step", "table"):
        assert form in shown


def test_help_is_quick(tmp_path: Path) -> None:
    """Nothing heavy is imported before it is needed."""
    code = "import sys, geoplan.cli; print([n for n in ('numpy', 'scipy') if n in sys.modules])"
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# ---- who may use what ----


def test_eligibility(here: Path) -> None:
    write(here / "m.csv", "demand_id,site_id,minutes", "01,x,9", "01,y,3", "02,x,1", "02,y,5")
    assert access(here, "nearest").returncode == 0
    assert figures_of(here) == {"01": "3", "02": "1", "03": ""}
    done = access(here, "nearest", "--eligibility", "same:county")
    assert figures_of(here) == {"01": "9", "02": "5", "03": ""}
    assert "and 2 that may not" in done.stderr
    write(here / "e.csv", "demand_id,site_id", "01,y", "02,y", "01,z")
    done = access(here, "nearest", "--eligibility", "e.csv")
    assert figures_of(here) == {"01": "3", "02": "5", "03": ""}
    assert "may use no site: 1, people: 8" in done.stderr
    assert access(here, "nearest", "--eligibility", "anyone").returncode == 0


def figures_of(here: Path) -> dict[str, str]:
    cells = (row.split(",") for row in lines(here / "o.csv")[1:])
    return {row[0]: row[1] for row in cells}


def test_an_assigned_area_is_people_per_worker(here: Path) -> None:
    """By county, without any minutes: A's 100 people for 3 workers, B's 58 for 2 + 1."""
    done = access(here, "ratio_in_area", "--eligibility", "same:county", matrix="")
    assert done.returncode == 0, done.stderr
    assert figures(here) == pytest.approx([100 / 3, 58 / 3, 58 / 3])
    done = access(here, "2sfca", "--eligibility", "same:county", matrix="")
    assert [1 / each for each in figures(here)] == pytest.approx([100 / 3, 58 / 3, 58 / 3])
    done = access(here, "ratio_in_area", matrix="")
    assert done.returncode == 3
    assert "--matrix" in done.stderr


def test_every_site_the_same(here: Path) -> None:
    write(here / "s.csv", "site_id", "x", "y", "z")
    assert access(here, "2sfca").returncode == 3
    done = access(here, "2sfca", "--capacity", 1)
    assert done.returncode == 0, done.stderr
    assert "not its own capacity" in done.stderr
    assert figures(here)[1] == pytest.approx(1 / 150)
    assert access(here, "nearest").returncode == 0


def test_a_decay_of_ones_own(here: Path) -> None:
    write(here / "w.csv", "minutes,weight", "10,1", "20,0.68", "30,0.22")
    assert access(here, "e2sfca", "--decay", "table:w.csv").returncode == 0
    own = lines(here / "o.csv")
    assert access(here, "e2sfca", "--decay", "step:10=1,20=0.68,30=0.22").returncode == 0
    assert lines(here / "o.csv") == own
    write(here / "w.csv", "minutes,weight", "20,0.5", "10,0.68", "30,1.2", "40,-1")
    done = access(here, "e2sfca", "--decay", "table:w.csv")
    assert done.returncode == 3
    for word in ("w.csv, row 3: the minutes of the steps must rise", "rows 4, 5: weights must lie"):
        assert word in done.stderr


# ---- what is wrong is told, all of it, and nothing is written ----

BAD: list[tuple[str, str, tuple[str, ...]]] = [
    ("m.csv", "demand_id,site_id,minutes\n01,x,nan\n01,y,-4\n01,z,inf\n", ("rows 2, 4", "row 3")),
    ("m.csv", "demand_id,site_id,minutes\n01,x,\n", ("row 2", "minutes", "not a blank")),
    ("m.csv", "demand_id,site_id,minutes\n01,x,1\n01,x,2\n", ("rows 2, 3", "01/x")),
    ("m.csv", "demand_id,site_id,minutes\n09,x,1\n", ("m.csv, row 2", "demand_id", "09")),
    ("m.csv", "demand_id,site_id,minutes\n01,q,1\n", ("m.csv, row 2", "site_id", "q")),
    ("m.csv", "demand_id,site_id,minutes\n1,x,1\n", ("m.csv, row 2", "leading zeros", "01")),
    ("m.csv", "demand_id,site_id,minutes\n01 ,x,1\n", ("row 2", "[01 ]", "spaces at the ends")),
    ("m.csv", "demand_id,site_id,minutes\n01,\u3000x,1\n", ("row 2", "spaces at the ends")),
    ("m.csv", "demand_id,site_id,minutes\n,x,1\n", ("row 2", "demand_id", "blank")),
    ("m.csv", "demand_id,site_id,minutes\n", ("m.csv", "no row below")),
    ("m.csv", "", ("m.csv", "empty")),
    ("m.csv", "demand,site_id,minutes\n01,x,1\n", ("demand_id", "demand")),
    ("m.csv", "demand_id,site_id\n01,x\n", ("m.csv, row 1, column minutes",)),
    ("d.csv", "demand_id,population\n01,1\n01,2\n02,2\n", ("d.csv, rows 2, 3", "01")),
    ("d.csv", "demand_id,population\n01,-1\n02,x\n03,\n", ("row 2", "row 3", "row 4")),
    ("d.csv", "demand_id,population\n01,1e16\n02,-1.5\n", ("row 2", "too large", "row 3")),
    ("d.csv", "demand_id,people\n01,1\n02,1\n", ("d.csv, row 1, column population",)),
    ("s.csv", "site_id,capacity\nx,\ny,-1\n", ("row 3", "-1", "s.csv")),
    ("s.csv", "site_id,capacity\nx,\ny,1\n", ("s.csv, row 2", "--capacity")),
    ("s.csv", "site_id,capacity\nx,nan\ny,1e999\n", ("s.csv, rows 2, 3", "not a number")),
    ("s.csv", "site_id,name\nx,a\ny,b\n", ("s.csv, row 1, column capacity",)),
    ("s.csv", "PK\x03\x04", ("s.csv", "zip")),
]


@pytest.mark.parametrize(("file", "text", "words"), BAD)
def test_bad_tables(file: str, text: str, words: tuple[str, ...], here: Path) -> None:
    (here / file).write_text(text, encoding="utf-8")
    before = sorted(path.name for path in here.iterdir())
    done = access(here, "2sfca")
    assert done.returncode == 3, done.stderr
    for word in words:
        assert word in done.stderr
    assert sorted(path.name for path in here.iterdir()) == before


@pytest.mark.parametrize(
    ("measure", "more", "words"),
    [
        ("2sfca", ("--threshold", 0), ("--threshold", "above 0")),
        ("2sfca", ("--threshold", "nan"), ("--threshold", "above 0")),
        ("2sfka", (), ("2sfka", "did you mean 2sfca")),
        ("e2sfca", (), ("e2sfca", "needs --decay")),
        ("nearest", ("--threshold", 9), ("nearest", "does not take --threshold")),
        ("e2sfca", ("--decay", "step:20=1,10=0.5"), ("step:20=1,10=0.5", "must rise")),
        ("e2sfca", ("--decay", "step:10=1,20=-0.5"), ("between 0 and 1",)),
        ("e2sfca", ("--decay", "gausian:30"), ("did you mean gaussian",)),
        ("e2sfca", ("--decay", "linear:0"), ("above 0",)),
        ("2sfca", ("--capacity", "-1"), ("--capacity", "above 0")),
        ("nearest", ("--eligibility", "same:county"), ("s.csv", "county")),
        ("nearest", ("--eligibility", "same:"), ("--eligibility", "names no column")),
    ],
)
def test_bad_options(
    measure: str, more: tuple[object, ...], words: tuple[str, ...], here: Path
) -> None:
    if "same:county" in more:
        write(here / "s.csv", "site_id,capacity", "x,1", "y,1")
    done = access(here, measure, *more)
    assert done.returncode == 3, done.stderr
    for word in words:
        assert word in done.stderr


def test_faults_of_everything_are_told_at_once(here: Path) -> None:
    write(here / "m.csv", "demand_id,site_id,minutes", "01,x,-1")
    write(here / "d.csv", "demand_id,population", "01,-5")
    write(here / "s.csv", "site_id,capacity", " x,3")
    write(here / "e.csv", "demand_id,site_id", "01,x", "01,x")
    write(here / "w.csv", "minutes,weight", "10,2")
    done = access(
        here, "e2sfca", "--measure", "nearst", "--threshold", 0, "--decay", "table:w.csv",
        "--eligibility", "e.csv",
    )  # fmt: skip
    assert done.returncode == 3
    for word in ("m.csv", "d.csv", "s.csv", "e.csv", "w.csv", "--threshold", "nearst"):
        assert f"  - {word}" in done.stderr
    assert not (here / "o.csv").exists()


def test_codes_that_differ_in_both_tables(here: Path) -> None:
    write(here / "s.csv", "site_id,capacity,county", "x,1,63", "y,2,64")
    done = access(here, "nearest", "--eligibility", "same:county")
    assert done.returncode == 3
    assert "same codes" in done.stderr


def test_numbers_that_are_none_in_parquet(here: Path) -> None:
    trips = {"demand_id": ["01", "02"], "site_id": ["x", "x"], "minutes": [np.nan, np.inf]}
    pd.DataFrame(trips).to_parquet(here / "m.parquet")
    done = access(here, "nearest", matrix="m.parquet")
    assert done.returncode == 3
    assert "m.parquet, row 2" in done.stderr and "m.parquet, row 3" in done.stderr


def test_nothing_in_reach_and_nobody(here: Path) -> None:
    """No pair is allowed, nobody lives anywhere, no site has a place: figures all the same."""
    write(here / "e.csv", "demand_id,site_id", "03,z")
    write(here / "d.csv", "demand_id,population", "01,0", "02,0", "03,0")
    write(here / "s.csv", "site_id,capacity", "x,0", "y,0", "z,0")
    for measure, value in (("e2sfca", "0"), ("nearest", ""), ("ratio_in_area", "")):
        more = ("--decay", "power:2") if measure == "e2sfca" else ()
        done = access(here, measure, "--eligibility", "e.csv", *more)
        assert done.returncode == 0, done.stderr
        assert lines(here / "o.csv")[1:] == [f"0{n},{value},not_applicable" for n in (1, 2, 3)]


def test_words_in_chinese(here: Path) -> None:
    write(here / "d.csv", "demand_id,population", "01,100", "02,0", "03,8")
    write(here / "e.csv", "demand_id,site_id", "01,x", "02,x")
    done = geoplan(
        "access", "--matrix", "m.csv", "--demand", "d.csv", "--supply", "s.csv", "--measure",
        "2sfca", "--eligibility", "e.csv", "--capacity", 1, "--out", "o.csv", cwd=here, lang="zh",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for word in ("不是實際容量", "沒有任何據點可使用", "無人居住", "無人可達的據點 2 處", "y、z"):
        assert word in done.stderr


def test_thresholds_that_are_almost_alike_keep_their_columns(here: Path) -> None:
    done = access(here, "count_within", "--threshold", 30, "--threshold", 30.00001)
    assert done.returncode == 0, done.stderr
    assert lines(here / "o.csv")[1] == "01,1,measured,2,measured"
    assert "count_within_30.00001_state" in lines(here / "o.csv")[0]


def test_missing_files_and_wrong_usage(here: Path) -> None:
    done = access(here, "nearest", "--eligibility", "who.csv", matrix="none.csv")
    assert done.returncode == 5
    assert "none.csv" in done.stderr and "who.csv" in done.stderr
    assert access(here, "nearest", out="o.xlsx").returncode == 2
    assert access(here, "nearest", out="d.csv").returncode == 2
    assert lines(here / "d.csv")[0] == "demand_id,population,county"


def test_what_cannot_be_written(here: Path) -> None:
    (here / "taken").write_text("a file, not a folder")
    assert access(here, "nearest", out="taken/o.csv").returncode == 7
    (here / "o.csv").mkdir()
    assert access(here, "nearest").returncode == 7


def test_half_a_million_pairs(tmp_path: Path) -> None:
    """Read, measured and written in seconds."""
    points, sites = 2_500, 200
    demand, site = np.divmod(np.arange(points * sites), sites)
    names = [f"{at:011d}" for at in range(points)], [f"W{at}" for at in range(sites)]
    trips = {
        "demand_id": pa.array(names[0]).take(pa.array(demand)),
        "site_id": pa.array(names[1]).take(pa.array(site)),
        "minutes": np.abs(demand % 400 - site * 2.0),
    }
    pq.write_table(pa.table(trips), tmp_path / "m.parquet")
    write(tmp_path / "d.csv", "demand_id,population", *(f"{name},7" for name in names[0]))
    write(tmp_path / "s.csv", "site_id,capacity", *(f"{name},2" for name in names[1]))
    began = time.process_time()
    done = access(tmp_path, "e2sfca", "--decay", "luo-qi-2009-slow", matrix="m.parquet")
    assert done.returncode == 0, done.stderr
    assert time.process_time() - began < 5
    assert sum(figures(tmp_path)) * 7 == pytest.approx(2 * sites)
