"""The numbers behind the programme's pictures: bars, lines and shades, for report and page."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from geoplan.export.lists import Records
from geoplan.export.programme_told import of_year
from geoplan.targets import PROGRAMME_YEARS
from geoplan.texts import Lang, say

STEPS = (0.5, 0.75, 1.0)
"""Where the shades of build-out rates begin; below the first is shade 0."""


def bars(records: Records) -> list[dict[str, Any]]:
    """What stands of each layer (`unnamed` None: not known) and its targets: [year, sites,
    document and lines]."""
    found: dict[str, dict[str, Any]] = {}
    for row in records:
        bar = found.setdefault(
            row["layer"],
            {
                "layer": row["layer"],
                "named": row["existing_named"],
                "unnamed": row["existing_unnamed"] if row["unnamed_known"] else None,
                "targets": [],
            },
        )
        if row["target"] is not None:
            bar["targets"].append([row["year"], row["target"], row["source"]])
    return [bar for bar in found.values() if bar["targets"]]


def lines(records: Records) -> list[dict[str, Any]]:
    """Indicators with a figure for more than one year from 2026: a value a year, None between."""
    return [
        {
            "zh": row["item_zh"],
            "en": row["item_en"],
            "before": of_year(row, PROGRAMME_YEARS.start - 1),
            "values": [of_year(row, year) for year in PROGRAMME_YEARS],
            "source": row["sources"],
        }
        for row in records
        if sum(of_year(row, year) is not None for year in PROGRAMME_YEARS) > 1
    ]


def shades(records: Records) -> list[list[int | None]]:
    """How many of STEPS each rate has reached, in the order of the view of build-out: a line a
    county, a shade a layer; None where there is no rate."""
    found: dict[str, list[int | None]] = {}
    for row in records:
        rate = row["build_out_rate"]
        shade = None if rate is None else sum(rate >= step for step in STEPS)
        found.setdefault(row["county_code"] or "", []).append(shade)
    return list(found.values())


def shade_names(lang: Lang) -> list[str]:
    """The shades in words."""
    ends = [round(100 * step) for step in STEPS]
    between = [say("programme.rate_from", lang, low=a, high=b) for a, b in pairwise(ends)]
    return [
        say("programme.rate_under", lang, n=ends[0]),
        *between,
        say("programme.rate_full", lang),
    ]
