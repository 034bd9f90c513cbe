"""The part of a hierarchy that matters to a question: what is above some nodes and some places.

Restricted PHAST (Delling, Goldberg and Werneck 2011): every shortest way goes up from one end and
comes down to the other, so nothing else is ever on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geoplan.model import Bools, Ints
from geoplan.travel.compiled import kernel
from geoplan.travel.graph import Int32s, Joins, Uint32s, Weights, far, unsigned
from geoplan.travel.hierarchy import Hierarchy, walk

DOWN, UP = 1, 2
"""Marks of positions: arcs down to it matter, arcs up from it matter."""


class Arcs(NamedTuple):
    """Arcs of one direction between the R rows of a part: row p to `higher`, as in `Hierarchy`."""

    indptr: Uint32s
    higher: Uint32s
    weight: Weights


class Part(NamedTuple):
    """The arcs of a hierarchy that matter to a question; its rows are numbered anew from above."""

    up: Arcs
    down: Arcs

    @property
    def rows(self) -> int:
        return len(self.up.indptr) - 1


def part_above(ways: Hierarchy, joins: Joins, targets: Ints | Int32s) -> tuple[Part, Uint32s]:
    """The part above target nodes and joins; and the row (N,) of each position that is in it.

    Rows come in the order of a walk, which keeps near ones together: unlike labels of one number,
    rows of lanes fill the cache.
    """
    none = far(ways.up)
    arcs = (unsigned(ways.indptr), unsigned(ways.higher))
    mark = np.zeros(ways.nodes, np.uint8)
    mark[ways.position[targets]] |= DOWN
    mark[ways.position[joins.node]] |= UP
    roots = ways.position[mark[ways.position] > 0]
    _mark_above(arcs, (ways.up, ways.down), mark, none)
    above = walk((ways.indptr[:-1], np.diff(ways.indptr), ways.higher), roots)
    chosen = unsigned(above[mark[above] > 0])
    row = np.zeros(ways.nodes, np.uint32)
    row[chosen] = np.arange(len(chosen), dtype=np.uint32)
    up = _one_way(Arcs(*arcs, ways.up), chosen, row, mark[chosen] & UP > 0, none)
    down = _one_way(Arcs(*arcs, ways.down), chosen, row, mark[chosen] & DOWN > 0, none)
    return Part(up, down), row


@kernel
def _mark_above(
    arcs: tuple[Uint32s, Uint32s],
    weights: tuple[Weights, Weights],
    mark: npt.NDArray[np.uint8],
    none: int,
) -> None:
    """Carry the marks (N,) of positions to all that is above them by arcs of that direction."""
    indptr, higher = arcs
    up, down = weights
    for p in range(len(mark) - 1, -1, -1):
        if mark[p] == 0:
            continue
        for arc in range(indptr[p], indptr[p + 1]):
            if down[arc] < none:
                mark[higher[arc]] |= mark[p] & DOWN
            if up[arc] < none:
                mark[higher[arc]] |= mark[p] & UP


def _one_way(arcs: Arcs, chosen: Uint32s, row: Uint32s, wanted: Bools, none: int) -> Arcs:
    """The arcs of chosen positions (R,) where they are wanted (R,), between new rows (N,)."""
    some = chosen[wanted]
    number = int((arcs.indptr[some + 1] - arcs.indptr[some]).sum())
    indptr = np.zeros(len(chosen) + 1, np.uint32)
    into = Arcs(indptr, np.empty(number, np.uint32), np.empty(number, arcs.weight.dtype))
    used = _copy_arcs(arcs, (chosen, wanted), row, none, into)
    return Arcs(indptr, into.higher[:used], into.weight[:used])


@kernel
def _copy_arcs(
    arcs: Arcs, asked: tuple[Uint32s, Bools], row: Uint32s, none: int, into: Arcs
) -> int:
    """Write the arcs that `_one_way` wants (`asked` is (chosen, wanted)); returns how many."""
    chosen, wanted = asked
    indptr, higher, weight = into
    used = 0
    for at in range(len(chosen)):
        if wanted[at]:
            for arc in range(arcs.indptr[chosen[at]], arcs.indptr[chosen[at] + 1]):
                if arcs.weight[arc] < none:
                    higher[used] = row[arcs.higher[arc]]
                    weight[used] = arcs.weight[arc]
                    used += 1
        indptr[at + 1] = used
    return used
