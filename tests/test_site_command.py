"""`geoplan site` as a user runs it: exact answers, its files, its words, its exit codes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from geoplan.export.folder import is_whole
from geoplan.siting.models import MODELS
from tests.commands import Done, geoplan, write

FILES = {
    "sites.csv",
    "assignment.csv",
    "curve.csv",
    "alternatives.csv",
    "areas.csv",
    "plan.json",
    "certificate.zip",
    "manifest.json",
}
ALONE = ("--frequency", 0, "--alternatives", 0, "--curve", 0)
"""Nothing but the plan."""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Five points and four sites, one of which stands; 04 is on an island, at 05 nobody lives."""
    write(
        tmp_path / "d.csv", "demand_id,population,area",
        "01,400,East", "02,150,East", "03,90,West", "04,20,West", "05,0,West",
    )  # fmt: skip
    write(
        tmp_path / "c.csv", "site_id,status,group,lon,lat,cost",
        "hall,existing,East,121.5,25.0,", "annex,candidate,West,121.51,25.0,3",
        "mill,,West,121.6,25.1,2.5", "barn,,East,121.9,25.1,4",
    )  # fmt: skip
    write(
        tmp_path / "m.csv", "demand_id,site_id,minutes", "01,hall,4", "01,annex,31", "02,hall,25",
        "02,annex,9.5", "02,barn,12", "03,hall,40", "03,mill,20", "03,annex,20.000001",
    )  # fmt: skip
    return tmp_path


def site(here: Path, model: str, *more: object, lang: str = "en", **files: str) -> Done:
    """The command on the tables of the folder, other ones by keyword, with JSON as its answer."""
    named = {"matrix": "m.csv", "demand": "d.csv", "candidates": "c.csv", "out": "plan", **files}
    words = [word for name, file in named.items() for word in (f"--{name}", file)]
    return geoplan("--json", "site", *words, "--model", model, *more, cwd=here, lang=lang)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plan(here: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((here / "plan" / "plan.json").read_text("utf-8"))
    return told


# ---- exact answers ----


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, np.ndarray]:
    """A complete table of whole distances between 14 places, and their people."""
    folder = tmp_path_factory.mktemp("graph")
    draw = np.random.default_rng(6)
    apart = np.rint(np.hypot(*(draw.random((2, 14, 1)) - draw.random((2, 1, 14)))) * 90)
    people = draw.integers(1, 30, 14)
    trips = [f"{i},{j},{int(apart[i, j])}" for i in range(14) for j in range(14)]
    write(folder / "m.csv", "demand_id,site_id,minutes", *trips)
    write(folder / "d.csv", "demand_id,population", *(f"{i},{w}" for i, w in enumerate(people)))
    write(folder / "c.csv", "site_id", *map(str, range(14)))
    return folder, apart, people


@pytest.mark.parametrize("model", ["p-median", "p-center", "mclp", "backup"])
def test_whole_distances_stay_exact(model: str, graph: tuple[Path, np.ndarray, np.ndarray]) -> None:
    folder, apart, people = graph
    values = []
    for chosen in combinations(range(14), 3):
        ways = np.sort(apart[:, chosen], axis=1)
        worth = {
            "p-median": -(people @ ways[:, 0]),
            "p-center": -ways[:, 0].max(),
            "mclp": people[ways[:, 0] <= 31].sum(),
            "backup": people[ways[:, 1] <= 31].sum(),
        }
        values.append(int(worth[model]))
    more = ("--threshold", 31) if model in ("mclp", "backup") else ()
    done = site(folder, model, "-p", 3, "--frequency", 0, "--alternatives", 0, *more)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["gap"], told["open"]) == ("optimal", 0, 3)
    assert told["objective"] == told["bound"] == abs(max(values))
    curve = rows(folder / "plan" / "curve.csv")
    assert [int(row["sites"]) for row in curve][-1] == 3
    assert all(row["status"] == "optimal" for row in curve if row["best"])


