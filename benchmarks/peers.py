"""The same questions answered by scipy, networkit, igraph and networkx, in this process."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from benchmarks.ledger import Took, once, scaled
from benchmarks.trial import Floats, Ints, Trial

BATCH = 40
"""Sites scipy answers at once: 320 MB of times at a million nodes."""
SAMPLE = 4


def scipy_nearest(trial: Trial) -> Floats:
    found: Floats = dijkstra(trial.towards, indices=trial.sites, min_only=True)
    return found


def scipy_matrix(trial: Trial, sites: Ints, cap_ms: float) -> Floats:
    """Times (points, sites); no way within the cap: infinite."""
    result = np.empty((len(trial.points), len(sites)))
    for first in range(0, len(sites), BATCH):
        batch = sites[first : first + BATCH]
        found = dijkstra(trial.towards, indices=batch, limit=cap_ms)
        result[:, first : first + len(batch)] = found[:, trial.points].T
    return result


def scipy_sums(trial: Trial, limit_ms: float) -> Ints:
    result = np.zeros(len(trial.sites), np.int64)
    for first in range(0, len(trial.sites), BATCH):
        found = dijkstra(trial.towards, indices=trial.sites[first : first + BATCH], limit=limit_ms)
        for row, time in enumerate(found):
            result[first + row] = trial.people[np.isfinite(time)].sum()
    return result


def sampled_sites(trial: Trial) -> tuple[Ints, float]:
    """A few of the sites, evenly spread, and how many such samples all the sites are."""
    sample = trial.sites[:: len(trial.sites) // SAMPLE][:SAMPLE]
    return sample, len(trial.sites) / len(sample)


def networkit_matrix(trial: Trial) -> Took[npt.NDArray[np.float64]]:
    """One search a site, of a sample, scaled."""
    import networkit

    ends = trial.towards.tocoo()
    row, column = (side.astype(np.uint64) for side in ends.coords)
    graph = networkit.GraphFromCoo(
        (ends.data, (row, column)), n=trial.graph.nodes, weighted=True, directed=True
    )
    sample, factor = sampled_sites(trial)

    def ask() -> Floats:
        found = []
        for site in sample.tolist():
            search = networkit.distance.Dijkstra(graph, site, False)
            search.run()
            found.append(np.array(search.getDistances())[trial.points])
        times = np.array(found).T
        times[times == np.finfo(float).max] = np.inf  # its sign for "not reached"
        return times

    return scaled(once(ask), factor)


def igraph_matrix(trial: Trial) -> Took[npt.NDArray[np.float64]]:
    """All sites of a sample in one call, scaled."""
    import igraph

    ends = trial.towards.tocoo()
    graph = igraph.Graph(trial.graph.nodes, np.array(ends.coords).T, directed=True)
    weights = ends.data.tolist()
    sample, factor = sampled_sites(trial)

    def ask() -> Floats:
        found = graph.distances(sample.tolist(), trial.points.tolist(), weights, mode="out")
        return np.array(found).T

    return scaled(once(ask), factor)


def networkx_nearest(trial: Trial) -> Took[npt.NDArray[np.float64]]:
    import networkx

    ends = trial.towards.tocoo()
    edges = zip(ends.row.tolist(), ends.col.tolist(), ends.data.tolist(), strict=True)
    graph: networkx.DiGraph[int] = networkx.DiGraph()
    graph.add_nodes_from(range(trial.graph.nodes))
    graph.add_weighted_edges_from(edges)

    def ask() -> Floats:
        found = networkx.multi_source_dijkstra_path_length(graph, set(trial.sites.tolist()))
        return np.array([found.get(node, np.inf) for node in range(trial.graph.nodes)])

    return once(ask)
