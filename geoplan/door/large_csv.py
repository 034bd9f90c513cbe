"""A sound CSV of millions of rows, read by Arrow in a second.

Sound is what Arrow and `reading` count alike: UTF-8 without hidden characters, quotes only around
whole cells, no line break within them, no blank row, as many cells in every row. Anything else is
left to `reading`, which tells what is wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.door.reading import CONTROL, kind_of_file
from geoplan.model import Ints

BLOCK = 1 << 24
"""Bytes looked at at once."""
BOM = b"\xef\xbb\xbf"
QUOTE, RETURN, NEWLINE, COMMA = b'"\r\n,'
HIDDEN = bytes(code for code in range(128) if CONTROL.match(chr(code)))
BESIDE_QUOTES = np.isin(np.arange(256), (QUOTE, RETURN, NEWLINE, COMMA))
"""What may stand outside of a quote: the end of the cell, or the other half of a doubled one."""


def read_sound_csv(content: bytes, packed: Iterable[str] = ()) -> Any:
    """The table, each cell text, and row r of it row r + 2 of the spreadsheet; None if the file is
    not sound. The columns named in `packed` are dictionaries: their texts come again and again."""
    import pyarrow as pa
    import pyarrow.csv as pc

    if kind_of_file(content) is not None:
        return None
    start, end = len(BOM) * content.startswith(BOM), len(content)
    while end > start and content[end - 1] in b"\r\n":
        end -= 1
    names = _header(content, start, end)
    if len(set(names)) < max(len(names), 2):
        return None
    if not all(_block_is_sound(content[slice(*each)]) for each in _blocks(content, start, end)):
        return None
    try:
        read = pc.read_csv(
            pa.BufferReader(pa.py_buffer(content)[start:end]),
            read_options=pc.ReadOptions(block_size=BLOCK),
            parse_options=pc.ParseOptions(ignore_empty_lines=False),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # ragged rows, told one by one by the other reader
        return None
    if not read.num_rows or _has_blank_row(read):
        return None
    for name in set(packed) & set(names):
        at = read.schema.get_field_index(name)
        read = read.set_column(at, name, read[name].dictionary_encode())
    return read


def _header(content: bytes, start: int, end: int) -> list[str]:
    """The names in the first line; none if it cannot be read."""
    stop = content.find(b"\n", start, end)
    try:
        line = content[start : end if stop < 0 else stop].decode()
        return next(csv.reader(io.StringIO(line, newline=""), strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []


def _blocks(content: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """From where to where: whole lines."""
    while start < end:
        stop = content.find(b"\n", min(start + BLOCK, end), end) + 1
        yield start, stop or end
        start = stop or end


def _block_is_sound(block: bytes) -> bool:
    """No hidden characters, and quotes as they should be."""
    if block.isascii():
        if len(block.translate(None, HIDDEN)) < len(block):
            return False
    else:
        try:
            if CONTROL.search(block.decode()):
                return False
        except UnicodeDecodeError:
            return False
    return b'"' not in block or _quotes_are_sound(np.frombuffer(block, np.uint8))


def _quotes_are_sound(block: npt.NDArray[np.uint8]) -> bool:
    """Does every second quote open a cell and every other end it, with no line break between?

    A doubled quote within a cell ends it and opens it again, which comes to the same.
    """
    quotes = np.flatnonzero(block == QUOTE)
    breaks = np.flatnonzero((block == NEWLINE) | (block == RETURN))
    if len(quotes) % 2 or (np.searchsorted(quotes, breaks) % 2).any():
        return False

    def ends(at: Ints) -> bool:
        return bool(BESIDE_QUOTES[block[at[(at >= 0) & (at < len(block))]]].all())

    return ends(quotes[0::2] - 1) and ends(quotes[1::2] + 1)


def _has_blank_row(read: Any) -> bool:
    """Is any row blank in every cell? `reading` leaves such rows out and counts on."""
    import pyarrow.compute as pc

    rows = None
    for column in read.columns:
        cells = column if rows is None else column.take(rows)
        blank = pc.equal(pc.utf8_trim_whitespace(cells), "")
        at = np.flatnonzero(blank.to_numpy())
        rows = at if rows is None else rows[at]
        if not len(rows):
            return False
    return True
