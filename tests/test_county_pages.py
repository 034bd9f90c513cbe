"""Pages of single counties: the figures of the national page, the lists and the villages."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geoplan.errors import SourceMissing, WrongUsage
from geoplan.export import write_plan
from geoplan.export.lists import make_lists
from geoplan.finished import whole_files
from geoplan.mapping import Drawn, Pages, draw_pages
from geoplan.maps import write_page
from geoplan.maps.county import BY_PLACE
from geoplan.maps.encoding import column, kept, opened, packed, unpacked
from geoplan.maps.page import page_data
from geoplan.maps.topology import polygons, topology
from geoplan.model import Plan
from geoplan.texts import LANGS
from tests.commands import geoplan
from tests.test_maps import HOSTILE, Elements, hostile

COVERAGES = ("covered", "uncovered", "undetermined", "unreachable")


def read(path: Path) -> Any:
    return page_data(path.read_text("utf-8"))[0]


def records(table: dict[str, Any]) -> list[dict[str, Any]]:
    spread = {name: opened(each) for name, each in table.items()}
    return [dict(zip(spread, cells, strict=True)) for cells in zip(*spread.values(), strict=True)]


def drawn(folder: Path, out: Path | None = None, county: str | None = None) -> Path:
    out = out or folder.parent / f"{folder.name}-pages"
    draw_pages(folder, out, Pages(county, county is None), lambda what, done, of: None)
    return out


@pytest.fixture(scope="module")
def folder(toy_result: Path) -> Path:
    return toy_result


@pytest.fixture(scope="module")
def pages(folder: Path) -> Path:
    return drawn(folder)


@pytest.fixture(scope="module")
def county_pages(pages: Path) -> dict[str, Any]:
    return {path.stem[7:]: read(path) for path in sorted(pages.glob("county-*.html"))}


class TestFigures:
    def test_rows_of_all_counties_are_those_of_the_nation_and_the_lists(
        self, folder: Path, county_pages: dict[str, Any], toy_plan: Plan
    ) -> None:
        nation = records(read(folder / "map.html")["tables"]["rows"])
        lists = make_lists(toy_plan)
        found = []
        for code, data in county_pages.items():
            rows = records(data["tables"]["rows"])
            assert rows == [row for row in nation if row["county_code"] == code]
            found += rows
        names = lists.townships.table.names
        told = {(r["layer"], r["township_code"]): r for r in lists.townships.records}
        assert len(found) == len(told)
        for row in found:
            listed = told[row["layer"], row["township_code"]]
            assert {name: row[name] for name in names} == {n: listed[n] for n in names}

    def test_headlines_sites_and_tables_behind(
        self, folder: Path, county_pages: dict[str, Any]
    ) -> None:
        nation = read(folder / "map.html")
        for code, data in county_pages.items():
            for layer, whole in zip(data["layers"], nation["layers"], strict=True):
                assert layer["headline"] == {code: whole["headline"][code]}
            places = {code, *opened(data["tables"]["townships"]["township_code"])}
            for name, by in BY_PLACE.items():
                mine = [r for r in records(nation["tables"]["behind"][name]) if r[by] in places]
                assert records(data["tables"]["behind"][name]) == mine
            sites = records(data["tables"]["sites"])
            all_sites = records(nation["tables"]["sites"])
            assert all(site in all_sites for site in sites)
            mine = [site for site in all_sites if site["county_code"] == code]
            assert [site for site in sites if site["county_code"] == code] == mine
            known = {site["site_id"] for site in sites}
            for row in records(data["tables"]["rows"]):
                assert set((row["own_site_ids"] or "").split(";")) - {""} <= known

    def test_margins_are_those_of_the_same_township(
        self, folder: Path, county_pages: dict[str, Any]
    ) -> None:
        nation = margins(read(folder / "map.html"))
        found: dict[Any, Any] = {}
        for data in county_pages.values():
            found |= margins(data)
        assert found == nation

    def test_villages_are_those_of_the_list_and_add_up(
        self, county_pages: dict[str, Any], toy_plan: Plan
    ) -> None:
        add_up(county_pages, toy_plan)

    def test_all_of_taiwan(self, taiwan_result: Path, plan: Plan, tmp_path: Path) -> None:
        began = time.process_time()
        files = whole_files(drawn(taiwan_result, tmp_path / "all"))
        assert time.process_time() - began < 60
        counties = {f"county-{code}.html" for code in plan.counties["county_code"]}
        assert files == {"index.html", "map.html", "plan.json", *counties}
        for name in counties:
            assert (tmp_path / "all" / name).stat().st_size <= 1_500_000
        assert (tmp_path / "all" / "index.html").stat().st_size <= 400_000
        some = {code: read(tmp_path / "all" / f"county-{code}.html") for code in ("10013", "09007")}
        add_up(some, plan)
        programme = some["10013"]["tables"]["programme"]
        nation = read(taiwan_result / "map.html")["tables"]["programme"]
        for lang in LANGS:
            whole = {view["id"]: view["rows"] for view in nation[lang]}
            mine = {view["id"]: view["rows"] for view in programme[lang]}
            assert set(mine) == {"build_out", "subsidy", "documents"}
            assert mine["build_out"] == [whole["build_out"][0], *named(whole["build_out"])]
            assert mine["subsidy"] == named(whole["subsidy"])
            assert len(mine["subsidy"]) == 1
        assert len(programme["shades"]) == 2


def named(rows: list[list[str]]) -> list[list[str]]:
    """The rows of Pingtung."""
    return [row for row in rows if row[0] in ("屏東縣", "Pingtung County")]


def margins(data: dict[str, Any]) -> dict[Any, Any]:
    """The values of every comparison, by layer and township."""
    count = {rule["id"]: len(rule["comparisons"]) for rule in data["rules"]}
    all_of = data["tables"]["behind"]["margins"]
    found, first = {}, 0
    for row in records(data["tables"]["rows"]):
        of = range(first, first + count[row["rule_id"]])
        first = of.stop
        found[row["layer"], row["township_code"]] = [
            (all_of["least"][at], all_of["most"].get(str(at)), all_of["holds"][at]) for at in of
        ]
    assert first == len(all_of["least"]) == len(all_of["holds"])
    return found


def add_up(pages: dict[str, Any], plan: Plan) -> None:
    """Villages of the pages are those of the plan, and their sums the townships' figures."""
    frame = plan.village_rows.set_index(["layer", "village_code"]).sort_index()
    rows = plan.rows.set_index(["layer", "township_code"])
    for data in pages.values():
        villages = data["tables"]["villages"]
        places = records(villages["places"])
        codes = set(opened(data["tables"]["townships"]["township_code"]))
        mine = plan.village_rows[plan.village_rows["township_code"].isin(codes)]
        assert set(mine["village_code"]) <= {place["village_code"] for place in places}
        for layer, figures in villages["layers"].items():
            for place, each in zip(places, records(figures), strict=True):
                if each["coverage"] is None:
                    assert (layer, place["village_code"]) not in frame.index
                    continue
                told = frame.loc[layer, place["village_code"]]
                for name in ("target_people", "own_state", "coverage", "coverage_after"):
                    assert each[name] == told[name]
                assert place["population"] == told["population"]
                for name in ("own_minutes", "own_minutes_after"):
                    if each[name] is None:
                        assert pd.isna(told[name])
                    else:
                        assert each[name] == pytest.approx(told[name], abs=1e-5)
            sums_of_townships(layer, places, records(figures), rows)


