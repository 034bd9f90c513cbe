"""Times from many nodes to many places over a hierarchy, many places side by side.

Only what lies above the nodes that are asked about, or above a place, is passed over (see `part`):
restricted PHAST (Delling, Goldberg and Werneck 2011). The times to `LANES` places stand next to
each other in memory, so the processor lowers several of them at once. Batches of places go to
threads.
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
from geoplan.travel.graph import Int32s, Joins, Number, Uint32s, Weights, far
from geoplan.travel.hierarchy import Hierarchy
from geoplan.travel.part import Arcs, Part, part_above

LANES = 128
"""More lanes share the work of going through the arcs, and leave the cache sooner; measured with
32 to 256 on the bundled network and on road graphs of 0.2 and 1 million nodes."""
BOARD_BYTES = 2**27
"""A board that would take more has fewer lanes."""
ALIGNED_BYTES = 64
"""Rows of lanes begin where lines of the processor's cache begin."""


class Board(NamedTuple):
    """Times of the R rows of a part to a batch of places (R, lanes); only live rows count."""

    time: Weights
    live: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Batch:
    """Places (p,), at most one a lane, and of their joins the lane, row of the part and weight.

    `first` is how many places earlier batches have.
    """

    first: int
    place: Ints
    lane: Int32s
    row: Uint32s
    weight: Weights


def times(ways: Hierarchy, joins: Joins, targets: Ints | Int32s) -> Weights:
    """Times (T, m) from the target nodes (T,) to every place, `far` where there is no way."""
    none = far(ways.up)
    part, row = part_above(ways, joins, targets)
    target = row[ways.position[targets]]
    order = _by_node(joins)
    out = np.empty((len(targets), joins.places), ways.up.dtype)

    def answer(batch: Batch, board: Board) -> None:
        _climb(part.up, board, (batch.lane, batch.row, batch.weight), none)
        _descend(part.down, board, none - 1, none)
        _read(board, target, batch.first, out, none)

    _for_each_batch(part, (joins, row[ways.position[joins.node]]), order, answer)
    if len(order) < joins.places or (np.diff(order) < 0).any():
        _put_back(out, order, np.empty(joins.places, out.dtype), none)
    return out


def sums_within(ways: Hierarchy, joins: Joins, amount: Ints, limit: int) -> Ints:
    """For each place (m,) the sum of `amount` (N,) over the nodes at most `limit` away."""
    none = far(ways.up)
    wanted = np.flatnonzero(amount)
    part, row = part_above(ways, joins, wanted)
    amount_of_row = np.zeros(part.rows, np.int64)
    amount_of_row[row[ways.position[wanted]]] = amount[wanted]
    sums = np.zeros(joins.places, np.int64)
    within = min(limit, none - 1)

    def answer(batch: Batch, board: Board) -> None:
        _climb(part.up, board, (batch.lane, batch.row, batch.weight), none)
        _descend(part.down, board, within, none)
        _add_up(board, amount_of_row, within, batch.place, sums)

    _for_each_batch(part, (joins, row[ways.position[joins.node]]), _by_node(joins), answer)
    return sums


def _lanes(part: Part, places: int) -> int:
    """How many lanes a board for this part has: no more than so many places and memory need."""
    lanes = LANES
    lane_bytes = part.rows * part.up.weight.dtype.itemsize
    while lanes > 1 and (lanes >= 2 * places or lanes * lane_bytes > BOARD_BYTES):
        lanes //= 2
    return lanes


def _by_node(joins: Joins) -> Ints:
    """Places near each other together; those without a join are left out."""
    joined = np.flatnonzero(np.diff(joins.indptr))
    return joined[np.argsort(joins.node[joins.indptr[joined]], kind="stable")]


def _batches(joins: Joins, order: Ints, row: Uint32s, lanes: int) -> Iterator[Batch]:
    """Places in that order, so many at a time; `row` (J,) is the row of each join."""
    number = np.diff(joins.indptr)
    for first in range(0, len(order), lanes):
        place = order[first : first + lanes]
        lane = np.repeat(np.arange(len(place), dtype=np.int32), number[place])
        before = np.cumsum(number[place]) - number[place]
        join = np.arange(len(lane)) + np.repeat(joins.indptr[place] - before, number[place])
        yield Batch(first, place, lane, row[join], joins.weight[join])


