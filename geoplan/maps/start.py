"""The start page of a set of county pages: every county on a map and in a table, with its link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from geoplan.maps.encoding import opened
from geoplan.maps.payload import page_texts
from geoplan.maps.topology import polygons, topology
from geoplan.texts import catalogue

EDGES = [0.01, 0.05, 0.1, 0.25]
"""Classes of the share of people beyond; ours: the rule's shares are about townships."""
HEADLINE = (
    *("listed_firm", "listed_provisional", "undetermined"),
    *("beyond_firm", "beyond_provisional", "target_firm", "target", "sites"),
)
ISLANDS = "islands"


def start_data(data: dict[str, Any], pages: Mapping[str, str], nation: str) -> dict[str, Any]:
    """What the start page shows.

    Args:
        data: those of the national page (`payload.payload`).
        pages: file name of the page of each county, by code.
        nation: file name of the national page.
    """
    tables = data["tables"]
    counties = {name: opened(values) for name, values in tables["counties"].items()}
    texts = {key: text for key, text in catalogue().items() if key.startswith("start.")}
    away, shapes = _away(tables), _shapes(tables)
    return {
        "about": {**data["about"], "nation": nation},
        "texts": {**page_texts(), **texts},
        "groups": data["groups"],
        "edges": EDGES,
        "layers": [_layer(each) for each in data["layers"]],
        "counties": [
            {"code": code, "zh": zh, "en": en, "page": pages[code], "away": code in away}
            for code, zh, en in zip(
                counties["county_code"],
                counties["county_name"],
                counties["county_name_en"],
                strict=True,
            )
        ],
        "main": _main(tables),
        "topology": topology(list(shapes.values()), list(shapes), "counties"),
    }


def _layer(layer: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "zh", "en", "symbol", "minutes", "group", "assigned")
    headline = {
        code: {name: figures[name] for name in HEADLINE}
        for code, figures in layer["headline"].items()
    }
    return {**{name: layer[name] for name in names}, "headline": headline}


def _county_of(tables: dict[str, Any]) -> dict[str, str]:
    places = tables["townships"]
    codes = zip(opened(places["township_code"]), opened(places["county_code"]), strict=True)
    return dict(codes)


def _universe(tables: dict[str, Any]) -> dict[str, str]:
    """Main island or islands, by township."""
    rows = tables["rows"]
    return dict(zip(opened(rows["township_code"]), opened(rows["universe"]), strict=True))


def _away(tables: dict[str, Any]) -> set[str]:
    """Counties without a township on the main island."""
    universe = _universe(tables)
    county = _county_of(tables)
    return set(county.values()) - {
        county[code] for code, where in universe.items() if where != ISLANDS
    }


def _main(tables: dict[str, Any]) -> list[float]:
    """West, south, east, north of the main island; of everything where all lies on islands."""
    universe = _universe(tables)
    whole = polygons(tables["topology"], "townships")
    main = [shape for code, shape in whole.items() if universe[code] != ISLANDS]
    return [round(float(edge), 5) for edge in shapely.total_bounds(main or list(whole.values()))]


def _shapes(tables: dict[str, Any]) -> dict[str, Any]:
    """Every county as one shape."""
    county = _county_of(tables)
    parts: dict[str, list[Any]] = {}
    for code, shape in polygons(tables["topology"], "townships").items():
        parts.setdefault(county[code], []).append(shape)
    return {code: shapely.unary_union(shapes) for code, shapes in sorted(parts.items())}
