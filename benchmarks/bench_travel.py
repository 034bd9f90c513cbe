"""The travel engine beside its peers, on the same graphs and in one run: `make bench-travel`.

Prints CPU and wall seconds, whether times equal scipy's to the millisecond, and each bar with the
ratio measured. Asserts no times: a bar that is missed is printed loudly and the run goes on.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.apart import Figures, measured_apart
from benchmarks.edges import streets
from benchmarks.graphs import scratch_folder
from benchmarks.ledger import RULE, Ledger
from benchmarks.questions import QUESTIONS, Bench, bench_build
from benchmarks.trial import BUNDLED, NEAREST, RANGES_MINUTES, trial_of
from geoplan.travel.compiled import COMPILED, threads
from geoplan.travel.engine import k_nearest, nearest, sums_within, times
from geoplan.travel.hierarchy import contract
from geoplan.travel.snap import nearest_in, segment_tree

GRAPHS = ("0.2M", "1M", BUNDLED)


def warm() -> None:
    """Every question once on a small graph, so that no row waits for the compiler."""
    trial = trial_of("small")
    nearest_in(segment_tree(streets(trial)), trial.xy)
    for ways in (trial.graph, contract(trial.graph)):
        nearest(ways, trial.joins)
        k_nearest(ways, trial.joins, NEAREST)
        times(ways, trial.joins, trial.points)
        for minutes in (1, *RANGES_MINUTES, 1000):  # the engine may choose another method by size
            sums_within(ways, trial.joins, trial.people, minutes * 60_000)


def listed(known: tuple[str, ...]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = text.split(",")
        if unknown := set(names) - set(known):
            raise argparse.ArgumentTypeError(f"{sorted(unknown)} not among {', '.join(known)}")
        return names

    return parse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", type=listed(GRAPHS), default=list(GRAPHS))
    parser.add_argument("--questions", type=listed(tuple(QUESTIONS)), default=list(QUESTIONS))
    asked = parser.parse_args()
    ledger = Ledger()
    print(f"{threads()} cores; compiled: {COMPILED}; graphs kept in {scratch_folder()}\n{RULE}")
    with tempfile.TemporaryDirectory() as name:
        folders = {graph: Path(name) / graph for graph in asked.graphs}
        figures: dict[str, tuple[Figures, Figures]] = {}
        # the processes of their own come first: one inherits the peak of a parent that has grown
        for graph, folder in folders.items():
            folder.mkdir()
            measured_apart("made", graph, folder)
            measured_apart("contracted", "small", folder)
            figures[graph] = (
                measured_apart("contracted", graph, folder),
                measured_apart("pandana", graph, folder),
            )
        warm()
        for graph, folder in folders.items():
            trial = trial_of(graph)
            told = f"{trial.graph.nodes:,} nodes, {len(trial.graph.indices):,} arcs"
            ledger.open_graph(graph, told)
            bench_build(ledger, *figures[graph])
            bench = Bench(ledger, trial, (figures[graph][1], folder))
            for question in asked.questions:
                QUESTIONS[question](bench)
    ledger.summary()


if __name__ == "__main__":
    main()
