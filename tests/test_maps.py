"""The council map as text: safe, whole, offline, the same every time."""

from __future__ import annotations

import base64
import dataclasses
import html.parser
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from branca.element import Element, JavascriptLink

from geoplan.export.files import csv_bytes
from geoplan.export.lists import Lists, make_lists
from geoplan.maps import write_page
from geoplan.maps.behind import COMPARED, EQUITY_FIGURES, HOLDS, SHOWN, comparisons
from geoplan.maps.council_map import SCRIPTS, START_SCRIPTS, START_STYLES, STYLES, asset
from geoplan.maps.encoding import cell, columns, packed
from geoplan.maps.figure import NotVendoredError, OfflineFigure, vendored
from geoplan.maps.headline import NATION
from geoplan.maps.measures import measures, row_columns
from geoplan.maps.payload import payload
from geoplan.maps.records import record_months
from geoplan.maps.topology import simplified, topology
from geoplan.model import Plan
from geoplan.texts import catalogue
from scripts.vendor_assets import changed

HOSTILE = (
    "<script>window.pwned=1</script>\"'`${window.pwned=2}"
    "<img src=x onerror=window.pwned=3>{{7**8}}{%raw%}{#x#}}}"
    "{{cycler.__init__.__globals__.os.mkdir('geoplan-was-here')}}</script>\u2028\u2029\u202eabc\u200f"
)


def hostile(plan: Plan) -> Plan:
    """The plan with a hostile text in every field that a person may have written."""

    def bad(frame: pd.DataFrame, names: list[str]) -> Any:
        return frame.assign(**{name: HOSTILE for name in names if name in frame})

    study = plan.study.model_copy(
        update={
            "title_zh": HOSTILE,
            "title_en": HOSTILE,
            "layers": tuple(
                layer.model_copy(update={"name_zh": HOSTILE, "name_en": HOSTILE})
                for layer in plan.study.layers
            ),
            "groups": tuple(
                group.model_copy(update={"name_zh": HOSTILE, "name_en": HOSTILE})
                for group in plan.study.groups
            ),
        }
    )
    places = ["township_name", "township_name_en", "county_name", "county_name_en"]
    free = ["name", "address", "phone", "source", "note", "source_date"]
    town = plan.townships.iloc[0]
    excluded = pd.DataFrame(
        [
            {
                "site_id": "hostile-1",
                "layer": plan.study.layers[0].id,
                "county_code": town["county_code"],
                "township_code": town["township_code"],
                "name": "",
                "reason": "",
            }
        ]
    )
    sources = [
        dataclasses.replace(each, title_zh=HOSTILE, title_en=HOSTILE, origin_zh=HOSTILE)
        for each in plan.sources
    ]
    return dataclasses.replace(
        plan,
        study=study,
        townships=bad(plan.townships, places),
        counties=bad(plan.counties, places),
        sites=bad(plan.sites, [*free, "county_name", "township_name"]),
        rows=bad(plan.rows, ["sentence_zh", "sentence_en", "county_name", "township_name"]),
        completeness=bad(plan.completeness, ["county_name", "source", "reported_date"]),
        excluded=bad(pd.concat([plan.excluded, excluded], ignore_index=True), ["name", "reason"]),
        services=bad(plan.services, list(plan.services.columns)),
        sources=tuple(sources),
    )


@pytest.fixture(scope="module")
def toy_page(toy_plan: Plan) -> str:
    return write_page(toy_plan)


@pytest.fixture(scope="module")
def page(taiwan_result: Path) -> str:
    return (taiwan_result / "map.html").read_text("utf-8")


@pytest.fixture(scope="module")
def shown(plan: Plan) -> dict[str, Any]:
    """The data of that page."""
    return payload(plan)


@pytest.fixture(scope="module")
def headline(shown: dict[str, Any]) -> dict[str, Any]:
    """The headline figures of each layer by its id."""
    return {layer["id"]: layer["headline"] for layer in shown["layers"]}


def block_of(page: str) -> dict[str, Any]:
    """The packed parts that stand in the page, by name."""
    found = re.search(r'<script type="application/json" id="geoplan-data">(.*?)</script>', page)
    assert found
    parts: dict[str, Any] = json.loads(found.group(1))
    return parts


