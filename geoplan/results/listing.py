"""Which townships the rule lists, for one layer: measures, statuses, reasons, certainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.access.aggregate import sum_by
from geoplan.designation import NOT_KNOWN, TRUE, Between, Counted, Judged, judge_each
from geoplan.model import Bools, Codes, Coverage, Floats, Ints, State
from geoplan.results.outcome import Ground, Reached
from geoplan.results.rule_values import measures_of, rule_values
from geoplan.rules import SHARES, Rule
from geoplan.steps import complete_counties, rule_of
from geoplan.tables import STATUSES, UNIVERSES

DISTANCE = ("distance", "no_site_on_island")
NOT_LISTED = STATUSES.index("not_listed")
UNDETERMINED = STATUSES.index("undetermined")


@dataclass(frozen=True, slots=True)
class Listing:
    """The rule's answer for every township (townships,) of one layer.

    `rules` are the layer's, by universe; `which` is the one of each township. `values` are the
    measures they compare, `judged` what each township's own rule says.
    """

    rules: tuple[Rule, ...]
    which: Ints
    counted: Counted
    values: Mapping[str, Between]
    judged: Judged
    reasons: tuple[tuple[str, ...], ...]
    firm: Bools

    @property
    def status(self) -> Codes:
        """Position in tables.STATUSES."""
        return self.judged.status

    @property
    def listed(self) -> Bools:
        return self.judged.listed

    @property
    def beyond(self) -> Ints:
        """As `people_beyond`."""
        return people_beyond(self.rules, self.which, self.counted)

    @property
    def beyond_share(self) -> Floats:
        """Share of the target group beyond; NaN where nothing is known of anybody in it."""
        known = self.counted.perhaps_beyond < self.target
        nothing = np.full(len(self.which), np.nan)
        share: Floats = np.divide(self.beyond, self.target, out=nothing, where=known)
        return share

    @property
    def target(self) -> Ints:
        return self.counted.target

    @property
    def margin_share(self) -> Floats:
        """Share beyond minus the first share the rule compares with; NaN where nobody counts."""
        first = np.array([(*rule.thresholds(*SHARES), np.nan)[0] for rule in self.rules])
        margin = np.full(len(self.which), np.nan)
        some = self.target > 0
        margin[some] = self.beyond[some] / self.target[some] - first[self.which][some]
        return margin


def list_townships(ground: Ground, reached: Reached) -> Listing:
    """Apply the layer's rules to every township.

    The answer is firm where the county's list is complete and no site that a neighbour's list lacks
    could take the township off.
    """
    inputs, layer, access = ground.inputs, reached.layer, reached.access
    rules = tuple(rule_of(inputs.study, layer.id, universe) for universe in UNIVERSES)
    counted = count_people(ground, reached, reached.coverage)
    values = {**counted.measures(), **rule_values(ground, reached, measures_of(rules))}
    judged = judge_each(rules, ground.universe, values)

    def without(spared: Bools) -> Bools:
        """Listed even if these people are near."""
        fewer = count_people(ground, reached, reached.coverage, spared)
        return judge_each(rules, ground.universe, {**values, **fewer.measures()}).listed

    unlisted = (access.unlisted_ms >= 0) & (access.unlisted_ms <= reached.threshold_ms)
    near = (access.nearest_state == State.MEASURED) & (access.nearest_ms <= reached.threshold_ms)
    complete = complete_counties(inputs, layer.id)[ground.county]
    gap = np.zeros(len(complete), bool)
    gap[ground.demand.township[access.list_gap]] = True
    return Listing(
        rules=rules,
        which=ground.universe,
        counted=counted,
        values=values,
        judged=judged,
        reasons=_reasons(judged, judged.listed & ~without(near), gap),
        firm=complete & (~judged.listed | without(unlisted)),
    )


def count_people(
    ground: Ground, reached: Reached, state: Codes, spared: Bools | None = None
) -> Counted:
    """The layer's target group of every township by the Coverage of each point, `state` (n,).

    Those who are `spared` (n,) count as near, whatever is measured.
    """
    area, people = ground.demand.township, reached.people
    counts = np.ones(len(people), bool) if spared is None else ~spared
    cut_off, unsure = state == Coverage.UNREACHABLE, state == Coverage.UNDETERMINED

    def total(who: Bools) -> Ints:
        return sum_by(area, len(ground.universe), np.where(who, people, 0))

    return Counted(
        target=total(np.ones(len(people), bool)),
        beyond=total(counts & ((state == Coverage.UNCOVERED) | cut_off)),
        perhaps_beyond=total(unsure),
        without_site=total(counts & cut_off),
        perhaps_without=total(unsure & (reached.access.own_state != State.MEASURED)),
    )


def people_beyond(rules: Sequence[Rule], which: Ints, counted: Counted) -> Ints:
    """People beyond as each township's rule counts: by minutes, or without a site on theirs."""
    by_island = np.array([int(rule.minutes is None) for rule in rules])[which]
    beyond: Ints = np.choose(by_island, (counted.beyond, counted.without_site))
    return beyond


def _reasons(judged: Judged, crossing: Bools, gap: Bools) -> tuple[tuple[str, ...], ...]:
    """Why each township has its status, the most telling first; nothing where it is not listed.

    Undetermined: what is not known, then what is true. Else what is true, need last. `crossing`:
    people would be near if a site across the boundary were theirs, and it would not be listed.
    """
    order = [name for name in judged.tests if name != "need"]
    order += ["need"] if "need" in judged.tests else []
    result = []
    for place, status in enumerate(judged.status):
        codes = {name: int(judged.tests[name][place]) for name in order}
        true = [name for name in order if codes[name] == TRUE]
        if crossing[place]:
            true.insert(1, "cross_boundary")
        if status == UNDETERMINED:
            unknown = [name for name in order if codes[name] == NOT_KNOWN]
            lacks = [_lacking(name, bool(gap[place])) for name in unknown]
            true = [*dict.fromkeys(lacks), *true]
        result.append(() if status == NOT_LISTED else tuple(true))
    return tuple(result)


def _lacking(test: str, gap: bool) -> str:
    """What the data lack for a test."""
    if test not in DISTANCE:
        return "no_figure"
    return "list_gap" if gap else "no_usable_point"
