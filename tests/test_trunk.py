"""The trunk network from lists in the official layouts.

The official downloads themselves are not here. The lists are either invented, or derived from the
bundled network (its nodes, and places between them every 200 m), so a rebuild can be compared.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from typer.testing import CliRunner

from geoplan.cli import app
from geoplan.door.reading import Found
from geoplan.errors import SourceMissing
from geoplan.projection import to_degrees, to_metres
from geoplan.roads.trunk.build import build_trunk
from geoplan.roads.trunk.cleaning import Line, clean
from geoplan.roads.trunk.freeway_joins import Joined
from geoplan.roads.trunk.freeways import read_kml
from geoplan.roads.trunk.inputs import GROUND, Asked, read_lists, read_places, read_villages
from geoplan.roads.trunk.interchanges import Interchange
from geoplan.roads.trunk.joins import Anchor
from geoplan.roads.trunk.local import build_local, local_tables
from geoplan.roads.trunk.network import KEEP_BEND_METRES, Edge, Node, Trunk, bend, thin
from geoplan.roads.trunk.routes import freeway_in, order_of, road_class
from geoplan.roads.trunk.sources import Opened, open_file
from geoplan.roads.trunk.stretches import GAP_METRES
from geoplan.roads.trunk.tables import COLUMNS, csv_bytes, trunk_tables
from geoplan.study import read_study
from geoplan.texts import LANGS, catalogue
from tests.official_lists import (
    CRS,
    DATA,
    HEADINGS,
    IC_HEADINGS,
    RULING_HEADINGS,
    ground,
    straight,
    write_7040,
    write_csv,
    write_network_lists,
)

RULED = "2026-11-22,data,true,mileposts,data: seen"
HERE = (230_000.0, 2_630_000.0)


class Lists:
    """A small invented country in official layouts; tests spoil what they like."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signs = [
            *straight("台91", HERE, (500, 0), 21),
            *straight("台92", (HERE[0] + 4000, HERE[1] - 3000), (0, 500), 13),
        ]
        self.freeway = straight("國9", (HERE[0], HERE[1] + 800), (100, 0), 101)
        self.interchanges = [("中央交流道", 6, *self.freeway[60][2:4])]
        self.rulings: list[str] = []
        self.encoding = "cp950"

    def write(self) -> list[str]:
        """The arguments of the command that reads the files."""
        at = self.folder
        write_7040(at / "7040.csv", self.signs, self.encoding)
        rows = [(route, m / 1000, lon, lat) for route, m, lon, lat, _ in self.freeway]
        write_csv(at / "95016.csv", [("route", "k", "lon", "lat"), *rows], "utf-8")
        write_csv(at / "ic" / "國道9號.csv", [IC_HEADINGS, *self.interchanges], "utf-8-sig")
        lines = [RULING_HEADINGS, *self.rulings]
        (at / "rulings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if not (at / "ground").exists():
            ground(at / "ground")
        named = {"mileposts": "7040.csv", "freeway": "95016.csv", "interchanges": "ic"}
        named |= {"rulings": "rulings.csv", "villages": "ground", "out": "out"}
        return [part for key, name in named.items() for part in (f"--{key}", str(at / name))]

    def run(self, *, lang: str = "en") -> tuple[int, str]:
        """Exit code and everything said."""
        command = ["--lang", lang, "roads", "build-trunk", *self.write()]
        done = CliRunner().invoke(app, command)
        return done.exit_code, done.output

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "out" / f"{name}.csv", keep_default_na=False)


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    return Lists(tmp_path)


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("國道3號甲線.kml", "國3甲"),
        ("國1.kml", "國1"),
        ("國道１０號交流道.csv", "國10"),
        ("台2己.kml", ""),
        ("南港聯絡道.kml", ""),
    ],
)
def test_freeway_in_a_name(name: str, route: str) -> None:
    assert freeway_in(name) == route


def test_routes_are_ordered_by_number() -> None:
    mixed = ["國3甲", "台10", "台2", "台2甲", "台20臨105", "台20臨93", "國1", "台9"]
    assert sorted(mixed, key=order_of) == [
        "台2", "台2甲", "台9", "台10", "台20臨93", "台20臨105", "國1", "國3甲",
    ]  # fmt: skip
    assert [road_class(each) for each in ("台61乙", "台6", "國6")] == [
        "expressway", "provincial", "freeway",
    ]  # fmt: skip


# ---------------------------------------------------------------- a small country


