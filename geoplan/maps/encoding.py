"""How the data stand in the page: tables as columns, and all of it packed small."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def to_json(value: object) -> str:
    """Compact JSON text; NaN and infinity are errors (ValueError)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def packed(value: object) -> str:
    """JSON, deflated (RFC 1950) and written in base64: a tenth of the size of repetitive text, in
    signs that end no element and open no template.

    Raises:
        ValueError: if the value holds NaN or infinity.
    """
    return base64.b64encode(zlib.compress(to_json(value).encode(), 9)).decode()


def columns(records: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Any]:
    """The columns of a table for the page; absent cells are null, repeated texts stand once.

    A text column is `{"of": [each text once], "at": [place in `of`, -1 where absent]}`; any other
    column is the list of its values.
    """
    return {name: column([record[name] for record in records]) for name in names}


def column(values: Sequence[Any]) -> Any:
    """One column as `columns` writes it."""
    cells = [cell(value) for value in values]
    if not any(isinstance(value, str) for value in cells):
        return cells
    of = sorted({value for value in cells if value is not None})
    place = {text: number for number, text in enumerate(of)}
    return {"of": of, "at": [-1 if value is None else place[value] for value in cells]}


def opened(written: Any) -> list[Any]:
    """The values of a column that `column` wrote."""
    if isinstance(written, list):
        return written
    return [None if at < 0 else written["of"][at] for at in written["at"]]


def kept(table: Mapping[str, Any], rows: Sequence[int]) -> dict[str, Any]:
    """A table of columns with the rows of these numbers, in this order."""
    found = {}
    for name, written in table.items():
        values = opened(written)
        found[name] = column([values[row] for row in rows])
    return found


def unpacked(text: str) -> Any:
    """What `packed` has packed.

    Raises:
        ValueError: if it is not such a text, or not all of it.
    """
    try:
        return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except zlib.error as error:
        raise ValueError(str(error)) from None


def cell(value: Any) -> Any:
    """One cell as plain JSON: None for what is absent, int, float, bool or str."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, np.generic):
        return cell(value.item())
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
