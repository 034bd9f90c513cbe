"""The last stage: a whole-number solver on what is left of the question, warm-started."""

from __future__ import annotations

from geoplan.model import Ints
from geoplan.siting.cover_programme import CoverProgramme
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import run_solver

_SCIP_PAYS = 20_000


def solve_exactly(model: CoverProgramme, progress: Progress) -> bool:
    """Improve plan and bound; whether the solver came to its end.

    What is left of the question after fixing holds every plan that is better than the best known.
    """
    start = None if progress.chosen is None else model.plan(progress.chosen)
    if start is not None and not model.programme.allows(start):
        start = None

    def offer(found: Ints) -> None:
        chosen = model.chosen(found)
        plan = model.plan(chosen)
        if model.programme.allows(plan):
            progress.offer(chosen, model.programme.value(plan))

    return run_solver(model.programme, start, _SCIP_PAYS, progress, offer)
