"""Countries on both sides of the 180th meridian, drawn in one piece: what lies west of Greenwich
is drawn beyond 180 degrees east. Only pictures are moved, no figure and no point of a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.affinity import translate

HALF_TURN = 180.0


def in_one_piece(shapes: Sequence[Any]) -> list[Any]:
    """The shapes (polygons in degrees), moved where that makes all of them together narrower."""
    moved = eastward(shapes)
    return moved if _width(moved) < _width(shapes) else list(shapes)


def is_moved(shapes: Sequence[Any]) -> bool:
    """Whether shapes were moved by `in_one_piece`."""
    return bool(len(shapes)) and float(shapely.total_bounds(shapes)[2]) > HALF_TURN


def eastward(shapes: Sequence[Any]) -> list[Any]:
    """The shapes with their parts west of Greenwich a whole turn farther east."""
    return [
        shapely.MultiPolygon(
            [
                translate(part, 2 * HALF_TURN) if part.bounds[2] <= 0 else part
                for part in shapely.get_parts(shape)
            ]
        )
        for shape in shapes
    ]


def _width(shapes: Sequence[Any]) -> float:
    west, _, east, _ = shapely.total_bounds(shapes)
    return float(east - west)
