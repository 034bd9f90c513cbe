"""Township shapes made light for display: simplified together, so that no gap opens between two.

The result is a TopoJSON topology (https://github.com/topojson/topojson-specification): every
common border stands once, as whole steps on a grid. The shapes are for display only; nothing is
measured on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Point = tuple[int, int]
Line = tuple[Point, ...]

MOST_POINTS = 40_000
GRID = 40_000  # steps along the longer side: about 15 m for Taiwan and its islands


def topology(shapes: Sequence[Any], ids: Sequence[str], name: str) -> dict[str, Any]:
    """A TopoJSON topology with one object `name` whose geometries carry `ids`.

    `shapes` are shapely polygons in degrees that meet without overlap (a coverage).
    """
    light = simplified(np.asarray(shapes, dtype=object))
    west, south, east, north = shapely.total_bounds(light)
    step = max(east - west, north - south) / GRID or 1.0
    rings = [_rings(shape, (west, south), step) for shape in light]
    junctions = _junctions(ring for polygons in rings for polygon in polygons for ring in polygon)
    arcs = _Arcs(junctions)
    geometries = [
        {
            "type": "MultiPolygon",
            "id": code,
            "arcs": [[arcs.of_ring(ring) for ring in polygon] for polygon in polygons],
        }
        for code, polygons in zip(ids, rings, strict=True)
    ]
    return {
        "type": "Topology",
        "transform": {
            "scale": [round(step, 9), round(step, 9)],
            "translate": [round(float(west), 6), round(float(south), 6)],
        },
        "objects": {name: {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": [_steps(line) for line in arcs.lines],
    }


def polygons(topology: dict[str, Any], name: str) -> dict[str, Any]:
    """The shapes of an object of a topology, by id: those that `topology` drew, on its grid."""
    scale, origin = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    lines = [np.cumsum(np.asarray(arc), axis=0) * scale + origin for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> npt.NDArray[np.float64]:
        parts = [lines[at] if at >= 0 else lines[~at][::-1] for at in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    return {
        each["id"]: shapely.MultiPolygon(
            [(ring(rings[0]), [ring(hole) for hole in rings[1:]]) for rings in each["arcs"]]
        )
        for each in topology["objects"][name]["geometries"]
    }


def simplified(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Fewer points, the same neighbours: `shapely.coverage_simplify` (Visvalingam-Whyatt).

    The tolerance grows from a 20,000th of the extent until at most MOST_POINTS are left.
    """
    west, south, east, north = shapely.total_bounds(shapes)
    tolerance = max(east - west, north - south) / 20_000
    light = shapes
    while shapely.get_num_coordinates(light).sum() > MOST_POINTS:
        light = shapely.coverage_simplify(shapes, tolerance)
        tolerance *= 1.25
    return light


def _rings(shape: Any, origin: tuple[float, float], step: float) -> list[list[Line]]:
    """Polygons of a shape as closed rings on the grid; those that vanish on it are left out."""
    polygons = []
    for polygon in shapely.get_parts(shape):
        rings = []
        for ring in (polygon.exterior, *polygon.interiors):
            grid = np.rint((shapely.get_coordinates(ring) - origin) / step).astype(int)
            kept = np.append(True, (np.diff(grid, axis=0) != 0).any(axis=1))
            line = tuple((int(x), int(y)) for x, y in grid[kept])
            if len(line) >= 4:
                rings.append(line)
            elif ring is polygon.exterior:
                break
        if rings:
            polygons.append(rings)
    return polygons


def _junctions(rings: Iterable[Line]) -> set[Point]:
    """Points where lines part: those with other than two neighbours, over all rings together."""
    neighbours: dict[Point, set[Point]] = {}
    for ring in rings:
        for one, other in pairwise(ring):
            neighbours.setdefault(one, set()).add(other)
            neighbours.setdefault(other, set()).add(one)
    return {point for point, around in neighbours.items() if len(around) != 2}


class _Arcs:
    """The lines between junctions, each kept once whichever way it is walked."""

    def __init__(self, junctions: set[Point]) -> None:
        self.junctions = junctions
        self.lines: list[Line] = []
        self._place: dict[Line, int] = {}

    def of_ring(self, ring: Line) -> list[int]:
        """A closed ring as numbers of lines; `~number` is the line walked backwards."""
        return [self._number(line) for line in self._cut(ring)]

    def _cut(self, ring: Line) -> Iterator[Line]:
        points = ring[:-1]
        starts = [i for i, point in enumerate(points) if point in self.junctions]
        # A ring without a junction starts at its least point, so that both sides agree.
        first = starts[0] if starts else points.index(min(points))
        turned = (*points[first:], *points[:first], points[first])
        begin = 0
        for end in range(1, len(turned)):
            if turned[end] in self.junctions or end == len(turned) - 1:
                yield turned[begin : end + 1]
                begin = end

    def _number(self, line: Line) -> int:
        if line in self._place:
            return self._place[line]
        backwards = line[::-1]
        if backwards in self._place:
            return ~self._place[backwards]
        self._place[line] = len(self.lines)
        self.lines.append(line)
        return self._place[line]


def _steps(line: Line) -> list[list[int]]:
    """The first point, then the steps from point to point."""
    grid = np.asarray(line)
    moves = np.diff(grid, axis=0)
    return [grid[0].tolist(), *moves[(moves != 0).any(axis=1)].tolist()]
