"""How evenly a figure is spread over people: Lorenz, Gini, concentration, Palma, Theil, Atkinson,
FGT.

Every figure is weighted by people: a place of 400 people counts as 400 equal persons, so splitting
a place, or counting everybody twice, changes nothing, and equal weights give the unweighted
figure. No correction for small samples is made: the places are all there are, not a sample.

Arrays: `value` (..., n) is what each person of a place has or bears, finite and not negative;
`people` (n,) or (..., n) counts them, not negative. The last axis is the places, axes before it
(draws, for one) are kept: a result has the shape of `value` without its last axis, so that
(n,) gives one number. A value of 0 is counted like any other. Places with nobody never matter.
A place whose value is unreachable, unknown or not applicable is left out by the caller, who
counts its people: NaN and infinity are refused. A figure that is not defined (nobody is counted,
everybody has 0, or the divisor a docstring names is 0) is NaN and nothing else ever is.

Raises everywhere: ValueError if the shapes do not fit or a number is outside what is said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from geoplan.model import Floats, Ints

Beyond = Literal["above", "below"]
"""On which side of the line people fall short: above it (minutes) or below it (supply)."""

TOP_SHARE, BOTTOM_SHARE = 0.9, 0.4
"""Palma: the tenth of people above 90 %, the 40 % with least."""


@dataclass(frozen=True, slots=True)
class Theil:
    """Theil's T and its two parts, each of the shape of a figure: total = within + between."""

    total: Floats
    within: Floats
    between: Floats


def mean_per_person(value: Floats, people: Ints) -> Floats:
    """Mean over people, sum_i w_i x_i / W."""
    return _mean(*_checked(value, people))


def lorenz(value: Floats, people: Ints) -> tuple[Floats, Floats]:
    """The Lorenz curve: cumulative share of people and of the value, least value first.

    Both are (..., n + 1), from 0 to 1; between two points the curve is straight. Places with equal
    values stand in the order given. Shares of the value are NaN where everybody has 0.

    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the
    American Statistical Association 9(70), 209-219.
    """
    amount, count = np.broadcast_arrays(*_checked(value, people))
    order = np.argsort(amount, axis=-1, kind="stable")
    held = np.take_along_axis(amount * count, order, -1)
    return _cumulated_share(np.take_along_axis(count, order, -1)), _cumulated_share(held)


def gini(value: Floats, people: Ints) -> Floats:
    """Population-weighted Gini coefficient: 0 when all have the same, near 1 when one has all.

    G = sum_ij w_i w_j |x_i - x_j| / (2 W^2 mu), the form divided by the square of the number of
    people W (not by W (W - 1)). It is summed over the steps between neighbouring values, of which
    none is negative: sum_k F_k (1 - F_k) (x_k+1 - x_k) / mu, F_k the share of people up to k.

    Gini, C. (1912). Variabilita e mutabilita; Yitzhaki, S. and Schechtman, E. (2013). The Gini
    Methodology, ch. 2.
    """
    least, step, upto, whole = _steps(value, people)
    share = _ratio(upto, np.expand_dims(whole, -1))
    spread = (step * share * (1 - share)).sum(axis=-1)
    return _ratio(spread, least + (step * (1 - share)).sum(axis=-1))


def concentration_index(value: Floats, people: Ints, need: Floats) -> Floats:
    """How far a figure is concentrated on people by their need, from -1 to 1.

    People are ranked with the neediest first, as the field ranks the poorest first. Sign:
    **negative, the neediest have more of it than their share; positive, the least needy do**; 0,
    it does not go with need. For minutes a negative index is to the needy's disadvantage, for
    supply within reach to their advantage. C = 2 / (W mu) sum_i w_i x_i R_i - 1, R_i the mean
    cumulative share of people of the place's rank; places of equal need share one rank.

    `need` (n,): higher is needier; finite.

    Kakwani, N., Wagstaff, A. and van Doorslaer, E. (1997). Socioeconomic inequalities in health.
    Journal of Econometrics 77(1), 87-103.
    """
    amount, count = _checked(value, people)
    need = np.asarray(need, float)
    if need.shape != amount.shape[-1:] or not np.isfinite(need).all():
        raise ValueError("need must have one finite entry a place")
    rank = np.unique(-need, return_inverse=True)[1]
    held, people_of_rank = _by_group(amount, count, rank)
    upto = np.cumsum(people_of_rank, axis=-1)
    middle = upto - people_of_rank / 2
    whole, everybody = held.sum(axis=-1), people_of_rank.sum(axis=-1)
    even = people_of_rank * np.expand_dims(_ratio(whole, everybody), -1)
    return _ratio(2 * ((held - even) * middle).sum(axis=-1), whole * everybody)


