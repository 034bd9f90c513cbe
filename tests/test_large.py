"""Tables of millions of rows: the quick reader of CSV tells the same table as the plain one, or
leaves the file to it; ids and numbers of Parquet are those of CSV."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.door import large_csv
from geoplan.door.large import packed_ids, read_large
from geoplan.door.large_csv import read_sound_csv
from geoplan.door.manifest import SourceFile
from geoplan.door.own_matrix import read_matrix
from geoplan.door.own_pairs import read_minutes_of_pairs
from geoplan.door.reading import Found, read_csv
from geoplan.tables import Table

ANY = Table("any", (), ())


def source(content: bytes, name: str = "m.csv") -> SourceFile:
    return SourceFile(Path(name), name, content, "", None)


def as_plain(read: Any) -> tuple[list[str], list[list[str]]]:
    return list(read.schema.names), [column.to_pylist() for column in read.columns]


def same_as_the_plain_reader(content: bytes) -> bool:
    """Whether the quick reader took it; if it did, both must tell the same and find no fault."""
    read = read_sound_csv(content)
    if read is None:
        return False
    found = Found()
    frame = read_csv(content, "m.csv", found)
    assert frame is not None and not found.faults and not found.notes
    assert frame.index.tolist() == list(range(2, read.num_rows + 2))
    names, cells = as_plain(read)
    assert [list(frame[name]) for name in frame.columns] == cells
    assert list(frame.columns) == [name.strip("\ufeff\u200b ") for name in names]
    return True


CELLS = st.text(alphabet='a1"\n\r, é臺', max_size=4)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_quoted_tables_are_read_alike(rows: list[tuple[str, str]], quoting: Any, end: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerows([("p", "q"), *rows])
    taken = same_as_the_plain_reader(text.getvalue().encode())
    broken = any(sign in cell for row in rows for cell in row for sign in "\r\n")
    blank = any(not "".join(row).strip() for row in rows)
    assert taken == (not broken and not blank)


@given(st.text(alphabet='a",\n\r ', max_size=24))
def test_any_text_is_read_alike_or_left(text: str) -> None:
    same_as_the_plain_reader(f"p,q\n{text}".encode())


QUICK = {
    "as R writes": '"demand_id","site_id","minutes"\n"01","x",3.5\n"02","y",1e3\n',
    "Windows": '"a","b"\r\n"1","2"\r\n',
    "a mark at the start": '\ufeff"a","b"\n1,2\n',
    "quotes and commas within": '"a","b"\n"say ""so""","x, y"\n"""","",\n'.replace('"",\n', '""\n'),
    "no last line end": 'a,b\n"1","2"',
    "blank lines at the end": 'a,b\n"1","2"\n\n\r\n',
    "Chinese": 'a,b\n"臺北",1\n',
    "blank cells": 'a,b\n"",1\n2,""\n',
}
LEFT = {
    "a line break in a cell": 'a,b\n"1\n2",3\n',
    "a blank line": "a,b\n1,2\n\n3,4\n",
    "a blank row with quotes": 'a,b\n1,2\n"",""\n3,4\n',
    "a blank row with commas": "a,b\n1,2\n , \n3,4\n",
    "too few cells": "a,b\n1,2\n3\n",
    "a quote within a cell": 'a,b\n1"2,3\n4"5,6\n',
    "a quote after a space": 'a,b\n "1",2\n',
    "words after a quote": 'a,b\n"1"x,2\n',
    "a quote that never ends": 'a,b\n"1,2\n',
    "a name twice": "a,a\n1,2\n",
    "a hidden character": "a,b\n1\x08,2\n",
    "a mark of direction": "a,b\n1\u202e,2\n",
    "one column": "a\n1\n",
    "no rows": "a,b\n",
    "another kind of file": '{"a": 1,\n"b": 2}',
}


@pytest.mark.parametrize("name", QUICK)
def test_what_is_read_quickly(name: str) -> None:
    assert same_as_the_plain_reader(QUICK[name].encode())


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_to_the_plain_reader(name: str) -> None:
    assert read_sound_csv(LEFT[name].encode()) is None


def test_other_encodings_are_left() -> None:
    assert read_sound_csv("a,b\n臺北,1\n".encode("cp950")) is None
    assert read_sound_csv("a,b\n1,2\n".encode("utf-16")) is None


def test_blocks_are_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small blocks tell the same, and a fault in any of them is seen."""
    monkeypatch.setattr(large_csv, "BLOCK", 40)
    rows = [f'"p{at}","臺, {at}"' for at in range(50)]
    assert same_as_the_plain_reader("\n".join(['"a","b"', *rows]).encode())
    for at in range(50):
        for wrong in ('"p\n","q"', '"p"x,"q"', "p\x01,q"):
            text = "\n".join(['"a","b"', *rows[:at], wrong, *rows[at + 1 :]])
            assert read_sound_csv(text.encode()) is None


