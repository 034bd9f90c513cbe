"""Prices for covering questions, from the linear relaxation of the question as it stands.

Points with the same sites share a row, and the price of a row is dealt out to its points again.
Nothing else is reduced, so that the prices are good for the whole question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import highspy
import numpy as np
from scipy import sparse

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.asked import Asked
from geoplan.siting.location import FREE, OPEN, SHUT, LocationProblem
from geoplan.siting.programme import Programme
from geoplan.siting.proof import Prices
from geoplan.siting.proving_large import lagrangian_prices, with_rules
from geoplan.siting.proving_rows import Rows, alike, filled, summed
from geoplan.siting.proving_rules import contradiction, lines_of, settled_bounds, whole
from geoplan.siting.solvers import highs_of, scale_worths

_ROOM = 54  # bits that the sum of all prices may have
_SPARE = 4  # bits by which all that is lost in rounding is less than one


_LP_PAIRS = 1_500_000


class CoverPrices:
    """The relaxation of one question, solved again for each node with its sites settled."""

    def __init__(self, question: Asked, problem: LocationProblem, status: Codes) -> None:
        self.question = question
        self.problem = problem
        self.rows = alike(question, status)
        largest = float(question.gain.sum() + question.cost.sum() + 1)
        rounded = len(question.unit) + sum(
            float(rule.amount.sum()) for rule in question.people_rules
        )
        fine = np.ceil(np.log2(rounded + 1)) + _SPARE
        self.shift = int(max(0, min(fine, _ROOM - np.ceil(np.log2(largest)))))
        self.programme = _programme(question, self.rows, status)
        self.need = self.rows.need
        self.solver: highspy.Highs | None = None
        self.scale = 1.0

    def suggest(self, status: Codes, seconds: float) -> tuple[Sequence[Prices], Floats] | None:
        """One set of prices; where the relaxation has no plan they tell why not."""
        if len(self.question.row) > _LP_PAIRS:
            return self._steps(status, seconds)
        if self.solver is None:
            self.solver = highs_of(self.programme, seconds, relaxed=True)
            self.solver.setOptionValue("solver", "simplex")
            self.scale = scale_worths(self.solver, self.programme)
        solver, question, k = self.solver, self.question, len(status)
        solver.setOptionValue("time_limit", solver.getRunTime() + seconds)
        solver.changeColsBounds(k, np.arange(k, dtype=np.int32), *settled_bounds(status))
        if question.times > 1:
            self._need_less(solver, status)
        solver.run()
        solution = solver.getSolution()
        opened = np.array(solution.col_value[:k], np.float64)
        if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            prices = np.abs(np.array(solution.row_dual, np.float64)) * self.scale
            return [self._dealt(prices)], opened
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            gain = float(question.gain.sum() + question.cost.sum()) + abs(question.goal)
            now = self._now(status) if question.times > 1 else self.programme
            return [self._dealt(contradiction(solver, now, status, gain))], opened
        return None

    def _steps(self, status: Codes, seconds: float) -> tuple[Sequence[Prices], Floats] | None:
        """Lagrangian prices; not where all must be served or shares be kept."""
        question = self.question
        if question.all_served or question.people_rules:
            return None
        found = lagrangian_prices(question, self.problem, self.rows, status, seconds)
        rules = np.zeros(len(question.site_rules))
        prices = self._dealt(np.concatenate([found, rules]))
        return [with_rules(question, prices, status)], np.full(len(status), 0.5)

    def _need_less(self, solver: highspy.Highs, status: Codes) -> None:
        """Rows that need several sites need fewer of the rest once some are open."""
        k, m = len(status), len(self.rows.need)
        limit, need = self._needs(status)
        for row in np.flatnonzero(need != self.need).tolist():
            solver.changeCoeff(row, k + row, float(need[row]))
        self.need = need
        rows, least = np.arange(m, dtype=np.int32), np.full(m, -highspy.kHighsInf)
        most = limit.astype(np.float64)
        solver.changeRowsBounds(m, rows, least, most)  # type: ignore[attr-defined]  # not in stubs

    def _needs(self, status: Codes) -> tuple[Ints, Ints]:
        """Limits of the demand rows, and how many more sites they need."""
        opened = -(self.programme.rows[: len(self.rows.need), : len(status)] @ (status == OPEN))
        return -np.minimum(opened, self.rows.need), np.maximum(self.rows.need - opened, 0)

    def _now(self, status: Codes) -> Programme:
        """The programme as the solver holds it."""
        programme, k, m = self.programme, len(status), len(self.rows.need)
        limit, need = self._needs(status)
        at = np.arange(m)
        less = sparse.csr_array((self.rows.need - need, (at, k + at)), shape=programme.rows.shape)
        limits = np.concatenate([limit, programme.limit[m:]])
        return replace(programme, rows=(programme.rows - less).tocsr(), limit=limits)

    def _dealt(self, prices: Floats) -> Prices:
        """Prices of the programme's rows in whole numbers, for the points and the rules."""
        question, rows = self.question, self.rows
        scaled, m = whole(prices * float(1 << self.shift)), len(rows.need)
        rule = scaled[m:]
        most: Ints = question.gain * (1 << self.shift)
        for price, each in zip(
            rule[len(question.site_rules) :].tolist(), question.people_rules, strict=True
        ):
            most = most + whole(each.amount.astype(np.float64) * price)
        demand = np.zeros(len(question.unit), np.int64)
        if question.all_served:
            demand[rows.points[rows.start[:-1]]] = scaled[:m]
        else:
            need = np.repeat(np.maximum(self.need, 1), np.diff(rows.start))
            demand[rows.points] = filled(scaled[:m], rows.start, most[rows.points] // need)
        return Prices(demand, np.zeros(0, np.int64), rule)


def _programme(question: Asked, rows: Rows, status: Codes) -> Programme:
    """The relaxation: sites, then rows that count, as far as the fixed sites leave them open."""
    m, k, n = len(rows.need), len(status), len(question.unit)
    row_of = np.full(n, -1)
    first = rows.points[rows.start[:-1]]
    row_of[first] = np.arange(m)
    pairs = (row_of[question.row] >= 0) & (status[question.site] == FREE)
    ones = np.ones(int(pairs.sum()), np.int64)
    reach = sparse.csr_array(
        (-ones, (row_of[question.row[pairs]], question.site[pairs])), shape=(m, k)
    )
    blocks: list[list[sparse.csr_array]] = [
        [reach, sparse.diags_array(rows.need, format="csr", dtype=np.int64)]
    ]
    limits = [np.zeros(m, np.int64)]
    if question.site_rules:
        lines, limit = lines_of(question, k)
        blocks.append([lines, sparse.csr_array((len(limit), m), dtype=np.int64)])
        limits.append(limit)
    settled = np.ones(n, np.bool_)
    settled[rows.points] = False
    opened = np.bincount(question.row[status[question.site] == OPEN], minlength=n)
    covered = settled & (opened >= question.times)
    for each in question.people_rules:
        line = sparse.csr_array(-summed(each.amount, rows).reshape(1, m))
        blocks.append([sparse.csr_array((1, k), dtype=np.int64), line])
        limits.append(np.array([int(each.amount[covered].sum()) - each.limit], np.int64))
    counted = np.ones(m, np.int64)
    return Programme(
        worth=np.concatenate([-question.cost, summed(question.gain, rows)]),
        rows=sparse.block_array(blocks, format="csr").astype(np.int64),
        limit=np.concatenate(limits),
        lower=np.concatenate([status == OPEN, counted if question.all_served else counted * 0]),
        upper=np.concatenate([status != SHUT, counted]),
        whole=np.ones(k + m, np.bool_),
    )
