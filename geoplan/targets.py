"""What the programme's documents aim at, year by year, and the rules they give for money and staff.

Works on the tables of data/programme as they were read (door/tables.py: PROGRAMME_FIGURES ...).
Nothing is filled in: a year that no document speaks of is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

ROC = 1911
"""The year before the first of the Republic of China: ROC 119 is 2030."""
PROGRAMME_YEARS = range(2026, 2031)
"""The years of the programme 2.0 (ROC 115 to 119)."""


@dataclass(frozen=True, slots=True)
class YearlyTarget:
    """Sites that shall stand at the end of `year`; None where no document says.

    `source` is document and lines ("003:214"); blank where the number is unknown.
    """

    layer: str
    year: int
    sites: int | None
    source: str


def yearly_targets(layer: str, figures: pd.DataFrame) -> tuple[YearlyTarget, ...]:
    """The nation's targets of `layer`, oldest first, and every year from 2026 to 2030.

    `figures` is data/programme/programme.csv as text (figure_id, layer, year_roc, value, kind ...).
    A year has as many rows as documents give it, also where they disagree (mental-health centres
    in ROC 114: 77 and 71); equal numbers of several documents are one row with all sources. The
    documents give no steps between 2025 and 2030: those years are there, with None.
    """
    mine = figures[
        (figures["layer"] == layer) & (figures["kind"] == "target") & (figures["county_code"] == "")
    ]
    found: dict[tuple[int, int], list[str]] = {}
    for row in mine.itertuples(index=False):
        at = (year_of(str(row.year_roc)), int(float(str(row.value))))
        found.setdefault(at, []).append(f"{row.document}:{row.lines}")
    known = {year for year, _ in found}
    told = [YearlyTarget(layer, *at, "; ".join(sources)) for at, sources in found.items()]
    silent = sorted(set(PROGRAMME_YEARS) - known)
    told += [YearlyTarget(layer, year, None, "") for year in silent]
    return tuple(sorted(told, key=lambda each: (each.year, each.sites or 0)))


def year_of(year_roc: str) -> int:
    """The year AD in which a ROC year begins: "114-05", "111-114" and "from 112" name 2025, 2022
    and 2023.

    Raises:
        ValueError: if no year stands in the text.
    """
    return int(year_roc.removeprefix("from ")[:3]) + ROC


def years_of(year_roc: str) -> range:
    """The years AD that a text names: "111-114" is 2022 to 2025, "114-05" is 2025 alone.

    Raises:
        ValueError: if no year stands in the text.
    """
    first = year_of(year_roc)
    _, _, last = year_roc.partition("-")
    return range(first, (int(last) + ROC if len(last) == 3 else first) + 1)


@dataclass(frozen=True, slots=True)
class Share:
    """The central government's share of a county's cost, in percent, and where it is written."""

    percent: float
    source: str


def central_share(tier: int, year: int, figures: pd.DataFrame) -> Share | None:
    """What the centre pays of a county of fiscal tier 1 to 5 in `year`; None where no document
    says."""
    rates = figures[
        (figures["topic"] == "subsidy_rate") & figures["item"].str.endswith(f"_tier_{tier}")
    ]
    for row in rates.itertuples(index=False):
        if year in years_of(str(row.year_roc)):
            return Share(float(str(row.value)), f"{row.document}:{row.lines}")
    return None


def supervisors(workers: int, workers_per_supervisor: int) -> tuple[int, int]:
    """Supervisors for so many workers: one for each full group, and one for each group begun.

    The documents say "one supervisor for every seven workers" and not what becomes of the rest, so
    both are told; the one case they show (2 supervisors among 17 people) fits full groups.
    """
    full, rest = divmod(workers, workers_per_supervisor)
    return full, full + (rest > 0)
