"""Decay: how much a site counts by the minutes to it, from 1 on the spot down to 0.

No form is ever above 1 or rises with the minutes, and every form but `step` is 1 at 0 minutes, so
a site on the spot counts in full. Weights have no unit.

    minutes                     0      10     20     30     40
    step:10=1,20=0.68,30=0.22   1      1      0.68   0.22   0
    linear:30                   1      0.667  0.333  0      0
    exponential:15              1      0.513  0.264  0.135  0.069
    power:2                     1      0.01   0.003  0.001  0.001
    gaussian:30                 1      0.946  0.801  0.607  0.411
    logistic:30,5               1      0.984  0.883  0.501  0.120
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from geoplan.errors import BadInput, Fault
from geoplan.model import Floats

LEAST_WEIGHT = 1e-280
"""A smaller weight is none, so that capacity over weighted people stays a finite number."""


def step(minutes: Floats, edges: Sequence[float], weights: Sequence[float]) -> Floats:
    """The weight of the first edge with `minutes <= edge`; beyond the last edge 0."""
    of_zone = np.array([*weights, 0.0])
    zone = np.searchsorted(np.asarray(edges, np.float64), minutes, side="left")
    weight: Floats = of_zone[zone]
    return weight


def linear(minutes: Floats, reach: float) -> Floats:
    """max(0, 1 - t / reach): falls evenly and is 0 from `reach` minutes on."""
    return np.maximum(0.0, 1.0 - minutes / reach)


def exponential(minutes: Floats, scale: float) -> Floats:
    """exp(-t / scale): 0.368 is left at `scale` minutes."""
    return np.exp(-minutes / scale)


def power(minutes: Floats, exponent: float) -> Floats:
    """min(1, t ** -exponent): less than a minute counts as one, so 0 minutes divides nothing."""
    weight: Floats = np.maximum(minutes, 1.0) ** -exponent
    return weight


def gaussian(minutes: Floats, sigma: float) -> Floats:
    """exp(-t**2 / (2 sigma**2)): 0.607 is left at `sigma` minutes."""
    return np.exp(-0.5 * np.square(minutes / sigma))


def logistic(minutes: Floats, middle: float, scale: float) -> Floats:
    """(1 + exp(-middle / scale)) / (1 + exp((t - middle) / scale)), about a half at `middle`.

    The bare 1 / (1 + exp((t - middle) / scale)) is below 1 at 0 minutes; the factor on top makes
    it 1 there, as Bauer and Groneberg (2016, doi:10.1371/journal.pone.0159148) ask.
    """
    from scipy.special import expit

    weight: Floats = expit((middle - minutes) / scale) / expit(middle / scale)
    return weight


FORMS: Mapping[str, tuple[Callable[..., Floats], int]] = MappingProxyType(
    {
        "linear": (linear, 1),
        "exponential": (exponential, 1),
        "power": (power, 1),
        "gaussian": (gaussian, 1),
        "logistic": (logistic, 2),
    }
)
"""The smooth forms by name, and how many numbers each takes; all are minutes but the exponent."""


@dataclass(frozen=True, slots=True)
class Decay:
    """A form and its numbers; two decays that say the same are equal."""

    form: str
    parameters: tuple[Any, ...]

    def weights(self, minutes: Floats) -> Floats:
        """The weight of each time, 0..1, of the same shape as `minutes`."""
        function = step if self.form == "step" else FORMS[self.form][0]
        weight = function(minutes, *self.parameters)
        weight[weight < LEAST_WEIGHT] = 0.0
        return weight


def step_faults(
    edges: Sequence[float], weights: Sequence[float], where: str, first_row: int | None = None
) -> list[Fault]:
    """All that is wrong with edges and their weights; `first_row` numbers them as rows of a file.

    Edges are minutes above 0 that rise; weights lie in 0..1, never rise, and are not all 0.
    """

    def told(code: str, wrong: list[int]) -> list[Fault]:
        rows = tuple(at + first_row for at in wrong) if first_row is not None else ()
        return [Fault(code, where, rows)] if wrong else []

    if not len(edges) or len(edges) != len(weights):
        return [Fault("decay_steps", where)]
    finite = [
        math.isfinite(edge) and math.isfinite(weight) for edge, weight in _both(edges, weights)
    ]
    faults = told("decay_not_finite", [at for at, good in enumerate(finite) if not good])
    faults += told("decay_edge_positive", [at for at, edge in enumerate(edges) if edge <= 0])
    faults += told("decay_weight", [at for at, w in enumerate(weights) if w < 0 or w > 1])
    faults += told("decay_edge_order", [at + 1 for at, (a, b) in _pairs(edges) if b <= a])
    faults += told("decay_weight_order", [at + 1 for at, (a, b) in _pairs(weights) if b > a])
    if not faults and not any(weights):
        faults.append(Fault("decay_all_zero", where))
    return faults


def _both(edges: Sequence[float], weights: Sequence[float]) -> zip[tuple[float, float]]:
    return zip(edges, weights, strict=True)


def _pairs(values: Sequence[float]) -> enumerate[tuple[float, float]]:
    return enumerate(pairwise(values))


def steps(edges: Sequence[float], weights: Sequence[float], where: str = "decay") -> Decay:
    """A step decay, or a table of one's own: read as steps too (BadInput with every fault)."""
    if faults := step_faults(edges, weights, where):
        raise BadInput(faults)
    return Decay("step", (tuple(map(float, edges)), tuple(map(float, weights))))


