"""Seeded synthetic road graphs: plane, with towns, classes of road and one-way streets.

Towns of Pareto weights hold most of the points; a Delaunay triangulation joins the points, and of
its edges stay a spanning tree and those that are short where they lie. Edges that many
shortest-path trees share become fast roads. Nodes are numbered along a Hilbert curve, so every
engine that is measured gets the same near numbering. Same nodes and seed, same graph.

scipy is imported where graphs are made, not where kept ones are read: a process whose memory is
measured must not hold it for nothing.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geoplan.travel.graph import hilbert_order

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SIZES = {"small": 3_000, "0.2M": 200_000, "1M": 1_000_000}
SEEDS = {"small": 2, "0.2M": 3, "1M": 1}
VERSION = 1
FOLDER = "GEOPLAN_BENCH_DIR"
"""The environment variable that says where made graphs are kept."""

AREA_METRES = (120e3, 300e3)
TOWNS = 260
IN_TOWNS = 0.65
ARCS_PER_NODE = 2.56
ONE_WAY = 0.06
"""Of the streets off the spanning tree, which is two-way, so that every trip is possible."""
HUBS = 24
SHARE_UP_TO_CLASS = (0.012, 0.05, 0.15)
SPEED_KPH = np.array([95.0, 70.0, 50.0, 30.0])


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """Directed arcs start[e] -> end[e] (M,) of ms[e] milliseconds; nodes at xy (N, 2) in metres."""

    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    ms: npt.NDArray[np.int32]
    xy: Floats

    @property
    def nodes(self) -> int:
        return len(self.xy)


@dataclass(frozen=True, slots=True)
class Streets:
    """Undirected edges low[e] - high[e] (E,), low < high; the first `tree` ones span the graph."""

    low: Ints
    high: Ints
    metres: Floats
    tree: int


def scratch_folder() -> Path:
    """Where graphs are kept between runs; made if it is not there."""
    folder = Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "geoplan-bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def synthetic(size: str) -> RoadGraph:
    """The graph of a size named in `SIZES`, from the scratch folder or made now."""
    path = scratch_folder() / f"graph-{SIZES[size]}-seed{SEEDS[size]}-v{VERSION}.npz"
    if not path.exists():
        graph = make_graph(SIZES[size], SEEDS[size])
        part = path.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(part, start=graph.start, end=graph.end, ms=graph.ms, xy=graph.xy)
        part.replace(path)
    with np.load(path) as kept:
        return RoadGraph(kept["start"], kept["end"], kept["ms"], kept["xy"])


def make_graph(nodes: int, seed: int) -> RoadGraph:
    """A strongly connected road graph of about `ARCS_PER_NODE` arcs a node."""
    rng = np.random.default_rng(seed)
    xy = settle(nodes, rng)
    xy = xy[hilbert_order(xy)]
    streets = lay_streets(xy, rng)
    speed = SPEED_KPH[road_classes(nodes, streets, rng)]
    ms = np.maximum(1, np.rint(streets.metres / (speed / 3.6) * 1000)).astype(np.int32)
    edge = np.arange(len(ms))
    one_way = (edge >= streets.tree) & (rng.random(len(ms)) < ONE_WAY)
    turned = one_way & (rng.random(len(ms)) < 0.5)
    start = np.where(turned, streets.high, streets.low).astype(np.int32)
    end = np.where(turned, streets.low, streets.high).astype(np.int32)
    both = ~one_way
    return RoadGraph(
        np.concatenate((start, end[both])),
        np.concatenate((end, start[both])),
        np.concatenate((ms, ms[both])),
        xy,
    )


def settle(nodes: int, rng: np.random.Generator) -> Floats:
    """Points (N, 2): most of them around towns of very unequal weight, the others anywhere."""
    area = np.array(AREA_METRES)
    centre = rng.uniform(0, area, (TOWNS, 2))
    weight = rng.pareto(1.1, TOWNS) + 0.2
    weight /= weight.sum()
    town = rng.choice(TOWNS, int(nodes * IN_TOWNS), p=weight)
    spread_metres = np.sqrt(weight[town]) * 30e3 + 600
    urban = centre[town] + rng.normal(0, 1, (len(town), 2)) * spread_metres[:, None]
    rural = rng.uniform(0, area, (nodes - len(town), 2))
    # the metre of noise comes last, so that points pushed onto the border stay apart
    return np.clip(np.concatenate((urban, rural)), 0, area) + rng.normal(0, 1, (nodes, 2))


def lay_streets(xy: Floats, rng: np.random.Generator) -> Streets:
    """The minimum spanning tree of the triangulation and those of its edges that are short."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial import Delaunay

    nodes = len(xy)
    corners = Delaunay(xy).simplices.astype(np.int64)
    sides = np.sort(corners[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), axis=1)
    key = np.unique(sides[:, 0] * nodes + sides[:, 1])
    low, high = np.divmod(key, nodes)
    straight = np.maximum(np.hypot(*(xy[low] - xy[high]).T), 1.0)
    metres = straight * rng.uniform(1.05, 1.35, len(key))
    tree = minimum_spanning_tree(sp.csr_array((metres, (low, high)), shape=(nodes, nodes))).tocoo()
    ends = np.array(tree.coords, np.int64)  # 32 bits would not hold the keys
    on_tree = np.isin(key, ends.min(axis=0) * nodes + ends.max(axis=0))
    scale = np.zeros(nodes)
    for side in ends:
        np.maximum.at(scale, side, tree.data)
    spare = np.flatnonzero(~on_tree)
    fit = metres[spare] * rng.lognormal(0, 0.6, len(spare))
    fit /= scale[low[spare]] + scale[high[spare]]
    wanted = max(0, round((nodes * ARCS_PER_NODE - 2 * on_tree.sum()) / (2 - ONE_WAY)))
    chosen = spare[np.argsort(fit, kind="stable")[:wanted]]
    kept = np.concatenate((np.flatnonzero(on_tree), chosen))
    return Streets(low[kept], high[kept], metres[kept], int(on_tree.sum()))