def palma(value: Floats, people: Ints) -> Floats:
    """What the tenth of people with most have, over what the 40 % with least have.

    A place that straddles a limit is divided: its people count on both sides. 0.25 when all have
    the same; not defined when the 40 % have nothing.

    Palma, J. G. (2011). Homogeneous middles vs. heterogeneous tails. Development and Change 42(1),
    87-153; Cobham, A. and Sumner, A. (2013). Putting the Gini back in the bottle?
    """
    least, step, upto, whole = _steps(value, people)
    low, high = BOTTOM_SHARE * whole, TOP_SHARE * whole
    lacking = np.maximum(np.expand_dims(low, -1) - upto, 0.0)
    beyond = np.expand_dims(whole, -1) - np.maximum(upto, np.expand_dims(high, -1))
    bottom = least * low + (step * lacking).sum(axis=-1)
    top = least * (whole - high) + (step * beyond).sum(axis=-1)
    return _ratio(top, bottom)


def theil(value: Floats, people: Ints, group: Ints | None = None) -> Theil:
    """Theil's T, and how much of it lies within and between groups (counties).

    T = sum_i (w_i / W) (x_i / mu) ln(x_i / mu), with 0 ln 0 = 0; between = sum_g s_g ln(mu_g / mu)
    and within = sum_g s_g T_g, s_g the group's share of the whole value. `group` (n,) numbers the
    places' groups; None takes all as one group, so that nothing lies between.

    Theil, H. (1967). Economics and Information Theory; Shorrocks, A. F. (1980). The class of
    additively decomposable inequality measures. Econometrica 48(3), 613-625.
    """
    amount, count = np.broadcast_arrays(*_checked(value, people))
    places = amount.shape[-1]
    which = np.zeros(places, np.int64) if group is None else np.asarray(group)
    if which.shape != (places,):
        raise ValueError("group must have one entry a place")
    _, numbered = np.unique(which, return_inverse=True)
    held = amount * count
    in_group, people_in_group = _by_group(amount, count, numbered)
    group_mean = _ratio(in_group, people_in_group)
    whole, middle = held.sum(axis=-1), np.expand_dims(_mean(amount, count), -1)
    return Theil(
        total=_ratio(_entropy(held, amount, middle), whole),
        within=_ratio(_entropy(held, amount, group_mean[..., numbered]), whole),
        between=_ratio(_entropy(in_group, group_mean, middle), whole),
    )


def equally_distributed(value: Floats, people: Ints, aversion: float) -> Floats:
    """The equally distributed equivalent: what each would have, were it shared evenly and judged
    as good as now.

    (sum_i (w_i / W) x_i^(1 - e))^(1 / (1 - e)), for e = 1 the geometric mean; `aversion` e >= 0.
    If anybody has 0 it is 0 for every e >= 1, which is the limit. Atkinson (1970).
    """
    if not aversion >= 0 or np.isinf(aversion):
        raise ValueError("the aversion must be 0 or more")
    amount, count = np.broadcast_arrays(*_checked(value, people))
    middle = _mean(amount, count)
    # Relative to the mean, so that no power runs out of range because of the unit.
    relative = _ratio(amount, np.expand_dims(middle, -1))
    relative = np.where(count > 0, relative, 1.0)
    with np.errstate(divide="ignore", over="ignore"):  # 0 and the limit said above
        if aversion == 1:
            return middle * np.exp(_mean(np.log(relative), count))
        power = 1 - aversion
        return middle * _mean(relative**power, count) ** (1 / power)


def atkinson(value: Floats, people: Ints, aversion: float) -> Floats:
    """Atkinson's index: the share of the whole that could be given up, were the rest shared evenly.

    A = 1 - equally distributed equivalent / mu; `aversion` e >= 0, higher values look more at
    those with least. If anybody has 0 it is 1 for every e >= 1.

    Atkinson, A. B. (1970). On the measurement of inequality. Journal of Economic Theory 2(3),
    244-263.
    """
    amount, count = _checked(value, people)
    level = _ratio(equally_distributed(value, people, aversion), _mean(amount, count))
    # Rounding may leave 1e-16 below 0 when all have the same.
    index: Floats = np.maximum(1 - level, 0.0)
    return index


