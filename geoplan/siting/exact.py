"""The last stage: a whole-number solver on what is left of the question, warm-started."""

from __future__ import annotations

from geoplan.siting.cover_programme import CoverProgramme
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import has_scip, solve_highs, solve_scip

SCIP_PAYS = 20_000
"""Below so many pairs HiGHS is as fast, and needs no time to be set up."""


def solve_exactly(model: CoverProgramme, progress: Progress) -> bool:
    """Improve plan and bound; whether the solver came to its end.

    What is left of the question after fixing holds every plan that is better than the best known.
    """
    wanted = progress.effort.solver
    scip = wanted == "scip" or (
        wanted == "auto" and has_scip() and model.programme.rows.nnz > SCIP_PAYS
    )
    start = None if progress.chosen is None else model.plan(progress.chosen)
    if start is not None and not model.programme.allows(start):
        start = None
    solve = solve_scip if scip else solve_highs
    solved = solve(model.programme, progress.left, start)
    progress.stopped = progress.stopped or solved.stopped
    if solved.plan is not None:
        chosen = model.chosen(solved.plan)
        plan = model.plan(chosen)
        if model.programme.allows(plan):
            progress.offer(chosen, model.programme.value(plan))
    if solved.ended and solved.infeasible:
        progress.impossible = progress.value is None
        progress.limit(progress.value)  # nothing better than the best known is left
    elif solved.bound is not None:
        progress.limit(solved.bound)
    progress.ended("SCIP" if scip else "HiGHS")
    return solved.ended
