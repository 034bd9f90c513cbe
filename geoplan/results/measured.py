"""Measures beside the three plain numbers: the second nearest site, and E2SFCA both ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from geoplan.access.aggregate import mean_by, sum_by
from geoplan.access.decay import parse_decay
from geoplan.access.problem import AccessProblem, Measured, pairs_within
from geoplan.access.registry import measure
from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Coverage, Floats, Inputs, Ints, State
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.rule_values import people_per_capacity
from geoplan.results.supply import per_person
from geoplan.steps import is_usable
from geoplan.study import Layer
from geoplan.tables import ACCESS_STATES
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.trial import PLANNED

PER_PEOPLE = 100_000


def access_columns(ground: Ground, outcome: LayerOutcome) -> dict[str, Any]:
    """The layer's further measures by township (townships,); blank where it asks for none."""
    asked = outcome.layer.measures
    nothing = np.full(len(ground.inputs.townships), np.nan)
    columns: dict[str, Any] = {
        "second_nearest_minutes_mean": nothing,
        "e2sfca_per_100k": nothing,
        "e2sfca_anyone_per_100k": nothing,
        "e2sfca_state": "",
        "capacity_basis": "",
    }
    if "second_nearest" in asked:
        columns["second_nearest_minutes_mean"] = _second_nearest(ground, outcome)
    own = None
    for name, anyone in (("e2sfca", False), ("e2sfca_anyone", True)):
        if name in asked:
            found = _e2sfca(ground, outcome, anyone)
            columns[f"{name}_per_100k"] = _mean_per_100k(ground, outcome, found)
            own = own or found
    if own is not None:
        columns["e2sfca_state"] = _township_states(ground, outcome, own)
        columns["capacity_basis"] = capacity_basis(outcome.layer)
    return columns


def capacity_columns(ground: Ground, outcome: LayerOutcome) -> dict[str, Any]:
    """Residents of a township's area per unit of capacity, where every site of it has one; the
    norm of the layer, and by how many residents each site stands above it."""
    per_capacity = people_per_capacity(ground, outcome).most
    norm, basis = outcome.layer.siting.soft_residents_per_site, outcome.layer.per_person
    norms = np.full(len(ground.universe), np.nan if norm is None else float(norm))
    above = np.full(len(ground.universe), np.nan)
    if norm is not None and basis == "residents_per_site":
        above = np.maximum(per_person(ground, outcome)["per_person_value"] - norms, 0)
    return {
        "people_per_capacity": np.where(np.isfinite(per_capacity), per_capacity, np.nan),
        "norm_residents_per_site": norms,
        "above_norm_residents_per_site": above,
    }


def measure_faults(inputs: Inputs) -> list[Fault]:
    """What is wrong with the measures that the study asks for."""
    faults, file = [], f"{inputs.study.id}.toml"
    for layer in inputs.study.layers:
        key = f"layer.{layer.id}"
        try:
            parse_decay(layer.decay)
        except BadInput as error:
            faults += [replace(each, file=file, column=f"{key}.decay") for each in error.faults]
        existing = (inputs.sites["status"] == "existing") & is_usable(inputs.sites)
        sites = inputs.sites[(inputs.sites["layer"] == layer.id) & existing]
        bare = sites.loc[sites["capacity"].isna(), "site_id"]
        if layer.capacity == "given" and len(bare):
            told = {"ids": ", ".join(bare[:8]), "count": len(bare)}
            faults.append(Fault("capacity_missing", file, (), f"{key}.capacity", told))
    return faults


def capacity_basis(layer: Layer) -> str:
    """What is shared out: each site's own capacity, a norm for every site, or the sites."""
    return layer.capacity if isinstance(layer.capacity, str) else "norm"


def site_capacity(outcome: LayerOutcome) -> Floats:
    """Capacity (m,) of the sites that are measured to, as the study says it is to be taken; where
    each site's own counts, a planned one adds none, for none is stated."""
    layer = outcome.layer
    if layer.capacity == "given":
        usable = outcome.sites[outcome.sites["usable"]]
        planned = (usable["status"] == PLANNED).to_numpy(bool)
        return np.where(planned, 0.0, usable["capacity"].to_numpy(float))
    return np.full(len(outcome.usable_id), 1.0 if layer.capacity == "sites" else layer.capacity)


