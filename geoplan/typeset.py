"""Plain text for a terminal: columns that line up in both scripts, counts in the right number."""

from __future__ import annotations

from collections.abc import Sequence

from geoplan.texts import Lang, say

GAP = 2
"""Blanks between two columns."""


def lined_up(rows: Sequence[Sequence[str]], indent: int = 0) -> list[str]:
    """Rows of cells as lines whose columns begin at the same place; the last cell may be long.

    A Chinese character is two places wide on a terminal.
    """
    from rich.cells import cell_len

    most = max((len(row) for row in rows), default=0)
    widths = [
        max((cell_len(row[at]) for row in rows if at < len(row) - 1), default=0)
        for at in range(most)
    ]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (widths[at] - cell_len(cell) + GAP) if at < len(row) - 1 else cell
            for at, cell in enumerate(row)
        ]
        lines.append((" " * indent + "".join(cells)).rstrip())
    return lines


def counted(key: str, count: int, lang: Lang, **values: object) -> str:
    """The text `key`.one for 1 and `key`.many for every other count, with `n` filled in."""
    number = "one" if count == 1 else "many"
    return say(f"{key}.{number}", lang, n=f"{count:,}", **values)
