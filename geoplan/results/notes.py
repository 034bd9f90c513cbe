"""What a planner must know beside the figures; every number in a note is computed here."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geoplan.model import Bools, Coverage, Inputs, Note, TravelMatrix
from geoplan.programme import QuotaReading, Standing
from geoplan.results.counts import readings_of
from geoplan.results.found import LayerFound
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.rule_values import measures_of
from geoplan.study import Study
from geoplan.texts import LANGS, say
from geoplan.trial import AREA, LayerChange

FEW = 5
"""Names told in a note."""


def plan_notes(ground: Ground, outcomes: list[LayerOutcome], rows: pd.DataFrame) -> list[Note]:
    """Notes in the order in which they are shown; their texts are `note.<code>`."""
    inputs = ground.inputs
    found = [network_note(inputs.study)]
    existing = [each.sites[each.sites["status"] == "existing"] for each in outcomes]
    usable = sum(int(each["usable"].sum()) for each in existing)
    named = sum(len(each) for each in existing)
    found.append(Note("usable_points", {"usable": usable, "named": named}))
    for each in outcomes:
        found += _of_layer(ground, each, rows[rows["layer"] == each.layer.id])
    for indicator in inputs.study.need.indicators:
        if indicator.level == "county":
            names = {"name_zh": indicator.name_zh, "name_en": indicator.name_en}
            found.append(Note("county_indicator", names))
    for missing in inputs.study.need.missing:
        values = {
            "name_zh": missing.name_zh,
            "name_en": missing.name_en,
            "why_zh": missing.why_zh,
            "why_en": missing.why_en,
        }
        found.append(Note("missing_indicator", values))
    return found


def rule_notes(found: Sequence[LayerFound]) -> list[Note]:
    """Tests that are no part of a layer's rule, since nothing is known of what they compare."""
    notes = []
    for each in found:
        layer, known = each.outcome.layer, each.listing.values
        for measure in sorted(measures_of(each.listing.rules) - set(known)):
            names = {"layer_zh": layer.name_zh, "layer_en": layer.name_en}
            told = {f"measure_{lang}": say(f"measure.{measure}", lang) for lang in LANGS}
            notes.append(Note("rule_without_figures", {**names, **told}))
    return notes


def travel_notes(ground: Ground, off_road: Bools | None, matrix: TravelMatrix) -> list[Note]:
    """What a planner's own roads (points (n,) off them) or minutes leave out."""
    study, demand = ground.inputs.study, ground.demand
    cut_off = set(matrix.site_id[~matrix.reachable.any(axis=0)])
    if study.minutes_from.code == "own_matrix":
        areas = sum(1 for site in cut_off if str(site).startswith(AREA))
        return [Note("matrix_without_candidates", {"count": areas})] if areas else []
    if off_road is None or study.own_roads is None:
        return []
    found = []
    if off_road.any():
        figures = {
            "places": int(off_road.sum()),
            "people": int(demand.population[off_road].sum()),
            "metres": study.own_roads.max_snap_metres,
        }
        found.append(Note("points_off_road", figures))
    sites = ground.inputs.sites
    lost = sites[sites["site_id"].isin(cut_off)]
    if len(lost):
        names = "、".join(lost["name"].head(FEW)) + ("…" if len(lost) > FEW else "")
        found.append(Note("sites_off_road", {"count": len(lost), "names": names}))
    return found


def trial_notes(inputs: Inputs) -> list[Note]:
    """What a trial has changed, first of all: its figures are not those of the study."""
    trial = inputs.trial
    if trial is None:
        return []
    notes = [Note("trial", {})]
    for layer in inputs.study.layers:
        change = trial.layers.get(layer.id, LayerChange())
        names: dict[str, object] = {"layer_zh": layer.name_zh, "layer_en": layer.name_en}
        if change.close or change.open:
            figures = {"closed": len(change.close), "opened": len(change.open)}
            notes.append(Note("trial_sites", {**names, **figures}))
        if change.minutes is not None:
            notes.append(Note("trial_minutes", {**names, "minutes": change.minutes}))
    if any(trial.weights.values()):
        notes.append(Note("trial_weights", {}))
    return notes


def network_note(study: Study) -> Note:
    """Which network the minutes come from."""
    network = study.minutes_from
    names = {"zh": network.name_zh, "en": network.name_en}
    return Note(f"network_{network.code}", {} if network.code == "straight_line" else names)


def _of_layer(ground: Ground, outcome: LayerOutcome, rows: pd.DataFrame) -> list[Note]:
    standing, layer = outcome.standing, outcome.layer
    names: dict[str, object] = {"layer_zh": layer.name_zh, "layer_en": layer.name_en}
    found = []
    if standing.reported:
        figures = {"named": standing.all_named, "stands": standing.stands}
        if standing.all_unnamed:
            found.append(Note("named_of_reported", {**names, **figures}))
    else:
        figures = {
            "named": standing.all_named,
            "to_place": standing.to_place,
            "target": standing.target,
        }
        found.append(Note("existing_unknown", {**names, **figures}))
    missing = standing.to_place - len(outcome.siting.candidate_id)
    if missing:
        found.append(Note("not_placed", {**names, "missing": missing, "target": standing.target}))
    nobody = int((outcome.siting.gain == 0).sum())
    if nobody:
        figures = {"nobody": nobody, "proposed": len(outcome.siting.candidate_id)}
        found.append(Note("gain_nobody", {**names, **figures}))
    provisional = sum(1 for state in standing.completeness if state not in ("complete", "planner"))
    if provisional:
        found.append(
            Note(
                "provisional", {**names, "counties": provisional, "of": len(standing.completeness)}
            )
        )
    cut_off = int(ground.demand.population[outcome.coverage == Coverage.UNREACHABLE].sum())
    if cut_off:
        table = ground.inputs.study.minutes_from.code == "own_matrix"
        code = "unreachable_by_table" if table else "unreachable"
        found.append(Note(code, {**names, "people": cut_off}))
    for reading in readings_of(ground, outcome):
        code = "quota_above" if reading.above_target else "quota_within"
        figures = {
            "total": reading.total,
            "target": layer.target,
            "quota": layer.siting.soft_residents_per_site or 0,
        }
        keeps = "kept" if reading.keeps else "bare"
        told = {} if reading.above_target else only_if(reading, standing)
        found.append(Note(f"{code}_{reading.rounding}_{keeps}", {**names, **figures, **told}))
    if layer.siting.townships_without_first:
        without = int(((rows["sites_named"] + rows["proposed_sites"]) == 0).sum())
        served = int((rows["sites_named"] > 0).sum())
        found.append(
            Note(
                "townships_first", {**names, "without": without, "served": served, "of": len(rows)}
            )
        )
    return found


def only_if(reading: QuotaReading, standing: Standing) -> dict[str, str]:
    """What a reading within the target rests on, in each language: where more new sites are needed
    than may be placed, some that stand in no known county must stand where counties lack some."""
    helping = int(reading.lacking(standing.in_counties).sum()) - standing.to_place
    if not 0 < helping <= standing.unplaced:
        return {f"only_if_{lang}": "" for lang in LANGS}
    values = {"helping": helping, "unplaced": standing.unplaced}
    return {f"only_if_{lang}": say("note.part.only_if", lang, **values) for lang in LANGS}
