"""What a study says of the years in which new sites are to open, and of who pays for them.

Nothing is filled in that no document gives: a target of a year, a cost of a site and a budget are
the study's own, empty unless it states them with their source.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from geoplan.door.checks import some
from geoplan.door.study_checks import Loc, TomlFile
from geoplan.errors import Fault
from geoplan.keys import Flag, Model, Slug, Text, Whole

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.study import Layer

Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]


class CentralShare(Model):
    """The percent of a cost that the centre bears, by fiscal tier of the county (1 is the first).

    `tier_column` is a column of the county figures. After `tiers_known_until` the tiers are held
    constant, and shown so.
    """

    tier_column: Text
    tiers_known_until: Year
    percent: Annotated[tuple[Percent, ...], Field(min_length=1)]
    source: Text


def tier_faults(shares: CentralShare, counties: pd.DataFrame, files: str) -> list[Fault]:
    """Counties (county_name, the tier column) whose tier has no percent."""
    most = len(shares.percent)
    wrong = counties[~counties[shares.tier_column].isin(range(1, most + 1))]
    if wrong.empty:
        return []
    values = {"names": some(wrong["county_name"].tolist()), "most": most}
    return [Fault("tier_without_share", files, (), shares.tier_column, values)]


class Phasing(Model):
    """The years in which new sites open.

    Between years a person of a listed township counts as `listed_weight` others.
    """

    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    listed_weight: Annotated[int, Field(strict=True, ge=1, le=1000)] = 10
    central_share: CentralShare | None = None


class LayerSiting(Model):
    """How new sites of a layer are chosen, and how many by when.

    `yearly_targets` are all sites that shall stand at the end of each year of the phasing; without
    them what is to be placed is divided evenly. `unit_cost` is what one new site costs, in whole
    units of money; `yearly_budget` what may be spent on them in each year, not carried over.
    """

    county_at_least: Whole = 0
    soft_residents_per_site: Annotated[int, Field(strict=True, gt=0)] | None = None
    townships_without_first: Flag = False
    also_at: tuple[Slug, ...] = ()
    yearly_targets: tuple[Whole, ...] = ()
    yearly_targets_source: Text | None = None
    unit_cost: Annotated[int, Field(strict=True, gt=0)] | None = None
    unit_cost_source: Text | None = None
    yearly_budget: tuple[Whole, ...] = ()


def phasing_faults(phasing: Phasing | None, layers: Sequence[Layer], read: TomlFile) -> list[Fault]:
    """Years that do not rise, lists of another length, and figures that lack what they rest on."""
    years = phasing.years if phasing else ()
    faults = []
    if any(late <= early for early, late in pairwise(years)):
        faults.append(read.fault("years_rising", ("phasing", "years")))
    for place, layer in enumerate(layers):
        at: Loc = ("layer", place, "siting")
        siting = layer.siting
        for name in ("yearly_targets", "yearly_budget"):
            given = getattr(siting, name)
            if given and len(given) != len(years):
                faults.append(
                    read.fault("yearly_length", (*at, name), found=len(given), years=len(years))
                )
        targets = siting.yearly_targets
        if any(late < early for early, late in pairwise(targets)):
            faults.append(read.fault("yearly_targets_fall", (*at, "yearly_targets")))
        if targets and targets[-1] != layer.target:
            values = {"last": targets[-1], "target": layer.target}
            faults.append(read.fault("yearly_targets_end", (*at, "yearly_targets"), **values))
        if targets and siting.yearly_targets_source is None:
            faults.append(read.fault("source_needed", (*at, "yearly_targets_source")))
        if siting.unit_cost is not None and siting.unit_cost_source is None:
            faults.append(read.fault("source_needed", (*at, "unit_cost_source")))
        if siting.yearly_budget and siting.unit_cost is None:
            faults.append(read.fault("budget_needs_cost", (*at, "yearly_budget")))
    return faults


def new_by_year(layer: Layer, years: int, to_place: int, stands: int) -> tuple[int, ...]:
    """New sites that stand at the end of each year, rising to at most `to_place`.

    By the yearly targets less what stands, else in even parts, an odd one earlier; no year spends
    more than its budget.
    """
    siting = layer.siting
    if siting.yearly_targets:
        wanted = [min(max(target - stands, 0), to_place) for target in siting.yearly_targets]
    else:
        wanted = [-(-to_place * turn // years) for turn in range(1, years + 1)]
    if siting.yearly_budget and siting.unit_cost:
        placed = 0
        for turn, budget in enumerate(siting.yearly_budget):
            placed = min(wanted[turn], placed + budget // siting.unit_cost)
            wanted[turn] = placed
    return tuple(wanted)
