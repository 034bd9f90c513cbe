"""A study over other roads than its own: a planner's network, a planner's minutes, ferries."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from geoplan.door.study_checks import parse_toml
from geoplan.errors import SourceMissing, WrongUsage
from geoplan.keys import Model
from geoplan.study import OwnMatrix, OwnRoads, Study


class OwnFiles(NamedTuple):
    """What a planner brings: a folder or table of roads, the roads' nodes, a table of minutes."""

    roads: Path | None = None
    nodes: Path | None = None
    matrix: Path | None = None


def travelling(study: Study, own: OwnFiles, *, ferries: bool = False) -> Study:
    """The study with a planner's own roads or minutes, and with ferries where they count.

    Raises:
        SourceMissing: if what is named is not there.
        WrongUsage: if nodes are named without roads.
    """
    absent = [str(path) for path in own if path is not None and not path.exists()]
    if absent:
        raise SourceMissing("files_missing", files=absent)
    if own.nodes is not None and own.roads is None:
        raise WrongUsage("nodes_without_roads")
    if own.matrix is not None and ferries:
        raise WrongUsage("ferries_with_matrix")
    if own.roads is not None:
        study = with_own_roads(study, own.roads, own.nodes)
    if own.matrix is not None:
        study = with_own_matrix(study, own.matrix)
    used: dict[str, Model] = {
        name: network.model_copy(update={"use_ferries": True})
        for name, network in (("roads", study.roads), ("own_roads", study.own_roads))
        if network is not None and ferries
    }
    return study.model_copy(update=used)


def with_own_roads(study: Study, roads: Path, nodes: Path | None = None) -> Study:
    """The study over a planner's own roads: a folder of `geoplan roads build`, or tables."""
    about = roads / "roads.toml"
    name = roads.name
    names = {"zh": f"自備道路（{name}）", "en": f"roads of one's own ({name})"}
    if about.is_file():
        said = parse_toml(about).table
        date = str(said.get("data_timestamp", ""))[:10]
        ending = {"zh": f"，{date}" if date else "", "en": f", {date}" if date else ""}
        names = {
            "zh": str(said.get("title_zh") or names["zh"]) + ending["zh"],
            "en": str(said.get("title") or names["en"]) + ending["en"],
        }
    own = OwnRoads(
        name_zh=names["zh"],
        name_en=names["en"],
        edges=str(roads.resolve()),
        nodes=str(nodes.resolve()) if nodes else None,
    )
    return study.model_copy(update={"own_roads": own, "own_matrix": None})


def with_own_matrix(study: Study, matrix: Path) -> Study:
    """The study over a planner's own table of minutes."""
    own = OwnMatrix(
        name_zh=f"自備車程表（{matrix.name}）",
        name_en=f"minutes of one's own ({matrix.name})",
        file=str(matrix.resolve()),
    )
    return study.model_copy(update={"own_matrix": own})
