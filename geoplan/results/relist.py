"""The same layer judged once more, with one thing changed: other rules, other people near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from geoplan.access.nearest import coverage
from geoplan.designation import Between, Counted, Judged, judge_each
from geoplan.model import Codes, Ints
from geoplan.results.listing import Listing, count_people, people_beyond
from geoplan.results.outcome import Ground, Reached
from geoplan.results.rule_values import measures_of, rule_values
from geoplan.rules import Rule
from geoplan.travel.network import MS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Answer:
    """What rules say of every township (townships,), and the people beyond as each counts them."""

    judged: Judged
    beyond: Ints


def under_rules(
    ground: Ground, reached: Reached, listing: Listing, rules: Sequence[Rule]
) -> Answer:
    """The township's own measures under other rules of the layer, by universe.

    People beyond are counted at the rules' own minutes; all other measures are as they were found,
    and what no rule of the plan compares is measured anew.
    """
    minutes = next((rule.minutes for rule in rules if rule.minutes is not None), None)
    counted = listing.counted
    if minutes is not None:
        within_ms = round(minutes * MS_PER_MINUTE)
        counted = count_people(ground, reached, coverage(reached.access, within_ms))
    more = rule_values(ground, reached, measures_of(rules) - set(listing.values))
    values = {**more, **listing.values, **counted.measures()}
    return _answer(rules, listing.which, counted, values)


def with_counted(listing: Listing, counted: Counted) -> Answer:
    """The plan's own rules, with the people counted otherwise."""
    values = {**listing.values, **counted.measures()}
    return _answer(listing.rules, listing.which, counted, values)


def with_states(ground: Ground, reached: Reached, listing: Listing, state: Codes) -> Answer:
    """The plan's own rules, with the Coverage of every point as `state` (n,) has it."""
    return with_counted(listing, count_people(ground, reached, state))


def at_settlements(ground: Ground, reached: Reached, listing: Listing) -> Answer:
    """The plan's own rules, with everybody of a township at its settlement instead of at villages.

    What a rule asks of the whole township (need) stays as it is.
    """
    point = ground.settlement[ground.demand.township]
    whole = reached.access
    arrays = {
        each.name: getattr(whole, each.name)[point]
        for each in fields(whole)
        if each.name != "layer"
    }
    access = replace(whole, **arrays)
    there = replace(reached, access=access, coverage=reached.coverage[point])
    counted = count_people(ground, there, there.coverage)
    values = rule_values(ground, there, measures_of(listing.rules))
    return _answer(
        listing.rules, listing.which, counted, {**listing.values, **values, **counted.measures()}
    )


def _answer(
    rules: Sequence[Rule], which: Ints, counted: Counted, values: Mapping[str, Between]
) -> Answer:
    return Answer(judge_each(rules, which, values), people_beyond(rules, which, counted))