def test_small_country_is_built(lists: Lists) -> None:
    code, said = lists.run()
    assert code == 0, said
    edges, nodes = lists.table("trunk_edges"), lists.table("trunk_nodes").set_index("node_id")
    km = edges[edges["route"] != "link"].groupby("road_class")["length_metres"].sum()
    assert km.to_dict() == {"freeway": 10_000, "provincial": 16_000}
    assert set(edges["status"]) == {"open"} and set(edges["verified"]) == {True}
    link = edges[edges["road_class"] == "junction"]
    assert len(link) == 1
    ends = nodes.loc[[*link["from_node"], *link["to_node"]]]
    assert sorted(zip(ends["route"], ends["chainage_metres"], strict=True)) == [
        ("台91", 4000), ("台92", 3000),
    ]  # fmt: skip
    ramps = edges[edges["road_class"] == "interchange"]
    assert set(ramps["note"]) == {"ramp at 中央交流道"}
    assert ramps["length_metres"].min() == round(500 + 1.3 * 800)
    assert lists.table("interchanges")["links_to"].tolist() == ["台91,台92"]
    assert "no table of the roads that interchanges serve" in said


def test_villages_of_the_small_country_reach_its_roads(lists: Lists) -> None:
    assert lists.run()[0] == 0
    access, links = lists.table("village_access"), lists.table("local_edges")
    # Both villages are wide and empty: their people come onto the road low down inside.
    assert set(access["access_rule"]) == {"low_road_post"}
    assert (access["land_id"] == 0).all() and access["mountain"].all()
    kinds = links["kind"].value_counts()
    assert kinds["mesh"] == 1 and kinds["interchange ramp"] == 1 and kinds["ramp"] >= 2
    at_post = links[(links["kind"] == "ramp") & (links["length_metres"] == 10)]
    assert set(at_post["from_node"]) == set(access["village_code"])
    assert set(links["to_node"]) <= set(lists.table("trunk_nodes")["node_id"]) | set(
        access["village_code"].astype(str)
    )


def test_every_table_has_its_columns_and_a_manifest_the_door_reads(lists: Lists) -> None:
    assert lists.run()[0] == 0
    out = lists.folder / "out"
    from geoplan.door.manifest import open_source

    found = Found()
    for name, columns in COLUMNS.items():
        bundled = pd.read_csv(DATA / "roads" / f"{name}.csv", nrows=0)
        assert list(columns) == list(bundled.columns) == list(lists.table(name).columns)
        source = open_source(out / f"{name}.csv", name, found)
        assert source is not None and source.manifest is not None
        assert not source.changed
        inputs = {each.file: each.sha256 for each in source.manifest.inputs}
        assert {"7040.csv", "95016.csv", "國道9號.csv", "rulings.csv"} <= set(inputs)
        assert all(re.fullmatch("[0-9a-f]{64}", each) for each in inputs.values())
        assert source.manifest.date == "2026-06-25"
    assert not found.faults


def test_order_of_rows_encoding_and_doubled_signs_change_nothing(lists: Lists) -> None:
    assert lists.run()[0] == 0
    names = tuple(COLUMNS)
    once = {name: (lists.folder / "out" / f"{name}.csv").read_bytes() for name in names}
    lists.signs = [*lists.signs, *lists.signs[:30]]
    lists.signs = [*lists.signs[17::-1], *lists.signs[:17:-1]]
    lists.encoding = "utf-8"
    assert lists.run()[0] == 0
    again = {name: (lists.folder / "out" / f"{name}.csv").read_bytes() for name in names}
    assert again == once


def test_json_result(lists: Lists) -> None:
    done = CliRunner().invoke(app, ["--json", "roads", "build-trunk", *lists.write()])
    told = json.loads(done.stdout)
    assert told["kilometres"] == {"freeway": 10.0, "provincial": 16.0}
    assert told["gaps"] == 0 and told["interchanges"] == 1


# ---------------------------------------------------------------- gaps and rulings


def with_gap(lists: Lists) -> None:
    """台91 loses its signs between 6 and 9 km."""
    lists.signs = [each for each in lists.signs if each[0] != "台91" or not 6000 < each[1] < 9000]


def test_new_gap_stops_the_build_and_says_what_to_add(lists: Lists) -> None:
    with_gap(lists)
    lists.signs = [each for each in lists.signs if each[0] != "台92" or not 0 < each[1] < 2000]
    code, said = lists.run()
    assert code == 3
    assert "台91 6K+000–9K+000" in said and "台92 0K+000–2K+000" in said
    line = next(part for part in said.split() if part.startswith("台91,6000,9000,RULING"))
    assert not (lists.folder / "out").exists()
    filled = line.replace("RULING", "kept").replace("YYYY-MM-DD", "2026-11-22")
    lists.rulings = [filled, f"台92,0,2000,closed,{RULED}"]
    code, said = lists.run()
    assert code == 0, said
    assert lists.table("gaps")["action"].tolist() == ["kept", "closed"]


