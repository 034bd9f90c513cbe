"""The tools on the map in a real browser: the whole screen, and the ruler."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pyproj import Geod

from geoplan.maps import write_page
from geoplan.model import Plan
from geoplan.texts import LANGS, Lang, say
from tests.browsing import NARROW, WIDE, Opened, Screen, tab_to

POINTS = ((60, 420), (160, 340), (240, 460), (90, 300))
DOTS = ".leaflet-ruler-pane path[d*=a]"
EARTH = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    pages = tmp_path_factory.mktemp("tools")
    (pages / "toy.html").write_text(write_page(toy_plan), "utf-8")
    return pages


def set_points(opened: Opened, points: tuple[tuple[int, int], ...] = POINTS) -> list[Any]:
    """Click points of the map, in pixels from its corner; their places as (lon, lat)."""
    opened.page.evaluate(
        "window.clicked = []; if (window.note) map_geoplan.off('click', window.note);"
        " window.note = (event) => clicked.push([event.latlng.lng, event.latlng.lat]);"
        " void map_geoplan.on('click', window.note)"
    )
    for x, y in points:
        opened.page.locator("#map_geoplan").click(position={"x": x, "y": y})
    return list(opened.page.evaluate("clicked"))


def middle_of(opened: Opened) -> Any:
    return opened.page.evaluate("[map_geoplan.getCenter().lng, map_geoplan.getCenter().lat]")


def lengths_km(places: list[Any]) -> list[float]:
    return [EARTH.inv(*one, *other)[2] / 1000 for one, other in pairwise(places)]


def shown_km(opened: Opened, selector: str) -> list[float]:
    found = opened.page.locator(f"{selector} data").all()
    return [float(each.get_attribute("value")) for each in found]


class TestTheRuler:
    def test_lengths_are_those_on_the_ellipsoid(self, screen: Screen) -> None:
        opened = screen.show("toy")
        for zoom in (5, 9, 13):
            opened.page.evaluate(f"map_geoplan.setZoom({zoom}, {{animate: false}})")
            opened.page.click("#ruler")
            wanted = lengths_km(set_points(opened))
            legs = shown_km(opened, "#ruler-legs")
            assert legs == [pytest.approx(each, abs=0.0051, rel=1e-4) for each in wanted]
            assert shown_km(opened, "#ruler-total") == [pytest.approx(sum(legs), abs=1e-6)]
            opened.page.click("#ruler")
        assert opened.complaints == []

    @pytest.mark.parametrize("lang", LANGS)
    def test_says_that_it_is_no_travel(self, screen: Screen, lang: Lang) -> None:
        opened = screen.show("toy", f"#lang={lang}")
        opened.page.click("#ruler")
        told = say("page.ruler_straight", lang)
        assert told in opened.page.inner_text("#ruler-card")
        assert opened.page.inner_text("#ruler") == say("page.ruler_end", lang)
        set_points(opened, POINTS[:2])
        total = opened.page.inner_text("#ruler-total")
        assert total
        assert total in opened.page.inner_text("#ruler-told")

    def test_a_click_sets_a_point_and_chooses_nothing(self, screen: Screen) -> None:
        opened = screen.show("toy")
        on_land = opened.page.evaluate(
            "(() => { const map = document.getElementById('map_geoplan').getBoundingClientRect();"
            " for (let x = 20; x < map.width / 2; x += 9) for (let y = 60; y < 400; y += 9)"
            " if (document.elementFromPoint(map.x + x, map.y + y)"
            "?.matches('path.leaflet-interactive')) return [x, y]; })()"
        )
        opened.page.locator("#map_geoplan").click(position=dict(zip("xy", on_land, strict=True)))
        opened.page.click("#back")
        opened.page.click("#ruler")
        set_points(opened, (on_land, POINTS[0]))
        assert opened.page.locator(DOTS).count() == 2
        assert len(shown_km(opened, "#ruler-total")) == 1
        assert opened.page.locator("#profile").is_hidden()
        assert opened.page.locator(".leaflet-popup").count() == 0
        opened.page.click("#ruler")
        assert opened.page.locator(DOTS).count() == 0

    def test_undo_and_clear(self, screen: Screen) -> None:
        opened = screen.show("toy")
        opened.page.click("#ruler")
        places = set_points(opened)
        opened.page.click("#ruler-undo")
        wanted = sum(lengths_km(places[:-1]))
        assert shown_km(opened, "#ruler-total") == [pytest.approx(wanted, abs=0.02, rel=1e-4)]
        opened.page.click("#ruler-clear")
        assert opened.page.inner_text("#ruler-total") == say("page.ruler_none", "zh")
        assert opened.page.get_attribute("#ruler-undo", "aria-disabled") == "true"

    def test_by_keyboard_alone(self, screen: Screen) -> None:
        opened = screen.show("toy")
        keys = opened.page.keyboard
        tab_to(opened, "e.id === 'ruler'")
        keys.press("Enter")
        assert opened.page.evaluate("document.activeElement.id") == "map_geoplan"
        assert opened.page.locator("#ruler-cross").is_visible()
        places = [middle_of(opened)]
        keys.press("Enter")
        for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
            keys.press(key)
        places.append(middle_of(opened))
        keys.press("Enter")
        wanted = lengths_km(places)
        assert wanted[0] > 0
        assert shown_km(opened, "#ruler-total") == [pytest.approx(wanted[0], abs=0.0051, rel=1e-4)]
        keys.press("Backspace")
        assert opened.page.inner_text("#ruler-total") == say("page.ruler_first", "zh")
        keys.press("Escape")
        assert opened.page.locator("#ruler-card").is_hidden()
        assert opened.page.evaluate("document.activeElement.id") == "ruler"
        assert say("page.ruler_ended", "zh") in opened.page.inner_text("#ruler-told")


VIEW = "[map_geoplan.getZoom(), map_geoplan.getCenter().lat, map_geoplan.getCenter().lng]"


class TestTheFirstView:
    def test_is_that_of_the_button_which_shows_all_of_the_main_island(self, screen: Screen) -> None:
        # So wide that the height decides, of which the parts below the map take some.
        opened = screen.show("toy", size=(2600, 700))
        first = opened.page.evaluate(VIEW)
        opened.page.click("#views button:nth-of-type(3)")
        assert opened.page.evaluate(VIEW) == pytest.approx(first, abs=1e-9)

    def test_is_on_paper_the_same_picture_as_large_as_it_fits(self, screen: Screen) -> None:
        page = screen.show("toy").page
        board = "map_geoplan.getSize()"
        before = page.evaluate(board)
        view = page.evaluate(VIEW)
        page.emulate_media(media="print")
        page.wait_for_timeout(100)
        assert page.evaluate(board) == before
        assert page.evaluate(VIEW) == view
        scale = min(680 / before["x"], 640 / before["y"])
        box = page.locator("#map_geoplan").bounding_box()
        assert box["width"] == pytest.approx(before["x"] * scale, rel=0.01)
        assert box["height"] == pytest.approx(before["y"] * scale, rel=0.01)
        page.emulate_media(media="screen")


class TestTheWholeScreen:
    def test_map_and_legend_fill_it_and_leave_it_again(self, screen: Screen) -> None:
        opened = screen.show("toy")
        page = opened.page
        before = page.evaluate(VIEW)
        letters = "parseFloat(getComputedStyle(document.querySelector('#classes td')).fontSize)"
        small = page.evaluate(letters)
        page.click("#map-full")
        page.wait_for_selector(".whole-screen")
        assert page.inner_text("#map-full") == say("page.full_leave", "zh")
        assert page.evaluate("document.activeElement.id") == "map-full"
        assert page.evaluate(letters) > 1.2 * small
        map_, key = (page.locator(each).bounding_box() for each in (".map-card", "#key"))
        assert map_["width"] + key["width"] > 0.95 * WIDE[0]
        assert map_["height"] > 0.95 * WIDE[1]
        assert page.locator("#panel").is_hidden()
        assert page.locator("#threshold-minutes").is_visible()
        assert page.evaluate("map_geoplan.getSize().y") > 0.78 * WIDE[1]
        middle = page.locator("#map_geoplan").bounding_box()
        page.mouse.click(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
        page.wait_for_selector("#profile:not([hidden]) .sentence")
        panel = page.locator("#panel").bounding_box()
        assert panel["x"] + panel["width"] < page.locator("#map_geoplan").bounding_box()["x"]
        assert page.locator("#profile-heading").is_visible()
        assert page.locator("#search").is_hidden()
        page.click("#back")
        assert page.locator("#panel").is_hidden()
        page.click("#map-full")
        page.wait_for_selector("html:not(.whole-screen)")
        assert page.inner_text("#map-full") == say("page.full_enter", "zh")
        assert page.evaluate(VIEW) == pytest.approx(before, abs=0.02)
        assert opened.complaints == []

    @pytest.mark.parametrize("lang", LANGS)
    def test_says_so_where_it_is_refused(self, screen: Screen, lang: Lang) -> None:
        opened = screen.show("toy", f"#lang={lang}")
        for refused in ("() => Promise.reject(new TypeError('no'))", "undefined"):
            opened.page.evaluate(
                f"void (document.querySelector('.workspace').requestFullscreen = {refused})"
            )
            opened.page.click("#map-full")
            opened.page.wait_for_selector("#map-told:not(:empty)")
            assert opened.page.inner_text("#map-told") == say("page.full_refused", lang)
        assert opened.complaints == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_open_tools_are_accessible_and_large_enough(
    screen: Screen, axe: str, size: tuple[int, int]
) -> None:
    opened = screen.show("toy", "#lang=en", size)
    opened.page.click("#ruler")
    set_points(opened, ((40, 300), (60, 380)))
    for button in opened.page.locator(".map-tools button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert opened.judged(axe).violations == []
