"""How old the records are on which a township's figures rest: dates of its people's own sites."""

from __future__ import annotations

import re

from geoplan.export.lists import Lists

_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?!\d)")


def record_months(lists: Lists) -> dict[tuple[str, str], int | None]:
    """Whole months, by layer and township, from the oldest date of the sites that its people use
    to the newest date of any site; None where they use none or one of them has no date.

    A date without a month counts from its January, so that no record looks younger than it may be.
    """
    month_of = {
        (row["layer"], row["site_id"]): _months(row["source_date"] or "")
        for row in lists.sites.records
    }
    newest = max((each for each in month_of.values() if each is not None), default=0)
    found: dict[tuple[str, str], int | None] = {}
    for row in lists.townships.records:
        sites = [each for each in (row["own_site_ids"] or "").split(";") if each]
        months = [month_of.get((row["layer"], each)) for each in sites]
        known = [each for each in months if each is not None]
        whole = known and len(known) == len(months)
        found[row["layer"], row["township_code"]] = newest - min(known) if whole else None
    return found


def _months(date: str) -> int | None:
    """Months since year 0 of the date with which a text begins."""
    found = _DATE.match(date)
    return int(found[1]) * 12 + int(found[2] or 1) - 1 if found else None
