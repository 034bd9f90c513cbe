"""The options of `geoplan site` as a question: what a model needs, takes and may not be given."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.access.decay import number_in
from geoplan.door.reading import Found
from geoplan.roads.matrix_files import ENDINGS
from geoplan.siting.location import ALL
from geoplan.siting.models import MODELS
from geoplan.siting.question import Question

if TYPE_CHECKING:
    from geoplan.measuring.siting import SiteRequest

OPTIONS = {
    "threshold_ms": "--threshold",
    "count": "-p",
    "times": "--times",
    "share": "--share",
    "gini": "--gini",
    "at_least": "--quota",
}
"""What only some models need or take, as it is called on the command line."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that are given as one number: a budget, the least share of every area (millionths),
    and how far apart sites must stand (kilometres in a straight line)."""

    budget: float | None = None
    least_share: int | None = None
    apart_km: float | None = None


def needs_of(name: str) -> tuple[str, ...]:
    """What the model needs; nothing for a name that is no model."""
    return MODELS[name].needs if name in MODELS else ()


def counts_cost(name: str) -> bool:
    """Whether the model's objective is what the sites cost, where their costs are given."""
    return name in MODELS and MODELS[name].unit == "cost"


def file_of(text: str) -> Path | None:
    """The file that an option names, if it does not give a number."""
    return Path(text) if Path(text).suffix.lower() in ENDINGS else None


def question_of(request: SiteRequest, found: Found) -> tuple[Question, Rules]:
    """The question but for its threshold, which waits for the unit of the minutes; every fault of
    the options is told."""
    _tell_model(request, found)
    limits = [
        ("-p", request.count, 1),
        ("--times", request.times, 1),
        ("--threshold", request.threshold, 0),
        ("--budget", request.budget, 0),
        ("--seconds", request.seconds, 0.1),
        ("--seed", request.seed, 0),
        ("--frequency", request.frequency, 0),
        ("--alternatives", request.alternatives, 0),
        ("--curve", request.curve, 0),
    ]
    for option, number, least in limits:
        if number is not None and not least <= number < math.inf:
            found.fault("option_below", option, given=number, least=least)
    question = Question(
        count=request.count,
        times=request.times or 1,
        share=_share("--share", request.share, found),
        gini=_share("--gini", request.gini, found),
    )
    by_file = file_of(request.min_share) is not None
    least_share = None if by_file else _share("--min-share", request.min_share, found)
    apart = None if file_of(request.apart) is not None else _km(request.apart, found)
    return question, Rules(request.budget, least_share, apart)


def _tell_model(request: SiteRequest, found: Found) -> None:
    """An unknown model; what one needs and was not given; what it was given and does not take."""
    name = request.name
    if name not in MODELS:
        near = difflib.get_close_matches(name, list(MODELS), n=1, cutoff=0.5)
        code = "siting_model_unknown_near" if near else "siting_model_unknown"
        found.fault(code, request.model, known=", ".join(MODELS), near="".join(near))
        return
    given = {
        "threshold_ms": request.threshold is not None,
        "count": request.count is not None,
        "times": request.times is not None,
        "share": bool(request.share),
        "gini": bool(request.gini),
        "at_least": request.quota is not None,
    }
    model = MODELS[name]
    for what in model.needs:
        if what in OPTIONS and not given[what]:
            found.fault("siting_model_needs", name, what=OPTIONS[what])
    if "count" in model.takes and not given["count"] and request.budget is None:
        found.fault("siting_model_needs", name, what="-p / --budget")
    # A threshold is of use to every model: the figures beside the plan count by it.
    for what in ("count", "times", "share", "gini"):
        if given[what] and what not in (*model.needs, *model.takes):
            found.fault("siting_model_takes_no", name, what=OPTIONS[what])


def _share(option: str, text: str, found: Found) -> int | None:
    """A share as whole millionths: 0.9 or 90%."""
    if not text:
        return None
    number = number_in(text.strip().removesuffix("%"))
    if number is not None and text.strip().endswith("%"):
        number /= 100
    if number is None or not 0 <= number <= 1:
        found.fault("not_a_share", option, given=text)
        return None
    return round(number * ALL)


def _km(text: str, found: Found) -> float | None:
    """Kilometres, above 0."""
    if not text:
        return None
    number = number_in(text.strip().lower().removesuffix("km"))
    if number is None or number <= 0:
        found.fault("not_a_distance", "--apart", given=text)
        return None
    return number
