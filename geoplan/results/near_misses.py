"""Who would change status if a threshold were a tenth lower or higher, one threshold at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from geoplan.designation import compare_rules
from geoplan.results.flips import status_names
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.relist import under_rules
from geoplan.rules import LARGEST, Parameter, Rule
from geoplan.tables import NEAR_MISSES

STEPS = (Fraction(9, 10), Fraction(11, 10))


def near_misses(ground: Ground, found: Sequence[tuple[LayerOutcome, Listing]]) -> pd.DataFrame:
    """Columns of tables.NEAR_MISSES: a row for each township that a changed threshold moves.

    Thresholds are policy: they are varied here, apart from the draws. People beyond are counted
    anew where the minutes change.
    """
    codes = ground.inputs.townships["township_code"].to_numpy(object)
    frames = []
    for outcome, listing in found:
        for place, rule in enumerate(listing.rules):
            for parameter, value in _steps(rule):
                rules = list(listing.rules)
                rules[place] = with_value(rule, parameter.id, value)
                then = under_rules(ground, outcome, listing, rules)
                changes = compare_rules(listing.judged, then.judged)
                frame = pd.DataFrame(
                    {
                        "layer": outcome.layer.id,
                        "rule_id": rule.id,
                        "parameter": parameter.id,
                        "unit": parameter.unit,
                        "value": parameter.value,
                        "changed_value": value,
                        "township_code": codes,
                        "status": status_names(listing.judged),
                        "status_then": status_names(then.judged),
                        "change": np.select(
                            [changes.came, changes.went], ["came", "went"], "other_status"
                        ),
                        "beyond_people": listing.beyond,
                        "beyond_people_then": then.beyond,
                    }
                )
                moved = (changes.before != changes.after) & (listing.which == place)
                frames.append(frame.iloc[np.flatnonzero(moved)])
    return pd.concat(frames, ignore_index=True)[NEAR_MISSES.names]


def with_value(rule: Rule, parameter: str, value: float) -> Rule:
    """The rule with one threshold changed."""
    parameters = tuple(
        each.model_copy(update={"value": value}) if each.id == parameter else each
        for each in rule.parameters
    )
    return rule.model_copy(update={"parameters": parameters})


def _steps(rule: Rule) -> Iterator[tuple[Parameter, float]]:
    """Every threshold a tenth lower and a tenth higher, as far as it can go."""
    for parameter in rule.parameters:
        for step in STEPS:
            value = float(Fraction(str(parameter.value)) * step)
            changed = min(value, LARGEST.get(parameter.unit, value))
            if changed != parameter.value:
                yield parameter, changed
