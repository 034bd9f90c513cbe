"""A rule in words, built from the rule itself: what the page and the lists say of it."""

from __future__ import annotations

from geoplan.rules import Comparison, Rule
from geoplan.texts import Lang, say


def rule_text(rule: Rule, lang: Lang) -> str:
    """The whole rule: who is beyond, each test, and which tests make which status."""
    beyond = rule.minutes
    tests = [
        say("rule.test", lang, name=test_name(test.id, lang), text=_any_of(rule, test.id, lang))
        for test in rule.tests
    ]
    statuses = [
        say("rule.status", lang, name=say(f"status.{status}", lang), text=_sets(sets, lang))
        for status, sets in rule.status.each()
        if sets
    ]
    return say(
        "rule.whole",
        lang,
        beyond="" if beyond is None else say("rule.beyond", lang, minutes=f"{beyond:g}"),
        tests=say("rule.next", lang).join(tests),
        statuses=say("rule.next", lang).join(statuses),
        rule=rule.id,
        version=rule.version,
    )


def test_name(test: str, lang: Lang) -> str:
    """What a test is called: as the reason it gives."""
    return say(f"reason.{test}", lang)


def comparison_text(rule: Rule, comparison: Comparison, lang: Lang) -> str:
    """One comparison in words: the measure, the sign, the threshold with its unit."""
    parameter = rule.parameter(comparison.parameter)
    value = value_text(parameter.value, parameter.unit, lang)
    bound = say(f"rule.bound.{comparison.sign}", lang, value=value)
    return say(f"rule.says.{comparison.measure}", lang, bound=bound)


def value_text(value: float, unit: str, lang: Lang) -> str:
    """A threshold or a value of a measure, with its unit; a share as a percentage."""
    shown = f"{value * 100:.10g}" if unit == "share" else f"{value:,.10g}"
    return say(f"unit.{unit}", lang, value=shown)


def _any_of(rule: Rule, test: str, lang: Lang) -> str:
    sentences = [
        say("rule.and", lang).join(comparison_text(rule, each, lang) for each in sentence)
        for sentence in rule.test(test).sentences
    ]
    return say("rule.or", lang).join(sentences)


def _sets(sets: tuple[tuple[str, ...], ...], lang: Lang) -> str:
    together = [say("rule.and", lang).join(test_name(each, lang) for each in one) for one in sets]
    return say("rule.or", lang).join(together)
