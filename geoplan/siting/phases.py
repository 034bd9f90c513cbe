"""Several years as one question: what stands stays, and every year's people count.

The multi-period maximal covering problem (Schilling 1980; Gunawardane 1982): the years are maximal
covering questions side by side, tied by x(j, t) <= x(j, t + 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geoplan.model import Bools, Ints
from geoplan.siting.allowed import allowed_plans
from geoplan.siting.cover_programme import CoverProgramme, most_covered
from geoplan.siting.location import Effort, LocationProblem
from geoplan.siting.programme import Programme, fixed_by, price_bound
from geoplan.siting.reduce import reduce_cover
from geoplan.siting.solvers import linear_prices, solve_highs
from geoplan.travel.compiled import seconds_at_work


@dataclass(frozen=True, slots=True)
class Phased:
    """Open sites at the end of each year (years, k), and what they are worth over all years.

    No plan of all years is worth more than `bound`; None where only the years' own bounds hold.
    """

    opened: Bools
    value: int
    bound: int | None


def phased_cover(
    problems: Sequence[LocationProblem],
    threshold_ms: int,
    counts: Sequence[int],
    start: Bools,
    effort: Effort,
) -> Phased:
    """The plan of all years that covers most, summed over the years, from the plan `start`.

    `problems` are of the same demand and sites, none fixed; at most `counts[t]` are open at the end
    of year t. `start` (years, k) must keep all rules; the answer is never worth less.
    """
    end = seconds_at_work() + effort.seconds
    years = [
        most_covered(reduce_cover(problem, threshold_ms), allowed_plans(problem, count))
        for problem, count in zip(problems, counts, strict=True)
    ]
    settled = sum(_settled(year) for year in years)
    joined, whole = _joined(years)
    plan = np.concatenate(
        [year.plan(opened & year.cover.usable) for year, opened in zip(years, start, strict=True)]
    )
    known = joined.value(plan) if joined.allows(plan) else None
    bound = None
    less = joined
    if relaxed := linear_prices(joined, end - seconds_at_work()):
        proven = price_bound(joined, relaxed[0])
        bound = proven.value
        less = joined if known is None else fixed_by(joined, proven, known)
    if known is None or bound is None or known < bound:
        solved = solve_highs(less, end - seconds_at_work(), None if known is None else plan)
        better = None if solved.plan is None else _with_rows(years, solved.plan)
        if better is not None and joined.allows(better):
            value = joined.value(better)
            if known is None or value > known:
                plan, known = better, value
        if solved.ended and solved.infeasible:
            bound = known
        elif solved.bound is not None:
            bound = solved.bound if bound is None else min(bound, solved.bound)
    if known is None:
        raise ValueError("the plan to start from does not keep the rules")
    if bound is not None:
        bound = max(bound, known) + settled if whole else None
    return Phased(_opened(years, plan), known + settled, bound)


def _settled(year: CoverProgramme) -> int:
    return year.cover.settled


def _joined(years: Sequence[CoverProgramme]) -> tuple[Programme, bool]:
    """All years side by side, and whether that leaves nothing out.

    A site that the next year's question does without (another one there stands for it) stays shut,
    which could cost something.
    """
    parts = [year.programme for year in years]
    begins = np.cumsum([0, *(len(part.worth) for part in parts)])
    upper = np.concatenate([part.upper for part in parts])
    earlier, later = [], []
    for turn in range(len(years) - 1):
        column = np.full(len(years[turn].cover.usable), -1)
        column[years[turn + 1].sites] = np.arange(len(years[turn + 1].sites))
        at, to = begins[turn] + np.arange(len(years[turn].sites)), column[years[turn].sites]
        upper[at[to < 0]] = 0
        earlier.append(at[to >= 0])
        later.append(begins[turn + 1] + to[to >= 0])
    ties = _ties(np.concatenate([*earlier, []]), np.concatenate([*later, []]), int(begins[-1]))
    rows = sparse.vstack(
        [sparse.block_diag([part.rows for part in parts], format="csr"), ties], format="csr"
    )
    programme = Programme(
        worth=np.concatenate([part.worth for part in parts]),
        rows=sparse.csr_array(rows.astype(np.int64)),
        limit=np.concatenate([*(part.limit for part in parts), np.zeros(ties.shape[0], np.int64)]),
        lower=np.concatenate([part.lower for part in parts]),
        upper=upper,
        whole=np.concatenate([part.whole for part in parts]),
    )
    return programme, bool((upper == 1).all())


def _ties(earlier: Ints, later: Ints, variables: int) -> sparse.csr_array:
    """A site open in one year is open in the next."""
    row = np.arange(len(earlier))
    ones = np.ones(len(earlier), np.int64)
    at = (np.concatenate([row, row]), np.concatenate([earlier, later]).astype(np.int64))
    shape = (len(earlier), variables)
    return sparse.csr_array((np.concatenate([ones, -ones]), at), shape=shape)


def _with_rows(years: Sequence[CoverProgramme], plan: Ints) -> Ints:
    """The plan with everybody counted whom its sites cover."""
    parts = zip(years, _opened(years, plan), strict=True)
    return np.concatenate([year.plan(opened) for year, opened in parts])


def _opened(years: Sequence[CoverProgramme], plan: Ints) -> Bools:
    begins = np.cumsum([0, *(len(year.programme.worth) for year in years)])
    return np.array(
        [year.chosen(plan[at:]) for year, at in zip(years, begins[:-1], strict=True)], np.bool_
    )
