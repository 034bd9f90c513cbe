"""The programme in the report: its tables in full, with bars, lines and shaded rates."""

from __future__ import annotations

from typing import Any

from geoplan.export.lists import Lists
from geoplan.export.programme_pictures import bars, lines, shade_names, shades
from geoplan.export.programme_told import Told, number, percent, told_of
from geoplan.export.programme_views import VIEWS
from geoplan.export.words import year_number
from geoplan.targets import PROGRAMME_YEARS
from geoplan.texts import Lang, say

FOLDED = ("targets", "kpis", "budget", "services", "facility", "volumes", "county", "subsidy")
"""Tables that open on demand: long ones, and those whose picture stands above them."""


def programme_part(lists: Lists, lang: Lang) -> dict[str, Any] | None:
    """What the template draws; None where the study names no programme."""
    told = told_of(lists, lang)
    if not told.records["programme_figures"]:
        return None
    views = [make(told) for make in VIEWS.values()]
    return {
        "title": say("page.programme_heading", lang),
        "lead": say("page.programme_lead", lang),
        "views": views,
        "folded": FOLDED,
        "rows": {view.id: say("page.programme_rows", lang, n=len(view.rows)) for view in views},
        "bars": [_bar(told, each) for each in bars(told.records["yearly_targets"])],
        "lines": [_line(told, each) for each in lines(told.records["kpis"])],
        "shades": shades(told.records["build_out"]),
        "key": {
            "named": told.say("key_named"),
            "unnamed": told.say("key_unnamed"),
            "target": told.say("key_target"),
            "rates": shade_names(lang),
            "no_rate": say("page.rate_none", lang),
        },
    }


def _bar(told: Told, bar: dict[str, Any]) -> dict[str, Any]:
    """A bar in hundredths of its largest number."""
    targets = [sites for _, sites, _ in bar["targets"]]
    year, stands = bar["targets"][-1][0], bar["named"] + (bar["unnamed"] or 0)
    rate = percent(stands / targets[-1])
    least = "_least" if bar["unnamed"] is None else ""
    most = max(*targets, bar["named"] + (bar["unnamed"] or 0))
    key = "bar_least" if bar["unnamed"] is None else "bar_stands"

    def part(sites: int) -> float:
        return round(100.0 * float(sites) / float(most), 2)

    return {
        "name": told.layer(bar["layer"]),
        "words": say(f"page.{key}", told.lang, named=bar["named"], unnamed=bar["unnamed"] or 0),
        "rate": say(
            f"page.bar_rate{least}",
            told.lang,
            n=stands,
            target=targets[-1],
            share=rate,
            year=year_number(year, told.lang),
        ),
        "sources": [f"{told.year(of)} {sites} [{source}]" for of, sites, source in bar["targets"]],
        "target": part(targets[-1]),
        "named": part(bar["named"]),
        "unnamed": part(bar["unnamed"] or 0),
        "ticks": [part(sites) for sites in targets],
    }


def _line(told: Told, line: dict[str, Any]) -> dict[str, Any]:
    """An indicator as points of a picture of 220 x 78; a year without a figure has no point."""
    known = [value for value in line["values"] if value is not None]
    low, high = min(known), max(known)
    places = [18 + 46 * at for at in range(len(PROGRAMME_YEARS))]
    dots = [
        {
            "x": x,
            "y": round(52 - 30 * (value - low) / (high - low), 1) if high > low else 34,
            "text": number(value),
        }
        for x, value in zip(places, line["values"], strict=True)
        if value is not None
    ]
    return {
        "name": line[told.lang],
        "source": line["source"],
        "dots": dots,
        "points": " ".join(f"{dot['x']},{dot['y']}" for dot in dots),
        "years": [
            {"x": x, "text": told.year(year)}
            for x, year in zip(places, PROGRAMME_YEARS, strict=True)
        ],
    }
