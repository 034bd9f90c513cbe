"""Every location model by name: what it asks for, what its objective counts, how it is solved.

A new model is a function of a `LocationProblem` and a line in `MODELS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geoplan.errors import BadInput
from geoplan.siting.asked import times_of
from geoplan.siting.capacitated import capacitated_cover
from geoplan.siting.fair import even_cover, worst_area
from geoplan.siting.location import ALL, Effort, Found, LocationProblem, Status, fault
from geoplan.siting.lscp import lscp, partial_cover
from geoplan.siting.mclp import mclp
from geoplan.siting.pcentre import p_centre
from geoplan.siting.pcentre_turns import p_centre_by_group, p_centre_in_turn
from geoplan.siting.pmedian import capacitated_median, p_median
from geoplan.siting.proving import proven
from geoplan.siting.question import Question

Unit = Literal["people", "person_ms", "ms", "cost", "millionths"]
_MOST_TURNS = 100
"""So many times the p-centre of those who can still be brought nearer is asked for."""


Solver = Callable[[LocationProblem, Question, Effort], Found]


@dataclass(frozen=True, slots=True)
class Model:
    """How a model is solved and read.

    `needs` are fields of the question (and of the problem: `area`, `at_least`, `capacity`) that
    must be given, `takes` others that may be; `unit` is what the objective counts, and `most`
    whether more of it is better. `cost` counts sites where the problem gives no cost.
    """

    solve: Solver
    needs: tuple[str, ...]
    unit: Unit
    most: bool
    takes: tuple[str, ...] = ()

    @property
    def covers(self) -> bool:
        """Whether people count by a threshold."""
        return "threshold_ms" in self.needs


def _mclp(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return mclp(problem, _asked(question.threshold_ms), question.count, question.times, effort)


def _backup(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    twice = replace(question, times=times_of("backup", question))
    return _mclp(problem, twice, effort)


def _lscp(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return lscp(problem, _asked(question.threshold_ms), effort)


def _partial(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    people = people_of_share(problem, _asked(question.share))
    return partial_cover(problem, _asked(question.threshold_ms), people, effort)


def _median(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return p_median(problem, _asked(question.count), effort, question.threshold_ms)


def _capacitated(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return capacitated_cover(problem, _asked(question.threshold_ms), question.count, effort)


def _capacitated_median(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return capacitated_median(problem, _asked(question.count), effort, question.threshold_ms)


def _worst_area(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return worst_area(problem, _asked(question.threshold_ms), question.count, effort)


def _even(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    threshold, gini = _asked(question.threshold_ms), _asked(question.gini)
    return even_cover(problem, threshold, question.count, gini, effort)


def _centre(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return p_centre(problem, _asked(question.count), effort)


def _centre_in_turn(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    return first_of(p_centre_in_turn(problem, _asked(question.count), _MOST_TURNS, effort))


def _centre_by_group(problem: LocationProblem, question: Question, effort: Effort) -> Found:
    """Groups and areas are the same places here, each with `at_least` sites of its own."""
    if problem.area is None or problem.at_least is None:
        raise BadInput([fault("model_needs", model="p-centre-by-group", what="area")])
    counts = problem.at_least.tolist()
    return all_of(p_centre_by_group(problem, problem.area, counts, effort))


MODELS: dict[str, Model] = {
    "mclp": Model(_mclp, ("threshold_ms",), "people", True, ("count", "times")),
    "backup": Model(_backup, ("threshold_ms",), "people", True, ("count", "times")),
    "lscp": Model(_lscp, ("threshold_ms",), "cost", False),
    "partial-cover": Model(_partial, ("threshold_ms", "share"), "cost", False),
    "p-median": Model(_median, ("count",), "person_ms", False, ("threshold_ms",)),
    "capacitated-cover": Model(
        _capacitated, ("threshold_ms", "capacity"), "people", True, ("count",)
    ),
    "capacitated-p-median": Model(
        _capacitated_median, ("count", "capacity"), "person_ms", False, ("threshold_ms",)
    ),
    "worst-area": Model(_worst_area, ("threshold_ms", "area"), "millionths", True, ("count",)),
    "even-cover": Model(_even, ("threshold_ms", "area", "gini"), "people", True, ("count",)),
    "p-centre": Model(_centre, ("count",), "ms", False),
    "p-centre-lexicographic": Model(_centre_in_turn, ("count",), "ms", False),
    "p-centre-by-group": Model(_centre_by_group, ("area", "at_least"), "ms", False),
}


def solve(
    name: str, problem: LocationProblem, question: Question, effort: Effort | None = None
) -> Found:
    """The answer of the model `name` (KeyError if there is none), with a proof if asked for.

    Raises:
        BadInput: naming every part of the question that the model needs and was not given.
    """
    model = MODELS[name]
    missing = [
        what
        for what in model.needs
        if getattr(question, what, None) is None and getattr(problem, what, None) is None
    ]
    if missing:
        raise BadInput([fault("model_needs", model=name, what=what) for what in missing])
    effort = effort or Effort()
    found = model.solve(problem, question, effort)
    return proven(name, problem, question, found, effort) if effort.proof else found


def people_of_share(problem: LocationProblem, share: int) -> int:
    """The fewest people that are at least so many millionths of all."""
    return -(-int(problem.weight.sum()) * share // ALL)


def first_of(found: Sequence[Found]) -> Found:
    """One answer of several asked in turn: the first one's objective, and the plan of the last
    that has one, which keeps what all before it came to; optimal only if all are."""
    last = next((each for each in reversed(found) if len(each.chosen)), found[0])
    stages = tuple(stage for each in found for stage in each.stages)
    chosen, served = last.chosen, last.served
    return replace(found[0], chosen=chosen, served=served, status=_worst(found), stages=stages)


def all_of(found: Sequence[Found]) -> Found:
    """One answer of several that share no site: the worst of them decides, and there is no plan
    where one of them has none."""
    stages = tuple(stage for each in found for stage in each.stages)
    if why := tuple(why for each in found for why in each.why):
        return Found(np.zeros(0, np.int64), 0, 0, _worst(found), why, stages)
    served = [each.served for each in found if each.served is not None]
    return Found(
        np.sort(np.concatenate([each.chosen for each in found])),
        max(each.objective for each in found),
        max(each.bound for each in found),
        _worst(found),
        stages=stages,
        served=np.unique(np.concatenate(served), axis=0) if served else None,
    )


def _worst(found: Sequence[Found]) -> Status:
    statuses = [each.status for each in found]
    order: tuple[Status, ...] = ("infeasible", "cut_off", "within")
    return next((each for each in order if each in statuses), "optimal")


def _asked(value: int | None) -> int:
    """A part of the question that `solve` has seen to be there."""
    return 0 if value is None else value
