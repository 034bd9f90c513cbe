"""Maximal covering: as many people as possible within the threshold (Church and ReVelle 1974).

Backup cover (Hogan and ReVelle 1986, as Daskin and Stern 1981 count it) asks for two open sites
within the threshold of each person counted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import BadInput
from geoplan.model import Bools
from geoplan.siting import cover_search as search
from geoplan.siting.allowed import (
    Allowed,
    allowed_plans,
    complete,
    contradictions,
    fits,
)
from geoplan.siting.areas import areas_of
from geoplan.siting.capacitated import capacitated_cover
from geoplan.siting.conflicts import without_plan
from geoplan.siting.cover_bound import relaxed_prices, site_worth, take
from geoplan.siting.cover_programme import (
    CoverProgramme,
    counted_rows,
    most_covered,
    shares_kept,
    shares_refused,
)
from geoplan.siting.cover_shares import walk_with_shares
from geoplan.siting.exact import solve_exactly
from geoplan.siting.location import Effort, Found, LocationProblem, ended_as, fault, infeasible
from geoplan.siting.programme import Bound, Programme, fixed_by, price_bound
from geoplan.siting.reduce import Cover, reduce_cover, restrict
from geoplan.siting.search_log import Progress
from geoplan.siting.solvers import linear_prices
from geoplan.siting.spacing import with_spacing_settled

NO_LIMIT = np.iinfo(np.int64).max
LP_PAIRS = 400_000
"""A question with more pairs is bounded by Lagrangian prices."""
EXACT_PAIRS = 600_000
"""A question with more pairs left ends with its gap: no solver closes it in an hour."""
_QUICK_WORK = 20_000_000  # looks at a pair in the first walk: a fraction of a second
_FEW_STEPS = 400
_WALK_WORK = 1_200_000_000
_PROMISING = (0.1, 0.03, 0.1, 0.05, 0.3, 0.1)  # shares of the gap within which sites are tried
_SMALL = 20_000
"""A question with fewer pairs left goes to the solver at once."""


def mclp(
    problem: LocationProblem,
    threshold_ms: int,
    count: int | None = None,
    times: int = 1,
    effort: Effort | None = None,
) -> Found:
    """Open `count` sites in all (fixed ones too) so that most people are covered `times` times.

    `<=` the threshold is covered, also for the least shares of areas. With a budget `count` is the
    most there may be, None no limit; with spacing it is the most, too. Where sites have a capacity
    this is `capacitated_cover`.
    """
    if problem.capacity is not None and times == 1:
        return capacitated_cover(problem, threshold_ms, count, effort)
    if problem.capacity is not None:
        raise BadInput([fault("capacity_not_asked")])
    if why := contradictions(problem, count):
        return infeasible(why)
    problem = with_spacing_settled(problem)
    if count is None and problem.budget is None:
        raise BadInput([fault("no_count")])
    allowed = allowed_plans(problem, count)
    progress = Progress(effort or Effort())
    cover = reduce_cover(problem, threshold_ms, times)
    progress.limit(most_at_all(cover, allowed))
    progress.ended("reduce")
    if why := shares_refused(cover, areas_of(problem)[1]):
        return infeasible(why, progress.stages)
    ended = False
    try:
        ended = _search(cover, allowed, progress)
    except KeyboardInterrupt:
        progress.stopped = True
    if progress.chosen is None:
        programme = most_covered(cover, allowed).programme
        return without_plan(problem, programme, progress, progress.bound + cover.settled)
    chosen = complete(problem, allowed, progress.chosen, count)
    objective = covered_weight(problem, threshold_ms, chosen, times)
    bound = max(progress.bound + cover.settled, objective)
    status = ended_as(objective, bound, ended)
    return Found(
        np.flatnonzero(chosen), objective, bound, status, stages=tuple(progress.stages)
    )  # fmt: skip


def most_at_all(cover: Cover, allowed: Allowed) -> int:
    """People no plan covers more than: all in reach, or what the sites that cover most each could
    cover if nobody were near two, as many of each group and in all as may be opened."""
    row = np.repeat(np.arange(cover.rows), np.diff(cover.start))
    worth = np.zeros(len(cover.usable), np.int64)
    np.add.at(worth, cover.site, cover.weight[row])
    order = np.lexsort((-worth, allowed.group))
    order = order[cover.usable[order]]
    group = allowed.group[order]
    rank = np.arange(len(order)) - np.searchsorted(group, group)
    best = np.sort(worth[order[rank < allowed.most[group]]])[::-1][: max(allowed.number, 0)]
    need = int(cover.need.min()) if cover.rows else 1
    return min(int(cover.weight.sum()), int(best.sum()) // need)


def covered_weight(problem: LocationProblem, threshold_ms: int, opened: Bools, times: int) -> int:
    """People with at least `times` open sites within the threshold, counted from the pairs."""
    total, block = 0, 1 << 16
    for at in range(0, problem.points, block):
        ranges = problem.start[at : at + block + 1]
        part = slice(int(ranges[0]), int(ranges[-1]))
        near = opened[problem.site[part]] & (problem.ms[part] <= threshold_ms)
        sums = np.concatenate([[0], np.cumsum(near)])
        enough = np.diff(sums[ranges - ranges[0]]) >= times
        total += int(problem.weight[at : at + block][enough].sum())
    return total


def _search(cover: Cover, allowed: Allowed, progress: Progress) -> bool:
    """All stages; whether the search came to its end (and was not cut off)."""
    sets = search.sets_of(cover)
    walk = search.begin(sets, allowed, np.zeros(len(cover.usable), np.bool_), progress.effort.seed)
    search.fill(sets, allowed, walk, NO_LIMIT)
    _offer(walk, cover, allowed, progress)
    if cover.wanted.any():
        walk_with_shares(cover, allowed, progress)
    progress.ended("greedy")
    _walk(cover, allowed, walk, progress, min(_QUICK_WORK, _FEW_STEPS * _size(sets)))
    progress.ended("exchange")
    if progress.proven() or progress.left <= 0:
        return progress.proven()
    model = most_covered(cover, allowed)
    bound, guess = _bounded(model, allowed, progress)
    if progress.proven():
        return True
    if len(_smaller(model, bound, allowed, progress).cover.site) > _SMALL:
        _walk_anew(model, bound, (allowed, guess), progress)
        progress.ended("exchange again")
    if progress.proven() or progress.left <= 0 or progress.effort.solver == "none":
        return progress.proven() or progress.left > 0
    rest = _smaller(model, bound, allowed, progress)
    return len(rest.cover.site) > EXACT_PAIRS or solve_exactly(rest, progress)


def _offer(walk: search.Walk, cover: Cover, allowed: Allowed, progress: Progress) -> None:
    if cover.wanted.any() and not shares_kept(cover, counted_rows(cover, walk.best)).all():
        return
    if fits(walk.best, allowed):
        progress.offer(walk.best, int(walk.numbers[search.BEST]))


def _walk(cover: Cover, allowed: Allowed, walk: search.Walk, progress: Progress, work: int) -> None:
    """Exchanges for so much work, in slices between which time and Ctrl-C are heard."""
    if progress.value is None:
        return
    sets = search.sets_of(cover)
    step = max(1, 5_000_000 // _size(sets))
    steps = max(20, work // _size(sets))
    while steps > 0 and progress.left > 0 and not progress.proven():
        search.exchange(sets, allowed, walk, min(step, steps), progress.bound)
        steps -= step
        _offer(walk, cover, allowed, progress)


def _size(sets: search.Sets) -> int:
    return len(sets.site) + len(sets.usable)


def _walk_anew(
    model: CoverProgramme, bound: Bound, rules: tuple[Allowed, Bools], progress: Progress
) -> None:
    """Walk among the sites that the prices hold promising, from the best plan and their own."""
    allowed, guess = rules
    if progress.chosen is None or progress.value is None:
        return
    sets = search.sets_of(model.cover)
    reduced = bound.reduced[: len(model.sites)]
    for at, part in enumerate(_PROMISING):
        room = max(progress.bound - progress.value, 1) << bound.shift
        promising = guess | progress.chosen
        promising[model.sites[reduced > -room * part]] = True
        some = replace(model.cover, usable=sets.usable & promising)
        start = guess if at == 0 and fits(guess, allowed) else progress.chosen
        walk = search.begin(search.sets_of(some), allowed, start, progress.effort.seed + at + 1)
        search.fill(search.sets_of(some), allowed, walk, NO_LIMIT)
        _walk(some, allowed, walk, progress, _WALK_WORK // len(_PROMISING))


def _bounded(model: CoverProgramme, allowed: Allowed, progress: Progress) -> tuple[Bound, Bools]:
    """The bound with its prices, and the sites that the prices would take (k,)."""
    worth, name = np.zeros(len(model.cover.usable)), "linear bound"
    relaxed = None
    if len(model.cover.site) <= LP_PAIRS:
        relaxed = linear_prices(model.programme, progress.left)
    if relaxed is not None:
        prices, values = relaxed
        worth[model.sites] = values[: len(model.sites)]
    else:
        prices, name = relaxed_prices(model, allowed, progress), "Lagrangian bound"
        worth = site_worth(search.sets_of(model.cover), prices[: model.cover.rows])
    bound = price_bound(model.programme, prices)
    progress.limit(bound.value)
    progress.ended(name)
    return bound, take(worth, model.cover.usable, allowed)


def _smaller(
    model: CoverProgramme, bound: Bound, allowed: Allowed, progress: Progress
) -> CoverProgramme:
    """The question with what the bound decides taken out."""
    if progress.value is None:
        return model
    less = fixed_by(model.programme, bound, progress.value)
    return without_closed(model, less, allowed, progress.chosen)


def without_closed(
    model: CoverProgramme, less: Programme, allowed: Allowed, keep: Bools | None
) -> CoverProgramme:
    """The question without the sites that are closed for good; the best plan's stay."""
    usable = model.cover.usable.copy()
    usable[model.sites[less.upper[: len(model.sites)] == 0]] = False
    if keep is not None:
        usable |= keep
    smaller = most_covered(restrict(model.cover, usable), allowed)
    opened = np.zeros(len(usable), np.int64)
    opened[model.sites] = less.lower[: len(model.sites)]
    lower = smaller.programme.lower.copy()
    lower[: len(smaller.sites)] = opened[smaller.sites]
    return replace(smaller, programme=replace(smaller.programme, lower=lower))
