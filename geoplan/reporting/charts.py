"""Charts as SVG: people beyond the threshold by area, and what each further site brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geoplan.export.words import whole
from geoplan.reporting.content import Figure
from geoplan.reporting.svg import ACCENT, INK, RULE, SOFT, element, hatch, picture, wide, wrapped
from geoplan.texts import Lang, say

WIDE = 700.0
ROW = 17.0
NAME, VALUE = 150.0, 150.0
CURVE_HIGH = 260.0
KEY_SIZE = 11.0
LEFT, RIGHT, TOP, BOTTOM = 84.0, WIDE - 110, 30.0, CURVE_HIGH - 24
"""The frame of a curve."""


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
    pattern = wrapped("defs", (hatch(f"{key}-bar", ACCENT, 1.2, "#fff"),))
    drawn = [element("rect", x=0, y=0, width=WIDE, height=high, fill="#fff"), pattern]
    for at, bar in enumerate(bars):
        y = 22 + ROW * at
        length = (WIDE - NAME - VALUE) * bar.people / most
        drawn.append(
            element("text", bar.name, x=NAME - 6, y=y + 11, font_size=11, text_anchor="end")
        )
        fill = f"url(#{key}-bar)" if bar.provisional else ACCENT
        drawn.append(
            element("rect", x=NAME, y=y, width=length, height=12, fill=fill, stroke=ACCENT)
        )
        drawn.append(
            element("text", _value(bar, lang), x=NAME + length + 5, y=y + 11, font_size=10.5)
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


def curve_figure(steps: Sequence[Step], caption: str, lang: Lang) -> Figure:
    """People against new sites, from none; the bound as a line of rings beside it."""
    bounds = [(each.sites, each.bound) for each in steps if each.bound is not None]
    reached = [(0, 0), *((each.sites, each.people) for each in steps)]
    ticks = _ticks(max(people for _, people in (*reached, *bounds)))
    plot = _Plot(ticks[-1] or 1, max(each.sites for each in steps))
    drawn = [element("rect", x=0, y=0, width=WIDE, height=CURVE_HIGH, fill="#fff")]
    drawn += _axes(plot, ticks, lang)
    drawn.append(_line(plot, reached, stroke=ACCENT, stroke_width=2))
    drawn += _key_of_line(LEFT, "plan", lang)
    if bounds:
        drawn.append(_line(plot, bounds, stroke=INK, stroke_width=1, stroke_dasharray="3 3"))
        drawn += [_ring(*plot.at(*each)) for each in bounds]
        beside = LEFT + 46 + wide(say("reporting.chart.plan", lang), KEY_SIZE)
        drawn += _key_of_line(beside, "bound", lang)
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


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where a number of sites and of people stands in the drawing."""

    people: int
    sites: int

    def at(self, sites: int, people: int) -> tuple[float, float]:
        x = LEFT + (RIGHT - LEFT) * sites / self.sites
        return x, BOTTOM - (BOTTOM - TOP) * people / self.people


def _ticks(most: int) -> list[int]:
    """Round numbers of people from 0 to the first that is not below `most`."""
    power = 10 ** max(len(str(most)) - 2, 0)
    step = next(each * power for each in (1, 2, 5, 10, 20, 50) if 5 * each * power >= most)
    return list(range(0, most + step, step))


def _line(plot: _Plot, points: Sequence[tuple[int, int]], **stroke: object) -> str:
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in (plot.at(*each) for each in points))
    return element("polyline", "", points=told, fill="none", **stroke)


def _ring(x: float, y: float) -> str:
    return element("circle", cx=x, cy=y, r=3.4, fill="#fff", stroke=INK, stroke_width=1.2)


def _key_of_line(x: float, name: str, lang: Lang) -> Iterator[str]:
    """What the line of the plan or the rings of the bound are, above the drawing."""
    if name == "bound":
        yield _ring(x + 7, 9)
    else:
        yield element("path", d=f"M{x},9H{x + 16}", stroke=ACCENT, stroke_width=2)
    yield element("text", say(f"reporting.chart.{name}", lang), x=x + 22, y=13, font_size=KEY_SIZE)


def _axes(plot: _Plot, ticks: Sequence[int], lang: Lang) -> Iterator[str]:
    for people in ticks:
        _, y = plot.at(0, people)
        yield element("path", d=f"M{LEFT},{y:.1f}H{RIGHT}", stroke=RULE, stroke_width=0.5)
        words = whole(people, lang)
        yield element("text", words, x=LEFT - 6, y=y + 4, font_size=10.5, text_anchor="end")
    step = max(1, -(-plot.sites // 8))
    for sites in range(0, plot.sites + 1, step):
        x, _ = plot.at(sites, 0)
        yield element("text", str(sites), x=x, y=BOTTOM + 15, font_size=10.5, text_anchor="middle")
    words = say("reporting.chart.sites", lang)
    yield element("text", words, x=RIGHT + 8, y=BOTTOM + 15, font_size=10.5, fill=SOFT)
