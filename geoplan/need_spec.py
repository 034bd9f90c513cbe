"""The `[need]` section: which figures say how needy a place is, and how they become one index.

The same keys stand in a study and in the file that `geoplan need --spec` takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from geoplan.door.study_checks import Loc, TomlFile, key_path
from geoplan.errors import Fault
from geoplan.keys import Flag, Model, Positive, Slug, Text, refers, twice
from geoplan.need.scale import Normalise
from geoplan.need.weights import CONSISTENT_TO, RANDOM_INDEX, Weighting, ahp

ALL_INDICATORS = "all_indicators"
"""The profile of layers that no profile of the study names."""

SUM_WITHIN = 1e-9
RECIPROCAL_WITHIN = 0.01
"""1/3 may be written 0.333."""


def _fraction(value: Any) -> Any:
    """`"1/3"` as a number; what is no fraction is left for the check that follows."""
    if not isinstance(value, str):
        return value
    try:
        return float(Fraction(value))
    except (ValueError, ZeroDivisionError):
        return value


Ratio = Annotated[Positive, BeforeValidator(_fraction)]
Pairwise = Annotated[tuple[tuple[Ratio, ...], ...], Field(min_length=1)]


class Indicator(Model):
    """A need indicator: the sum of `numerator` columns, over `denominator` where one is given.

    A figure of the county is carried by every township of it, which is a model. `shrink` draws
    the rate of few people to the mean.
    """

    id: Slug
    name_zh: Text
    name_en: Text
    numerator: Annotated[tuple[Text, ...], Field(min_length=1)]
    denominator: Text | None = None
    higher_is: Literal["needier", "less_needy"]
    weight: Positive = 1
    theme: Slug | None = None
    level: Literal["township", "county"] = "township"
    shrink: Flag = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the indicator is made of."""
        return (*self.numerator, *((self.denominator,) if self.denominator else ()))


class Profile(Model):
    """Which indicators say how needy a place is for some layers; `weights` stand before theirs."""

    id: Slug
    name_zh: Text
    name_en: Text
    layers: tuple[Slug, ...] = ()
    indicators: Annotated[tuple[Slug, ...], Field(min_length=1)]
    weights: Mapping[str, Positive] = Field(default_factory=dict)
    pairwise: Pairwise | None = None


class Missing(Model):
    """An indicator that was looked for and not found; it is reported, never filled in."""

    id: Slug
    name_zh: Text
    name_en: Text
    why_zh: Text
    why_en: Text


class Need(Model):
    """The need index of the study. `pairwise` compares all indicators in their order."""

    profile_zh: Text
    profile_en: Text
    normalise: Normalise = "percentile"
    weighting: Weighting = "given"
    weights_sum_to: Positive | None = None
    pairwise: Pairwise | None = None
    indicators: Annotated[tuple[Indicator, ...], Field(alias="indicator", min_length=1)]
    profiles: Annotated[tuple[Profile, ...], Field(alias="profile")] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def whole(self) -> Profile:
        """All indicators as one profile."""
        return Profile(
            id=ALL_INDICATORS,
            name_zh=self.profile_zh,
            name_en=self.profile_en,
            indicators=tuple(each.id for each in self.indicators),
            pairwise=self.pairwise,
        )

    def profile_of(self, layer: str) -> Profile:
        """The profile that names the layer, else all indicators."""
        return next((each for each in self.profiles if layer in each.layers), self.whole)

    def indicators_of(self, profile: Profile) -> list[Indicator]:
        """The profile's indicators in its order, with its weights."""
        known = {each.id: each for each in self.indicators}
        weights = profile.weights
        return [
            known[name].model_copy(update={"weight": weights.get(name, known[name].weight)})
            for name in profile.indicators
        ]


def columns_at(need: Need, level: Literal["township", "county"]) -> frozenset[str]:
    """The columns that the indicators take from tables of this level."""
    return frozenset(
        name for each in need.indicators if each.level == level for name in each.columns
    )


