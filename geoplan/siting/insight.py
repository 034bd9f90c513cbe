"""What a plan gives and to whom: its sites in order, what each closes, what is lost without it.

Everything is counted from the pairs in whole numbers, for any set of open sites. People count as
reached by a `Yardstick`: within the threshold, or, without one, with any way at all. What a plan
could be otherwise (curve, perturbed runs, alternatives) stands in `otherwise`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geoplan.access.equity import gini
from geoplan.model import Floats, Ints
from geoplan.siting.location import Int32s, LocationProblem
from geoplan.travel.compiled import by_numba

_FAR = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Who counts as reached: those with `times` open sites within the threshold, or, where there
    is none, with a way to any open site."""

    threshold_ms: int | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Service:
    """Each demand point's open site (-1: none) and the way to it, and how many of its people come
    to any (`going`), are reached, and take how many person-milliseconds in all.

    `by` is the nearest; of sites equally near the lowest position. Where sites have room for so
    many, it is the one that most of the point's people go to. `ms` is 0 where there is no way.
    """

    by: Int32s  # (n,)
    ms: Ints  # (n,)
    reached: Ints  # (n,) people
    going: Ints  # (n,) people
    person_ms: Ints  # (n,)

    @property
    def people(self) -> int:
        """All people reached."""
        return int(self.reached.sum())


@dataclass(frozen=True, slots=True)
class PlanSites:
    """The open sites of a plan, those that are fixed first and then in the order of opening.

    `gain_*` is what each adds when it opens after those before it, 0 for the fixed: people newly
    reached, and person-milliseconds that the others are brought nearer. `loss_*` is what is lost
    when it alone is struck out of the whole plan: people no longer reached, and person-milliseconds
    that those who keep a way go farther.
    """

    site: Ints  # (p,) positions
    order: Ints  # (p,) 0 where fixed, then 1, 2, ...
    gain_people: Ints
    gain_person_ms: Ints
    loss_people: Ints
    loss_person_ms: Ints


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """Before (only what stands) and after (the whole plan), by area (a,)."""

    people: Ints
    reached_before: Ints
    reached_after: Ints
    nearer: Ints  # people newly reached, with a way for the first time, or brought nearer
    person_ms_before: Ints  # of those with a way
    person_ms_after: Ints
    with_way_before: Ints  # people
    with_way_after: Ints
    gini_before: float | None  # of the reached shares, by people; None where nobody is reached
    gini_after: float | None


class _Pairs(NamedTuple):
    """The pairs of some sites, by site: site c's stand at `start[c]:start[c + 1]`."""

    start: Ints
    row: Int32s
    ms: Ints
    weight: Ints  # (n,)
    threshold: int  # _FAR: none
    times: int


class _State(NamedTuple):
    """Of each row: the nearest and second nearest open site's way (_FAR: none), which the nearest
    is, and how many open sites are within the threshold."""

    first: Ints
    second: Ints
    by: Int32s
    within: Int32s


def service(problem: LocationProblem, yardstick: Yardstick, opened: Ints) -> Service:
    """Who goes where when the sites `opened` (positions) are open."""
    *_, last = services_in_order(problem, yardstick, np.sort(opened), len(opened))
    return last


def services_in_order(
    problem: LocationProblem, yardstick: Yardstick, order: Ints, first: int = 0
) -> Iterator[Service]:
    """Who goes where when the first so many sites of `order` are open, from `first` to all of them.

    Of sites equally near the one that stands first in `order` counts.
    """
    pairs = _pairs_of(problem, yardstick, order)
    state = _blank(problem.points)
    for count in range(len(order) + 1):
        if count:
            _add(pairs, state, count - 1)
        if count < first:
            continue
        some = state.by >= 0
        by = np.full(problem.points, -1, np.int32)
        by[some] = order[state.by[some]]
        near = some if yardstick.threshold_ms is None else state.within >= yardstick.times
        ms = np.where(some, state.first, 0)
        reached, going = (np.where(flags, problem.weight, 0) for flags in (near, some))
        yield Service(by, ms, reached, going, problem.weight * ms)


def plan_sites(problem: LocationProblem, yardstick: Yardstick, chosen: Ints) -> PlanSites:
    """The sites of a plan in order: next comes the one by which most people are newly reached,
    then that brings the others nearer by most person-milliseconds, then the lowest position.
    """
    fixed, new = chosen[problem.fixed[chosen]], chosen[~problem.fixed[chosen]]
    sites = np.concatenate([fixed, new]).astype(np.int64)
    pairs = _pairs_of(problem, yardstick, sites)
    state = _blank(problem.points)
    gains = np.zeros((2, len(sites)), np.int64)
    order = np.arange(len(sites))
    for at in range(len(fixed)):
        _add(pairs, state, at)
    _open_in_turn(pairs, state, order, gains, len(fixed))
    losses = np.zeros((2, len(sites)), np.int64)
    _losses(pairs, state, losses)
    return PlanSites(
        sites[order],
        np.maximum(np.arange(len(sites)) - len(fixed) + 1, 0),
        gains[0, order],
        gains[1, order],
        losses[0, order],
        losses[1, order],
    )


