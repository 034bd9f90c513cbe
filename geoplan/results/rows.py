"""One row per township and layer: every figure of the list, the map and the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.access.aggregate import by_coverage, largest_by, mean_by, quantile_by, sum_by
from geoplan.model import Bools, Codes, Coverage, Floats, Ints, State
from geoplan.need import leading
from geoplan.results.draws import columns_of_draws
from geoplan.results.found import LayerFound
from geoplan.results.listing import UNDETERMINED, Listing
from geoplan.results.measured import access_columns, capacity_columns
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.remedies import remedy_columns
from geoplan.results.sentences import with_sentences
from geoplan.results.supply import per_person, supply
from geoplan.steps import county_completeness, positions
from geoplan.tables import ROWS, STATES, STATUSES, UNIVERSES
from geoplan.travel.network import MS_PER_MINUTE

PLACE = [
    *("county_code", "county_name", "township_code", "township_name"),
    *("county_name_en", "township_name_en"),
]
SMALL_GROUP = 100
"""Fewer people than this in the target group carry the flag `small_group`; never dropped."""

REMOTE = 5
"""A township is remote when it has under a fifth of the nation's residents per square kilometre."""

NEARER_BY_MINUTES = 10.0
"""Own minus nearest above this carries the flag `nearer_site_elsewhere`."""


def minutes(ms: Any) -> Any:
    """Milliseconds as minutes, unrounded."""
    return ms / MS_PER_MINUTE


def layer_rows(ground: Ground, found: LayerFound) -> pd.DataFrame:
    """The rows of one layer (townships,), sorted by township code: columns of tables.ROWS but
    those that tell of an earlier run."""
    inputs, outcome, listing = ground.inputs, found.outcome, found.told
    frame = inputs.townships[PLACE]
    rows = pd.DataFrame(frame).reset_index(drop=True)
    rows.insert(0, "layer", outcome.layer.id)
    county = positions(rows["county_code"], inputs.counties["county_code"])
    parts = [
        _rule_columns(ground, listing),
        _people_columns(ground, outcome),
        _minutes_columns(ground, outcome),
        _site_columns(ground, outcome),
        _need_columns(ground, outcome.layer.id),
        {"region": regions(ground)},
        per_person(ground, outcome),
        capacity_columns(ground, outcome),
        access_columns(ground, outcome),
        columns_of_draws(found.draws, listing.status != UNDETERMINED),
        remedy_columns(ground, found),
    ]
    for part in parts:
        for name, values in part.items():
            rows[name] = values
    rows["list_completeness"] = county_completeness(inputs, outcome.layer.id)[county]
    rows["beyond_people"] = listing.beyond
    rows["beyond_share"] = listing.beyond_share
    rows["beyond_people_after"] = _beyond_after(rows, listing)
    known = ~np.isnan(listing.beyond_share)
    rows["margin_share"] = np.where(known, listing.margin_share, np.nan)
    rows["flags"] = _flags(rows, ground, outcome)
    told = with_sentences(rows, inputs.study, outcome.layer)
    return told[[name for name in ROWS.names if name in told]]


def _rule_columns(ground: Ground, listing: Listing) -> dict[str, Any]:
    rules = [listing.rules[place] for place in listing.which]
    return {
        "universe": [UNIVERSES[place] for place in ground.universe],
        "rule_id": [rule.id for rule in rules],
        "rule_version": [rule.version for rule in rules],
        "status": [STATUSES[code] for code in listing.status],
        "certainty": np.where(listing.firm, "firm", "provisional"),
        "listed": listing.listed,
        "reasons": [";".join(reasons) for reasons in listing.reasons],
    }


def _people_columns(ground: Ground, outcome: LayerOutcome) -> dict[str, Any]:
    demand, access = ground.demand, outcome.access
    townships = len(ground.inputs.townships)
    people = outcome.people
    columns: dict[str, Any] = {
        "population": sum_by(demand.township, townships, demand.population),
        "target_group": outcome.layer.group,
        "target_people": sum_by(demand.township, townships, people),
        "target_modelled": outcome.layer.group in demand.modelled,
    }
    for prefix, suffix, states, counted in (
        ("population", "", outcome.coverage, demand.population),
        ("target", "", outcome.coverage, people),
        ("target", "_after", outcome.siting.after_state, people),
    ):
        for state, sums in _split(ground, states, counted).items():
            columns[f"{prefix}_{state.name.lower()}{suffix}"] = sums
    for within in (15, 30, 60):
        near = (access.own_state == State.MEASURED) & (access.own_ms <= within * MS_PER_MINUTE)
        columns[f"target_within_{within}"] = sum_by(
            demand.township, townships, np.where(near, people, 0)
        )
    return columns


