"""Prices for questions of who is served where: from the relaxation with a variable for each pair.

For sites of limited capacity, and for medians that must keep shares of areas. A pair's variable is
the part of its demand point that goes to its site (Cornuejols, Sridharan and Thizy 1991 compare
such relaxations; the rows part <= open are kept, which the check keeps too).
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from scipy import sparse

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.asked import Asked
from geoplan.siting.location import OPEN, SHUT
from geoplan.siting.programme import Programme
from geoplan.siting.proof import Prices
from geoplan.siting.proving_rules import contradiction, lines_of, settled_bounds, whole
from geoplan.siting.solvers import highs_of

_ROOM, _SPARE = 54, 4
_MOST_PAIRS = 60_000


class FlowPrices:
    """The relaxation of one question, solved again for each node with its sites settled."""

    def __init__(self, question: Asked, status: Codes) -> None:
        self.question = question
        unit = question.unit.astype(np.float64)
        largest = float((np.abs(question.worth) * unit[question.row]).sum() + question.cost.sum())
        fine = np.ceil(np.log2(unit.sum() + 2)) + _SPARE
        self.shift = int(max(0, min(fine, _ROOM - np.ceil(np.log2(largest + 2)))))
        self.most = largest + abs(question.goal) + float(unit.sum())
        self.programme = _programme(question, status)
        self.solver: highspy.Highs | None = None

    def suggest(self, status: Codes, seconds: float) -> tuple[Sequence[Prices], Floats] | None:
        """One set of prices; where the relaxation has no plan they tell why not."""
        question, k = self.question, len(status)
        if len(question.row) > _MOST_PAIRS:
            return None
        if self.solver is None:
            self.solver = highs_of(self.programme, seconds, relaxed=True)
            self.solver.setOptionValue("solver", "simplex")
        solver = self.solver
        solver.setOptionValue("time_limit", solver.getRunTime() + seconds)
        solver.changeColsBounds(k, np.arange(k, dtype=np.int32), *settled_bounds(status))
        solver.run()
        opened = np.array(solver.getSolution().col_value[:k], np.float64)
        if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            return [self._priced(np.abs(np.array(solver.getSolution().row_dual)))], opened
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return [self._priced(contradiction(solver, self.programme, status, self.most))], opened
        return None

    def _priced(self, duals: Floats) -> Prices:
        """Prices of a unit at each point and site, and of the rules, in whole numbers."""
        question = self.question
        n, k = len(question.unit), len(question.cost)
        scaled = duals * float(1 << self.shift)
        demand = whole(scaled[:n] / np.maximum(question.unit, 1))
        room = np.zeros(0, np.int64)
        if question.capacity is not None:
            room = whole(scaled[n : n + k])
        rules = len(question.site_rules) + len(question.people_rules)
        sign = -1 if question.all_served else 1
        return Prices(sign * demand, room, whole(scaled[len(scaled) - rules :]))


def _programme(question: Asked, status: Codes) -> Programme:
    """Sites, then pairs; rows of demand, of capacity, of pairs, and of the rules."""
    n, k, m = len(question.unit), len(status), len(question.row)
    pairs = np.arange(m)
    unit = question.unit[question.row]
    sign = -1 if question.all_served else 1
    demand = _matrix(np.full(m, sign), question.row, k + pairs, (n, k + m))
    blocks, limits = [demand], [sign * (question.unit > 0).astype(np.int64)]
    if question.capacity is not None:
        room = _matrix(unit, question.site, k + pairs, (k, k + m))
        room -= _matrix(question.capacity, np.arange(k), np.arange(k), (k, k + m))
        blocks.append(room)
        limits.append(np.zeros(k, np.int64))
    ones = np.ones(m, np.int64)
    links = _matrix(ones, pairs, k + pairs, (m, k + m))
    blocks.append(links - _matrix(ones, pairs, question.site, (m, k + m)))
    limits.append(np.zeros(m, np.int64))
    lines, limit = lines_of(question, k + m)
    blocks.append(lines)
    limits.append(limit)
    for rule in question.people_rules:
        amount = np.where(question.near, rule.amount[question.row] * unit, 0)
        blocks.append(_matrix(-amount, np.zeros(m, np.int64), k + pairs, (1, k + m)))
        limits.append(np.array([-rule.limit], np.int64))
    return Programme(
        worth=np.concatenate([-question.cost, question.worth * unit]),
        rows=sparse.vstack(blocks, format="csr").astype(np.int64),
        limit=np.concatenate(limits),
        lower=np.concatenate([(status == OPEN).astype(np.int64), np.zeros(m, np.int64)]),
        upper=np.concatenate([(status != SHUT).astype(np.int64), ones]),
        whole=np.ones(k + m, np.bool_),
    )


def _matrix(values: Ints, rows: Ints, columns: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((values, (rows, columns)), shape=shape, dtype=np.int64)
