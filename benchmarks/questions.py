"""The questions to one graph: each prints its rows, engine beside engine, and its bars."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks import peers
from benchmarks.apart import SAMPLE_SITES, Figures
from benchmarks.edges import bench_snap
from benchmarks.ledger import Ledger, Took, best_of, once, scaled
from benchmarks.trial import CAP_MS, NEAREST, RANGES_MINUTES, Floats, Trial, equal_ms
from geoplan.travel.engine import k_nearest, nearest, sums_within, times
from geoplan.travel.graph import FAR_MS, Int32s, Joins, Weights
from geoplan.travel.hierarchy import Hierarchy, contract

NETWORKX_NODES = 200_000
"""networkx is asked on graphs up to this size only."""
Answer = tuple[Weights, Int32s]
SEARCHED_EVERY = 20
"""Without preprocessing one site in so many is asked for its times."""
LARGE_NODES = 1_000_000


def apart(figures: Figures, name: str) -> Took[None]:
    cpu, wall, median = (figures[f"{name}_{what}"] for what in ("cpu", "wall", "median"))
    return Took(None, cpu, wall, median, int(figures[f"{name}_calls"]))


def bench_build(ledger: Ledger, own: Figures, pandana: Figures) -> None:
    ledger.question("Build of the hierarchy from the edges, each in a fresh process")
    for name, figures in (("geoplan", own), ("pandana", pandana)):
        peak = (
            f"peak {figures['peak_mb']:.0f} MB, of it {figures['before_mb']:.0f} before the build"
        )
        ledger.engine(name, apart(figures, "build"), peak)
    cpu = own["build_cpu"] / pandana["build_cpu"]
    ledger.at_most("build: CPU, share of pandana's", cpu, 0.6)
    ledger.at_most(
        "build: peak memory, share of pandana's", own["peak_mb"] / pandana["peak_mb"], 0.5
    )


def floor(nodes: int, end: Int32s, weight: Weights) -> Took[None]:
    """One pass over the arcs: a label gathered at each one's end, and the arc's weight added.

    No method that looks at every arc is quicker than memory allows.
    """
    label = np.arange(nodes, dtype=weight.dtype)
    gathered = np.empty(len(end), weight.dtype)

    def gather() -> None:
        np.take(label, end, out=gathered, mode="clip")
        np.add(gathered, weight, out=gathered)

    return best_of(gather)


class Bench:
    """The questions to one graph; every method prints its rows and bars."""

    def __init__(self, ledger: Ledger, trial: Trial, figures: tuple[Figures, Path]) -> None:
        self.ledger, self.trial = ledger, trial
        self.pandana, self.folder = figures
        self.hierarchy: Hierarchy = contract(trial.graph)

    @cached_property
    def capped(self) -> Took[Floats]:
        """Times (points, sites) by scipy, no way where there is none within the cap."""
        return best_of(lambda: peers.scipy_matrix(self.trial, self.trial.sites, CAP_MS))

    def nearest(self) -> None:
        ledger, trial = self.ledger, self.trial
        ledger.question(f"Nearest of {len(trial.sites)} sites, for every node")
        ready = best_of(lambda: nearest(self.hierarchy, trial.joins))
        fresh = best_of(lambda: nearest(trial.graph, trial.joins))
        scipy = best_of(lambda: peers.scipy_nearest(trial))
        same = [equal_ms(took.value[0], scipy.value) for took in (ready, fresh)]
        places = bool((ready.value[1] == fresh.value[1]).all())
        ledger.engine("geoplan, hierarchy ready", ready, equal(same[0]))
        ledger.engine("geoplan, no preprocessing", fresh, f"{equal(same[1])}, places: {places}")
        ledger.engine("scipy dijkstra(min_only=True)", scipy)
        if trial.graph.nodes <= NETWORKX_NODES:
            theirs = peers.networkx_nearest(trial)
            same_x = bool((theirs.value == scipy.value).all())
            ledger.engine("networkx multi_source_dijkstra", theirs, equal(same_x))
        self._pandana(1, np.minimum(scipy.value, 2.0**40)[:, None])
        graph, above = trial.graph, self.hierarchy
        for name, end, weight in (
            ("the graph's arcs", graph.indices, graph.weight),
            ("the hierarchy's arcs", above.higher, above.up),
        ):
            took = floor(graph.nodes, end, weight)
            ledger.engine(f"memory floor: one pass over {name}", took, f"{len(end):,} arcs")
        what = "1 nearest, hierarchy ready, beside scipy"
        ledger.at_least(what, scipy.cpu / ready.cpu, 10, same[0])
        self._beside_pandana(1, ready, 500, same[0])
        what = "1 nearest, no preprocessing, beside scipy"
        ledger.at_least(what, scipy.cpu / fresh.cpu, 1.7, same[1])

    def k_nearest(self) -> None:
        ledger, trial = self.ledger, self.trial
        ledger.question(f"{NEAREST} nearest of {len(trial.sites)} sites, for every node")
        ready = best_of(lambda: k_nearest(self.hierarchy, trial.joins, NEAREST))
        fresh = best_of(lambda: k_nearest(trial.graph, trial.joins, NEAREST))
        ms = ready.value[0]
        ledger.engine("geoplan, hierarchy ready", ready)
        alike = all(bool((a == b).all()) for a, b in zip(ready.value, fresh.value, strict=True))
        ledger.engine("geoplan, no preprocessing", fresh, f"equal to the hierarchy's: {alike}")
        self._pandana(NEAREST, ms.astype(float))
        by_scipy = np.sort(self.capped.value, axis=1)[:, :NEAREST]
        same = alike and equal_ms(ms[trial.points], by_scipy, CAP_MS)
        ledger.note(f"at the {len(trial.points)} points, up to 60 minutes: {equal(same)}")
        self._beside_pandana(NEAREST, ready, 50, same)

    def _pandana(self, count: int, ms: np.ndarray) -> None:
        """pandana's rows, and how far its answers lie from `ms` (N, count)."""
        figures, name = self.pandana, f"nearest_{count}"
        seconds = np.load(self.folder / f"pandana-nearest-{count}.npy")
        reached = ms < FAR_MS  # for the others it tells the radius
        off = np.where(reached, np.abs(np.rint(seconds * 1000) - ms), 0)
        radii = {
            "safe": "radius 12 h, answers every node that can be",
            "least": f"radius {figures[f'radius_{count}']:.1f} min, the least that does",
            "short": "radius 30 min, does not",
        }
        for radius, told in radii.items():
            took = apart(figures, f"{name}_{radius}")
            self.ledger.engine("pandana, set_pois and nearest_pois", took, told)
        told = f"{(off > 0).any(axis=1).mean():.1%} of nodes, by up to {off.max():.0f} ms"
        self.ledger.note(f"pandana rounds edges down and joins sites by coordinates: off at {told}")

    def _beside_pandana(self, count: int, ready: Took[Answer], bound: float, same: bool) -> None:
        for radius, told in (("safe", "radius 12 h"), ("least", "least radius")):
            ratio = self.pandana[f"nearest_{count}_{radius}_cpu"] / ready.cpu
            what = f"{count} nearest, hierarchy ready, beside pandana, {told}"
            self.ledger.at_least(what, ratio, bound, same)

    def matrix(self) -> None:
        ledger, trial = self.ledger, self.trial
        shape = f"{len(trial.points)} points x {len(trial.sites)} sites"
        ledger.question(f"Matrix of {shape}")
        ready = best_of(lambda: times(self.hierarchy, trial.joins, trial.points))
        sample, _ = peers.sampled_sites(trial)
        uncapped = peers.scipy_matrix(trial, sample, np.inf)
        columns = np.searchsorted(trial.sites, sample)
        same = equal_ms(ready.value, self.capped.value, CAP_MS)
        same &= equal_ms(ready.value[:, columns], uncapped)
        ledger.engine("geoplan, hierarchy ready, uncapped", ready, equal(same))
        alike = self._matrix_searched(ready.value)
        ledger.engine("scipy dijkstra(limit=60 min)", self.capped)
        for name, ask in (("networkit", peers.networkit_matrix), ("igraph", peers.igraph_matrix)):
            theirs = ask(trial)
            same_there = bool((theirs.value == uncapped).all())
            ledger.engine(f"{name}, {len(sample)} sites, scaled", theirs, equal(same_there))
        took = apart(self.pandana, "matrix")
        ledger.engine(f"pandana, {SAMPLE_SITES} sites, scaled", took)
        bound = 15 if trial.graph.nodes < LARGE_NODES else 50
        what = "matrix, uncapped, beside scipy capped at 60 min"
        ledger.at_least(what, self.capped.cpu / ready.cpu, bound, same and alike)

    def _matrix_searched(self, ms: Weights) -> bool:
        """The row of the search without preprocessing, scaled; whether its times equal `ms`."""
        trial = self.trial
        searched = trial.sites[::SEARCHED_EVERY]
        joins = Joins.at_nodes(searched, trial.graph)
        took = once(lambda: times(trial.graph, joins, trial.points))
        alike = bool((took.value == ms[:, ::SEARCHED_EVERY]).all())
        name = f"geoplan, no preprocessing, {len(searched)} sites, scaled"
        whole = scaled(took, len(trial.sites) / len(searched))
        self.ledger.engine(name, whole, f"equal to the hierarchy's: {alike}")
        return alike

    def sums(self) -> None:
        ledger, trial = self.ledger, self.trial
        for minutes in RANGES_MINUTES:
            ledger.question(f"People within {minutes} minutes of {len(trial.sites)} sites")
            self._sums_within(minutes * 60_000, f"people within {minutes} minutes, beside scipy")

    def _sums_within(self, limit_ms: int, what: str) -> None:
        ledger, trial = self.ledger, self.trial
        joins, people = trial.joins, trial.people
        ready = best_of(lambda: sums_within(self.hierarchy, joins, people, limit_ms))
        fresh = best_of(lambda: sums_within(trial.graph, joins, people, limit_ms))
        scipy = best_of(lambda: peers.scipy_sums(trial, limit_ms))
        same = [bool((took.value == scipy.value).all()) for took in (ready, fresh)]
        ledger.engine("geoplan, hierarchy ready", ready, equal(same[0]))
        ledger.engine("geoplan, no preprocessing", fresh, equal(same[1]))
        ledger.engine("scipy dijkstra(limit=) and a sum", scipy)
        ledger.at_least(f"{what}, hierarchy", scipy.cpu / ready.cpu, 1, same[0])
        ledger.at_least(f"{what}, no preprocessing", scipy.cpu / fresh.cpu, 1, same[1])

    def snap(self) -> None:
        bench_snap(self.ledger, self.trial)


def equal(same: bool) -> str:
    return f"equal to scipy to the millisecond: {same}"


QUESTIONS: dict[str, Callable[[Bench], None]] = {
    "nearest": Bench.nearest,
    "k": Bench.k_nearest,
    "matrix": Bench.matrix,
    "sums": Bench.sums,
    "snap": Bench.snap,
}
