"""The nearest piece of road to many points at once, exact in metres.

Pieces are straight segments in a packed tree of boxes (Kamel and Faloutsos 1993: segments in
the order of a Hilbert curve, eight to a box, eight boxes to the next). A tree has no cell size
to choose, and stays quick for points far off, long segments and crowded towns. Of segments
equally near the lowest number is taken. Without numba shapely's STRtree finds the same segments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.model import Floats, Ints
from geoplan.travel.compiled import COMPILED, inlined, kernel
from geoplan.travel.graph import Int32s, hilbert_order

FANOUT = 8
DEPTH = 16
"""Levels of boxes that the search has room for: 8**16 segments."""
SLACK_METRES = 1e-6
"""A box counts as near enough if it is no farther than this beyond the best: rounding."""


@dataclass(frozen=True, slots=True)
class Segments:
    """S straight pieces of road, from a (S, 2) to b (S, 2) in metres; `land` (S,) numbers the
    land mass each lies on, -1 where nobody may join it (a bridge between lands, a ferry)."""

    a: Floats
    b: Floats
    land: Ints | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each point (P,) the nearest segment, -1 where its land has none; the metres to it,
    infinite there; and how far along the segment the nearest spot lies, 0 to 1."""

    segment: Int32s
    metres: Floats
    along: Floats


@dataclass(frozen=True, slots=True)
class SegmentTree:
    """Segments in packed order, and boxes over them: level after level, leaves first.

    `ends` (S, 4) ax, ay, bx, by; `number` (S,) the segment's number; `boxes` (B, 4) xmin, ymin,
    xmax, ymax; `first` (levels + 1,) where each level begins.
    """

    ends: Floats
    number: Int32s
    boxes: Floats
    first: Ints


def nearest_segments(segments: Segments, xy: Floats, point_land: Ints | None = None) -> Nearest:
    """The nearest segment to each point (P, 2).

    With `point_land` (P,) only segments of the point's own land count, and a point of land -1
    has none. For many calls on the same segments build the tree once (`segment_tree`).

    Raises:
        ValueError: if a coordinate is not a finite number, or one side lacks its lands.
    """
    for points in (segments.a, segments.b, xy):
        if not np.isfinite(points).all():
            raise ValueError("a coordinate is not a finite number")
    if (segments.land is None) != (point_land is None):
        raise ValueError("lands are given for points or for segments only")
    found = _none_found(len(xy))
    if segments.land is None or point_land is None:
        return _search(segments, np.arange(len(segments.a)), xy)
    for land in np.unique(point_land[point_land >= 0]):
        here = np.flatnonzero(point_land == land)
        part = _search(segments, np.flatnonzero(segments.land == land), xy[here])
        found.segment[here], found.metres[here] = part.segment, part.metres
        found.along[here] = part.along
    return found


def segment_tree(segments: Segments, chosen: Ints | None = None) -> SegmentTree:
    """The packed tree over the chosen segments (all without a choice); numbers stay those given."""
    chosen = np.arange(len(segments.a)) if chosen is None else chosen
    a, b = segments.a[chosen], segments.b[chosen]
    order = hilbert_order((a + b) / 2) if len(chosen) else chosen
    ends = np.ascontiguousarray(np.hstack([a[order], b[order]]))
    boxes = np.hstack([np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])])
    levels: list[Floats] = []
    while len(boxes) and (not levels or len(boxes) > 1):
        at = np.arange(0, len(boxes), FANOUT)
        low = np.minimum.reduceat(boxes[:, :2], at)
        boxes = np.hstack([low, np.maximum.reduceat(boxes[:, 2:], at)])
        levels.append(boxes)
    first = np.cumsum([0, *map(len, levels)]).astype(np.int64)
    packed = np.concatenate(levels) if levels else np.zeros((0, 4))
    return SegmentTree(ends, chosen[order].astype(np.int32), packed, first)


def nearest_in(tree: SegmentTree, xy: Floats) -> Nearest:
    """The nearest segment of the tree to each point (P, 2); needs numba to be quick."""
    found = _none_found(len(xy))
    if len(tree.number) and len(xy):
        order = hilbert_order(xy)  # each search starts with its neighbour's answer as a bound
        rows, levels = np.empty((2, FANOUT * (DEPTH + 1)), np.int64)
        stack = (rows, levels, np.empty(len(rows)))
        segments = (tree.ends, tree.number)
        _sweep(segments, (tree.boxes, tree.first), (xy, order), stack, _arrays(found))
    return found


def _arrays(found: Nearest) -> tuple[Int32s, Floats, Floats]:
    return found.segment, found.metres, found.along


def _none_found(points: int) -> Nearest:
    return Nearest(np.full(points, -1, np.int32), np.full(points, np.inf), np.zeros(points))


def _search(segments: Segments, chosen: Ints, xy: Floats) -> Nearest:
    if COMPILED:
        return nearest_in(segment_tree(segments, chosen), xy)
    return nearest_by_shapely(segments, chosen, xy)


