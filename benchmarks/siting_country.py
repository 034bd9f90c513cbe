"""An invented country for siting: demand, sites and the ways between them, from a fixed seed.

120 towns with Pareto weights on an island of 140 x 380 km, three in five demand points near a
town's middle (4 km), the others around it (16 km). Sites stand near demand points. Ways are the
straight line times 1.3, driven at 40 km/h. Larger countries split each of the 7,700 points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.model import Floats, Ints
from geoplan.siting.location import LocationProblem

VILLAGES, SITES = 7_700, 1_000
TOWNS = 120
SEED = 20_305
THRESHOLD_MS = 15 * 60_000
"""10 km at 40 km/h."""
_MS_PER_KM = 1.3 * 3_600_000 / 40
_BLOCK = 1_000

Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Country:
    points: Floats  # (n, 2) km
    people: Ints  # (n,)
    sites: Floats  # (k, 2) km


def country(points: int, sites: int, seed: int = SEED) -> Country:
    """At most `VILLAGES` points, or a multiple of them."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform((0, 0), (140, 380), (TOWNS, 2))
    share = rng.pareto(1.1, TOWNS) + 0.1
    home = towns[rng.choice(TOWNS, VILLAGES, p=share / share.sum())]
    spread = np.where(rng.random(VILLAGES) < 0.6, 4.0, 16.0)
    spots = home + rng.normal(size=(VILLAGES, 2)) * spread[:, None]
    people = np.rint(rng.lognormal(7.8, 0.6, VILLAGES)).astype(np.int64) + 1
    if points < VILLAGES:
        spots, people = spots[:points], people[:points]
    there = spots[rng.choice(len(spots), sites, replace=False)]
    there = there + rng.normal(0, 0.3, (sites, 2))
    if points > VILLAGES:
        parts = points // VILLAGES
        spots = np.repeat(spots, parts, axis=0) + rng.normal(0, 0.8, (parts * VILLAGES, 2))
        split = rng.dirichlet(np.full(parts, 2.0), VILLAGES)
        people = np.maximum(1, np.rint(people[:, None] * split)).astype(np.int64).ravel()
    return Country(spots, people, there)


def table(land: Country) -> Int32s:
    """Milliseconds from every point to every site (n, k)."""
    return np.concatenate(list(_blocks(land)))


def _blocks(land: Country) -> Iterator[Int32s]:
    for at in range(0, len(land.points), _BLOCK):
        part = land.points[at : at + _BLOCK]
        km = np.hypot(*(part[:, None, :] - land.sites[None]).transpose(2, 0, 1))
        yield np.rint(km * _MS_PER_KM).astype(np.int32)


def problem_of(ms: Int32s, people: Ints, limit_ms: int | None = None) -> LocationProblem:
    """The problem of a table of milliseconds, with the pairs up to the limit or with all."""
    n, k = ms.shape
    none = np.zeros(k, np.bool_)
    if limit_ms is None:
        start, site = np.arange(n + 1, dtype=np.int64) * k, np.tile(np.arange(k, dtype=np.int32), n)
        return LocationProblem(start, site, ms.ravel(), people, k, none, none)
    near = ms <= limit_ms
    start = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    site = np.nonzero(near)[1].astype(np.int32)
    return LocationProblem(start, site, ms[near], people, k, none, none)


def near_problem(land: Country) -> LocationProblem:
    """The problem with the pairs within the threshold alone, made block by block."""
    sites: list[Int32s] = []
    times: list[Int32s] = []
    counts: list[Ints] = []
    for ms in _blocks(land):
        part = problem_of(ms, np.ones(len(ms), np.int64), THRESHOLD_MS)
        sites.append(part.site)
        times.append(np.asarray(part.ms, np.int32))
        counts.append(np.diff(part.start))
    start = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    none = np.zeros(len(land.sites), np.bool_)
    site = _joined(sites)
    return LocationProblem(start, site, _joined(times), land.people, len(none), none, none)


def _joined(parts: list[Int32s]) -> Int32s:
    """One array of them all; the parts are given back as they are copied."""
    whole = np.empty(sum(len(part) for part in parts), np.int32)
    at = len(whole)
    while parts:
        last = parts.pop()
        whole[at - len(last) : at] = last
        at -= len(last)
    return whole