def test_a_set_cover_and_a_share_of_it(here: Path) -> None:
    write(here / "d.csv", "demand_id,population", "01,400", "02,150", "03,90")
    assert site(here, "lscp", "--threshold", 20, *ALONE).returncode == 0
    assert plan(here)["objective"] == 5.5  # annex and mill; what stands need not be paid for
    assert plan(here)["sites"] == ["hall", "annex", "mill"]
    write(here / "c.csv", "site_id,status", "hall,existing", "annex,", "mill,", "barn,")
    assert site(here, "partial-cover", "--threshold", 20, "--share", "80%", *ALONE).returncode == 0
    assert plan(here)["objective"] == 2
    assert plan(here)["counts"] == "sites"
    assert site(here, "partial-cover", "--threshold", 20, "--share", 0.9, *ALONE).returncode == 0
    assert plan(here)["objective"] == 3


def test_the_threshold_is_never_rounded_over(here: Path) -> None:
    """20 minutes are within 20, and 20.000001 are not, though both are the same milliseconds."""
    assert site(here, "mclp", "-p", 3, "--threshold", 20, *ALONE).returncode == 0
    assert plan(here)["sites"] == ["hall", "annex", "mill"]
    assert plan(here)["objective"] == 640
    assert site(here, "mclp", "-p", 3, "--threshold", 20.000001, *ALONE).returncode == 0
    assert plan(here)["objective"] == 640
    assert site(here, "mclp", "-p", 2, "--threshold", 20.000001, *ALONE).returncode == 0
    assert plan(here)["objective"] == 640


def test_people_may_be_weighed(here: Path) -> None:
    write(
        here / "d.csv", "demand_id,population,need",
        "01,400,0.1", "02,150,0.25", "03,90,1", "04,20,0",
    )  # fmt: skip
    assert site(here, "mclp", "-p", 2, "--threshold", 20, "--by-need", *ALONE).returncode == 0
    assert plan(here)["objective"] == 130
    assert plan(here)["sites"] == ["hall", "mill"]
    write(here / "d.csv", "demand_id,population", "01,0.5", "02,0.25", "03,1.125")
    done = site(here, "p-median", "-p", 2)
    assert plan(here)["sites"] == ["hall", "annex"]
    assert plan(here)["objective"] == 0.5 * 4 + 0.25 * 9.5 + 1.125 * 20
    assert "not whole" in done.stderr


# ---- rules of a plan ----


def test_fixed_forbidden_quota_budget_and_spacing(here: Path) -> None:
    write(here / "f.csv", "site_id", "barn")
    write(here / "x.csv", "site_id", "annex")
    threshold = ("--threshold", 20)

    def opened(*more: object) -> object:
        done = site(here, "mclp", *threshold, *ALONE, *more)
        assert done.returncode == 0, done.stderr
        sites = plan(here)["sites"]
        assert isinstance(sites, list)
        return sorted(sites, key=["hall", "annex", "mill", "barn"].index)

    assert opened("-p", 2) == ["hall", "annex"]
    assert opened("-p", 2, "--fixed", "f.csv") == ["hall", "barn"]
    assert opened("-p", 2, "--forbidden", "x.csv") == ["hall", "barn"]
    write(here / "q.csv", "group,at_least,at_most", "East,,1", "West,1,")
    assert opened("-p", 3, "--quota", "q.csv") == ["hall", "annex", "mill"]
    assert opened("--budget", 3) == ["hall", "annex"]
    assert opened("--budget", 2.5) == ["hall", "mill"]
    # From hall to annex it is one kilometre, to mill fifteen, to barn forty-two.
    assert opened("-p", 2, "--apart", "2") == ["hall", "barn"]
    assert opened("-p", 2, "--apart", 20) == ["hall", "barn"]
    write(here / "a.csv", "site_id,other_id", "hall,annex", "barn,hall")
    assert opened("-p", 2, "--apart", "a.csv") == ["hall", "mill"]


