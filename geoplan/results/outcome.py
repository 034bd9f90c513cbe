"""Everything the engines found for one layer, side by side: what the result tables are made of."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geoplan.access.nearest import coverage
from geoplan.model import Codes, Demand, Inputs, Ints, LayerAccess, Siting, Strings
from geoplan.need import NeedIndex
from geoplan.programme import Standing
from geoplan.study import Layer


@dataclass(frozen=True, slots=True)
class Ground:
    """What all layers share: inputs, demand, universe and need of the townships."""

    inputs: Inputs
    demand: Demand
    universe: Ints  # (townships,) 0 main island, 1 islands
    need: NeedIndex
    settlement: Ints  # (townships,) demand point at which a proposal is drawn
    straight_line: bool


@dataclass(frozen=True, slots=True)
class LayerOutcome:
    """One layer's access and, once it is there, its siting."""

    layer: Layer
    threshold_ms: int
    people: Ints  # (n,) of the layer's target group
    sites: pd.DataFrame  # existing sites of the layer, sorted by id (steps.layer_sites)
    usable_id: Strings  # (m,) ids of the matrix's columns
    standing: Standing
    access: LayerAccess
    siting: Siting

    @property
    def coverage(self) -> Codes:
        return coverage(self.access, self.threshold_ms)
