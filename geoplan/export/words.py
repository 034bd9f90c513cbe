"""Numbers, dates and codes as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from geoplan.export.cells import clean, is_absent
from geoplan.model import Note, Plan
from geoplan.rules import Rule
from geoplan.study import Study
from geoplan.targets import ROC
from geoplan.texts import Lang, catalogue, say

OWN_WORDS = (
    *("region", "capacity_basis", "holds", "flip", "unit"),
    *("level", "normalise", "weighting", "direction"),
    *("plan", "steps", "rounding", "proof", "infeasible_because", "selected"),
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
    **dict.fromkeys(("target_certainty", "certainty_2020"), "certainty"),
    **dict.fromkeys(("topic", "part"), "programme.topic"),
    "metric": "programme.metric",
    "kind": "programme.kind",
    "measure": "measure",
    "test": "reason",
    **dict.fromkeys(
        ("status_after", "status_then", "status_villages", "status_township"), "status"
    ),
    **{name: f"code.{name}" for name in OWN_WORDS},
}
"""Columns whose cells are codes, and where in the catalogue the words for them stand."""
_SITE_STATUS = "export.site_status"
AREA_IDS = ("largest_area_id", "smallest_area_id")
"""Columns that hold the id of a site or the code of a county."""
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


def year_number(year: int, lang: Lang) -> int:
    """The year as the language counts it: in Chinese that of the Republic."""
    return year - ROC if lang == "zh" else year


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
        told = f"民國 {year - ROC} 年" if year > ROC else f"西元 {year} 年"
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
        self._plan = plan
        self._told: dict[tuple[str, str], str] = {}  # cells in words, as most stand many times
        indicators = {each.id: _name(each, lang) for each in study.need.indicators}
        layers = {each.id: _name(each, lang) for each in study.layers}
        profiles = (*study.need.profiles, study.need.whole)
        self._named: dict[str, dict[str, str]] = {
            "layer": layers,
            "layers": layers,
            "rule_id": {rule.id: self._rule(rule, layers) for rule in study.rules},
            "target_group": {each.id: _name(each, lang) for each in study.groups},
            "need_leading": indicators,
            "indicator": indicators,
            "profile": {each.id: _name(each, lang) for each in profiles},
        }

    @property
    def layers(self) -> list[str]:
        """The ids of the study's layers, in its order."""
        return list(self._named["layer"])

    def layer(self, layer: str) -> str:
        return self._named["layer"].get(layer, layer)

    def group(self, group: str) -> str:
        return self._named["target_group"].get(group, group)

    def cell(self, column: str, value: Any) -> Any:
        """The cell in words where its column holds codes, else the value itself."""
        if isinstance(value, bool):
            return say("export.yes" if value else "export.no", self.lang)
        if not isinstance(value, str) or not value:
            return value
        if (column, value) not in self._told:
            self._told[column, value] = self._in_words(column, value)
        return self._told[column, value]

    def _in_words(self, column: str, codes: str) -> str:
        word = self._word_of(column)
        if word is None:
            return codes
        joint = "、" if self.lang == "zh" else ", "
        return joint.join(word(code) for code in codes.split(SEPARATOR))

    @cached_property
    def _place(self) -> dict[str, str]:
        return _place_names(self._plan, self.lang)

    def place(self, code: str) -> str:
        """A township (with its county) or a county by its code, in the language where known."""
        return self._place.get(code, code)

    def area(self, area_id: str) -> str:
        """The site or county whose load is told."""
        return self._site.get(area_id) or self.place(area_id)

    def site_status(self, status: str) -> str:
        return self._text(_SITE_STATUS, status)

    def licence(self, licence: str) -> str:
        return self._text("export.licence", licence)

    def _word_of(self, column: str) -> Callable[[str], str] | None:
        if column in self._named:
            return lambda code: self._named[column].get(code, code)
        if column in ("own_site_ids", "nearest_site_ids"):
            return lambda code: f"{code} {self._site.get(code, '')}".strip()
        if column in AREA_IDS:
            return lambda code: f"{code} {self.area(code)}"
        if column in _GROUPS:
            return lambda code: self._text(_GROUPS[column], code)
        return None

    def _rule(self, rule: Rule, layers: dict[str, str]) -> str:
        """A rule by its service and where it holds."""
        universe = self._text("export.universe", rule.universe)
        stop = "・" if self.lang == "zh" else ", "
        return f"{layers.get(rule.layer, rule.layer)}{stop}{universe}"

    def _text(self, group: str, code: str) -> str:
        key = f"{group}.{code}"
        return say(key, self.lang) if key in catalogue() else code


def _place_names(plan: Plan, lang: Lang) -> dict[str, str]:
    """Townships and counties by code; the Chinese name where no English one is known."""
    found: dict[str, str] = {}
    for frame, levels in (
        (plan.counties, ("county",)),
        (plan.townships, ("county", "township")),
    ):
        for row in pd.DataFrame(frame.drop(columns="geometry")).to_dict("records"):
            names = [row[f"{level}_name"] for level in levels]
            english = [row.get(f"{level}_name_en") for level in reversed(levels)]
            told = "".join(map(str, names))
            if lang == "en" and all(isinstance(name, str) and name for name in english):
                told = ", ".join(map(str, english))
            found[str(row[f"{levels[-1]}_code"])] = clean(told)
    return found


def place_name(row: Mapping[str, Any], lang: Lang) -> str:
    """County and township; in English the township first, in Chinese where there is no English."""
    english = [row["township_name_en"], row["county_name_en"]]
    if lang == "en" and all(english):
        return ", ".join(english)
    return f"{row['county_name']}{row['township_name']}"


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