def test_kept_gap_is_as_long_as_its_chainage_and_a_jump_as_the_straight_line(
    lists: Lists,
) -> None:
    with_gap(lists)
    lists.signs = [
        (route, metres + 5000 * (route == "台91" and metres >= 9000), lon, lat, z)
        for route, metres, lon, lat, z in lists.signs
    ]
    for ruling, metres, basis in (("kept", 8000, "chainage"), ("jump", 3240, "straight_x1.08")):
        lists.rulings = [f"台91,6000,14000,{ruling},{RULED}"]
        assert lists.run()[0] == 0
        long = lists.table("trunk_edges").nlargest(1, "length_metres").iloc[0]
        assert (long["length_metres"], long["length_basis"]) == (metres, basis)
        assert (long["status"], long["note"]) == ("open", "")


def test_absent_has_no_edge_and_closed_is_an_edge_that_default_routing_leaves_out(
    lists: Lists,
) -> None:
    with_gap(lists)
    lists.rulings = [f"台91,6000,9000,absent,{RULED}"]
    assert lists.run()[0] == 0
    road = lists.table("trunk_edges").query("route == '台91'")
    assert road["length_metres"].sum() == 7000
    lists.rulings = ["台91,6000,9000,closed,2026-11-22,general_knowledge,false,heard,slide"]
    assert lists.run()[0] == 0
    closed = lists.table("trunk_edges").query("status == 'closed'")
    assert closed["length_metres"].tolist() == [3000]
    assert closed["verified"].tolist() == [False] and closed["note"].tolist() == ["slide"]
    roads = read_study("tw-2030").roads
    assert roads is not None and not {"closed", "restricted"} & set(roads.open_status)


def test_status_holds_between_its_kilometres(lists: Lists) -> None:
    lists.rulings = [
        f"台92,1000,2000,weather,{RULED}",
        "台91,2000,,restricted,2026-11-22,general_knowledge,false,heard,convoys",
    ]
    assert lists.run()[0] == 0
    edges = lists.table("trunk_edges")
    sums = edges[edges["route"] != "link"].groupby(["route", "status"])["length_metres"].sum()
    assert sums["台92", "weather"] == 1000 and sums["台92", "open"] == 5000
    assert sums["台91", "restricted"] == 8000 and sums["台91", "open"] == 2000
    slow = edges.query("status == 'restricted'")
    assert set(slow["speed_kph"]) == {25} and set(slow["verified"]) == {False}


def test_a_restriction_is_no_ruling_on_a_gap(lists: Lists) -> None:
    with_gap(lists)
    lists.rulings = [f"台91,0,,weather,{RULED}"]
    assert lists.run()[0] == 3
    lists.rulings.append(f"台91,6050,8950,kept,{RULED}")
    assert lists.run()[0] == 0
    assert set(lists.table("trunk_edges").query("route == '台91'")["status"]) == {"weather"}
    lists.rulings[1] = f"台91,6150,8950,kept,{RULED}"
    assert lists.run()[0] == 3


def test_ruling_that_matches_nothing_is_told(lists: Lists) -> None:
    lists.rulings = [f"台93,0,5000,closed,{RULED}"]
    code, said = lists.run()
    assert code == 0
    assert "row 2 (台93 0K+000–5K+000, closed) matches no stretch and no gap" in said


def test_spoilt_rulings_are_told_all_at_once(lists: Lists) -> None:
    lists.rulings = [
        f"台91,4000,2000,closed,{RULED}",
        f"台92,0,3000,closed,{RULED}",
        f"台92,2500,,weather,{RULED}",
        "台92,0,100,shut,last week,data,true,x,y",
    ]
    code, said = lists.run()
    assert code == 3
    for part in ("not lie after the start", "overlap", "last week", "shut"):
        assert part in said, part


# ---------------------------------------------------------------- spoilt lists


def test_all_faults_of_a_list_at_once(lists: Lists) -> None:
    route, _, lon, lat, _ = lists.signs[0]
    rows = [
        HEADINGS,
        (route, lon, lat, "", "", "0K+000", "1", *[""] * 5),
        (route, lon, lat, "", "", "12.5", "1", *[""] * 5),
        (route, lat, lon, "", "", "1K+000", "1", *[""] * 5),
        (route, "118.4", "24.4", "", "", "1K+500", "1", *[""] * 5),
        (route, "", "24.4", "", "", "2K+000", "1", *[""] * 5),
        ("縣道182", lon, lat, "", "", "2K+500", "1", *[""] * 5),
    ]
    arguments = lists.write()
    write_csv(lists.folder / "7040.csv", rows)
    write_csv(lists.folder / "ic" / "國道9號.csv", [IC_HEADINGS[:3], ("甲", 1, lon)], "utf-8")
    for lang in LANGS:
        done = CliRunner().invoke(app, ["--lang", lang, "roads", "build-trunk", *arguments])
        assert done.exit_code == 3
        for part in (
            "12.5",
            "118.4",
            "縣道182",
            "位置座標Y",
            "起點樁號",
            "7040.csv",
            "國道9號.csv",
        ):
            assert part in done.output, part
    for row in (3, 4, 5, 6, 7):
        assert f"row {row}, " in done.output, row
    assert "exchanged" in done.output
    assert not (lists.folder / "out").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe" + "公路編號".encode("utf-16-le"), "UTF-16"),
        ("公路編號,起點樁號\n台9,1K+000\n".encode("cp950"), "坐標-E-WGS84"),
        (b"<html>not found</html>", "HTML"),
    ],
)
def test_file_that_is_not_the_list(lists: Lists, content: bytes, says: str) -> None:
    arguments = lists.write()
    (lists.folder / "7040.csv").write_bytes(content)
    done = CliRunner().invoke(app, ["--lang", "en", "roads", "build-trunk", *arguments])
    assert done.exit_code == 3
    assert "7040.csv" in done.output and says in done.output


