"""Prices for covering questions too large for a linear relaxation: by Lagrangian steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.model import Codes, Floats, Ints
from geoplan.siting.allowed import allowed_plans
from geoplan.siting.asked import Asked
from geoplan.siting.cover_bound import relaxed_prices
from geoplan.siting.cover_programme import most_covered
from geoplan.siting.location import FREE, Effort, LocationProblem
from geoplan.siting.proof import Prices
from geoplan.siting.proving_rows import Rows, summed
from geoplan.siting.proving_rules import rule_prices
from geoplan.siting.reduce import Cover, transposed
from geoplan.siting.search_log import Progress


def lagrangian_prices(
    question: Asked, problem: LocationProblem, rows: Rows, status: Codes, seconds: float
) -> Floats:
    """Prices of the rows (m,), as the search's own steps find them for the rows as they stand."""
    m, k = len(rows.need), len(status)
    row_of = np.full(len(question.unit), -1)
    row_of[rows.points[rows.start[:-1]]] = np.arange(m)
    pairs = (row_of[question.row] >= 0) & (status[question.site] == FREE)
    order = np.argsort(row_of[question.row[pairs]], kind="stable")
    row = row_of[question.row[pairs]][order]
    site = question.site[pairs][order].astype(np.int32)
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=m))]).astype(np.int64)
    none = np.zeros(0, np.int64)
    cover = Cover(
        start,
        site,
        *transposed(start, site, k),
        weight=summed(question.gain, rows),
        need=rows.need.astype(np.int32),
        usable=status == FREE,
        area=np.zeros(m, np.int64),
        point=rows.points[rows.start[:-1]],
        settled=0,
        lost=0,
        lost_rows=none,
        wanted=np.zeros(1, np.int64),
    )
    count = next((rule.limit for rule in question.site_rules if rule.name == "count"), None)
    allowed = allowed_plans(problem, count)
    progress = Progress(Effort(seconds=seconds))
    progress.value = question.goal
    return relaxed_prices(most_covered(cover, allowed), allowed, progress)[:m]


def with_rules(question: Asked, prices: Prices, status: Codes) -> Prices:
    """The prices with those of the rules that fit what they make the sites worth."""
    worth: Ints = np.zeros(len(status), np.int64)
    np.add.at(worth, question.site, prices.demand[question.row])
    return replace(prices, rule=rule_prices(question, worth, status))
