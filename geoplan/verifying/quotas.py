"""Readings of a quota of sites by residents: sums and feasibility counted anew from the counties.

What stands without a name stands in the counties of build_out.csv. Where a layer has none there, a
county's part of all unnamed sites is not told, and what a county lacks is held between limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from geoplan.verifying.findings import Finding, judged
from geoplan.verifying.tables import Row, Tables, number, of

_ROUNDINGS = ("none", "up", "nearest", "down")


@dataclass(frozen=True, slots=True)
class _County:
    """Residents, named sites, candidates for new ones, and the fewest and most unnamed sites."""

    name: str
    residents: int
    named: int
    candidates: int
    unnamed: tuple[int, int]


def check_quotas(tables: Tables, layer: dict[str, Any]) -> Iterator[Finding]:
    """Each reading: sites by county, what counties lack, and whether the target allows it."""
    siting = tables.settings(layer["layer"]).get("siting", {})
    per_site = siting.get("soft_residents_per_site")
    rows = tables.rows("quota_readings.csv", layer["layer"])
    if not rows and (per_site is None or not tables.has("quota_readings.csv")):
        return
    counties = _counties(tables, layer["layer"], siting.get("also_at", ()))
    wrong = [] if [row["rounding"] for row in rows] == list(_ROUNDINGS) else ["rounding"]
    for row in rows:
        right = row["residents_per_site"] == str(per_site)
        right &= row["target"] == str(layer["counts"]["target"])
        right &= number(row["to_place"]) == _to_place(layer, siting, counties)
        quota = [_quota(row["rounding"], county, siting) for county in counties]
        right &= _sums_fit(row, layer, quota) and _lacks_fit(row, quota, counties)
        wrong += [] if right and _ends_as_told(row, counties) else [row["rounding"]]
    yield judged(
        not wrong, "quotas", layer=layer["layer"], count=len(rows), what=", ".join(wrong[:4])
    )


def _counties(tables: Tables, layer: str, also_at: tuple[str, ...]) -> list[_County]:
    places = of(tables.townships, layer=layer)
    standing = of(tables.sites, status="existing")
    usable = [row for row in standing if row["layer"] in also_at and row["township_code"]]
    room = Counter(row["county_code"] for row in places)
    room += Counter(row["county_code"] for row in of(usable, point_use="distance"))
    named = Counter(row["county_code"] for row in of(standing, layer=layer))
    planned = Counter(
        row["county_code"] for row in of(tables.sites, layer=layer, status="planned")
    )  # they stand, where no other is proposed
    named, room = named + planned, room - planned
    told = {row["county_code"]: row for row in tables.rows("build_out.csv", layer)}
    all_unnamed = _counts(tables, layer)["existing_unnamed"]
    residents: Counter[str] = Counter()
    for row in places:
        residents[row["county_code"]] += number(row["population"])
    names = {row["county_code"]: row["county_name"] for row in places}
    made = []
    for code, name in names.items():
        here = number(told[code]["existing_unnamed"]) if code in told else None
        unnamed = (0, all_unnamed) if here is None else (here, here)
        made.append(_County(name, residents[code], named[code], room[code], unnamed))
    return made


def _counts(tables: Tables, layer: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each["counts"] for each in tables.plan["layers"] if each["layer"] == layer
    )
    return found


def _stands(counts: dict[str, Any]) -> int:
    """Sites before any is proposed."""
    return int(sum(counts[name] for name in ("existing_named", "existing_unnamed", "planned")))


def _to_place(layer: dict[str, Any], siting: dict[str, Any], counties: list[_County]) -> int:
    """The target less what stands, as far as there are candidates and money."""
    counts = layer["counts"]
    left = max(int(counts["target"] - _stands(counts)), 0)
    if siting.get("yearly_budget") and siting.get("unit_cost"):
        left = min(left, sum(each // siting["unit_cost"] for each in siting["yearly_budget"]))
    return min(left, sum(county.candidates for county in counties))


def _quota(rounding: str, county: _County, siting: dict[str, Any]) -> int:
    """Sites that the reading asks for in the county; without a quota the hard minimum."""
    if rounding == "none":
        return int(siting.get("county_at_least") or 0)
    per_site = int(siting["soft_residents_per_site"])
    if rounding == "up":
        return -(-county.residents // per_site)
    return max((2 * county.residents + per_site) // (2 * per_site)
               if rounding == "nearest" else county.residents // per_site, 1)  # fmt: skip


def _sums_fit(row: Row, layer: dict[str, Any], quota: list[int]) -> bool:
    """Sites in all; and, as max(quota, stands) = stands + lacks, those with what counties keep."""
    if row["rounding"] == "none":
        return row["total"] == row["total_kept"] == "" and row["unplaced"] == "0"
    kept = _stands(layer["counts"]) - number(row["unplaced"]) + number(row["new_needed"])
    return number(row["total"]) == sum(quota) and number(row["total_kept"]) == kept


def _lacks_fit(row: Row, quota: list[int], counties: list[_County]) -> bool:
    """What each county lacks, by its residents and what stands, and all of it."""
    lacks = _lacks(row)
    right = sum(lacks.values()) == number(row["new_needed"])
    right &= set(lacks) <= {county.name for county in counties}
    fewest, most = Counter[str](), Counter[str]()  # of all counties of a name
    for wanted, county in zip(quota, counties, strict=True):
        high, low = (max(wanted - county.named - each, 0) for each in county.unnamed)
        fewest[county.name] += low
        most[county.name] += high
    return right and all(fewest[name] <= lacks[name] <= most[name] for name in most)


def _lacks(row: Row) -> Counter[str]:
    """Sites that each county lacks, as the row names them: `name number、name number`."""
    parts = (part.rpartition(" ") for part in row["counties"].split("、") if part)
    lacks = Counter[str]()
    for name, _, lack in parts:  # two counties may share a name
        lacks[name] += int(lack)
    return lacks


def _ends_as_told(row: Row, counties: list[_County]) -> bool:
    """Infeasible where counties lack more than may be placed, or than they have candidates."""
    unplaced, lacks = number(row["unplaced"]), _lacks(row)
    too_many = number(row["new_needed"]) > number(row["to_place"]) + unplaced
    room = Counter[str]()
    for each in counties:
        room[each.name] += each.candidates
    too_many |= any(lack > room[name] + unplaced for name, lack in lacks.items())
    figures = [row[name] for name in ("listed_gain", "gain", "listed_bound", "gain_bound")]
    if too_many or row["proof"] == "infeasible":
        nothing = not any(figures) and row["infeasible_because"] == "counties_lack_more"
        return too_many and row["proof"] == "infeasible" and nothing
    listed, gain, listed_bound, gain_bound = (number(each) for each in figures)
    within = listed <= min(gain, listed_bound) and gain <= gain_bound
    best = (listed, gain) == (listed_bound, gain_bound)
    proof = row["proof"] in (("optimal", "within", "cut_off") if best else ("within", "cut_off"))
    return within and proof and row["infeasible_because"] == ""
