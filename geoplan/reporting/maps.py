"""Static maps of one service: townships by status, sites by symbol, legible in grey print.

The shapes are simplified together (shapely.coverage_simplify) and for display only. A plate
carree about the middle of the map is near enough for its few degrees; the scale says `about`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoplan.export.words import Labels
from geoplan.reporting.content import Figure
from geoplan.reporting.legend import FILLS, SITE_KINDS, Pin, Shown, legend, marks, symbol
from geoplan.reporting.svg import INK, RULE, SOFT, element, label, picture, wide
from geoplan.tables import LISTED, STATUSES
from geoplan.texts import Lang, say

if TYPE_CHECKING:
    import geopandas as gpd

Box = tuple[float, float, float, float]
Group = tuple[Box, frozenset[str] | None]

SIDE, MARGIN, LEGEND, INSET = 560.0, 10.0, 190.0, 112.0
LEAST_HIGH = 300.0
APART = 1 / 9
"""Counties farther from the rest than this share of the map's longer side are drawn apart."""
WIDTH = 0.86
"""Of the text's width."""
FINE = 1 / 1500
"""The tolerance of the shapes, as a share of the map's longer side."""
NEAR_SHARE = 0.06
"""So much of the neighbours is shown around a part of the country."""
METRES_PER_DEGREE = 110_900.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One map: whose townships (`inside`), what each one's status is, which sites, named how.

    `provisional` are the codes whose list of sites is not complete; `names` are the words on the
    map: by township, or by county where `by_county`.
    """

    shapes: gpd.GeoDataFrame
    inside: frozenset[str]
    status: dict[str, str]
    provisional: frozenset[str]
    pins: Sequence[Pin]
    unseen: int  # existing sites without a point
    names: dict[str, str]
    by_county: bool = False
    marked: str = ""  # the one township that the map is about


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a piece of the country stands on the paper: degrees to units of the drawing."""

    box: Box  # west, south, east, north
    x: float
    y: float
    width: float
    height: float
    counties: frozenset[str] | None = None  # drawn here; None: all that reach into the box

    @property
    def squeeze(self) -> float:
        return math.cos(math.radians((self.box[1] + self.box[3]) / 2))

    @property
    def scale(self) -> float:
        west, south, east, north = self.box
        wide = max((east - west) * self.squeeze, 1e-6)
        return min(self.width / wide, self.height / max(north - south, 1e-6))

    def place(self, degrees: Any) -> Any:
        """Points (n, 2) in degrees as points of the drawing, in the middle of the frame."""
        west, south, east, north = self.box
        free_x = self.width - (east - west) * self.squeeze * self.scale
        free_y = self.height - (north - south) * self.scale
        x = self.x + free_x / 2 + (degrees[:, 0] - west) * self.squeeze * self.scale
        y = self.y + free_y / 2 + (north - degrees[:, 1]) * self.scale
        return np.column_stack([x, y])


def map_figure(asked: Asked, layer: str, labels: Labels, key: str) -> Figure:
    """The map as a figure; `key` tells its marks from those of other maps on the same page."""
    lang = labels.lang
    frames, boxes = _frames(asked)
    high = max(frame.y + frame.height for frame in frames) + MARGIN
    drawn = [element("rect", x=0, y=0, width=SIDE + LEGEND, height=high, fill="#fff"), marks(key)]
    for frame, inset in zip(frames, boxes, strict=True):
        drawn += piece(asked, frame, inset, key)
    drawn += legend(shown(asked), lang, key, (SIDE + 16, 22.0, LEGEND, high - 90))
    drawn += _north(SIDE + 16, high - 84, lang)
    drawn += scale(frames[0], SIDE + 16, high - 24, lang)
    where = say("reporting.map.caption", lang, layer=labels.layer(layer))
    caption = where + _notes(asked, bool(frames[1:]), lang)
    return Figure(picture(SIDE + LEGEND, high, drawn), _alt(asked, where, lang), caption, WIDTH)