def data_of(page: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(block_of(page)["data"])))


def tables_of(page: str) -> Any:
    return data_of(page)["tables"]


class Elements(html.parser.HTMLParser):
    """Every element of a page with its attributes, as a browser's parser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class TestTheDataBlock:
    @pytest.mark.parametrize("value", [HOSTILE, {HOSTILE: [HOSTILE, "\\", '"', "}}", "{{"]}, ""])
    def test_holds_no_sign_that_ends_an_element_or_opens_a_template(self, value: object) -> None:
        text = packed(value)
        assert re.fullmatch("[A-Za-z0-9+/=]+", text)
        assert json.loads(zlib.decompress(base64.b64decode(text))) == value

    def test_refuses_what_json_cannot_hold(self) -> None:
        with pytest.raises(ValueError, match="JSON"):
            packed([float("nan")])

    def test_packed_tables_open_again(self) -> None:
        rows: list[dict[str, Any]] = [
            {"t": "b", "n": 1.5},
            {"t": None, "n": np.nan},
            {"t": "a", "n": 2.0},
        ]
        table = columns(rows, ["t", "n"])
        assert table == {"t": {"of": ["a", "b"], "at": [1, -1, 0]}, "n": [1.5, None, 2]}
        assert json.loads(zlib.decompress(base64.b64decode(packed(table)))) == table


class TestHostileNames:
    def test_build_and_never_become_markup_or_template(
        self, toy_plan: Plan, toy_page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        page = write_page(hostile(toy_plan))
        assert not list(tmp_path.iterdir())
        assert str(7**8) not in page
        assert [tag for tag, _ in Elements(page).found] == [
            tag for tag, _ in Elements(toy_page).found
        ]
        assert "onerror" not in {name for _, each in Elements(page).found for name in each}

    def test_stand_in_the_data_as_text(self, toy_plan: Plan) -> None:
        names = tables_of(write_page(hostile(toy_plan)))["sites"]["name"]["of"]
        assert names
        assert all(name.startswith("<script>window.pwned=1</script>") for name in names)
        assert not any(mark in names[0] for mark in "\u202e\u200f\u2028")

    def test_own_files_open_no_template(self) -> None:
        for name in (*SCRIPTS, *STYLES, *START_SCRIPTS, *START_STYLES, "layout.html", "start.html"):
            assert asset(name)


class TestOffline:
    def test_refuses_a_link_that_is_not_vendored(self) -> None:
        figure = OfflineFigure("en")
        figure.header.add_child(JavascriptLink("https://example.org/a.js"), name="other")
        with pytest.raises(NotVendoredError, match="other"):
            figure.render()

    def test_refuses_an_element_that_fetches(self) -> None:
        figure = OfflineFigure("en")
        figure.html.add_child(Element('<img alt="" src="https://example.org/a.png">'))
        with pytest.raises(NotVendoredError, match="img"):
            figure.render()

    def test_page_asks_for_nothing(self, page: str) -> None:
        asks = [
            (tag, each)
            for tag, each in Elements(page).found
            if {"src", "srcset", "data", "action"} & set(each) or tag in ("link", "iframe", "base")
        ]
        assert not asks
        for style in re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL):
            assert "@import" not in style
            # url(#...) is a part of the page itself.
            assert not re.search(r"url\((?!#)", style)

    def test_policy_allows_nothing_but_what_stands_in_the_page(self, page: str) -> None:
        policy = next(
            each["content"]
            for tag, each in Elements(page).found
            if tag == "meta" and each.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy is not None
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "http" not in policy

    def test_vendored_files_are_those_of_the_hash_file(self) -> None:
        assert changed() == []
        assert "sourceMappingURL" not in vendored("leaflet.js")


class TestThePage:
    def test_is_light(self, page: str, toy_page: str) -> None:
        parts = block_of(page)
        rest = len(page.encode()) - len(parts["trial"]) - len(parts["times"])
        assert rest <= 1_000_000
        assert len(page.encode()) <= 6_000_000
        assert len(toy_page.encode()) < len(page.encode())

    def test_is_the_same_every_time(self, toy_plan: Plan, toy_page: str) -> None:
        assert write_page(toy_plan) == toy_page

    def test_has_its_title_and_language(self, plan: Plan, page: str) -> None:
        assert f"<title>{plan.study.title_zh}</title>" in page
        assert '<html lang="zh-Hant-TW">' in page

    def test_no_village_figure_stands_in_it(self, plan: Plan, page: str) -> None:
        tables = tables_of(page)
        assert set(tables) == {
            "rows",
            "sites",
            "townships",
            "counties",
            "topology",
            "behind",
            "programme",
        }
        codes = set(plan.village_rows["village_code"])
        assert not codes & set(re.findall(r'"(\d{11})"', json.dumps(tables)))

    def test_rows_are_those_of_the_lists(self, plan: Plan, lists: Lists, page: str) -> None:
        rows = tables_of(page)["rows"]
        listed = lists.underserved.records
        shown = [
            (rows["layer"]["of"][layer], rows["township_code"]["of"][code])
            for layer, code, is_listed in zip(
                rows["layer"]["at"], rows["township_code"]["at"], rows["listed"], strict=True
            )
            if is_listed
        ]
        order = {layer.id: at for at, layer in enumerate(plan.study.layers)}
        shown.sort(key=lambda row: order[row[0]])
        assert shown == [(row["layer"], row["township_code"]) for row in listed]
        assert csv_bytes(lists.underserved).count(b"\r\n") == len(shown) + 1

    def test_every_text_the_script_asks_for_is_there(self, shown: dict[str, Any]) -> None:
        texts = shown["texts"]
        script = "\n".join(asset(name) for name in SCRIPTS)
        asked = set(re.findall(r'\bsay\("([\w.]+)"[,)]', script))
        asked |= set(re.findall(r'data-(?:text|label)="(\w+)"', asset("layout.html")))
        assert asked
        assert not {key for key in asked if f"page.{key}" not in texts}
        full = set(re.findall(r'\bsayFull\("([\w.]+)"[,)]', script))
        full |= set(re.findall(r'\bfact\("(explain\.\w+)"', script))
        assert "explain.range" in full
        assert full <= set(texts)
        beginnings = set(re.findall(r'\bsayFull\("([\w.]+[._])" \+', script))
        assert "measure." in beginnings
        for beginning in beginnings:
            assert any(key.startswith(beginning) for key in texts), beginning
        prefixes = set(re.findall(r'\bsay\("([\w.]+_)" \+', script))
        assert prefixes
        for prefix in prefixes:
            assert any(key.startswith(f"page.{prefix}") for key in texts), prefix

    def test_every_text_of_the_page_is_used(self) -> None:
        sources = "\n".join(
            asset(name) for name in (*SCRIPTS, *START_SCRIPTS, "layout.html", "start.html")
        )
        words = set(re.findall(r'"([\w.]+)"', sources))
        beginnings = ("method.", *(word for word in words if word.endswith("_")))
        keys = {key.removeprefix("page.") for key in catalogue() if key.startswith("page.")}
        assert not {key for key in keys - words if not key.startswith(beginnings)}


def opened(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table of the page."""
    spread = {
        name: column
        if isinstance(column, list)
        else [None if place < 0 else column["of"][place] for place in column["at"]]
        for name, column in columns.items()
    }
    return [dict(zip(spread, row, strict=True)) for row in zip(*spread.values(), strict=True)]


