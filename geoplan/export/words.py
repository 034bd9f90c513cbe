"""Numbers, dates and codes as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geoplan.export.cells import clean, is_absent
from geoplan.model import Note, Plan
from geoplan.study import Study
from geoplan.texts import Lang, catalogue, say

OWN_WORDS = (
    *("region", "capacity_basis", "holds", "flip", "unit"),
    *("level", "normalise", "weighting", "direction"),
)
"""Columns whose codes have words of their own, `code.<column>.<code>`."""

_GROUPS = {
    "status": "status",
    "certainty": "certainty",
    "reasons": "reason",
    "flags": "flag",
    "universe": "export.universe",
    "own_state": "export.state",
    "minutes_from": "export.minutes_from",
    "list_completeness": "export.completeness",
    "completeness": "export.completeness",
    "per_person_basis": "export.per_person",
    "point_precision": "export.precision",
    "point_use": "export.point_use",
    "origin": "export.origin",
    "coverage": "export.coverage",
    "coverage_after": "export.coverage",
    **{
        column: f"spread.{column}"
        for column in (
            *("assigned_by", "split", "scope", "lack", "longer", "quantity", "figure"),
            *("tested", "cluster"),
        )
    },
    "e2sfca_state": "export.state",
    "change": "change",
    "change_reason": "why",
    "remedies": "remedy",
    "measure": "measure",
    "test": "reason",
    **dict.fromkeys(
        ("status_after", "status_then", "status_villages", "status_township"), "status"
    ),
    **{name: f"code.{name}" for name in OWN_WORDS},
}
"""Columns whose cells are codes, and where in the catalogue the words for them stand."""
_SITE_STATUS = "export.site_status"
SEPARATOR = ";"
"""Between the codes of one cell (reasons, flags, ids)."""


def whole(value: Any, lang: Lang) -> str:
    """A count with thousands separators, `not known` where absent."""
    return say("unknown", lang) if is_absent(value) else f"{int(value):,}"


def decimal(value: Any, lang: Lang, digits: int = 1) -> str:
    """A number with separators and so many decimals, `not known` where absent."""
    return say("unknown", lang) if is_absent(value) else f"{float(value):,.{digits}f}"


def percent(part: Any, total: Any, lang: Lang) -> str:
    """A share as a percentage with one decimal; `not known` of nothing."""
    if is_absent(part) or is_absent(total) or not total:
        return say("unknown", lang)
    return f"{100 * float(part) / float(total):.1f}%"


RANGE = " to "
"""Between the two ends of a range of dates."""


def date_text(date: str, lang: Lang) -> str:
    """`2025-12` as 民國 114 年 12 月 or December 2025; anything else stays as it is.

    ROC years count from 1912 (1 = 1912). A range (`2021-06 to 2026-06`) is told end by end.
    """
    ends = date.split(RANGE)
    if len(ends) == 2:
        return ("至" if lang == "zh" else RANGE).join(date_text(end, lang) for end in ends)
    parts = date.split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 3 or len(parts[0]) != 4:
        return clean(date)
    year, rest = int(parts[0]), [int(part) for part in parts[1:]]
    if rest and not 1 <= rest[0] <= 12:
        return clean(date)
    if lang == "zh":
        told = f"民國 {year - 1911} 年" if year > 1911 else f"西元 {year} 年"
        return told + "".join(f" {n} {unit}" for n, unit in zip(rest, ("月", "日"), strict=False))
    months = say("export.months", "en").split(",")
    month = [months[rest[0] - 1]] if rest else []
    return " ".join([*[str(day) for day in rest[1:]], *month, str(year)])


SAID_ELSEWHERE = frozenset({"missing_indicator"})
"""Notes whose matter stands apart in report and workbook."""


def notes_of_run(plan: Plan, lang: Lang, but: frozenset[str] = frozenset()) -> list[str]:
    """What this run noted, without what the limits say anyway and the codes in `but`."""
    unsaid = [note for note in plan.notes if note.code not in SAID_ELSEWHERE | but]
    return [note_text(note, lang) for note in unsaid]


def note_text(note: Note, lang: Lang) -> str:
    """A note of the plan as a sentence."""
    return clean(say(f"note.{note.code}", lang, **note.values))


class Labels:
    """The words for codes in cells: of layers, groups, indicators, sites and fixed choices."""

    def __init__(self, plan: Plan, lang: Lang) -> None:
        study = plan.study
        self.lang = lang
        self._site = {
            str(site): clean(str(name))
            for site, name in zip(plan.sites["site_id"], plan.sites["name"], strict=True)
        }
        indicators = {each.id: _name(each, lang) for each in study.need.indicators}
        profiles = (*study.need.profiles, study.need.whole)
        self._named: dict[str, dict[str, str]] = {
            "layer": {each.id: _name(each, lang) for each in study.layers},
            "target_group": {each.id: _name(each, lang) for each in study.groups},
            "need_leading": indicators,
            "indicator": indicators,
            "profile": {each.id: _name(each, lang) for each in profiles},
        }

    def layer(self, layer: str) -> str:
        return self._named["layer"].get(layer, layer)

    def group(self, group: str) -> str:
        return self._named["target_group"].get(group, group)

    def cell(self, column: str, value: Any) -> Any:
        """The cell in words where its column holds codes, else the value itself."""
        if isinstance(value, bool):
            return say("export.yes" if value else "export.no", self.lang)
        word = self._word_of(column)
        if word is None or not isinstance(value, str) or not value:
            return value
        joint = "、" if self.lang == "zh" else ", "
        return joint.join(word(code) for code in value.split(SEPARATOR))

    def site_status(self, status: str) -> str:
        return self._text(_SITE_STATUS, status)

    def licence(self, licence: str) -> str:
        return self._text("export.licence", licence)

    def _word_of(self, column: str) -> Callable[[str], str] | None:
        if column in self._named:
            return lambda code: self._named[column].get(code, code)
        if column in ("own_site_ids", "nearest_site_ids"):
            return lambda code: f"{code} {self._site.get(code, '')}".strip()
        if column in _GROUPS:
            return lambda code: self._text(_GROUPS[column], code)
        return None

    def _text(self, group: str, code: str) -> str:
        key = f"{group}.{code}"
        return say(key, self.lang) if key in catalogue() else code


def limits(study: Study, lang: Lang) -> list[str]:
    """What the results do not say: of every study, then of its layers and of its files.

    Keys `limit.all.*`, `limit.layer.<layer id>.*` and `limit.file.<path>` of the catalogue.
    """
    used = {f"limit.layer.{layer.id}." for layer in study.layers}
    files = _files(study)
    found = [
        key
        for key in catalogue()
        if key.startswith("limit.all.")
        or any(key.startswith(prefix) for prefix in used)
        or (key.startswith("limit.file.") and key.removeprefix("limit.file.") in files)
    ]
    return [say(key, lang) for key in found]


def _files(study: Study) -> set[str]:
    used = [study.files.model_dump()]
    if study.roads is not None and study.minutes_from.code == "roads":
        used.append(study.roads.model_dump())
    return {str(value) for each in used for value in each.values()}


def _name(named: Any, lang: Lang) -> str:
    return clean(named.name_zh if lang == "zh" else named.name_en)
