"""Several years as one question: what stands stays, and every year's people count.

The multi-period maximal covering problem (Schilling 1980; Gunawardane 1982): the years are maximal
covering questions side by side, tied by x(j, t) <= x(j, t + 1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from geoplan.model import Bools, Ints
from geoplan.siting.allowed import allowed_plans
from geoplan.siting.cover_programme import CoverProgramme, most_covered
from geoplan.siting.location import Effort, LocationProblem
from geoplan.siting.mclp import covered_weight
from geoplan.siting.programme import Programme, fixed_by, price_bound
from geoplan.siting.reduce import reduce_cover
from geoplan.siting.solvers import linear_prices, solve_highs
from geoplan.travel.compiled import seconds_at_work


def phased_cover(
    problems: Sequence[LocationProblem],
    threshold_ms: int,
    counts: Sequence[int],
    start: Bools,
    effort: Effort,
) -> Bools:
    """Open sites at the end of each year (years, k), so that most are covered over all years.

    `problems` are of the same demand and sites, none fixed; at most `counts[t]` are open at the end
    of year t. `start` (years, k) must keep all rules; the answer is never worth less.
    """
    end = seconds_at_work() + effort.seconds
    years = [
        most_covered(reduce_cover(problem, threshold_ms), allowed_plans(problem, count))
        for problem, count in zip(problems, counts, strict=True)
    ]
    joined = _joined(years)
    plan = _with_rows(years, start)
    known = joined.value(plan)
    # A site that another stands for is not among the variables: such a plan cannot be a start.
    usable = joined.allows(plan)
    less, bound = joined, None
    if relaxed := linear_prices(joined, end - seconds_at_work()):
        proven = price_bound(joined, relaxed[0])
        less, bound = fixed_by(joined, proven, known) if usable else joined, proven.value
    worth = _covered(problems, threshold_ms, start)
    if bound is not None and worth >= bound:
        return start
    solved = solve_highs(less, end - seconds_at_work(), plan if usable else None)
    if solved.plan is None:
        return start
    opened = _opened(years, solved.plan)
    better = _covered(problems, threshold_ms, opened) > worth
    return opened if better and joined.allows(_with_rows(years, opened)) else start


def _covered(problems: Sequence[LocationProblem], threshold_ms: int, plan: Bools) -> int:
    parts = zip(problems, plan, strict=True)
    return sum(covered_weight(problem, threshold_ms, opened, 1) for problem, opened in parts)


def _joined(years: Sequence[CoverProgramme]) -> Programme:
    """All years side by side; a site that the next year's question does without stays shut."""
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
    return Programme(
        worth=np.concatenate([part.worth for part in parts]),
        rows=sparse.csr_array(rows.astype(np.int64)),
        limit=np.concatenate([*(part.limit for part in parts), np.zeros(ties.shape[0], np.int64)]),
        lower=np.concatenate([part.lower for part in parts]),
        upper=upper,
        whole=np.concatenate([part.whole for part in parts]),
    )


def _ties(earlier: Ints, later: Ints, variables: int) -> sparse.csr_array:
    """A site open in one year is open in the next."""
    row = np.arange(len(earlier))
    ones = np.ones(len(earlier), np.int64)
    at = (np.concatenate([row, row]), np.concatenate([earlier, later]).astype(np.int64))
    shape = (len(earlier), variables)
    return sparse.csr_array((np.concatenate([ones, -ones]), at), shape=shape)


def _with_rows(years: Sequence[CoverProgramme], opened: Bools) -> Ints:
    """The variables of a plan: its sites that are among them, and everybody whom these cover."""
    return np.concatenate(
        [year.plan(sites & year.cover.usable) for year, sites in zip(years, opened, strict=True)]
    )


def _opened(years: Sequence[CoverProgramme], plan: Ints) -> Bools:
    begins = np.cumsum([0, *(len(year.programme.worth) for year in years)])
    return np.array(
        [year.chosen(plan[at:]) for year, at in zip(years, begins[:-1], strict=True)], np.bool_
    )
