"""Where the next sites go: one problem, a proposal, and how much better any plan could be."""

from __future__ import annotations

from geoplan.siting.bound import gain_bound, listed_bound
from geoplan.siting.greedy import Objective, Proposal, mclp_plain, propose
from geoplan.siting.problem import SitingProblem, sparse_pairs

__all__ = [
    "Objective",
    "Proposal",
    "SitingProblem",
    "gain_bound",
    "listed_bound",
    "mclp_plain",
    "propose",
    "sparse_pairs",
]
