"""What the documents say as it stands: contradictions, services, shares, figure after figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geoplan.export.lists import Records
from geoplan.export.programme_told import NOTHING, Told, View, number, share, source


def contradictions(told: Told) -> View:
    """What is said where, and how it is read."""
    suffix = "" if told.lang == "zh" else "_en"
    rows = [
        [row["number"], *(row[name + suffix] for name in ("subject", "figures", "reading"))]
        for row in told.records["contradictions"]
    ]
    heads = [("number", False), ("subject", False), ("figures", False), ("reading", False)]
    return told.view("contradictions", heads, rows)


def services(told: Told) -> View:
    """Every service with what is held and what geoplan does."""
    suffix = "_zh" if told.lang == "zh" else ""

    def text(row: Mapping[str, Any], name: str) -> str:
        return str(row[name + suffix] or row[name] or "")

    rows = [
        [
            row[f"service_{told.lang}"] or row["service_zh"],
            text(row, "nature"),
            text(row, "figure"),
            row["documents"] or "",
            told.say("held", rows=text(row, "rows_held"), list=text(row, "completeness")),
            text(row, "what_geoplan_does"),
        ]
        for row in told.records["services"]
    ]
    heads = [("service", False), ("nature", False), ("figures", False), ("source", False)]
    return told.view("services", [*heads, ("held_rows", False), ("does", False)], rows)


def documents(told: Told) -> View:
    """The documents that the numbers before the colon name."""
    zh = told.lang == "zh"
    rows = [
        [
            row["document"],
            row["title"] if zh else row["title_en"],
            (row["publisher"] if zh else row["publisher_en"]) or NOTHING,
            row["date_roc"] or NOTHING,
        ]
        for row in told.records["programme_documents"]
    ]
    heads = [("number", False), ("title", False), ("publisher", False), ("date", False)]
    return told.view("documents", heads, rows)


def of_county(told: Told) -> View:
    """Targets and counts that documents, press and cities state for counties."""
    rows = [
        [
            told.place(row["county_code"] or ""),
            told.layer(row["layer"]),
            told.word("programme.metric", row["metric"]),
            told.roc(row["year_roc"]),
            number(row["value"]),
            told.word("certainty", row["certainty"]),
            row["source"],
        ]
        for row in told.here("county_targets")
    ]
    heads = [("county", False), ("layer", False), ("metric", False), ("year", False)]
    heads += [("value", True), ("certainty", False), ("source_any", False)]
    return told.view("county", heads, rows)


def shares(told: Told) -> View:
    """The centre's share by fiscal tier in each phase of the programme."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in told.records["programme_figures"]:
        if _is_share(row):
            phase, _, tier = row["item"].partition("_")
            found.setdefault(tier, {})[phase] = row
    rows = [
        [
            told.say("average") if tier == "average" else told.say("tier", n=tier[-1]),
            *(share(by[phase]["value"]) if phase in by else NOTHING for phase in PHASES),
            "; ".join(dict.fromkeys(source(row) for row in by.values())),
        ]
        for tier, by in found.items()
    ]
    heads = [("tier_n", False), *((phase, True) for phase in PHASES), ("source", False)]
    return told.view("shares", heads, rows)


PHASES = ("phase1", "phase2", "phase3")


def figures_of(name: str, *topics: str) -> Callable[[Told], View]:
    """A view of the figures of these topics as they are: one figure a row, topic by topic."""

    return lambda told: _figures(told, name, _of_topics(told, *topics))


def appraisal(told: Told) -> View:
    """What counties are judged by, and what follows; the shares themselves are a view apart."""
    mine = _of_topics(told, "appraisal_weight", "subsidy_rate")
    return _figures(told, "appraisal", [row for row in mine if not _is_share(row)])


def _is_share(row: Mapping[str, Any]) -> bool:
    """Is the figure the centre's share of a fiscal tier, or their average, in one phase?"""
    return row["topic"] == "subsidy_rate" and str(row["item"]).startswith(PHASES)


def _of_topics(told: Told, *topics: str) -> Records:
    mine = [row for row in told.here("programme_figures") if row["topic"] in topics]
    return sorted(mine, key=lambda row: topics.index(row["topic"]))


def _figures(told: Told, name: str, records: Records) -> View:
    rows = [
        [
            told.own(row, "item"),
            told.roc(row["year_roc"] or "") or NOTHING,
            number(row["value"]),
            told.word("code.unit", row["unit"]),
            told.word("programme.kind", row["kind"]),
            source(row),
            told.note(row),
        ]
        for row in records
    ]
    heads = [("item", False), ("year", False), ("value", True), ("unit", False)]
    return told.view(name, [*heads, ("kind", False), ("source", False), ("note", False)], rows)
