"""Do the tables of a run agree with one another? Each figure is counted anew from finer ones."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.tables import LISTED
from geoplan.verifying.findings import Finding, bad, judged
from geoplan.verifying.quotas import check_quotas
from geoplan.verifying.run_siting import check_years
from geoplan.verifying.run_spread import check_spread
from geoplan.verifying.tables import (
    HALF_A_TEN,
    UNREADABLE,
    Row,
    Tables,
    number,
    of,
    read_json,
    read_rows,
)

if TYPE_CHECKING:
    import pandas as pd

_PEOPLE = ("population", "target_people")
_PLACES = 6  # decimals of a degree, as points are written
_STATES = ("covered", "uncovered", "undetermined", "unreachable")


def check_run(folder: Path) -> Iterator[Finding]:
    """Every check of every layer; a table that cannot be read is found too."""
    tables = Tables(folder)
    try:
        layers = list(tables.plan["layers"])
    except UNREADABLE:
        yield bad("table_unreadable", file="plan.json")
        return
    for layer in layers:
        for name, check in CHECKS.items():
            try:
                yield from check(tables, layer)
            except UNREADABLE:
                yield bad("table_unreadable", file=name)
    yield from _same_run(tables)


def _totals(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """People by state, before and after, add up from townships to the layer's totals."""
    rows, totals = of(tables.townships, layer=layer["layer"]), layer["totals"]
    states = [f"target_{state}" for state in _STATES]
    names = (*_PEOPLE, *(f"population_{state}" for state in _STATES), *states)
    names += tuple(f"{state}_after" for state in states)
    sums = {name: sum(number(row[name]) for row in rows) for name in names}
    wrong = [name for name in names if sums[name] != totals[name]]
    for whole, parts in (("population", "population_{}"), ("target_people", "target_{}")):
        for ending in ("", "_after") if whole == "target_people" else ("",):
            columns = [parts.format(state) + ending for state in _STATES]
            wrong += [
                f"{whole}: {row['township_code']}"
                for row in rows
                if sum(number(row[name]) for name in columns) != number(row[whole])
            ]
    yield judged(
        not wrong, "totals", layer=layer["layer"], count=len(rows), what="、".join(wrong[:4])
    )


