"""The covering models as whole-number programmes.

Variables are the usable sites x, then the rows z of the cover that are counted: z is 1 only if
`need` of the row's sites are open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed
from geoplan.siting.location import Int32s
from geoplan.siting.programme import Programme
from geoplan.siting.reduce import Cover


@dataclass(frozen=True, slots=True)
class CoverProgramme:
    """A programme, and which sites its first variables are."""

    programme: Programme
    sites: Ints
    cover: Cover
    counted: bool  # whether rows are variables

    def plan(self, chosen: Bools) -> Ints:
        """The variables of the plan that opens `chosen` (k,)."""
        x = chosen[self.sites].astype(np.int64)
        if not self.counted:
            return x
        opened = np.add.reduceat(
            np.append(chosen[self.cover.site], False).astype(np.int64), self.cover.start[:-1]
        )
        return np.concatenate([x, (opened >= self.cover.need).astype(np.int64)])

    def chosen(self, plan: Ints) -> Bools:
        result = np.zeros(len(self.cover.usable), np.bool_)
        result[self.sites[plan[: len(self.sites)] > 0]] = True
        return result


def most_covered(cover: Cover, allowed: Allowed) -> CoverProgramme:
    """Maximal covering (Church and ReVelle 1974): the weight of the rows that are counted."""
    sites, incidence = _incidence(cover)
    rules, limits, names = _rules(allowed, sites)
    needs = _diagonal(cover.need)
    rows = sparse.block_array(
        [[-incidence, needs], [rules, sparse.csr_array((len(limits), cover.rows), dtype=np.int64)]],
        format="csr",
    )
    named = tuple((cover.rows + at, name) for at, name in enumerate(names))
    programme = Programme(
        worth=np.concatenate([np.zeros(len(sites), np.int64), cover.weight]),
        rows=_integers(rows),
        limit=np.concatenate([np.zeros(cover.rows, np.int64), limits]),
        lower=np.zeros(len(sites) + cover.rows, np.int64),
        upper=np.ones(len(sites) + cover.rows, np.int64),
        whole=np.concatenate([np.ones(len(sites), np.bool_), cover.need > 1]),
        names=named,
    )
    return CoverProgramme(programme, sites, cover, counted=True)


def least_cost(cover: Cover, allowed: Allowed, cost: Ints, target: int | None) -> CoverProgramme:
    """Set covering (Toregas and others 1971), or the cheapest way to cover a `target` weight.

    Its worth is the cost (k,) with a minus. `target` counts rows of the cover only; None is all.
    """
    sites, incidence = _incidence(cover)
    rules, limits, names = _rules(allowed, sites)
    counted = cover.rows if target is not None else 0
    blocks: list[list[sparse.csr_array | None]] = [[-incidence], [rules]]
    first = -cover.need.astype(np.int64)
    if target is not None:
        blocks = [
            [-incidence, _diagonal(cover.need)],
            [rules, None],
            [None, sparse.csr_array(-cover.weight[None, :])],
        ]
        first, limits = np.zeros_like(first), np.append(limits, -target)
        names = [*names, "share"]
    programme = Programme(
        worth=np.concatenate([-cost[sites], np.zeros(counted, np.int64)]),
        rows=_integers(sparse.block_array(blocks, format="csr")),
        limit=np.concatenate([first, limits]),
        lower=np.zeros(len(sites) + counted, np.int64),
        upper=np.ones(len(sites) + counted, np.int64),
        whole=np.concatenate([np.ones(len(sites), np.bool_), np.ones(counted, np.bool_)]),
        names=tuple((cover.rows + at, name) for at, name in enumerate(names)),
    )
    return CoverProgramme(programme, sites, cover, counted=target is not None)


def _incidence(cover: Cover) -> tuple[Ints, sparse.csr_array]:
    sites = np.flatnonzero(cover.usable)
    column = np.zeros(len(cover.usable), np.int64)
    column[sites] = np.arange(len(sites))
    ones = np.ones(len(cover.site), np.int64)
    shape = (cover.rows, len(sites))
    return sites, sparse.csr_array((ones, column[cover.site], cover.start), shape=shape)


def _rules(allowed: Allowed, sites: Ints) -> tuple[sparse.csr_array, Ints, list[str]]:
    """Rows of the rules that can bind: number, group maximums, group minimums, budget."""
    rows, limits, names = [], [], []
    group = allowed.group[sites]
    if allowed.number < len(sites):
        rows.append(np.ones(len(sites), np.int64))
        limits.append(allowed.number)
        names.append("count")
    for g in range(len(allowed.least)):
        members = (group == g).astype(np.int64)
        if allowed.most[g] < members.sum():
            rows.append(members)
            limits.append(int(allowed.most[g]))
            names.append(f"at_most {g}")
        if allowed.least[g] > 0:
            rows.append(-members)
            limits.append(-int(allowed.least[g]))
            names.append(f"at_least {g}")
    if allowed.cost[sites].sum() > allowed.budget:
        rows.append(allowed.cost[sites])
        limits.append(allowed.budget)
        names.append("budget")
    shaped = np.array(rows, np.int64).reshape(len(rows), len(sites))
    return sparse.csr_array(shaped), np.array(limits, np.int64), names


def _integers(rows: sparse.sparray) -> sparse.csr_array:
    return sparse.csr_array(rows).astype(np.int64)


def _diagonal(values: Int32s) -> sparse.csr_array:
    at = np.arange(len(values) + 1)
    return sparse.csr_array((values.astype(np.int64), at[:-1], at), shape=(len(values),) * 2)
