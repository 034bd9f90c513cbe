"""The one door in: every file of a study is found, verified, decoded, renamed and checked here.

All faults of all files are gathered and told at once. Nothing is guessed without a note, and
nothing behind this door reads a file again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.door.checks import check_codes, conform
from geoplan.door.figures import FigureFile, Wanted, check_sums, join_figures, people_of_points
from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.own_sites import Lists, with_own_sites
from geoplan.door.places import Places, check_points
from geoplan.door.polygons import read_polygons
from geoplan.door.reading import Found, kind_of_file, read_csv, read_parquet
from geoplan.door.road_tables import read_roads
from geoplan.door.sites import check_ids, layer_sites, text_columns
from geoplan.door.study_checks import nearest
from geoplan.door.tables import (
    COUNTIES,
    POINTS,
    SERVICE_AREAS,
    SERVICES,
    SITES,
    TOWNSHIPS,
    VILLAGES,
)
from geoplan.errors import BadInput, Fault, SourceMissing
from geoplan.model import Inputs, Source
from geoplan.study import Study, find
from geoplan.tables import COMPLETENESS_TABLE, EXCLUDED, Table

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


def read_inputs(study: Study, own_sites: Path | None = None) -> Inputs:
    """Everything the study names, read, verified and checked; `own_sites` are a planner's rows.

    Raises:
        SourceMissing: if a file is absent or not the one its manifest describes; all are named.
        BadInput: if anything in the files is wrong; every fault of every file at once.
    """
    found = Found()
    door = Door(study, open_files(study, own_sites, found), found)
    places = read_places(door)
    villages = read_villages(door, places)
    points = read_points(door, places)
    counties = county_figures(door, places)
    townships = township_figures(door, places)
    roads = read_roads(door, points)
    lists = read_lists(door, places)
    services = read_services(door)
    excluded = read_excluded(door)
    if own_sites is not None and places is not None and lists is not None:
        lists = add_own_sites(door, own_sites, lists, places)
    if points is not None and townships is not None:
        check_sums(points, townships, study.files.population[0], found)
    if found.faults or points is None or townships is None or counties is None or lists is None:
        raise BadInput(found.faults)
    return Inputs(
        study=study,
        townships=townships,
        counties=counties,
        villages=villages,
        points=text_columns(points),
        sites=sorted_by(lists.sites, "site_id"),
        service_areas=sorted_by(lists.service_areas, *SERVICE_AREAS.key),
        completeness=sorted_by(lists.completeness, *COMPLETENESS_TABLE.key),
        services=services,
        excluded=excluded,
        roads=roads,
        sources=tuple(
            source.source(door.rows.get(relative, -1)) for relative, source in door.files.items()
        ),
        notes=tuple(found.notes),
    )


def sources(study: Study) -> tuple[Source, ...]:
    """Where every file of the study comes from, by the manifests beside them.

    Raises:
        SourceMissing, BadInput: as `read_inputs`, for files and manifests alone.
    """
    found = Found()
    files = open_files(study, None, found)
    if found.faults:
        raise BadInput(found.faults)
    return tuple(source.source() for source in files.values())


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
        raise SourceMissing("sources_missing", files="、".join(missing))
    changed = [relative for relative, source in files.items() if source.changed]
    if changed:
        raise SourceMissing("sources_changed", files="、".join(changed))
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
    return Places(townships, counties)


def read_villages(door: Door, places: Places | None) -> gpd.GeoDataFrame | None:
    """Village polygons, for pictures only; None when the study has none."""
    relative = door.study.files.villages
    if relative is None:
        return None
    villages = door.polygons(relative, VILLAGES)
    if villages is None or places is None:
        return None
    check_codes(villages["township_code"], places.codes, "township", relative, door.found)
    return villages.reset_index(drop=True)


def read_points(door: Door, places: Places | None) -> pd.DataFrame | None:
    """Demand points with their people, sorted by village code; None when they cannot be used."""
    relative = door.study.files.points
    points = door.table(relative, POINTS)
    people = [door.figures(each) for each in door.study.files.population]
    if points is None:
        return None
    check_points(points, places, relative, door.found)
    if places is not None:
        points["township_code"] = check_codes(
            points["township_code"], places.codes, "township", relative, door.found
        )
        empty = places.townships[~places.townships["township_code"].isin(points["township_code"])]
        if len(empty):
            names = "、".join(empty["county_name"] + empty["township_name"])
            door.found.fault(
                "township_without_point", relative, column="township_code", names=names
            )
    points = points.sort_values("village_code", kind="stable", ignore_index=True)
    return people_of_points(points, people, door.study, door.found)


def county_figures(door: Door, places: Places | None) -> gpd.GeoDataFrame | None:
    """Counties with the figures of the study's county tables."""
    study = door.study
    frames = [door.figures(each) for each in study.files.county_figures]
    if places is None:
        return None
    needed = frozenset(
        name for group in study.groups if group.level == "county" for name in group.columns
    )
    wanted = Wanted("county_code", needed, needed, "county")
    return join_figures(places.counties, frames, wanted, door.found)


