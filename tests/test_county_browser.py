"""County pages and the start page in a real browser, opened from the disk, network blocked."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from geoplan.export import write_plan
from geoplan.maps import write_page
from geoplan.model import Plan
from geoplan.texts import LANGS, Lang, say
from tests.browsing import NARROW, WIDE, Screen, cells, class_counts, tab_to
from tests.test_county_pages import drawn
from tests.test_maps import HOSTILE, hostile

COUNTY = "county-01"
CHOSEN = "toy_pantries"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    """One folder with a set of pages; `bad` in it has hostile names, `bare` no village."""
    base = tmp_path_factory.mktemp("counties")
    assert toy_plan.villages is not None
    bad = hostile(toy_plan)
    bad = dataclasses.replace(
        bad,
        village_rows=bad.village_rows.assign(village_name=HOSTILE),
        villages=toy_plan.villages.assign(village_name=HOSTILE),
    )
    rows = toy_plan.village_rows
    lost = rows["township_code"].iloc[0]
    bare = dataclasses.replace(
        toy_plan,
        village_rows=rows[rows["township_code"] != lost],
        villages=None,
        sites=toy_plan.sites[toy_plan.sites["layer"] != CHOSEN],
    )
    for name, plan in (("toy", toy_plan), ("bad", bad), ("bare", bare)):
        write_plan(plan, write_page(plan), base / f"{name}-result")
        drawn(base / f"{name}-result", base / "pages" if name == "toy" else base / "pages" / name)
    return base / "pages"


@pytest.fixture(scope="module")
def villages(toy_plan: Plan) -> Any:
    """The rows of the county's villages."""
    rows = toy_plan.village_rows
    return rows[rows["township_code"].str.startswith("01")]


class TestTheMap:
    @pytest.mark.parametrize("name", [COUNTY, "county-02", "bad/county-01", "bare/county-01"])
    def test_every_measure_without_a_request_or_a_complaint(
        self, screen: Screen, name: str
    ) -> None:
        opened = screen.show(name)
        for layer in opened.page.locator("[data-layer]").all():
            layer.locator("h3 button").click()
            options = opened.page.locator("#measure option").all()
            for measure in [option.get_attribute("value") for option in options]:
                opened.page.select_option("#measure", measure)
        opened.page.click("#language")
        assert opened.page.evaluate("window.pwned") is None
        assert opened.requests == []
        assert opened.complaints == []

    def test_legend_counts_the_villages(self, screen: Screen, villages: Any) -> None:
        opened = screen.show(COUNTY)
        for layer, rows in villages.groupby("layer"):
            for column in ("coverage", "coverage_after"):
                opened.choose(layer, f"village_{column}")
                shown = Counter[str]()
                for name, numbers in class_counts(opened.page):
                    shown[name] += sum(numbers)
                wanted = Counter(rows[column])
                gained = (rows[column] == "covered") & (rows["coverage"] != "covered")
                wanted["gained"] = int(gained.sum())
                wanted["covered"] -= wanted["gained"]
                assert +shown == +wanted
            opened.choose(layer, "village_minutes")
            numbers = opened.texts("#classes td.number")
            assert sum(int(number) for number in numbers) == len(rows)

    def test_tap_a_village(self, screen: Screen, villages: Any) -> None:
        opened = screen.show(COUNTY, "#measure=village_minutes")
        paths = opened.page.locator(".leaflet-overlay-pane path.leaflet-interactive")
        assert paths.count() == villages["village_code"].nunique()
        paths.first.click()
        name = opened.page.inner_text("#village-heading")
        assert any(name.endswith(each) for each in villages["village_name"])
        assert "village=" in opened.page.evaluate("location.hash")
        opened.page.click("#village-close")
        assert opened.page.locator("#village-heading").count() == 0
        assert opened.page.evaluate("document.activeElement.id") == "profile-heading"


class TestTheVillages:
    def test_table_and_card_are_the_list_s(self, screen: Screen, villages: Any) -> None:
        opened = screen.show(COUNTY)
        for (layer, township), rows in villages.groupby(["layer", "township_code"]):
            opened.look_at(f"layer={layer}&place={township}")
            beyond = rows["target_people"].where(
                rows["coverage"].isin(["uncovered", "unreachable"]), 0
            )
            order = rows.assign(beyond=-beyond, far=-rows["own_minutes"].fillna(0)).sort_values(
                ["beyond", "far", "village_code"]
            )
            shown = cells(opened.page.locator("#villages"))
            assert [row[0] for row in shown] == order["village_name"].tolist()
            assert [row[1] for row in shown] == [f"{n:,}" for n in order["target_people"]]
            assert [row[2] for row in shown] == [f"{-n:,}" for n in order["beyond"]]
            first = order.iloc[0]
            opened.page.locator("#villages button").first.click()
            assert opened.page.evaluate("document.activeElement.id") == "village-heading"
            card = opened.page.inner_text(".village-card")
            assert f"{first['population']:,} 人" in card
            people = opened.texts(".village-card dd")[0]
            assert ("推估" in people) == first["target_modelled"]
            if first["own_state"] == "measured" and first["own_minutes"] == first["own_minutes"]:
                assert f"{first['own_minutes']:,.1f} 分鐘" in card

    def test_a_township_without_villages_says_so(self, screen: Screen, toy_plan: Plan) -> None:
        lost = toy_plan.village_rows["township_code"].iloc[0]
        opened = screen.show("bare/county-01", f"#place={lost}")
        assert say("page.villages_none", "zh") in opened.page.inner_text("#villages")

    def test_by_keyboard_from_the_search_to_the_card(self, screen: Screen) -> None:
        opened = screen.show(COUNTY)
        keys = opened.page.keyboard
        tab_to(opened, "e.id === 'search'")
        keys.type("燈台二村")  # 台 where the data write 臺
        opened.page.wait_for_selector("#found li")
        keys.press("Enter")
        assert opened.page.evaluate("document.activeElement.id") == "village-heading"
        assert opened.page.inner_text("#village-heading").endswith("燈臺二村")
        assert opened.page.inner_text("#told").endswith("燈臺二村")


