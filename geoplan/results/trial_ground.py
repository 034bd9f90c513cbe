"""What a trial in the page is computed from: minutes to every site and candidate, and who they are
for. Gathered from what the run has found already; nothing is measured anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.access.eligibility import served_townships
from geoplan.model import Floats, Ints, TravelMatrix, TrialGround, TrialLayer
from geoplan.results.outcome import Ground, LayerOutcome
from geoplan.siting_step import candidate_columns
from geoplan.steps import SiteList, complete_counties, layer_places
from geoplan.travel_step import Travel
from geoplan.trial import AREA, LEAST, PLANNED

MOST_CELLS = 20_000_000
"""Points times columns; a browser holds 4 bytes of each."""


@dataclass(slots=True)
class _Columns:
    """Columns of the matrix, then those of least times, each asked for once."""

    sites: SiteList
    matrix: TravelMatrix
    ids: list[str] = field(init=False)
    township: list[int] = field(init=False)
    least: list[Ints] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids, self.township = list(self.sites.id), self.sites.township.tolist()

    def of(self, site_id: str, township: int, ms: Ints) -> int:
        """The column of a least time, `ms` (n,); -1 where nobody has a way."""
        if (ms < 0).all():
            return -1
        if site_id not in self.ids:
            self.ids.append(site_id)
            self.township.append(township)
            self.least.append(ms)
        return self.ids.index(site_id)

    def table(self) -> npt.NDArray[np.int32]:
        """(n, columns) milliseconds, -1 where there is no way."""
        measured = np.where(self.matrix.reachable, self.matrix.ms, np.int32(-1))
        return np.column_stack([measured, *(ms.astype(np.int32) for ms in self.least)])


def trial_ground(
    ground: Ground,
    outcomes: Sequence[LayerOutcome],
    travel: Travel,
    places: tuple[SiteList, TravelMatrix],
) -> TrialGround | None:
    """The ground of a trial of this run; None where its table is too large for a page."""
    if places[1].ms.size > MOST_CELLS:
        return None
    columns = _Columns(*places)
    layers = {each.layer.id: _layer(ground, each, travel, columns) for each in outcomes}
    township = np.array(columns.township, np.int64)
    ids = np.array(columns.ids, object)
    order = np.lexsort((ids.astype(str), township))
    place = np.append(np.argsort(order), -1)
    study = ground.inputs.study
    need = {study.need.profile_of(each.id).id: ground.need_of(each.id) for each in study.layers}
    return TrialGround(
        demand=ground.demand,
        universe=ground.universe,
        column_id=ids[order],
        column_township=township[order],
        column_point=_points(ground, columns.ids)[order],
        ms=columns.table()[:, order],
        layers={name: _moved(layer, place) for name, layer in layers.items()},
        percentile={name: each.percentile for name, each in need.items()},
        score={name: each.score for name, each in need.items()},
    )


def _points(ground: Ground, ids: Sequence[str]) -> Floats:
    """Where each column (columns, 2) is drawn: a site's own point, an area's settlement."""
    demand, codes = ground.demand, ground.inputs.townships["township_code"]
    known = {
        AREA + code: (demand.lon[at], demand.lat[at])
        for code, at in zip(codes, ground.settlement, strict=True)
    }
    sites = ground.inputs.sites.dropna(subset=["lon"])
    known |= {
        site: (float(lon), float(lat))
        for site, lon, lat in zip(sites["site_id"], sites["lon"], sites["lat"], strict=True)
    }
    return np.array([known.get(each, (np.nan, np.nan)) for each in ids], float)


def _layer(ground: Ground, outcome: LayerOutcome, travel: Travel, columns: _Columns) -> TrialLayer:
    inputs, layer, standing = ground.inputs, outcome.layer, outcome.standing
    places, areas = layer_places(inputs, ground.demand, layer)
    complete = complete_counties(inputs, layer.id)
    published = "service_area" in layer.eligibility and bool(areas.served)
    stand = outcome.sites
    sites, opened = (stand[(stand["status"] == PLANNED) == each] for each in (False, True))
    unlisted = -1
    if "anyone" in layer.eligibility and not complete.all():
        least = travel.least_ms(~complete[areas.county_of_township])
        unlisted = columns.of(f"{LEAST}unlisted:{layer.id}", -1, least)
    served = served_townships(places, areas.served)
    existing = ~places.planned
    return TrialLayer(
        sites=pd.DataFrame(
            {
                "site_id": sites["site_id"],
                "column": _site_columns(ground, sites, travel, columns),
                "measured": sites["usable"].astype(bool),
                "township": sites["township"],
                "county": sites["county"],
                "capacity": sites["capacity"].astype(float),
            }
        ),
        serves=tuple(tuple(each) for each in compress(served, existing)) if published else None,
        candidates=candidate_columns(layer, inputs, columns.sites),
        planned=np.array([columns.ids.index(site) for site in opened["site_id"]], np.int64),
        unlisted=unlisted,
        complete=complete,
        named=standing.named,
        unnamed=standing.unnamed,
        unnamed_known=standing.unnamed_known,
        elsewhere=standing.elsewhere,
    )


def _site_columns(
    ground: Ground, sites: pd.DataFrame, travel: Travel, columns: _Columns
) -> list[int]:
    """The column of every site: its own, or the least time to where it is known to stand."""
    townships, counties = ground.inputs.townships, ground.inputs.counties
    county_of = ground.county
    found = []
    known = (sites[name].tolist() for name in ("site_id", "usable", "township", "county"))
    for site_id, usable, township, county in zip(*known, strict=True):
        if usable:
            found.append(columns.ids.index(site_id))
        elif township >= 0:
            code = f"{LEAST}township:{townships['township_code'].iloc[township]}"
            chosen = np.arange(len(townships)) == township
            found.append(columns.of(code, township, travel.least_ms(chosen)))
        elif county >= 0:
            code = f"{LEAST}county:{counties['county_code'].iloc[county]}"
            found.append(columns.of(code, -1, travel.least_ms(county_of == county)))
        else:
            found.append(-1)
    return found


def _moved(layer: TrialLayer, place: Ints) -> TrialLayer:
    """The same layer, its columns in their final order."""
    return replace(
        layer,
        sites=layer.sites.assign(column=place[layer.sites["column"].to_numpy(np.int64)]),
        candidates=np.sort(place[layer.candidates]),
        planned=np.sort(place[layer.planned]),
        unlisted=int(place[layer.unlisted]),
    )