def test_rows_of_faults_stay_right_with_quotes_and_line_breaks() -> None:
    good = '"demand_id","site_id","minutes"\n"01","x",3\n"02","x","-4"\n"03","x","far"\n'
    for text, rows in ((good, [3, 4]), (good.replace('"01"', '"0\n1"'), [2, 3, 4])):
        found = Found()
        assert read_minutes_of_pairs(source(text.encode()), found) is None
        assert sorted(row for each in found.faults for row in each.rows)[-2:] == rows[-2:]
        assert {each.column for each in found.faults} >= {"minutes"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (pa.array([63000000001, 1]), ["63000000001", "1"]),
        (pa.array([63000000001.0, None, float("nan"), 0.5]), ["63000000001", "", "", "0.5"]),
        (pa.array(["01", None, "01"]), ["01", "", "01"]),
        (pa.array(["01", "é"], pa.large_string()), ["01", "é"]),
        (
            pa.DictionaryArray.from_arrays(pa.array([2, 0, None]), pa.array(["a", "b", "c"])),
            ["c", "a", ""],
        ),
    ],
)
@pytest.mark.parametrize("packed", [(), ("id",)])
def test_ids_of_parquet(cells: Any, words: list[str], packed: tuple[str, ...]) -> None:
    """Whole numbers have no point and no exponent; what no row holds is on no list."""
    content = io.BytesIO()
    pq.write_table(pa.table({"id": cells, "other": [1] * len(cells)}), content)
    table = read_large(source(content.getvalue()), ANY, Found(), packed)
    assert table is not None
    code, given = packed_ids(table, "id")
    assert [given[each] for each in code] == words
    assert sorted(given) == sorted(set(words))


def test_packed_columns_of_a_csv() -> None:
    table = read_large(source(b'"id","n"\n"b",1\n"a",2\n"b",3\n'), ANY, Found(), ("id", "none"))
    assert table is not None
    assert packed_ids(table, "id")[0].tolist() == [0, 1, 0]
    assert table.row.tolist() == [2, 3, 4]


def test_milliseconds_have_a_limit_and_other_units_none() -> None:
    text = b"demand_id,site_id,minutes\n01,x,17895\n02,x,1e9\n"
    free = Found()
    pairs = read_minutes_of_pairs(source(text), free)
    assert pairs is not None and pairs.minutes.tolist() == [17895, 1e9]
    bound = Found()
    assert read_matrix(source(text), bound) is None
    assert [(each.code, each.rows) for each in bound.faults] == [("trip_too_long", (3,))]


@pytest.mark.parametrize("quotes", ["none", "needed"])
def test_a_million_rows(quotes: Any) -> None:
    """Read in a second or so, with quotes around every text and without."""
    point, site = np.divmod(np.arange(1_000_000), 500)
    ids = (pc.cast(pa.array(each), pa.string()) for each in (point, site))
    table = pa.table([*ids, pa.array(site / 8)], ["demand_id", "site_id", "minutes"])
    written = io.BytesIO()
    pa_csv.write_csv(table, written, pa_csv.WriteOptions(quoting_style=quotes))
    began = time.process_time()
    pairs = read_minutes_of_pairs(source(written.getvalue()), Found())
    assert time.process_time() - began < 5
    assert pairs is not None
    assert (len(pairs.demand_ids), len(pairs.site_ids)) == (2000, 500)
    assert float(pairs.minutes.sum()) == float((site / 8).sum())
