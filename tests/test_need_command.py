"""`geoplan need` as a user runs it: a table and a need section of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from geoplan.cli import app

TABLE = """place_id,universe,poor,people,income
001,main,10,100,300
002,main,20,100,200
003,main,5,50,
004,main,3,300,500
005,isle,3,30,100
006,isle,3,300,50
"""
SPEC = """
[[indicator]]
id = "poverty"
numerator = ["poor"]
denominator = "people"
higher_is = "needier"
theme = "means"

[[indicator]]
id = "income"
numerator = ["income"]
higher_is = "less_needy"
weight = 2
theme = "means"

[[profile]]
id = "poor"
indicators = ["poverty"]
"""


class Runs:
    """The command on a table and a spec in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, table: str = TABLE, spec: str = SPEC, *more: str, lang: str = "en") -> Any:
        (self.folder / "places.csv").write_text(table, "utf-8")
        (self.folder / "need.toml").write_text(spec, "utf-8")
        return self.call("places.csv", "need.toml", *more, lang=lang)

    def call(self, table: str, spec: str, *more: str, lang: str = "en") -> Any:
        out = [] if "--out" in more else ["--out", str(self.folder / "index.csv")]
        words = ["--lang", lang]
        if "--json" in more:
            words, more = [*words, "--json"], tuple(each for each in more if each != "--json")
        files = ["--table", str(self.folder / table), "--spec", str(self.folder / spec)]
        return CliRunner().invoke(app, [*words, "need", *files, *out, *more])

    @property
    def written(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "index.csv", dtype={"place_id": str})


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_index_of_a_table_by_hand(runs: Runs) -> None:
    done = runs.run()
    assert done.exit_code == 0, done.stderr
    written = runs.written
    assert list(written.columns) == [
        *("place_id", "universe", "percentile", "index", "state"),
        *("poverty_rank", "income_rank"),
    ]
    assert written["place_id"].tolist() == ["001", "002", "003", "004", "005", "006"]
    # Shares .1 .2 .1 .01 are ranked 1/3 1 1/3 0; incomes 300 200 500 are .5 1 0 when turned.
    third = pytest.approx(1 / 3, abs=1e-11)
    assert written["poverty_rank"].tolist() == [third, 1, third, 0, 1, 0]
    assert written["income_rank"].tolist()[:2] == [0.5, 1]
    assert written["index"][0] == pytest.approx((1 / 3 + 2 * 0.5) / 3, abs=1e-11)
    assert written["percentile"].fillna(-1).tolist() == [0.5, 1, -1, 0, 0, 1]
    assert written["state"].tolist() == ["measured"] * 2 + ["unknown"] + ["measured"] * 3
    assert "1 not known" in done.stdout
    assert "poverty: weight 33.3 %" in done.stderr


def test_json_says_weights_and_influence(runs: Runs) -> None:
    done = runs.run(TABLE, SPEC, "--json")
    about = json.loads(done.stdout)
    assert (about["places"], about["unknown"], about["weighting"]) == (6, 1, "given")
    assert [each["weight"] for each in about["indicators"]] == pytest.approx([1 / 3, 2 / 3])
    assert sum(each["influence"] for each in about["indicators"]) == pytest.approx(1)


def test_one_profile_and_chinese(runs: Runs) -> None:
    done = runs.run(TABLE, SPEC, "--profile", "poor", lang="zh")
    assert done.exit_code == 0
    assert "income_rank" not in runs.written
    assert runs.written["percentile"].notna().all()
    assert "權重" in done.stderr and "已寫入" in done.stdout


def test_other_scales_show_their_scores(runs: Runs) -> None:
    runs.run(TABLE, 'normalise = "z"\n' + SPEC)
    written = runs.written
    isle = written["universe"] == "isle"
    assert written.loc[isle, "poverty_score"].tolist() == [1, -1]
    assert written.loc[isle, "income_score"].tolist() == [-1, 1]


def test_a_study_is_a_spec_and_parquet_a_table(runs: Runs) -> None:
    frame = pd.DataFrame({"place_id": ["01", "02", "03"], "low_income_persons": [1, 2, 3]})
    frame = frame.assign(
        population=100, population_65_plus=[9, 9, 8], income_median=[5.0, 4, np.nan]
    )
    frame.to_parquet(runs.folder / "places.parquet")
    out = str(runs.folder / "index.parquet")
    study = Path(__file__).resolve().parent.parent / "studies" / "toy.toml"
    done = runs.call("places.parquet", str(study), "--out", out)
    assert done.exit_code == 0, done.stderr
    written = pd.read_parquet(out)
    assert written["place_id"].tolist() == ["01", "02", "03"]
    assert written["state"].tolist() == ["measured", "measured", "unknown"]


def test_same_input_same_bytes(runs: Runs) -> None:
    found = set()
    for _ in range(2):
        runs.run(TABLE, 'normalise = "min-max"\nweighting = "entropy"\n' + SPEC)
        found.add((runs.folder / "index.csv").read_bytes())
    assert len(found) == 1


