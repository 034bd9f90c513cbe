"""Do the figures that `geoplan site` tells beside its plan follow from the certificate's pairs?

What each site adds in order, what is lost without it, people by area. Pairs beyond the threshold
are in no certificate; minutes there are held against `assignment.csv` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.verifying.findings import Finding, judged
from geoplan.verifying.sited import Sited, same, told_of
from geoplan.verifying.tables import Row, read_rows

_NEAR = 1e-9


def check_order(sited: Sited) -> Iterator[Finding]:
    """sites.csv: the order is that of most people newly reached; gains and losses by the pairs."""
    certificate, rows = sited.certificate, sited.sites
    problem, fixed = certificate.problem, certificate.problem.fixed
    new = [j for j in sited.in_plan if not fixed[j]]
    wrong = [] if [rows[j]["order"] for j in new] == [str(at + 1) for at in range(len(new))] else [
        "order"
    ]  # fmt: skip
    in_plan = set(sited.in_plan)
    by_site = dict.fromkeys(range(problem.sites), 0.0)
    for row in sited.assignment:
        if row["site_id"]:
            by_site[sited.position[row["site_id"]]] += float(row["people"])
    for j, row in enumerate(rows):
        right = not row["order"] or j in new
        if j in in_plan:
            right &= same(row["people_served"], by_site[j])
        else:
            told = ("gain_people", "loss_people", "people_served")
            right &= not any(row[name] for name in told)
        right &= row["status"] != "existing" or bool(fixed[j])
        if "group" in row and problem.group is not None and certificate.group_id:
            right &= row["group"] == certificate.group_id[problem.group[j]]
        if "capacity" in row and problem.capacity is not None:
            right &= same(row["capacity"], int(problem.capacity[j]) / sited.people)
        right &= _runs_fit(sited, j, row)
        wrong += [] if right else [row["site_id"]]
    wrong += _gains(sited, new) if sited.has_room else []
    yield judged(not wrong, "gains", file="sites.csv", count=len(new), what=told_of(wrong))


def _gains(sited: Sited, new: list[int]) -> Iterator[str]:
    """What is wrong with gains, losses and the order, where every site has room for all."""
    problem, rows = sited.certificate.problem, sited.sites
    site, near = problem.site[sited.near], sited.row[sited.near]

    def by_site(points: Bools) -> Ints:
        people = np.where(points, problem.weight, 0)
        sums = np.bincount(site, weights=people[near], minlength=problem.sites)
        return sums.astype(np.int64)

    opened = sited.flags(np.flatnonzero(problem.fixed & sited.flags(sited.in_plan)).tolist())
    for j in np.flatnonzero(opened).tolist():
        if not same(rows[j]["gain_people"], 0):
            yield rows[j]["site_id"]
    for at, j in enumerate(new):
        gain = by_site(sited.counts(opened) == sited.times - 1)
        if (
            not same(rows[j]["gain_people"], gain[j] / sited.people)
            or gain[j] < gain[new[at:]].max()
        ):
            yield rows[j]["site_id"]
        opened[j] = True
    loss = by_site(sited.counts(opened) == sited.times)
    for j in sited.in_plan:
        if not same(rows[j]["loss_people"], loss[j] / sited.people):
            yield rows[j]["site_id"]


def _runs_fit(sited: Sited, j: int, row: Row) -> bool:
    """Whether a share of the perturbed runs is one of so many, and its word fits."""
    runs, share = sited.plan["runs"], row["share_of_runs"]
    if not runs or not share:
        return not share and not row["how_often"]
    part, problem = float(share), sited.certificate.problem
    words = "always" if part >= 0.95 else "often" if part >= 0.5 else "contested"
    fits = row["how_often"] == (words if part else "")
    fits &= 0 <= part <= 1 and round(round(part * runs) / runs, 4) == part
    return fits and (part == 1 or not problem.fixed[j]) and (not part or not problem.forbidden[j])


def check_areas(sited: Sited) -> Iterator[Finding]:
    """areas.csv: people, who is reached and how far they go, by area; the summary's sums."""
    certificate, rows = sited.certificate, read_rows(sited.folder / "areas.csv")
    problem = certificate.problem
    names = list(certificate.area_id) or ["*"]
    wrong = [] if [row["area"] for row in rows] == names else ["area"]
    for name, amounts in _by_area(sited).items():
        sums = np.zeros(len(names))
        area = problem.area_of
        np.add.at(sums, area, amounts)
        wrong += [
            f"{row['area']}: {name}"
            for row, value in zip(rows, sums.tolist(), strict=False)
            if not same(row[name], value)
        ]
    total = {
        name: sum(float(row[name]) for row in rows) for name in ("reached_before", "reached_after")
    }
    for row in rows:
        everybody = float(row["population"])
        for when in ("before", "after"):
            told, share = row[f"share_{when}"], float(row[f"reached_{when}"])
            right = same(told, share / everybody) if everybody else told == ""
            wrong += [] if right else [f"{row['area']}: share_{when}"]
    wrong += [name for name, value in total.items() if not same(sited.plan["people"][name], value)]
    wrong += _equity(sited, rows) + _ways(sited, rows)
    yield judged(not wrong, "areas", file="areas.csv", count=len(rows), what=told_of(wrong))


