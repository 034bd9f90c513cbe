"""The rule that lists a township: versioned, explicit, three-valued.

A test is true, false, or not known because an input is missing; a missing input is never read as
good or bad. Need raises the severity and never gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class BeyondTest:
    """True when `beyond / total >= share_at_least`, or beyond >= or_people_at_least and
    beyond / total >= with_share_at_least. Shares are compared exactly as they are written."""

    share_at_least: float
    or_people_at_least: int
    with_share_at_least: float

    def holds(self, beyond: int, total: int) -> bool:
        if total <= 0:
            return False
        share = Fraction(beyond, total)
        return share >= Fraction(str(self.share_at_least)) or (
            beyond >= self.or_people_at_least and share >= Fraction(str(self.with_share_at_least))
        )

    def between(self, surely_beyond: int, perhaps_beyond: int, total: int) -> bool | None:
        """With some people undetermined: the answer if they cannot change it, else None."""
        if self.holds(surely_beyond, total):
            return True
        return None if self.holds(surely_beyond + perhaps_beyond, total) else False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says of one township and layer."""

    status: str
    reasons: tuple[str, ...]

    @property
    def listed(self) -> bool:
        return self.status in ("severe", "underserved")


def judge(distance: bool | None, need: bool | None, reason: str, unknown_reason: str) -> Verdict:
    """Status and reasons: severe = distance and need; underserved = distance; watch = need alone.

    `distance` is the layer's distance test (on islands: no site on the same island), called
    `reason`; where it is not known the status is undetermined, because of `unknown_reason`.
    """
    because_needy = ("need",) if need else ()
    if distance is None:
        return Verdict("undetermined", (unknown_reason, *because_needy))
    if distance:
        return Verdict("severe" if need else "underserved", (reason, *because_needy))
    return Verdict("watch", because_needy) if need else Verdict("not_listed", ())
