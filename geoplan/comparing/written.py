"""A comparison as a CSV."""

from __future__ import annotations

from pathlib import Path

from geoplan.comparing.compare import Comparison
from geoplan.export.cells import as_records, csv_cell
from geoplan.roads.matrix_files import write_rows, written_aside
from geoplan.tables import COMPARISON


def write_comparison(found: Comparison, path: Path) -> None:
    """Every row (tables.COMPARISON), whole or not at all.

    Raises:
        CannotWrite: if the file cannot be written.
    """
    records = [
        [csv_cell(value) for value in row.values()] for row in as_records(found.rows, COMPARISON)
    ]
    with written_aside([path]) as aside:
        write_rows(aside[0], COMPARISON.names, records)
