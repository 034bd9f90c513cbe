"""Tables as strangers bring them to `access`, `equity` and `need`: other units, other files, other
mistakes; and the examples of the help, run as they stand."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoplan.model import Floats
from tests.commands import geoplan, write

POINTS, SITES = 7, 4


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Seven points and four sites; 16 has nobody, 17 no way, D no capacity, C one way."""
    people = [40, 25, 60, 5, 30, 0, 9]
    capacity = [2, 5, 1, 0]
    write(
        tmp_path / "d.csv", "demand_id,population", *(f"{11 + n},{p}" for n, p in enumerate(people))
    )
    write(
        tmp_path / "s.csv",
        "site_id,capacity",
        *(f"{'ABCD'[n]},{c}" for n, c in enumerate(capacity)),
    )
    rng = np.random.default_rng(4)
    minutes = rng.uniform(0, 60, (POINTS, SITES)).round(3)
    minutes[:, 2] = np.nan
    minutes[4, 2], minutes[0, 0], minutes[1, 1], minutes[6] = 30, 30, 0, np.nan
    np.save(tmp_path / "minutes.npy", minutes)
    tables(tmp_path)["long"].to_csv(tmp_path / "m.csv", index=False)
    return tmp_path


def tables(here: Path) -> dict[str, pd.DataFrame]:
    minutes = np.load(here / "minutes.npy")
    point, site = np.nonzero(~np.isnan(minutes))
    long = pd.DataFrame({"demand_id": point + 11, "site_id": [*map("ABCD".__getitem__, site)]})
    dense = pd.DataFrame(minutes, columns=list("ABCD"))
    dense.insert(0, "demand_id", np.arange(POINTS) + 11)
    return {"long": long.assign(minutes=minutes[point, site]), "dense": dense}


def access(here: Path, *words: object, matrix: str = "m.csv", demand: str = "d.csv") -> Floats:
    """The figures of the one measure asked for."""
    named = ("--matrix", matrix, "--demand", demand, "--supply", "s.csv", "--out", "o.csv")
    done = geoplan("access", *named, *words, cwd=here)
    assert done.returncode == 0, done.stderr
    return pd.read_csv(here / "o.csv").iloc[:, 1].to_numpy(float)


def by_hand(here: Path, weight: Callable[[float], float], *, choose: bool) -> list[float]:
    """E2SFCA, or 3SFCA where people choose, one pair after another."""
    minutes = np.load(here / "minutes.npy")
    people, capacity = (pd.read_csv(here / f"{name}.csv").iloc[:, 1].tolist() for name in "ds")
    every = [[0.0 if t != t else weight(t) for t in row] for row in minutes.tolist()]
    if choose:
        every = [[w * w / (sum(row) or 1) for w in row] for row in every]
    demand = [sum(p * row[j] for p, row in zip(people, every, strict=True)) for j in range(SITES)]
    ratio = [s / d if d else 0.0 for s, d in zip(capacity, demand, strict=True)]
    return [sum(r * w for r, w in zip(ratio, row, strict=True)) for row in every]


def steps(t: float) -> float:
    return 0.9 if t <= 12.5 else 0.4 if t <= 30 else 0.05 if t <= 55 else 0.0


DECAYS: list[tuple[str, tuple[object, ...], Callable[[float], float]]] = [
    ("step:12.5=0.9,30=0.4,55=0.05", (), steps),
    ("table:w.csv", (), steps),
    ("linear:45", (), lambda t: max(0.0, 1 - t / 45)),
    ("exponential:7.5", (), lambda t: float(np.exp(-t / 7.5))),
    ("exponential:7.5", ("--threshold", 30), lambda t: float(np.exp(-t / 7.5)) * (t <= 30)),
    ("gaussian:11", ("--threshold", 41.5), lambda t: float(np.exp(-t * t / 242)) * (t <= 41.5)),
    ("power:1.5", (), lambda t: max(t, 1.0) ** -1.5),
    ("linear:1000000000", ("--threshold", 30), lambda t: (1 - t / 1e9) * (t <= 30)),
]


