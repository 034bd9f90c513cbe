"""The question of siting as plain arrays: who could be reached from where, and under which rules.

Rows are demand (n,), columns are candidates (k,), groups are counties (g,), places are
townships (t,). Travel time is integer milliseconds, people are integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geoplan.errors import BadInput, Fault
from geoplan.model import Bools, Codes, Coverage, Ints, Strings

Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SitingProblem:
    """Place `count` new sites among the candidates. Checked when it is made (BadInput).

    The pairs of candidate `c` stand at `indptr[c]:indptr[c + 1]` of `demand` (the demand point,
    rising) and `ms` (the time): only pairs that are eligible and have a way, of any length.

    `current_state` holds `model.Coverage` codes. COVERED means at most `threshold_ms` to a site
    today, UNCOVERED more. UNDETERMINED demand counts in no objective.
    UNREACHABLE demand can be covered but saves no minutes, because it has none today.

    Hard rule: at least `still_needed[j]` new sites in group `j`. Soft rule, switched by
    `places_without_first`: while a candidate's place has no site, only such candidates are taken,
    one a place; then any. Where the two cannot both be kept the hard rule goes first, and as many
    places as it allows still get their first site.
    """

    candidate_id: Strings  # (k,) sorted, no doubles
    indptr: Ints  # (k + 1,)
    demand: Int32s  # (nnz,)
    ms: Int32s  # (nnz,)
    weight: Ints  # (n,) people of the target group
    listed: Bools  # (n,) demand in listed townships
    current_ms: Ints  # (n,)
    current_state: Codes  # (n,)
    threshold_ms: int
    count: int
    group: Ints  # (k,)
    still_needed: Ints  # (g,)
    place: Ints  # (k,)
    place_has_site: Bools  # (t,)
    places_without_first: bool = False
    place_people: Ints | None = None  # (t,) decides among candidates that gain and save the same

    def __post_init__(self) -> None:
        faults = _shape_faults(self) or [*_pair_faults(self), *_demand_faults(self)]
        faults = faults or _rule_faults(self)
        if faults:
            raise BadInput(faults)


def sparse_pairs(ms: Int32s, usable: Bools) -> tuple[Ints, Int32s, Int32s]:
    """The pairs by candidate of a dense (n, k) matrix: `indptr`, `demand`, `ms`.

    `usable` (n, k) says which pairs are eligible and have a way.
    """
    by_candidate = np.ascontiguousarray(usable.T)
    indptr = np.concatenate([[0], np.cumsum(by_candidate.sum(axis=1, dtype=np.int64))])
    demand = (np.flatnonzero(by_candidate) % max(len(ms), 1)).astype(np.int32)
    return indptr, demand, np.ascontiguousarray(ms.T)[by_candidate].astype(np.int32)


def _fault(code: str, **values: object) -> Fault:
    return Fault(f"siting_{code}", "siting", values=dict(values))


def _shape_faults(p: SitingProblem) -> list[Fault]:
    k, n = len(p.candidate_id), len(p.weight)
    lengths = {
        "indptr": (len(p.indptr), k + 1),
        "ms": (len(p.ms), len(p.demand)),
        "listed": (len(p.listed), n),
        "current_ms": (len(p.current_ms), n),
        "current_state": (len(p.current_state), n),
        "group": (len(p.group), k),
        "place": (len(p.place), k),
    }
    if p.place_people is not None:
        lengths["place_people"] = (len(p.place_people), len(p.place_has_site))
    faults = [
        _fault("shape", name=name, found=found, wanted=wanted)
        for name, (found, wanted) in lengths.items()
        if found != wanted
    ]
    for name, values, size in (
        ("demand", p.demand, n),
        ("group", p.group, len(p.still_needed)),
        ("place", p.place, len(p.place_has_site)),
    ):
        if len(values) and (values.min() < 0 or values.max() >= size):
            faults.append(_fault("position", name=name, size=size))
    if not faults and (
        p.indptr[0] != 0 or p.indptr[-1] != len(p.demand) or (np.diff(p.indptr) < 0).any()
    ):
        faults.append(_fault("indptr"))
    return faults


def _pair_faults(p: SitingProblem) -> list[Fault]:
    faults = []
    ids = [str(name) for name in p.candidate_id]
    doubled = sorted({a for a, b in pairwise(sorted(ids)) if a == b})
    if doubled:
        faults.append(_fault("double_candidate", ids=", ".join(doubled[:5])))
    elif ids != sorted(ids):
        faults.append(_fault("unsorted_candidates"))
    if len(p.ms) and p.ms.min() < 0:
        faults.append(_fault("negative", name="ms"))
    rising = np.diff(p.demand) > 0
    starts = p.indptr[1:-1]
    rising[starts[(starts > 0) & (starts < len(p.demand))] - 1] = True
    if not rising.all():
        faults.append(_fault("unsorted_pairs"))
    return faults


def _demand_faults(p: SitingProblem) -> list[Fault]:
    faults = []
    if len(p.weight) and p.weight.min() < 0:
        faults.append(_fault("negative", name="weight"))
    if not np.isin(p.current_state, [int(state) for state in Coverage]).all():
        faults.append(_fault("state"))
    covered = p.current_state == Coverage.COVERED
    uncovered = p.current_state == Coverage.UNCOVERED
    within = (p.current_ms >= 0) & (p.current_ms <= p.threshold_ms)
    if (covered & ~within).any() or (uncovered & (p.current_ms <= p.threshold_ms)).any():
        faults.append(_fault("state_time", minutes=p.threshold_ms / 60_000))
    return faults


def _rule_faults(p: SitingProblem) -> list[Fault]:
    faults = []
    k = len(p.candidate_id)
    if p.count < 0:
        faults.append(_fault("negative", name="count"))
    if p.count > k:
        faults.append(_fault("count_above_candidates", count=p.count, candidates=k))
    if len(p.still_needed) and p.still_needed.min() < 0:
        faults.append(_fault("negative", name="still_needed"))
    needed = int(p.still_needed.sum())
    if needed > max(p.count, 0):
        faults.append(_fault("minimum_above_count", needed=needed, count=p.count))
    there = np.bincount(p.group, minlength=len(p.still_needed))
    faults.extend(
        _fault(
            "minimum_above_candidates",
            group=int(position),
            needed=int(p.still_needed[position]),
            candidates=int(there[position]),
        )
        for position in np.flatnonzero(p.still_needed > there)
    )
    pairs = np.unique(np.stack([p.place, p.group], axis=1), axis=0)
    if len(np.unique(pairs[:, 0])) < len(pairs):
        faults.append(_fault("place_in_two_groups"))
    return faults
