"""Times from many nodes to many places over a hierarchy, many places side by side.

Only what lies above the nodes that are asked about, or above a place, is passed over: restricted
PHAST (Delling, Goldberg and Werneck 2011). The times to `LANES` places stand next to each other
in memory, so the processor lowers several of them at once. Batches of places go to threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geoplan.model import Ints
from geoplan.travel.compiled import kernel, threads
from geoplan.travel.graph import Int32s, Joins, Weights, far
from geoplan.travel.hierarchy import Hierarchy

LANES = 32
BOARD_BYTES = 2**27
"""A board that would take more has fewer lanes."""
DOWN, UP = 1, 2
"""Marks of positions: arcs down to it matter, arcs up from it matter."""
ALIGNED_BYTES = 64
"""Rows of lanes begin where lines of the processor's cache begin."""


class Part(NamedTuple):
    """The rows of a hierarchy that matter to a question, numbered anew in the same order.

    Fields as in `Hierarchy`; arcs that do not matter are left out or `far`.
    """

    indptr: Int32s
    higher: Int32s
    up: Weights
    down: Weights


class Board(NamedTuple):
    """Times of the R rows of a part to a batch of places (R, lanes); only live rows count."""

    time: Weights
    live: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Batch:
    """Places (p,), at most one a lane, and of their joins the lane, row of the part and weight."""

    place: Ints
    lane: Int32s
    row: Int32s
    weight: Weights


def times(ways: Hierarchy, joins: Joins, targets: Ints | Int32s) -> Weights:
    """Times (T, m) from the target nodes (T,) to every place, `far` where there is no way."""
    none = far(ways.up)
    part, row = _part(ways, joins, ways.position[targets])
    target = row[ways.position[targets]]
    out = np.full((len(targets), joins.places), none, ways.up.dtype)

    def answer(batch: Batch, board: Board) -> None:
        _climb(part, board, (batch.lane, batch.row, batch.weight), none)
        _descend(part, board, none - 1, none)
        _read(board, target, batch.place, out)

    _for_each_batch(_batches(ways, joins, row, _lanes(part)), part, answer)
    return out


def sums_within(ways: Hierarchy, joins: Joins, amount: Ints, limit: int) -> Ints:
    """For each place (m,) the sum of `amount` (N,) over the nodes at most `limit` away."""
    none = far(ways.up)
    wanted = np.flatnonzero(amount)
    part, row = _part(ways, joins, ways.position[wanted])
    amount_of_row = np.zeros(len(part.indptr) - 1, np.int64)
    amount_of_row[row[ways.position[wanted]]] = amount[wanted]
    sums = np.zeros(joins.places, np.int64)
    within = min(limit, none - 1)

    def answer(batch: Batch, board: Board) -> None:
        _climb(part, board, (batch.lane, batch.row, batch.weight), none)
        _descend(part, board, within, none)
        _add_up(board, amount_of_row, within, batch.place, sums)

    _for_each_batch(_batches(ways, joins, row, _lanes(part)), part, answer)
    return sums


def _part(ways: Hierarchy, joins: Joins, target: Int32s) -> tuple[Part, Int32s]:
    """The part above targets (positions) and joins; and the row (N,) of each position, or -1."""
    none = far(ways.up)
    mark = np.zeros(ways.nodes, np.uint8)
    mark[target] |= DOWN
    mark[ways.position[joins.node]] |= UP
    _mark_above(ways.indptr, ways.higher, (ways.up, ways.down), mark, none)
    chosen = np.flatnonzero(mark)
    row = np.full(ways.nodes, -1, np.int32)
    row[chosen] = np.arange(len(chosen), dtype=np.int32)
    first, number = ways.indptr[chosen], np.diff(ways.indptr)[chosen]
    end = np.cumsum(number, dtype=np.int32)
    arc = np.repeat(first - (end - number), number) + np.arange(number.sum(), dtype=np.int32)
    marks = np.repeat(mark[chosen], number)
    up, down = ways.up[arc], ways.down[arc]
    up[(marks & UP) == 0] = none
    down[(marks & DOWN) == 0] = none
    kept = np.minimum(up, down) < none
    before = np.concatenate([[0], np.cumsum(kept)])
    indptr = before[np.concatenate([[0], end])].astype(np.int32)
    return Part(indptr, row[ways.higher[arc[kept]]], up[kept], down[kept]), row


@kernel
def _mark_above(
    indptr: Int32s,
    higher: Int32s,
    weights: tuple[Weights, Weights],
    mark: npt.NDArray[np.uint8],
    none: int,
) -> None:
    """Carry the marks (N,) of positions to all that is above them by arcs of that direction."""
    up, down = weights
    for p in range(len(mark) - 1, -1, -1):
        if mark[p] == 0:
            continue
        for arc in range(indptr[p], indptr[p + 1]):
            if down[arc] < none:
                mark[higher[arc]] |= mark[p] & DOWN
            if up[arc] < none:
                mark[higher[arc]] |= mark[p] & UP


