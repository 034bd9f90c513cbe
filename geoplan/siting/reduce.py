"""Make a covering question small without changing its answer.

Demand that fixed sites cover already is taken out; demand points of one area with the same
candidate sites become one row (Church 1984 calls these the least common coverage sets); a site is
left out where another of its group, not dearer and free to stand anywhere, covers all that it
covers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geoplan.model import Bools, Ints
from geoplan.siting.areas import areas_of
from geoplan.siting.location import Int32s, LocationProblem
from geoplan.travel.compiled import by_numba

_Hashes = npt.NDArray[np.uint64]
_Kinds = npt.NDArray[np.int8]


class _Reach(NamedTuple):
    """Pairs, of which those within the threshold and of a site of kind 1 (usable) or 2 (fixed)
    count."""

    start: Ints
    site: Int32s
    ms: Ints | Int32s
    threshold: int
    kind: _Kinds


class _Sites(NamedTuple):
    usable: Bools
    group: Ints
    cost: Ints
    spaced: Bools  # may not stand beside some other


class _Part(NamedTuple):
    start: Ints
    site: Int32s
    site_start: Ints
    row: Int32s
    weight: Ints
    need: Int32s
    usable: Bools
    area: Ints
    point: Ints


@dataclass(frozen=True, slots=True)
class Cover:
    """Rows of demand that no fixed site settles, and the sites that can still be opened.

    A row counts its `weight` once `need` (1 or more) of its sites are open. `site_start`, `row`
    are the same pairs by site. `settled` is the weight fixed sites settle, `lost` the weight that
    no plan can settle, `lost_rows` its demand points. `wanted` is the weight that the rows of each
    area must still count for the least shares.
    """

    start: Ints  # (rows + 1,)
    site: Int32s
    site_start: Ints  # (k + 1,)
    row: Int32s
    weight: Ints  # (rows,)
    need: Int32s  # (rows,)
    usable: Bools  # (k,)
    area: Ints  # (rows,)
    point: Ints  # (rows,) the lowest demand point of each row
    settled: int
    lost: int
    lost_rows: Ints
    wanted: Ints  # (a,)

    @property
    def rows(self) -> int:
        return len(self.weight)

    @property
    def most(self) -> int:
        """Everything settled and everything that can be."""
        return self.settled + int(self.weight.sum())


def reduce_cover(problem: LocationProblem, threshold_ms: int, times: int = 1) -> Cover:
    """Put demand together and leave dominated sites out; at most `threshold_ms` is in reach.

    Demand counts once `times` of its sites are open, fixed ones too. Sites are only left out
    where `times` is 1: a second cover may need the lesser one.
    """
    usable = ~(problem.fixed | problem.forbidden)
    kind = np.where(problem.fixed, 2, usable).astype(np.int8)
    pairs = _Reach(problem.start, problem.site, problem.ms, threshold_ms, kind)
    area, wanted = areas_of(problem)
    part, done, lost_rows = _together(pairs, problem.weight, np.int32(times), area)
    if times == 1:
        part = _without_dominated(part, problem)
    np.subtract.at(wanted, area[done], problem.weight[done])
    return Cover(
        *part,
        settled=int(problem.weight[done].sum()),
        lost=int(problem.weight[lost_rows].sum()),
        lost_rows=lost_rows,
        wanted=np.maximum(wanted, 0),
    )


def reduce_demand(problem: LocationProblem, threshold_ms: int) -> Cover:
    """Demand put together only: every site that is not forbidden stays, fixed ones as any other."""
    kind = (~problem.forbidden).astype(np.int8)
    pairs = _Reach(problem.start, problem.site, problem.ms, threshold_ms, kind)
    area, wanted = areas_of(problem)
    part, _, lost_rows = _together(pairs, problem.weight, np.int32(1), area)
    lost = int(problem.weight[lost_rows].sum())
    return Cover(*part, settled=0, lost=lost, lost_rows=lost_rows, wanted=wanted)


def restrict(cover: Cover, usable: Bools) -> Cover:
    """The question with only the `usable` sites: rows may then be alike, or lost."""
    part, lost = _restricted(_Part(*(getattr(cover, name) for name in _Part._fields)), usable)
    return _less(cover, part, cover.lost + lost)


def without_implied(cover: Cover) -> Cover:
    """Without rows that are covered whenever some other row is: its sites are among theirs.

    Only where every row must be covered, once; then sites left without a row are left out too.
    """
    if (cover.need != 1).any():
        return cover
    part = _Part(*(getattr(cover, name) for name in _Part._fields))
    asked = ~_implied(part)
    kept = np.flatnonzero(asked)
    degree = np.diff(part.start).astype(np.int32)
    kind = part.usable.astype(np.int8)
    pairs = _Reach(part.start, part.site, np.zeros(len(part.site), np.int32), 0, kind)
    start, site = _gather(pairs, kept, degree)
    some = {name: getattr(part, name)[kept] for name in ("weight", "need", "area", "point")}
    site_start, row = transposed(start, site, len(part.usable))
    less = part._replace(start=start, site=site, site_start=site_start, row=row, **some)
    return _less(cover, less, cover.lost)


def _less(cover: Cover, part: _Part, lost: int) -> Cover:
    return replace(cover, lost=lost, **part._asdict())


def _restricted(part: _Part, usable: Bools) -> tuple[_Part, int]:
    ms = np.zeros(len(part.site), np.int32)
    pairs = _Reach(part.start, part.site, ms, 0, usable.astype(np.int8))
    less, _, lost_rows = _together(pairs, part.weight, part.need, part.area)
    less = less._replace(point=part.point[less.point])
    return less, int(part.weight[lost_rows].sum())


def _together(
    pairs: _Reach, weight: Ints, times: Int32s | np.int32, area: Ints
) -> tuple[_Part, Bools, Ints]:
    """Rows of one kind made one, which rows fixed sites settle, and the rows nothing settles."""
    k = len(pairs.kind)
    marks = np.random.default_rng(1).integers(1, 2**63, (2, k), dtype=np.int64).astype(np.uint64)
    signs, degree, settled = _signatures(pairs, marks)
    need = (times - settled).astype(np.int32)
    short = (need > degree) & (weight > 0)
    asked = (need > 0) & (weight > 0) & ~short
    first, kind, weights = _alike(
        signs, area * (int(np.max(times, initial=0)) + 1) + need, asked, weight
    )
    start, site = _gather(pairs, first, degree)
    if _differing(pairs, kind, start, site):  # one chance in about 10^30
        raise RuntimeError("two candidate sets have one hash")
    usable = pairs.kind == 1
    part = _Part(
        start, site, *transposed(start, site, k), weights, need[first], usable, area[first], first
    )
    return part, need <= 0, np.flatnonzero(short)


def transposed(start: Ints, site: Int32s, sites: int) -> tuple[Ints, Int32s]:
    """The pairs by site: (k + 1,) ranges and rising rows."""
    site_start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=sites))])
    return site_start, _turn(start, site, site_start[:-1].copy())


def _alike(signs: _Hashes, label: Ints, asked: Bools, weight: Ints) -> tuple[Ints, Ints, Ints]:
    """Rows of one label and the same sites are of one kind: the first row of each kind (rising),
    the kind of every row (-1: not asked), the weights."""
    rows = np.flatnonzero(asked)
    order = rows[np.lexsort((rows, label[rows], signs[1, rows], signs[0, rows]))]
    kind = np.full(len(asked), -1, np.int64)
    if not len(order):
        return order, kind, np.zeros(0, np.int64)
    new = np.ones(len(order), np.bool_)
    a, b = order[:-1], order[1:]
    new[1:] = (signs[:, a] != signs[:, b]).any(axis=0) | (label[a] != label[b])
    first = order[new]
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    kind[order] = rank[np.cumsum(new) - 1]
    weights = np.zeros(len(first), np.int64)
    np.add.at(weights, kind[rows], weight[rows])
    return np.sort(first), kind, weights


def _without_dominated(part: _Part, problem: LocationProblem) -> _Part:
    k, usable = problem.sites, part.usable
    group = problem.group if problem.group is not None else np.zeros(k, np.int64)
    cost = problem.cost if problem.cost is not None else np.ones(k, np.int64)
    spaced = np.zeros(k, np.bool_)
    if problem.apart is not None:
        spaced[problem.apart] = True
    kept = usable & ~_dominated(part, _Sites(usable, group, cost, spaced))
    kept = _enough_for_quotas(kept, usable, problem, group)
    return part if (kept == usable).all() else _restricted(part, kept)[0]


def _enough_for_quotas(kept: Bools, usable: Bools, problem: LocationProblem, group: Ints) -> Bools:
    """Put dominated sites back where a group's minimum might need them."""
    if problem.at_least is None:
        return kept
    groups = problem.groups
    missing = problem.at_least - np.bincount(group[problem.fixed], minlength=groups)
    short = missing > np.bincount(group[kept], minlength=groups)
    if problem.cost is not None or problem.apart is not None:
        short |= missing > 0  # a filler may be dearer, or too near, than the site it stands for
    return kept | (usable & short[group])


