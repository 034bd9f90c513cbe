"""Tables of millions of rows: the faults of `reading` and `checks`, found column by column.

A sound CSV is read by Arrow; one with blank rows, ragged rows or line breaks in its cells by
`reading`, slower, so that rows are counted and faults are told in the same way. Numbers may have
an exponent here, as machines write it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geoplan.door.checks import FALSE, TRUE, number_of, rename, some, tell_missing
from geoplan.door.large_csv import read_sound_csv
from geoplan.door.manifest import SourceFile
from geoplan.door.reading import Found, header_of, kind_of_file, read_csv, short
from geoplan.model import Bools, Floats, Ints
from geoplan.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd

PLAIN_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
SHOWN = 50
"""Different cells that are looked at to show a few of them in a message."""
WHOLE = 2.0**53
"""Below it a float keeps every whole number."""


@dataclass(frozen=True)
class LargeTable:
    """Columns as Arrow arrays, text or numbers; the row each has in a spreadsheet; and, of a
    Parquet file, the columns in binary (geometry) with the file's own description of them."""

    file: str
    columns: Mapping[str, Any]
    row: Ints
    binary: Mapping[str, Any]
    geo: bytes = b""

    def tell(self, code: str, wrong: Bools, column: str, found: Found, **more: object) -> None:
        """A fault of these rows of a column, with a few of its cells."""
        if wrong.any():
            at = np.flatnonzero(wrong)
            if column in self.columns and "given" not in more:
                cells = [_shown(self.columns[column][int(each)]) for each in at[:SHOWN]]
                more["given"] = some(list(dict.fromkeys(cells)))
            found.fault(code, self.file, self.row[at], column, **more)


def _shown(cell: Any) -> str:
    """A cell as people would write it; nothing of one that is empty."""
    return str(cell) if cell.is_valid else ""


def read_large(
    source: SourceFile, table: Table, found: Found, packed: Sequence[str] = ()
) -> LargeTable | None:
    """The file as a table with our names of columns; None when it cannot be used.

    Columns of text that are named in `packed` are dictionaries where the file makes it easy.
    """
    kind = kind_of_file(source.content)
    read = (_parquet if kind == "Parquet" else _csv)(source, found, packed)
    if read is None:
        return None
    import pandas as pd

    names = rename(pd.DataFrame(columns=list(read.columns)), table, source.columns).columns
    columns = dict(zip(names, read.columns.values(), strict=True))
    missing = [each for each in table.columns if each.required and each.name not in columns]
    for column in missing:
        tell_missing(column, [*columns, *read.binary], read.file, found)
    if missing or not len(read.row):
        return None
    return LargeTable(read.file, columns, read.row, read.binary, read.geo)


def _csv(source: SourceFile, found: Found, packed: Sequence[str]) -> LargeTable | None:
    import pyarrow as pa

    name = source.shown
    quick = read_sound_csv(source.content, packed)
    if quick is not None:
        header = header_of(quick.schema.names, 1, name, found)
        if header is None:
            return None
        rows = np.arange(2, quick.num_rows + 2)
        cells = [_one_chunk(column) for column in quick.columns]
        return LargeTable(name, dict(zip(header, cells, strict=True)), rows, {})
    frame: pd.DataFrame | None = read_csv(source.content, name, found)
    if frame is None:
        return None
    columns = {each: pa.array(frame[each].tolist(), pa.string()) for each in frame.columns}
    return LargeTable(name, columns, frame.index.to_numpy(np.int64), {})


def _parquet(source: SourceFile, found: Found, packed: Sequence[str]) -> LargeTable | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {}
    binary: dict[str, Any] = {}
    try:
        content = pa.BufferReader(source.content)
        table = pq.read_table(content, read_dictionary=list(packed))
        for name, kind in zip(table.schema.names, table.schema.types, strict=True):
            if pa.types.is_nested(kind):
                continue
            if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
                binary[name] = _one_chunk(table[name])
            elif name in packed and pa.types.is_dictionary(kind):
                columns[name] = _one_chunk(table[name].unify_dictionaries())
            else:
                columns[name] = _plain_kind(_one_chunk(table[name]), kind)
        geo = (table.schema.metadata or {}).get(b"geo", b"")
    except Exception as error:
        # Foreign bytes can make a parser fail in any way; every one of them is a bad file.
        found.fault("unreadable", source.shown, why=short(error))
        return None
    header = header_of(list(columns), 1, source.shown, found)
    if header is None:
        return None
    if not table.num_rows:
        found.fault("header_only", source.shown)
    named = dict(zip(header, columns.values(), strict=True))
    return LargeTable(source.shown, named, np.arange(2, table.num_rows + 2), binary, geo)


