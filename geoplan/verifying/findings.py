"""What a check found: good, bad, or a word to be known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from geoplan.texts import Lang, say

Outcome = Literal["good", "bad", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one thing; `code` names its text (`verify.<code>`), `values` fill it in."""

    outcome: Outcome
    code: str
    values: dict[str, object] = field(default_factory=dict)

    def tell(self, lang: Lang) -> str:
        shown = {
            name: f"{value:,}" if isinstance(value, int) else value
            for name, value in self.values.items()
        }
        return say(f"verify.{self.code}", lang, **shown)


def good(code: str, **values: object) -> Finding:
    return Finding("good", code, values)


def bad(code: str, **values: object) -> Finding:
    return Finding("bad", code, values)


def note(code: str, **values: object) -> Finding:
    return Finding("note", code, values)


def judged(is_good: bool, code: str, **values: object) -> Finding:
    """Good, or bad with the text `<code>_wrong`."""
    return good(code, **values) if is_good else bad(f"{code}_wrong", **values)
