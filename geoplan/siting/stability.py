"""How firm a plan of new sites is: chosen again when figures move, nearly as good otherwise, and
what each number of sites could bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geoplan.model import Coverage, Ints
from geoplan.siting.build_out import BuildOut, Goal, Rules, goal_of, question, rules_of
from geoplan.siting.location import Effort, Status
from geoplan.siting.mclp import mclp
from geoplan.siting.openings import needed_sites
from geoplan.siting.otherwise import Frequency, Spread, alternatives
from geoplan.siting.proposal import Best, Proposal, best_plan, filled
from geoplan.siting.question import Question

_FINE = 100  # a person is divided into so many parts before people are drawn


@dataclass(frozen=True, slots=True)
class Other:
    """Another plan of as many sites: those it leaves out, those it takes instead, its people."""

    without: Ints
    instead: Ints
    listed: int
    gain: int
    listed_bound: int
    status: Status


def losses(build: BuildOut, proposal: Proposal) -> Ints:
    """(p, 2) people of listed townships, and all people, whom no other site of the plan (and none
    that stands) keeps within the threshold when this one is struck out."""
    goal = goal_of(build)
    sites = proposal.openings.site
    turn = np.full(build.candidates, -1)
    turn[sites] = np.arange(len(sites))
    row = np.repeat(np.arange(len(goal.people)), np.diff(goal.start))
    opened = turn[goal.site] >= 0
    alone = np.bincount(row[opened], minlength=len(goal.people)) == 1
    lost = np.zeros((len(sites), 2), np.int64)
    only = opened & alone[row]
    people = goal.people[row[only]]
    np.add.at(lost[:, 0], turn[goal.site[only]], np.where(goal.listed[row[only]], people, 0))
    np.add.at(lost[:, 1], turn[goal.site[only]], people)
    return lost


def curve(build: BuildOut, counts: Sequence[int], effort: Effort) -> tuple[Best, ...]:
    """The best plan of each number of sites (rising), with its bound.

    Counties' minimums are left out: a plan of sites in order keeps them only at the end of a year.
    Where a number reaches everybody who can be reached, more sites can bring no more.
    """
    free = replace(build, still_needed=np.zeros_like(build.still_needed))
    goal = goal_of(free)
    most = int(goal.people[np.diff(goal.start) > 0].sum())
    points: list[Best] = []
    for count in counts:
        if points and points[-1].gain == most:
            points.append(replace(points[-1], count=count))
        else:
            points.append(best_plan(free, goal, rules_of(free, count), effort))
    return tuple(points)


def frequency(build: BuildOut, spread: Spread, seed: int, effort: Effort) -> Frequency:
    """How often each candidate stands in the best plan of the last year's number when people and
    minutes are drawn anew (seeded). What stands today, and who is listed, stay as they are."""
    random = np.random.default_rng(seed)
    slim = _useful(build, spread)
    rules = rules_of(slim, slim.by_year[-1])
    times = np.zeros(build.candidates, np.int64)
    quick = replace(effort, solver="none")
    for _ in range(spread.runs):
        people = 1 + spread.people * random.uniform(-1, 1, len(slim.weight))
        minutes = 1 + spread.minutes * random.uniform(-1, 1, len(slim.ms))
        drawn = replace(
            slim,
            weight=np.rint(slim.weight * _FINE * people).astype(np.int64),
            ms=np.rint(slim.ms * minutes).astype(np.int32),
        )
        times[_chosen(drawn, goal_of(drawn), rules, quick)] += 1
    return Frequency(times, spread.runs)


def _chosen(build: BuildOut, goal: Goal, rules: Rules, effort: Effort) -> Ints:
    """The sites of the quickest good plan, those that the cover leaves free by time saved."""
    if not rules.count or not len(goal.people):
        return filled(build, rules, np.zeros(0, np.int64))
    problem = question(build, goal, rules, goal.weighted(build.listed_weight))
    found = mclp(problem, build.threshold_ms, rules.count, effort=effort)
    return filled(build, rules, found.chosen)


def _useful(build: BuildOut, spread: Spread) -> BuildOut:
    """Without pairs that could not count in any draw."""
    counted = (build.weight > 0) & (build.current_state != Coverage.UNDETERMINED)
    unreachable = build.current_state == Coverage.UNREACHABLE
    now = np.where(unreachable, np.iinfo(np.int32).max, build.current_ms)
    kept = counted[build.demand] & (build.ms * (1 - spread.minutes) < now[build.demand])
    candidate = np.repeat(np.arange(build.candidates), np.diff(build.indptr))[kept]
    indptr = np.searchsorted(candidate, np.arange(build.candidates + 1))
    return replace(build, indptr=indptr, demand=build.demand[kept], ms=build.ms[kept])


def others(
    build: BuildOut, last: Best, differ: int, most: int, effort: Effort
) -> tuple[Other, ...]:
    """Up to `most` plans nearly as good as the best of the last year's number, each without at
    least `differ` of the sites that it needs. Sites that cover nobody more are not told."""
    goal = goal_of(build)
    rules = rules_of(build, last.count)
    if not last.count or not len(goal.people):
        return ()
    ours = needed(build, last.chosen)
    problem = question(build, goal, rules, goal.lexicographic)
    asked = ("mclp", problem, Question(threshold_ms=build.threshold_ms, count=last.count))
    found = []
    for other in alternatives(asked, ours, min(differ, len(ours)), most, effort):
        theirs = needed(build, other.found.chosen)
        listed, gain = goal.told(other.found.objective)
        found.append(
            Other(
                without=np.setdiff1d(ours, theirs),
                instead=np.setdiff1d(theirs, ours),
                listed=listed,
                gain=gain,
                listed_bound=goal.told(other.found.bound)[0],
                status=other.found.status,
            )
        )
    return tuple(found)


def needed(build: BuildOut, sites: Ints) -> Ints:
    """Those of the sites that bring somebody within the threshold, the best first taken."""
    opened = np.zeros((1, build.candidates), np.bool_)
    opened[0, sites] = True
    return np.flatnonzero(needed_sites(build, opened))
