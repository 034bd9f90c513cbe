"""Marks of the maps and what they mean: fills by status, hatches, symbols of sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from geoplan.reporting.svg import ACCENT, SOFT, element, hatch, wrapped
from geoplan.tables import STATUSES
from geoplan.texts import Lang, say

FILLS = {
    "severe": "#7a1f1f",
    "underserved": "#d0673f",
    "watch": "#f2d29b",
    "undetermined": "#ffffff",
    "not_listed": "#e3eaea",
    "": "#f7f7f7",
}
"""From dark to light, so that grey print keeps the order; the last is land that is not told of."""
SITE_KINDS = ("existing", "township", "proposed")
LINE, GAP = 14.0, 6.0


@dataclass(frozen=True, slots=True)
class Pin:
    """A site on the map: existing, existing and known by township alone, or proposed."""

    kind: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on a map: statuses, whether some are listed provisionally, kinds of sites."""

    statuses: frozenset[str]
    provisional: bool
    kinds: frozenset[str]

    def __or__(self, other: Shown) -> Shown:
        return Shown(
            self.statuses | other.statuses,
            self.provisional or other.provisional,
            self.kinds | other.kinds,
        )


def legend(
    shown: Shown, lang: Lang, key: str, place: tuple[float, float, float, float]
) -> Iterator[str]:
    """Only what stands on the map; `place` is x, y, the width of a column, and where it ends."""
    x, top, wide, end = place
    y = top
    for words, drawn in _entries(shown, lang, key):
        lines = words.split("|")
        high = LINE * len(lines) + GAP
        if y + high > end:
            x, y = x + wide, top
        yield from drawn(x, y)
        for at, line in enumerate(lines):
            yield element("text", line, x=x + 26, y=y + 10 + LINE * at, font_size=11)
        y += high


def _entries(
    shown: Shown, lang: Lang, key: str
) -> Iterator[tuple[str, Callable[[float, float], list[str]]]]:
    def area(*fills: str) -> Callable[[float, float], list[str]]:
        return lambda x, y: [_swatch(x, y, fill) for fill in fills]

    def site(kind: str) -> Callable[[float, float], list[str]]:
        return lambda x, y: [symbol(kind, x + 9, y + 6, 4.5)]

    for status in STATUSES:
        if status in shown.statuses:
            hatch = [f"url(#{key}-open)"] if status == "undetermined" else []
            yield say(f"status.{status}", lang), area(FILLS[status], *hatch)
    if shown.provisional:
        words = say("reporting.map.provisional", lang)
        yield words, area(FILLS["underserved"], f"url(#{key}-provisional)")
    for kind in SITE_KINDS:
        if kind in shown.kinds:
            yield say(f"reporting.map.{kind}", lang), site(kind)


def _swatch(x: float, y: float, fill: str) -> str:
    return element("rect", x=x, y=y, width=18, height=11, fill=fill, stroke=SOFT, stroke_width=0.6)


def symbol(kind: str, x: float, y: float, size: float) -> str:
    """A site: a dot, a ring (its township alone is known), or a triangle (proposed)."""
    if kind == "proposed":
        s = size * 1.5
        points = f"{x:.1f},{y - s:.1f} {x - s:.1f},{y + s * 0.8:.1f} {x + s:.1f},{y + s * 0.8:.1f}"
        return element("polygon", points=points, fill="#ffe14d", stroke="#000", stroke_width=1.2)
    if kind == "township":
        return element("circle", cx=x, cy=y, r=size, fill="#fff", stroke=ACCENT, stroke_width=1.3)
    return element("circle", cx=x, cy=y, r=size, fill=ACCENT, stroke="#fff", stroke_width=0.8)


def marks(key: str) -> str:
    """Hatches: undetermined, and listed on an incomplete list."""

    open_, provisional = (
        hatch(f"{key}-open", "#8a979c", 1.0),
        hatch(f"{key}-provisional", "#fff", 1.4),
    )
    return wrapped("defs", (open_, provisional))
