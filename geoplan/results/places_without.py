"""Places that have no site, named: counties, townships, and townships that no site serves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoplan.access.aggregate import sum_by
from geoplan.model import Bools, Ints
from geoplan.results.loads import certainty
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.supply import sites_of_townships
from geoplan.tables import PLACES_WITHOUT

COUNTY, TOWNSHIP, UNSERVED = "county_without_site", "township_without_site", "township_unserved"


def places_without(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.PLACES_WITHOUT, sorted by layer (in the study's order), lack and place.

    A county is without a site if none is named there and none reported; a township if no named
    site stands in it, which is no lack by itself where a site elsewhere serves it; a township is
    unserved if the published areas assign it to no site. Provisional where the county's list is
    not complete, or holds a site of which the township is not known.
    """
    parts = [part for each in outcomes for part in _of_layer(ground, each)]
    return pd.concat(parts, ignore_index=True)[PLACES_WITHOUT.names]


def _of_layer(ground: Ground, outcome: LayerOutcome) -> list[pd.DataFrame]:
    inputs, sites = ground.inputs, outcome.sites
    townships = len(inputs.townships)
    county = ground.county
    township_of_site = sites["township"].to_numpy(np.int64)
    named = np.bincount(township_of_site[township_of_site >= 0], minlength=townships) > 0
    somewhere = np.isin(county, sites.loc[township_of_site < 0, "county"])
    firm_county = certainty(ground, outcome.layer.id, np.arange(len(inputs.counties)))
    firm = firm_county[county]
    standing = outcome.standing.in_counties
    parts = [
        _places(ground, outcome, COUNTY, standing == 0).assign(
            certainty=firm_county[standing == 0]
        ),
        _places(ground, outcome, TOWNSHIP, ~named).assign(
            certainty=np.where(somewhere, "provisional", firm)[~named]
        ),
    ]
    serving = sites_of_townships(ground, outcome)
    if serving:
        unserved = ~np.isin(np.arange(townships), list(serving))
        parts.append(_places(ground, outcome, UNSERVED, unserved).assign(certainty=firm[unserved]))
    return parts


def _places(ground: Ground, outcome: LayerOutcome, lack: str, chosen: Bools) -> pd.DataFrame:
    inputs, demand = ground.inputs, ground.demand
    area: Ints = demand.township
    frame, code = inputs.townships, "township_code"
    if lack == COUNTY:
        area, frame, code = ground.county[area], inputs.counties, "county_code"
    return pd.DataFrame(
        {
            "layer": outcome.layer.id,
            "lack": lack,
            "place_code": frame[code].to_numpy(object),
            "county_name": frame["county_name"].to_numpy(object),
            "township_name": "" if lack == COUNTY else frame["township_name"].to_numpy(object),
            "population": sum_by(area, len(frame), demand.population),
            "target_people": sum_by(area, len(frame), outcome.people),
        }
    )[chosen]
