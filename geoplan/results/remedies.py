"""What would take a township off the list: people to bring within, minutes, capacity; what is
missing where nothing can be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geoplan.designation import TRUE, Between, comparisons, judge_each
from geoplan.model import Bools, Floats, Ints, State
from geoplan.results.flips import status_names
from geoplan.results.found import LayerFound
from geoplan.results.listing import UNDETERMINED, Listing, count_people
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.relist import with_counted, with_states
from geoplan.tables import REMEDIES
from geoplan.travel.network import MS_PER_MINUTE

OF_REASON = {
    "cross_boundary": "agreement",
    "list_gap": "list",
    "no_usable_point": "points",
    "no_figure": "figures",
}
"""What helps against a reason, beside the figures."""


def remedy_columns(ground: Ground, found: LayerFound) -> dict[str, Any]:
    """What would take each township (townships,) off the list; blank where it is neither listed
    nor undetermined. `status_after` is the rule's answer: blank where the draws say what to watch.

    Each figure is the least that is enough alone: so many people of the target group brought
    within, or every trip so much shorter, or so many times the capacity. Blank: that alone cannot
    do it.
    """
    outcome, listing = found.judged
    people = _people_to_bring_within(listing)
    shorter_ms = _ms_shorter(ground, outcome, listing)
    times = _capacity_times(listing)
    codes = _codes(listing, {"sites": people, "minutes": shorter_ms, "capacity": times})
    after = with_states(ground, outcome, listing, outcome.siting.after_state)
    told = listing.listed | (listing.status == UNDETERMINED)
    drawn = np.zeros(len(told), bool) if found.draws is None else found.draws.touches
    return {
        "remedies": np.where(told, np.array(codes, object), ""),
        "people_to_bring_within": pd.array(people, dtype="Float64").astype("Int64"),
        "minutes_shorter": shorter_ms / MS_PER_MINUTE,
        "capacity_times": times,
        "status_after": np.where(drawn, "", np.array(status_names(after.judged), object)),
    }


def remedies(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of tables.REMEDIES: those of `rows` that are listed or undetermined."""
    told = rows["listed"] | (rows["status"] == "undetermined")
    return rows.loc[told, REMEDIES.names].reset_index(drop=True)


def _people_to_bring_within(listing: Listing) -> Floats:
    """The fewest people beyond who have to come within, (townships,); NaN where it is no use."""
    counted = listing.counted

    def listed(fewer: Ints) -> Bools:
        within = replace(
            counted,
            beyond=np.maximum(counted.beyond - fewer, 0),
            without_site=np.maximum(counted.without_site - fewer, 0),
        )
        return with_counted(listing, within).judged.listed

    return _least(listed, listing.beyond, listing.listed)


def _ms_shorter(ground: Ground, outcome: LayerOutcome, listing: Listing) -> Floats:
    """By how many milliseconds every trip to the own site has to be shorter; NaN: no use."""
    access, area = outcome.access, ground.demand.township
    measured = access.own_state == State.MEASURED
    over = np.where(measured, np.maximum(access.own_ms - outcome.threshold_ms, 0), 0)
    longest = np.zeros(len(listing.which), np.int64)
    np.maximum.at(longest, area, over)

    def listed(shorter: Ints) -> Bools:
        near = measured & (over <= shorter[area])
        fewer = count_people(ground, outcome, outcome.coverage, near)
        return with_counted(listing, fewer).judged.listed

    return _least(listed, longest, listing.listed)


def _least(listed: Callable[[Ints], Bools], most: Ints, here: Bools) -> Floats:
    """The least whole number up to `most` with which a place is no longer listed, by halving.

    More of it never puts a place back: rules only get milder as people come nearer.
    """
    low, high = np.zeros_like(most), most.copy()
    useful = here & ~listed(high)
    while (low < high).any():
        middle = (low + high) // 2
        still = listed(middle)
        low, high = np.where(still & (low < high), middle + 1, low), np.where(still, high, middle)
    return np.where(useful, low, np.nan)


def _capacity_times(listing: Listing) -> Floats:
    """The multiple of today's capacity that takes the township off the list by itself; NaN where
    none does, or no capacity stands."""
    name = "people_per_capacity"
    times = np.full(len(listing.which), np.nan)
    for turn, rule in enumerate(listing.rules):
        mine = (listing.which == turn) & listing.listed
        for each in comparisons(rule, listing.values):
            if each.comparison.measure == name and each.parameter.value > 0:
                here = mine & (each.holds == TRUE)
                # With >= the threshold itself still holds: a hair more is needed.
                hair = 1 + 1e-9 if each.comparison.sign == ">=" else 1.0
                enough = each.least[here] / each.parameter.value * hair
                times[here] = np.fmax(times[here], enough)
    if np.isnan(times).all():
        return times
    load, more = listing.values[name], np.fmax(np.nan_to_num(times, nan=1.0), 1.0)
    lighter = Between(load.least / more, load.most / more, load.whole)
    judged = judge_each(listing.rules, listing.which, {**listing.values, name: lighter})
    return np.where(judged.listed, np.nan, times)


def _codes(listing: Listing, figures: dict[str, Floats]) -> list[str]:
    """What would help, by code (`remedy.<code>`), one township a cell."""
    useful = {name: ~np.isnan(value) for name, value in figures.items()}
    cells = []
    for place, reasons in enumerate(listing.reasons):
        codes = [name for name, here in useful.items() if here[place]]
        codes += [OF_REASON[reason] for reason in reasons if reason in OF_REASON]
        cells.append(";".join(codes))
    return cells
