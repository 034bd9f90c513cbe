"""Pictures of the programme: what stands against the targets, and indicators by year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from geoplan.export.programme_told import Told, number, percent
from geoplan.export.words import year_number
from geoplan.reporting.content import Figure
from geoplan.reporting.svg import ACCENT, GROUND, INK, SOFT, element, picture
from geoplan.targets import PROGRAMME_YEARS
from geoplan.texts import say

WIDE, LEFT, ROW = 700.0, 170.0, 34.0
UNNAMED = "#7ba7b0"
CELL, HIGH, ACROSS = 230.0, 104.0, 3
LETTERS_A_LINE = {"zh": 19, "en": 38}

Bar = dict[str, Any]
Line = dict[str, Any]


def bars_of_targets(told: Told, bars: Sequence[Bar]) -> Figure:
    """One bar a service: named and unnamed sites, a stroke for each stated target."""
    high = 26 + ROW * len(bars)
    drawn = [element("rect", x=0, y=0, width=WIDE, height=high, fill="#fff"), *_key(told)]
    for at, bar in enumerate(bars):
        drawn += _bar(told, bar, 28 + ROW * at)
    caption = told.say("view.targets.title")
    alt = say("reporting.alt.programme", told.lang, caption=caption, words=_joined(told, bars))
    return Figure(picture(WIDE, high, drawn), alt, caption)


def bar_words(told: Told, bar: Bar) -> str:
    """What stands and is aimed at, with the document and lines of each target."""
    key = "bar_least" if bar["unnamed"] is None else "bar_stands"
    stands = say(f"page.{key}", told.lang, named=bar["named"], unnamed=bar["unnamed"] or 0)
    stated = [f"{told.year(of)} {sites} [{source}]" for of, sites, source in bar["targets"]]
    colon, stop = ("：", "；") if told.lang == "zh" else (": ", "; ")
    return told.layer(bar["layer"]) + colon + stop.join([stands, *stated])


def _rate(told: Told, bar: Bar) -> str:
    year, target, _ = bar["targets"][-1]
    stands = bar["named"] + (bar["unnamed"] or 0)
    return say(
        f"page.bar_rate{'_least' if bar['unnamed'] is None else ''}",
        told.lang,
        n=stands,
        target=target,
        share=percent(stands / target),
        year=year_number(year, told.lang),
    )


def _bar(told: Told, bar: Bar, y: float) -> Iterator[str]:
    targets = [sites for _, sites, _ in bar["targets"]]
    unnamed = bar["unnamed"] or 0
    unit = (WIDE - LEFT) / max(*targets, bar["named"] + unnamed)
    yield element(
        "text", told.layer(bar["layer"]), x=LEFT - 8, y=y + 11, font_size=11, text_anchor="end"
    )
    for begin, sites, fill in (
        (0, targets[-1], GROUND),
        (0, bar["named"], ACCENT),
        (bar["named"], unnamed, UNNAMED),
    ):
        x = LEFT + unit * begin
        yield element("rect", x=x, y=y, width=unit * sites, height=12, fill=fill)
    for sites in targets:
        x = min(LEFT + unit * sites, WIDE - 1)
        yield element("path", d=f"M{x:.1f},{y - 3}V{y + 15}", stroke=INK, stroke_width=2)
    yield element("text", _rate(told, bar), x=LEFT, y=y + 25, font_size=10, fill=SOFT)


def _key(told: Told) -> Iterator[str]:
    for at, (name, fill) in enumerate((("key_named", ACCENT), ("key_unnamed", UNNAMED))):
        x = LEFT + at * 150
        yield element("rect", x=x, y=4, width=18, height=10, fill=fill)
        yield element("text", told.say(name), x=x + 24, y=13, font_size=11)
    yield element("path", d=f"M{LEFT + 308},2V16", stroke=INK, stroke_width=2)
    yield element("text", told.say("key_target"), x=LEFT + 316, y=13, font_size=11)


def _joined(told: Told, bars: Sequence[Bar]) -> str:
    joint, colon = ("；", "：") if told.lang == "zh" else ("; ", ": ")
    return joint.join(told.layer(bar["layer"]) + colon + _rate(told, bar) for bar in bars)


def lines_of_years(told: Told, lines: Sequence[Line]) -> Figure:
    """Small lines side by side, each to a scale of its own; a year without a figure has no dot."""
    high = HIGH * -(-len(lines) // ACROSS)
    drawn = [element("rect", x=0, y=0, width=CELL * ACROSS, height=high, fill="#fff")]
    for at, line in enumerate(lines):
        drawn += _line(told, line, CELL * (at % ACROSS), HIGH * (at // ACROSS))
    caption = told.say("view.kpis.title")
    joint, colon = ("；", "：") if told.lang == "zh" else ("; ", ": ")
    words = joint.join(
        line[told.lang] + colon + ", ".join(number(each) for each in line["values"])
        for line in lines
    )
    alt = say("reporting.alt.programme", told.lang, caption=caption, words=words)
    return Figure(picture(CELL * ACROSS, high, drawn), alt, caption)


def _line(told: Told, line: Line, left: float, top: float) -> Iterator[str]:
    known = [value for value in line["values"] if value is not None]
    low, high = min(known), max(known)
    places = [left + 18 + 44 * at for at in range(len(PROGRAMME_YEARS))]
    dots = [
        (x, top + 72 - (24 * (value - low) / (high - low) if high > low else 12), value)
        for x, value in zip(places, line["values"], strict=True)
        if value is not None
    ]
    for at, words in enumerate(_lines_of(line[told.lang], LETTERS_A_LINE[told.lang])):
        yield element("text", words, x=left, y=top + 11 + 13 * at, font_size=10.5)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
    yield element("polyline", "", points=points, fill="none", stroke=ACCENT, stroke_width=2)
    for x, y, value in dots:
        yield element("circle", cx=x, cy=y, r=3, fill=ACCENT)
        yield element("text", number(value), x=x, y=y - 6, font_size=10, text_anchor="middle")
    for x, year in zip(places, PROGRAMME_YEARS, strict=True):
        words = str(year_number(year, told.lang))
        yield element("text", words, x=x, y=top + 88, font_size=9.5, text_anchor="middle")


def _lines_of(name: str, letters: int) -> list[str]:
    """A name on two lines at most, cut with a mark where it is longer; the table has it whole."""
    first = name[:letters]
    if len(name) > letters and " " in first:
        first = first[: first.rindex(" ")]
    rest = name[len(first) :].strip()
    return [first, rest if len(rest) <= letters else rest[: letters - 1] + "…"]
