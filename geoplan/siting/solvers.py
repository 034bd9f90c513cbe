"""HiGHS and SCIP on a whole-number programme: prices, and plans with a bound.

Both count 1e-4 as optimal unless told otherwise, and neither is believed: a plan is checked and
valued in whole numbers, and a solver's bound is rounded up before it is rounded down.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from geoplan.model import Floats, Ints
from geoplan.siting.programme import Programme
from geoplan.siting.search_log import Progress

_SLACK = 1e-9  # of a bound, relative: solvers are told to be that exact
_COARSER = 1e-7  # for SCIP, where rows have large numbers: finer ones it complains about
_WALL_CLOCK = 2  # as SCIP numbers its clocks
_LARGE = 2**20  # rows with larger numbers are scaled for the solvers
_BITS = 24  # of the largest worth that a solver is given
_HEARD = 20_000
"""A relaxation with more entries runs where Ctrl-C can end it; below, it ends by itself at once."""
_BELOW_ONE = 0.999  # worths are whole, so a gap below one is none


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solver came to: the best plan it found, its bound, and how it ended."""

    plan: Ints | None
    bound: int | None
    ended: bool  # not stopped by time or a person
    infeasible: bool
    stopped: bool = False  # by a person


def has_scip() -> bool:
    return importlib.util.find_spec("pyscipopt") is not None


def linear_prices(programme: Programme, seconds: float) -> tuple[Floats, Floats] | None:
    """Prices of the rows and values of the variables in the linear relaxation.

    None where it was cut off or has no plan. All rows are upper limits, so prices have one sign;
    HiGHS tells them with either.
    """
    if not len(programme.worth):
        return np.zeros(len(programme.limit)), np.zeros(0)
    solver = highs_of(programme, seconds, relaxed=True)
    scale = scale_worths(solver, programme)
    solver.setOptionValue("solver", "simplex")
    if programme.rows.nnz <= _HEARD:
        solver.run()
    elif run_heard(solver):
        raise KeyboardInterrupt
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    prices = np.abs(np.array(solution.row_dual, dtype=np.float64))
    prices *= row_scale(programme) * scale
    return prices, np.array(solution.col_value, dtype=np.float64)


def run_heard(solver: highspy.Highs) -> bool:
    """Run so that Ctrl-C ends it at once; whether that happened."""
    solver.HandleKeyboardInterrupt = True
    with redirect_stdout(sys.stderr):  # where it says that it has heard Ctrl-C
        solver.solve()
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kInterrupt)


def row_scale(programme: Programme) -> Floats:
    """Powers of two (so nothing is rounded) that bring rows of large numbers down to about one."""
    largest = np.ones(len(programme.limit))
    values = abs(programme.rows).max(axis=1).toarray().ravel() if programme.rows.nnz else largest
    exponent = np.where(values > _LARGE, np.floor(np.log2(np.maximum(values, 1))), 0)
    scale: Floats = np.exp2(-exponent)
    return scale


def run_solver(
    programme: Programme,
    start: Ints | None,
    scip_pays: int,
    progress: Progress,
    offer: Callable[[Ints], None],
) -> bool:
    """Improve plan (by `offer`) and bound; whether the solver came to its end.

    The programme must hold every plan that is better than the best known. Where nobody chose, SCIP
    is taken if it is there and the rows have more than `scip_pays` entries; below, HiGHS is as
    fast.
    """
    wanted = progress.effort.solver
    scip = wanted == "scip" or (wanted == "auto" and has_scip() and programme.rows.nnz > scip_pays)
    solved = (solve_scip if scip else solve_highs)(programme, progress.left, start)
    progress.stopped = progress.stopped or solved.stopped
    if solved.plan is not None:
        offer(solved.plan)
    if solved.ended and solved.infeasible:
        progress.impossible = progress.value is None
        progress.limit(progress.value)  # nothing better than the best known is left
    elif solved.bound is not None:
        progress.limit(solved.bound)
    progress.ended("SCIP" if scip else "HiGHS")
    return solved.ended


def solve_highs(programme: Programme, seconds: float, start: Ints | None = None) -> Solved:
    solver = highs_of(programme, seconds, relaxed=False)
    scale = scale_worths(solver, programme)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", _BELOW_ONE / scale)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = [float(v) for v in start]
        solver.setSolution(known)
    stopped = run_heard(solver)
    status = solver.getModelStatus()
    ended = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    info = solver.getInfo()
    solution = solver.getSolution()
    # Where HiGHS has no plan it hands out zeros all the same.
    plan = _whole(programme, solution.col_value) if solution.value_valid else None
    bound = _rounded(info.mip_dual_bound * scale)
    return Solved(plan, bound, ended, infeasible, stopped)


