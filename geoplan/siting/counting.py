"""Programmes that count people: covered by open sites, or served by sites of limited capacity.

The first variables open the sites that are not forbidden (fixed ones always). Then come the
variables that count people, each in one area: whether a row of demand is covered, or how many of
it a site serves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Ints
from geoplan.siting.allowed import Allowed
from geoplan.siting.areas import areas_of
from geoplan.siting.cover_programme import site_rules
from geoplan.siting.draft import Draft
from geoplan.siting.location import LocationProblem
from geoplan.siting.reduce import reduce_demand


@dataclass(frozen=True, slots=True)
class Counting:
    """A draft, and how many people each of the counting variables stands for, and where."""

    draft: Draft
    sites: Ints  # the sites that the first variables open
    counts: Ints  # positions of the counting variables
    people: Ints  # (counts,)
    area: Ints  # (counts,)

    def keep_shares(self, wanted: Ints) -> None:
        """At least so many people of each area (a,)."""
        short = np.flatnonzero(wanted)
        rank = np.full(len(wanted), -1)
        rank[short] = np.arange(len(short))
        here = np.flatnonzero(rank[self.area] >= 0)
        triples = (rank[self.area[here]], self.counts[here], -self.people[here])
        names = [("least_share", (area,)) for area in short.tolist()]
        self.draft.keep(triples, -wanted[short], names)

    def keep_people(self, target: int) -> None:
        row = np.zeros(len(self.counts), np.int64)
        triples = (row, self.counts, -self.people)
        self.draft.keep(triples, np.array([-target]), [("people", ())])

    def by_area(self, plan: Ints, areas: int) -> Ints:
        """People counted in each area by a plan of the programme's variables."""
        here = np.zeros(areas, np.int64)
        np.add.at(here, self.area, self.people * plan[self.counts])
        return here


@dataclass(frozen=True, slots=True)
class Ways:
    """Demand with people and its ways to sites that are not forbidden, within a threshold.

    The ways of row `i` stand at `start[i]:start[i + 1]`.
    """

    point: Ints  # (rows,)
    people: Ints  # (rows,)
    area: Ints  # (rows,)
    start: Ints
    site: Ints
    ms: Ints

    @property
    def row(self) -> Ints:
        return np.repeat(np.arange(len(self.point)), np.diff(self.start))


def ways_of(problem: LocationProblem, threshold_ms: int | None) -> Ways:
    """The ways that count; every inhabited demand point is a row, with or without a way."""
    alive = problem.weight > 0
    kept = np.repeat(alive, np.diff(problem.start)) & ~problem.forbidden[problem.site]
    if threshold_ms is not None:
        kept &= problem.ms <= threshold_ms
    before = np.concatenate([[0], np.cumsum(kept)])[problem.start]
    area, _ = areas_of(problem)
    return Ways(
        np.flatnonzero(alive),
        problem.weight[alive],
        area[alive],
        np.append(before[:-1][alive], before[-1]),
        problem.site[kept].astype(np.int64),
        problem.ms[kept].astype(np.int64),
    )


def open_sites(problem: LocationProblem, allowed: Allowed, cost: Ints | None = None) -> Counting:
    """A draft with the sites and the rules about them alone; `cost` (k,) is what opening takes."""
    sites = np.flatnonzero(~problem.forbidden)
    draft = Draft()
    worth = np.zeros(len(sites), np.int64) if cost is None else -cost[sites]
    draft.add(
        worth, np.ones(len(sites), np.int64), problem.fixed[sites].astype(np.int64), whole=True
    )
    free = np.flatnonzero(~problem.fixed[sites])
    table, limit, names = site_rules(allowed, sites[free])
    wide = table.tocoo()
    draft.keep((wide.coords[0], free[wide.coords[1]], wide.data), limit, names)
    nobody = np.zeros(0, np.int64)
    return Counting(draft, sites, nobody, nobody, nobody)


