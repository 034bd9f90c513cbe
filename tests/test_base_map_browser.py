"""A base map: in no page by itself, fetched from one server only, and only once it is ticked."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from geoplan.errors import WrongUsage
from geoplan.export import write_plan
from geoplan.mapping import Pages, draw_pages
from geoplan.maps.base_map import EMAP
from geoplan.maps.page import page_data, page_of
from geoplan.model import Plan
from geoplan.texts import LANGS, Lang, catalogue, say
from tests.browsing import NARROW, Opened, Screen
from tests.commands import geoplan

TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# The villages of the county's page lie where they were, in the invented country.
TO_TAIWAN = "void map_geoplan.setView([23.5, 121], 9, {animate: false})"
SEEN_THROUGH = "getComputedStyle(document.querySelector('.leaflet-overlay-pane')).opacity"


@pytest.fixture(scope="module")
def in_taiwan(toy_plan: Plan, toy_result: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result whose page says that the toy country's townships lie in Taiwan."""
    data, trial = page_data((toy_result / "map.html").read_text("utf-8"))
    data["tables"]["topology"]["transform"]["translate"] = [120.5, 23.5]
    folder = tmp_path_factory.mktemp("base") / "moved"
    write_plan(toy_plan, page_of(data, trial), folder)
    return folder


@pytest.fixture(scope="module")
def folder(in_taiwan: Path) -> Path:
    pages = in_taiwan.parent / "pages"
    draw_pages(in_taiwan, pages, Pages(every=True, base_map="emap"), quietly)
    return pages


def quietly(what: str, done: int, of: int) -> None:
    """Nobody looks at the progress."""


def answered(opened: Opened) -> list[str]:
    """Every tile asked for from now on comes; the addresses asked for."""
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body=TILE, content_type="image/png")

    opened.page.route(re.compile("^https:"), answer)
    return asked


class TestWithoutAsking:
    def test_no_page_names_the_server(self, in_taiwan: Path, tmp_path: Path) -> None:
        draw_pages(in_taiwan, tmp_path / "all", Pages(every=True), quietly)
        for path in (tmp_path / "all").glob("*.html"):
            page = path.read_text("utf-8")
            assert EMAP.host not in page
            assert "base-map" not in page
        national = (tmp_path / "all" / "map.html").read_bytes()
        assert national == (in_taiwan / "map.html").read_bytes()
        assert "base_map" not in page_data(national.decode())[0]

    def test_elsewhere_it_is_refused(self, toy_result: Path, tmp_path: Path) -> None:
        for words in ((), ("--county", "01"), ("--all",)):
            done = geoplan("map", toy_result, "--base-map", "emap", *words, cwd=tmp_path)
            assert done.returncode == 2
            assert "emap" in done.stderr
        with pytest.raises(WrongUsage, match="elsewhere"):
            draw_pages(toy_result, tmp_path / "p", Pages(base_map="emap"), quietly)
        assert not (tmp_path / "p").exists()
        assert geoplan("map", toy_result, "--base-map", "osm", cwd=tmp_path).returncode == 2


class TestThePage:
    def test_may_ask_one_server_for_pictures_and_nothing_else(self, folder: Path) -> None:
        for name in ("map.html", "county-01.html", "county-02.html"):
            page = (folder / name).read_text("utf-8")
            policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
            assert policy is not None
            rules = dict(each.split(" ", 1) for each in policy.group(1).split("; "))
            assert rules["img-src"] == f"data: {EMAP.host}"
            assert rules["default-src"] == "'none'"
            assert policy.group(1).count("http") == 1
        assert EMAP.host not in (folder / "index.html").read_text("utf-8")

    def test_every_text_of_it_is_there(self, folder: Path) -> None:
        texts = page_data((folder / "map.html").read_text("utf-8"))[0]["texts"]
        keys = {key for key in catalogue() if key.startswith("base_map.")}
        assert keys
        assert keys <= set(texts)

    @pytest.mark.parametrize("name", ["map", "county-01"])
    def test_asks_for_nothing_until_the_box_is_ticked(self, screen: Screen, name: str) -> None:
        opened = screen.show(name)
        page = opened.page
        asked = answered(opened)
        assert not page.is_checked("#base-map")
        page.evaluate(TO_TAIWAN)
        page.wait_for_timeout(200)
        assert opened.requests == asked == []
        assert page.evaluate(SEEN_THROUGH) == "1"
        page.check("#base-map")
        page.wait_for_selector(".on-base-map")
        assert page.inner_text("#base-map-credit") == say("base_map.credit", "zh")
        assert page.inner_text("#base-map-told") == ""
        assert page.evaluate(SEEN_THROUGH) == "0.5"
        tile = re.escape(EMAP.host) + r"/wmts/EMAP/default/GoogleMapsCompatible/\d+/\d+/\d+"
        assert asked
        assert all(re.fullmatch(tile, address) for address in asked)
        page.uncheck("#base-map")
        assert page.evaluate(SEEN_THROUGH) == "1"
        assert page.inner_text("#base-map-credit") == ""
        before = len(asked)
        page.evaluate("void map_geoplan.setZoom(7, {animate: false})")
        page.wait_for_timeout(200)
        assert len(asked) == before
        assert opened.complaints == []

    def test_tiles_lie_where_the_map_is(self, screen: Screen) -> None:
        """The tile in the middle is the one that web Mercator has there."""
        opened = screen.show("map")
        asked = answered(opened)
        opened.page.evaluate("void map_geoplan.setView([23.5, 121], 8, {animate: false})")
        opened.page.check("#base-map")
        opened.page.wait_for_selector(".on-base-map")
        # x = (121 + 180) / 360 * 2^8; y = (1 - asinh(tan 23.5 deg) / pi) / 2 * 2^8
        assert any(address.endswith("/8/110/214") for address in asked)

    @pytest.mark.parametrize("lang", LANGS)
    def test_without_a_network_the_map_stays_and_says_so(self, screen: Screen, lang: Lang) -> None:
        opened = screen.show("map", f"#lang={lang}")
        page = opened.page
        assert page.inner_text("#base-map-notice") == say("base_map.notice", lang, host=EMAP.host)
        page.check("#base-map")
        page.wait_for_selector("#base-map-told:not(:empty)")
        assert page.inner_text("#base-map-told") == say("base_map.failed", lang)
        assert page.evaluate(SEEN_THROUGH) == "1"
        assert page.locator(".on-base-map").count() == 0
        assert opened.requests
        assert all(address.startswith(EMAP.host) for address in opened.requests)


def test_accessible(screen: Screen, axe: str) -> None:
    for name in ("map", "county-01"):
        opened = screen.show(name, "#lang=en", NARROW)
        answered(opened)
        opened.page.evaluate(TO_TAIWAN)
        opened.page.check("#base-map")
        opened.page.wait_for_selector(".on-base-map")
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
        assert opened.judged(axe).violations == []