def test_capacity_sends_people_elsewhere(here: Path) -> None:
    write(here / "c.csv", "site_id,status,capacity", "hall,existing,450", "annex,,100", "barn,,0")
    write(
        here / "m.csv", "demand_id,site_id,minutes", "01,hall,4", "02,hall,15", "02,annex,9.5",
        "03,annex,20", "02,barn,1",
    )  # fmt: skip
    done = site(here, "capacitated-cover", "-p", 2, "--threshold", 20)
    assert done.returncode == 0, done.stderr
    assert plan(here)["objective"] == 550
    going = [tuple(row.values())[:5] for row in rows(here / "plan" / "assignment.csv")]
    assert ("02", "150", "hall", "50", "15") in going
    served = {row["site_id"]: row["people_served"] for row in rows(here / "plan" / "sites.csv")}
    assert served == {"hall": "450", "annex": "100", "barn": ""}
    gains = {row["site_id"]: row["gain_people"] for row in rows(here / "plan" / "sites.csv")}
    assert gains == {"hall": "0", "annex": "100", "barn": ""}
    west = rows(here / "plan" / "areas.csv")[1]
    assert (west["area"], west["reached_before"], west["reached_after"]) == ("West", "0", "0")
    assert rows(here / "plan" / "curve.csv")[0]["in_order"] == "450"
    assert site(here, "mclp", "-p", 2, "--threshold", 20, *ALONE).returncode == 0
    assert plan(here)["objective"] == 640  # capacity counts only where it is asked for
    done = site(here, "mclp", "-p", 2, "--threshold", 20, "--capacity", *ALONE)
    assert plan(here)["objective"] == 550
    write(here / "c.csv", "site_id,status,capacity", "hall,existing,450", "annex,,", "barn,,0")
    done = site(here, "capacitated-cover", "-p", 2, "--threshold", 20)
    assert done.returncode == 3
    assert "c.csv, row 3, column capacity" in done.stderr


# ---- what is written ----


def test_every_file_and_row(here: Path) -> None:
    assert site(here, "mclp", "-p", 2, "--threshold", 20).returncode == 0
    assert {path.name for path in (here / "plan").iterdir()} == FILES
    assert is_whole(here / "plan")
    sites = rows(here / "plan" / "sites.csv")
    assert [row["site_id"] for row in sites] == ["annex", "barn", "hall", "mill"]
    assert [row["status"] for row in sites] == ["proposed", "candidate", "existing", "candidate"]
    assert [row["order"] for row in sites] == ["1", "", "", ""]
    assert [row["gain_people"] for row in sites] == ["150", "", "0", ""]
    assert [row["loss_people"] for row in sites] == ["150", "", "400", ""]
    # Annex brings 02 nearer by 15.5 minutes and 03 by 19.999999 (to the millisecond).
    gained = float(sites[0]["gain_person_minutes"])
    assert gained == pytest.approx(150 * 15.5 + 90 * 19.999999, abs=90 / 60_000)
    assert (sites[2]["share_of_runs"], sites[2]["how_often"]) == ("1", "always")
    assert sites[3]["lat"] == "25.1"
    assert [row["people_served"] for row in sites] == ["240", "", "400", ""]
    served = rows(here / "plan" / "assignment.csv")
    assert [row["site_id"] for row in served] == ["hall", "annex", "annex", "", ""]
    assert [row["people"] for row in served] == ["400", "150", "90", "0", "0"]
    assert [row["site_id_before"] for row in served] == ["hall", "hall", "hall", "", ""]
    assert [row["reached"] for row in served] == ["true", "true", "false", "false", "false"]
    assert served[1]["minutes"] == "9.5"
    areas = {row["area"]: row for row in rows(here / "plan" / "areas.csv")}
    assert areas["East"]["reached_before"] == "400"
    assert areas["East"]["reached_after"] == "550"
    assert areas["East"]["mean_minutes_after"] == "5.5"
    assert areas["West"]["share_after"] == "0"
    assert areas["West"]["nearer"] == "90"
    other = rows(here / "plan" / "alternatives.csv")[0]
    assert (other["worse_by"], other["leaves_out"], other["brings_in"]) == ("0", "annex", "barn")
    curve = [tuple(row.values()) for row in rows(here / "plan" / "curve.csv")]
    assert curve == [
        ("1", "400", "400", "400", "optimal", "people"),
        ("2", "550", "550", "550", "optimal", "people"),
    ]


