"""What is measured in a fresh process of its own: building the hierarchy, and pandana.

Only so is the peak memory that of one engine. Run: python -m benchmarks.apart NAME SIZE FOLDER;
the figures are written to FOLDER/NAME.json, pandana's answers beside it. What only one engine
needs is imported in its own part.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.graphs import RoadGraph, synthetic
from benchmarks.ledger import Took, best_of
from benchmarks.trial import NEAREST, Ints, chosen, make_trial, turned

Figures = dict[str, float]

SHORT_RADIUS_SECONDS = 30 * 60
SAFE_RADIUS_SECONDS = 12 * 60 * 60
"""What one asks for who does not know the answer: longer than any trip."""
SAMPLE_SITES = 20


def measured_apart(name: str, size: str, folder: Path) -> Figures:
    """The figures of one part, run in a process of its own (what it prints is thrown away)."""
    command = [sys.executable, "-m", "benchmarks.apart", name, size, str(folder)]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
    figures: Figures = json.loads((folder / f"{name}.json").read_text())
    return figures


def peak_mb() -> float:
    """Of this process so far; includes Python and the libraries."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _kept(figures: Figures, name: str, took: Took[Any]) -> None:
    figures[f"{name}_cpu"], figures[f"{name}_wall"] = took.cpu, took.wall


def made(size: str, folder: Path) -> Figures:
    """The graph, made and kept, so that the process that asks for it does not grow."""
    return {"nodes": synthetic(size).nodes}


def contracted(size: str, folder: Path) -> Figures:
    """The turned graph and its hierarchy, from the arrays of the edges."""
    from geoplan.travel.hierarchy import contract

    roads = synthetic(size)
    figures: Figures = {"before_mb": peak_mb()}
    _kept(figures, "build", best_of(lambda: contract(turned(roads)), 1))
    figures["peak_mb"] = peak_mb()
    return figures


def pandana(size: str, folder: Path) -> Figures:
    """pandana's network and its answers, in seconds: it counts no weights beyond 2**32 / 1000."""
    import pandas as pd
    from pandana import Network

    roads = synthetic(size)
    seconds = pd.DataFrame({"seconds": roads.ms / 1000})
    x, y = pd.Series(roads.xy[:, 0]), pd.Series(roads.xy[:, 1])
    start, end = pd.Series(roads.start), pd.Series(roads.end)
    figures: Figures = {"before_mb": peak_mb()}
    built = best_of(lambda: Network(x, y, start, end, seconds, twoway=False), 1)
    network = built.value
    _kept(figures, "build", built)
    figures["peak_mb"] = peak_mb()

    sites, points = chosen(roads.nodes)

    def near(radius: float, count: int) -> Callable[[], pd.DataFrame]:
        def ask() -> pd.DataFrame:
            network.set_pois("sites", radius, count, x.iloc[sites], y.iloc[sites])
            found: pd.DataFrame = network.nearest_pois(radius, "sites", count)
            return found

        return ask

    for count, least in zip((1, NEAREST), answering_radius(roads), strict=True):
        safe = best_of(near(SAFE_RADIUS_SECONDS, count))
        _kept(figures, f"nearest_{count}_safe", safe)
        np.save(folder / f"pandana-nearest-{count}.npy", safe.value.to_numpy())
        _kept(figures, f"nearest_{count}_least", best_of(near(least, count)))
        _kept(figures, f"nearest_{count}_short", best_of(near(SHORT_RADIUS_SECONDS, count)))
        figures[f"radius_{count}"] = least / 60
    _matrix_sample(figures, network, (sites, points))
    return figures


def answering_radius(roads: RoadGraph) -> tuple[float, float]:
    """The least seconds within which every node has one site, and `NEAREST` sites.

    A little more than the longest such trip: pandana rounds every edge.
    """
    from geoplan.travel.engine import k_nearest

    trial = make_trial(turned(roads), roads.xy)
    time, _ = k_nearest(trial.graph, trial.joins, NEAREST)
    longest = time.max(axis=0) / 1000 + 1
    return float(longest[0]), float(longest[-1])


def _matrix_sample(figures: Figures, network: Any, places: tuple[Ints, Ints]) -> None:
    sites, points = places
    sample = sites[:: max(1, len(sites) // SAMPLE_SITES)][:SAMPLE_SITES]
    start, end = np.tile(points, len(sample)), np.repeat(sample, len(points))
    took = best_of(lambda: network.shortest_path_lengths(start, end), 1)
    factor = len(sites) / len(sample)
    _kept(figures, "matrix", Took(None, took.cpu * factor, took.wall * factor))


PARTS = {"made": made, "contracted": contracted, "pandana": pandana}


def main() -> None:
    name, size, folder = sys.argv[1:]
    figures = PARTS[name](size, Path(folder))
    (Path(folder) / f"{name}.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
