"""The tables that stand behind the rows: how each figure came about, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import DETAILS, checked

Found = Sequence[tuple[LayerOutcome, Listing]]


def detail_tables(ground: Ground, found: Found, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Every table of tables.DETAILS, by id."""
    made: dict[str, pd.DataFrame] = {}
    return {table.id: checked(made[table.id], table) for table in DETAILS}