def test_same_question_same_bytes_and_order_changes_nothing(here: Path) -> None:
    more = ("-p", 2, "--threshold", 20)
    assert site(here, "mclp", *more).returncode == 0
    assert site(here, "mclp", *more, out="again").returncode == 0
    for name in FILES:
        assert (here / "plan" / name).read_bytes() == (here / "again" / name).read_bytes()
    before = plan(here)
    for name in ("m.csv", "d.csv", "c.csv"):
        head, *lines = (here / name).read_text("utf-8").splitlines()
        write(here / name, head, *lines[::-1])
    assert site(here, "mclp", *more).returncode == 0
    for name in FILES - {"plan.json", "manifest.json"}:  # which hold sums of the inputs
        assert (here / "plan" / name).read_bytes() == (here / "again" / name).read_bytes()
    assert plan(here)["sites"] == before["sites"]


def test_parquet_and_wide_tables(here: Path) -> None:
    import pandas as pd

    assert site(here, "mclp", "-p", 2, "--threshold", 20).returncode == 0
    before = (here / "plan" / "assignment.csv").read_bytes()
    pd.read_csv(here / "d.csv", dtype={"demand_id": str}).to_parquet(here / "d.parquet")
    write(
        here / "wide.csv", "demand_id,hall,annex,mill,barn", "01,4,31,,", "02,25,9.5,,12",
        "03,40,20.000001,20,", "04,,,,", "05,,,,",
    )  # fmt: skip
    done = site(here, "mclp", "-p", 2, "--threshold", 20, demand="d.parquet", matrix="wide.csv")
    assert done.returncode == 0, done.stderr
    assert (here / "plan" / "assignment.csv").read_bytes() == before


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_for_people(lang: str, here: Path) -> None:
    words = ("--matrix", "m.csv", "--demand", "d.csv", "--candidates", "c.csv", "--out", "plan")
    done = geoplan(
        "site", *words, "--model", "mclp", "-p", 2, "--threshold", 20, cwd=here, lang=lang
    )
    assert done.returncode == 0, done.stderr
    assert "OPTIMAL" in done.stdout
    assert {"en": "No other plan covers more people", "zh": "沒有任何方案能涵蓋更多人"}[
        lang
    ] in done.stdout
    assert "annex" in done.stdout
    # Whom nothing can reach is said first.
    assert {"en": "people: 20: 04", "zh": "20 人：04"}[lang] in done.stderr


def test_what_is_told_may_be_left_out(here: Path) -> None:
    assert site(here, "mclp", "-p", 2, "--threshold", 20, *ALONE).returncode == 0
    assert [row["share_of_runs"] for row in rows(here / "plan" / "sites.csv")] == [""] * 4
    assert rows(here / "plan" / "alternatives.csv") == []
    curve = rows(here / "plan" / "curve.csv")
    assert [row["in_order"] for row in curve] == ["400", "550"]
    assert [row["best"] for row in curve] == ["", "550"]


