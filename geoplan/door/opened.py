"""The files of a study, each opened once and verified; what is wrong with them is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.door.checks import check_codes, conform
from geoplan.door.figures import FigureFile
from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.places import Places
from geoplan.door.polygons import read_polygons
from geoplan.door.reading import Found, kind_of_file, read_csv, read_parquet
from geoplan.door.sites import text_columns
from geoplan.door.tables import COUNTIES, TOWNSHIPS
from geoplan.errors import SourceMissing
from geoplan.study import Study, find
from geoplan.tables import Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(slots=True)
class Door:
    """The files of a study, each opened once, and what was found wrong so far."""

    study: Study
    files: dict[str, SourceFile]
    found: Found
    rows: dict[str, int] = field(default_factory=dict)

    def text(self, relative: str) -> pd.DataFrame | None:
        """A file as a table of text."""
        source = self.files.get(relative)
        if source is None:
            return None
        frame = read_text(source.content, source.shown, self.found)
        self.rows[relative] = 0 if frame is None else len(frame)
        return frame

    def list_text(self, relative: str) -> pd.DataFrame | None:
        """The same of a list of sites: with its header alone it lists none, which is told."""
        before = len(self.found.faults)
        frame = self.text(relative)
        faults = self.found.faults[before:]
        self.found.faults[before:] = [each for each in faults if each.code != "header_only"]
        if len(self.found.faults) < before + len(faults):
            self.found.note("list_empty", file=relative)
        return frame

    def table(self, relative: str, table: Table) -> pd.DataFrame | None:
        """A file as a checked table."""
        frame = self.text(relative)
        if frame is None:
            return None
        return conform(frame, table, relative, self.found, self.files[relative].columns)

    def figures(self, relative: str) -> FigureFile:
        """A file of figures, still as text."""
        foreign = self.files[relative].columns if relative in self.files else {}
        return FigureFile(relative, self.text(relative), foreign)

    def polygons(self, relative: str, table: Table) -> gpd.GeoDataFrame | None:
        """A file of places with polygons, sorted by its key."""
        source = self.files.get(relative)
        if source is None:
            return None
        places = read_polygons(source.content, table, relative, self.found, source.columns)
        if places is None:
            return None
        self.rows[relative] = len(places)
        return places.sort_values(list(table.key), kind="stable")


def read_text(content: bytes, shown: str, found: Found) -> pd.DataFrame | None:
    """A table of text from the bytes of a CSV or Parquet file."""
    if kind_of_file(content) == "Parquet":
        return read_parquet(content, shown, found)
    return read_csv(content, shown, found)


def files_of(study: Study) -> Iterator[str]:
    """The files a study names, in order, each once."""
    files, roads = study.files, study.roads
    named = [
        files.townships,
        files.counties,
        files.villages,
        files.points,
        *files.population,
        *files.township_figures,
        *files.county_figures,
        files.service_areas,
        files.completeness,
        files.services,
        files.excluded,
        *(layer.file for layer in study.layers),
    ]
    if study.programme is not None:
        named += study.programme.files
    if roads is not None:
        named += [roads.nodes, roads.edges, roads.local_edges, roads.access, roads.ferries]
    yield from dict.fromkeys(name for name in named if name)


def open_files(study: Study, own_sites: Path | None, found: Found) -> dict[str, SourceFile]:
    """Every file of the study, opened once and compared with its manifest.

    Raises:
        SourceMissing: naming all absent files, or all that are not what their manifest says.
    """
    files: dict[str, SourceFile] = {}
    missing: list[str] = []
    for relative in files_of(study):
        try:
            source = open_source(find(study, relative), relative, found)
        except SourceMissing:
            missing.append(relative)
            continue
        if source is not None:
            files[relative] = source
    if own_sites is not None:
        if not own_sites.exists():
            missing.append(str(own_sites))
        elif (source := open_source(own_sites, own_sites.name, found)) is not None:
            files[own_sites.name] = source
    if missing:
        raise SourceMissing("sources_missing", files=missing)
    changed = [relative for relative, source in files.items() if source.changed]
    if changed:
        raise SourceMissing("sources_changed", files=changed)
    return files


def sorted_by(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Rows in the order of their keys, text columns of one kind, positions as index."""
    return text_columns(frame.sort_values(list(keys), kind="stable", ignore_index=True))


def read_places(door: Door) -> Places | None:
    """Townships and counties with their polygons; None when one of them cannot be used."""
    files = door.study.files
    townships = door.polygons(files.townships, TOWNSHIPS)
    counties = door.polygons(files.counties, COUNTIES)
    if townships is None or counties is None:
        return None
    known = set(counties["county_code"])
    check_codes(townships["county_code"], known, "county", files.townships, door.found)
    check_crs(door, townships)
    return Places(townships, counties)


def check_crs(door: Door, townships: gpd.GeoDataFrame) -> None:
    """The study's reference system in metres must be made for where its townships lie."""
    from pyproj import CRS

    area = CRS.from_user_input(door.study.metres_crs).area_of_use
    west, south, east, north = townships.total_bounds
    if area is not None and (
        east < area.west or west > area.east or north < area.south or south > area.north
    ):
        crs = door.study.metres_crs
        door.found.fault("crs_elsewhere", door.study.files.townships, (), "metres_crs", crs=crs)
