"""The numbers behind the programme's pictures: bars, lines and shades, for report and page."""

from __future__ import annotations

from typing import Any

from geoplan.export.lists import Records

YEARS = tuple(f"roc_{year}" for year in range(115, 120))
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
            "before": row["roc_114"],
            "values": [row[year] for year in YEARS],
            "source": row["sources"],
        }
        for row in records
        if sum(row[year] is not None for year in YEARS) > 1
    ]


def rates(records: Records) -> list[list[float | None]]:
    """Rates in the order of the view of build-out: a line a county, a rate a layer."""
    found: dict[str, list[float | None]] = {}
    for row in records:
        found.setdefault(row["county_code"] or "", []).append(row["build_out_rate"])
    return list(found.values())