def sums_of_townships(layer: str, places: list[Any], figures: list[Any], rows: Any) -> None:
    both = pd.DataFrame(
        [{**place, **each} for place, each in zip(places, figures, strict=True) if each["coverage"]]
    )
    for code, part in both.groupby("township_code"):
        row = rows.loc[(layer, code)]
        assert part["population"].sum() == row["population"]
        # A modelled village is rounded to 10.
        near = 5 * len(part) + 5 if row["target_modelled"] else 0
        assert abs(part["target_people"].sum() - row["target_people"]) <= near
        for name in COVERAGES:
            people = part.loc[part["coverage"] == name, "target_people"].sum()
            assert abs(people - row[f"target_{name}"]) <= near


class TestTheCommand:
    def test_writes_one_county_by_its_name(self, folder: Path, tmp_path: Path) -> None:
        done = geoplan("map", folder, "--county", "暮潮郡", "--out", tmp_path / "p", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert whole_files(tmp_path / "p") == {"county-02.html", "plan.json"}
        about = read(tmp_path / "p" / "county-02.html")["about"]
        assert (about["county"], about["home"]) == ("02", None)

    def test_draws_the_nation_anew(self, folder: Path, pages: Path, tmp_path: Path) -> None:
        draw_pages(folder, tmp_path / "p", Pages(), lambda what, done, of: None)
        page = (folder / "map.html").read_bytes()
        assert (tmp_path / "p" / "map.html").read_bytes() == page
        assert (pages / "map.html").read_bytes() == page

    def test_the_same_again(self, folder: Path, pages: Path, tmp_path: Path) -> None:
        drawn(folder, tmp_path / "again")
        for file in pages.iterdir():
            assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()

    def test_refuses_what_it_cannot_mean(self, folder: Path, tmp_path: Path) -> None:
        done = geoplan("map", folder, "--county", "高譚市", cwd=tmp_path)
        assert done.returncode == 2
        assert "晨霧郡、暮潮郡" in done.stderr
        with pytest.raises(WrongUsage, match="itself"):
            drawn(folder, folder)
        done = geoplan("map", folder, "--county", "01", "--all", cwd=tmp_path)
        assert done.returncode == 2
        assert "map.html" in whole_files(folder)

    def test_refuses_a_changed_result_and_a_page_that_is_none(
        self, toy_plan: Plan, tmp_path: Path
    ) -> None:
        page = write_page(toy_plan)
        write_plan(toy_plan, page[: len(page) // 2], tmp_path / "torn")
        write_plan(toy_plan, "<p>page</p>", tmp_path / "other")
        write_plan(toy_plan, page, tmp_path / "changed")
        with (tmp_path / "changed" / "map.html").open("a") as file:
            file.write("<!-- -->")
        for name in ("torn", "other", "changed", "nothing"):
            with pytest.raises(SourceMissing):
                drawn(tmp_path / name)
            assert not (tmp_path / f"{name}-pages").exists()
        done = geoplan("map", tmp_path / "changed", "--all", cwd=tmp_path)
        assert done.returncode == 5
        assert "map.html" in done.stderr


class TestHostileNames:
    def test_stay_text_in_every_page(self, toy_plan: Plan, pages: Path, tmp_path: Path) -> None:
        plan = hostile(toy_plan)
        rows = plan.village_rows.assign(village_name=HOSTILE)
        assert plan.villages is not None
        shapes = plan.villages.assign(village_name=HOSTILE)
        bad = dataclasses.replace(plan, village_rows=rows, villages=shapes)
        write_plan(bad, write_page(bad), tmp_path / "bad")
        found = drawn(tmp_path / "bad")
        for name in ("index.html", "map.html", "county-01.html", "county-02.html"):
            page, calm = ((each / name).read_text("utf-8") for each in (found, pages))
            tags = [[tag for tag, _ in Elements(text).found] for text in (page, calm)]
            assert tags[0] == tags[1]
            assert str(7**8) not in page
        names = opened(
            read(found / "county-01.html")["tables"]["villages"]["places"]["village_name"]
        )
        assert {name[:23] for name in names} == {HOSTILE[:23]}


class TestParts:
    def test_a_township_without_villages_keeps_its_own_shape(
        self, toy_plan: Plan, tmp_path: Path
    ) -> None:
        rows, shapes = toy_plan.village_rows, toy_plan.villages
        assert shapes is not None
        lost = rows["township_code"].iloc[0]
        plan = dataclasses.replace(
            toy_plan,
            village_rows=rows[rows["township_code"] != lost],
            villages=shapes[shapes["township_code"] != lost],
        )
        write_plan(plan, write_page(plan), tmp_path / "some")
        tables = read(drawn(tmp_path / "some") / "county-01.html")["tables"]
        ids = {each["id"] for each in tables["topology"]["objects"]["villages"]["geometries"]}
        assert lost in ids
        assert lost not in opened(tables["villages"]["places"]["township_code"])

    def test_no_shapes_at_all(self, toy_plan: Plan, tmp_path: Path) -> None:
        plan = dataclasses.replace(toy_plan, villages=None)
        write_plan(plan, write_page(plan), tmp_path / "none")
        tables = read(drawn(tmp_path / "none") / "county-01.html")["tables"]
        codes = opened(tables["townships"]["township_code"])
        shown = [each["id"] for each in tables["topology"]["objects"]["villages"]["geometries"]]
        assert shown == codes
        assert len(opened(tables["villages"]["places"]["village_code"])) > 0

    def test_shapes_come_back_from_a_topology(self, toy_plan: Plan) -> None:
        places = toy_plan.townships
        codes = places["township_code"].tolist()
        drawn_shapes = polygons(topology(places.geometry.tolist(), codes, "all"), "all")
        assert list(drawn_shapes) == codes
        for code, shape in zip(codes, places.geometry, strict=True):
            assert drawn_shapes[code].symmetric_difference(shape).area < 1e-3 * shape.area

    def test_columns_open_and_are_cut(self) -> None:
        for values in (["b", None, "a", "b"], [1, None, 2.5, True], [None, None, None, None]):
            assert opened(column(values)) == values
            assert opened(kept({"x": column(values)}, [3, 0])["x"]) == [values[3], values[0]]

    def test_no_page_asks_for_anything(self, pages: Path) -> None:
        for path in pages.glob("*.html"):
            page = path.read_text("utf-8")
            assert "default-src 'none'" in page
            outside = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
            assert not re.search(r"https?://", outside)


def test_a_page_of_a_version_without_village_codes_is_told(toy_result: Path) -> None:
    data, trial = page_data((toy_result / "map.html").read_text("utf-8"))
    told = unpacked(str(trial["trial"]))
    assert Drawn(toy_result, data, trial, None).nation is not None
    del told["points"]["village"]
    older = Drawn(toy_result, data, {**trial, "trial": packed(told)}, None)
    with pytest.raises(SourceMissing) as told_of:
        older.county(next(iter(older.counties)), None)
    assert told_of.value.code == "result_other"