@by_numba
def _signatures(pairs: _Reach, marks: _Hashes) -> tuple[_Hashes, Int32s, Int32s]:
    """Two order-free sums of the marks of a row's usable sites, how many, and fixed ones."""
    n = len(pairs.start) - 1
    signs = np.zeros((2, n), np.uint64)
    degree = np.zeros(n, np.int32)
    fixed = np.zeros(n, np.int32)
    for i in range(n):
        for q in range(pairs.start[i], pairs.start[i + 1]):
            j = pairs.site[q]
            if pairs.ms[q] > pairs.threshold:
                continue
            if pairs.kind[j] == 1:
                signs[0, i] += marks[0, j]
                signs[1, i] += marks[1, j]
                degree[i] += 1
            elif pairs.kind[j] == 2:
                fixed[i] += 1
    return signs, degree, fixed


@by_numba
def _gather(pairs: _Reach, rows: Ints, degree: Int32s) -> tuple[Ints, Int32s]:
    """The usable pairs of some rows."""
    start = np.zeros(len(rows) + 1, np.int64)
    for t in range(len(rows)):
        start[t + 1] = start[t] + degree[rows[t]]
    site = np.empty(start[-1], np.int32)
    at = 0
    for i in rows:
        for q in range(pairs.start[i], pairs.start[i + 1]):
            if pairs.ms[q] <= pairs.threshold and pairs.kind[pairs.site[q]] == 1:
                site[at] = pairs.site[q]
                at += 1
    return start, site


