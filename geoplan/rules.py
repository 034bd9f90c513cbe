"""The rule that lists a township, as people write it: one TOML file a layer and universe.

A rule names its thresholds (`[[parameter]]`: value, unit, source), its tests (`[[test]]`: sentences
`<measure> <sign> <parameter>`, joined by `and`, any one of which is enough) and which tests make
which status (`[status]`). There is no `not`, and a sign may only point to where a measure is worse
for people, so a place can never leave the list because it got worse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from geoplan.door.study_checks import FromToml, Loc, TomlFile, parse_toml
from geoplan.errors import BadInput, Fault
from geoplan.keys import Model, Slug, Text, refers, twice
from geoplan.paths import bundled

Universe = Literal["main_island", "islands"]
UNIVERSES: tuple[Universe, Universe] = ("main_island", "islands")
TestId = Literal["distance", "no_site_on_island", "capacity", "supply", "need"]
Unit = Literal["minutes", "share", "people", "percentile", "people_per_capacity", "sites"]
WORSE_SIGNS = {"more": (">=", ">"), "less": ("<=", "<")}
SIGNS = (">=", ">", "<=", "<")
LARGEST = {"share": 1.0, "percentile": 100.0}
PER_UNIT = {"minutes": Fraction(60_000), "percentile": Fraction(1, 100)}
"""What the engine counts in one unit as it is written: milliseconds a minute, 0..1 a percentile."""

BEYOND = "own_minutes"
"""The figure of one village that the sentence `beyond` compares."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rule may compare: its unit, and at which end it is worse for people."""

    unit: Unit
    worse: Literal["more", "less"] = "more"


MEASURES: Mapping[str, Measure] = {
    "share_beyond": Measure("share"),
    "people_beyond": Measure("people"),
    "share_without_site_on_island": Measure("share"),
    "people_without_site_on_island": Measure("people"),
    "own_minutes_p90": Measure("minutes"),
    "need_percentile": Measure("percentile"),
    "people_per_capacity": Measure("people_per_capacity"),
    "residents_per_site": Measure("people"),
    "sites_per_1000": Measure("sites", "less"),
    "sites_within_reach": Measure("sites", "less"),
}
NAMES = re.compile(r"[A-Za-z0-9_.-]+")
COUNTED_BEYOND = ("share_beyond", "people_beyond")
SHARES = ("share_beyond", "share_without_site_on_island")


class Comparison(NamedTuple):
    """`<measure> <sign> <parameter>`."""

    measure: str
    sign: str
    parameter: str


class Parameter(Model):
    """A threshold, in the unit it is written in, and who says so."""

    id: Slug
    value: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
    unit: Unit
    source: Text


class RuleTest(Model):
    """True where any one of the sentences is true; a sentence where all its comparisons are."""

    id: TestId
    any_of: Annotated[tuple[Text, ...], Field(min_length=1)]

    @property
    def sentences(self) -> tuple[tuple[Comparison, ...], ...]:
        """The sentences taken apart."""
        return tuple(
            tuple(Comparison(*part.split()) for part in joined(text)) for text in self.any_of
        )


class Statuses(Model):
    """Which tests, true together, make which status; the first status that holds counts."""

    severe: tuple[Text, ...] = ()
    underserved: Annotated[tuple[Text, ...], Field(min_length=1)]
    watch: tuple[Text, ...] = ()

    def each(self) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
        """(status, its sets of tests), the most severe first."""
        for name in ("severe", "underserved", "watch"):
            yield name, tuple(tuple(joined(text)) for text in getattr(self, name))


class Rule(Model):
    """The versioned rule of one layer in one universe.

    `beyond` says which villages' people are counted by `share_beyond` and `people_beyond`.
    """

    id: Slug
    version: Text
    layer: Slug
    universe: Universe
    beyond: Text | None = None
    parameters: Annotated[tuple[Parameter, ...], Field(alias="parameter", min_length=1)]
    tests: Annotated[tuple[RuleTest, ...], Field(alias="test", min_length=1)]
    status: Statuses

    def parameter(self, name: str) -> Parameter:
        """The parameter called so."""
        return next(each for each in self.parameters if each.id == name)

    def test(self, name: str) -> RuleTest:
        """The test called so."""
        return next(each for each in self.tests if each.id == name)

    @property
    def minutes(self) -> float | None:
        """More than so many minutes from the own site is beyond; None if that is not asked."""
        return None if self.beyond is None else self.parameter(self.beyond.split()[2]).value

    def thresholds(self, *measures: str) -> list[float]:
        """What these measures are compared with, in the order of the file."""
        return [
            self.parameter(each.parameter).value
            for test in self.tests
            for sentence in test.sentences
            for each in sentence
            if each.measure in measures
        ]

    def exactly(self, comparison: Comparison) -> Fraction:
        """The threshold of a comparison as it is written, in what the engine counts."""
        parameter = self.parameter(comparison.parameter)
        return Fraction(str(parameter.value)) * PER_UNIT.get(parameter.unit, 1)


