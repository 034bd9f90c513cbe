"""The programme's tables: what its documents say, and what stands against their targets.

Every figure keeps its document and lines; what no document says stays blank. Documents that
disagree stand beside each other, and tables.CONTRADICTIONS says how they are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from geoplan.model import Inputs, ProgrammeTables
from geoplan.programme import NATION, Standing
from geoplan.results.counts import standing_of
from geoplan.results.programme_rules import (
    kpis,
    staffing,
    subsidy_tiers,
    supervisor_rows,
    table_frame,
)
from geoplan.study import Layer
from geoplan.tables import (
    BUILD_OUT,
    CONTRADICTIONS,
    COUNTY_TARGETS,
    PROGRAMME,
    PROGRAMME_DOCUMENTS,
    PROGRAMME_FIGURES,
    PROGRAMME_SERVICES,
    YEARLY_TARGETS,
)
from geoplan.targets import ROC, yearly_targets, years_of

TRIPLE_YEAR = "109-06"
"""When the documents count the welfare centres of every county: target, set up, outstanding."""


def programme_tables(inputs: Inputs) -> Mapping[str, pd.DataFrame]:
    """Every table of tables.PROGRAMME, by id; with no row where the study names no programme."""
    tables = inputs.programme
    if tables is None:
        made = {table.id: pd.DataFrame(columns=table.names) for table in PROGRAMME}
        return made | {PROGRAMME_SERVICES.id: services(inputs)}
    standing = [(layer, standing_of(inputs, layer)) for layer in inputs.study.layers]
    return {
        YEARLY_TARGETS.id: targets_by_year(standing, tables),
        BUILD_OUT.id: build_out(inputs, standing, tables),
        COUNTY_TARGETS.id: tables.county_targets[COUNTY_TARGETS.names],
        CONTRADICTIONS.id: tables.contradictions[CONTRADICTIONS.names],
        PROGRAMME_SERVICES.id: services(inputs),
        PROGRAMME_FIGURES.id: tables.figures[PROGRAMME_FIGURES.names],
        PROGRAMME_DOCUMENTS.id: tables.documents[PROGRAMME_DOCUMENTS.names],
        "kpis": kpis(tables.figures),
        "staffing": staffing(tables.figures),
        "subsidy_tiers": subsidy_tiers(inputs, tables.figures),
        "supervisors": supervisor_rows(inputs, tables.figures),
    }


def services(inputs: Inputs) -> pd.DataFrame:
    """Rows of tables.PROGRAMME_SERVICES; columns that the study's table lacks are blank."""
    return inputs.services.reindex(columns=PROGRAMME_SERVICES.names, fill_value="")


Standings = list[tuple[Layer, Standing]]
Rows = list[dict[str, Any]]


def targets_by_year(standing: Standings, tables: ProgrammeTables) -> pd.DataFrame:
    """Rows of tables.YEARLY_TARGETS: each layer's targets, and the rate of what stands today.

    rate = (named + unnamed) / target. Where the nation does not say how many stand, the named are
    the least that does.
    """
    rows: Rows = [
        {
            "layer": layer.id,
            "year": each.year,
            "target": each.sites,
            "source": each.source,
            "existing_named": stands.all_named,
            "existing_unnamed": stands.all_unnamed,
            "unnamed_known": stands.reported,
            "build_out_rate": stands.stands / each.sites if each.sites else None,
        }
        for layer, stands in standing
        for each in yearly_targets(layer.id, tables.figures)
    ]
    return table_frame(rows, YEARLY_TARGETS)


