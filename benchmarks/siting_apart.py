"""Questions of siting answered by geoplan and by spopt with CBC, each in a fresh process.

Run: python -m benchmarks.siting_apart NAME ARGUMENT FOLDER; the figures are written to
FOLDER/NAME.json. Every engine is given the same table of milliseconds and makes its own problem of
it: that counts too. highspy and pulp's CBC so never meet, and the peak memory is one engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.apart import Figures, main, peak_mb
from benchmarks.ledger import Took, best_of, once
from benchmarks.siting_country import (
    SITES,
    THRESHOLD_MS,
    VILLAGES,
    country,
    near_problem,
    problem_of,
    table,
)
from geoplan.siting.location import Effort, Found
from geoplan.siting.lscp import lscp
from geoplan.siting.mclp import mclp
from geoplan.siting.pcentre import p_centre
from geoplan.siting.pmedian import p_median

SMALL_POINTS, SMALL_SITES = 1_540, 200
SMALL_COUNT, LARGE_COUNT = 20, 101
CBC_SECONDS = 100
"""CBC may take so long, by the wall clock; spopt's own building is not limited."""
REACH_MS = 2 * THRESHOLD_MS
"""Of the set cover, which must reach everybody."""


def _small() -> tuple[Any, Any]:
    land = country(SMALL_POINTS, SMALL_SITES)
    return table(land), land.people


def _large() -> tuple[Any, Any]:
    land = country(VILLAGES, SITES)
    return table(land), land.people


def _told(took: Took[Found]) -> Figures:
    found = took.value
    return {
        "cpu": took.cpu,
        "wall": took.wall,
        "median": took.median,
        "calls": took.calls,
        "objective": found.objective,
        "bound": found.bound,
        "gap_percent": 100 * found.gap,
        "proven": float(found.status == "optimal"),
        "ready": sum(s.seconds for s in found.stages if s.name in ("reduce", "greedy")),
        "peak_mb": peak_mb(),
    }


def _reachable(ms: Any) -> Any:
    """Rows that some site reaches: set cover leaves the others out for every engine."""
    return ms[ms.min(axis=1) <= REACH_MS]


def geoplan_mclp(argument: str, folder: Path) -> Figures:
    _warm()
    ms, people = _small()
    return _told(
        best_of(lambda: mclp(problem_of(ms, people, THRESHOLD_MS), THRESHOLD_MS, SMALL_COUNT))
    )


def geoplan_lscp(argument: str, folder: Path) -> Figures:
    _warm()
    ms = _reachable(_small()[0])
    people = np.ones(len(ms), np.int64)
    return _told(best_of(lambda: lscp(problem_of(ms, people, REACH_MS), REACH_MS)))


def geoplan_median(argument: str, folder: Path) -> Figures:
    _warm()
    ms, people = _small()
    return _told(best_of(lambda: p_median(problem_of(ms, people), int(argument))))


def _warm() -> None:
    """The small questions, asked once so that no figure waits for the compiler."""
    ms, people = _small()
    mclp(problem_of(ms, people, THRESHOLD_MS), THRESHOLD_MS, SMALL_COUNT)
    lscp(problem_of(_reachable(ms), np.ones(len(_reachable(ms)), np.int64), REACH_MS), REACH_MS)
    for count in (5, 40):
        p_median(problem_of(ms, people), count)
    p_centre(problem_of(ms, people), SMALL_COUNT)


def large_mclp(argument: str, folder: Path) -> Figures:
    """Given so many seconds; `ready` is building, reducing and the first plan."""
    ms, people = _large()
    _warm()
    made = once(lambda: problem_of(ms, people, THRESHOLD_MS))
    effort = Effort(seconds=float(argument))
    told = _told(once(lambda: mclp(made.value, THRESHOLD_MS, LARGE_COUNT, effort=effort)))
    told["ready"] += made.cpu
    return {**told, "cpu": told["cpu"] + made.cpu}


def large_lscp(argument: str, folder: Path) -> Figures:
    ms = _reachable(_large()[0])
    people = np.ones(len(ms), np.int64)
    _warm()
    return _told(once(lambda: lscp(problem_of(ms, people, REACH_MS), REACH_MS)))


def large_median(argument: str, folder: Path) -> Figures:
    ms, people = _large()
    _warm()
    effort = Effort(seconds=20)
    return _told(once(lambda: p_median(problem_of(ms, people), int(argument), effort)))


def large_centre(argument: str, folder: Path) -> Figures:
    ms, people = _large()
    _warm()
    return _told(once(lambda: p_centre(problem_of(ms, people), int(argument))))


def huge_mclp(argument: str, folder: Path) -> Figures:
    """Given the pairs within the threshold; 60 seconds."""
    problem = near_problem(country(int(argument), SITES))
    made_mb = peak_mb()
    effort = Effort(seconds=60)
    told = _told(once(lambda: mclp(problem, THRESHOLD_MS, LARGE_COUNT, effort=effort)))
    return {**told, "made_mb": made_mb, "pairs": len(problem.site)}


def _spopt(make: Callable[[], Any]) -> Figures:
    """The building counts too. Where CBC was cut off, what it then had; 0 where it had no plan."""
    import pulp

    def solve() -> tuple[float, float]:
        model = make()
        try:
            model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=CBC_SECONDS, threads=1))
        except RuntimeError:  # spopt's word for a model that CBC brought to no plan in time
            return 0.0, 1.0
        problem = model.problem
        return float(problem.objective.value()), float(problem.solutionTime > CBC_SECONDS)

    took = best_of(solve)
    objective, cut_off = took.value
    return {
        "cpu": took.cpu,
        "wall": took.wall,
        "median": took.median,
        "calls": took.calls,
        "objective": objective,
        "cut_off": cut_off,
        "peak_mb": peak_mb(),
    }


def _spopt_mclp(given: tuple[Any, Any], count: int) -> Figures:
    from spopt.locate import MCLP

    ms, people = given
    return _spopt(lambda: MCLP.from_cost_matrix(ms, people, THRESHOLD_MS, count))


def _spopt_lscp(ms: Any) -> Figures:
    from spopt.locate import LSCP

    return _spopt(lambda: LSCP.from_cost_matrix(_reachable(ms), REACH_MS))


def spopt_mclp(argument: str, folder: Path) -> Figures:
    return _spopt_mclp(_small(), SMALL_COUNT)


def spopt_lscp(argument: str, folder: Path) -> Figures:
    return _spopt_lscp(_small()[0])


def spopt_median(argument: str, folder: Path) -> Figures:
    from spopt.locate import PMedian

    ms, people = _small()
    return _spopt(lambda: PMedian.from_cost_matrix(ms, people, int(argument)))


def spopt_large_mclp(argument: str, folder: Path) -> Figures:
    return _spopt_mclp(_large(), LARGE_COUNT)


def spopt_large_lscp(argument: str, folder: Path) -> Figures:
    return _spopt_lscp(_large()[0])


PARTS: dict[str, Callable[[str, Path], Figures]] = {
    part.__name__: part
    for part in (
        geoplan_mclp,
        geoplan_lscp,
        geoplan_median,
        large_mclp,
        large_lscp,
        large_median,
        large_centre,
        huge_mclp,
        spopt_mclp,
        spopt_lscp,
        spopt_median,
        spopt_large_mclp,
        spopt_large_lscp,
    )
}

if __name__ == "__main__":
    main(PARTS)
