"""Everything the page shows, as plain JSON values: the only place where a Plan becomes a page.

Cells and their order are those of the lists that the run writes (`geoplan.export`), so the page
and the files can only say the same.
"""

from __future__ import annotations

from typing import Any

from geoplan.export.cells import as_records, clean
from geoplan.export.lists import Lists, make_lists
from geoplan.export.words import Labels, date_text, limits, note_text, notes_of_run
from geoplan.maps.antimeridian import in_one_piece
from geoplan.maps.behind import comparisons, tables_behind, tested
from geoplan.maps.encoding import cell, columns
from geoplan.maps.headline import headlines
from geoplan.maps.measures import PAGE_COLUMNS, measures, row_columns
from geoplan.maps.programme import programme
from geoplan.maps.records import record_months
from geoplan.maps.topology import topology
from geoplan.model import Plan, Source
from geoplan.results.measured import capacity_basis
from geoplan.results.rule_words import rule_text
from geoplan.study import Layer
from geoplan.tables import PLAN_SITES, ROWS, VILLAGE_ROWS, Column, Table
from geoplan.targets import ROC
from geoplan.texts import LANGS, catalogue

TEXT_GROUPS = (
    *("page.", "status.", "certainty.", "reason.", "flag.", "measure.", "unit.", "rule.bound."),
    *("remedy.", "change.", "why.", "flip.", "explain.draws", "explain.holds.", "explain.leave"),
    *("spread.figure.", "spread.lack.", "spread.longer.", "spread.quantity.", "spread.scope."),
    *("code.capacity_basis.", "export.universe."),
    *("code.plan.", "code.steps.", "code.proof.", "code.rounding.", "code.selected."),
)
"""Beginnings of the keys of texts that the page shows."""
TEXTS = frozenset(
    {
        *("explain.and", "explain.or", "explain.range", "explain.change", "explain.lift"),
        *("explain.helps", "export.state.zero"),
    }
)
"""And further texts."""
_PLACE = ("county_code", "county_name", "township_code", "township_name")
LEFT_OUT = ("geometry", "saved_person_minutes", "county_name", "township_name")

_TOWNSHIPS = Table(
    "page_townships",
    (
        Column("township_code", "id", "", ""),
        Column("township_name", "id", "", ""),
        Column("township_name_en", "text", "", ""),
        Column("county_code", "id", "", ""),
    ),
    ("township_code",),
)
_COUNTIES = Table(
    "page_counties",
    (
        Column("county_code", "id", "", ""),
        Column("county_name", "id", "", ""),
        Column("county_name_en", "text", "", ""),
    ),
    ("county_code",),
)


OF_THE_PLANNER = frozenset(
    {
        *("planner_list", "planner_rows", "licence_notice", "points_off_road", "sites_off_road"),
        *("network_own_roads", "network_own_matrix"),
        *("matrix_without_sites", "matrix_without_candidates"),
    }
)
"""Notes on what a planner brought: shown on the page's first screen."""


def payload(plan: Plan) -> dict[str, Any]:
    """The page's data: texts in both languages, layers with measures and headlines, and tables.

    `tables` holds what is large: rows, sites, places, shapes.
    """
    study = plan.study
    lists = make_lists(plan)
    compared = comparisons(lists)
    return {
        "about": _about(plan),
        "texts": page_texts(),
        "layers": [_layer(plan, lists, layer) for layer in study.layers],
        "groups": {group.id: _names(group) for group in study.groups},
        "indicators": {
            each.id: {**_names(each), "level": each.level} for each in study.need.indicators
        },
        "missing": [
            {**_names(each), "why": {"zh": clean(each.why_zh), "en": clean(each.why_en)}}
            for each in study.need.missing
        ],
        "rules": [
            {
                "id": rule.id,
                "layer": rule.layer,
                "by_minutes": rule.minutes is not None,
                "text": {lang: rule_text(rule, lang) for lang in LANGS},
                "comparisons": compared.get(rule.id, []),
            }
            for rule in study.rules
        ],
        "columns": ROWS.names,
        "completeness": [
            {**row, "reported_date": _date(row["reported_date"] or "")}
            for row in lists.completeness.records
        ],
        "excluded": _excluded(plan),
        "dates": {date: _date(date) for row in lists.sites.records if (date := row["source_date"])},
        "services": _services(plan),
        "sources": [_source(plan, source) for source in plan.sources],
        "limits": {lang: limits(study, lang) for lang in LANGS},
        "notes": {lang: notes_of_run(plan, lang) for lang in LANGS},
        "planner": [
            {lang: note_text(note, lang) for lang in LANGS}
            for note in plan.notes
            if note.code in OF_THE_PLANNER
        ],
        "tables": _tables(plan, lists),
    }


