"""Clusters of long and of short ways among the townships of the main island: a description."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from geoplan.access.hotspots import Chance, Kind, SpotState, hot_spots
from geoplan.model import Floats, Ints
from geoplan.results.loads import certainty
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import HOTSPOTS, UNIVERSES

CHANCE = Chance(seed=1, permutations=9999)
"""The same for every layer, so that one layer more changes no other."""

MAIN_ISLAND = UNIVERSES.index("main_island")


def hotspot_table(
    ground: Ground, outcomes: Sequence[LayerOutcome], rows: pd.DataFrame
) -> pd.DataFrame:
    """Columns of tables.HOTSPOTS: a row per layer and township, sorted as `rows` (tables.ROWS).

    The figure is the mean of minutes to the own site, where it is known for more than half of the
    target group. Neighbours share a boundary or a corner (queen contiguity). Islands are another
    universe: they are named, and not tested against the main island. A quick run looks for none.
    """
    if ground.quick:
        return pd.DataFrame(columns=HOTSPOTS.names)
    pairs = neighbour_pairs(ground)
    parts = [
        _of_layer(ground, each, rows[rows["layer"] == each.layer.id], pairs) for each in outcomes
    ]
    return pd.concat(parts, ignore_index=True)[HOTSPOTS.names]


def neighbour_pairs(ground: Ground) -> Ints:
    """Pairs (m, 2) of townships whose polygons touch, each both ways."""
    polygons = ground.inputs.townships.geometry.to_numpy()
    touching = shapely.STRtree(polygons).query(polygons, predicate="intersects").T
    pairs: Ints = touching[touching[:, 0] != touching[:, 1]].astype(np.int64)
    return pairs


def _of_layer(
    ground: Ground, outcome: LayerOutcome, rows: pd.DataFrame, pairs: Ints
) -> pd.DataFrame:
    minutes = _told_minutes(rows)
    elsewhere = ground.universe != MAIN_ISLAND
    found = hot_spots(np.where(elsewhere, np.nan, minutes), pairs, CHANCE)
    states = np.array([each.name.lower() for each in SpotState], object)[found.state]
    county = ground.county
    return pd.DataFrame(
        {
            "layer": outcome.layer.id,
            "township_code": rows["township_code"].to_numpy(object),
            "county_name": rows["county_name"].to_numpy(object),
            "township_name": rows["township_name"].to_numpy(object),
            "certainty": certainty(ground, outcome.layer.id, county),
            "own_minutes_mean": minutes,
            "tested": np.where(elsewhere, "other_universe", states),
            "neighbours": found.neighbours,
            "local_moran": found.local_moran,
            "gi_star": found.gi_star,
            "p": found.p,
            "q": found.q,
            "cluster": np.array([each.name.lower() for each in Kind], object)[found.kind],
            "moran_i": np.nan if found.whole is None else found.whole.moran_i,
            "moran_p": np.nan if found.whole is None else found.whole.moran_p,
            "permutations": CHANCE.permutations,
            "seed": CHANCE.seed,
        }
    )


def _told_minutes(rows: pd.DataFrame) -> Floats:
    mostly = 2 * rows["own_measured_people"] > rows["target_people"]
    minutes: Floats = rows["own_minutes_mean"].where(mostly).to_numpy(float)
    return minutes
