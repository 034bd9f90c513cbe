"""From columns to the figures of need indicators, and what makes a figure useless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.reading import Found
from geoplan.model import Floats
from geoplan.need import crude_rate
from geoplan.need_spec import Indicator, Need

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator before it is ranked: `count` (places,), over `people` (places,) where it is a
    rate; NaN where a part is not known."""

    count: Floats
    people: Floats | None

    @property
    def value(self) -> Floats:
        """The count, or the crude rate."""
        return self.count if self.people is None else crude_rate(self.count, self.people)


def figure_of(indicator: Indicator, frame: pd.DataFrame) -> Figure:
    """The figure of every row; a sum of which one part is not known is not known."""
    count = frame[list(indicator.numerator)].sum(axis=1, skipna=False).to_numpy(float)
    below = indicator.denominator
    return Figure(count, None if below is None else frame[below].to_numpy(float))


def tell_useless(indicator: Indicator, figure: Figure, file: str, found: Found) -> None:
    """A fault of an indicator that is known nowhere, or the same everywhere."""
    known = figure.value[~np.isnan(figure.value)]
    column = ", ".join(indicator.columns)
    if not len(known):
        found.fault("need_nothing_known", file, column=column, id=indicator.id)
    elif len(known) > 1 and known.min() == known.max():
        value = float(known[0])
        found.fault("need_constant", file, column=column, id=indicator.id, value=value)


def check_indicators(need: Need, level: str, frame: pd.DataFrame, file: str, found: Found) -> None:
    """Faults of the indicators of one level, whose columns stand in `frame` as far as they are
    numbers."""
    for indicator in need.indicators:
        ready = all(name in frame and frame[name].dtype.kind in "iuf" for name in indicator.columns)
        if indicator.level == level and ready:
            tell_useless(indicator, figure_of(indicator, frame), file, found)
