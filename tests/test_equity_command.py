"""`geoplan equity` as a user runs it: published cases, its words, its files, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import Done, geoplan, lines, write

CASES = Path(__file__).resolve().parent / "cases"

# PySAL inequality, its own test suite (BSD-3): Theil's T of the states of Mexico, and between the
# groups of hanson98.
THEIL = {
    "pcgdp1940": (0.20894344, 0.0345889),
    "pcgdp1970": (0.10194725, 0.05931219),
    "pcgdp2000": (0.10660832, 0.03635872),
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Four places; one cannot be reached."""
    write(
        tmp_path / "t.csv",
        "place_id,value,population,need,group,state",
        "a,0,100,5,x,",
        "b,10,50,4,x,measured",
        "c,20,70,3,y,zero",
        "d,,30,3,y,unreachable",
    )
    return tmp_path


def equity(here: Path, *more: object, table: str = "t.csv", out: str = "e.csv") -> Done:
    return geoplan("equity", "--table", table, "--out", out, *more, cwd=here)


def figures(here: Path, name: str = "e.csv") -> dict[str, float]:
    table = pd.read_csv(here / name)
    return dict(zip(table["measure"], table["value"], strict=True))


@pytest.mark.parametrize("year", THEIL)
def test_states_of_mexico(year: str, tmp_path: Path) -> None:
    table = pd.read_csv(CASES / "inequality_mexico.csv").rename(columns={"hanson98": "group"})
    table.insert(0, "place_id", [f"{at:02}" for at in range(len(table))])
    table.to_csv(tmp_path / "t.csv", index=False)
    done = equity(tmp_path, "--value", year)
    assert done.returncode == 0, done.stderr
    assert "every place counts as one" in done.stderr
    got = figures(tmp_path)
    assert got["theil_t"] == pytest.approx(THEIL[year][0], abs=1e-7)
    assert got["theil_between"] == pytest.approx(THEIL[year][1], abs=1e-7)
    assert got["theil_within"] == pytest.approx(THEIL[year][0] - THEIL[year][1], abs=1e-7)
    if year == "pcgdp1940":
        assert got["gini"] == pytest.approx(0.3537237117345285, abs=1e-7)


