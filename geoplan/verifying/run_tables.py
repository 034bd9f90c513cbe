"""Do the tables of a run agree with one another? Each figure is counted anew from finer ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from geoplan.certificates import Certificate
from geoplan.tables import LISTED
from geoplan.verifying.findings import Finding, bad, judged
from geoplan.verifying.tables import UNREADABLE, Row, number, of, read_json, read_rows

_PEOPLE = ("population", "target_people")
_HALF_A_TEN = 5
_ROUNDED = 1e-4
_STATES = ("covered", "uncovered", "undetermined", "unreachable")


@dataclass(frozen=True)
class Tables:
    """The tables of one run; nothing outside its folder is read."""

    folder: Path

    @cached_property
    def plan(self) -> dict[str, Any]:
        return read_json(self.folder / "plan.json")

    @cached_property
    def townships(self) -> list[Row]:
        return read_rows(self.folder / "townships.csv")

    @cached_property
    def sites(self) -> list[Row]:
        return read_rows(self.folder / "sites.csv")

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def settings(self, layer: str) -> dict[str, Any]:
        """The layer's part of the study."""
        layers = self.plan["study"]["settings"]["layer"]
        return next((each for each in layers if each["id"] == layer), {})


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
    frame = pd.read_parquet(tables.folder / "villages.parquet")
    frame = frame[frame["layer"] == layer["layer"]]
    rows = {row["township_code"]: row for row in of(tables.townships, layer=layer["layer"])}
    spare = frame["target_modelled"].groupby(frame["township_code"]).sum() * _HALF_A_TEN
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
    stand = counts["existing_named"] + counts["existing_unnamed"]
    room = max(counts["target"] - stand, 0)
    yield judged(
        len(existing) == counts["existing_named"]
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
        if row["status"] in ("existing", "proposed")
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
        each["properties"]["site_id"]: each["properties"]
        for each in features
        if each["properties"]["layer"] == layer["layer"]
    }
    rows = [row for row in of(tables.sites, layer=layer["layer"]) if row["status"] != "closed"]
    same = {row["site_id"] for row in rows} == set(shown)
    wrong = [
        row["site_id"]
        for row in rows
        if row["site_id"] in shown and row["status"] != shown[row["site_id"]]["status"]
    ]
    yield judged(same and not wrong, "points", layer=layer["layer"], count=len(shown))


def _years(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """Sites by year add up, and the last year has all that are proposed."""
    if not tables.has("siting_years.csv"):
        return
    rows = of(read_rows(tables.folder / "siting_years.csv"), layer=layer["layer"])
    years = [row for row in rows if row["year"]]
    if not years:
        return
    total, wrong = 0, []
    for row in years:
        total += number(row["new_sites"])
        if number(row["sites"]) != total or not _year_fits(row):
            wrong.append(row["year"])
    last = years[-1]
    right = total == layer["counts"]["proposed"]
    right &= all(number(last[name]) == layer["totals"][name] for name in ("listed_gain", "gain"))
    wrong += [] if right else [last["year"]]
    wrong += _proposed_by(tables, layer["layer"], years)
    yield judged(
        not wrong, "years", layer=layer["layer"], count=len(years), what=", ".join(wrong[:4])
    )


def _year_fits(row: Row) -> bool:
    """Gains within their bounds; losses, gap and the status as these figures make them."""
    listed, bound = number(row["listed_gain"]), number(row["listed_bound"])
    best = number(row["best_listed_gain"])
    within = max(listed, best) <= bound and listed <= number(row["gain"])
    within &= number(row["gain"]) <= number(row["gain_bound"]) and best <= number(row["best_gain"])
    losses = number(row["listed_loss"]) == bound - listed
    losses &= number(row["loss"]) == number(row["best_gain"]) - number(row["gain"])
    gap = (bound - listed) / bound if bound else 0.0
    losses &= abs(float(row["gap"] or 0) - gap) <= _ROUNDED
    return within and losses and (row["proof"] != "optimal" or best == bound)


def _proposed_by(tables: Tables, layer: str, years: list[Row]) -> list[str]:
    """What differs between siting_sites.csv, siting_gains.csv, sites.csv and the years."""
    wrong: list[str] = []
    if not tables.has("siting_sites.csv"):
        return wrong
    told = of(read_rows(tables.folder / "siting_sites.csv"), layer=layer)
    theirs = {row["site_id"]: row for row in of(tables.sites, layer=layer, status="proposed")}
    same = ("order", "year", "listed_gain", "gain", "township_code")
    places = {row["township_code"]: row for row in of(tables.townships, layer=layer)}
    for row in told:
        other, place = theirs.get(row["site_id"]), places.get(row["township_code"], {})
        right = other is not None and all(row[name] == other[name] for name in same)
        for name in ("county_name", "township_name"):
            right &= row[name] == place.get(name) and (other or {}).get(name) == row[name]
        right &= (other or {}).get("county_code") == place.get("county_code")
        wrong += [] if right else [row["site_id"]]
    wrong += [] if len(told) == len(theirs) else ["siting_sites.csv"]
    for year in years:
        mine = [row for row in told if row["year"] <= year["year"]]
        for name in ("listed_gain", "gain"):
            if sum(number(row[name]) for row in mine) != number(year[name]):
                wrong.append(year["year"])
    return wrong + _gained_in(tables, layer, told)


def _gained_in(tables: Tables, layer: str, told: list[Row]) -> list[str]:
    """Proposed sites whose gains by township in siting_gains.csv do not make their own."""
    if not tables.has("siting_gains.csv"):
        return []
    gains = of(read_rows(tables.folder / "siting_gains.csv"), layer=layer)
    wrong = []
    for row in told:
        mine = of(gains, site_id=row["site_id"])
        for name, part in (("gain", mine), ("listed_gain", of(mine, listed="true"))):
            if sum(number(each["gain"]) for each in part) != number(row[name]):
                wrong.append(row["site_id"])
    return wrong


def check_year(folder: Path, certificate: Certificate, name: str) -> Iterator[Finding]:
    """The year's bound on all people in siting_years.csv, against the certificate that proves it
    (`certificate-<layer>-<year>-plain.zip`)."""
    layer, _, year = name.removeprefix("certificate-").removesuffix("-plain.zip").rpartition("-")
    if not name.endswith("-plain.zip") or not (folder / "siting_years.csv").is_file():
        return
    everybody = int(certificate.problem.weight.sum())
    bound = min(certificate.found.bound, everybody)
    rows = of(read_rows(folder / "siting_years.csv"), layer=layer, year=year)
    right = len(rows) == 1 and rows[0].get("gain_bound") == str(bound)
    yield judged(right, "year_bound", layer=layer, year=year, bound=bound)


CHECKS: dict[str, Callable[[Tables, dict[str, Any]], Iterator[Finding]]] = {
    "townships.csv": _totals,
    "plan.json": _listed,
    "underserved.csv": _list_of_its_own,
    "villages.parquet": _villages,
    "sites.csv": _proposals,
    "counties": _minimum,
    "sites.geojson": _points,
    "siting_years.csv": _years,
}


def _same_run(tables: Tables) -> Iterator[Finding]:
    """Map, report and lists name the run that the summary names."""
    run = str(tables.plan.get("run_id", ""))
    others = [
        name
        for name in ("map.html", "report.html")
        if tables.has(name) and run not in (tables.folder / name).read_text("utf-8")
    ]
    others += ["townships.csv"] if {row["run_id"] for row in tables.townships} != {run} else []
    yield judged(not others, "same_run", run=run, what=", ".join(others))
