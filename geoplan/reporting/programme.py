"""The programme in a report: its tables, with bars, lines and shaded rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from geoplan.export.lists import Lists
from geoplan.export.programme_pictures import bars, lines, shade_names, shades
from geoplan.export.programme_told import Told, View, told_of
from geoplan.export.programme_views import OF_A_COUNTY, VIEWS
from geoplan.reporting.content import Block, Bullets, Section, Table, Text, fitted
from geoplan.reporting.programme_drawn import bar_words, bars_of_targets, lines_of_years
from geoplan.texts import Lang, say

FOLDED = (
    *("targets", "kpis", "budget", "services", "facility", "volumes", "county", "subsidy"),
    *("staffing", "supervisors"),
)
"""Tables that open on demand: long or wide ones, and those whose picture stands above them."""


def programme_section(lists: Lists, lang: Lang, county: str = "") -> Section | None:
    """The nation's programme, or what it says of one county; None where the study names none.

    `lists` are the nation's.
    """
    told = replace(told_of(lists, lang), county=county)
    if not told.records["programme_figures"]:
        return None
    names = OF_A_COUNTY if county else tuple(VIEWS)
    views = [VIEWS[name](told) for name in names]
    lead = Text(say("page.programme_lead", lang))
    parts = tuple(_part(told, view) for view in views if view.rows)
    title = say("page.programme_heading", lang)
    return Section(title, (lead,), parts, page=True, id="programme")


def _part(told: Told, view: View) -> Section:
    blocks: list[Block] = [Text(view.lead, small=True)] if view.lead else []
    if not told.county:
        blocks += _pictures(told, view.id)
    return Section(view.title, (*blocks, _table(told, view)))


def _pictures(told: Told, view: str) -> Iterator[Block]:
    lang = told.lang
    if view == "targets" and (drawn := bars(told.records["yearly_targets"])):
        yield bars_of_targets(told, drawn)
        yield Bullets(tuple(bar_words(told, bar) for bar in drawn))
    elif view == "build_out":
        names = (*shade_names(lang), say("page.rate_none", lang))
        joint = "、" if lang == "zh" else ", "
        yield Text(say("reporting.shades", lang, names=joint.join(names)), small=True)
    elif view == "kpis" and (many := lines(told.records["kpis"])):
        yield lines_of_years(told, many)


def _table(told: Told, view: View) -> Table:
    shaded: list[list[Any]] = []
    if view.id == "build_out" and not told.county:
        shaded = shades(told.records["build_out"])
    folded = say("page.programme_rows", told.lang, n=len(view.rows))
    return Table(
        view.title,
        view.heads,
        view.rows,
        frozenset(at for at, numeric in enumerate(view.numeric) if numeric),
        fitted(view.heads, view.rows),
        shaded,
        folded if view.id in FOLDED and not told.county else "",
    )
