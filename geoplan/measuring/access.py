"""`geoplan access`: measures of access on a planner's own tables of minutes, people and sites.

Read everything, tell every fault, measure, write.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geoplan.access.decay import UNIFORM, Decay, parse_decay, step_faults, steps
from geoplan.access.measures import loads, people_within
from geoplan.access.problem import AccessProblem, Measured, Pairs, pairs_from_long
from geoplan.access.registry import MEASURES, Measure, measure, unknown
from geoplan.door.manifest import SourceFile
from geoplan.door.own_access import OwnAccess, Trips, Wanted, read_access, read_decay_table
from geoplan.door.own_files import open_own_files
from geoplan.door.reading import Found, trim
from geoplan.errors import BadInput
from geoplan.measuring.files import Cells, Columns, beside, check_outputs, number_word, write_tables
from geoplan.model import Codes, Floats, Note, State, Strings
from geoplan.roads.matrix_files import ENDINGS

ANYONE, SAME, TABLE = "anyone", "same:", "table:"
CAPACITY_PLAYS_NO_PART = ("minutes", "sites", "people")
"""Units of measures that ask only where the sites are."""
OPTIONS = {
    "threshold": "--threshold",
    "decay": "--decay",
    "k": "--nearest",
    "tau_minutes": "--tau-minutes",
    "neighbours": "--neighbours",
    "choice_beyond_threshold": "--choice-beyond-threshold",
}
"""What the registry's words for what a measure takes are called on the command line."""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is asked: tables, measures, what the measures take, and where the answer goes."""

    demand: Path
    supply: Path
    out: Path
    measures: tuple[str, ...]
    matrix: Path | None = None
    thresholds: tuple[float, ...] = ()
    decay: str = ""
    eligibility: str = ANYONE
    capacity: float | None = None
    k: int | None = None
    tau_minutes: float | None = None
    neighbours: Path | None = None
    choice_beyond_threshold: bool = False

    @property
    def known(self) -> dict[str, Measure]:
        """The measures asked for that there are, by name."""
        return {name: MEASURES[name] for name in self.measures if name in MEASURES}

    @property
    def same(self) -> str:
        """The column that must agree between demand and supply; blank if none must."""
        if not self.eligibility.startswith(SAME):
            return ""
        # As headings are read: without stray spaces and full-width letters.
        return trim(unicodedata.normalize("NFKC", self.eligibility.removeprefix(SAME)))

    @property
    def given(self) -> dict[str, object]:
        """What measures may take, by the registry's words, where it was given."""
        values = {
            "threshold": self.thresholds,
            "decay": self.decay,
            "k": self.k,
            "tau_minutes": self.tau_minutes,
            "neighbours": self.neighbours,
            "choice_beyond_threshold": self.choice_beyond_threshold,
        }
        return {what: value for what, value in values.items() if value not in (None, (), "", False)}

    @property
    def files(self) -> dict[str, Path | None]:
        """Every file that is named, by its role."""
        own_decay = self.decay.startswith(TABLE) and self.decay != TABLE
        return {
            "matrix": self.matrix,
            "demand": self.demand,
            "supply": self.supply,
            "eligibility": self.pairs_allowed,
            "neighbours": self.neighbours,
            "decay": Path(self.decay.removeprefix(TABLE)) if own_decay else None,
        }

    @property
    def pairs_allowed(self) -> Path | None:
        """The file of who may use which site; None if it is said in another way, or by a word
        that is neither one of ours nor a file."""
        if self.eligibility == ANYONE or self.eligibility.startswith(SAME):
            return None
        path = Path(self.eligibility)
        return path if path.suffix or path.is_file() else None

    @property
    def uses_capacity(self) -> bool:
        return any(each.unit not in CAPACITY_PLAYS_NO_PART for each in self.known.values())

    @property
    def sites_out(self) -> Path | None:
        """Where figures of sites go, if some are asked for: beside those of the demand points,
        or in their place where there are none."""
        rows = {each.rows for each in self.known.values()}
        if rows == {"site"}:
            return self.out
        of_sites = "site" in rows or "ratio_in_area" in self.known
        return beside(self.out, "sites") if of_sites else None

    @property
    def outputs(self) -> list[Path]:
        return list(dict.fromkeys(path for path in (self.out, self.sites_out) if path is not None))


