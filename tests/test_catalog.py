"""The door: every kind of bad file is told with file, row, column and remedy; good ones pass."""

from __future__ import annotations

import os
import re
import string
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoplan import catalog
from geoplan.catalog import read_inputs
from geoplan.door.check_files import ROLES, check, guess_role
from geoplan.door.checks import conform, number_of
from geoplan.door.opened import read_text
from geoplan.door.polygons import read_polygons
from geoplan.door.reading import Found
from geoplan.door.tables import POPULATION, SITES, TOWNSHIPS
from geoplan.errors import BadInput, Fault, SourceMissing, WrongUsage
from geoplan.model import Inputs
from geoplan.paths import bundled
from geoplan.study import read_study
from geoplan.texts import LANGS, catalogue
from tests.inputs import BAD, WHERE, toy_copy, toy_with

EXPECTED = tomllib.loads((BAD / "expected.toml").read_text("utf-8"))
TABLES = sorted(name for name in EXPECTED if name.split("/")[0] in (*WHERE, "own_sites"))
CONTROLS = sorted(path.name for path in (BAD / "controls").iterdir())
CJK = re.compile(r"[\u4e00-\u9fff]")


def told(faults: list[Fault] | tuple[Fault, ...]) -> list[tuple[str, list[int], str]]:
    return sorted((fault.code, list(fault.rows), fault.column) for fault in faults)


def expected(name: str) -> list[tuple[str, list[int], str]]:
    return sorted((each["code"], each["rows"], each["column"]) for each in EXPECTED[name]["faults"])


def reads_well(fault: Fault) -> None:
    """Both languages say something whole, and the Chinese one is Chinese."""
    zh, en = fault.tell("zh"), fault.tell("en")
    assert fault.file in zh and fault.file in en
    assert CJK.search(zh)
    assert zh.endswith(("。", "？", "）")), zh
    assert en.endswith((".", "?")), en
    for row in fault.rows[:8]:
        assert str(row) in zh and str(row) in en
    assert "{" not in zh and "{" not in en
    assert len(en.split(": ", 1)[1]) > 20


@pytest.fixture(scope="module")
def toy() -> Inputs:
    return read_inputs(read_study("toy"))


@pytest.mark.parametrize("name", TABLES)
def test_bad_table_is_told_with_row_and_column(name: str, tmp_path: Path) -> None:
    kind, bad = name.split("/")[0], BAD / name
    if kind == "own_sites":
        study, own = read_study("toy"), bad
    else:
        study, own = toy_with(tmp_path, WHERE[kind], bad.read_bytes()), None
    with pytest.raises(BadInput) as caught:
        read_inputs(study, own)
    assert told(caught.value.faults) == expected(name)
    assert caught.value.exit_code == 3
    for fault in caught.value.faults:
        reads_well(fault)


@pytest.mark.parametrize("name", sorted(n for n in EXPECTED if n.startswith("townships/")))
def test_bad_polygons_are_told(name: str) -> None:
    found = Found()
    assert read_polygons((BAD / name).read_bytes(), TOWNSHIPS, name, found, {}) is None or (
        found.faults
    )
    assert told(found.faults) == expected(name)
    for fault in found.faults:
        reads_well(fault)


def test_every_bad_file_has_its_expectation_and_the_other_way_round() -> None:
    files = {
        path.relative_to(BAD).as_posix()
        for path in BAD.rglob("*.*")
        if path.parent.name not in ("controls", "bad_inputs")
    }
    assert files == set(EXPECTED)


@pytest.mark.parametrize("name", CONTROLS)
def test_good_file_passes_and_changes_nothing(name: str, tmp_path: Path, toy: Inputs) -> None:
    inputs = read_inputs(
        toy_with(tmp_path, WHERE["population"], (BAD / "controls" / name).read_bytes())
    )
    assert not inputs.notes
    assert inputs.points.equals(toy.points)
    assert inputs.townships["population"].equals(toy.townships["population"])


def test_toy_study_passes_without_a_note(toy: Inputs) -> None:
    assert not toy.notes
    assert len(toy.sources) == len({source.file for source in toy.sources})
    assert all(len(source.sha256) == 64 and source.title_zh for source in toy.sources)
    assert not check(["toy"])


