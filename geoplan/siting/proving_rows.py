"""Demand points that are alike share a row, and the price of a row is dealt out to its points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.asked import Asked
from geoplan.siting.location import FREE, OPEN


@dataclass(frozen=True, slots=True)
class Rows:
    """Demand that no fixed site settles and that can be covered, alike points together."""

    points: Ints  # (m,) the points, those of a row side by side
    start: Ints  # (rows + 1,)
    need: Ints  # (rows,)


def filled(amounts: Ints, start: Ints, room: Ints) -> Ints:
    """Each amount put into its places one after another, each filled before the next."""
    before = np.concatenate([[0], np.cumsum(room)])
    first = np.repeat(before[start[:-1]], np.diff(start))
    left = np.repeat(amounts, np.diff(start)) - (before[:-1] - first)
    filled: Ints = np.clip(left, 0, room)
    return filled


def alike(question: Asked, status: Codes) -> Rows:
    """Points with the same free sites, need and people rules, found by random marks: that two
    different rows share one is as good as impossible, and would only cost a weaker bound."""
    n = len(question.unit)
    free = status[question.site] == FREE
    row, site = question.row[free], question.site[free]
    fixed = np.bincount(question.row[status[question.site] == OPEN], minlength=n)
    need = question.times - fixed
    waits: Bools = (need > 0) & (question.unit > 0) & (need <= np.bincount(row, minlength=n))
    if question.all_served:
        waits = (need > 0) & (question.unit > 0)
    marks = np.random.default_rng(1).integers(1, 2**62, len(status))
    sign = np.zeros(n, np.int64)
    np.add.at(sign, row, marks[site])
    for at, rule in enumerate(question.people_rules):
        sign += np.where(rule.amount > 0, at + 1, 0)
    points = np.flatnonzero(waits)
    points = points[np.lexsort((points, need[points], sign[points]))]
    new = np.ones(len(points), np.bool_)
    new[1:] = (np.diff(sign[points]) != 0) | (np.diff(need[points]) != 0)
    start = np.append(np.flatnonzero(new), len(points))
    return Rows(points, start, need[points[new]])


def summed(values: Ints, rows: Rows) -> Ints:
    """Sums of the points' values by row."""
    before = np.concatenate([[0], np.cumsum(values[rows.points])])
    sums: Ints = np.diff(before[rows.start])
    return sums
