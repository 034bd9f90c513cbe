"""A rule on arrays: three-valued, exact, of any shape.

Every measure comes as the least and the most it can be. A comparison is true if it holds at both
ends, false if at neither, else not known. Tests and statuses join comparisons by `and` and `or`
alone (Kleene's strong logic), so what is not known stays so only where it can change the answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.model import Bools, Codes, Floats, Ints
from geoplan.rules import MEASURES, Comparison, Rule, RuleTest
from geoplan.tables import LISTED, STATUSES

FALSE, TRUE, NOT_KNOWN = 0, 1, 2
UNDETERMINED = STATUSES.index("undetermined")
NOT_LISTED = STATUSES.index("not_listed")
LISTED_CODES = [STATUSES.index(name) for name in LISTED]
MOST_INT = 2**62
Sign = Callable[[Any, Any], Any]
COMPARE: Mapping[str, Sign] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Between:
    """A measure that is at least `least` and at most `most`; arrays of one shape.

    Counted in what the engine counts: people, milliseconds, need percentile from 0 to 1. Integers
    are compared exactly. A share is `least / whole` to `most / whole`, both ends and `whole`
    integers, and is never divided; where `whole` is 0 nobody is counted and no comparison holds.
    Not known at all: -inf to inf.
    """

    least: Ints | Floats
    most: Ints | Floats
    whole: Ints | None = None

    @classmethod
    def exactly(cls, value: Floats) -> Between:
        """A measured value; NaN is not known."""
        unknown = np.isnan(value)
        return cls(np.where(unknown, -np.inf, value), np.where(unknown, np.inf, value))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule says, in the shape of its measures.

    `status` is a position in tables.STATUSES. `tests` has for each test of the rule FALSE, TRUE or
    NOT_KNOWN; a test one of whose measures was not given at all has no entry: it is no part of the
    rule.
    """

    status: Codes
    tests: Mapping[str, Codes]

    @property
    def listed(self) -> Bools:
        """Surely listed."""
        return np.isin(self.status, LISTED_CODES)


def judge(rule: Rule, values: Mapping[str, Between]) -> Judged:
    """Statuses by the rule; `values` has the measures that have data, all of one shape.

    Listed if and only if a status that lists is true whatever the missing inputs are; its severity
    is then the one that is sure. Where it is not, undetermined if the missing inputs can change the
    status. So a missing input never lists a place, and never takes one off.
    """
    tests: dict[str, Codes] = {
        test.id: judge_test(rule, test, values)
        for test in rule.tests
        if all(each.measure in values for part in test.sentences for each in part)
    }
    shape = np.shape(next(iter(values.values())).least)
    surely = _status(rule, {name: codes == TRUE for name, codes in tests.items()}, shape)
    perhaps = _status(rule, {name: codes != FALSE for name, codes in tests.items()}, shape)
    unsure = ~np.isin(surely, LISTED_CODES) & (surely != perhaps)
    return Judged(np.where(unsure, UNDETERMINED, surely).astype(np.uint8), tests)


def judge_each(rules: Sequence[Rule], which: Ints, values: Mapping[str, Between]) -> Judged:
    """As `judge`, each place by a rule of its own: `which` (places,) is its position in `rules`.

    Places are the last axis of the measures. A test that a place's rule does not have is FALSE.
    """
    judged = [judge(rule, values) for rule in rules]
    status = np.choose(which, [each.status for each in judged])
    names = dict.fromkeys(name for each in judged for name in each.tests)
    false = np.full(status.shape, FALSE, np.uint8)
    tests = {
        name: np.choose(which, [each.tests.get(name, false) for each in judged]) for name in names
    }
    return Judged(status, tests)


def judge_test(rule: Rule, test: RuleTest, values: Mapping[str, Between]) -> Codes:
    """FALSE, TRUE or NOT_KNOWN of one test."""
    sentences = []
    for sentence in test.sentences:
        ends = [compare(values[each.measure], each, rule.exactly(each)) for each in sentence]
        sentences.append(np.all(ends, axis=0))
    surely, perhaps = np.any(sentences, axis=0)
    return three_valued(surely, perhaps)


def three_valued(surely: Bools, perhaps: Bools) -> Codes:
    """FALSE, TRUE or NOT_KNOWN from both ends of an answer."""
    return np.where(surely, TRUE, np.where(perhaps, NOT_KNOWN, FALSE)).astype(np.uint8)


def compare(value: Between, comparison: Comparison, threshold: Fraction) -> tuple[Bools, Bools]:
    """(surely, perhaps): does the comparison hold at the end that is better for people, and at the
    one that is worse? `threshold` is in what the engine counts; nothing is rounded."""
    ends = (value.least, value.most)
    better, worse = ends if MEASURES[comparison.measure].worse == "more" else ends[::-1]
    sign = COMPARE[comparison.sign]
    return (
        _holds(better, value.whole, sign, threshold),
        _holds(worse, value.whole, sign, threshold),
    )


def _holds(end: Ints | Floats, whole: Ints | None, sign: Sign, threshold: Fraction) -> Bools:
    """`end / whole <sign> numerator / denominator`, multiplied out."""
    if whole is None and np.issubdtype(end.dtype, np.floating):
        return np.asarray(sign(end, float(threshold)))  # both are the nearest double of theirs
    end, under = widened(end, np.ones_like(end) if whole is None else whole, threshold)
    answer = sign(end * threshold.denominator, under * threshold.numerator)
    return np.asarray(answer & (under > 0), bool)


def widened(
    end: Ints | Floats, under: Ints | Floats, threshold: Fraction
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Both, as Python's integers where 64 bits could not hold them times the threshold's parts."""
    if _fits(end, threshold.denominator) and _fits(under, threshold.numerator):
        return end, under
    return end.astype(object), under.astype(object)


def _fits(people: Ints | Floats, factor: int) -> bool:
    if np.issubdtype(people.dtype, np.floating) or not people.size:
        return factor < MOST_INT
    return max(abs(int(people.max())), abs(int(people.min()))) * factor < MOST_INT


def _status(rule: Rule, holds: Mapping[str, Bools], shape: tuple[int, ...]) -> Codes:
    """The first status one of whose sets of tests holds; else not listed."""
    status = np.full(shape, NOT_LISTED, np.uint8)
    for name, sets in reversed(list(rule.status.each())):
        for tests in sets:
            if all(test in holds for test in tests):
                together = np.all([holds[test] for test in tests], axis=0)
                status[together] = STATUSES.index(name)
    return status
