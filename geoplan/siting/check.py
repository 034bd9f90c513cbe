"""Does a proof prove its bound? Counted from the pairs in whole numbers, without any solver.

By weak duality any prices give a valid bound: a plan may break a row of the question only at its
price, and the best plan of what is left is found row by row and site by site. So whoever found the
prices, and how, need not be believed. Bertsimas and Tsitsiklis (1997), chapter 4; for covering
Galvao and ReVelle (1996), for medians Cornuejols, Fisher and Nemhauser (1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Codes, Ints
from geoplan.siting.asked import Asked
from geoplan.siting.location import FREE, OPEN, SHUT, LocationProblem, status_of
from geoplan.siting.proof import NO_BRANCH, Node, Prices, Proof

MOST_SHIFT = 60
_EXACT = 2.0**53  # sums of whole numbers below this are exact in floats too
_LARGEST = 2.0**60
"""No product and no sum of prices may be larger, so that four of them fit 63 bits."""


class NotProven(Exception):
    """The proof does not prove its bound: `code` says why (`verify.proof_<code>`)."""

    def __init__(self, code: str, node: int) -> None:
        self.code = code
        self.node = node
        super().__init__(f"{code} at node {node}")


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one set of prices proves of the plans that keep to the sites settled so far.

    None of them is worth more than `total`; one with a free site in its other state is worth less
    by |reduced| of the site. Both times 2**shift. `total` is None where there is no such plan.
    """

    total: int | None
    reduced: Ints  # (k,)


def check_proof(question: Asked, problem: LocationProblem, proof: Proof) -> None:
    """Return quietly if the proof shows that no plan is worth more than `question.goal`.

    Raises:
        NotProven: it does not.
    """
    if not 0 <= proof.shift <= MOST_SHIFT:
        raise NotProven("malformed", 0)
    # A half with a settled site in its other state is void: nothing in it is above the goal.
    waiting: list[Codes | None] = [status_of(problem)]
    for at, node in enumerate(proof.nodes):
        if not waiting:
            raise NotProven("malformed", at)
        status = waiting.pop()
        if status is not None and _closed(question, node, proof.shift, status):
            status = None
        if node.branch == NO_BRANCH and status is not None:
            raise NotProven("open_end", at)
        if node.branch != NO_BRANCH:
            if not 0 <= node.branch < problem.sites:
                raise NotProven("malformed", at)
            waiting += [_half(status, node.branch, state) for state in (SHUT, OPEN)]
    if waiting:
        raise NotProven("open_end", len(proof.nodes))


def _closed(question: Asked, node: Node, shift: int, status: Codes) -> bool:
    """Whether the node's prices, one set after another, leave nothing above the goal."""
    return any(
        closes(question, weigh(question, prices, shift, status), shift, status)
        for prices in node.prices
    )


def _half(status: Codes | None, site: int, state: int) -> Codes | None:
    """The plans of a node in which the site is in this state; None where there are none."""
    if status is None or status[site] not in (FREE, state):
        return None
    half = status.copy()
    half[site] = state
    return half


def closes(question: Asked, weighed: Weighed, shift: int, status: Codes) -> bool:
    """Whether nothing above the goal is left; if not, settle (in `status`) the free sites whose
    other state leaves nothing above it."""
    if weighed.total is None or weighed.total >> shift <= question.goal:
        return True
    room = weighed.total - ((question.goal + 1) << shift)
    stuck = (np.abs(weighed.reduced) > room) & (status == FREE)
    status[stuck & (weighed.reduced > 0)] = OPEN
    status[stuck & (weighed.reduced < 0)] = SHUT
    return False


def weigh(question: Asked, prices: Prices, shift: int, status: Codes) -> Weighed:
    """What the prices prove where sites stand as in `status`.

    Raises:
        NotProven: the prices are not of this question, or so large that sums would not be exact.
    """
    rule = _rule_prices(question, prices, len(status))
    weigh_rows = _cover if question.kind == "cover" else _serve
    found = weigh_rows(question, prices, rule[len(question.site_rules) :], shift, status)
    if found is None:
        return Weighed(None, np.zeros(len(status), np.int64))
    total, worth = found
    reduced = worth - _times(question.cost, 1 << shift)
    for price, each in zip(rule.tolist(), question.site_rules, strict=False):
        if price:
            total += price * each.limit
            reduced[each.sites] -= each.amount * price
    taken = (status == OPEN) | ((status == FREE) & (reduced > 0))
    return Weighed(total + _sum(reduced[taken]), reduced)


