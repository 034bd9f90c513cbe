"""The trial of a county's page: the nation's own, cut to the points of one county.

Every column stays: the own site, and the nearest one whosesoever, can lie in any county, and a site
anywhere can be closed or opened in the file of a trial. So each figure of the county is exact
whatever is tried, every id of a file is known here as on the national page, and what is saved here
says the same there. What people of other counties gain or lose is not on this page.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoplan.maps.encoding import opened, packed, unpacked
from geoplan.maps.times import Table, deflated, inflated, text
from geoplan.model import Ints
from geoplan.trial import AREA, LEAST

NO_TRIAL: dict[str, str | None] = {"trial": None, "times": None}


@dataclass(frozen=True, slots=True)
class NationTrial:
    """The national page's trial, opened: its data and its table of minutes (n, m)."""

    told: dict[str, Any]
    ms: Table
    tables: dict[str, Any]  # of the page

    @classmethod
    def of(cls, trial: dict[str, str | None], tables: dict[str, Any]) -> NationTrial | None:
        """None where the page has no trial."""
        told, times = trial["trial"], trial["times"]
        if told is None or times is None:
            return None
        known = unpacked(told)
        before = np.array(known["points"]["before"], np.int64)
        ms = inflated(base64.b64decode(times), before, len(known["columns"]["id"]))
        return cls(known, ms, tables)


def county_trial(nation: NationTrial | None, county: str, codes: Sequence[str]) -> dict[str, Any]:
    """`trial` and `times` of the page of `county`, whose townships are `codes`, in their order.

    The data are those of `trial.trial_data`, and further `nation` (universe of every township of
    the country, in whose order need scores stand, and which of them are `mine`) and `elsewhere`
    (id -> names in Chinese and in English of the sites and candidates of other counties).
    """
    if nation is None:
        return NO_TRIAL
    told, tables = nation.told, nation.tables
    place = {code: at for at, code in enumerate(opened(tables["townships"]["township_code"]))}
    mine = [place[code] for code in codes]
    here = _numbers(len(place), mine)
    own = opened(tables["counties"]["county_code"]).index(county)
    points = np.flatnonzero(here[np.array(told["points"]["township"], np.int64)] >= 0)
    before = _before(np.array(told["points"]["before"], np.int64), points)
    data = {
        **told,
        "points": {**_points(told["points"], points, here), "before": before.tolist()},
        "universe": [told["universe"][at] for at in mine],
        "columns": {**told["columns"], "township": _moved(told["columns"]["township"], here)},
        "layers": {name: _layer(each, own, here) for name, each in told["layers"].items()},
        "need": {
            name: {**each, "percentile": [each["percentile"][at] for at in mine]}
            for name, each in told["need"].items()
        },
        "base": {},
        "nation": {"universe": told["universe"], "mine": mine},
        "elsewhere": _elsewhere(told, tables, county),
    }
    return {"trial": packed(data), "times": text(deflated(nation.ms[points], before))}


def _numbers(count: int, chosen: Sequence[int]) -> Ints:
    """The new number of each of `count`, -1 for those that are not chosen and for number -1."""
    found = np.full(count + 1, -1, np.int64)
    found[list(chosen)] = np.arange(len(chosen))
    return found


def _moved(numbers: Sequence[int], to: Ints) -> list[int]:
    found: list[int] = to[np.array(numbers, np.int64)].tolist()
    return found


def _before(before: Ints, points: Ints) -> Ints:
    """The row before each of `points` among them: the nation's where it is one of them, else the
    one just before; -1 for the first."""
    moved = _numbers(len(before), points.tolist())[before[points]]
    return np.where(moved < 0, np.arange(len(points)) - 1, moved)


def _points(told: dict[str, Any], points: Ints, here: Ints) -> dict[str, Any]:
    def kept(values: Sequence[Any]) -> list[Any]:
        return [values[at] for at in points]

    return {
        "village": kept(told["village"]),
        "township": _moved(kept(told["township"]), here),
        "population": kept(told["population"]),
        "people": {group: kept(people) for group, people in told["people"].items()},
    }


def _layer(layer: dict[str, Any], own: int, here: Ints) -> dict[str, Any]:
    sites, standing = layer["sites"], layer["standing"]
    serves = sites["serves"]
    served = serves and [[at for at in _moved(each, here) if at >= 0] for each in serves]
    by_county = ("named", "unnamed", "unnamed_known")
    return {
        **layer,
        "sites": {
            **sites,
            "township": _moved(sites["township"], here),
            "county": [0 if county == own else -1 for county in sites["county"]],
            "serves": served,
        },
        "complete": [layer["complete"][own]],
        "standing": {**standing, **{name: [standing[name][own]] for name in by_county}},
    }


def _elsewhere(told: dict[str, Any], tables: dict[str, Any], county: str) -> dict[str, list[str]]:
    names = _areas(tables)
    sites = tables["sites"]
    known = zip(opened(sites["site_id"]), opened(sites["name"]), strict=True)
    names |= {site: [name, name] for site, name in known if not site.startswith(AREA)}
    places = [*opened(tables["townships"]["county_code"]), ""]
    counties = [*opened(tables["counties"]["county_code"]), ""]
    where = dict(
        zip(told["columns"]["id"], (places[at] for at in told["columns"]["township"]), strict=True)
    )
    for layer in told["layers"].values():
        sites = layer["sites"]
        where |= zip(sites["id"], (counties[at] for at in sites["county"]), strict=True)
    return {
        each: names.get(each, [each, each])
        for each, code in sorted(where.items())
        if code != county and not each.startswith(LEAST)
    }


def _areas(tables: dict[str, Any]) -> dict[str, list[str]]:
    """The names of the area of each township: its county's and its own."""
    counties, townships = tables["counties"], tables["townships"]
    at = {code: n for n, code in enumerate(opened(counties["county_code"]))}
    county = [at[code] for code in opened(townships["county_code"])]
    zh, en = (opened(counties[name]) for name in ("county_name", "county_name_en"))
    own = (opened(townships[n]) for n in ("township_code", "township_name", "township_name_en"))
    found = {}
    for (code, name, english), of in zip(zip(*own, strict=True), county, strict=True):
        chinese = f"{zh[of]}{name}"
        both = english and en[of]
        found[AREA + code] = [chinese, f"{english}, {en[of]}" if both else chinese]
    return found
