"""The time to the own site in every draw, from a few rows of the travel matrix.

No draw needs a new search of the roads: the ways stay those of the matrix, their surveyed and
modelled parts are multiplied, and the site may turn out farther or nearer than its point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Ints, TravelMatrix
from geoplan.travel.matrix import OWN_ZONE_MS
from geoplan.uncertainty.spread import UNIT, UNIT_BITS, TravelFactors

NEAREST_KEPT = 3
CELLS_AT_ONCE = 1 << 18
"""Draws times points held at a time, so that memory does not grow with the number of draws."""
NO_TRIP_MS = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class NearSites:
    """The nearest eligible sites of each point (n, k), nearest first; ties go to the lowest id.

    `site` is a position in the matrix's columns, -1 where there are fewer than k sites; there the
    milliseconds on surveyed and on modelled links are 0.
    """

    site: Ints
    surveyed_ms: Ints
    modelled_ms: Ints

    def of(self, points: Bools) -> NearSites:
        """Those of the chosen points (n,) only."""
        return NearSites(self.site[points], self.surveyed_ms[points], self.modelled_ms[points])


@dataclass(frozen=True, slots=True)
class OwnTimes:
    """How the own time of each point (n,) is drawn; every point has one site at least.

    `position_ms` (draws, sites) is added to every trip to a site.
    """

    near: NearSites
    factors: TravelFactors
    position_ms: Ints

    @property
    def draws(self) -> int:
        return len(self.factors.surveyed)

    @property
    def points(self) -> int:
        return len(self.near.site)

    def ms(self, draws: slice) -> Ints:
        """Own time (d, n) in the chosen draws: the least over the kept sites.

        min_k (surveyed_k F_surveyed + modelled_k F_modelled + position_k), each trip rounded to
        milliseconds and not below one minute (or below the undrawn trip where that is shorter).
        Left out: a site that is fourth by the matrix and first in a draw, and another way to the
        same site that is the faster one once one class of links is slower.
        """
        best = self._trip_ms(draws, 0)
        for kept in range(1, self.near.site.shape[1]):
            np.minimum(best, self._trip_ms(draws, kept), out=best)
        return best

    def _trip_ms(self, draws: slice, kept: int) -> Ints:
        site = self.near.site[:, kept]
        surveyed, modelled = self.near.surveyed_ms[:, kept], self.near.modelled_ms[:, kept]
        trip: Ints = surveyed * self.factors.surveyed[draws, None]
        trip += modelled * self.factors.modelled[draws, None]
        trip += UNIT // 2
        trip >>= UNIT_BITS
        trip += self.position_ms[draws][:, site]
        np.maximum(trip, np.minimum(surveyed + modelled, OWN_ZONE_MS), out=trip)
        trip[:, site < 0] = NO_TRIP_MS
        return trip


def near_sites(matrix: TravelMatrix, allowed: Bools, most: int = NEAREST_KEPT) -> NearSites:
    """The `most` nearest reachable sites that the people of each point may use.

    `allowed` (n, m) says who may use the site of which column; columns are sorted by id.
    """
    points, sites = matrix.ms.shape
    usable = matrix.reachable & allowed
    ms = np.where(usable, matrix.ms, np.iinfo(np.int32).max)
    site = np.full((points, most), -1, np.int64)
    parts = np.zeros((2, points, most), np.int64)
    rows = np.arange(points)
    for kept in range(min(most, sites)):
        nearest = ms.argmin(axis=1)
        found = usable[rows, nearest]
        modelled = matrix.modelled_ms[rows, nearest].astype(np.int64)
        site[found, kept] = nearest[found]
        parts[:, found, kept] = (matrix.ms[rows, nearest] - modelled)[found], modelled[found]
        usable[rows, nearest] = False
        ms[rows, nearest] = np.iinfo(np.int32).max
    return NearSites(site, parts[0], parts[1])


def chunks(draws: int, places: int) -> Iterator[slice]:
    """All draws in order, a few at a time."""
    step = max(CELLS_AT_ONCE // max(places, 1), 1)
    for first in range(0, draws, step):
        yield slice(first, min(first + step, draws))
