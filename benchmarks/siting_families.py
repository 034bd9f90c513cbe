"""Families of questions that siting is tried with elsewhere, invented anew from fixed seeds.

Random graphs in the manner of OR-Library's p-medians (Beasley 1985): 100 to 900 nodes, n * n / 50
edges of length 1 to 100, of which a round through all nodes makes them one graph; a later edge
between the same two nodes replaces the earlier. Every node is a demand point of one person and a
candidate, ways are shortest paths.

Blocks of a city in the manner of Lorena's instances of Sao Jose dos Campos: 324 to 818 blocks some
80 m apart, thinner away from the middle, few of which hold most of the demand. Every block is a
demand point and a candidate, ways are straight lines in metres.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from geoplan.model import Floats, Ints

GRAPH_NODES = (100, 200, 300, 400, 500, 600, 700, 800, 900)
CITY_BLOCKS = (324, 402, 500, 708, 818)
RADII = (150, 200, 800)
COVER_COUNTS = (5, 10, 20, 40)
MEDIAN_COUNTS = (5, 10, 20, 40, 80)
_LONGEST_EDGE = 100
_BLOCK_METRES = 75.0


@dataclass(frozen=True, slots=True)
class Place:
    """Who lives where, and how far everybody is from everywhere (n, n)."""

    name: str
    people: Ints
    ways: Floats


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of `geoplan site` about a place."""

    place: str
    model: str
    count: int
    threshold: int | None = None

    @property
    def name(self) -> str:
        within = "" if self.threshold is None else f", {self.threshold} m"
        return f"{self.place} {self.model} p {self.count}{within}"


def graph_counts(nodes: int) -> tuple[int, ...]:
    """How many sites are asked of a graph: 5, 10, a tenth, a fifth and a third of its nodes, the
    last two as long as the family has them."""
    counts = (5, 10, nodes // 10, nodes // 5, nodes // 3)
    return counts[: 5 if nodes <= 600 else 4 if nodes == 700 else 3]


def graphs() -> Iterator[tuple[Place, tuple[Asked, ...]]]:
    """The forty questions of the family, each about a graph of its own, for both models."""
    number = 0
    for nodes in GRAPH_NODES:
        for count in graph_counts(nodes):
            number += 1
            place = graph(f"graph{number}-{nodes}", nodes, number)
            models = ("p-median", "p-centre")
            yield place, tuple(Asked(place.name, model, count) for model in models)


def cities() -> Iterator[tuple[Place, tuple[Asked, ...]]]:
    """Cities with their maximal coverings and medians."""
    for number, blocks in enumerate(CITY_BLOCKS):
        place = city(f"city{blocks}", blocks, number)
        covers = [Asked(place.name, "mclp", p, metres) for metres in RADII for p in COVER_COUNTS]
        medians = [Asked(place.name, "p-median", p) for p in MEDIAN_COUNTS]
        yield place, (*covers, *medians)


def graph(name: str, nodes: int, seed: int) -> Place:
    rng = np.random.default_rng([1985, seed])
    edges = nodes * nodes // 50
    ends = rng.integers(0, nodes, (edges - nodes, 2))
    ends[:, 1] = np.where(ends[:, 0] == ends[:, 1], (ends[:, 1] + 1) % nodes, ends[:, 1])
    around = np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes], axis=1)
    ends = np.sort(np.concatenate([around, ends]), axis=1)
    length = rng.integers(1, _LONGEST_EDGE + 1, edges)
    last = dict(zip(map(tuple, ends.tolist()), length.tolist(), strict=True))
    pairs = np.array(list(last))
    matrix = sparse.csr_array((list(last.values()), (pairs[:, 0], pairs[:, 1])), (nodes, nodes))
    return Place(name, np.ones(nodes, np.int64), dijkstra(matrix, directed=False))


def city(name: str, blocks: int, seed: int) -> Place:
    """The blocks of an uneven grid, kept the more likely the nearer they are to a middle."""
    rng = np.random.default_rng([324, seed])
    side = int(1.85 * np.sqrt(blocks))
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    spots = grid * _BLOCK_METRES + rng.normal(0, 0.2 * _BLOCK_METRES, grid.shape)
    middles = rng.uniform(0.2, 0.8, (4, 2)) * side * _BLOCK_METRES
    spread = rng.uniform(0.15, 0.35, 4) * side * _BLOCK_METRES
    away = np.linalg.norm(spots[:, None] - middles, axis=2) / spread
    dense = np.exp(-(away**2) / 2).sum(axis=1) + 0.01
    spots = spots[rng.choice(len(spots), blocks, replace=False, p=dense / dense.sum())]
    people = np.maximum(1, np.rint(rng.lognormal(3.1, 1.1, blocks))).astype(np.int64)
    return Place(name, people, np.linalg.norm(spots[:, None] - spots, axis=2))