def test_missing_files_are_told_all_at_once(lists: Lists) -> None:
    arguments = lists.write()
    (lists.folder / "7040.csv").unlink()
    (lists.folder / "95016.csv").unlink()
    done = CliRunner().invoke(app, ["roads", "build-trunk", *arguments])
    assert done.exit_code == 5
    assert "7040.csv" in done.output and "95016.csv" in done.output


def test_depot_and_stray_signs_are_dropped_and_told(lists: Lists) -> None:
    depot = lists.signs[2][2:4]
    spoilt = list(lists.signs)
    for n in (8, 12):
        spoilt[n] = (*spoilt[n][:2], depot[0] + 1e-6, depot[1], "3")
    lon, lat = to_degrees(np.array([[HERE[0] + 2000, HERE[1] + 9000]]), CRS)[0]
    spoilt[15] = (*spoilt[15][:2], lon, lat, "3")
    lists.signs = spoilt
    code, said = lists.run()
    assert code == 0, said
    assert "3 signs share the coordinates" in said and "台91 4.000K" in said
    assert "1 posts do not fit" in said and "台91 7.500K" in said
    assert lists.table("trunk_edges").query("route == '台91'")["length_metres"].sum() == 10_000


@given(n=st.integers(8, 30), at=st.integers(1, 28), away=st.integers(1200, 20_000))
def test_one_wrong_sign_is_found_wherever_it_stands(n: int, at: int, away: int) -> None:
    at = min(at, n - 2)
    chainage = np.arange(n) * 500.0
    xy = np.column_stack([chainage, np.zeros(n)])
    xy[at, 1] += away
    done = clean(Line("台9", chainage, xy, np.zeros(n)))
    assert done.stray.tolist() == [at * 500.0]
    assert len(done.line.chainage) == n - 1


@given(
    steps=st.lists(
        st.tuples(st.integers(-300, 300), st.integers(-300, 300)), min_size=3, max_size=40
    )
)
def test_thinning_keeps_ends_and_bends(steps: list[tuple[int, int]]) -> None:
    xy = np.cumsum(np.array([(0, 0), *steps], dtype=float), axis=0)
    metres = np.hypot(*np.diff(xy, axis=0).T)
    kept = thin(xy, metres, np.isin(np.arange(len(xy)), [0, len(xy) - 1]))
    assert kept[0] == 0 and kept[-1] == len(xy) - 1
    for start, end in pairwise(kept.tolist()):
        assert bend(xy[start:end]) <= KEEP_BEND_METRES
        assert metres[start : end - 1].sum() < 950


# ---------------------------------------------------------------- freeway posts as KML


def kml(marks: Sequence[tuple[str, float, float]]) -> bytes:
    body = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{lon},{lat},0</coordinates></Point>"
        "</Placemark>"
        for name, lon, lat in marks
    )
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
    return f"{head}<Document>{body}</Document></kml>".encode()


