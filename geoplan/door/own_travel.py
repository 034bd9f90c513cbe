"""What a planner brings in place of the study's roads: a network, or a table of minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.own_matrix import OwnMatrix, read_matrix
from geoplan.door.own_roads import OwnRoads, read_own_roads, road_files
from geoplan.door.reading import Found
from geoplan.errors import SourceMissing
from geoplan.model import Note, Source
from geoplan.study import Study, find

if TYPE_CHECKING:
    import pandas as pd

POINT_USE_OF_ABSENT = "township"
"""A site that the planner's table does not know is measured no better than by its township."""


def read_network(study: Study, found: Found) -> tuple[OwnRoads | None, list[Source]]:
    """The planner's roads with their sources; nothing when the study has none.

    Raises:
        SourceMissing: if a file is absent, or not the one its description tells of.
    """
    own = study.own_roads
    if own is None:
        return None, []
    files = road_files(find(study, own.edges), find(study, own.nodes) if own.nodes else None)
    absent = [str(path) for path in files.all if not path.is_file()]
    if absent:
        raise SourceMissing("files_missing", files=absent)
    if files.nodes is None:
        found.fault("roads_without_nodes", files.edges.name)
        return None, []
    network = read_own_roads(files, found)
    if network is None:
        return None, []
    notice = {lang: str(network.about.get(f"notice{end}", "")) for lang, end in ENDINGS.items()}
    if any(notice.values()):
        found.notes.append(Note("licence_notice", notice))
    rows = {files.edges.name: len(network.edges.ms), files.nodes.name: len(network.nodes.node_id)}
    return network, [_source(each, network.about, rows) for each in network.sources]


ENDINGS = {"zh": "_zh", "en": ""}


def _source(file: SourceFile, about: Mapping[str, object], rows: Mapping[str, int]) -> Source:
    """Where a file of the network comes from, as the network's own description says."""
    plain = file.source(rows.get(file.path.name, 0))
    if not about:
        return plain
    said = {key: str(about.get(key, "")) for key in ("title", "title_zh", "licence", "notice")}
    return replace(
        plain,
        title_en=said["title"] or plain.title_en,
        title_zh=said["title_zh"] or plain.title_zh,
        origin_en=str(about.get("source_file", "")),
        origin_zh=str(about.get("source_file", "")),
        date=str(about.get("data_timestamp", ""))[:10],
        licence=said["licence"],
        licence_note=said["notice"],
    )


def read_minutes(
    study: Study, points: pd.DataFrame | None, found: Found
) -> tuple[OwnMatrix | None, list[Source]]:
    """The planner's table of minutes with its source; nothing when the study has none.

    Its demand points are the study's villages; all its sites are kept.

    Raises:
        SourceMissing: if the file is absent, or not the one its manifest describes.
    """
    own = study.own_matrix
    if own is None:
        return None, []
    path = find(study, own.file)
    source = open_source(path, path.name, found)
    if source is None:
        return None, []
    if source.changed:
        raise SourceMissing("sources_changed", files=path.name)
    villages = None if points is None else points["village_code"].to_numpy(object)
    table = read_matrix(source, found, villages)
    return table, [source.source(0 if table is None else len(table.ms))]


def measured_by(table: OwnMatrix, sites: pd.DataFrame, found: Found) -> pd.DataFrame:
    """The sites with a usable point made those of which the planner's table tells a time."""
    standing = sites["status"] == "existing"
    known = sites["site_id"].isin(table.site_id)
    absent = standing & ~known & (sites["point_use"] == "distance")
    if absent.any():
        found.note("matrix_without_sites", count=int(absent.sum()))
    use = sites["point_use"].mask(standing & known, "distance").mask(absent, POINT_USE_OF_ABSENT)
    return sites.assign(point_use=use)
