"""What a report says, before it has a form: HTML, PDF and DOCX are made of the same values.

Texts are plain; no renderer reads markup in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from geoplan.texts import Lang


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
    the columns against each other."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    weights: tuple[float, ...] = ()


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
    """A heading and what stands below it, then the sections below it; `page` begins a new page."""

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    page: bool = False


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
