"""What proves that no plan is better than so much, so that no solver has to be believed.

A proof is a tree. Each node halves the plans of its parent: in one half a site is open, in the
other it is shut. At a node stand sets of prices in whole numbers; `check.py` counts from the pairs
what each set proves, settles the sites whose other state it rules out, and sees that every branch
ends in a set of prices that leaves nothing better. Most proofs are one node with one set.
"""

from __future__ import annotations

from dataclasses import dataclass

from geoplan.model import Ints

NO_BRANCH = -1
"""The branch of a node at which a line of the tree ends."""


@dataclass(frozen=True, slots=True)
class Prices:
    """One set of prices, each times 2**shift of its proof.

    `demand` (n,) is what covering a demand point is charged; `site` (k,) what a unit of a site's
    capacity is charged (empty where there is none); `rule` (r,) what each rule is charged, in the
    order of `check.rules_of`.
    """

    demand: Ints
    site: Ints
    rule: Ints


@dataclass(frozen=True, slots=True)
class Node:
    """Prices to be applied in turn; then the plans are halved at the site `branch`, or end (-1)."""

    prices: tuple[Prices, ...]
    branch: int


@dataclass(frozen=True, slots=True)
class Proof:
    """`nodes` in the order of a walk: a node, all of its half where the site is open, then all of
    the half where it is shut. They prove that no plan is better than `bound`."""

    bound: int
    shift: int
    nodes: tuple[Node, ...]
