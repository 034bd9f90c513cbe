"""How firm the plan is: the curve of every number of sites, plans nearly as good, and which of
today's sites would be missed least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geoplan.model import Ints
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.siting.otherwise import Frequency, Spread
from geoplan.siting.stability import curve, frequency, others
from geoplan.siting_step import effort_of
from geoplan.tables import SITING_ALTERNATIVES, SITING_CURVE, SITING_REMOVAL
from geoplan.travel.network import MS_PER_MINUTE

SPREAD = Spread(people=0.05, minutes=0.1, runs=100)
"""People within 5 % and minutes within 10 % of those computed: geoplan's own guess."""
SEED = 2030
MOST_OTHERS = 3
_DIFFER = 10  # another plan does without a tenth of the sites, at least one
_FAR = np.int64(2**40)


def frequencies(ground: Ground, outcomes: Sequence[LayerOutcome]) -> Mapping[str, Frequency]:
    """How often each candidate is chosen in perturbed runs, by layer; a quick run has none."""
    if ground.quick:
        return {}
    return {
        each.layer.id: frequency(each.siting.build, SPREAD, SEED, effort_of(ground))
        for each in outcomes
        if len(each.siting.candidate_id)
    }


def siting_curve(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_CURVE; in a quick run the best of the years' ends alone."""
    records = []
    for outcome in outcomes:
        siting = outcome.siting
        sums = np.cumsum(siting.proposal.openings.worth, axis=0)
        ends = sorted({each.count for each in siting.proposal.years} - {0})
        counts = ends if ground.quick else range(1, len(sums) + 1)
        best = {each.count: each for each in curve(siting.build, counts, effort_of(ground))}
        for turn, worth in enumerate(sums):
            row: dict[str, Any] = {"layer": siting.layer, "sites": turn + 1}
            row |= {"listed_gain": int(worth[0]), "gain": int(worth[1])}
            if known := best.get(turn + 1):
                row |= {"best_listed_gain": known.listed, "best_gain": known.gain}
                row |= {"listed_bound": known.listed_bound, "gain_bound": known.gain_bound}
            records.append(row | {"proof": known.status if known else ""})
    return pd.DataFrame(records, columns=SITING_CURVE.names)


def siting_alternatives(ground: Ground, outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_ALTERNATIVES: what else is nearly as good as the best plan of the
    last year's number, by township; a quick run looks for none."""
    townships = ground.inputs.townships
    names = (townships["county_name"] + townships["township_name"]).to_numpy(object)
    records = []
    for outcome in () if ground.quick else outcomes:
        build, best = outcome.siting.build, outcome.siting.last.best
        differ = max(1, best.count // _DIFFER)
        for turn, other in enumerate(others(build, best, differ, MOST_OTHERS, effort_of(ground))):
            records.append(
                {
                    "layer": outcome.layer.id,
                    "alternative": turn + 1,
                    "differs": len(other.without),
                    "without": _named(names, build.place[other.without]),
                    "instead": _named(names, build.place[other.instead]),
                    "listed_gain": other.listed,
                    "gain": other.gain,
                    "listed_less": best.listed - other.listed,
                    "less": best.gain - other.gain,
                    "proof": other.status,
                }
            )
    return pd.DataFrame(records, columns=SITING_ALTERNATIVES.names)


def _named(names: np.ndarray, places: Ints) -> str:
    return "、".join(names[np.unique(places)])


def siting_removal(outcomes: Sequence[LayerOutcome]) -> pd.DataFrame:
    """Columns of tables.SITING_REMOVAL: each of today's measured sites alone taken away, and who
    would turn where; the least harm first. People whose own site is not known are not counted."""
    frames = [_removal(outcome) for outcome in outcomes if len(outcome.usable_id)]
    none = pd.DataFrame(columns=SITING_REMOVAL.names)
    return pd.concat(frames, ignore_index=True)[SITING_REMOVAL.names] if frames else none


def _removal(outcome: LayerOutcome) -> pd.DataFrame:
    reach, access = outcome.reach, outcome.access
    mine = outcome.own_known & (outcome.people > 0)
    people, first = outcome.people[mine], access.own_ms[mine]
    usable = (reach.matrix.reachable & reach.eligibility.measured)[mine]
    ms = np.where(usable, reach.matrix.ms[mine], _FAR)
    ms[np.arange(len(ms)), access.own_site[mine]] = _FAR
    second = ms.min(axis=1, initial=_FAR)
    without = second == _FAR
    beyond = (first <= outcome.threshold_ms) & (second > outcome.threshold_ms)
    more = np.where(without, 0, second - first) * people
    count = len(outcome.usable_id)

    def by_site(amount: Ints) -> Ints:
        total = np.zeros(count, np.int64)
        np.add.at(total, access.own_site[mine], amount)
        return total

    sites = outcome.sites.set_index("site_id").loc[outcome.usable_id.tolist()]
    frame = pd.DataFrame(
        {
            "layer": outcome.layer.id,
            "site_id": outcome.usable_id,
            "name": sites["name"].to_numpy(object),
            "county_name": sites["county_name"].fillna("").to_numpy(object),
            "township_name": sites["township_name"].fillna("").to_numpy(object),
            "people_served": by_site(people),
            "people_lost": by_site(np.where(beyond, people, 0)),
            "people_without": by_site(np.where(without, people, 0)),
            "person_minutes_more": by_site(more) / MS_PER_MINUTE,
        }
    )
    order = ["people_lost", "people_without", "person_minutes_more", "site_id"]
    frame = frame.sort_values(order, kind="stable").reset_index(drop=True)
    return frame.assign(rank=np.arange(len(frame)) + 1)