def build_out(inputs: Inputs, standing: Standings, tables: ProgrammeTables) -> pd.DataFrame:
    """Rows of tables.BUILD_OUT: the nation (blank county), then its counties, layer by layer.

    rate = (named + unnamed) / target, from the study's own lists; a county's target is the latest
    that a document, the press or the county names, and stays blank where none does.
    """
    counties = inputs.counties
    names = dict(zip(counties["county_code"], counties["county_name"], strict=True))
    stated = _by_county(tables.county_targets)
    all_townships = inputs.townships["county_code"].value_counts()
    rows: Rows = []
    for layer, stands in standing:
        with_site = _townships_with_site(inputs, layer)
        for at, code in enumerate([NATION, *names]):
            row = _standing_row(stands, at - 1)
            row |= {"layer": layer.id, "county_code": code, "county_name": names.get(code, "")}
            row |= _target(layer, code, tables, stated)
            row |= _triple(layer, code, stated)
            total = int(all_townships.sum() if at == 0 else all_townships.get(code, 0))
            having = int(with_site.sum() if at == 0 else with_site.get(code, 0))
            row |= {"townships": total, "townships_with_site": having}
            row["townships_share"] = having / total if total else None
            here = row["existing_named"] + row["existing_unnamed"]
            row["build_out_rate"] = here / row["target"] if row["target"] else None
            rows.append(row)
    return table_frame(rows, BUILD_OUT)


def _standing_row(stands: Standing, at: int) -> dict[str, Any]:
    """What stands in the county at position `at`; -1 is the nation."""
    if at < 0:
        return {
            "completeness": stands.national_completeness,
            "existing_named": stands.all_named,
            "existing_unnamed": stands.all_unnamed,
            "unnamed_known": stands.reported,
        }
    return {
        "completeness": stands.completeness[at],
        "existing_named": int(stands.named[at]),
        "existing_unnamed": int(stands.unnamed[at]),
        "unnamed_known": bool(stands.unnamed_known[at]),
    }


def _townships_with_site(inputs: Inputs, layer: Layer) -> pd.Series:
    """Townships with a named existing site of the layer, by county code."""
    sites = inputs.sites[(inputs.sites["layer"] == layer.id)]
    sites = sites[(sites["status"] == "existing") & (sites["township_code"] != "")]
    return sites.groupby("county_code")["township_code"].nunique()


Stated = Mapping[tuple[str, str, str], Rows]
"""Rows of tables.COUNTY_TARGETS by layer, metric and county; the nation's are those of all."""


def _by_county(targets: pd.DataFrame) -> Stated:
    found = defaultdict[tuple[str, str, str], Rows](list)
    for record in targets[targets["county_code"] != NATION].to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        for code in (row["county_code"], NATION):
            found[row["layer"], row["metric"], code].append(row)
    return found


def _target(layer: Layer, code: str, tables: ProgrammeTables, stated: Stated) -> dict[str, Any]:
    """The latest target of the county; the nation's is the study's, with the lines that give it."""
    if code == NATION:
        aims = [each for each in yearly_targets(layer.id, tables.figures) if each.source]
        same = [each for each in aims if each.sites == layer.target]
        return {
            "target": layer.target,
            "target_year_roc": str(same[-1].year - ROC) if same else "",
            "target_certainty": "certain" if same else "",
            "target_source": same[-1].source if same else layer.target_source,
        }
    mine = stated.get((layer.id, "target", code))
    if not mine:
        return {"target": None}
    latest = max(mine, key=lambda row: years_of(row["year_roc"])[-1])
    return {
        "target": int(latest["value"]),
        "target_year_roc": latest["year_roc"],
        "target_certainty": latest["certainty"],
        "target_source": latest["source"],
    }


def _triple(layer: Layer, code: str, stated: Stated) -> dict[str, Any]:
    """Target, set up and outstanding of 2020-06; the nation's are the sums of its counties."""
    found: dict[str, int] = {}
    likely = False
    for metric in ("target", "set_up", "outstanding"):
        rows = stated.get((layer.id, metric, code), [])
        rows = [row for row in rows if row["year_roc"] == TRIPLE_YEAR]
        if rows:
            found[metric] = sum(int(row["value"]) for row in rows)
            likely |= any(row["certainty"] == "likely" for row in rows)
    if len(found) < 3:
        return {}
    return {
        "set_up_2020": found["set_up"],
        "target_2020": found["target"],
        "outstanding_2020": found["outstanding"],
        "certainty_2020": "likely" if likely else "certain",
        "build_out_rate_2020": found["set_up"] / found["target"],
    }