def _for_each_batch(
    part: Part, joined: tuple[Joins, Uint32s], order: Ints, answer: Callable[[Batch, Board], None]
) -> None:
    """Answer for the places in order, batch by batch; `joined` are joins and the row (J,) of each.

    Each thread has a board of its own, and no result depends on which thread answers.
    """
    lanes = _lanes(part, len(order))
    every = list(_batches(joined[0], order, joined[1], lanes))
    workers = max(1, min(threads(), len(every)))

    def work(worker: int) -> None:
        board = _board(part.rows, lanes, part.up.weight.dtype)
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
def _climb(arcs: Arcs, board: Board, joins: tuple[Int32s, Uint32s, Weights], none: int) -> None:
    """Fill the board anew with the times from joins (lane, row, weight) up to all above them."""
    time, live = board
    live[:] = 0
    lane, row, weight = joins
    for join in range(len(row)):
        _wake(board, row[join], none)
        time[row[join], lane[join]] = min(time[row[join], lane[join]], weight[join])
    end, one = np.uint64(len(live)), np.uint64(1)
    for back in range(end):
        p = end - one - back
        if live[p]:
            for arc in range(arcs.indptr[p], arcs.indptr[p + one]):
                _wake(board, arcs.higher[arc], none)
                _lower_lanes(time, arcs.higher[arc], p, arcs.weight[arc])


@kernel
def _descend(arcs: Arcs, board: Board, within: int, none: int) -> None:
    """Carry the times down to every row, as far as they are within the limit.

    A row with no lane within the limit is not live, and nothing is carried on from it. Two
    arcs are followed at once, which spares half of the reading and writing of a row.
    """
    time, live = board
    one = np.uint64(1)
    for p in range(np.uint64(len(live))):
        before, waits = arcs.indptr[p], False
        for arc in range(arcs.indptr[p], arcs.indptr[p + one]):
            if not live[arcs.higher[arc]]:
                continue
            if waits:
                by = (arcs.higher[before], arcs.higher[arc])
                _wake(board, p, none)
                _lower_lanes_to_two(time, p, by, (arcs.weight[before], arcs.weight[arc]))
            before, waits = np.uint32(arc), not waits
        if waits:
            _wake(board, p, none)
            _lower_lanes(time, p, arcs.higher[before], arcs.weight[before])
        if live[p]:
            some = 0
            for lane in range(time.shape[1]):
                some |= time[p, lane] <= within
            live[p] = some


@kernel
def _wake(board: Board, row: Number, none: int) -> None:
    """Make a row live that was not: nothing reached it yet."""
    if board.live[row] == 0:
        board.live[row] = 1
        for lane in range(board.time.shape[1]):
            board.time[row, lane] = none


@kernel
def _lower_lanes(time: Weights, to: Number, by: Number, weight: Number) -> None:
    """Lower each time of a row to that of another row and the way between.

    Sums are cut to the kind of the weights (they never need more bits), so that as many 32-bit
    lanes as fit go into one instruction.
    """
    kind = time.dtype.type
    for lane in range(time.shape[1]):
        through = kind(time[by, lane] + weight)
        time[to, lane] = through if through < time[to, lane] else time[to, lane]


@kernel
def _lower_lanes_to_two(
    time: Weights, to: Number, by: tuple[Number, Number], weight: tuple[Number, Number]
) -> None:
    """As `_lower_lanes` by two other rows."""
    kind = time.dtype.type
    a, b = by
    for lane in range(time.shape[1]):
        through = kind(time[a, lane] + weight[0])
        other = kind(time[b, lane] + weight[1])
        through = through if through < other else other
        time[to, lane] = through if through < time[to, lane] else time[to, lane]


@kernel
def _read(board: Board, row: Uint32s, first: int, out: Weights, none: int) -> None:
    """Copy the times of rows (T,) into the columns (T, m) of a batch, from the first on.

    The row is read and `first` made unsigned beforehand: else the processor could not copy
    several lanes at once.
    """
    begin = np.uint64(first)
    lanes = min(np.uint64(board.time.shape[1]), np.uint64(out.shape[1]) - begin)
    for at in range(np.uint64(len(row))):
        p = row[at]
        if board.live[p]:
            for lane in range(lanes):
                out[at, begin + lane] = board.time[p, lane]
        else:
            for lane in range(lanes):
                out[at, begin + lane] = none


@kernel
def _put_back(out: Weights, order: Ints, line: Weights, none: int) -> None:
    """Give the columns (T, m), of which the first belong to the places in order, their places.

    `line` (m,) is memory for one row.
    """
    for at in range(len(out)):
        for column in range(len(line)):
            line[column] = out[at, column]
            out[at, column] = none
        for column in range(len(order)):
            out[at, order[column]] = line[column]


@kernel
def _add_up(board: Board, amount: Ints, within: int, place: Ints, sums: Ints) -> None:
    """Add the amounts (R,) of the rows within the limit to the sums of the places."""
    for p in range(len(amount)):
        if board.live[p] and amount[p]:
            for lane in range(len(place)):
                if board.time[p, lane] <= within:
                    sums[place[lane]] += amount[p]