# ---- no plan ----


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ("mclp", ("-p", 9, "--threshold", 20), ("9", "4")),
        ("mclp", ("-p", 1, "--threshold", 20, "--fixed", "f.csv"), ("2", "1", "barn, hall")),
        ("mclp", ("-p", 3, "--threshold", 20, "--quota", "l.csv"), ("2", "3", "East, West")),
        ("mclp", ("-p", 2, "--threshold", 20, "--fixed", "f.csv", "--apart", "a.csv"), ("barn",)),
        ("p-centre", ("-p", 2, "--fixed", "f.csv", "--apart", "a.csv"), ("hall, barn",)),
        ("mclp", ("-p", 2, "--threshold", 20, "--quota", "q.csv"), ("East", "3")),
        ("mclp", ("-p", 2, "--threshold", 20, "--forbidden", "h.csv"), ("hall",)),
        ("lscp", ("--threshold", 20), ("04", "row 5")),
        ("p-median", ("-p", 2), ("04",)),
        ("p-centre", ("-p", 2), ("04",)),
        ("partial-cover", ("--threshold", 20, "--share", 1), ("660", "640", "04", "row 5")),
        ("mclp", ("--budget", 1, "--threshold", 20, "--fixed", "f.csv"), ("4", "1", "barn")),
        ("p-centre-by-group", ("--quota", "g.csv"), ("04",)),
        ("p-centre-by-group", ("--quota", "u.csv"), ("West", "2", "1")),
        ("even-cover", ("-p", 2, "--threshold", 20, "--gini", 0), ("Gini",)),
        ("p-median", ("-p", 2, "--threshold", 20, "--min-share", "50%"), ("04",)),
        ("mclp", ("-p", 2, "--threshold", 20, "--min-share", "95%"), ("West", "105")),
    ],
)
def test_no_plan_is_named(
    model: str, more: tuple[object, ...], words: tuple[str, ...], here: Path
) -> None:
    write(here / "f.csv", "site_id", "barn")
    write(here / "h.csv", "site_id", "hall")
    write(here / "q.csv", "group,at_least,at_most", "East,3,")
    write(here / "g.csv", "group,at_least,at_most", "East,1,", "West,1,")
    write(here / "l.csv", "group,at_least,at_most", "East,,1", "West,,1")
    write(here / "u.csv", "group,at_least,at_most", "East,1,", "West,2,1")
    write(here / "a.csv", "site_id,other_id", "hall,barn")
    done = site(here, model, *more)
    assert done.returncode == 3, done.stdout
    assert "INFEASIBLE BECAUSE" in done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["objective"]) == ("infeasible", None)
    why = " ".join(each["en"] for each in told["why"])
    assert all(word in why for word in words), why
    assert "zh" in told["why"][0]
    assert not (here / "plan").exists()


# ---- bad input ----


@pytest.mark.parametrize(
    ("file", "lines", "word"),
    [
        ("d.csv", ("demand_id,population",), "no row below"),
        ("d.csv", ("demand_id,population", "01,400", "01,3"), "more than once"),
        ("d.csv", ("demand_id,population", "01,-4"), "negative"),
        (
            "d.csv",
            ("demand_id,population,area", "01,0,East", "02,0,East", "03,0,East"),
            "nothing to",
        ),
        ("d.csv", ("demand_id,people", "01,0"), "population"),
        ("m.csv", ("demand_id,site_id,minutes", "01,hall,1", "1,hall,2"), "not have these ids"),
        ("c.csv", ("site_id",), "no row below"),
        ("c.csv", ("site_id", "hall", "annex", "mill"), "barn"),
        ("c.csv", ("site_id,status", "hall,open", "annex,", "mill,", "barn,"), "existing"),
        ("m.csv", ("demand_id,site_id,minutes", "01,hall,-1"), "negative"),
        ("m.csv", ("demand_id,site_id,minutes", "01,hall,1", "01,hall,2"), "more than once"),
        ("m.csv", ("demand_id,site_id,minutes", "01,hall,21"), "nearest pair is 21"),
        ("f.csv", ("site_id", "nobody"), "nobody"),
        ("q.csv", ("group,at_least,at_most", "North,1,1"), "North"),
        ("q.csv", ("group,at_least,at_most", "East,1.5,"), "whole"),
        ("q.csv", ("group,at_least,at_most", "East,1,", "East,,3"), "more than once"),
        ("a.csv", ("site_id,other_id", "hall,hall"), "itself"),
        ("s.csv", ("area,least_share", "East,1.5"), "above 1"),
    ],
)
def test_bad_tables(file: str, lines: tuple[str, ...], word: str, here: Path) -> None:
    write(here / "f.csv", "site_id", "barn")
    write(here / "q.csv", "group,at_least,at_most", "East,1,")
    write(here / "a.csv", "site_id,other_id", "hall,barn")
    write(here / "s.csv", "area,least_share", "East,0.5")
    write(here / file, *lines)
    more = ("--fixed", "f.csv", "--quota", "q.csv", "--apart", "a.csv", "--min-share", "s.csv")
    done = site(here, "mclp", "-p", 3, "--threshold", 20, *more)
    assert done.returncode == 3, done.stderr
    assert word in done.stderr
    assert file in done.stderr or "--threshold" in done.stderr
    assert not (here / "plan").exists()


