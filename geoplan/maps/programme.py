"""The programme in the page: the tables of `geoplan programme` as text, and numbers to draw."""

from __future__ import annotations

from typing import Any

from geoplan.export.cells import clean
from geoplan.export.lists import Lists
from geoplan.export.programme_pictures import bars, lines, shade_names, shades
from geoplan.export.programme_told import View, told_of
from geoplan.export.programme_views import VIEWS
from geoplan.targets import PROGRAMME_YEARS
from geoplan.texts import LANGS

TABLES = (
    *("targets", "build_out", "kpis", "staffing", "supervisors", "budget", "shares", "subsidy"),
    *("appraisal", "contradictions", "documents"),
)
"""Views that stand in the page; the others are in the report, the lists and the command."""


def programme(lists: Lists) -> dict[str, Any] | None:
    """Views in both languages, bars of the targets, lines of the indicators and the shades of the
    rates by county; None where the study names no programme."""
    told = {lang: told_of(lists, lang) for lang in LANGS}
    records = told[LANGS[0]].records
    if not records["programme_figures"]:
        return None
    return {
        **{lang: [_view(VIEWS[name](told[lang])) for name in TABLES] for lang in LANGS},
        "bars": bars(records["yearly_targets"]),
        "lines": lines(records["kpis"]),
        "years": [*PROGRAMME_YEARS],
        "shades": shades(records["build_out"]),
        "shade_names": {lang: shade_names(lang) for lang in LANGS},
    }


def _view(view: View) -> dict[str, Any]:
    return {
        "id": view.id,
        "title": view.title,
        "lead": view.lead,
        "heads": [clean(head) for head in view.heads],
        "numeric": [at for at, numeric in enumerate(view.numeric) if numeric],
        "rows": view.rows,
    }
