"""What stands behind the need percentiles: every figure of every profile, and what moves it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoplan.need import NeedIndex
from geoplan.need_spec import Indicator, Profile
from geoplan.results.outcome import Ground
from geoplan.tables import NEED, NEED_INFLUENCE, UNIVERSES


def need_rows(ground: Ground) -> pd.DataFrame:
    """One row a profile, township and indicator, columns of tables.NEED."""
    townships = ground.inputs.townships
    places = {
        "township_code": townships["township_code"].to_numpy(object),
        "county_name": townships["county_name"].to_numpy(object),
        "township_name": townships["township_name"].to_numpy(object),
        "universe": np.array(UNIVERSES, object)[ground.universe],
    }
    frames = [
        pd.DataFrame(
            {
                **places,
                "profile": profile.id,
                "indicator": indicator.id,
                "value": index.value[turn],
                "rank": index.by_indicator[turn],
                "score": index.score[turn],
                "weight": index.weights.share[turn],
                "level": indicator.level,
                "shrunk": indicator.shrink,
            }
        )
        for profile, _, index in _profiles(ground)
        for turn, indicator in enumerate(_indicators(ground, profile))
    ]
    return pd.concat(frames, ignore_index=True)[NEED.names]


def need_influence(ground: Ground) -> pd.DataFrame:
    """One row a profile and indicator, columns of tables.NEED_INFLUENCE."""
    need = ground.inputs.study.need
    rows = [
        {
            "profile": profile.id,
            "indicator": indicator.id,
            "layers": ";".join(layers),
            "normalise": need.normalise,
            "weighting": need.weighting,
            "theme": indicator.theme or "",
            "direction": indicator.higher_is,
            "level": indicator.level,
            "shrunk": indicator.shrink,
            "weight": index.weights.share[turn],
            "influence": index.influence.share[turn],
            "correlation_squared": index.influence.correlation_squared[turn],
            "consistency_ratio": index.weights.consistency_ratio,
            "explained": index.weights.explained,
        }
        for profile, layers, index in _profiles(ground)
        for turn, indicator in enumerate(_indicators(ground, profile))
    ]
    return pd.DataFrame(rows, columns=NEED_INFLUENCE.names)


def _profiles(ground: Ground) -> list[tuple[Profile, list[str], NeedIndex]]:
    """Each profile in use with its layers and its index, in the order of the layers."""
    study = ground.inputs.study
    layers: dict[str, list[str]] = {}
    for layer in study.layers:
        layers.setdefault(study.need.profile_of(layer.id).id, []).append(layer.id)
    return [
        (study.need.profile_of(those[0]), those, ground.need_of(those[0]))
        for those in layers.values()
    ]


def _indicators(ground: Ground, profile: Profile) -> list[Indicator]:
    return ground.inputs.study.need.indicators_of(profile)
