"""The floating catchment area family: how much capacity there is for each person.

All have two sums. Step 1, at each site j: R_j = S_j / sum_i P_i D_ij, what there is for each
person who may come. Step 2, at each demand point i: A_i = sum_j R_j U_ij. They differ in the
weights D and U, which are made of the pair's weight W (decay, 0 beyond the threshold). A site whose
demand is 0 is left out of step 2 and told in `unused_sites`.

Unless the docstring says otherwise A is capacity per person, and the sum of A x people over
MEASURED and ZERO places is the capacity anybody can reach.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.access.problem import (
    NO_SITES,
    AccessProblem,
    Measured,
    Pairs,
    amount,
    without_zero,
)
from geoplan.model import Floats


def two_step(problem: AccessProblem) -> Measured:
    """2SFCA: D = U = [W > 0], every site within counts the same. Luo and Wang (2003,
    doi:10.1068/b29120), after Radke and Mu (2000)."""
    inside = (problem.pair_weights() > 0).astype(np.float64)
    return _two_sums(problem, inside, inside)


def enhanced_two_step(problem: AccessProblem) -> Measured:
    """E2SFCA: D = U = W. Luo and Qi (2009, doi:10.1016/j.healthplace.2009.06.002) with step
    weights; any decay may be used."""
    weights = problem.pair_weights()
    return _two_sums(problem, weights, weights)


def three_step(problem: AccessProblem, choice_beyond_threshold: bool = False) -> Measured:
    """3SFCA: D = U = G W, with the share of people G_ij = W_ij / sum_j W_ij who choose a site.

    Wan, Zou and Sternberg (2012, doi:10.1080/13658816.2011.624987). G is taken over the sites
    within the threshold; with `choice_beyond_threshold` over all pairs given, as PySAL access
    does, where people may choose a site that then serves nobody so far away.
    """
    weights = problem.pair_weights()
    open_to = replace(problem, threshold_minutes=None) if choice_beyond_threshold else problem
    chosen = weights * _shares_of_rows(problem.pairs, open_to.pair_weights())
    return _two_sums(problem, chosen, chosen)


def modified_two_step(problem: AccessProblem) -> Measured:
    """M2SFCA: D = W, U = W**2, so that distance costs something even to people with a site of
    their own. Delamater (2013, doi:10.1016/j.healthplace.2013.07.012).

    The sum of A x people is at most the capacity reached; the rest is what distance takes.
    """
    weights = problem.pair_weights()
    return _two_sums(problem, weights, weights**2)


def modified_huff(problem: AccessProblem) -> Measured:
    """MH3SFCA: D = H, U = H W, with Huff's chance H_ij = S_j W_ij / sum_j S_j W_ij of a site.

    Jörg, Lenz, Wetz and Widmer (2019, Obsan Bericht 01/2019). Step 1 counts each person once
    however far the site (H adds up to 1 over the sites), and step 2 takes off for distance:
    the sum of A x people is at most the capacity reached.
    """
    weights = problem.pair_weights()
    pulls = weights * np.asarray(problem.capacity, np.float64)[problem.pairs.site]
    chances = _shares_of_rows(problem.pairs, pulls)
    return _two_sums(problem, chances, chances * weights)


def balanced(problem: AccessProblem) -> Measured:
    """BFCA: D_ij = W_ij / sum_j W_ij and U_ij = W_ij / sum_i W_ij.

    Paez, Higgins and Vivona (2019, doi:10.1371/journal.pone.0218773). Nobody is counted twice in
    step 1 (the sites' demand adds up to the people in reach) and no ratio in step 2 (the sum of A
    over demand points is the sum of R over sites). So A is a share of the ratios and not capacity
    per person: it depends on how finely demand is cut into points.
    """
    pairs, weights = problem.pairs, problem.pair_weights()
    of_site = pairs.matrix(weights).T @ np.ones(pairs.points)
    columns = np.divide(weights, of_site[pairs.site], out=np.zeros_like(weights), where=weights > 0)
    return _two_sums(problem, _shares_of_rows(pairs, weights), columns)


def spatial_availability(problem: AccessProblem) -> Measured:
    """Capacity that falls to a demand point when each site's is shared out: V_i = sum_j S_j F_ij,
    F_ij = P_i W_ij / sum_i P_i W_ij, so that the V of all points add up to the capacity reached.

    Soukhov, Paez, Higgins and Mohamed (2023, doi:10.1371/journal.pone.0278468). An amount for all
    the people of the point: V_i / P_i is E2SFCA with the same decay.
    """
    weights = problem.pair_weights()
    each = _two_sums(problem, weights, weights)
    return amount(problem, each.value * problem.people, each.unused_sites)


def ratio_in_area(problem: AccessProblem) -> Measured:
    """People per unit of capacity where each point is assigned to the sites of its area: 1 / A of
    2SFCA. With one site an area it is sum_i P_i / S_j, the official people per worker.

    More is worse. No value and UNREACHABLE where no site with capacity is assigned.
    """
    each = two_step(problem).value
    found = each > 0
    return without_zero(problem, np.divide(1.0, each, out=each, where=found), found)


def catchment_ratio(problem: AccessProblem, neighbours: Pairs) -> Measured:
    """Capacity within the catchment of a point over the people within it:
    sum_j W_ij S_j / sum_k W_ik P_k, k over demand points. Rows and columns of `neighbours` are
    demand points, each one's own place among them.

    The ratio within a floating catchment, before 2SFCA: Luo (2004,
    doi:10.1016/S1353-8292(02)00067-9). UNKNOWN where nobody lives within the catchment.
    """
    if neighbours.sites != neighbours.points:
        raise ValueError("the neighbours of demand points must be demand points")
    around = replace(problem, pairs=neighbours, capacity=problem.people, weights=None)
    demand = neighbours.matrix(around.pair_weights()) @ problem.counted_people()
    supply = problem.pairs.matrix(problem.pair_weights()) @ problem.capacity
    alone = (demand == 0) & (supply > 0)
    ratio = np.divide(supply, demand, out=np.zeros_like(supply), where=demand > 0)
    known = ~alone if problem.known is None else problem.known & ~alone
    return amount(replace(problem, known=known), ratio, NO_SITES)


def _two_sums(problem: AccessProblem, demand: Floats, use: Floats) -> Measured:
    """Both steps, from the weights D and U of every pair."""
    pairs = problem.pairs
    capacity = np.asarray(problem.capacity, np.float64)
    people = pairs.matrix(demand).T @ problem.counted_people()
    served = people > 0
    ratio = np.divide(capacity, people, out=np.zeros_like(capacity), where=served)
    unused = np.flatnonzero(~served & (capacity > 0))
    return amount(problem, pairs.matrix(use) @ ratio, unused)


def _shares_of_rows(pairs: Pairs, weights: Floats) -> Floats:
    """Each pair's share of the weights of its demand point; 0 where they are all 0."""
    of_point = pairs.matrix(weights) @ np.ones(pairs.sites)
    return np.divide(weights, pairs.spread(of_point), out=np.zeros_like(weights), where=weights > 0)
