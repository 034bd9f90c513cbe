"""Townships whose status depends on where in them people are: villages against one point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoplan.designation import Judged, compare_rules
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.results.relist import at_settlements
from geoplan.tables import FLIPS, STATUSES


def flips(ground: Ground, found: Sequence[tuple[LayerOutcome, Listing]]) -> pd.DataFrame:
    """Columns of tables.FLIPS: every township and layer whose status is another when everybody is
    counted at the township's settlement."""
    codes = ground.inputs.townships["township_code"].to_numpy(object)
    frames = []
    for outcome, listing in found:
        at_point = at_settlements(ground, outcome, listing)
        changes = compare_rules(listing.judged, at_point.judged)
        here = np.flatnonzero(changes.before != changes.after)
        flip = np.select(
            [changes.went, changes.came],
            ["listed_only_at_villages", "listed_only_at_township"],
            "other_status",
        )
        frame = pd.DataFrame(
            {
                "layer": outcome.layer.id,
                "township_code": codes,
                "status_villages": status_names(listing.judged),
                "status_township": status_names(at_point.judged),
                "flip": flip,
                "target_people": listing.target,
                "beyond_people_villages": listing.beyond,
                "beyond_people_township": at_point.beyond,
            }
        )
        frames.append(frame.iloc[here])
    return pd.concat(frames, ignore_index=True)[FLIPS.names]


def status_names(judged: Judged) -> list[str]:
    """The status of each township in words of the tables."""
    return [STATUSES[code] for code in judged.status]