class TestWhatStandsBehind:
    def test_margins_are_those_of_the_table(self, plan: Plan, toy_plan: Plan) -> None:
        for each in (plan, toy_plan):
            page = write_page(each)
            data = data_of(page)
            tables = data["tables"]
            rules = {rule["id"]: rule["comparisons"] for rule in data["rules"]}
            found: list[dict[str, Any]] = []
            margins = tables["behind"]["margins"]
            for row in opened(
                {name: tables["rows"][name] for name in ("layer", "township_code", "rule_id")}
            ):
                for compared in rules[row["rule_id"]]:
                    at = len(found)
                    least = margins["least"][at]
                    most = margins["most"].get(str(at), least)
                    cells = {"value_least": least, "value_most": most}
                    holds = {"holds": HOLDS[margins["holds"][at]]}
                    found.append({**row, **compared, **cells, **holds})
            assert len(found) == len(margins["least"])
            listed = make_lists(each).details["margins"].records
            names = ("layer", "township_code", *COMPARED, "value_least", "value_most", "holds")
            assert sorted(tuple(row[name] for name in names) for row in found) == sorted(
                tuple(row[name] for name in names) for row in listed
            )
            for row in listed:
                assert row["sign"] == ">="
                least = row["value_least"]
                over = None if least is None else pytest.approx(least - row["threshold"], abs=1e-5)
                assert row["margin"] == over

    def test_tables_are_the_lists_in_fewer_columns(self, lists: Lists, page: str) -> None:
        shown = tables_of(page)["behind"]
        assigned = ("welfare_centres", "mental_health_centres")
        kept: dict[str, Callable[[dict[str, Any]], Any]] = {
            "places_without": lambda row: row["layer"] in assigned,
            "own_nearest": lambda row: row["layer"] in assigned,
            "load_totals": lambda row: row["areas"],
            "equity": lambda row: row["figure"] in EQUITY_FIGURES and row["people"],
            "hotspots": lambda row: row["cluster"] in ("high_high", "low_low"),
            "near_misses": lambda row: row["change"] != "other_status",
            "flips": lambda row: row["flip"] != "other_status",
        }
        classes = lists.details["minutes_classes"].records
        peopled = {
            (row["layer"], row["universe"], row["scope"]) for row in classes if row["people"]
        }
        kept["minutes_classes"] = lambda row: (
            (row["layer"], row["universe"], row["scope"]) in peopled
        )
        for name, columns_shown in SHOWN.items():
            wanted = [
                {column: row[column] for column in columns_shown}
                for row in lists.details[name].records
                if kept.get(name, bool)(row)
            ]
            assert wanted, name
            assert opened(shown[name]) == as_cells(wanted), name

    def test_a_rule_compares_every_township_alike(self, toy_plan: Plan) -> None:
        margins = toy_plan.details["margins"]
        odd = {**toy_plan.details, "margins": margins.iloc[1:]}
        with pytest.raises(ValueError, match="otherwise"):
            comparisons(make_lists(dataclasses.replace(toy_plan, details=odd)))

    def test_a_quick_run_tells_of_no_runs_and_no_clusters(self, quick_plan: Plan) -> None:
        shown = payload(quick_plan)
        assert {layer["tested"] for layer in shown["layers"]} == {None}
        assert not opened(tables_of(write_page(quick_plan))["behind"]["hotspots"])