@by_numba
def _differing(pairs: _Reach, kind: Ints, start: Ints, site: Int32s) -> bool:
    """Whether any row's usable sites are not those of the row that stands for it."""
    for i in range(len(kind)):
        if kind[i] < 0:
            continue
        at, end = start[kind[i]], start[kind[i] + 1]
        for q in range(pairs.start[i], pairs.start[i + 1]):
            if pairs.ms[q] <= pairs.threshold and pairs.kind[pairs.site[q]] == 1:
                if at == end or site[at] != pairs.site[q]:
                    return True
                at += 1
        if at != end:
            return True
    return False


@by_numba
def _turn(start: Ints, site: Int32s, at: Ints) -> Int32s:
    rows = np.empty(len(site), np.int32)
    for i in range(len(start) - 1):
        for q in range(start[i], start[i + 1]):
            rows[at[site[q]]] = i
            at[site[q]] += 1
    return rows


@by_numba
def _within(few: Int32s, many: Int32s) -> bool:
    """Whether all of one rising list stand in another."""
    a, b = 0, 0
    while a < len(few) and b < len(many) and few[a] >= many[b]:
        a += few[a] == many[b]
        b += 1
    return a == len(few)


@by_numba
def _may_stand_for(sites: _Sites, one: int, other: int) -> bool:
    same: bool = sites.group[one] == sites.group[other] and not sites.spaced[one]
    return same and bool(sites.cost[one] <= sites.cost[other])


@by_numba
def _implied(part: _Part) -> Bools:
    """Rows whose sites hold all sites of another row; rows are all different."""
    start, site, at, row = part.start, part.site, part.site_start, part.row
    out = np.zeros(len(start) - 1, np.bool_)
    for i in range(len(start) - 1):
        mine = start[i + 1] - start[i]
        rare = site[start[i]]
        for j in site[start[i] : start[i + 1]]:
            if at[j + 1] - at[j] < at[rare + 1] - at[rare]:
                rare = j
        for other in row[at[rare] : at[rare + 1]]:
            if out[other] or start[other + 1] - start[other] <= mine:
                continue
            out[other] = _within(
                site[start[i] : start[i + 1]], site[start[other] : start[other + 1]]
            )
    return out


@by_numba
def _dominated(part: _Part, sites: _Sites) -> Bools:
    """Sites that another one makes needless: its rows hold theirs, same group, not dearer.

    Of equals the cheapest, then the lowest, stays. A site with no row is needless by itself.
    """
    at, row = part.site_start, part.row
    out = np.zeros(len(at) - 1, np.bool_)
    for j in range(len(at) - 1):
        if not sites.usable[j]:
            continue
        mine = at[j + 1] - at[j]
        if mine == 0:
            out[j] = True
            continue
        rare = row[at[j]]
        for i in row[at[j] : at[j + 1]]:
            if part.start[i + 1] - part.start[i] < part.start[rare + 1] - part.start[rare]:
                rare = i
        for other in part.site[part.start[rare] : part.start[rare + 1]]:
            theirs = at[other + 1] - at[other]
            if other == j or theirs < mine or not _may_stand_for(sites, other, j):
                continue
            if theirs == mine and sites.cost[other] == sites.cost[j] and other > j:
                continue
            if _within(row[at[j] : at[j + 1]], row[at[other] : at[other + 1]]):
                out[j] = True
                break
    return out