def fgt(value: Floats, people: Ints, line: float, alpha: float, beyond: Beyond = "above") -> Floats:
    """Foster-Greer-Thorbecke: mean over all people of (shortfall / line)^alpha.

    alpha 0 is the share of people beyond the line, 1 the mean gap, 2 weighs long gaps more. Beyond
    is strictly above the line (minutes) or strictly below it (supply); at the line nobody falls
    short. `line` > 0, `alpha` >= 0.

    Foster, J., Greer, J. and Thorbecke, E. (1984). A class of decomposable poverty measures.
    Econometrica 52(3), 761-766.
    """
    if not line > 0 or not alpha >= 0:
        raise ValueError("the line must be above 0 and alpha 0 or more")
    amount, count = _checked(value, people)
    short = _shortfall(amount, line, beyond)
    return _mean(np.where(short > 0, (short / line) ** alpha, 0.0), count)


def people_shortfall(value: Floats, people: Ints, line: float, beyond: Beyond = "above") -> Floats:
    """People times shortfall, summed: person-minutes beyond the line, for minutes.

    sum_i w_i max(x_i - line, 0) for `above`, with line - x_i for `below`: the gap (alpha 1) of
    Foster, Greer and Thorbecke (1984) before it is divided by the line and by all people.
    """
    amount, count = _checked(value, people)
    total: Floats = (count * _shortfall(amount, line, beyond)).sum(axis=-1)
    return total


def _shortfall(amount: Floats, line: float, beyond: Beyond) -> Floats:
    if beyond not in ("above", "below"):
        raise ValueError(f"beyond must be 'above' or 'below', not {beyond!r}")
    short: Floats = np.maximum(amount - line if beyond == "above" else line - amount, 0.0)
    return short


def _checked(value: Floats, people: Ints) -> tuple[Floats, Floats]:
    amount, count = np.asarray(value, float), np.asarray(people, float)
    if amount.ndim < 1 or amount.shape[-1:] != count.shape[-1:]:
        raise ValueError("value and people must have one entry a place")
    for name, each in (("value", amount), ("people", count)):
        if not np.isfinite(each).all() or (each < 0).any():
            raise ValueError(f"{name} must be finite and not negative")
    return amount, count


def _steps(value: Floats, people: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """The least value (...), each step (..., n - 1) to the next value, the people up to it, and
    all people (...). Places of equal value have no step between them, so their order is free."""
    amount, count = np.broadcast_arrays(*_checked(value, people))
    order = np.argsort(amount, axis=-1)
    amount, count = np.take_along_axis(amount, order, -1), np.take_along_axis(count, order, -1)
    upto = np.cumsum(count, axis=-1)
    least, whole = (
        each[..., 0] if each.shape[-1] else each.sum(axis=-1) for each in (amount, upto[..., ::-1])
    )
    return least, np.diff(amount, axis=-1), upto[..., :-1], whole


def _cumulated_share(part: Floats) -> Floats:
    upto = np.cumsum(part, axis=-1)
    whole = np.broadcast_to(upto[..., -1:], upto.shape)
    share = _ratio(upto, whole)
    return np.concatenate([np.zeros_like(share[..., :1]), share], axis=-1)


def _by_group(amount: Floats, count: Floats, group: Ints) -> tuple[Floats, Floats]:
    """What each group holds and its people, (..., groups); groups are numbered 0, 1, 2 ..."""
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    held, people = (
        np.add.reduceat(each[..., order], first, axis=-1)
        for each in np.broadcast_arrays(amount * count, count)
    )
    return held, people


def _entropy(held: Floats, level: Floats, against: Floats) -> Floats:
    """sum held ln(level / against), 0 where nothing is held; rounding may leave it below 0."""
    some = held > 0
    ratio = np.divide(level, against, out=np.ones(held.shape), where=some)
    total: Floats = np.maximum((held * np.log(ratio)).sum(axis=-1), 0.0)
    return total


def _mean(value: Floats, count: Floats) -> Floats:
    return _ratio((value * count).sum(axis=-1), count.sum(axis=-1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where the whole is 0 (or itself not defined)."""
    part, whole = np.asarray(part), np.asarray(whole)
    shape = np.broadcast_shapes(part.shape, whole.shape)
    divided: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=whole > 0)
    return divided[()]
