"""`geoplan roads compare`: where the minutes change when another road network is used.

Both networks time the trips of the same people to the same sites: the nearest usable one of each
service, whoever may use it, so that only the roads differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geoplan.access.aggregate import mean_by, sum_by
from geoplan.catalog import read_inputs
from geoplan.export.cells import csv_cell, plain
from geoplan.model import Bools, Demand, Inputs, Ints
from geoplan.projection import to_metres
from geoplan.roads.matrix_files import write_rows, written_aside
from geoplan.steps import columns_of, demand_points, is_usable, layer_sites
from geoplan.study import Study
from geoplan.tables import checked, read_table
from geoplan.travel.network import MS_PER_MINUTE
from geoplan.travel_step import Prepare, Progress, contracted, open_travel

ROADS_COMPARE = read_table("roads_compare")
PLACE = ["county_name", "township_code", "township_name", "county_name_en", "township_name_en"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the two networks are called, and a row for every township and layer
    (`ROADS_COMPARE`), the greatest change first within a layer."""

    first: Study
    second: Study
    rows: pd.DataFrame

    def changed(self, over_minutes: float) -> pd.DataFrame:
        """Rows whose mean changes by more than so many minutes, or where somebody is cut off by
        one network and not by the other."""
        moved = self.rows["change_minutes"].abs() > over_minutes
        cut = (self.rows["only_first_people"] > 0) | (self.rows["only_second_people"] > 0)
        return self.rows[moved | cut]


def compare_roads(
    first: Study, second: Study, progress: Progress, prepare: Prepare = contracted
) -> Comparison:
    """The nearest usable site of every demand point over the networks of two studies, which
    differ in nothing else.

    Raises:
        BadInput, SourceMissing: as `catalog.read_inputs`.
    """
    inputs = read_inputs(first)
    other = inputs if first == second else read_inputs(second)
    demand = demand_points(inputs)
    timed = [_nearest(each, demand, progress, prepare) for each in (inputs, other)]
    frames = [
        _layer_rows(inputs, demand, layer.id, (one, two))
        for layer, one, two in zip(inputs.study.layers, *timed, strict=True)
    ]
    rows = checked(pd.concat(frames, ignore_index=True), ROADS_COMPARE)
    return Comparison(first, second, rows)


@dataclass(frozen=True, slots=True)
class _Nearest:
    """The nearest usable site of one layer: milliseconds, which, and whether there is a way."""

    ms: Ints
    site: Ints
    reachable: Bools


def _nearest(
    inputs: Inputs, demand: Demand, progress: Progress, prepare: Prepare
) -> list[_Nearest]:
    """For each layer of the study."""
    travel = open_travel(inputs, demand, progress, prepare)
    usable = inputs.sites[is_usable(inputs.sites)].sort_values("site_id", kind="stable")
    site_id = usable["site_id"].to_numpy(object)
    lon, lat = (usable[name].astype(float) for name in ("lon", "lat"))
    matrix = travel.times(site_id, to_metres(lon, lat, inputs.study.metres_crs))
    found = []
    for layer in inputs.study.layers:
        sites = layer_sites(inputs, layer.id)
        part = columns_of(matrix, sites.loc[sites["usable"], "site_id"].to_numpy(object))
        ms = np.where(part.reachable, part.ms.astype(np.int64), np.iinfo(np.int64).max)
        if not ms.shape[1]:
            nowhere = np.zeros(len(ms), np.int64)
            found.append(_Nearest(nowhere, nowhere - 1, np.zeros(len(ms), bool)))
            continue
        site = ms.argmin(axis=1)
        reachable: Bools = np.asarray(part.reachable.any(axis=1))
        least = np.where(reachable, ms[np.arange(len(ms)), site], 0)
        found.append(_Nearest(least, np.where(reachable, site, -1), reachable))
    return found


def _layer_rows(
    inputs: Inputs, demand: Demand, layer: str, both: tuple[_Nearest, _Nearest]
) -> pd.DataFrame:
    one, two = both
    area, areas, people = demand.township, len(inputs.townships), demand.population

    def count(chosen: Bools) -> Ints:
        return sum_by(area, areas, np.where(chosen, people, 0))

    shared = one.reachable & two.reachable
    weight = np.where(shared, people, 0)
    minutes = [mean_by(area, areas, each.ms, weight) / MS_PER_MINUTE for each in both]
    frame = pd.DataFrame(inputs.townships[PLACE]).reset_index(drop=True)
    frame.insert(0, "layer", layer)
    frame["population"] = sum_by(area, areas, people)
    frame["both_people"] = count(shared)
    frame["first_minutes"], frame["second_minutes"] = minutes
    frame["change_minutes"] = minutes[1] - minutes[0]
    frame["only_first_people"] = count(one.reachable & ~two.reachable)
    frame["only_second_people"] = count(two.reachable & ~one.reachable)
    frame["other_site_people"] = count(shared & (one.site != two.site))
    order = np.lexsort((frame["township_code"], -frame["change_minutes"].abs().fillna(0)))
    return frame.iloc[order]


def write_comparison(found: Comparison, path: Path) -> None:
    """All rows as CSV, whole or not at all; minutes keep their milliseconds.

    Raises:
        CannotWrite: if the file cannot be written.
    """
    names = ROADS_COMPARE.names
    records = [
        [csv_cell(plain(row[name], ROADS_COMPARE.column(name))) for name in names]
        for row in found.rows.to_dict("records")
    ]
    with written_aside([path]) as aside:
        write_rows(aside[0], names, records)
