"""From the figures of places to their need index, by the profile of each layer.

Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geoplan.door.need_values import Figure, figure_of
from geoplan.errors import BadInput, Fault
from geoplan.model import Floats, Inputs, Ints
from geoplan.need import Indicator, Method, NeedIndex, NoWeights, empirical_bayes, need_index
from geoplan.need_spec import Need, Profile


def township_need(inputs: Inputs, universe: Ints) -> dict[str, NeedIndex]:
    """The need index of every layer: townships (townships,) ranked within their universe.

    Layers of one profile share one index. A figure of the county is carried by each of its
    townships as it is, so they share a rank: a model, told by the indicator's level.
    """
    need = inputs.study.need
    figures = {each.id: figure_of(each, _frame(inputs, each.level)) for each in need.indicators}
    profiles = {layer.id: need.profile_of(layer.id) for layer in inputs.study.layers}
    by_id = {profile.id: profile for profile in profiles.values()}
    source = f"{inputs.study.id}.toml"
    found = {
        name: profile_need(need, profile, figures, universe, source)
        for name, profile in by_id.items()
    }
    return {layer: found[profile.id] for layer, profile in profiles.items()}


def profile_need(
    need: Need, profile: Profile, figures: Mapping[str, Figure], universe: Ints, source: str
) -> NeedIndex:
    """The need index of the places by one profile; `source` is how people name the need section.

    Raises:
        BadInput: if weights are to come from the figures, and these give none.
    """
    indicators = [
        Indicator(
            id=each.id,
            value=_value(figures[each.id], each.shrink, universe),
            weight=each.weight,
            higher_is_needier=each.higher_is == "needier",
            theme=each.theme or "",
        )
        for each in need.indicators_of(profile)
    ]
    pairwise = None if profile.pairwise is None else np.array(profile.pairwise)
    try:
        return need_index(indicators, universe, Method(need.normalise, need.weighting, pairwise))
    except NoWeights as error:
        raise BadInput([Fault(f"need_no_weights_{error.code}", source, (), "weighting")]) from error


def _value(figure: Figure, shrink: bool, universe: Ints) -> Floats:
    if shrink and figure.people is not None:
        return empirical_bayes(figure.count, figure.people, universe)
    return figure.value


def _frame(inputs: Inputs, level: str) -> pd.DataFrame:
    """One row a township; those of a county's figures have the county's row each."""
    townships = pd.DataFrame(inputs.townships.drop(columns="geometry"))
    if level == "township":
        return townships
    counties = pd.DataFrame(inputs.counties.drop(columns="geometry")).set_index("county_code")
    return counties.loc[townships["county_code"]].reset_index()