def _by_area(sited: Sited) -> dict[str, Any]:
    """Amounts by demand point (n,) that areas.csv adds up, as far as the pairs tell them."""
    certificate, people = sited.certificate, sited.people
    problem = certificate.problem
    amounts: dict[str, Any] = {"population": problem.weight / people}
    served = certificate.found.served
    if sited.has_room:
        amounts["reached_before"] = sited.before / people
        amounts["reached_after"] = sited.reached(sited.flags(sited.in_plan)) / people
    elif served is not None:
        known = (sited.row * problem.sites + problem.site)[sited.near]
        near = served[np.isin(served[:, 0] * problem.sites + served[:, 1], known)]
        sums = np.bincount(near[:, 0], weights=near[:, 2], minlength=problem.points)
        amounts["reached_after"] = sums / people
    return amounts


def _equity(sited: Sited, rows: list[Row]) -> list[str]:
    """The Gini of the areas' reached shares, before and after: by all pairs of areas."""
    wrong = []
    for when in ("before", "after"):
        here = [(float(row["population"]), float(row[f"reached_{when}"])) for row in rows]
        people, reached = (sum(part) for part in zip(*here, strict=True)) if here else (0, 0)
        told = sited.plan["equity"][f"gini_{when}"]
        if not reached:
            right = told is None
        else:
            apart = sum(abs(w * d - v * c) for w, c in here for v, d in here) / 2
            right = told is not None and abs(told - apart / (people * reached)) <= _NEAR
        wrong += [] if right else [f"gini_{when}"]
    return wrong


def _ways(sited: Sited, rows: list[Row]) -> list[str]:
    """Mean minutes and those who come nearer by area, from assignment.csv."""
    certificate = sited.certificate
    if not sited.has_room and certificate.found.served is None:
        return []
    problem = certificate.problem
    area = problem.area_of
    of = {str(name): int(area[i]) for i, name in enumerate(certificate.demand_id)}
    going, minutes = np.zeros((2, len(rows))), np.zeros((2, len(rows)))
    nearer = np.zeros(len(rows))
    for row in sited.assignment:
        a, everybody = of[row["demand_id"]], float(row["population"])
        if row["site_id"]:
            people = float(row["people"])
            going[1, a] += people
            minutes[1, a] += people * float(row["minutes"])
        if row["site_id_before"]:
            going[0, a] += everybody
            minutes[0, a] += everybody * float(row["minutes_before"])
        if _is_nearer(row):
            nearer[a] += everybody
    wrong = []
    for a, row in enumerate(rows):
        for at, when in enumerate(("before", "after")):
            told = row[f"mean_minutes_{when}"]
            if at or sited.has_room:
                right = same(told, minutes[at, a] / going[at, a]) if going[at, a] else told == ""
                wrong += [] if right else [f"{row['area']}: mean_minutes_{when}"]
        if sited.has_room and not same(row["nearer"], nearer[a]):
            wrong.append(f"{row['area']}: nearer")
    told = sited.plan["people"]
    right = same(told["person_minutes_after"], float(minutes[1].sum()))
    right &= same(told["without_a_site"], told["all"] - float(going[1].sum()))
    return wrong if right else [*wrong, "plan.json"]


def _is_nearer(row: Row) -> bool:
    if row["reached"] == "true" and row["reached_before"] != "true":
        return True
    if not row["site_id"]:
        return False
    return not row["site_id_before"] or float(row["minutes"]) < float(row["minutes_before"])
