"""Trips worth keeping: all of them, those within a limit, or the nearest few of every place.

Sites are searched a few at a time; unless all trips are asked for, the whole table is never held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geoplan.model import Ints
from geoplan.travel.engine import Ways
from geoplan.travel.graph import FAR_MS, Int32s
from geoplan.travel.joining import Snapped
from geoplan.travel.trips import MOST_BYTES, trip_batches

SHIFT = 32
"""A trip as one number: milliseconds above, the rank of the site below."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`rank` (m,) puts sites equally near in order; `limit_ms` and `nearest` bound what is kept."""

    rank: Ints
    limit_ms: int | None = None
    nearest: int | None = None


@dataclass(frozen=True, slots=True)
class KeptTrips:
    """Trips as a row for each place: `key` (K,) ms << 32 | rank in the order of time and rank,
    rows by `indptr` (P + 1,); or `whole` (P, m) milliseconds, not yet in order."""

    site_of_rank: Ints
    rank: Ints
    indptr: Ints
    key: Ints
    whole: Int32s | None

    def rows(self, first: int, last: int) -> tuple[Ints, Ints, Ints]:
        """Place, site and milliseconds of the trips of places first up to last: in the order of
        places, then of times, then of the sites' ranks."""
        if self.whole is None:
            part = slice(int(self.indptr[first]), int(self.indptr[last]))
            place = np.repeat(np.arange(first, last), np.diff(self.indptr[first : last + 1]))
            ms, rank = np.divmod(self.key[part], 2**SHIFT)
            return place, self.site_of_rank[rank], ms
        key = _keys(self.whole[first:last], self.rank)
        key.sort(axis=1)
        ms, rank = np.divmod(key, 2**SHIFT)
        row, column = np.nonzero(ms < FAR_MS)
        return row + first, self.site_of_rank[rank[row, column]], ms[row, column]


def keep_trips(
    ways: Ways,
    places: tuple[Snapped, Snapped],
    asked: Asked,
    told: Callable[[int], None] = lambda done: None,
    most_bytes: int = MOST_BYTES,
) -> KeptTrips:
    """The trips from origins to sites (`places`) that are asked for, over ways in milliseconds."""
    origins, sites = places
    points, count = len(origins.state), len(sites.state)
    of_rank = np.argsort(asked.rank)
    open_end = asked.nearest is None and asked.limit_ms is None
    whole = np.full((points, count), FAR_MS, np.int32) if open_end else None
    nearest = np.full((points, 0), FAR_MS << SHIFT, np.int64)
    found: list[tuple[Ints, Ints]] = []
    for first, ms in trip_batches(ways, origins, sites, most_bytes):
        last = first + ms.shape[1]
        if asked.limit_ms is not None:
            ms[ms > asked.limit_ms] = FAR_MS
        if whole is not None:
            whole[:, first:last] = ms
        elif asked.nearest is not None:
            key = np.hstack([nearest, _keys(ms, asked.rank[first:last])])
            key.sort(axis=1)
            nearest = key[:, : asked.nearest].copy()
        else:
            row, column = np.nonzero(ms < FAR_MS)
            found.append((row, _keys(ms, asked.rank[first:last])[row, column]))
        told(last)
    if asked.nearest is not None:
        row, column = np.nonzero(nearest < FAR_MS << SHIFT)
        found = [(row, nearest[row, column])]
    row, key = (np.concatenate(part) for part in zip(*found, strict=True)) if found else _nothing()
    order = np.lexsort((key, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=points))])
    return KeptTrips(of_rank, asked.rank, indptr, key[order], whole)


def _keys(ms: Int32s | Ints, rank: Ints) -> Ints:
    return (ms.astype(np.int64) << SHIFT) | rank


def _nothing() -> tuple[Ints, Ints]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64)
