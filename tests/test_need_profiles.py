"""Need profiles of a study: which figures count for which layer, figures of the county, faults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geoplan.catalog import read_inputs
from geoplan.door.need_values import figure_of
from geoplan.errors import BadInput
from geoplan.model import Inputs, Plan
from geoplan.need_step import profile_need, township_need
from geoplan.paths import bundled
from geoplan.pipeline import run
from geoplan.results.need import need_influence, need_rows
from geoplan.results.outcome import Ground
from geoplan.study import read_study
from geoplan.tables import NEED, NEED_INFLUENCE, checked
from tests.inputs import toy_copy

OLD = """
[[need.indicator]]
id = "county_old"
name_zh = "高齡人口（縣）"
name_en = "old people (county)"
numerator = ["population_65_plus"]
denominator = "population_15_plus"
higher_is = "needier"
level = "county"
"""
PROFILE = """
[[need.profile]]
id = "hunger"
name_zh = "飢餓"
name_en = "hunger"
layers = ["toy_pantries"]
indicators = ["county_old", "low_income_share"]
weights = { county_old = 3 }
"""


def toy(folder: Path, added: str = "") -> Path:
    """The toy study with tables added to its need section."""
    path = toy_copy(folder)
    text = path.read_text("utf-8")
    path.write_text(text.replace("[[need.missing]]", added + "\n[[need.missing]]", 1), "utf-8")
    return path


def with_need(folder: Path, added: str, keys: str = "", themes: str = "") -> Path:
    """The toy study with more in its need section: tables, keys, and a theme an indicator."""
    path = toy(folder, added)
    text = path.read_text("utf-8").replace("[need]\n", f"[need]\n{keys}\n", 1)
    for theme in themes.split():
        text = text.replace("weight = 1\n", f'weight = 1.0\ntheme = "{theme}"\n', 1)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def profiled(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return run(read_study(toy(tmp_path_factory.mktemp("profiled"), OLD + PROFILE)))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("inputs")
    themes = "means means age"
    added = (OLD + PROFILE).replace('level = "county"', 'level = "county"\ntheme = "age"')
    return read_inputs(read_study(with_need(folder, added, 'normalise = "z"', themes)))


def ground(inputs: Inputs, universe: np.ndarray | None = None) -> Ground:
    places = np.zeros(len(inputs.townships), np.int64) if universe is None else universe
    none = np.zeros(0, np.int64)
    return Ground(inputs, None, places, township_need(inputs, places), none, False)


def rows_of(plan: Plan, layer: str) -> pd.DataFrame:
    return plan.rows[plan.rows["layer"] == layer].reset_index(drop=True)


def test_layers_without_a_profile_take_every_indicator(tmp_path: Path) -> None:
    need = read_study("toy").need
    assert need.profile_of("toy_centres").indicators == tuple(each.id for each in need.indicators)
    own = read_study(toy(tmp_path, OLD + PROFILE)).need
    assert own.profile_of("toy_centres").id == "all_indicators"
    assert own.profile_of("toy_pantries").id == "hunger"
    weights = [each.weight for each in own.indicators_of(own.profile_of("toy_pantries"))]
    assert weights == [3, 1]


def test_profile_of_one_layer_changes_that_layer_alone(
    tmp_path: Path, profiled: Plan, toy_plan: Plan
) -> None:
    text = OLD.replace("county_old", "unused")
    for_pantries = PROFILE.replace("toy_pantries", "toy_centres").replace("hunger", "centres")
    same = for_pantries.replace(
        'indicators = ["county_old", "low_income_share"]\nweights = { county_old = 3 }',
        'indicators = ["low_income_share", "income_median", "share_65_plus"]',
    )
    plan = run(read_study(toy(tmp_path, text + same)))
    columns = ["need_percentile", "need_leading", "status"]
    before = rows_of(toy_plan, "toy_centres")[columns]
    pd.testing.assert_frame_equal(rows_of(plan, "toy_centres")[columns], before)
    pantries = rows_of(profiled, "toy_pantries")
    assert (
        pantries["need_percentile"] != rows_of(toy_plan, "toy_pantries")["need_percentile"]
    ).any()
    assert set(";".join(pantries["need_leading"]).split(";")) == {"county_old", "low_income_share"}


def test_need_percentiles_of_the_profile_by_hand(profiled: Plan) -> None:
    """3 parts the county's rate of old people, 1 part the township's share of poor people."""
    people = pd.read_csv(bundled("data") / "toy/population/townships.csv", dtype={0: str, 2: str})
    counties = pd.read_csv(bundled("data") / "toy/population/counties.csv", dtype={0: str})
    poor = pd.read_csv(bundled("data") / "toy/need/townships.csv", dtype={0: str})
    old = (counties["population_65_plus"] / counties["population_15_plus"]).tolist()
    rates = dict(zip(counties["county_code"], old, strict=True))
    told = rows_of(profiled, "toy_pantries").set_index("township_code")
    main = told.index[told["universe"] == "main_island"]
    frame = people.merge(poor[["township_code", "low_income_persons"]], on="township_code")
    frame = frame.set_index("township_code").loc[main]
    figures = {
        "old": frame["county_code"].map(rates),
        "poor": frame["low_income_persons"] / frame["population"],
    }

    def ranked(value: pd.Series) -> pd.Series:
        return value.map(lambda one: (value < one).sum()) / (len(value) - 1)

    index = (3 * ranked(figures["old"]) + ranked(figures["poor"])) / 4
    expected = ranked(index.round(12)) * 100
    assert told.loc[main, "need_percentile"].tolist() == pytest.approx(expected.tolist())


def test_rows_led_by_a_county_figure_are_flagged(profiled: Plan, toy_plan: Plan) -> None:
    pantries = rows_of(profiled, "toy_pantries")
    led = pantries["need_leading"].str.contains("county_old")
    assert led.any()
    assert pantries["flags"].str.contains("county_indicator").tolist() == led.tolist()
    others = pd.concat([rows_of(profiled, "toy_centres")["flags"], toy_plan.rows["flags"]])
    led_centres = rows_of(profiled, "toy_centres")["need_leading"].str.contains("county_old")
    assert others.str.contains("county_indicator").sum() == led_centres.sum()


def test_need_table_has_every_figure_once(inputs: Inputs) -> None:
    table = checked(need_rows(ground(inputs)), NEED)
    townships = len(inputs.townships)
    assert table.groupby("profile")["township_code"].count().to_dict() == {
        "all_indicators": 4 * townships,
        "hunger": 2 * townships,
    }
    old = table[(table["profile"] == "hunger") & (table["indicator"] == "county_old")]
    county = old["county_name"]
    assert old["value"].groupby(county).nunique().eq(1).all()
    assert old["value"].nunique() == county.nunique() == 2
    assert set(old["level"]) == {"county"} and set(old["weight"]) == {0.75}
    assert old["score"].mean() == pytest.approx(0, abs=1e-12)  # z scores
    assert old["rank"].between(0, 1).all()


def test_influence_table_says_how_each_profile_works(inputs: Inputs) -> None:
    table = checked(need_influence(ground(inputs)), NEED_INFLUENCE)
    assert table.groupby("profile")["weight"].sum().tolist() == pytest.approx([1, 1])
    assert table.groupby("profile")["influence"].sum().tolist() == pytest.approx([1, 1])
    layers = table.groupby("profile")["layers"].first().to_dict()
    assert layers == {"all_indicators": "toy_centres", "hunger": "toy_pantries"}
    assert set(table["normalise"]) == {"z"}


def test_shrunk_rates_are_those_of_the_universe(tmp_path: Path) -> None:
    from geoplan.need import empirical_bayes

    text = toy(tmp_path).read_text("utf-8")
    text = text.replace("weight = 1\n", "weight = 1\nshrink = true\n", 1)
    (tmp_path / "toy.toml").write_text(text, "utf-8")
    read = read_inputs(read_study(tmp_path / "toy.toml"))
    frame = read.townships
    universe = (frame["township_code"] > "0200").to_numpy(np.int64)
    found = township_need(read, universe)["toy_centres"]
    events, people = (frame[name].to_numpy(float) for name in ("low_income_persons", "population"))
    assert found.value[0].tolist() == empirical_bayes(events, people, universe).tolist()
    assert found.value[0].tolist() != (events / people).tolist()
    table = need_rows(ground(read, universe))
    assert set(table.loc[table["shrunk"], "indicator"]) == {"low_income_share"}


def test_default_study_has_a_reasoned_profile_for_every_layer() -> None:
    study = read_study("tw-2030")
    profiles = {layer.id: study.need.profile_of(layer.id) for layer in study.layers}
    assert [each.id for each in profiles.values()] == [
        "families",
        "mental_health",
        "chronic_mental",
        "means",
    ]
    used = {name for each in profiles.values() for name in each.indicators}
    assert used == {each.id for each in study.need.indicators}
    county = {each.id for each in study.need.indicators if each.level == "county"}
    assert county == {"chronic_mental_rate"}
    text = (bundled("studies") / "tw-2030.toml").read_text("utf-8")
    assert text.count("[[need.profile]]\n# Why: ") == len(study.need.profiles) == 4


def test_page_on_need_tells_the_weights_and_influences_of_the_default_study() -> None:
    need, data = read_study("tw-2030").need, bundled("data")

    def table(level: str) -> pd.DataFrame:
        frames = [
            pd.read_csv(data / folder / f"{level}.csv", dtype={"county_code": str})
            for folder in ("population", "need")
        ]
        key = "township_code" if level == "townships" else "county_code"
        new = frames[1].columns.difference(frames[0].columns).tolist()
        return frames[0].merge(frames[1][[key, *new]], on=key)

    townships = table("townships")
    counties = table("counties").set_index("county_code").loc[townships["county_code"]]
    figures = {
        each.id: figure_of(each, townships if each.level == "township" else counties)
        for each in need.indicators
    }
    islets = townships["township_name"].isin(["蘭嶼鄉", "綠島鄉", "琉球鄉"])
    universe = (townships["county_code"].isin(["10016", "09020", "09007"]) | islets).to_numpy(int)
    found = []
    for profile in need.profiles:
        index = profile_need(need, profile, figures, universe, "")
        shares = zip(index.weights.share, index.influence.share, strict=True)
        found += [(f"{weight:.2f}", f"{share:.2f}") for weight, share in shares]
    page = (bundled("studies").parent / "docs" / "need.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("|")][2:]
    assert [(row[3].strip(), row[4].strip()) for row in rows] == found


SECOND = PROFILE.replace('"hunger"', '"second"', 1)
MATRIX = 'pairwise = [[1, 3, 5], ["1/3", 1, 3], [0.2, "1/3", 1]]'
AHP = 'weighting = "ahp"\n'
BAD = {
    "layer in two profiles": (OLD + PROFILE + SECOND, "", ["need_layer_twice"]),
    "layer that is not there": (
        OLD + PROFILE.replace("toy_pantries", "toy_pantry"),
        "",
        ["key_choice_near"],
    ),
    "no layer": (OLD + PROFILE.replace('"toy_pantries"', ""), "", ["key_empty"]),
    "profile twice": (OLD + PROFILE + PROFILE, "", ["need_layer_twice", "id_twice"]),
    "reserved name": (OLD + PROFILE.replace("hunger", "all_indicators"), "", ["id_twice"]),
    "unknown indicator and weight": (
        PROFILE.replace("county_old = 3", "poor = 3"),
        "",
        ["key_choice", "key_choice"],
    ),
    "indicator twice in a profile": (
        OLD + PROFILE.replace('["county_old"', '["county_old", "county_old"'),
        "",
        ["id_twice"],
    ),
    "negative weight of a profile": (OLD + PROFILE.replace("= 3", "= -3"), "", ["key_range"]),
    "shrink without people": (OLD.replace("denominator", "#") + "shrink = true\n", "", None),
    "misspelt scale": ("", 'normalise = "percentil"', ["key_choice_near"]),
    "misspelt key": ("", 'wieghting = "pca"', ["key_unknown_near"]),
    "weights that do not add up": ("", "weights_sum_to = 1", ["need_weights_sum"]),
    "theme missing": ("", 'weighting = "equal_per_theme"', ["need_theme_missing"] * 3),
    "no comparisons": ("", AHP, ["need_pairwise_missing"]),
    "comparisons of two": ("", AHP + "pairwise = [[1, 2], [0.5, 1]]", ["need_pairwise_shape"]),
    "comparison that is no number": (
        "",
        AHP + MATRIX.replace("1/3", "a third", 1),
        ["key_kind"],
    ),
    "comparisons that are no reciprocals": (
        "",
        AHP + MATRIX.replace("0.2", "0.5"),
        ["need_pairwise_reciprocal"],
    ),
    "comparisons that contradict each other": (
        "",
        AHP + 'pairwise = [[1, 5, "1/5"], ["1/5", 1, 5], [5, "1/5", 1]]',
        ["need_pairwise_inconsistent"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_need_section_is_told(name: str, tmp_path: Path) -> None:
    added, keys, codes = BAD[name]
    with pytest.raises(BadInput) as caught:
        read_study(with_need(tmp_path, added, keys))
    found = [fault.code for fault in caught.value.faults]
    assert found == (codes or ["need_shrink_alone", "need_shrink_county"])
    for fault in caught.value.faults:
        assert fault.column.startswith("need")
        assert "{" not in fault.tell("zh") + fault.tell("en")


def test_comparisons_give_the_weights_of_the_study(tmp_path: Path) -> None:
    read = read_inputs(read_study(with_need(tmp_path, "", AHP + MATRIX)))
    index = township_need(read, np.zeros(len(read.townships), np.int64))["toy_centres"]
    assert index.weights.share == pytest.approx([0.637, 0.258, 0.105], abs=5e-4)
    influence = need_influence(ground(read))
    assert influence["consistency_ratio"].tolist() == pytest.approx([0.033] * 3, abs=5e-4)


def test_indicator_that_is_the_same_everywhere_is_told_at_the_door(tmp_path: Path) -> None:
    study = toy(tmp_path)
    table = tmp_path / "toy" / "need" / "townships.csv"
    frame = pd.read_csv(table, dtype=str, keep_default_na=False).assign(income_median="400")
    frame.to_csv(table, index=False)
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study(study))
    assert [(f.code, f.column) for f in caught.value.faults] == [("need_constant", "income_median")]


def test_figures_that_give_no_weights_are_bad_input(tmp_path: Path) -> None:
    study = toy(tmp_path)
    text = study.read_text("utf-8").replace("[need]\n", '[need]\nweighting = "pca"\n', 1)
    study.write_text(text, "utf-8")
    table = tmp_path / "toy" / "need" / "townships.csv"
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    frame.loc[1:, "income_median"] = ""
    frame.to_csv(table, index=False)
    read = read_inputs(read_study(study))
    with pytest.raises(BadInput) as caught:
        township_need(read, np.zeros(len(read.townships), np.int64))
    assert [fault.code for fault in caught.value.faults] == ["need_no_weights_too_few"]
    assert caught.value.exit_code == 3


def test_county_column_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_inputs(
            read_study(toy(tmp_path, OLD.replace("population_65_plus", "population_66_plus")))
        )
    assert [(f.code, f.column) for f in caught.value.faults] == [
        ("figure_absent_near", "population_66_plus")
    ]
