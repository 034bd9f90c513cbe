"""The report: what it says is what the lists say, in two languages, with nothing that runs."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from geoplan.export.lists import Lists, make_lists
from geoplan.export.words import Labels, limits
from geoplan.maps.headline import NATION, headlines
from geoplan.model import Plan
from geoplan.reporting.equity import Evenness
from geoplan.reporting.figures import MOST_RUNS, how_far, how_sure
from geoplan.reporting.numbers import NAMED, Numbers, enumerated
from geoplan.reporting.parts import BAR_WIDTH, bar, modelled
from geoplan.reporting.report import report_html
from geoplan.reporting.service import TOP
from geoplan.reporting.sure import HowSure
from geoplan.study import Layer
from geoplan.tables import CERTAINTIES
from geoplan.texts import LANGS, Lang, catalogue, say
from tests.plans import hand_made_plan, hostile_plan

ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "section", "header", "nav", "h1", "h2"),
    *(
        "h3",
        "p",
        "span",
        "figcaption",
        "a",
        "ul",
        "li",
        "div",
        "small",
        "strong",
        "dl",
        "dt",
        "dd",
        "figure",
    ),
    *("svg", "rect", "text", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("defs", "pattern", "path", "circle", "polyline", "polygon", "footer", "details", "summary"),
}
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Elements, attributes, links, texts by section, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.section = ""
        self.texts: dict[str, list[str]] = {"": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "section":
            self.section = dict(attrs)["id"] or ""
            self.texts[self.section] = []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts[self.section].append(data)

    def text(self, section: str) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts[section]))


@pytest.fixture(scope="module", params=["hand_made", "toy"])
def made(request: pytest.FixtureRequest) -> Plan:
    if request.param == "toy":
        return request.getfixturevalue("toy_plan")
    return hand_made_plan()


@pytest.fixture(scope="module")
def lists(made: Plan) -> Lists:
    return make_lists(made)


@pytest.fixture(scope="module")
def page(lists: Lists) -> Page:
    return Page(report_html(lists).decode())


def test_the_page_is_well_formed_and_asks_for_nothing(page: Page) -> None:
    assert page.open == []
    policies = [
        attrs["content"]
        for tag, attrs in page.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert {tag for tag, _ in page.elements} <= ALLOWED
    names = {name for _, attrs in page.elements for name in attrs}
    assert not [name for name in names if name.startswith("on") or name in ("src", "srcset")]
    links = [attrs["href"] or "" for tag, attrs in page.elements if "href" in attrs]
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_both_languages_stand_and_neither_is_empty(page: Page) -> None:
    sections = [attrs for tag, attrs in page.elements if tag == "section"]
    assert [each["lang"] for each in sections] == ["zh-Hant-TW", "en"]
    assert len(page.text("zh")) > 1500
    assert len(page.text("en")) > 3000
    assert "{" not in page.text("zh") + page.text("en")


@pytest.mark.parametrize("lang", LANGS)
def test_headlines_are_firm_and_the_others_stand_apart(page: Page, lists: Lists, lang: Any) -> None:
    text = page.text(lang)
    for layer in lists.plan.study.layers:
        firm, provisional = lists.firm.of(layer.id), lists.provisional.of(layer.id)
        group = layer_group(lists, layer, lang)
        far = {name: beyond(lists, layer, name) for name in ("firm", "provisional")}
        within = {
            name: sum(row["beyond_people"] for row in rows)
            for name, rows in (("firm", firm), ("provisional", provisional))
        }
        if lang == "zh":
            told = [
                f"暫定（名單不完整）：超過 {layer.minutes:g} 分鐘或無路可達 "
                f"{far['provisional']:,} 人；"
                f"列入 {len(provisional):,} 個鄉鎮市區，"
                f"列入地區中超過門檻者 {within['provisional']:,} 人"
            ]
            if firm:
                told += [
                    f"列入 {len(firm):,} 個鄉鎮市區",
                    f"{group}超過 {layer.minutes:g} 分鐘或無路可達：{far['firm']:,} 人",
                    f"列入地區中超過門檻者（離島為同島無據點者）{within['firm']:,} 人",
                ]
        else:
            told = [
                f"{far['provisional']:,} beyond {layer.minutes:g} minutes, or with no way there; "
                f"townships listed {len(provisional):,}, "
                f"people beyond in them {within['provisional']:,}"
            ]
            if firm:
                told += [
                    f"Townships listed: {len(firm):,}",
                    f"{group} beyond {layer.minutes:g} minutes, or with no way there: "
                    f"{far['firm']:,}",
                ]
        assert not [each for each in told if each not in text]


def layer_group(lists: Lists, layer: Any, lang: str) -> str:
    groups = {each.id: each for each in lists.plan.study.groups}
    return str(getattr(groups[layer.group], f"name_{lang}"))


def beyond(lists: Lists, layer: Any, certainty: str) -> int:
    """People beyond the threshold or cut off, counted from the rows."""
    rows = [row for row in lists.townships.of(layer.id) if row["certainty"] == certainty]
    return sum(row["target_uncovered"] + row["target_unreachable"] for row in rows)


def test_the_undetermined_are_told_by_people_and_by_townships_apart(
    page: Page, lists: Lists
) -> None:
    for layer in lists.plan.study.layers:
        rows = lists.townships.of(layer.id)
        people = {
            name: sum(row["target_undetermined"] for row in rows if row["certainty"] == name)
            for name in ("firm", "provisional")
        }
        townships = len(lists.undetermined.of(layer.id))
        text = page.text("zh")
        assert (
            f"無法判定之服務對象：名單完整縣市 {people['firm']:,} 人，"
            f"其餘縣市 {people['provisional']:,} 人"
        ) in text
        assert f"狀態為無法判定者 {townships:,} 個鄉鎮市區" in text


def test_map_and_report_tell_the_same_people_beyond(made: Plan, page: Page) -> None:
    for layer in made.study.layers:
        nation = headlines(made, layer)[NATION]
        if nation["target_firm"]:
            people = nation["beyond_firm"]["people"]
            assert f"超過 {layer.minutes:g} 分鐘或無路可達：{people:,} 人" in page.text("zh")


def test_no_place_gets_worse_by_the_plan(lists: Lists) -> None:
    """Islanders are counted by their own rule before and after."""
    for row in lists.townships.records:
        assert row["beyond_people_after"] <= row["beyond_people"]


def test_where_most_are_undetermined_no_mean_is_told(made: Plan) -> None:
    layer = made.study.layers[0]
    unknown = made.layer_totals.copy()
    mine = unknown["layer"] == layer.id
    unknown.loc[mine, "target_undetermined"] = unknown.loc[mine, "target_people"]
    unknown.loc[mine, "undetermined_firm_people"] = unknown.loc[mine, "target_firm_people"]
    unknown.loc[mine, "undetermined_provisional_people"] = unknown.loc[
        mine, "target_provisional_people"
    ]
    far = how_far_text(make_lists(dataclasses.replace(made, layer_totals=unknown)), layer)
    assert "平均" in how_far_text(make_lists(made), layer)
    assert not re.search(r"平均 [\d.]+ 分鐘", far)
    for certainty, where in (("firm", "名單完整縣市"), ("provisional", "其餘縣市（暫定）")):
        some = bool(made.layer_totals.loc[mine, f"target_{certainty}_people"].item())
        assert (f"{where}過半無法判定，不列平均。" in far) == some


def numbers(lists: Lists, layer: Layer, lang: Lang = "zh") -> Numbers:
    return Numbers(lists, layer, lang, Labels(lists.plan, lang))


def how_far_text(lists: Lists, layer: Layer) -> str:
    return numbers(lists, layer).told()[0]["text"]


def test_firm_and_provisional_means_stand_apart_and_no_mixed_one(made: Plan) -> None:
    totals = made.layer_totals.assign(
        own_minutes_mean=77.7, own_minutes_mean_firm=11.1, own_minutes_mean_provisional=22.2
    ).assign(undetermined_firm_people=0, undetermined_provisional_people=0)
    lists = make_lists(dataclasses.replace(made, layer_totals=totals))
    for layer in made.study.layers:
        far, total = how_far_text(lists, layer), lists.total(layer.id)
        assert "77.7" not in far
        assert ("平均 11.1 分鐘" in far) == bool(total["target_firm_people"])
        provisional = re.search(r"其餘縣市（暫定）至\w+據點平均 22\.2 分鐘", far)
        assert bool(provisional) == bool(total["target_provisional_people"])


def test_the_hardest_hit_are_the_first_of_the_list(lists: Lists) -> None:
    content = report_html(lists).decode()
    labels = Labels(lists.plan, "zh")
    for layer in lists.plan.study.layers:
        for listed in (lists.firm, lists.provisional):
            rows = "".join(
                f'<tr><td class="n">{at}</td><td>{labels.place(row["township_code"])}</td>.*?'
                f'<td class="n">{row["beyond_people"]:,}</td>.*?</tr>\\s*'
                for at, row in enumerate(listed.of(layer.id)[:TOP], 1)
            )
            assert re.search(rows, content), layer.id


def test_the_targets_add_up_on_the_page(lists: Lists) -> None:
    content = report_html(lists).decode().partition('id="zh-targets"')[2]
    for layer in lists.plan.study.layers:
        counts = lists.national(layer.id)
        told = [counts["existing_named"], counts["existing_unnamed"], counts["proposed"]]
        assert sum(told) >= counts["target"]
        row = re.search(f"<tr><td>{layer.name_zh}</td>(.*?)</tr>", content)
        assert row is not None
        cells = re.findall(r'<td class="n">\D*([\d,]+)', row.group(1))
        assert [int(cell.replace(",", "")) for cell in cells] == [*told, counts["target"]]


def test_proposals_tell_gain_and_bound(page: Page, lists: Lists) -> None:
    for layer in lists.plan.study.layers:
        total, sites = lists.total(layer.id), lists.proposals.of(layer.id)
        if not sites:
            continue
        text = page.text("zh")
        conditional = [site for site in sites if site["conditional"]]
        count = f"規劃 {len(sites):,} 處"
        if conditional:
            count += f"，其中 {len(conditional):,} 處以名單補齊為前提"
            gained = sum(site["gain"] for site in conditional)
            assert f"新增人數中有 {gained:,} 人屬於以名單補齊為前提的據點" in text
        assert count in text
        assert (
            "在每個鄉鎮市區以一個人口中心為候選點的條件下，遵守相同規則、同數據點的任何規劃，"
            f"在列入地區至多新增 {total['listed_gain_bound']:,} 人，"
            f"全體至多新增 {total['gain_bound']:,} 人"
        ) in text
        for site in sorted(sites, key=lambda each: (each["year"] or "", each["order"]))[:TOP]:
            assert Labels(lists.plan, "zh").place(site["township_code"]) in text


def test_proposals_that_bring_nobody_are_counted(made: Plan) -> None:
    sites = made.sites.copy()
    sites.loc[sites["status"] == "proposed", "gain"] = 0
    idle = sites[(sites["status"] == "proposed") & (sites["layer"] == made.study.layers[0].id)]
    text = Page(report_html(make_lists(dataclasses.replace(made, sites=sites))).decode()).text("zh")
    n, minutes = len(idle), made.study.layers[0].minutes
    assert n
    assert f"{n} 處中有 {n} 處的新增為 0：沒有使現況確定在 {minutes:g} 分鐘外的人" in text


def test_who_was_undetermined_and_is_within_after_is_told_apart_from_the_gain(made: Plan) -> None:
    layer = made.study.layers[0]
    totals = made.layer_totals.copy()
    mine = totals["layer"] == layer.id
    totals.loc[mine, "target_undetermined"] = 1_234
    totals.loc[mine, "target_undetermined_after"] = 234
    lists = make_lists(dataclasses.replace(made, layer_totals=totals))
    text = Page(report_html(lists).decode()).text("zh")
    told = "另有 1,000 人現況無法判定，設置後確定在"
    assert (told in text) == bool(lists.proposals.of(layer.id))


def test_no_bound_is_told_without_its_condition() -> None:
    for key, text in catalogue().items():
        if key.split(".")[0] not in ("page", "report", "reporting", "limit"):
            continue
        if "任何規劃" in text["zh"]:
            assert "以一個人口中心為候選點" in text["zh"], key
        if "no plan" in text["en"].lower():
            assert "one candidate place a township" in text["en"], key


def test_the_chinese_report_tells_ranges_and_missing_licences_in_chinese() -> None:
    plan = hand_made_plan()
    source = dataclasses.replace(plan.sources[0], date="2021-06 to 2026-06", licence="none stated")
    content = report_html(make_lists(hand_made_plan(sources=(source,)))).decode()
    text = Page(content).text("zh")
    assert "民國 110 年 6 月至民國 115 年 6 月" in text
    assert "來源未載明授權" in text
    assert not re.search(r"none stated|2021-06| to ", text)


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_said_missing_and_where_it_comes_from_stand_there(
    page: Page, made: Plan, lang: Any
) -> None:
    text = page.text(lang)
    for limit in limits(made.study, lang):
        assert limit in text
    for missing in made.study.need.missing:
        assert getattr(missing, f"name_{lang}") in text
    for source in made.sources:
        assert getattr(source, f"title_{lang}") in text
        assert source.licence in text


def test_the_default_study_says_what_driving_minutes_are_not() -> None:
    said = " ".join(limits(hand_made_plan().study, "zh"))
    for word in ("沒有車", "113", "1957", "1925", "設籍", "順暢", "縣道", "不代表資源充足"):
        assert word in said
    assert len(limits(hand_made_plan().study, "en")) == len(limits(hand_made_plan().study, "zh"))


def test_the_toy_country_does_not_speak_of_taiwan(toy_plan: Plan) -> None:
    assert "1957" not in " ".join(limits(toy_plan.study, "zh"))


def test_unreachable_places_have_no_minutes(lists: Lists) -> None:
    content = report_html(lists).decode()
    for row in lists.underserved.records:
        if row["own_state"] == "unreachable":
            assert row["own_minutes_mean"] is None
    assert not re.search(r"\b(nan|NaN|None)\b(?! listed)", content)


def test_bars_are_as_wide_as_their_people() -> None:
    people = {"covered": 700, "undetermined": 1, "uncovered": 299, "unreachable": 0}
    pieces = bar("today", people, "en").pieces
    assert sum(piece.width for piece in pieces) == pytest.approx(BAR_WIDTH, abs=0.05)
    assert [piece.width for piece in pieces] == pytest.approx([420, 0.6, 179.4, 0])
    for left, right in pairwise(pieces):
        assert right.x == pytest.approx(left.x + left.width, abs=0.02)


def test_a_bar_of_nobody_is_drawn_empty() -> None:
    pieces = bar("today", dict.fromkeys(["covered", "uncovered"], 0), "zh").pieces
    assert [(piece.x, piece.width, piece.share) for piece in pieces] == [(0, 0, "不明")] * 2


def test_hostile_names_are_text() -> None:
    content = report_html(make_lists(hostile_plan())).decode()
    page = Page(content)
    assert {tag for tag, _ in page.elements} <= ALLOWED
    assert page.open == []
    assert '<script>alert("x")</script>' in page.text("zh")
    assert "49" not in re.findall(r"乙縣(.{0,20})", page.text("zh"))


def test_template_marks_in_names_are_not_run() -> None:
    plan = hand_made_plan()
    rows = plan.rows.copy()
    rows.loc[rows["township_code"] == "10013020", "township_name"] = "{{7*7}}{% raw %}"
    sites = plan.sites.assign(township_name="{{7*7}}")
    content = report_html(make_lists(hand_made_plan(rows=rows, sites=sites))).decode()
    assert "{{7*7}}{% raw %}" in content


def test_a_plan_without_proposals_listed_rows_or_notes_has_a_report() -> None:
    plan = hand_made_plan()
    rows = plan.rows.assign(status="not_listed", listed=False, reasons="")
    empty = hand_made_plan(
        rows=rows,
        sites=plan.sites[plan.sites["status"] != "proposed"],
        notes=(),
        sources=(),
        completeness=plan.completeness.iloc[:0],
    )
    text = Page(report_html(make_lists(empty)).decode()).text("zh")
    assert text.count("未規劃新增據點。") == len(plan.study.layers)
    assert text.count("確定列入：0 個鄉鎮市區") == len(plan.study.layers)


def test_every_text_of_the_report_is_used_and_full_in_both_languages(lists: Lists) -> None:
    for key, text in catalogue().items():
        if key.startswith(("report.", "export.", "limit.")):
            assert set(text) == {"zh", "en"}
            assert all(text.values())
            names = [set(re.findall(r"\{(\w+)", text[lang])) for lang in LANGS]
            # A value may be told in one language only where the other has no use for it.
            assert names[0] <= names[1] | {"minutes"} and names[1] <= names[0] | {"minutes"}, key
            if not key.startswith(("report.", "export.months", "export.no")):
                assert not re.search(r"[\u4e00-\u9fff][,;:!?]", text["zh"]), key


def test_shares_of_people_are_those_of_the_rows(lists: Lists) -> None:
    rows = pd.DataFrame(lists.townships.records)
    for layer in lists.plan.study.layers:
        mine = rows[rows["layer"] == layer.id]
        total = lists.total(layer.id)
        for state in ("covered", "uncovered", "undetermined", "unreachable"):
            assert mine[f"target_{state}"].sum() == total[f"target_{state}"]


@pytest.fixture(scope="module")
def toy(toy_plan: Plan) -> Lists:
    return make_lists(toy_plan)


def with_details(plan: Plan, **tables: pd.DataFrame) -> Lists:
    """The plan's lists with other tables behind the rows."""
    return make_lists(dataclasses.replace(plan, details={**plan.details, **tables}))