UNIFORM = Decay("step", ((math.inf,), (1.0,)))
"""Weight 1 however far: what counts is eligibility, and the threshold if there is one."""

NAMED: Mapping[str, Decay] = MappingProxyType(
    {
        "luo-qi-2009-slow": steps((10, 20, 30), (1, 0.68, 0.22)),
        "luo-qi-2009-fast": steps((10, 20, 30), (1, 0.42, 0.09)),
        "wan-2012": steps((10, 20, 30, 60), (0.962, 0.704, 0.377, 0.042)),
    }
)
"""Published sets: Luo and Qi (2009, doi:10.1016/j.healthplace.2009.06.002), slow and fast decay;
Wan, Zou and Sternberg (2012, doi:10.1080/13658816.2011.624987)."""


def parse_decay(text: str) -> Decay:
    """`gaussian:30`, `step:10=1,20=0.68,30=0.22`, a name in `NAMED` ... (BadInput if it is none).

    A file (`table:FILE`) is read by whoever may open one, and comes in through `steps`.
    """
    if text in NAMED:
        return NAMED[text]
    form, _, rest = text.partition(":")
    parts = rest.split(",") if rest else []
    if form == "step":
        return _parse_steps(text, parts)
    if form not in FORMS:
        raise BadInput([_unknown(text, form)])
    numbers = [number_in(part) for part in parts]
    wanted = FORMS[form][1]
    if len(numbers) != wanted or None in numbers:
        raise BadInput([Fault("decay_numbers", text, values={"form": form, "wanted": wanted})])
    if any(number is None or number <= 0 for number in numbers):
        raise BadInput([Fault("decay_positive", text, values={"form": form})])
    return Decay(form, tuple(numbers))


def _parse_steps(text: str, parts: list[str]) -> Decay:
    edges, weights = [], []
    for part in parts:
        left, _, right = part.partition("=")
        edge, weight = number_in(left), number_in(right)
        if edge is None or weight is None:
            raise BadInput([Fault("decay_steps", text)])
        edges.append(edge)
        weights.append(weight)
    return steps(edges, weights, text)


def number_in(text: str) -> float | None:
    """The finite number that a text writes, None where it writes none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _unknown(text: str, form: str) -> Fault:
    known = ["step", *FORMS, "table", *NAMED]
    near = difflib.get_close_matches(form.lower(), known, n=1, cutoff=0.6)
    values: dict[str, object] = {"form": form, "known": ", ".join(known)}
    if near:
        return Fault("decay_unknown_near", text, values={**values, "near": near[0]})
    return Fault("decay_unknown", text, values=values)
