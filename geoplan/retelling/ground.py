"""What a report is told from: the plan as far as its folder says it, and parts of it by county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoplan.errors import SourceMissing
from geoplan.export.cells import clean
from geoplan.export.gis import RESERVED
from geoplan.export.gis_formats import read_layers
from geoplan.export.lists import Lists, make_lists
from geoplan.export.words import SAID_ELSEWHERE
from geoplan.finished import Finished, read_finished, typed
from geoplan.model import Plan, Source
from geoplan.reporting.report import SAID_IN_TABLES, Material
from geoplan.results.loads import spread_of_loads
from geoplan.results.totals import sums_of_rows
from geoplan.tables import (
    COMPLETENESS_TABLE,
    COUNTS,
    DETAILS,
    EXCLUDED,
    LAYER_TOTALS,
    PLAN_SITES,
    PROGRAMME_SERVICES,
    ROWS,
    VILLAGE_ROWS,
    Table,
)
from geoplan.texts import LANGS

if TYPE_CHECKING:
    import geopandas as gpd

NOT_AMONG_THE_NOTES = SAID_ELSEWHERE | SAID_IN_TABLES
FILES = ("plan.gpkg", "villages.parquet", "sites.csv")
NAMES = ("county_code", "county_name", "county_name_en")
PLACES = (*NAMES, "township_code", "township_name", "township_name_en")


@dataclass(frozen=True, slots=True)
class Ground:
    """A finished result, its plan as the folder tells it, and its lists."""

    finished: Finished
    plan: Plan
    lists: Lists

    @property
    def shapes(self) -> gpd.GeoDataFrame:
        return self.plan.townships

    def material(self, county: str = "") -> Material:
        """What a report of the nation, or of the county of this code, is told from."""
        told = [
            note for note in self.finished.plan["notes"] if note["code"] not in NOT_AMONG_THE_NOTES
        ]
        notes = {lang: [clean(note[lang]) for note in told] for lang in LANGS}
        return Material(
            self.lists, of_county(self, county) if county else self.lists, notes, county
        )


def read_ground(folder: Path) -> Ground:
    """The result in `folder`, each of its files as its manifest says.

    Raises:
        SourceMissing: there is no finished result, it was changed, or it lacks a file.
    """
    finished = read_finished(folder, ROWS.names)
    if lacking := [name for name in FILES if name not in finished.files]:
        raise SourceMissing("result_other", folder=folder, what=", ".join(lacking))
    plan = _plan(finished)
    return Ground(finished, plan, make_lists(plan))


def of_county(ground: Ground, county_code: str) -> Lists:
    """The same lists of one county. What the result says of the nation alone (its siting against
    the bounds, its evenness) has no rows here; sums and loads are those of the county's rows."""
    plan = ground.plan
    rows = plan.rows[plan.rows["county_code"] == county_code]
    codes = set(rows["township_code"])
    county = set(rows["county_name"])

    def mine(frame: pd.DataFrame) -> pd.DataFrame:
        if "township_code" in frame:
            return frame[frame["township_code"].isin(codes)]
        if "county_code" in frame:
            return frame[frame["county_code"] == county_code]
        if "county_name" in frame and "place_code" in frame:
            return frame[frame["county_name"].isin(county)]
        return frame.iloc[:0]

    details = {name: mine(frame) for name, frame in plan.details.items()}
    details["need_influence"] = plan.details["need_influence"]
    details["load_totals"] = _load_totals(details["loads"], plan)
    totals = [
        sums_of_rows(rows[rows["layer"] == layer.id], layer) | {"layer": layer.id}
        for layer in plan.study.layers
    ]
    part = replace(
        plan,
        townships=mine(plan.townships),
        counties=mine(plan.counties),
        rows=rows,
        village_rows=mine(plan.village_rows),
        sites=plan.sites[plan.sites["county_code"] == county_code],
        layer_totals=_table(totals, LAYER_TOTALS),
        details=details,
    )
    return make_lists(part)


def _plan(finished: Finished) -> Plan:
    plan = finished.plan
    layers = read_layers(finished.folder / "plan.gpkg")
    shapes = next(frame for name, frame in layers.items() if name not in RESERVED)
    townships = shapes[[*PLACES, "geometry"]]
    rows = _table([typed(row) for row in finished.rows], ROWS)
    return Plan(
        study=finished.study.model_copy(update={"rules": finished.rules}),
        data_date=plan["data_date"],
        run_id=plan["run_id"],
        version=plan["geoplan"],
        townships=townships,
        counties=townships.drop_duplicates("county_code")[[*NAMES, "geometry"]],
        villages=None,
        rows=_flags(rows, "listed"),
        village_rows=pd.read_parquet(finished.folder / "villages.parquet")[VILLAGE_ROWS.names],
        sites=_table([typed(row, PLAN_SITES) for row in finished.table("sites")], PLAN_SITES),
        counts=_table([_counts(each) for each in plan["layers"]], COUNTS),
        layer_totals=_table([_totals(each) for each in plan["layers"]], LAYER_TOTALS),
        completeness=_table(
            [
                {"layer": each["layer"], **row}
                for each in plan["layers"]
                for row in each.get("completeness", ())
            ],
            COMPLETENESS_TABLE,
        ),
        services=_table([], PROGRAMME_SERVICES),
        excluded=_table([], EXCLUDED),
        details={table.id: _detail(finished, table) for table in DETAILS},
        sources=tuple(_source(each) for each in plan["inputs"]),
        notes=(),  # plan.json has them in words, as the version that ran says them
    )


def _table(records: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    return pd.DataFrame(records, columns=table.names, dtype=object)


def _flags(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: frame[column].astype(bool)})


def _detail(finished: Finished, table: Table) -> pd.DataFrame:
    """One of the tables behind the rows, without rows where this result has none."""
    return _table([typed(row, table) for row in finished.table(table.id)], table)


def _counts(layer: Mapping[str, Any]) -> dict[str, Any]:
    """The nation's arithmetic; the counties' own stands in the workbook alone."""
    return {"layer": layer["layer"], "county_code": "", "county_name": "", **layer["counts"]}


def _totals(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {"layer": layer["layer"], **layer["totals"]}


def _source(entry: Mapping[str, Any]) -> Source:
    """A file as plan.json names it; what is noted of its licence stands in the workbook alone."""
    names = ("file", "date", "licence", "sha256", "title_zh", "title_en", "origin_zh", "origin_en")
    said = {name: str(entry.get(name) or "") for name in names}
    return Source(**said, licence_note="", rows=int(entry.get("rows") or 0))


def _load_totals(loads: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The spread of the loads of a county's own areas, firm and provisional apart."""
    records = []
    for layer in plan.study.layers:
        for scope in ("firm", "provisional"):
            of = loads[(loads["layer"] == layer.id) & (loads["certainty"] == scope)]
            kinds = dict.fromkeys(("residents", "sites", "residents_per_capacity"), "float")
            spread = spread_of_loads(of.astype(kinds))
            records.append({"layer": layer.id, "scope": scope, **spread})
    frame = pd.DataFrame(records)
    table = next(table for table in DETAILS if table.id == "load_totals")
    return frame.reindex(columns=table.names)
