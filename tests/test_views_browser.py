"""Lorenz curves, people by minutes, and need and access on one map, in a real browser."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from geoplan.export.lists import Lists, make_lists
from geoplan.maps import write_page
from geoplan.model import Plan
from geoplan.texts import LANGS, Lang, say
from tests.test_page_browser import NARROW, RULES, WIDE, Opened, Screen, axe, browser, screen

__all__ = ["axe", "browser", "screen"]  # fixtures

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
                # Thinning and tenths of a unit of the picture move it by less than a fiftieth.
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


class TestEverybody:
    @pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
    @pytest.mark.parametrize("lang", LANGS)
    def test_axe_finds_nothing_and_nothing_overflows(
        self, screen: Screen, axe: str, lang: Lang, size: tuple[int, int]
    ) -> None:
        page = screen.show("toy", f"#lang={lang}", size).page
        page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.evaluate(axe)
        result = page.evaluate("(rules) => axe.run('main', {runOnly: rules})", RULES)
        found = [(each["id"], each["nodes"][0]["target"]) for each in result["violations"]]
        assert found == []
