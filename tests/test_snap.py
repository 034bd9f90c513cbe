"""The nearest piece of road: held against shapely, in odd places, on lands, without numba."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.model import Floats
from geoplan.travel.snap import Segments, nearest_by_shapely, nearest_segments

ROOT = Path(__file__).resolve().parent.parent
COARSE = st.integers(-6, 6).map(lambda cell: cell * 50.0)
FINE = st.floats(-1000, 1000, allow_nan=False)
PAIR = st.tuples(COARSE | FINE, COARSE | FINE)


def pairs(points: list[tuple[float, float]]) -> Floats:
    return np.array(points, float).reshape(-1, 2)


@settings(max_examples=150)
@given(st.lists(st.tuples(PAIR, PAIR), min_size=1, max_size=40), st.lists(PAIR, max_size=15))
def test_nearest_segments_are_shapelys(
    ends: list[tuple[tuple[float, float], tuple[float, float]]], points: list[tuple[float, float]]
) -> None:
    segments = Segments(pairs([a for a, _ in ends]), pairs([b for _, b in ends]))
    xy = pairs(points)
    found = nearest_segments(segments, xy)
    lines = shapely.linestrings(np.stack([segments.a, segments.b], axis=1))
    for at, point in enumerate(shapely.points(xy)):
        metres = shapely.distance(lines, point)
        assert abs(found.metres[at] - metres.min()) <= 1e-9
        # The lowest number of those equally near; rounding is shapely's and ours.
        assert found.segment[at] <= np.flatnonzero(metres <= metres.min())[0] or (
            metres[found.segment[at]] <= metres.min() + 1e-9
        )
        a, b = segments.a[found.segment[at]], segments.b[found.segment[at]]
        spot = a + found.along[at] * (b - a)
        assert abs(np.hypot(*(spot - xy[at])) - found.metres[at]) <= 1e-9
    same = nearest_by_shapely(segments, np.arange(len(ends)), xy)
    assert np.array_equal(found.segment, same.segment)
    assert np.array_equal(found.metres, same.metres)
    assert np.array_equal(found.along, same.along)


def test_of_segments_equally_near_the_lowest_number_is_taken() -> None:
    star = np.array([[10, 0], [0, 10], [-10, 0], [0, -10]] * 20, float)
    segments = Segments(np.zeros_like(star), star)
    assert nearest_segments(segments, np.zeros((1, 2))).segment.tolist() == [0]
    turned = Segments(star, np.zeros_like(star))
    assert nearest_segments(turned, pairs([(0, 0), (3, 3), (-3, 3)])).segment.tolist() == [0, 0, 1]


def test_order_of_segments_changes_only_their_numbers() -> None:
    rng = np.random.default_rng(4)
    a = rng.uniform(0, 9000, (700, 2))
    b = a + rng.normal(0, 300, a.shape)
    xy = rng.uniform(-500, 9500, (900, 2))
    order = rng.permutation(len(a))
    plain = nearest_segments(Segments(a, b), xy)
    mixed = nearest_segments(Segments(a[order], b[order]), xy)
    assert np.array_equal(order[mixed.segment], plain.segment)
    assert np.array_equal(mixed.metres, plain.metres)


def test_one_segment_without_length_and_points_far_off() -> None:
    spot = pairs([(5, 5)])
    found = nearest_segments(Segments(spot, spot), pairs([(5, 5), (8, 9), (4e7, 5)]))
    assert found.segment.tolist() == [0, 0, 0]
    assert found.metres.tolist() == [0, 5, 4e7 - 5]
    assert found.along.tolist() == [0, 0, 0]


def test_nobody_snaps_across_water() -> None:
    a = pairs([(0, 0), (0, 100), (0, 50)])
    b = pairs([(900, 0), (900, 100), (900, 50)])
    segments = Segments(a, b, land=np.array([0, 1, -1]))
    xy = pairs([(100, 40), (100, 60), (100, 50), (100, 1), (100, 1)])
    found = nearest_segments(segments, xy, point_land=np.array([0, 1, 1, 7, -1]))
    assert found.segment.tolist() == [0, 1, 1, -1, -1]
    assert found.metres.tolist() == [40, 40, 50, np.inf, np.inf]


def test_no_points_and_no_segments() -> None:
    none = pairs([])
    assert len(nearest_segments(Segments(none, none), none).segment) == 0
    assert nearest_segments(Segments(none, none), pairs([(1, 1)])).segment.tolist() == [-1]


def test_what_is_no_number_is_refused() -> None:
    good, bad = pairs([(0, 0)]), pairs([(np.nan, 0)])
    for segments, xy in ((Segments(good, bad), good), (Segments(good, good), bad)):
        with pytest.raises(ValueError, match="finite"):
            nearest_segments(segments, xy)
    with pytest.raises(ValueError, match="lands"):
        nearest_segments(Segments(good, good), good, np.array([0]))


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import numpy as np
from geoplan.travel.snap import COMPILED, Segments, nearest_segments
assert not COMPILED
rng = np.random.default_rng(8)
a = rng.uniform(0, 5000, (400, 2)).round(-1)
found = nearest_segments(Segments(a, a[::-1].copy()), rng.uniform(0, 5000, (300, 2)))
print(found.segment.tolist(), found.metres.tolist())
"""


def test_without_numba_the_answers_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rng = np.random.default_rng(8)
    a = rng.uniform(0, 5000, (400, 2)).round(-1)
    found = nearest_segments(Segments(a, a[::-1].copy()), rng.uniform(0, 5000, (300, 2)))
    assert done.stdout.strip() == f"{found.segment.tolist()} {found.metres.tolist()}"
