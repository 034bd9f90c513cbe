"""Errors a person can act on: one base, an exit code each, and faults told all at once.

Exit codes (the same in every command): 1 a bug, 2 wrong usage, 3 bad input data or study,
4 a check failed, 5 a source missing or stale, 6 network needed and absent, 7 cannot write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from geoplan.texts import Lang, say

MOST_ROWS = 8
"""So many rows of a fault are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one input, and what to do about it.

    `code` names the message in the catalogue of texts (`fault.<code>`); `values` fill it in.
    `rows` are counted as a spreadsheet shows them: the header is row 1.
    """

    code: str
    file: str
    rows: tuple[int, ...] = ()
    column: str = ""
    values: dict[str, object] = field(default_factory=dict)

    def tell(self, lang: Lang) -> str:
        """File, rows and column, what is wrong, and what to do, in one line."""
        where = self.file
        toml = self.file.endswith((".toml", ".json"))
        if self.rows:
            shown = ("、" if lang == "zh" else ", ").join(str(row) for row in self.rows[:MOST_ROWS])
            what = "line" if toml else "row" if len(self.rows) == 1 else "rows"
            where += say(f"fault.{what}", lang, rows=shown)
            if len(self.rows) > MOST_ROWS:
                where += say("fault.more", lang, count=len(self.rows) - MOST_ROWS)
        if self.column:
            where += say("fault.key" if toml else "fault.column", lang, column=self.column)
        return where + say("fault.colon", lang) + say(f"fault.{self.code}", lang, **self.values)


class GeoplanError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code = 1

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(say(f"error.{code}", "en", **values))

    def tell(self, lang: Lang) -> str:
        return say(f"error.{self.code}", lang, **self.values)


class BadInput(GeoplanError, ValueError):
    """Input data or a study that cannot be used; carries every fault that was found."""

    exit_code = 3

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("bad_input", count=len(self.faults))

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(fault.tell("en") for fault in self.faults)])


class WrongUsage(GeoplanError, ValueError):
    """The command was called in a way that cannot mean anything."""

    exit_code = 2


class SourceMissing(GeoplanError, FileNotFoundError):
    """A source file is absent or is not the one its manifest describes."""

    exit_code = 5


class SeveralMissing(SourceMissing):
    """Several things that are absent at once, the first being what to see to first."""

    def __init__(self, missing: Sequence[SourceMissing]) -> None:
        self.missing = tuple(missing)
        super().__init__(missing[0].code, **missing[0].values)

    def __str__(self) -> str:
        return self.tell("en")

    def tell(self, lang: Lang) -> str:
        return "\n".join(each.tell(lang) for each in self.missing)


class NetworkNeeded(GeoplanError, ConnectionError):
    """A download that was asked for cannot be made: no network, or the server does not answer."""

    exit_code = 6


class CannotWrite(GeoplanError, OSError):
    """The result folder is locked, full, read-only, or something stands in its way."""

    exit_code = 7
