"""Sites that may not both be open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.location import LocationProblem


def with_spacing_settled(problem: LocationProblem) -> LocationProblem:
    """The same question, where what is too near a fixed site is forbidden."""
    if problem.apart is None or not problem.fixed[problem.apart].any():
        return problem
    forbidden = problem.forbidden.copy()
    for one, other in ((0, 1), (1, 0)):
        forbidden[problem.apart[problem.fixed[problem.apart[:, one]], other]] = True
    return replace(problem, forbidden=forbidden)


def neighbours(problem: LocationProblem) -> tuple[Ints, Ints]:
    """The free sites that each free site may not stand beside, rising."""
    k = problem.sites
    pairs = np.zeros((0, 2), np.int64) if problem.apart is None else problem.apart.astype(np.int64)
    pairs = pairs[~(problem.fixed | problem.forbidden)[pairs].any(axis=1)]
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    start = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=k))])
    return start.astype(np.int64), np.ascontiguousarray(both[:, 1])


def too_near_together(near_start: Ints, near: Ints, among: Bools) -> list[tuple[int, ...]]:
    """Sets of sites, rising, of which only one may be open; every two that are apart are in one.

    Larger sets make tighter bounds than pairs (Murray and Church 1996): each pair not yet in a
    set takes in all that may not stand beside any of its members, the lowest first.
    """
    beside = {
        j: {int(other) for other in near[near_start[j] : near_start[j + 1]] if among[other]}
        for j in np.flatnonzero(among & (np.diff(near_start) > 0)).tolist()
    }
    open_pairs = {j: {other for other in others if other > j} for j, others in beside.items()}
    found = []
    for j in beside:
        while open_pairs[j]:
            members = [j, min(open_pairs[j])]
            for other in sorted(beside[members[0]] & beside[members[1]]):
                if all(other in beside[member] for member in members):
                    members.append(other)
            members.sort()
            for member in members:
                open_pairs[member] -= set(members)
            found.append(tuple(members))
    return found
