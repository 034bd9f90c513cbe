"""Headline figures of each layer: sums of its rows, and the bounds of its siting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.results.outcome import LayerOutcome
from geoplan.study import Layer
from geoplan.tables import LAYER_TOTALS
from geoplan.travel.network import MS_PER_MINUTE


def layer_totals(rows: pd.DataFrame, outcomes: list[LayerOutcome]) -> pd.DataFrame:
    """One row a layer, columns of tables.LAYER_TOTALS; firm and provisional are added up apart."""
    records = [_of_layer(rows[rows["layer"] == each.layer.id], each) for each in outcomes]
    return pd.DataFrame(records, columns=LAYER_TOTALS.names)


def _of_layer(rows: pd.DataFrame, outcome: LayerOutcome) -> dict[str, Any]:
    siting, access = outcome.siting, outcome.access
    record = sums_of_rows(rows, outcome.layer)
    for side in ("own", "nearest"):
        ms = getattr(access, f"{side}_ms")
        people = np.where(outcome.own_known, outcome.people, 0)
        whole = int(people.sum())
        record[f"{side}_minutes_mean"] = (
            int((people * ms).sum()) / whole / MS_PER_MINUTE if whole else None
        )
    last, plain = siting.last, siting.proposal.plain
    record["listed_gain"], record["gain"] = last.listed, last.gain
    record["listed_gain_bound"] = last.best.listed_bound
    record["gain_bound"] = plain.gain_bound
    record["plain_listed_gain"], record["plain_gain"] = plain.listed, plain.gain
    return record


def sums_of_rows(rows: pd.DataFrame, layer: Layer) -> dict[str, Any]:
    """What a layer's totals take from its rows (tables.ROWS) alone: of a nation or of a county."""
    record: dict[str, Any] = {
        "layer": layer.id,
        "target_group": layer.group,
        "minutes": layer.minutes,
    }
    for column in LAYER_TOTALS.names:
        if column in rows and column.startswith(("population", "target_")) and column not in record:
            record[column] = int(rows[column].sum())
    listed = rows[rows["listed"]]
    for certainty in ("firm", "provisional"):
        every = rows[rows["certainty"] == certainty]
        record[f"beyond_{certainty}_people"] = int(
            every[["target_uncovered", "target_unreachable"]].sum().sum()
        )
        record[f"undetermined_{certainty}_people"] = int(every["target_undetermined"].sum())
        record[f"target_{certainty}_people"] = int(every["target_people"].sum())
        record[f"own_minutes_mean_{certainty}"] = _mean_minutes(every)
        part = listed[listed["certainty"] == certainty]
        record[f"listed_{certainty}"] = len(part)
        record[f"listed_{certainty}_people"] = int(part["beyond_people"].sum())
    record["undetermined_townships"] = int((rows["status"] == "undetermined").sum())
    return record


def _mean_minutes(rows: pd.DataFrame) -> float | None:
    known = rows[rows["own_measured_people"] > 0]
    whole = known["own_measured_people"].sum()
    minutes = (known["own_minutes_mean"] * known["own_measured_people"]).sum()
    return float(minutes / whole) if whole else None
