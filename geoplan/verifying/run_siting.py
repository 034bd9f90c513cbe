"""The siting of a run: years against sites and gains, and both against the certificates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.certificates import Certificate
from geoplan.model import Bools, Ints
from geoplan.siting.recount import Plan, broken_rules, worth_of
from geoplan.verifying.findings import Finding, bad, judged
from geoplan.verifying.tables import HALF_A_TEN, ROUNDED, UNREADABLE, Row, Tables, number, of

_SUMS = (
    *("listed_gain", "gain", "best_listed_gain", "best_gain", "listed_bound", "gain_bound"),
    *("listed_loss", "loss"),
)


def check_years(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """Sites by year add up, and the last year has all that are proposed."""
    rows = tables.rows("siting_years.csv", layer["layer"])
    years = _years(rows)
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
    for row in rows[len(years) :]:  # all years added up
        right = all(
            number(row[name]) == sum(number(each[name]) for each in years) for name in _SUMS
        )
        right &= number(row["sites"]) == total == number(row["new_sites"])
        wrong += [] if right else ["*"]
    wrong += _proposed_by(tables, layer["layer"], years)
    wrong += _progress(tables, layer["layer"])
    yield judged(
        not wrong, "years", layer=layer["layer"], count=len(years), what=", ".join(wrong[:4])
    )


def _years(rows: list[Row]) -> list[Row]:
    """The rows of single years; where a study names no years the one row is blank."""
    return [row for row in rows if row["year"]] or rows


def _year_fits(row: Row) -> bool:
    """Gains within their bounds; losses, gap and the status as these figures make them."""
    listed, bound = number(row["listed_gain"]), number(row["listed_bound"])
    best = number(row["best_listed_gain"])
    within = max(listed, best) <= bound and listed <= number(row["gain"])
    within &= number(row["gain"]) <= number(row["gain_bound"]) and best <= number(row["best_gain"])
    losses = number(row["listed_loss"]) == bound - listed
    losses &= number(row["loss"]) == number(row["best_gain"]) - number(row["gain"])
    gap = (bound - listed) / bound if bound else 0.0
    losses &= abs(float(row["gap"] or 0) - gap) <= ROUNDED
    return within and losses and (row["proof"] != "optimal" or best == bound)


def _proposed_by(tables: Tables, layer: str, years: list[Row]) -> list[str]:
    """What differs between siting_sites.csv, siting_gains.csv, sites.csv and the years."""
    if not tables.has("siting_sites.csv"):
        return []
    told, wrong = tables.rows("siting_sites.csv", layer), []
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


def _progress(tables: Tables, layer: str) -> list[str]:
    """Townships and years whose people beyond in siting_progress.csv do not follow from today's,
    from what the sites of the years so far gain there, and from the rows' own last state."""
    told = tables.rows("siting_progress.csv", layer)
    if not told:
        return []
    year_of = {row["site_id"]: row["year"] for row in tables.rows("siting_sites.csv", layer)}
    gained = Counter[tuple[str, str]]()
    for row in tables.rows("siting_gains.csv", layer):
        gained[row["township_code"], year_of.get(row["site_id"], "")] += number(row["gain"])
    today = {row["township_code"]: row for row in of(tables.townships, layer=layer)}
    years = sorted({row["year"] for row in told})
    wrong = [] if len(told) == len(years) * len(today) else ["siting_progress.csv"]
    for row in told:
        place, code, year = today.get(row["township_code"]), row["township_code"], row["year"]
        so_far = sum(gained[code, each] for each in years if each <= year)
        if place is None or not _progress_fits(row, place, so_far, year == years[-1]):
            wrong.append(f"{code} {year}")
    return wrong


def _progress_fits(row: Row, today: Row, gained: int, last: bool) -> bool:
    """One township at the end of a year. On islands, whose rule counts people without a way and
    no minutes, what the sites gain says nothing of who is left."""
    people, beyond = number(row["target_people"]), number(row["beyond_people"])
    now = number(today["beyond_people"])
    unsure = number(row["target_undetermined"])
    fits = people == number(today["target_people"]) and unsure <= number(
        today["target_undetermined"]
    )
    fits &= beyond <= now if today["universe"] == "islands" else beyond == now - gained
    if unsure >= people:
        fits &= row["beyond_share"] == ""
    else:
        fits &= abs(float(row["beyond_share"]) - beyond / people) <= ROUNDED
    if not last:
        return fits
    same = {"beyond_people": "beyond_people_after", "own_minutes_mean": "own_minutes_mean_after"}
    same["target_undetermined"] = "target_undetermined_after"
    return fits and all(row[name] == today[other] for name, other in same.items())


