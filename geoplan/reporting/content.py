"""What a report says, before it has a form: HTML, PDF and DOCX are made of the same values.

Texts are plain; no renderer reads markup in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from geoplan.export.cells import letters_wide
from geoplan.texts import Lang

NARROWEST, LINE = 4, 115
"""Letters of the narrowest column, and of a line of a table on paper."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `small` for what stands below the matter itself."""

    text: str
    small: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences that stand one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what is said of each."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; the columns in `numeric` stand to the right. `weights` are the widths of
    the columns against each other. `shades` are 0 to 3 for cells that have one: a line a row, a
    shade a cell from the second on. A `folded` table says how many rows it has: a page opens it on
    demand, paper leaves it out and says so."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    weights: tuple[float, ...] = ()
    shades: Sequence[Sequence[int | None]] = ()
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG, what it shows in words for whoever cannot see it, and its caption.

    `width` is the share of the text's width that it takes.
    """

    svg: str
    alt: str
    caption: str
    width: float = 1.0


Block = Text | Bullets | Facts | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, then the sections below it; `page` begins a new page,
    `id` is its name in links."""

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    page: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language. `name` is the file's, without its ending; `date` is the
    date of the data (`2025-12`), `foot` stands on every page."""

    name: str
    lang: Lang
    title: str
    kind: str
    meta: tuple[str, ...]
    foot: str
    date: str
    sections: tuple[Section, ...]
    brief: bool = False  # one page, set small
    words: dict[str, str] = field(default_factory=dict)  # what a form needs to say of its own


def fitted(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Widths of columns, in letters: what is narrow gets what it needs, the others share the rest
    of the line evenly."""
    needed = [
        max(NARROWEST, *(letters_wide(cell) for cell in column)) + 2
        for column in zip(heads, *rows, strict=True)
    ]
    widths, left = [0.0] * len(needed), float(LINE)
    for done, at in enumerate(sorted(range(len(needed)), key=lambda at: needed[at])):
        widths[at] = min(needed[at], left / (len(needed) - done))
        left -= widths[at]
    return tuple(widths)


def on_paper(report: Report) -> Report:
    """The report with a sentence in the place of each folded table."""
    return replace(report, sections=tuple(_unfolded(each, report) for each in report.sections))


def _unfolded(section: Section, report: Report) -> Section:
    blocks = tuple(
        Text(report.words["folded"].replace("{n}", str(len(block.rows))), small=True)
        if isinstance(block, Table) and block.folded
        else block
        for block in section.blocks
    )
    parts = tuple(_unfolded(part, report) for part in section.parts)
    return replace(section, blocks=blocks, parts=parts)
