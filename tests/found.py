"""What the engines found for a study, before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoplan import pipeline
from geoplan.model import Inputs
from geoplan.results.outcome import Ground, LayerOutcome


@dataclass(frozen=True, slots=True)
class Found:
    """The ground, the outcome of each layer, and the rows of tables.ROWS."""

    ground: Ground
    outcomes: list[LayerOutcome]
    rows: pd.DataFrame


def found_for(inputs: Inputs) -> Found:
    """Plans the inputs and keeps what the tables behind the rows are made of."""
    kept: list[Found] = []
    last_step = pipeline.detail_tables

    def keep(ground: Ground, found: Any, rows: pd.DataFrame, **more: Any) -> Any:
        kept.append(Found(ground, [outcome for outcome, _ in found], rows))
        return last_step(ground, found, rows, **more)

    pipeline.detail_tables = keep
    try:
        pipeline.plan_inputs(inputs)
    finally:
        pipeline.detail_tables = last_step
    return kept[0]
