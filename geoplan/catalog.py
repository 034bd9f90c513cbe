"""The one door in: every file of a study is found, verified, decoded, renamed and checked here.

All faults of all files are gathered and told at once. Nothing is guessed without a note, and
nothing behind this door reads a file again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.door.checks import check_codes, conform
from geoplan.door.figures import Wanted, check_sums, join_figures, people_of_points
from geoplan.door.need_values import check_indicators
from geoplan.door.opened import Door, open_files, read_places, sorted_by
from geoplan.door.own_sites import Lists, with_own_sites
from geoplan.door.own_travel import measured_by, read_minutes, read_network
from geoplan.door.places import Places, check_points
from geoplan.door.programme import read_programme
from geoplan.door.reading import Found
from geoplan.door.road_tables import read_roads
from geoplan.door.sites import check_ids, layer_sites, text_columns
from geoplan.door.study_checks import nearest
from geoplan.door.tables import (
    POINTS,
    SERVICE_AREAS,
    SERVICES,
    SITES,
    VILLAGES,
)
from geoplan.errors import BadInput
from geoplan.model import Inputs, Source
from geoplan.need_spec import columns_at
from geoplan.phasing_spec import tier_faults
from geoplan.study import Study
from geoplan.tables import COMPLETENESS_TABLE, EXCLUDED

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


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
    programme = read_programme(door, places)
    network, network_sources = read_network(study, found)
    minutes, minutes_sources = read_minutes(study, points, found)
    if own_sites is not None and places is not None and lists is not None:
        lists = add_own_sites(door, own_sites, lists, places)
    if points is not None and townships is not None:
        check_sums(points, townships, study.files.population[0], found)
    if found.faults or points is None or townships is None or counties is None or lists is None:
        raise BadInput(found.faults)
    sites = lists.sites if minutes is None else measured_by(minutes, lists.sites, found)
    read = (source.source(door.rows.get(relative, -1)) for relative, source in door.files.items())
    return Inputs(
        study=study,
        townships=townships,
        counties=counties,
        villages=villages,
        points=text_columns(points),
        sites=sorted_by(sites, "site_id"),
        service_areas=sorted_by(lists.service_areas, *SERVICE_AREAS.key),
        completeness=sorted_by(lists.completeness, *COMPLETENESS_TABLE.key),
        services=services,
        excluded=excluded,
        roads=roads,
        sources=(*read, *network_sources, *minutes_sources),
        notes=tuple(found.notes),
        own_roads=network,
        own_matrix=minutes,
        programme=programme,
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
    used = needed | columns_at(study.need, "county")
    if study.programme is not None:
        used |= study.programme.tier_columns
    shares = study.phasing.central_share if study.phasing else None
    if shares is not None:
        used |= {shares.tier_column}
    wanted = Wanted("county_code", used, needed, "county")
    counties = join_figures(places.counties, frames, wanted, door.found)
    if shares is not None and counties is not None and shares.tier_column in counties:
        door.found.faults += tier_faults(shares, counties, ", ".join(study.files.county_figures))
    return with_indicators(counties, wanted, door)


def township_figures(door: Door, places: Places | None) -> gpd.GeoDataFrame | None:
    """Townships with the figures of the study's township tables."""
    study = door.study
    frames = [door.figures(each) for each in study.files.township_figures]
    if places is None:
        return None
    needed = frozenset(
        name for group in study.groups if group.level == "township" for name in group.columns
    ) | ({study.area_km2} if study.area_km2 else set())
    wanted = Wanted(
        "township_code", needed | columns_at(study.need, "township"), needed, "township"
    )
    joined = join_figures(places.townships, frames, wanted, door.found)
    return with_indicators(joined, wanted, door)


def with_indicators(
    frame: gpd.GeoDataFrame | None, wanted: Wanted, door: Door
) -> gpd.GeoDataFrame | None:
    """The same places, once their need indicators are seen to tell them apart."""
    files = door.study.files
    named = files.county_figures if wanted.place == "county" else files.township_figures
    if frame is not None:
        check_indicators(door.study.need, wanted.place, frame, ", ".join(named), door.found)
    return frame


def read_lists(door: Door, places: Places | None) -> Lists | None:
    """Sites of all layers, their service areas, and how complete each county's list is."""
    import pandas as pd

    frames = []
    for layer in door.study.layers:
        text = door.list_text(layer.file)
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
