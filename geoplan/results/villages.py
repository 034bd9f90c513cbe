"""One row per village and layer. Modelled people are rounded to 10: they are not counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoplan.model import Codes, Ints, State, Strings
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import COVERAGES, STATES, VILLAGE_ROWS
from geoplan.travel.network import MS_PER_MINUTE

MODELLED_ROUNDED_TO = 10


def village_rows(ground: Ground, outcome: LayerOutcome) -> pd.DataFrame:
    """The rows of one layer (n,), columns of tables.VILLAGE_ROWS, in the order of the demand."""
    points, demand, access = ground.inputs.points, ground.demand, outcome.access
    people = demand.groups[outcome.layer.group]
    modelled = outcome.layer.group in demand.modelled
    if modelled:
        people = (people + MODELLED_ROUNDED_TO // 2) // MODELLED_ROUNDED_TO * MODELLED_ROUNDED_TO
    own = outcome.own_known
    rows = pd.DataFrame(
        {
            "layer": outcome.layer.id,
            "village_code": demand.demand_id,
            "village_name": points["village_name"].to_numpy(object),
            "township_code": points["township_code"].to_numpy(object),
            "lon": demand.lon,
            "lat": demand.lat,
            "population": demand.population,
            "target_people": people,
            "target_modelled": modelled,
            "own_state": _names(STATES, outcome.own_state),
            "own_site_id": _site_ids(outcome.usable_id, np.where(own, access.own_site, -1)),
            "own_minutes": _minutes(access.own_ms, own),
            "nearest_site_id": _site_ids(outcome.usable_id, access.nearest_site),
            "nearest_minutes": _minutes(access.nearest_ms, access.nearest_state == State.MEASURED),
            "modelled_share": np.divide(
                access.own_modelled_ms, access.own_ms, out=np.full(len(own), np.nan), where=own
            ),
            "coverage": _names(COVERAGES, outcome.coverage),
            "coverage_after": _names(COVERAGES, outcome.siting.after_state),
            "own_minutes_after": _minutes(outcome.siting.after_ms, outcome.siting.after_ms >= 0),
        }
    )
    return rows[VILLAGE_ROWS.names]


def _names(of: tuple[str, ...], codes: Codes) -> Strings:
    return np.array(of, dtype=object)[codes]


def _site_ids(site_id: Strings, site: Ints) -> Strings:
    return np.array([site_id[place] if place >= 0 else "" for place in site], dtype=object)


def _minutes(ms: Ints, known: np.ndarray) -> np.ndarray:
    return np.where(known, ms / MS_PER_MINUTE, np.nan)
