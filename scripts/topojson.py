"""Reading TopoJSON: quantised arcs shared between polygons, turned into shapely geometries."""

from __future__ import annotations

from typing import Any

from shapely import make_valid
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]


def decode_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """The arcs of a topology in degrees.

    Quantised arcs hold the step from the point before; a point is the sum of the steps times
    `scale` plus `translate` (TopoJSON specification 2.1.2).
    """
    scale_x, scale_y = topology["transform"]["scale"]
    move_x, move_y = topology["transform"]["translate"]
    arcs: list[list[Point]] = []
    for steps in topology["arcs"]:
        x = y = 0
        points: list[Point] = []
        for step in steps:
            x, y = x + step[0], y + step[1]
            points.append((x * scale_x + move_x, y * scale_y + move_y))
        arcs.append(points)
    return arcs


def ring(indices: list[int], arcs: list[list[Point]]) -> list[Point]:
    """One closed ring; an index ~i means arc i walked backwards (specification 2.1.4)."""
    points: list[Point] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc if not points else arc[1:])
    return points


def polygonal(shape: BaseGeometry) -> BaseGeometry:
    """The same area as valid polygons; lines and points that a repair leaves are dropped."""
    if not shape.is_valid:
        shape = make_valid(shape)
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts: list[Polygon] = []
    for part in getattr(shape, "geoms", []):
        if isinstance(part, Polygon):
            parts.append(part)
        elif isinstance(part, MultiPolygon):
            parts.extend(part.geoms)
    return MultiPolygon(parts)


def decode(topology: dict[str, Any], name: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """(properties, geometry) of every Polygon or MultiPolygon of the object `name`."""
    arcs = decode_arcs(topology)
    found: list[tuple[dict[str, Any], BaseGeometry]] = []
    for item in topology["objects"][name]["geometries"]:
        groups = [item["arcs"]] if item["type"] == "Polygon" else item["arcs"]
        shapes = [
            Polygon(ring(rings[0], arcs), [ring(hole, arcs) for hole in rings[1:]])
            for rings in groups
        ]
        found.append(
            (item["properties"], polygonal(shapes[0] if len(shapes) == 1 else MultiPolygon(shapes)))
        )
    return found
