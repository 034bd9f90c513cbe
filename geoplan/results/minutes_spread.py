"""How people's minutes to their own site are spread: people by classes of minutes, and the Lorenz
curve whose Gini coefficient stands in the table of equity.

Both count the target group where it lives, universe by universe, in firm counties and in all, as
`results.equity` does. People without any way, of whom it is not known on which side of the
threshold they are, or whose minutes are not known, join no class of minutes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoplan.access.curve import thinned
from geoplan.model import Bools, Coverage, Ints
from geoplan.results.equity import scopes
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import LORENZ, MINUTES_CLASSES
from geoplan.travel.network import MS_PER_MINUTE

WIDTH = 5
"""Minutes of a class; doubled until MOST classes reach as far as they should."""
MOST = 18
THRESHOLDS = 3
"""From so many times the threshold on, the last class is open."""
POINTS = 50
"""The most points of a Lorenz curve that are kept."""
TENTHS = 10


def minutes_classes(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.MINUTES_CLASSES: a row per layer, universe, scope and class.

    A class holds minutes over its lower and up to its upper end, as minutes within the threshold
    are compared. Classes of minutes come first, then people without any way (`unreachable`), those
    `undetermined`, and those surely beyond the threshold whose minutes are `unknown`. All classes
    together hold everybody; `people_beyond` together are all who are surely beyond or cut off.
    """
    records = [
        {"layer": each.layer.id, "universe": universe, "scope": scope, **record}
        for each in outcomes
        for universe, scope, here in scopes(ground, each.layer.id)
        for record in _classes(each, here)
    ]
    return pd.DataFrame(records, columns=MINUTES_CLASSES.names)


def class_ends(minutes: float) -> list[int]:
    """Upper ends in minutes of the classes under a threshold of `minutes`; one more is open."""
    width, far = WIDTH, THRESHOLDS * minutes
    while far > MOST * width:
        width *= 2
    return list(range(width, math.ceil(far / width) * width + 1, width))


def _classes(outcome: LayerOutcome, here: Bools) -> Iterator[dict[str, Any]]:
    ends = class_ends(outcome.layer.minutes)
    coverage, known, people = outcome.coverage, outcome.own_known, outcome.people
    beyond = (coverage == Coverage.UNCOVERED) | (coverage == Coverage.UNREACHABLE)
    at = np.searchsorted(np.array(ends) * MS_PER_MINUTE, outcome.access.own_ms, side="left")
    states = [("measured", known & (at == number)) for number in range(len(ends) + 1)]
    cut_off, unsure = coverage == Coverage.UNREACHABLE, coverage == Coverage.UNDETERMINED
    states += [("unreachable", cut_off), ("undetermined", unsure)]
    states.append(("unknown", ~known & ~cut_off & ~unsure))
    for number, (state, chosen) in enumerate(states):
        measured = state == "measured"
        yield {
            "class": number + 1,
            "state": state,
            "over_minutes": [0, *ends][number] if measured else np.nan,
            "upto_minutes": [*ends, np.nan][number] if measured else np.nan,
            "people": int(people[here & chosen].sum()),
            "people_beyond": int(people[here & chosen & beyond].sum()),
        }


def lorenz_curves(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.LORENZ: the points of each curve that are kept, nearest people first.

    People with the same minutes are one point of the curve. Kept are both ends, the first point at
    or above each tenth of people, the last within the threshold, and those without which the drawn
    line would lie furthest off (`access.curve.thinned`), POINTS in all at most. A line through
    points of a convex curve lies above it, so the Gini of what is drawn is never above that of the
    table of equity. No rows where nobody's minutes are known, or all are 0.
    """
    records = [
        {"layer": each.layer.id, "universe": universe, "scope": scope, **record}
        for each in outcomes
        for universe, scope, here in scopes(ground, each.layer.id)
        for record in _curve(each, here)
    ]
    return pd.DataFrame(records, columns=LORENZ.names)


def _curve(outcome: LayerOutcome, here: Bools) -> Iterator[dict[str, Any]]:
    chosen = here & outcome.own_known & (outcome.people > 0)
    ms, people, spent = cumulated(outcome.access.own_ms[chosen], outcome.people[chosen])
    if not spent[-1]:
        return
    along, up = people / people[-1], spent / spent[-1]
    tenths = [np.searchsorted(people * TENTHS, people[-1] * k) for k in range(1, TENTHS)]
    within = np.searchsorted(ms, outcome.threshold_ms, side="right") - 1
    for number, at in enumerate(thinned(along, up, POINTS, np.array([*tenths, within]))):
        yield {
            "point": number,
            "minutes": ms[at] / MS_PER_MINUTE,
            "people": people[at],
            "person_minutes": spent[at] / MS_PER_MINUTE,
            "people_share": along[at],
            "minutes_share": up[at],
        }


def cumulated(ms: Ints, people: Ints) -> tuple[Ints, Ints, Ints]:
    """Each different time (k + 1,) with the people up to it and their times added up; a first
    point with nobody stands before them. All whole numbers."""
    different, which = np.unique(ms, return_inverse=True)
    count = np.zeros(len(different), np.int64)
    np.add.at(count, which, people)
    before = np.zeros(1, np.int64)
    return (
        np.concatenate([before, different]),
        np.concatenate([before, np.cumsum(count)]),
        np.concatenate([before, np.cumsum(count * different)]),
    )
