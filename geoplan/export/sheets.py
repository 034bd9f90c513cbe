"""Which sheets the workbook has, with which columns in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geoplan.export.cells import clean
from geoplan.export.lists import Listed, Lists, Records
from geoplan.export.words import Labels, limits, notes_of_run
from geoplan.tables import (
    COUNTS,
    COVERAGES,
    LAYER_TOTALS,
    PLAN_SITES,
    ROWS,
    VILLAGE_ROWS,
    Column,
    Table,
)
from geoplan.texts import say

FIRST = (
    "layer",
    "county_name",
    "township_name",
    "status",
    "certainty",
    "reasons",
    "beyond_people",
    "target_people",
    "beyond_share",
    "own_minutes_mean",
    "own_minutes_max",
    "per_person_value",
    "need_percentile",
    "proposed_sites",
    "own_minutes_mean_after",
    "sentence_zh",
)
"""Columns a reader wants first, and on paper; the others follow in the table's order."""
PLACE = ("layer", "county_name", "township_name")
FIRST_OF_DETAILS = {
    "loads": (
        *("layer", "county_name", "name", "residents_per_site", "times_mean", "rank"),
        *("residents", "sites", "certainty"),
    ),
    "places_without": (*PLACE, "lack", "population", "target_people", "certainty"),
    "own_nearest": ("layer", "certainty", "longer", "target_people", "person_minutes"),
    "equity": ("layer", "universe", "scope", "quantity", "figure", "value", "low", "high"),
    "minutes_classes": (
        *("layer", "universe", "scope", "class", "over_minutes", "upto_minutes", "people"),
        *("people_beyond", "state"),
    ),
    "lorenz": (
        *("layer", "universe", "scope", "point", "people_share", "minutes_share", "minutes"),
    ),
    "near_misses": (
        *(*PLACE, "change", "status", "status_then", "beyond_people", "beyond_people_then"),
        *("parameter", "value", "changed_value", "unit"),
    ),
    "flips": (
        *(*PLACE, "flip", "status_villages", "status_township"),
        *("beyond_people_villages", "beyond_people_township"),
    ),
    "remedies": (
        *(*PLACE, "status", "remedies", "people_to_bring_within", "minutes_shorter"),
        *("capacity_times", "status_after"),
    ),
    "margins": (
        *(*PLACE, "test", "measure", "value_least", "value_most", "sign", "threshold"),
        *("unit", "margin", "holds"),
    ),
    "hotspots": (*PLACE, "cluster", "own_minutes_mean", "p", "q", "certainty", "tested"),
    "siting_years": (
        *("layer", "year", "new_sites", "sites", "listed_gain", "gain", "listed_bound"),
        *("gain_bound", "listed_loss", "gap", "proof", "steps"),
    ),
    "siting_sites": (
        *("layer", "county_name", "township_name", "order", "year", "listed_gain", "gain"),
        *("gained_in", "listed_loss", "loss", "selected", "selected_share"),
    ),
    "siting_progress": (*PLACE, "year", "beyond_people", "beyond_share", "own_minutes_mean"),
    "siting_curve": (
        *("layer", "sites", "listed_gain", "gain", "best_listed_gain", "best_gain"),
        *("listed_bound", "gain_bound", "proof"),
    ),
    "siting_beside": (
        *("layer", "plan", "sites", "listed_gain", "gain", "townships_lifted", "places_first"),
        *("listed_bound", "gain_bound", "proof"),
    ),
    "siting_parts": (*PLACE, "people_beyond", "sites", "listed_gain", "gain", "listed_bound"),
    "siting_areas": (
        *("layer", "county_name", "sites", "target_people", "covered_before", "covered_after"),
        *("share_before", "share_after", "gini_before", "gini_after"),
    ),
    "siting_alternatives": (
        *("layer", "alternative", "differs", "without", "instead", "listed_less", "less"),
        *("listed_gain", "gain", "proof"),
    ),
    "siting_removal": (
        *("layer", "rank", "county_name", "township_name", "name", "people_served"),
        *("people_lost", "people_without", "person_minutes_more"),
    ),
    "siting_moves": (
        *(*PLACE, "from_site_id", "target_people", "minutes_before", "minutes_after"),
    ),
    "cost_shares": (
        *("layer", "year", "county_name", "new_sites", "cost", "central", "local", "tier"),
        *("tier_held", "central_percent"),
    ),
    "quota_readings": (
        *("layer", "rounding", "total", "total_kept", "target", "proof", "infeasible_because"),
        *("counties", "new_needed", "to_place", "unplaced", "listed_gain", "gain"),
    ),
    "need": ("profile", "county_name", "township_name", "indicator", "value", "rank", "weight"),
    "need_influence": ("profile", "indicator", "weight", "influence", "direction", "level"),
}
"""Tables behind the rows that people read in the workbook, each with the columns a reader wants
first: names before codes. The other tables are files only."""
PROGRAMME_SHEETS = {
    "yearly_targets": (),
    "build_out": ("county_code",),
    "county_targets": ("county_code", "note"),
    "kpis": ("item", "item_en", "note"),
    "staffing": ("item", "item_en", "note"),
    "supervisors": ("item", "item_en", "county_code"),
    "subsidy_tiers": ("county_code", "tier_source_en"),
    "contradictions": ("subject_en", "figures_en", "reading_en"),
    "services": (
        *("service_id", "service_en", "nature", "figure", "rows_held", "completeness"),
        "what_geoplan_does",
    ),
    "programme_figures": ("item", "item_en", "county_code", "note"),
    "programme_documents": ("title_en", "publisher_en", "kind", "note"),
}
"""Tables of the programme as sheets, each with the columns left to its CSV: codes and English."""
FIRST_OF_SITES = ("layer", "order", "county_name", "township_name", "name", "status", "conditional")
FIRST_OF_STANDING = ("layer", "site_id", "name", "county_name", "township_name", "status")