def _frames(asked: Asked) -> tuple[list[Frame], list[bool]]:
    """The main piece, then the far counties in small frames of their own at the left."""
    mine = asked.shapes[asked.shapes["township_code"].isin(asked.inside)]
    groups: list[Group] = [(tuple(mine.total_bounds), None)]
    if asked.by_county:
        groups = _groups(mine)
    left = INSET + 6 if len(groups) > 1 else 0.0
    around, counties = groups[0]
    box = _widened(around, 0 if asked.by_county else NEAR_SHARE)
    wide = SIDE - 2 * MARGIN - left
    flat = Frame(box, MARGIN + left, MARGIN, wide, SIDE - 2 * MARGIN, counties)
    high = min(flat.height, max((box[3] - box[1]) * flat.scale, LEAST_HIGH))
    main = replace(flat, height=high)
    if not asked.by_county:
        main = replace(main, box=_filling(main))
    small = [
        Frame(_widened(box, 0.08), MARGIN, MARGIN + at * (INSET + 8), INSET, INSET, counties)
        for at, (box, counties) in enumerate(groups[1:])
    ]
    return [main, *small], [False, *(True for _ in small)]


def _groups(shapes: gpd.GeoDataFrame) -> list[Group]:
    """Counties that lie together, and their bounds; the group of most townships first."""
    west, south, east, north = shapes.total_bounds
    reach = APART * max(east - west, north - south)
    groups: list[tuple[Any, frozenset[str]]] = []
    for code, county in shapes.groupby("county_code", sort=True):
        box, codes = shapely.box(*county.total_bounds), frozenset({str(code)})
        near = [each for each in groups if shapely.distance(each[0], box) <= reach]
        groups = [each for each in groups if each not in near]
        joined = shapely.union_all([box, *(each[0] for each in near)])
        groups.append((shapely.box(*joined.bounds), codes.union(*(each[1] for each in near))))
    sizes = shapes["county_code"].value_counts()
    groups.sort(key=lambda each: (-int(sizes[list(each[1])].sum()), each[0].bounds))
    return [(box.bounds, codes) for box, codes in groups]


def _filling(frame: Frame) -> Box:
    """The box that fills the frame, about the same middle."""
    west, south, east, north = frame.box
    x, y = (west + east) / 2, (south + north) / 2
    wide, high = frame.width / frame.scale / frame.squeeze / 2, frame.height / frame.scale / 2
    return x - wide, y - high, x + wide, y + high


def _widened(box: Box, share: float) -> Box:
    west, south, east, north = box
    by = share * max(east - west, north - south)
    return west - by, south - by, east + by, north + by


def piece(asked: Asked, frame: Frame, inset: bool, key: str) -> Iterator[str]:
    """One piece of the country: areas, borders of counties, sites, names."""
    west, south, east, north = frame.box
    shapes = asked.shapes.cx[west:east, south:north]
    if frame.counties is not None:
        shapes = shapes[shapes["county_code"].isin(frame.counties)]
    fine = max(east - west, north - south) * FINE * (4 if inset else 1)
    light = shapely.coverage_simplify(shapes.geometry.to_numpy(), fine)
    cut = [shapely.clip_by_rect(shape, *frame.box) for shape in light]
    codes = shapes["township_code"].tolist()
    if inset or not asked.by_county:
        yield element(
            "rect",
            x=frame.x,
            y=frame.y,
            width=frame.width,
            height=frame.height,
            fill="none",
            stroke=RULE,
        )
    for code, shape in zip(codes, cut, strict=True):
        path = _path(shape, frame)
        status = asked.status.get(code, "") if code in asked.inside else ""
        yield element("path", d=path, fill=FILLS[status], stroke="#8a979c", stroke_width=0.4)
        if status == "undetermined":
            yield element("path", d=path, fill=f"url(#{key}-open)")
        elif status in LISTED and code in asked.provisional:
            yield element("path", d=path, fill=f"url(#{key}-provisional)")
    counties = shapes["county_code"].to_numpy()
    for county in sorted(set(counties)):
        whole = shapely.union_all([cut[at] for at in np.flatnonzero(counties == county)])
        yield element("path", d=_path(whole, frame), fill="none", stroke=SOFT, stroke_width=1.1)
    if asked.marked in codes:
        path = _path(cut[codes.index(asked.marked)], frame)
        yield element("path", d=path, fill="none", stroke="#000", stroke_width=2.2)
    for pin in asked.pins:
        if west <= pin.lon <= east and south <= pin.lat <= north:
            x, y = frame.place(np.array([[pin.lon, pin.lat]]))[0]
            yield symbol(pin.kind, float(x), float(y), 2.6 if asked.by_county else 4.5)
    yield from _names(asked, list(zip(codes, counties, cut, strict=True)), frame)


