"""How evenly each service is spread: over people, by county and by need.

Firm counties alone (their list of sites is complete), and all together; the main island and the
islands apart. What is not measured is left out of a figure and counted beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoplan.access.equity import (
    atkinson,
    concentration_index,
    fgt,
    gini,
    mean_per_person,
    palma,
    people_shortfall,
    theil,
)
from geoplan.model import Bools, Codes, Coverage, Floats, Ints, State
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.supply import supply
from geoplan.steps import complete_counties
from geoplan.tables import EQUITY, UNIVERSES
from geoplan.travel.network import MS_PER_MINUTE

AVERSION = 0.5
"""Atkinson: the mildest of the usual values; from 1 on, one village with 0 would settle it."""

OWN_MINUTES = "own_minutes"

Measure = Callable[[Floats, Ints], Floats]
"""From values (..., n) and people (..., n) to one figure each (...)."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the measures of one set of demand points (n,) rest on besides values and people: their
    county, the need of their township, and the line beyond which people fall short, if any."""

    county: Ints
    need: Floats
    line: float | None


@dataclass(frozen=True, slots=True)
class _Quantity:
    """One figure of every demand point (n,) and whether it is known there."""

    name: str
    value: Floats
    state: Codes
    line: float | None


def measures(basis: Basis) -> dict[str, Measure]:
    """Every measure of the table by its name; each takes draws on leading axes.

    FGT and the shortfall are there only with a line. The concentration index asks for places
    whose need is known.
    """
    county, need, line = basis.county, basis.need, basis.line
    found: dict[str, Measure] = {
        "mean": mean_per_person,
        "gini": gini,
        "palma": palma,
        "theil_t": lambda value, people: theil(value, people, county).total,
        "theil_within": lambda value, people: theil(value, people, county).within,
        "theil_between": lambda value, people: theil(value, people, county).between,
        f"atkinson_{AVERSION:g}": lambda value, people: atkinson(value, people, AVERSION),
        "concentration_index": lambda value, people: concentration_index(value, people, need),
    }
    if line is not None:
        found |= {
            "fgt_0": lambda value, people: fgt(value, people, line, 0),
            "fgt_1": lambda value, people: fgt(value, people, line, 1),
            "fgt_2": lambda value, people: fgt(value, people, line, 2),
            "people_shortfall": lambda value, people: people_shortfall(value, people, line),
        }
    return found


def equity(ground: Ground, outcomes: Sequence[LayerOutcome], rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of tables.EQUITY: a row per layer, universe, scope, quantity and figure.

    Quantities are the minutes to the own site, with the layer's threshold as the line, and the
    layer's supply per person; each counts the people of the target group where they live. `rows`
    are those of tables.ROWS. `low` and `high` are left empty: they come from draws.
    """
    records = [
        record
        for each in outcomes
        for record in _of_layer(ground, each, rows[rows["layer"] == each.layer.id])
    ]
    return pd.DataFrame(records, columns=EQUITY.names)


def scopes(ground: Ground, layer: str) -> Iterator[tuple[str, str, Bools]]:
    """Each universe and scope with its demand points (n,): firm counties, then all."""
    township = ground.demand.township
    firm = complete_counties(ground.inputs, layer)[ground.county[township]]
    for code, universe in enumerate(UNIVERSES):
        for scope, chosen in (("firm", firm), ("all", np.ones_like(firm))):
            yield universe, scope, chosen & (ground.universe[township] == code)


def _of_layer(
    ground: Ground, outcome: LayerOutcome, rows: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    township = ground.demand.township
    county = ground.county[township]
    need = rows["need_percentile"].to_numpy(float)[township]
    quantities = [_own_minutes(outcome), _supply(ground, outcome)]
    for universe, scope, here in scopes(ground, outcome.layer.id):
        for quantity in quantities:
            found = _figures(quantity, outcome.people, Basis(county, need, quantity.line), here)
            for record in found:
                yield {
                    "layer": outcome.layer.id,
                    "universe": universe,
                    "scope": scope,
                    "quantity": quantity.name,
                    "line": quantity.line,
                    **record,
                }


def _own_minutes(outcome: LayerOutcome) -> _Quantity:
    minutes = outcome.access.own_ms / MS_PER_MINUTE
    return _Quantity(OWN_MINUTES, minutes, outcome.own_state, float(outcome.layer.minutes))


def _supply(ground: Ground, outcome: LayerOutcome) -> _Quantity:
    basis = outcome.layer.per_person
    if basis == "sites_within_reach":
        state = np.select(
            [outcome.coverage == each for each in (Coverage.UNDETERMINED, Coverage.UNREACHABLE)],
            [State.UNKNOWN, State.UNREACHABLE],
            State.MEASURED,
        ).astype(np.uint8)
        return _Quantity(basis, outcome.access.sites_within.astype(float), state, None)
    found, township = supply(ground, outcome), ground.demand.township
    return _Quantity(basis, np.nan_to_num(found.told)[township], found.state[township], None)


def _figures(
    quantity: _Quantity, people: Ints, basis: Basis, here: Bools
) -> Iterator[dict[str, Any]]:
    for name in measures(basis):
        state = quantity.state
        if name == "concentration_index":
            unknown = (state == State.MEASURED) & np.isnan(basis.need)
            state = np.where(unknown, State.UNKNOWN, state)
        counted = here & (state == State.MEASURED)
        of = Basis(basis.county[counted], basis.need[counted], basis.line)
        value = float(measures(of)[name](quantity.value[counted], people[counted]))
        whole = int(people[counted].sum())
        yield {
            "figure": name,
            "value": value if whole else np.nan,
            "people": whole,
            **{
                f"people_{each.name.lower()}": int(people[here & (state == each)].sum())
                for each in (State.UNREACHABLE, State.UNKNOWN, State.NOT_APPLICABLE)
            },
        }
