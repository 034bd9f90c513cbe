"""A table of text against its list of columns: renamed, converted, each fault with row and column.

Numbers are read strictly: plain digits, a decimal point, well-placed thousands commas, full-width
digits; `-`, `…`, `不詳` and the like mean "not known" and are never 0.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geoplan.door.reading import Found, trim
from geoplan.door.tables import INPUT_TABLES
from geoplan.model import Floats
from geoplan.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd

KNOWN = frozenset(name for table in INPUT_TABLES for name in table.names)
NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?")
DIGIT = re.compile(r"\d")
EXPONENT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
POINT_ZERO = re.compile(r"\d+\.0+")
NOT_KNOWN = frozenset(
    ("", "-", "--", "—", "–", "…", "...", "..", "不詳", "不明", "未知", "N/A", "n/a", "NA")
)
TOTALS = frozenset(("總計", "合計", "總數", "全國", "全國總計", "總和", "小計", "total", "Total"))
TRUE = frozenset(("true", "True", "TRUE", "1", "是", "Y", "yes"))
FALSE = frozenset(("false", "False", "FALSE", "0", "否", "N", "no", ""))
ID_NAME = re.compile(r"(_id|_code|_node|^layer|^[uv])$")
PEOPLE = re.compile(r"^population($|_\d)|persons|households")
AGE_PART = re.compile(r"^population_\d+_(?:\d+|plus)$")
WHOLE_KINDS = ("people", "count")
PLAIN = re.compile(r"[0-9.\-]*")


def conform(
    frame: pd.DataFrame,
    table: Table,
    file: str,
    found: Found,
    foreign: Mapping[str, str] | None = None,
) -> pd.DataFrame | None:
    """The table in our names and kinds, key columns checked; None when a column is missing.

    `foreign` is ours -> theirs (a manifest's `[columns]`). Columns that the table does not know
    stay as they are, as text.
    """
    frame = rename(frame, table, foreign or {})
    missing = [each for each in table.columns if each.required and each.name not in frame.columns]
    for column in missing:
        tell_missing(column, frame.columns, file, found)
    present = {column.name: column for column in table.columns if column.name in frame.columns}
    done: dict[str, object] = {}
    for name in frame.columns:
        if name in present:
            done[name] = convert(frame[name], present[name], file, found)
    if missing:
        return None
    result = with_columns(frame, done)
    check_key(frame, table, file, found)
    return result


def with_columns(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A copy of the table with these columns replaced or added."""
    result = frame.copy()
    for name, values in columns.items():
        result[name] = values
    return result


def rename(frame: pd.DataFrame, table: Table, foreign: Mapping[str, str]) -> pd.DataFrame:
    """Foreign names and our own headings (in either language) become our column names."""
    theirs = {name: ours for ours, name in foreign.items()}
    for column in table.columns:
        theirs.setdefault(column.zh, column.name)
        theirs.setdefault(column.en, column.name)
        theirs.setdefault(column.name.upper(), column.name)
    new = {
        name: theirs[name]
        for name in frame.columns
        if name in theirs and name not in table.names and theirs[name] not in frame.columns
    }
    if len(set(new.values())) < len(new):
        return frame
    return frame.rename(columns=new)


def tell_missing(column: Column, given: Iterable[str], file: str, found: Found) -> None:
    """A missing column, with the column of the file that may be meant."""
    # A column that has a meaning of its own is not the missing one.
    free = [name for name in map(str, given) if name not in KNOWN and not AGE_PART.match(name)]
    near = difflib.get_close_matches(column.name, free, n=1, cutoff=0.6)
    if near:
        found.fault("column_missing_near", file, [1], column.name, near=near[0], means=column.zh)
    else:
        names = ", ".join(map(str, given))
        found.fault("column_missing", file, [1], column.name, given=names, means=column.zh)


def check_key(frame: pd.DataFrame, table: Table, file: str, found: Found) -> None:
    """Key values must not stand twice. Only rows whose key is not blank are compared."""
    key = [name for name in table.key if name in frame.columns]
    if not key:
        return
    stripped = frame[key].apply(lambda cells: texts(cells, trim))
    twice = stripped.duplicated(keep=False) & (stripped != "").any(axis=1)
    if twice.any():
        ids = stripped[twice].agg("/".join, axis=1)
        found.fault(
            "duplicate_id",
            file,
            frame.index[twice],
            ", ".join(key),
            ids=some(sorted(set(ids))),
        )


def texts(cells: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Each text changed; text columns are of dtype object whatever pandas prefers."""
    import pandas as pd

    return pd.Series([change(cell) for cell in cells], cells.index, object, cells.name)


def some(words: Collection[str], most: int = 5) -> str:
    """The first few of many words."""
    shown = list(words)[:most]
    return ", ".join(shown) + (" …" if len(words) > most else "")


def convert(cells: pd.Series, column: Column, file: str, found: Found) -> object:
    """The cells of one column in its kind."""
    if column.kind == "id":
        return read_ids(cells, file, found)
    if column.kind == "text":
        return read_texts(cells, column, file, found)
    if column.kind == "flag":
        return read_flags(cells, file, found)
    limits = Limits(
        least=0 if column.kind in (*WHOLE_KINDS, "share", "minutes") else column.least,
        most=1 if column.kind == "share" else None,
        whole=column.kind in WHOLE_KINDS,
        may_be_empty=column.may_be_empty,
    )
    values = read_numbers(cells, limits, file, found)
    whole = column.kind in WHOLE_KINDS and not np.isnan(values).any()
    return values.astype(np.int64) if whole else values


def read_ids(cells: pd.Series, file: str, found: Found) -> pd.Series:
    """Ids, codes and names: never blank; ids and codes have no spaces at the ends."""
    trimmed = texts(cells, trim)
    blank = trimmed == ""
    padded = ~blank & (trimmed != cells)
    is_key = ID_NAME.search(str(cells.name)) is not None
    if blank.any():
        code = "blank_id" if is_key else "blank_cell"
        found.fault(code, file, cells.index[blank], str(cells.name))
    if padded.any() and is_key:
        found.fault(
            "padded_id",
            file,
            cells.index[padded],
            str(cells.name),
            ids=some([f"[{each}]" for each in cells[padded]]),
        )
    return trimmed


def read_texts(cells: pd.Series, column: Column, file: str, found: Found) -> pd.Series:
    """Text without spaces at the ends; one of the column's choices where it has some."""
    trimmed = texts(cells, trim)
    blank = trimmed == ""
    if column.choices:
        wrong = ~trimmed.isin(column.choices) & ~blank
        if wrong.any():
            found.fault(
                "not_a_choice",
                file,
                cells.index[wrong],
                column.name,
                given=some(sorted(set(trimmed[wrong]))),
                choices=", ".join(column.choices),
            )
    if not column.may_be_empty and blank.any():
        found.fault("blank_cell", file, cells.index[blank], column.name)
    return trimmed


def read_flags(cells: pd.Series, file: str, found: Found) -> object:
    """True or false."""
    trimmed = texts(cells, trim)
    wrong = ~trimmed.isin(TRUE | FALSE)
    if wrong.any():
        given = some(sorted(set(trimmed[wrong])))
        found.fault(
            "not_a_choice",
            file,
            cells.index[wrong],
            str(cells.name),
            given=given,
            choices="true, false",
        )
    return trimmed.isin(TRUE).to_numpy(bool)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number may be."""

    least: float | None = None
    most: float | None = None
    whole: bool = False
    may_be_empty: bool = True


def read_numbers(cells: pd.Series, limits: Limits, file: str, found: Found) -> Floats:
    """Numbers as floats, not-a-number where they are not known. Every fault has its rows."""
    texts, column = cells.tolist(), str(cells.name)
    values = np.array([number_of(text) for text in texts], dtype=float)
    strange = np.isinf(values)
    unknown = np.isnan(values)
    values[strange] = np.nan

    def tell(code: str, wrong: np.ndarray, **more: object) -> None:
        """Tell of the wrong cells and take them as not known in what follows."""
        if wrong.any():
            values[wrong] = np.nan
            given = some(list(dict.fromkeys(t for t, w in zip(texts, wrong, strict=True) if w)))
            found.fault(code, file, cells.index[wrong], column, given=given, **more)

    tell("not_a_number", strange)
    if not limits.may_be_empty:
        tell("number_not_known", unknown)
    with np.errstate(invalid="ignore"):
        if limits.least is not None:
            wrong = values < limits.least
            tell("negative" if limits.least == 0 else "below", wrong, least=limits.least)
        if limits.most is not None:
            tell("above", values > limits.most, most=limits.most)
        if limits.whole:
            tell("fractional", (values % 1) > 0)
            tell("too_large", values > 1e10)
    return values


def number_of(text: str) -> float:
    """The number a text means; not-a-number if it is not known, infinity if it is no number."""
    if not (text and PLAIN.fullmatch(text)):
        text = trim(unicodedata.normalize("NFKC", text)).replace("−", "-")
    if text in NOT_KNOWN:
        return float("nan")
    if NUMBER.fullmatch(text) and DIGIT.search(text):
        return float(text.replace(",", ""))
    return float("inf")


def figures(
    frame: pd.DataFrame, numeric: Collection[str], names: Collection[str], file: str, found: Found
) -> pd.DataFrame:
    """The figure columns of a table as numbers; `names` are left as text, `numeric` must be ones.

    A column is taken as figures if the study asks for it, if it is named as people, or if most of
    its cells are numbers; what is no number in it is then a fault.
    """
    done: dict[str, object] = {}
    for name in frame.columns:
        cells = frame[name]
        if name in names or cells.dtype.kind != "O":
            continue
        people = PEOPLE.search(name) is not None
        if people or name in numeric or mostly_numbers(cells):
            limits = Limits(least=0 if people or name in numeric else None, whole=people)
            done[name] = read_numbers(cells, limits, file, found)
        else:
            done[name] = texts(cells, trim)
    result = with_columns(frame, done)
    check_parts(result, file, found)
    return result


def mostly_numbers(cells: pd.Series) -> bool:
    """Are more than half of the cells that say something numbers?"""
    values = np.array([number_of(text) for text in cells], dtype=float)
    said = ~np.isnan(values)
    return bool(said.any() and np.isfinite(values).sum() * 2 > said.sum())


def check_parts(frame: pd.DataFrame, file: str, found: Found) -> None:
    """No age group is larger than the population it is part of."""
    dated = {
        name: f"population_{date[1]}"
        for name in frame.columns
        if "persons" in name and (date := re.search(r"_(\d{6})$", name))
    }
    parts = {name: "population" for name in frame.columns if AGE_PART.match(name)}
    for part, whole in {**dated, **parts}.items():
        if whole not in frame.columns or "O" in (frame[whole].dtype.kind, frame[part].dtype.kind):
            continue
        wrong = frame[part].to_numpy(float) > frame[whole].to_numpy(float)
        if wrong.any():
            found.fault("part_above_whole", file, frame.index[wrong], part, whole=whole)


def check_codes(
    cells: pd.Series, known: Collection[str], what: str, file: str, found: Found
) -> pd.Series:
    """Codes that must be known; a lost leading zero is put back and said. Blanks pass.

    `what` names the message (`unknown_<what>`).
    """
    wrong = ~cells.isin(known) & (cells != "")
    if not wrong.any():
        return cells
    widths = sorted({len(code) for code in known})
    mended = texts(cells[wrong], lambda code: with_zero(code, known, widths))
    restored = mended[mended != ""]
    if len(restored):
        found.note("zero_restored", file=file, column=str(cells.name), count=len(restored))
    left = mended.index[mended == ""]
    as_number = cells[left].map(is_number_code)
    tell: tuple[tuple[str, Callable[[bool], bool]], ...] = (
        ("code_as_number", lambda number: number),
        (f"unknown_{what}", lambda number: not number),
    )
    for code, chosen in tell:
        rows = left[as_number.map(chosen).to_numpy(bool)] if len(left) else left
        if len(rows):
            given = some(list(dict.fromkeys(cells[rows])))
            found.fault(code, file, rows, str(cells.name), given=given)
    return cells.where(~cells.index.isin(restored.index), mended.reindex(cells.index))


def with_zero(code: str, known: Collection[str], widths: Iterable[int]) -> str:
    """The known code that `code` is without its leading zeros; blank if there is none."""
    if not (code.isascii() and code.isdigit()):
        return ""
    return next((code.zfill(width) for width in widths if code.zfill(width) in known), "")


def is_number_code(code: str) -> bool:
    """Was the code written by a spreadsheet as a number (9.00701E+06, 9007010.0)?"""
    return bool(EXPONENT.fullmatch(code) or POINT_ZERO.fullmatch(code))
