"""The tables that stand behind the rows: how each figure came about, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geoplan.results.equity import equity
from geoplan.results.equity_draws import with_intervals
from geoplan.results.flips import flips
from geoplan.results.found import LayerFound
from geoplan.results.hotspots import hotspot_table
from geoplan.results.loads import load_totals, loads
from geoplan.results.margins import margins
from geoplan.results.near_misses import near_misses
from geoplan.results.need import need_influence, need_rows
from geoplan.results.outcome import Ground
from geoplan.results.own_nearest import own_nearest
from geoplan.results.places_without import places_without
from geoplan.results.programme import programme_tables
from geoplan.results.remedies import remedies
from geoplan.tables import DETAILS, HOTSPOTS, checked


def detail_tables(
    ground: Ground, found: Sequence[LayerFound], rows: pd.DataFrame, *, spots: bool
) -> Mapping[str, pd.DataFrame]:
    """Every table of tables.DETAILS, by id; without `spots` the hot spots are not looked for."""
    outcomes = [each.outcome for each in found]
    judged = [each.judged for each in found]
    drawn = [(each.outcome, each.draws) for each in found if each.draws is not None]
    without = places_without(ground, outcomes)
    load = loads(ground, outcomes, rows)
    nothing = pd.DataFrame(columns=HOTSPOTS.names)
    made = {
        "loads": load,
        "load_totals": load_totals(load, without, outcomes),
        "places_without": without,
        "own_nearest": own_nearest(ground, outcomes),
        "equity": with_intervals(equity(ground, outcomes, rows), ground, drawn),
        "hotspots": hotspot_table(ground, outcomes, rows) if spots else nothing,
        "margins": margins(ground, judged),
        "flips": flips(ground, judged),
        "near_misses": near_misses(ground, judged),
        "remedies": remedies(rows),
        "need": need_rows(ground),
        "need_influence": need_influence(ground),
        **programme_tables(ground.inputs),
    }
    return {table.id: checked(made[table.id], table) for table in DETAILS}
