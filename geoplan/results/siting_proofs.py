"""The certificates of a plan: the best plans of each year, proven by prices in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoplan.certificates import Certificate, certificate_file
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.siting.proposal import Answer


def certificates(ground: Ground, outcomes: Sequence[LayerOutcome]) -> Mapping[str, bytes]:
    """Name and bytes of each file: one a layer and year with listed townships first (what
    `best_listed_gain` and `best_gain` rest on), and one without that (`gain_bound`)."""
    made: dict[str, bytes] = {}
    for outcome in outcomes:
        siting = outcome.siting
        names = [f"-{year}" for year in siting.years] or [""]
        for name, year in zip(names, siting.proposal.years, strict=True):
            for ending, answer in (("", year.best.answer), ("-plain", year.plain.answer)):
                if answer is not None:
                    file, content = certificate_file(
                        certificate_of(ground, outcome, answer), f"{siting.layer}{name}{ending}"
                    )
                    made[file] = content
    return made


def certificate_of(ground: Ground, outcome: LayerOutcome, answer: Answer) -> Certificate:
    """The answer under its own ids; groups are counties, or townships where these come first."""
    build = outcome.siting.build
    rows = build.open_to & (build.weight > 0)
    by_place = answer.problem.group is build.place  # as build_out.question grouped them
    inputs = ground.inputs
    groups = inputs.townships["township_code"] if by_place else inputs.counties["county_code"]
    return Certificate(
        model="mclp",
        problem=answer.problem,
        question=answer.question,
        found=answer.found,
        demand_id=ground.demand.demand_id[rows],
        site_id=build.candidate_id,
        group_id=tuple(map(str, groups)),
    )