@dataclass(frozen=True, slots=True)
class Block:
    """Columns and rows that stand together; the first `frozen` columns stay in sight, the first
    `printed` go on paper (0: all)."""

    columns: tuple[Column, ...]
    records: Records
    title: str = ""
    frozen: int = 0
    printed: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    blocks: tuple[Block, ...]


def make_sheets(lists: Lists) -> list[Sheet]:
    """The sheets of the workbook, in their order."""
    return [
        _township_sheet("firm", lists.firm),
        _township_sheet("provisional", lists.provisional),
        _township_sheet("undetermined", lists.undetermined),
        _township_sheet("others", lists.others),
        _sheet("proposals", _site_block(lists.proposals, lists, FIRST_OF_SITES)),
        _sheet("sites", _site_block(lists.standing, lists, FIRST_OF_STANDING)),
        _sheet("excluded", _block(lists.excluded, ("layer", "site_id", "name"))),
        _sheet("completeness", _block(lists.completeness, ("layer", "county_name"))),
        _sheet("targets", _block(lists.counts, ("layer", "county_name"))),
        _sheet("totals", *_total_blocks(lists)),
        *(
            _sheet(name, _block(lists.details[name], first))
            for name, first in FIRST_OF_DETAILS.items()
        ),
        *(
            _sheet(name, _programme_block(lists.details[name], left_out))
            for name, left_out in PROGRAMME_SHEETS.items()
            if lists.details[name].records
        ),
        _sheet("dictionary", _dictionary(lists)),
        _sheet("sources", _sources(lists)),
        _sheet("limits", _limits(lists)),
    ]


def _sheet(name: str, *blocks: Block) -> Sheet:
    return Sheet(say(f"export.sheet.{name}", "zh"), blocks)


def _township_sheet(name: str, listed: Listed) -> Sheet:
    return _sheet(name, _block(listed, FIRST))


def _block(listed: Listed, first: Sequence[str]) -> Block:
    """All columns of the list's table, the `first` ones in front and on paper; names in sight."""
    table = listed.table
    front = tuple(table.column(name) for name in first)
    columns = (*front, *(column for column in table.columns if column.name not in first))
    frozen = len(PLACE) if tuple(first[: len(PLACE)]) == PLACE else 2
    printed = len(first) if len(columns) > 2 * len(first) else 0
    return Block(columns, listed.records, frozen=frozen, printed=printed)


def _programme_block(listed: Listed, left_out: Sequence[str]) -> Block:
    """The table without the columns left out, the first in sight."""
    columns = tuple(each for each in listed.table.columns if each.name not in left_out)
    return Block(columns, listed.records, frozen=1)


def _site_block(listed: Listed, lists: Lists, first: Sequence[str]) -> Block:
    labels = Labels(lists.plan, "zh")
    worded = [{**row, "status": labels.site_status(row["status"])} for row in listed.records]
    return _block(Listed(listed.table, worded), first)


def _total_blocks(lists: Lists) -> list[Block]:
    """People by state, townships by list, loads, and every headline figure."""
    loads = lists.details["load_totals"]
    return [
        _reconciled_people(lists),
        _townships_by_list(lists),
        Block(loads.table.columns, loads.records, say("export.totals.loads", "zh")),
        Block(LAYER_TOTALS.columns, lists.totals.records, say("export.totals.all", "zh")),
    ]


_PEOPLE = (
    LAYER_TOTALS.column("layer"),
    Column("counted", "text", "計算對象", "who is counted"),
    Column("people", "people", "合計（來源）", "all of them, by the source", "person"),
    *(
        Column(state, "people", LAYER_TOTALS.column(f"population_{state}").zh.split("：")[1], state)
        for state in COVERAGES
    ),
    Column("sum", "people", "四者相加", "the four added up", "person"),
    Column("difference", "number", "差額", "difference", "person"),
)


