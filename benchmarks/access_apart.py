"""E2SFCA of geoplan and of PySAL access, each in a fresh process, so that the peak is its own.

Run: python -m benchmarks.access_apart NAME POINTS FOLDER; the figures are written to
FOLDER/NAME.json and the accesses found beside them.

The country is invented, from a fixed seed: 120 towns with Pareto weights on a main island of
140 x 380 km, demand points and sites around them, a fiftieth of both on an island of their own
without a way across. Minutes are 2 and the straight line driven at 25 km/h, faster the farther.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.apart import Figures, main, peak_mb
from benchmarks.ledger import Took, best_of, once
from geoplan.access.decay import NAMED
from geoplan.access.problem import AccessProblem, Pairs, joined, pairs_within
from geoplan.access.registry import measure
from geoplan.model import Bools, Floats, Ints

SITES = 710
SEED = 20_302
TOWNS = 120
BLOCK = 1_000
"""So many rows are made, and read from a file, at once."""
REACH_MINUTES = 30
DECAY = NAMED["luo-qi-2009-slow"]
NO_WAY = -1

Int32s = npt.NDArray[np.int32]
Part = Callable[[str, Path], Figures]


def people_and_capacity(points: int) -> tuple[Ints, Ints]:
    rng = np.random.default_rng(SEED + 1)
    return rng.integers(1, 6_000, points), rng.integers(1, 9, SITES)


def minutes_in_blocks(points: int) -> Iterator[Int32s]:
    """Rows of the travel matrix in milliseconds, NO_WAY across the sea."""
    rng = np.random.default_rng(SEED)
    towns = rng.uniform((0, 0), (140, 380), (TOWNS, 2))
    weight = rng.pareto(1.1, TOWNS) + 0.1
    weight /= weight.sum()

    def placed(number: int) -> tuple[Floats, Bools]:
        spot = towns[rng.choice(TOWNS, number, p=weight)] + rng.normal(0, 6, (number, 2))
        return spot, np.arange(number) % 50 == 0

    sites, offshore = placed(SITES)
    spots, away = placed(points)
    for first in range(0, points, BLOCK):
        rows = slice(first, first + BLOCK)
        east, north = (spots[rows, None, at] - sites[None, :, at] for at in (0, 1))
        km = np.hypot(east, north)
        ms = ((2 + 60 * km / (25 + 45 * km / (km + 20))) * 60_000).astype(np.int32)
        ms[away[rows, None] != offshore[None, :]] = NO_WAY
        yield ms


def _kept(name: str, folder: Path, took: Took[Floats], before: float) -> Figures:
    np.save(folder / f"{name}.npy", took.value)
    return {
        "cpu": took.cpu,
        "wall": took.wall,
        "median": took.median,
        "calls": took.calls,
        "before_mb": before,
        "peak_mb": peak_mb(),
        "reached": float((took.value > 0).mean()),
    }


def _dense(points: int) -> tuple[Int32s, Bools]:
    ms = np.empty((points, SITES), np.int32)
    for at, block in enumerate(minutes_in_blocks(points)):
        ms[at * BLOCK : at * BLOCK + len(block)] = block
    reachable = ms != NO_WAY
    return ms, reachable


def _e2sfca(pairs: Pairs) -> Floats:
    people, capacity = people_and_capacity(pairs.points)
    return measure("e2sfca", AccessProblem(pairs, people, capacity, DECAY)).value


def geoplan_dense(size: str, folder: Path) -> Figures:
    """Given a travel matrix in memory, as the planner's run holds it."""
    ms, reachable = _dense(int(size))
    before = peak_mb()
    limit = REACH_MINUTES * 60_000
    took = best_of(lambda: _e2sfca(pairs_within(ms, reachable, None, limit)))
    return _kept("geoplan_dense", folder, took, before)


def geoplan_pairs(size: str, folder: Path) -> Figures:
    """Given the pairs within reach and no others."""
    pairs = pairs_within(*_dense(int(size)), None, REACH_MINUTES * 60_000)
    before = peak_mb()
    took = best_of(lambda: _e2sfca(pairs))
    figures = _kept("geoplan_pairs", folder, took, before)
    return {**figures, "pairs_a_point": len(pairs.site) / pairs.points}


def _pysal(size: str, name: str, folder: Path, most_minutes: float) -> Figures:
    import pandas as pd
    from access import weights
    from access.fca import two_stage_fca

    points = int(size)
    people, capacity = people_and_capacity(points)
    limit = most_minutes * 60_000
    columns = [np.empty(points * SITES, kind) for kind in (np.int64, np.int64, np.float64)]
    filled = 0
    for at, ms in enumerate(minutes_in_blocks(points)):
        demand, site = np.nonzero((ms != NO_WAY) & (ms <= limit))
        here = slice(filled, filled := filled + len(site))
        parts = (demand + at * BLOCK, site, ms[demand, site] / 60_000)
        for column, part in zip(columns, parts, strict=True):
            column[here] = part
    named = zip(("origin", "dest", "cost"), columns, strict=True)
    cost_df = pd.DataFrame({name: column[:filled] for name, column in named}, copy=False)
    demand_df = pd.DataFrame({"demand": people})
    supply_df = pd.DataFrame({"supply": capacity})
    steps = weights.step_fn(dict(zip(*DECAY.parameters, strict=True)))
    before = peak_mb()
    took = best_of(
        lambda: two_stage_fca(
            demand_df,
            supply_df,
            cost_df,
            REACH_MINUTES,
            demand_index=True,
            supply_index=True,
            weight_fn=steps,
        )
    )
    # a point with nothing in reach is left out there
    value = took.value.reindex(range(points)).fillna(0.0).to_numpy()
    return _kept(name, folder, replace(took, value=value), before)


def pysal_dense(size: str, folder: Path) -> Figures:
    """Given every pair that has a way, in its own form: one row a pair."""
    return _pysal(size, "pysal_dense", folder, np.inf)


def pysal_pairs(size: str, folder: Path) -> Figures:
    """Given the pairs within reach and no others."""
    return _pysal(size, "pysal_pairs", folder, REACH_MINUTES)


def made(size: str, folder: Path) -> Figures:
    """The travel matrix of the largest country, written row after row."""
    with (folder / "ms.int32").open("wb") as file:
        for block in minutes_in_blocks(int(size)):
            block.tofile(file)
    return {}


def geoplan_file(size: str, folder: Path) -> Figures:
    """Given a matrix on disk, read a block at a time; only the pairs within reach are kept."""
    points = int(size)

    def read(first: int) -> Pairs:
        rows = min(BLOCK, points - first)
        cells = np.fromfile(folder / "ms.int32", np.int32, rows * SITES, offset=first * SITES * 4)
        ms = cells.reshape(rows, SITES)
        return pairs_within(ms, ms != NO_WAY, None, REACH_MINUTES * 60_000)

    before = peak_mb()
    took = once(lambda: _e2sfca(joined([read(at) for at in range(0, points, BLOCK)])))
    return _kept("geoplan_file", folder, took, before)


PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (geoplan_dense, geoplan_pairs, pysal_dense, pysal_pairs, made, geoplan_file)
}

if __name__ == "__main__":
    main(PARTS)
