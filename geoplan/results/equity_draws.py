"""Intervals of the equity figures of own minutes, over the draws of each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geoplan.model import Bools, Ints
from geoplan.results.draws import LayerDraws
from geoplan.results.equity import OWN_MINUTES, Basis, measures, scopes
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.uncertainty.spread import scaled
from geoplan.uncertainty.summary import EquityMeasure, Interval, equity_intervals

Drawn = Sequence[tuple[LayerOutcome, LayerDraws]]
MeasuresAt = Callable[[Ints], Mapping[str, EquityMeasure]]
"""From positions (k,) of demand points to measures of minutes (draws, k) and people (draws, k)."""

BY_NEED = "concentration_index"


def with_intervals(table: pd.DataFrame, ground: Ground, drawn: Drawn) -> pd.DataFrame:
    """The table of `results.equity.equity` with `low` and `high` of own minutes filled in.

    Supply per person is not drawn: its intervals stay empty.
    """
    ends = dict(each for outcome, draws in drawn for each in _of_layer(ground, outcome, draws))
    names = table[["layer", "universe", "scope", "quantity", "figure"]]
    found = [ends.get(key, (np.nan, np.nan)) for key in names.itertuples(index=False, name=None)]
    low, high = np.array(found, float).reshape(-1, 2).T
    return table.assign(low=low, high=high)


def _of_layer(
    ground: Ground, outcome: LayerOutcome, draws: LayerDraws
) -> Iterator[tuple[tuple[str, ...], tuple[float, float]]]:
    township = ground.demand.township
    county = ground.county[township]
    need = ground.need_of(outcome.layer.id).percentile[township]
    line = float(outcome.layer.minutes)

    def of(at: Ints) -> dict[str, EquityMeasure]:
        return measures(Basis(county[at], need[at], line))

    for universe, scope, here in scopes(ground, outcome.layer.id):
        found = equity_of_draws(ground, outcome, draws, here, lambda at: _without(of(at), BY_NEED))
        known = here & ~np.isnan(need)
        found |= equity_of_draws(
            ground, outcome, draws, known, lambda at: {BY_NEED: of(at)[BY_NEED]}
        )
        for name, each in found.items():
            key = (outcome.layer.id, universe, scope, OWN_MINUTES, name)
            yield key, (float(each.low), float(each.high))


def _without(of: dict[str, EquityMeasure], name: str) -> dict[str, EquityMeasure]:
    return {key: measure for key, measure in of.items() if key != name}


def equity_of_draws(
    ground: Ground, outcome: LayerOutcome, draws: LayerDraws, points: Bools, of: MeasuresAt
) -> dict[str, Interval]:
    """The interval of each measure of the own minutes of the chosen demand `points` (n,).

    Those of them count whose own time is told and where people live; `of` gets their positions
    (k,). People are drawn too. Empty where nobody counts.
    """
    drawn = draws.drawn
    chosen = points[drawn.points]
    if not chosen.any():
        return {}
    at = drawn.points[chosen]
    times = replace(drawn.times, near=drawn.times.near.of(chosen))
    people, factors = outcome.people[at], drawn.factors[:, ground.demand.township[at]]
    return equity_intervals(times, lambda some: scaled(people, factors[some]), of(at))
