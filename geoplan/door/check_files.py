"""`geoplan check`: read and judge studies and single files; write nothing, name every fault.

A file on its own is judged by its role: which table it is meant to be. Codes, names and points
are held against the study named beside it, else against the default study.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.catalog import read_inputs
from geoplan.door.checks import check_codes, conform, figures
from geoplan.door.figures import NAMES, without_totals
from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.opened import Door, open_files, read_places, read_text
from geoplan.door.own_matrix import read_matrix
from geoplan.door.own_roads import read_own_roads, road_files
from geoplan.door.places import Places, check_points
from geoplan.door.polygons import read_polygons
from geoplan.door.reading import Found, kind_of_file
from geoplan.door.sites import layer_sites
from geoplan.door.tables import (
    CANDIDATES,
    COUNTY_FIGURES,
    DEMAND,
    MATRIX,
    OWN_ROADS,
    OWN_SITES,
    POPULATION,
    ROAD_EDGES,
    ROAD_NODES,
    SITES,
    TOWNSHIP_FIGURES,
    TOWNSHIPS,
)
from geoplan.errors import BadInput, Fault, SourceMissing, WrongUsage
from geoplan.model import Inputs
from geoplan.study import Study, read_study
from geoplan.tables import Table

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_STUDY = "tw-2030"
ROLES: dict[str, tuple[Table, ...]] = {
    "townships": (TOWNSHIPS,),
    "population": (POPULATION, DEMAND),
    "facilities": (OWN_SITES, SITES),
    "need": (TOWNSHIP_FIGURES, COUNTY_FIGURES),
    "roads": (OWN_ROADS, ROAD_EDGES, ROAD_NODES),
    "matrix": (MATRIX,),
    "candidates": (CANDIDATES,),
    "study": (),
}
LIKE = 0.75
"""How alike a heading must be to a column's name to be counted when the role is guessed."""


Judge = Callable[[Inputs], list[Fault]]
"""Finds what is wrong with inputs that can be read."""


def check(
    refs: Sequence[str | Path], role: str | None = None, more: Judge = lambda inputs: []
) -> list[Fault]:
    """Every fault of the studies and files named; an empty list means they can be used.

    `more` finds what only those can see who plan what was read.

    Raises:
        SourceMissing: if a file or study is not there, or is not what its manifest describes.
        WrongUsage: if `role` is none of `ROLES`.
    """
    if role is not None and role not in ROLES:
        raise WrongUsage("role_unknown", role=role, known=", ".join(ROLES))
    faults: list[Fault] = []
    files: list[Path] = []
    study: Study | None = None
    for ref in refs or [DEFAULT_STUDY]:
        if not is_study(ref, role):
            files.append(Path(ref))
            continue
        try:
            study = read_study(ref)
            faults += more(read_inputs(study))
        except BadInput as error:
            faults += error.faults
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise SourceMissing("files_missing", files=missing)
    if files:
        ground = Ground(study)
        for path in files:
            faults += ground.check_file(path, role)
    return faults


def is_study(ref: str | Path, role: str | None) -> bool:
    """Is it a study: by its role, by its ending, or as a name that is no file?"""
    path = Path(ref)
    return role == "study" or path.suffix == ".toml" or not (path.suffix or path.exists())


