"""The hard and the soft rule of siting: which candidates may be taken, which may be exchanged."""

from __future__ import annotations

import numpy as np

from geoplan.model import Bools, Ints
from geoplan.siting.problem import SitingProblem


def allowed_next(problem: SitingProblem, taken: Bools, among: Bools) -> Bools:
    """The candidates (k,) that may be taken next from `among`, given those `taken`.

    When as many picks are left as the groups still need, only groups that are short may be served:
    the last picks are reserved for them. The soft rule then narrows the choice to places without a
    site, if any is left. Taking one after another in this way keeps the hard rule and gives a first
    site to `first_sites` places, the most that any plan under the hard rule can.
    """
    free = among & ~taken
    here = np.bincount(problem.group[taken], minlength=len(problem.still_needed))
    short = np.maximum(problem.still_needed - here, 0)
    if problem.count - int(taken.sum()) <= int(short.sum()):
        free &= short[problem.group] > 0
    if problem.places_without_first:
        has_site = problem.place_has_site.copy()
        has_site[problem.place[taken]] = True
        first = free & ~has_site[problem.place]
        if first.any():
            return first
    return free


def may_replace(problem: SitingProblem, taken: Bools, leaving: int) -> Bools:
    """The candidates (k,) that may stand in for `leaving` without breaking either rule."""
    group, place = problem.group, problem.place
    here = np.bincount(group[taken], minlength=len(problem.still_needed))
    fine = ~taken
    home = group[leaving]
    if here[home] <= problem.still_needed[home]:
        fine &= group == home
    if problem.places_without_first:
        in_place = np.bincount(place[taken], minlength=len(problem.place_has_site))
        if in_place[place[leaving]] == 1 and not problem.place_has_site[place[leaving]]:
            opens = (in_place == 0) & ~problem.place_has_site
            opens[place[leaving]] = True
            fine &= opens[place]
    return fine


def places_to_open(problem: SitingProblem) -> Ints:
    """The places without a site that have a candidate; empty when the soft rule is off."""
    if not problem.places_without_first:
        return np.zeros(0, dtype=np.int64)
    places = np.unique(problem.place)
    return places[~problem.place_has_site[places]]


def first_sites(problem: SitingProblem) -> int:
    """How many places get their first site: the most that the hard rule leaves room for.

    A group that needs more new sites than it has places without one must put the rest elsewhere.
    """
    opening = places_to_open(problem)
    group_of = np.zeros(len(problem.place_has_site), dtype=np.int64)
    group_of[problem.place] = problem.group
    room = np.bincount(group_of[opening], minlength=len(problem.still_needed))
    elsewhere = int(np.maximum(problem.still_needed - room, 0).sum())
    return min(len(opening), problem.count - elsewhere)
