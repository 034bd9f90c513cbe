"""Prices of the rules on sites: which fit what the sites are worth, and which show that no plan
keeps them all."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.asked import Asked
from geoplan.siting.location import OPEN, SHUT
from geoplan.siting.programme import Programme
from geoplan.siting.solvers import highs_of

_SECONDS = 10.0
_MOST = 2.0**56


def settled_bounds(status: Codes) -> tuple[Floats, Floats]:
    """How far open each site must be, and may be (k,)."""
    return (status == OPEN).astype(np.float64), (status != SHUT).astype(np.float64)


def lines_of(question: Asked, width: int) -> tuple[sparse.csr_array, Ints]:
    """The rules on sites as rows of a programme with `width` variables, and their limits."""
    rules = question.site_rules
    lengths = [len(rule.sites) for rule in rules]
    none = np.zeros(0, np.int64)
    columns = np.concatenate([none, *(rule.sites for rule in rules)])
    amounts = np.concatenate([none, *(rule.amount for rule in rules)])
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    rows = sparse.csr_array((amounts, columns, start), shape=(len(rules), width))
    return rows, np.array([rule.limit for rule in rules], np.int64)


def rule_prices(question: Asked, worth: Ints, status: Codes) -> Ints:
    """The best prices of the rules where opening a site is worth so much: the relaxation of
    choosing sites by their worth alone, which is small."""
    k = len(status)
    rows, limit = lines_of(question, k)
    lower, upper = status == OPEN, status != SHUT
    scale = max(float(worth.max(initial=1)), 1.0)
    programme = Programme(
        worth, rows, limit, lower.astype(np.int64), upper.astype(np.int64), np.ones(k, np.bool_)
    )
    solver = highs_of(programme, _SECONDS, relaxed=True)
    solver.changeColsCost(k, np.arange(k, dtype=np.int32), worth / scale)
    solver.setOptionValue("presolve", "off")
    solver.run()
    prices = np.zeros(len(limit))
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        prices = np.abs(np.array(solver.getSolution().row_dual, np.float64)) * scale
    elif solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        prices = contradiction(solver, programme, status, float(worth.sum(dtype=np.float64)))
    return whole(prices)


def contradiction(
    solver: highspy.Highs, programme: Programme, status: Codes, gain: float
) -> Floats:
    """Prices at which rows that no plan keeps together cost more than `gain`; zeros if none."""
    if not solver.getDualRay()[1]:  # type: ignore[attr-defined]  # its stubs lack it
        solver.clearSolver()
        solver.setOptionValue("presolve", "off")  # which finds a contradiction without telling it
        solver.run()
    _, there, ray = solver.getDualRay()  # type: ignore[attr-defined]  # as above
    k, rows = len(status), programme.rows
    lower = np.concatenate([status == OPEN, programme.lower[k:]])
    upper = np.concatenate([status != SHUT, programme.upper[k:]])
    if there:
        y = np.abs(np.array(ray, np.float64))
    else:  # a rule that is broken by itself
        least = rows.minimum(0) @ upper + rows.maximum(0) @ lower
        y = (least > programme.limit).astype(np.float64)
    left = -(rows.T @ y)
    short = float(y @ programme.limit + np.where(left > 0, left * upper, left * lower).sum())
    return y * (2 * (gain + 1) / -short) if short < 0 else np.zeros_like(y)


def whole(prices: Floats) -> Ints:
    """Prices rounded down to whole numbers that still fit."""
    return np.floor(np.minimum(prices, _MOST)).astype(np.int64)