@dataclass
class Ground:
    """What single files are held against; the boundaries are read when they are first needed."""

    study: Study | None
    _places: Places | None = None

    def places(self) -> Places | None:
        """Townships and counties of the study; None when they are themselves not right."""
        if self._places is None:
            self.study = self.study or read_study(DEFAULT_STUDY)
            files = self.study.files
            only = self.study.model_copy(
                update={
                    "files": files.model_copy(
                        update={
                            "villages": None,
                            "population": (),
                            "township_figures": (),
                            "county_figures": (),
                            "service_areas": None,
                            "completeness": None,
                            "services": None,
                            "excluded": None,
                            "points": files.townships,
                        }
                    ),
                    "layers": (),
                    "roads": None,
                }
            )
            found = Found()
            self._places = read_places(Door(only, open_files(only, None, found), found))
        return self._places

    def check_file(self, path: Path, role: str | None) -> list[Fault]:
        """The faults of one file in its role."""
        found = Found()
        if path.is_dir():
            return check_roads(path)
        source = open_source(path, path.name, found)
        if source is None:
            return found.faults
        if source.changed:
            raise SourceMissing("sources_changed", files=str(path))
        spatial = kind_of_file(source.content) == "JSON" or role == "townships"
        if spatial:
            read_polygons(source.content, TOWNSHIPS, source.shown, found, source.columns)
            return found.faults
        frame = read_text(source.content, source.shown, found)
        if frame is None:
            return found.faults
        role = role or guess_role(list(frame.columns))
        if role is None:
            found.fault("role_unknown", source.shown, roles=", ".join(ROLES))
            return found.faults
        return self.check_role(path, (frame, role), source, found)

    def check_role(
        self, path: Path, read: tuple[pd.DataFrame, str], source: SourceFile, found: Found
    ) -> list[Fault]:
        """The faults of a table of text in its role. Large tables are read anew by their own
        reader, which tells the same faults of form."""
        frame, role = read
        if role == "townships":
            read_polygons(source.content, TOWNSHIPS, source.shown, found, source.columns)
        elif role == "matrix":
            found = Found()
            read_matrix(source, found)
        elif role == "roads" and best_table(list(frame.columns), ROLES[role]) is OWN_ROADS:
            return check_roads(path)
        elif role == "facilities":
            self.check_facilities(path, frame, source, found)
        else:
            self.check_table(frame, role, source, found)
        return found.faults

    def check_facilities(
        self, path: Path, frame: pd.DataFrame, source: SourceFile, found: Found
    ) -> None:
        """Sites as a planner's own rows where they name a layer, else as a layer's file."""
        places = self.places()
        study = self.study or read_study(DEFAULT_STUDY)
        if best_table(list(frame.columns), ROLES["facilities"]) is OWN_SITES:
            try:
                read_inputs(study, path)
            except BadInput as error:
                found.faults = list(error.faults)
            return
        if places is not None:
            layers = [layer.id for layer in study.layers]
            stated = frame["layer"] if "layer" in frame else frame["site_id"].map(lambda _: "")
            for layer in dict.fromkeys(stated):
                known = layer if layer in layers else layers[0]
                layer_sites(frame[stated == layer], source, known, places, found)

    def check_table(self, frame: pd.DataFrame, role: str, source: SourceFile, found: Found) -> None:
        """A table of numbers: its columns, its codes where it has some, its points."""
        table = best_table(list(frame.columns), ROLES[role])
        file = source.shown
        if role in ("population", "need"):
            frame = without_totals(frame, file, found)
        typed = conform(frame, table, file, found, source.columns)
        if typed is None:
            return
        if role in ("population", "need") and table is not DEMAND:
            figures(typed, (), NAMES, file, found)
            self.check_place_codes(typed, file, found)
        if {"lon", "lat"} <= set(typed) and typed["lon"].dtype.kind == "f":
            check_points(typed, None, file, found)

    def check_place_codes(self, frame: pd.DataFrame, file: str, found: Found) -> None:
        """Township and county codes of a table, where it has them."""
        places = self.places()
        if places is None:
            return
        for what, known in (("township", places.codes), ("county", places.county_codes)):
            name = f"{what}_code"
            if name in frame:
                check_codes(frame[name], known, what, file, found)


def check_roads(path: Path) -> list[Fault]:
    """The faults of a table of roads, or of the folder of a network.

    Raises:
        SourceMissing: if the folder lacks a file, or has another than its description tells of.
    """
    files = road_files(path, None)
    missing = [str(each) for each in files.all if not each.is_file()]
    if missing:
        raise SourceMissing("files_missing", files=missing)
    found = Found()
    read_own_roads(files, found)
    return found.faults


def guess_role(headings: Sequence[str]) -> str | None:
    """The role whose table the headings fit best; None when they fit none by half."""
    scores = {
        role: max((fit(headings, table) for table in tables), default=0.0)
        for role, tables in ROLES.items()
    }
    best = max(scores, key=lambda role: scores[role])
    if best == "need" and fit(headings, POPULATION) >= 1:
        return "population"
    return best if scores[best] >= 0.5 else None


def best_table(headings: Sequence[str], tables: Sequence[Table]) -> Table:
    """The table that the headings fit best; the first of equals."""
    return max(tables, key=lambda table: fit(headings, table))


def fit(headings: Sequence[str], table: Table) -> float:
    """The share of a table's required columns that are among the headings, misspelt ones half,
    and a little for each column of it that is there."""
    required = [column.name for column in table.columns if column.required]
    score, hits = 0.0, 0
    for name in required:
        if name in headings or table.column(name).zh in headings:
            score, hits = score + 1, hits + 1
        elif difflib.get_close_matches(name, headings, n=1, cutoff=LIKE):
            score += 0.5
    others = {column.name for column in table.columns if not column.required}
    return score / len(required) + 0.01 * (hits + len(others & set(headings)))
