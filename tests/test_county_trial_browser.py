"""The trial on a county's page, in a real browser: every figure down to its villages is that of
geoplan's own steps; its file opens on the national page and in `geoplan run --fixed`.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.access.aggregate import by_coverage, mean_by
from geoplan.access.equity import gini, mean_per_person
from geoplan.door.trial import read_trial
from geoplan.export import write_plan
from geoplan.maps import write_page
from geoplan.maps.encoding import opened as spread
from geoplan.maps.page import page_data, page_of
from geoplan.model import Coverage, Plan
from geoplan.tables import STATUSES
from geoplan.texts import LANGS, Lang, say
from geoplan.trial import LayerChange, Trial, trial_text
from tests.browsing import NARROW, WIDE, Screen, class_counts
from tests.commands import geoplan
from tests.test_county_pages import drawn
from tests.test_maps import HOSTILE, hostile
from tests.test_trial_browser import begin, figures, land, quiet, told_after
from tests.trial_land import MS_PER_MINUTE, READ, Land, numbers, some_trials

__all__ = ["land"]  # fixtures

PLANS = 15
LAYER = "toy_pantries"
BOTH = LayerChange(("TP02",), ("area-0102", "area-0202"), 22.5)
"""A site of the first county is closed, an area of each is opened."""
WRITTEN = 1e-5
"""Cells of a run have five decimals; a layer that a trial changes is counted in full."""
OWN = "#layer=" + LAYER


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_result: Path, toy_plan: Plan) -> Path:
    """Pages of the toy country; `bad` in it has hostile names."""
    base = tmp_path_factory.mktemp("county-trials")
    bad = hostile(toy_plan)
    bad = dataclasses.replace(bad, village_rows=bad.village_rows.assign(village_name=HOSTILE))
    write_plan(bad, write_page(bad), base / "result")
    drawn(toy_result, base / "pages")
    drawn(base / "result", base / "pages" / "bad")
    return base / "pages"


def text_of(plan: Plan, trial: Trial) -> str:
    return trial_text(dataclasses.replace(trial, run=plan.run_id), "toy", plan.version)


@pytest.mark.parametrize("county", ["01", "02"])
def test_figures_and_villages_are_python_s(
    screen: Screen, land: Land, toy_plan: Plan, county: str
) -> None:
    codes = land.inputs.townships["township_code"].tolist()
    inside = [at for at, code in enumerate(codes) if code.startswith(county)]
    mine = np.isin(land.demand.township, inside)
    area = land.demand.township
    asked = [
        (layer, trial, codes[inside[turn % len(inside)]])
        for turn, (layer, trial) in enumerate(some_trials(land.inputs, PLANS))
    ]
    opened = begin(screen.show(f"county-{county}"))
    opened.lay_out(False)
    answers = opened.page.evaluate(
        READ,
        [
            {"text": text_of(toy_plan, trial), "layer": layer, "place": place}
            for layer, trial, place in asked
        ],
    )
    assert quiet(opened)
    base = {name: land.holds(Trial(), name)[0] for name in ("toy_centres", LAYER)}
    moved = 0
    for (layer, trial, place), found in zip(asked, answers, strict=True):
        assert found["told"] == say("page.trial_opened", "zh")
        reached, listing, ground = land.holds(trial, layer)
        people = np.where(mine, reached.people, 0)
        split = by_coverage(area, len(codes), reached.coverage, people)
        now = {name: each[-1] for name, each in found["figures"].items()}
        assert now["trial_closed"] == len(trial.layers[layer].close)
        assert now["trial_opened_n"] == len(trial.layers[layer].open)
        assert now["trial_within"] == split[Coverage.COVERED].sum()
        far = split[Coverage.UNCOVERED] + split[Coverage.UNREACHABLE]
        assert now["trial_beyond"] == far.sum()
        assert now["trial_undetermined"] == split[Coverage.UNDETERMINED].sum()
        assert now["trial_listed"] == listing.listed[inside].sum()
        changed = trial.weights or trial.layers[layer] != LayerChange()
        within = {"rel": 1e-9, "abs": 1e-9 if changed else WRITTEN}
        at = codes.index(place)
        assert found["status"] == STATUSES[listing.status[at]]
        own = np.where(reached.own_known, reached.people, 0)
        mean = mean_by(area, len(codes), reached.access.own_ms, own)[at] / MS_PER_MINUTE
        need = ground.need_of(layer).percentile[at] * 100
        three = [float(each) for each in (mean, need) if not np.isnan(each)]
        shown = numbers(found["three"])
        assert shown[: len(three)] == pytest.approx(three, **within)

        even = []
        for side in (base[layer], reached):
            told = side.own_known & mine & (side.people > 0)
            value, some = side.access.own_ms[told] / MS_PER_MINUTE, side.people[told]
            even.append([mean_per_person(value, some), gini(value, some), some.sum()])
        wanted = [each[row] for row in range(3) for each in even if not np.isnan(each[row])]
        assert numbers(found["even"])[: len(wanted)] == pytest.approx(wanted, rel=1e-9, abs=1e-9)

        here = {
            str(village): (reached.access.own_ms[n] / MS_PER_MINUTE, reached.own_known[n])
            for n, village in enumerate(land.demand.demand_id)
            if area[n] == at
        }
        assert {row[0] for row in found["villages"]} == set(here)
        for village, *shown in found["villages"]:
            minutes, known = here[village]
            assert numbers(shown) == pytest.approx([minutes] if known else [], **within)
        moved += found["figures"]["trial_within"][0] != now["trial_within"]
    assert moved > PLANS / 3


def classes(opened: Any) -> dict[str, int]:
    """Villages of each class in the legend, firm and provisional."""
    return {name: sum(numbers) for name, numbers in class_counts(opened.page)}


def test_the_map_counts_villages_as_the_trial_leaves_them(
    screen: Screen, land: Land, toy_plan: Plan
) -> None:
    opened = begin(screen.show("county-01", OWN))
    told_after(opened, text_of(toy_plan, Trial({LAYER: BOTH})))
    was, now = (land.holds(trial, LAYER)[0] for trial in (Trial(), Trial({LAYER: BOTH})))
    mine = np.array([each.startswith("01") for each in land.demand.demand_id])
    opened.choose(LAYER, "village_coverage")
    shown = classes(opened)
    for name, state in (("covered", Coverage.COVERED), ("uncovered", Coverage.UNCOVERED)):
        assert shown[name] == (now.coverage[mine] == state).sum()
    opened.choose(LAYER, "village_difference")
    near = [(each.coverage == Coverage.COVERED)[mine] for each in (was, now)]
    told = (was.own_known & now.own_known)[mine] & (near[0] == near[1])
    added = (now.access.own_ms - was.access.own_ms)[mine]
    shown = classes(opened)
    assert shown["lost"] == (near[0] & ~near[1]).sum() > 0
    assert shown["entered"] == (~near[0] & near[1]).sum() > 0
    assert shown["longer"] == (told & (added > 0)).sum()
    assert shown["shorter"] == (told & (added < 0)).sum()
    assert sum(shown.values()) == mine.sum()
    options = opened.page.locator("#measure option").evaluate_all("(a) => a.map((e) => e.value)")
    assert "village_coverage_after" not in options  # the run's proposals say nothing of a trial
    opened.page.click("#trial-end")
    assert opened.page.input_value("#measure") == "village_coverage"
    assert quiet(opened)


def test_sites_elsewhere_have_their_names(screen: Screen, land: Land, toy_plan: Plan) -> None:
    opened = begin(screen.show("county-02", OWN))
    told_after(opened, text_of(toy_plan, Trial({LAYER: BOTH})))
    names = land.inputs.sites.set_index("site_id")["name"]
    changes = opened.page.inner_text("#trial-changes")
    there = say("page.trial_elsewhere", "zh", name=names["TP02"])
    assert there in changes
    area = land.inputs.townships.set_index("township_code").loc["0102"]
    place = f"{area['county_name']}{area['township_name']}"
    assert say("page.trial_elsewhere", "zh", name=place) in changes
    link = opened.page.get_attribute("#trial-lead a", "href")
    assert link == f"map.html#lang=zh&layer={LAYER}&county=02"
    opened.page.click("#trial-lead a")
    opened.page.wait_for_selector('html[data-ready="yes"]', state="attached")
    assert opened.page.input_value("#county") == "02"


def test_the_file_is_that_of_the_nation_s_page_and_of_a_run(
    screen: Screen, land: Land, toy_plan: Plan, tmp_path: Path
) -> None:
    opened = begin(screen.show("county-01", OWN))
    text = text_of(toy_plan, Trial({LAYER: BOTH}, {"all_indicators": {"income_median": 0.5}}))
    assert told_after(opened, text) == say("page.trial_opened", "zh")
    with opened.page.expect_download() as download:
        opened.page.click("#trial-save")
    path = tmp_path / "a.trial.json"
    shutil.copy(download.value.path(), path)
    assert path.read_text("utf-8") == text
    assert read_trial(path, land.inputs).layers == {LAYER: BOTH}
    nation = begin(screen.show("map", OWN + "&county=01"))
    assert told_after(nation, text) == say("page.trial_opened", "zh")
    assert figures(nation) == figures(opened)

    done = geoplan(
        "run", "toy", "--quick", "--fixed", path, "--out", tmp_path / "run", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    rows = pd.read_csv(tmp_path / "run" / "townships.csv", dtype=str, encoding="utf-8-sig")
    mine = rows[(rows["layer"] == LAYER) & (rows["county_code"] == "01")]
    within = figures(opened)[3]
    assert within == str(mine["target_covered"].astype(int).sum())
    wrong = json.loads(text)
    wrong["layers"][LAYER]["close"] = ["TP02", "TP99"]
    before = figures(opened)
    assert "TP99" in told_after(opened, json.dumps(wrong))
    assert figures(opened) == before


def test_villages_that_do_not_come_out_again_leave_no_trial(screen: Screen, folder: Path) -> None:
    data, trial = page_data((folder / "county-01.html").read_text("utf-8"))
    figures_of = data["tables"]["villages"]["layers"][LAYER]
    at = next(n for n, each in enumerate(spread(figures_of["own_minutes"])) if each)
    figures_of["own_minutes"][at] += 1
    (folder / "other.html").write_text(page_of(data, trial), "utf-8")
    opened = screen.show("other")
    opened.page.click("#trial-begin")
    opened.page.wait_for_selector("#told:has-text('own_minutes')")
    assert opened.page.locator("#trial").is_hidden()
    assert quiet(opened)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", LANGS)
def test_accessible_with_a_trial_on(
    screen: Screen, axe: str, toy_plan: Plan, lang: Lang, size: tuple[int, int]
) -> None:
    opened = begin(screen.show("bad/county-01", f"#lang={lang}&layer={LAYER}", size))
    told_after(opened, text_of(toy_plan, Trial({LAYER: BOTH})))
    look = f"lang={lang}&layer={LAYER}&measure=village_difference&place=0101&village=010101"
    opened.look_at(look)
    page = opened.page
    page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
    assert opened.judged(axe).violations == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate("window.pwned") is None
    assert quiet(opened)
