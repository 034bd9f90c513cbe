"""In which order the sites of a plan open, and where those that the cover leaves free should go.

A plan that covers as many as can be covered often needs fewer sites than it may have. The others go
where they save most time. Everything is whole numbers; ties go to the lowest candidate.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Codes, Coverage, Ints
from geoplan.siting.build_out import BuildOut, Rules

LISTED, GAIN, SAVED, OF_PLACE = range(4)
_FAR = np.int64(2**40)  # later than any travel time: the time of those who have no way today


@dataclass(frozen=True, slots=True)
class Openings:
    """The sites in the order in which they open; `year` is the position of the year.

    `worth` (p, 4) is what each adds to those before it: people of listed townships and all people
    newly within the threshold, person-milliseconds saved by those who have a way today, and the
    people of its place.
    """

    site: Ints  # (p,)
    year: Ints  # (p,)
    worth: Ints  # (p, 4)


class Tally:
    """What opening each candidate next would add; `now` (n,) is the time to the nearest site."""

    def __init__(self, build: BuildOut) -> None:
        state = build.current_state
        unreachable = state == Coverage.UNREACHABLE
        self.threshold = build.threshold_ms
        self.now = np.where(unreachable, _FAR, build.current_ms.astype(np.int64))
        self.weight = np.where(state == Coverage.UNDETERMINED, 0, build.weight)
        self.listed = np.where(build.listed, self.weight, 0)
        self.timed = np.where(unreachable, 0, self.weight)
        self.of_place = build.place_people[build.place]
        nearer = (self.weight[build.demand] > 0) & (build.ms < self.now[build.demand])
        candidate = np.repeat(np.arange(build.candidates), np.diff(build.indptr))[nearer]
        self.start = np.searchsorted(candidate, np.arange(build.candidates + 1))
        self.demand = build.demand[nearer].astype(np.int64)
        self.ms = build.ms[nearer].astype(np.int64)

    def worth(self, site: int) -> tuple[int, int, int, int]:
        demand, ms = self._pairs(site)
        now = self.now[demand]
        near = demand[(ms <= self.threshold) & (now > self.threshold)]
        saved = np.maximum(now - ms, 0) * self.timed[demand]
        return (
            int(self.listed[near].sum()),
            int(self.weight[near].sum()),
            int(saved.sum()),
            int(self.of_place[site]),
        )

    def add(self, site: int) -> None:
        demand, ms = self._pairs(site)
        self.now[demand] = np.minimum(self.now[demand], ms)

    def _pairs(self, site: int) -> tuple[Ints, Ints]:
        part = slice(self.start[site], self.start[site + 1])
        return self.demand[part], self.ms[part]


def openings(build: BuildOut, plan: Bools, rules: Sequence[Rules]) -> Openings:
    """Order the sites that `plan` (years, k) needs, and add those that are still to be opened.

    Within a year first comes what brings most people of listed townships within the threshold, then
    most people, then what saves most time, then the place with most people.
    """
    needed = needed_sites(build, plan)
    core = [needed & opened for opened in plan]
    turn = _Turn(build, core, rules)
    for year in range(len(rules)):
        turn.year = year
        turn.open_core()
        turn.open_others()
    return Openings(
        np.array(turn.sites, np.int64),
        np.array(turn.years, np.int64),
        np.array(turn.worths, np.int64).reshape(-1, 4),
    )


def after(build: BuildOut, sites: Ints) -> tuple[Ints, Codes]:
    """Times and states (n,) once the sites stand.

    Who is UNDETERMINED today is COVERED if one of them is within the threshold, wherever the site
    of unknown place may be; else it stays undetermined.
    """
    undetermined = build.current_state == Coverage.UNDETERMINED
    no_time = undetermined | (build.current_state == Coverage.UNREACHABLE)
    ms = np.where(no_time, _FAR, build.current_ms.astype(np.int64))
    for site in sites:
        pairs = slice(build.indptr[site], build.indptr[site + 1])
        demand = build.demand[pairs]
        ms[demand] = np.minimum(ms[demand], build.ms[pairs])
    within = ms <= build.threshold_ms
    known = np.where(undetermined, within, ms < _FAR)
    state = build.current_state.astype(np.uint8)
    state[known] = np.where(within[known], Coverage.COVERED, Coverage.UNCOVERED)
    return np.where(known, ms, build.current_ms), state


class _Best:
    """Some candidates, the best first; what one adds only falls as others open (lazy greedy)."""

    def __init__(self, tally: Tally, sites: Ints) -> None:
        self._tally = tally
        self._heap = [self._entry(int(site)) for site in sites]
        heapq.heapify(self._heap)

    def next(self, allowed: Bools) -> tuple[int, tuple[int, ...]] | None:
        """The best allowed candidate and what it adds; who is not allowed now never will be."""
        while self._heap:
            known = self._heap[0]
            site = known[-1]
            if not allowed[site]:
                heapq.heappop(self._heap)
                continue
            now = self._entry(site)
            if now == known:
                heapq.heappop(self._heap)
                return site, tuple(-amount for amount in now[:-1])
            heapq.heapreplace(self._heap, now)
        return None

    def _entry(self, site: int) -> tuple[int, ...]:
        return (*(-amount for amount in self._tally.worth(site)), site)


def needed_sites(build: BuildOut, plan: Bools) -> Bools:
    """The sites of the plan that bring somebody within the threshold when they open."""
    tally = Tally(build)
    needed = np.zeros(build.candidates, np.bool_)
    for opened in plan:
        best = _Best(tally, np.flatnonzero(opened & ~needed))
        while (found := best.next(opened)) and found[1][GAIN] > 0:
            needed[found[0]] = True
            tally.add(found[0])
    return needed


class _Turn:
    """Opening site after site, year after year."""

    def __init__(self, build: BuildOut, core: Sequence[Bools], rules: Sequence[Rules]) -> None:
        self._build, self._core, self._rules = build, core, rules
        self._tally = Tally(build)
        self.taken = np.zeros(build.candidates, np.bool_)
        self.year = 0
        self.sites: list[int] = []
        self.years: list[int] = []
        self.worths: list[tuple[int, ...]] = []

    def open_core(self) -> None:
        """Those of the plan's own sites that open this year."""
        wanted = self._core[self.year]
        self._open_best(wanted & ~self.taken, lambda: wanted)

    def open_others(self) -> None:
        """Sites that may stand besides, while this year and all later ones have room."""
        self._open_best(self._allowed(), self._allowed)

    def _open_best(self, some: Bools, allowed: Callable[[], Bools]) -> None:
        best = _Best(self._tally, np.flatnonzero(some))
        while self._room() > 0 and (found := best.next(allowed())):
            site, worth = found
            self._tally.add(site)
            self.taken[site] = True
            self.sites.append(site)
            self.years.append(self.year)
            self.worths.append(worth)

    def _room(self) -> int:
        """Sites that may open besides the plan's own; all of them while those are not yet open."""
        rest = range(self.year, len(self._rules))
        ours = self._core[self.year] & ~self.taken
        if ours.any():
            return self._rules[self.year].count - int(self.taken.sum())
        return min(self._rules[t].count - int((self.taken | self._core[t]).sum()) for t in rest)

    def _allowed(self) -> Bools:
        """Candidates that may open besides; the last ones only where a minimum still wants them."""
        rules, groups = self._rules[self.year], len(self._rules[self.year].at_least)
        claimed = self.taken | self._core[-1]
        here = np.bincount(rules.group[claimed], minlength=groups)
        allowed = ~claimed & ~rules.forbidden & (here < rules.at_most)[rules.group]
        if rules.one_a_place:
            there = np.bincount(self._build.place[claimed], minlength=len(self._build.place_people))
            allowed &= there[self._build.place] == 0
        stand = np.bincount(rules.group[self.taken], minlength=groups)
        short = np.maximum(rules.at_least - stand, 0)
        if self._room() <= int(short.sum()):
            allowed &= (short > 0)[rules.group]
        return allowed
