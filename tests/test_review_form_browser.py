"""The review form of a row in a real browser: what it says, one sheet, and the way back."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from geoplan.export import write_plan
from geoplan.export.words import date_text
from geoplan.maps import write_page
from geoplan.maps.council_map import DATA_PLACE
from geoplan.model import Plan
from geoplan.tables import ROWS
from geoplan.texts import LANGS, Lang, say
from tests.browsing import NARROW, WIDE, Opened, Screen, tab_to
from tests.test_county_pages import drawn
from tests.test_maps import HOSTILE, hostile

LAYER = "toy_centres"
OPEN = "#review[open]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    base = tmp_path_factory.mktemp("review")
    write_plan(toy_plan, write_page(toy_plan), base / "toy")
    pages = drawn(base / "toy", base / "pages", "01")
    (pages / "toy.html").write_text(write_page(toy_plan), "utf-8")
    (pages / "bad.html").write_text(write_page(hostile(toy_plan)), "utf-8")
    return pages


def figures(opened: Opened) -> dict[str, str]:
    """What the form says, by the name of the column."""
    return dict(
        opened.page.locator(".review-figures > div").evaluate_all(
            "(lines) => lines.map((line) =>"
            " ['code', 'dd'].map((part) => line.querySelector(part).innerText))"
        )
    )


def written(column: Any, value: Any) -> str | None:
    """A cell of the list as the form writes it; None for what is no plain number."""
    if value is None or value != value:
        return say("page.unknown", "en")
    if column.kind == "people":
        return f"{value:,}"
    if column.kind == "count":
        return str(int(value))
    if column.kind == "minutes":
        return f"{value:,.1f} min"
    if column.kind == "share":
        return f"{100 * value:,.1f}%"
    return None


class TestWhatItSays:
    def test_every_figure_is_that_of_the_row(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("toy", "#lang=en")
        compared = 0
        for _, row in toy_plan.rows.iterrows():
            opened.look_at(f"lang=en&layer={row['layer']}&place={row['township_code']}")
            opened.page.click("#review-open")
            found = figures(opened)
            assert len(found) > 25
            for name, text in found.items():
                wanted = written(ROWS.column(name), row[name])
                if wanted is not None and ROWS.column(name).kind not in ("text", "id", "number"):
                    assert text.removesuffix(say("page.modelled_mark", "en")) == wanted, name
                    compared += 1
            assert found["status"] == say(f"status.{row['status']}", "en")
            facts = opened.page.inner_text(".review-facts")
            for part in (row["township_code"], row["layer"], toy_plan.run_id, row["rule_id"]):
                assert part in facts
            opened.page.click("#review-close")
        assert compared > 200
        assert opened.complaints == []

    @pytest.mark.parametrize("lang", LANGS)
    def test_names_the_sources_and_the_page(
        self, screen: Screen, folder: Path, toy_plan: Plan, lang: Lang
    ) -> None:
        page = (folder / "toy.html").read_text("utf-8")
        block = re.search(f"{re.escape(DATA_PLACE)}(.*?)</script>", page, flags=re.DOTALL)
        assert block is not None
        site = toy_plan.sites[(toy_plan.sites["layer"] == LAYER)].iloc[0]
        opened = screen.show("toy", f"#lang={lang}&layer={LAYER}&place={site['township_code']}")
        opened.page.click("#review-open")
        wanted = hashlib.sha256(block.group(1).encode()).hexdigest()[:16]
        opened.page.wait_for_function(
            "(hash) => document.getElementById('review-hash').textContent === hash", arg=wanted
        )
        sheet = opened.page.inner_text(".review-sheet")
        assert site["site_id"] in sheet
        assert date_text(toy_plan.data_date, lang) in sheet
        assert say("page.review_to_fill", lang) in sheet
        for source in toy_plan.sources:
            assert (source.title_zh if lang == "zh" else source.title_en) in sheet

    def test_is_of_the_run_while_a_trial_is_on(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("toy", f"#layer={LAYER}")
        place = opened.page.get_attribute("#list tr[data-place]", "data-place")
        opened.look_at(f"layer={LAYER}&place={place}")
        opened.page.click("#review-open")
        before = figures(opened)
        opened.page.click("#review-close")
        opened.page.click("#trial-begin")
        opened.page.wait_for_selector("#trial:not([hidden])")
        opened.page.evaluate("document.querySelector('#trial-sites button').click()")
        opened.page.click("#review-open")
        assert figures(opened) == before
        assert say("page.review_not_trial", "zh") in opened.page.inner_text(".review-sheet")

    def test_of_a_village(self, screen: Screen, toy_plan: Plan) -> None:
        rows = toy_plan.village_rows
        row = rows[(rows["layer"] == LAYER) & (rows["township_code"] == "0101")].iloc[0]
        place = f"#lang=en&layer={LAYER}&place=0101&village={row['village_code']}"
        opened = screen.show("county-01", place)
        opened.page.click("#review-village")
        found = figures(opened)
        assert found["population"] == f"{row['population']:,}"
        assert found["target_people"].startswith(f"{row['target_people']:,}")
        assert row["village_code"] in opened.page.inner_text(".review-facts")
        assert opened.complaints == []


class TestOnPaper:
    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize("name", ["toy", "county-01"])
    def test_is_one_sheet_of_a4(self, screen: Screen, name: str, lang: Lang) -> None:
        opened = screen.show(name, f"#lang={lang}&layer={LAYER}&place=0101&village=010101")
        opened.page.click("#review-village" if name == "county-01" else "#review-open")
        opened.page.wait_for_function("document.getElementById('review-hash').textContent !== '…'")
        sheet = opened.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheet)) == 1
        box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet)
        assert box is not None
        assert [round(float(each)) for each in box.groups()] == [595, 842]

    def test_button_prints_the_form_alone(self, screen: Screen) -> None:
        opened = screen.show("toy", f"#layer={LAYER}&place=0101")
        page = opened.page
        page.evaluate("window.print = () => { window.printed = document.body.className; }")
        page.click("#review-open")
        page.click("#review-print")
        assert page.evaluate("window.printed") == "reviewing"
        page.emulate_media(media="print")
        assert page.locator("main").is_hidden()
        assert page.locator(".review-bar").is_hidden()
        assert page.locator(".review-sheet").is_visible()
        page.emulate_media(media="screen")
        page.click("#review-close")
        page.click("#print")
        assert page.evaluate("window.printed") == ""


class TestTheWayBack:
    def test_by_keyboard_and_to_the_same_state(self, screen: Screen) -> None:
        opened = screen.show("toy", f"#layer={LAYER}&measure=beyond")
        page = opened.page
        view = (
            "[location.hash, map_geoplan.getZoom(), map_geoplan.getCenter().lat,"
            " map_geoplan.getCenter().lng, document.getElementById('list').innerText]"
        )
        before = page.evaluate(view)
        tab_to(opened, "e.matches('#list .review-open')")
        place = page.evaluate("document.activeElement.closest('tr').dataset.place")
        page.keyboard.press("Enter")
        page.wait_for_selector(OPEN)
        assert page.evaluate("document.activeElement.id") == "review-heading"
        assert place in page.inner_text(".review-facts")
        page.keyboard.press("Escape")
        assert page.locator(OPEN).count() == 0
        assert page.evaluate("document.activeElement.matches('#list .review-open')")
        assert page.evaluate(view) == before
        page.wait_for_selector("body:not(.reviewing)")  # told of the end a task later
        assert page.evaluate("document.body.className") == ""


def test_hostile_names_are_text(screen: Screen) -> None:
    opened = screen.show("bad", "#place=0101")
    opened.page.click("#review-open")
    assert HOSTILE[:24] in opened.page.inner_text(".review-sheet")
    assert opened.page.evaluate("window.pwned") is None
    assert opened.page.locator("img").count() == 0
    assert opened.complaints == []
    assert opened.requests == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", LANGS)
def test_accessible_and_no_wider_than_the_screen(
    screen: Screen, axe: str, lang: Lang, size: tuple[int, int]
) -> None:
    opened = screen.show("toy", f"#lang={lang}&layer={LAYER}&place=0101", size)
    opened.page.click("#review-open")
    for button in opened.page.locator(".review-bar button").all():
        assert min(button.bounding_box()["height"], button.bounding_box()["width"]) >= 24
    sheet = opened.page.locator("#review")
    assert sheet.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    assert opened.judged(axe).violations == []
