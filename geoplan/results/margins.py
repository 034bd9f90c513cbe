"""How far each township is from each threshold of its rule: one row a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from geoplan.designation import Compared, comparisons
from geoplan.model import Ints
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import MARGINS

ANSWERS = ("false", "true", "unknown")


def margins(ground: Ground, found: Sequence[tuple[LayerOutcome, Listing]]) -> pd.DataFrame:
    """Columns of tables.MARGINS, by layer and township, comparisons in the order of the rule."""
    codes = ground.inputs.townships["township_code"].to_numpy(object)
    frames = []
    for outcome, listing in found:
        parts = [
            _rows(each, here, codes).assign(layer=outcome.layer.id)
            for here, each in _comparisons(listing)
        ]
        layer = pd.concat(parts).sort_values("township_code", kind="stable")
        frames.append(layer)
    return pd.concat(frames, ignore_index=True)[MARGINS.names]


def _comparisons(listing: Listing) -> Iterator[tuple[Ints, Compared]]:
    """Every comparison with the townships (positions) whose rule makes it."""
    for turn, rule in enumerate(listing.rules):
        here = np.flatnonzero(listing.which == turn)
        for each in comparisons(rule, listing.values):
            yield here, each


def _rows(compared: Compared, here: Ints, codes: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "township_code": codes[here],
            "test": compared.test,
            "sentence": compared.sentence,
            "measure": compared.comparison.measure,
            "unit": compared.parameter.unit,
            "value_least": compared.least[here],
            "value_most": compared.most[here],
            "sign": compared.comparison.sign,
            "parameter": compared.parameter.id,
            "threshold": compared.parameter.value,
            "margin": compared.margin[here],
            "holds": [ANSWERS[code] for code in compared.holds[here]],
        }
    )
