"""SVG as text: elements whose attributes and words are escaped."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from geoplan.export.cells import letters_wide

FONTS = "'Noto Sans CJK TC','Noto Sans TC','PingFang TC','Microsoft JhengHei',sans-serif"
INK, SOFT, RULE, GROUND, ACCENT = "#1d2b33", "#55656d", "#9fb0b5", "#eef2f2", "#0b5563"


def element(name: str, words: str = "", **attributes: object) -> str:
    """An element that holds the text `words`; `_` in the name of an attribute stands for `-`."""
    return wrapped(name, (escape(words),) if words else (), **attributes)


def wrapped(name: str, inside: Iterable[str], **attributes: object) -> str:
    """An element that holds other elements."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_text(value))}"
        for key, value in attributes.items()
    )
    content = "".join(inside)
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"


def picture(width: float, height: float, inside: Iterable[str]) -> str:
    """A whole drawing of this size in its own units."""
    return wrapped(
        "svg",
        inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        width=width,
        height=height,
        font_family=FONTS,
        font_size=11,
        fill=INK,
    )


def label(x: float, y: float, words: str, **attributes: object) -> str:
    """Words on a white halo, legible on any ground."""
    return element(
        "text",
        words,
        x=x,
        y=y,
        paint_order="stroke",
        stroke="#fff",
        stroke_width=2.4,
        stroke_linejoin="round",
        **attributes,
    )


def wide(words: str, size: float) -> float:
    """About how wide the words are in letters of this size."""
    return 0.53 * size * letters_wide(words)


def hatch(name: str, colour: str, width: float, ground: str = "") -> str:
    """A pattern of slanted lines to fill with, on a ground or on what lies below it."""
    line = element("path", d="M-1,1L1,-1M0,6L6,0M5,7L7,5", stroke=colour, stroke_width=width)
    below = (element("rect", width=6, height=6, fill=ground),) if ground else ()
    size = {"width": 6, "height": 6}
    return wrapped("pattern", (*below, line), id=name, patternUnits="userSpaceOnUse", **size)


def _text(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