def _reconciled_people(lists: Lists) -> Block:
    """Every person is in one of four states; the sums equal the source's own totals."""
    records = []
    for row in lists.totals.records:
        group = Labels(lists.plan, "zh").group(row["target_group"])
        residents = say("export.totals.residents", "zh")
        after = say("export.totals.after", "zh", group=group)
        for counted, prefix, suffix, whole in (
            (residents, "population", "", _official_population(lists, row)),
            (group, "target", "", row["target_people"]),
            (after, "target", "_after", row["target_people"]),
        ):
            states = {state: row[f"{prefix}_{state}{suffix}"] for state in COVERAGES}
            told = sum(states.values())
            records.append(
                {"layer": row["layer"], "counted": counted, "people": whole}
                | states
                | {"sum": told, "difference": told - whole}
            )
    return Block(_PEOPLE, records, say("export.totals.people", "zh"))


def _official_population(lists: Lists, row: Mapping[str, Any]) -> int:
    """Residents by the townships' own table where it has them, else by the villages'."""
    townships = lists.plan.townships
    if "population" in townships:
        return int(townships["population"].sum())
    return int(row["population"])


_BY_LIST = (
    LAYER_TOTALS.column("layer"),
    Column("firm", "count", "列入（確定）", "listed, firm", "township"),
    Column("provisional", "count", "列入（暫定）", "listed, provisional", "township"),
    Column("undetermined", "count", "無法判定", "undetermined", "township"),
    Column("others", "count", "其餘未列入", "others, not listed", "township"),
    Column("all", "count", "合計", "all", "township"),
)


def _townships_by_list(lists: Lists) -> Block:
    records = []
    for layer in lists.plan.study.layers:
        counts = {
            "firm": len(lists.firm.of(layer.id)),
            "provisional": len(lists.provisional.of(layer.id)),
            "undetermined": len(lists.undetermined.of(layer.id)),
            "others": len(lists.others.of(layer.id)),
        }
        records.append({"layer": layer.id, **counts, "all": len(lists.townships.of(layer.id))})
    return Block(_BY_LIST, records, say("export.totals.townships", "zh"))


_DICTIONARY = (
    Column("file", "text", "檔案", "file"),
    Column("column", "text", "欄位", "column"),
    Column("zh", "text", "中文", "Chinese"),
    Column("en", "text", "英文", "English"),
    Column("unit", "text", "單位", "unit"),
    Column("kind", "text", "類型", "kind"),
    Column("empty", "flag", "可空白", "may be empty"),
    Column("choices", "text", "可能的值", "choices"),
)


def _dictionary(lists: Lists) -> Block:
    """Every column of every table that is written."""
    tables: dict[str, Table] = {
        "underserved.csv, townships.csv": ROWS,
        "sites.csv, sites.geojson": PLAN_SITES,
        "villages.parquet": VILLAGE_ROWS,
        "plan.json (totals)": LAYER_TOTALS,
        "plan.json (counts)": COUNTS,
        **{f"{name}.csv": listed.table for name, listed in lists.details.items()},
    }
    records = [
        {
            "file": file,
            "column": column.name,
            "zh": column.zh,
            "en": column.en,
            "unit": column.unit,
            "kind": say(f"export.kind.{column.kind}", "zh"),
            "empty": column.may_be_empty,
            "choices": "; ".join(column.choices),
        }
        for file, table in tables.items()
        for column in table.columns
    ]
    return Block(_DICTIONARY, records)


_SOURCES = (
    Column("file", "text", "檔案", "file"),
    Column("title_zh", "text", "名稱", "title"),
    Column("title_en", "text", "名稱（英文）", "title (English)"),
    Column("origin_zh", "text", "原始提供者", "origin"),
    Column("origin_en", "text", "原始提供者（英文）", "origin (English)"),
    Column("date", "text", "資料日期", "date"),
    Column("licence", "text", "授權", "licence"),
    Column("licence_note", "text", "授權說明", "note on the licence"),
    Column("rows", "count", "列數", "rows"),
    Column("sha256", "text", "雜湊值（SHA-256）", "SHA-256"),
)


def _sources(lists: Lists) -> Block:
    records = [
        {
            column.name: value if column.kind == "count" else clean(str(value))
            for column in _SOURCES
            for value in (getattr(source, column.name),)
        }
        for source in lists.plan.sources
    ]
    return Block(_SOURCES, records)


_LIMITS = (
    Column("subject", "text", "類別", "subject"),
    Column("zh", "text", "說明", "Chinese"),
    Column("en", "text", "英文", "English"),
)


def _limits(lists: Lists) -> Block:
    """What the lists do not say, what is missing, and what the run noted."""
    plan = lists.plan
    said = list(zip(limits(plan.study, "zh"), limits(plan.study, "en"), strict=True))
    missing = [
        (
            f"{clean(each.name_zh)}：{clean(each.why_zh)}",
            f"{clean(each.name_en)}: {clean(each.why_en)}",
        )
        for each in plan.study.need.missing
    ]
    notes = list(zip(notes_of_run(plan, "zh"), notes_of_run(plan, "en"), strict=True))
    parts = {"limit": said, "missing": missing, "note": notes}
    records = [
        {"subject": say(f"export.subject.{subject}", "zh"), "zh": zh, "en": en}
        for subject, texts in parts.items()
        for zh, en in texts
    ]
    return Block(_LIMITS, records)
