"""The readings of a quota of sites by residents, side by side: which can be met within the target,
and what the plan under each covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geoplan.model import Ints
from geoplan.results.counts import readings_of
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.siting.build_out import BuildOut, Goal, goal_of, question, rules_of
from geoplan.siting.location import LocationProblem, Status
from geoplan.siting.proposal import answered
from geoplan.siting.question import Question
from geoplan.siting_step import effort_of
from geoplan.tables import QUOTA_READINGS


def quota_table(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.QUOTA_READINGS: no quota, then each reading; layers without one have none.

    A county that has more than its quota keeps what it has. Sites that stand in no known county
    are taken to stand where a county lacks sites: the kindest case. Where even then the counties
    lack more than may be placed, the reading is infeasible, because of them.
    """
    records = []
    for outcome in outcomes:
        readings = readings_of(ground, outcome)
        if not readings:
            continue
        standing, proposal = outcome.standing, outcome.siting.proposal
        known = proposal.without_first or outcome.siting.last.best
        figures = (known.listed, known.gain, known.listed_bound, known.gain_bound)
        row = _lacks(ground, outcome, outcome.siting.build.still_needed, 0)
        records.append(row | {"rounding": "none"} | _met(known.status, *figures))
        for bare, kept in zip(readings[::2], readings[1::2], strict=True):
            lacking = bare.lacking(standing.in_counties)
            row = _lacks(ground, outcome, lacking, standing.unplaced)
            row |= {"rounding": bare.rounding, "total": bare.total, "total_kept": kept.total}
            records.append(row | _reading(ground, outcome, lacking))
    return pd.DataFrame(records, columns=QUOTA_READINGS.names)


def _lacks(ground: Ground, outcome: LayerOutcome, lacking: Ints, unplaced: int) -> dict[str, Any]:
    """What counties (c,) lack, and what may be placed or stands in no known county."""
    names = ground.inputs.counties["county_name"].tolist()
    short = [f"{name} {lack}" for name, lack in zip(names, lacking.tolist(), strict=True) if lack]
    return {
        "layer": outcome.layer.id,
        "residents_per_site": outcome.layer.siting.soft_residents_per_site,
        "target": outcome.layer.target,
        "new_needed": int(lacking.sum()),
        "to_place": outcome.siting.build.by_year[-1],
        "unplaced": unplaced,
        "counties": "、".join(short),
    }


def _met(status: Status, *figures: int) -> dict[str, Any]:
    """A reading that can be met: people of listed townships, all people, and their bounds."""
    names = ("listed_gain", "gain", "listed_bound", "gain_bound")
    found = dict(zip(names, figures, strict=True))
    return {"proof": status, "infeasible_because": "", **found}


def _reading(ground: Ground, outcome: LayerOutcome, lacking: Ints) -> dict[str, Any]:
    """Sites that stand in no known county count where a county lacks some."""
    build, unplaced = outcome.siting.build, outcome.standing.unplaced
    to_place, needed = build.by_year[-1], int(lacking.sum())
    room = np.bincount(build.county, minlength=len(lacking)) + unplaced
    if needed > to_place + unplaced or (lacking > room).any():
        return {"proof": "infeasible", "infeasible_because": "counties_lack_more"}
    goal = goal_of(build)
    if not len(goal.people):  # nobody is beyond: any plan that keeps the quotas is as good
        return _met("optimal", 0, 0, 0, 0)
    free = min(unplaced, needed)
    asked = Question(threshold_ms=build.threshold_ms, count=to_place + free)
    found = answered(_with_unplaced(build, goal, lacking, free), asked, effort_of(ground))
    return _met(found.status, *goal.told(found.objective), *goal.told(found.bound))


def _with_unplaced(build: BuildOut, goal: Goal, lacking: Ints, free: int) -> LocationProblem:
    """The question with `free` sites more that cover nobody and may count in any county.

    Only real sites cost: the budget is what may be placed, so no more of them are opened.
    """
    plain = replace(build, first_sites=False, still_needed=np.zeros_like(lacking))
    problem = question(plain, goal, rules_of(plain, build.by_year[-1]), goal.lexicographic)
    county = np.repeat(np.arange(len(lacking)), np.minimum(lacking, free))
    more = len(county)
    closed = np.zeros(more, np.bool_)
    return replace(
        problem,
        sites=build.candidates + more,
        fixed=np.append(problem.fixed, closed),
        forbidden=np.append(problem.forbidden, closed),
        group=np.append(build.county, county),
        at_least=lacking,
        at_most=np.full(len(lacking), build.candidates + more),
        cost=np.append(np.ones(build.candidates, np.int64), np.zeros(more, np.int64)),
        budget=build.by_year[-1],
    )
