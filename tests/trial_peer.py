"""A trial counted from the page's data alone, point by point, as anybody would by hand."""

from __future__ import annotations

from typing import Any, NamedTuple

from geoplan.model import Coverage
from geoplan.trial import LayerChange


class Page(NamedTuple):
    """The page's data, its table of minutes, and the county of each township."""

    data: dict[str, Any]
    table: Any
    county: list[int]


class Own(NamedTuple):
    """The own site of a point (None: none), its milliseconds, and the coverage."""

    site: str | None
    ms: int
    coverage: Coverage


def own_sites(page: Page, layer: str, tried: LayerChange) -> list[Own]:
    """What holds for every point of the page under the trial."""
    data, table, county = page
    of, points = data["layers"][layer], data["points"]["township"]
    township_of = dict(zip(data["columns"]["id"], data["columns"]["township"], strict=True))
    column_of = {name: at for at, name in enumerate(data["columns"]["id"])}
    sites = of["sites"]
    names = ("id", "column", "measured", "township", "county")
    every = [
        {
            **dict(zip(names, row, strict=True)),
            "serves": (sites["serves"] or [[]] * len(points))[at],
        }
        for at, row in enumerate(zip(*(sites[name] for name in names), strict=True))
    ]
    standing = [site for site in every if site["id"] not in tried.close]
    threshold = round((tried.minutes or of["minutes"]) * 60_000)
    found = []
    for row, here in zip(table.tolist(), points, strict=True):
        mine, by_area = _mine(of["modes"], every, standing, (here, county[here]))
        listed = [(row[site["column"]], site["id"]) for site in mine if site["measured"]]
        listed = [each for each in listed if each[0] >= 0]
        opened = [
            (row[column_of[name]], name)
            for name in tried.open
            if "anyone" in of["modes"] or county[township_of[name]] == county[here]
        ]
        near = min([*listed, *(each for each in opened if each[0] >= 0)], default=None)
        unsure = [row[s["column"]] for s in mine if not s["measured"] and s["column"] >= 0]
        possible = min((ms for ms in unsure if ms >= 0), default=-1)
        if not listed and not by_area and not of["complete"][county[here]]:
            possible = 0
        found.append(_own(near, possible, threshold))
    return found


def _mine(
    modes: list[str], every: list[Any], standing: list[Any], place: tuple[int, int]
) -> tuple[list[Any], bool]:
    """The existing sites of a place's people, and whether a published area names them."""
    township, county = place
    by_mode = {
        "service_area": [site for site in standing if township in site["serves"]],
        "county": [site for site in standing if site["county"] == county],
        "anyone": standing,
    }
    for mode in modes:
        if by_mode[mode]:
            return by_mode[mode], mode == "service_area"
    served_once = any(township in site["serves"] for site in every)
    return (by_mode["county"] if served_once and modes == ["service_area"] else []), False


def _own(near: tuple[int, str] | None, possible: int, threshold: int) -> Own:
    if near is not None and near[0] <= threshold:
        coverage = Coverage.COVERED
    elif 0 <= possible <= threshold:
        coverage = Coverage.UNDETERMINED
    else:
        nothing = near is None and possible < 0
        coverage = Coverage.UNREACHABLE if nothing else Coverage.UNCOVERED
    return Own(None, 0, coverage) if near is None else Own(near[1], near[0], coverage)
