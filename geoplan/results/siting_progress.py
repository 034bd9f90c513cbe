"""The people of every township as the plan goes on: who is beyond at the end of each year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geoplan.access.aggregate import mean_by
from geoplan.results.listing import Listing, count_people
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.siting_tables import Judged
from geoplan.siting.openings import after
from geoplan.siting_step import told_ms
from geoplan.tables import SITING_PROGRESS
from geoplan.travel.network import MS_PER_MINUTE


def siting_progress(ground: Ground, found: Sequence[Judged]) -> pd.DataFrame:
    """Columns of tables.SITING_PROGRESS: each township at the end of each year of each layer,
    counted as the rows count today; a study without years has none."""
    frames = [
        _year(ground, outcome, listing, position)
        for outcome, listing in found
        for position in range(len(outcome.siting.years))
    ]
    none = pd.DataFrame(columns=SITING_PROGRESS.names)
    return pd.concat(frames, ignore_index=True)[SITING_PROGRESS.names] if frames else none


def _year(ground: Ground, outcome: LayerOutcome, listing: Listing, position: int) -> pd.DataFrame:
    siting = outcome.siting
    opened = siting.proposal.openings
    ms, state = after(siting.build, opened.site[opened.year <= position])
    then = replace(listing, counted=count_people(ground, outcome, state))
    told = told_ms(outcome.access, ms, state)
    timed = np.where(told >= 0, outcome.people, 0)
    mean = mean_by(ground.demand.township, len(ground.universe), np.maximum(told, 0), timed)
    return pd.DataFrame(
        {
            "layer": siting.layer,
            "year": str(siting.years[position]),
            "township_code": ground.inputs.townships["township_code"].to_numpy(object),
            "target_people": then.target,
            "beyond_people": then.beyond,
            "beyond_share": then.beyond_share,
            "target_undetermined": then.counted.perhaps_beyond,
            "own_minutes_mean": mean / MS_PER_MINUTE,
        }
    )
