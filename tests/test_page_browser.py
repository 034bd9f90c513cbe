"""The council map in a real browser, opened from the disk with the network blocked.

Needs Debian's Chromium (`make test` installs it when it can). In CI a missing browser is a
failure; elsewhere these tests are skipped with the reason.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoplan.export.files import csv_bytes
from geoplan.export.lists import make_lists
from geoplan.maps import write_page
from geoplan.maps.measures import measures, share_after
from geoplan.model import Plan
from tests.test_maps import HOSTILE, hostile

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = (1280, 860), (390, 844)
AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def missing(what: str) -> None:
    """Fail in CI, skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing; see scripts/setup_browser.py")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        missing("chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of axe-core, fetched from npm; it is no part of geoplan."""
    folder = tmp_path_factory.mktemp("axe")
    if shutil.which("npm") is None:
        missing("npm (for axe-core)")
    fetched = subprocess.run(
        ["npm", "pack", "--silent", AXE], cwd=folder, capture_output=True, check=False
    )
    if fetched.returncode:
        missing("axe-core from npm")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        stream = archive.extractfile("package/axe.min.js")
        assert stream is not None
        return stream.read().decode()


@dataclass
class Opened:
    """A page in the browser, and what it asked for and complained about."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def choose(self, layer: str, measure: str = "status") -> None:
        self.page.locator(f'[data-layer="{layer}"] h3 button').click()
        self.page.select_option("#measure", measure)


class Screen:
    """Opens pages from the disk; every request to anywhere else is noted and refused."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser, self.folder, self.contexts = browser, folder, list[Any]()

    def show(self, name: str, hash_: str = "", size: tuple[int, int] = WIDE) -> Opened:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-TW", accept_downloads=True
        )
        self.contexts.append(context)
        opened = Opened(context.new_page())

        def decide(route: Any) -> None:
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                route.abort("internetdisconnected")

        def note(request: Any) -> None:
            if not request.url.startswith((f"file://{self.folder}", "blob:", "data:")):
                opened.requests.append(request.url)

        context.route("**/*", decide)
        opened.page.on("request", note)
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on(
            "console",
            lambda message: (
                opened.complaints.append(message.text)
                if message.type in ("error", "warning")
                else None
            ),
        )
        opened.page.goto(f"file://{self.folder}/{name}.html{hash_}")
        opened.page.wait_for_selector('html[data-ready="yes"]', state="attached", timeout=30_000)
        return opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, plan: Plan, toy_plan: Plan) -> Path:
    pages = tmp_path_factory.mktemp("pages")
    for name, each in (
        ("taiwan", plan),
        ("toy", toy_plan),
        ("hostile", hostile(toy_plan)),
        ("planner", with_planner_rows(toy_plan)),
    ):
        (pages / f"{name}.html").write_text(write_page(each), "utf-8")
    return pages


def with_planner_rows(plan: Plan) -> Plan:
    """The first two existing sites of each layer are a planner's own."""
    existing = plan.sites["status"] == "existing"
    first = plan.sites[existing].groupby("layer").head(2).index
    sites = plan.sites.copy()
    sites.loc[first, "origin"] = "planner"
    return dataclasses.replace(plan, sites=sites)


@pytest.fixture
def screen(browser: Any, folder: Path) -> Iterator[Screen]:
    shown = Screen(browser, folder)
    yield shown
    for context in shown.contexts:
        context.close()