@pytest.mark.parametrize(("decay", "more", "weight"), DECAYS)
def test_other_decays_and_thresholds_by_hand(
    decay: str, more: tuple[object, ...], weight: Callable[[float], float], here: Path
) -> None:
    write(here / "w.csv", '"minutes","weight"', "12.5,0.9", "30,4e-1", "55,0.05")
    for measure in ("e2sfca", "3sfca"):
        got = access(here, "--measure", measure, "--decay", decay, *more)
        expected = by_hand(here, weight, choose=measure == "3sfca")
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_the_way_there_is_not_the_way_back(here: Path) -> None:
    """Points and sites of the same places, minutes turned round: other figures, each by hand."""
    minutes = np.load(here / "minutes.npy")[:4]
    write(here / "d.csv", "demand_id,population", "11,3", "12,4", "13,5", "14,6")
    for there in (minutes, minutes.T.copy()):
        np.save(here / "minutes.npy", there)
        tables_here = pd.DataFrame(there, columns=list("ABCD"))
        tables_here.insert(0, "demand_id", [11, 12, 13, 14])
        tables_here.to_csv(here / "m.csv", index=False)
        got = access(here, "--measure", "2sfca", "--threshold", 35)
        expected = by_hand(here, lambda t: float(t <= 35), choose=False)
        np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("factor", [60, 1000, 1e-6])
def test_any_unit_will_do(factor: float, here: Path) -> None:
    """Seconds or metres with threshold and decay alike: the same figures, and no upper limit."""
    asked = ("--measure", "e2sfca", "--decay", "linear:50", "--threshold", 30)
    before = access(here, *asked)
    far = pd.read_csv(here / "m.csv")
    far["minutes"] *= factor
    far.to_csv(here / "far.csv", index=False)
    other = (*asked[:3], f"linear:{50 * factor!r}", "--threshold", repr(30 * factor))
    np.testing.assert_allclose(access(here, *other, matrix="far.csv"), before, rtol=1e-9)
    nearest = access(here, "--measure", "nearest", matrix="far.csv")
    assert np.nanmax(nearest) == far.groupby("demand_id")["minutes"].min().drop(16).max()


def test_weighted_demand_and_capacity_in_fractions(here: Path) -> None:
    asked = ("--measure", "2sfca", "--threshold", 40)
    before = access(here, *asked)
    people = pd.read_csv(here / "d.csv")
    people["population"] /= 16
    people.to_csv(here / "need.csv", index=False)
    np.testing.assert_allclose(access(here, *asked, demand="need.csv"), before * 16, rtol=1e-12)
    sites = pd.read_csv(here / "s.csv")
    sites.assign(capacity=sites["capacity"] / 8).to_csv(here / "s.csv", index=False)
    np.testing.assert_allclose(access(here, *asked), before / 8, rtol=1e-12)
    done = geoplan(
        "access", "--matrix", "m.csv", "--demand", "need.csv", "--supply", "s.csv", *asked,
        "--measure", "people_within", "--out", "o.csv", cwd=here,
    )  # fmt: skip
    assert "need.csv: population is not whole in 6 rows" in done.stderr
    assert "people: 10.5625;" in done.stderr
    assert "people_within: sites with a figure" in done.stderr


def test_every_form_of_the_same_table_gives_the_same_bytes(here: Path) -> None:
    made = tables(here)
    long, dense = made["long"], made["dense"]
    text = long.astype({"demand_id": str})
    text.to_csv(here / "quoted.csv", index=False, quoting=1)
    text.to_csv(here / "r.csv", index=False, quoting=2, lineterminator="\r\n")
    text.to_csv(here / "marked.csv", index=False, encoding="utf-8-sig")
    text.iloc[::-1].to_csv(here / "turned.csv", index=False)
    text.to_parquet(here / "text.parquet")
    long.to_parquet(here / "numbers.parquet")
    long.astype({"demand_id": float}).to_parquet(here / "floats.parquet")
    long.astype({"demand_id": "category", "site_id": "category"}).to_parquet(here / "c.parquet")
    dense.to_csv(here / "dense.csv", index=False)
    dense.astype({"demand_id": str}).to_csv(here / "denseq.csv", index=False, quoting=2)
    dense.to_parquet(here / "dense.parquet")
    chinese = {"demand_id": "需求點", "site_id": "據點編號", "minutes": "車程"}
    long.rename(columns=chinese).to_csv(here / "zh.csv", index=False)
    access(here, "--measure", "mh3sfca", "--decay", "gaussian:20")
    before = (here / "o.csv").read_bytes()
    forms = [*here.glob("*.parquet"), *(here / f"{each}.csv" for each in (
        "quoted", "r", "marked", "turned", "dense", "denseq", "zh",
    ))]  # fmt: skip
    assert len(forms) == 12
    for form in forms:
        access(here, "--measure", "mh3sfca", "--decay", "gaussian:20", matrix=form.name)
        assert (here / "o.csv").read_bytes() == before, form.name


