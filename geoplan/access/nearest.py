"""How far: the time from each demand point to its own site and to the nearest site.

The own site is the nearest one the people of the point may use (eligibility). A site whose place
is not known exactly is never measured to; where it could be near enough to matter, the answer is
'not known' and not 'far'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import (
    Bools,
    Codes,
    Coverage,
    Ints,
    LayerAccess,
    State,
    TravelMatrix,
)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may use which site of one layer.

    `measured` (n, m): may the people of the point use the site of the matrix's column.
    `possible_ms` (n,): least time to an eligible site without a usable point, -1 if there is none.
    `may_be_unlisted` (n,): the own site may stand and be missing from the list that was read.
    `unlisted_ms` (n,): least time to a county, not one's own, whose list is not complete; -1.
    `planned` (m,): the site is opened by a trial, so it says nothing of what a list lacks.
    """

    measured: Bools
    possible_ms: Ints
    may_be_unlisted: Bools
    unlisted_ms: Ints
    planned: Bools


def layer_access(
    layer: str, matrix: TravelMatrix, eligibility: Eligibility, threshold_ms: int
) -> LayerAccess:
    """Own and nearest site of every demand point, for the matrix of one layer's usable sites."""
    own_site, own_ms, own_modelled_ms = _nearest(matrix, eligibility.measured)
    nearest_site, nearest_ms, _ = _nearest(matrix, np.ones_like(eligibility.measured))
    listed = matrix.reachable & eligibility.measured & ~eligibility.planned
    list_gap = eligibility.may_be_unlisted & ~listed.any(axis=1)
    possible_ms = np.where(list_gap, 0, eligibility.possible_ms)
    own_state = np.where(
        own_site >= 0,
        State.MEASURED,
        np.where(possible_ms >= 0, State.UNKNOWN, State.UNREACHABLE),
    ).astype(np.uint8)
    nearest_state = np.where(
        nearest_site >= 0,
        State.MEASURED,
        np.where(possible_ms >= 0, State.UNKNOWN, State.UNREACHABLE),
    ).astype(np.uint8)
    within = matrix.reachable & (matrix.ms <= threshold_ms) & eligibility.measured
    return LayerAccess(
        layer=layer,
        own_state=own_state,
        own_site=own_site,
        own_ms=own_ms,
        own_modelled_ms=own_modelled_ms,
        nearest_state=nearest_state,
        nearest_site=nearest_site,
        nearest_ms=nearest_ms,
        possible_ms=possible_ms,
        list_gap=list_gap,
        unlisted_ms=eligibility.unlisted_ms,
        sites_within=within.sum(axis=1).astype(np.int64),
    )


def _nearest(matrix: TravelMatrix, allowed: Bools) -> tuple[Ints, Ints, Ints]:
    """Position, ms and modelled ms of the nearest allowed site; -1, 0, 0 where there is none.

    Ties go to the first column, and columns are sorted by id.
    """
    points, sites = matrix.ms.shape
    if not sites:
        none = np.zeros(points, np.int64)
        return none - 1, none, none
    usable = matrix.reachable & allowed
    far = np.iinfo(np.int32).max
    ms = np.where(usable, matrix.ms, far)
    site = ms.argmin(axis=1)
    rows = np.arange(points)
    found = usable[rows, site]
    return (
        np.where(found, site, -1).astype(np.int64),
        np.where(found, matrix.ms[rows, site], 0).astype(np.int64),
        np.where(found, matrix.modelled_ms[rows, site], 0).astype(np.int64),
    )


def coverage(access: LayerAccess, threshold_ms: int) -> Codes:
    """Each demand point's Coverage (n,): `<=` counts as within.

    Undetermined: not within the threshold of a measured site, but a site whose place is not
    known could be.
    """
    return coverage_of(access.own_state, access.own_ms, access.possible_ms, threshold_ms)


def coverage_of(own_state: Codes, own_ms: Ints, possible_ms: Ints, threshold_ms: int) -> Codes:
    """As `coverage`, from the arrays themselves."""
    within = (own_state == State.MEASURED) & (own_ms <= threshold_ms)
    may_be_within = (possible_ms >= 0) & (possible_ms <= threshold_ms)
    return np.select(
        [within, may_be_within, own_state == State.UNREACHABLE],
        [Coverage.COVERED, Coverage.UNDETERMINED, Coverage.UNREACHABLE],
        Coverage.UNCOVERED,
    ).astype(np.uint8)
