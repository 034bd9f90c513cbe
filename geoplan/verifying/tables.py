"""A result's own tables, read as they are written, with every cell as text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, str]
UNREADABLE = (OSError, ArithmeticError, ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What a table that was not written by us can make its readers say."""


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


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