def as_cells(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: cell(value) for name, value in row.items()} for row in records]


class TestWhatIsToldBesides:
    def test_dates_and_licences_stand_in_both_languages(self, shown: dict[str, Any]) -> None:
        dated = [*shown["completeness"], *shown["dates"].values(), *shown["sources"]]
        chinese = [each.get("reported_date", each.get("date", each))["zh"] for each in dated]
        assert any("民國" in date for date in chinese)
        assert not [date for date in chinese if re.search(r"\b(19|20)\d\d-\d\d| to ", date)]
        assert not [each for each in shown["sources"] if "none stated" in each["licence"].values()]

    def test_every_site_not_counted_stands_there_with_its_reason(
        self, plan: Plan, shown: dict[str, Any]
    ) -> None:
        listed, of = shown["excluded"], plan.excluded
        assert listed
        assert {(each["site_id"], each["reason"]) for each in listed} == set(
            zip(of["site_id"], of["reason"], strict=True)
        )
        assert {each["township_code"] for each in listed} <= {
            "",
            *plan.townships["township_code"],
        }


class TestHeadline:
    def test_of_the_nation_is_that_of_the_totals(
        self, plan: Plan, headline: dict[str, Any]
    ) -> None:
        totals = plan.layer_totals.set_index("layer")
        for layer in plan.study.layers:
            nation = headline[layer.id][NATION]
            of = totals.loc[layer.id]
            assert nation["listed_firm"]["townships"] == of["listed_firm"]
            assert nation["listed_provisional"]["townships"] == of["listed_provisional"]
            assert nation["undetermined"]["townships"] == of["undetermined_townships"]
            assert nation["listed_firm"]["people"] == of["listed_firm_people"]
            assert nation["target"] == of["target_people"]
            assert nation["beyond_firm"]["people"] == of["beyond_firm_people"]
            assert nation["beyond_provisional"]["people"] == of["beyond_provisional_people"]

    def test_of_the_counties_adds_up_to_the_nation(
        self, plan: Plan, headline: dict[str, Any]
    ) -> None:
        for of in headline.values():
            for name in ("listed_firm", "listed_provisional", "undetermined", "beyond_firm"):
                parts = [of[code][name]["people"] for code in plan.counties["county_code"]]
                assert sum(parts) == of[NATION][name]["people"]

    def test_named_unnamed_and_proposed_make_the_target(
        self, plan: Plan, headline: dict[str, Any]
    ) -> None:
        for layer in plan.study.layers:
            sites = headline[layer.id][NATION]["sites"]
            parts = ("existing_named", "existing_unnamed", "proposed")
            assert sum(sites[part] for part in parts) == layer.target

    def test_load_compares_firm_areas_only(
        self, plan: Plan, lists: Lists, headline: dict[str, Any]
    ) -> None:
        for layer in plan.study.layers:
            load = headline[layer.id][NATION]["load"]
            if layer.per_person != "residents_per_site":
                assert load is None
                continue
            firm = plan.rows[(plan.rows["layer"] == layer.id) & (plan.rows["certainty"] == "firm")]
            counties = set(firm["county_code"])
            assert {load["largest"]["county_code"], load["smallest"]["county_code"]} <= counties
            totals = next(
                row for row in lists.details["load_totals"].of(layer.id) if row["scope"] == "firm"
            )
            assert load["ratio"] == pytest.approx(totals["ratio"], abs=1e-5)
            assert load["areas"] == totals["areas"]
            for end in ("largest", "smallest"):
                assert load[end]["area_id"] == totals[f"{end}_area_id"]
                assert load[end]["residents"] == totals[f"{end}_residents_per_site"]


