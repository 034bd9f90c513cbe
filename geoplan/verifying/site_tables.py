"""Do the tables of `geoplan site` say what its certificate says?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.certificates import Certificate
from geoplan.model import Bools
from geoplan.siting.asked import BY_THRESHOLD, times_of
from geoplan.verifying.findings import Finding, bad, judged
from geoplan.verifying.tables import Row, read_json, read_rows

_UNITS = {factor * 10**zeros for factor in (1, 6) for zeros in range(13)}


def check_site(folder: Path, certificate: Certificate, name: str) -> Iterator[Finding]:
    """plan.json, sites.csv and assignment.csv against the certificate."""
    del name
    for file, check in (
        ("plan.json", _plan),
        ("sites.csv", _sites),
        ("assignment.csv", _assignment),
    ):
        try:
            yield from check(folder, certificate)
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            yield bad("table_unreadable", file=file, why=f"{type(error).__name__}: {error}")


def _plan(folder: Path, certificate: Certificate) -> Iterator[Finding]:
    """The same model, status and sites; objective and bounds the same in one unit."""
    plan, found = read_json(folder / "plan.json"), certificate.found
    opened = [str(certificate.site_id[j]) for j in found.chosen]
    right = {
        "model": plan["model"] == certificate.model,
        "status": plan["status"] == found.status,
        "open": plan["open"] == len(opened),
        "sites": sorted(plan["sites"]) == sorted(opened),
        "gap": abs(plan["gap"] - found.gap) < 1e-12,
        **_figures(plan, certificate),
    }
    wrong = [name for name, good in right.items() if not good]
    yield judged(not wrong, "plan", file="plan.json", what=", ".join(wrong))


def _figures(plan: dict[str, Any], certificate: Certificate) -> dict[str, bool]:
    """Whether each figure is the certificate's, all in one unit (minutes, say, of milliseconds)."""
    found = certificate.found
    proven = None if found.proof is None else found.proof.bound
    values = {"objective": found.objective, "bound": found.bound, "proven_bound": proven}
    unit = 1
    if found.objective and plan["objective"]:
        unit = round(found.objective / plan["objective"])
    right = {"unit": unit in _UNITS}
    for name, value in values.items():
        told = plan[name]
        if value is None or told is None:
            right[name] = value is None and told is None
        else:
            right[name] = abs(told * unit - value) <= abs(value) * 1e-9
    return right


def _sites(folder: Path, certificate: Certificate) -> Iterator[Finding]:
    """Every candidate in its order, open or not, fixed or forbidden, as certified."""
    rows = read_rows(folder / "sites.csv")
    opened = set(certificate.found.chosen.tolist())
    problem = certificate.problem
    wrong = [] if len(rows) == problem.sites else [str(len(rows))]
    for j, row in enumerate(rows[: problem.sites]):
        is_open = row["status"] in ("existing", "proposed")
        same = row["site_id"] == certificate.site_id[j] and is_open == (j in opened)
        same = same and (row["fixed"] == "true") == bool(problem.fixed[j])
        same = same and (row["forbidden"] == "true") == bool(problem.forbidden[j])
        wrong += [] if same else [row["site_id"]]
    yield judged(not wrong, "sites", file="sites.csv", count=len(rows), what=", ".join(wrong[:4]))


def _assignment(folder: Path, certificate: Certificate) -> Iterator[Finding]:
    """Where each point's people go: to the nearest open site among the certified pairs, or, where
    sites have a capacity, as certified; and who is reached."""
    rows = read_rows(folder / "assignment.csv")
    by_point: dict[str, list[Row]] = {str(name): [] for name in certificate.demand_id}
    wrong = [row["demand_id"] for row in rows if row["demand_id"] not in by_point]
    for row in rows:
        by_point.setdefault(row["demand_id"], []).append(row)
    served = certificate.found.served
    right = _as_served if served is not None else _nearest
    opened = np.zeros(certificate.problem.sites, np.bool_)
    opened[certificate.found.chosen] = True
    for i, name in enumerate(certificate.demand_id):
        if certificate.problem.weight[i] and not right(certificate, i, opened, by_point[str(name)]):
            wrong.append(str(name))
    yield judged(
        not wrong, "assignment", file="assignment.csv", count=len(rows), what=", ".join(wrong[:4])
    )


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
    same = len(rows) == 1 and rows[0]["site_id"] in names
    if same and len(sites):
        same = rows[0]["site_id"] == certificate.site_id[sites[np.argmin(ms)]]
    if same and model in BY_THRESHOLD:
        enough = len(sites) >= times_of(model, certificate.question)
        same = (rows[0]["reached"] == "true") == enough
    return same
