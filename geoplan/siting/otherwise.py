"""What a plan could be otherwise: fewer sites, other figures, other sites nearly as good.

Each answer is a plan of the same model with its own bound and status; where a time limit or a
person stops the work, what has been found so far is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from geoplan.model import Ints
from geoplan.siting.asked import times_of
from geoplan.siting.insight import PlanSites, Service, Yardstick, service, services_in_order
from geoplan.siting.location import MOST_TOTAL, Effort, Found, LocationProblem, Status
from geoplan.siting.models import MODELS, solve
from geoplan.siting.question import Question
from geoplan.siting.room import flow_to, most_with_room, service_with_room
from geoplan.travel.compiled import seconds_at_work

Told = Callable[[int, int], None]
"""Told how much is done, and of how much."""
Asked = tuple[str, LocationProblem, Question]
"""A model's name, and what it is asked."""
ALWAYS, OFTEN = 0.95, 0.5
"""Shares of the runs in which a site is chosen: always, often, and below that contested."""
MOST_POINTS = 40
"""A curve has the best plan of so many numbers of sites at most, unless more are asked for."""
_FINE = 1000  # a person is divided into so many parts before people are drawn
_MOST_COST = 2**58


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The plan's first sites up to `count` in their order, and the best plan of so many.

    `in_order` is None where those first sites leave somebody without a way and the model does not
    allow it; `best` and `bound` are None where nothing was sought or no plan keeps the rules.
    """

    count: int
    in_order: int | None
    best: int | None = None
    bound: int | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How far perturbed figures are drawn from those given: each demand point's people, and the
    way of each pair, evenly within 1 +- so much."""

    people: float = 0.05
    minutes: float = 0.1
    runs: int = 100


@dataclass(frozen=True, slots=True)
class Frequency:
    """In how many of the `runs` that came to a plan each site (k,) is open."""

    times: Ints
    runs: int

    def share(self, site: int) -> float | None:
        return int(self.times[site]) / self.runs if self.runs else None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan, and how many of the plan's new sites it does without."""

    found: Found
    differs: int


def yardstick_of(name: str, question: Question) -> Yardstick:
    """How a model counts who is reached; without a threshold of its own, by the question's."""
    times = times_of(name, question) if MODELS[name].covers else 1
    return Yardstick(question.threshold_ms, times)


def service_of(name: str, problem: LocationProblem, question: Question, opened: Ints) -> Service:
    """Who is served when the sites `opened` are open, as the model counts it."""
    yardstick = yardstick_of(name, question)
    if problem.capacity is not None:
        flow = flow_to(problem, yardstick, opened)
        return service_with_room(problem, yardstick, flow)
    return service(problem, yardstick, opened)


def worth(name: str, problem: LocationProblem, found: Service) -> int | None:
    """The objective of a plan that serves people so, by the model's unit; None where the model
    allows no such plan because somebody has no way.

    Models of covering and of cost are worth the people they reach.
    """
    if MODELS[name].unit not in ("person_ms", "ms"):
        return found.people
    if (found.going < problem.weight).any():
        return None
    if MODELS[name].unit == "ms":
        return int(found.ms[problem.weight > 0].max(initial=0))
    return int(found.person_ms.sum())


def curve_model(name: str) -> str:
    """The model that is asked for each number of sites: most people where cost is the aim."""
    return "mclp" if MODELS[name].unit in ("cost", "millionths") else name


