"""What a location model is asked, beside the problem itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked beside the problem; each model says which of these it needs.

    `count` is of all open sites, fixed ones too. `times` is how many open sites cover a person.
    `share` of all people, and `gini` of the areas' covered shares at most, are in millionths.
    """

    threshold_ms: int | None = None
    count: int | None = None
    times: int = 1
    share: int | None = None
    gini: int | None = None
