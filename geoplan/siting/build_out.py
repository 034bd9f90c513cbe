"""Where a programme's next sites go: who counts, which plans are allowed, and what is made large.

Rows are demand (n,), columns are candidates (k,), counties (c,), places are townships (t,). Travel
time is integer milliseconds, people are integers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geoplan.model import Bools, Codes, Coverage, Ints, Strings
from geoplan.siting.location import Int32s, LocationProblem


@dataclass(frozen=True, slots=True)
class BuildOut:
    """Open so many new sites among the candidates, whose ids are sorted and all different.

    The pairs of candidate `c` stand at `indptr[c]:indptr[c + 1]` of `demand` (rising) and `ms`:
    only pairs that are eligible and have a way, of any length.

    `current_state` holds `model.Coverage` codes: COVERED is at most `threshold_ms` to a site today,
    UNCOVERED more. UNDETERMINED demand counts in nothing. UNREACHABLE demand can be covered but
    saves no minutes, because it has none today.

    `by_year` says how many new sites stand at the end of each year, rising. Hard rule: at least
    `still_needed[j]` of them in county `j`, and these first. Soft rule (`first_sites`): while there
    are places without a site, only such places get one, one each; it is left out where a county
    needs more new sites than it has such places.
    """

    candidate_id: Strings  # (k,)
    indptr: Ints  # (k + 1,)
    demand: Int32s  # (pairs,)
    ms: Int32s  # (pairs,)
    weight: Ints  # (n,) people of the target group
    listed: Bools  # (n,) demand in listed townships
    current_ms: Ints  # (n,)
    current_state: Codes  # (n,)
    threshold_ms: int
    by_year: tuple[int, ...]
    listed_weight: int  # as so many others a person of a listed township counts between years
    county: Ints  # (k,)
    still_needed: Ints  # (c,)
    place: Ints  # (k,)
    place_has_site: Bools  # (t,)
    place_people: Ints  # (t,) decides among candidates that gain and save the same
    first_sites: bool = False

    @property
    def candidates(self) -> int:
        return len(self.candidate_id)

    @property
    def open_to(self) -> Bools:
        """Demand (n,) that a new site could bring within the threshold."""
        state = self.current_state
        beyond: Bools = (state == Coverage.UNCOVERED) | (state == Coverage.UNREACHABLE)
        return beyond


@dataclass(frozen=True, slots=True)
class Rules:
    """Which sets of candidates may stand once there are `count` of them.

    A rule counts the sites of each group; places are groups where every place without a site gets
    one, else counties are. `one_a_place`: no two sites in one place.
    """

    count: int
    forbidden: Bools  # (k,)
    group: Ints  # (k,)
    at_least: Ints  # (g,)
    at_most: Ints  # (g,)
    one_a_place: bool


@dataclass(frozen=True, slots=True)
class Goal:
    """What a plan is worth: people of listed townships before all others, as one whole number.

    Everybody in listed townships weighs `first`, more than all the others together.
    """

    start: Ints  # (rows + 1,) pairs within the threshold of demand that is open to be covered
    site: Int32s
    ms: Int32s
    people: Ints  # (rows,)
    listed: Bools  # (rows,)
    first: int

    @property
    def lexicographic(self) -> Ints:
        return self.weighted(self.first)

    def weighted(self, listed: int) -> Ints:
        return np.where(self.listed, self.people * listed, self.people)

    def told(self, value: int) -> tuple[int, int]:
        """People of listed townships, and all people, in a worth (or a bound of it)."""
        listed, others = divmod(value, self.first)
        return listed, listed + min(others, int(self.people[~self.listed].sum()))


def goal_of(build: BuildOut) -> Goal:
    """Who could be brought within the threshold by which candidate."""
    counted = build.open_to & (build.weight > 0)
    rows = np.flatnonzero(counted)
    near = counted[build.demand] & (build.ms <= build.threshold_ms)
    candidate = np.repeat(np.arange(build.candidates), np.diff(build.indptr))[near]
    demand, ms = build.demand[near], build.ms[near]
    order = np.argsort(demand, kind="stable")
    start = np.searchsorted(demand[order], np.append(rows, len(build.weight)))
    people, listed = build.weight[rows], build.listed[rows]
    return Goal(
        start=start.astype(np.int64),
        site=candidate[order].astype(np.int32),
        ms=ms[order].astype(np.int32),
        people=people,
        listed=listed,
        first=1 + int(people[~listed].sum()),
    )


def rules_of(build: BuildOut, count: int) -> Rules:
    """The rules of both kinds for `count` new sites.

    While there are fewer than the counties still need, only these counties get sites.
    """
    needed, k = build.still_needed, build.candidates
    forbidden = np.zeros(k, np.bool_)
    at_least, at_most = needed, np.full(len(needed), k)
    if count < int(needed.sum()):
        forbidden |= needed[build.county] == 0
        at_least, at_most = np.zeros_like(needed), needed
    rules = Rules(count, forbidden, build.county, at_least, at_most, one_a_place=False)
    opening = places_to_open(build)
    if not len(opening):
        return rules
    if count <= len(opening):
        beside = build.place_has_site[build.place]
        return replace(rules, forbidden=forbidden | beside, one_a_place=True)
    every = np.zeros(len(build.place_has_site), np.int64)
    every[opening] = 1
    return Rules(count, forbidden, build.place, every, np.full(len(every), k), one_a_place=False)


def places_to_open(build: BuildOut) -> Ints:
    """The places without a site that have a candidate; none where the soft rule does not hold."""
    if not build.first_sites:
        return np.zeros(0, np.int64)
    places, first = np.unique(build.place, return_index=True)
    opening = ~build.place_has_site[places]
    room = np.bincount(build.county[first][opening], minlength=len(build.still_needed))
    if (build.still_needed > room).any():
        return np.zeros(0, np.int64)
    return places[opening].astype(np.int64)


def question(build: BuildOut, goal: Goal, rules: Rules, weight: Ints) -> LocationProblem:
    """The location problem of one number of sites; `weight` (rows,) is what covering counts."""
    group, at_least, at_most, apart = rules.group, rules.at_least, rules.at_most, None
    if rules.one_a_place and not build.still_needed.any():
        group = build.place
        at_least = np.zeros(len(build.place_has_site), np.int64)
        at_most = np.ones_like(at_least)
    elif rules.one_a_place:
        apart = _same_place(build, ~rules.forbidden)
    k = build.candidates
    return LocationProblem(
        start=goal.start,
        site=goal.site,
        ms=goal.ms,
        weight=weight,
        sites=k,
        fixed=np.zeros(k, np.bool_),
        forbidden=rules.forbidden,
        group=group,
        at_least=at_least,
        at_most=at_most,
        apart=apart,
    )


def _same_place(build: BuildOut, usable: Bools) -> Ints:
    """Pairs of candidates that stand in one place."""
    order = np.flatnonzero(usable)
    order = order[np.argsort(build.place[order], kind="stable")]
    pairs: list[tuple[int, int]] = []
    for here in np.split(order, np.flatnonzero(np.diff(build.place[order])) + 1):
        pairs += [(int(a), int(b)) for at, a in enumerate(here) for b in here[at + 1 :]]
    return np.array(pairs, np.int64).reshape(-1, 2)


def sparse_pairs(ms: Int32s, usable: Bools) -> tuple[Ints, Int32s, Int32s]:
    """The pairs by candidate of a dense (n, k) matrix: `indptr`, `demand`, `ms`.

    `usable` (n, k) says which pairs are eligible and have a way.
    """
    by_candidate = np.ascontiguousarray(usable.T)
    indptr = np.concatenate([[0], np.cumsum(by_candidate.sum(axis=1, dtype=np.int64))])
    demand = (np.flatnonzero(by_candidate) % max(len(ms), 1)).astype(np.int32)
    return indptr, demand, np.ascontiguousarray(ms.T)[by_candidate].astype(np.int32)
