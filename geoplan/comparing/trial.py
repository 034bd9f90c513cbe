"""A finished result beside the same study under a trial that nothing has planned yet."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

from geoplan.catalog import read_inputs
from geoplan.comparing.compare import READ, Comparison, compare_results
from geoplan.door.trial import read_trial
from geoplan.errors import BadInput, Fault
from geoplan.export.files import csv_bytes, plan_json
from geoplan.export.lists import make_lists
from geoplan.finished import Finished, csv_rows, read_finished
from geoplan.model import Inputs, Plan
from geoplan.pipeline import Asked, on_trial, plan_inputs, run_id
from geoplan.study import read_study
from geoplan.travel_step import Prepare, Progress
from geoplan.trial import Trial


@dataclass(frozen=True, slots=True)
class Planning:
    """How the trial is planned: `study`, None for the bundled one that the result names; whom to
    tell of progress; how roads are made ready."""

    study: str | None
    told: Progress
    prepare: Prepare


def compare_trial(folder: Path, file: Path, planning: Planning) -> Comparison:
    """Compare the result in `folder` with its study under the trial in `file`, planned in memory.

    The study has to give the result again, by its run id, which names version, settings, rules,
    sources and extent; so all that differs between the two is the trial.

    Raises:
        SourceMissing: there is no finished result, no study or no such file.
        BadInput: more went into the result than the study, or the file is no trial of it; every
            fault at once.
    """
    first = read_finished(folder, READ)
    inputs = read_inputs(read_study(planning.study or str(first.plan["study"]["id"])))
    asked, trial = _agreed(first, inputs, file)
    tried = on_trial(inputs, trial, asked)
    plan = plan_inputs(tried, planning.told, planning.prepare, asked)
    return compare_results(first, _finished(plan, file))


def _agreed(first: Finished, inputs: Inputs, file: Path) -> tuple[Asked, Trial]:
    """What was asked for when the result was made, and the trial."""
    ways = [Asked(quick) for quick in (False, True)]
    same = [each for each in ways if run_id(inputs, each) == first.plan["run_id"]]
    if same:
        return same[0], read_trial(file, inputs)
    values: dict[str, object] = {"study": inputs.study.id, "file": file.name}
    faults = [Fault("trial_other_inputs", str(first.folder), values=values)]
    try:
        read_trial(file, inputs)
    except BadInput as error:
        faults += error.faults
    raise BadInput(faults)


def _finished(plan: Plan, file: Path) -> Finished:
    """The plan as if it had been written and read back; `file` stands for its folder."""
    lists = make_lists(plan)
    text = io.StringIO(csv_bytes(lists.townships).decode("utf-8-sig"), newline="")
    rows = list(csv_rows(text))
    return Finished(file, json.loads(plan_json(lists)), plan.study.rules, rows, frozenset())
