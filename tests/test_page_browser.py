"""The council map in a real browser, opened from the disk with the network blocked."""

from __future__ import annotations

import dataclasses
import itertools
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoplan.export.files import csv_bytes
from geoplan.export.lists import Lists, make_lists
from geoplan.export.programme_told import told_of
from geoplan.export.programme_views import VIEWS
from geoplan.maps import write_page
from geoplan.maps.measures import measures, row_columns
from geoplan.maps.records import record_months
from geoplan.model import Inputs, Plan
from geoplan.texts import LANGS, Lang, say
from tests.browsing import NARROW, WIDE, Screen, cells, class_counts, tab_to
from tests.plans import HOSTILE_FIGURE, programme_plan
from tests.test_maps import HOSTILE, hostile


@pytest.fixture(scope="module")
def programme(taiwan_inputs: Inputs) -> Plan:
    return programme_plan(taiwan_inputs)


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    taiwan_result: Path,
    toy_plan: Plan,
    quick_plan: Plan,
    programme: Plan,
) -> Path:
    pages = tmp_path_factory.mktemp("pages")
    shutil.copy(taiwan_result / "map.html", pages / "taiwan.html")
    for name, each in (
        ("toy", toy_plan),
        ("hostile", hostile(toy_plan)),
        ("planner", with_planner_rows(toy_plan)),
        ("quick", quick_plan),
        ("changed", after_an_earlier_run(toy_plan)),
        ("programme", programme),
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


def after_an_earlier_run(plan: Plan) -> Plan:
    """Every township came onto the list, for other sites and other minutes."""
    rows = plan.rows.assign(change="new", change_reason="site;minutes")
    return dataclasses.replace(plan, rows=rows)


def expected_classes(lists: Lists, layer: Any, measure: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Townships by class and certainty, counted from the plan's rows alone."""
    records, months = lists.townships.of(layer.id), record_months(lists)
    rows = pd.DataFrame(
        [{**row, **row_columns(row, months[layer.id, row["township_code"]])} for row in records]
    )
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
        if measure["id"] == "share_listed":
            classes = classes.mask(rows["share_undetermined"] > 0.5, "undetermined")
        if "state" in measure:
            own = rows[measure["state"]]
            classes = classes.where(own == "measured", own)
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
    @pytest.mark.parametrize("name", ["taiwan", "toy", "hostile", "planner", "quick", "changed"])
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


class TestTheTrial:
    def test_finds_every_row_of_the_country_again(self, screen: Screen) -> None:
        """A trial begins only where the page counts each cell of every service as the run did."""
        opened = screen.show("taiwan")
        opened.page.click("#trial-begin")
        opened.page.wait_for_selector("#trial:not([hidden])")
        for pair in opened.page.locator("#trial-figures dd:has(strong)").all():
            was, now = (each.get_attribute("value") for each in pair.locator("data").all())
            assert was == now
        assert opened.complaints == []


class TestLegend:
    def test_counts_are_those_of_the_rows(self, screen: Screen, plan: Plan, lists: Lists) -> None:
        opened = screen.show("taiwan")
        opened.lay_out(False)
        for layer in plan.study.layers:
            for measure in measures(plan, layer):
                if measure["id"] == "need_access":  # no list of classes: test_views_browser
                    continue
                opened.look_at(f"layer={layer.id}&measure={measure['id']}")
                shown: Counter[tuple[str, str]] = Counter()
                for key, numbers in class_counts(opened.page):
                    for certainty, number in zip(("firm", "provisional"), numbers, strict=False):
                        shown[key, certainty] += number
                assert +shown == expected_classes(lists, layer, measure), (layer.id, measure["id"])
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
        areas = ".leaflet-sites-pane path.of-area"
        assert opened.page.locator(areas).count() == proposed > 0
        opened.page.uncheck("#show-proposed")
        assert opened.page.locator(areas).count() == 0

    def test_symbols_look_as_the_legend_says(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        look = (
            "(paths) => [...new Set(paths.map((each) => ['fill', 'stroke', 'stroke-width',"
            " 'stroke-dasharray'].map((name) => each.getAttribute(name)).join(' ')))].sort()"
        )
        dashes = []
        for layer in plan.study.layers:
            opened.choose(layer.id)
            for step in (0, 3):
                opened.page.evaluate(f"void map_geoplan.setZoom(6.5 + {step}, {{animate: false}})")
                on_map = opened.page.locator(".leaflet-sites-pane path").evaluate_all(look)
                in_legend = opened.page.locator("#symbols .kinds path").evaluate_all(look)
                assert on_map == in_legend
                dashes.append(any("3 2.4" in each for each in on_map))
        # An area to search is a plus where the whole country is seen, a dashed shape nearer by.
        assert dashes == [False, True] * len(plan.study.layers)

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
                shown = opened.page.locator(f"#rank-{certainty} tbody tr").evaluate_all(
                    "(rows) => rows.map((row) => row.dataset.place)"
                )
                assert shown == expected, (layer.id, certainty)

    def test_row_leads_to_its_profile_and_back(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        layer = plan.study.layers[0].id
        code = ranked(plan, layer, "firm")[0]
        row = plan.rows[(plan.rows["layer"] == layer) & (plan.rows["township_code"] == code)].iloc[
            0
        ]
        opened.page.locator(f'#rank-firm tr[data-place="{code}"] button').first.click()
        assert opened.texts("#profile .sentence") == [row["sentence_zh"]]
        numbers = opened.texts("#profile .three .figure")
        assert numbers[0] == f"{row['own_minutes_mean']:.1f} 分鐘"
        assert numbers[2] == f"{row['need_percentile']:.0f}"
        assert opened.page.evaluate("map_geoplan.getZoom()") > 8
        opened.page.click("#back")
        assert opened.page.locator("#list").is_visible()
        assert opened.page.evaluate("document.activeElement.closest('tr').dataset.place") == code

    def test_csv_is_underserved_csv(self, screen: Screen, lists: Lists, toy_plan: Plan) -> None:
        for name, each in (("taiwan", lists), ("toy", make_lists(toy_plan))):
            opened = screen.show(name)
            with opened.page.expect_download() as download:
                opened.page.click("#download")
            assert download.value.suggested_filename == "underserved.csv"
            saved = Path(download.value.path()).read_bytes()
            assert saved == csv_bytes(each.underserved)

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
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.look_at(f"layer={layer.id}")
            told = " ".join(opened.texts("#section-proposals li"))
            sites = plan.sites[
                (plan.sites["layer"] == layer.id) & (plan.sites["status"] == "proposed")
            ]
            bound = int(totals["gain_bound"].to_dict()[layer.id])
            assert f"任何規劃至多增加 {bound:,} 人" in told
            assert "以一個人口中心為候選點的條件下" in told
            for number, words in (
                (int(sites["conditional"].sum()), "以名單補齊為前提"),
                (int((sites["gain"] == 0).sum()), "的新增為 0"),
            ):
                line = f"{len(sites)} 處中有 {number} 處{words}"
                assert (line in told) == (number > 0), (layer.id, line)


class TestTheBuildUp:
    """The proposed sites, year by year: each figure on the page is that of its table."""

    def test_years_are_those_of_the_table(self, screen: Screen, plan: Plan, lists: Lists) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            years = [each for each in lists.details["siting_years"].of(layer.id) if each["year"]]
            assert cells(opened.page.locator("#siting-years")) == [
                [
                    str(int(each["year"]) - 1911),
                    str(each["new_sites"]),
                    str(each["stands"]),
                    *(f"{each[name]:,}" for name in ("listed_gain", "listed_bound", "gain")),
                ]
                for each in years
            ]
            most = max(each["listed_bound"] for each in years)
            for name, part, side in (
                ("listed_gain", "rect", "width"),
                ("listed_bound", "line", "x1"),
            ):
                drawn = opened.page.locator(f"#siting-years .bar {part}").all()
                assert [float(each.get_attribute(side)) for each in drawn] == [
                    pytest.approx(min(100 * each[name] / most, 99.4 if part == "line" else 100))
                    for each in years
                ]

    def test_what_the_years_cost_is_the_sum_of_the_table(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            *_, last, total = lists.details["siting_years"].of(layer.id)
            told = " ".join(opened.texts("#siting-years .prose li"))
            assert f"共 {last['sites']} 處" in told
            assert f"{last['listed_bound']:,} 人，" in told
            lost = f"少 {total['listed_loss']:,} 人年（{100 * total['gap']:.1f}%）"
            assert (lost in told) == (total["listed_loss"] > 0)
            years = lists.details["siting_years"].of(layer.id)[:-1]
            proven = all(each["proof"] == "optimal" for each in years)
            assert ("每一年的上限都已證明" in told) == proven

    def test_the_curve_is_drawn_through_the_points_of_the_table(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        opened = screen.show("taiwan")
        drawn = 0
        for layer in plan.study.layers:
            opened.choose(layer.id)
            points = lists.details["siting_curve"].of(layer.id)
            if len(points) < 3:
                assert opened.page.locator("#siting-curve").count() == 0
                continue
            drawn += 1
            known = [each for each in points if each["listed_bound"] is not None]
            most = max(points[-1]["listed_gain"], *(each["listed_bound"] for each in known))
            for path, name, some in (
                ("plan", "listed_gain", points),
                ("bound", "listed_bound", known),
            ):
                line = opened.page.get_attribute(f"#siting-curve path.{path}", "d")
                corners = re.findall(r"([\d.]+) ([\d.]+)", line)
                assert corners[0] == ("8", "116")
                assert [(float(x), float(y)) for x, y in corners[1:]] == [
                    (
                        pytest.approx(8 + 384 * each["sites"] / points[-1]["sites"], abs=0.051),
                        pytest.approx(116 - 102 * each[name] / most, abs=0.051),
                    )
                    for each in some
                ]
            half = next(
                each for each in points if 2 * each["listed_gain"] >= points[-1]["listed_gain"]
            )
            told = opened.page.inner_text("#siting-curve p")
            assert f"前 {half['sites']} 處即達一半" in told
            assert f"共 {points[-1]['listed_gain']:,} 人" in told
        assert drawn

    def test_other_plans_stand_beside_as_in_the_table(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        opened = screen.show("taiwan")
        figures = ("listed_gain", "gain", "townships_lifted", "places_first")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            assert cells(opened.page.locator("#siting-beside")) == [
                [
                    say(f"code.plan.{each['plan']}", "zh"),
                    *(f"{each[name]:,}" for name in figures),
                    say(f"code.proof.{each['proof']}", "zh"),
                ]
                for each in lists.details["siting_beside"].of(layer.id)
            ]

    def test_readings_of_the_quota_are_those_of_the_table(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        opened = screen.show("taiwan")
        lacks = ("new_needed", "to_place", "unplaced")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            readings = lists.details["quota_readings"].of(layer.id)
            assert (opened.page.locator("#siting-quota").count() == 0) == (not readings)
            for row, each in zip(
                cells(opened.page.locator("#siting-quota")), readings, strict=True
            ):
                rounding, total, kept, proof, *gains = row
                assert rounding == say(f"code.rounding.{each['rounding']}", "zh")
                sums = ["" if each[name] is None else f"{each[name]:,}" for name in TOTALS]
                assert [total, kept] == sums
                if each["proof"] == "infeasible":
                    assert re.findall(r"[\d,]*\d", proof) == [f"{each[name]:,}" for name in lacks]
                    assert gains == ["", ""]
                else:
                    assert proof == say(f"code.proof.{each['proof']}", "zh")
                    assert gains == [f"{each['listed_gain']:,.0f}", f"{each['gain']:,.0f}"]

    def test_each_site_has_its_order_year_and_figures(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            opened.page.evaluate(
                "document.querySelectorAll('#siting-sites details').forEach((e) => e.open = true)"
            )
            sites = [each for each in lists.sites.of(layer.id) if each["status"] == "proposed"]
            more = {each["order"]: each for each in lists.details["siting_sites"].of(layer.id)}
            shown = cells(opened.page.locator("#siting-sites"))
            for row, site in zip(shown, sites, strict=True):
                order, year, place, listed, gain, loss, *selected = row
                each = more[site["order"]]
                assert (order, year) == (str(site["order"]), str(int(site["year"]) - 1911))
                assert place.rstrip("＊") == site["county_name"] + site["township_name"]
                assert place.endswith("＊") == site["conditional"]
                told = [f"{figure:,.0f}" for figure in (site["listed_gain"], site["gain"])]
                assert [listed, gain, loss] == [*told, f"{each['loss']:,.0f}"]
                if selected:
                    assert selected == [say(f"code.selected.{each['selected']}", "zh")]


TOTALS = ("total", "total_kept")


class TestTheProgramme:
    def test_its_tables_and_pictures_stand_on_a_narrow_page(
        self, screen: Screen, axe: str, programme: Plan
    ) -> None:
        opened = screen.show("programme", "#lang=zh", NARROW)
        page = opened.page
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
        assert page.locator("#programme-contradictions tbody tr").count() == 25
        assert page.locator("#programme-build_out tbody tr").count() == 23
        assert page.locator("#programme-kpis .trend").count() == 5
        assert page.locator("#programme-targets .target-bar").count() == 4
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        told = VIEWS["staffing"](told_of(make_lists(programme), "zh"))
        shown = cells(page.locator("#programme-staffing"))
        assert shown == [[cell.strip() for cell in row] for row in told.rows]
        assert opened.judged(axe, "#section-programme").violations == []
        assert HOSTILE_FIGURE in page.inner_text("#programme-kpis")
        assert page.evaluate("window.pwned") is None
        page.click("#language")
        assert "Where the documents disagree" in page.inner_text("#section-programme")
        assert opened.complaints == []
        assert opened.requests == []

    @pytest.mark.parametrize("lang", LANGS)
    def test_shades_and_years_are_those_of_the_tables(
        self, screen: Screen, programme: Plan, lang: Lang
    ) -> None:
        opened = screen.show("programme", f"#lang={lang}")
        lists = make_lists(programme)
        rates: dict[str, list[float | None]] = {}
        for row in lists.details["build_out"].records:
            rates.setdefault(row["county_code"] or "", []).append(row["build_out_rate"])
        for line, of_county in zip(
            opened.page.locator("#programme-build_out tbody tr").all(), rates.values(), strict=True
        ):
            for at, rate in enumerate(of_county):
                shade = line.locator("td").nth(at).locator(".rate")
                if rate is None:
                    assert shade.count() == 0
                    continue
                step = (rate >= 0.5) + (rate >= 0.75) + (rate >= 1)
                assert shade.get_attribute("class") == f"rate rate-{step}"
                assert f"{100 * rate:.1f}%" in shade.inner_text()
        names = opened.page.locator(".rate-key .rate").all_inner_texts()
        assert [re.findall(r"\d+", name) for name in names] == [
            ["50"],
            ["50", "75"],
            ["75", "100"],
            ["100"],
        ]
        first = 115 if lang == "zh" else 2026
        years = opened.page.locator("#programme-kpis .trend").first.locator("text.year")
        assert years.all_text_contents() == [str(first + at) for at in range(5)]
        lines = opened.page.locator("#programme-build_out tbody th").evaluate_all(
            "(heads) => heads.map((head) => { const all = document.createRange();"
            " all.selectNodeContents(head); return all.getClientRects().length; })"
        )
        assert set(lines) == {1}  # a county's name is not broken


class TestTheProfile:
    def test_before_and_after_are_counted_by_the_rule_of_the_place(
        self, screen: Screen, plan: Plan
    ) -> None:
        layer = plan.study.layers[1].id
        rows = plan.rows[(plan.rows["layer"] == layer) & (plan.rows["universe"] == "islands")]
        row = rows.sort_values("beyond_people").iloc[-1]
        opened = screen.show("taiwan", f"#layer={layer}&place={row['township_code']}")
        table = opened.page.get_by_role("table", name="規劃前後")
        line = table.locator("tr", has_text="同島無據點")
        shown = [text.strip() for text in line.locator("td").all_inner_texts()]
        assert shown == [f"{row['beyond_people']:,}", f"{row['beyond_people_after']:,}"]

    def test_says_when_nothing_is_known_of_anybody(self, screen: Screen, plan: Plan) -> None:
        rows = plan.rows[plan.rows["target_undetermined"] == plan.rows["target_people"]]
        row = rows[rows["target_people"] > 0].iloc[0]
        opened = screen.show("taiwan", f"#layer={row['layer']}&place={row['township_code']}")
        assert opened.texts("#profile .three .figure")[0] == "全數無法判定"
        table = opened.page.get_by_role("table", name="規劃前後")
        assert "全數無法判定" in table.inner_text()

    def test_names_the_site_by_how_people_come_to_it(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            code = plan.townships["township_code"].iloc[0]
            opened.look_at(f"layer={layer.id}&place={code}&measure=minutes")
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


def figure(text: str) -> float:
    """The number at the beginning of a cell, without its signs and unit."""
    found = re.match(r"[+]?(-?[\d,]+(?:\.\d+)?)", text)
    assert found, text
    return float(found.group(1).replace(",", ""))


class TestHowItWasJudged:
    def some_rows(self, plan: Plan) -> list[Any]:
        """One row a layer and status."""
        return [rows.iloc[len(rows) // 2] for _, rows in plan.rows.groupby(["layer", "status"])]

    def test_each_test_of_the_rule_is_that_of_the_table(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        margins = lists.details["margins"].records
        opened = screen.show("taiwan")
        opened.lay_out(False)
        for row in self.some_rows(plan):
            opened.look_at(f"layer={row['layer']}&place={row['township_code']}")
            wanted = [
                each
                for each in margins
                if (each["layer"], each["township_code"]) == (row["layer"], row["township_code"])
            ]
            shown = cells(opened.page.locator("#profile .tests table"))
            assert len(shown) == len(wanted) > 0
            for (name, here, threshold, margin, holds), cell in zip(shown, wanted, strict=True):
                per = 100 if cell["unit"] == "share" else 1
                assert say(f"measure.{cell['measure']}", "zh") in name
                ends = [figure(text) for text in here.split(" 至 ")]
                assert ends[0] == pytest.approx(per * cell["value_least"], abs=0.051)
                assert ends[-1] == pytest.approx(per * cell["value_most"], abs=0.051)
                assert (len(ends) == 2) == (cell["value_least"] != cell["value_most"])
                assert figure(threshold.removeprefix("至少 ")) == pytest.approx(
                    per * cell["threshold"]
                )
                assert figure(margin) == pytest.approx(per * cell["margin"], abs=0.051)
                assert margin.startswith("+") == (cell["margin"] > 0)
                assert holds == say(f"explain.holds.{cell['holds']}", "zh")

    def test_share_of_runs_intervals_and_what_would_lift_it(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        rows = plan.rows[plan.rows["listed"] & plan.rows["rank_low"].notna()]
        row = rows[rows["layer"] == "welfare_centres"].sort_values("share_listed").iloc[5]
        place = row["township_code"]
        opened = screen.show("taiwan", f"#layer={row['layer']}&place={place}")
        told = opened.page.inner_text("#profile .runs")
        assert f"入列比例 {100 * row['share_listed']:.1f}%" in told
        assert f"{row['rank_low']:.0f} 至 {row['rank_high']:.0f}" in told
        low, high = (100 * row[f"beyond_share_{end}"] for end in ("low", "high"))
        assert f"{low:.1f}% 至 {high:.1f}%" in told
        assert "機率" not in told
        remedies = lists.details["remedies"].of(row["layer"])
        remedy = next(each for each in remedies if each["township_code"] == place)
        lift = opened.page.inner_text("#profile .lift")
        assert f"{remedy['people_to_bring_within']:,} 人納入門檻內" in lift
        for code in remedy["remedies"].split(";"):
            assert say(f"remedy.{code}", "zh") in lift
        table = opened.page.get_by_role("table", name="規劃前後")
        assert cells(table)[-1] == [
            "狀態",
            say(f"status.{row['status']}", "zh"),
            say(f"status.{remedy['status_after']}", "zh"),
        ]

    def test_flips_and_near_misses_are_told_where_there_are(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        details = lists.details
        opened = screen.show("taiwan")
        flip = next(each for each in details["flips"].records if each["flip"] != "other_status")
        opened.look_at(f"layer={flip['layer']}&place={flip['township_code']}")
        told = opened.page.inner_text("#profile")
        assert say(f"flip.{flip['flip']}", "zh") in told
        assert f"以村里計 {flip['beyond_people_villages']:,} 人" in told
        misses = [each for each in details["near_misses"].records if each["change"] == "went"]
        miss = next(each for each in misses if each["unit"] == "minutes")
        opened.look_at(f"layer={miss['layer']}&place={miss['township_code']}")
        told = opened.page.inner_text("#profile")
        assert f"由 {miss['value']:g} 分鐘 改為 {miss['changed_value']:g} 分鐘：轉為不列入" in told
        moved = {(each["layer"], each["township_code"]) for each in details["near_misses"].records}
        plain = next(
            row
            for row in plan.rows.to_dict("records")
            if (row["layer"], row["township_code"]) not in moved and not row["listed"]
        )
        opened.look_at(f"layer={plain['layer']}&place={plain['township_code']}")
        assert "門檻變動一成" not in opened.page.inner_text("#profile")

    def test_change_since_an_earlier_run(self, screen: Screen, toy_plan: Plan) -> None:
        code = toy_plan.townships["township_code"].iloc[0]
        told = screen.show("changed", f"#place={code}").page.inner_text("#profile .facts >> nth=-1")
        assert "新增、可用據點不同、車程改變" in told
        assert "與前次相較" not in screen.show("toy", f"#place={code}").page.inner_text("#profile")

    def test_county_figures_among_the_leading_are_marked(self, screen: Screen, plan: Plan) -> None:
        rows = plan.rows[plan.rows["need_leading"].str.startswith("chronic_mental_rate")]
        row = rows.iloc[0]
        place = f"#layer={row['layer']}&place={row['township_code']}"
        name = next(each for each in plan.study.need.indicators if each.id == "chronic_mental_rate")
        told = screen.show("taiwan", place).page.inner_text("#profile .three")
        assert f"主要因素：{name.name_zh}" in told
        assert "（縣市" in told

    def test_a_quick_run_shows_no_empty_box(self, screen: Screen, toy_plan: Plan) -> None:
        opened = screen.show("quick")
        for code in toy_plan.townships["township_code"]:
            opened.look_at(f"place={code}")
            assert opened.page.locator("#profile .runs").count() == 0
            assert opened.page.locator("#profile .tests tbody tr").count() > 0
            assert opened.page.locator('#measure option[value="share_listed"]').count() == 0
            assert opened.page.locator("#hot-spots").count() == 0
        opened.page.click("#back")
        assert "入列比例" not in opened.page.inner_text("main .workspace")
        assert "模擬" not in opened.page.inner_text("#section-equity")

    def test_list_tells_the_share_of_runs_and_near_misses(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan")
        misses = plan.details["near_misses"]
        for layer in plan.study.layers:
            opened.choose(layer.id)
            rows = plan.rows[(plan.rows["layer"] == layer.id)].set_index("township_code")
            lines = opened.page.locator("#rank-firm tbody tr").evaluate_all(
                "(rows) => rows.map((row) => [row.dataset.place, row.lastElementChild.innerText])"
            )
            for code, text in lines:
                row = rows.loc[code]
                assert figure(text) == pytest.approx(100 * row["share_listed"], abs=0.0501)
            firm = rows[rows["certainty"] == "firm"]
            mine = misses[(misses["layer"] == layer.id) & misses["township_code"].isin(firm.index)]
            came, went = (
                mine.loc[mine["change"] == change, "township_code"].nunique()
                for change in ("came", "went")
            )
            told = " ".join(opened.texts('[data-surety="firm"]'))
            if came or went:
                assert f"{came} 個會轉為列入、{went} 個會轉為不列入" in told
            listed = firm[firm["listed"].astype(bool)]
            if len(listed):
                sure = int((listed["share_listed"] >= 0.95).sum())
                assert f"{len(listed)} 個列入者中，{sure} 個" in told


class TestLoads:
    def test_are_those_of_the_table_largest_first(
        self, screen: Screen, plan: Plan, lists: Lists
    ) -> None:
        opened = screen.show("taiwan")
        for layer in ("welfare_centres", "mental_health_centres"):
            opened.choose(layer)
            opened.page.evaluate(
                "document.querySelectorAll('details').forEach((e) => e.open = true)"
            )
            for certainty in ("firm", "provisional"):
                loads = [
                    each
                    for each in lists.details["loads"].of(layer)
                    if each["certainty"] == certainty and each["split"] == "known"
                ]
                loads.sort(key=lambda each: each["rank"])
                shown = cells(opened.page.locator(f"#loads-{certainty}"))
                assert [row[1] for row in shown] == [each["name"] for each in loads]
                assert [figure(row[2]) for row in shown] == [
                    pytest.approx(each["residents_per_site"], abs=0.5) for each in loads
                ]
                widths = opened.page.locator(f"#loads-{certainty} .bar rect").evaluate_all(
                    "(bars) => bars.map((bar) => Number(bar.getAttribute('width')))"
                )
                assert widths == sorted(widths, reverse=True)
            total = next(
                each for each in lists.details["load_totals"].of(layer) if each["scope"] == "firm"
            )
            told = opened.texts("#section-loads > .prose li")[0]
            assert f"最多為最少的 {total['ratio']:,.1f} 倍" in told
            assert f"最多 {total['largest_residents_per_site']:,.0f} 人" in told

    def test_places_without_a_site_are_named(self, screen: Screen, plan: Plan) -> None:
        places = plan.details["places_without"]
        opened = screen.show("taiwan")
        for layer in ("welfare_centres", "mental_health_centres"):
            opened.choose(layer)
            opened.page.evaluate(
                "document.querySelectorAll('details').forEach((e) => e.open = true)"
            )
            mine = places[places["layer"] == layer]
            for (lack, certainty), rows in mine.groupby(["lack", "certainty"]):
                line = opened.page.inner_text(f'[data-lack="{lack}-{certainty}"]')
                names = (rows["county_name"] + rows["township_name"]).tolist()
                assert re.split("[：、\n]", line)[-len(names) :] == names
                assert f"{len(names)}" in line
            assert opened.page.locator("[data-lack]").count() == len(
                mine.groupby(["lack", "certainty"])
            )

    def test_own_against_nearest_is_the_table(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan", "#layer=mental_health_centres")
        table = plan.details["own_nearest"]
        mine = table[table["layer"] == "mental_health_centres"]
        shown = cells(opened.page.locator("#own-nearest"))
        for at, certainty in enumerate(("firm", "provisional"), 1):
            wanted = mine[mine["certainty"] == certainty]["target_people"].tolist()
            assert [figure(row[at]) for row in shown] == wanted
            known = mine[(mine["certainty"] == certainty) & (mine["longer"] != "not_known")]
            longer = known[known["longer"] != "none"]
            people, minutes = longer["target_people"].sum(), longer["person_minutes"].sum()
            told = opened.texts("#own-nearest .prose li")[at - 1]
            assert f"{people:,} 人（{100 * people / known['target_people'].sum():.1f}%）" in told
            assert f"平均多 {minutes / people:.1f} 分鐘" in told

    def test_of_one_county_are_those_of_the_county(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan", "#layer=welfare_centres&county=10013")
        loads = plan.details["loads"]
        mine = loads[(loads["layer"] == "welfare_centres") & (loads["county_code"] == "10013")]
        shown = cells(opened.page.locator("#loads-provisional"))
        assert {row[1] for row in shown} == set(mine["name"])
        assert opened.page.locator("#loads-firm").count() == 0

    def test_chosen_services_have_none(self, screen: Screen) -> None:
        opened = screen.show("taiwan", "#layer=food_banks")
        assert opened.page.locator("#section-loads").count() == 0
        assert "超過 30 分鐘" in opened.page.inner_text('[data-layer="food_banks"] .headline')


class TestEquity:
    def test_figures_are_those_of_the_table(self, screen: Screen, plan: Plan, lists: Lists) -> None:
        table = lists.details["equity"]
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            shown = cells(opened.page.locator("#section-equity table.equity"))
            firm = [
                each
                for each in table.of(layer.id)
                if (each["universe"], each["scope"]) == ("main_island", "firm")
                and each["figure"] in ("mean", "gini", "concentration_index", "people_shortfall")
            ]
            assert len(shown) == len(firm)
            for row, each in zip(shown, firm, strict=True):
                assert say(f"spread.figure.{each['figure']}", "zh") in row[0]
                assert figure(row[1]) == pytest.approx(each["value"], abs=0.5, rel=1e-3)
                if each["figure"] == "gini":
                    assert figure(row[1]) == pytest.approx(each["value"], abs=0.00051)
                if each["low"] is not None:
                    assert "至" in row[1]

    def test_the_sign_is_told_in_words(self, screen: Screen, plan: Plan) -> None:
        opened = screen.show("taiwan", "#layer=welfare_centres")
        told = opened.page.inner_text("#section-equity")
        assert "需求較高者車程較長" in told  # negative index of minutes
        assert "需求較低者的據點負荷較重" in told  # positive index of residents per site

    def test_clusters_are_named_and_called_a_description(self, screen: Screen, plan: Plan) -> None:
        spots = plan.details["hotspots"]
        opened = screen.show("taiwan")
        for layer in plan.study.layers:
            opened.choose(layer.id)
            told = opened.page.inner_text("#hot-spots")
            mine = spots[(spots["layer"] == layer.id) & (spots["cluster"] == "high_high")]
            for name in mine["county_name"] + mine["township_name"]:
                assert name in told
            assert "僅為描述" in told
            tested = int((spots[spots["layer"] == layer.id]["tested"] == "tested").sum())
            assert f"{tested} 個鄉鎮市區" in told
        assert "未檢定" in screen.show("toy").page.inner_text("#hot-spots")


class TestByKeyboard:
    def test_search_to_profile_to_csv(self, screen: Screen) -> None:
        opened = screen.show("taiwan")
        keys = opened.page.keyboard
        tab_to(opened, "e.id === 'search'")
        keys.type("台東縣成功")  # 台 where the data write 臺
        opened.page.wait_for_selector("#found li")
        keys.press("ArrowDown")
        assert opened.page.get_attribute("#search", "aria-activedescendant") == "found-0"
        keys.press("Enter")
        assert opened.texts("#profile-heading") == ["臺東縣成功鎮"]
        assert opened.page.evaluate("document.activeElement.id") == "profile-heading"
        tab_to(opened, "e.id === 'download'", "Shift+Tab")
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
    def test_axe_finds_nothing(self, screen: Screen, axe: str, size: tuple[int, int]) -> None:
        opened = screen.show("taiwan", size=size)
        places = ("", "&layer=welfare_centres&place=10013240")
        for lang, place in itertools.product(LANGS, places):
            opened.look_at(f"lang={lang}{place}")
            opened.page.evaluate(
                "document.querySelectorAll('details').forEach((e) => e.open = true)"
            )
            result = opened.judged(axe)
            assert result.violations == []
            assert result.passes > 15

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