class TestMeasures:
    def test_classes_break_where_the_rule_compares(self, plan: Plan) -> None:
        layer = plan.study.layers[0]
        found = {each["id"]: each for each in measures(plan, layer)}
        rule = next(rule for rule in plan.study.rules if rule.layer == layer.id)
        assert layer.minutes in found["minutes"]["edges"]
        assert found["minutes"]["closed"] == "right"  # within means <=
        assert set(rule.thresholds("share_beyond")) <= set(found["beyond"]["edges"])
        assert found["beyond"]["closed"] == "left"  # listed means >=
        assert rule.parameter("needy_from").value in found["need"]["edges"]

    def test_edges_rise_and_worse_is_darker(self, plan: Plan, toy_plan: Plan) -> None:
        for each in (plan, toy_plan):
            for layer in each.study.layers:
                for measure in measures(each, layer):
                    edges = measure.get("edges", [])
                    assert edges == sorted(set(edges))
                    better = measure["id"].startswith(("sites_", "e2sfca"))
                    assert measure.get("dark", "high") == ("low" if better else "high")

    def test_further_ones_stand_where_the_study_asks_for_them(self, plan: Plan) -> None:
        for layer in plan.study.layers:
            found = {each["id"] for each in measures(plan, layer)}
            assert found & {"e2sfca", "e2sfca_anyone", "second_nearest"} == set(layer.measures)
            assert "share_listed" in found

    def test_without_draws_no_share_of_runs_is_shown(self, quick_plan: Plan) -> None:
        for layer in quick_plan.study.layers:
            assert "share_listed" not in {each["id"] for each in measures(quick_plan, layer)}

    def test_records_are_as_old_as_the_oldest_of_the_sites_people_use(self, lists: Lists) -> None:
        def month(date: str) -> pd.Period:
            return pd.Period(date if "-" in date else f"{date[:4]}-01", freq="M")

        dates = {(s["layer"], s["site_id"]): s["source_date"] for s in lists.sites.records}
        newest = max(month(date) for date in dates.values() if date and date[:4].isdigit())
        months = record_months(lists)
        aged = 0
        for row in lists.townships.records:
            used = [dates[row["layer"], site] for site in row["own_site_ids"].split(";") if site]
            known = bool(used) and all(date[:4].isdigit() for date in used)
            age = (newest - min(map(month, used))).n if known else None
            assert months[row["layer"], row["township_code"]] == age
            aged += bool(age)
        assert aged

    def test_every_figure_of_access_has_a_state_of_its_own(self, lists: Lists) -> None:
        rows = lists.townships.records
        for row in rows:
            more = row_columns(row, None)
            for name in ("e2sfca_anyone", "second_nearest"):
                column = {"second_nearest": "second_nearest_minutes_mean"}.get(
                    name, f"{name}_per_100k"
                )
                known = more[f"{name}_state"] in ("measured", "zero", "unreachable")
                if row[column] is not None:
                    assert known
                    assert (more[f"{name}_state"] == "measured") == (
                        row[column] > 0 or name == "second_nearest"
                    )
                else:
                    assert more[f"{name}_state"] not in ("measured", "zero")
        anyone = Counter(
            row_columns(row, None)["e2sfca_anyone_state"]
            for row in rows
            if row["layer"] == "mental_health_centres"
        )
        assert anyone["unknown"] == sum(
            row["e2sfca_state"] == "unknown" and row["layer"] == "mental_health_centres"
            for row in rows
        )