def archive(members: dict[str, bytes]) -> bytes:
    """A zip whose names are stored as Windows in Taiwan does, in CP950 without a mark."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        names = {name.encode("cp950"): each for name, each in members.items()}
        stand_ins = {(b"%dQ7" % n * 20)[: len(name)]: name for n, name in enumerate(names)}
        for stand_in, name in stand_ins.items():
            made.writestr(stand_in.decode(), names[name])
    result = content.getvalue()
    for stand_in, name in stand_ins.items():
        result = result.replace(stand_in, name)
    return result


def with_freeway(lists: Lists, content: bytes) -> tuple[int, str]:
    arguments = lists.write()
    (lists.folder / "95016.csv").unlink()
    (lists.folder / "95016.zip").write_bytes(content)
    arguments = [each.replace("95016.csv", "95016.zip") for each in arguments]
    done = CliRunner().invoke(app, ["--lang", "en", "roads", "build-trunk", *arguments])
    return done.exit_code, done.output


def test_zip_of_kml_gives_the_same_network_as_the_plain_csv(lists: Lists) -> None:
    assert lists.run()[0] == 0
    once = (lists.folder / "out" / "trunk_edges.csv").read_bytes()
    marks = [
        (f"國道9號 {m // 1000:.0f}K+{m % 1000:03.0f}", lon, lat)
        for _, m, lon, lat, _ in lists.freeway
    ]
    other = kml([("0K+000", 121.0, 24.0)])
    code, said = with_freeway(lists, archive({"國道9號.kml": kml(marks), "台2己.kml": other}))
    assert code == 0, said
    assert (lists.folder / "out" / "trunk_edges.csv").read_bytes() == once
    assert "台2己.kml: no freeway in its name" in said


def test_chainage_is_read_from_a_field_but_a_bare_number_in_a_field_is_none() -> None:
    field = '</name><ExtendedData><Data name="x"><value>{}</value></Data></ExtendedData><name>'
    found = Found()
    good, bad = (
        read_kml(Opened("國1.kml", kml([(f"post{field.format(text)}", 121.0, 24.0)])), found)
        for text in ("12K+300", "12.3")
    )
    assert good is not None and good.chainage.tolist() == [12_300] and good.route[0] == "國1"
    assert bad is None and [each.code for each in found.faults] == ["kml_chainage"]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<kml><Placemark><name>&b;</name></Placemark></kml>"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (kml([("somewhere", 121.0, 24.0)]), "say no chainage"),
        (kml([("1K+000", 24.0, 121.0)]), "exchanged"),
        (kml([]), "no placemark"),
        (b"<kml><Placemark>", "cannot be read"),
        (BOMB, "cannot be read"),
    ],
)
def test_spoilt_kml(lists: Lists, content: bytes, says: str) -> None:
    code, said = with_freeway(lists, archive({"國1.kml": content}))
    assert code == 3
    assert "國1.kml" in said and says in said


def test_archive_without_freeways(lists: Lists) -> None:
    code, said = with_freeway(lists, archive({"readme.txt": b"nothing"}))
    assert code == 3 and "no freeway posts found" in said
    code, said = with_freeway(lists, b"PK\x03\x04 cut short")
    assert code == 3 and "cannot be read" in said


# ---------------------------------------------------------------- the bundled network, rebuilt


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The tables built from lists derived from the bundled network."""
    folder = write_network_lists(tmp_path_factory.mktemp("lists"))
    found = Found()
    connections = DATA / "roads" / "interchanges.csv"
    asked = Asked(
        folder / "7040.csv", folder / "95016.csv", folder / "interchanges", connections=connections
    )
    read = read_lists(asked, found)
    assert read is not None, found.faults
    built = build_trunk(read.lists, found)
    assert built is not None, found.faults
    around = build_local(built.trunk, built.joined, read.places)
    tables = trunk_tables(built) | local_tables(around)
    return {
        name: as_read(io.BytesIO(csv_bytes(COLUMNS[name], rows))) for name, rows in tables.items()
    }


def as_read(file: Path | io.BytesIO) -> pd.DataFrame:
    codes = dict.fromkeys(("from_node", "to_node", "village_code"), str)
    return pd.read_csv(file, keep_default_na=False, dtype=codes)


@pytest.fixture(scope="module")
def bundled() -> dict[str, pd.DataFrame]:
    return {name: as_read(DATA / "roads" / f"{name}.csv") for name in COLUMNS}


Tables = dict[str, pd.DataFrame]


def km_by(tables: Tables, column: str) -> pd.Series:
    edges = tables["trunk_edges"]
    return edges[edges["route"] != "link"].groupby(column)["length_metres"].sum() / 1000


def test_kilometres_are_those_of_the_bundled_network(rebuilt: Tables, bundled: Tables) -> None:
    new, old = km_by(rebuilt, "route"), km_by(bundled, "route")
    assert set(new.index) == set(old.index)
    # Drawn thinner, the posts of a few roads no longer lie farther apart than their chainage says.
    assert new.sum() == pytest.approx(old.sum(), rel=0.005)
    assert ((new - old).abs() < 0.01 * old + 0.5).mean() > 0.95
    classes = km_by(rebuilt, "road_class") / km_by(bundled, "road_class")
    assert classes["freeway"] == pytest.approx(1, abs=0.001)
    assert classes["expressway"] == pytest.approx(1, abs=0.03)
    assert classes["provincial"] == pytest.approx(1, abs=0.03)
    assert classes["provincial_mountain"] == pytest.approx(1, abs=0.10)


def route_pairs(tables: Tables) -> set[tuple[str, ...]]:
    route = tables["trunk_nodes"].set_index("node_id")["route"]
    links = tables["trunk_edges"].query("route == 'link'")
    ends = zip(route[links["from_node"]], route[links["to_node"]], strict=True)
    return {tuple(sorted(each)) for each in ends}


