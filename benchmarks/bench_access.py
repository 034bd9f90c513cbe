"""E2SFCA beside PySAL access, on the same invented countries and in one run: `make bench-access`.

Each engine answers in a fresh process, given the travel matrix in its own form. Asserts no times:
a bar that is missed is printed loudly and the run goes on.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.access_apart import SITES
from benchmarks.apart import Figures, measured_apart
from benchmarks.ledger import Ledger, Took

SMALL, MIDDLE, LARGE = 7_748, 77_480, 774_800
NEAR = 1e-9
LARGE_CPU_SECONDS, LARGE_MB = 60, 4_096


def ask(name: str, points: int, folder: Path) -> Figures:
    return measured_apart(name, str(points), folder, "benchmarks.access_apart")


def row(ledger: Ledger, name: str, figures: Figures) -> None:
    peak, before = (figures[key] for key in ("peak_mb", "before_mb"))
    note = f"peak {peak:,.0f} MB ({before:,.0f} before the call)"
    taken = (figures[key] for key in ("cpu", "wall", "median"))
    ledger.engine(name, Took(None, *taken, calls=int(figures["calls"])), note)


def side_by_side(ledger: Ledger, points: int, given: str, folder: Path) -> tuple[Figures, Figures]:
    """Ours and theirs; their answers must be the same."""
    ledger.question(f"E2SFCA, {points:,} x {SITES}, given {WORDS[given]}")
    ours, theirs = (ask(f"{engine}_{given}", points, folder) for engine in ("geoplan", "pysal"))
    row(ledger, "geoplan", ours)
    row(ledger, "PySAL access", theirs)
    values = [np.load(folder / f"{engine}_{given}.npy") for engine in ("geoplan", "pysal")]
    largest = np.abs(values[1] - values[0]).max() / values[1].max()
    ledger.note(f"in reach of a site: {ours['reached']:.1%} of the points")
    ledger.at_most(f"{given}: largest difference, in 1e-9 of the largest", largest / NEAR, 1)
    return ours, theirs


WORDS = {"dense": "the whole matrix", "pairs": "only the pairs within 30 minutes"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        choices=(SMALL, MIDDLE, LARGE),
        default=[SMALL, MIDDLE, LARGE],
    )
    sizes = parser.parse_args().sizes
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if SMALL in sizes:
            ledger.open_graph("7,748", "as many demand points as Taiwan has villages")
            ours, theirs = side_by_side(ledger, SMALL, "dense", folder)
            ledger.at_least("times quicker, CPU", theirs["cpu"] / ours["cpu"], 5)
            ours, theirs = side_by_side(ledger, SMALL, "pairs", folder)
            ledger.note(f"{ours['pairs_a_point']:.1f} sites within 30 minutes of a point")
            ledger.at_least("pairs: times quicker, CPU", theirs["cpu"] / ours["cpu"], 5)
        if MIDDLE in sizes:
            ledger.open_graph("77,480", "ten times as many")
            ours, theirs = side_by_side(ledger, MIDDLE, "dense", folder)
            ledger.at_least("times quicker, CPU", theirs["cpu"] / ours["cpu"], 8)
            ledger.at_most("peak memory, of theirs", ours["peak_mb"] / theirs["peak_mb"], 0.5)
        if LARGE in sizes:
            ledger.open_graph("774,800", "a hundred times as many, the matrix on disk")
            ledger.question(f"E2SFCA, {LARGE:,} x {SITES}, read block by block")
            ask("made", LARGE, folder)
            ours = ask("geoplan_file", LARGE, folder)
            row(ledger, "geoplan", ours)
            pairs = LARGE * SITES
            ledger.note(
                f"PySAL access is not asked: one row a pair is {pairs * 24 / 1e9:.0f} GB "
                "before it copies them"
            )
            ledger.at_most("CPU seconds", ours["cpu"], LARGE_CPU_SECONDS)
            ledger.at_most("peak MB", ours["peak_mb"], LARGE_MB)
    ledger.summary()


if __name__ == "__main__":
    main()
