"""Two answers for the same places: who came on the list, who went, and how many people that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.designation.engine import Judged
from geoplan.model import Bools, Codes, Ints


@dataclass(frozen=True, slots=True)
class Changes:
    """Between two rules, or two runs, for all places. `before` and `after` are statuses."""

    before: Codes
    after: Codes
    came: Bools
    went: Bools

    def people(self, beyond_before: Ints, beyond_after: Ints) -> tuple[int, int]:
        """People beyond in the places that came, as counted after, and in those that went, as
        counted before."""
        return int(beyond_after[self.came].sum()), int(beyond_before[self.went].sum())


def compare_rules(before: Judged, after: Judged) -> Changes:
    """What changes for the same places when they are judged by another rule."""
    came = np.asarray(~before.listed & after.listed)
    went = np.asarray(before.listed & ~after.listed)
    return Changes(before.status, after.status, came, went)