def curve_counts(sites: PlanSites, most: int = MOST_POINTS) -> tuple[int, ...]:
    """Up to `most` numbers of sites, evenly spread from the fixed ones to all."""
    first = max(1, int((sites.order == 0).sum()))
    last = len(sites.site)
    if most < 1:
        return ()
    every = max(1, -(-(last - first + 1) // most))
    return tuple(count for count in range(first, last + 1) if (last - count) % every == 0)


def curve(
    asked: Asked,
    sites: PlanSites,
    found: tuple[Found, tuple[int, ...]],
    effort: Effort,
    told: Told = lambda done, of: None,
) -> tuple[CurvePoint, ...]:
    """The worth of a plan by number of sites, from the fixed ones to all, and what is best.

    `asked` is the model's name, the problem and the question; `found` its answer, and the numbers
    of sites (`curve_counts`) whose best plan is sought, the effort's time shared among them.
    """
    name, problem, question = asked
    other = curve_model(name)
    answer, sought = found
    answers = {len(sites.site): answer} if other == name else {}
    share = replace(effort, seconds=effort.seconds / max(1, len(sought)))
    end = seconds_at_work() + effort.seconds
    for done, count in enumerate(sought):
        told(done, len(sought))
        if seconds_at_work() > end:
            break
        if count not in answers:
            answers[count], stopped = _ask(other, problem, replace(question, count=count), share)
            if stopped:
                break
    first = int((sites.order == 0).sum())
    return tuple(
        _point(count, each, answers.get(count))
        for count, each in enumerate(_in_order(asked, sites.site, first), first)
    )


def _in_order(asked: Asked, order: Ints, first: int) -> Iterator[int | None]:
    """What the first so many sites are worth, from `first` to all."""
    name, problem, question = asked
    model, yardstick = curve_model(name), yardstick_of(name, question)
    if problem.capacity is None:
        for found in services_in_order(problem, yardstick, order, first):
            yield worth(model, problem, found)
        return
    by_way = MODELS[model].unit in ("person_ms", "ms")
    for count in range(first, len(order) + 1):
        # Who goes where is asked only where everybody finds room, and ways count.
        people = most_with_room(problem, yardstick, order[:count])
        if not by_way:
            yield people
        elif people < int(problem.weight.sum()):
            yield None
        else:
            yield worth(model, problem, service_of(name, problem, question, order[:count]))


def frequency(
    asked: Asked,
    spread: Spread,
    effort: Effort,
    told: Told = lambda done, of: None,
) -> Frequency:
    """How often each site is chosen when people and minutes are drawn anew (seeded).

    Each run is solved without the exact stage; runs that the time does not allow are left out.
    """
    name, problem, question = asked
    random = np.random.default_rng(effort.seed)
    times = np.zeros(problem.sites, np.int64)
    end = seconds_at_work() + effort.seconds
    runs = 0
    for run in range(spread.runs):
        told(run, spread.runs)
        quick = replace(effort, seconds=end - seconds_at_work(), solver="none")
        if quick.seconds <= 0:
            break
        found = solve(name, perturbed(problem, spread, random), question, quick)
        if found.status == "cut_off":
            break
        if len(found.chosen):
            times[found.chosen] += 1
            runs += 1
    return Frequency(times, runs)


def perturbed(
    problem: LocationProblem, spread: Spread, random: np.random.Generator
) -> LocationProblem:
    """The problem with people and ways drawn anew; people are counted in finer parts."""
    farthest = float(problem.ms.max(initial=1)) + 1
    everybody = float(problem.weight.sum()) + 1
    room = min(MOST_TOTAL / 4 / everybody, _MOST_COST / (everybody * farthest))
    fine = max(1, min(_FINE, int(room)))
    people = 1 + spread.people * random.uniform(-1, 1, problem.points)
    way = 1 + spread.minutes * random.uniform(-1, 1, len(problem.ms))
    return replace(
        problem,
        weight=np.rint(problem.weight * fine * people).astype(np.int64),
        ms=np.rint(problem.ms * way).astype(np.int64),
        capacity=None if problem.capacity is None else problem.capacity * fine,
    )


def alternatives(
    asked: Asked,
    chosen: Ints,
    differ: int,
    most: int,
    effort: Effort,
) -> tuple[Alternative, ...]:
    """Up to `most` plans, each the best that does without at least `differ` of the plan's new
    sites, and without every site that an earlier alternative brought in.

    Found by a rule of the problem itself, so that status and bound hold; where the problem's own
    rules leave none free to say it with (a budget and quotas), there are no alternatives.
    """
    name, problem, question = asked
    new = chosen[~problem.fixed[chosen]]
    found: list[Alternative] = []
    used = np.zeros(problem.sites, np.bool_)
    share = replace(effort, seconds=effort.seconds / max(1, most))
    limited = _without_some(name, problem, new, differ) if 0 < differ <= len(new) else None
    while limited is not None and len(found) < most:
        free = replace(limited, forbidden=problem.forbidden | used)
        answer, stopped = _ask(name, free, question, share)
        if not len(answer.chosen):
            break
        found.append(Alternative(answer, int((~np.isin(new, answer.chosen)).sum())))
        before = used.copy()
        used[np.setdiff1d(answer.chosen, chosen)] = True
        if stopped or (used == before).all():
            break
    return tuple(found)


def _without_some(
    name: str, problem: LocationProblem, new: Ints, differ: int
) -> LocationProblem | None:
    """The problem where at most all but `differ` of the `new` sites may be open: as a budget of
    one for each where that is free, else as a group with a quota."""
    mine = np.zeros(problem.sites, np.int64)
    mine[new] = 1
    by_group = "at_least" in MODELS[name].needs
    if problem.at_least is None and problem.at_most is None and not by_group:
        most = np.array([problem.sites, len(new) - differ])
        return replace(problem, group=mine, at_most=most)
    if problem.budget is None and MODELS[name].unit == "people":
        return replace(problem, cost=mine, budget=len(new) - differ)
    return None


def _ask(
    name: str, problem: LocationProblem, question: Question, effort: Effort
) -> tuple[Found, bool]:
    """The answer, and whether somebody stopped the search: it was cut off with time left."""
    began = seconds_at_work()
    found = solve(name, problem, question, effort)
    early = seconds_at_work() - began < 0.9 * effort.seconds
    return found, found.status == "cut_off" and early


def _point(count: int, in_order: int | None, found: Found | None) -> CurvePoint:
    if found is None or not len(found.chosen):
        return CurvePoint(count, in_order, status=None if found is None else found.status)
    return CurvePoint(count, in_order, found.objective, found.bound, found.status)


def in_words(share: float) -> str:
    """`always`, `often` or `contested`."""
    return "always" if share >= ALWAYS else "often" if share >= OFTEN else "contested"
