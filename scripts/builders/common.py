"""What every builder shares: where data lies, how a table is read and written, sums."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"

Sources = dict[str, Path]
Builder = Callable[[Sources], pd.DataFrame]


def sha256_of(path: Path) -> str:
    """The sha256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def name_of_county(name: str) -> str:
    """The official form of a county name: 臺, not 台."""
    return name.replace("台", "臺")


def read_text_table(path: Path) -> pd.DataFrame:
    """A CSV with every cell as text: codes keep their zeros and figures their digits."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as the bytes that are committed: UTF-8 without BOM, LF, a blank for no value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.itertuples(index=False, name=None))
    return text.getvalue().encode("utf-8")


def whole(values: pd.Series, name: str) -> pd.Series:
    """Whole numbers written without a point; blanks stay blank.

    Raises ValueError when a value is not a whole number.
    """
    text = values.str.removesuffix(".0")
    bad = text[(text != "") & ~text.str.fullmatch(r"-?\d+")]
    if len(bad):
        raise ValueError(f"{name}: {bad.iloc[0]!r} is not a whole number")
    return text


def add_columns(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """The row sum of whole-number text columns, as text; blank where a part is blank."""
    parts = frame[list(names)]
    total = parts.replace("", "0").astype("int64").sum(axis=1).astype(str)
    return total.where((parts != "").all(axis=1), "")


def sorted_by(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Rows in the order of their keys, compared as text."""
    return frame.sort_values(list(keys), ignore_index=True, kind="stable")
