"""What varies and by how much, and the seeded draws of it.

Every figure of `Spread` is stated by the study with its source. A draw is one world: the same
people and the same roads for every service, so draw 17 of one layer is draw 17 of all others.
Each stream of random numbers is spawned from the seed by the name of what it is for (a township,
a site), so one more layer, site or township changes no other draw, and a longer run begins with
the draws of a shorter one.

Factors are whole numbers in units of 1 / UNIT and times whole milliseconds: after the draw itself
all is integer arithmetic, the same in one process or twenty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Floats, Ints

UNIT_BITS = 20
UNIT = 1 << UNIT_BITS
"""A factor of 1; factors are kept as whole multiples of 1 / UNIT."""


@dataclass(frozen=True, slots=True)
class TravelSpread:
    """Standard deviations of the logarithm of minutes: one of all roads together, one of each
    class of links. A standard deviation of 0.1 is about 10 % up or down."""

    common: float
    surveyed: float
    modelled: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The figures of a run; what is 0 or None does not vary.

    `population_share` is how far people may be from those counted, `concentration` how near need
    weights stay to the profile's, `rooftop_ms` and `street_ms` how long it takes to drive as far
    as a site may be from a point of that precision.
    """

    draws: int
    seed: int
    population_share: float = 0.0
    concentration: float | None = None
    rooftop_ms: int = 0
    street_ms: int = 0
    travel: TravelSpread | None = None


@dataclass(frozen=True, slots=True)
class TravelFactors:
    """What the minutes of each draw (draws,) are multiplied by, in units of 1 / UNIT."""

    surveyed: Ints
    modelled: Ints


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random numbers of what `names` say: the same seed and names give the same numbers.

    The names' SHA-256 is the spawn key of numpy's SeedSequence.
    """
    digest = hashlib.sha256("\x00".join(names).encode()).digest()
    key = tuple(np.frombuffer(digest, "<u4").tolist())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def population_factors(spread: Spread, township_code: Sequence[str]) -> Ints:
    """Factors (draws, townships) of each township's people, in units of 1 / UNIT.

    Uniform between 1 - share and 1 + share, independent between townships; all the people of a
    township move together.
    """
    share = spread.population_share
    factors = np.empty((spread.draws, len(township_code)))
    for place, code in enumerate(township_code):
        drawn = stream(spread.seed, "population", code).uniform(-1, 1, spread.draws)
        factors[:, place] = 1 + share * drawn
    return _in_units(factors)


def travel_factors(spread: Spread) -> TravelFactors:
    """Log-normal factors with median 1: exp(common z0 + class z), z standard normal.

    z0 is shared by all links of a draw, z by those of one class.
    """
    if spread.travel is None:
        same = np.full(spread.draws, UNIT, np.int64)
        return TravelFactors(same, same)
    common, surveyed, modelled = (
        stream(spread.seed, "travel", name).standard_normal(spread.draws)
        for name in ("common", "surveyed", "modelled")
    )
    of = spread.travel
    return TravelFactors(
        surveyed=_in_units(np.exp(of.common * common + of.surveyed * surveyed)),
        modelled=_in_units(np.exp(of.common * common + of.modelled * modelled)),
    )


def position_ms(spread: Spread, layer: str, site_id: Sequence[str], rooftop: Bools) -> Ints:
    """Milliseconds (draws, sites) by which every trip to a site is longer (or shorter, below 0).

    The true place is uniform in a disc around the point, whose radius takes `rooftop_ms` to drive
    where the point is a `rooftop` (sites,), else `street_ms`; what is added is how far it lies
    along the way: r sqrt(u) cos(2 pi v), u and v uniform. One number a site and draw holds for
    trips from all sides.
    """
    added = np.zeros((spread.draws, len(site_id)), np.int64)
    for place, (name, fine) in enumerate(zip(site_id, rooftop.tolist(), strict=True)):
        radius = spread.rooftop_ms if fine else spread.street_ms
        if radius:
            u, v = stream(spread.seed, "position", layer, name).uniform(size=(spread.draws, 2)).T
            added[:, place] = np.rint(radius * np.sqrt(u) * np.cos(2 * np.pi * v))
    return added


def weight_draws(spread: Spread, share: Floats) -> Floats:
    """Weights (draws, indicators) around those given (indicators,), each draw adding up to 1.

    Dirichlet with parameters concentration x w, w the given weight's share of all: the mean is w,
    the variance w (1 - w) / (concentration + 1). A weight of 0 stays 0. Profiles with the same
    weights share their draws.
    """
    given = np.asarray(share, float) / np.sum(share)
    drawn = np.tile(given, (spread.draws, 1))
    some = given > 0
    if spread.concentration is not None and some.sum() > 1:
        numbers = stream(spread.seed, "weights", *map(str, given.tolist()))
        drawn[:, some] = numbers.dirichlet(spread.concentration * given[some], spread.draws)
    return drawn


def scaled(amount: Ints, factor: Ints) -> Ints:
    """`amount` times a factor in units of 1 / UNIT, to the nearest whole number, halves up."""
    product: Ints = (amount * factor + UNIT // 2) >> UNIT_BITS
    return product


def _in_units(factors: Floats) -> Ints:
    return np.rint(factors * UNIT).astype(np.int64)
