"""Charts as SVG: people beyond the threshold by area, and what each further site brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geoplan.export.words import whole
from geoplan.reporting.content import Figure
from geoplan.reporting.svg import ACCENT, INK, RULE, SOFT, element, picture, wrapped
from geoplan.texts import Lang, say

WIDE = 700.0
ROW = 17.0
NAME, VALUE = 150.0, 150.0
CURVE_HIGH = 260.0


@dataclass(frozen=True, slots=True)
class Bar:
    """People of one area; hatched where its list of sites is not complete."""

    name: str
    people: int
    open_people: int  # of whom it is not known
    provisional: bool


@dataclass(frozen=True, slots=True)
class Step:
    """So many new sites: people they bring within the threshold, and the most any plan could."""

    sites: int
    people: int
    bound: int | None


def bars_figure(bars: Sequence[Bar], caption: str, lang: Lang, key: str) -> Figure:
    """One bar an area, in the given order; numbers stand beside the bars."""
    most = max((each.people for each in bars), default=0) or 1
    high = 26 + ROW * len(bars)
    drawn = [element("rect", x=0, y=0, width=WIDE, height=high, fill="#fff"), _hatch(key)]
    for at, bar in enumerate(bars):
        y = 22 + ROW * at
        wide = (WIDE - NAME - VALUE) * bar.people / most
        drawn.append(
            element("text", bar.name, x=NAME - 6, y=y + 11, font_size=11, text_anchor="end")
        )
        fill = f"url(#{key}-bar)" if bar.provisional else ACCENT
        drawn.append(element("rect", x=NAME, y=y, width=wide, height=12, fill=fill, stroke=ACCENT))
        drawn.append(
            element("text", _value(bar, lang), x=NAME + wide + 5, y=y + 11, font_size=10.5)
        )
    drawn += _key(key, lang)
    first = [f"{bar.name} {whole(bar.people, lang)}" for bar in bars[:5]]
    joint = "、" if lang == "zh" else "; "
    words = say("reporting.alt.bars", lang, caption=caption, n=len(bars), first=joint.join(first))
    return Figure(picture(WIDE, high, drawn), words, caption)


def _value(bar: Bar, lang: Lang) -> str:
    told = whole(bar.people, lang)
    if not bar.open_people:
        return told
    return told + say("reporting.chart.open", lang, n=whole(bar.open_people, lang))


def _key(key: str, lang: Lang) -> Iterator[str]:
    for at, certainty in enumerate(("firm", "provisional")):
        x = NAME + at * 120
        fill = f"url(#{key}-bar)" if at else ACCENT
        yield element("rect", x=x, y=4, width=18, height=10, fill=fill, stroke=ACCENT)
        words = say(f"certainty.{certainty}", lang)
        yield element("text", words, x=x + 24, y=13, font_size=11)


def _hatch(key: str) -> str:
    line = element("path", d="M-1,1L1,-1M0,6L6,0M5,7L7,5", stroke=ACCENT, stroke_width=1.2)
    ground = element("rect", width=6, height=6, fill="#fff")
    pattern = wrapped(
        "pattern", (ground, line), id=f"{key}-bar", patternUnits="userSpaceOnUse", width=6, height=6
    )
    return wrapped("defs", (pattern,))


def curve_figure(steps: Sequence[Step], caption: str, lang: Lang) -> Figure:
    """People against new sites, from none; the bound as a line of dots above it."""
    known = [each for each in steps if each.bound is not None]
    most = max(max(each.people, each.bound or 0) for each in steps) or 1
    last = max(each.sites for each in steps)
    left, right, top, bottom = 84.0, WIDE - 110, 14.0, CURVE_HIGH - 40

    def at(sites: int, people: int) -> tuple[float, float]:
        x = left + (right - left) * sites / last
        return x, bottom - (bottom - top) * people / most

    def line(points: Sequence[tuple[int, int]]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*each) for each in points))

    drawn = [element("rect", x=0, y=0, width=WIDE, height=CURVE_HIGH, fill="#fff")]
    drawn += _axes(most, last, (left, right, top, bottom), lang)
    reached = [(0, 0), *((each.sites, each.people) for each in steps)]
    drawn.append(
        element("polyline", points=line(reached), fill="none", stroke=ACCENT, stroke_width=2)
    )
    bounds = [(each.sites, each.bound or 0) for each in known]
    for sites, bound in bounds:
        x, y = at(sites, bound)
        drawn.append(
            element("circle", cx=x, cy=y, r=3.4, fill="#fff", stroke=INK, stroke_width=1.2)
        )
    if bounds:
        drawn.append(
            element(
                "polyline",
                points=line(bounds),
                fill="none",
                stroke=INK,
                stroke_width=1,
                stroke_dasharray="3 3",
            )
        )
        drawn.append(element("circle", cx=left + 14, cy=24, r=3.4, fill="#fff", stroke=INK))
        words = say("reporting.chart.bound", lang)
        drawn.append(element("text", words, x=left + 24, y=28, font_size=11))
    drawn.append(element("path", d=f"M{left + 6},42H{left + 20}", stroke=ACCENT, stroke_width=2))
    words = say("reporting.chart.plan", lang)
    drawn.append(element("text", words, x=left + 24, y=46, font_size=11))
    end = steps[-1]
    told = say(
        "reporting.alt.curve",
        lang,
        caption=caption,
        sites=end.sites,
        people=whole(end.people, lang),
        bound=whole(end.bound, lang),
    )
    return Figure(picture(WIDE, CURVE_HIGH, drawn), told, caption)


def _axes(
    most: int, last: int, frame: tuple[float, float, float, float], lang: Lang
) -> Iterator[str]:
    left, right, top, bottom = frame
    for part in range(5):
        y = bottom - (bottom - top) * part / 4
        yield element("path", d=f"M{left},{y:.1f}H{right}", stroke=RULE, stroke_width=0.5)
        value = whole(round(most * part / 4), lang)
        yield element("text", value, x=left - 6, y=y + 4, font_size=10.5, text_anchor="end")
    step = max(1, -(-last // 8))
    for sites in range(0, last + 1, step):
        x = left + (right - left) * sites / last
        yield element("text", str(sites), x=x, y=bottom + 15, font_size=10.5, text_anchor="middle")
    words = say("reporting.chart.sites", lang)
    yield element("text", words, x=right + 8, y=bottom + 15, font_size=10.5, fill=SOFT)
