"""Where the next sites go: one problem, a proposal, and how much better any plan could be."""

from __future__ import annotations

from geoplan.model import Siting
from geoplan.siting.bound import gain_bound, listed_bound
from geoplan.siting.greedy import Objective, Proposal, Reached, mclp_plain, propose, reached
from geoplan.siting.problem import SitingProblem, sparse_pairs

__all__ = [
    "Objective",
    "Proposal",
    "Reached",
    "SitingProblem",
    "gain_bound",
    "listed_bound",
    "mclp_plain",
    "propose",
    "reached",
    "site",
    "sparse_pairs",
]


def site(layer: str, problem: SitingProblem) -> Siting:
    """Propose sites for one layer, with the bounds beside them."""
    proposal = propose(problem)
    return Siting(
        layer=layer,
        candidate_id=proposal.candidate_id,
        listed_gain=proposal.listed_gain,
        gain=proposal.gain,
        saved_person_ms=proposal.saved_person_ms,
        listed_bound=listed_bound(problem),
        gain_bound=gain_bound(problem),
        after_ms=proposal.after_ms,
        after_state=proposal.after_state,
    )