def test_taiwan_passes_and_adds_up(taiwan_inputs: Inputs) -> None:
    taiwan = taiwan_inputs
    assert not taiwan.notes
    assert (len(taiwan.townships), len(taiwan.counties), len(taiwan.points)) == (368, 22, 7752)
    assert taiwan.points["population"].sum() == 23_299_132
    assert taiwan.townships["population"].sum() == 23_299_132
    assert taiwan.points["population"].dtype == np.int64
    standing = taiwan.sites[taiwan.sites["status"] == "existing"]
    assert standing.groupby("layer").size().to_dict() == {
        "welfare_centres": 155,
        "mental_health_centres": 60,
        "collaboration_sites": 39,
        "food_banks": 143,
    }
    for frame, key in (
        (taiwan.townships, "township_code"),
        (taiwan.counties, "county_code"),
        (taiwan.points, "village_code"),
        (taiwan.sites, "site_id"),
    ):
        assert frame[key].is_monotonic_increasing and frame[key].is_unique
    assert taiwan.townships["township_code"].str.len().eq(8).all()
    assert taiwan.townships["township_code"].iloc[0] == "09007010"
    assert taiwan.townships.crs == "EPSG:4326" and taiwan.townships.is_valid.all()


def test_rows_permuted_change_nothing(tmp_path: Path, toy: Inputs) -> None:
    study = toy_copy(tmp_path)
    for path in (tmp_path / "toy").rglob("*.csv"):
        header, *rows = path.read_text("utf-8").splitlines()
        path.write_text("\n".join([header, *reversed(rows)]) + "\n", "utf-8")
    inputs = read_inputs(read_study(study))
    for name in ("points", "sites", "service_areas", "completeness", "services"):
        assert getattr(inputs, name).equals(getattr(toy, name)), name
    assert inputs.townships.equals(toy.townships)


def test_all_files_are_told_at_once(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    for kind, bad in (
        ("population", "population/negative_population.csv"),
        ("facilities", "facilities/unknown_township_code.csv"),
        ("roads", "roads/unknown_node.csv"),
    ):
        (tmp_path / "toy" / WHERE[kind]).write_bytes((BAD / bad).read_bytes())
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study(study), BAD / "own_sites" / "unknown_layer.csv")
    codes = {(fault.file.split("/")[-1], fault.code) for fault in caught.value.faults}
    assert codes == {
        ("villages.csv", "negative"),
        ("toy_centres.csv", "unknown_township"),
        ("edges.csv", "unknown_node"),
        ("unknown_layer.csv", "unknown_layer_near"),
    }