def joined(text: str) -> list[str]:
    """The parts of a sentence that `and` joins."""
    return re.split(r"\s+and\s+", text.strip())


def read_rule(folder: Path, layer: str, universe: Universe) -> tuple[Rule | None, list[Fault]]:
    """The rule of a layer: beside the study first, then the bundled one; None with its faults."""
    name = f"rules/{layer}.{universe}.toml"
    places = [folder / name, bundled("studies") / name]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return None, [Fault("rule_missing", name, values={"layer": layer, "universe": universe})]
    try:
        read = parse_toml(path, shown=name)
    except BadInput as error:
        return None, list(error.faults)
    parts: FromToml[Rule] = read.validate(Rule, read.table)
    faults = [*read.faults, *parts.faults]
    rule = parts.value
    if rule is None:
        return None, faults
    if (rule.layer, rule.universe) != (layer, universe):
        says = f"{rule.layer}.{rule.universe}"
        faults.append(Fault("rule_of_another", name, values={"says": says}))
    faults += rule_faults(rule, read)
    return (None if faults else rule), faults


def rule_faults(rule: Rule, read: TomlFile) -> list[Fault]:
    """What no single key can show: sentences that say nothing, names that point nowhere."""
    faults = [
        *twice(read, "parameter", [each.id for each in rule.parameters]),
        *twice(read, "test", [each.id for each in rule.tests]),
        *_status_faults(rule, read),
    ]
    for place, each in enumerate(rule.parameters):
        most = LARGEST.get(each.unit)
        if most is not None and each.value > most:
            loc = ("parameter", place, "value")
            values = {"given": each.value, "sign": "<=", "limit": f"{most:g}"}
            faults.append(read.fault("key_range", loc, **values))
    for at, test in enumerate(rule.tests):
        for row, text in enumerate(test.any_of):
            for part in joined(text):
                faults += _sentence_faults(rule, read, ("test", at, "any_of", row), part)
    named = set(NAMES.findall(" ".join([rule.beyond or "", *_texts(rule)])))
    if rule.beyond is not None:
        faults += _beyond_faults(rule, read, rule.beyond.split())
    elif named & set(COUNTED_BEYOND):
        faults.append(read.fault("rule_beyond_missing", ("beyond",)))
    idle = [each.id for each in rule.parameters if each.id not in named]
    return faults + [read.fault("rule_unused", ("parameter",), name=name) for name in idle]


def _texts(rule: Rule) -> list[str]:
    return [text for test in rule.tests for text in test.any_of]


def _sentence_faults(rule: Rule, read: TomlFile, loc: Loc, part: str) -> list[Fault]:
    """Faults of one comparison: form, names, unit, and the way its sign points."""
    words = part.split()
    if len(words) != 3:
        return [read.fault("rule_sentence", loc, given=part)]
    measure, sign, parameter = words
    faults = [
        *refers(read, loc, [measure], MEASURES),
        *refers(read, loc, [sign], SIGNS),
        *refers(read, loc, [parameter], [each.id for each in rule.parameters]),
    ]
    if faults:
        return faults
    known, given = MEASURES[measure], rule.parameter(parameter)
    if given.unit != known.unit:
        values = {"parameter": parameter, "unit": given.unit, "wanted": known.unit}
        faults.append(read.fault("rule_unit", loc, measure=measure, **values))
    if sign == ">=" and given.value <= 0:
        faults.append(read.fault("rule_always", loc, given=part, parameter=parameter))
    if sign not in WORSE_SIGNS[known.worse]:
        signs = " ".join(WORSE_SIGNS[known.worse])
        faults.append(read.fault("rule_sign", loc, measure=measure, given=sign, signs=signs))
    return faults


def _beyond_faults(rule: Rule, read: TomlFile, words: list[str]) -> list[Fault]:
    """`own_minutes > <parameter of minutes>`: the threshold itself is within, in every rule."""
    minutes = [each.id for each in rule.parameters if each.unit == "minutes"]
    if len(words) == 3 and words[:2] == [BEYOND, ">"]:
        return refers(read, ("beyond",), words[2:], minutes)
    return [read.fault("rule_beyond", ("beyond",), given=" ".join(words))]


def _status_faults(rule: Rule, read: TomlFile) -> list[Fault]:
    tests = [str(each.id) for each in rule.tests]
    faults, used = [], set()
    for status, sets in rule.status.each():
        for names in sets:
            faults += refers(read, ("status", status), names, tests)
            used |= set(names)
    idle = [name for name in tests if name not in used]
    return faults + [read.fault("rule_unused", ("test",), name=name) for name in idle]
