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
from geoplan.results.minutes_spread import lorenz_curves, minutes_classes
from geoplan.results.near_misses import near_misses
from geoplan.results.need import need_influence, need_rows
from geoplan.results.outcome import Ground
from geoplan.results.own_nearest import own_nearest
from geoplan.results.places_without import places_without
from geoplan.results.programme import programme_tables
from geoplan.results.quotas import quota_table
from geoplan.results.remedies import remedies
from geoplan.results.siting_counties import cost_shares, siting_areas
from geoplan.results.siting_firm import (
    frequencies,
    siting_alternatives,
    siting_curve,
    siting_removal,
)
from geoplan.results.siting_progress import siting_progress
from geoplan.results.siting_sites import siting_gains, siting_moves, siting_sites
from geoplan.results.siting_tables import Judged, siting_beside, siting_parts, siting_years
from geoplan.tables import DETAILS, checked


def detail_tables(
    ground: Ground, found: Sequence[LayerFound], rows: pd.DataFrame
) -> Mapping[str, pd.DataFrame]:
    """Every table of tables.DETAILS, by id; those that a quick run leaves out have no rows."""
    outcomes = [each.outcome for each in found]
    judged = [each.judged for each in found]
    drawn = [(each.outcome, each.draws) for each in found if each.draws is not None]
    without = places_without(ground, outcomes)
    load = loads(ground, outcomes, rows)
    made = {
        "loads": load,
        "load_totals": load_totals(load, without, outcomes),
        "places_without": without,
        "own_nearest": own_nearest(ground, outcomes),
        "equity": with_intervals(equity(ground, outcomes, rows), ground, drawn),
        "minutes_classes": minutes_classes(ground, outcomes),
        "lorenz": lorenz_curves(ground, outcomes),
        "hotspots": hotspot_table(ground, outcomes, rows),
        "margins": margins(ground, judged),
        "flips": flips(ground, judged),
        "near_misses": near_misses(ground, judged),
        "remedies": remedies(rows),
        "need": need_rows(ground),
        "need_influence": need_influence(ground),
        **programme_tables(ground.inputs),
    }
    made |= _of_siting(ground, judged)
    return {table.id: checked(made[table.id], table) for table in DETAILS}


def _of_siting(ground: Ground, judged: Sequence[Judged]) -> dict[str, pd.DataFrame]:
    """The tables of the plan of new sites."""
    outcomes = [outcome for outcome, _ in judged]
    gains = siting_gains(ground, judged)
    return {
        "siting_years": siting_years(outcomes),
        "siting_sites": siting_sites(ground, outcomes, gains, frequencies(ground, outcomes)),
        "siting_gains": gains,
        "siting_progress": siting_progress(ground, judged),
        "siting_moves": siting_moves(ground, outcomes),
        "siting_curve": siting_curve(ground, outcomes),
        "siting_beside": siting_beside(ground, judged),
        "siting_alternatives": siting_alternatives(ground, outcomes),
        "siting_removal": siting_removal(outcomes),
        "siting_areas": siting_areas(ground, outcomes),
        "siting_parts": siting_parts(ground, outcomes),
        "quota_readings": quota_table(ground, outcomes),
        "cost_shares": cost_shares(ground, outcomes),
    }
