"""The tables that stand behind the rows: how each figure came about, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geoplan.results.equity import equity
from geoplan.results.hotspots import hotspot_table
from geoplan.results.listing import Listing
from geoplan.results.loads import load_totals, loads
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.own_nearest import own_nearest
from geoplan.results.places_without import places_without
from geoplan.tables import DETAILS, checked

Found = Sequence[tuple[LayerOutcome, Listing]]


def detail_tables(ground: Ground, found: Found, rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Every table of tables.DETAILS, by id."""
    outcomes = [outcome for outcome, _ in found]
    made = {
        "loads": loads(ground, outcomes, rows),
        "places_without": places_without(ground, outcomes),
        "own_nearest": own_nearest(ground, outcomes),
        "equity": equity(ground, outcomes, rows),
        "hotspots": hotspot_table(ground, outcomes, rows),
    }
    made["load_totals"] = load_totals(made["loads"], made["places_without"], outcomes)
    return {table.id: checked(made[table.id], table) for table in DETAILS}