def expected_classes(plan: Plan, layer: Any, measure: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Townships by class and certainty, counted from the plan's rows alone."""
    rows = plan.rows[plan.rows["layer"] == layer.id].copy()
    after = share_after(plan)
    rows["beyond_share_after"] = [after[layer.id, code] for code in rows["township_code"]]
    if measure["id"] == "status":
        classes = rows["status"]
    else:
        edges = [-float("inf"), *measure["edges"], float("inf")]
        values = pd.to_numeric(rows[measure["column"]], errors="coerce").round(5)
        labels = [f"class{at}" for at in range(len(edges) - 1)]
        right = measure["closed"] == "right"
        classes = pd.cut(values, edges, right=right, labels=labels).astype(object)
        state = rows["own_state"].where(rows["own_state"] != "measured", "unknown")
        classes = classes.where(values.notna(), "unknown" if measure["id"] == "need" else state)
        if measure["id"].startswith("beyond"):
            left = measure["id"] == "beyond" or rows["target_undetermined_after"] > 0
            classes = classes.mask((rows["status"] == "undetermined") & left, "undetermined")
    hatched = (rows["certainty"] == "provisional") & (measure["id"] != "need")
    certainty = hatched.map({True: "provisional", False: "firm"})
    return Counter(zip(classes, certainty, strict=True))


def ranked(plan: Plan, layer: str, certainty: str) -> list[str]:
    """Township codes of the list as the rule orders it: people beyond, severe counting twice."""
    rows = plan.rows[(plan.rows["layer"] == layer) & plan.rows["listed"].astype(bool)]
    rows = rows[rows["certainty"] == certainty]
    weight = rows["status"].map({"severe": 2, "underserved": 1})
    order = rows.assign(weight=-rows["beyond_people"] * weight)
    return order.sort_values(["weight", "township_code"])["township_code"].tolist()


class TestOffline:
    @pytest.mark.parametrize("name", ["taiwan", "toy", "hostile", "planner"])
    def test_opens_without_a_request_or_a_complaint(self, screen: Screen, name: str) -> None:
        opened = screen.show(name)
        for layer in opened.page.locator("[data-layer]").all():
            layer.locator("h3 button").click()
            options = opened.page.locator("#measure option").all()
            for measure in [option.get_attribute("value") for option in options]:
                opened.page.select_option("#measure", measure)
        opened.page.click("#language")
        opened.page.click("#share")
        opened.page.wait_for_timeout(200)
        assert opened.requests == []
        assert opened.complaints == []

    def test_draws_every_township(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        drawn = opened.page.evaluate(
            "(() => { let n = 0; map_geoplan.eachLayer((each) => {"
            " if (each.feature && each.feature.id && each.options.interactive !== false) n += 1;"
            " }); return n; })()"
        )
        assert drawn == len(plan.townships)


class TestLegend:
    def test_counts_are_those_of_the_rows(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            for measure in measures(plan, layer):
                opened.choose(layer.id, measure["id"])
                shown: Counter[tuple[str, str]] = Counter()
                for row in opened.page.locator("#classes tbody tr").all():
                    key = row.get_attribute("data-class")
                    numbers = [int(text) for text in row.locator("td").all_inner_texts()]
                    for certainty, number in zip(("firm", "provisional"), numbers, strict=False):
                        shown[key, certainty] += number
                assert +shown == expected_classes(plan, layer, measure), (layer.id, measure["id"])
                assert sum(shown.values()) == len(plan.townships)

    def test_symbol_counts_are_those_of_the_sites(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            sites = plan.sites[
                (plan.sites["layer"] == layer.id) & (plan.sites["status"] != "closed")
            ]
            kinds = Counter(sites["point_use"])
            kinds.pop("none", None)
            shown = {
                line.get_attribute("data-kind"): int(line.locator(".number").inner_text())
                for line in opened.page.locator("#symbols .kinds li").all()
            }
            assert shown == dict(kinds)

    def test_colours_of_the_map_are_those_of_the_legend(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        for measure in ("status", "minutes", "beyond"):
            opened.choose(plan.study.layers[1].id, measure)
            on_map = opened.page.evaluate(
                "(() => { const n = {}; map_geoplan.eachLayer((each) => {"
                " if (each.feature && each.feature.id && each.options.interactive !== false) {"
                " const fill = each.options.fillColor; n[fill] = (n[fill] || 0) + 1; } });"
                " return n; })()"
            )
            in_legend = opened.page.evaluate(
                "(() => { const n = {};"
                " for (const row of document.querySelectorAll('#classes tbody tr')) {"
                " const fills = [...row.querySelectorAll('rect')];"
                " [...row.querySelectorAll('td')].forEach((cell, at) => {"
                " const fill = fills[at].getAttribute('fill');"
                " const count = Number(cell.textContent);"
                " if (count) n[fill] = (n[fill] || 0) + count; }); } return n; })()"
            )
            assert on_map == in_legend


class TestLayers:
    def test_switch_on_and_off(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        marks = ".leaflet-sites-pane path"
        first, second = (layer.id for layer in plan.study.layers[:2])
        alone = opened.page.locator(marks).count()
        assert alone > 0
        opened.page.check(f"#show-{second}")
        both = opened.page.locator(marks).count()
        assert both > alone
        opened.page.uncheck(f"#show-{first}")
        assert 0 < opened.page.locator(marks).count() < both
        opened.page.uncheck(f"#show-{second}")
        assert opened.page.locator(marks).count() == 0

    def test_proposals_can_be_left_out(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan", "#layer=collaboration_sites")
        sites = plan.sites[plan.sites["layer"] == "collaboration_sites"]
        proposed = int((sites["status"] == "proposed").sum())
        dashed = '.leaflet-sites-pane path[stroke-dasharray="3 2.4"]'
        assert opened.page.locator(dashed).count() == proposed > 0
        opened.page.uncheck("#show-proposed")
        assert opened.page.locator(dashed).count() == 0

    def test_symbols_look_as_the_legend_says(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        look = (
            "(paths) => [...new Set(paths.map((each) => ['fill', 'stroke', 'stroke-width',"
            " 'stroke-dasharray'].map((name) => each.getAttribute(name)).join(' ')))].sort()"
        )
        for layer in plan.study.layers:
            opened.choose(layer.id)
            on_map = opened.page.locator(".leaflet-sites-pane path").evaluate_all(look)
            in_legend = opened.page.locator("#symbols .kinds path").evaluate_all(look)
            assert on_map == in_legend

    def test_planner_rows_are_marked(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("planner")
        opened.choose(toy_plan.study.layers[0].id)
        assert opened.texts('#symbols [data-kind="planner"] .number') == ["2"]
        assert not screen.show("toy").texts('#symbols [data-kind="planner"]')


class TestTheList:
    def test_is_that_of_the_plan(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            for certainty in ("firm", "provisional"):
                expected = ranked(plan, layer.id, certainty)
                more = opened.page.locator("#list-more")
                if certainty == "firm" and more.count() and len(expected) > 15:
                    rows = opened.page.locator("#rank-firm tbody tr").count()
                    if rows < len(expected):
                        more.click()
                shown = [
                    row.get_attribute("data-place")
                    for row in opened.page.locator(f"#rank-{certainty} tbody tr").all()
                ]
                assert shown == expected, (layer.id, certainty)

    def test_row_leads_to_its_profile_and_back(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        layer = plan.study.layers[0].id
        code = ranked(plan, layer, "firm")[0]
        row = plan.rows[(plan.rows["layer"] == layer) & (plan.rows["township_code"] == code)].iloc[
            0
        ]
        opened.page.locator(f'#rank-firm tr[data-place="{code}"] button').click()
        assert opened.texts("#profile .sentence") == [row["sentence_zh"]]
        numbers = opened.texts("#profile .three .figure")
        assert numbers[0] == f"{row['own_minutes_mean']:.1f} 分鐘"
        assert numbers[2] == f"{row['need_percentile']:.0f}"
        assert opened.page.evaluate("map_geoplan.getZoom()") > 8
        opened.page.click("#back")
        assert opened.page.locator("#list").is_visible()
        assert opened.page.evaluate("document.activeElement.closest('tr').dataset.place") == code

    def test_csv_is_underserved_csv(self, screen: Screen, plan: Plan, toy_plan: Plan) -> None:
        for name, each in (("taiwan", plan), ("toy", toy_plan)):
            opened = screen.show(name)
            with opened.page.expect_download() as download:
                opened.page.click("#download")
            assert download.value.suggested_filename == "underserved.csv"
            saved = Path(download.value.path()).read_bytes()
            assert saved == csv_bytes(make_lists(each).underserved)

    def test_of_one_county(self, screen: Screen, plan: Plan) -> None:
        layer = plan.study.layers[0].id
        counts = plan.rows[plan.rows["layer"] == layer].groupby("county_code")["listed"].sum()
        county = str(counts.idxmax())
        opened = screen.show("taiwan")
        opened.page.select_option("#county", county)
        codes = [
            row.get_attribute("data-place")
            for row in opened.page.locator("#list tbody tr").all()
            if row.evaluate("row => row.closest('table').id") != "rank-undetermined"
        ]
        rows = plan.rows[(plan.rows["layer"] == layer) & (plan.rows["county_code"] == county)]
        assert sorted(filter(None, codes)) == sorted(rows[rows["listed"]]["township_code"])


class TestTheProposals:
    def test_of_one_county_add_up_and_claim_no_bound(self, screen: Screen, plan: Plan) -> None:
        layer = plan.study.layers[2]
        sites = plan.sites[(plan.sites["layer"] == layer.id) & (plan.sites["status"] == "proposed")]
        county = str(sites["county_code"].value_counts().idxmax())
        mine = sites[sites["county_code"] == county]
        opened = screen.show("taiwan", f"#layer={layer.id}&county={county}")
        told = " ".join(opened.texts("#section-proposals li"))
        assert f"規劃 {len(mine)} 處" in told
        assert (
            f"共增加 {mine['gain'].sum():,} 人（列入地區 {mine['listed_gain'].sum():,} 人）" in told
        )
        assert "任何規劃" not in told
        assert f"{sites['gain'].sum():,}" not in told

    def test_of_the_country_tell_the_condition_and_who_gains_nothing(
        self, screen: Screen, plan: Plan
    ) -> None:
        totals = plan.layer_totals.set_index("layer")
        for layer in plan.study.layers:
            opened = screen.show("taiwan", f"#layer={layer.id}")
            told = " ".join(opened.texts("#section-proposals li"))
            sites = plan.sites[
                (plan.sites["layer"] == layer.id) & (plan.sites["status"] == "proposed")
            ]
            bound = totals.loc[layer.id, "gain_bound"]
            assert f"任何規劃至多增加 {bound:,} 人" in told
            assert "以一個人口中心為候選點的條件下" in told
            for number, words in (
                (int(sites["conditional"].sum()), "以名單補齊為前提"),
                (int((sites["gain"] == 0).sum()), "的新增為 0"),
            ):
                line = f"{len(sites)} 處中有 {number} 處{words}"
                assert (line in told) == (number > 0), (layer.id, line)


class TestTheProfile:
    def test_before_and_after_are_counted_by_the_rule_of_the_place(
        self, screen: Screen, plan: Plan
    ) -> None:
        layer = plan.study.layers[1].id
        rows = plan.rows[(plan.rows["layer"] == layer) & (plan.rows["universe"] == "islands")]
        row = rows.sort_values("beyond_people").iloc[-1]
        opened = screen.show("taiwan", f"#layer={layer}&place={row['township_code']}")
        line = opened.page.locator("#profile tr", has_text="同島無據點")
        shown = [text.strip() for text in line.locator("td").all_inner_texts()]
        assert shown == [f"{row['beyond_people']:,}", f"{row['beyond_people_after']:,}"]

    def test_says_when_nothing_is_known_of_anybody(self, screen: Screen, plan: Plan) -> None:
        rows = plan.rows[plan.rows["target_undetermined"] == plan.rows["target_people"]]
        row = rows[rows["target_people"] > 0].iloc[0]
        opened = screen.show("taiwan", f"#layer={row['layer']}&place={row['township_code']}")
        assert opened.texts("#profile .three .figure")[0] == "全數無法判定"
        assert "全數無法判定" in opened.page.locator("#profile table").first.inner_text()

    def test_names_the_site_by_how_people_come_to_it(self, screen: Screen, plan: Plan) -> None:
        for layer in plan.study.layers:
            code = plan.townships["township_code"].iloc[0]
            opened = screen.show("taiwan", f"#layer={layer.id}&place={code}&measure=minutes")
            terms = opened.texts("#profile dt")
            chosen = layer.eligibility[0] == "anyone"
            assert ("最近的據點" if chosen else "所屬據點") in terms
            assert ("所屬據點" if chosen else "最近的據點") not in terms
            for part in ("#key", "#section-method", "#profile .three", "#profile .facts"):
                assert "自身" not in opened.page.inner_text(part)

    def test_tells_the_sites_not_counted(self, screen: Screen, plan: Plan) -> None:
        site = plan.excluded.sort_values("site_id").iloc[-1]
        opened = screen.show("taiwan", f"#layer={site['layer']}&place={site['township_code']}")
        assert f"{site['name']} ({site['reason']})" in opened.page.inner_text("#profile")
        table = opened.page.locator("#section-lists table").last.inner_text()
        for _, each in plan.excluded.iterrows():
            assert each["name"] in table
            assert each["reason"] in table


class TestByKeyboard:
    def test_search_to_profile_to_csv(self, screen: Screen) -> None:
        opened = screen.show("taiwan")
        keys = opened.page.keyboard
        for _ in range(60):
            keys.press("Tab")
            if opened.page.evaluate("document.activeElement.id") == "search":
                break
        keys.type("台東縣成功")  # 台 where the data write 臺
        opened.page.wait_for_selector("#found li")
        keys.press("ArrowDown")
        assert opened.page.get_attribute("#search", "aria-activedescendant") == "found-0"
        keys.press("Enter")
        assert opened.texts("#profile-heading") == ["臺東縣成功鎮"]
        assert opened.page.evaluate("document.activeElement.id") == "profile-heading"
        for _ in range(60):
            keys.press("Shift+Tab")
            if opened.page.evaluate("document.activeElement.id") == "download":
                break
        with opened.page.expect_download() as download:
            keys.press("Enter")
        assert Path(download.value.path()).read_bytes()[:3] == b"\xef\xbb\xbf"

    def test_search_knows_english_names_and_says_when_there_is_none(self, screen: Screen) -> None:
        opened = screen.show("taiwan", "#lang=en")
        opened.page.fill("#search", "hengchun")
        assert any("Hengchun" in text for text in opened.texts("#found li"))
        opened.page.fill("#search", "zzzz")
        assert opened.texts("#found li") == ["Nothing found"]


class TestAddress:
    def test_shows_the_same_again(self, screen: Screen) -> None:
        opened = screen.show("taiwan", "#lang=en&layer=food_banks&measure=minutes&place=10013040")
        hash_ = opened.page.evaluate("location.hash")
        again = screen.show("taiwan", hash_)
        assert again.texts("#profile") == opened.texts("#profile")
        assert again.page.evaluate("document.documentElement.lang") == "en"
        assert again.page.input_value("#measure") == "minutes"

    def test_ignores_what_the_data_do_not_hold(self, screen: Screen) -> None:
        opened = screen.show("taiwan", "#layer=nothing&measure=%3Cimg%3E&place=0&county=x&lang=fr")
        assert opened.page.input_value("#measure") == "status"
        assert opened.complaints == []


class TestHostileNames:
    def test_run_nothing_and_are_shown_as_text(self, screen: Screen) -> None:
        opened = screen.show("hostile")
        page = opened.page
        page.fill("#search", "onerror")
        page.wait_for_selector("#found li")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert "<img src=x onerror=window.pwned=3>" in page.inner_text("#profile-heading")
        page.evaluate(
            "map_geoplan.eachLayer((each) => { if (each.getPopup && each.getPopup()"
            " && each.options.shape) each.openPopup(); })"
        )
        assert "<script>window.pwned=1</script>" in page.inner_text(".leaflet-popup-content")
        page.evaluate("map_geoplan.eachLayer((each) => each.openTooltip && each.openTooltip())")
        page.click("#language")
        page.click("#back")
        for layer in page.locator("[data-layer] h3 button").all():
            layer.click()
        with page.expect_download() as download:
            page.click("#download")
        assert HOSTILE[:24] in Path(download.value.path()).read_text("utf-8-sig")
        assert page.evaluate("window.pwned") is None
        assert page.locator("img").count() == 0
        assert opened.complaints == []
        assert opened.requests == []


class TestEverybody:
    @pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_axe_finds_nothing(
        self, screen: Screen, axe: str, lang: str, size: tuple[int, int]
    ) -> None:
        for hash_ in (f"#lang={lang}", f"#lang={lang}&layer=food_banks&place=10013040"):
            opened = screen.show("taiwan", hash_, size)
            opened.page.evaluate(
                "document.querySelectorAll('details').forEach((e) => e.open = true)"
            )
            opened.page.evaluate(axe)
            result = opened.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
            found = [
                (each["id"], [node["target"] for node in each["nodes"]][:3])
                for each in result["violations"]
            ]
            assert found == []
            assert len(result["passes"]) > 15

    @pytest.mark.parametrize("name", ["taiwan", "hostile"])
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_a_narrow_screen_is_not_overflowed(self, screen: Screen, name: str, lang: str) -> None:
        opened = screen.show(name, f"#lang={lang}", NARROW)
        wide = "document.documentElement.scrollWidth"
        assert opened.page.evaluate(wide) <= NARROW[0]
        opened.page.evaluate("document.querySelector('#list button.link').click()")
        assert opened.page.locator("#profile").is_visible()
        assert opened.page.evaluate(wide) <= NARROW[0]

    def test_language_changes_every_heading(self, screen: Screen) -> None:
        opened = screen.show("taiwan")
        chinese = opened.texts("h1, h2, h3, button, label")
        opened.page.click("#language")
        english = opened.texts("h1, h2, h3, button, label")
        assert opened.page.evaluate("document.documentElement.lang") == "en"
        # Place names stand in the language shown as well.
        same = set(chinese) & set(english) - {"＋", "－", ""}
        assert not same
