"""Which rules contradict, where only a solver can tell: a smallest set of them."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from geoplan.errors import Fault
from geoplan.siting.location import fault
from geoplan.siting.programme import Programme
from geoplan.siting.solvers import solve_highs


def smallest_conflict(programme: Programme, seconds: float) -> tuple[Fault, ...]:
    """Named rules that cannot all be kept with the cover asked for; none can be left out.

    A deletion filter (Chinneck and Dravnieks 1991): each rule is left out in turn, and stays out
    where the rest still contradicts. A trial that runs out of time keeps its rule.
    """
    end = time.monotonic() + seconds
    rules = list(programme.names)
    for rule in list(rules):
        fewer = [other for other in rules if other != rule]
        trial = _with_only(programme, fewer)
        if solve_highs(trial, end - time.monotonic()).infeasible:
            rules = fewer
    return (fault("rule_conflict", rules=", ".join(name for _, name in rules)),)


def _with_only(programme: Programme, rules: list[tuple[int, str]]) -> Programme:
    keep = np.ones(len(programme.limit), np.bool_)
    keep[[row for row, _ in programme.names]] = False
    keep[[row for row, _ in rules]] = True
    return replace(
        programme,
        worth=np.zeros_like(programme.worth),
        rows=programme.rows[keep],
        limit=programme.limit[keep],
        names=(),
    )
