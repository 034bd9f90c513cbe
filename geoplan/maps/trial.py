"""What the page computes a trial from, as plain values: points, columns, layers, need, rules.

A trial closes sites, opens candidates and moves thresholds and weights; the browser counts what
then holds, by the same arithmetic on the same integers. Nothing here is an answer but `base`, by
which the page proves, before the first change, that it finds what the run has found.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geoplan.maps.encoding import cell, packed
from geoplan.maps.times import deflated, nearest_before, text
from geoplan.model import Floats, Plan, TrialGround, TrialLayer
from geoplan.rules import MEASURES, Rule
from geoplan.study import Layer

MOST_BYTES = 6_000_000
"""Of the deflated table of minutes."""
PLACES = 5
"""Decimals of a degree at which a site is drawn."""
EQUITY_FIGURES = ("mean", "gini")


def trial_data(plan: Plan) -> dict[str, str | None]:
    """`trial` (packed JSON) and `times` (base64 of a deflated table) of the page; both None where
    the study's table is too large for a page."""
    ground = plan.trial
    nothing: dict[str, str | None] = {"trial": None, "times": None}
    if ground is None:
        return nothing
    before = nearest_before(_flat(ground))
    times = deflated(ground.ms, before)
    if len(times) > MOST_BYTES:
        return nothing
    return {"trial": packed(_data(plan, ground, before.tolist())), "times": text(times)}


def _flat(ground: TrialGround) -> Floats:
    """Degrees on a scale on which both axes are about as long."""
    lon, lat = ground.demand.lon, ground.demand.lat
    return np.column_stack([lon * np.cos(np.radians(lat.mean())), lat])


def _data(plan: Plan, ground: TrialGround, before: list[int]) -> dict[str, Any]:
    demand, study = ground.demand, plan.study
    return {
        "points": {
            "village": demand.demand_id.tolist(),
            "township": demand.township.tolist(),
            "population": demand.population.tolist(),
            "people": {name: people.tolist() for name, people in demand.groups.items()},
            "before": before,
        },
        "universe": ground.universe.tolist(),
        "columns": {
            "id": ground.column_id.tolist(),
            "township": ground.column_township.tolist(),
            "lon": [cell(round(each, PLACES)) for each in ground.column_point[:, 0].tolist()],
            "lat": [cell(round(each, PLACES)) for each in ground.column_point[:, 1].tolist()],
        },
        "layers": {layer.id: _layer(layer, ground.layers[layer.id]) for layer in study.layers},
        "need": _need(plan, ground),
        "rules": {rule.id: _rule(rule) for rule in study.rules},
        "fixed": plan.fixed.told() if plan.fixed else None,
        "base": {layer.id: _base(plan, layer.id) for layer in study.layers},
    }


def _layer(layer: Layer, known: TrialLayer) -> dict[str, Any]:
    sites = known.sites
    return {
        "modes": list(layer.eligibility),
        "minutes": layer.minutes,
        "group": layer.group,
        "per_person": layer.per_person,
        "sites": {
            "id": sites["site_id"].tolist(),
            "column": sites["column"].tolist(),
            "measured": sites["measured"].tolist(),
            "township": sites["township"].tolist(),
            "county": sites["county"].tolist(),
            "capacity": [cell(each) for each in sites["capacity"]],
            "serves": None if known.serves is None else [list(each) for each in known.serves],
        },
        "candidates": known.candidates.tolist(),
        "planned": known.planned.tolist(),
        "unlisted": known.unlisted,
        "complete": known.complete.tolist(),
        "standing": {
            "named": known.named.tolist(),
            "unnamed": known.unnamed.tolist(),
            "unnamed_known": known.unnamed_known.tolist(),
            "elsewhere": known.elsewhere,
        },
    }


def _need(plan: Plan, ground: TrialGround) -> dict[str, Any]:
    """Percentiles from 0 to 1 by profile, `nowhere` if no place of the country has one; what they
    are made of where weights can be moved."""
    need = plan.study.need
    found: dict[str, Any] = {}
    for layer in plan.study.layers:
        profile = need.profile_of(layer.id)
        if profile.id in found:
            found[profile.id]["layers"].append(layer.id)
            continue
        percentile = [cell(each) for each in ground.percentile[profile.id]]
        nowhere = all(each is None for each in percentile)
        found[profile.id] = {"layers": [layer.id], "percentile": percentile, "nowhere": nowhere}
        if need.weighting == "given":
            indicators = need.indicators_of(profile)
            found[profile.id] |= {
                "indicators": [each.id for each in indicators],
                "weights": [each.weight for each in indicators],
                "score": [[cell(each) for each in row] for row in ground.score[profile.id]],
            }
    return found


def _rule(rule: Rule) -> dict[str, Any]:
    """The rule as the browser judges by it; thresholds are exact, in what is counted: milliseconds,
    people, shares, and percentiles from 0 to 1. `moves`: the layer's minutes move the threshold.
    """
    return {
        "layer": rule.layer,
        "universe": rule.universe,
        "minutes": rule.minutes,
        "tests": [
            {
                "id": test.id,
                "any_of": [
                    [
                        {
                            "measure": each.measure,
                            "worse": MEASURES[each.measure].worse,
                            "sign": each.sign,
                            "threshold": list(rule.exactly(each).as_integer_ratio()),
                            "moves": _moves(rule, each.parameter),
                        }
                        for each in sentence
                    ]
                    for sentence in test.sentences
                ],
            }
            for test in rule.tests
        ],
        "statuses": [
            {"status": status, "sets": [list(names) for names in sets]}
            for status, sets in rule.status.each()
        ],
    }


def _moves(rule: Rule, parameter: str) -> bool:
    """Whether this is the parameter of minutes that the layer's threshold moves."""
    return rule.beyond is not None and rule.beyond.split()[2] == parameter


def _base(plan: Plan, layer: str) -> dict[str, Any]:
    """What the page must find with nothing changed."""
    totals, equity = plan.layer_totals, plan.details["equity"]
    row = totals[totals["layer"] == layer].iloc[0]
    wanted = equity[
        (equity["layer"] == layer)
        & (equity["quantity"] == "own_minutes")
        & equity["figure"].isin(EQUITY_FIGURES)
    ]
    return {
        "totals": {str(name): cell(value) for name, value in row.items() if name != "layer"},
        "equity": [
            {name: cell(each[name]) for name in ("universe", "scope", "figure", "value", "people")}
            for each in wanted.to_dict("records")
        ],
    }
