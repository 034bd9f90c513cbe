"""A result's own tables, read as they are written, with every cell as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.finished import csv_rows

if TYPE_CHECKING:
    import pandas as pd

HALF_A_TEN = 5
"""Modelled people of a village are written in tens: so many may be missing, or too many."""
ROUNDED = 1e-4
"""More than the rounding of shares and minutes in a written cell."""
Row = Mapping[str, str]
UNREADABLE = (OSError, ArithmeticError, ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What a table that was not written by us can make its readers say."""


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv_rows(file))


def read_json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict):
        raise ValueError(path.name)
    return found


def number(cell: str | None) -> int:
    """A whole number; a blank cell counts nothing. ValueError if it is none."""
    return int(cell) if cell else 0


def of(rows: Iterable[Row], **cells: str) -> list[Row]:
    """The rows with these cells."""
    return [row for row in rows if all(row[name] == cell for name, cell in cells.items())]


@dataclass(frozen=True)
class Tables:
    """The tables of one run; nothing outside its folder is read."""

    folder: Path

    @cached_property
    def plan(self) -> dict[str, Any]:
        return read_json(self.folder / "plan.json")

    @cached_property
    def townships(self) -> list[Row]:
        return read_rows(self.folder / "townships.csv")

    @cached_property
    def sites(self) -> list[Row]:
        return read_rows(self.folder / "sites.csv")

    @cached_property
    def _all_villages(self) -> pd.DataFrame:
        import pandas as pd  # not where a result of `geoplan site` is verified

        return pd.read_parquet(self.folder / "villages.parquet")

    def villages(self, layer: str) -> pd.DataFrame:
        return self._all_villages[self._all_villages["layer"] == layer]

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def rows(self, name: str, layer: str) -> list[Row]:
        """The layer's rows of a table that a result may do without."""
        return of(read_rows(self.folder / name), layer=layer) if self.has(name) else []

    def settings(self, layer: str) -> dict[str, Any]:
        """The layer's part of the study."""
        layers = self.plan["study"]["settings"]["layer"]
        return next((each for each in layers if each["id"] == layer), {})
