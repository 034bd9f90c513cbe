"""What a relaxed plan costs each demand point, and the lines below that cost (Benders cuts).

Let sites be open in part, y_j in 0..1. A demand point then costs at least
max over u of u - sum_j max(0, u - c_ij) y_j, and the best u is the first cost by which its nearer
sites are open to one in all: its radius (Cornuejols, Nemhauser and Wolsey 1980; cuts in this
closed form by Duran-Mateluna, Ales and Elloumi 2023). So a set of prices u, one a demand point, is
a line below the cost of every plan; the lines of a block of demand points are added up to one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.siting.location import Int32s
from geoplan.siting.median_rows import Rows
from geoplan.travel.compiled import by_numba

_WHOLE = 1 - 1e-9


class Blocks(NamedTuple):
    """Demand points put together: those of block `b` stand at `start[b]:start[b + 1]` of `row`."""

    start: Ints  # (blocks + 1,)
    row: Ints  # (n,)
    of: Ints  # (n,) the block of each row


class Cuts(NamedTuple):
    """theta[block] + sum over pairs `start[t]:start[t + 1]` of slope x y[site] >= level, for each
    line t; theta is what a block costs above its nearest sites."""

    block: Ints  # (lines,)
    start: Ints  # (lines + 1,)
    site: Int32s
    slope: Ints
    level: Ints  # (lines,)


@by_numba
def blocks_of(rows: Rows, sites: int) -> tuple[Ints, Ints, Ints]:
    """`Blocks` of the rows that share their nearest site."""
    n = len(rows.start)
    of = np.empty(n, np.int64)
    number = np.full(sites, -1)
    count = 0
    for i in range(n):
        j = rows.site[rows.start[i]]
        if number[j] < 0:
            number[j] = count
            count += 1
        of[i] = number[j]
    start = np.zeros(count + 1, np.int64)
    for i in range(n):
        start[of[i] + 1] += 1
    for b in range(count):
        start[b + 1] += start[b]
    fill = start[:-1].copy()
    row = np.empty(n, np.int64)
    for i in range(n):
        row[fill[of[i]]] = i
        fill[of[i]] += 1
    return start, row, of


@by_numba
def critical(rows: Rows, part: Floats, beyond: Ints, price: Ints, theta: Floats) -> None:
    """The best prices at a relaxed plan, into `price`; what each row costs there above its nearest
    site, into `theta`. A row whose sites are not open to one in all is charged `beyond`."""
    for i in range(len(rows.start)):
        reached, cost, extra = 0.0, rows.cost[rows.start[i]], 0.0
        for q in range(rows.start[i], rows.stop[i]):
            if rows.cost[q] > cost:
                if reached >= _WHOLE:
                    break
                extra += (1.0 - reached) * (rows.cost[q] - cost)
                cost = rows.cost[q]
            reached += part[rows.site[q]]
        if reached < _WHOLE:
            extra += (1.0 - reached) * (beyond[i] - cost)
            cost = beyond[i]
        price[i] = cost
        theta[i] = extra


@by_numba
def lines(rows: Rows, price: Ints, blocks: Blocks, wanted: Bools, sites: int) -> tuple[
    Ints, Ints, Int32s, Ints, Ints
]:  # fmt: skip
    """The `Cuts` that prices give for the wanted blocks."""
    most = 0
    for i in range(len(price)):
        if wanted[blocks.of[i]]:
            for q in range(rows.start[i], rows.stop[i]):
                if rows.cost[q] >= price[i]:
                    break
                most += 1
    block = np.flatnonzero(wanted)
    start = np.zeros(len(block) + 1, np.int64)
    level = np.zeros(len(block), np.int64)
    site, slope = np.empty(most, np.int32), np.empty(most, np.int64)
    place = np.full(sites, -1)
    at = 0
    for t in range(len(block)):
        first = at
        for i in blocks.row[blocks.start[block[t]] : blocks.start[block[t] + 1]]:
            level[t] += price[i] - rows.cost[rows.start[i]]
            for q in range(rows.start[i], rows.stop[i]):
                gain = price[i] - rows.cost[q]
                if gain <= 0:
                    break
                j = rows.site[q]
                if place[j] < first:
                    place[j] = at
                    site[at] = j
                    slope[at] = 0
                    at += 1
                slope[place[j]] += gain
        start[t + 1] = at
    return block, start, site[:at], slope[:at], level
