"""Lorenz curves, people by minutes, and need and access on one map, in a real browser."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from geoplan.export.lists import Lists, make_lists
from geoplan.maps import write_page
from geoplan.maps.measures import NEEDY, measures
from geoplan.model import Plan
from geoplan.texts import LANGS, Lang, say
from tests.browsing import NARROW, WIDE, Opened, Screen, class_counts, tab_to

LEFT, RIGHT, TOP, BOTTOM = 34, 230, 10, 206
"""The corners of a Lorenz curve's square, as spread.js draws it."""
SCOPE = ("universe", "scope")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_plan: Plan) -> Path:
    pages = tmp_path_factory.mktemp("views")
    (pages / "toy.html").write_text(write_page(toy_plan), "utf-8")
    return pages


@pytest.fixture(scope="module")
def toy_lists(toy_plan: Plan) -> Lists:
    return make_lists(toy_plan)


def of_scope(records: list[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
    return [row for row in records if " ".join(row[name] for name in SCOPE) == scope]


def amounts(shown: Any) -> list[float]:
    return [float(each.get_attribute("value")) for each in shown.locator("data").all()]


def points(path: str) -> list[tuple[float, float]]:
    """Shares of people and minutes of a drawn curve."""
    found = re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
    return [
        ((float(x) - LEFT) / (RIGHT - LEFT), (BOTTOM - float(y)) / (BOTTOM - TOP)) for x, y in found
    ]


class TestSpread:
    def test_each_scope_with_people_has_its_pictures(
        self, screen: Screen, toy_lists: Lists, toy_plan: Plan
    ) -> None:
        opened = screen.show("toy")
        for layer in toy_plan.study.layers:
            opened.choose(layer.id)
            classes = toy_lists.details["minutes_classes"].of(layer.id)
            peopled = {" ".join(row[name] for name in SCOPE) for row in classes if row["people"]}
            shown = opened.page.locator("details.spread").all()
            assert {each.get_attribute("data-scope") for each in shown} == peopled

    def test_classes_are_those_of_the_table_and_hold_everybody(
        self, screen: Screen, toy_lists: Lists, toy_plan: Plan
    ) -> None:
        opened = screen.show("toy")
        for layer in toy_plan.study.layers:
            opened.choose(layer.id)
            everybody = 0.0
            for part in opened.page.locator("details.spread").all():
                scope = str(part.get_attribute("data-scope"))
                rows = of_scope(toy_lists.details["minutes_classes"].of(layer.id), scope)
                told = amounts(part.locator(".spread-classes"))
                wanted = [each for row in rows for each in (row["people"], row["people_beyond"])]
                assert told == wanted
                measured = [row for row in rows if row["state"] == "measured"]
                far = sum(row["people_beyond"] for row in measured)
                sums = {"near": sum(row["people"] for row in measured) - far, "far": far}
                sums |= {row["state"]: row["people"] for row in rows[len(measured) :]}
                keys = {
                    each.get_attribute("data-people"): amounts(each)[0]
                    for each in part.locator(".spread-key[data-people]").all()
                }
                assert keys == {name: n for name, n in sums.items() if n or name in ("near", "far")}
                if scope.endswith(" all"):
                    everybody += sum(keys.values())
            assert everybody == toy_lists.total(layer.id)["target_people"]

    def test_a_curve_is_drawn_from_corner_to_corner_and_its_area_is_the_gini(
        self, screen: Screen, toy_lists: Lists, toy_plan: Plan
    ) -> None:
        opened = screen.show("toy")
        for layer in toy_plan.study.layers:
            opened.choose(layer.id)
            ginis = toy_lists.details["equity"].of(layer.id)
            ginis = [
                row
                for row in ginis
                if (row["quantity"], row["figure"]) == ("own_minutes", "gini") and row["people"]
            ]
            drawn = 0
            for row in ginis:
                part = opened.page.locator(f'[data-scope="{row["universe"]} {row["scope"]}"]')
                curve = points(str(part.locator(".spread-curve").get_attribute("d")))
                assert curve[0] == (0, 0)
                assert curve[-1] == (1, 1)
                area = bend = 0.0
                for (x, y), (right, up) in pairwise(curve):
                    area += (right - x) * (y + up) / 2
                    slope = (up - y) / (right - x)
                    assert slope >= bend - 0.1  # drawn to a tenth of a two-hundredth
                    bend = slope
                # Thinning and tenths of a unit of the picture move it by under half a hundredth.
                assert 1 - 2 * area == pytest.approx(row["value"], abs=0.005)
                told = amounts(part.locator(".spread-key.now"))
                assert told == [pytest.approx(row["value"], abs=1e-5)]
                drawn += 1
            assert drawn == len(opened.page.locator(".spread-curve").all())

    @pytest.mark.parametrize("lang", LANGS)
    def test_keys_and_pointer_go_through_it_and_a_sentence_tells(
        self, screen: Screen, toy_lists: Lists, lang: Lang
    ) -> None:
        opened = screen.show("toy", f"#lang={lang}")
        page = opened.page
        layer = "toy_centres"
        figure = page.locator("details.spread [data-figure=lorenz]").first
        slider = figure.locator("input")
        scope = page.locator("details.spread").first.get_attribute("data-scope")
        rows = of_scope(toy_lists.details["lorenz"].of(layer), str(scope))
        slider.focus()
        page.keyboard.press("Home")
        assert figure.locator(".spread-told").inner_text() == say("page.spread_point_first", lang)
        for row in rows[1:3]:
            page.keyboard.press("ArrowRight")
            told = figure.locator(".spread-told").inner_text()
            assert f"{row['people_share'] * 100:.1f}%" in told
            assert f"{row['minutes_share'] * 100:.1f}%" in told
            assert f"{row['minutes']:.1f}" in told
            assert slider.get_attribute("aria-valuetext") == told
        bars = page.locator("details.spread [data-figure=classes]").first
        seen = set()
        box = bars.locator("svg:not(.swatch)").bounding_box()
        for across in (0.1, 0.3, 0.9):
            page.mouse.move(box["x"] + across * box["width"], box["y"] + box["height"] / 2)
            seen.add(bars.locator(".spread-told").inner_text())
        assert len(seen) == 3
        assert opened.complaints == []

    def test_paper_has_every_picture_and_its_table(self, screen: Screen) -> None:
        opened = screen.show("toy", "#lang=en")
        opened.page.emulate_media(media="print")
        for part in opened.page.locator("details.spread").all():
            for one in ("[data-figure=lorenz] svg", ".spread-classes", ".spread-points"):
                if part.locator(one).count():
                    assert part.locator(one).last.bounding_box()["height"] > 50
            assert not part.locator("input").first.is_visible()


class TestTheTrial:
    def test_with_nothing_changed_it_finds_the_run_s_spread_again(
        self, screen: Screen, toy_lists: Lists, toy_plan: Plan
    ) -> None:
        opened = begun(screen)
        for layer in toy_plan.study.layers:
            opened.choose(layer.id)
            part = opened.page.locator("#trial-evenness")
            rows = of_scope(toy_lists.details["minutes_classes"].of(layer.id), "main_island all")
            wanted = [(row["people"], row["people"], row["people_beyond"]) for row in rows]
            told = amounts(part.locator(".spread-classes"))
            assert told == [each for row in wanted for each in row]
            [gini] = [
                row["value"]
                for row in of_scope(toy_lists.details["equity"].of(layer.id), "main_island all")
                if (row["quantity"], row["figure"]) == ("own_minutes", "gini")
            ]
            for kind in ("before", "after"):
                assert amounts(part.locator(f".spread-key.{kind}")) == [
                    pytest.approx(gini, abs=1e-5)
                ]

    def test_a_closed_site_moves_people_and_loses_nobody(self, screen: Screen) -> None:
        opened = begun(screen)
        opened.page.evaluate("document.getElementById('trial-sites').open = true")
        opened.page.locator("#trial-sites button").first.click()
        part = opened.page.locator("#trial-evenness")
        told = amounts(part.locator(".spread-classes"))
        before, after = told[0::3], told[1::3]
        assert sum(before) == sum(after)
        assert before != after
        ginis = [amounts(part.locator(f".spread-key.{kind}"))[0] for kind in ("before", "after")]
        table = amounts(part.locator("tbody tr").nth(1))
        assert ginis == table
        assert opened.complaints == []


def begun(screen: Screen) -> Opened:
    opened = screen.show("toy")
    opened.page.click("#trial-begin")
    opened.page.wait_for_selector("#trial:not([hidden])")
    return opened


def expected_cells(lists: Lists, layer: str, measure: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Townships by class and certainty, from the rows alone."""
    found: Counter[tuple[str, str]] = Counter()
    (low, high), (half, whole) = measure["need_edges"], measure["minutes_edges"]
    for row in lists.townships.of(layer):
        need, minutes = row["need_percentile"], row["own_minutes_mean"]
        if minutes is None:
            key = "unknown" if row["own_state"] == "measured" else row["own_state"]
        elif need is None:
            key = "unknown"
        else:
            letter = "A" if need < low else "B" if need < high else "C"
            key = f"{letter}{1 if minutes <= half else 2 if minutes <= whole else 3}"
        found[key, row["certainty"]] += 1
    return found


def shown_cells(page: Any) -> Counter[tuple[str, str]]:
    """The square's figures, and the lines of the table below it."""
    found: Counter[tuple[str, str]] = Counter()
    for each in page.locator("#classes .nine-classes td").all():
        numbers = each.locator("button span").first.inner_text().replace("＋", "+").split("+")
        for certainty, number in zip(("firm", "provisional"), numbers, strict=False):
            found[str(each.get_attribute("data-class")), certainty] += int(number)
    for name, numbers in class_counts(page, "#classes .classes tbody tr"):
        for certainty, number in zip(("firm", "provisional"), numbers, strict=True):
            found[name, certainty] += number
    return +found


def need_access(plan: Plan, layer: Any) -> dict[str, Any]:
    return next(each for each in measures(plan, layer) if each["id"] == "need_access")


FILLS = """(() => { const n = {}; map_geoplan.eachLayer((each) => {
if (each.feature && each.feature.id && each.options.interactive !== false)
n[each.feature.id] = each.options.fillColor; }); return n; })()"""


class TestNeedAndAccess:
    @pytest.mark.parametrize("tried", [False, True], ids=["run", "trial"])
    def test_counts_are_those_of_the_rows(
        self, screen: Screen, toy_lists: Lists, toy_plan: Plan, tried: bool
    ) -> None:
        opened = begun(screen) if tried else screen.show("toy")
        for layer in toy_plan.study.layers:
            opened.choose(layer.id, "need_access")
            measure = need_access(toy_plan, layer)
            shown = shown_cells(opened.page)
            assert shown == expected_cells(toy_lists, layer.id, measure)
            assert sum(shown.values()) == len(toy_plan.townships)
            assert len(set(shown)) > 3

    def test_it_breaks_where_the_rule_does(self, toy_plan: Plan) -> None:
        for layer in toy_plan.study.layers:
            measure = need_access(toy_plan, layer)
            rule = next(each for each in toy_plan.study.rules if each.layer == layer.id)
            told = rule.thresholds("need_percentile")
            assert measure["need_of_rule"] == bool(told)
            assert measure["need_edges"][1] == next(iter(told), NEEDY)
            assert measure["minutes_edges"] == [layer.minutes / 2, layer.minutes]

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_cell_pressed_by_key_picks_out_its_townships(
        self, screen: Screen, toy_lists: Lists, toy_plan: Plan, lang: Lang
    ) -> None:
        opened = screen.show("toy", f"#lang={lang}")
        page = opened.page
        layer = toy_plan.study.layers[0]
        opened.choose(layer.id, "need_access")
        before = page.evaluate(FILLS)
        measure = need_access(toy_plan, layer)
        counts = expected_cells(toy_lists, layer.id, measure)
        (key, _), _ = max(counts.items(), key=lambda each: (len(each[0][0]) == 2, each[1]))
        number = sum(n for (cell, _), n in counts.items() if cell == key)
        page.locator("#measure").focus()
        tab_to(opened, f"e.id === 'cell-{key}'")
        page.keyboard.press("Enter")
        button = page.locator(f"#cell-{key}")
        assert button.get_attribute("aria-pressed") == "true"
        assert page.evaluate("document.activeElement.id") == f"cell-{key}"
        assert say("page.need_high", lang) in page.locator("#cell-C1").inner_text()
        assert f"cell={key}" in page.evaluate("location.hash")
        assert page.locator("#picked tbody tr").count() == number
        fills = page.evaluate(FILLS)
        kept = [code for code, fill in fills.items() if fill != "#eceeec"]
        assert len(kept) == number
        assert all(fills[code] == before[code] for code in kept)
        page.locator("#picked button.link").first.click()
        assert key in page.inner_text("#profile")
        page.keyboard.press("Escape")
        button.click()
        assert page.evaluate(FILLS) == before
        opened.choose(layer.id, "minutes")
        assert "cell=" not in page.evaluate("location.hash")
        assert opened.complaints == []

    def test_a_link_opens_the_class_it_names(self, screen: Screen) -> None:
        opened = screen.show("toy", "#measure=need_access&cell=C3")
        assert opened.page.locator("#cell-C3").get_attribute("aria-pressed") == "true"
        other = screen.show("toy", "#measure=need_access&cell=D9")
        assert other.page.locator('#classes [aria-pressed="true"]').count() == 0
        assert opened.complaints == other.complaints == []


class TestEverybody:
    @pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
    @pytest.mark.parametrize("lang", LANGS)
    def test_axe_finds_nothing_and_nothing_overflows(
        self, screen: Screen, axe: str, lang: Lang, size: tuple[int, int]
    ) -> None:
        opened = screen.show("toy", f"#lang={lang}&measure=need_access&cell=B2", size)
        page = opened.page
        page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert opened.judged(axe, "main").violations == []
