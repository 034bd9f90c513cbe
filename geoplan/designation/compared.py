"""Each comparison of a rule laid open: the value, the threshold, and how far it is from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from geoplan.designation.engine import Between, compare, three_valued, widened
from geoplan.model import Codes, Floats, Ints
from geoplan.rules import MEASURES, PER_UNIT, Comparison, Parameter, Rule


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison for all places, in the unit the threshold is written in.

    `least` and `most` bound the value; NaN where nothing bounds it (not known, or cut off) or
    nobody is counted. `margin` is how far the end that is better for people lies beyond the
    threshold: the comparison surely holds where it is more than 0, or 0 with `>=` and `<=`.
    """

    test: str
    sentence: int
    comparison: Comparison
    parameter: Parameter
    least: Floats
    most: Floats
    margin: Floats
    holds: Codes


def comparisons(rule: Rule, values: Mapping[str, Between]) -> Iterator[Compared]:
    """Every comparison of the rule in the order of its file; tests without data are left out."""
    for test in rule.tests:
        known = all(each.measure in values for part in test.sentences for each in part)
        for number, sentence in enumerate(test.sentences if known else (), 1):
            for each in sentence:
                yield _compared(rule, test.id, number, each, values[each.measure])


def _compared(
    rule: Rule, test: str, sentence: int, comparison: Comparison, value: Between
) -> Compared:
    threshold = rule.exactly(comparison)
    parameter = rule.parameter(comparison.parameter)
    unit = PER_UNIT.get(parameter.unit, Fraction(1))
    more = MEASURES[comparison.measure].worse == "more"
    better = value.least if more else value.most
    over = _over(better, value.whole, threshold, unit)
    return Compared(
        test=test,
        sentence=sentence,
        comparison=comparison,
        parameter=parameter,
        least=_over(value.least, value.whole, Fraction(0), unit),
        most=_over(value.most, value.whole, Fraction(0), unit),
        margin=over if more else -over,
        holds=three_valued(*compare(value, comparison, threshold)),
    )


def _over(end: Ints | Floats, whole: Ints | None, threshold: Fraction, unit: Fraction) -> Floats:
    """`(end / whole - threshold) / unit`, one division at the last; NaN without end or people."""
    under = np.ones(end.shape, np.int64) if whole is None else whole
    found = np.full(end.shape, np.nan)
    known = np.isfinite(end) & (under > 0)
    if whole is None and np.issubdtype(end.dtype, np.floating):
        per, apart = float(1 / unit), end[known] - float(threshold)
        told = end[known] * per - float(threshold / unit)
        # A binary fraction may cross the threshold when it is told in another unit.
        found[known] = np.where(np.sign(told) == np.sign(apart), told, apart * per)
        return found
    top, bottom = threshold.numerator, threshold.denominator
    part, under = widened(end[known], under[known], threshold)
    found[known] = (
        (part * bottom - under * top) * unit.denominator / (under * bottom * unit.numerator)
    )
    return found
