"""The question of where sites should stand, as plain arrays, and what an answer is.

Rows are demand (n,), columns are candidate sites (k,), groups are counties (g,). Travel time is
integer milliseconds, people and costs are integers. Areas (a,) are where people live, say counties,
and need not be the groups of the sites.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geoplan.errors import MOST_ROWS, BadInput, Fault
from geoplan.model import Bools, Codes, Ints
from geoplan.siting.proof import Proof

Int32s = npt.NDArray[np.int32]
Status = Literal["optimal", "within", "cut_off", "infeasible"]
Solver = Literal["auto", "scip", "highs", "none"]

MOST_TOTAL = 2**53
"""Weights, and costs, may sum to so much: their sums are then exact in every solver's numbers."""
ALL = 1_000_000
"""Shares are whole millionths."""
FREE, OPEN, SHUT = 0, 1, 2
"""What a search or a proof has settled of a site."""


class Positions(tuple[int, ...]):
    """Demand points, sites, groups or areas that a fault names, by position from 0.

    In a text the first few stand; whoever knows their ids can put those in their place.
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return ", ".join(map(str, self[:MOST_ROWS])) + (", ..." if len(self) > MOST_ROWS else "")


@dataclass(frozen=True, slots=True)
class LocationProblem:
    """Who could use which site, and which plans are allowed. Checked when made (BadInput).

    The pairs of demand point `i` stand at `start[i]:start[i + 1]` of `site` (rising in each row)
    and `ms`. A pair that is not there is no way. `at_least` and `at_most` count the open sites of
    each group, fixed ones too. `least_share` is the part of each area's people that must be within
    the threshold; `apart` are pairs of sites of which at most one may be open. A rule that no plan
    can keep is no fault here: the models name it.
    """

    start: Ints  # (n + 1,)
    site: Int32s  # (pairs,)
    ms: Ints | Int32s  # (pairs,)
    weight: Ints  # (n,) people
    sites: int
    fixed: Bools  # (k,) open whatever happens
    forbidden: Bools  # (k,)
    group: Ints | None = None  # (k,)
    at_least: Ints | None = None  # (g,)
    at_most: Ints | None = None  # (g,)
    cost: Ints | None = None  # (k,)
    budget: int | None = None
    capacity: Ints | None = None  # (k,)
    area: Ints | None = None  # (n,)
    least_share: Ints | None = None  # (a,) millionths
    apart: Ints | None = None  # (pairs apart, 2)

    def __post_init__(self) -> None:
        if faults := _shape_faults(self) or _value_faults(self):
            raise BadInput(faults)

    @property
    def points(self) -> int:
        return len(self.start) - 1

    @property
    def number_is_most(self) -> bool:
        """Whether a number of sites is only the most there may be: money or spacing can leave a
        site unopened."""
        return self.budget is not None or (self.apart is not None and len(self.apart) > 0)

    @property
    def group_of(self) -> Ints:
        """(k,) Sites that are not grouped are one group."""
        return np.zeros(self.sites, np.int64) if self.group is None else self.group

    @property
    def area_of(self) -> Ints:
        """(n,) People without areas live in one."""
        return np.zeros(self.points, np.int64) if self.area is None else self.area

    @property
    def groups(self) -> int:
        for quota in (self.at_least, self.at_most):
            if quota is not None:
                return len(quota)
        return 1 + int(self.group_of.max(initial=0))

    @property
    def areas(self) -> int:
        if self.least_share is not None:
            return len(self.least_share)
        return 1 + int(self.area_of.max(initial=0))


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of solving, and its CPU seconds."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look. `seconds` is wall time in all; `solver` is used for the exact stage.

    `auto` is SCIP where it is installed, else HiGHS; `none` stops with the gap. `proof` asks for
    prices that prove the bound without any solver (`proving.py`), in up to a quarter more time.
    """

    seconds: float = 60.0
    seed: int = 0
    solver: Solver = "auto"
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A plan and how good any other could be.

    `chosen` are the sorted positions of the open sites, fixed ones too. `objective` is recomputed
    from them in whole numbers. No plan is better than `bound`. `optimal` means both are equal;
    `within` that the search ended with a gap; `cut_off` that time ran out or somebody stopped it;
    `infeasible` that no plan keeps the rules, and `why` names a smallest set that contradicts
    (a cut-off without any plan has no sites, and `why` says so). `bound` may rest on a solver;
    `proof` is there if it was asked for, and its own `bound` rests on nothing but prices. Where
    the model decides who goes where, `served` are demand point, site and people, rising.
    """

    chosen: Ints
    objective: int
    bound: int
    status: Status
    why: tuple[Fault, ...] = ()
    stages: tuple[Stage, ...] = ()
    proof: Proof | None = None
    served: Ints | None = None  # (m, 3)

    @property
    def has_plan(self) -> bool:
        """Whether a plan was found; the best one may open no site at all."""
        return bool(len(self.chosen)) or not self.why

    @property
    def gap(self) -> float:
        """|bound - objective| / max(|bound|, |objective|), 0 where both are 0."""
        most = max(abs(self.bound), abs(self.objective))
        return abs(self.bound - self.objective) / most if most else 0.0


def status_of(problem: LocationProblem) -> Codes:
    """FREE, OPEN or SHUT for each site (k,) before anything is settled."""
    status = np.full(problem.sites, FREE, np.uint8)
    status[problem.fixed] = OPEN
    status[problem.forbidden] = SHUT
    return status


def infeasible(why: tuple[Fault, ...], stages: Iterable[Stage] = ()) -> Found:
    """No plan keeps the rules."""
    return Found(np.zeros(0, np.int64), 0, 0, "infeasible", why, tuple(stages))


def ended_as(objective: int, bound: int, ended: bool) -> Status:
    """The status of a plan: `ended` says that the search was not stopped."""
    if objective == bound:
        return "optimal"
    return "within" if ended else "cut_off"


def fault(code: str, rows: tuple[int, ...] = (), **values: object) -> Fault:
    """A fault of the problem itself: `rows` are positions from 0, shown as a table's rows.

    Values named `points`, `sites`, `groups` or `areas` are `Positions`, `group` and `area` one.
    """
    shown = tuple(row + 2 for row in rows)
    return Fault(f"location_{code}", "siting", rows=shown, values=values)


def _shape_faults(problem: LocationProblem) -> list[Fault]:
    points, k, pairs = problem.points, problem.sites, len(problem.site)
    wanted: list[tuple[str, npt.NDArray[np.generic] | None, int]] = [
        ("ms", problem.ms, pairs),
        ("weight", problem.weight, points),
        ("fixed", problem.fixed, k),
        ("forbidden", problem.forbidden, k),
        ("group", problem.group, k),
        ("cost", problem.cost, k),
        ("capacity", problem.capacity, k),
        ("at_least", problem.at_least, problem.groups),
        ("at_most", problem.at_most, problem.groups),
        ("area", problem.area, points),
    ]
    faults = [
        fault("shape", name=name, found=len(values), wanted=size)
        for name, values, size in wanted
        if values is not None and len(values) != size
    ]
    if points < 1 or k < 1:
        faults.append(fault("empty"))
    elif problem.start[0] != 0 or problem.start[-1] != pairs or (np.diff(problem.start) < 0).any():
        faults.append(fault("start"))
    if problem.budget is not None and problem.cost is None:
        faults.append(fault("budget_without_cost"))
    if problem.apart is not None and problem.apart.shape != (len(problem.apart), 2):
        faults.append(fault("apart_shape"))
    return faults


def _value_faults(problem: LocationProblem) -> list[Fault]:
    faults = []
    for name, values, below in (
        ("site", problem.site, problem.sites),
        ("group", problem.group, problem.groups),
        ("area", problem.area, problem.areas),
        ("apart", problem.apart, problem.sites),
    ):
        if values is not None and len(values) and (values.min() < 0 or values.max() >= below):
            faults.append(fault("position", name=name, size=below))
    for name, amounts in (
        ("ms", problem.ms),
        ("weight", problem.weight),
        ("cost", problem.cost),
        ("capacity", problem.capacity),
        ("at_least", problem.at_least),
        ("at_most", problem.at_most),
        ("least_share", problem.least_share),
    ):
        if amounts is None or not len(amounts):
            continue
        if not np.issubdtype(amounts.dtype, np.integer) or amounts.min() < 0:
            faults.append(fault("amount", name=name))
        elif name in ("weight", "cost") and amounts.sum(dtype=np.float64) >= MOST_TOTAL:
            faults.append(fault("too_much", name=name))
    if problem.least_share is not None and (problem.least_share > ALL).any():
        faults.append(fault("share_above_all", areas=_where(problem.least_share > ALL)))
    if problem.apart is not None and (alike := problem.apart[:, 0] == problem.apart[:, 1]).any():
        faults.append(fault("apart_from_itself", pairs=_where(alike)))
    if not _rising(problem):
        faults.append(fault("unsorted_pairs"))
    return faults


def _where(wrong: Bools) -> Positions:
    return Positions(np.flatnonzero(wrong).tolist())


def _rising(problem: LocationProblem) -> bool:
    """Whether the sites of each row rise, looked at in blocks: there may be 10^8 pairs."""
    first = problem.start[(problem.start > 0) & (problem.start < len(problem.site))]
    block = 1 << 22
    for at in range(0, len(problem.site), block):
        part = problem.site[at : at + block + 1]
        rising = np.diff(part) > 0
        here = first[(first > at) & (first < at + len(part))] - at - 1
        rising[here] = True
        if not rising.all():
            return False
    return True
