"""The proposed sites of one service in the report: years, other plans, readings of the quota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, percent, whole, year_number
from geoplan.reporting.content import Table, fitted
from geoplan.study import Layer
from geoplan.texts import Lang, say

LEAST_MISSED = 3
"""Existing sites named."""


@dataclass(frozen=True, slots=True)
class BuildUp:
    """Tells the plan of new sites of one service, in one language."""

    lists: Lists
    layer: Layer
    lang: Lang
    labels: Labels

    def tables(self) -> list[Table]:
        """By year, beside other plans, readings of the quota; those without rows are left out."""
        made = (self._years(), self._beside(), self._quota())
        return [table for table in made if table.rows]

    def sentences(self) -> list[str]:
        """What phasing costs, how many plans are as good, which sites would be missed least."""
        return [*self._phased(), *self._others(), *self._least_missed()]

    def _of(self, table: str) -> Records:
        return self.lists.details[table].of(self.layer.id)

    def _say(self, text: str, **values: Any) -> str:
        return say(f"report.siting.{text}", self.lang, **values)

    def _word(self, column: str, row: dict[str, Any]) -> str:
        return str(self.labels.cell(column, row[column]))

    def _whole(self, row: dict[str, Any], *names: str) -> list[str]:
        return [whole(row[name], self.lang) for name in names]

    def _table(
        self, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int]
    ) -> Table:
        """`words` are the columns that hold text; all others hold figures."""
        told = tuple(self._say(f"column.{head}") for head in heads)
        return Table(
            self._say(f"{name}.caption", minutes=f"{self.layer.minutes:g}"),
            told,
            tuple(tuple(row) for row in rows),
            frozenset(range(len(heads))) - set(words),
            fitted(told, rows),
        )

    def _years(self) -> Table:
        names = ("new_sites", "stands", "listed_gain", "listed_bound", "listed_loss", "gain")
        rows = [
            [
                str(year_number(int(row["year"]), self.lang)),
                *self._whole(row, *names),
                self._word("proof", row),
            ]
            for row in self._of("siting_years")
            if row["year"]
        ]
        return self._table("years", ("year", *names, "proof"), rows, (0, 7))

    def _beside(self) -> Table:
        names = ("listed_gain", "gain", "townships_lifted", "places_first")
        rows = [
            [self._word("plan", row), *self._whole(row, *names), self._word("proof", row)]
            for row in self._of("siting_beside")
        ]
        return self._table("beside", ("plan", *names, "proof"), rows, (0, 5))

    def _quota(self) -> Table:
        rows = [
            [
                self._word("rounding", row),
                *("" if row[name] is None else whole(row[name], self.lang) for name in _SUMS),
                self._because(row),
                *("" if row[name] is None else whole(row[name], self.lang) for name in _GAINS),
            ]
            for row in self._of("quota_readings")
        ]
        return self._table("quota", ("rounding", *_SUMS, "proof", *_GAINS), rows, (0, 3))

    def _because(self, row: dict[str, Any]) -> str:
        if row["proof"] != "infeasible":
            return self._word("proof", row) + self._only_if(row)
        figures = {name: whole(row[name], self.lang) for name in _LACKS}
        return self._say("because", **figures)

    def _only_if(self, row: dict[str, Any]) -> str:
        """Sites of unknown county that have to stand where there are too few, for the reading to
        hold; nothing where it holds wherever they stand."""
        lacking = max((row["new_needed"] or 0) - (row["to_place"] or 0), 0)
        if not lacking:
            return ""
        figures = {"unplaced": row["unplaced"], "helping": lacking}
        return say("note.part.only_if", self.lang, **figures)

    def _phased(self) -> list[str]:
        rows = self._of("siting_years")
        total = next((row for row in rows if not row["year"]), None)
        if total is None or len(rows) == 1:
            return []
        steps = self._word("steps", total)
        if not total["listed_loss"]:
            return [self._say("phased_best", steps=steps)]
        lost = whole(total["listed_loss"], self.lang)
        share = percent(total["gap"], 1, self.lang)
        return [self._say("phased", steps=steps, lost=lost, share=share)]

    def _others(self) -> list[str]:
        rows = self._of("siting_alternatives")
        if not rows:
            return []
        best = rows[0]
        figures = {name: whole(best[name], self.lang) for name in ("differs", "listed_less")}
        as_good = sum(row["listed_less"] == 0 for row in rows)
        name = "others_as_good" if as_good else "others"
        return [self._say(name, n=whole(as_good, self.lang), **figures)]

    def _least_missed(self) -> list[str]:
        rows = self._of("siting_removal")[:LEAST_MISSED]
        if not rows:
            return []
        told = [
            self._say(
                "missed_site",
                name=row["name"],
                lost=whole(row["people_lost"], self.lang),
                without=whole(row["people_without"], self.lang),
            )
            for row in rows
        ]
        return [self._say("missed", sites=self._say("comma").join(told))]


_SUMS = ("total", "total_kept")
_GAINS = ("listed_gain", "gain")
_LACKS = ("new_needed", "to_place", "unplaced")
