"""Which townships the rule lists, for one layer: people beyond, need, status, reasons, margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.access.aggregate import by_coverage, sum_by
from geoplan.access.nearest import coverage
from geoplan.designation import BeyondTest, Verdict, judge
from geoplan.model import Bools, Coverage, Floats, Ints, LayerAccess
from geoplan.results.outcome import Ground
from geoplan.steps import complete_counties, positions, rule_of, threshold_ms
from geoplan.study import Layer, Rule
from geoplan.tables import UNIVERSES


@dataclass(frozen=True, slots=True)
class Listing:
    """The rule's answer for every township (townships,) of one layer."""

    rules: list[Rule]
    verdicts: list[Verdict]
    firm: Bools
    beyond: Ints
    target: Ints
    margin_share: Floats

    @property
    def listed(self) -> Bools:
        return np.array([verdict.listed for verdict in self.verdicts], bool)


def list_townships(layer: Layer, ground: Ground, access: LayerAccess) -> Listing:
    """Apply the layer's rule to every township.

    On the main island people are beyond when their own site is more than the rule's minutes away
    or no way leads to one; on islands when there is no site on the same island. The answer is firm
    where the county's list is complete and no site that a neighbour's list lacks could change it.
    """
    inputs, demand = ground.inputs, ground.demand
    townships = len(inputs.townships)
    people = demand.groups[layer.group]
    target = sum_by(demand.township, townships, people)
    states = by_coverage(demand.township, townships, coverage(access, threshold_ms(layer)), people)
    county = positions(inputs.townships["county_code"], inputs.counties["county_code"])
    complete = complete_counties(inputs, layer.id)[county]
    doubted = sum_by(demand.township, townships, np.where(_doubted(access, layer), people, 0))
    gap = np.zeros(townships, bool)
    gap[demand.township[access.list_gap]] = True
    rules, verdicts = [], []
    firm = complete.copy()
    margin = np.full(townships, np.nan)
    beyond = np.zeros(townships, np.int64)
    for place in range(townships):
        rule = rule_of(inputs.study, layer.id, UNIVERSES[ground.universe[place]])
        on_main = rule.distance is not None
        test = BeyondTest(*_figures(rule))
        cut_off = int(states[Coverage.UNREACHABLE][place])
        far = int(states[Coverage.UNCOVERED][place]) if on_main else 0
        unknown = int(states[Coverage.UNDETERMINED][place])
        beyond[place] = far + cut_off
        if target[place]:
            margin[place] = beyond[place] / target[place] - test.share_at_least
        verdicts.append(
            judge(
                test.between(int(beyond[place]), unknown, int(target[place])),
                _needy(ground.need_of(layer.id).percentile[place], rule),
                "distance" if on_main else "no_site_on_island",
                "list_gap" if gap[place] else "no_usable_point",
            )
        )
        if verdicts[-1].listed:
            firm[place] &= test.holds(int(beyond[place] - doubted[place]), int(target[place]))
        rules.append(rule)
    return Listing(rules, verdicts, firm, beyond, target, margin)


def _doubted(access: LayerAccess, layer: Layer) -> Bools:
    """People counted as beyond who could be near a site that a neighbouring county's list lacks."""
    state = coverage(access, threshold_ms(layer))
    beyond = (state == Coverage.UNCOVERED) | (state == Coverage.UNREACHABLE)
    near = (access.unlisted_ms >= 0) & (access.unlisted_ms <= threshold_ms(layer))
    return np.asarray(beyond & near)


def _figures(rule: Rule) -> tuple[float, int, float]:
    test = rule.distance or rule.no_site_on_island
    if test is None:
        raise ValueError(f"rule {rule.id} has no test of distance")
    return test.share_at_least, test.or_people_at_least, test.with_share_at_least


def _needy(percentile: float, rule: Rule) -> bool | None:
    if rule.need is None or np.isnan(percentile):
        return None
    return bool(percentile * 100 >= rule.need.percentile_at_least)
