"""How sure a list is, in words: shares of runs, near misses, villages against one point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, whole
from geoplan.reporting.figures import MOST_RUNS, how_sure
from geoplan.reporting.numbers import enumerated, where_text
from geoplan.results.rule_words import value_text
from geoplan.rules import Parameter, Rule
from geoplan.study import Layer
from geoplan.tables import CERTAINTIES
from geoplan.texts import Lang, say
from geoplan.uncertainty.summary import TOUCHES_FROM

CHANGES = ("came", "went")
FLIPS = {
    "listed_only_at_villages": "beyond_people_villages",
    "listed_only_at_township": "beyond_people_township",
}
"""Each flip that is told, and by whose number its townships are ordered."""


@dataclass(frozen=True, slots=True)
class HowSure:
    """Tells how sure the list of one service is, in one language."""

    lists: Lists
    layer: Layer
    lang: Lang
    labels: Labels

    def shares(self) -> list[str]:
        """Listed in most runs, and not listed but touching a threshold; nothing without draws."""
        return [
            say(
                "report.sure.listed",
                self.lang,
                where=where_text(self.lists, each.certainty, self.lang),
                listed=whole(each.listed, self.lang),
                most=whole(each.in_most_runs, self.lang),
                share=f"{MOST_RUNS:.0%}",
                touching=whole(each.touching, self.lang),
                touches=f"{TOUCHES_FROM:.0%}",
            )
            for each in how_sure(self.lists, self.layer)
            if each.in_most_runs is not None and each.listed + (each.touching or 0)
        ]

    def near_misses(self) -> dict[str, Any]:
        """Townships that come and go with each threshold a tenth lower and higher."""
        found, still = [], 0
        for rule in self.lists.plan.study.rules:
            if rule.layer != self.layer.id:
                continue
            for parameter in rule.parameters:
                lower, higher = self._moved(rule, parameter)
                if lower or higher:
                    found.append(self._row(rule, parameter, lower, higher))
                else:
                    still += 1
        return {"rows": found, "still": whole(still, self.lang) if still else ""}

    def flips(self) -> list[str]:
        """Who is listed only at villages, or only at one point; the largest few by name."""
        told = []
        every = self.lists.details["flips"].of(self.layer.id)
        for flip, people in FLIPS.items():
            rows = [row for row in every if row["flip"] == flip]
            rows.sort(key=lambda row: (-row[people], row["township_code"]))
            if rows:
                told.append(
                    say(
                        f"report.sure.{flip}",
                        self.lang,
                        n=self._apart(rows),
                        names=enumerated(
                            [self.labels.place(row["township_code"]) for row in rows], self.lang
                        ),
                    )
                )
        return told or [say("report.sure.no_flips", self.lang)]

    def _moved(self, rule: Rule, parameter: Parameter) -> tuple[str, str]:
        """Who comes and who goes with the lower and with the higher value; empty: nobody."""
        rows = [
            row
            for row in self.lists.details["near_misses"].of(self.layer.id)
            if row["rule_id"] == rule.id and row["parameter"] == parameter.id
        ]
        lower = [row for row in rows if row["changed_value"] < row["value"]]
        higher = [row for row in rows if row["changed_value"] > row["value"]]
        return self._comings(lower), self._comings(higher)

    def _comings(self, rows: Records) -> str:
        told = [
            say(f"report.sure.{change}", self.lang, n=self._apart(moved))
            for change in CHANGES
            if (moved := [row for row in rows if row["change"] == change])
        ]
        return ("；" if self.lang == "zh" else "; ").join(told)

    def _row(self, rule: Rule, parameter: Parameter, lower: str, higher: str) -> dict[str, str]:
        name = threshold_text(rule, parameter.id, self.lang)
        if rule.universe != "main_island":
            name += f" ({self.labels.cell('universe', rule.universe)})"
        same = say("report.sure.same", self.lang)
        return {
            "name": name,
            "value": value_text(parameter.value, parameter.unit, self.lang),
            "lower": lower or same,
            "higher": higher or same,
        }

    def _apart(self, rows: Records) -> str:
        """How many townships, firm + provisional."""
        certainty = {
            row["township_code"]: row["certainty"] for row in self.lists.townships.of(self.layer.id)
        }
        counts = [
            sum(certainty[row["township_code"]] == each for row in rows) for each in CERTAINTIES
        ]
        return " + ".join(whole(count, self.lang) for count in counts)


def threshold_text(rule: Rule, parameter: str, lang: Lang) -> str:
    """What a parameter is compared with; the minutes that make somebody beyond."""
    for test in rule.tests:
        for sentence in test.sentences:
            for comparison in sentence:
                if comparison.parameter == parameter:
                    return say(f"measure.{comparison.measure}", lang)
    return say("report.sure.minutes", lang)


def drawn_text(lists: Lists, lang: Lang) -> str:
    """What the shares of runs are, or that nothing was drawn."""
    stated = lists.plan.study.uncertainty
    drawn = any(row["share_undetermined"] is not None for row in lists.townships.records)
    if stated is None or not drawn:
        return say("report.sure.not_drawn", lang)
    values = {"draws": whole(stated.draws, lang), "seed": stated.seed}
    return say("report.sure.drawn", lang, **values)
