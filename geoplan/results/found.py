"""One service as it was found: access and siting, the rule's answer, and the draws around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geoplan.results.draws import LayerDraws, draw_layer, spread_of
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import STATUSES

WATCH = STATUSES.index("watch")
INTERVAL = "interval"
"""The reason of a township that is watched because its interval touches a threshold."""


@dataclass(frozen=True, slots=True)
class LayerFound:
    """`listing` is the rule's answer; `draws` is None where nothing was drawn."""

    outcome: LayerOutcome
    listing: Listing
    draws: LayerDraws | None

    @property
    def judged(self) -> tuple[LayerOutcome, Listing]:
        """What the rule says, without draws."""
        return self.outcome, self.listing

    @property
    def told(self) -> Listing:
        """The listing as it is told: a township that is not listed, and that the draws bring onto
        the list often enough, is to be watched."""
        if self.draws is None:
            return self.listing
        listing, touches = self.listing, self.draws.touches
        status = np.where(touches, WATCH, listing.status).astype(np.uint8)
        reasons = tuple(
            (*codes, INTERVAL) if touched else codes
            for codes, touched in zip(listing.reasons, touches, strict=True)
        )
        return replace(listing, judged=replace(listing.judged, status=status), reasons=reasons)


def drawn_around(ground: Ground, outcome: LayerOutcome, listing: Listing) -> LayerFound:
    """The layer with its draws, if the study says what varies."""
    spread = spread_of(ground.inputs.study)
    draws = None if spread is None else draw_layer(ground, outcome, listing, spread)
    return LayerFound(outcome, listing, draws)
