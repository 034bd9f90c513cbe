"""Which rules contradict, where only a solver can tell: a smallest set of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import Fault
from geoplan.siting.location import Found, LocationProblem, Positions, fault, infeasible
from geoplan.siting.programme import Programme
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import solve_highs
from geoplan.travel.compiled import seconds_at_work

_Rule = tuple[str, tuple[int, ...]]  # kind, and whom it is about
_LEAST_SECONDS = 2.0


def without_plan(
    problem: LocationProblem, programme: Programme, progress: Progress, bound: int
) -> Found:
    """No plan: either there is none, or time ran out before one was found."""
    stages = tuple(progress.stages)
    if progress.impossible:
        return infeasible(smallest_conflict(problem, programme, progress.left), stages)
    none = np.zeros(0, np.int64)
    return Found(none, 0, bound, "cut_off", (fault("no_plan_in_time"),), stages)


def smallest_conflict(
    problem: LocationProblem, programme: Programme, seconds: float
) -> tuple[Fault, ...]:
    """Named rules and demand that cannot all be kept; none can be left out.

    A deletion filter (Chinneck and Dravnieks 1991), by halves first: rules are left out in turn,
    and stay out where the rest still contradicts. A trial that runs out of time keeps its rules.
    The first fault counts the rules, the others name each.
    """
    end = seconds_at_work() + max(seconds, _LEAST_SECONDS)
    rules: list[_Rule] = sorted({(kind, at) for _, kind, at in programme.names}, key=_demand_first)
    size = max(1, len(rules) // 2)
    while True:
        at = 0
        while at < len(rules):
            fewer = rules[:at] + rules[at + size :]
            trial = _with_only(programme, set(fewer))
            left = end - seconds_at_work()
            solved = solve_highs(trial, left) if left > 0 else None
            if solved is not None and solved.stopped:  # what is left still contradicts
                end = 0.0
            if solved is not None and solved.infeasible:
                rules = fewer
            else:
                at += size
        if size == 1:
            break
        size = size // 2
    return (fault("rule_conflict", number=len(rules)), *_told(problem, programme, rules))


def _demand_first(rule: _Rule) -> tuple[bool, _Rule]:
    """Demand is left out first: a conflict of few rules says most."""
    return rule[0] != "demand", rule


def _with_only(programme: Programme, rules: set[_Rule]) -> Programme:
    keep = np.ones(len(programme.limit), np.bool_)
    keep[[row for row, kind, at in programme.names if (kind, at) not in rules]] = False
    return replace(
        programme,
        worth=np.zeros_like(programme.worth),
        rows=programme.rows[keep],
        limit=programme.limit[keep],
        names=(),
    )


def _told(problem: LocationProblem, programme: Programme, rules: list[_Rule]) -> list[Fault]:
    """A fault for each rule; demand points are named together."""
    new = {kind: int(programme.limit[row]) for row, kind, _ in programme.names if kind == "count"}
    faults = []
    if points := Positions(sorted(at[0] for kind, at in rules if kind == "demand")):
        faults.append(fault("conflict_demand", points, points=points, count=len(points)))
    for kind, at in rules:
        if kind in ("at_least", "at_most"):
            quota = problem.at_least if kind == "at_least" else problem.at_most
            number = None if quota is None else int(quota[at[0]])
            faults.append(fault(f"conflict_{kind}", group=at[0], number=number))
        elif kind == "least_share" and problem.least_share is not None:
            share = int(problem.least_share[at[0]]) / 10_000
            faults.append(fault("conflict_least_share", area=at[0], percent=f"{share:g}"))
        elif kind == "apart":
            faults.append(fault("conflict_apart", sites=Positions(at)))
        elif kind == "budget":
            faults.append(fault("conflict_budget", budget=problem.budget))
        elif kind == "count":
            faults.append(fault("conflict_count", number=new[kind] + int(problem.fixed.sum())))
        elif kind != "demand":
            faults.append(fault(f"conflict_{kind}"))
    return faults