@dataclass(frozen=True, slots=True)
class Ready:
    """The tables as read, and the problem that every measure is asked about."""

    own: OwnAccess
    problem: AccessProblem
    neighbours: Pairs | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure at one threshold, and the problem it was found for.

    `column` is its name in the result. `people_of_site` (m,) counts who may come to each site.
    """

    column: str
    measure: Measure
    problem: AccessProblem
    result: Measured
    people_of_site: Floats

    @property
    def value(self) -> Floats:
        """Minutes, costs and burdens stand only where they are measured; amounts are 0 there."""
        if self.measure.higher_is_better:
            return self.result.value
        return np.where(self.result.state == State.MEASURED, self.result.value, np.nan)


def prepare(request: AccessRequest) -> Ready:
    """Read the files and state the problem.

    Raises:
        WrongUsage: if a result would replace an input, or has no known ending.
        SourceMissing: naming every file that is not there.
        BadInput: with every fault of the options and of every file.
    """
    check_outputs(request.outputs, request.files.values())
    found = Found()
    _tell_options(request, found)
    sources = open_own_files(request.files, found)
    decay = _decay(request, sources.get("decay"), found)
    wanted = Wanted(request.uses_capacity, request.capacity, request.same)
    own = read_access(sources, wanted, found)
    if own is None or decay is None or found.faults:
        raise BadInput(found.faults)
    points, sites = len(own.demand_id), len(own.site_id)
    problem = AccessProblem(_pairs(own.trips, points, sites), own.population, own.capacity, decay)
    between = None if own.neighbours is None else _pairs(own.neighbours, points, points)
    return Ready(own, problem, between, tuple(found.notes))


def _pairs(trips: Trips, points: int, sites: int) -> Pairs:
    return pairs_from_long(trips.demand, trips.site, trips.minutes, points, sites)


def _decay(request: AccessRequest, table: SourceFile | None, found: Found) -> Decay | None:
    """The decay that is asked for; None, with its faults, if there is no such one."""
    asked = request.decay
    if asked == TABLE:
        found.fault("decay_table_blank", "--decay")
    elif asked.startswith(TABLE):
        return None if table is None else _own_steps(table, found)
    elif Path(asked).suffix.lower() in ENDINGS and ":" not in asked:
        found.fault("decay_is_file", "--decay", given=asked)
    else:
        try:
            return parse_decay(asked) if asked else UNIFORM
        except BadInput as error:
            found.faults.extend(error.faults)
    return None


def _own_steps(table: SourceFile, found: Found) -> Decay | None:
    """The decay of a table; None, with its faults, if its steps are not right."""
    read = read_decay_table(table, found)
    if read is None:
        return None
    minutes, weights = (each.tolist() for each in read)
    faults = step_faults(minutes, weights, table.shown, first_row=2)
    found.faults.extend(faults)
    return None if faults else steps(minutes, weights)


def _tell_options(request: AccessRequest, found: Found) -> None:
    """Every fault of the options."""
    _tell_measures(request, found)
    if request.eligibility.startswith(SAME):
        if not request.same:
            found.fault("same_blank", "--eligibility")
    elif request.eligibility != ANYONE and request.pairs_allowed is None:
        found.fault("eligibility_unknown", "--eligibility", given=request.eligibility)
    numbers = [
        *(("--threshold", each) for each in request.thresholds),
        ("--capacity", request.capacity),
        ("--tau-minutes", request.tau_minutes),
    ]
    for option, number in numbers:
        if number is not None and not 0 < number < np.inf:
            found.fault("option_not_positive", option, given=number)


def _tell_measures(request: AccessRequest, found: Found) -> None:
    """Unknown measures, what a measure needs and was not given, what is given and none takes."""
    found.faults.extend(unknown(name) for name in request.measures if name not in MEASURES)
    for name, each in request.known.items():
        for what in each.needs:
            if what not in request.given:
                found.fault("measure_needs", name, what=OPTIONS[what])
        if request.matrix is None and not _without_minutes(each, request):
            found.fault("measure_needs", name, what="--matrix")
    taken = {what for each in request.known.values() for what in each.takes}
    for what in request.given:
        if request.known and what not in taken:
            found.fault("measure_takes_no", ", ".join(request.known), what=OPTIONS[what])


def _without_minutes(asked: Measure, request: AccessRequest) -> bool:
    """Can it be told by who is assigned to which site, and nothing else?"""
    by_area = request.eligibility != ANYONE and not request.thresholds
    return by_area and asked.takes == ("threshold",) and not asked.needs


def find_figures(request: AccessRequest, ready: Ready) -> tuple[Figure, ...]:
    """Every measure at every threshold, in the order in which they were asked for."""
    return tuple(
        _figure(request, ready, column, name, threshold)
        for column, name, threshold in _columns(request)
    )


def _columns(request: AccessRequest) -> Iterator[tuple[str, str, float | None]]:
    """Column, measure and threshold; several thresholds stand in the names of the columns."""
    for name, each in request.known.items():
        if "threshold" not in each.takes or not request.thresholds:
            yield name, name, None
        elif len(request.thresholds) == 1:
            yield name, name, request.thresholds[0]
        else:
            for minutes in request.thresholds:
                yield f"{name}_{number_word(minutes)}", name, minutes


def _figure(
    request: AccessRequest, ready: Ready, column: str, name: str, threshold: float | None
) -> Figure:
    asked = MEASURES[name]
    decay = ready.problem.decay if "decay" in asked.takes else UNIFORM
    problem = replace(ready.problem, decay=decay, threshold_minutes=threshold)
    of_problem = ("threshold", "decay")
    parameters = {
        what: ready.neighbours if what == "neighbours" else value
        for what, value in request.given.items()
        if what in asked.takes and what not in of_problem
    }
    result = measure(name, problem, **parameters)
    of_site = result if name == "people_within" else people_within(problem)
    return Figure(column, asked, problem, result, of_site.value)


def write_access(request: AccessRequest, ready: Ready, figures: tuple[Figure, ...]) -> None:
    """The figures of demand points and those of sites, each in a table of its own.

    Raises:
        CannotWrite: if the system says no; what stood there before is untouched.
    """
    alone = len(figures) == 1
    tables: dict[Path, Columns] = {}
    of_demand = [each for each in figures if each.measure.rows == "demand"]
    if of_demand:
        tables[request.out] = _table("demand_id", ready.own.demand_id, of_demand, alone=alone)
    if request.sites_out is not None:
        of_sites = [each for each in figures if each.measure.rows == "site"]
        rows = dict(_table("site_id", ready.own.site_id, of_sites, alone=alone))
        for each in figures:
            if each.measure is MEASURES["ratio_in_area"]:
                rows.update(_load_columns(each, ready))
        tables[request.sites_out] = rows
    write_tables(tables)


def _table(key: str, ids: Strings, figures: list[Figure], *, alone: bool) -> Columns:
    columns: dict[str, Cells] = {key: ids}
    for each in figures:
        columns[each.column] = each.value
        columns["state" if alone else f"{each.column}_state"] = _state_words(each.result.state)
    return columns


def _load_columns(figure: Figure, ready: Ready) -> Columns:
    """Who may come to each site, and how many of them there are for each unit of its capacity."""
    load = loads(figure.people_of_site, ready.own.capacity)
    ending = figure.column.removeprefix("ratio_in_area")
    return {
        f"people{ending}": figure.people_of_site,
        f"load{ending}": load.value,
        f"load{ending}_state": _state_words(load.state),
    }


def _state_words(state: Codes) -> list[str]:
    words = {int(each): each.name.lower() for each in State}
    return [words[code] for code in state.tolist()]