@pytest.mark.parametrize(
    ("model", "more", "word"),
    [
        ("p-meidan", ("-p", 2), "p-median"),
        ("p-median", (), "-p"),
        ("mclp", ("--threshold", 5), "-p / --budget"),
        ("mclp", ("-p", 2), "--threshold"),
        ("mclp", ("-p", 0, "--threshold", 5), "from 1 on"),
        ("lscp", ("--threshold", 5, "-p", 2), "does not take -p"),
        ("partial-cover", ("--threshold", 5), "--share"),
        ("partial-cover", ("--threshold", 5, "--share", 95), "0.9"),
        ("p-median", ("-p", 2, "--times", 2), "--times"),
        ("mclp", ("-p", 2, "--threshold", -1), "from 0 on"),
        ("mclp", ("-p", 2, "--threshold", "nan"), "finite"),
        ("mclp", ("-p", 2, "--threshold", 5, "--apart", "far"), "kilometres"),
        ("mclp", ("-p", 2, "--threshold", 20, "--seconds", 0), "from 0.1 on"),
    ],
)
def test_bad_options(model: str, more: tuple[object, ...], word: str, here: Path) -> None:
    done = site(here, model, *more)
    assert done.returncode == 3, done.stderr
    assert word in done.stderr


def test_each_fault_is_told_once(here: Path) -> None:
    write(here / "q.csv", "group,at_least", "East,1", ",1")
    write(here / "c.csv", "site_id,cost", "hall,-1", "annex,1", "mill,1", "barn,1")
    done = site(here, "mclp", "--budget", 2, "--threshold", 20)
    assert len([line for line in done.stderr.splitlines() if "c.csv" in line]) == 1, done.stderr
    write(here / "c.csv", "site_id,group", "hall,East", "annex,West", "mill,West", "barn,West")
    done = site(here, "mclp", "-p", 2, "--threshold", 20, "--quota", "q.csv")
    assert len([line for line in done.stderr.splitlines() if "q.csv" in line]) == 1, done.stderr
    write(here / "c.csv", "site_id,lon,lat", "hall,9,5", "annex,,5", "mill,8,5", "barn,7,5")
    done = site(here, "mclp", "-p", 2, "--threshold", 20, "--apart", 3)
    assert "row 3" in done.stderr
    assert "lon" in done.stderr


def test_spacing_of_what_stands_is_told(here: Path) -> None:
    write(here / "c.csv", "site_id,status", "hall,existing", "annex,existing", "mill,", "barn,")
    write(here / "a.csv", "site_id,other_id", "hall,annex", "mill,annex")
    done = site(here, "mclp", "-p", 9, "--threshold", 20, "--apart", "a.csv", *ALONE)
    assert done.returncode == 0, done.stderr
    assert "annex / hall" in done.stderr
    assert plan(here)["sites"] == ["annex", "hall", "barn"]


