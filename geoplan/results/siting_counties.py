"""The plan by county: whom it brings within and how evenly, and what it costs whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoplan.access.aggregate import by_coverage
from geoplan.access.equity import gini
from geoplan.model import Codes, Coverage, Floats, Ints
from geoplan.phasing_spec import CentralShare
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import COST_SHARES, SITING_AREAS


def siting_areas(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_AREAS: the nation, with the Gini of the counties' shares weighted
    by people, then each county. Shares are of the people of whom it is known."""
    return pd.concat([_areas(ground, each) for each in outcomes], ignore_index=True)


def _areas(ground: Ground, outcome: LayerOutcome) -> pd.DataFrame:
    inputs, siting = ground.inputs, outcome.siting
    counties = inputs.counties
    county = ground.county
    area = county[ground.demand.township]
    before = _known(area, len(counties), outcome.coverage, outcome.people)
    after = _known(area, len(counties), siting.after_state, outcome.people)
    sites = np.bincount(county[siting.candidate_township], minlength=len(counties))
    names = [("", ""), *zip(counties["county_code"], counties["county_name"], strict=True)]
    records = []
    for at, (code, name) in enumerate(names):
        part = slice(None) if at == 0 else slice(at - 1, at)
        (within, known, unsure), (then, known_then, unsure_then) = (
            tuple(int(sums[part].sum()) for sums in figures) for figures in (before, after)
        )
        records.append(
            {
                "layer": outcome.layer.id,
                "county_code": code,
                "county_name": name,
                "target_people": known + unsure,
                "covered_before": within,
                "covered_after": then,
                "undetermined_before": unsure,
                "undetermined_after": unsure_then,
                "share_before": within / known if known else None,
                "share_after": then / known_then if known_then else None,
                "gini_before": _gini(before) if at == 0 else None,
                "gini_after": _gini(after) if at == 0 else None,
                "sites": int(sites[part].sum()),
            }
        )
    return pd.DataFrame(records, columns=SITING_AREAS.names)


def _known(area: Ints, areas: int, states: Codes, people: Ints) -> tuple[Ints, Ints, Ints]:
    """People within, of whom it is known, and of whom it is not, by area."""
    split = by_coverage(area, areas, states, people)
    unsure = split[Coverage.UNDETERMINED]
    return split[Coverage.COVERED], sum(split.values()) - unsure, unsure


def _gini(figures: tuple[Ints, Ints, Ints]) -> float | None:
    within, known, _ = figures
    some = known > 0
    share: Floats = within[some] / known[some]
    return float(gini(share, known[some])) if share.any() else None


def cost_shares(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.COST_SHARES: layers to which the study gives a unit cost, by year and
    county. After the last year whose tiers are known they are held constant, and marked so."""
    records: list[dict[str, Any]] = []
    phasing = ground.inputs.study.phasing
    for outcome in outcomes:
        cost = outcome.layer.siting.unit_cost
        if cost is not None and phasing is not None and phasing.central_share is not None:
            records += _costs(ground, outcome, cost, phasing.central_share)
    return pd.DataFrame(records, columns=COST_SHARES.names)


def _costs(
    ground: Ground, outcome: LayerOutcome, unit_cost: int, shares: CentralShare
) -> list[dict[str, Any]]:
    inputs, siting = ground.inputs, outcome.siting
    counties = inputs.counties
    county = ground.county
    of_site = county[siting.candidate_township]
    records = []
    for turn, year in enumerate(siting.years):
        mine = of_site[siting.proposal.openings.year == turn]
        for at, number in enumerate(np.bincount(mine, minlength=len(counties)).tolist()):
            if not number:
                continue
            tier = int(counties[shares.tier_column].iloc[at])
            percent = shares.percent[tier - 1]
            cost = number * unit_cost
            central = (cost * percent + 50) // 100
            records.append(
                {
                    "layer": outcome.layer.id,
                    "year": str(year),
                    "county_code": counties["county_code"].iloc[at],
                    "county_name": counties["county_name"].iloc[at],
                    "new_sites": number,
                    "unit_cost": unit_cost,
                    "unit_cost_source": outcome.layer.siting.unit_cost_source,
                    "tier": tier,
                    "tier_held": year > shares.tiers_known_until,
                    "central_percent": percent,
                    "cost": cost,
                    "central": central,
                    "local": cost - central,
                }
            )
    return records
