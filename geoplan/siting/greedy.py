"""Choose sites one after another, the best first, then exchange single ones while it helps.

Everything is integer, so the same problem gives the same plan to the last person; ties go to the
lowest candidate id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from geoplan.model import Bools, Codes, Coverage, Ints, Strings
from geoplan.siting.problem import SitingProblem
from geoplan.siting.rules import allowed_next, may_replace

_LISTED, _GAIN, _SAVED, _OF_PLACE = 0, 1, 2, 3
_FAR = np.int64(2**40)  # later than any travel time: the time of those who have no way today
_PASSES = 10  # of exchanges; each one strictly improves the plan, two or three are usual


class Objective(Enum):
    """What is made large: the first first, the next only among equals."""

    LISTED_FIRST = (_LISTED, _GAIN, _SAVED, _OF_PLACE)
    PEOPLE = (_GAIN, _SAVED, _OF_PLACE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The sites chosen, in order; gains are what each adds to those before it.

    `chosen` are positions among the candidates. `listed_gain` and `gain` are people newly within
    the threshold, in listed townships and in all; `saved_person_ms` is the time saved by those who
    have a way today. `after_*` (n,) describe the demand once all stand: who was UNDETERMINED is
    COVERED if a chosen site is within the threshold, who was UNREACHABLE and now has a way beyond
    it becomes UNCOVERED.
    """

    chosen: Ints
    candidate_id: Strings
    listed_gain: Ints
    gain: Ints
    saved_person_ms: Ints
    after_ms: Ints
    after_state: Codes


class _Tally:
    """What taking each candidate next would gain, kept up to date as sites come and go.

    `now` (n,) is each demand point's time to its nearest site. `worth` (4, k) holds the candidates'
    gains: people of listed townships and all people newly within the threshold, person-ms saved,
    and what never changes, the people of the candidate's place.
    Only pairs that beat today's time of people who count are kept.
    """

    def __init__(self, problem: SitingProblem) -> None:
        k = len(problem.candidate_id)
        state = problem.current_state
        unreachable = state == Coverage.UNREACHABLE
        self.threshold = problem.threshold_ms
        self.start = np.where(unreachable, _FAR, problem.current_ms.astype(np.int64))
        self.now = self.start.copy()
        self.weight = np.where(state == Coverage.UNDETERMINED, 0, problem.weight)
        self.listed_weight = np.where(problem.listed, self.weight, 0)
        self.time_weight = np.where(unreachable, 0, self.weight)
        useful = (self.weight[problem.demand] > 0) & (problem.ms < self.start[problem.demand])
        candidate = np.repeat(np.arange(k), np.diff(problem.indptr))[useful]
        self.demand = problem.demand[useful].astype(np.int64)
        self.ms = problem.ms[useful].astype(np.int64)
        self.by_candidate = np.searchsorted(candidate, np.arange(k + 1))
        order = np.argsort(self.demand, kind="stable")
        self.candidate_of, self.ms_of = candidate[order], self.ms[order]
        self.by_demand = np.searchsorted(self.demand[order], np.arange(len(self.start) + 1))
        self.worth = np.zeros((4, k), dtype=np.int64)
        if problem.place_people is not None:
            self.worth[_OF_PLACE] = problem.place_people[problem.place]
        near = self.ms <= self.threshold
        near &= self.now[self.demand] > self.threshold
        np.add.at(self.worth[_LISTED], candidate[near], self.listed_weight[self.demand[near]])
        np.add.at(self.worth[_GAIN], candidate[near], self.weight[self.demand[near]])
        shorter = (self.now[self.demand] - self.ms) * self.time_weight[self.demand]
        np.add.at(self.worth[_SAVED], candidate, shorter)

    def add(self, candidate: int) -> None:
        """The candidate now has a site."""
        pairs = slice(self.by_candidate[candidate], self.by_candidate[candidate + 1])
        demand, ms = self.demand[pairs], self.ms[pairs]
        nearer = ms < self.now[demand]
        self._move(demand[nearer], ms[nearer])

    def remove(self, candidate: int, others: Bools) -> None:
        """The candidate's site goes; people turn to the nearest of today's and the `others`."""
        pairs = slice(self.by_candidate[candidate], self.by_candidate[candidate + 1])
        demand = self.demand[pairs]
        demand = demand[self.ms[pairs] == self.now[demand]]
        if len(demand):
            at, lengths = self._pairs_of(demand)
            ms = np.where(others[self.candidate_of[at]], self.ms_of[at], _FAR)
            nearest = np.minimum.reduceat(ms, np.cumsum(lengths) - lengths)
            self._move(demand, np.minimum(nearest, self.start[demand]))

    def best(self, allowed: Bools, objective: Objective) -> int:
        """The allowed candidate worth most, the lowest among equals."""
        left = np.flatnonzero(allowed)
        for row in objective.value:
            worth = self.worth[row, left]
            left = left[worth == worth.max()]
        return int(left[0])

    def key(self, candidate: int, objective: Objective) -> tuple[int, ...]:
        return tuple(int(self.worth[row, candidate]) for row in objective.value)

    def _pairs_of(self, demand: Ints) -> tuple[Ints, Ints]:
        """The positions of all pairs of these demand points, and how many each has."""
        first = self.by_demand[demand]
        lengths = self.by_demand[demand + 1] - first
        skip = np.cumsum(lengths) - lengths
        return np.arange(int(lengths.sum())) + np.repeat(first - skip, lengths), lengths

    def _move(self, demand: Ints, new: Ints) -> None:
        """These demand points now have the time `new`; the candidates' worth follows."""
        at, lengths = self._pairs_of(demand)
        candidate, ms = self.candidate_of[at], self.ms_of[at]
        old = self.now[demand]
        change = (new > self.threshold).astype(np.int64) - (old > self.threshold)
        near = ms <= self.threshold
        for row, weight in ((_LISTED, self.listed_weight), (_GAIN, self.weight)):
            people = np.repeat(weight[demand] * change, lengths)
            np.add.at(self.worth[row], candidate[near], people[near])
        longer = np.maximum(np.repeat(new, lengths) - ms, 0)
        longer -= np.maximum(np.repeat(old, lengths) - ms, 0)
        saved = longer * np.repeat(self.time_weight[demand], lengths)
        np.add.at(self.worth[_SAVED], candidate, saved)
        self.now[demand] = new