def test_groups_without_people(here: Path) -> None:
    write(here / "c.csv", "site_id,group", "hall,East", "annex,West", "mill,West", "barn,Yonder")
    write(here / "d.csv", "demand_id,population,area", "01,4,East", "02,1,East", "03,9,West")
    write(here / "m.csv", "demand_id,site_id,minutes", "01,hall,4", "02,hall,5", "03,mill,20")
    write(here / "q.csv", "group,at_least,at_most", "East,1,3", "West,1,1", "Yonder,0,2")
    done = site(here, "p-centre-by-group", "--quota", "q.csv", *ALONE)
    assert done.returncode == 0, done.stderr
    assert [row["area"] for row in rows(here / "plan" / "areas.csv")] == ["East", "West"]
    assert geoplan("verify", "plan", cwd=here).returncode == 0


def test_all_faults_at_once(here: Path) -> None:
    write(here / "f.csv", "site_id", "nobody")
    write(here / "d.csv", "demand_id,population", "01,-4")
    done = site(here, "mclp", "--share", 2, "--fixed", "f.csv")
    for word in ("--threshold", "-p / --budget", "--share", "negative", "nobody"):
        assert word in done.stderr


def test_missing_files_and_places_that_are_taken(here: Path) -> None:
    done = site(here, "mclp", "-p", 2, "--threshold", 20, demand="none.csv")
    assert done.returncode == 5
    assert "none.csv" in done.stderr
    (here / "mine").mkdir()
    write(here / "mine" / "letter.txt", "dear")
    assert site(here, "mclp", "-p", 2, "--threshold", 20, out="mine").returncode == 7
    assert (here / "mine" / "letter.txt").exists()


# ---- time ----


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cover by two sites each among many: no solver proves this quickly."""
    folder = tmp_path_factory.mktemp("hard")
    draw = np.random.default_rng(1)
    apart = np.hypot(*(draw.random((2, 900, 1)) - draw.random((2, 1, 250)))) * 100
    near = np.argwhere(apart < 14)
    trips = (f"{i},{j},{apart[i, j]:.4f}" for i, j in near)
    write(folder / "m.csv", "demand_id,site_id,minutes", *trips)
    write(folder / "d.csv", "demand_id,population", *(f"{i},{i % 97 + 3}" for i in range(900)))
    write(folder / "c.csv", "site_id", *map(str, range(250)))
    return folder


def test_out_of_time_leaves_the_best_plan_and_a_bound(hard: Path) -> None:
    done = site(hard, "backup", "-p", 40, "--threshold", 14, "--seconds", 1, *ALONE)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["status"] == "cut_off"
    assert "CUT OFF" in told["words"]["en"]
    assert 0 < told["objective"] < told["bound"]
    assert f"{told['bound'] - told['objective']:,}" in told["gap_words"]["en"]
    assert is_whole(hard / "plan")


def stopped_after(hard: Path, seconds: float) -> tuple[int | None, str]:
    """The command, interrupted so long after it has read the tables: exit code, what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    words = (
        "--lang", "en", "--json", "site", "--matrix", "m.csv", "--demand", "d.csv", "--candidates",
        "c.csv", "--model", "backup", "-p", "40", "--threshold", "14", "--out", "stopped",
        "--seconds", "300", *map(str, ALONE),
    )  # fmt: skip
    running = subprocess.Popen(
        [sys.executable, "-m", "geoplan", *words], cwd=hard, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stderr is not None
    hang = Timer(100, running.kill)  # a command that says nothing more must not hold the tests up
    hang.start()
    read = any("Demand points:" in line for line in running.stderr)
    hang.cancel()
    assert read, "it ended, or was ended, before it had read the tables"
    with suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=100)
    return running.returncode, said


def test_ctrl_c_writes_the_best_plan(hard: Path) -> None:
    for seconds in (2, 8, 30):  # on a busy computer there may be no plan yet
        code, said = stopped_after(hard, seconds)
        assert code == 130
        told = json.loads(said or "{}")
        if told.get("open"):
            break
    assert told["status"] == "cut_off"
    assert told["stopped"] is True
    assert told["objective"] <= told["bound"]
    assert is_whole(hard / "stopped")


def test_help_names_every_model(tmp_path: Path) -> None:
    told = geoplan("site", "--help", cwd=tmp_path).stdout
    assert all(name in told for name in MODELS)
