"""The figures that report and console tell of a service: how far, how much, how sure.

Read from the plan's tables; firm and provisional (see tables.CERTAINTIES) are never added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geoplan.access.aggregate import quantile_by
from geoplan.export.lists import Lists, Records
from geoplan.study import Layer
from geoplan.tables import CERTAINTIES
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.uncertainty.summary import TOUCHES_FROM

MOST_RUNS = 1 - TOUCHES_FROM
"""Listed in this share of the runs is as good as always; not to be in fewer than the rest."""
NINE_IN_TEN = 0.9
SUPPLY_DIGITS = {"residents_per_site": 0, "sites_per_1000": 2, "sites_within_reach": 1}
"""Decimals that supply per person is told with."""
MUCH_LONGER = ("up_to_20", "up_to_30", "over_30")
MUCH_LONGER_MINUTES = 10
"""Where these steps of own_nearest begin."""


@dataclass(frozen=True, slots=True)
class Far:
    """Minutes to the site that the target group of one certainty uses.

    `mean` and `p90` are None where more than half of the people are undetermined or nobody has a
    measured time. `nearest_mean` and `much_longer` (people whose own site is more than
    MUCH_LONGER_MINUTES farther than the nearest) are of those for whom both are `compared`, and
    None where people choose their site.
    """

    certainty: str
    people: int
    undetermined: int
    beyond: int
    mean: float | None
    p90: float | None
    nearest_mean: float | None
    much_longer: int | None
    compared: int

    @property
    def mostly_undetermined(self) -> bool:
        return 2 * self.undetermined > self.people


@dataclass(frozen=True, slots=True)
class Sure:
    """Townships of one certainty by how often they are listed; None without draws."""

    certainty: str
    listed: int
    in_most_runs: int | None
    touching: int | None


def how_far(lists: Lists, layer: Layer) -> list[Far]:
    """Firm and provisional people and their minutes; a part in which nobody lives is left out."""
    total, p90 = lists.total(layer.id), _p90_minutes(lists, layer)
    found = []
    for certainty in CERTAINTIES:
        people = total[f"target_{certainty}_people"]
        if not people:
            continue
        undetermined = total[f"undetermined_{certainty}_people"]
        mean = total[f"own_minutes_mean_{certainty}"]
        mostly = 2 * undetermined > people
        nearest, much, compared = _against_nearest(lists, layer, certainty, mean)
        found.append(
            Far(
                certainty=certainty,
                people=people,
                undetermined=undetermined,
                beyond=total[f"beyond_{certainty}_people"],
                mean=None if mostly else mean,
                p90=None if mostly else p90.get(certainty),
                nearest_mean=None if mostly else nearest,
                much_longer=None if mostly else much,
                compared=compared,
            )
        )
    return found


def is_assigned(layer: Layer) -> bool:
    """Whether people are assigned to a site and do not choose one."""
    return layer.eligibility[0] != "anyone"


def _p90_minutes(lists: Lists, layer: Layer) -> dict[str, float]:
    """The time nine in ten of those measured do not exceed, by certainty of their township."""
    part = {row["township_code"]: row["certainty"] for row in lists.townships.of(layer.id)}
    villages = lists.plan.village_rows
    mine = villages[(villages["layer"] == layer.id) & villages["own_minutes"].notna()]
    area = np.array([CERTAINTIES.index(part[code]) for code in mine["township_code"]], np.int64)
    ms = np.rint(mine["own_minutes"].to_numpy(float) * MS_PER_MINUTE).astype(np.int64)
    people = mine["target_people"].to_numpy(np.int64)
    reached = quantile_by(area, len(CERTAINTIES), ms, people, NINE_IN_TEN)
    return {
        name: float(value) / MS_PER_MINUTE
        for name, value in zip(CERTAINTIES, reached, strict=True)
        if not np.isnan(value)
    }


def _against_nearest(
    lists: Lists, layer: Layer, certainty: str, mean: float | None
) -> tuple[float | None, int | None, int]:
    """Mean minutes to the nearest site, people whose own is much farther, people compared."""
    rows = lists.details["own_nearest"].of(layer.id)
    known = [
        row for row in rows if row["certainty"] == certainty and row["person_minutes"] is not None
    ]
    compared = sum(row["target_people"] for row in known)
    if not is_assigned(layer) or not compared or mean is None:
        return None, None, compared
    longer = sum(row["person_minutes"] for row in known) / compared
    much = sum(row["target_people"] for row in known if row["longer"] in MUCH_LONGER)
    return mean - longer, much, compared


def load_total(lists: Lists, layer: Layer, certainty: str) -> dict[str, Any] | None:
    """The row of load_totals, None where no load of this certainty is known."""
    rows = lists.details["load_totals"].of(layer.id)
    return next((row for row in rows if row["scope"] == certainty and row["areas"]), None)


def mean_supply(lists: Lists, layer: Layer, certainty: str) -> float | None:
    """The mean of the townships' supply over the target group; None where none is known."""
    known = [
        row
        for row in lists.townships.of(layer.id)
        if row["certainty"] == certainty and row["per_person_value"] is not None
    ]
    people = sum(row["target_people"] for row in known)
    if not people:
        return None
    return float(sum(row["per_person_value"] * row["target_people"] for row in known) / people)


def lacking(lists: Lists, layer: Layer, lack: str, certainty: str = "") -> Records:
    """Rows of places_without of this kind (and certainty), most residents first."""
    rows = [
        row
        for row in lists.details["places_without"].of(layer.id)
        if row["lack"] == lack and certainty in ("", row["certainty"])
    ]
    return sorted(rows, key=lambda row: (-row["population"], row["place_code"]))


def how_sure(lists: Lists, layer: Layer) -> list[Sure]:
    """How often townships are listed, firm and provisional; only where townships are."""
    found = []
    for certainty in CERTAINTIES:
        rows = [row for row in lists.townships.of(layer.id) if row["certainty"] == certainty]
        if not rows:
            continue
        listed = [row for row in rows if row["listed"]]
        drawn = any(row["share_undetermined"] is not None for row in rows)
        most = sum((row["share_listed"] or 0) >= MOST_RUNS for row in listed)
        touching = sum("interval" in row["reasons"].split(";") for row in rows)
        found.append(
            Sure(certainty, len(listed), most if drawn else None, touching if drawn else None)
        )
    return found