def test_atkinson_and_zeros_of_pysal(tmp_path: Path) -> None:
    rows = [f"p{each},{each},{1 + (each > 0)}" for each in (10, 20, 30, 40, 50)]
    write(tmp_path / "t.csv", "place_id,value,group", *rows)
    done = equity(tmp_path, "--inequality-aversion", 0, "--inequality-aversion", 0.5,
                  "--inequality-aversion", 1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    got = figures(tmp_path)
    assert got["atkinson_0"] == pytest.approx(0, abs=1e-12)
    assert got["atkinson_0.5"] == pytest.approx(0.06315, abs=1e-5)
    assert got["atkinson_1"] == pytest.approx(0.1316096, abs=1e-5)
    assert got["equally_distributed_0.5"] == pytest.approx(28.105398233, abs=1e-7)
    assert "atkinson_2" not in got
    rows = [f"p{at},{10 * (at > 2)},g{at > 2}" for at in range(6)]
    write(tmp_path / "t.csv", "place_id,value,group", *rows)
    assert equity(tmp_path).returncode == 0
    got = figures(tmp_path)
    assert (got["theil_t"], got["theil_between"]) == pytest.approx((0.6931471805599453,) * 2)
    assert got["theil_within"] == pytest.approx(0, abs=1e-12)


def test_figures_by_hand(here: Path) -> None:
    """100 people with 0, 50 with 10, 70 with 20: 1,900 in all."""
    done = equity(here, "--line", 15, "--beyond", "below")
    assert done.returncode == 0, done.stderr
    got = figures(here)
    assert list(got)[:5] == ["places", "people", "mean", "gini", "palma"]
    assert (got["places"], got["people"], got["people_unreachable"]) == (3, 220, 30)
    assert got["mean"] == pytest.approx(1900 / 220)
    pairs = 100 * 50 * 10 + 100 * 70 * 20 + 50 * 70 * 10
    assert got["gini"] == pytest.approx(pairs / (220 * 1900))
    # The neediest have nothing, the least needy most: the index is the Gini, and positive.
    assert got["concentration_index"] == pytest.approx(got["gini"])
    assert got["fgt_0"] == pytest.approx(150 / 220)
    assert got["people_shortfall"] == 100 * 15 + 50 * 5
    assert got["fgt_1"] == pytest.approx(got["people_shortfall"] / 15 / 220)
    states = pd.read_csv(here / "e.csv").set_index("measure")["state"]
    assert states[["gini", "palma", "atkinson_2"]].tolist() == ["measured", "not_defined", "limit"]
    assert got["atkinson_2"] == 1
    assert pd.isna(got["palma"])
    for word in ("people: 30", "exactly 1", "left blank: palma"):
        assert word in done.stderr
    curve = pd.read_csv(here / "e.lorenz.csv")
    assert curve["people_share"].tolist() == pytest.approx([0, 100 / 220, 150 / 220, 1])
    assert curve["value_share"].tolist() == pytest.approx([0, 0, 500 / 1900, 1])


def test_minutes_above_a_line(here: Path) -> None:
    write(here / "t.csv", "place_id,minutes,population", "a,20,10", "b,30,10", "c,45,20")
    assert equity(here, "--value", "minutes", "--line", 30, "--beyond", "above").returncode == 0
    got = figures(here)
    assert got["fgt_0"] == 0.5
    assert got["people_shortfall"] == 300
    assert "concentration_index" not in got
    assert "theil_within" not in got


def test_json_quiet_and_parquet(here: Path) -> None:
    assert equity(here).returncode == 0
    pd.read_csv(here / "t.csv").to_parquet(here / "t.parquet")
    done = geoplan("--json", "--quiet", "equity", "--table", "t.parquet", "--out", "e.parquet",
                   cwd=here)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["measures"]["palma"] is None
    assert told["states"]["palma"] == "not_defined"
    assert told["people"]["unreachable"] == 30
    by_csv = pd.read_csv(here / "e.csv")
    pd.testing.assert_frame_equal(pd.read_parquet(here / "e.parquet"), by_csv, check_dtype=False)
    assert (here / "e.lorenz.parquet").exists()


def test_what_access_writes_can_be_judged(here: Path) -> None:
    """Columns MEASURE and MEASURE_state, places renamed and people joined."""
    write(here / "d.csv", "demand_id,population", "1,100", "2,50", "3,30")
    write(here / "s.csv", "site_id,capacity", "x,3")
    write(here / "m.csv", "demand_id,site_id,minutes", "1,x,10", "2,x,40")
    done = geoplan(
        "access", "--matrix", "m.csv", "--demand", "d.csv", "--supply", "s.csv", "--measure",
        "nearest", "--measure", "2sfca", "--threshold", 30, "--out", "a.csv", cwd=here,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    people = pd.read_csv(here / "d.csv", dtype=str)
    table = pd.read_csv(here / "a.csv", dtype=str).merge(people, on="demand_id")
    table.rename(columns={"demand_id": "place_id"}).to_csv(here / "t.csv", index=False)
    assert equity(here, "--value", "2sfca").returncode == 0
    got = figures(here)
    assert (got["people"], got["people_unreachable"]) == (150, 30)  # zero counts
    assert got["gini"] == pytest.approx(1 - 100 / 150)
    assert equity(here, "--value", "nearest").returncode == 0
    assert figures(here)["mean"] == 20


def test_words_in_chinese(here: Path) -> None:
    write(here / "t.csv", "place_id,value,state", "a,0,", "b,1,", "c,,unknown", "d,,not applicable")
    done = geoplan("equity", "--table", "t.csv", "--out", "e.csv", cwd=here, lang="zh")
    assert done.returncode == 0, done.stderr
    for word in ("每個地方都當作一人", "不明、不計", "不適用、不計", "恰為 1", "palma"):
        assert word in done.stderr
    assert "羅倫茲" in done.stdout


HEAD = "place_id,value,population"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((HEAD, "a,-1,5", "b,x,5"), ("row 2", "negative", "row 3", "not a number")),
        ((HEAD, "a,,5", "b,-1,5"), ("row 2", "no state says why", "row 3", "negative")),
        ((HEAD, "a,1,5", "a,2,5"), ("rows 2, 3", "a")),
        ((HEAD, " a,1,5", ",2,5"), ("spaces at the ends", "row 3")),
        ((HEAD, "a,1,-5", "b,2,nan", "c,2,", "d,2,1.5"), ("row 2", "row 3", "row 4", "row 5")),
        ((HEAD, "a,inf,5"), ("row 2", "not a number")),
        ((HEAD,), ("no row below",)),
        (("place_id,population", "a,5"), ("column value",)),
        (("id,value", "a,5"), ("column place_id",)),
        ((HEAD + ",state", "a,1,5,fine"), ("row 2", "column state", "fine", "not_applicable")),
        ((HEAD + ",state", "a,1,5,unknown"), ("every row is left out",)),
        ((HEAD + ",need,group", "a,1,5,,", "b,1,5,2,g"), ("column need", "column group")),
    ],
)
def test_bad_tables(rows: tuple[str, ...], words: tuple[str, ...], here: Path) -> None:
    write(here / "t.csv", *rows)
    done = equity(here)
    assert done.returncode == 3, done.stderr
    for word in words:
        assert word in done.stderr
    assert sorted(path.name for path in here.iterdir()) == ["t.csv"]


def test_bad_options_and_missing_files(here: Path) -> None:
    done = equity(here, "--inequality-aversion", -1, "--line", 0, "--beyond", "above")
    assert done.returncode == 3
    assert "--inequality-aversion" in done.stderr and "--line" in done.stderr
    assert equity(here, "--line", 3).returncode == 2
    assert equity(here, out="t.csv").returncode == 2
    assert equity(here, out="e.txt").returncode == 2
    assert equity(here, table="none.csv").returncode == 5
    (here / "e.csv").mkdir()
    assert equity(here).returncode == 7
    assert lines(here / "t.csv")[0].startswith("place_id")
    assert "gini" in geoplan("equity", "--help", cwd=here).stdout
