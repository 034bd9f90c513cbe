"""What the engines found for a study, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoplan import pipeline
from geoplan.model import Inputs
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome


@dataclass(frozen=True, slots=True)
class Found:
    """The ground, the outcome and listing of each layer, and the rows of tables.ROWS."""

    ground: Ground
    outcomes: list[LayerOutcome]
    rows: pd.DataFrame
    listings: list[Listing]

    @property
    def layers(self) -> list[tuple[LayerOutcome, Listing]]:
        """Each layer's outcome with its listing."""
        return list(zip(self.outcomes, self.listings, strict=True))


def found_for(inputs: Inputs) -> Found:
    """Plans the inputs and keeps what the tables behind the rows are made of."""
    kept: list[Found] = []
    last_step = pipeline.detail_tables

    def keep(ground: Ground, found: Any, rows: pd.DataFrame) -> Any:
        outcomes = [each.outcome for each in found]
        listings = [each.listing for each in found]
        kept.append(Found(ground, outcomes, rows, listings))
        return last_step(ground, found, rows)

    pipeline.detail_tables = keep
    try:
        pipeline.plan_inputs(inputs)
    finally:
        pipeline.detail_tables = last_step
    return kept[0]
