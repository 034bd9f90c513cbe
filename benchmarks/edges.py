"""Snapping points to the nearest street: geoplan's tree of boxes beside shapely's."""

from __future__ import annotations

import numpy as np
import shapely

from benchmarks.ledger import Ledger, best_of
from benchmarks.trial import SEED, Floats, Trial
from geoplan.travel.snap import Segments, nearest_in, segment_tree

SNAPPED_POINTS = 100_000
SCATTER_METRES = 150.0
EQUAL_METRES = 1e-6


def streets(trial: Trial) -> Segments:
    """Every street once, whatever its directions, as a straight line between its nodes."""
    graph = trial.graph
    end = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    low, high = np.minimum(end, graph.indices), np.maximum(end, graph.indices)
    low, high = np.divmod(np.unique(low * graph.nodes + high), graph.nodes)
    return Segments(trial.xy[low], trial.xy[high])


def scattered(trial: Trial) -> Floats:
    """Points (P, 2) beside nodes drawn at random."""
    rng = np.random.default_rng(SEED)
    beside = trial.xy[rng.integers(0, trial.graph.nodes, SNAPPED_POINTS)]
    return beside + rng.normal(0, SCATTER_METRES, beside.shape)


def shapely_tree(segments: Segments) -> shapely.STRtree:
    lines = np.asarray(shapely.linestrings(np.stack([segments.a, segments.b], axis=1)))
    tree = shapely.STRtree(lines)
    tree.query_nearest(shapely.Point(0, 0))  # the tree is built when it is first asked
    return tree


def by_shapely(tree: shapely.STRtree, points: np.ndarray) -> tuple[Floats, Floats]:
    """Metres (P,) to the nearest street, and how far along it in metres."""
    (_, line), metres = tree.query_nearest(points, all_matches=False, return_distance=True)
    return metres, shapely.line_locate_point(tree.geometries[line], points)


def bench_snap(ledger: Ledger, trial: Trial) -> None:
    segments, xy = streets(trial), scattered(trial)
    count = f"{len(segments.a):,} streets"
    ledger.question(f"{len(xy):,} points to the nearest of {count}, and the spot on it")
    own = best_of(lambda: segment_tree(segments))
    theirs = best_of(lambda: shapely_tree(segments))
    points = np.asarray(shapely.points(xy))
    snapped = best_of(lambda: nearest_in(own.value, xy))
    by_tree = best_of(lambda: by_shapely(theirs.value, points))
    # the spots are not compared: two streets may be equally near
    apart_metres = float(np.abs(snapped.value.metres - by_tree.value[0]).max())
    same = f"metres differ by at most {apart_metres:.0e}"
    ledger.engine("geoplan, tree ready", snapped, same)
    ledger.engine("shapely STRtree, query_nearest and project", by_tree)
    ledger.engine("geoplan, making the tree", own)
    ledger.engine("shapely, making lines and tree", theirs)
    ratio = by_tree.cpu / snapped.cpu
    if apart_metres > EQUAL_METRES:
        ratio = 0.0
        ledger.note("the distances are not equal: the ratio counts for nothing")
    ledger.at_least("edge snap, trees ready, beside shapely", ratio, 8)
