"""Measures of a rule that count people of the target group."""

from __future__ import annotations

from dataclasses import dataclass

from geoplan.designation.engine import Between
from geoplan.model import Ints


@dataclass(frozen=True, slots=True)
class Counted:
    """People of the target group, integer arrays of one shape (townships, or draws x townships).

    `beyond` are surely beyond the rule's minutes or cut off, `perhaps_beyond` those of whom it is
    not known. `without_site` have surely no site on their island, `perhaps_without` perhaps none.
    """

    target: Ints
    beyond: Ints
    perhaps_beyond: Ints
    without_site: Ints
    perhaps_without: Ints

    def measures(self) -> dict[str, Between]:
        """The four measures of a rule made of these."""
        far = (self.beyond, self.beyond + self.perhaps_beyond)
        without = (self.without_site, self.without_site + self.perhaps_without)
        return {
            "share_beyond": Between(*far, whole=self.target),
            "people_beyond": Between(*far),
            "share_without_site_on_island": Between(*without, whole=self.target),
            "people_without_site_on_island": Between(*without),
        }