def _beyond_after(rows: pd.DataFrame, listing: Listing) -> Ints:
    """People beyond by the rule once the proposals stand, counted as `beyond_people` is."""
    by_minutes = np.array([rule.minutes is not None for rule in listing.rules])[listing.which]
    far = np.where(by_minutes, rows["target_uncovered_after"], 0)
    after: Ints = (far + rows["target_unreachable_after"]).to_numpy(np.int64)
    return after


def _split(ground: Ground, states: Codes, people: Ints) -> dict[Coverage, Ints]:
    return by_coverage(ground.demand.township, len(ground.inputs.townships), states, people)


def _minutes_columns(ground: Ground, outcome: LayerOutcome) -> dict[str, Any]:
    demand, access, siting = ground.demand, outcome.access, outcome.siting
    area, townships = demand.township, len(ground.inputs.townships)
    people = outcome.people
    own = outcome.own_known
    near = own & (access.nearest_state == State.MEASURED)
    measured = np.where(own, people, 0)
    own_mean = mean_by(area, townships, access.own_ms, measured)
    both = np.where(near, people, 0)
    nearest = np.where(access.nearest_state == State.MEASURED, people, 0)
    longest = largest_by(area, townships, access.own_ms, own & (people > 0))
    over = minutes(np.maximum(longest - outcome.threshold_ms, 0))
    after = np.where(siting.after_ms >= 0, people, 0)
    minutes_from = ground.inputs.study.minutes_from.code
    return {
        "own_state": _township_state(area, townships, outcome.own_state, people),
        "own_minutes_mean": minutes(own_mean),
        "own_minutes_p90": minutes(quantile_by(area, townships, access.own_ms, measured, 0.9)),
        "own_minutes_max": minutes(longest),
        "own_measured_people": sum_by(area, townships, measured),
        "own_at_most_people": sum_by(area, townships, np.where(outcome.at_most, people, 0)),
        "nearest_minutes_mean": minutes(mean_by(area, townships, access.nearest_ms, nearest)),
        "own_minus_nearest_minutes": minutes(
            mean_by(area, townships, access.own_ms - access.nearest_ms, both)
        ),
        "minutes_from": minutes_from,
        "modelled_share": _modelled_share(area, townships, outcome, measured, minutes_from),
        "minutes_over_threshold": over,
        "own_minutes_mean_after": minutes(
            mean_by(area, townships, np.maximum(siting.after_ms, 0), after)
        ),
    }


def _modelled_share(
    area: Ints, areas: int, outcome: LayerOutcome, measured: Ints, minutes_from: str
) -> Floats:
    access = outcome.access
    if minutes_from == "own_matrix":  # such a table does not say
        return np.full(areas, np.nan)
    modelled = sum_by(area, areas, access.own_modelled_ms * measured)
    return _share(modelled, sum_by(area, areas, access.own_ms * measured))


def _township_state(area: Ints, areas: int, states: Codes, people: Ints) -> list[str]:
    """Measured if anybody's time is measured, else the state of most people."""
    result = []
    sums = np.vstack([sum_by(area, areas, np.where(states == state, people, 0)) for state in State])
    for place in range(areas):
        if not sums[:, place].any():
            result.append("not_applicable")
        elif sums[State.MEASURED, place]:
            result.append("measured")
        else:
            result.append(STATES[int(sums[:, place].argmax())])
    return result


def _site_columns(ground: Ground, outcome: LayerOutcome) -> dict[str, Any]:
    townships = len(ground.inputs.townships)
    here = outcome.sites["township"].to_numpy(np.int64)
    known = (here >= 0) & (outcome.sites["status"] == "existing").to_numpy(bool)
    proposed = outcome.siting.candidate_township
    own = outcome.access.own_site
    return {
        "own_site_ids": _ids(ground, outcome, np.where(outcome.own_known, own, -1)),
        "nearest_site_ids": _ids(ground, outcome, outcome.access.nearest_site),
        "sites_named": np.bincount(here[known], minlength=townships),
        "sites_usable": np.bincount(
            here[known & outcome.sites["usable"].to_numpy(bool)], minlength=townships
        ),
        "proposed_sites": np.bincount(proposed, minlength=townships),
    }