def page_texts() -> dict[str, Any]:
    """The texts of the page in both languages, by key, with the names of the lists' columns."""
    columns = {
        f"column.{group}.{column.name}": {"zh": column.zh, "en": column.en}
        for group, table in (("rows", ROWS), ("villages", VILLAGE_ROWS))
        for column in table.columns
    }
    texts = {
        key: text
        for key, text in catalogue().items()
        if key.startswith(TEXT_GROUPS) or key in TEXTS
    }
    return {**texts, **columns}


def _about(plan: Plan) -> dict[str, Any]:
    network = plan.study.minutes_from
    return {
        "study": plan.study.id,
        "zh": clean(plan.study.title_zh),
        "en": clean(plan.study.title_en),
        "date": _date(plan.data_date),
        "roc": ROC,
        "run": clean(plan.run_id),
        "version": clean(plan.version),
        "roads": None if network.code == "straight_line" else _names(network),
    }


def _layer(plan: Plan, lists: Lists, layer: Layer) -> dict[str, Any]:
    return {
        "id": layer.id,
        **_names(layer),
        "symbol": layer.symbol,
        "minutes": layer.minutes,
        "group": layer.group,
        "assigned": layer.eligibility[0] != "anyone",
        "per_person": layer.per_person,
        "capacity_basis": capacity_basis(layer),
        "tested": tested(lists, layer.id),
        "measures": measures(plan, layer),
        "headline": headlines(plan, layer),
        "totals": lists.total(layer.id),
    }


def _tables(plan: Plan, lists: Lists) -> dict[str, Any]:
    """Rows stand in the order of the lists: firm, provisional, undetermined, others."""
    months = record_months(lists)
    rows = [
        {**row, **row_columns(row, months[row["layer"], row["township_code"]])}
        for part in (lists.firm, lists.provisional, lists.undetermined, lists.others)
        for row in part.records
    ]
    site_names = [name for name in PLAN_SITES.names if name not in LEFT_OUT]
    places = plan.townships
    codes = [str(code) for code in places["township_code"]]
    return {
        "rows": columns(rows, [*ROWS.names, *PAGE_COLUMNS]),
        "sites": columns(lists.sites.records, site_names),
        "townships": columns(as_records(places, _TOWNSHIPS), _TOWNSHIPS.names),
        "counties": columns(as_records(plan.counties, _COUNTIES), _COUNTIES.names),
        "topology": topology(in_one_piece(places.geometry.tolist()), codes, "townships"),
        "behind": tables_behind(lists, rows),
        "programme": programme(lists),
    }


def _services(plan: Plan) -> list[dict[str, Any]]:
    """The services table as it was read; its columns are the study's own."""
    return [
        {
            str(name): clean(value) if isinstance(value, str) else cell(value)
            for name, value in row.items()
        }
        for row in plan.services.to_dict("records")
    ]


def _excluded(plan: Plan) -> list[dict[str, str]]:
    """Sites that were seen and are not counted, by layer and id; no code where none is known."""
    names = ("site_id", "layer", "name", "reason", *_PLACE)
    frame = plan.excluded.reindex(columns=list(names)).fillna("").astype(str)
    order = {layer.id: at for at, layer in enumerate(plan.study.layers)}
    rows = [row for row in frame.to_dict("records") if row["layer"] in order]
    rows.sort(key=lambda row: (order[row["layer"]], row["site_id"]))
    return [{str(name): clean(text) for name, text in row.items()} for row in rows]


def _date(date: str) -> dict[str, str]:
    return {lang: date_text(date, lang) for lang in LANGS}


def _source(plan: Plan, source: Source) -> dict[str, Any]:
    return {
        "file": clean(source.file),
        "zh": clean(source.title_zh),
        "en": clean(source.title_en),
        "origin": {"zh": clean(source.origin_zh), "en": clean(source.origin_en)},
        "date": _date(source.date),
        "licence": {lang: clean(Labels(plan, lang).licence(source.licence)) for lang in LANGS},
        "sha256": source.sha256,
    }


def _names(named: Any) -> dict[str, str]:
    return {"zh": clean(named.name_zh), "en": clean(named.name_en)}
