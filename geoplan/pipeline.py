"""The straight line: from a study to a plan, one step a line. No step reaches back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pandas as pd

from geoplan import __version__
from geoplan.access.nearest import coverage
from geoplan.catalog import read_inputs
from geoplan.errors import BadInput
from geoplan.model import Demand, Inputs, Note, Plan, TravelMatrix
from geoplan.need_step import township_need
from geoplan.results.counts import site_counts, standing_of
from geoplan.results.details import detail_tables
from geoplan.results.draws import draw_notes
from geoplan.results.found import LayerFound, drawn_around
from geoplan.results.life_cycle import Previous, with_changes
from geoplan.results.listing import Listing, list_townships
from geoplan.results.measured import measure_faults
from geoplan.results.notes import plan_notes, rule_notes, travel_notes, trial_notes
from geoplan.results.outcome import Ground, LayerOutcome, Reached
from geoplan.results.rows import layer_rows
from geoplan.results.sites import plan_sites
from geoplan.results.siting_proofs import certificates
from geoplan.results.totals import layer_totals
from geoplan.results.trial_ground import trial_ground
from geoplan.results.villages import village_rows
from geoplan.siting_step import place_sites
from geoplan.steps import (
    SiteList,
    access_to,
    demand_points,
    layer_sites,
    reach_of,
    site_list,
    threshold_ms,
    township_settlements,
    universes,
)
from geoplan.study import Layer, Study
from geoplan.tables import COUNTS, LAYER_TOTALS, PLAN_SITES, ROWS, checked
from geoplan.travel_step import Prepare, Progress, Travel, contracted, open_travel, remembering
from geoplan.trial import Trial, with_trial


@dataclass(frozen=True, slots=True)
class Asked:
    """`previous` is the run to compare with.

    `quick` leaves out what stands beside the plan: the draws, the hot spots, the proofs of bounds
    by prices with their certificates, the perturbed runs, other plans, the parts of the country,
    and of the curve all but the years' ends.
    """

    quick: bool = False
    previous: Previous | None = None


IN_FULL = Asked()


def _quiet(what: str, done: int, of: int) -> None:
    """No progress is shown."""


def run(study: Study, own_sites: Path | None = None, progress: Progress = _quiet) -> Plan:
    """Plan the study; `own_sites` adds to, corrects or closes the bundled sites by id.

    Raises:
        BadInput: if the inputs cannot be used; every fault at once.
        SourceMissing: if a file is absent or not the one its manifest describes.
    """
    return plan_inputs(read_inputs(study, own_sites), progress)


def plan_inputs(
    inputs: Inputs,
    progress: Progress = _quiet,
    prepare: Prepare = contracted,
    asked: Asked = IN_FULL,
) -> Plan:
    """Plan what was read: demand, travel, need, then one service after another.

    `prepare` makes a road graph ready for search; a command keeps what it made on disk.

    Raises:
        BadInput: if the study asks for a measure that its sites cannot give.
    """
    inputs = replace(inputs, study=_study_asked(inputs.study, asked))
    if faults := measure_faults(inputs):
        raise BadInput(faults)
    demand = demand_points(inputs)
    travel = remembering(open_travel(inputs, demand, progress, prepare))
    ground = replace(_ground(inputs, demand, travel), quick=asked.quick)
    sites = site_list(inputs, travel, ground.settlement)
    matrix = travel.times(sites.id, sites.xy)
    layers = inputs.study.layers
    found = []
    for turn, layer in enumerate(layers):
        progress("layers", turn, len(layers))
        found.append(drawn_around(ground, *_plan_layer(layer, ground, travel, (sites, matrix))))
    progress("layers", len(layers), len(layers))
    plan = _plan(ground, found, travel_notes(ground, travel.off_road, matrix), asked)
    outcomes = [each.outcome for each in found]
    return replace(plan, trial=trial_ground(ground, outcomes, travel, (sites, matrix)))


def _ground(inputs: Inputs, demand: Demand, travel: Travel) -> Ground:
    townships = len(inputs.townships)
    universe = universes(demand, travel, townships)
    return Ground(
        inputs=inputs,
        demand=demand,
        universe=universe,
        need=township_need(inputs, universe),
        settlement=township_settlements(demand, travel.xy, townships),
        straight_line=inputs.study.minutes_from.code == "straight_line",
    )


def _plan_layer(
    layer: Layer, ground: Ground, travel: Travel, places: tuple[SiteList, TravelMatrix]
) -> tuple[LayerOutcome, Listing]:
    """One service: access, designation, siting."""
    reached = reached_by(layer, ground, travel, places[1])
    listing = list_townships(ground, reached)
    siting = place_sites(layer, ground, places, (reached.access, listing), reached.standing)
    known = {each.name: getattr(reached, each.name) for each in fields(reached)}
    return LayerOutcome(**known, siting=siting), listing


def reached_by(layer: Layer, ground: Ground, travel: Travel, matrix: TravelMatrix) -> Reached:
    """How far the sites of one service are, before anything is judged or proposed."""
    inputs = ground.inputs
    reach = reach_of(layer, inputs, ground.demand, travel, matrix)
    access = access_to(layer, reach)
    return Reached(
        layer=layer,
        threshold_ms=threshold_ms(layer),
        people=ground.demand.groups[layer.group],
        sites=layer_sites(inputs, layer.id),
        reach=reach,
        standing=standing_of(inputs, layer),
        access=access,
        coverage=coverage(access, threshold_ms(layer)),
    )


def _plan(ground: Ground, found: list[LayerFound], joined: list[Note], asked: Asked) -> Plan:
    inputs = ground.inputs
    outcomes = [each.outcome for each in found]
    rows = pd.concat([layer_rows(ground, each) for each in found], ignore_index=True)
    run, date = run_id(inputs, asked), inputs.study.data_date
    rows = with_changes(rows.assign(run_id=run, data_date=date), asked.previous, inputs.study.rules)
    counts = pd.concat([site_counts(ground, each) for each in outcomes], ignore_index=True)
    totals = layer_totals(rows, outcomes)
    notes = [*draw_notes(inputs.study), *rule_notes(found)]
    notes += plan_notes(ground, outcomes, rows)
    return Plan(
        study=inputs.study,
        data_date=date,
        run_id=run,
        version=__version__,
        townships=inputs.townships,
        counties=inputs.counties,
        villages=inputs.villages,
        rows=checked(rows, ROWS),
        village_rows=pd.concat(
            [village_rows(ground, each) for each in outcomes], ignore_index=True
        ),
        sites=checked(plan_sites(ground, outcomes), PLAN_SITES),
        counts=checked(counts, COUNTS),
        layer_totals=checked(totals, LAYER_TOTALS),
        completeness=inputs.completeness,
        services=inputs.services,
        excluded=inputs.excluded,
        details=detail_tables(ground, found, rows),
        sources=inputs.sources,
        notes=(*trial_notes(inputs), *inputs.notes, *joined, *notes),
        certificates={} if ground.quick else certificates(ground, outcomes),
        fixed=inputs.trial,
    )


def on_trial(inputs: Inputs, trial: Trial, asked: Asked = IN_FULL) -> Inputs:
    """The inputs with the trial worked in, and a note where another run's page had saved it."""
    tried = with_trial(inputs, trial)
    before = {None, asked.previous}
    known = {run_id(inputs, Asked(quick, each)) for quick in (False, True) for each in before}
    if not trial.run or trial.run in known:
        return tried
    return replace(tried, notes=(*tried.notes, Note("trial_other_run", {"run": trial.run})))


def _study_asked(study: Study, asked: Asked) -> Study:
    """The study as it is planned: nothing is drawn in a quick run."""
    return study.model_copy(update={"uncertainty": None}) if asked.quick else study


def run_id(inputs: Inputs, asked: Asked = IN_FULL) -> str:
    """Names the run by what went into it: version, study, the hash of every source, what was
    asked for."""
    digest = hashlib.sha256(__version__.encode())
    study = _study_asked(inputs.study, asked)
    digest.update(study.model_dump_json(exclude={"folder"}).encode())
    for source in inputs.sources:
        digest.update(f"{source.file} {source.sha256}\n".encode())
    if inputs.trial is not None:
        digest.update(json.dumps(inputs.trial.told()).encode())
    digest.update(f"{asked.quick} {asked.previous.run_id if asked.previous else ''}".encode())
    return digest.hexdigest()[:16]