def _one_chunk(column: Any) -> Any:
    """A column of an Arrow table as one array."""
    import pyarrow as pa

    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _plain_kind(cells: Any, kind: Any) -> Any:
    """Numbers and truth values as they are, all else as text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return cells
    return pc.fill_null(pc.cast(cells, pa.string()), "")


def ids(table: LargeTable, name: str, found: Found, may_be_blank: bool = False) -> Any:
    """Ids as Arrow text: never blank unless they may be, no spaces at the ends."""
    import pyarrow.compute as pc

    cells = _id_text(table.columns[name])
    trimmed = pc.utf8_trim_whitespace(cells)
    blank = _bools(pc.equal(trimmed, ""))
    if not may_be_blank:
        table.tell("blank_id", blank, name, found)
    padded = ~blank & ~_bools(pc.equal(trimmed, cells))
    first = [f"[{cells[int(at)]}]" for at in np.flatnonzero(padded)[:SHOWN]]
    table.tell("padded_id", padded, name, found, ids=some(first))
    return trimmed


def packed_ids(table: LargeTable, name: str) -> tuple[Ints, list[str]]:
    """Ids as they were given, as codes (rows,) into the list of those that occur."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = table.columns[name]
    packed = cells if pa.types.is_dictionary(cells.type) else pc.dictionary_encode(cells)
    given: list[str] = _id_text(packed.dictionary).to_pylist()
    code = packed.indices
    if code.null_count:
        code = pc.fill_null(code, len(given))
        given.append("")
    codes = code.to_numpy().astype(np.int64)
    used = np.bincount(codes, minlength=len(given)) > 0
    names = list(dict.fromkeys(each for each, kept in zip(given, used, strict=True) if kept))
    if len(names) < len(given):
        place = {name: at for at, name in enumerate(names)}
        codes = np.array([place.get(each, -1) for each in given], np.int64)[codes]
    return codes, names


def _id_text(cells: Any) -> Any:
    """Ids as text, blank where there is none; whole numbers without a point or an exponent, as a
    table keeps them in floats once one of them is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.cast(cells, pa.string())
    if pa.types.is_floating(cells.type):
        whole = pc.equal(pc.floor(cells), cells)
        whole = pc.fill_null(pc.and_(whole, pc.less(pc.abs(cells), WHOLE)), False)
        number = pc.cast(pc.if_else(whole, cells, 0), pa.int64())
        text = pc.if_else(whole, pc.cast(number, pa.string()), text)
        text = pc.if_else(pc.fill_null(pc.is_nan(cells), True), "", text)
    return pc.fill_null(text, "")


def _bools(array: Any) -> Bools:
    return np.asarray(array.to_numpy(zero_copy_only=False), bool)


def numbers(
    table: LargeTable,
    column: Column,
    found: Found,
    needed: Bools | None = None,
    not_known: str = "number_not_known",
) -> Floats:
    """The numbers of a column; not-a-number where they are not known or at fault.

    One that is not known is the fault `not_known` where it is `needed` (rows,): everywhere, if
    nothing is said, unless the column may be empty.
    """
    import pyarrow as pa

    cells, name = table.columns[column.name], column.name
    typed = not pa.types.is_string(cells.type)
    values = _typed(cells) if typed else _numbers_of_text(cells)
    strange = np.isinf(values)
    unknown = np.isnan(values)
    values[strange] = np.nan
    table.tell("not_a_number", strange, name, found)
    if needed is None:
        needed = np.full(len(values), not column.may_be_empty)
    table.tell(not_known, unknown & needed, name, found)
    least = 0.0 if column.kind in ("minutes", "people", "count", "share") else column.least
    if least is not None:
        low = values < least
        table.tell("negative" if least == 0 else "below", low, name, found, least=least)
        values[low] = np.nan
    return values


def _typed(cells: Any) -> Floats:
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.array(pc.fill_null(pc.cast(cells, pa.float64()), float("nan")).to_numpy(), float)


def _numbers_of_text(cells: Any) -> Floats:
    """Plain numbers all at once; each other cell by `number_of`, once for all its like."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = _typed(cells)
        if np.isfinite(values).all():
            return values
    except pa.ArrowInvalid:
        pass  # not plain numbers alone
    plain = pc.match_substring_regex(cells, PLAIN_NUMBER)
    values = _typed(pc.if_else(plain, cells, pa.scalar(None, pa.string())))
    odd = np.flatnonzero(~_bools(plain))
    if len(odd):
        packed = pc.dictionary_encode(cells.take(pa.array(odd)))
        known = np.array([number_of(str(each)) for each in packed.dictionary], float)
        values[odd] = known[packed.indices.to_numpy()]
    return values


def flags(table: LargeTable, name: str, found: Found) -> Bools:
    """True or false; blank is false."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = table.columns[name]
    if pa.types.is_boolean(cells.type):
        return _bools(pc.fill_null(cells, False))
    text = pc.utf8_trim_whitespace(pc.fill_null(pc.cast(cells, pa.string()), ""))
    true = _bools(pc.is_in(text, pa.array(sorted(TRUE))))
    wrong = ~true & ~_bools(pc.is_in(text, pa.array(sorted(FALSE))))
    table.tell("not_a_choice", wrong, name, found, choices="true, false")
    return true


def texts(table: LargeTable, name: str) -> Any:
    """Cells as an array of text, without spaces at the ends."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.fill_null(pc.cast(table.columns[name], pa.string()), "")
    return pc.utf8_trim_whitespace(cells).to_numpy(zero_copy_only=False).astype(object)
