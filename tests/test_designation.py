"""The rule engine: three values, exact comparison, laws; beside a plain evaluator."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.designation import Between, Counted, compare_rules, comparisons, judge, judge_each
from geoplan.rules import MEASURES, PER_UNIT, WORSE_SIGNS, Rule
from geoplan.tables import LISTED, STATUSES

SIGNS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
SEVERITY = ("not_listed", "watch", "underserved", "severe")
ASKED = ("share_beyond", "people_beyond", "need_percentile", "sites_within_reach")
WHOLE = 1000
"""People of the target group in the examples."""


def rule_of(
    tests: Mapping[str, list[str]],
    status: Mapping[str, list[str]],
    values: Mapping[str, tuple[float, str]],
) -> Rule:
    """A rule from its sentences; `values` gives each parameter's value and unit."""
    return Rule.model_validate(
        {
            "id": "a.main_island",
            "version": "1",
            "layer": "a",
            "universe": "main_island",
            "beyond": "own_minutes > minutes",
            "parameter": [
                {"id": "minutes", "value": 30.0, "unit": "minutes", "source": "test"},
                *(
                    {"id": name, "value": float(value), "unit": unit, "source": "test"}
                    for name, (value, unit) in values.items()
                ),
            ],
            "test": [{"id": name, "any_of": any_of} for name, any_of in tests.items()],
            "status": status,
        }
    )


RULE = rule_of(
    {
        "distance": [
            "share_beyond >= share",
            "people_beyond >= people and share_beyond >= less",
        ],
        "need": ["need_percentile >= needy"],
    },
    {"severe": ["distance and need"], "underserved": ["distance"], "watch": ["need"]},
    {
        "share": (0.33, "share"),
        "people": (500, "people"),
        "less": (0.05, "share"),
        "needy": (80, "percentile"),
    },
)


def status_of(rule: Rule, values: Mapping[str, Between]) -> str:
    return STATUSES[int(judge(rule, values).status.ravel()[0])]


def by_default(beyond: int, perhaps: int, total: int, need: float | None = 0.0) -> str:
    none = np.array([0])
    counted = Counted(np.array([total]), np.array([beyond]), np.array([perhaps]), none, none)
    percentile = Between.exactly(np.array([np.nan if need is None else need]))
    return status_of(RULE, {**counted.measures(), "need_percentile": percentile})


def listed(beyond: int, total: int) -> bool:
    return by_default(beyond, 0, total) in LISTED


def test_thresholds_count_as_written() -> None:
    assert listed(33, 100)
    assert not listed(32, 100)
    assert listed(500, 10_000)  # exactly 500 people and exactly 5 %
    assert not listed(499, 9_980)
    assert not listed(500, 10_001)
    assert not listed(0, 0)