def test_the_same_routes_meet(rebuilt: Tables, bundled: Tables) -> None:
    assert route_pairs(rebuilt) == route_pairs(bundled)
    counts = [len(tables["trunk_edges"].query("route == 'link'")) for tables in (rebuilt, bundled)]
    assert counts[0] == pytest.approx(counts[1], rel=0.03)
    one, two = (
        dict(zip(t["interchanges"]["name"], t["interchanges"]["links_to"], strict=True))
        for t in (rebuilt, bundled)
    )
    same = [set(one[name].split(",")) == set(links.split(",")) for name, links in two.items()]
    assert len(one) == len(two) and np.mean(same) > 0.97


def every_half_kilometre(tables: Tables) -> pd.DataFrame:
    """What the edges say at every 500 m of every route, by route and metres."""
    chainage = tables["trunk_nodes"].set_index("node_id")["chainage_metres"].astype(int)
    edges = tables["trunk_edges"].query("route != 'link'")
    ends = np.sort([chainage[edges[name]] for name in ("from_node", "to_node")], axis=0)
    first, last = (ends - 250 + 499) // 500
    count = last - first
    here = edges.iloc[np.repeat(np.arange(len(edges)), count)]
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return here.assign(metres=250 + 500 * (np.repeat(first, count) + place))


def test_speed_and_status_of_the_same_kilometre(rebuilt: Tables, bundled: Tables) -> None:
    new, old = every_half_kilometre(rebuilt), every_half_kilometre(bundled)
    both = old.merge(new, on=["route", "metres"], how="outer", suffixes=("", "_new"))
    assert len(both) == len(old) == len(new) > 12_000
    for column in ("status", "verified"):
        assert (both[column] == both[f"{column}_new"]).all(), column
    # Density and winding are taken along a road that is drawn with fewer posts.
    assert (both["road_class"] == both["road_class_new"]).mean() > 0.95
    apart = (both["speed_kph"] - both["speed_kph_new"]).abs()
    assert (apart == 0).mean() > 0.75 and (apart <= 4).mean() > 0.9


def test_ruled_gaps_are_found_again(rebuilt: Tables, bundled: Tables) -> None:
    new, old = rebuilt["gaps"], bundled["gaps"]
    # 台20臨105 2-6K: the bundled drawing keeps no post at its start.
    assert len(new) == len(old) - 1
    assert (new["to_metres"] - new["from_metres"] > GAP_METRES).all()
    assert set(new["route"]) == set(old["route"])


def default_graph(tables: Tables) -> tuple[csr_matrix, pd.DataFrame]:
    """Minutes both ways over what default routing uses, and the nodes in metres."""
    roads = read_study("tw-2030").roads
    assert roads is not None
    nodes = tables["trunk_nodes"]
    at = pd.Series(np.arange(len(nodes)), nodes["node_id"])
    edges = tables["trunk_edges"]
    used = edges[edges["status"].isin(roads.open_status)]
    assert not set(used["status"]) & {"closed", "restricted"}
    minutes = used["length_metres"] / used["speed_kph"] * 0.06
    ends = at[used["from_node"]].to_numpy(), at[used["to_node"]].to_numpy()
    graph = csr_matrix((minutes.to_numpy(float), ends), shape=(len(nodes), len(nodes)))
    xy = to_metres(nodes["lon"].to_numpy(float), nodes["lat"].to_numpy(float), CRS)
    return graph, nodes.assign(x=xy[:, 0], y=xy[:, 1])


def test_the_main_island_is_one_component(rebuilt: Tables, bundled: Tables) -> None:
    outside = []
    for tables in (rebuilt, bundled):
        graph, nodes = default_graph(tables)
        part = connected_components(graph, directed=False)[1]
        lost = nodes[part != np.bincount(part).argmax()]
        outside.append(set(lost["route"]))
        assert len(lost) < 60
    # Restricted roads, and 台26 71-79.5K, which is reached over local roads only.
    assert outside[0] == outside[1] == {"台26", "台8臨37", "台16臨29"}


def test_no_edge_is_shorter_than_its_chord(rebuilt: Tables) -> None:
    _, nodes = default_graph(rebuilt)
    xy = nodes.set_index("node_id")[["x", "y"]]
    edges = rebuilt["trunk_edges"].query("length_basis != 'assumed'")
    ends = [xy.loc[edges[name]].to_numpy(float) for name in ("from_node", "to_node")]
    chord = np.hypot(*(ends[0] - ends[1]).T)
    # Coordinates are written to a metre, lengths in whole metres.
    assert (edges["length_metres"].to_numpy(float) > chord - 3).all()


# Places of the reference drives that are townships; the others are settlements or sights.
TOWNS = {
    "Taipei": "63000050", "Taichung": "66000010", "Kaohsiung": "64000080", "Tainan": "67000370",
    "Keelung": "10017010", "Hsinchu": "10018010", "Chiayi": "10020010", "Jianshi": "10004120",
}  # fmt: skip


