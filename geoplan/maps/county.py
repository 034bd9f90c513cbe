"""A county's page: the national page's own data cut to one county, and its villages.

Nothing is counted anew: every row, headline and text is that of the national page. What tells of
the whole country only (its equity, its curve, most of its programme) is left out. Of its trial see
`county_trial`.
"""

from __future__ import annotations

from typing import Any

from geoplan.maps.encoding import kept, opened
from geoplan.maps.payload import page_texts
from geoplan.maps.villages import Villages, site_ids, village_measures, village_tables

BY_PLACE = {
    "loads": "county_code",
    "places_without": "place_code",
    "hotspots": "township_code",
    "flips": "township_code",
    "near_misses": "township_code",
    "remedies": "township_code",
    "siting_progress": "township_code",
}
"""Tables behind the rows that tell of single places, and their column of the place's code."""

NATION_LINE = 0
"""Of the build-out by county the first line is the nation's."""

Table = dict[str, Any]


def county_data(data: dict[str, Any], county: str, villages: Villages, home: str | None) -> Table:
    """The page's data (`payload.payload`) of one county.

    Args:
        data: those of the national page; left as they are.
        county: a code of its counties.
        villages: of the whole study.
        home: file name of the start page that lies beside this page, None where there is none.
    """
    tables = data["tables"]
    townships = _where(tables["townships"], "county_code", {county})
    codes = opened(townships["township_code"])
    names = _where(tables["counties"], "county_code", {county})
    mine = villages.of_townships(codes)
    rows = _numbers(tables["rows"], "county_code", {county})
    row_table = kept(tables["rows"], rows)
    sites = _sites(tables["sites"], county, row_table, mine)
    behind = _behind(tables["behind"], {county, *codes}, sites)
    behind["margins"] = _margins(data, rows)
    spots = set(opened(behind["hotspots"]["layer"]))
    return {
        **data,
        "texts": page_texts(),
        "about": _about(data["about"], names, home),
        "layers": [_layer(each, county, spots) for each in data["layers"]],
        "completeness": [row for row in data["completeness"] if row["county_code"] == county],
        "excluded": [row for row in data["excluded"] if row["county_code"] == county],
        "tables": {
            "rows": row_table,
            "sites": sites,
            "townships": townships,
            "counties": names,
            "behind": behind,
            "programme": _programme(tables["programme"], names),
            **village_tables(mine, tables["topology"], codes),
        },
    }


def _about(about: Table, names: Table, home: str | None) -> Table:
    name = {key: opened(names[column])[0] for key, column in _NAMES.items()}
    titles = {"zh": f"{name['zh']}：{about['zh']}", "en": about["en"] and _english(name, about)}
    return {**about, **titles, "county": opened(names["county_code"])[0], "home": home}


_NAMES = {"zh": "county_name", "en": "county_name_en"}


def _english(name: dict[str, str], about: Table) -> str:
    return f"{name['en'] or name['zh']}: {about['en']}"


def _layer(layer: Table, county: str, spots: set[str]) -> Table:
    """A layer with the county's headline; that nothing was found among all townships tested is a
    sentence about the country, so without a cluster here nothing is told of clusters."""
    return {
        **layer,
        "headline": {county: layer["headline"][county]},
        "tested": layer["tested"] if layer["id"] in spots else None,
        "measures": [*layer["measures"], *village_measures(layer)],
    }


def _sites(table: Table, county: str, rows: Table, villages: Villages) -> Table:
    """The county's sites, and those elsewhere that are its people's own or nearest."""
    named = site_ids(villages)
    for name in ("own_site_ids", "nearest_site_ids"):
        for layer, ids in zip(opened(rows["layer"]), opened(rows[name]), strict=True):
            named |= {(layer, each) for each in (ids or "").split(";")}
    columns = zip(
        *(opened(table[name]) for name in ("layer", "site_id", "county_code")), strict=True
    )
    return kept(
        table,
        [
            at
            for at, (layer, site, place) in enumerate(columns)
            if place == county or (layer, site) in named
        ],
    )


def _behind(behind: dict[str, Table], codes: set[str], sites: Table) -> dict[str, Table]:
    found = {}
    proposed = set(zip(opened(sites["layer"]), opened(sites["order"]), strict=True))
    for name, table in behind.items():
        if name in BY_PLACE:
            found[name] = _where(table, BY_PLACE[name], codes)
        elif name == "siting_sites":
            at = zip(opened(table["layer"]), opened(table["order"]), strict=True)
            found[name] = kept(table, [n for n, each in enumerate(at) if each in proposed])
        elif name != "margins":
            found[name] = kept(table, [])
    return found


def _programme(told: Table | None, names: Table) -> Table | None:
    """Of the programme what it says of this county: its build-out beside the nation's, its tier and
    subsidy, and the documents; None where the study names no programme or says nothing of it."""
    if told is None:
        return None
    found: Table = {**told, "bars": [], "lines": []}
    for lang, column in _NAMES.items():
        wanted = opened(names[column])[0] or opened(names["county_name"])[0]
        views = {view["id"]: view for view in told[lang]}
        mine = [at for at, row in enumerate(views["build_out"]["rows"]) if row[0] == wanted]
        if not mine:
            return None
        lines = [NATION_LINE, *mine]
        subsidy = [row for row in views["subsidy"]["rows"] if row[0] == wanted]
        found["shades"] = [told["shades"][at] for at in lines]
        found[lang] = [
            {**views["build_out"], "rows": [views["build_out"]["rows"][at] for at in lines]},
            {**views["subsidy"], "rows": subsidy},
            views["documents"],
        ]
    return found


def _margins(data: dict[str, Any], rows: list[int]) -> Table:
    """The values of the comparisons of these rows; the national page has them row after row."""
    tables = data["tables"]
    compared = {rule["id"]: len(rule["comparisons"]) for rule in data["rules"]}
    first = [0]
    for rule in opened(tables["rows"]["rule_id"]):
        first.append(first[-1] + compared[rule])
    margins = tables["behind"]["margins"]
    of = [at for row in rows for at in range(first[row], first[row + 1])]
    most = margins["most"]
    return {
        "least": [margins["least"][at] for at in of],
        "most": {new: most[str(at)] for new, at in enumerate(of) if str(at) in most},
        "holds": [margins["holds"][at] for at in of],
    }


def _where(table: Table, name: str, wanted: set[str]) -> Table:
    return kept(table, _numbers(table, name, wanted))


def _numbers(table: Table, name: str, wanted: set[str]) -> list[int]:
    return [at for at, value in enumerate(opened(table[name])) if value in wanted]