HEAD = "demand_id,site_id,minutes"
TOLD: list[tuple[dict[str, tuple[str, ...]], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
    (
        {"m.csv": ("origin,dest,cost", "11,A,3")},
        (),
        ("row 1, column demand_id", "row 1, column site_id", "row 1, column minutes", "origin"),
        ("欄位 demand_id", "欄位 minutes", "改成此名"),
    ),
    (
        {"m.csv": ("demand_id,dest,cost", "11,A,3", "12,B,4")},
        (),
        ("row 1, column dest", "a row a point"),
        ("第 1 列，欄位 dest", "一列一組配對"),
    ),
    (
        {"m.csv": ("demand_id,A,Q", "11,1,2")},
        (),
        ("m.csv, row 1, column Q", "B, C, D, A"),
        ("第 1 列，欄位 Q", "B, C, D, A"),
    ),
    (
        {"m.csv": ("demand_id,A,B", "11,x,2", "12,3,4")},
        (),
        ("m.csv, row 2, column A: x is not a number",),
        ("第 2 列，欄位 A", "不是數字"),
    ),
    (
        {"m.csv": (HEAD, "011,A,3")},
        (),
        ("row 2, column demand_id", "list they belong to (11,", "lost"),
        ("第 2 列", "把 0 弄丟"),
    ),
    (
        {"m.csv": ('"demand_id","site_id","minutes"', '"11","A",1', '"11","A",-2', '"11 ","A",')},
        (),
        ("rows 2, 3, column demand_id, site_id", "row 3, column minutes", "row 4", "[11 ]"),
        ("第 2、3 列", "第 3 列"),
    ),
    ({"s.csv": ("site_id,capacity", "A,x", "B,")}, (), ("row 2", "row 3"), ("第 2 列", "第 3 列")),
    ({"d.csv": ("demand_id,population", "11,-0.5")}, (), ("row 2", "-0.5"), ("第 2 列", "負數")),
    ({}, ("--eligibility", "everyone"), ("--eligibility", "same:COLUMN"), ("same:欄名",)),
    ({}, ("--eligibility", ""), ("--eligibility", "same:COLUMN"), ("same:欄名",)),
    ({}, ("--decay", "table:"), ("--decay", "names no file"), ("沒有檔名",)),
    ({}, ("--decay", "w.csv"), ("table:w.csv",), ("table:w.csv",)),
]  # fmt: skip


@pytest.mark.parametrize(("files", "more", "english", "chinese"), TOLD)
def test_what_is_wrong_is_told_with_its_place_in_both_languages(
    files: dict[str, tuple[str, ...]],
    more: tuple[str, ...],
    english: tuple[str, ...],
    chinese: tuple[str, ...],
    here: Path,
) -> None:
    for name, rows in files.items():
        write(here / name, *rows)
    decay = () if "--decay" in more else ("--decay", "linear:9")
    for lang, words in (("en", english), ("zh", chinese)):
        done = geoplan(
            "access", "--matrix", "m.csv", "--demand", "d.csv", "--supply", "s.csv", "--measure",
            "e2sfca", "--out", "o.csv", *decay, *more, cwd=here, lang=lang,
        )  # fmt: skip
        assert done.returncode == 3, done.stderr
        for word in words:
            assert word in done.stderr
    assert not (here / "o.csv").exists()


def test_a_blank_path_is_no_crash(here: Path) -> None:
    for option in ("--demand", "--supply", "--matrix"):
        files = {"--demand": "d.csv", "--supply": "s.csv", "--matrix": "m.csv", option: ""}
        words = [word for pair in files.items() for word in pair]
        done = geoplan("access", *words, "--measure", "nearest", "--out", "o.csv", cwd=here)
        assert done.returncode == 5, done.stderr


# ---- equity ----


def equity(here: Path, *rows: str) -> dict[str, float]:
    write(here / "t.csv", *rows)
    done = geoplan("equity", "--table", "t.csv", "--out", "e.csv", cwd=here)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(here / "e.csv")
    return dict(zip(table["measure"], table["value"], strict=True))


def test_figures_in_scientific_notation(here: Path) -> None:
    plain = equity(here, "place_id,value,population", "a,0.00015,400", "b,0.003,20", "c,0,9")
    quoted = equity(
        here, '"place_id","value","population"', '"a",1.5e-4,4e2', '"b","3E-03",20', '"c",0,9'
    )
    assert quoted == plain
    scaled = equity(here, "place_id,value,population", "a,1.5,400", "b,30,20", "c,0,9")
    for name in ("gini", "theil_t", "atkinson_0.5"):
        assert scaled[name] == pytest.approx(plain[name], rel=1e-12)


def test_one_place_and_all_alike(here: Path) -> None:
    for rows in (["a,5,7"], ["a,5,7", "b,5,1", "c,5,30"]):
        got = equity(here, "place_id,value,population", *rows)
        for name in ("gini", "theil_t", "atkinson_0.5", "atkinson_2"):
            assert got[name] == pytest.approx(0, abs=1e-12)
        assert got["palma"] == pytest.approx(0.25)
        assert got["equally_distributed_1"] == pytest.approx(5)


def test_groups_and_need_with_zeros(here: Path) -> None:
    """6 people with 0 and 2 with 4, the zeros neediest; each group has but one value."""
    got = equity(
        here, "place_id,value,population,group,need", "a,0,4,x,9", "b,0,2,x,9", "c,4,2,y,-1.5e0"
    )
    assert got["gini"] == pytest.approx(0.75)
    assert got["concentration_index"] == pytest.approx(0.75)
    assert got["theil_within"] == pytest.approx(0, abs=1e-12)
    assert got["theil_between"] == pytest.approx(np.log(4))
    nothing = equity(here, "place_id,value", "a,0", "b,0")
    assert np.isnan(nothing["gini"]) and nothing["mean"] == 0


# ---- need ----

PLACES = ("place_id,a,b,c", "p,1,10,3", "q,2,5,3", "r,4,7,9", "s,8,1,5")
A, B, C = np.array([1, 2, 4, 8.0]), -np.array([10, 5, 7, 1.0]), np.array([3, 3, 9, 5.0])
RANKS = np.array([[0, 1, 2, 3], [0, 2, 1, 3], [0, 0, 3, 2]]) / 3
SCORES = {
    "percentile": RANKS,
    "z": np.array([(each - each.mean()) / each.std() for each in (A, B, C)]),
    "min-max": np.array([(each - each.min()) / np.ptp(each) for each in (A, B, C)]),
}


def shares(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


def entropy_weights() -> Floats:
    """1 less Shannon's entropy of each indicator's shares, over ln n (Zeleny 1982)."""
    part = SCORES["min-max"] / SCORES["min-max"].sum(axis=1, keepdims=True)
    logs = np.log(np.where(part > 0, part, 1))
    return shares(1 + (part * logs).sum(axis=1) / np.log(4))


WEIGHTS = {
    "given": shares(np.array([1, 3, 1.0])),
    "equal_per_theme": np.array([0.25, 0.25, 0.5]),
    "entropy": entropy_weights(),
    "ahp": np.array([0.6, 0.3, 0.1]),
}


@pytest.mark.parametrize("scale", SCORES)
@pytest.mark.parametrize("weighting", WEIGHTS)
def test_every_scale_and_weighting_by_hand(scale: str, weighting: str, here: Path) -> None:
    """Three indicators of four places, the second turned; a and b are of one theme."""
    write(here / "t.csv", *PLACES)
    pairwise = 'pairwise = [[1, 2, 6], ["1/2", 1, 3], ["1/6", "1/3", 1]]'
    head = [f'normalise = "{scale}"', f'weighting = "{weighting}"']
    head += [pairwise] if weighting == "ahp" else []
    parts = [
        f'[[indicator]]\nid = "{name}"\nnumerator = ["{name}"]\nhigher_is = "{way}"\n'
        f'weight = {weight}\ntheme = "{theme}"'
        for name, way, weight, theme in (
            ("a", "needier", 1, "x"), ("b", "less_needy", 3, "x"), ("c", "needier", 1, "y"),
        )
    ]  # fmt: skip
    write(here / "need.toml", *head, *parts)
    done = geoplan("need", "--table", "t.csv", "--spec", "need.toml", "--out", "i.csv", cwd=here)
    assert done.returncode == 0, done.stderr
    written = pd.read_csv(here / "i.csv")
    expected = WEIGHTS[weighting] @ SCORES[scale]
    if scale == "percentile" and weighting == "entropy":
        # On ranks the entropy is that of the figures, brought to 0 to 1.
        expected = entropy_weights() @ RANKS
    np.testing.assert_allclose(written["index"], expected, atol=1e-11)
    order = np.argsort(np.argsort(expected)) / 3
    np.testing.assert_allclose(written["percentile"], order, atol=1e-11)


# ---- the help ----


def examples_of(command: str, here: Path) -> list[str]:
    shown = geoplan(command, "--help", cwd=here).stdout
    return [line.strip() for line in shown.splitlines() if line.startswith("  geoplan ")]


def prepared(here: Path) -> None:
    """Small files of the names that the examples use."""
    county = ("East", "East", "West")
    d = pd.DataFrame({"demand_id": ["01", "02", "03"], "population": [4, 5, 6], "county": county})
    d.to_csv(here / "d.csv", index=False)
    s = pd.DataFrame({"site_id": ["x", "y"], "capacity": [2, 1], "county": ["East", "West"]})
    s.to_csv(here / "s.csv", index=False)
    m = pd.DataFrame({"demand_id": d["demand_id"], "site_id": "x", "minutes": [3.0, 31, 9]})
    m.to_csv(here / "m.csv", index=False)
    m.to_parquet(here / "m.parquet")
    d.to_csv(here / "areas.csv", index=False)
    s.to_csv(here / "centres.csv", index=False)
    m[["demand_id", "site_id"]].to_csv(here / "assigned.csv", index=False)
    write(here / "minutes.csv", "place_id,nearest", "01,3", "02,45")


def block_of(command: str, name: str, here: Path) -> list[str]:
    """The lines of a small file that the help shows under its name."""
    shown = geoplan(command, "--help", cwd=here).stdout.splitlines()
    start = next(at for at, line in enumerate(shown) if line.strip().startswith(name))
    block = shown[start + 1 :]
    return [line.strip() for line in block[: block.index("")]]


@pytest.mark.parametrize(("command", "number"), [("access", 4), ("equity", 2), ("need", 2)])
def test_examples_of_the_help_work_when_pasted(command: str, number: int, tmp_path: Path) -> None:
    prepared(tmp_path)
    if command == "equity":
        write(tmp_path / "places.csv", *block_of(command, "places.csv", tmp_path))
    if command == "need":
        places = block_of(command, "places.csv", tmp_path)
        spec = block_of(command, "need.toml", tmp_path)
        write(tmp_path / "places.csv", *places)
        write(tmp_path / "need.toml", *spec)
        write(tmp_path / "t.csv", *places)
        profile = ["[[profile]]", 'id = "means"', 'indicators = ["poverty"]']
        write(tmp_path / "my-study.toml", *spec, *profile)
    examples = examples_of(command, tmp_path)
    assert len(examples) == number
    for example in examples:
        words = shlex.split(example)[1:]
        done = geoplan(*words, cwd=tmp_path)
        assert done.returncode == 0, (example, done.stderr)
        assert (tmp_path / words[words.index("--out") + 1]).exists()
