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
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.graphs import RoadGraph
from benchmarks.ledger import Took, best_of, once, scaled
from benchmarks.trial import (
    BUNDLED,
    NEAREST,
    Ints,
    chosen,
    keep_bundled,
    kept_roads,
    make_trial,
    turned,
)
from geoplan.travel.graph import FAR_MS

Figures = dict[str, float]

SHORT_RADIUS_SECONDS = 30 * 60
SAFE_RADIUS_SECONDS = 12 * 60 * 60
"""What one asks for who does not know the answer: longer than any trip."""
SAMPLE_SITES = 20


def measured_apart(name: str, size: str, folder: Path, module: str = "benchmarks.apart") -> Figures:
    """The figures of one part, run in a process of its own (what it prints is thrown away)."""
    command = [sys.executable, "-m", module, name, size, str(folder)]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
    figures: Figures = json.loads((folder / f"{name}.json").read_text())
    return figures


def peak_mb() -> float:
    """Of this process so far; includes Python and the libraries.

    Linux tells it of this program alone; `getrusage` counts the process that started it too.
    """
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) / 2**10
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _kept(figures: Figures, name: str, took: Took[Any]) -> None:
    told = {"cpu": took.cpu, "wall": took.wall, "median": took.median, "calls": took.calls}
    figures |= {f"{name}_{what}": value for what, value in told.items()}


def made(size: str, folder: Path) -> Figures:
    """The graph, made and kept, so that the process that asks for it does not grow."""
    if size == BUNDLED:
        keep_bundled()
    return {"nodes": kept_roads(size).nodes}


def contracted(size: str, folder: Path) -> Figures:
    """The turned graph and its hierarchy, from the arrays of the edges."""
    from geoplan.travel.hierarchy import contract

    roads = kept_roads(size)
    figures: Figures = {"before_mb": peak_mb()}
    _kept(figures, "build", once(lambda: contract(turned(roads))))
    figures["peak_mb"] = peak_mb()
    return figures


def pandana(size: str, folder: Path) -> Figures:
    """pandana's network and its answers, in seconds: it counts no weights beyond 2**32 / 1000."""
    import pandas as pd
    from pandana import Network

    warnings.simplefilter("ignore")  # it names every pair without a way

    roads = kept_roads(size)
    seconds = pd.DataFrame({"seconds": roads.ms / 1000})
    x, y = pd.Series(roads.xy[:, 0]), pd.Series(roads.xy[:, 1])
    start, end = pd.Series(roads.start), pd.Series(roads.end)
    figures: Figures = {"before_mb": peak_mb()}
    built = once(lambda: Network(x, y, start, end, seconds, twoway=False))
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
    """The least seconds within which every node that can reach one has one site, and `NEAREST`.

    A little more than the longest such trip: pandana rounds every edge.
    """
    from geoplan.travel.engine import k_nearest

    trial = make_trial(turned(roads), roads.xy)
    time, _ = k_nearest(trial.graph, trial.joins, NEAREST)
    longest = time.max(axis=0, initial=0, where=time < FAR_MS) / 1000 + 1
    return float(longest[0]), float(longest[-1])


def _matrix_sample(figures: Figures, network: Any, places: tuple[Ints, Ints]) -> None:
    sites, points = places
    sample = sites[:: max(1, len(sites) // SAMPLE_SITES)][:SAMPLE_SITES]
    start, end = np.tile(points, len(sample)), np.repeat(sample, len(points))
    took = once(lambda: network.shortest_path_lengths(start, end))
    _kept(figures, "matrix", scaled(took, len(sites) / len(sample)))


PARTS = {"made": made, "contracted": contracted, "pandana": pandana}


def main(parts: Mapping[str, Callable[[str, Path], Figures]] = PARTS) -> None:
    name, size, folder = sys.argv[1:]
    figures = parts[name](size, Path(folder))
    (Path(folder) / f"{name}.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
