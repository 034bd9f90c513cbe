"""The plan by the end of each of its years, in the council map in a real browser."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoplan.export.lists import Lists
from geoplan.maps.measures import measures
from geoplan.model import Plan
from geoplan.targets import ROC
from geoplan.texts import LANGS, say
from tests.browsing import NARROW, WIDE, Opened, Screen, class_counts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, taiwan_result: Path) -> Path:
    pages = tmp_path_factory.mktemp("years")
    shutil.copy(taiwan_result / "map.html", pages / "taiwan.html")
    return pages


def by_year(lists: Lists, layer: str, year: str) -> pd.DataFrame:
    """Rows of the townships of a layer with their exported figures by the end of a year."""
    rows = pd.DataFrame(lists.townships.of(layer))
    told = pd.DataFrame(lists.details["siting_progress"].of(layer))
    then = told[told["year"] == year].drop(columns=["layer", "year", "target_people"])
    return rows.drop(columns=["beyond_people", "beyond_share", "own_minutes_mean"]).merge(
        then, on="township_code", suffixes=("_today", "")
    )


def expected(rows: pd.DataFrame, measure: dict[str, Any]) -> Counter[str]:
    edges = [-float("inf"), *measure["edges"], float("inf")]
    labels = [f"class{at}" for at in range(len(edges) - 1)]
    values = pd.to_numeric(rows["beyond_share"], errors="coerce")
    classes = pd.cut(values, edges, right=False, labels=labels).astype(object)
    state = rows["own_state"].where(rows["own_state"] != "measured", "unknown")
    classes = classes.where(values.notna(), state)
    left = (rows["status"] == "undetermined") & (rows["target_undetermined"] > 0)
    return Counter(classes.mask(left, "undetermined"))


def classes_shown(opened: Opened) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, numbers in class_counts(opened.page):
        found[name] += sum(numbers)
    return +found


def test_the_legend_counts_townships_by_the_end_of_each_year(
    screen: Screen, plan: Plan, lists: Lists
) -> None:
    opened = screen.show("taiwan")
    for layer in plan.study.layers:
        opened.choose(layer.id, "beyond_after")
        measure = next(each for each in measures(plan, layer) if each["id"] == "beyond_after")
        years = [o.get_attribute("value") for o in opened.page.locator("#year option").all()]
        assert years == ["", *(str(year) for year in plan.study.phasing.years[:-1])]
        for year in years[1:]:
            opened.page.select_option("#year", year)
            assert classes_shown(opened) == expected(by_year(lists, layer.id, year), measure)
            assert f"year={year}" in opened.page.url
        opened.page.select_option("#year", "")
    assert opened.complaints == []


def test_only_sites_that_stand_by_then_are_drawn_and_counted(screen: Screen, plan: Plan) -> None:
    opened = screen.show("taiwan")
    layer = "mental_health_centres"
    opened.choose(layer)
    proposed = plan.sites[(plan.sites["layer"] == layer) & (plan.sites["status"] == "proposed")]
    for year in map(str, plan.study.phasing.years[:-1]):
        opened.page.select_option("#year", year)
        stands = int((proposed["year"].astype(str) <= year).sum())
        shown = opened.page.locator('#symbols [data-kind="area"] .number').inner_text()
        drawn = opened.page.evaluate(
            "(() => { const seen = new Set(); map_geoplan.eachLayer((each) => {"
            " if (each.options.kind === 'area') seen.add(each.getLatLng().toString()); });"
            " return seen.size; })()"
        )
        assert int(shown) == drawn == stands


def test_the_profile_and_a_link_tell_the_year(screen: Screen, lists: Lists) -> None:
    layer, year = "mental_health_centres", "2027"
    rows = by_year(lists, layer, year)
    today = pd.DataFrame(lists.townships.of(layer)).set_index("township_code")["beyond_people"]
    final = pd.DataFrame(lists.townships.of(layer)).set_index("township_code")[
        "beyond_people_after"
    ]
    people = rows.set_index("township_code")["beyond_people"]
    code = people[(people < today) & (people > final)].index[0]  # changed by then, and later again
    hash_ = f"#layer={layer}&measure=beyond_after&year={year}&place={code}"
    opened = screen.show("taiwan", hash_)
    head = say("page.by_year", "zh", year=int(year) - ROC)
    table = opened.page.locator("#profile table", has_text=head)
    (cells,) = table.locator("tbody tr", has_text=say("page.people_beyond", "zh")).all()
    told = [cell.strip() for cell in cells.locator("td").all_inner_texts()]
    assert told == [f"{today[code]:,}", f"{people[code]:,}"]
    assert opened.page.input_value("#year") == year
    wrong = screen.show("taiwan", "#year=1999")
    assert wrong.page.input_value("#year") == ""
    assert wrong.complaints == opened.complaints == []


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_anybody_can_use_the_choice_of_years(
    screen: Screen, axe: str, size: tuple[int, int]
) -> None:
    opened = screen.show("taiwan", "", size)
    for lang in LANGS:
        opened.look_at(f"lang={lang}&layer=mental_health_centres&measure=beyond_after&year=2026")
        assert opened.judged(axe).violations == []
        assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
