"""What the commands on tables of one's own write: small tables, whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from geoplan.errors import WrongUsage
from geoplan.export.cells import csv_cell
from geoplan.roads.matrix_files import ENDINGS, written_aside

Cells = Sequence[object] | npt.NDArray[Any]
Columns = Mapping[str, Cells]
"""Columns of one table by name: texts, whole numbers or floats; not-a-number is an empty cell."""


def beside(out: Path, word: str) -> Path:
    """The name of a second table of the same result: out.csv and out.<word>.csv."""
    return out.with_name(f"{out.stem}.{word}{out.suffix}")


def number_word(number: float) -> str:
    """A number in the name of a column: all its digits, without a point where it is whole."""
    return repr(float(number)).removesuffix(".0")


def check_outputs(outputs: Iterable[Path], inputs: Iterable[Path | None]) -> None:
    """The results must have an ending that says what they are, and replace no input and no
    manifest of one.

    Raises:
        WrongUsage: if they do not.
    """
    wanted = list(outputs)
    for path in wanted:
        if path.suffix.lower() not in ENDINGS:
            raise WrongUsage("out_ending", path=path.name, endings=", ".join(ENDINGS))
    taken = {path.resolve() for path in wanted}
    read = [path for path in inputs if path is not None]
    held = [*read, *(path.with_suffix(".toml") for path in read if path.name)]
    same = [str(path) for path in held if path.resolve() in taken]
    if same:
        raise WrongUsage("out_is_input", files=same)


def write_tables(tables: Mapping[Path, Columns]) -> None:
    """Every table to its file, CSV or Parquet by the ending; all of them or none.

    Raises:
        CannotWrite: if the system says no; what stood there before is untouched.
    """
    paths = list(tables)
    with written_aside(paths) as aside:
        for path, part in zip(paths, aside, strict=True):
            if path.suffix.lower() == ".parquet":
                _write_parquet(part, tables[path])
            else:
                _write_csv(part, tables[path])


def csv_text(columns: Columns) -> str:
    """A table as CSV: numbers in the shortest form that reads back the same; no cell is run by a
    spreadsheet."""
    text = io.StringIO(newline="")
    _write_rows(text, columns)
    return text.getvalue()


def _write_csv(path: Path, columns: Columns) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        _write_rows(file, columns)


def _write_rows(file: TextIO, columns: Columns) -> None:
    cells = [_texts(column) for column in columns.values()]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(list(columns))
    writer.writerows(zip(*cells, strict=True))


def _texts(column: Cells) -> list[str]:
    values = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return [_text(value) for value in values]


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else number_word(value + 0.0)  # never -0.0
    return csv_cell(value)


def _write_parquet(path: Path, columns: Columns) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def array(column: Cells) -> Any:
        if isinstance(column, np.ndarray) and column.dtype.kind == "f":
            return pa.array(column + 0.0, mask=np.isnan(column))
        return pa.array(column.tolist() if isinstance(column, np.ndarray) else list(column))

    table = pa.table({name: array(column) for name, column in columns.items()})
    pq.write_table(table, path, compression="zstd")
