"""The threshold below the map: moved, it begins a trial, in a real browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geoplan.catalog import read_inputs
from geoplan.maps import write_page
from geoplan.model import Coverage, Plan
from geoplan.study import read_study
from geoplan.tables import CERTAINTIES
from geoplan.texts import say
from geoplan.trial import LayerChange, Trial
from tests.browsing import Opened, Screen, tab_to
from tests.trial_land import land_of

SLIDER = "#threshold-minutes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    pages = tmp_path_factory.mktemp("threshold")
    (pages / "toy.html").write_text(write_page(toy_plan), "utf-8")
    return pages


def words(minutes: float, firm: int, provisional: int) -> str:
    people = {"firm": f"{firm:,}", "provisional": f"{provisional:,}"}
    return say("page.trial_minutes_now", "zh", minutes=f"{minutes:g}", **people)


def moved(opened: Opened, minutes: int) -> str:
    """The words beside the handle, once it was put there and the trial has followed."""
    opened.page.locator(SLIDER).fill(str(minutes))
    opened.page.locator(f"{SLIDER}-now", has_text=f"{minutes} 分鐘").wait_for()
    return str(opened.page.locator(f"{SLIDER}-now").inner_text())


def test_before_it_is_moved_it_tells_the_run_s_own_people(screen: Screen, toy_plan: Plan) -> None:
    opened = screen.show("toy")
    for layer in toy_plan.study.layers:
        opened.choose(layer.id)
        rows = toy_plan.rows[toy_plan.rows["layer"] == layer.id]
        beyond = rows["target_uncovered"] + rows["target_unreachable"]
        people = beyond.groupby(rows["certainty"]).sum().reindex(CERTAINTIES, fill_value=0)
        told = opened.page.locator(f"{SLIDER}-now").inner_text()
        assert opened.page.input_value(SLIDER) == f"{layer.minutes:g}"
        assert told == words(layer.minutes, *people)
    assert opened.page.locator("#trial").is_hidden()


def test_moving_it_begins_a_trial_of_these_minutes(screen: Screen, toy_plan: Plan) -> None:
    opened = screen.show("toy")
    told = {minutes: moved(opened, minutes) for minutes in (12, 60, 12)}
    layer = toy_plan.study.layers[0]
    land = land_of(read_inputs(read_study("toy")))
    beyond = {}
    for minutes in told:
        tried = Trial({layer.id: LayerChange((), (), minutes)}, {})
        reached, listing, _ = land.holds(tried, layer.id)
        far = np.isin(reached.coverage, (Coverage.UNCOVERED, Coverage.UNREACHABLE))
        firm = listing.firm[land.demand.township]
        beyond[minutes] = [int(reached.people[far & some].sum()) for some in (firm, ~firm)]
        assert told[minutes] == words(minutes, *beyond[minutes])
    assert sum(beyond[12]) > sum(beyond[60])
    assert opened.page.locator("#trial").is_visible()
    assert opened.page.input_value("#trial-minutes") == "12"
    assert opened.page.locator("#trial-minutes-now").inner_text() == told[12]
    opened.page.click("#trial-undo")
    opened.page.click("#trial-undo")
    opened.page.click("#trial-undo")
    own = f"{layer.minutes:g}"
    assert opened.page.input_value(SLIDER) == opened.page.input_value("#trial-minutes") == own
    assert opened.complaints == opened.requests == []


def test_moved_quickly_the_last_place_counts(screen: Screen) -> None:
    opened = screen.show("toy")
    opened.page.evaluate(
        f"for (const minutes of [10, 20, 33]) {{ const e = document.querySelector('{SLIDER}');"
        " e.value = minutes; e.dispatchEvent(new Event('input')); }"
    )
    opened.page.wait_for_selector("#trial:not([hidden])")
    assert opened.page.input_value("#trial-minutes") == "33"
    assert opened.page.input_value(SLIDER) == "33"


def test_by_keyboard(screen: Screen) -> None:
    opened = screen.show("toy")
    tab_to(opened, "e.id === 'threshold-minutes'")
    before = int(opened.page.input_value(SLIDER))
    opened.page.keyboard.press("ArrowRight")
    opened.page.wait_for_selector("#trial:not([hidden])")
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.evaluate("document.activeElement.id") == "threshold-minutes"
    assert int(opened.page.input_value(SLIDER)) == before + 2