def test_a_third_is_not_rounded_to_the_threshold() -> None:
    share = rule_of(
        {"distance": ["share_beyond >= share"]},
        {"underserved": ["distance"]},
        {"share": (0.33, "share")},
    )
    for total in (100, 1_000_000, 10**17):  # at the last, 64 bits do not hold the product
        for short, expected in ((0, "underserved"), (1, "not_listed")):
            beyond = np.array([total * 33 // 100 - short])
            value = Between(beyond, beyond, whole=np.array([total]))
            assert status_of(share, {"share_beyond": value}) == expected


@pytest.mark.parametrize("percentile", range(1, 100))
def test_a_percentile_at_its_threshold_is_at_it(percentile: int) -> None:
    need = rule_of(
        {"need": ["need_percentile >= needy"]},
        {"underserved": ["need"]},
        {"needy": (percentile, "percentile")},
    )
    for below in (percentile, percentile * 3):  # places below, of 100 and of 300 others
        at = Between.exactly(np.array([below / (100 if below == percentile else 300)]))
        assert status_of(need, {"need_percentile": at}) == "underserved"
        assert next(comparisons(need, {"need_percentile": at})).margin[0] == 0
        under = Between.exactly(np.nextafter(at.least, 0))
        assert status_of(need, {"need_percentile": under}) == "not_listed"


@pytest.mark.parametrize(
    ("measure", "sign", "at", "worse"),
    [
        ("people_beyond", ">=", "underserved", "underserved"),
        ("people_beyond", ">", "not_listed", "underserved"),
        ("sites_within_reach", "<=", "underserved", "underserved"),
        ("sites_within_reach", "<", "not_listed", "underserved"),
    ],
)
def test_signs_at_the_exact_edge(measure: str, sign: str, at: str, worse: str) -> None:
    rule = rule_of(
        {"distance": [f"{measure} {sign} edge"]},
        {"underserved": ["distance"]},
        {"edge": (500, MEASURES[measure].unit)},
    )
    towards = 1 if MEASURES[measure].worse == "more" else -1
    for step, expected in ((0, at), (towards, worse), (-towards, "not_listed")):
        value = np.array([500 + step])
        assert status_of(rule, {measure: Between(value, value)}) == expected


def test_unknown_people_decide_only_if_they_can() -> None:
    assert by_default(40, 10, 100) == "underserved"
    assert by_default(10, 10, 100) == "not_listed"
    assert by_default(30, 10, 100) == "undetermined"


def test_statuses() -> None:
    assert by_default(50, 0, 100, 0.8) == "severe"
    assert by_default(50, 0, 100, 0.7) == "underserved"
    assert by_default(0, 0, 100, 0.8) == "watch"
    assert by_default(0, 0, 100, 0.7) == "not_listed"
    assert by_default(30, 10, 100, 0.8) == by_default(30, 10, 100, 0.7) == "undetermined"
    # Need that is not known neither takes a place off the list nor is read as low.
    assert by_default(50, 0, 100, None) == "underserved"
    assert by_default(0, 0, 100, None) == "undetermined"


def test_a_test_without_any_data_is_no_part_of_the_rule() -> None:
    rule = rule_of(
        {
            "distance": ["people_beyond >= people"],
            "capacity": ["people_per_capacity > load"],
            "need": ["need_percentile >= needy"],
        },
        {
            "severe": ["distance and capacity", "distance and need"],
            "underserved": ["distance", "need and capacity"],
        },
        {
            "people": (500, "people"),
            "load": (20_000, "people_per_capacity"),
            "needy": (80, "percentile"),
        },
    )
    people = np.array([600, 600, 0, 0])
    need = Between.exactly(np.array([0.9, 0.1, 0.9, 0.1]))
    values = {"people_beyond": Between(people, people), "need_percentile": need}
    without = judge(rule, values)
    names = [STATUSES[code] for code in without.status]
    assert names == ["severe", "underserved", "not_listed", "not_listed"]
    assert set(without.tests) == {"distance", "need"}
    assert {each.test for each in comparisons(rule, values)} == {"distance", "need"}
    load = Between.exactly(np.array([20_000, 20_001, np.inf, np.nan]))
    judged = judge(rule, {**values, "people_per_capacity": load})
    names = [STATUSES[code] for code in judged.status]
    assert names == ["severe", "severe", "underserved", "not_listed"]


def test_draws_of_townships_are_judged_as_each_alone() -> None:
    rng = np.random.default_rng(7)
    beyond = rng.integers(0, 1000, (50, 20))
    perhaps = rng.integers(0, 200, (50, 20))
    need = rng.random((50, 20))
    whole = np.full((50, 20), WHOLE)
    counted = Counted(whole, beyond, perhaps, np.zeros_like(beyond), perhaps)
    values = {**counted.measures(), "need_percentile": Between.exactly(need)}
    island = rule_of(
        {"no_site_on_island": ["share_without_site_on_island > share"]},
        {"underserved": ["no_site_on_island"]},
        {"share": (0.1, "share")},
    )
    which = np.arange(20) % 2
    both = judge_each((RULE, island), which, values)
    assert both.status.shape == (50, 20)
    for rule, here in ((RULE, which == 0), (island, which == 1)):
        assert (both.status[:, here] == judge(rule, values).status[:, here]).all()
    assert not both.tests["need"][:, which == 1].any()
    for draw, place in ((0, 0), (17, 4), (49, 18)):
        alone = by_default(
            int(beyond[draw, place]), int(perhaps[draw, place]), WHOLE, need[draw, place]
        )
        assert STATUSES[both.status[draw, place]] == alone


def test_changes_between_two_rules_in_townships_and_people() -> None:
    beyond = np.array([600, 400, 450, 90])
    whole = np.full(4, WHOLE)
    value = {"share_beyond": Between(beyond, beyond, whole=whole)}

    def with_share(share: float) -> Rule:
        return rule_of(
            {"distance": ["share_beyond >= share"]},
            {"underserved": ["distance"]},
            {"share": (share, "share")},
        )

    changes = compare_rules(judge(with_share(0.5), value), judge(with_share(0.42), value))
    assert changes.came.tolist() == [False, False, True, False]
    assert not changes.went.any()
    assert changes.people(beyond, beyond) == (450, 0)


# Any rule, any figures: beside an evaluator in plain Python that tries every end of every interval.

PARAMETERS = st.fixed_dictionaries(
    {
        "share_beyond": st.integers(0, 20).map(lambda n: n / 20),
        "people_beyond": st.integers(0, WHOLE),
        "need_percentile": st.integers(0, 100),
        "sites_within_reach": st.integers(0, 5),
    }
)
TESTS = ("distance", "capacity", "need")


@st.composite
def rules(draw: Any) -> Rule:
    """Three tests of up to two sentences of up to two comparisons, joined to statuses."""
    values = draw(PARAMETERS)

    def comparison() -> str:
        measure = draw(st.sampled_from(ASKED))
        return f"{measure} {draw(st.sampled_from(WORSE_SIGNS[MEASURES[measure].worse]))} {measure}"

    def sentence() -> str:
        return " and ".join(comparison() for _ in range(draw(st.integers(1, 2))))

    def sets(least: int) -> list[str]:
        picked = st.lists(st.sampled_from(TESTS), min_size=1, max_size=2, unique=True)
        return [" and ".join(names) for names in draw(st.lists(picked, min_size=least, max_size=2))]

    return rule_of(
        {name: [sentence() for _ in range(draw(st.integers(1, 2)))] for name in TESTS},
        {"severe": sets(0), "underserved": sets(1), "watch": sets(0)},
        {name: (value, MEASURES[name].unit) for name, value in values.items()},
    )


Figures = dict[str, tuple[int | None, int | None]]
"""Least and most of each measure in whole people, percentiles and sites; None is not known."""
MOST = {"share_beyond": WHOLE, "people_beyond": WHOLE, "need_percentile": 100}


@st.composite
def figures(draw: Any, known: bool = False) -> Figures:
    found: Figures = {}
    for name in ASKED:
        ends = st.integers(0, MOST.get(name, 5))
        if known:
            found[name] = (value := draw(ends), value)
        elif name in ("need_percentile", "sites_within_reach"):
            found[name] = draw(st.one_of(st.just((None, None)), ends.map(lambda n: (n, n))))
        else:
            found[name] = tuple(sorted((draw(ends), draw(ends))))
    return found


def between(figures: Figures) -> dict[str, Between]:
    values = {}
    for name, (least, most) in figures.items():
        scale = 100 if name == "need_percentile" else 1
        low = -np.inf if least is None else least / scale
        high = np.inf if most is None else most / scale
        if name in ("share_beyond", "people_beyond"):
            whole = np.array([WHOLE]) if name == "share_beyond" else None
            values[name] = Between(np.array([least]), np.array([most]), whole=whole)
        else:
            values[name] = Between(np.array([low]), np.array([high]))
    return values


def plain_status(rule: Rule, value: Mapping[str, Fraction | float]) -> str:
    """The rule for one place whose figures are all known, read from its own text."""
    parameter = {each.id: Fraction(str(each.value)) for each in rule.parameters}
    true = {
        test.id: any(
            all(
                SIGNS[sign](value[measure], parameter[name])
                for measure, sign, name in (part.split() for part in sentence.split(" and "))
            )
            for sentence in test.any_of
        )
        for test in rule.tests
    }
    for status in ("severe", "underserved", "watch"):
        for names in getattr(rule.status, status):
            if all(true[name] for name in names.split(" and ")):
                return status
    return "not_listed"


def plain(rule: Rule, figures: Figures) -> str:
    """The same where figures are not known: every end of every one of them is tried."""
    ends = []
    for name, (least, most) in figures.items():
        unit = WHOLE if name == "share_beyond" else 1
        low = -np.inf if least is None else Fraction(least, unit)
        high = np.inf if most is None else Fraction(most, unit)
        ends.append({low, high})
    found = {
        plain_status(rule, dict(zip(figures, corner, strict=True)))
        for corner in itertools.product(*ends)
    }
    if found <= set(LISTED) or len(found) == 1:
        return min(found, key=SEVERITY.index)
    return "undetermined"


@given(rules(), figures())
def test_the_engine_says_what_a_plain_reading_of_the_rule_says(rule: Rule, found: Figures) -> None:
    assert status_of(rule, between(found)) == plain(rule, found)


@given(rules(), figures())
def test_a_missing_input_never_lists(rule: Rule, found: Figures) -> None:
    if status_of(rule, between(found)) in LISTED:
        return
    for name in ("need_percentile", "sites_within_reach"):
        unknown: Figures = {**found, name: (None, None)}
        assert status_of(rule, between(unknown)) not in LISTED


@given(rules(), figures(known=True), figures(known=True))
def test_worse_figures_never_lower_the_severity(rule: Rule, one: Figures, other: Figures) -> None:
    """Worse need never takes a place off the list, nor do more people beyond or fewer sites."""
    worse: Figures = {}
    for name, (figure, _) in one.items():
        pick = max if MEASURES[name].worse == "more" else min
        value = pick(figure or 0, other[name][0] or 0)
        worse[name] = (value, value)
    before, after = (SEVERITY.index(status_of(rule, between(each))) for each in (one, worse))
    assert after >= before


@given(rules(), figures(), st.sampled_from(ASKED), st.integers(1, 10))
def test_a_stricter_threshold_only_adds_and_a_milder_only_removes(
    rule: Rule, found: Figures, measure: str, step: int
) -> None:
    """Each parameter of these rules is compared with the measure it is named for."""
    raised = rule.model_copy(
        update={
            "parameters": tuple(
                each.model_copy(update={"value": each.value + step}) if each.id == measure else each
                for each in rule.parameters
            )
        }
    )
    changes = compare_rules(judge(rule, between(found)), judge(raised, between(found)))
    assert not (changes.came if MEASURES[measure].worse == "more" else changes.went).any()


@given(rules(), figures())
def test_margins_say_what_holds(rule: Rule, found: Figures) -> None:
    for each in comparisons(rule, between(found)):
        measure, sign, _ = each.comparison
        better = found[measure][0 if MEASURES[measure].worse == "more" else 1]
        if better is None:
            assert np.isnan(each.margin[0])
            continue
        unit = WHOLE if measure == "share_beyond" else 1
        away = Fraction(better, unit) - Fraction(str(each.parameter.value))
        away = away if MEASURES[measure].worse == "more" else -away
        if measure != "need_percentile":  # a percentile comes as a binary fraction
            assert each.margin[0] == float(away)
        surely = each.margin[0] > 0 or (each.margin[0] == 0 and "=" in sign)
        assert surely == (each.holds[0] == 1)


def test_margins_are_told_in_the_unit_of_the_threshold() -> None:
    rule = rule_of(
        {"distance": ["own_minutes_p90 > minutes"], "need": ["need_percentile >= needy"]},
        {"underserved": ["distance"], "watch": ["need"]},
        {"needy": (80, "percentile")},
    )
    ms = Between(np.array([1_860_000.0, 90.0]), np.array([np.inf, 90.0]), whole=np.array([1, 0]))
    need = Between.exactly(np.array([0.75, np.nan]))
    slow, needy = comparisons(rule, {"own_minutes_p90": ms, "need_percentile": need})
    assert PER_UNIT["minutes"] == 60_000
    assert (slow.least[0], slow.margin[0], slow.holds[0]) == (31, 1, 1)
    assert np.isnan([slow.most[0], slow.least[1], slow.margin[1], needy.least[1]]).all()
    assert slow.holds[1] == 0  # nobody lives there
    assert (needy.least[0], needy.margin[0]) == (75, -5)
    assert needy.holds.tolist() == [0, 2]
