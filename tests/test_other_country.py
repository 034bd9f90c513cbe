"""Another country's files through the whole line: whatever its codes and names look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoplan.catalog import read_inputs
from geoplan.export import write_plan
from geoplan.finished import whole_files
from geoplan.mapping import Pages, draw_pages
from geoplan.maps import write_page
from geoplan.maps.encoding import opened
from geoplan.maps.page import page_data
from geoplan.pipeline import Asked, plan_inputs
from geoplan.verifying.verify import verify
from tests.browsing import Screen
from tests.other_country import COUNTIES, other_country
from tests.test_trial_browser import begin, quiet


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of it."""
    folder = tmp_path_factory.mktemp("other")
    plan = plan_inputs(read_inputs(other_country(folder / "study")), asked=Asked(quick=True))
    write_plan(plan, write_page(plan), folder / "plan")
    return folder / "plan"


def test_names_that_look_like_formulas_agree_in_every_file(result: Path) -> None:
    found = verify(result)
    assert [each for each in found if each.outcome == "bad"] == []
    assert "'=" in (result / "sites.csv").read_text("utf-8-sig")


@pytest.fixture(scope="module")
def folder(result: Path) -> Path:
    """All its pages."""
    pages = result.parent / "pages"
    draw_pages(result, pages, Pages(every=True), lambda what, done, of: None)
    return pages


def test_every_county_has_a_page_whatever_its_code(
    result: Path, folder: Path, tmp_path: Path
) -> None:
    pages = {name for name in whole_files(folder) if name.startswith("county-")}
    assert pages == {"county-=2E=2E=2Fb=26c=20d=23=2541.html", "county-R2.html"}
    start, _ = page_data((folder / "index.html").read_text("utf-8"))
    assert {each["page"] for each in start["counties"]} == pages
    for place, code in enumerate(COUNTIES.values()):
        out = tmp_path / str(place)
        (name,) = draw_pages(result, out, Pages(code), lambda what, done, of: None)[:1]
        data, _ = page_data((out / name).read_text("utf-8"))
        assert opened(data["tables"]["counties"]["county_code"]) == [code]


def test_a_service_whose_target_is_met_has_a_plan_without_new_sites(tmp_path: Path) -> None:
    plan = plan_inputs(read_inputs(other_country(tmp_path, target=0)), asked=Asked(quick=True))
    assert list(plan.details["siting_sites"]["site_id"]) == []
    assert not (plan.sites["status"] == "proposed").any()


@pytest.mark.parametrize("page", ["map", "county-R2", "county-=2E=2E=2Fb=26c=20d=23=2541"])
def test_a_trial_begins_where_no_place_has_a_figure_of_need(screen: Screen, page: str) -> None:
    opened = begin(screen.show(page))
    assert quiet(opened)
    assert opened.page.locator("#trial-sites button").count()