@inlined
def _spot(ends: Floats, row: int, x: float, y: float) -> tuple[float, float]:
    """Squared metres from (x, y) to a segment, and how far along it the nearest spot lies."""
    ax, ay = ends[row, 0], ends[row, 1]
    dx, dy = ends[row, 2] - ax, ends[row, 3] - ay
    px, py = x - ax, y - ay
    squared = dx * dx + dy * dy
    along = 0.0
    if squared > 0.0:
        along = min(1.0, max(0.0, (px * dx + py * dy) / squared))
    ex, ey = px - along * dx, py - along * dy
    return ex * ex + ey * ey, along


@inlined
def _box_gap(boxes: Floats, row: int, x: float, y: float) -> float:
    """Squared metres from (x, y) to a box, 0 inside."""
    gx = max(boxes[row, 0] - x, 0.0, x - boxes[row, 2])
    gy = max(boxes[row, 1] - y, 0.0, y - boxes[row, 3])
    squared: float = gx * gx + gy * gy
    return squared


@kernel
def _sweep(
    segments: tuple[Floats, Int32s],
    levels: tuple[Floats, Ints],
    points: tuple[Floats, Ints],
    stack: tuple[Ints, Ints, Floats],
    found: tuple[Int32s, Floats, Floats],
) -> None:
    """Search the tree for each point, nearest boxes first; fills segment, metres and along.

    `stack` is memory for the boxes yet to be opened: FANOUT on each of DEPTH levels and the top.
    """
    ends, number = segments
    boxes, first = levels
    xy, order = points
    segment, metres, along = found
    stack_row, stack_level, stack_gap = stack
    top = len(first) - 2
    best_row = 0
    for point in order:
        x, y = xy[point, 0], xy[point, 1]
        best, best_along = _spot(ends, best_row, x, y)
        limit = (np.sqrt(best) + SLACK_METRES) ** 2
        stack_row[0], stack_level[0], stack_gap[0] = 0, top, 0.0
        size = 1
        while size:
            size -= 1
            if stack_gap[size] > limit:
                continue
            row, level = stack_row[size], stack_level[size]
            if level == 0:
                for child in range(row * FANOUT, min(row * FANOUT + FANOUT, len(number))):
                    gap, spot = _spot(ends, child, x, y)
                    if gap < best or (gap == best and number[child] < number[best_row]):
                        best, best_along, best_row = gap, spot, child
                        limit = (np.sqrt(best) + SLACK_METRES) ** 2
                continue
            below = first[level] - first[level - 1]
            base = size
            for child in range(row * FANOUT, min(row * FANOUT + FANOUT, below)):
                gap = _box_gap(boxes, first[level - 1] + child, x, y)
                if gap > limit:
                    continue
                at = size
                while at > base and stack_gap[at - 1] < gap:  # the nearest box comes off first
                    stack_row[at], stack_gap[at] = stack_row[at - 1], stack_gap[at - 1]
                    at -= 1
                stack_row[at], stack_gap[at] = child, gap
                stack_level[size] = level - 1
                size += 1
        segment[point], metres[point], along[point] = number[best_row], np.sqrt(best), best_along


def nearest_by_shapely(segments: Segments, chosen: Ints, xy: Floats) -> Nearest:
    """The same answers by shapely: its nearest distance, then our own sum over what is as near."""
    import shapely

    found = _none_found(len(xy))
    if not len(chosen) or not len(xy):
        return found
    ends = np.stack([segments.a[chosen], segments.b[chosen]], axis=1)
    tree = shapely.STRtree(np.atleast_1d(np.asarray(shapely.linestrings(ends), object)))
    points = shapely.points(xy)
    near, metres = tree.query_nearest(points, all_matches=False, return_distance=True)
    reach = np.zeros(len(xy))
    reach[near[0]] = metres
    point, piece = tree.query(points, predicate="dwithin", distance=reach + 2 * SLACK_METRES)
    gap, along = _spots(ends[piece], xy[point])
    order = np.lexsort((chosen[piece], gap, point))
    first = np.ones(len(order), bool)
    first[1:] = point[order][1:] != point[order][:-1]
    best = order[first]
    found.segment[point[best]] = chosen[piece[best]]
    found.metres[point[best]] = np.sqrt(gap[best])
    found.along[point[best]] = along[best]
    return found


def _spots(ends: npt.NDArray[np.float64], xy: Floats) -> tuple[Floats, Floats]:
    """As `_spot`, for pairs of segments (K, 2, 2) and points (K, 2)."""
    dx, dy = (ends[:, 1] - ends[:, 0]).T
    px, py = (xy - ends[:, 0]).T
    squared = dx * dx + dy * dy
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.minimum(1.0, np.maximum(0.0, (px * dx + py * dy) / squared))
    along = np.where(squared > 0.0, share, 0.0)
    ex, ey = px - along * dx, py - along * dy
    return ex * ex + ey * ey, along