def towns_of_pairs(names: set[str]) -> dict[str, str]:
    """Township codes of places: a city by its centre, else the one township of that name."""
    table = pd.read_csv(DATA / "boundaries" / "township_names.csv", dtype=str)
    table["plain"] = table["township_name_en"].str.replace(
        r" (City|Township|District)$", "", regex=True
    )
    alone = table[~table["plain"].duplicated(keep=False) & table["plain"].isin(names)]
    return dict(zip(alone["plain"], alone["township_code"], strict=True)) | TOWNS


def minutes_between(tables: Tables, points: np.ndarray) -> np.ndarray:
    """Driving minutes over trunk roads and local links between the villages nearest to points."""
    roads = read_study("tw-2030").roads
    assert roads is not None
    trunk = tables["trunk_edges"]
    columns = ["from_node", "to_node", "length_metres", "speed_kph"]
    used = trunk[trunk["status"].isin(roads.open_status)][columns]
    edges = pd.concat([used, tables["local_edges"][columns]])
    access = tables["village_access"]
    names = [*access["village_code"], *tables["trunk_nodes"]["node_id"]]
    at = pd.Series(np.arange(len(names)), names)
    ends = np.sort([at[edges["from_node"]], at[edges["to_node"]]], axis=0)
    minutes = (edges["length_metres"] / edges["speed_kph"] * 0.06).to_numpy(float)
    fastest = (
        pd.DataFrame({"a": ends[0], "b": ends[1], "m": minutes}).groupby(["a", "b"])["m"].min()
    )
    pairs = np.array(fastest.index.tolist()).T
    graph = csr_matrix((fastest.to_numpy(), pairs), shape=(len(names), len(names)))
    lon, lat = access["access_lon"].to_numpy(float), access["access_lat"].to_numpy(float)
    away = np.hypot(*(points[:, None] - to_metres(lon, lat, CRS)[None]).transpose(2, 0, 1))
    start = away.argmin(axis=1)
    result: np.ndarray = dijkstra(graph, directed=False, indices=start)[:, start]
    return result


def test_reference_drives_as_a_smoke_check(rebuilt: Tables, bundled: Tables) -> None:
    """Remembered drives, good to 10 % or worse: gross faults would show; it is no accuracy."""
    pairs = pd.read_csv(DATA / "roads" / "pairs.csv")
    codes = towns_of_pairs(set(pairs["from_place"]) | set(pairs["to_place"]))
    pairs = pairs[pairs["from_place"].isin(codes) & pairs["to_place"].isin(codes)]
    assert len(pairs) == 34
    towns = pd.read_csv(DATA / "population" / "townships.csv", dtype={"township_code": str})
    columns = ["population_point_lon", "population_point_lat"]
    seats = towns.set_index("township_code").loc[list(codes.values()), columns]
    points = to_metres(*seats.to_numpy(float).T, CRS)
    row = {name: n for n, name in enumerate(codes)}
    ends = [pairs[name].map(row).to_numpy() for name in ("from_place", "to_place")]
    new, old = (minutes_between(tables, points)[ends[0], ends[1]] for tables in (rebuilt, bundled))
    for minutes in (new, old):
        ratio = minutes / pairs["reference_minutes"].to_numpy(float)
        assert ratio.min() > 0.65 and ratio.max() < 1.5
        assert 0.95 < np.median(ratio) < 1.2
    assert np.median(new / old) == pytest.approx(1, abs=0.02)
    assert (new / old).min() > 0.9 and (new / old).max() < 1.15


# ---------------------------------------------------------------- the local model


@pytest.fixture(scope="module")
def local() -> Tables:
    """The local model around the bundled trunk network, made anew."""
    found = Found()
    files = {name: open_file(DATA / name, found) for name in GROUND}
    villages = read_villages(files[GROUND[0]], files[GROUND[1]], found)
    assert villages is not None
    places = read_places(files, villages, found)
    assert places is not None, found.faults
    made = build_local(*bundled_trunk(), places)
    return {
        name: as_read(io.BytesIO(csv_bytes(COLUMNS[name], rows)))
        for name, rows in local_tables(made).items()
    }