def _e2sfca(ground: Ground, outcome: LayerOutcome, anyone: bool) -> Measured:
    """E2SFCA of the layer at every demand point; not known where a site of unknown place could
    be within the threshold."""
    decay = parse_decay(outcome.layer.decay)
    reach = outcome.reach
    eligible = None if anyone else reach.eligibility.measured
    pairs = pairs_within(reach.matrix.ms, reach.matrix.reachable, eligible)
    problem = AccessProblem(
        pairs=pairs,
        people=outcome.people,
        capacity=site_capacity(outcome),
        decay=decay,
        known=outcome.coverage != Coverage.UNDETERMINED,
    )
    return measure("e2sfca", problem)


def _mean_per_100k(ground: Ground, outcome: LayerOutcome, found: Measured) -> Floats:
    """Capacity per 100,000 of the target group: the mean over those whose access is known, zero
    counted; 0 where nobody has a way; not known where most of a township's people are not."""
    area, townships = ground.demand.township, len(ground.inputs.townships)
    counted = (found.state == State.MEASURED) | (found.state == State.ZERO)
    value = np.where(counted, found.value, 0.0)
    people = np.where(counted, outcome.people, 0)
    whole = sum_by(area, townships, people)
    product = np.bincount(area, weights=value * people, minlength=townships)
    cut_off = _mostly(found.state == State.UNREACHABLE, ground, outcome)
    nobody = np.where(cut_off, 0.0, np.nan)
    mean = np.divide(product, whole, out=nobody, where=whole > 0) * PER_PEOPLE
    return np.where(_mostly(found.state == State.UNKNOWN, ground, outcome), np.nan, mean)


def _second_nearest(ground: Ground, outcome: LayerOutcome) -> Floats:
    """Mean minutes to the second nearest site people may use, over those who have one; not known
    where most people could have a nearer one whose place is not known."""
    reach, access = outcome.reach, outcome.access
    usable = np.where(reach.matrix.reachable & reach.eligibility.measured, reach.matrix.ms, FAR)
    area, townships = ground.demand.township, len(ground.inputs.townships)
    if usable.shape[1] < 2:
        return np.full(townships, np.nan)
    second: Ints = np.partition(usable, 1, axis=1)[:, 1].astype(np.int64)
    has = second < FAR
    unsure = (access.possible_ms >= 0) & (access.possible_ms < second)
    people = np.where(has & ~unsure, outcome.people, 0)
    mean = mean_by(area, townships, np.where(has, second, 0), people) / MS_PER_MINUTE
    return np.where(_mostly(unsure, ground, outcome), np.nan, mean)


FAR = np.int32(np.iinfo(np.int32).max)


def _mostly(where: Bools, ground: Ground, outcome: LayerOutcome) -> Bools:
    """Townships (townships,) of which more than half of the target group is `where` (n,)."""
    area, townships = ground.demand.township, len(ground.inputs.townships)
    part = sum_by(area, townships, np.where(where, outcome.people, 0))
    mostly: Bools = 2 * part > sum_by(area, townships, outcome.people)
    return mostly


def _township_states(ground: Ground, outcome: LayerOutcome, found: Measured) -> list[str]:
    """Unknown where most people's access is not known; else measured or zero if anybody's is
    known; else the state of most people; not applicable where nobody of the group lives."""
    area, townships = ground.demand.township, len(ground.inputs.townships)
    sums = np.vstack(
        [
            sum_by(area, townships, np.where(found.state == state, outcome.people, 0))
            for state in State
        ]
    )
    result = []
    for here in sums.T:
        if not here.any():
            told = State.NOT_APPLICABLE
        elif 2 * here[State.UNKNOWN] > here.sum():
            told = State.UNKNOWN
        elif here[State.MEASURED]:
            told = State.MEASURED
        else:
            told = State(int(here.argmax()))
        result.append(ACCESS_STATES[told])
    return result