class TestTheStartPage:
    def test_leads_to_each_county_and_back(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("index", "#lang=en&layer=" + CHOSEN)
        links = opened.page.locator("#county-table a")
        assert links.count() == len(toy_plan.counties)
        assert opened.page.locator("#start-map a").count() == len(toy_plan.counties)
        links.first.click()
        opened.page.wait_for_selector('html[data-ready="yes"]', state="attached")
        assert opened.page.url.split("/")[-1].startswith("county-01.html#lang=en")
        assert opened.page.get_attribute('[data-chosen="yes"]', "data-layer") == CHOSEN
        opened.page.click("#home a")
        opened.page.wait_for_selector("#county-table a")
        assert opened.requests == []
        assert opened.complaints == []

    def test_figures_are_those_of_the_rows(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("index")
        for layer in toy_plan.study.layers:
            opened.page.select_option("#service", layer.id)
            rows = toy_plan.rows[toy_plan.rows["layer"] == layer.id]
            for shown, code in zip(
                cells(opened.page.locator("#county-table")), ["01", "02"], strict=True
            ):
                mine = rows[rows["county_code"] == code]
                firm = mine["certainty"] == "firm"
                listed = mine["listed"].astype(bool)
                beyond = mine["target_uncovered"] + mine["target_unreachable"]
                wanted = [
                    f"{beyond[firm].sum():,}" if firm.any() else "尚無確定數",
                    f"{beyond[~firm].sum():,}" if (~firm).any() else "－",
                    str((listed & firm).sum()),
                    str((listed & ~firm).sum()),
                    str((mine["status"] == "undetermined").sum()),
                ]
                assert shown[1:6] == wanted
            assert sum(int(n) for n in opened.texts("#start-key .number")) == 2


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["index", COUNTY, "bad/county-01"])
def test_accessible_and_no_wider_than_the_screen(
    screen: Screen,
    axe: str,
    name: str,
    lang: Lang,
    size: tuple[int, int],
) -> None:
    hash_ = f"#lang={lang}&measure=village_coverage_after&place=0101&village=010101"
    opened = screen.show(name, hash_, size)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert opened.judged(axe).violations == []
    assert opened.complaints == []


@pytest.mark.parametrize("name", ["index", COUNTY])
def test_a_torn_page_says_so(browser: Any, folder: Path, tmp_path: Path, name: str) -> None:
    page = (folder / f"{name}.html").read_text("utf-8")
    start = page.index('id="geoplan-data">')
    torn = {
        "half": page[: start + 4000],
        "data": page[: start + 4000] + page[page.index("</script>", start) :],
    }
    tab = browser.new_page()
    for kind, text in torn.items():
        path = tmp_path / f"{kind}.html"
        path.write_text(text, "utf-8")
        tab.goto(f"file://{path}")
        tab.wait_for_timeout(300)
        assert "檔案不完整" in tab.inner_text("#told")
    style = page.index("</style>") + len("</style>")
    told = page.index('id="told"')
    for end in (style, style + 99, (style + told) // 2, page.index("<body>") + 6, told):
        path.write_text(page[:end], "utf-8")
        tab.goto(f"file://{path}")
        seen = tab.evaluate("getComputedStyle(document.body, '::before').content")
        assert "檔案不完整" in seen, end
    tab.close()


def test_damaged_data_of_the_trial_are_told(browser: Any, folder: Path, tmp_path: Path) -> None:
    page = (folder / "map.html").read_text("utf-8")
    for part in ("trial", "times"):
        at = page.index(f'"{part}":"') + 400
        other = "A" if page[at] != "A" else "B"
        (tmp_path / "damaged.html").write_text(page[:at] + other + page[at + 1 :], "utf-8")
        tab = browser.new_page()
        tab.goto(f"file://{tmp_path}/damaged.html")
        tab.wait_for_selector('html[data-ready="yes"]', state="attached")
        tab.click("#trial-begin")
        tab.wait_for_selector("#told:has-text('試算資料不完整')")
        assert tab.is_hidden("#trial")
        tab.close()
