"""The toy country's places: villages on a bent grid, townships, counties, an islet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
from pyproj import Transformer
from shapely.geometry import Polygon

CRS = 32759
CORNER_EAST, CORNER_NORTH = 450_000, 6_660_000  # metres; about 170.5 E, 30.2 S: open ocean
CELL_KM = (9.0, 7.0)
ISLET = "H"

# one letter a village, north on top; the islet lies apart
GRID = ["AABBCC", "AABBCC", "DDBEEC", "DDFEEG", "FFFEGG"]
ISLET_CELLS = ((70.0, 2.0), (73.0, 2.0))
ISLET_KM = (3.0, 2.5)


class County(NamedTuple):
    code: str
    name: str
    name_en: str


class Township(NamedTuple):
    """`population` of its villages; shares of young and old people in per cent."""

    code: str
    name: str
    name_en: str
    county: County
    population: tuple[int, ...]
    young: int
    old: int


DAWN = County("01", "晨霧郡", "Dawnmist")
DUSK = County("02", "暮潮郡", "Duskwater")
# two townships alike in everything the need index sees; only their distances differ
TWIN = (2600, 1900, 1300, 900)
TOWNSHIPS = {
    "A": Township("0101", "燈臺鎮", "Lanternhead", DAWN, TWIN, 11, 27),
    "B": Township("0102", "霧津市", "Mistford", DAWN, (5200, 3100, 1700, 1100, 640), 17, 15),
    "C": Township("0103", "長灘鎮", "Longstrand", DAWN, (*TWIN, 0), 11, 27),
    "D": Township("0104", "新鎮", "Newtown", DAWN, (4200, 2600, 1500, 700), 14, 19),
    "E": Township("0201", "銅谷鎮", "Copperdale", DUSK, (3600, 2200, 1250, 700, 410), 13, 22),
    "F": Township("0202", "新鎮", "Newtown", DUSK, (1800, 1000, 560, 300), 12, 24),
    "G": Township("0203", "遠岬鎮", "Farcape", DUSK, (760, 420, 180), 13, 21),
    "H": Township("0204", "孤嶼鄉", "Lone Islet", DUSK, (310, 90), 9, 31),
}
NUMERALS = "一二三四五"


@dataclass(frozen=True, slots=True)
class Village:
    """One village: kilometre coordinates of its point, and of where it reaches the roads."""

    code: str
    name: str
    township: str
    township_code: str
    column: int
    row: int
    population: int
    ages: tuple[int, int, int, int, int]
    ring: tuple[tuple[float, float], ...]
    point: tuple[float, float]
    access: tuple[float, float]


_to_degrees = Transformer.from_crs(CRS, 4326, always_xy=True)


def degrees(east_km: float, north_km: float) -> tuple[float, float]:
    """Longitude and latitude of kilometres on the toy grid, to six decimals."""
    lon, lat = _to_degrees.transform(CORNER_EAST + east_km * 1000, CORNER_NORTH + north_km * 1000)
    return round(lon, 6), round(lat, 6)


def corner(column: int, row: int) -> tuple[float, float]:
    """A corner of the grid, bent a little so that nothing is square."""
    return (
        column * CELL_KM[0] + ((7 * column + 5 * row) % 5 - 2) * 0.6,
        row * CELL_KM[1] + ((3 * column + 8 * row) % 5 - 2) * 0.5,
    )


def centre(ring: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """The middle of a ring's corners."""
    east, north = zip(*ring, strict=True)
    return round(sum(east) / len(ring), 3), round(sum(north) / len(ring), 3)


def ages_of(population: int, township: Township) -> tuple[int, int, int, int, int]:
    """All, 0 to 14, 15 to 64, 15 and over, 65 and over."""
    young = population * township.young // 100
    old = population * township.old // 100
    return population, young, population - young - old, population - young, old


def cells() -> list[tuple[str, int, int, tuple[tuple[float, float], ...]]]:
    """(township letter, column, row, ring) of every village."""
    found = []
    for row, letters in enumerate(reversed(GRID)):
        for column, letter in enumerate(letters):
            steps = ((0, 0), (1, 0), (1, 1), (0, 1))
            ring = tuple(corner(column + east, row + north) for east, north in steps)
            found.append((letter, column, row, ring))
    for number, (east, north) in enumerate(ISLET_CELLS):
        wide, high = ISLET_KM
        ring = ((east, north), (east + wide, north), (east + wide, north + high),
                (east, north + high))  # fmt: skip
        found.append((ISLET, 20 + number, 0, ring))
    return found


CELLS = cells()


def villages() -> list[Village]:
    """All villages, sorted by code."""
    numbers = dict.fromkeys(TOWNSHIPS, 0)
    found = []
    for letter, column, row, ring in CELLS:
        township = TOWNSHIPS[letter]
        number = numbers[letter]
        numbers[letter] += 1
        point = centre(ring)
        # one large village starts its trips where it meets the road, not in its middle
        access = (round(point[0] + 2.5, 3), point[1]) if (letter, number) == ("E", 3) else point
        population = township.population[number]
        found.append(
            Village(
                code=f"{township.code}{number + 1:02d}",
                name=f"{township.name[:-1]}{NUMERALS[number]}村",
                township=letter,
                township_code=township.code,
                column=column,
                row=row,
                population=population,
                ages=ages_of(population, township),
                ring=ring,
                point=point,
                access=access,
            )
        )
    return sorted(found, key=lambda village: village.code)


def boundaries(places: list[Village]) -> dict[str, gpd.GeoDataFrame]:
    """Polygons of villages, townships and counties in EPSG:4326, borders shared exactly."""
    shapes = gpd.GeoDataFrame(
        {
            "village_code": [village.code for village in places],
            "village_name": [village.name for village in places],
            "township_code": [village.township_code for village in places],
            "retired": False,
        },
        geometry=[Polygon([degrees(*at) for at in village.ring]) for village in places],
        crs=4326,
    )
    towns = shapes[["township_code", "geometry"]].dissolve("township_code", as_index=False)
    by_code = {township.code: township for township in TOWNSHIPS.values()}
    known = [by_code[code] for code in towns["township_code"]]
    towns["township_name"] = [township.name for township in known]
    towns["township_name_en"] = [township.name_en for township in known]
    towns["county_code"] = [township.county.code for township in known]
    towns["county_name"] = [township.county.name for township in known]
    towns["county_name_en"] = [township.county.name_en for township in known]
    towns["area_km2_polygon"] = (towns.to_crs(CRS).area / 1e6).round(4)
    names = ["county_code", "county_name", "county_name_en"]
    counties = towns[[*names, "geometry"]].dissolve(names, as_index=False)
    counties["area_km2_polygon"] = (counties.to_crs(CRS).area / 1e6).round(4)
    columns = ["township_code", "township_name", "township_name_en", *names, "area_km2_polygon"]
    return {
        "counties": _plain(counties[[*names, "area_km2_polygon", "geometry"]]),
        "townships": _plain(towns[[*columns, "geometry"]]),
        "villages": _plain(shapes),
    }


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Shapes in one canonical form, whatever order a union gave their corners."""
    return frame.set_geometry(frame.geometry.normalize()).reset_index(drop=True)
