"""What tells the programme: its records in one language, and tables of text made of them.

Every row that tells a figure tells its document and lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geoplan.export.cells import clean
from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, year_number
from geoplan.study import Study
from geoplan.tables import PROGRAMME
from geoplan.targets import ROC
from geoplan.texts import Lang, catalogue, say

NOTHING = "－"


@dataclass(frozen=True, slots=True)
class View:
    """A table to be read: `numeric` says which columns hold numbers."""

    id: str
    title: str
    lead: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a view is made of: the programme's records by table id (tables.PROGRAMME), the study's
    layer names, counties by code, a language, and a county code to tell of alone ("": all)."""

    records: Mapping[str, Records]
    study: Study
    lang: Lang
    counties: Mapping[str, str]
    county: str = ""

    def place(self, code: str) -> str:
        """A county, or the nation where the code is blank."""
        return self.counties.get(code, code) if code else self.say("nation")

    def say(self, key: str, **values: object) -> str:
        return say(f"programme.{key}", self.lang, **values)

    def layer(self, layer: str) -> str:
        """The layer's name in the language."""
        named = {
            each.id: each.name_zh if self.lang == "zh" else each.name_en
            for each in self.study.layers
        }
        return clean(named.get(layer, layer))

    def own(self, row: Mapping[str, Any], name: str) -> str:
        """A text that stands in both languages: `name`_zh and `name`_en, or `name` for one."""
        other = f"{name}_{self.lang}"
        return str(row[other if other in row else name] or "")

    def word(self, group: str, code: str) -> str:
        """The word for a code; the code itself where the catalogue has none."""
        key = f"{group}.{code}"
        return say(key, self.lang) if key in catalogue() else code

    def note(self, row: Mapping[str, Any]) -> str:
        return str(row["note_zh" if self.lang == "zh" else "note"] or "")

    def year(self, year: int) -> str:
        """The year as this language counts it."""
        return self.say("roc", year=year_number(year, self.lang))

    def roc(self, year_roc: str) -> str:
        """A ROC year as printed: in Chinese as it stands, in English with the year AD."""
        if self.lang == "zh":
            return year_roc.replace("from ", "自 ")
        first = year_roc.removeprefix("from ")
        if not first[:3].isdigit():
            return year_roc
        begin = year_roc.startswith("from ")
        years = [int(part[:3]) + ROC for part in first.split("-") if len(part) == 3]
        if len(years) == 2:
            return f"{years[0]}-{years[1]}"
        told = f"{int(first[:3]) + ROC}{first[3:]}"
        return f"from {told}" if begin else told

    def here(self, table: str) -> Records:
        """Records of the county alone, or all of them."""
        rows = self.records[table]
        return [row for row in rows if self.county in ("", row["county_code"])]

    def view(
        self, name: str, heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]
    ) -> View:
        """A view whose words are those of `name`; a heading that begins with = is told as it is."""
        return View(
            id=name,
            title=self.say(f"view.{name}.title"),
            lead=self.say(f"view.{name}.lead"),
            heads=tuple(
                head[1:] if head[0] == "=" else self.say(f"head.{head}") for head, _ in heads
            ),
            numeric=tuple(numeric for _, numeric in heads),
            rows=tuple(tuple(row) for row in rows),
        )


def told_of(lists: Lists, lang: Lang) -> Told:
    """What the views are made of, from the lists of a run."""
    labels = Labels(lists.plan, lang)
    codes = [str(code) for code in lists.plan.counties["county_code"]]
    return Told(
        records={table.id: lists.details[table.id].records for table in PROGRAMME},
        study=lists.plan.study,
        lang=lang,
        counties={code: labels.place(code) for code in codes},
    )


def of_year(row: Mapping[str, Any], year: int) -> Any:
    """The cell of a year AD; the columns are named by ROC years."""
    return row[f"roc_{year - ROC}"]


def number(value: Any) -> str:
    """A figure with its own digits and thousands separators; a dash where there is none."""
    return NOTHING if value is None else f"{value:,.10g}"


def percent(rate: float | None) -> str:
    """A rate as a percentage; a dash where there is none."""
    return NOTHING if rate is None else f"{100 * rate:.1f}%"


def share(value: float | None) -> str:
    """A figure that is a percentage already."""
    return NOTHING if value is None else f"{number(value)}%"


def source(row: Mapping[str, Any]) -> str:
    """Document and lines of a figure."""
    return f"{row['document']}:{row['lines']}"
