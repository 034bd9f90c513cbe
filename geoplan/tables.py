"""Every table's columns: name, kind, unit, meaning in both languages, required or not.

The one source of headers, data dictionaries and checks. Inputs (SITES, POINTS ...) are checked at
the door by the pandera schema made from these lists; outputs (ROWS, PLAN_SITES ...) are checked
before they are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

Kind = Literal["id", "text", "people", "count", "number", "share", "minutes", "lon", "lat", "flag"]
"""id: non-blank text; people and count: integers from 0; share: 0 to 1; flag: true or false."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, in which unit, and what it is called in both languages."""

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    required: bool = True
    may_be_empty: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A list of columns and the key that must not repeat."""

    id: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


PRECISIONS = ("rooftop", "street", "township", "unknown")
POINT_USES = ("distance", "suspect", "township", "none")
SITE_STATUSES = ("existing", "closed")
PLAN_SITE_STATUSES = ("existing", "closed", "proposed")
STATUSES = ("severe", "underserved", "watch", "undetermined", "not_listed")
LISTED = ("severe", "underserved")
CERTAINTIES = ("firm", "provisional")
STATES = ("measured", "unreachable", "not_applicable", "unknown")
COVERAGES = ("covered", "uncovered", "undetermined", "unreachable")
REASONS = ("distance", "no_site_on_island", "need", "list_gap", "no_usable_point")
UNIVERSES = ("main_island", "islands")
COMPLETENESS = ("complete", "partial", "none", "unknown", "planner")

_C = Column

COMPLETENESS_TABLE = Table(
    "completeness",
    (
        _C("layer", "id", "服務別", "layer"),
        _C(
            "county_code",
            "text",
            "縣市代碼（空白為全國）",
            "county code (blank: nation)",
            may_be_empty=True,
        ),
        _C("county_name", "text", "縣市", "county", may_be_empty=True),
        _C("named", "count", "已列名據點", "named sites", "site"),
        _C(
            "reported_existing",
            "count",
            "通報已設置",
            "reported to stand",
            "site",
            may_be_empty=True,
        ),
        _C("reported_date", "text", "通報日期", "date reported", may_be_empty=True),
        _C("completeness", "text", "名單完整性", "completeness of the list", choices=COMPLETENESS),
        _C("source", "text", "來源", "source", may_be_empty=True),
    ),
    ("layer", "county_code"),
)

# ---------------------------------------------------------------------------------------------
# Outputs

_PLACE = (
    _C("layer", "id", "服務別", "layer"),
    _C("county_code", "id", "縣市代碼", "county code"),
    _C("county_name", "id", "縣市", "county"),
    _C("township_code", "id", "鄉鎮市區代碼", "township code"),
    _C("township_name", "id", "鄉鎮市區", "township"),
)

_SPLIT_POPULATION = tuple(
    _C(f"population_{state}", "people", f"人口：{zh}", f"residents {en}", "person")
    for state, zh, en in (
        ("covered", "門檻內", "within the threshold"),
        ("uncovered", "門檻外", "beyond the threshold"),
        ("undetermined", "無法判定", "undetermined"),
        ("unreachable", "無路可達", "unreachable"),
    )
)
_SPLIT_TARGET = tuple(
    _C(f"target_{state}", "people", f"服務對象：{zh}", f"target group {en}", "person")
    for state, zh, en in (
        ("covered", "門檻內", "within the threshold"),
        ("uncovered", "門檻外", "beyond the threshold"),
        ("undetermined", "無法判定", "undetermined"),
        ("unreachable", "無路可達", "unreachable"),
    )
)
_SPLIT_AFTER = tuple(
    _C(
        f"target_{state}_after",
        "people",
        f"規劃後服務對象：{zh}",
        f"target group {en}, after",
        "person",
    )
    for state, zh, en in (
        ("covered", "門檻內", "within the threshold"),
        ("uncovered", "門檻外", "beyond the threshold"),
        ("undetermined", "無法判定", "undetermined"),
        ("unreachable", "無路可達", "unreachable"),
    )
)

ROWS = Table(
    "townships",
    (
        *_PLACE,
        _C("universe", "text", "適用範圍", "universe", choices=UNIVERSES),
        _C("rule_id", "id", "規則", "rule"),
        _C("rule_version", "id", "規則版本", "rule version"),
        _C("status", "text", "狀態", "status", choices=STATUSES),
        _C("certainty", "text", "確定性", "certainty", choices=CERTAINTIES),
        _C("listed", "flag", "列入", "listed"),
        _C("reasons", "text", "原因", "reasons", may_be_empty=True),
        _C("flags", "text", "註記", "flags", may_be_empty=True),
        _C("population", "people", "設籍人口", "registered residents", "person"),
        _C("target_group", "id", "服務對象別", "target group"),
        _C("target_people", "people", "服務對象人數", "people of the target group", "person"),
        _C("target_modelled", "flag", "服務對象為推估", "target group is modelled"),
        _C(
            "own_state",
            "text",
            "自身據點車程狀態",
            "state of the time to the own site",
            choices=STATES,
        ),
        _C("own_site_ids", "text", "自身據點", "own sites", may_be_empty=True),
        _C(
            "own_minutes_mean",
            "minutes",
            "至自身據點平均車程",
            "minutes to the own site, mean",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "own_minutes_p90",
            "minutes",
            "至自身據點車程第 90 百分位",
            "minutes to the own site, P90",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "own_minutes_max",
            "minutes",
            "至自身據點最長車程",
            "minutes to the own site, longest",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "own_measured_people",
            "people",
            "可量測之服務對象",
            "target group with a measured time",
            "person",
        ),
        _C("nearest_site_ids", "text", "最近據點", "nearest sites", may_be_empty=True),
        _C(
            "nearest_minutes_mean",
            "minutes",
            "至最近據點平均車程",
            "minutes to the nearest site, mean",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "own_minus_nearest_minutes",
            "minutes",
            "自身與最近據點之差",
            "own minus nearest",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "modelled_share",
            "share",
            "車程中推估路段比例",
            "share of the minutes on modelled links",
            may_be_empty=True,
        ),
        *_SPLIT_POPULATION,
        *_SPLIT_TARGET,
        _C(
            "target_within_15",
            "people",
            "15 分鐘內服務對象",
            "target group within 15 minutes",
            "person",
        ),
        _C(
            "target_within_30",
            "people",
            "30 分鐘內服務對象",
            "target group within 30 minutes",
            "person",
        ),
        _C(
            "target_within_60",
            "people",
            "60 分鐘內服務對象",
            "target group within 60 minutes",
            "person",
        ),
        _C(
            "beyond_people",
            "people",
            "超過門檻之服務對象",
            "target group beyond the threshold",
            "person",
        ),
        _C(
            "beyond_share", "share", "超過門檻比例", "share beyond the threshold", may_be_empty=True
        ),
        _C(
            "margin_share",
            "number",
            "與門檻差距（比例）",
            "margin to the threshold (share)",
            may_be_empty=True,
        ),
        _C("sites_named", "count", "境內已列名據點", "named sites in the township", "site"),
        _C("sites_usable", "count", "境內可量距據點", "sites with a usable point", "site"),
        _C("per_person_value", "number", "人均資源", "supply per person", may_be_empty=True),
        _C("per_person_basis", "id", "人均資源算法", "how supply per person is counted"),
        _C("need_percentile", "number", "需求百分位", "need percentile", may_be_empty=True),
        _C("need_leading", "text", "主要需求指標", "leading need indicators", may_be_empty=True),
        _C(
            "list_completeness",
            "text",
            "名單完整性",
            "completeness of the list",
            choices=COMPLETENESS,
        ),
        _C("proposed_sites", "count", "規劃新增據點", "proposed sites in the township", "site"),
        *_SPLIT_AFTER,
        _C(
            "own_minutes_mean_after",
            "minutes",
            "規劃後平均車程",
            "mean minutes, after",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "minutes_over_threshold",
            "minutes",
            "最遠處超出門檻",
            "farthest place over the threshold by",
            "minute",
            may_be_empty=True,
        ),
        _C("sentence_zh", "text", "說明", "sentence (Chinese)"),
        _C("sentence_en", "text", "說明（英文）", "sentence (English)"),
    ),
    ("layer", "township_code"),
)

VILLAGE_ROWS = Table(
    "villages",
    (
        _C("layer", "id", "服務別", "layer"),
        _C("village_code", "id", "村里代碼", "village code"),
        _C("village_name", "text", "村里", "village", may_be_empty=True),
        _C("township_code", "id", "鄉鎮市區代碼", "township code"),
        _C("lon", "lon", "經度", "longitude", "degree"),
        _C("lat", "lat", "緯度", "latitude", "degree"),
        _C("population", "people", "設籍人口", "registered residents", "person"),
        _C(
            "target_people",
            "people",
            "服務對象人數（推估者取至十位）",
            "target group (modelled ones rounded to 10)",
            "person",
        ),
        _C("target_modelled", "flag", "服務對象為推估", "target group is modelled"),
        _C(
            "own_state",
            "text",
            "自身據點車程狀態",
            "state of the time to the own site",
            choices=STATES,
        ),
        _C("own_site_id", "text", "自身據點", "own site", may_be_empty=True),
        _C(
            "own_minutes",
            "minutes",
            "至自身據點車程",
            "minutes to the own site",
            "minute",
            may_be_empty=True,
        ),
        _C("nearest_site_id", "text", "最近據點", "nearest site", may_be_empty=True),
        _C(
            "nearest_minutes",
            "minutes",
            "至最近據點車程",
            "minutes to the nearest site",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "modelled_share",
            "share",
            "車程中推估路段比例",
            "share of the minutes on modelled links",
            may_be_empty=True,
        ),
        _C("coverage", "text", "涵蓋狀態", "coverage", choices=COVERAGES),
        _C("coverage_after", "text", "規劃後涵蓋狀態", "coverage, after", choices=COVERAGES),
        _C(
            "own_minutes_after",
            "minutes",
            "規劃後車程",
            "minutes to the own site, after",
            "minute",
            may_be_empty=True,
        ),
    ),
    ("layer", "village_code"),
)

PLAN_SITES = Table(
    "plan_sites",
    (
        _C("site_id", "id", "據點編號", "site id"),
        _C("layer", "id", "服務別", "layer"),
        _C("name", "id", "名稱", "name"),
        _C("status", "text", "狀態", "status", choices=PLAN_SITE_STATUSES),
        _C("conditional", "flag", "以名單補齊為前提", "conditional on the list"),
        _C("county_code", "text", "縣市代碼", "county code", may_be_empty=True),
        _C("county_name", "text", "縣市", "county", may_be_empty=True),
        _C("township_code", "text", "鄉鎮市區代碼", "township code", may_be_empty=True),
        _C("township_name", "text", "鄉鎮市區", "township", may_be_empty=True),
        _C("lon", "lon", "經度", "longitude", "degree", may_be_empty=True),
        _C("lat", "lat", "緯度", "latitude", "degree", may_be_empty=True),
        _C(
            "point_precision",
            "text",
            "座標精度",
            "precision of the point",
            choices=(*PRECISIONS, "area"),
        ),
        _C("point_use", "text", "座標可否量距", "use of the point", choices=(*POINT_USES, "area")),
        _C("address", "text", "地址", "address", may_be_empty=True),
        _C("phone", "text", "電話", "telephone", may_be_empty=True),
        _C("source", "text", "來源", "source", may_be_empty=True),
        _C("source_date", "text", "資料日期", "date of the source", may_be_empty=True),
        _C(
            "origin",
            "text",
            "資料列提供者",
            "whose row it is",
            choices=("bundled", "planner", "plan"),
        ),
        _C("order", "count", "建議順序", "order of the proposal", may_be_empty=True),
        _C(
            "listed_gain",
            "people",
            "列入地區新增涵蓋",
            "newly within the threshold, listed townships",
            "person",
            may_be_empty=True,
        ),
        _C(
            "gain",
            "people",
            "新增涵蓋服務對象",
            "newly within the threshold",
            "person",
            may_be_empty=True,
        ),
        _C(
            "saved_person_minutes",
            "number",
            "節省人分鐘",
            "person-minutes saved",
            "person-minute",
            may_be_empty=True,
        ),
        _C(
            "own_residents",
            "people",
            "所轄人口",
            "residents of its area",
            "person",
            may_be_empty=True,
        ),
        _C("note", "text", "備註", "note", may_be_empty=True),
    ),
    ("site_id", "layer"),
)

COUNTS = Table(
    "counts",
    (
        _C("layer", "id", "服務別", "layer"),
        _C(
            "county_code",
            "text",
            "縣市代碼（空白為全國）",
            "county code (blank: nation)",
            may_be_empty=True,
        ),
        _C("county_name", "text", "縣市", "county", may_be_empty=True),
        _C("target", "count", "目標", "target", "site", may_be_empty=True),
        _C("existing_named", "count", "已設置（列名）", "existing, named", "site"),
        _C("existing_unnamed", "count", "已設置（未列名）", "existing, not named", "site"),
        _C("unnamed_known", "flag", "未列名數已知", "number of unnamed sites is known"),
        _C("proposed", "count", "規劃新增", "proposed", "site"),
        _C("usable_points", "count", "可量距據點", "sites with a usable point", "site"),
        _C("completeness", "text", "名單完整性", "completeness of the list", choices=COMPLETENESS),
        _C(
            "quota_up",
            "count",
            "每 25 萬人一處（無條件進位）",
            "one per quota, rounded up",
            "site",
            may_be_empty=True,
        ),
        _C(
            "quota_nearest",
            "count",
            "每 25 萬人一處（四捨五入）",
            "one per quota, rounded",
            "site",
            may_be_empty=True,
        ),
        _C(
            "quota_down",
            "count",
            "每 25 萬人一處（無條件捨去，至少 1）",
            "one per quota, rounded down, at least one",
            "site",
            may_be_empty=True,
        ),
    ),
    ("layer", "county_code"),
)

LAYER_TOTALS = Table(
    "layer_totals",
    (
        _C("layer", "id", "服務別", "layer"),
        _C("target_group", "id", "服務對象別", "target group"),
        _C("minutes", "minutes", "門檻", "threshold", "minute"),
        _C("population", "people", "設籍人口", "registered residents", "person"),
        _C("target_people", "people", "服務對象人數", "people of the target group", "person"),
        *_SPLIT_POPULATION,
        *_SPLIT_TARGET,
        *_SPLIT_AFTER,
        _C(
            "target_within_15",
            "people",
            "15 分鐘內服務對象",
            "target group within 15 minutes",
            "person",
        ),
        _C(
            "target_within_30",
            "people",
            "30 分鐘內服務對象",
            "target group within 30 minutes",
            "person",
        ),
        _C(
            "target_within_60",
            "people",
            "60 分鐘內服務對象",
            "target group within 60 minutes",
            "person",
        ),
        _C(
            "own_minutes_mean",
            "minutes",
            "平均車程",
            "minutes to the own site, mean",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "nearest_minutes_mean",
            "minutes",
            "至最近據點平均車程",
            "minutes to the nearest site, mean",
            "minute",
            may_be_empty=True,
        ),
        _C("listed_firm", "count", "列入鄉鎮市區", "listed townships, firm", "township"),
        _C(
            "listed_provisional",
            "count",
            "暫定列入鄉鎮市區",
            "listed townships, provisional",
            "township",
        ),
        _C(
            "target_firm_people",
            "people",
            "服務對象（名單完整縣市）",
            "target group, counties with a complete list",
            "person",
        ),
        _C(
            "beyond_firm_people",
            "people",
            "超過門檻之服務對象（名單完整縣市）",
            "target group beyond, counties with a complete list",
            "person",
        ),
        _C(
            "undetermined_firm_people",
            "people",
            "無法判定之服務對象（名單完整縣市）",
            "target group undetermined, counties with a complete list",
            "person",
        ),
        _C(
            "own_minutes_mean_firm",
            "minutes",
            "平均車程（名單完整縣市）",
            "minutes to the own site, mean, counties with a complete list",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "target_provisional_people",
            "people",
            "服務對象（名單未完整縣市）",
            "target group, counties without",
            "person",
        ),
        _C(
            "beyond_provisional_people",
            "people",
            "超過門檻之服務對象（名單未完整縣市）",
            "target group beyond, counties without",
            "person",
        ),
        _C(
            "undetermined_provisional_people",
            "people",
            "無法判定之服務對象（名單未完整縣市）",
            "target group undetermined, counties without",
            "person",
        ),
        _C(
            "own_minutes_mean_provisional",
            "minutes",
            "平均車程（名單未完整縣市）",
            "minutes to the own site, mean, counties without",
            "minute",
            may_be_empty=True,
        ),
        _C(
            "undetermined_townships",
            "count",
            "無法判定鄉鎮市區",
            "undetermined townships",
            "township",
        ),
        _C(
            "listed_firm_people",
            "people",
            "列入地區超過門檻之服務對象",
            "target group beyond, firm",
            "person",
        ),
        _C(
            "listed_provisional_people",
            "people",
            "暫定列入地區超過門檻之服務對象",
            "target group beyond, provisional",
            "person",
        ),
        _C(
            "listed_gain",
            "people",
            "規劃後列入地區新增涵蓋",
            "newly covered in listed townships",
            "person",
        ),
        _C(
            "listed_gain_bound",
            "people",
            "任何規劃之上限（列入地區）",
            "no plan covers more (listed)",
            "person",
        ),
        _C("gain", "people", "規劃後新增涵蓋服務對象", "newly covered", "person"),
        _C("gain_bound", "people", "任何規劃之上限", "no plan covers more", "person"),
        _C(
            "plain_listed_gain",
            "people",
            "純最大涵蓋：列入地區新增涵蓋",
            "plain maximal cover: newly covered in listed townships",
            "person",
        ),
        _C(
            "plain_gain",
            "people",
            "純最大涵蓋：新增涵蓋服務對象",
            "plain maximal cover: newly covered",
            "person",
        ),
    ),
    ("layer",),
)


def schema(table: Table, extra: Sequence[str] = ()) -> pa.DataFrameSchema:
    """The pandera schema of an output table: kinds, choices, empties and key; `extra` allowed."""
    import pandas as pd
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.choices:
            found.append(pa.Check.isin(column.choices))
        if column.kind in ("people", "count", "minutes"):
            found.append(pa.Check.ge(0))
        if column.kind == "share":
            found.append(pa.Check.in_range(0, 1))
        if column.kind == "id":
            found.append(pa.Check.str_length(min_value=1))
        return found

    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                checks=checks(column), nullable=column.may_be_empty, required=column.required
            )
            for column in table.columns
        },
        unique=list(table.key),
        strict=not extra,
    )


def checked(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame, once it is proved to be such a table; a fault here is a bug, not bad input."""
    return cast("pd.DataFrame", schema(table).validate(frame, lazy=True))
