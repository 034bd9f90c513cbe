"""Prices for the p-median: from Lagrangian steps, then from the relaxation with radius cuts.

A point's cost is at least c - sum over sites nearer than c of (c - their way) for every distance
c (Cornuejols, Nemhauser and Wolsey 1980). Cuts that a relaxed plan breaks are added in turn, as in
Benders' method (Duran-Mateluna, Ales and Elloumi 2023). Their prices, averaged over c, are a price
for the point that proves at least as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.asked import Asked
from geoplan.siting.check import NotProven, closes, weigh
from geoplan.siting.location import LocationProblem
from geoplan.siting.median_rows import nearest_first, rule_of
from geoplan.siting.pmedian_bound import LONGEST, NO_PLAN, Climb, Pace, ascend
from geoplan.siting.programme import Programme
from geoplan.siting.proof import Prices
from geoplan.siting.proving_rules import lines_of, rule_prices, settled_bounds, whole
from geoplan.siting.solvers import highs_of

_CLIMBS, _PACE = 6, (60, 10, 0.7)
_ROUNDS = 60
_BROKEN = 1e-7  # of the longest way
_LP_PAIRS = 2_000_000


@dataclass(slots=True)
class _Cuts:
    """Cuts in the solver: of which row of the demand, at which cost."""

    row: list[int]
    cost: list[int]


class MedianPrices:
    """Prices of one question, for the whole and for each node."""

    def __init__(self, question: Asked, problem: LocationProblem, status: Codes) -> None:
        self.question = question
        self.problem = problem
        self.rows, scale = nearest_first(problem)
        self.shift = scale.bit_length() - 1
        self.points = np.flatnonzero(problem.weight > 0)
        self.longest = float(self.rows.cost.max(initial=1))
        self.cuts = _Cuts([], [])
        self.solver: highspy.Highs | None = None
        self.nearest = self.rows.cost[self.rows.start]
        self.price = self.rows.cost[self.rows.stop - 1]
        self.status = status

    def suggest(self, status: Codes, seconds: float) -> tuple[Sequence[Prices], Floats] | None:
        """Lagrangian prices for the whole question, and always those of the relaxation."""
        if self.solver is not None:
            found = self._relaxed(self.solver, status, seconds)
            return None if found is None else ([found[0]], found[1])
        sets: list[Prices] = []
        now = status.copy()
        opened, done = self._climb(sets, now)
        if done or len(self.rows.cost) > _LP_PAIRS:
            return sets, opened
        self.solver = highs_of(self._programme(), seconds, relaxed=True)
        self.solver.setOptionValue("solver", "simplex")
        self._add(self.solver, np.arange(len(self.price)), self.price)
        found = self._relaxed(self.solver, now, seconds)
        return (sets, opened) if found is None else ([*sets, found[0]], found[1])

    def _climb(self, sets: list[Prices], status: Codes) -> tuple[Floats, bool]:
        """Raise Lagrangian bounds by turns, settling sites in `status` only as prices prove."""
        question, k = self.question, len(status)
        rule = rule_of(self.problem, int(question.site_rules[0].limit))
        best = np.zeros(k, np.bool_)
        goal = np.array([(-question.goal) << self.shift], np.int64)
        share = np.full(k, 0.5)
        climb = Climb(self.price.copy(), share, best, goal + 1, np.full(1, LONGEST))
        start = np.minimum(self.rows.start + 2 * k // (rule.number + 1), self.rows.stop - 1)
        climb.price[:] = self.rows.cost[start]
        for _ in range(_CLIMBS):
            pace = Pace(*_PACE, 1)
            value = ascend(self.rows, rule, status.copy(), climb, pace)
            sets.append(self._priced(climb.price, status))
            self.price = climb.price.copy()
            try:
                weighed = weigh(question, sets[-1], self.shift, status)
            except NotProven:
                sets.pop()
                break
            if closes(question, weighed, self.shift, status):
                return share, True
            if value == NO_PLAN or climb.length[0] < 1e-3:
                break
        return share, False

    def _priced(self, price: Ints, status: Codes) -> Prices:
        """Prices of the points, with rules priced to fit what they make the sites worth."""
        demand = np.zeros(len(self.question.unit), np.int64)
        demand[self.points] = -price
        worth = np.zeros(len(status), np.int64)
        row = np.repeat(np.arange(len(price)), self.rows.stop - self.rows.start)
        np.add.at(worth, self.rows.site, np.maximum(price[row] - self.rows.cost, 0))
        rule = rule_prices(self.question, worth, status)
        return Prices(demand, np.zeros(0, np.int64), rule)

    def _relaxed(
        self, solver: highspy.Highs, status: Codes, seconds: float
    ) -> tuple[Prices, Floats] | None:
        """Solve, add the cuts that are broken, until none is or enough is proven."""
        k = len(status)
        opened = np.zeros(k)
        solver.setOptionValue("time_limit", solver.getRunTime() + seconds)
        solver.changeColsBounds(k, np.arange(k, dtype=np.int32), *settled_bounds(status))
        for _ in range(_ROUNDS):
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            opened = np.array(solver.getSolution().col_value, np.float64)
            rows, costs = self._broken(opened)
            cost = float(self.nearest.sum()) + opened[k:].sum() * self.longest
            if not len(rows) or cost > float((-self.question.goal + 1) << self.shift):
                break
            self._add(solver, rows, costs)
        duals = np.abs(np.array(solver.getSolution().row_dual, np.float64))
        return self._averaged(duals), opened[:k]

    def _programme(self) -> Programme:
        """Sites, then each row's cost above its nearest site's, in units of the longest way."""
        n, k = len(self.price), len(self.status)
        lines, limit = lines_of(self.question, k + n)
        return Programme(
            worth=np.concatenate([np.zeros(k, np.int64), np.full(n, -1)]),
            rows=lines,
            limit=limit,
            lower=np.zeros(k + n, np.int64),
            upper=np.ones(k + n, np.int64),
            whole=np.ones(k + n, np.bool_),
        )

    def _averaged(self, duals: Floats) -> Prices:
        """The price of a point: the costs of its cuts, each as much as the cut's own price."""
        rules = len(self.question.site_rules)
        weight = duals[rules:]
        row, cost = np.array(self.cuts.row), np.array(self.cuts.cost, np.float64)
        n = len(self.price)
        sums = np.bincount(row, weights=weight, minlength=n)
        price = np.bincount(row, weights=weight * cost, minlength=n) + (1 - sums) * self.nearest
        demand = np.zeros(len(self.question.unit), np.int64)
        demand[self.points] = -np.rint(price).astype(np.int64)
        # The solver's objective is in units of the longest way.
        rule = whole(duals[:rules] * self.longest)
        return Prices(demand, np.zeros(0, np.int64), rule)

    def _broken(self, opened: Floats) -> tuple[Ints, Ints]:
        """Of each row the cut that the relaxed plan breaks most, at the cost where the sites
        nearer are open once in all."""
        k = len(self.status)
        rows = self.rows
        lengths = rows.stop - rows.start
        row = np.repeat(np.arange(len(lengths)), lengths)
        open_here = opened[:k][rows.site]
        sums = np.cumsum(open_here)
        before = np.concatenate([[0.0], sums])[rows.start]
        reached = sums - before[row] >= 1 - 1e-9
        last = rows.stop - 1
        first = np.minimum.reduceat(np.where(reached, np.arange(len(row)), len(row)), rows.start)
        at = np.minimum(first, last)
        level = rows.cost[at].astype(np.float64)
        nearer = np.maximum(level[row] - rows.cost, 0) * open_here
        least = level - np.add.reduceat(nearer, rows.start)
        broken = (least - self.nearest) / self.longest > opened[k:] + _BROKEN
        chosen = np.flatnonzero(broken)
        return chosen, rows.cost[at[chosen]]

    def _add(self, solver: highspy.Highs, rows: Ints, costs: Ints) -> None:
        """Put cuts into the solver: cost of the row + sum of (c - way) x >= c."""
        k = len(self.status)
        lengths = (self.rows.stop - self.rows.start)[rows]
        first = np.concatenate([[0], np.cumsum(lengths)])
        pairs = np.arange(first[-1]) + np.repeat(self.rows.start[rows] - first[:-1], lengths)
        level = np.repeat(costs, lengths)
        above = level - self.rows.cost[pairs]
        line = np.repeat(np.arange(len(rows)), lengths)
        kept = above > 0
        matrix = sparse.csr_array(
            (
                np.concatenate([above[kept] / self.longest, np.ones(len(rows))]),
                (
                    np.concatenate([line[kept], np.arange(len(rows))]),
                    np.concatenate([self.rows.site[pairs[kept]], k + rows]),
                ),
            ),
            shape=(len(rows), k + len(self.price)),
        )
        solver.addRows(
            len(rows),
            (costs - self.nearest[rows]) / self.longest,
            np.full(len(rows), highspy.kHighsInf),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        self.cuts.row += rows.tolist()
        self.cuts.cost += costs.tolist()
