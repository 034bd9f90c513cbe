"""One service as it was found: access and siting, the rule's answer, and the draws around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geoplan.results.draws import LayerDraws, draw_layer, spread_of
from geoplan.results.listing import Listing
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.tables import STATUSES

WATCH = STATUSES.index("watch")
INTERVAL = "interval"
"""The reason of a township that is watched because its interval touches a threshold."""


@dataclass(frozen=True, slots=True)
class LayerFound:
    """`draws` is None where nothing was drawn."""

    outcome: LayerOutcome
    listing: Listing
    draws: LayerDraws | None

    @property
    def judged(self) -> tuple[LayerOutcome, Listing]:
        return self.outcome, self.listing


def drawn_around(ground: Ground, outcome: LayerOutcome, listing: Listing) -> LayerFound:
    """The layer with its draws, if the study says what varies.

    A township that is not listed and whose interval touches a threshold is to be watched.
    """
    spread = spread_of(ground.inputs.study)
    if spread is None:
        return LayerFound(outcome, listing, None)
    draws = draw_layer(ground, outcome, listing, spread)
    return LayerFound(outcome, watched(listing, draws), draws)


def watched(listing: Listing, draws: LayerDraws) -> Listing:
    """The listing with the townships that the draws bring onto the list often enough to watch."""
    status = listing.status.copy()
    status[draws.touches] = WATCH
    reasons = tuple(
        (*codes, INTERVAL) if touches else codes
        for codes, touches in zip(listing.reasons, draws.touches, strict=True)
    )
    return replace(listing, judged=replace(listing.judged, status=status), reasons=reasons)
