"""The proposed sites in the report, year by year: each figure is that of its table."""

from __future__ import annotations

import dataclasses
import html
import re

import pandas as pd
import pytest

from geoplan.export.lists import Lists, Records, make_lists
from geoplan.export.words import Labels
from geoplan.model import Plan
from geoplan.reporting.build_up import BuildUp
from geoplan.reporting.report import report_html
from geoplan.texts import LANGS, Lang, say

LAYER = "toy_centres"
EXPECTED = {
    "years": ("new_sites", "stands", "listed_gain", "listed_bound", "listed_loss", "gain"),
    "beside": ("listed_gain", "gain", "townships_lifted", "places_first"),
    "quota": ("total", "total_kept", "listed_gain", "gain"),
}
"""Columns of figures in the order in which they stand in each table."""
TABLES = {"years": "siting_years", "beside": "siting_beside", "quota": "quota_readings"}
KEYS = {"years": "year", "beside": "plan", "quota": "rounding"}


def numbered(frame: pd.DataFrame, first: int) -> pd.DataFrame:
    """Every figure of the table another: a column or row in another's place is seen."""
    changed = frame.copy()
    for at, name in enumerate(frame.columns):
        if pd.api.types.is_numeric_dtype(frame[name]) and name not in ("sites", "gap"):
            changed[name] = [first + 1_000 * row + at for row in range(len(frame))]
    return changed


@pytest.fixture(scope="module")
def plan(toy_plan: Plan) -> Plan:
    """The toy country with invented figures, a reading that cannot be met, and one not proven."""
    details = dict(toy_plan.details)
    for first, name in enumerate((*TABLES.values(), "siting_alternatives", "siting_removal"), 1):
        details[name] = numbered(details[name], 100_000 * first)
    readings = details["quota_readings"]
    lost = ["listed_gain", "gain", "listed_bound", "gain_bound"]
    readings[lost] = readings[lost].astype("Int64")
    readings.loc[readings["rounding"] == "up", lost] = pd.NA
    readings.loc[readings["rounding"] == "up", "proof"] = "infeasible"
    none = readings["rounding"] == "none"
    readings[["total", "total_kept"]] = readings[["total", "total_kept"]].astype("Int64")
    readings.loc[none, ["total", "total_kept"]] = pd.NA
    years = details["siting_years"]
    years.loc[years["year"] == "2027", "proof"] = "cut_off"
    years["gap"] = 0.123
    return dataclasses.replace(toy_plan, details=details)


@pytest.fixture(scope="module")
def lists(plan: Plan) -> Lists:
    return make_lists(plan)


def table(page: str, lang: Lang, name: str) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the first table of the page with this caption."""
    caption = html.escape(say(f"report.siting.{name}.caption", lang, minutes="30"), quote=False)
    _, _, after = page.partition(f"<caption>{caption}</caption>")
    assert after, caption
    lines = re.findall(r"<tr>(.*?)</tr>", after.partition("</table>")[0], flags=re.DOTALL)
    rows = [
        [html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)]
        for line in lines
    ]
    return rows[0], rows[1:]


def build_up(lists: Lists, lang: Lang) -> BuildUp:
    layer = next(each for each in lists.plan.study.layers if each.id == LAYER)
    return BuildUp(lists, layer, lang, Labels(lists.plan, lang))


def records(lists: Lists, name: str) -> Records:
    """The rows of the table that the report tells: the years without their sum."""
    rows = lists.details[TABLES[name]].of(LAYER)
    return [row for row in rows if row[KEYS[name]]]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", EXPECTED)
def test_figures_are_those_of_the_table(name: str, lang: Lang, lists: Lists) -> None:
    heads, rows = table(report_html(lists).decode(), lang, name)
    wanted = records(lists, name)
    assert len(rows) == len(wanted) > 1
    for column in EXPECTED[name]:
        at = heads.index(say(f"report.siting.column.{column}", lang))
        told = ["" if row[column] is None else f"{row[column]:,}" for row in wanted]
        assert [row[at] for row in rows] == told, column
        assert len(set(told)) == len(told)
    proof = heads.index(say("report.siting.column.proof", lang))
    for row, each in zip(rows, wanted, strict=True):
        if each["proof"] == "infeasible":
            lacks = [f"{each[name]:,}" for name in ("new_needed", "to_place", "unplaced")]
            assert re.findall(r"\d[\d,]*\d", row[proof]) == lacks
        else:
            told = say(f"code.proof.{each['proof']}", lang)
            lacking = each["new_needed"] - each["to_place"] if name == "quota" else 0
            if lacking > 0:
                values = {"helping": lacking, "unplaced": each["unplaced"]}
                told += say("note.part.only_if", lang, **values)
            assert row[proof] == told


@pytest.mark.parametrize("lang", LANGS)
def test_rows_are_named_in_the_language(lang: Lang, lists: Lists) -> None:
    page = report_html(lists).decode()
    years = [row[0] for row in table(page, lang, "years")[1]]
    assert years == (["115", "116"] if lang == "zh" else ["2026", "2027"])
    plans = [row[0] for row in table(page, lang, "beside")[1]]
    assert plans == [say(f"code.plan.{each}", lang) for each in ("phased", "unphased", "plain")]
    readings = [row[0] for row in table(page, lang, "quota")[1]]
    assert readings[1] == say("code.rounding.up", lang)


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_tell_the_sum_of_the_years_other_plans_and_who_is_missed_least(
    lang: Lang, lists: Lists
) -> None:
    told = " ".join(build_up(lists, lang).sentences())
    years = lists.details["siting_years"].of(LAYER)
    total = next(row for row in years if not row["year"])
    assert f"{total['listed_loss']:,}" in told
    assert f"{100 * total['gap']:.1f}%" in told
    other = lists.details["siting_alternatives"].of(LAYER)[0]
    assert f"{other['differs']:,}" in told
    assert f"{other['listed_less']:,.0f}" in told
    missed = lists.details["siting_removal"].of(LAYER)
    for row in missed[:3]:
        part = told[told.index(row["name"]) :]
        assert re.findall(r"\d[\d,]*", part)[:2] == [
            f"{row['people_lost']:,}",
            f"{row['people_without']:,}",
        ]


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_that_loses_nothing_and_has_equals_says_so(lang: Lang, plan: Plan) -> None:
    details = dict(plan.details)
    details["siting_years"] = details["siting_years"].assign(listed_loss=0)
    equal = details["siting_alternatives"].copy()
    equal.loc[equal.index[:2], "listed_less"] = 0
    details["siting_alternatives"] = equal
    lists = make_lists(dataclasses.replace(plan, details=details))
    told = build_up(lists, lang).sentences()
    steps = say("code.steps.even", lang)
    assert told[0] == say("report.siting.phased_best", lang, steps=steps)
    differs = f"{lists.details['siting_alternatives'].of(LAYER)[0]['differs']:,}"
    assert told[1] == say("report.siting.others_as_good", lang, n="2", differs=differs)


def test_a_service_without_these_tables_has_no_heading_for_them(plan: Plan) -> None:
    heading = say("report.siting.years.caption", "zh", minutes="30")
    names = (*TABLES.values(), "siting_alternatives", "siting_removal")
    bare = {name: plan.details[name].iloc[:0] for name in names}
    without = dataclasses.replace(plan, details={**plan.details, **bare})
    assert heading in report_html(make_lists(plan)).decode()
    assert heading not in report_html(make_lists(without)).decode()