def _listed(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """Listed townships: the flag, the status, and the numbers of the summary, by certainty."""
    rows, counts = of(tables.townships, layer=layer["layer"]), layer["rows"]
    listed = of(rows, listed="true")
    right = all((row["status"] in LISTED) == (row["listed"] == "true") for row in rows)
    right &= counts["undetermined"] == len(of(rows, status="undetermined"))
    for certainty in ("firm", "provisional"):
        right &= counts[certainty] == len(of(listed, certainty=certainty))
        people = sum(number(row["target_people"]) for row in of(rows, certainty=certainty))
        right &= layer["totals"][f"target_{certainty}_people"] == people
    yield judged(right, "listed", layer=layer["layer"], count=len(listed))


def _list_of_its_own(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """underserved.csv has the listed townships, each as it stands in townships.csv."""
    mine = of(read_rows(tables.folder / "underserved.csv"), layer=layer["layer"])
    theirs = {row["township_code"]: row for row in of(tables.townships, layer=layer["layer"])}
    differing = [row["township_code"] for row in mine if row != theirs.get(row["township_code"])]
    here = {row["township_code"] for row in mine}
    missing = [code for code, row in theirs.items() if row["listed"] == "true" and code not in here]
    wrong = differing + missing
    yield judged(
        not wrong, "underserved", layer=layer["layer"], count=len(mine), what=", ".join(wrong[:4])
    )


def _villages(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """People of villages add up to their townships, in all and by state.

    Modelled people of a village are written in tens, so half a ten a village may be missing.
    """
    frame = tables.villages(layer["layer"])
    rows = {row["township_code"]: row for row in of(tables.townships, layer=layer["layer"])}
    spare = frame["target_modelled"].groupby(frame["township_code"]).sum() * HALF_A_TEN
    wrong = set(frame["township_code"]) - set(rows)

    def compare(part: pd.DataFrame, people: str, column: str) -> None:
        sums = part.groupby("township_code")[people].sum()
        for code, row in rows.items():
            room = 0 if people == "population" else spare.get(code, 0)
            if abs(sums.get(code, 0) - number(row[column])) > room:
                wrong.add(code)

    for people in _PEOPLE:
        compare(frame, people, people)
    for state in _STATES:
        for ending in ("", "_after"):
            part = frame[frame[f"coverage{ending}"] == state]
            compare(part, "target_people", f"target_{state}{ending}")
    told = ", ".join(sorted(wrong)[:4])
    yield judged(not wrong, "villages", layer=layer["layer"], count=len(frame), what=told)


def _proposals(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """Existing and proposed sites against the counts, the target, the townships and the gains."""
    counts, totals = layer["counts"], layer["totals"]
    existing = of(tables.sites, layer=layer["layer"], status="existing")
    proposed = of(tables.sites, layer=layer["layer"], status="proposed")
    planned = of(tables.sites, layer=layer["layer"], status="planned")
    stand = counts["existing_named"] + counts["existing_unnamed"] + counts["planned"]
    room = max(counts["target"] - stand, 0)
    yield judged(
        len(existing) == counts["existing_named"]
        and len(planned) == counts["planned"]
        and len(proposed) == counts["proposed"]
        and len(proposed) <= room,
        "counts", layer=layer["layer"], existing=len(existing), unnamed=counts["existing_unnamed"],
        proposed=len(proposed), target=counts["target"],
    )  # fmt: skip
    wrong, rows = [], of(tables.townships, layer=layer["layer"])
    for column, sites in (("sites_named", existing), ("proposed_sites", proposed)):
        here = Counter(row["township_code"] for row in sites)
        told = {row["township_code"]: number(row[column]) for row in rows}
        wrong += [code for code, there in told.items() if there != here[code]]
    orders = sorted(number(row["order"]) for row in proposed)
    if orders != list(range(1, len(proposed) + 1)):
        wrong.append("order")
    for name in ("listed_gain", "gain"):
        total = sum(number(row[name]) for row in proposed)
        if total != totals[name] or total > totals[f"{name}_bound"]:
            wrong.append(name)
    yield judged(not wrong, "proposals", layer=layer["layer"], what=", ".join(wrong[:4]))


def _minimum(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """Every county has its hard minimum, counting sites that stand without a name."""
    least = tables.settings(layer["layer"]).get("siting", {}).get("county_at_least") or 0
    if not least:
        return
    open_sites = Counter(
        row["county_code"]
        for row in of(tables.sites, layer=layer["layer"])
        if row["status"] in ("existing", "planned", "proposed")
    )
    counties = sorted({row["county_code"] for row in tables.townships})
    short = {code: least - open_sites[code] for code in counties if open_sites[code] < least}
    enough = sum(short.values()) <= layer["counts"]["existing_unnamed"]
    yield judged(
        enough, "minimum", layer=layer["layer"], least=least, count=len(counties),
        what=", ".join(short),
    )  # fmt: skip


def _points(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """sites.geojson shows the sites of sites.csv that are not closed, with the same cells."""
    features = read_json(tables.folder / "sites.geojson")["features"]
    shown = {
        each["properties"]["site_id"]: each
        for each in features
        if each["properties"]["layer"] == layer["layer"]
    }
    rows = [row for row in of(tables.sites, layer=layer["layer"]) if row["status"] != "closed"]
    same = {row["site_id"] for row in rows} == set(shown)
    same &= all(_is_shown(row, shown[row["site_id"]]) for row in rows if row["site_id"] in shown)
    yield judged(same, "points", layer=layer["layer"], count=len(shown))


def _is_shown(row: Row, feature: dict[str, Any]) -> bool:
    """Whether a point of the map file stands where the row says, with the row's cells."""
    place = feature["geometry"] or {"coordinates": (None, None)}
    here = dict(zip(("lon", "lat"), place["coordinates"], strict=True))
    return all(_says(row[name], value) for name, value in (feature["properties"] | here).items())


def _says(cell: str, value: object) -> bool:
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == str(value).lower()
    return float(cell) == value if isinstance(value, (int, float)) else cell == value


def _search_areas(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """A proposal stands beside the site it names, or at a village of its township: at the same one
    in every layer, where people of the township are nearest (that is not counted again)."""
    proposed = of(tables.sites, layer=layer["layer"], status="proposed")
    standing = {row["site_id"]: row for row in of(tables.sites, status="existing")}
    villages = tables.villages(layer["layer"])
    lon, lat = (villages[name].round(_PLACES).tolist() for name in ("lon", "lat"))
    there = set(zip(villages["township_code"], lon, lat, strict=True))
    area = {row["township_code"]: _point(row) for row in of(tables.sites, status="proposed")
            if not row["note"]}  # fmt: skip
    wrong = []
    for row in proposed:
        name = row["site_id"].removeprefix(f"proposed-{layer['layer']}-")
        code, point = row["township_code"], _point(row)
        if row["note"]:
            other = standing.get(name)
            right = row["note"] == f"beside {name}" and other is not None
            right &= other is not None and point == _point(other)
            right &= other is not None and code == other["township_code"]
        else:
            right = name == code and (code, *point) in there and point == area[code]
        wrong += [] if right else [row["site_id"]]
    yield judged(
        not wrong, "search_areas", layer=layer["layer"], count=len(proposed),
        what=", ".join(wrong[:4]),
    )  # fmt: skip


def _point(row: Row) -> tuple[float, float]:
    return round(float(row["lon"]), _PLACES), round(float(row["lat"]), _PLACES)


CHECKS: dict[str, Callable[[Tables, dict[str, Any]], Iterator[Finding]]] = {
    "townships.csv": _totals,
    "plan.json": _listed,
    "underserved.csv": _list_of_its_own,
    "villages.parquet": _villages,
    "sites.csv": _proposals,
    "counties": _minimum,
    "sites.geojson": _points,
    "proposals": _search_areas,
    "siting_years.csv": check_years,
    "quota_readings.csv": check_quotas,
    "minutes_classes.csv": check_spread,
}


def _same_run(tables: Tables) -> Iterator[Finding]:
    """Map, report and lists name the run that the summary names."""
    run = str(tables.plan.get("run_id", ""))
    others = [
        name
        for name in ("map.html", "report.html")
        if tables.has(name) and run not in _opened((tables.folder / name).read_text("utf-8"))
    ]
    others += ["townships.csv"] if {row["run_id"] for row in tables.townships} != {run} else []
    yield judged(not others, "same_run", run=run, what=", ".join(others))


def _opened(page: str) -> str:
    """The text of a page with its data, where it carries them packed."""
    found = re.search(r'id="geoplan-data">([^<]*)<', page)
    try:
        packed = base64.b64decode(json.loads(found[1])["data"]) if found else b""
        return page + (zlib.decompress(packed).decode() if packed else "")
    except (ValueError, KeyError, zlib.error):
        return page