def bundled_trunk() -> tuple[Trunk, list[Joined]]:
    """The bundled trunk tables as the network that the local model is built around."""
    nodes = pd.read_csv(DATA / "roads" / "trunk_nodes.csv", keep_default_na=False)
    nodes = nodes.set_index(nodes["node_id"].str[1:].astype(int)).sort_index()
    xy = to_metres(nodes["lon"].to_numpy(), nodes["lat"].to_numpy(), CRS).tolist()
    height = pd.to_numeric(nodes["elevation_metres"]).tolist()
    columns = [nodes[name].tolist() for name in ("kind", "route", "chainage_metres")]
    cells = zip(*columns, height, nodes["name"], strict=True)
    made = tuple(Node(*place, *each) for place, each in zip(xy, cells, strict=True))
    edges = pd.read_csv(DATA / "roads" / "trunk_edges.csv", keep_default_na=False)
    ends = [edges[name].str[1:].astype(int) for name in ("from_node", "to_node")]
    names = ("route", "road_class", "length_metres", "speed_kph", "status", "verified")
    rows = zip(*ends, *(edges[name] for name in (*names, "length_basis", "note")), strict=True)
    table = pd.read_csv(DATA / "roads" / "interchanges.csv", keep_default_na=False)
    at = {Anchor(int(name[1:]), 0.0): int(name[1:]) for name in table["node_id"]}
    joined = [
        Joined(Interchange(route, name, 0, 0, 0), Anchor(int(node[1:]), 0.0), (), ())
        for node, route, name in zip(table["node_id"], table["route"], table["name"], strict=True)
    ]
    return Trunk(made, tuple(Edge(*row) for row in rows), at), joined


def test_access_points_are_those_of_the_bundled_table(local: Tables) -> None:
    old = pd.read_csv(DATA / "roads" / "village_access.csv", dtype={"village_code": str})
    both = local["village_access"].merge(old, on="village_code", suffixes=("", "_old"))
    assert len(both) == len(old) == 7752
    by_hand = both["access_rule_old"] == "moved_by_hand"
    assert by_hand.sum() == 2
    for column in ("access_rule", "land_id", "mountain"):
        assert (both[column] == both[f"{column}_old"])[~by_hand].all(), column
    assert np.allclose(both["density_per_km2"], both["density_per_km2_old"], rtol=0.01, atol=0.2)
    points = [
        to_metres(both[f"access_lon{end}"].to_numpy(), both[f"access_lat{end}"].to_numpy(), CRS)
        for end in ("", "_old")
    ]
    # Eight points of the polygons lie elsewhere: the bundled boundaries were drawn again since.
    assert (np.hypot(*(points[0] - points[1]).T) > 10).sum() <= 12


def test_local_links_are_those_of_the_bundled_table(local: Tables) -> None:
    new = local["local_edges"]
    old = pd.read_csv(DATA / "roads" / "local_edges.csv", dtype={"from_node": str, "to_node": str})
    for table in (new, old):
        ends = np.sort(table[["from_node", "to_node"]].to_numpy(str), axis=1)
        table["pair"] = [" ".join(each) for each in ends]
    both = new.merge(old, on=["pair", "kind"], suffixes=("", "_old"))
    assert len(both) > 0.998 * max(len(new), len(old))
    same = (both["length_metres"] / both["length_metres_old"] - 1).abs() < 0.02
    assert same.mean() > 0.998 and (both["speed_kph"] == both["speed_kph_old"]).mean() > 0.998
    rescue = [set(t.query("kind.str.startswith('rescue')")["pair"]) for t in (new, old)]
    assert len(rescue[1]) == 15 and rescue[0] == rescue[1]


def test_every_village_of_a_land_mass_is_joined(local: Tables) -> None:
    trunk, _ = bundled_trunk()
    links, access = local["local_edges"], local["village_access"]
    names = [*access["village_code"], *(f"t{n}" for n in range(len(trunk.nodes)))]
    at = pd.Series(np.arange(len(names)), names)
    ends = np.vstack([at[links["from_node"]], at[links["to_node"]]])
    open_edges = [(e.one, e.two) for e in trunk.edges if e.status not in ("closed", "restricted")]
    ends = np.hstack([ends, np.array(open_edges).T + len(access)])
    graph = csr_matrix((np.ones(ends.shape[1]), ends), shape=(len(names), len(names)))
    part = connected_components(graph, directed=False)[1][: len(access)]
    # The two ends of a fixed link are one part of two land masses, or of one.
    assert (access.assign(part=part).groupby("land_id")["part"].nunique() == 1).all()


# ---------------------------------------------------------------- words


def test_every_fault_and_note_has_its_words_and_every_word_its_use() -> None:
    import geoplan

    package = Path(geoplan.__file__).parent
    files = [*(package / "roads" / "trunk").rglob("*.py"), package / "cli" / "roads_trunk.py"]
    source = "".join(path.read_text("utf-8") for path in files)
    texts = catalogue()
    asked = set(re.findall(r"fault\(\s*\"(\w+)\"", source))
    assert len(asked) > 10 and not {code for code in asked if f"fault.{code}" not in texts}
    words = tomllib_keys(package / "wording" / "trunk.toml")
    for key in words:
        code = key.split(".", 1)[1]
        assert re.search(rf"""["']({re.escape(key)}|{code})["']""", source), key
        assert all(texts[key][lang] for lang in LANGS)


def tomllib_keys(path: Path) -> list[str]:
    import tomllib

    return list(tomllib.loads(path.read_text("utf-8")))


def test_missing_lists_raise_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="none"):
        read_lists(Asked(tmp_path / "none.csv", tmp_path, tmp_path), Found())
