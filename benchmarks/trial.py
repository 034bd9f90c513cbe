"""What is asked of a graph: its sites, points and people, the same for every engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.graphs import RoadGraph, scratch_folder, synthetic
from geoplan.travel.graph import FAR_MS, Graph, Joins, Weights, build_graph

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BUNDLED = "bundled"
"""The network that geoplan ships, beside the names of synthetic graphs."""
SITES = 710
POINTS = 7_700
SEED = 20_301
MOST_PEOPLE = 40
"""A node holds fewer people than this."""
CAP_MS = 60 * 60_000
RANGES_MINUTES = (15, 30, 60)
NEAREST = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """A graph turned round, for geoplan and for scipy, and what is asked of it."""

    graph: Graph
    towards: csr_array
    xy: Floats
    sites: Ints
    points: Ints
    people: Ints

    @property
    def joins(self) -> Joins:
        return Joins.at_nodes(self.sites, self.graph)


def turned(roads: RoadGraph) -> Graph:
    return build_graph(
        roads.nodes, roads.start.astype(np.int64), roads.end.astype(np.int64), roads.ms
    )


def chosen(nodes: int) -> tuple[Ints, Ints]:
    """The nodes of the sites and of the points: drawn once, sorted, without repeats."""
    rng = np.random.default_rng(SEED)
    sites = rng.choice(nodes, min(SITES, nodes // 2), replace=False)
    points = rng.choice(nodes, min(POINTS, nodes // 2), replace=False)
    return np.sort(sites).astype(np.int64), np.sort(points).astype(np.int64)


def make_trial(graph: Graph, xy: Floats) -> Trial:
    from scipy.sparse import csr_array  # see `graphs`

    sites, points = chosen(graph.nodes)
    people = np.random.default_rng(SEED).integers(0, MOST_PEOPLE, graph.nodes)
    shape = (graph.nodes, graph.nodes)
    towards = csr_array((graph.weight.astype(float), graph.indices, graph.indptr), shape=shape)
    return Trial(graph, towards, xy, sites, points, people)


def kept_roads(name: str) -> RoadGraph:
    """The roads of a graph by name; the bundled ones must have been kept before."""
    if name != BUNDLED:
        return synthetic(name)
    with np.load(_bundled_file()) as kept:
        return RoadGraph(kept["start"], kept["end"], kept["ms"], kept["xy"])


def trial_of(name: str) -> Trial:
    roads = kept_roads(name)
    return make_trial(turned(roads), roads.xy)


def _bundled_file() -> Path:
    return scratch_folder() / "graph-bundled.npz"


def keep_bundled() -> None:
    """Keep the bundled network of Taiwan, by milliseconds alone, as the synthetic graphs are kept.

    So a process that is to be measured need not read the study itself.
    """
    from geoplan.catalog import read_inputs
    from geoplan.steps import demand_points
    from geoplan.study import read_study
    from geoplan.travel.network import WEIGHT_UNIT
    from geoplan.travel_step import open_travel

    inputs = read_inputs(read_study("tw-2030"))
    # `prepare` is left as the graph: the trial contracts it itself
    travel = open_travel(inputs, demand_points(inputs), lambda *told: None, lambda graph: graph)
    if travel.network is None:
        raise ValueError("the study has no network")
    whole = travel.network.graph
    ms = (whole.weight // WEIGHT_UNIT).astype(np.int32)
    end = np.repeat(np.arange(whole.nodes, dtype=np.int32), np.diff(whole.indptr))
    xy = travel.network.xy
    np.savez(_bundled_file(), start=whole.indices, end=end, ms=ms, xy=xy)


def equal_ms(ms: Weights, by_scipy: Floats, cap_ms: float = np.inf) -> bool:
    """Whether whole milliseconds are those that scipy found, and not reached where it found none.

    Beyond `cap_ms` scipy found nothing though there may be a way.
    """
    found = np.isfinite(by_scipy)
    least = min(cap_ms, FAR_MS - 1)
    return bool((ms[found] == by_scipy[found]).all() and (ms[~found] > least).all())