def test_how_far_is_what_the_villages_say(toy: Lists) -> None:
    """Mean, nine in ten, and how much nearer the nearest is, counted person by person."""
    villages = toy.plan.village_rows
    some = 0
    for layer in toy.plan.study.layers:
        part = {row["township_code"]: row["certainty"] for row in toy.townships.of(layer.id)}
        mine = villages[villages["layer"] == layer.id]
        mine = mine.assign(certainty=mine["township_code"].map(part))
        for far in how_far(toy, layer):
            here = mine[(mine["certainty"] == far.certainty) & mine["own_minutes"].notna()]
            if far.mean is None:
                assert 2 * far.undetermined > far.people or here["target_people"].sum() == 0
                continue
            people = here["target_people"].to_numpy()
            each = sorted(here["own_minutes"].repeat(people))
            assert far.p90 == each[-(-len(each) * 9 // 10) - 1]
            if here["target_modelled"].any():
                continue  # the villages' people are rounded
            some += 1
            assert far.mean == pytest.approx(sum(each) / len(each))
            if far.nearest_mean is not None:
                near = here["nearest_minutes"] * people
                assert far.nearest_mean == pytest.approx(near.sum() / people.sum(), abs=1e-3)
                longer = here["own_minutes"] - here["nearest_minutes"] > 10
                assert far.much_longer == people[longer].sum()
                assert far.compared == people.sum()
    assert some


@pytest.mark.parametrize("lang", LANGS)
def test_loads_and_places_without_a_site_are_told_by_name(toy: Lists, lang: Lang) -> None:
    labels = Labels(toy.plan, lang)
    text = Page(report_html(toy).decode()).text(lang)
    for row in toy.details["load_totals"].records:
        if row["scope"] == "all" or not row["areas"]:
            continue
        for end in ("largest", "smallest"):
            assert labels.area(row[f"{end}_area_id"]) in text
            assert f"{row[f'{end}_residents_per_site']:,.0f}" in text
        if row["areas"] > 1:
            told = f"{row['ratio']:,.1f}"
            assert f"相差 {told} 倍" in text or f"{told} times apart" in text
    for layer in toy.plan.study.layers:
        told = numbers(toy, layer, lang).told()[2]["text"]
        lacking = toy.details["places_without"].of(layer.id)
        assert lacking
        for row in lacking:
            if row["lack"] != "township_without_site":
                assert labels.place(row["place_code"]) in told
        for certainty in CERTAINTIES:
            rows = [
                row
                for row in lacking
                if (row["lack"], row["certainty"]) == ("township_without_site", certainty)
            ]
            if rows:
                assert f"{sum(row['population'] for row in rows):,}" in told
                first = max(rows, key=lambda row: row["population"])
                assert labels.place(first["place_code"]) in told


def test_the_table_of_loads_goes_from_the_largest_to_the_smallest(toy_plan: Plan) -> None:
    """Twelve firm areas: the first five and the last three, in the order of their rank."""
    layer = toy_plan.study.layers[0]
    table = toy_plan.details["loads"]
    one = table[(table["layer"] == layer.id) & (table["certainty"] == "firm")].iloc[[0]]
    many = pd.concat([one] * 12, ignore_index=True).assign(
        area_id=[f"area-{n}" for n in range(12)],
        rank=range(1, 13),
        residents_per_site=[float(1200 - 100 * n) for n in range(12)],
    )
    loads = numbers(with_details(toy_plan, loads=many), layer).loads()
    assert [row["rank"] for row in loads["rows"]] == ["1", "2", "3", "4", "5", "10", "11", "12"]
    assert [row["load"] for row in loads["rows"]][:2] == ["1,200", "1,100"]
    assert loads["total"] == "12"
    assert loads["lists"] == "firm"
    shared = many.assign(certainty="provisional")
    assert numbers(with_details(toy_plan, loads=shared), layer).loads()["lists"] == "provisional"


def test_each_service_shows_the_indicators_of_its_own_profile(toy: Lists) -> None:
    need = toy.plan.study.need
    for layer in toy.plan.study.layers:
        shown = numbers(toy, layer).indicators()
        wanted = need.indicators_of(need.profile_of(layer.id))
        assert [each["name"] for each in shown] == [each.name_zh for each in wanted]
        assert sum(float(each["weight"].rstrip("%")) for each in shown) == pytest.approx(100, 0.01)
        for told, indicator in zip(shown, wanted, strict=True):
            assert told["level"].startswith("縣市") == (indicator.level == "county")


def test_what_is_modelled_names_the_profile_of_every_service() -> None:
    plan = hand_made_plan()
    need = plan.study.need
    told = modelled(make_lists(plan), Labels(plan, "zh"))
    for layer in plan.study.layers:
        profile = need.profile_of(layer.id)
        sentence = next(text for text in told if text.startswith(profile.name_zh))
        assert layer.name_zh in sentence
        for indicator in need.indicators:
            assert (indicator.name_zh in sentence) == (indicator.id in profile.indicators)


def test_shares_of_runs_are_counted_from_the_rows(toy: Lists, page: Page, made: Plan) -> None:
    for layer in toy.plan.study.layers:
        for sure in how_sure(toy, layer):
            rows = toy.plan.rows[
                (toy.plan.rows["layer"] == layer.id)
                & (toy.plan.rows["certainty"] == sure.certainty)
            ]
            often = rows["share_listed"] >= MOST_RUNS
            assert sure.in_most_runs == (rows["listed"].astype(bool) & often).sum()
            assert sure.touching == rows["reasons"].str.contains("interval").sum()
            told = (
                f"列入的 {sure.listed} 個鄉鎮市區中，{sure.in_most_runs} 個在至少 95% 的模擬"
                f"中列入；{sure.touching} 個未列入"
            )
            if sure.listed + (sure.touching or 0):
                assert told in "".join(HowSure(toy, layer, "zh", Labels(toy.plan, "zh")).shares())
    stated = made.study.uncertainty
    assert stated is not None
    assert f"{stated.draws:,} 次模擬（隨機種子 {stated.seed}）" in page.text("zh")
    assert "不是機率" in page.text("zh")


def test_without_draws_no_share_is_told(toy_plan: Plan) -> None:
    rows = toy_plan.rows.assign(share_listed=float("nan"), share_undetermined=float("nan"))
    quick = make_lists(
        dataclasses.replace(
            toy_plan,
            rows=rows,
            details={
                **toy_plan.details,
                "hotspots": toy_plan.details["hotspots"].iloc[:0],
                "equity": toy_plan.details["equity"].assign(low=float("nan"), high=float("nan")),
            },
        )
    )
    text = Page(report_html(quick).decode()).text("zh")
    assert "本次未做模擬" in text
    assert "的模擬中列入" not in text
    assert "本次未檢定空間聚集" in text
    layer = toy_plan.study.layers[0]
    mean = Evenness(quick, layer, "zh", Labels(toy_plan, "zh")).rows()[0]["mean"]
    assert re.fullmatch(r"[\d.]+", mean)


def test_near_misses_are_counted_by_threshold_and_side(toy: Lists) -> None:
    told_any = False
    for layer in toy.plan.study.layers:
        moved = [
            row
            for row in toy.details["near_misses"].of(layer.id)
            if row["change"] != "other_status"
        ]
        near = HowSure(toy, layer, "zh", Labels(toy.plan, "zh")).near_misses()
        cells = [cell for row in near["rows"] for cell in (row["lower"], row["higher"])]
        counted = [int(n) for cell in cells for n in re.findall(r"\d+", cell)]
        assert sum(counted) == len(moved)
        parameters = sum(
            len(rule.parameters) for rule in toy.plan.study.rules if rule.layer == layer.id
        )
        assert len(near["rows"]) + int(near["still"] or 0) == parameters
        told_any |= bool(moved)
    assert told_any


def test_flips_name_the_largest_first(toy_plan: Plan) -> None:
    layer = toy_plan.study.layers[0]
    towns = toy_plan.rows[toy_plan.rows["layer"] == layer.id]
    flips = pd.DataFrame(
        {
            "layer": layer.id,
            "township_code": towns["township_code"],
            "status_villages": "underserved",
            "status_township": "not_listed",
            "flip": "listed_only_at_villages",
            "target_people": 1000,
            "beyond_people_villages": range(1, len(towns) + 1),
            "beyond_people_township": 0,
        }
    )
    lists = with_details(toy_plan, flips=flips)
    labels = Labels(toy_plan, "zh")
    told = HowSure(lists, layer, "zh", labels).flips()
    firm = (towns["certainty"] == "firm").sum()
    assert len(told) == 1
    assert f"{firm} + {len(towns) - firm} 個" in told[0]
    order = [labels.place(code) for code in reversed(towns["township_code"].tolist())][:NAMED]
    assert "、".join(order) in told[0]
    none = with_details(toy_plan, flips=flips.iloc[:0])
    assert HowSure(none, layer, "zh", labels).flips() == [say("report.sure.no_flips", "zh")]


@pytest.mark.parametrize(
    ("quantity", "value", "interval", "words"),
    [
        ("own_minutes", -0.1, (-0.2, -0.05), "需求越高，車程越長"),
        ("own_minutes", 0.1, (0.05, 0.2), "需求越高，車程越短"),
        ("own_minutes", -0.1, (-0.2, 0.01), "與需求無明顯關係"),
        ("residents_per_site", -0.1, (None, None), "需求越高，每處人口越多"),
        ("residents_per_site", 0.1, (None, None), "需求越高，每處人口越少"),
        ("sites_per_1000", -0.1, (None, None), "需求越高，據點越多"),
        ("sites_within_reach", 0.1, (None, None), "需求越高，據點越少"),
        ("sites_within_reach", 0.004, (None, None), "與需求無明顯關係"),
    ],
)
def test_the_sign_of_the_concentration_index_in_words(
    toy_plan: Plan, quantity: str, value: float, interval: Any, words: str
) -> None:
    """Negative: the neediest have more of it; more minutes and more people per site are worse."""
    layer = toy_plan.study.layers[0]
    table = toy_plan.details["equity"]
    mine = table[(table["layer"] == layer.id) & (table["universe"] == "main_island")]
    mine = mine[(mine["scope"] == "firm") & (mine["quantity"] == mine["quantity"].iloc[0])]
    here = mine["figure"] == "concentration_index"
    changed = mine.assign(quantity=quantity).copy()
    changed.loc[here, ["value", "low", "high"]] = [value, *interval]
    told = Evenness(with_details(toy_plan, equity=changed), layer, "zh", Labels(toy_plan, "zh"))
    assert told.rows()[0]["by_need"].startswith(f"{words}\n{value:.2f}")


def test_equity_is_told_with_its_intervals_and_who_is_left_out(toy: Lists) -> None:
    for layer in toy.plan.study.layers:
        for row in Evenness(toy, layer, "en", Labels(toy.plan, "en")).rows():
            of = [
                each
                for each in toy.details["equity"].of(layer.id)
                if each["universe"] == "main_island"
                and row["quantity"].startswith(say(f"spread.quantity.{each['quantity']}", "en"))
                and say(f"spread.scope.{each['scope']}", "en") in row["quantity"]
            ]
            figures = {each["figure"]: each for each in of}
            gini = figures["gini"]
            told = f"{gini['value']:.2f}"
            if gini["low"] is not None:
                told += f"\n({gini['low']:.2f} to {gini['high']:.2f})"
            assert row["gini"] == told
            left = sum(value for name, value in gini.items() if name.startswith("people_"))
            assert (row["people"], row["left_out"]) == (f"{gini['people']:,}", f"{left:,}")


def test_clusters_are_told_with_names_p_q_seed_and_permutations(toy_plan: Plan) -> None:
    layer = toy_plan.study.layers[0]
    spots = toy_plan.details["hotspots"]
    mine = spots[spots["layer"] == layer.id].copy().reset_index(drop=True)
    mine = mine.assign(
        tested="tested", cluster="not_significant", p=0.5, q=0.9, moran_i=0.31, own_minutes_mean=9.0
    )
    mine.loc[:1, "cluster"] = "high_high"
    mine.loc[:1, "p"], mine.loc[:1, "q"] = [0.0012, 0.0004], [0.031, 0.012]
    mine.loc[:1, "own_minutes_mean"] = [40.0, 60.0]
    lists, labels = with_details(toy_plan, hotspots=mine), Labels(toy_plan, "zh")
    told = "".join(Evenness(lists, layer, "zh", labels).spots())
    long_ways = [labels.place(code) for code in mine["township_code"][:2]]
    assert f"受檢 {len(mine)} 個鄉鎮市區" in told
    assert "全域 Moran's I 0.31" in told
    assert "p 至多 0.0012，q 至多 0.031" in told
    assert f"{long_ways[1]}、{long_ways[0]}。" in told
    text = Page(report_html(lists).decode()).text("zh")
    first = mine.iloc[0]
    assert f"隨機排列 {first['permutations']:,} 次（種子 {first['seed']}）" in text
    assert "不入規則" in text


def test_names_beyond_the_first_are_counted() -> None:
    names = [f"第{n}鄉" for n in range(NAMED + 3)]
    assert enumerated(names, "zh").endswith(f"{names[NAMED - 1]}等，另 3 個")
    assert enumerated(names[:2], "en") == "第0鄉; 第1鄉"


def test_limits_say_that_shares_are_no_probability_and_thresholds_are_policy(
    toy_plan: Plan,
) -> None:
    said = " ".join(limits(toy_plan.study, "zh"))
    for word in ("不是機率", "屬政策選擇", "沒有車", "設籍"):
        assert word in said
