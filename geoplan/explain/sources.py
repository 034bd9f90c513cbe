"""Which rows of which source a township's figures rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geoplan.finished import Finished, Row
from geoplan.study import Study

Source = dict[str, Any]


def sources_of(finished: Finished, row: Row) -> list[Source]:
    """Every file the run read: its role, date and sha256, and by which key the township's rows
    are found in it (`sites`: by the ids that the layers name)."""
    roles = dict(_roles(finished.study))
    return [
        {
            "role": roles.get(source["file"], "planner"),
            "file": source["file"],
            "key": _key(roles.get(source["file"], "planner"), row),
            "date": source["date"],
            "sha256": source["sha256"],
        }
        for source in finished.plan["inputs"]
    ]


def site_files(finished: Finished) -> dict[str, str]:
    """Whose row a site is (`bundled`, `planner`) and, after a dash, of which layer -> its file."""
    study = finished.study
    files = {f"bundled-{layer.id}": layer.file for layer in study.layers}
    known = {file for file, _ in _roles(study)}
    own = [each["file"] for each in finished.plan["inputs"] if each["file"] not in known]
    return files | {f"planner-{layer.id}": ", ".join(own) for layer in study.layers}


def _roles(study: Study) -> Iterator[tuple[str, str]]:
    """Each file the study names, and what it is for."""
    for role, named in study.files.model_dump().items():
        for file in (named,) if isinstance(named, str) else named or ():
            yield file, role
    for layer in study.layers:
        yield layer.file, "sites"
    for part in (study.roads, study.own_roads, study.own_matrix):
        if part is not None:
            for named in part.model_dump().values():
                if isinstance(named, str):
                    yield named, "roads"
    yield from ((named, "programme") for named in _programme_files(study))


def _programme_files(study: Study) -> Iterator[str]:
    for table in ("figures", "documents", "contradictions", "county_targets"):
        if named := getattr(study.programme, table, None):
            yield named


_BY_TOWNSHIP = ("townships", "villages", "points", "population", "township_figures")
_BY_COUNTY = ("counties", "county_figures", "completeness")


def _key(role: str, row: Row) -> dict[str, str]:
    """Column and value by which rows of the township are found; empty where that does not apply."""
    if role in (*_BY_TOWNSHIP, "service_areas"):
        return {"township_code": row["township_code"]}
    if role in _BY_COUNTY:
        return {"county_code": row["county_code"]}
    return {}
