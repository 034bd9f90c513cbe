"""What no median or centre can answer, named before anything is solved."""

from __future__ import annotations

import numpy as np

from geoplan.errors import Fault
from geoplan.siting.allowed import contradictions
from geoplan.siting.location import LocationProblem, Positions, fault


def refused(problem: LocationProblem, count: int) -> tuple[Fault, ...]:
    """Rules that contradict, or demand that no usable site can serve."""
    if why := contradictions(problem, count):
        return why
    usable = np.concatenate([[0], np.cumsum(~problem.forbidden[problem.site])])
    none = np.flatnonzero((np.diff(usable[problem.start]) == 0) & (problem.weight > 0))
    if not len(none):
        return ()
    points = Positions(none.tolist())
    return (fault("uncoverable", points, count=len(points), points=points),)
