"""How the data stand in the page: JSON that cannot end its element, and tables packed small."""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "{": "\\u007b",
    "}": "\\u007d",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_STRING_OR_BRACES = re.compile(r'"(?:[^"\\]|\\.)*"|\}(?=\})')


def to_json(value: object) -> str:
    """Compact JSON text; NaN and infinity are errors (ValueError)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def script_json(value: object) -> str:
    """JSON text that is safe inside a script element, a template and a line of JavaScript.

    In strings `< > & { }` and the line separators are written as escapes. Two braces that are
    JSON's own stand apart, so that the text holds no pair of braces at all.
    """

    def safe(found: re.Match[str]) -> str:
        text = found.group(0)
        return "} " if text == "}" else re.sub("[<>&{}\u2028\u2029]", _escape, text)

    return _STRING_OR_BRACES.sub(safe, to_json(value))


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found.group(0)]


def packed(value: object) -> str:
    """JSON, deflated (RFC 1950) and written in base64: a tenth of the size of repetitive text."""
    return base64.b64encode(zlib.compress(to_json(value).encode(), 9)).decode()


def columns(records: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Any]:
    """The columns of a table for the page; absent cells are null, repeated texts stand once.

    A text column is `{"of": [each text once], "at": [place in `of`, -1 where absent]}`; any other
    column is the list of its values.
    """
    return {name: _column([cell(record[name]) for record in records]) for name in names}


def cell(value: Any) -> Any:
    """One cell as plain JSON: None for what is absent, int, float, bool or str."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, np.generic):
        return cell(value.item())
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _column(values: list[Any]) -> Any:
    if not any(isinstance(value, str) for value in values):
        return values
    of = sorted({value for value in values if value is not None})
    place = {text: number for number, text in enumerate(of)}
    return {"of": of, "at": [-1 if value is None else place[value] for value in values]}
