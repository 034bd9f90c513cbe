"""How evenly a service is spread, and where long ways lie side by side, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, decimal, whole
from geoplan.reporting.numbers import enumerated
from geoplan.study import Layer
from geoplan.texts import Lang, say

DIGITS = {"own_minutes": 1, "residents_per_site": 0}
"""Decimals of a mean; all other quantities have two."""
FLAT = 0.005
"""A concentration index nearer to 0 is told as no tie to need."""
LEFT_OUT = ("people_unreachable", "people_unknown", "people_not_applicable")


@dataclass(frozen=True, slots=True)
class Evenness:
    """Tells the equity figures and hot spots of one service in one language."""

    lists: Lists
    layer: Layer
    lang: Lang
    labels: Labels

    def rows(self) -> list[dict[str, str]]:
        """One row a quantity, on the main island: firm counties, or all where none is firm."""
        mine = [
            row
            for row in self.lists.details["equity"].of(self.layer.id)
            if row["universe"] == "main_island"
        ]
        quantities = dict.fromkeys(row["quantity"] for row in mine)
        told = []
        for quantity in quantities:
            for scope in ("firm", "all"):
                of = [r for r in mine if r["quantity"] == quantity and r["scope"] == scope]
                if any(row["people"] for row in of):
                    told.append(self._row(quantity, scope, of))
                    break
        return told

    def spots(self) -> list[str]:
        """Clusters of long and of short ways, by name; how many were tested."""
        spots = self.lists.details["hotspots"].of(self.layer.id)
        tested = [row for row in spots if row["tested"] == "tested"]
        if not spots:
            return [self._say("spots.not_looked")]
        if not tested:
            return [self._say("spots.none_tested")]
        first = tested[0]
        told = [
            self._say(
                "spots.tested",
                n=whole(len(tested), self.lang),
                of=whole(len(spots), self.lang),
                moran=decimal(first["moran_i"], self.lang, 2),
            )
        ]
        for kind in ("high_high", "low_low"):
            rows = [row for row in tested if row["cluster"] == kind]
            if rows:
                told.append(self._cluster(kind, rows))
        if len(told) == 1:
            told.append(self._say("spots.none"))
        return told

    def _say(self, key: str, **values: Any) -> str:
        return say(f"report.{key}", self.lang, **values)

    def _row(self, quantity: str, scope: str, of: Records) -> dict[str, str]:
        by_figure = {row["figure"]: row for row in of}
        mean = by_figure["mean"]
        digits = DIGITS.get(quantity, 2)
        shortfall = by_figure.get("people_shortfall")
        return {
            "quantity": self._say(
                "equity.quantity",
                quantity=self.labels.cell("quantity", quantity),
                scope=self.labels.cell("scope", scope),
            ),
            "people": whole(mean["people"], self.lang),
            "left_out": whole(sum(mean[name] for name in LEFT_OUT), self.lang),
            "mean": self._value(mean, digits),
            "gini": self._value(by_figure["gini"], 2),
            "by_need": self._by_need(quantity, by_figure["concentration_index"]),
            "shortfall": "" if shortfall is None else self._value(shortfall, 0),
        }

    def _value(self, row: dict[str, Any], digits: int) -> str:
        """The value, and its interval where it was drawn."""
        told = decimal(row["value"], self.lang, digits)
        if row["low"] is None or row["high"] is None:
            return told
        low, high = (decimal(row[end], self.lang, digits) for end in ("low", "high"))
        return self._say("equity.interval", value=told, low=low, high=high)

    def _by_need(self, quantity: str, row: dict[str, Any]) -> str:
        """What the sign of the concentration index says of the neediest."""
        value = row["value"]
        if value is None:
            return say("unknown", self.lang)
        low, high = (value if row[end] is None else row[end] for end in ("low", "high"))
        sign = "negative" if value < 0 else "positive"
        if abs(value) < FLAT or low <= 0 <= high:
            sign = "none"
        told = self._say(f"equity.{sign}" if sign == "none" else f"equity.{quantity}.{sign}")
        return self._say("equity.by_need", words=told, value=self._value(row, 2))

    def _cluster(self, kind: str, rows: Records) -> str:
        """Where the list is complete and elsewhere counted apart, longest ways first."""
        if kind == "high_high":
            rows = sorted(rows, key=lambda row: (-row["own_minutes_mean"], row["township_code"]))
        else:
            rows = sorted(rows, key=lambda row: (row["own_minutes_mean"], row["township_code"]))
        return self._say(
            f"spots.{kind}",
            n=whole(len(rows), self.lang),
            provisional=whole(sum(r["certainty"] == "provisional" for r in rows), self.lang),
            names=enumerated([self.labels.place(r["township_code"]) for r in rows], self.lang),
            p=decimal(max(row["p"] for row in rows), self.lang, 4),
            q=decimal(max(row["q"] for row in rows), self.lang, 3),
        )


def chance_text(lists: Lists, lang: Lang) -> str:
    """How chance was judged: permutations, seed, p and q; empty where nothing was tested."""
    spots = lists.details["hotspots"].records
    if not spots:
        return ""
    values = {"permutations": whole(spots[0]["permutations"], lang), "seed": spots[0]["seed"]}
    return say("report.spots.chance", lang, **values)
