"""What a study says of uncertainty: how many draws, of what, and how wide; each with its source.

A part that is left out does not vary. What was measured on one network says nothing of another,
so the spread of minutes names the way of timing it is of.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from geoplan.door.study_checks import TomlFile
from geoplan.errors import Fault
from geoplan.keys import Model, Positive, Text, Whole, twice

Deviation = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
"""A standard deviation of the logarithm of minutes: 0.1 is about 10 % up or down."""
MOST_DRAWS = 10_000
"""What is kept of a draw grows with their number; beyond this nothing is told more exactly."""
TimedBy = Literal["own_matrix", "own_roads", "roads", "straight_line"]


class PopulationSpread(Model):
    """People of a township between 1 - share and 1 + share of those counted."""

    share: Annotated[float, Field(ge=0, lt=1, strict=True)]
    source: Text


class WeightSpread(Model):
    """Need weights around the profile's: the higher the concentration, the nearer."""

    concentration: Positive
    source: Text


class PositionSpread(Model):
    """How far a site may stand from its point, and how fast that way is driven."""

    rooftop_metres: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
    street_metres: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
    speed_kph: Positive
    source: Text


class MinutesSpread(Model):
    """How far minutes are from those driven, for one way of timing trips (`of`)."""

    of: TimedBy
    common_deviation: Deviation
    surveyed_deviation: Deviation
    modelled_deviation: Deviation
    source: Text


class Uncertainty(Model):
    """The draws of a study."""

    draws: Annotated[int, Field(strict=True, ge=1, le=MOST_DRAWS)]
    seed: Whole
    population: PopulationSpread | None = None
    weights: WeightSpread | None = None
    position: PositionSpread | None = None
    minutes: tuple[MinutesSpread, ...] = ()

    def minutes_of(self, code: str) -> MinutesSpread | None:
        """The spread of this way of timing trips, None if the study states none."""
        return next((each for each in self.minutes if each.of == code), None)


def uncertainty_faults(uncertainty: Uncertainty | None, read: TomlFile) -> list[Fault]:
    """A way of timing whose spread is stated twice."""
    stated = uncertainty.minutes if uncertainty else ()
    return twice(read, "uncertainty.minutes", [each.of for each in stated])
