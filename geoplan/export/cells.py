"""What may stand in a cell of an output: no control character, no formula, no hidden direction.

Names and addresses come from lists that other people keep; they are shown as text, never run.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pandas as pd

from geoplan.tables import Column, Table

WHOLE = frozenset({"people", "count"})
DECIMAL = frozenset({"minutes", "number", "share"})
DEGREES = frozenset({"lon", "lat"})
DIGITS = 5
"""Decimals kept of minutes and shares: a millisecond is 0.000017 minutes."""
DEGREE_DIGITS = 6
"""Decimals kept of degrees: a tenth of a metre."""

_SPACES = re.compile("[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")
# Controls, halves of surrogate pairs, marks of direction, invisible marks, non-characters.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠]")


def clean(text: str) -> str:
    """The text on one line without characters that cannot be seen but can do something.

    >>> clean("實物銀行\\u202e\\r\\n  A")
    '實物銀行   A'
    """
    return _UNSEEN.sub("", _SPACES.sub(" ", text))


def letters_wide(text: str) -> int:
    """How wide a text is, in Latin letters; a Chinese one is two wide.

    >>> letters_wide("TW 臺灣")
    7
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def is_absent(value: Any) -> bool:
    """None, NaN, NA: a cell that is not known or does not apply."""
    return value is None or value is pd.NA or value != value


def plain(value: Any, column: Column) -> str | int | float | bool | None:
    """One cell as a plain value of its column's kind; None where it is absent.

    Text is cleaned, people and counts are whole, decimals rounded to what can be meant.
    """
    if is_absent(value):
        return None
    if column.kind == "flag":
        return bool(value)
    if column.kind in WHOLE:
        return int(value)
    if column.kind in DECIMAL:
        return round(float(value), DIGITS) + 0.0  # never -0.0
    if column.kind in DEGREES:
        return round(float(value), DEGREE_DIGITS)
    return clean(str(value))


def plain_column(cells: pd.Series[Any], column: Column) -> list[str | int | float | bool | None]:
    """The cells of one column as `plain` has them; a text that recurs is cleaned once."""
    values = cells.tolist()
    if column.kind not in ("id", "text"):
        return [plain(value, column) for value in values]
    texts = {value: plain(value, column) for value in set(values)}
    return [texts[value] for value in values]


def as_records(frame: pd.DataFrame, table: Table) -> list[dict[str, Any]]:
    """Every row of a table as plain values under the table's names, in the table's order."""
    columns = {column.name: plain_column(frame[column.name], column) for column in table.columns}
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def csv_cell(value: Any) -> str:
    """A plain value as text for a CSV; text that a spreadsheet would run gets a leading '.

    >>> csv_cell("=1+1"), csv_cell(-1.5), csv_cell(2.0), csv_cell(True), csv_cell("09007010")
    ("'=1+1", '-1.5', '2', 'true', '09007010')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value if _FORMULA.match(value) else value
    if isinstance(value, float):
        return f"{value:.{DEGREE_DIGITS}f}".rstrip("0").rstrip(".")
    return str(value)


def text_in_cell(cell: str) -> str:
    """The text of a CSV cell as it was before `csv_cell` made it safe.

    >>> text_in_cell("'=1+1"), text_in_cell("-1.5"), text_in_cell("'tis")
    ('=1+1', '-1.5', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
