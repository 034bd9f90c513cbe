"""Tables made of the documents' figures alone: indicators, staff, supervisors, subsidy tiers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from geoplan.model import Inputs
from geoplan.phasing_spec import Phasing
from geoplan.programme import NATION
from geoplan.tables import KPIS, STAFFING, SUBSIDY_TIERS, SUPERVISORS, Table
from geoplan.targets import ROC, central_share, supervisors, years_of

INCREASE = "_increase_phase2_over_phase1"
FORMER_YEAR, TIER_YEAR = 2025, 2026
"""Years whose shares are told: of the former tier and of the present one."""


def kpis(figures: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables.KPIS: one an indicator and unit, the 2030 aims first as the documents list
    them. A year that no document names is blank, and nothing is drawn between two years."""
    mine = figures[figures["topic"].isin(("kpi_phase3", "kpi_phase2"))]
    mine = mine.assign(
        unit=mine["unit"].replace({"percent per year": "percent"}),
        growth=mine["unit"] == "percent per year",
        first=mine["topic"] == "kpi_phase3",
    ).sort_values("first", ascending=False, kind="stable")
    rows = []
    for (item, unit), group in mine.groupby(["item", "unit"], sort=False):
        row: dict[str, Any] = {"item": item, "unit": unit, **_words(group)}
        for each in group.itertuples(index=False):
            if each.growth:
                row["yearly_growth"] = each.value
            elif each.kind == "baseline":
                row["baseline"] = each.value
            else:
                row[f"roc_{years_of(str(each.year_roc))[-1] - ROC}"] = each.value
        rows.append(row | {"sources": _sources(group)} | _notes(group))
    return table_frame(rows, KPIS)


def staffing(figures: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables.STAFFING: tables 1 and 2 of the documents, and what 2.0 adds, year by year."""
    national = figures[figures["county_code"] == NATION]
    mine = national[
        national["topic"].isin(("staffing_table_1", "staffing_table_2"))
        | ((national["topic"] == "staffing") & national["item"].isin(_TOTALS))
    ]
    base = mine["item"].str.removesuffix(INCREASE)
    rows = []
    for (part, item), group in mine.groupby([mine["topic"], base], sort=False):
        row: dict[str, Any] = {"part": part, "item": item, "unit": group["unit"].iloc[0]}
        row |= _words(group)
        for each in group.itertuples(index=False):
            more = str(each.item).endswith(INCREASE)
            row["increase" if more else f"roc_{each.year_roc}"] = each.value
        rows.append(row | {"source": _sources(group)} | _notes(group))
    return table_frame(rows, STAFFING)


_TOTALS = ("total_staff", "increase_over_phase2")


def supervisor_rows(inputs: Inputs, figures: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables.SUPERVISORS: by the documents' ratio or the study's own, wherever a document
    counts social workers of a county or, for the nation, plans them for 2025. No staff is spread
    over counties."""
    study = inputs.study.programme
    given = figures[figures["item"] == "workers_per_supervisor"]
    if study is not None and study.workers_per_supervisor is not None:
        ratio, source = study.workers_per_supervisor, "study"
    elif len(given):
        ratio, source = int(given["value"].iloc[0]), _sources(given)
    else:
        return pd.DataFrame(columns=SUPERVISORS.names)
    names = inputs.counties.set_index("county_code")["county_name"].to_dict()
    people = figures[figures["unit"] == "person"]
    of_county = (people["county_code"] != NATION) & people["item"].isin(_WORKERS)
    of_nation = (
        (people["topic"] == "staffing_table_1")
        & (people["year_roc"] == "114")
        & ~people["item"].str.contains("total")
    )
    rows = []
    for each in people[of_county | of_nation].itertuples(index=False):
        staff = int(float(str(each.value)))
        full, begun = supervisors(staff, ratio)
        rows.append(
            {
                "county_code": each.county_code,
                "county_name": names.get(each.county_code, ""),
                **{name: getattr(each, name) for name in ("item", "item_zh", "item_en")},
                "year_roc": each.year_roc,
                "staff": staff,
                "source": f"{each.document}:{each.lines}",
                "workers_per_supervisor": ratio,
                "ratio_source": source,
                "supervisors_full_groups": full,
                "supervisors_begun_groups": begun,
            }
        )
    return table_frame(rows, SUPERVISORS)


_WORKERS = ("needs_assessment_social_workers",)


def subsidy_tiers(inputs: Inputs, figures: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables.SUBSIDY_TIERS: each county's tier and former tier with the centre's share.

    The tiers of ROC 118 and 119 are not published: the present one is held, and the column says so.
    """
    spec = inputs.study.programme
    if spec is None or spec.fiscal_tier is None:
        return pd.DataFrame(columns=SUBSIDY_TIERS.names)
    held_year = _held_year(inputs.study.phasing)
    counties = inputs.counties
    rows = []
    for place in counties.to_dict("records"):
        former = _whole(place.get(spec.former_fiscal_tier or ""))
        tier = _whole(place.get(spec.fiscal_tier))
        shares = [
            central_share(each, year, figures) if each is not None and year is not None else None
            for each, year in ((former, FORMER_YEAR), (tier, TIER_YEAR), (tier, held_year))
        ]
        before, now, held = (share.percent if share else None for share in shares)
        rows.append(
            {
                "county_code": place["county_code"],
                "county_name": place["county_name"],
                "former_tier": former,
                "former_percent": before,
                "tier": tier,
                "percent": now,
                "percent_held": held,
                "change": None if before is None or now is None else now - before,
                "percent_source": "; ".join(
                    dict.fromkeys(share.source for share in shares if share)
                ),
                "tier_source_zh": spec.fiscal_tier_source_zh,
                "tier_source_en": spec.fiscal_tier_source_en,
            }
        )
    return table_frame(rows, SUBSIDY_TIERS)


def _held_year(phasing: Phasing | None) -> int | None:
    """The first year whose tiers are not known, as the study's shares say; None if it has none."""
    shares = phasing.central_share if phasing else None
    return shares.tiers_known_until + 1 if shares else None


def _whole(value: object) -> int | None:
    """A tier, None where it is not known."""
    return None if value is None or value != value else int(float(str(value)))


def _words(group: pd.DataFrame) -> dict[str, Any]:
    """The item in both languages."""
    return {name: group[name].iloc[0] for name in ("item_zh", "item_en")}


def _notes(group: pd.DataFrame) -> dict[str, Any]:
    """The notes in both languages; what only repeats a baseline is in its own column."""
    told = group[~group["note"].str.fullmatch(r"baseline [\d.]+")]
    return {name: _joined(told[name]) for name in ("note", "note_zh")}


def _sources(group: pd.DataFrame) -> str:
    """Document and lines of every figure, each once: "003:225-229; 000:75"."""
    return _joined(group["document"] + ":" + group["lines"])


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def table_frame(rows: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    """The rows under the table's names, whole numbers that may be unknown as Int64."""
    frame = pd.DataFrame(rows).reindex(columns=table.names)
    for column in table.columns:
        if column.kind == "count" and column.may_be_empty:
            frame[column.name] = frame[column.name].astype("Int64")
        elif column.kind == "text":
            cells = frame[column.name].astype(object)
            frame[column.name] = cells.where(cells.notna(), "")
    return frame