def covered(base: Counting, problem: LocationProblem, threshold_ms: int, exact: bool) -> Counting:
    """Whoever has an open site within the threshold counts.

    With `exact` nobody covered can be left uncounted, for rules that more people can break.
    """
    rows = reduce_demand(problem, threshold_ms)
    column = _columns(base.sites, problem.sites)
    zeros, ones = np.zeros(rows.rows, np.int64), np.ones(rows.rows, np.int64)
    z = base.draft.add(zeros, ones, whole=True)
    row = np.repeat(np.arange(rows.rows), np.diff(rows.start))
    at = np.arange(rows.rows)
    triples = (
        np.concatenate([row, at]),
        np.concatenate([column[rows.site], z]),
        np.concatenate([-np.ones(len(row), np.int64), ones]),
    )
    base.draft.keep(triples, zeros)
    if exact:
        pair = np.arange(len(row))
        both = (np.tile(pair, 2), np.concatenate([column[rows.site], z[row]]))
        sign = np.repeat(np.array([1, -1]), len(row))
        base.draft.keep((*both, sign), np.zeros(len(row), np.int64))
    return Counting(base.draft, base.sites, z, rows.weight, rows.area)


def served(
    base: Counting, ways: Ways, capacity: Ints | None, worth: Ints | None = None
) -> Counting:
    """How many people of each row each open site serves, at most its `capacity` (k,) in all.

    Without a capacity a row is served as a whole: nobody gains by its being split. `worth` is for
    serving one person, or one whole row, by each way.
    """
    draft, row, ways_in_all = base.draft, ways.row, len(ways.site)
    column = _columns(base.sites, int(base.sites.max(initial=-1)) + 1)
    unit = ways.people[row] if capacity is None else np.ones(ways_in_all, np.int64)
    most = ways.people[row] // unit
    worth = np.zeros(ways_in_all, np.int64) if worth is None else worth
    y = draft.add(worth, most)
    pair = np.arange(ways_in_all)
    x = column[ways.site]
    draft.keep(
        (np.tile(pair, 2), np.concatenate([y, x]), np.concatenate([np.ones_like(most), -most])),
        np.zeros(ways_in_all, np.int64),
    )
    limit = np.ones(len(ways.point), np.int64) if capacity is None else ways.people
    draft.keep((row, y, np.ones_like(most)), limit)
    if capacity is not None:
        at = np.arange(len(base.sites))
        triples = (
            np.concatenate([x, at]),
            np.concatenate([y, at]),
            np.concatenate([unit, -capacity[base.sites]]),
        )
        draft.keep(triples, np.zeros(len(at), np.int64), [("capacity", ())] * len(at))
    return Counting(draft, base.sites, y, unit, ways.area[row])


def serve_all(counting: Counting, ways: Ways, units: Ints, others: Ints | None = None) -> None:
    """All `units` of each row are served, by a way or by one of `others` (one a row, or none)."""
    others = np.zeros(0, np.int64) if others is None else others
    at = np.arange(len(ways.point))
    row = np.concatenate([ways.row, at[: len(others)]])
    variables = np.concatenate([counting.counts, others])
    names = [("demand", (point,)) for point in ways.point.tolist()]
    counting.draft.keep((row, variables, -np.ones(len(row), np.int64)), -units, names)


def cover_all(base: Counting, problem: LocationProblem, limit_ms: int) -> None:
    """Everybody has an open site within the limit."""
    rows = reduce_demand(problem, limit_ms)
    column = _columns(base.sites, problem.sites)
    row = np.repeat(np.arange(rows.rows), np.diff(rows.start))
    points = np.concatenate([rows.point, rows.lost_rows])
    triples = (row, column[rows.site], -np.ones(len(row), np.int64))
    names = [("demand", (point,)) for point in points.tolist()]
    base.draft.keep(triples, -np.ones(len(points), np.int64), names)


def _columns(sites: Ints, k: int) -> Ints:
    column = np.zeros(k, np.int64)
    column[sites] = np.arange(len(sites))
    return column