def _cover(
    question: Asked, prices: Prices, shares: Ints, shift: int, status: Codes
) -> tuple[int, Ints] | None:
    """What the demand rows are worth, and each site.

    A point that counts once `need` more sites are open is worth max(0, gain - need x price), and
    its price to every site that could be one of them.
    """
    need = question.times - _by_row(question, status[question.site] == OPEN)
    out_of_reach = need > _by_row(question, status[question.site] == FREE)
    lived_in = question.unit > 0
    if question.all_served and (out_of_reach & lived_in).any():
        return None
    gain, total = _times(question.gain, 1 << shift), 0
    for price, rule in zip(shares.tolist(), question.people_rules, strict=True):
        gain = gain + _times(rule.amount, price)
        total -= price * rule.limit
    waits = (need > 0) & ~out_of_reach & lived_in
    paid: Ints = np.where(waits, np.maximum(prices.demand, 0), 0)
    left: Ints = gain - paid * need
    if not question.all_served:
        left = np.maximum(left, 0)
    settled = (need <= 0) & lived_in
    total += _sum(gain[settled]) + _sum(left[waits])
    offered = np.where(status[question.site] == FREE, paid[question.row], 0)
    return total, _by_site(question, offered, len(status))


def _serve(
    question: Asked, prices: Prices, shares: Ints, shift: int, status: Codes
) -> tuple[int, Ints] | None:
    """A unit that is served pays its point's price, and is worth to the site what it brings above
    that and above the price of the site's capacity."""
    usable = status[question.site] != SHUT
    worth, total = _times(question.worth, 1 << shift), 0
    for share, rule in zip(shares.tolist(), question.people_rules, strict=True):
        worth = worth + np.where(question.near, _times(rule.amount, share)[question.row], 0)
        total -= share * rule.limit
    price = prices.demand.copy()
    if question.all_served and (_by_row(question, usable) == 0)[question.unit > 0].any():
        return None
    if not question.all_served:
        price = np.maximum(price, 0)
    elif question.capacity is None:
        price = _within_reach(question, price, worth, status)
    room, held = np.zeros(len(status), np.int64), np.zeros(len(status), np.int64)
    if question.capacity is not None:
        room = np.maximum(prices.site, 0)
        _times(room, 1)
        held = _times(room, question.capacity)
    above = np.maximum(worth - price[question.row] - room[question.site], 0)
    gained = np.where(usable, _times(above, question.unit[question.row]), 0)
    total += _sum(_times(price, question.unit))
    return total, _by_site(question, gained, len(status)) + held


def _within_reach(question: Asked, price: Ints, worth: Ints, status: Codes) -> Ints:
    """Prices moved to between the best way to any usable site and the best way to an open one,
    where they prove no less."""
    price = price.copy()
    for kept, toward in ((status != SHUT, np.minimum), (status == OPEN, np.maximum)):
        pairs = kept[question.site]
        best = np.full(len(price), np.iinfo(np.int64).min)
        np.maximum.at(best, question.row[pairs], worth[pairs])
        there = best > np.iinfo(np.int64).min
        price[there] = toward(price[there], best[there])
    return price


def _rule_prices(question: Asked, prices: Prices, sites: int) -> Ints:
    """Prices of all rules, those that are not told 0; all prices must be of this question."""
    rules = [rule.amount for rule in question.site_rules]
    rules += [rule.amount for rule in question.people_rules]
    right = len(prices.demand) == len(question.unit) and len(prices.rule) <= len(rules)
    if question.capacity is not None:
        right &= len(prices.site) == sites
    if not right:
        raise NotProven("malformed", 0)
    rule = np.zeros(len(rules), np.int64)
    rule[: len(prices.rule)] = np.maximum(prices.rule, 0)
    priced = np.flatnonzero(rule).tolist()
    charged = [float(rule[r]) * float(np.abs(rules[r]).max(initial=0)) for r in priced]
    paid = np.abs(prices.demand.astype(np.float64)) * np.maximum(question.unit, question.times)
    if max(sum(charged), float(paid.sum())) > _LARGEST:
        raise NotProven("too_large", 0)
    return rule


def _times(values: Ints, factor: int | Ints) -> Ints:
    """The product, if it fits."""
    largest = np.abs(values.astype(np.float64) * np.asarray(factor, np.float64)).max(initial=0.0)
    if largest > _LARGEST:
        raise NotProven("too_large", 0)
    product: Ints = values * np.asarray(factor, np.int64)
    return product


def _sum(values: Ints) -> int:
    """An exact sum: high and low halves apart."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _by_row(question: Asked, flags: Bools) -> Ints:
    """How many of a point's pairs are flagged (n,)."""
    return np.bincount(question.row[flags], minlength=len(question.unit)).astype(np.int64)


def _by_site(question: Asked, values: Ints, sites: int) -> Ints:
    """Sums of values from 0 over the pairs of each site (k,)."""
    rough = np.bincount(question.site, weights=values, minlength=sites)
    if rough.max(initial=0.0) > _LARGEST:
        raise NotProven("too_large", 0)
    if rough.max(initial=0.0) < _EXACT:
        return rough.astype(np.int64)
    total = np.zeros(sites, np.int64)
    np.add.at(total, question.site, values)
    return total