def propose(
    problem: SitingProblem, objective: Objective = Objective.LISTED_FIRST, *, exchange: bool = True
) -> Proposal:
    """Greedy choice under both rules, then (`exchange`) one-for-one exchanges while they help.

    Lexicographic: people of listed townships newly within the threshold, then people of the target
    group newly within it, then person-milliseconds saved, then the people of the place. After
    exchanges the sites are put in the order in which the greedy choice would take them from the
    final set.
    """
    every = np.ones(len(problem.candidate_id), dtype=np.bool_)
    chosen, worth = _pick(problem, objective, every)
    if exchange and _exchange(problem, objective, chosen):
        among = np.zeros_like(every)
        among[chosen] = True
        chosen, worth = _pick(problem, objective, among)
    after_ms, after_state = _after(problem, chosen)
    return Proposal(
        chosen=chosen,
        candidate_id=problem.candidate_id[chosen],
        listed_gain=worth[_LISTED],
        gain=worth[_GAIN],
        saved_person_ms=worth[_SAVED],
        after_ms=after_ms,
        after_state=after_state,
    )


def mclp_plain(problem: SitingProblem) -> Proposal:
    """The same with covered people as the one objective (it fills cities), shown beside the plan.

    The maximal covering location problem of Church and ReVelle (1974); among equals the site that
    saves more time.
    """
    return propose(problem, Objective.PEOPLE)


def _pick(problem: SitingProblem, objective: Objective, among: Bools) -> tuple[Ints, Ints]:
    """Take `count` candidates from `among`, the best first: positions (p,) and worths (4, p)."""
    tally = _Tally(problem)
    taken = np.zeros(len(among), dtype=np.bool_)
    chosen = np.zeros(problem.count, dtype=np.int64)
    worth = np.zeros((4, problem.count), dtype=np.int64)
    for turn in range(problem.count):
        best = tally.best(allowed_next(problem, taken, among), objective)
        chosen[turn] = best
        worth[:, turn] = tally.worth[:, best]
        taken[best] = True
        tally.add(best)
    return chosen, worth


def _exchange(problem: SitingProblem, objective: Objective, chosen: Ints) -> bool:
    """Exchange sites of `chosen` (in place) one for one while the plan gets better; did it?"""
    tally = _Tally(problem)
    taken = np.zeros(len(problem.candidate_id), dtype=np.bool_)
    taken[chosen] = True
    for site in chosen:
        tally.add(int(site))
    improved = False
    for _ in range(_PASSES):
        swaps = 0
        for turn in np.argsort(chosen):
            leaving = int(chosen[turn])
            fine = may_replace(problem, taken, leaving)
            if not fine.any():
                continue
            taken[leaving] = False
            tally.remove(leaving, taken)
            best = tally.best(fine, objective)
            if tally.key(best, objective) > tally.key(leaving, objective):
                chosen[turn] = best
                swaps += 1
            taken[chosen[turn]] = True
            tally.add(int(chosen[turn]))
        improved |= swaps > 0
        if not swaps:
            break
    return improved


def _after(problem: SitingProblem, chosen: Ints) -> tuple[Ints, Codes]:
    """Times and states (n,) once the chosen sites stand.

    Who is UNDETERMINED today is COVERED if a chosen site is within the threshold, wherever the
    site of unknown place may be; else it stays undetermined.
    """
    undetermined = problem.current_state == Coverage.UNDETERMINED
    no_time = undetermined | (problem.current_state == Coverage.UNREACHABLE)
    ms = np.where(no_time, _FAR, problem.current_ms.astype(np.int64))
    for site in chosen:
        pairs = slice(problem.indptr[site], problem.indptr[site + 1])
        demand = problem.demand[pairs]
        ms[demand] = np.minimum(ms[demand], problem.ms[pairs])
    within = ms <= problem.threshold_ms
    known = np.where(undetermined, within, ms < _FAR)
    state = problem.current_state.astype(np.uint8)
    state[known] = np.where(within[known], Coverage.COVERED, Coverage.UNCOVERED)
    return np.where(known, ms, problem.current_ms), state