def area_figures(problem: LocationProblem, before: Service, after: Service) -> AreaFigures:
    """Who gains, and how evenly people are served; without areas all people live in one."""
    area = problem.area_of

    def by_area(amount: Ints) -> Ints:
        total = np.zeros(problem.areas, np.int64)
        np.add.at(total, area, amount)
        return total

    people, reached = by_area(problem.weight), (by_area(before.reached), by_area(after.reached))
    closer = (after.by >= 0) & ((before.by < 0) | (after.ms < before.ms))
    gains = closer | (after.reached > before.reached)
    return AreaFigures(
        people=people,
        reached_before=reached[0],
        reached_after=reached[1],
        nearer=by_area(np.where(gains, problem.weight, 0)),
        person_ms_before=by_area(before.person_ms),
        person_ms_after=by_area(after.person_ms),
        with_way_before=by_area(before.going),
        with_way_after=by_area(after.going),
        gini_before=_gini(reached[0], people),
        gini_after=_gini(reached[1], people),
    )


def _gini(reached: Ints, people: Ints) -> float | None:
    some = people > 0
    share: Floats = reached[some] / people[some]
    return float(gini(share, people[some])) if share.any() else None


def _pairs_of(problem: LocationProblem, yardstick: Yardstick, sites: Ints) -> _Pairs:
    place = np.full(problem.sites, -1)
    place[sites] = np.arange(len(sites))
    at = place[problem.site]
    kept = np.flatnonzero(at >= 0)
    kept = kept[np.argsort(at[kept], kind="stable")]
    row = np.searchsorted(problem.start, kept, side="right") - 1
    start = np.concatenate([[0], np.cumsum(np.bincount(at[kept], minlength=len(sites)))])
    threshold = _FAR if yardstick.threshold_ms is None else yardstick.threshold_ms
    ms = problem.ms[kept].astype(np.int64)
    rows = row.astype(np.int32)
    return _Pairs(start, rows, ms, problem.weight, threshold, yardstick.times)


def _blank(points: int) -> _State:
    return _State(
        np.full(points, _FAR),
        np.full(points, _FAR),
        np.full(points, -1, np.int32),
        np.zeros(points, np.int32),
    )


@by_numba
def _add(pairs: _Pairs, state: _State, c: int) -> None:
    for q in range(pairs.start[c], pairs.start[c + 1]):
        i, ms = pairs.row[q], pairs.ms[q]
        if ms <= pairs.threshold:
            state.within[i] += 1
        if ms < state.first[i]:
            state.second[i] = state.first[i]
            state.first[i] = ms
            state.by[i] = c
        elif ms < state.second[i]:
            state.second[i] = ms


@by_numba
def _gain(pairs: _Pairs, state: _State, c: int) -> tuple[int, int]:
    people, saved = 0, 0
    for q in range(pairs.start[c], pairs.start[c + 1]):
        i, ms = pairs.row[q], pairs.ms[q]
        first = state.first[i]
        if pairs.threshold == _FAR:
            if first == _FAR:
                people += pairs.weight[i]
        elif ms <= pairs.threshold and state.within[i] == pairs.times - 1:
            people += pairs.weight[i]
        if first != _FAR and ms < first:
            saved += pairs.weight[i] * (first - ms)
    return people, saved


@by_numba
def _open_in_turn(pairs: _Pairs, state: _State, order: Ints, gains: Ints, done: int) -> None:
    """Put the sites from `done` on in order (in place), and note what each adds."""
    for turn in range(done, len(order)):
        best, best_people, best_saved = turn, -1, -1
        for later in range(turn, len(order)):
            people, saved = _gain(pairs, state, order[later])
            more = people > best_people or (people == best_people and saved > best_saved)
            if more:
                best, best_people, best_saved = later, people, saved
        c = order[best]
        for back in range(best, turn, -1):  # the others keep their order
            order[back] = order[back - 1]
        order[turn] = c
        gains[0, c], gains[1, c] = best_people, best_saved
        _add(pairs, state, c)


@by_numba
def _losses(pairs: _Pairs, state: _State, losses: Ints) -> None:
    for c in range(len(pairs.start) - 1):
        for q in range(pairs.start[c], pairs.start[c + 1]):
            i, ms = pairs.row[q], pairs.ms[q]
            alone = state.by[i] == c and state.second[i] == _FAR
            if pairs.threshold == _FAR:
                if alone:
                    losses[0, c] += pairs.weight[i]
            elif ms <= pairs.threshold and state.within[i] == pairs.times:
                losses[0, c] += pairs.weight[i]
            if state.by[i] == c and not alone:
                losses[1, c] += pairs.weight[i] * (state.second[i] - state.first[i])
