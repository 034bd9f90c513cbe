"""The linear relaxation of what is left of a median problem, solved by lines that are added as
they are needed (Benders; see `median_cuts`).

HiGHS calculates in floats and is not believed: what comes out are prices in whole numbers, whose
bound `pmedian_bound.priced` computes exactly. Stops count iterations, not time, so that an answer
does not hang on how quick a machine is.
"""

from __future__ import annotations

import highspy
import numpy as np

from geoplan.model import Bools, Codes, Floats, Ints
from geoplan.siting.location import OPEN, SHUT
from geoplan.siting.median_cuts import Blocks, Cuts, blocks_of, critical, lines
from geoplan.siting.median_work import Work

_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "solver": "simplex",
}
_UNITS = 1e6  # the best plan costs so much in the programme
_EXACT, _NEAR = 1e-6, 1e-3  # by how much a block may be undercut, whole and relaxed plans
_WHOLE = 1e-7
_AT_ONCE = 3_000  # iterations between two looks at the clock
_ROUNDS = 200
_ROOMY = 12  # lines per block before the idle ones are dropped
_TRIAL = 20  # iterations of a trial branch


class Relaxed:
    """The programme: columns are the sites not shut for good, then one cost a block of rows."""

    def __init__(self, work: Work, status: Codes) -> None:
        self._work, self._rows = work, work.rows
        self._unit = work.ceiling / _UNITS
        self._blocks = Blocks(*blocks_of(work.rows, len(status)))
        self._nearest: Ints = work.rows.cost[work.rows.start]
        self._beyond = _beyond(work)
        self._sites = np.flatnonzero(status != SHUT)
        self._column = np.full(len(status), -1)
        self._column[self._sites] = np.arange(len(self._sites))
        self._highs = self._programme()
        self._rule_rows = int(self._highs.getNumRow())
        self._block: list[int] = []  # of each line
        self._priced: list[Ints] = []  # the prices of each line's rows
        self._add(work.climb.price, np.ones(len(self._blocks.start) - 1, np.bool_))

    def solve(self, status: Codes) -> Floats | None:
        """How far each site is open in the best relaxed plan (k,); None where there is none, or
        time is up."""
        low, high = (status == OPEN)[self._sites], (status != SHUT)[self._sites]
        size = len(self._sites)
        columns = np.arange(size, dtype=np.int32)
        self._highs.changeColsBounds(size, columns, low.astype(float), high.astype(float))
        part, price = np.zeros(len(status)), np.empty_like(self._nearest)
        theta = np.empty(len(price))
        for _ in range(_ROUNDS):
            if not self._run():
                return None
            found = np.array(self._highs.getSolution().col_value)
            part[self._sites] = np.clip(found[:size], 0.0, 1.0)
            critical(self._rows, part, self._beyond, price, theta)
            cost = np.bincount(self._blocks.of, theta / self._unit, len(found) - size)
            whole = np.abs(part - np.rint(part)).max() < _WHOLE
            wanted = cost > found[size:] + (_EXACT if whole else _NEAR)
            if not wanted.any():
                break
            self._add(price, wanted)
        return part

    def prices(self) -> Ints:
        """The prices (n,) that prove, to a rounding, what the programme came to."""
        dual = np.array(self._highs.getSolution().row_dual)[self._rule_rows :]
        above = np.zeros(len(self._nearest))
        for t in np.flatnonzero(dual > 0.0):
            rows = self._rows_of(self._block[t])
            above[rows] += dual[t] * (self._priced[t] - self._nearest[rows])
        price: Ints = self._nearest + np.rint(above).astype(np.int64)
        return np.minimum(price, self._beyond)

    def trials(self, sites: Ints) -> Floats:
        """What opening and what shutting each site alone adds to the cost, at least (sites, 2)."""
        highs, gains = self._highs, np.zeros((len(sites), 2))
        basis, now = highs.getBasis(), highs.getInfo().objective_function_value
        highs.setOptionValue("simplex_iteration_limit", _TRIAL)
        for at, j in enumerate(sites):
            column = int(self._column[j])
            for side, state in enumerate((1.0, 0.0)):
                highs.changeColBounds(column, state, state)
                highs.run()
                if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
                    gains[at, side] = _UNITS
                else:
                    gains[at, side] = max(0.0, highs.getInfo().objective_function_value - now)
                highs.changeColBounds(column, 0.0, 1.0)
                highs.setBasis(basis)
        return gains * self._unit

    def thin(self) -> None:
        """Drop the lines that hold nothing up, where there are many."""
        if len(self._block) < _ROOMY * len(self._blocks.start):
            return
        basis = self._highs.getBasis()
        idle = np.array([s == highspy.HighsBasisStatus.kBasic for s in basis.row_status])
        idle[: self._rule_rows] = False
        gone = np.flatnonzero(idle).astype(np.int32)
        self._highs.deleteRows(len(gone), gone)
        kept = ~idle[self._rule_rows :]
        self._block = [b for b, keep in zip(self._block, kept, strict=True) if keep]
        self._priced = [p for p, keep in zip(self._priced, kept, strict=True) if keep]
        basis.row_status = [s for s, out in zip(basis.row_status, idle, strict=True) if not out]
        self._highs.setBasis(basis)

    def _run(self) -> bool:
        """Whether the programme was solved; looks at the clock from time to time."""
        self._highs.setOptionValue("simplex_iteration_limit", _AT_ONCE)
        while not self._work.late:
            self._highs.run()
            status = self._highs.getModelStatus()
            if status != highspy.HighsModelStatus.kIterationLimit:
                return bool(status == highspy.HighsModelStatus.kOptimal)
        return False

    def _rows_of(self, block: int) -> Ints:
        rows: Ints = self._blocks.row[self._blocks.start[block] : self._blocks.start[block + 1]]
        return rows

    def _add(self, price: Ints, wanted: Bools) -> None:
        cuts = Cuts(*lines(self._rows, price, self._blocks, wanted, len(self._column)))
        number = len(cuts.block)
        # each line is its slopes and, last, the cost of its block
        ends = cuts.start[1:]
        index = np.insert(self._column[cuts.site], ends, len(self._sites) + cuts.block)
        value = np.insert(cuts.slope / self._unit, ends, 1.0)
        start = cuts.start[:-1] + np.arange(number)
        level, top = cuts.level / self._unit, np.full(number, highspy.kHighsInf)
        ints = (start.astype(np.int32), index.astype(np.int32))
        self._highs.addRows(number, level, top, len(index), *ints, value)
        self._block += cuts.block.tolist()
        self._priced += [price[self._rows_of(b)] for b in cuts.block.tolist()]

    def _programme(self) -> highspy.Highs:
        highs = highspy.Highs()
        for name, value in _OPTIONS.items():
            highs.setOptionValue(name, value)
        size, blocks = len(self._sites), len(self._blocks.start) - 1
        highs.addVars(size + blocks, np.zeros(size + blocks), np.full(size + blocks, 1e30))
        columns = np.arange(size, size + blocks, dtype=np.int32)
        highs.changeColsCost(blocks, columns, np.ones(blocks))
        rule = self._work.rule
        group = rule.group[self._sites]
        self._rule_row(highs, np.arange(size), (rule.number, rule.number))
        for g, limits in enumerate(zip(rule.at_least, rule.at_most, strict=True)):
            members = np.flatnonzero(group == g)
            if limits[0] > 0 or limits[1] < len(members):
                self._rule_row(highs, members, limits)
        return highs

    @staticmethod
    def _rule_row(highs: highspy.Highs, columns: Ints, limits: tuple[int, int]) -> None:
        low, high = limits
        ones = np.ones(len(columns))
        highs.addRow(float(low), float(high), len(columns), columns.astype(np.int32), ones)


def _beyond(work: Work) -> Ints:
    """What a row that no open site reaches is charged: enough that no better plan leaves it out,
    and for rows that end at an open site its cost."""
    last = work.rows.stop - 1
    cost: Ints = work.rows.cost[last]
    ends_open = work.status[work.rows.site[last]] == OPEN
    room = max(0, work.ceiling - work.bound)
    return np.where(ends_open, cost, np.maximum(cost, work.climb.price) + room)
