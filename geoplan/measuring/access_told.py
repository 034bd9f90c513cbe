"""What a measure of access found, in a few numbers: people by state, capacity, loads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.measuring.access import CAPACITY_PLAYS_NO_PART, Figure, Ready
from geoplan.model import Floats, Ints, State


@dataclass(frozen=True, slots=True)
class Load:
    """People for each unit of capacity: one end of the range, and at which sites it is."""

    people_per_capacity: float
    demand_id: str
    site_id: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One figure in numbers. `points` (or sites) and `people` are by state; `unused` are ids of
    sites nobody can come to; the loads are None unless the figure is a load."""

    points: dict[str, int]
    people: dict[str, int | float]
    capacity: float | None
    capacity_reached: float | None
    unused: tuple[str, ...]
    largest: Load | None = None
    smallest: Load | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the smallest load the largest is."""
        if self.largest is None or self.smallest is None:
            return None
        return self.largest.people_per_capacity / self.smallest.people_per_capacity


def people_in(population: Ints | Floats) -> int | float:
    """All people of the points: whole, or where they are weights rounded to 12 digits."""
    everybody = population.sum()
    return int(everybody) if everybody % 1 == 0 else float(f"{everybody:.12g}")


def told(ready: Ready, figure: Figure) -> Told:
    """The numbers of one figure."""
    state, own = figure.result.state, ready.own
    of_sites = figure.measure.rows == "site"
    unused = figure.people_of_site == 0
    plays = figure.measure.unit not in CAPACITY_PLAYS_NO_PART
    ends = _ends(ready, figure) if figure.measure.unit == "people_per_capacity" else (None, None)
    return Told(
        points={each.name.lower(): int((state == each).sum()) for each in State},
        people={}
        if of_sites
        else {each.name.lower(): people_in(own.population[state == each]) for each in State},
        capacity=float(own.capacity.sum()) if plays else None,
        capacity_reached=float(own.capacity[~unused].sum()) if plays else None,
        unused=tuple(map(str, own.site_id[unused])) if plays or of_sites else (),
        largest=ends[0],
        smallest=ends[1],
    )


def _ends(ready: Ready, figure: Figure) -> tuple[Load | None, Load | None]:
    """The largest and the smallest load, the first of equals."""
    measured = figure.result.state == State.MEASURED
    if not measured.any():
        return None, None
    value = figure.result.value
    largest = int(np.where(measured, value, -np.inf).argmax())
    smallest = int(np.where(measured, value, np.inf).argmin())
    return _load(ready, figure, largest), _load(ready, figure, smallest)


def _load(ready: Ready, figure: Figure, point: int) -> Load:
    pairs = figure.problem.pairs
    row = slice(int(pairs.start[point]), int(pairs.start[point + 1]))
    counts = figure.problem.pair_weights()[row] > 0
    sites = pairs.site[row][counts]
    ids = ready.own
    return Load(
        float(figure.result.value[point]),
        str(ids.demand_id[point]),
        tuple(str(ids.site_id[each]) for each in sites),
    )
