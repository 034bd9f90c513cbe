"""Another country's files through the whole line: whatever its codes and names look like."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.affinity import scale, translate
from shapely.geometry import box

from geoplan.catalog import read_inputs
from geoplan.export import write_plan
from geoplan.finished import whole_files
from geoplan.mapping import Pages, draw_pages
from geoplan.maps import write_page
from geoplan.maps.encoding import opened
from geoplan.maps.page import page_data
from geoplan.model import Plan
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
    found = list(verify(result))
    assert [each for each in found if each.outcome == "bad"] == []
    assert "quotas" in {each.code for each in found}
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


def elsewhere(plan: Plan, east: float, times: float) -> Plan:
    """The toy country so many degrees farther east, so many times as large, cut at 180 degrees."""

    def moved(shape: Any) -> Any:
        far = translate(scale(shape, times, times, origin=(170.9, -30)), east)
        here, beyond = (far.intersection(box(at, -90, at + 360, 90)) for at in (-180, 180))
        return shapely.union_all([here, translate(beyond, -360)])

    shapes = [moved(shape) for shape in plan.townships.geometry]
    lon = 170.9 + (plan.sites["lon"] - 170.9) * times + east
    return dataclasses.replace(
        plan,
        townships=plan.townships.set_geometry(shapes, crs=4326),
        sites=plan.sites.assign(
            lon=(lon + 180) % 360 - 180, lat=-30 + (plan.sites["lat"] + 30) * times
        ),
    )


@pytest.mark.parametrize(("east", "times"), [(0, 1), (9.1, 1), (-170.9, 60), (0, 0.001)], ids=str)
def test_the_first_view_shows_the_whole_country_wherever_it_lies(
    quick_plan: Plan, folder: Path, screen: Screen, east: float, times: float
) -> None:
    main = quick_plan.rows.assign(universe="main_island")
    plan = elsewhere(dataclasses.replace(quick_plan, rows=main), east, times)
    name = f"at-{east}-{times}"
    (folder / f"{name}.html").write_text(write_page(plan), "utf-8")
    opened = screen.show(name)
    seen = opened.page.evaluate(
        """() => {
          const view = map_geoplan.getBounds();
          const areas = L.latLngBounds([]);
          const sites = [];
          map_geoplan.eachLayer((each) => {
            if (each.feature && each.getBounds) { areas.extend(each.getBounds()); }
            if (each.getLatLng && each.options.kind) { sites.push(each.getLatLng()); }
          });
          const width = (bounds) => bounds.getEast() - bounds.getWest();
          return [view.contains(areas), width(areas) / width(view), sites.length,
                  sites.filter((each) => !areas.contains(each)).length];
        }"""
    )
    assert seen[0]
    assert seen[1] > 0.3
    assert seen[2] > 0
    assert seen[3] == 0
    assert quiet(opened)


def test_a_name_of_ten_thousand_letters_is_laid_out_as_few_lines(
    quick_plan: Plan, folder: Path, screen: Screen
) -> None:
    names = quick_plan.townships["township_name"] + "A" * 10_000
    plan = dataclasses.replace(
        quick_plan, townships=quick_plan.townships.assign(township_name=names)
    )
    (folder / "long.html").write_text(write_page(plan), "utf-8")
    opened = screen.show("long", "#layer=toy_pantries")
    tall = opened.page.locator("#list .unseen").evaluate_all(
        "(all) => all.map((each) => each.scrollHeight)"
    )
    assert tall
    assert max(tall) < 100
    assert quiet(opened)
