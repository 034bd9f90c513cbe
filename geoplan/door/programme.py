"""The tables of the programme's documents: read, checked, and joined to known documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoplan.door.checks import check_codes
from geoplan.door.opened import Door, sorted_by
from geoplan.door.places import Places
from geoplan.model import ProgrammeTables
from geoplan.tables import (
    CONTRADICTIONS,
    COUNTY_TARGETS,
    PROGRAMME_DOCUMENTS,
    PROGRAMME_FIGURES,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd


def read_programme(door: Door, places: Places | None) -> ProgrammeTables | None:
    """What the documents say; None when the study names no programme or a table cannot be used.

    A figure of a document that is not in the table of documents is a fault: it cannot be traced.
    """
    spec = door.study.programme
    if spec is None:
        return None
    read = [
        _read(door, relative, table)
        for relative, table in (
            (spec.figures, PROGRAMME_FIGURES),
            (spec.documents, PROGRAMME_DOCUMENTS),
            (spec.contradictions, CONTRADICTIONS),
            (spec.county_targets, COUNTY_TARGETS),
        )
    ]
    figures, documents, contradictions, targets = read
    if figures is None or documents is None or contradictions is None or targets is None:
        return None
    unknown = ~figures["document"].isin(documents["document"])
    if unknown.any():
        ids = "、".join(dict.fromkeys(figures.loc[unknown, "document"]))
        rows = figures.index[unknown]
        door.found.fault("unknown_document", spec.figures, rows, "document", ids=ids)
    return ProgrammeTables(
        figures=sorted_by(_with_counties(door, spec.figures, figures, places), "figure_id"),
        documents=sorted_by(documents, "document"),
        contradictions=sorted_by(contradictions, "number"),
        county_targets=sorted_by(
            _with_counties(door, spec.county_targets or "", targets, places), *COUNTY_TARGETS.key
        ),
    )


def _with_counties(
    door: Door, relative: str, frame: pd.DataFrame, places: Places | None
) -> pd.DataFrame:
    """The table once its counties are seen to be known; a blank code is the nation."""
    if places is None:
        return frame
    codes = check_codes(frame["county_code"], places.county_codes, "county", relative, door.found)
    return frame.assign(county_code=codes)


def _read(door: Door, relative: str | None, table: Table) -> pd.DataFrame | None:
    """The table with its own columns; with no row when the study names no file for it."""
    import pandas as pd

    if relative is None:
        return pd.DataFrame(columns=table.names, dtype=object)
    frame = door.table(relative, table)
    return None if frame is None else frame[table.names]
