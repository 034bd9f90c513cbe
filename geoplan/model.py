"""The frozen values that pass between the stages of the straight line.

read_study -> read_layers -> demand points -> need index -> travel matrix -> access
-> designation -> siting -> Plan -> map, lists, report

Rows are demand, columns are sites, always. Travel time is integer milliseconds and people are
integers until the last division. Ids and codes are strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geoplan.door.own_matrix import OwnMatrix
    from geoplan.door.own_roads import OwnRoads
    from geoplan.study import Study
    from geoplan.trial import Trial

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
Strings = npt.NDArray[np.object_]


class State(IntEnum):
    """What is known of a figure. Kept apart from the number 0 to the last export.

    ZERO is for amounts of access only: sites can be reached, and none of them counts.
    """

    MEASURED = 0
    UNREACHABLE = 1
    NOT_APPLICABLE = 2
    UNKNOWN = 3
    ZERO = 4


class Coverage(IntEnum):
    """Is somebody within the threshold of a site they may use? Every person is in one state."""

    COVERED = 0
    UNCOVERED = 1
    UNDETERMINED = 2
    UNREACHABLE = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table comes from: read from the manifest that lies beside it."""

    file: str
    title_zh: str
    title_en: str
    origin_zh: str
    origin_en: str
    date: str
    licence: str
    licence_note: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something a planner must know; shown by the map, the report and the command line."""

    code: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProgrammeTables:
    """What the programme's documents say, as read: tables.PROGRAMME_FIGURES, PROGRAMME_DOCUMENTS,
    CONTRADICTIONS and COUNTY_TARGETS."""

    figures: pd.DataFrame
    documents: pd.DataFrame
    contradictions: pd.DataFrame
    county_targets: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything read through the one door (`catalog`), checked, in the study's own names."""

    study: Study
    townships: gpd.GeoDataFrame  # sorted by township_code; figures of population and need joined
    counties: gpd.GeoDataFrame  # sorted by county_code; figures joined
    villages: gpd.GeoDataFrame | None  # polygons, for pictures only
    points: pd.DataFrame  # demand points sorted by village_code, with their population columns
    sites: pd.DataFrame  # facilities of every layer, closed ones included (tables.SITES)
    service_areas: pd.DataFrame  # layer, site_id, township_code
    completeness: pd.DataFrame  # layer, county_code ("" is the nation), named, reported ...
    services: pd.DataFrame  # every service system of the programme and what geoplan does with it
    excluded: pd.DataFrame  # sites that were seen and are not counted, with the reason
    roads: Mapping[str, pd.DataFrame]  # nodes, edges, local_edges, access, ferries
    sources: tuple[Source, ...]
    notes: tuple[Note, ...]
    own_roads: OwnRoads | None = None  # a planner's own, as they were read
    own_matrix: OwnMatrix | None = None  # a planner's own minutes
    programme: ProgrammeTables | None = None  # None: the study names none
    trial: Trial | None = None  # by which sites and study were changed (with_trial)


@dataclass(frozen=True, slots=True)
class Demand:
    """The places where people start from. All arrays have one entry a demand point (n,).

    `township` is the position of the point's township in `Inputs.townships`. `groups` counts the
    people of each target group at each point; those in `modelled` were spread from a larger area.
    """

    demand_id: Strings
    township: Ints
    lon: Floats
    lat: Floats
    population: Ints
    groups: Mapping[str, Ints]
    modelled: frozenset[str]


@dataclass(frozen=True, slots=True)
class TravelMatrix:
    """Travel times in integer milliseconds, dense: rows are demand (n,), columns sites (m,).

    `ms[i, j]` is the time, `modelled_ms[i, j]` the part of it on links that are a model and not a
    surveyed road. Where `reachable[i, j]` is False there is no way, and both are 0.
    """

    site_id: Strings
    ms: npt.NDArray[np.int32]
    modelled_ms: npt.NDArray[np.int32]
    reachable: Bools