def solve_scip(programme: Programme, seconds: float, start: Ints | None = None) -> Solved:
    import pyscipopt

    end = time.monotonic() + seconds
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParams(
        {
            "limits/absgap": _BELOW_ONE,
            "limits/gap": 0.0,
            "numerics/feastol": 1e-9 if (row_scale(programme) == 1).all() else _COARSER,
            "timing/clocktype": _WALL_CLOCK,
            "lp/threads": 1,
        }
    )
    variables = _scip_variables(model, programme, end)
    if variables is None:
        return Solved(None, None, ended=False, infeasible=False)
    model.setParam("limits/time", max(end - time.monotonic(), 0.1))
    if start is not None:
        solution = model.createSol()
        for variable, value in zip(variables, start, strict=True):
            model.setSolVal(solution, variable, float(value))
        model.addSol(solution)
    model.optimize()
    status = model.getStatus()
    plan = None
    if model.getNSols():
        best = model.getBestSol()
        plan = _whole(programme, [model.getSolVal(best, variable) for variable in variables])
    ended = status in ("optimal", "infeasible", "gaplimit")
    infeasible, stopped = status == "infeasible", status == "userinterrupt"
    return Solved(plan, _rounded(model.getDualbound()), ended, infeasible, stopped)


def _scip_variables(model: Any, programme: Programme, end: float) -> list[Any] | None:
    """SCIP's variables, once the rows are told to it; None where time ends before."""
    from pyscipopt import quicksum

    variables = [
        model.addVar(
            vtype="C" if not whole else "B" if high <= 1 else "I",
            lb=float(low),
            ub=float(high),
            obj=float(worth),
        )
        for whole, low, high, worth in zip(
            programme.whole, programme.lower, programme.upper, programme.worth, strict=True
        )
    ]
    model.setMaximize()
    rows = programme.rows
    scale = row_scale(programme)
    for i, limit in enumerate(programme.limit):
        if time.monotonic() > end:
            return None
        pairs = range(rows.indptr[i], rows.indptr[i + 1])
        terms = (float(rows.data[q] * scale[i]) * variables[rows.indices[q]] for q in pairs)
        model.addCons(quicksum(terms) <= float(limit * scale[i]))
    return variables


def highs_of(programme: Programme, seconds: float, relaxed: bool) -> highspy.Highs:
    """The programme in HiGHS, `relaxed` to numbers between 0 and 1; not yet run."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", max(float(seconds), 0.1))
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(name, 1e-9)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(programme.worth), len(programme.limit)
    lp.col_cost_ = programme.worth.astype(np.float64)
    lp.col_lower_ = programme.lower.astype(np.float64)
    lp.col_upper_ = programme.upper.astype(np.float64)
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    scale = row_scale(programme)
    lp.row_upper_ = programme.limit * scale
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = programme.rows.indptr.astype(np.int32)
    lp.a_matrix_.index_ = programme.rows.indices.astype(np.int32)
    lp.a_matrix_.value_ = programme.rows.data * np.repeat(scale, np.diff(programme.rows.indptr))
    lp.sense_ = highspy.ObjSense.kMaximize
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(whole)] for whole in programme.whole]
    solver.passModel(lp)
    return solver


def scale_worths(solver: highspy.Highs, programme: Programme) -> float:
    """Divide the worths that the solver is given by the power of two told, so that none is far
    from 1 for its tolerances; prices and bounds come out divided by it."""
    most = int(np.abs(programme.worth).max(initial=1))
    scale = 2.0 ** max(0, most.bit_length() - _BITS)
    if scale > 1:
        columns = np.arange(len(programme.worth), dtype=np.int32)
        solver.changeColsCost(len(columns), columns, programme.worth / scale)
    return scale


def _whole(programme: Programme, values: Any) -> Ints | None:
    """The plan in whole numbers: whole variables rounded, the others as good as those allow."""
    found = np.array(values, dtype=np.float64)
    if len(found) != len(programme.worth) or not np.isfinite(found).all():
        return None
    return np.rint(found).astype(np.int64)


def _rounded(bound: float) -> int | None:
    if not np.isfinite(bound) or abs(bound) >= 1e19:
        return None
    return int(np.floor(bound + _SLACK * max(1.0, abs(bound))))
