"""What can be coloured on the map, and in which classes.

Where policy has a threshold (the minutes of the layer, the shares and the percentile of its rule)
the classes break at it, on the side the rule compares; only supply per person, which has no
threshold, is broken by the data (fifths of its different figures).
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
# Of what there is more, the better: the fewer, the darker.
MORE_IS_BETTER = ("sites_per_1000", "sites_within_reach")


def measures(plan: Plan, layer: Layer) -> list[dict[str, Any]]:
    """The measures of one layer, each with its column, unit and the edges of its classes.

    `closed` says to which class an edge belongs: "right" the lower one (value <= edge, as minutes
    within the threshold are compared), "left" the upper one (value >= edge, as the rule's shares
    are). `dark` says which end is drawn dark: always the one that is worse for people.
    """
    rows = plan.rows[plan.rows["layer"] == layer.id]
    share_edges = _share_edges(plan, layer)
    return [
        {"id": "status", "column": "status"},
        _measure("minutes", "own_minutes_mean", [layer.minutes * k for k in (0.5, 1, 1.5, 2)]),
        _measure("beyond", "beyond_share", share_edges, closed="left"),
        _measure("beyond_after", "beyond_share_after", share_edges, closed="left"),
        _supply(rows["per_person_value"], layer.per_person),
        _measure("need", "need_percentile", _need_edges(plan, layer), closed="left"),
    ]


def share_after(plan: Plan) -> dict[tuple[str, str], float | None]:
    """Share of the target group beyond the threshold once the proposals stand, by (layer, code).

    Counted as `beyond_share` is, by the rule of the township.
    """
    rows = plan.rows
    return {
        (str(layer), str(code)): round(far / people, DIGITS) if people else None
        for layer, code, far, people in zip(
            rows["layer"],
            rows["township_code"],
            rows["beyond_people_after"],
            rows["target_people"],
            strict=True,
        )
    }


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


def _need_edges(plan: Plan, layer: Layer) -> list[float]:
    rule = _rule(plan, layer)
    needy = next(iter(rule.thresholds("need_percentile") if rule else []), 80.0)
    return [needy * k / (CLASSES - 1) for k in range(1, CLASSES)]


def _supply(values: pd.Series[Any], basis: str) -> dict[str, Any]:
    known = pd.to_numeric(values, errors="coerce").dropna().to_numpy(dtype=float)
    distinct = np.unique(known)
    if len(distinct) > CLASSES:
        breaks = np.quantile(distinct, np.arange(1, CLASSES) / CLASSES)
    else:
        breaks = distinct[:-1]
    edges = sorted({_two_digits(float(edge)) for edge in breaks})
    dark = "low" if basis in MORE_IS_BETTER else "high"
    return _measure(basis, "per_person_value", edges, dark=dark)


def _two_digits(value: float) -> float:
    """An edge as people read it; two figures that count."""
    return float(f"{value:.2g}")
