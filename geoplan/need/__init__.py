"""How needy: indicators of a place on one scale, weighted, added up, and ranked."""

from geoplan.need.index import Indicator, Method, NeedIndex, leading, need_index
from geoplan.need.influence import Influence, influence
from geoplan.need.scale import SCALES, min_max, percentile_rank, z_score
from geoplan.need.shrink import crude_rate, empirical_bayes
from geoplan.need.weights import NoWeights, Weights, ahp, entropy, equal_per_theme, given, pca

__all__ = [
    "SCALES",
    "Indicator",
    "Influence",
    "Method",
    "NeedIndex",
    "NoWeights",
    "Weights",
    "ahp",
    "crude_rate",
    "empirical_bayes",
    "entropy",
    "equal_per_theme",
    "given",
    "influence",
    "leading",
    "min_max",
    "need_index",
    "pca",
    "percentile_rank",
    "z_score",
]
