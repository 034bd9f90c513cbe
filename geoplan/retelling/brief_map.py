"""Small maps side by side: a township among its neighbours, once for each service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from geoplan.reporting.content import Figure
from geoplan.reporting.legend import legend, marks
from geoplan.reporting.maps import Asked, Box, Frame, piece, scale, shown
from geoplan.reporting.svg import element, picture
from geoplan.texts import Lang, say

WIDE, GAP, TITLE = 760.0, 10.0, 20.0
LEGEND_HIGH, LEGEND_WIDE = 86.0, 185.0
AROUND, LEAST_DEGREES = 0.45, 0.1
"""So much of the township's longer side is shown around it, at least."""


@dataclass(frozen=True, slots=True)
class Small:
    """One service's map."""

    title: str
    asked: Asked


def small_maps(maps: Sequence[Small], place: str, lang: Lang) -> Figure:
    """Every map in a row, with one legend; `place` is the marked township."""
    side = min((WIDE - GAP * (len(maps) - 1)) / len(maps), 240.0)
    high = TITLE + side + 8 + LEGEND_HIGH
    frames = [
        Frame(_box(small.asked), at * (side + GAP), TITLE, side, side)
        for at, small in enumerate(maps)
    ]
    seen = [_in_view(small.asked, frame.box) for small, frame in zip(maps, frames, strict=True)]
    drawn = [element("rect", x=0, y=0, width=WIDE, height=high, fill="#fff"), marks("b")]
    for small, asked, frame in zip(maps, seen, frames, strict=True):
        drawn.append(element("text", small.title, x=frame.x, y=13, font_size=10.5))
        drawn += piece(asked, frame, False, "b")
    together = reduce(or_, (shown(asked) for asked in seen))
    top = TITLE + side + 12
    drawn += legend(together, lang, "b", (0.0, top, LEGEND_WIDE, high))
    drawn += scale(frames[0], WIDE - 110, high - 14, lang)
    caption = say("reporting.brief.map", lang, place=place)
    return Figure(picture(WIDE, high, drawn), _alt(seen, maps, caption, lang), caption)


def _box(asked: Asked) -> Box:
    """The township and some of what lies around it, as a square."""
    mine = asked.shapes[asked.shapes["township_code"] == asked.marked]
    west, south, east, north = mine.total_bounds
    half = max(east - west, north - south, LEAST_DEGREES) * (0.5 + AROUND)
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half


def _in_view(asked: Asked, box: Box) -> Asked:
    """The same map with what stands in the box alone, for the legend."""
    west, south, east, north = box
    codes = frozenset(asked.shapes.cx[west:east, south:north]["township_code"])
    here = [pin for pin in asked.pins if west <= pin.lon <= east and south <= pin.lat <= north]
    status = {code: each for code, each in asked.status.items() if code in codes}
    return replace(asked, inside=asked.inside & codes, status=status, pins=here)


def _alt(seen: Sequence[Asked], maps: Sequence[Small], caption: str, lang: Lang) -> str:
    """Of each service the township's status, and how many townships around share it."""

    def told() -> Iterator[str]:
        for small, asked in zip(maps, seen, strict=True):
            status = say(f"status.{asked.status[asked.marked]}", lang)
            yield say("reporting.alt.small", lang, service=small.title, status=status)

    joint = "；" if lang == "zh" else "; "
    return say("reporting.alt.map", lang, caption=caption, words=joint.join(told()))
