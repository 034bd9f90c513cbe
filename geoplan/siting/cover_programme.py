"""The covering models as whole-number programmes.

Variables are the usable sites x, then the rows z of the cover that are counted: z is 1 only if
`need` of the row's sites are open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geoplan.errors import Fault
from geoplan.model import Bools, Ints
from geoplan.siting.allowed import Allowed
from geoplan.siting.location import Int32s, fault
from geoplan.siting.programme import Named, Programme
from geoplan.siting.reduce import Cover
from geoplan.siting.spacing import too_near_together

_Name = tuple[str, tuple[int, ...]]


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
        return np.concatenate([x, counted_rows(self.cover, chosen).astype(np.int64)])

    def chosen(self, plan: Ints) -> Bools:
        result = np.zeros(len(self.cover.usable), np.bool_)
        result[self.sites[plan[: len(self.sites)] > 0]] = True
        return result


def counted_rows(cover: Cover, chosen: Bools) -> Bools:
    """The rows that count when the sites `chosen` (k,) are opened."""
    if not cover.rows:
        return np.zeros(0, np.bool_)
    opened = np.add.reduceat(chosen[cover.site].astype(np.int64), cover.start[:-1])
    counted: Bools = opened >= cover.need
    return counted


def shares_kept(cover: Cover, counted: Bools) -> Bools:
    """Whether the counted rows are enough in each area (a,)."""
    here = np.zeros(len(cover.wanted), np.int64)
    np.add.at(here, cover.area[counted], cover.weight[counted])
    kept: Bools = here >= cover.wanted
    return kept


def shares_refused(cover: Cover, required: Ints) -> tuple[Fault, ...]:
    """The first area of which all usable sites together count too few; `required` are people."""
    most = np.zeros(len(cover.wanted), np.int64)
    np.add.at(most, cover.area, cover.weight)
    for area in np.flatnonzero(most < cover.wanted)[:1]:
        wanted = int(required[area])
        reached = wanted - int(cover.wanted[area] - most[area])
        return (fault("share_out_of_reach", area=int(area), wanted=wanted, most=reached),)
    return ()


def most_covered(cover: Cover, allowed: Allowed) -> CoverProgramme:
    """Maximal covering (Church and ReVelle 1974): the weight of the rows that are counted."""
    sites, incidence = _incidence(cover)
    rules, limits, names = site_rules(allowed, sites)
    shares, wanted = _shares(cover)
    blocks = [
        [-incidence, _diagonal(cover.need)],
        [rules, _nothing(len(limits), cover.rows)],
        [_nothing(len(wanted), len(sites)), shares],
    ]
    named = _named(cover.rows, [*names, *_share_names(wanted)])
    programme = Programme(
        worth=np.concatenate([np.zeros(len(sites), np.int64), cover.weight]),
        rows=_integers(sparse.block_array(blocks, format="csr")),
        limit=np.concatenate([np.zeros(cover.rows, np.int64), limits, -cover.wanted[wanted]]),
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
    rules, limits, names = site_rules(allowed, sites)
    counted = cover.rows if target is not None else 0
    blocks = [[-incidence], [rules]]
    first = -cover.need.astype(np.int64)
    asked = [("demand", (int(point),)) for point in cover.point]
    if target is not None:
        shares, wanted = _shares(cover)
        blocks = [
            [-incidence, _diagonal(cover.need)],
            [rules, _nothing(len(limits), cover.rows)],
            [_nothing(len(wanted), len(sites)), shares],
            [_nothing(1, len(sites)), sparse.csr_array(-cover.weight[None, :])],
        ]
        first = np.zeros_like(first)
        limits = np.concatenate([limits, -cover.wanted[wanted], [-target]])
        names, asked = [*names, *_share_names(wanted), ("people", ())], []
    programme = Programme(
        worth=np.concatenate([-cost[sites], np.zeros(counted, np.int64)]),
        rows=_integers(sparse.block_array(blocks, format="csr")),
        limit=np.concatenate([first, limits]),
        lower=np.zeros(len(sites) + counted, np.int64),
        upper=np.ones(len(sites) + counted, np.int64),
        whole=np.concatenate([np.ones(len(sites), np.bool_), np.ones(counted, np.bool_)]),
        names=_named(0, asked) + _named(cover.rows, names),
    )
    return CoverProgramme(programme, sites, cover, counted=target is not None)


def _incidence(cover: Cover) -> tuple[Ints, sparse.csr_array]:
    sites = np.flatnonzero(cover.usable)
    column = np.zeros(len(cover.usable), np.int64)
    column[sites] = np.arange(len(sites))
    ones = np.ones(len(cover.site), np.int64)
    shape = (cover.rows, len(sites))
    return sites, sparse.csr_array((ones, column[cover.site], cover.start), shape=shape)


def site_rules(allowed: Allowed, sites: Ints) -> tuple[sparse.csr_array, Ints, list[_Name]]:
    """Rows of the rules that can bind: number, group maximums, group minimums, budget, spacing."""
    rows, limits, names = [], [], []

    def add(row: Ints, limit: int, kind: str, *at: int) -> None:
        rows.append(row)
        limits.append(limit)
        names.append((kind, at))

    group = allowed.group[sites]
    if allowed.number < len(sites):
        add(np.ones(len(sites), np.int64), allowed.number, "count")
    for g in range(len(allowed.least)):
        members = (group == g).astype(np.int64)
        if allowed.most[g] < members.sum():
            add(members, int(allowed.most[g]), "at_most", g)
        if allowed.least[g] > 0:
            add(-members, -int(allowed.least[g]), "at_least", g)
    if allowed.cost[sites].sum() > allowed.budget:
        add(allowed.cost[sites], allowed.budget, "budget")
    shaped = sparse.csr_array(np.array(rows, np.int64).reshape(len(rows), len(sites)))
    if not allowed.spaced:
        return shaped, np.array(limits, np.int64), names
    apart, sets = _apart(allowed, sites)
    rows_in_all = sparse.vstack([shaped, apart], format="csr")
    return rows_in_all, np.array(limits + [1] * len(sets), np.int64), names + sets


def _apart(allowed: Allowed, sites: Ints) -> tuple[sparse.csr_array, list[_Name]]:
    """A row for each set of `sites` of which only one may be open."""
    column = np.zeros(len(allowed.group), np.int64)
    column[sites] = np.arange(len(sites))
    among = np.zeros(len(column), np.bool_)
    among[sites] = True
    sets = too_near_together(allowed.near_start, allowed.near, among)
    start = np.concatenate([[0], np.cumsum([len(members) for members in sets])]).astype(np.int64)
    columns = column[[j for members in sets for j in members]]
    shape = (len(sets), len(sites))
    rows = sparse.csr_array((np.ones(len(columns), np.int64), columns, start), shape=shape)
    return rows, [("apart", members) for members in sets]


def _shares(cover: Cover) -> tuple[sparse.csr_array, Ints]:
    """A row for each area whose least share still asks for more, and which areas these are."""
    wanted = np.flatnonzero(cover.wanted)
    members = cover.area[None, :] == wanted[:, None]
    return sparse.csr_array(-(members * cover.weight[None, :])), wanted


def _share_names(wanted: Ints) -> list[_Name]:
    return [("least_share", (int(area),)) for area in wanted]


def _named(first: int, names: Sequence[_Name]) -> tuple[Named, ...]:
    return tuple(Named(first + at, *name) for at, name in enumerate(names))


def _nothing(rows: int, columns: int) -> sparse.csr_array:
    return sparse.csr_array((rows, columns), dtype=np.int64)


def _integers(rows: sparse.sparray) -> sparse.csr_array:
    return sparse.csr_array(rows).astype(np.int64)


def _diagonal(values: Int32s) -> sparse.csr_array:
    at = np.arange(len(values) + 1)
    return sparse.csr_array((values.astype(np.int64), at[:-1], at), shape=(len(values),) * 2)
