"""What writes pages, each in a fresh process, so that CPU time and peak memory are its own: stock
Folium on the rows and shapes of a finished result, and geoplan.

Run: python -m benchmarks.map_apart NAME RESULT FOLDER; pages are written into FOLDER/NAME/, the
figures to FOLDER/NAME.json. RESULT is the folder of a run of tw-2030.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.apart import Figures, main, peak_mb
from geoplan.mapping import Pages, draw_pages

if TYPE_CHECKING:
    import folium
    import geopandas as gpd

MIDDLE = (23.7, 120.9)
LAYER = "food_banks"
TOLD = ["township_code", "township_name", "status", "target_people", "beyond_people"]
VILLAGE_TOLD = ["village_code", "village_name", "population", "own_minutes", "coverage"]
BEYOND_COLOURS = ((0.25, "#fdf0cf"), (0.5, "#e6913f"), (1.01, "#742a0a"))


def _built(name: str, folder: Path, build: Callable[[Path], None]) -> Figures:
    """What writing pages takes once everything is read and imported."""
    out = folder / name
    out.mkdir(exist_ok=True)
    start = time.process_time()
    build(out)
    cpu = time.process_time() - start
    return {"cpu": cpu, "mb": _mb(out / "map.html"), "peak_mb": peak_mb()}


def _mb(file: Path) -> float:
    return file.stat().st_size / 1e6


def _townships(result: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd

    found = gpd.read_file(result / "plan.gpkg", layer=LAYER)
    return found[[*TOLD, "beyond_share", "geometry"]]


def _fill(feature: dict[str, dict[str, float]]) -> dict[str, object]:
    share = feature["properties"].get("beyond_share") or 0
    colour = next(colour for most, colour in BEYOND_COLOURS if share < most)
    return {"fillColor": colour, "color": "#ffffff", "weight": 0.6, "fillOpacity": 0.8}


def _with_areas(frame: gpd.GeoDataFrame, told: list[str]) -> folium.Map:
    import folium

    made = folium.Map(MIDDLE, zoom_start=7)
    folium.GeoJson(
        frame,
        style_function=_fill,
        tooltip=folium.GeoJsonTooltip(told),
        popup=folium.GeoJsonPopup(told),
    ).add_to(made)
    return made


def folium_townships(result: str, folder: Path) -> Figures:
    """368 townships with tooltips and popups, and a marker for every site."""
    import folium
    import geopandas as gpd

    townships = _townships(Path(result))
    sites = gpd.read_file(Path(result) / "plan.gpkg", layer="sites")

    def build(out: Path) -> None:
        made = _with_areas(townships, TOLD)
        for site in sites.itertuples():
            if site.geometry is not None and not site.geometry.is_empty:
                where = (site.geometry.y, site.geometry.x)
                folium.Marker(where, tooltip=site.site_id, popup=str(site.name)).add_to(made)
        made.save(out / "map.html")

    return _built("folium_townships", folder, build)


def folium_choropleth(result: str, folder: Path) -> Figures:
    """The townships by branca's choropleth with its legend."""
    import folium

    townships = _townships(Path(result))

    def build(out: Path) -> None:
        made = folium.Map(MIDDLE, zoom_start=7)
        folium.Choropleth(
            townships.to_json(),
            data=townships,
            columns=["township_code", "beyond_people"],
            key_on="feature.properties.township_code",
            legend_name="people beyond",
        ).add_to(made)
        made.save(out / "map.html")

    return _built("folium_choropleth", folder, build)


def folium_villages(result: str, folder: Path) -> Figures:
    """Every village with a shape, with its figures of one service."""
    import geopandas as gpd

    rows = gpd.read_file(Path(result) / "plan.gpkg", layer="villages", ignore_geometry=True)
    areas = gpd.read_file(Path(result) / "plan.gpkg", layer="village_areas")
    mine = rows[rows["layer"] == LAYER].drop(columns=["village_name", "township_code"])
    villages = areas.merge(mine, on="village_code", how="left")[[*VILLAGE_TOLD, "geometry"]]

    def build(out: Path) -> None:
        _with_areas(villages, VILLAGE_TOLD).save(out / "map.html")

    return _built("folium_villages", folder, build)


def geoplan_planned(result: str, folder: Path) -> Figures:
    """The default study planned into the folder `result`, and its page from the plan in memory."""
    from geoplan.catalog import read_inputs
    from geoplan.export import write_plan
    from geoplan.maps import write_page
    from geoplan.pipeline import plan_inputs
    from geoplan.study import read_study

    start = time.process_time()
    plan = plan_inputs(read_inputs(read_study("tw-2030")))
    planned = time.process_time()
    page = write_page(plan)
    drawn = time.process_time()
    write_plan(plan, page, Path(result))
    return {"plan_cpu": planned - start, "cpu": drawn - planned, "peak_mb": peak_mb()}


def geoplan_page(result: str, folder: Path) -> Figures:
    """The national page, drawn anew from a finished result."""

    def build(out: Path) -> None:
        draw_pages(Path(result), out, Pages(), lambda *told: None)

    return _built("geoplan_page", folder, build)


def geoplan_counties(result: str, folder: Path) -> Figures:
    """Start page, national page and the pages of all counties."""

    def build(out: Path) -> None:
        draw_pages(Path(result), out, Pages(every=True), lambda *told: None)

    return _built("geoplan_counties", folder, build)


PARTS = {
    part.__name__: part
    for part in (
        folium_townships,
        folium_choropleth,
        folium_villages,
        geoplan_planned,
        geoplan_page,
        geoplan_counties,
    )
}

if __name__ == "__main__":
    main(PARTS)