def road_classes(nodes: int, streets: Streets, rng: np.random.Generator) -> Ints:
    """Class 0 (fastest) to 3 of each street (E,), by how much traffic from hubs would use it."""
    import scipy.sparse as sp
    from scipy.sparse.csgraph import dijkstra

    ways = sp.csr_array((streets.metres, (streets.low, streets.high)), shape=(nodes, nodes))
    key = streets.low * nodes + streets.high
    order = np.argsort(key)
    use = np.zeros(len(key))
    for hub in rng.choice(nodes, HUBS, replace=False):
        _, before = dijkstra(ways, directed=False, indices=int(hub), return_predecessors=True)
        node = np.flatnonzero(before >= 0)
        parent = before[node].astype(np.int64)
        side = np.minimum(node, parent) * nodes + np.maximum(node, parent)
        # a square root, so that the few edges beside each hub do not take every fast class
        use[order[np.searchsorted(key[order], side)]] += np.sqrt(behind(before)[node])
    rank = np.empty(len(key), np.int64)
    rank[np.argsort(-use, kind="stable")] = np.arange(len(key))
    return np.searchsorted(np.array(SHARE_UP_TO_CLASS) * len(key), rank, side="right")


def behind(parent: npt.NDArray[np.int32]) -> Floats:
    """Size of the subtree of each node (N,) of a tree given by parents (below 0: none).

    Doubling: after round k a node counts its descendants fewer than 2**k steps away.
    """
    nodes = len(parent)
    jump = np.append(np.where(parent < 0, nodes, parent), nodes).astype(np.int64)
    size = np.ones(nodes + 1)
    while (jump[:-1] < nodes).any():
        size[:-1] += np.bincount(jump[:-1], size[:-1], minlength=nodes + 1)[:-1]
        jump = jump[jump]
    return size[:-1]


def main() -> None:
    for size in sys.argv[1:] or SIZES:
        begun = time.process_time()
        graph = synthetic(size)
        took = time.process_time() - begun
        print(f"{size}: {graph.nodes:,} nodes, {len(graph.ms):,} arcs, {took:.1f} s CPU")


if __name__ == "__main__":
    main()
