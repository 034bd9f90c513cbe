"""Everything the engines found for one layer, side by side: what the result tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geoplan.model import (
    Bools,
    Codes,
    Coverage,
    Demand,
    Inputs,
    Ints,
    LayerAccess,
    State,
    Strings,
)
from geoplan.need import NeedIndex
from geoplan.programme import Standing
from geoplan.siting.proposal import Siting
from geoplan.steps import Reach, positions
from geoplan.study import Layer
from geoplan.trial import AREA, PROPOSED


@dataclass(frozen=True, slots=True)
class Ground:
    """What all layers share: inputs, demand, universe and need of the townships."""

    inputs: Inputs
    demand: Demand
    universe: Ints  # (townships,) 0 main island, 1 islands
    need: Mapping[str, NeedIndex]  # by layer
    settlement: Ints  # (townships,) demand point at which a proposal is drawn
    straight_line: bool
    quick: bool = False  # leaves out what stands beside the plan (pipeline.Asked)

    @property
    def county(self) -> Ints:
        """The county (townships,) of each township, as its position."""
        return positions(self.inputs.townships["county_code"], self.inputs.counties["county_code"])

    def need_of(self, layer: str) -> NeedIndex:
        """The need of the townships by the profile of this layer."""
        return self.need[layer]


@dataclass(frozen=True, slots=True)
class Reached:
    """One layer's sites and how far they are, before anything is judged or proposed."""

    layer: Layer
    threshold_ms: int
    people: Ints  # (n,) of the layer's target group
    sites: pd.DataFrame  # existing sites of the layer, sorted by id (steps.layer_sites)
    reach: Reach  # minutes to its usable sites (n, m)
    standing: Standing
    access: LayerAccess
    coverage: Codes  # (n,)

    @property
    def usable_id(self) -> Strings:
        """Ids of the sites that are measured to (m,), the columns of the matrix."""
        return self.reach.matrix.site_id

    @property
    def own_known(self) -> Bools:
        """Points (n,) with a measured own site, of which it is certain on which side of the
        threshold they are: only their minutes are told. Where a site of unknown place could be
        nearer still (`at_most`) they are an upper bound."""
        known: Bools = (self.access.own_state == State.MEASURED) & (
            self.coverage != Coverage.UNDETERMINED
        )
        return known

    @property
    def at_most(self) -> Bools:
        """Points (n,) whose minutes are told and could be fewer: an own site of unknown place, or
        one that the list lacks, could be nearer than the measured one."""
        access = self.access
        nearer: Bools = (access.possible_ms >= 0) & (access.possible_ms < access.own_ms)
        return self.own_known & nearer

    @property
    def own_state(self) -> Codes:
        """The state (n,) of the own time as it is told: unknown where it is undetermined."""
        unsure = (self.access.own_state == State.MEASURED) & ~self.own_known
        state: Codes = np.where(unsure, State.UNKNOWN, self.access.own_state).astype(np.uint8)
        return state


@dataclass(frozen=True, slots=True)
class LayerOutcome(Reached):
    """One layer's access and its siting."""

    siting: Siting

    @property
    def proposal_ids(self) -> list[str]:
        """The ids of the proposed sites in tables.PLAN_SITES, in the order of the proposal."""
        names = [each.removeprefix(AREA) for each in self.siting.candidate_id]
        return [f"{PROPOSED}{self.layer.id}-{name}" for name in names]