def test_missing_files_are_named_all_at_once(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    text = study.read_text("utf-8").replace("toy/roads/", "none/roads/")
    study.write_text(text, "utf-8")
    with pytest.raises(SourceMissing) as caught:
        read_inputs(read_study(study), tmp_path / "no.csv")
    assert caught.value.exit_code == 5
    for name in ("none/roads/nodes.csv", "none/roads/ferries.csv", "no.csv"):
        assert name in str(caught.value) and name in caught.value.tell("zh")


def test_file_that_its_manifest_does_not_describe(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    table = tmp_path / "toy" / WHERE["population"]
    table.with_suffix(".toml").write_text(f'title = "villages"\nsha256 = "{"0" * 64}"\n', "utf-8")
    with pytest.raises(SourceMissing) as caught:
        read_inputs(read_study(study))
    assert caught.value.code == "sources_changed"
    assert "villages.csv" in str(caught.value)


def test_manifest_renames_foreign_columns(tmp_path: Path, toy: Inputs) -> None:
    study = toy_copy(tmp_path)
    table = tmp_path / "toy" / WHERE["population"]
    text = table.read_text("utf-8").replace("village_code", "VILLCODE", 1)
    table.write_text(text, "utf-8")
    manifest = 'title = "villages"\n[columns]\nvillage_code = "VILLCODE"\n'
    table.with_suffix(".toml").write_text(manifest, "utf-8")
    assert read_inputs(read_study(study)).points.equals(toy.points)


def test_misspelt_manifest_key_is_told(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    manifest = (tmp_path / "toy" / WHERE["population"]).with_suffix(".toml")
    manifest.write_text('title = "villages"\nlicense = "CC0"\n', "utf-8")
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study(study))
    assert told(caught.value.faults) == [("key_unknown_near", [2], "license")]


def test_big5_is_read_and_said(tmp_path: Path, toy: Inputs) -> None:
    good = (BAD / "controls" / "villages.csv").read_text("utf-8")
    inputs = read_inputs(toy_with(tmp_path, WHERE["population"], good.encode("cp950")))
    assert [note.code for note in inputs.notes] == ["decoded_cp950"]
    assert inputs.points.equals(toy.points)


def test_lost_zeros_come_back_and_are_said(tmp_path: Path, toy: Inputs) -> None:
    good = (BAD / "controls" / "villages.csv").read_text("utf-8")
    inputs = read_inputs(
        toy_with(tmp_path, WHERE["population"], good.replace("\n0", "\n").encode())
    )
    assert {note.code for note in inputs.notes} == {"zero_restored"}
    assert inputs.points.equals(toy.points)


def test_total_row_is_left_out_and_said(tmp_path: Path, toy: Inputs) -> None:
    text = (BAD / "controls" / "villages.csv").read_text("utf-8")
    row = "總計,,," + ",".join(["47720", "6438", "31113", "41282", "10169"])
    inputs = read_inputs(toy_with(tmp_path, WHERE["population"], f"{text}{row}\n".encode()))
    assert [note.code for note in inputs.notes] == ["totals_left_out"]
    assert inputs.points.equals(toy.points)


def test_need_not_known_stays_unknown_and_never_zero(tmp_path: Path) -> None:
    path = "need/townships.csv"
    text = (toy_copy(tmp_path / "one").parent / "toy" / path).read_text("utf-8")
    assert ",348\n" in text
    inputs = read_inputs(
        toy_with(tmp_path / "two", path, text.replace(",348\n", ",…\n", 1).encode())
    )
    assert np.isnan(inputs.townships["income_median"].iloc[0])
    assert inputs.townships["income_median"].iloc[1] == 455


def test_people_counted_by_a_group_must_be_known(tmp_path: Path) -> None:
    path = "need/townships.csv"
    text = (toy_copy(tmp_path / "one").parent / "toy" / path).read_text("utf-8")
    study = toy_with(tmp_path / "two", path, text.replace(",587,", ",不詳,").encode())
    with pytest.raises(BadInput) as caught:
        read_inputs(study)
    assert told(caught.value.faults) == [("number_not_known", [3], "low_income_persons")]


def test_figures_of_two_files_must_not_differ(tmp_path: Path) -> None:
    path = "need/townships.csv"
    text = (toy_copy(tmp_path / "one").parent / "toy" / path).read_text("utf-8")
    rows = [f"{row},{'population' if n == 0 else 1}" for n, row in enumerate(text.splitlines())]
    study = toy_with(tmp_path / "two", path, ("\n".join(rows) + "\n").encode())
    with pytest.raises(BadInput) as caught:
        read_inputs(study)
    assert "figures_differ" in {fault.code for fault in caught.value.faults}


def test_figure_the_study_uses_must_exist(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    text = study.read_text("utf-8").replace('["income_median"]', '["income_medien"]')
    study.write_text(text, "utf-8")
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study(study))
    (fault,) = caught.value.faults
    assert (fault.code, fault.column) == ("figure_absent_near", "income_medien")
    assert "income_median" in fault.tell("en")


def test_villages_that_do_not_add_up_are_said(tmp_path: Path) -> None:
    text = (BAD / "controls" / "villages.csv").read_text("utf-8").replace(",2600,", ",2605,", 1)
    inputs = read_inputs(toy_with(tmp_path, WHERE["population"], text.encode()))
    (note,) = inputs.notes
    assert (note.code, note.values["difference"], note.values["township"]) == (
        "sums_differ",
        5,
        "0101",
    )


def test_site_points_are_judged_where_the_file_does_not_say(tmp_path: Path) -> None:
    rows = [
        "site_id,name,county_name,township_name,lon,lat",
        "A1,inside,晨霧郡,燈臺鎮,170.55,-29.94",
        "A2,outside,晨霧郡,霧津市,170.55,-29.94",
        "A3,none,暮潮郡,新鎮,,",
        "A4,county only,暮潮郡,,,",
    ]
    study = toy_with(tmp_path, WHERE["facilities"], "\n".join([*rows, ""]).encode())
    areas = tmp_path / "toy" / "facilities" / "service_areas.csv"
    areas.write_text("layer,site_id,township_code\ntoy_centres,A1,0101\n", "utf-8")
    inputs = read_inputs(study)
    sites = inputs.sites.set_index("site_id")
    uses = [sites.loc[f"A{n}", "point_use"] for n in (1, 2, 3, 4)]
    assert uses == ["distance", "suspect", "none", "none"]
    assert list(sites.loc["A1":"A4", "township_code"]) == ["0101", "0102", "0202", ""]
    assert list(sites.loc["A1":"A4", "county_code"]) == ["01", "01", "02", "02"]
    assert [note.code for note in inputs.notes] == ["points_outside_township"]


OWN_HEADER = "site_id,layer,name,county,township,lon,lat,address,capacity,status,source\n"


def own_file(folder: Path, *rows: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(OWN_HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_planner_adds_corrects_and_closes(tmp_path: Path, toy: Inputs) -> None:
    mine = own_file(
        tmp_path,
        "N1,toy_centres,新站,暮潮郡,遠岬鎮,,,,12,,my list",
        "TC01,,,,,,,新址一號,,,my list",
        "TC02,,,,,,,,,closed,my list",
        "TP05,,,暮潮郡,銅谷鎮,170.823544,-30.110113,,,,",
    )
    inputs = read_inputs(read_study("toy"), mine)
    sites = inputs.sites.set_index("site_id")
    before = toy.sites.set_index("site_id")
    assert sites.loc["N1", ["origin", "status", "township_code", "point_use"]].tolist() == [
        "planner", "existing", "0203", "none",
    ]  # fmt: skip
    assert sites.loc["N1", "capacity"] == 12
    assert sites.loc["TC01", "address"] == "新址一號"
    assert sites.loc["TC01", "name"] == before.loc["TC01", "name"]
    assert sites.loc["TC01", "lon"] == before.loc["TC01", "lon"]
    assert sites.loc["TC01", "point_use"] == "distance"
    assert sites.loc["TC02", ["origin", "status"]].tolist() == ["planner", "closed"]
    assert sites.loc["TP05", ["township_code", "point_use"]].tolist() == ["0201", "distance"]
    untouched = ["TC03", "TC04", "TP01"]
    assert sites.loc[untouched, before.columns].equals(before.loc[untouched])
    lists = inputs.completeness.set_index(["layer", "county_code"])["completeness"]
    # The file names no county's sites all: rows are not a list, and nothing becomes complete.
    table = toy.completeness.set_index(["layer", "county_code"])["completeness"]
    assert lists.equals(table)
    assert lists["toy_centres", ""] == "partial"
    named = inputs.completeness.set_index(["layer", "county_code"])["named"]
    assert named["toy_centres", "01"] == 2 and named["toy_centres", "02"] == 2
    assert "TC02" not in set(inputs.service_areas["site_id"])
    own_area = inputs.service_areas[inputs.service_areas["site_id"] == "N1"]
    assert own_area["township_code"].tolist() == ["0203"]
    codes = [note.code for note in inputs.notes]
    assert (codes.count("planner_list"), codes.count("planner_rows")) == (0, 3)
    assert codes.count("planner_area") == 1
    assert inputs.sources[-1].file == "mine.csv"


def test_a_file_that_names_every_site_of_a_county_is_its_list(tmp_path: Path) -> None:
    mine = own_file(tmp_path, "TC04,,,,,,,,,,my list", "N1,toy_centres,新站,暮潮郡,遠岬鎮,,,,,,")
    inputs = read_inputs(read_study("toy"), mine)
    lists = inputs.completeness.set_index(["layer", "county_code"])["completeness"]
    assert lists["toy_centres", "02"] == "planner"
    assert "planner_list" in {note.code for note in inputs.notes}


def test_planner_moves_a_site_without_a_point(tmp_path: Path) -> None:
    mine = own_file(tmp_path, "TC01,,,晨霧郡,霧津市,,,,,,")
    site = read_inputs(read_study("toy"), mine).sites.set_index("site_id").loc["TC01"]
    assert site["township_code"] == "0102"
    assert site["point_use"] == "none" and np.isnan(site["lon"])


def test_planner_row_on_a_site_closed_before_closes_nothing_more(tmp_path: Path) -> None:
    mine = own_file(tmp_path, "TC05,,舊站,,,,,,,,")
    site = read_inputs(read_study("toy"), mine).sites.set_index("site_id").loc["TC05"]
    assert site[["status", "origin", "name"]].tolist() == ["closed", "bundled", "舊站"]


def test_planner_opens_a_closed_site_again(tmp_path: Path) -> None:
    mine = own_file(tmp_path, "TC05,,,,,,,,,existing,")
    site = read_inputs(read_study("toy"), mine).sites.set_index("site_id").loc["TC05"]
    assert site[["status", "origin"]].tolist() == ["existing", "planner"]


def test_planner_double_is_said(tmp_path: Path) -> None:
    mine = own_file(tmp_path, "N1,toy_centres,燈臺服務中心,晨霧郡,燈臺鎮,,,,,,")
    notes = read_inputs(read_study("toy"), mine).notes
    (double,) = [note for note in notes if note.code == "planner_double"]
    assert double.values["sites"] == "N1, TC01"


def test_fault_tells_which_township_a_point_lies_in() -> None:
    with pytest.raises(BadInput) as caught:
        read_inputs(read_study("toy"), BAD / "own_sites" / "point_in_another_township.csv")
    zh = caught.value.faults[0].tell("zh")
    assert "晨霧郡霧津市" in zh and "晨霧郡燈臺鎮" in zh


def test_old_names_in_a_planners_list_of_taiwan(tmp_path: Path) -> None:
    mine = own_file(
        tmp_path,
        "X1,welfare_centres,甲,桃園縣,中壢市,,,,,,",
        "X2,welfare_centres,乙,台北市,中正區,,,,,,",
        "X3,food_banks,丙,,頭份鎮,,,,,,",
    )
    sites = read_inputs(read_study("tw-2030"), mine).sites.set_index("site_id")
    assert sites.loc[["X1", "X2", "X3"], "township_code"].tolist() == [
        "68000020", "63000050", "10005050",
    ]  # fmt: skip


def test_every_fault_and_note_of_the_code_has_its_words() -> None:
    source = "".join(
        path.read_text("utf-8") for path in Path(catalog.__file__).parent.rglob("*.py")
    )
    asked = set(re.findall(r"found\.fault\(\s*\"(\w+)\"", source))
    asked |= set(re.findall(r"read\.fault\(\s*\"(\w+)\"", source))
    noted = set(re.findall(r"found\.note\(\s*\"(\w+)\"", source))
    texts = catalogue()
    assert len(asked) > 40 and len(noted) > 6
    assert not {code for code in asked if f"fault.{code}" not in texts}
    assert not {code for code in noted if f"note.{code}" not in texts}


def test_notes_read_well_in_both_languages(tmp_path: Path) -> None:
    mine = own_file(tmp_path, "N1,toy_centres,燈臺服務中心,晨霧郡,燈臺鎮,,,,,,")
    for note in read_inputs(read_study("toy"), mine).notes:
        for lang in LANGS:
            text = catalogue()[f"note.{note.code}"][lang].format(**note.values)
            assert "{" not in text and len(text) > 10


@pytest.mark.parametrize(
    ("headings", "role"),
    [
        (["demand_id", "site_id", "minutes"], "matrix"),
        (["demand_id", "population", "need"], "population"),
        (["village_code", "population", "population_65_plus"], "population"),
        (["village_code", "populaton"], "population"),
        (["township_code", "low_income_persons"], "need"),
        (["county_code", "suicides"], "need"),
        (["site_id", "layer", "name", "county", "township", "lon", "lat"], "facilities"),
        (["site_id", "name", "township_code", "point_use"], "facilities"),
        (["site_id", "capacity", "cost"], "candidates"),
        (["u", "v", "minutes"], "roads"),
        (
            [
                "from_node",
                "to_node",
                "length_metres",
                "speed_kph",
                "direction",
                "status",
                "road_class",
            ],
            "roads",
        ),
        (["apples", "pears"], None),
    ],
)
def test_role_is_guessed_by_the_headings(headings: list[str], role: str | None) -> None:
    assert guess_role(headings) == role


def test_check_of_single_files(tmp_path: Path) -> None:
    matrix = tmp_path / "m.csv"
    matrix.write_text("demand_id,site_id,minutes\na,s1,5\na,s2,-1\na,s1,6\n", "utf-8")
    assert told(check([matrix])) == [
        ("duplicate_id", [2, 4], "demand_id, site_id"),
        ("negative", [3], "minutes"),
    ]
    roads = tmp_path / "r.csv"
    roads.write_text("u,v\na,b\n", "utf-8")
    assert told(check([roads], "roads")) == [("road_without_time", [1], "minutes")]
    apples = tmp_path / "apples.csv"
    apples.write_text("apples,pears\n1,2\n", "utf-8")
    assert [fault.code for fault in check([apples])] == ["role_unknown"]
    need = tmp_path / "need.csv"
    need.write_text("township_code,low_income_persons\n9007010,5\n99999999,1\n", "utf-8")
    assert told(check([need])) == [("unknown_township", [3], "township_code")]
    assert told(check([BAD / "own_sites" / "unknown_layer.csv", "toy"])) == expected(
        "own_sites/unknown_layer.csv"
    )
    bundled_bad = check([BAD / "townships" / "no_crs.parquet"], "townships")
    assert told(bundled_bad) == expected("townships/no_crs.parquet")
    assert check([BAD / "controls" / "villages.csv"], "matrix")
    with pytest.raises(SourceMissing):
        check([tmp_path / "absent.csv"])
    with pytest.raises(SourceMissing, match="tw-2030"):
        check(["tw-2031"])
    with pytest.raises(WrongUsage, match="no role"):
        check([matrix], "apples")
    assert set(ROLES) >= {"townships", "population", "facilities", "need", "roads", "matrix"}
    assert not list(tmp_path.glob("*.toml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        (" 12 ", 12),
        ("１２", 12),
        ("-3.5", -3.5),
        ("+4", 4),
        ("−4", -4),
        (".5", 0.5),
    ],
)
def test_numbers_that_are_numbers(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["", "-", "…", "不詳", "N/A", "—", "..."])
def test_not_known_is_not_zero(text: str) -> None:
    assert np.isnan(number_of(text))


@pytest.mark.parametrize(
    "text", ["1,23", "1e5", "inf", "nan", "0x1F", "1_000", "12 人", "١٢x", ".", "+"]
)
def test_what_is_no_number(text: str) -> None:
    assert np.isinf(number_of(text))


FAST = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FAST
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_told(content: bytes) -> None:
    found = Found()
    frame = read_text(content, "any.csv", found)
    assert frame is not None or found.faults
    if frame is not None:
        conform(frame, SITES, "any.csv", found)
        conform(frame, POPULATION, "any.csv", found)
    read_polygons(content, TOWNSHIPS, "any", found, {})
    assert found.faults
    for fault in found.faults:
        fault.tell("zh"), fault.tell("en")


@FAST
@given(st.text(alphabet=string.printable + "臺台，、\u3000\ufeff…不詳", max_size=300))
def test_any_text_below_a_good_header_is_read_or_told(body: str) -> None:
    found = Found()
    frame = read_text(f"village_code,population\n{body}".encode(), "any.csv", found)
    if frame is not None:
        conform(frame, POPULATION, "any.csv", found)
    for fault in found.faults:
        fault.tell("zh"), fault.tell("en")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_spoilt_studies_raise_only_what_is_meant(data: st.DataObject, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("spoilt")
    study = toy_copy(folder)
    files = sorted(
        path for path in folder.rglob("*.*") if path.suffix in (".csv", ".parquet", ".toml")
    )
    path = data.draw(st.sampled_from(files))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    path.write_bytes(bytes(content))
    try:
        read_inputs(read_study(study))
    except (BadInput, SourceMissing) as error:
        assert str(error) and error.tell("zh")


def test_reading_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    study = toy_copy(tmp_path)
    before = sorted(os.walk(tmp_path))
    read_inputs(read_study(study))
    assert sorted(os.walk(tmp_path)) == before


def test_the_reference_system_must_be_made_for_the_place(tmp_path: Path) -> None:
    study = (bundled("studies") / "toy.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(study.replace("EPSG:32759", "EPSG:3826"), "utf-8")
    assert [fault.code for fault in check([tmp_path / "mine.toml"])] == ["crs_elsewhere"]


def test_a_service_without_any_site_is_read_and_said(tmp_path: Path) -> None:
    list_ = "facilities/toy_pantries.csv"
    header = (bundled("data") / "toy" / list_).read_bytes().split(b"\n")[0] + b"\n"
    inputs = read_inputs(toy_with(tmp_path, list_, header))
    assert "toy_pantries" not in set(inputs.sites["layer"])
    assert [note.values for note in inputs.notes if note.code == "list_empty"] == [
        {"file": f"toy/{list_}"}
    ]
