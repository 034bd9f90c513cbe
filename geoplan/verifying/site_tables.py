"""Do the tables of `geoplan site` say what its certificate says?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from geoplan.certificates import Certificate
from geoplan.model import Bools
from geoplan.siting.asked import BY_THRESHOLD, times_of
from geoplan.verifying.findings import Finding, bad, judged
from geoplan.verifying.site_figures import check_areas, check_order
from geoplan.verifying.site_others import check_alternatives, check_curve
from geoplan.verifying.sited import Sited, same, unit_of
from geoplan.verifying.tables import UNREADABLE, Row

_UNITS = {factor * 10**zeros for factor in (1, 6) for zeros in range(13)}


def check_site(folder: Path, certificate: Certificate) -> Iterator[Finding]:
    """plan.json and every table against the certificate."""
    sited = Sited(folder, certificate)
    for file, check in CHECKS:
        try:
            yield from check(sited)
        except UNREADABLE:
            yield bad("table_unreadable", file=file)


def _plan(sited: Sited) -> Iterator[Finding]:
    """The same model, status and sites; objective and bounds the same in the same units."""
    plan, certificate = sited.plan, sited.certificate
    found = certificate.found
    opened = [str(certificate.site_id[j]) for j in found.chosen]
    right = {
        "model": plan["model"] == certificate.model,
        "status": plan["status"] == found.status,
        "open": plan["open"] == len(opened),
        "sites": sorted(plan["sites"]) == sorted(opened),
        "gap": abs(plan["gap"] - found.gap) < 1e-12,
        "words": (plan["words"]["en"] == "OPTIMAL") == (found.status == "optimal"),
        **_figures(sited),
    }
    wrong = [name for name, good in right.items() if not good]
    yield judged(not wrong, "plan", file="plan.json", what=", ".join(wrong))


def _figures(sited: Sited) -> dict[str, bool]:
    """Whether each figure is the certificate's, all in one unit (minutes, say, of milliseconds)."""
    plan, found = sited.plan, sited.certificate.found
    proven = None if found.proof is None else found.proof.bound
    values = {"objective": found.objective, "bound": found.bound, "proven_bound": proven}
    unit, right = unit_of(sited, sited.certificate.model), {}
    if unit is None:  # a cost: whatever it is counted in, if that is a power of ten
        unit = 1.0
        if found.objective and plan["objective"]:
            unit = found.objective / plan["objective"]
        right["unit"] = any(same(unit, each) for each in _UNITS)
    right["units"] = any(same(sited.people, each) for each in _UNITS)
    right["units"] &= any(same(sited.minute, each) for each in _UNITS)
    for name, value in values.items():
        told = plan[name]
        right[name] = told is None if value is None else same(told, value / unit)
    return right


def _sites(sited: Sited) -> Iterator[Finding]:
    """Every candidate in its order, open or not, fixed or forbidden, as certified."""
    rows, certificate = sited.sites, sited.certificate
    opened = set(certificate.found.chosen.tolist())
    problem = certificate.problem
    wrong = [] if len(rows) == problem.sites else [str(len(rows))]
    for j, row in enumerate(rows[: problem.sites]):
        is_open = row["status"] in ("existing", "proposed")
        same_site = row["site_id"] == certificate.site_id[j] and is_open == (j in opened)
        same_site &= (row["fixed"] == "true") == bool(problem.fixed[j])
        same_site &= (row["forbidden"] == "true") == bool(problem.forbidden[j])
        wrong += [] if same_site else [row["site_id"]]
    yield judged(not wrong, "sites", file="sites.csv", count=len(rows), what=", ".join(wrong[:4]))


