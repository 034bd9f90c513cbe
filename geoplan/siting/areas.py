"""Areas where people live: their people, what their least shares ask for, and how even they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geoplan.model import Ints
from geoplan.siting.location import ALL, LocationProblem


def areas_of(problem: LocationProblem) -> tuple[Ints, Ints]:
    """The area of each demand point, and the people of each area that its least share asks for.

    All demand is one area where nothing asks for more.
    """
    if problem.least_share is None:
        return np.zeros(problem.points, np.int64), np.zeros(1, np.int64)
    area = problem.area_of
    wanted = [
        -(-all_here * share // ALL)
        for all_here, share in zip(
            people_of_areas(problem), problem.least_share.tolist(), strict=True
        )
    ]
    return area, np.array(wanted, np.int64)


def people_of_areas(problem: LocationProblem) -> list[int]:
    """The people of each area (a,)."""
    area = problem.area_of
    people = np.zeros(problem.areas, np.int64)
    np.add.at(people, area, problem.weight)
    return people.tolist()


def worst_share(people: Sequence[int], covered: Sequence[int]) -> int:
    """The least covered / people over areas with people, in millionths rounded down."""
    shares = (ALL * c // w for w, c in zip(people, covered, strict=True) if w)
    return min(shares, default=ALL)


def uneven(people: Sequence[int], covered: Sequence[int]) -> int:
    """The sum over pairs of areas of |W_h C_g - W_g C_h|: their Gini index times W times C."""
    both = list(zip(people, covered, strict=True))
    return sum(
        abs(w * other_c - other_w * c)
        for at, (w, c) in enumerate(both)
        for other_w, other_c in both[at + 1 :]
    )


def within_gini(people: Sequence[int], covered: Sequence[int], millionths: int) -> bool:
    """Whether the Gini index of the covered shares is at most so many millionths, exactly."""
    return ALL * uneven(people, covered) <= millionths * sum(people) * sum(covered)
