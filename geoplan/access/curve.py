"""A curve drawn with few points: those without which the line would lie furthest off."""

from __future__ import annotations

import heapq
from itertools import pairwise

import numpy as np

from geoplan.model import Floats, Ints


def thinned(along: Floats, up: Floats, most: int, always: Ints) -> Ints:
    """Positions of at most `most` points of a curve (n,), in order, that draw it best.

    Both ends and the positions `always` are kept. Then the point whose height lies furthest from
    the straight line between the two kept points around it is kept too, and so on, until `most`
    are kept or none lies off the line; ties go to the first. This is the greedy refinement of
    Douglas, D. and Peucker, T. (1973), Cartographica 10(2), 112-122, with the distance taken
    upright and the number of points given instead of the error.

    Raises:
        ValueError: if the arrays differ in length, are empty, or the ends and `always` alone exceed
            `most`.
    """
    if along.shape != up.shape or not along.size:
        raise ValueError("along and up must have one entry a point, and at least one")
    kept = sorted({0, len(along) - 1, *(int(each) for each in always)})
    if len(kept) > most:
        raise ValueError("more points must be kept than may be")
    gaps = [_furthest(along, up, *ends) for ends in pairwise(kept)]
    heapq.heapify(gaps)
    while gaps and len(kept) < most:
        less, at, first, last = heapq.heappop(gaps)
        if less == 0:
            break
        kept.append(at)
        for ends in ((first, at), (at, last)):
            heapq.heappush(gaps, _furthest(along, up, *ends))
    return np.array(sorted(kept), np.int64)


def _furthest(along: Floats, up: Floats, first: int, last: int) -> tuple[float, int, int, int]:
    """Minus the greatest distance upright between the points from `first` to `last` and the line
    from one to the other, and its position."""
    x, y = along[first : last + 1], up[first : last + 1]
    if last - first < 2 or x[0] == x[-1]:  # no point lies between neighbours
        return 0.0, first, first, last
    line = y[0] + (y[-1] - y[0]) * (x - x[0]) / (x[-1] - x[0])
    off = np.abs(y - line)
    at = int(off.argmax())
    return -float(off[at]), first + at, first, last
