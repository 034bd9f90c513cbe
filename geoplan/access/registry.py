"""Every measure by name: what to call, what it needs, and what its figure is."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from geoplan.access import catchment, measures, raam
from geoplan.access.decay import UNIFORM
from geoplan.access.problem import AccessProblem, Measured
from geoplan.errors import BadInput, Fault

Rows = Literal["demand", "site"]
Unit = Literal[
    "minutes",
    "sites",
    "capacity",
    "people",
    "people_per_capacity",
    "capacity_per_person",
    "capacity_share",
    "cost",
]


@dataclass(frozen=True, slots=True)
class Measure:
    """A function and how to read its figure.

    `takes` names what changes the figure: `threshold` and `decay`, which stand in the problem,
    and parameters of the function; `needs` are those that must be given. Where less is better the
    figure has no value unless it is measured; where more is better it is 0 out of reach.
    """

    function: Callable[..., Measured]
    unit: Unit
    higher_is_better: bool
    takes: tuple[str, ...]
    needs: tuple[str, ...] = ()
    rows: Rows = "demand"


WITHIN = ("threshold", "decay")

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "nearest": Measure(measures.nearest, "minutes", False, ()),
        "kth_nearest": Measure(measures.kth_nearest, "minutes", False, ("k",), ("k",)),
        "count_within": Measure(
            measures.count_within, "sites", True, ("threshold",), ("threshold",)
        ),
        "capacity_within": Measure(
            measures.capacity_within, "capacity", True, ("threshold",), ("threshold",)
        ),
        "people_within": Measure(
            measures.people_within, "people", True, ("threshold",), ("threshold",), "site"
        ),
        "ratio_in_area": Measure(
            catchment.ratio_in_area, "people_per_capacity", False, ("threshold",)
        ),
        "gravity": Measure(measures.gravity, "capacity", True, WITHIN, ("decay",)),
        "2sfca": Measure(catchment.two_step, "capacity_per_person", True, ("threshold",)),
        "e2sfca": Measure(
            catchment.enhanced_two_step, "capacity_per_person", True, WITHIN, ("decay",)
        ),
        "3sfca": Measure(
            catchment.three_step,
            "capacity_per_person",
            True,
            (*WITHIN, "choice_beyond_threshold"),
            ("decay",),
        ),
        "m2sfca": Measure(
            catchment.modified_two_step, "capacity_per_person", True, WITHIN, ("decay",)
        ),
        "mh3sfca": Measure(
            catchment.modified_huff, "capacity_per_person", True, WITHIN, ("decay",)
        ),
        "bfca": Measure(catchment.balanced, "capacity_share", True, WITHIN, ("decay",)),
        "spatial_availability": Measure(
            catchment.spatial_availability, "capacity", True, WITHIN, ("decay",)
        ),
        "fca_ratio": Measure(
            catchment.catchment_ratio,
            "capacity_per_person",
            True,
            (*WITHIN, "neighbours"),
            ("neighbours",),
        ),
        "raam": Measure(raam.rational_agents, "cost", False, ("threshold", "tau_minutes")),
    }
)


def measure(name: str, problem: AccessProblem, **parameters: object) -> Measured:
    """The named measure of the problem; an unknown name, or something it needs, is BadInput."""
    if faults := faults_of(name, problem, parameters):
        raise BadInput(faults)
    return MEASURES[name].function(problem, **parameters)


def faults_of(name: str, problem: AccessProblem, parameters: Mapping[str, object]) -> list[Fault]:
    """All that is wrong with asking for the measure so."""
    if name not in MEASURES:
        return [unknown(name)]
    given = {
        "threshold": problem.threshold_minutes is not None,
        "decay": problem.decay != UNIFORM or problem.weights is not None,
        **dict.fromkeys(parameters, True),
    }
    wanted = MEASURES[name]
    faults = [
        Fault("measure_needs", name, values={"what": what})
        for what in wanted.needs
        if not given.get(what)
    ]
    strange = sorted(set(parameters) - set(wanted.takes))
    faults += [Fault("measure_takes_no", name, values={"what": what}) for what in strange]
    return faults


def unknown(name: str) -> Fault:
    """The fault of a name that is no measure, with the one it is most like."""
    values: dict[str, object] = {"known": ", ".join(MEASURES)}
    near = difflib.get_close_matches(name.lower(), list(MEASURES), n=1, cutoff=0.6)
    if near:
        return Fault("measure_unknown_near", name, values={**values, "near": near[0]})
    return Fault("measure_unknown", name, values=values)
