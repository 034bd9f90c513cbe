"""The trial that a county's page carries: the nation's, cut to the county's points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoplan.maps.county_trial import NationTrial, county_trial
from geoplan.maps.encoding import opened
from geoplan.maps.page import page_data
from geoplan.model import Plan
from tests.test_county_pages import drawn


def taken_apart(page: Path) -> tuple[dict[str, Any], NationTrial]:
    data, trial = page_data(page.read_text("utf-8"))
    found = NationTrial.of(trial, data["tables"])
    assert found is not None
    return data, found


@pytest.fixture(scope="module")
def pages(toy_result: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(toy_result, tmp_path_factory.mktemp("cut") / "pages")


def test_minutes_and_people_are_the_nation_s(pages: Path, toy_plan: Plan) -> None:
    _, nation = taken_apart(pages / "map.html")
    village = nation.told["points"]["village"]
    assert village == toy_plan.village_rows["village_code"].unique().tolist()
    seen = []
    for code in toy_plan.counties["county_code"]:
        data, mine = taken_apart(pages / f"county-{code}.html")
        codes = opened(data["tables"]["townships"]["township_code"])
        here = [village.index(each) for each in mine.told["points"]["village"]]
        np.testing.assert_array_equal(mine.ms, nation.ms[here])
        assert mine.told["columns"]["id"] == nation.told["columns"]["id"]
        for point, at in enumerate(here):
            points, all_points = mine.told["points"], nation.told["points"]
            township = codes[points["township"][point]]
            assert village[at].startswith(township)
            assert points["population"][point] == all_points["population"][at]
            for group, people in points["people"].items():
                assert people[point] == all_points["people"][group][at]
        seen += here
    assert sorted(seen) == list(range(len(village)))


def test_sites_need_and_names_are_the_nation_s(pages: Path, toy_plan: Plan) -> None:
    _, nation = taken_apart(pages / "map.html")
    codes = opened(nation.tables["townships"]["township_code"])
    counties = opened(nation.tables["counties"]["county_code"])
    for own, county in enumerate(counties):
        data, mine = taken_apart(pages / f"county-{county}.html")
        here = opened(data["tables"]["townships"]["township_code"])
        places = [*here, None]
        assert [codes[at] for at in mine.told["nation"]["mine"]] == here
        elsewhere = mine.told["elsewhere"]
        for name, layer in mine.told["layers"].items():
            of = nation.told["layers"][name]
            for at, site in enumerate(of["sites"]["id"]):
                sites = layer["sites"]
                whole = {key: each[at] for key, each in of["sites"].items() if each}
                cut = {key: each[at] for key, each in sites.items() if each}
                inside = whole["county"] == own
                assert (cut["county"] == 0) == inside
                assert (site in elsewhere) != inside
                known = codes[whole["township"]] if inside and whole["township"] >= 0 else None
                assert places[cut["township"]] == known
                if "serves" in whole:
                    served = {codes[each] for each in whole["serves"]}
                    assert {here[each] for each in cut["serves"]} == served & set(here)
            for site in layer["candidates"]:
                column = mine.told["columns"]["id"][site]
                if (area := column.removeprefix("area-")) in codes:
                    assert (column in elsewhere) == (area not in here)
        for name, need in mine.told["need"].items():
            whole = nation.told["need"][name]
            assert need["score"] == whole["score"]
            ranks = dict(zip(codes, whole["percentile"], strict=True))
            assert need["percentile"] == [ranks[code] for code in here]
    names = toy_plan.sites.set_index("site_id")["name"]
    one = taken_apart(pages / "county-01.html")[1].told["elsewhere"]
    assert all(one[site] == [names[site]] * 2 for site in one if not site.startswith("area-"))
    counties = toy_plan.counties.set_index("county_code")["county_name"]
    assert one["area-0201"][0] == counties["02"] + place(toy_plan, "0201")


def place(plan: Plan, code: str) -> str:
    rows = plan.townships.set_index("township_code")
    return str(rows.loc[code, "township_name"])


def test_without_the_nation_s_there_is_none() -> None:
    assert NationTrial.of({"trial": None, "times": None}, {}) is None
    assert county_trial(None, "01", ["0101"]) == {"trial": None, "times": None}
