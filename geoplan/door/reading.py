"""Bytes to a table of text: nothing is guessed, nothing is dropped without a word.

A table read here has text in every cell and the row numbers of a spreadsheet as its index (the
header is row 1). What is wrong is gathered in `Found`; the reader never stops at the first fault.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geoplan.errors import Fault
from geoplan.model import Note

if TYPE_CHECKING:
    import pandas as pd

csv.field_size_limit(1_000_000)

# What a file really is, by its first bytes, whatever its name says.
MAGIC = (
    (b"PK\x03\x04", "zip/xlsx"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"%PDF", "PDF"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "GeoPackage/SQLite"),
    (b"\x00\x00\x27\x0a", "Shapefile"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"<", "HTML/XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)
SPACES = re.compile(r"^[\s\u200b\ufeff\u2060]+|[\s\u200b\ufeff\u2060]+$")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PERSONAL = re.compile(
    r"身分證|身份證|統一證號|護照|出生(?:年月日|日期)|生日|病歷號|national_?id|id_?card"
    r"|passport|birth_?da(?:te|y)|date_?of_?birth|\bdob\b|social_?security|medical_?record",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Found:
    """Faults and notes gathered over all files."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(
        self, code: str, file: str, rows: Iterable[int] = (), column: str = "", **values: object
    ) -> None:
        self.faults.append(Fault(code, file, tuple(int(row) for row in rows), column, values))

    def note(self, code: str, **values: object) -> None:
        self.notes.append(Note(code, values))


def kind_of_file(content: bytes) -> str | None:
    """What the first bytes say a file is; None for what may be text."""
    start = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for magic, kind in MAGIC if start.startswith(magic)), None)


def trim(text: str) -> str:
    """Without spaces at the ends, those included that nobody sees."""
    return SPACES.sub("", text)


def decode(content: bytes, file: str, found: Found) -> str | None:
    """Text by UTF-8 strictly, else by CP950 (Big5) strictly, which is said; else a fault."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found.fault("encoding_utf16", file)
        return None
    if b"\x00" in content:
        found.fault("nul_byte", file, [content[: content.index(b"\x00")].count(b"\n") + 1])
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
    if not is_damaged_utf8(content):
        try:
            text = content.decode("cp950")
        except UnicodeDecodeError:
            pass
        else:
            found.note("decoded_cp950", file=file)
            return text
    found.fault("encoding", file, [row])
    return None


def is_damaged_utf8(content: bytes) -> bool:
    """Is it UTF-8 with a few bad bytes (cut, or pasted from two files) and not another encoding?"""
    kept = content.decode("utf-8", errors="ignore")
    wide = sum(len(char.encode()) for char in kept if ord(char) > 0x7F)
    bad = len(content) - len(kept.encode())
    return wide >= 3 * bad


def read_csv(content: bytes, file: str, found: Found) -> pd.DataFrame | None:
    """A CSV as a table of text, or None when there is none to speak of."""
    kind = kind_of_file(content)
    if kind is not None:
        found.fault("wrong_type", file, kind=kind)
        return None
    text = decode(content, file, found)
    if text is None:
        return None
    if not text.strip():
        found.fault("file_empty", file)
        return None
    records = parse_csv(text, file, found)
    if records is None:
        return None
    return table_of(records, file, found)


def parse_csv(text: str, file: str, found: Found) -> list[list[str]] | None:
    """The records of a CSV, blank lines as empty ones; None after a fault of syntax."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error as error:
        found.fault("csv_syntax", file, [len(records) + 1], why=str(error))
        return None
    return records


def table_of(records: list[list[str]], file: str, found: Found) -> pd.DataFrame | None:
    """Records to a table whose index is the spreadsheet's row number."""
    rows = [(n, record) for n, record in enumerate(records, 1) if any(map(str.strip, record))]
    if not rows:
        found.fault("file_empty", file)
        return None
    (top, first), body = rows[0], rows[1:]
    header = header_of(first, top, file, found)
    if header is None:
        return None
    if not body:
        found.fault("header_only", file)
    wide = len(first)
    ragged = [(n, len(record)) for n, record in body if len(record) != wide]
    if ragged:
        found.fault("ragged", file, [n for n, _ in ragged], expected=wide, found_cells=ragged[0][1])
    body = [(n, record) for n, record in body if len(record) == wide]
    return frame_of([n for n, _ in body], header, [record for _, record in body], file, found)


def header_of(cells: Sequence[str], row: int, file: str, found: Found) -> list[str] | None:
    """Column names without stray spaces and full-width letters; None when they cannot be used."""
    header = [trim(unicodedata.normalize("NFKC", cell)) for cell in cells]
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        sign = next(sign for sign in ";\t|" if sign in header[0])
        found.fault("delimiter", file, [row], sign="Tab" if sign == "\t" else sign)
        return None
    blank = [place for place, name in enumerate(header, 1) if not name]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if blank:
        found.fault("header_blank", file, [row], places=", ".join(map(str, blank)))
    for name in twice:
        found.fault("header_twice", file, [row], name)
    for name in header:
        if PERSONAL.search(name):
            found.fault("personal_data", file, [row], name)
    return None if blank or twice else header


def frame_of(
    numbers: list[int], header: list[str], rows: list[list[str]], file: str, found: Found
) -> pd.DataFrame:
    """The table, each cell text; control characters are faults."""
    import pandas as pd

    columns: dict[str, list[str]] = {}
    for place, name in enumerate(header):
        cells = [row[place] for row in rows]
        if CONTROL.search("".join(cells)):
            bad = [n for n, cell in zip(numbers, cells, strict=True) if CONTROL.search(cell)]
            found.fault("control_character", file, bad, name)
        columns[name] = cells
    return pd.DataFrame(columns, index=numbers, columns=header, dtype=object)


def read_parquet(content: bytes, file: str, found: Found) -> pd.DataFrame | None:
    """A Parquet table as a table of text; numbers in the shortest form that reads back the same.

    Geometry and other binary columns are left out.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not content.startswith(b"PAR1"):
        found.fault("wrong_type", file, kind=kind_of_file(content) or "?")
        return None
    try:
        table = pq.read_table(pa.BufferReader(content))
        names = [
            name
            for name, kind in zip(table.schema.names, table.schema.types, strict=True)
            if not pa.types.is_binary(kind) and not pa.types.is_nested(kind)
        ]
        cells = [[text_of(each) for each in table[name].to_pylist()] for name in names]
    except Exception as error:
        # Foreign bytes can make a parser fail in any way; every one of them is a bad file.
        found.fault("unreadable", file, why=short(error))
        return None
    header = header_of(names, 1, file, found)
    if header is None:
        return None
    if not table.num_rows:
        found.fault("header_only", file)
    numbers = list(range(2, table.num_rows + 2))
    return frame_of(numbers, header, [list(row) for row in zip(*cells, strict=True)], file, found)


def text_of(value: object) -> str:
    """A cell of a typed table as text; nothing and not-a-number are blank."""
    if value is None or value != value:
        return ""
    return str(value)


def short(error: BaseException) -> str:
    """The first line of somebody else's error message, without paths or control characters."""
    line = next(iter(str(error).splitlines()), "") or type(error).__name__
    return CONTROL.sub("", line)[:160]
