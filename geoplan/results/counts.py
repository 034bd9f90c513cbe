"""What stands and what is proposed, against the target: the programme's arithmetic of a layer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoplan.access.aggregate import sum_by
from geoplan.model import Inputs
from geoplan.programme import (
    QuotaReading,
    Standing,
    layer_counts,
    layer_standing,
    quota_readings,
)
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.study import Layer


def standing_of(inputs: Inputs, layer: Layer) -> Standing:
    """What stands of the layer, named and unnamed, by county."""
    codes = inputs.counties["county_code"].tolist()
    return layer_standing(layer.id, layer.target, codes, inputs.sites, inputs.completeness)


def readings_of(ground: Ground, outcome: LayerOutcome) -> tuple[QuotaReading, ...]:
    """The readings of the layer's soft quota; none where the study sets no quota."""
    quota = outcome.layer.siting.soft_residents_per_site
    if quota is None:
        return ()
    counties = len(ground.inputs.counties)
    residents = sum_by(ground.county[ground.demand.township], counties, ground.demand.population)
    return quota_readings(residents, outcome.standing.in_counties, quota, outcome.layer.target)


def site_counts(ground: Ground, outcome: LayerOutcome) -> pd.DataFrame:
    """Rows of tables.COUNTS: the nation, then its counties."""
    inputs = ground.inputs
    proposed = np.bincount(
        ground.county[outcome.siting.candidate_township], minlength=len(inputs.counties)
    )
    return layer_counts(outcome.standing, inputs.counties, proposed, readings_of(ground, outcome))
