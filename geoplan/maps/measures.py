"""What can be coloured on the map, and in which classes.

Where policy has a threshold (the minutes of the layer, the shares and the percentile of its rule)
the classes break at it, on the side the rule compares; only supply per person, which has no
threshold, is broken by the data (fifths of its different figures).

A measure with `state` has a column that says what is known of each township's figure; of the others
the township's own minutes say so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.export.cells import DIGITS
from geoplan.model import Plan
from geoplan.rules import SHARES, Rule
from geoplan.study import Layer

CLASSES = 5
NEEDY = 80.0
"""The need percentile at which classes break where no rule has one."""
# Of what there is more, the better: the fewer, the darker.
MORE_IS_BETTER = ("sites_per_1000", "sites_within_reach", "e2sfca", "e2sfca_anyone")
RUNS_EDGES = [0.05, 0.25, 0.75, 0.95]
PAGE_COLUMNS = (
    *("beyond_share_after", "e2sfca_anyone_state", "second_nearest_state"),
    "record_months",
)
"""Columns that the page has beside those of tables.ROWS."""


def measures(plan: Plan, layer: Layer) -> list[dict[str, Any]]:
    """The measures of one layer, each with its column, unit and the edges of its classes.

    `closed` says to which class an edge belongs: "right" the lower one (value <= edge, as minutes
    within the threshold are compared), "left" the upper one (value >= edge, as the rule's shares
    are). `dark` says which end is drawn dark: always the one that is worse for people.
    """
    rows = plan.rows[plan.rows["layer"] == layer.id]
    share_edges = _share_edges(plan, layer)
    minutes = [layer.minutes * k for k in (0.5, 1, 1.5, 2)]
    return [
        {"id": "status", "column": "status"},
        _measure("minutes", "own_minutes_mean", minutes),
        _measure("beyond", "beyond_share", share_edges, closed="left"),
        _measure("beyond_after", "beyond_share_after", share_edges, closed="left"),
        *_runs(rows),
        _supply(rows["per_person_value"], layer.per_person, "per_person_value"),
        *_further(rows, layer, minutes),
        _measure("need", "need_percentile", _need_edges(plan, layer), closed="left"),
        _need_access(plan, layer),
        _measure("record_age", "record_months", [12, 24, 36]),
    ]


def row_columns(row: dict[str, Any], record_months: int | None) -> dict[str, Any]:
    """PAGE_COLUMNS of one row as the lists have it; `record_months` are those of `records`."""
    known = row["target_people"] > 0
    after = round(row["beyond_people_after"] / row["target_people"], DIGITS) if known else None
    return {
        "beyond_share_after": after,
        "e2sfca_anyone_state": _anyone_state(row),
        "second_nearest_state": _second_state(row),
        "record_months": record_months,
    }


def _anyone_state(row: dict[str, Any]) -> str:
    """What is known of E2SFCA when everybody may use every site; the table tells it of the sites
    people may use. What is not known and who does not live there are the same for both."""
    value, state = row["e2sfca_anyone_per_100k"], row["e2sfca_state"]
    if value is None:
        return "not_applicable" if state == "not_applicable" else "unknown"
    if value > 0:
        return "measured"
    return "unreachable" if row["nearest_minutes_mean"] is None else "zero"


def _second_state(row: dict[str, Any]) -> str:
    if row["second_nearest_minutes_mean"] is not None:
        return "measured"
    return "unknown" if row["own_state"] == "measured" else str(row["own_state"])


def _runs(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The share of runs, where anything was drawn."""
    if rows["share_undetermined"].isna().all():
        return []
    return [_measure("share_listed", "share_listed", RUNS_EDGES, closed="left")]


def _further(rows: pd.DataFrame, layer: Layer, minutes: list[float]) -> list[dict[str, Any]]:
    """The measures that the study asks for of this layer."""
    found = []
    for name in ("e2sfca", "e2sfca_anyone"):
        if name in layer.measures:
            column, state = f"{name}_per_100k", f"{name}_state"
            values = rows[column].where(rows[column] > 0)
            found.append({**_supply(values, name, column), "state": state})
    if "second_nearest" in layer.measures:
        measure = _measure("second_nearest", "second_nearest_minutes_mean", minutes)
        found.append({**measure, "state": "second_nearest_state"})
    return found


def _measure(
    name: str, column: str, edges: list[float], closed: str = "right", dark: str = "high"
) -> dict[str, Any]:
    return {"id": name, "column": column, "edges": edges, "closed": closed, "dark": dark}


def _rule(plan: Plan, layer: Layer) -> Rule | None:
    return next((rule for rule in plan.study.rules if rule.layer == layer.id), None)


def _share_edges(plan: Plan, layer: Layer) -> list[float]:
    rule = _rule(plan, layer)
    policy = rule.thresholds(*SHARES) if rule else []
    if not policy:
        return [0.25, 0.5, 0.75]
    return sorted({*policy, *(edge for edge in (0.5, 0.75) if edge > max(policy))} - {0.0})


def _needy(plan: Plan, layer: Layer) -> tuple[float, bool]:
    """The need percentile of the layer's rule, else NEEDY; and whether the rule asks for one."""
    rule = _rule(plan, layer)
    asked = list(rule.thresholds("need_percentile")) if rule else []
    return (asked[0], True) if asked else (NEEDY, False)


def _need_edges(plan: Plan, layer: Layer) -> list[float]:
    needy, _ = _needy(plan, layer)
    return [needy * k / (CLASSES - 1) for k in range(1, CLASSES)]


def _need_access(plan: Plan, layer: Layer) -> dict[str, Any]:
    """Three classes of need (an edge belongs to the upper one) by three of minutes (to the lower
    one): at the threshold and half of it."""
    needy, of_rule = _needy(plan, layer)
    return {
        "id": "need_access",
        "column": "own_minutes_mean",
        "need_edges": [needy / 2, needy],
        "need_of_rule": of_rule,
        "minutes_edges": [layer.minutes / 2, layer.minutes],
    }


def _supply(values: pd.Series[Any], basis: str, column: str) -> dict[str, Any]:
    known = pd.to_numeric(values, errors="coerce").dropna().to_numpy(dtype=float)
    distinct = np.unique(known)
    if len(distinct) > CLASSES:
        breaks = np.quantile(distinct, np.arange(1, CLASSES) / CLASSES)
    else:
        breaks = distinct[:-1]
    edges = sorted({_two_digits(float(edge)) for edge in breaks})
    dark = "low" if basis in MORE_IS_BETTER else "high"
    return _measure(basis, column, edges, dark=dark)


def _two_digits(value: float) -> float:
    """An edge as people read it; two figures that count."""
    return float(f"{value:.2g}")
