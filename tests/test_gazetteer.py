"""Names to townships: 臺/台, old names, odd spaces, homonyms, addresses."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geoplan.errors import WrongUsage
from geoplan.gazetteer import (
    Gazetteer,
    Homonym,
    OldName,
    bundled_old_names,
    find_county,
    fold,
)
from geoplan.paths import bundled


@pytest.fixture(scope="module")
def townships() -> gpd.GeoDataFrame:
    return gpd.read_parquet(bundled("data") / "boundaries" / "townships.parquet")


@pytest.fixture(scope="module")
def gazetteer(townships: gpd.GeoDataFrame) -> Gazetteer:
    return Gazetteer(townships)


def test_every_township_is_found_by_its_own_name(
    gazetteer: Gazetteer, townships: gpd.GeoDataFrame
) -> None:
    found = [
        gazetteer.find(county, township)
        for county, township in zip(
            townships["county_name"], townships["township_name"], strict=True
        )
    ]
    assert found == list(townships["township_code"])


def test_every_township_is_found_with_the_other_letter_and_spaces(
    gazetteer: Gazetteer, townships: gpd.GeoDataFrame
) -> None:
    for code, county, township in zip(
        townships["township_code"],
        townships["county_name"],
        townships["township_name"],
        strict=True,
    ):
        assert (
            gazetteer.find(f" {county.replace('臺', '台')}", f"{township[0]}　{township[1:]}")
            == code
        )


@pytest.mark.parametrize(
    ("county", "township", "code"),
    [
        ("桃園縣", "中壢市", "68000020"),
        ("桃園縣", "桃園市", "68000010"),
        ("桃園市", "桃園區", "68000010"),
        ("台北縣", "三峽鎮", "65000090"),
        ("高雄縣", "鳳山市", "64000120"),
        ("高雄縣", "三民鄉", "64000380"),
        ("高雄市", "三民區", "64000050"),
        ("臺南市", "西區", "67000370"),
        ("臺中市", "西區", "66000040"),
        ("苗栗縣", "頭份鎮", "10005050"),
        ("彰化縣", "員林鎮", "10007100"),
        ("臺灣省彰化縣", "員林市", "10007100"),
        ("福建省連江縣", "南竿鄉", "09007010"),
        ("", "頭份鎮", "10005050"),
        ("", "台北市中正區", "63000050"),
        ("", "花蓮市", "10015010"),
    ],
)
def test_old_and_other_names(gazetteer: Gazetteer, county: str, township: str, code: str) -> None:
    assert gazetteer.find(county, township) == code


def test_name_that_is_none(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("臺北市", "烏有區") is None
    assert gazetteer.find("", "") is None
    assert gazetteer.near("臺北市", "中証區") == "臺北市中正區"


def test_homonym_without_county_names_the_choices(gazetteer: Gazetteer) -> None:
    with pytest.raises(Homonym) as caught:
        gazetteer.find("", "中正區")
    zh = caught.value.tell("zh")
    assert "臺北市中正區" in zh and "基隆市中正區" in zh
    assert caught.value.exit_code == 3
    assert gazetteer.find("基隆市", "中正區") == "10017010"


def test_addresses(gazetteer: Gazetteer) -> None:
    assert gazetteer.from_address("100臺北市中正區某路1號") == "63000050"
    assert gazetteer.from_address("桃園縣中壢市某路1號") == "68000020"
    assert gazetteer.from_address("某路1號") is None


def test_counties(gazetteer: Gazetteer) -> None:
    assert gazetteer.county("台北縣") == "65000"
    assert gazetteer.county("連江縣") == "09007"
    assert gazetteer.county("無此縣") is None


def test_old_names_lead_to_places_of_today(gazetteer: Gazetteer) -> None:
    for old in bundled_old_names():
        if old.old_township:
            assert gazetteer.find(old.old_county, old.old_township) == gazetteer.find(
                old.county, old.township
            )
        else:
            assert gazetteer.county(old.old_county) == gazetteer.county(old.county)


def test_old_names_of_one_country_do_not_touch_another() -> None:
    toy = gpd.read_parquet(bundled("data") / "toy" / "boundaries" / "townships.parquet")
    gazetteer = Gazetteer(toy, [OldName("霧郡", "", "晨霧郡", "")])
    assert gazetteer.find("霧郡", "燈臺鎮") == "0101"
    assert Gazetteer(toy).find("桃園縣", "中壢市") is None
    with pytest.raises(Homonym):
        gazetteer.find("", "新鎮")


def test_fold() -> None:
    assert fold(" 台北　市 ") == "臺北市"
    assert fold("ＡＢ１") == "AB1"


def test_a_county_is_found_by_any_code_and_two_of_one_name_are_told_apart() -> None:
    rows = [("A1", "Nord", "A", "Land"), ("b1", "Süd", "b", "Land"), ("x/1", "Ost", "x/", "Meer")]
    names = ["township_code", "township_name", "county_code", "county_name"]
    places = pd.DataFrame(rows, columns=names).assign(county_name_en="")
    assert [find_county(places, code) for code in ("A", "b", " x/ ", "Meer")] == [
        "A",
        "b",
        "x/",
        "x/",
    ]
    with pytest.raises(WrongUsage) as caught:
        find_county(places, "Land")
    assert "Land (A)、Land (b)" in caught.value.tell("en")
    with pytest.raises(WrongUsage):
        find_county(places, "")
