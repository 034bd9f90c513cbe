"""A result of `geoplan site` as it is checked: its certificate, its tables and their units.

Who is reached is counted here anew, sharing no code with what told it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.certificates import Certificate
from geoplan.model import Bools, Ints
from geoplan.siting.asked import BY_THRESHOLD, CENTRES, MEDIANS, MOST_PEOPLE, times_of
from geoplan.siting.location import ALL
from geoplan.verifying.tables import Row, read_json, read_rows

_NEAR = 1e-9


@dataclass(frozen=True)
class Sited:
    """A result of `geoplan site`: its certificate, its tables, and the units they are told in."""

    folder: Path
    certificate: Certificate

    @cached_property
    def plan(self) -> dict[str, Any]:
        return read_json(self.folder / "plan.json")

    @cached_property
    def sites(self) -> list[Row]:
        return read_rows(self.folder / "sites.csv")

    @cached_property
    def assignment(self) -> list[Row]:
        return read_rows(self.folder / "assignment.csv")

    @cached_property
    def people(self) -> float:
        """How many of the certificate's people are one."""
        told = float(self.plan["people"]["all"])
        return int(self.certificate.problem.weight.sum()) / told if told else 1.0

    @cached_property
    def times(self) -> int:
        """Open sites that a person needs: within the threshold, or any where there is none."""
        certificate = self.certificate
        covers = certificate.model in BY_THRESHOLD
        return times_of(certificate.model, certificate.question) if covers else 1

    @cached_property
    def row(self) -> Ints:
        problem = self.certificate.problem
        return np.repeat(np.arange(problem.points), np.diff(problem.start))

    @cached_property
    def near(self) -> Bools:
        """Pairs that reach a person (pairs,)."""
        limit = self.certificate.question.threshold_ms
        ms = self.certificate.problem.ms
        return np.ones(len(ms), np.bool_) if limit is None else ms <= limit

    @cached_property
    def position(self) -> dict[str, int]:
        return {str(name): j for j, name in enumerate(self.certificate.site_id)}

    def flags(self, sites: Iterable[int]) -> Bools:
        opened = np.zeros(self.certificate.problem.sites, np.bool_)
        opened[list(sites)] = True
        return opened

    def counts(self, opened: Bools) -> Ints:
        """How many open sites each demand point reaches (n,)."""
        kept = self.near & opened[self.certificate.problem.site]
        return np.bincount(self.row[kept], minlength=self.certificate.problem.points)

    def reached(self, opened: Bools) -> Ints:
        """People of each demand point who are reached (n,), where room is not short."""
        weight = self.certificate.problem.weight
        return np.where(self.counts(opened) >= self.times, weight, 0)

    @cached_property
    def before(self) -> Ints:
        """People of each demand point who are reached by the sites that stand (n,)."""
        return self.reached(self.flags(self.stands))

    @cached_property
    def stands(self) -> frozenset[int]:
        return frozenset(j for j, row in enumerate(self.sites) if row["status"] == "existing")

    @cached_property
    def minute(self) -> float:
        return _minute(self)

    @cached_property
    def in_plan(self) -> list[int]:
        """Open sites, those that are fixed first, then in the order told."""
        fixed = self.certificate.problem.fixed
        chosen = self.certificate.found.chosen.tolist()
        new = [j for j in chosen if not fixed[j]]
        new.sort(key=lambda j: int(self.sites[j]["order"] or 0))
        return [j for j in chosen if fixed[j]] + new

    @property
    def has_room(self) -> bool:
        """Whether nobody can be turned away, so that pairs alone tell who is reached."""
        return self.certificate.problem.capacity is None


def same(told: object, value: float) -> bool:
    """Whether a cell or figure is the value, as exactly as a float can be."""
    return told not in ("", None) and abs(float(str(told)) - value) <= _NEAR * max(1, abs(value))


def unit_of(sited: Sited, model: str) -> float | None:
    """How much of the certificate's objective is one of what is told; None where it is a cost."""
    if model in MOST_PEOPLE:
        return sited.people
    if model == "worst-area":
        return ALL
    if model in MEDIANS:
        return sited.people * sited.minute
    return sited.minute if model in CENTRES else None


def _minute(sited: Sited) -> float:
    """Milliseconds (or what the ways are counted in) of a minute: by a way told in both."""
    certificate, problem = sited.certificate, sited.certificate.problem
    known = sited.row * problem.sites + problem.site
    point = {str(name): i for i, name in enumerate(certificate.demand_id)}
    told = (
        (row["demand_id"], row[site], row[minutes])
        for row in sited.assignment
        for site, minutes in (("site_id", "minutes"), ("site_id_before", "minutes_before"))
    )
    for name, site, minutes in told:
        if site and float(minutes):
            pair = point[name] * problem.sites + sited.position[site]
            at = int(np.searchsorted(known, pair))
            if at < len(known) and known[at] == pair:
                return round(int(problem.ms[at]) / float(minutes), 6)
    return 1.0


def fits(model: str, objective: float, bound: str, status: str) -> bool:
    """Whether a status follows from an objective and its bound."""
    if not bound or not no_better(model, objective, bound):
        return False
    return (status == "optimal") == same(bound, objective) and status in (
        "optimal", "within", "cut_off",
    )  # fmt: skip


def no_better(model: str, objective: float, bound: object) -> bool:
    beyond = float(str(bound)) - objective
    most = model in (*MOST_PEOPLE, "worst-area")
    return (beyond if most else -beyond) >= -_NEAR * max(1.0, abs(objective))


def told_of(wrong: Iterable[str]) -> str:
    return ", ".join(list(dict.fromkeys(wrong))[:4])
