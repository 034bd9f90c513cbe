"""The plan that `geoplan site` is asked for, and everything a planner should see beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geoplan.measuring.siting import ReadySiting, SiteRequest
from geoplan.siting.insight import (
    AreaFigures,
    PlanSites,
    Service,
    area_figures,
    plan_sites,
)
from geoplan.siting.location import Effort, Found
from geoplan.siting.models import solve
from geoplan.siting.otherwise import (
    Alternative,
    CurvePoint,
    Frequency,
    Spread,
    alternatives,
    curve,
    curve_counts,
    frequency,
    service_of,
    yardstick_of,
)
from geoplan.siting.proving import proven
from geoplan.siting.room import service_with_room, sites_with_room

Told = Callable[[str, int, int], None]
Extra = Literal["curve", "frequency", "alternatives"]
EXTRAS: tuple[Extra, ...] = ("curve", "frequency", "alternatives")
SMALL = 20_000
"""Up to so many pairs that count, everything is told unless it is asked not to be; beyond, runs,
alternatives and the best plan of each number of sites only if they are asked for."""
USUAL: Mapping[Extra, int] = {"curve": 40, "frequency": 100, "alternatives": 0}
MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """The plan and what stands beside it; `stopped` says that a person ended the search.

    `asked` is how much of each extra was sought: numbers of sites, runs, sites that differ.
    """

    found: Found
    sites: PlanSites
    before: Service
    after: Service
    areas: AreaFigures
    curve: tuple[CurvePoint, ...]
    frequency: Frequency | None
    alternatives: tuple[Alternative, ...]
    asked: Mapping[Extra, int]
    stopped: bool


def find_plan(request: SiteRequest, ready: ReadySiting, told: Told) -> tuple[Found, bool]:
    """The answer of the model, and whether a person ended the search before its time."""
    told("siting", 0, 2)
    asking = (request.name, ready.problem, ready.question)
    effort = Effort(request.seconds, request.seed, request.solver)
    began = time.monotonic()
    found = solve(*asking, effort)
    stopped = found.status == "cut_off" and time.monotonic() - began < 0.9 * request.seconds
    told("siting", 1, 2)
    if not stopped:
        try:
            found = proven(*asking, found, effort)
        except KeyboardInterrupt:  # the bound rests on the search then
            stopped = True
    told("siting", 2, 2)
    return found, stopped


def tell_plan(
    request: SiteRequest, ready: ReadySiting, found: Found, stopped: bool, told: Told
) -> Answer:
    """All that is to be seen of a plan; after somebody stopped the search, only what is at once."""
    problem, yardstick = ready.problem, yardstick_of(request.name, ready.question)
    asking = (request.name, problem, ready.question)
    make = plan_sites if problem.capacity is None else sites_with_room
    sites = make(problem, yardstick, found.chosen)
    stands = np.flatnonzero(ready.own.sites.existing)
    before = service_of(*asking, stands)
    after = (
        service_of(*asking, found.chosen)
        if found.served is None
        else service_with_room(problem, yardstick, found.served)
    )
    asked = _asked(request, ready, found, stopped)
    small = _small(ready)
    effort = Effort(request.seconds, request.seed, request.solver if small else "none")

    def note(what: str) -> Callable[[int, int], None]:
        return lambda done, of: told(what, done, of)

    points: tuple[CurvePoint, ...] = ()
    runs: Frequency | None = None
    others: tuple[Alternative, ...] = ()
    try:
        counts = curve_counts(sites, asked["curve"])
        points = curve(asking, sites, (found, counts), effort, note("curve"))
        if asked["frequency"]:
            runs = frequency(asking, Spread(runs=asked["frequency"]), effort, note("frequency"))
        told("alternatives", 0, 1)
        differ = asked["alternatives"]
        others = alternatives(asking, found.chosen, differ, MOST_ALTERNATIVES, effort)
        told("alternatives", 1, 1)
    except KeyboardInterrupt:  # the plan itself stands, and what has been found beside it
        stopped = True
        points = points or curve(asking, sites, (found, ()), effort)
    areas = area_figures(problem, before, after)
    return Answer(found, sites, before, after, areas, points, runs, others, asked, stopped)


def _asked(
    request: SiteRequest, ready: ReadySiting, found: Found, stopped: bool
) -> Mapping[Extra, int]:
    """How much of each extra is sought: as asked, else by the size of the question alone."""
    if stopped:
        return dict.fromkeys(EXTRAS, 0)
    new = int((~ready.problem.fixed[found.chosen]).sum())
    usual = {**USUAL, "alternatives": max(1, new // 5)}
    given = {name: getattr(request, name) for name in EXTRAS}
    small = _small(ready)
    return {
        name: given[name] if given[name] is not None else usual[name] if small else 0
        for name in EXTRAS
    }


def left_out(request: SiteRequest, ready: ReadySiting, answer: Answer) -> Mapping[Extra, int]:
    """What a smaller question would have been given without asking."""
    if answer.stopped or _small(ready):
        return {}
    usual = {**USUAL, "alternatives": 1}
    return {name: usual[name] for name in EXTRAS if getattr(request, name) is None}


def _small(ready: ReadySiting) -> bool:
    """By pairs that count: within the threshold, where the model has one."""
    limit = ready.question.threshold_ms
    ms = ready.problem.ms
    return (len(ms) if limit is None else int((ms <= limit).sum())) <= SMALL
