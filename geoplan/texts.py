"""The one catalogue of texts for people, in Traditional Chinese (Taiwan) and English.

The texts themselves stand in `wording/*.toml`, one table per text with the keys `zh` and `en`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, Lang] = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every text: key -> {"zh": ..., "en": ...}."""
    folder = files("geoplan") / "wording"
    parts = sorted(part.name for part in folder.iterdir() if part.name.endswith(".toml"))
    merged: dict[str, dict[str, str]] = {}
    for name in parts:
        for key, text in tomllib.loads((folder / name).read_text("utf-8")).items():
            if key in merged:
                raise KeyError(f"text {key!r} stands twice in the catalogue")
            merged[key] = text
    return merged


def say(key: str, lang: Lang, **values: object) -> str:
    """The text `key` in `lang` with `values` filled in, lists as the language lists things; an
    unknown key is a bug (KeyError)."""
    joint = "、" if lang == "zh" else ", "
    shown = {
        name: joint.join(map(str, value)) if isinstance(value, list) else value
        for name, value in values.items()
    }
    return catalogue()[key][lang].format(**shown)