def _gained_in(tables: Tables, layer: str, told: list[Row]) -> list[str]:
    """Proposed sites whose gains by township in siting_gains.csv do not make their own."""
    if not tables.has("siting_gains.csv"):
        return []
    gains = tables.rows("siting_gains.csv", layer)
    wrong = []
    for row in told:
        mine = of(gains, site_id=row["site_id"])
        for name, part in (("gain", mine), ("listed_gain", of(mine, listed="true"))):
            if sum(number(each["gain"]) for each in part) != number(row[name]):
                wrong.append(row["site_id"])
    return wrong


def check_certified(folder: Path, certificates: Mapping[str, Certificate]) -> Iterator[Finding]:
    """Each year's best plans, bounds and gains against its two certificates: with people of listed
    townships first (`certificate-<layer>-<year>.zip`; no year where the study names none) and
    without that (`...-plain.zip`)."""
    tables = Tables(folder)
    try:
        layers = [str(layer["layer"]) for layer in tables.plan["layers"]]
        for layer in layers if certificates else ():
            for row in _years(tables.rows("siting_years.csv", layer)):
                stem = "-".join(filter(None, ("certificate", layer, row["year"])))
                pair = certificates.get(f"{stem}.zip"), certificates.get(f"{stem}-plain.zip")
                wrong = _year_wrong(tables, row, *pair)
                what = {"layer": layer, "year": row["year"], "what": ", ".join(wrong)}
                yield judged(not wrong, "year", **what)
    except UNREADABLE:
        yield bad("table_unreadable", file="siting_years.csv")


def _year_wrong(
    tables: Tables, row: Row, first: Certificate | None, plain: Certificate | None
) -> list[str]:
    """The columns of a year's row that do not follow from its certificates.

    The people of listed townships weigh more than all others together: `first` times as much.
    """
    if first is None or plain is None:  # there is none where nobody could be reached
        there = any(number(row[name]) for name in _SUMS) or first is not plain
        return ["certificate"] if there else []
    people = plain.problem.weight
    listed = _listed(tables, row["layer"], plain)
    if listed is None or (first.demand_id != plain.demand_id).any():
        return ["demand"]
    others = int(people[~listed].sum())
    weight = np.where(listed, people * (others + 1), people)
    if (first.problem.weight != weight).any():
        return ["weight"]
    best_listed, best_others = divmod(first.found.objective, others + 1)
    told: dict[str, object] = {
        "proof": first.found.status,
        "best_listed_gain": best_listed,
        "best_gain": best_listed + best_others,
        "listed_bound": first.found.bound // (others + 1),
        "gain_bound": min(plain.found.bound, int(people.sum())),
    }
    chosen = _chosen(tables, row, plain)
    if chosen is None:
        return ["site_id"]
    told["gain"] = worth_of(_plan(plain, people, chosen))
    told["listed_gain"] = worth_of(_plan(plain, np.where(listed, people, 0), chosen))
    wrong = [name for name, value in told.items() if row[name] != str(value)]
    broken = {
        each.rule
        for each in broken_rules(_plan(plain, people, chosen))
        # Fewer sites than asked for are no fault: no candidate may be left.
        if each.rule != "count" or each.found > each.limit
    }
    return wrong + sorted(broken)


def _listed(tables: Tables, layer: str, certificate: Certificate) -> Bools | None:
    """Which demand points are in listed townships; None if they are not the villages' people who
    are beyond the threshold."""
    villages = tables.villages(layer).set_index("village_code")
    beyond = villages[villages["coverage"].isin(("uncovered", "unreachable"))]
    names = certificate.demand_id.tolist()
    if not set(names) <= set(beyond.index):
        return None
    here = beyond.loc[names]
    room = np.where(here["target_modelled"], HALF_A_TEN, 0)
    apart = np.abs(here["target_people"].to_numpy() - certificate.problem.weight)
    left_out = beyond["target_people"][~beyond.index.isin(names)]
    if (apart > room).any() or (left_out > HALF_A_TEN).any():
        return None
    listed = {row["township_code"] for row in of(tables.townships, layer=layer, listed="true")}
    found: Bools = here["township_code"].isin(listed).to_numpy()
    return found


def _chosen(tables: Tables, row: Row, certificate: Certificate) -> Ints | None:
    """The candidates (positions) that are proposed by the end of the year; None if one is none."""
    position = {str(name): j for j, name in enumerate(certificate.site_id)}
    mine = [
        each["site_id"].removeprefix(f"proposed-{row['layer']}-")
        for each in of(tables.sites, layer=row["layer"], status="proposed")
        if each["year"] <= row["year"]
    ]
    names = [name if name in position else f"area-{name}" for name in mine]
    if not set(names) <= set(position):
        return None
    return np.array(sorted(position[name] for name in names), np.int64)


def _plan(certificate: Certificate, weight: Ints, chosen: Ints) -> Plan:
    problem = replace(certificate.problem, weight=weight)
    return Plan(certificate.model, problem, certificate.question, chosen)
