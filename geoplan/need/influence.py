"""How much each indicator really moves the index, which is not what its weight says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Floats, Ints


@dataclass(frozen=True, slots=True)
class Influence:
    """`share` (indicators,) of the index's variance, adding up to 1; below 0 where an indicator
    runs against the index. `correlation_squared` (indicators,) 0 to 1."""

    share: Floats
    correlation_squared: Floats


def influence(score: Floats, weight: Floats, universe: Ints) -> Influence:
    """Effective influence on y = sum_i w_i s_i, scores (indicators, places), weights adding to 1.

    Share: w_i cov(s_i, y) / var(y), the decomposition by components of Shorrocks (1982),
    Inequality decomposition by factor components, Econometrica 50(1). Beside it corr(s_i, y)^2,
    the linear form of the importance measure of Paruolo, Saisana and Saltelli (2013), Ratings and
    rankings: voodoo or science?, JRSS A 176(3). Deviations are from the mean of a place's own
    universe, since only places of one universe are ranked together; places where an indicator is
    not known are left out. All 0 where the index does not vary.
    """
    known = ~np.isnan(score).any(axis=0)
    part, group = score[:, known].copy(), universe[known]
    for each in np.unique(group):
        members = group == each
        part[:, members] -= part[:, members].mean(axis=1, keepdims=True)
    index = weight @ part
    variance = float(index @ index)
    if variance <= np.finfo(float).eps ** 2:
        return Influence(np.zeros(len(score)), np.zeros(len(score)))
    together = part @ index
    own = (part**2).sum(axis=1)
    squared = np.divide(together**2, own * variance, out=np.zeros(len(own)), where=own > 0)
    return Influence(weight * together / variance, np.minimum(squared, 1))
