"""`geoplan site`: where sites should stand, on a planner's own tables of minutes, people and sites.

Read everything, tell every fault, state the question in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from geoplan.door.manifest import SourceFile
from geoplan.door.own_files import open_own_files
from geoplan.door.own_siting import OwnSiting, SitingWanted, read_siting
from geoplan.door.reading import Found
from geoplan.errors import BadInput
from geoplan.measuring.siting_options import counts_cost, file_of, needs_of, question_of
from geoplan.measuring.siting_problem import Scales, State, problem_of, scales_of, tell_tables
from geoplan.model import Note
from geoplan.siting.location import LocationProblem, Solver
from geoplan.siting.question import Question


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """What is asked: tables, model, rules of a plan, how long to look, what else to tell.

    `share`, `min_share`, `gini` and `apart` are as a person writes them: 0.9 or 90%; `min_share`
    and `apart` may be a file.
    """

    matrix: Path
    demand: Path
    candidates: Path
    out: Path
    model: str
    count: int | None = None
    threshold: float | None = None
    times: int | None = None
    share: str = ""
    fixed: Path | None = None
    forbidden: Path | None = None
    quota: Path | None = None
    budget: float | None = None
    min_share: str = ""
    apart: str = ""
    gini: str = ""
    by_need: bool = False
    capacity: bool = False
    seconds: float = 60.0
    seed: int = 0
    solver: Solver = "auto"
    frequency: int | None = None
    alternatives: int | None = None
    curve: int | None = None

    @property
    def name(self) -> str:
        """The model's name as the registry has it: in small letters, `centre` for `center`."""
        return self.model.lower().replace("_", "-").replace("center", "centre")

    @property
    def files(self) -> dict[str, Path | None]:
        """Every file that is named, by its role."""
        return {
            "matrix": self.matrix,
            "demand": self.demand,
            "candidates": self.candidates,
            "fixed": self.fixed,
            "forbidden": self.forbidden,
            "quota": self.quota,
            "least_share": file_of(self.min_share),
            "apart": file_of(self.apart),
        }


@dataclass(frozen=True, slots=True)
class ReadySiting:
    """The tables as read, the question in whole numbers, and what those stand for.

    Ids of groups and areas stand in the order of the problem's positions.
    """

    own: OwnSiting
    problem: LocationProblem
    question: Question
    scales: Scales
    group_id: tuple[str, ...]
    area_id: tuple[str, ...]
    sources: tuple[SourceFile, ...]
    notes: tuple[Note, ...]


def prepare(request: SiteRequest) -> ReadySiting:
    """Read the files and state the question.

    Raises:
        SourceMissing: naming every file that is not there.
        BadInput: with every fault of the options and of every file.
    """
    found = Found()
    question, rules = question_of(request, found)
    sources = open_own_files(request.files, found)
    needs = needs_of(request.name)
    wanted = SitingWanted(
        need=request.by_need,
        cost=counts_cost(request.name) or request.budget is not None,
        capacity=request.capacity or "capacity" in needs,
        area="area" in needs or bool(request.min_share),
        point=rules.apart_km is not None,
    )
    own = read_siting(sources, wanted, found)
    if own is None or found.faults:
        raise BadInput(found.faults)
    # Where every group of sites serves its own people, the areas of the people are those groups.
    by_group = "at_least" in needs
    tell_tables(own, request.threshold, by_group, found)
    if found.faults:
        raise BadInput(found.faults)
    scales = scales_of(own, request.threshold, request.budget)
    problem = problem_of(State(own, scales, request.threshold, rules, by_group, wanted), found)
    if problem is None:
        raise BadInput(found.faults)
    if request.threshold is not None:
        question = replace(question, threshold_ms=scales.of_minutes(request.threshold))
    groups = tuple(own.sites.group_id)
    areas = groups[: problem.areas] if by_group else tuple(own.demand.area_id)
    notes = tuple(found.notes)
    return ReadySiting(
        own, problem, question, scales, groups, areas, tuple(sources.values()), notes
    )  # fmt: skip
