"""How much each indicator counts: given, equal for each theme, or found from the figures.

Every method gives weights (indicators,) from 0 that add up to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geoplan.model import Bools, Floats

Weighting = Literal["given", "equal_per_theme", "entropy", "pca", "ahp"]

RANDOM_INDEX = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random comparisons of 1, 2 ... things (Saaty 1980, table 1-5)."""

CONSISTENT_TO = 0.10
"""Comparisons with a consistency ratio above this contradict themselves too much (Saaty 1980)."""

SAME_EIGENVALUE = 1e-9


class NoWeights(ValueError):
    """The figures do not give weights; `code` says why: too_few, constant, no_first."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"no weights: {code}")


@dataclass(frozen=True, slots=True)
class Weights:
    """`share` (indicators,) adds up to 1; what the method tells beside it, where it tells it."""

    share: Floats
    consistency_ratio: float | None = None
    explained: float | None = None


def given(weights: Sequence[float]) -> Weights:
    """Weights as given, divided by their sum.

    Raises:
        ValueError: no weights, or weights that are not finite, negative, or all zero.
    """
    share = np.array(weights, float)
    if not len(share) or not np.isfinite(share).all() or (share < 0).any() or not share.sum():
        raise ValueError("need wants at least one indicator with a positive weight")
    return Weights(share / share.sum())


def equal_per_theme(themes: Sequence[str]) -> Weights:
    """Each theme counts the same, and so does each indicator within its theme: 1 / (T n_t).

    A theme with many indicators counts no more than one with few (Flanagan et al. 2011 add up
    theme by theme; OECD and JRC 2008, step 6, on equal weighting).
    """
    sizes = {theme: themes.count(theme) for theme in themes}
    return given([1 / sizes[theme] for theme in themes])


def entropy(score: Floats) -> Weights:
    """Indicators that tell places apart count more, by Shannon's entropy.

    `score` (indicators, places) is from 0. With p_ij = s_ij / sum_j s_ij and
    e_i = -sum_j p_ij ln p_ij / ln n, the weight is (1 - e_i) / sum (1 - e_i) (Hwang and Yoon 1981,
    Multiple Attribute Decision Making, 3.1.2). Only places known in every indicator count.

    Raises:
        NoWeights: fewer than two places are known in all, or no indicator differs among them.
    """
    known = _complete(score)
    part = known / np.maximum(known.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    told = np.where(part > 0, part * np.log(np.where(part > 0, part, 1)), 0).sum(axis=1)
    apart = 1 + told / np.log(known.shape[1])
    if _flat(known).any() or not (apart > 0).any():
        raise NoWeights("constant")
    return given(np.maximum(apart, 0).tolist())


def pca(score: Floats) -> Weights:
    """Squared loadings of the first principal component of the correlation matrix.

    They add up to 1, and `explained` is the share of the variance on that component (OECD and JRC
    2008, step 6; Nicoletti et al. 2000). `score` (indicators, places) is turned so that more is
    needier, and squares have no sign: an indicator that runs against the others still counts in
    its declared direction; its influence on the index is then small or negative. Only places
    known in every indicator count.

    Raises:
        NoWeights: fewer than two places are known in all, an indicator is constant among them, or
            two components explain the same, so that none is the first.
    """
    known = _complete(score)
    if _flat(known).any():
        raise NoWeights("constant")
    value, vector = np.linalg.eigh(np.atleast_2d(np.corrcoef(known)))
    if len(value) > 1 and value[-1] - value[-2] <= SAME_EIGENVALUE * value[-1]:
        raise NoWeights("no_first")
    return Weights(
        given((vector[:, -1] ** 2).tolist()).share, explained=float(value[-1] / len(value))
    )


def ahp(pairwise: Floats) -> Weights:
    """Principal right eigenvector of pairwise comparisons, with their consistency ratio.

    `pairwise[i, j]` says how many times i counts more than j; the matrix is positive and
    reciprocal. With L the largest eigenvalue of n indicators, CI = (L - n) / (n - 1) and
    CR = CI / RI(n), 0 for n < 3 (Saaty 1980, The Analytic Hierarchy Process).
    """
    n = len(pairwise)
    value, vector = np.linalg.eig(pairwise)
    first = int(np.argmax(value.real))
    ratio = 0.0
    if n > 2:
        ratio = float((value[first].real - n) / (n - 1) / RANDOM_INDEX[n - 1])
    return Weights(given(np.abs(vector[:, first].real).tolist()).share, consistency_ratio=ratio)


def _complete(score: Floats) -> Floats:
    known: Floats = score[:, ~np.isnan(score).any(axis=0)]
    if known.shape[1] < 2:
        raise NoWeights("too_few")
    return known


def _flat(known: Floats) -> Bools:
    flat: Bools = known.min(axis=1) == known.max(axis=1)
    return flat