def township_figures(door: Door, places: Places | None) -> gpd.GeoDataFrame | None:
    """Townships with the figures of the study's township tables."""
    study = door.study
    frames = [door.figures(each) for each in study.files.township_figures]
    if places is None:
        return None
    needed = frozenset(
        name for group in study.groups if group.level == "township" for name in group.columns
    )
    used = {
        name
        for indicator in study.need.indicators
        for name in (*indicator.numerator, indicator.denominator)
        if name
    }
    wanted = Wanted("township_code", needed | used, needed, "township")
    return join_figures(places.townships, frames, wanted, door.found)


def read_lists(door: Door, places: Places | None) -> Lists | None:
    """Sites of all layers, their service areas, and how complete each county's list is."""
    import pandas as pd

    frames = []
    for layer in door.study.layers:
        text = door.text(layer.file)
        if text is None:
            continue
        source = door.files[layer.file]
        if places is None:
            conform(text, SITES, source.shown, door.found, source.columns)
            continue
        sites = layer_sites(text, source, layer.id, places, door.found)
        if sites is not None:
            frames.append((layer.file, sites))
    check_ids(frames, door.found)
    if len(frames) < len(door.study.layers) or places is None:
        return None
    sites = text_columns(pd.concat([frame for _, frame in frames], ignore_index=True))
    return Lists(sites, read_areas(door, sites, places), read_completeness(door, places))


def read_areas(door: Door, sites: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Which townships a site serves; an empty table when the study has none."""
    import pandas as pd

    relative = door.study.files.service_areas
    areas = door.table(relative, SERVICE_AREAS) if relative else None
    if relative is None or areas is None:
        return pd.DataFrame(columns=SERVICE_AREAS.names, dtype=object)
    ours = areas["layer"].isin([layer.id for layer in door.study.layers])
    check_near_layers(areas[~ours], relative, door)
    areas = areas[ours]
    if not ours.all():
        count = int((~ours).sum())
        door.found.note("other_layers", file=relative, count=count)
    areas = areas.assign(
        township_code=check_codes(
            areas["township_code"], places.codes, "township", relative, door.found
        )
    )
    known = set(sites["layer"] + "/" + sites["site_id"])
    unknown = ~(areas["layer"] + "/" + areas["site_id"]).isin(known)
    if unknown.any():
        ids = "、".join(dict.fromkeys(areas.loc[unknown, "site_id"]))
        door.found.fault("unknown_site", relative, areas.index[unknown], "site_id", ids=ids)
    return areas


def read_completeness(door: Door, places: Places) -> pd.DataFrame:
    """How complete each list is; an empty table when the study does not say."""
    import pandas as pd

    relative = door.study.files.completeness
    table = door.table(relative, COMPLETENESS_TABLE) if relative else None
    if relative is None or table is None:
        return pd.DataFrame(columns=COMPLETENESS_TABLE.names, dtype=object)
    ours = table["layer"].isin([layer.id for layer in door.study.layers])
    check_near_layers(table[~ours], relative, door)
    codes = check_codes(table["county_code"], places.county_codes, "county", relative, door.found)
    return table.assign(county_code=codes)


def check_near_layers(rows: pd.DataFrame, relative: str, door: Door) -> None:
    """Rows of layers the study does not have may stand; a misspelt layer of the study may not."""
    ids = [layer.id for layer in door.study.layers]
    for layer in dict.fromkeys(rows["layer"]):
        near = nearest(layer, ids)
        if near and abs(len(near) - len(layer)) <= 2:
            at = rows.index[rows["layer"] == layer]
            values = {"given": layer, "choices": ", ".join(ids), "near": near}
            door.found.fault("unknown_layer_near", relative, at, "layer", **values)


def read_services(door: Door) -> pd.DataFrame:
    """Every service system of the programme; an empty table when the study names none."""
    import pandas as pd

    relative = door.study.files.services
    table = door.table(relative, SERVICES) if relative else None
    if table is None:
        return pd.DataFrame(columns=SERVICES.names, dtype=object)
    return sorted_by(table, "service_id")


def read_excluded(door: Door) -> pd.DataFrame:
    """Sites of the study's layers that were seen and are not counted; empty when none is named."""
    import pandas as pd

    relative = door.study.files.excluded
    table = door.table(relative, EXCLUDED) if relative else None
    if table is None:
        return pd.DataFrame(columns=EXCLUDED.names, dtype=object)
    ours = table["layer"].isin([layer.id for layer in door.study.layers])
    return sorted_by(table[ours], "layer", "site_id")


def add_own_sites(door: Door, path: Path, lists: Lists, places: Places) -> Lists | None:
    """The lists with a planner's own rows worked in; None when they are not right."""
    frame = door.text(path.name)
    if frame is None:
        return None
    return with_own_sites((path.name, frame), lists, door.study, places, door.found)


def check(refs: Sequence[str | Path], role: str | None = None) -> list[Fault]:
    """Every fault of the studies and files named (`geoplan check`); see `check_files`."""
    from geoplan.door.check_files import check as find_faults

    return find_faults(refs, role)