def _lanes(part: Part) -> int:
    """How many lanes a board for this part has."""
    lanes = LANES
    while lanes > 1 and lanes * (len(part.indptr) - 1) * part.up.dtype.itemsize > BOARD_BYTES:
        lanes //= 2
    return lanes


def _batches(ways: Hierarchy, joins: Joins, row: Int32s, lanes: int) -> Iterator[Batch]:
    """Places near each other together, so many at a time; those without a join are left out."""
    number = np.diff(joins.indptr)
    joined = np.flatnonzero(number)
    at = row[ways.position[joins.node]]
    joined = joined[np.argsort(at[joins.indptr[joined]], kind="stable")]
    for begin in range(0, len(joined), lanes):
        place = joined[begin : begin + lanes]
        lane = np.repeat(np.arange(len(place), dtype=np.int32), number[place])
        join = np.concatenate([np.arange(joins.indptr[p], joins.indptr[p + 1]) for p in place])
        yield Batch(place, lane, at[join], joins.weight[join])


def _for_each_batch(
    batches: Iterator[Batch], part: Part, answer: Callable[[Batch, Board], None]
) -> None:
    """Answer every batch; each thread has a board of its own, and no result depends on which."""
    every = list(batches)
    workers = max(1, min(threads(), len(every)))

    def work(worker: int) -> None:
        board = _board(len(part.indptr) - 1, _lanes(part), part.up.dtype)
        for batch in every[worker::workers]:
            answer(batch, board)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


def _board(rows: int, lanes: int, dtype: np.dtype[np.generic]) -> Board:
    """Memory for the times of so many rows, each row at the beginning of a line of the cache."""
    bytes_ = np.empty(rows * lanes * dtype.itemsize + ALIGNED_BYTES, np.uint8)
    begin = -bytes_.ctypes.data % ALIGNED_BYTES
    time = bytes_[begin : begin + rows * lanes * dtype.itemsize].view(dtype)
    return Board(time.reshape(rows, lanes), np.zeros(rows, np.uint8))


@kernel
def _climb(part: Part, board: Board, joins: tuple[Int32s, Int32s, Weights], none: int) -> None:
    """Fill the board anew with the times from joins (lane, row, weight) up to all above them."""
    time, live = board
    live[:] = 0
    lane, row, weight = joins
    for join in range(len(row)):
        _wake(board, row[join], none)
        time[row[join], lane[join]] = min(time[row[join], lane[join]], weight[join])
    for p in range(len(live) - 1, -1, -1):
        if live[p]:
            for arc in range(part.indptr[p], part.indptr[p + 1]):
                if part.up[arc] < none:
                    _wake(board, part.higher[arc], none)
                    _lower_lanes(time, part.higher[arc], p, part.up[arc])


@kernel
def _descend(part: Part, board: Board, within: int, none: int) -> None:
    """Carry the times down to every row, as far as they are within the limit.

    A row with no lane within the limit is not live, and nothing is carried on from it.
    """
    time, live = board
    for p in range(len(live)):
        for arc in range(part.indptr[p], part.indptr[p + 1]):
            if live[part.higher[arc]] and part.down[arc] < none:
                _wake(board, p, none)
                _lower_lanes(time, p, part.higher[arc], part.down[arc])
        if live[p]:
            some = 0
            for lane in range(time.shape[1]):
                some |= time[p, lane] <= within
            live[p] = some


@kernel
def _wake(board: Board, row: int, none: int) -> None:
    """Make a row live that was not: nothing reached it yet."""
    if board.live[row] == 0:
        board.live[row] = 1
        for lane in range(board.time.shape[1]):
            board.time[row, lane] = none


@kernel
def _lower_lanes(time: Weights, to: int, by: int, weight: int) -> None:
    """Lower each time of a row to that of another row and the way between.

    Sums are cut to the kind of the weights (they never need more bits), so that four 32-bit lanes
    go into one instruction.
    """
    kind = time.dtype.type
    for lane in range(time.shape[1]):
        through = kind(time[by, lane] + weight)
        time[to, lane] = through if through < time[to, lane] else time[to, lane]


@kernel
def _read(board: Board, row: Int32s, place: Ints, out: Weights) -> None:
    """Copy the times of rows (T,) into the columns of the places; other rows stay as they are."""
    for at in range(len(row)):
        if board.live[row[at]]:
            for lane in range(len(place)):
                out[at, place[lane]] = board.time[row[at], lane]


@kernel
def _add_up(board: Board, amount: Ints, within: int, place: Ints, sums: Ints) -> None:
    """Add the amounts (R,) of the rows within the limit to the sums of the places."""
    for p in range(len(amount)):
        if board.live[p] and amount[p]:
            for lane in range(len(place)):
                if board.time[p, lane] <= within:
                    sums[place[lane]] += amount[p]