class TestTopology:
    def decoded(self, found: dict[str, Any], name: str) -> dict[str, Any]:
        """TopoJSON back to shapes, by the specification."""
        scale, move = found["transform"]["scale"], found["transform"]["translate"]
        lines = [np.cumsum(np.asarray(arc), axis=0) * scale + move for arc in found["arcs"]]

        def ring(numbers: list[int]) -> list[Any]:
            points: list[Any] = []
            for number in numbers:
                line = lines[number] if number >= 0 else lines[~number][::-1]
                points += line.tolist()[1 if points else 0 :]
            return points

        return {
            each["id"]: shapely.MultiPolygon(
                [(ring(rings[0]), [ring(hole) for hole in rings[1:]]) for rings in each["arcs"]]
            )
            for each in found["objects"][name]["geometries"]
        }

    def test_shapes_come_back_without_gap_or_overlap(self, plan: Plan) -> None:
        places = plan.townships
        codes = places["township_code"].tolist()
        shapes = self.decoded(topology(places.geometry.tolist(), codes, "t"), "t")
        assert list(shapes) == codes
        back = gpd.GeoSeries(list(shapes.values()), crs=places.crs)
        assert back.is_valid.mean() > 0.97  # a grid step may make a spit touch itself
        metres = back.make_valid().to_crs(plan.study.metres_crs)
        before = places.geometry.to_crs(plan.study.metres_crs)
        assert abs(metres.area.sum() / before.area.sum() - 1) < 0.002
        assert metres.union_all().area / metres.area.sum() > 0.9999

    def test_common_borders_stand_once(self) -> None:
        west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
        found = topology([west, east], ["w", "e"], "t")
        assert len(found["arcs"]) == 3
        shapes = self.decoded(found, "t")
        assert shapes["w"].intersection(shapes["e"]).length == pytest.approx(1, abs=1e-3)

    def test_an_enclave_shares_its_ring(self) -> None:
        hole = shapely.box(1, 1, 2, 2)
        found = topology([shapely.box(0, 0, 3, 3) - hole, hole], ["a", "b"], "t")
        assert len(found["arcs"]) == 2
        shapes = self.decoded(found, "t")
        assert shapes["a"].area + shapes["b"].area == pytest.approx(9, abs=1e-3)

    def test_many_points_are_simplified_together(self) -> None:
        turn = np.linspace(0, 2 * np.pi, 60_000)
        circle = shapely.Polygon(np.column_stack([np.cos(turn), np.sin(turn)]))
        halves = [circle & shapely.box(-2, -2, 0, 2), circle & shapely.box(0, -2, 2, 2)]
        light = simplified(np.array(halves, dtype=object))
        assert shapely.get_num_coordinates(light).sum() <= 40_000
        assert light[0].union(light[1]).geom_type == "Polygon"
