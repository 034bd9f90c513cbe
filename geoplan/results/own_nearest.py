"""By how much one's own site is farther than the nearest: people and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoplan.model import Bools, State
from geoplan.results.loads import certainty
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import CERTAINTIES, OWN_NEAREST
from geoplan.travel.network import MS_PER_MINUTE

STEPS_MINUTES = (0, 5, 10, 20, 30)
LONGER = ("none", "up_to_5", "up_to_10", "up_to_20", "up_to_30", "over_30", "not_known")


def own_nearest(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.OWN_NEAREST: people of each layer by own minus nearest, firm and
    provisional apart.

    The nearest is the nearest usable site of all, whoever may use it; both are compared at the
    demand point, in whole milliseconds, `<=` at each step. `not_known` are people one of whose
    two times is not measured. Person-minutes are those of the target group.
    """
    records = [row for each in outcomes for row in _of_layer(ground, each)]
    return pd.DataFrame(records, columns=OWN_NEAREST.names)


def _of_layer(ground: Ground, outcome: LayerOutcome) -> list[dict[str, Any]]:
    demand, access = ground.demand, outcome.access
    sure = certainty(ground, outcome.layer.id, ground.county[demand.township])
    known: Bools = outcome.own_known & (access.nearest_state == State.MEASURED)
    longer_ms = np.where(known, access.own_ms - access.nearest_ms, 0)
    edges = np.array(STEPS_MINUTES) * MS_PER_MINUTE
    step = np.where(known, np.searchsorted(edges, longer_ms), len(STEPS_MINUTES) + 1)
    records = []
    for each in CERTAINTIES:
        for place, longer in enumerate(LONGER):
            here = (sure == each) & (step == place)
            person_ms = int((outcome.people[here] * longer_ms[here]).sum())
            records.append(
                {
                    "layer": outcome.layer.id,
                    "certainty": each,
                    "longer": longer,
                    "target_people": int(outcome.people[here].sum()),
                    "population": int(demand.population[here].sum()),
                    "person_minutes": None if longer == "not_known" else person_ms / MS_PER_MINUTE,
                }
            )
    return records