def layer_faults(need: Need, read: TomlFile, layers: Collection[str]) -> list[Fault]:
    """Layers that profiles name and the study does not have, or that two profiles name."""
    faults = []
    named: dict[str, str] = {}
    for place, profile in enumerate(need.profiles):
        at: Loc = ("need", "profile", place, "layers")
        faults += refers(read, at, profile.layers, layers)
        if not profile.layers:
            faults.append(read.fault("key_empty", at))
        for layer in profile.layers:
            if layer in named:
                values = {"layer": layer, "other": named[layer]}
                faults.append(read.fault("need_layer_twice", at, **values))
            named[layer] = profile.id
    return faults


def need_faults(need: Need, read: TomlFile, at: Loc, profiles: Collection[Profile]) -> list[Fault]:
    """What no single key of `[need]`, which stands at `at`, can show; `profiles` are in use."""
    ids = [each.id for each in need.indicators]
    faults = [
        *twice(read, key_path((*at, "indicator")), ids),
        *twice(read, key_path((*at, "profile")), [*(p.id for p in need.profiles), ALL_INDICATORS]),
    ]
    for place, indicator in enumerate(need.indicators):
        loc: Loc = (*at, "indicator", place, "shrink")
        if indicator.shrink and indicator.denominator is None:
            faults.append(read.fault("need_shrink_alone", loc, id=indicator.id))
        if indicator.shrink and indicator.level == "county":
            faults.append(read.fault("need_shrink_county", loc, id=indicator.id))
    for place, profile in enumerate(need.profiles):
        here: Loc = (*at, "profile", place)
        faults += refers(read, (*here, "indicators"), profile.indicators, ids)
        faults += refers(read, (*here, "weights"), profile.weights, profile.indicators)
        faults += twice(read, key_path((*here, "indicators")), profile.indicators)
    if faults:
        return faults
    for profile in profiles:
        place = next((n for n, each in enumerate(need.profiles) if each is profile), -1)
        own = at if place < 0 else (*at, "profile", place)
        faults += _weighting_faults(need, profile, read, (at, own))
    return faults


def _weighting_faults(
    need: Need, profile: Profile, read: TomlFile, at: tuple[Loc, Loc]
) -> Iterator[Fault]:
    """Faults of a profile's weights; `at` is where the section and where the profile stands."""
    section, own = at
    indicators = need.indicators_of(profile)
    if need.weighting == "given" and need.weights_sum_to is not None:
        total = sum(each.weight for each in indicators)
        if abs(total - need.weights_sum_to) > SUM_WITHIN:
            values = {"profile": profile.id, "total": total, "declared": need.weights_sum_to}
            yield read.fault("need_weights_sum", (*section, "weights_sum_to"), **values)
    if need.weighting == "equal_per_theme":
        for place, each in enumerate(need.indicators):
            if each.theme is None and each.id in profile.indicators:
                loc = (*section, "indicator", place, "theme")
                yield read.fault("need_theme_missing", loc, id=each.id)
    if need.weighting == "ahp":
        yield from _pairwise_faults(profile, read, (*own, "pairwise"))


def _pairwise_faults(profile: Profile, read: TomlFile, at: Loc) -> Iterator[Fault]:
    rows, names = profile.pairwise, profile.indicators
    if rows is None:
        yield read.fault("need_pairwise_missing", at, count=len(names))
        return
    if len(names) > len(RANDOM_INDEX):
        yield read.fault("need_pairwise_many", at, most=len(RANDOM_INDEX))
        return
    if {len(rows), *map(len, rows)} != {len(names)}:
        yield read.fault("need_pairwise_shape", at, count=len(names), ids=", ".join(names))
        return
    wrong = [
        (i, j)
        for i in range(len(names))
        for j in range(i, len(names))
        if abs(rows[i][j] * rows[j][i] - 1) > RECIPROCAL_WITHIN
    ]
    for i, j in wrong:
        values = {"one": names[i], "other": names[j], "there": rows[i][j], "back": rows[j][i]}
        yield read.fault("need_pairwise_reciprocal", at, **values)
    ratio = ahp(np.array(rows)).consistency_ratio or 0.0
    if not wrong and ratio > CONSISTENT_TO:
        values = {"ratio": f"{ratio:.2f}", "most": f"{CONSISTENT_TO:.2f}"}
        yield read.fault("need_pairwise_inconsistent", at, **values)
