"""A location question as a whole-number programme, and bounds that hold to the last person.

Solvers calculate in floats, so their bounds are never taken as they are: their dual prices are
rounded to integers and the bound is computed anew, exactly. By weak duality any prices give a
valid bound; a solver's tolerance can make it weaker but never false.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from geoplan.model import Bools, Floats, Ints

_HEADROOM = 60  # bits of a sum that must not overflow
_SHIFT = 40  # prices are kept to 2**-40 at most


class Named(NamedTuple):
    """A row that a person would know as a rule: its kind, and whom it is about by position."""

    row: int
    kind: str
    at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """max worth.v with rows @ v <= limit and lower <= v <= upper, all of it whole numbers.

    `whole` variables must be whole; the others are whole in some best plan by themselves.
    `names` are the rows that are rules; the others are the question itself.
    """

    worth: Ints  # (variables,)
    rows: sparse.csr_array  # (rows, variables), integers
    limit: Ints  # (rows,)
    lower: Ints  # (variables,) from 0
    upper: Ints
    whole: Bools
    names: tuple[Named, ...] = ()

    def value(self, plan: Ints) -> int:
        return int(self.worth @ plan)

    def allows(self, plan: Ints) -> bool:
        inside = (plan >= self.lower).all() and (plan <= self.upper).all()
        return bool(inside and (self.rows @ plan <= self.limit).all())


@dataclass(frozen=True, slots=True)
class Bound:
    """What prices prove: no plan is worth more than `value`.

    `exact` is the same before rounding down, `reduced` what each variable is worth above its
    prices, both times 2**shift.
    """

    value: int
    exact: int
    reduced: Ints
    shift: int


def price_bound(programme: Programme, prices: Floats) -> Bound:
    """The bound that prices of the rows prove, with no float in it.

    For y >= 0: worth.v <= y.limit + sum over variables of the larger end of (worth - y.rows) v.
    """
    y = np.maximum(np.nan_to_num(prices, nan=0.0, posinf=0.0, neginf=0.0), 0.0)
    size = abs(programme.rows).T.astype(np.float64) @ y
    largest = max(float((size + np.abs(programme.worth)).max(initial=1.0)), 1.0)
    shift = int(max(0, min(_SHIFT, _HEADROOM - np.ceil(np.log2(largest)) - 1)))
    whole = np.floor(y * float(1 << shift)).astype(np.int64)
    reduced = programme.worth * (1 << shift) - programme.rows.T @ whole
    asked = np.flatnonzero(programme.limit)
    exact = sum(int(a) * int(b) for a, b in zip(whole[asked], programme.limit[asked], strict=True))
    ends = np.where(reduced > 0, programme.upper, programme.lower)
    exact += _exact_sum(reduced[ends == 1])
    many = np.flatnonzero(ends > 1)
    exact += sum(a * b for a, b in zip(reduced[many].tolist(), ends[many].tolist(), strict=True))
    return Bound(exact >> shift, exact, reduced, shift)


def fixed_by(programme: Programme, bound: Bound, incumbent: int) -> Programme:
    """Close the variables that no plan better than `incumbent` opens, and open those it must.

    Reduced-cost fixing: moving a variable from its end costs |reduced| of the bound.
    """
    room = bound.exact - ((incumbent + 1) << bound.shift)
    stuck = np.abs(bound.reduced) > max(room, 0)
    lower = np.where(stuck & (bound.reduced > 0), programme.upper, programme.lower)
    upper = np.where(stuck & (bound.reduced < 0), programme.lower, programme.upper)
    return replace(programme, lower=lower, upper=upper)


def _exact_sum(values: Ints) -> int:
    """A sum of many 60-bit numbers: high and low halves apart."""
    high, low = values >> 32, values & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())
