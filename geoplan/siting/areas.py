"""Areas where people live: their people, what their least shares ask for, and how even they are."""

from __future__ import annotations

import numpy as np

from geoplan.model import Ints
from geoplan.siting.location import ALL, LocationProblem


def areas_of(problem: LocationProblem) -> tuple[Ints, Ints]:
    """The area of each demand point, and the people of each area that its least share asks for.

    All demand is one area where nothing asks for more.
    """
    if problem.least_share is None:
        return np.zeros(problem.points, np.int64), np.zeros(1, np.int64)
    area = np.zeros(problem.points, np.int64) if problem.area is None else problem.area
    people = np.zeros(problem.areas, np.int64)
    np.add.at(people, area, problem.weight)
    wanted = [
        -(-all_here * share // ALL)
        for all_here, share in zip(people.tolist(), problem.least_share.tolist(), strict=True)
    ]
    return area, np.array(wanted, np.int64)