def _ids(ground: Ground, outcome: LayerOutcome, to: Ints) -> list[str]:
    """The sites (n,) of the people of each township, the one most people go to first; -1: none."""
    demand, site_id, site = ground.demand, outcome.usable_id, to
    frame = pd.DataFrame({"township": demand.township, "site": site, "people": demand.population})
    sums = frame[site >= 0].groupby(["township", "site"])["people"].sum().reset_index()
    sums = sums.sort_values(["township", "people", "site"], ascending=[True, False, True])
    result = [""] * len(ground.inputs.townships)
    for township, group in sums.groupby("township", sort=True):
        result[int(str(township))] = ";".join(site_id[place] for place in group["site"])
    return result


def regions(ground: Ground) -> list[str]:
    """Island: most people live off the main land mass. Remote: of few residents per square
    kilometre (REMOTE). Blank where the study names no official areas."""
    inputs, column = ground.inputs, ground.inputs.study.area_km2
    townships = len(ground.universe)
    population = sum_by(ground.demand.township, townships, ground.demand.population)
    if column is None:
        remote, otherwise = np.zeros(townships, bool), ""
    else:
        area = inputs.townships[column].to_numpy(float)
        remote, otherwise = population / area * REMOTE < population.sum() / area.sum(), "other"
    island = ground.universe == UNIVERSES.index("islands")
    found: list[str] = np.select([island, remote], ["island", "remote"], otherwise).tolist()
    return found


def _need_columns(ground: Ground, layer: str) -> dict[str, Any]:
    index = ground.need_of(layer)
    names = ground.inputs.study.need.profile_of(layer).indicators
    return {
        "need_percentile": index.percentile * 100,
        "need_leading": [
            ";".join(names[row] for row in rows) for rows in leading(index.by_indicator)
        ],
    }


def _flags(rows: pd.DataFrame, ground: Ground, outcome: LayerOutcome) -> list[str]:
    excluded = ground.inputs.excluded
    uncounted = excluded.loc[
        excluded["layer"] == outcome.layer.id, ["county_name", "township_name"]
    ]
    places = set(uncounted.itertuples(index=False, name=None))
    supplied = supply(ground, outcome)
    raised: dict[str, Bools] = {
        "modelled_target": rows["target_modelled"].to_numpy(bool),
        "small_group": (rows["target_people"] < SMALL_GROUP).to_numpy(bool),
        "several_own_sites": rows["own_site_ids"].str.contains(";").to_numpy(bool),
        "nearer_site_elsewhere": (rows["own_minus_nearest_minutes"] > NEARER_BY_MINUTES).to_numpy(
            bool
        ),
        "no_own_site": _mostly_without(ground, outcome),
        "minutes_at_most": (2 * rows["own_at_most_people"] > rows["own_measured_people"]).to_numpy(
            bool
        ),
        "part_undetermined": (rows["target_undetermined"] > 0).to_numpy(bool),
        "uncounted_site": np.array(
            [
                place in places
                for place in zip(rows["county_name"], rows["township_name"], strict=True)
            ]
        ),
        "unlisted_neighbour": (
            rows["listed"]
            & (rows["certainty"] == "provisional")
            & rows["list_completeness"].isin(["complete", "planner"])
        ).to_numpy(bool),
        "county_indicator": _led_by_county(rows, ground),
        "supply_at_least": supplied.more_sites & (supplied.state == State.MEASURED),
        "straight_line": np.full(len(rows), ground.straight_line),
    }
    return [
        ";".join(name for name, here in raised.items() if here[place]) for place in range(len(rows))
    ]


def _led_by_county(rows: pd.DataFrame, ground: Ground) -> Bools:
    """Rows with a leading need indicator that is a figure of the county."""
    county = {each.id for each in ground.inputs.study.need.indicators if each.level == "county"}
    return np.array([not county.isdisjoint(each.split(";")) for each in rows["need_leading"]])


def _mostly_without(ground: Ground, outcome: LayerOutcome) -> Bools:
    """Townships (townships,) of most of whose people no site on the list is theirs, near or far."""
    who = outcome.reach.eligibility
    nobody = ~who.measured.any(axis=1) & (who.possible_ms < 0) & ~who.may_be_unlisted
    area, townships = ground.demand.township, len(ground.universe)
    without = sum_by(area, townships, np.where(nobody, outcome.people, 0))
    mostly: Bools = 2 * without > sum_by(area, townships, outcome.people)
    return mostly


def _share(part: Ints, whole: Ints) -> Floats:
    share: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return share