def test_comparisons_are_told_with_their_consistency(runs: Runs) -> None:
    done = runs.run(TABLE, 'weighting = "ahp"\npairwise = [[1, 3], ["1/3", 1]]\n' + SPEC)
    assert "poverty: weight 75.0 %" in done.stderr
    assert "Consistency ratio of the comparisons: 0.000" in done.stderr


def test_an_indicator_against_the_others_is_said(runs: Runs) -> None:
    table = "place_id,a,b\n" + "".join(f"p{n},{n},{n + n % 2}\n" for n in range(6))
    indicator = '[[indicator]]\nid = "{0}"\nnumerator = ["{0}"]\nhigher_is = "{1}"\nweight = {2}\n'
    spec = indicator.format("a", "needier", 3) + indicator.format("b", "less_needy", 1)
    done = runs.run(table, 'normalise = "z"\n' + spec)
    assert "'b' runs against the index" in done.stderr


UP = TABLE.replace("300,500", "300,x")
BAD: dict[str, tuple[str, str, list[str]]] = {
    "unknown columns": (
        TABLE.replace("income", "incom").replace("poor", "q"),
        SPEC,
        ["row 1, column poor", "row 1, column income", "'incom'"],
    ),
    "NaN": (TABLE.replace("300,500", "300,NaN"), SPEC, ["row 5, column income", "NaN"]),
    "text and a double id, at once": (
        UP.replace("002", "001"),
        SPEC,
        ["rows 2, 3, column place_id", "row 5, column income"],
    ),
    "negative people": (TABLE.replace("3,30,", "3,-30,"), SPEC, ["row 6, column people"]),
    "padded id": (TABLE.replace("004", " 004"), SPEC, ["row 5, column place_id", "[ 004]"]),
    "blank id": (TABLE.replace("004", ""), SPEC, ["row 5, column place_id"]),
    "constant indicator": (
        "place_id,poor,people,income\na,1,10,7\nb,2,20,7\nc,3,30,7\n",
        SPEC,
        ["column poor, people: the indicator 'poverty'", "column income: the indicator 'income'"],
    ),
    "nothing known": (
        "place_id,poor,people,income\na,1,0,\nb,2,0,\n",
        SPEC,
        ["'poverty' is not known", "'income' is not known"],
    ),
    "weights of 0": (
        TABLE,
        SPEC.replace("weight = 2", "weight = 0"),
        ["key indicator[2].weight", "> 0"],
    ),
    "weights that do not add up": (
        TABLE,
        "weights_sum_to = 1\n" + SPEC,
        ["line 1", "key weights_sum_to", "add up to 3"],
    ),
    "comparisons that contradict each other": (
        TABLE.replace("income", "income,age").replace("\n0", ",1\n0"),
        'weighting = "ahp"\npairwise = [[1, 5, "1/5"], ["1/5", 1, 5], [5, "1/5", 1]]\n'
        + SPEC
        + '[[indicator]]\nid = "age"\nnumerator = ["age"]\nhigher_is = "needier"\n',
        ["consistency ratio", "0.10"],
    ),
    "unknown keys and a bad table, at once": (
        TABLE.replace("006", "005"),
        SPEC.replace("higher_is", "higer_is", 1).replace("weight", "wieght"),
        [
            "'higher_is'",
            "'weight'",
            "key indicator[1].higher_is",
            "row 6, 7".replace("row", "rows"),
        ],
    ),
    "unknown key beside the need table": (
        TABLE,
        "[nead]\n\n[need]\n" + SPEC.replace("[[", "[[need."),
        ["key nead", "'need'"],
    ),
    "header only": (TABLE.splitlines()[0] + "\n", SPEC, ["no row below"]),
    "not TOML": (TABLE, "indicator = [", ["line 1"]),
    "figures that give no weights": (
        "place_id,poor,people,income\na,1,10,\nb,,20,7\nc,3,30,8\nd,4,90,\n",
        'weighting = "pca"\n' + SPEC,
        ["key weighting", "fewer than two places"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_all_at_once(name: str, runs: Runs) -> None:
    table, spec, parts = BAD[name]
    done = runs.run(table, spec)
    assert done.exit_code == 3, done.output
    for part in parts:
        assert part in done.stderr, done.stderr
    assert not (runs.folder / "index.csv").exists()


def test_wrong_usage(runs: Runs) -> None:
    assert "poor" in runs.run(TABLE, SPEC, "--profile", "por").stderr
    assert runs.run(TABLE, SPEC, "--profile", "por").exit_code == 2
    assert runs.run(TABLE, SPEC, "--out", str(runs.folder / "index.xlsx")).exit_code == 2
    assert runs.run(TABLE, SPEC, "--out", str(runs.folder / "places.csv")).exit_code == 2
    gone = runs.call("no.csv", "no.toml")
    assert gone.exit_code == 5 and "no.csv" in gone.stderr and "no.toml" in gone.stderr


def test_help_says_what_a_spec_holds() -> None:
    text = CliRunner().invoke(app, ["need", "--help"]).stdout
    for word in ("higher_is", "equal_per_theme", "weights_sum_to", "pairwise", "geoplan need"):
        assert word in text