def _assignment(sited: Sited) -> Iterator[Finding]:
    """Where each point's people go: to the nearest open site among the certified pairs, or, where
    sites have a capacity, as certified; and who is reached."""
    rows, certificate = sited.assignment, sited.certificate
    by_point: dict[str, list[Row]] = {str(name): [] for name in certificate.demand_id}
    wrong = [row["demand_id"] for row in rows if row["demand_id"] not in by_point]
    for row in rows:
        by_point.setdefault(row["demand_id"], []).append(row)
    served = certificate.found.served
    right = _as_served if served is not None else _nearest
    opened = sited.flags(certificate.found.chosen.tolist())
    for i, name in enumerate(certificate.demand_id):
        mine = by_point[str(name)]
        lived_in = bool(certificate.problem.weight[i])
        fits = not lived_in or right(certificate, i, opened, mine)
        wrong += [] if fits and _is_told(sited, i, mine) else [str(name)]
    yield judged(
        not wrong, "assignment", file="assignment.csv", count=len(rows), what=", ".join(wrong[:4])
    )


def _is_told(sited: Sited, point: int, rows: list[Row]) -> bool:
    """The point's people, how many go where, and the minutes of every pair that is certified."""
    certificate = sited.certificate
    problem, served = certificate.problem, certificate.found.served
    pairs = slice(int(problem.start[point]), int(problem.start[point + 1]))
    way = dict(zip(problem.site[pairs].tolist(), problem.ms[pairs].tolist(), strict=True))
    flow = [] if served is None else served[served[:, 0] == point]
    going = {int(site): int(people) for _, site, people in flow}
    everybody, minute = int(problem.weight[point]), sited.minute
    for row in rows:
        if not same(row["population"], everybody / sited.people):
            return False
        for site, minutes in (("site_id", "minutes"), ("site_id_before", "minutes_before")):
            j = sited.position[row[site]] if row[site] else -1
            if j in way and not same(row[minutes], way[j] / minute):
                return False
            if (row[minutes] == "") != (j < 0):
                return False
        j = sited.position[row["site_id"]] if row["site_id"] else -1
        people = going.get(j, 0) if served is not None else everybody * (j >= 0)
        if not same(row["people"], people / sited.people):
            return False
    return not everybody or not sited.has_room or _stood(sited, point, rows, way)


def _stood(sited: Sited, point: int, rows: list[Row], way: dict[int, int]) -> bool:
    """Whether the nearest site before is the nearest of those that stand, and who was reached."""
    here = {j: ms for j, ms in way.items() if j in sited.stands}
    before = sited.before[point] > 0
    for row in rows:
        if (row["reached_before"] == "true") != before:
            return False
        name = row["site_id_before"]
        if name and sited.position[name] not in sited.stands:
            return False
        if here and name != str(sited.certificate.site_id[min(here, key=lambda j: (here[j], j))]):
            return False
    return True


def _as_served(certificate: Certificate, point: int, opened: Bools, rows: list[Row]) -> bool:
    """The sites that the point's people are sent to."""
    served = certificate.found.served
    mine = [] if served is None else served[served[:, 0] == point, 1].tolist()
    names = {str(certificate.site_id[j]) for j in mine if opened[j]}
    return {row["site_id"] for row in rows} - {""} == names


def _nearest(certificate: Certificate, point: int, opened: Bools, rows: list[Row]) -> bool:
    """One row: an open site, the nearest where certified pairs lead to one, and whether reached."""
    problem, model = certificate.problem, certificate.model
    pairs = slice(int(problem.start[point]), int(problem.start[point + 1]))
    near = opened[problem.site[pairs]]
    sites, ms = problem.site[pairs][near], problem.ms[pairs][near]
    names = {"", *map(str, certificate.site_id[opened])}
    right = len(rows) == 1 and rows[0]["site_id"] in names
    if right and len(sites):
        right = rows[0]["site_id"] == certificate.site_id[sites[np.argmin(ms)]]
    if right and model in BY_THRESHOLD:
        enough = len(sites) >= times_of(model, certificate.question)
        right = (rows[0]["reached"] == "true") == enough
    return right


CHECKS: tuple[tuple[str, Callable[[Sited], Iterator[Finding]]], ...] = (
    ("plan.json", _plan),
    ("sites.csv", _sites),
    ("assignment.csv", _assignment),
    ("sites.csv", check_order),
    ("areas.csv", check_areas),
    ("alternatives.csv", check_alternatives),
    ("curve.csv", check_curve),
)