def _names(asked: Asked, areas: list[tuple[str, str, Any]], frame: Frame) -> Iterator[str]:
    """Names in the middle of their areas; a name for which there is no room is left out."""
    groups: dict[str, list[Any]] = {}
    for code, county, shape in areas:
        if asked.by_county or code in asked.names:
            groups.setdefault(county if asked.by_county else code, []).append(shape)
    size = 11.0 if asked.by_county else 9.0 if asked.marked else 10.0
    taken: list[Box] = []
    order = sorted(groups, key=lambda each: -sum(shape.area for shape in groups[each]))
    for code in sorted(order, key=lambda each: each != asked.marked):
        shapes = groups[code]
        name = asked.names.get(code, "")
        parts = shapely.get_parts(shapely.union_all(shapes))
        if not name or not len(parts):
            continue
        whole = max(parts, key=lambda part: part.area)
        at = shapely.get_coordinates(shapely.point_on_surface(whole))
        x, y = (float(each) for each in frame.place(at)[0])
        half = wide(name, size) / 2
        x = min(max(x, frame.x + half), frame.x + frame.width - half)
        y = min(max(y, frame.y + size * 0.6), frame.y + frame.height - size * 0.6)
        box = (x - half, y - size / 2, x + half, y + size / 2)
        if any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        yield label(x, y + size * 0.35, name, font_size=size, text_anchor="middle")


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _path(shape: Any, frame: Frame) -> str:
    """The rings of a shape as one path."""
    told = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon" or polygon.is_empty:
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            points = frame.place(shapely.get_coordinates(ring)[:-1])
            told.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z")
    return "".join(told) or "M0,0"


def _north(x: float, y: float, lang: Lang) -> Iterator[str]:
    yield element("path", d=f"M{x + 6},{y}L{x + 12},{y + 20}L{x + 6},{y + 15}L{x},{y + 20}Z")
    yield element("text", say("reporting.map.north", lang), x=x + 18, y=y + 15, font_size=12)


def scale(frame: Frame, x: float, y: float, lang: Lang) -> Iterator[str]:
    """A bar of a round number of kilometres."""
    per_km = frame.scale * 1000 / METRES_PER_DEGREE
    most = 100 / per_km
    power = 10.0 ** math.floor(math.log10(most))
    length = next(step * power for step in (5, 2, 1) if step * power <= most)
    wide = length * per_km
    yield element("path", d=f"M{x},{y - 5}V{y}H{x + wide:.1f}V{y - 5}", fill="none", stroke=INK)
    words = say("reporting.map.scale", lang, km=f"{length:g}")
    yield element("text", words, x=x, y=y + 14, font_size=10.5)


def shown(asked: Asked) -> Shown:
    """What of the legend this map needs."""
    statuses = {asked.status[code] for code in asked.inside if code in asked.status}
    hatched = any(asked.status.get(code) in LISTED for code in asked.provisional & asked.inside)
    return Shown(frozenset(statuses), hatched, frozenset(pin.kind for pin in asked.pins))


def _notes(asked: Asked, insets: bool, lang: Lang) -> str:
    """What a reader of the map must know besides its legend."""
    told = [say("reporting.map.unseen", lang, n=asked.unseen)] if asked.unseen else []
    told += [say("reporting.map.insets", lang)] if insets else []
    stop, gap = ("。", "") if lang == "zh" else (". ", " ")
    return stop + gap.join(told) if told else ""


def _alt(asked: Asked, where: str, lang: Lang) -> str:
    """The map in words: how many townships of each status, how many sites of each kind."""
    told = []
    for status in STATUSES:
        count = sum(asked.status.get(code) == status for code in asked.inside)
        if count:
            word = say(f"status.{status}", lang)
            told.append(say("reporting.alt.townships", lang, status=word, n=count))
    for kind in SITE_KINDS:
        count = sum(pin.kind == kind for pin in asked.pins)
        if count:
            word = say(f"reporting.map.{kind}", lang).replace("|", "")
            told.append(say("reporting.alt.sites", lang, kind=word, n=count))
    joint = "；" if lang == "zh" else "; "
    return say("reporting.alt.map", lang, caption=where, words=joint.join(told))