@dataclass(frozen=True, slots=True)
class LayerAccess:
    """How far each demand point is from one layer's sites; arrays are (n,).

    `own_*` is the nearest site the people of the point may use (eligibility), `nearest_*` the
    nearest of all. A site is a position in the matrix's columns, -1 where the state is not
    MEASURED. `possible_ms` is the least time at which an eligible site without a usable point
    could lie (-1: there is none), so nobody is called far from a site whose place is not known.
    """

    layer: str
    own_state: Codes
    own_site: Ints
    own_ms: Ints
    own_modelled_ms: Ints
    nearest_state: Codes
    nearest_site: Ints
    nearest_ms: Ints
    possible_ms: Ints
    list_gap: Bools  # no own site on the list, which is not complete: it could be anywhere
    unlisted_ms: Ints  # least time to a county whose list is not complete, -1 where none counts
    sites_within: Ints


@dataclass(frozen=True, slots=True)
class TrialLayer:
    """One layer as a trial finds it. Columns are positions in `TrialGround.column_id`, -1: none.

    `sites` are all that exist, sorted by id: site_id, column, measured, township, county, capacity.
    The column of one without a usable point (`measured` false) is the least time to its township
    or county. `serves` has the townships of each where service areas are published, else None.
    """

    sites: pd.DataFrame
    serves: tuple[tuple[int, ...], ...] | None
    candidates: Ints  # columns at which a site may be opened
    planned: Ints  # columns that stand already by the trial of the run
    unlisted: int  # the column of the least time to a county whose list is not complete
    complete: Bools  # (counties,)
    named: Ints  # (counties,) sites that stand and are named
    unnamed: Ints  # (counties,)
    unnamed_known: Bools  # (counties,)
    elsewhere: int  # named, of no known county


@dataclass(frozen=True, slots=True)
class TrialGround:
    """What a trial in the page is computed from: every point, every column, every layer.

    `ms` (n, columns) is in milliseconds, -1 where there is no way; columns are ordered by township
    (-1: of none) and id; `column_point` is longitude and latitude, NaN for a least time. Of the
    need by profile `percentile` (townships,) and `score` (indicators, townships).
    """

    demand: Demand
    universe: Ints  # (townships,)
    column_id: Strings
    column_township: Ints
    column_point: Floats  # (columns, 2)
    ms: npt.NDArray[np.int32]
    layers: Mapping[str, TrialLayer]
    percentile: Mapping[str, Floats]
    score: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Plan:
    """The result: maps, lists and reports read this and nothing else.

    `rows` has one row per township and layer (tables.ROWS), `village_rows` one per demand point
    and layer (tables.VILLAGE_ROWS), `sites` every site, existing, closed and proposed
    (tables.PLAN_SITES), `counts` the arithmetic of the targets per layer (tables.COUNTS),
    `layer_totals` the headline figures per layer (tables.LAYER_TOTALS). `details` holds the
    tables that stand behind the rows, by id (tables.DETAILS), `certificates` the files that prove
    the bounds of its siting, by name. `trial` is what the page computes a trial from,
    None where that is too much for a page; `fixed` is the trial that was planned, if it was one.
    """

    study: Study
    data_date: str
    run_id: str
    version: str
    townships: gpd.GeoDataFrame
    counties: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame | None
    rows: pd.DataFrame
    village_rows: pd.DataFrame
    sites: pd.DataFrame
    counts: pd.DataFrame
    layer_totals: pd.DataFrame
    completeness: pd.DataFrame
    services: pd.DataFrame
    excluded: pd.DataFrame
    details: Mapping[str, pd.DataFrame]
    sources: tuple[Source, ...]
    notes: tuple[Note, ...]
    certificates: Mapping[str, bytes] = field(default_factory=dict)
    trial: TrialGround | None = None
    fixed: Trial | None = None
