"""How good could any plan be? Upper bounds that hold to the last person.

The maximal covering problem (Church and ReVelle 1974) is relaxed to a linear programme, under the
same hard and soft rules. Its optimum is never trusted as a float: the solver's dual prices are
rounded to integers and the bound is computed from them anew, exactly. By weak duality any prices
give a valid bound, so a solver's tolerance can make it weaker but never false.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from geoplan.model import Bools, Coverage, Ints
from geoplan.siting.problem import SitingProblem
from geoplan.siting.rules import first_sites, places_to_open

_SHIFT = 20  # prices are kept to 2**-20 of a person, if the sums then fit 64 bits


@dataclass(frozen=True, slots=True)
class _Programme:
    """max worth.v with rows @ v <= limit, the first k variables summing to count, 0 <= v <= 1."""

    worth: Ints
    rows: sparse.csr_array
    limit: Ints
    price_cap: Ints  # no sensible price of a row is higher
    total: sparse.csr_array
    count: int


def listed_bound(problem: SitingProblem) -> int:
    """No plan of as many sites newly covers more people of listed townships."""
    return _bound(problem, problem.listed)


def gain_bound(problem: SitingProblem) -> int:
    """No plan of as many sites newly covers more people of the target group."""
    return _bound(problem, np.ones_like(problem.listed))


def _bound(problem: SitingProblem, counted: Bools) -> int:
    cover, people = _cover_sets(problem, counted)
    most = int(people.sum())
    if problem.count == 0 or most == 0:
        return 0
    programme = _programme(problem, cover, people)
    found = linprog(
        -programme.worth,
        A_ub=programme.rows,
        b_ub=programme.limit,
        A_eq=programme.total,
        b_eq=[programme.count],
        bounds=(0, 1),
        method="highs-ds",
    )
    if found.status != 0:  # cut off: everybody who can be covered at all is a bound too
        return most
    prices = -np.asarray(found.ineqlin.marginals), -float(found.eqlin.marginals[0])
    return min(most, _dual_value(programme, *prices))


def _cover_sets(problem: SitingProblem, counted: Bools) -> tuple[sparse.csr_array, Ints]:
    """Who could be newly covered, put together by identical sets of candidates.

    Returns a 0/1 matrix (sets, k) and the people of each set.
    """
    state = problem.current_state
    open_to = (state == Coverage.UNCOVERED) | (state == Coverage.UNREACHABLE)
    open_to &= counted & (problem.weight > 0)
    candidate = np.repeat(np.arange(len(problem.candidate_id)), np.diff(problem.indptr))
    useful = open_to[problem.demand] & (problem.ms <= problem.threshold_ms)
    candidate, demand = candidate[useful], problem.demand[useful]
    order = np.argsort(demand, kind="stable")
    candidate, demand = candidate[order], demand[order]
    points, first = np.unique(demand, return_index=True)
    people: dict[bytes, int] = {}
    sets: dict[bytes, Ints] = {}
    for point, members in zip(points, np.split(candidate, first[1:]), strict=False):
        key = members.tobytes()
        sets[key] = members
        people[key] = people.get(key, 0) + int(problem.weight[point])
    columns = np.concatenate([*sets.values(), np.zeros(0, dtype=np.int64)])
    ends = np.cumsum([0, *(len(members) for members in sets.values())])
    ones = np.ones(len(columns), dtype=np.int64)
    shape = (len(sets), len(problem.candidate_id))
    return sparse.csr_array((ones, columns, ends), shape=shape), np.array(
        list(people.values()), dtype=np.int64
    )


def _programme(problem: SitingProblem, cover: sparse.csr_array, people: Ints) -> _Programme:
    """The variables are the candidates x (k,), the cover sets z and the places opened y.

    z <= sum of x in the set; sum of x in a group >= what it needs; y <= sum of x in the place;
    sum of y >= the first sites there must be.
    """
    k, sets = len(problem.candidate_id), len(people)
    opening = places_to_open(problem)
    needy = np.flatnonzero(problem.still_needed)
    in_group = sparse.csr_array((needy[:, None] == problem.group[None, :]).astype(np.int64))
    in_place = sparse.csr_array((opening[:, None] == problem.place[None, :]).astype(np.int64))
    eye_sets = sparse.eye_array(sets, dtype=np.int64)
    eye_places = sparse.eye_array(len(opening), dtype=np.int64)
    blocks = [[-cover, eye_sets, None if len(opening) else sparse.csr_array((sets, 0))]]
    limits = [np.zeros(sets, dtype=np.int64)]
    if len(needy):
        blocks.append([-in_group, None, None])
        limits.append(-problem.still_needed[needy])
    if len(opening):
        ones = sparse.csr_array(-np.ones((1, len(opening)), dtype=np.int64))
        blocks += [[-in_place, None, eye_places], [None, None, ones]]
        limits += [np.zeros(len(opening), dtype=np.int64), np.array([-first_sites(problem)])]
    limit = np.concatenate(limits)
    width = k + sets + len(opening)
    total = np.zeros((1, width), dtype=np.int64)
    total[0, :k] = 1
    most = int(people.sum())
    return _Programme(
        worth=np.concatenate([np.zeros(k, dtype=np.int64), people, np.zeros_like(opening)]),
        rows=sparse.csr_array(sparse.block_array(blocks, format="csr").astype(np.int64)),
        limit=limit,
        price_cap=np.concatenate([people, np.full(len(limit) - sets, most)]),
        total=sparse.csr_array(total),
        count=problem.count,
    )


def _dual_value(programme: _Programme, row_prices: Ints, total_price: float) -> int:
    """The bound that these prices prove, exactly, rounded down to whole people.

    For prices y >= 0 of the rows and any price u of the total: worth.v <= y.limit + u.count +
    sum over variables of max(0, worth - y.rows - u.total), because 0 <= v <= 1. Every plan is
    whole, so its people are at most the bound's floor. Prices are integers of 2**-shift people.
    """
    most = int(programme.price_cap.max())
    everybody = int(programme.worth.sum())
    shift = max(0, min(_SHIFT, 58 - everybody.bit_length()))
    scale = 1 << shift
    y = np.rint(np.clip(row_prices, 0, programme.price_cap) * scale).astype(np.int64)
    u = int(np.rint(np.clip(total_price, -most, most) * scale))
    over = programme.worth * scale - programme.rows.T @ y - programme.total.toarray()[0] * u
    value = sum(int(a) * int(b) for a, b in zip(y, programme.limit, strict=True) if b)
    value += u * programme.count + int(np.maximum(over, 0).sum())
    return value >> shift
