"""The three plain numbers of a service in words: how far, how much per person, how needy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, decimal, percent, whole
from geoplan.reporting.figures import (
    MUCH_LONGER_MINUTES,
    SUPPLY_DIGITS,
    Far,
    how_far,
    is_assigned,
    lacking,
    load_total,
    mean_supply,
)
from geoplan.study import Layer
from geoplan.tables import CERTAINTIES
from geoplan.texts import Lang, say
from geoplan.typeset import counted

NAMED, FEW = 6, 3
"""Places named in a sentence; the rest are counted."""
LARGEST_LOADS, SMALLEST_LOADS = 5, 3


@dataclass(frozen=True, slots=True)
class Numbers:
    """Tells the numbers of one service in one language."""

    lists: Lists
    layer: Layer
    lang: Lang
    labels: Labels

    def told(self) -> list[dict[str, str]]:
        """How far, how much per person, places without a site, how needy; never one score."""
        texts = {
            "how_far": self._joined([self._far(each) for each in how_far(self.lists, self.layer)]),
            "how_much": self._joined(self._per_person()),
            "without": self._joined(self._without()),
            "how_needy": self._joined(self._needy()),
        }
        return [
            {"name": self._say(name), "text": text or say("unknown", self.lang)}
            for name, text in texts.items()
        ]

    def loads(self) -> dict[str, Any]:
        """The largest and the smallest loads of the firm areas (else of the provisional ones)."""
        for certainty in CERTAINTIES:
            ranked = [
                row
                for row in self.lists.details["loads"].of(self.layer.id)
                if row["certainty"] == certainty and row["rank"] is not None
            ]
            if len(ranked) > 1:
                return {
                    "lists": certainty,
                    "total": whole(len(ranked), self.lang),
                    "by_county": ranked[0]["assigned_by"] == "county",
                    "rows": self._load_rows(ranked),
                }
        return {"rows": []}

    def indicators(self) -> list[dict[str, str]]:
        """The need indicators of this service: weight, what they move, county figures marked."""
        profile = self.lists.plan.study.need.profile_of(self.layer.id).id
        return [
            {
                "name": self.labels.cell("indicator", row["indicator"]),
                "direction": self.labels.cell("direction", row["direction"]),
                "weight": percent(row["weight"], 1, self.lang),
                "influence": percent(row["influence"], 1, self.lang),
                "level": self.labels.cell("level", row["level"]),
            }
            for row in self.lists.details["need_influence"].records
            if row["profile"] == profile
        ]

    def _say(self, key: str, **values: Any) -> str:
        return say(f"report.{key}", self.lang, **values)

    def _joined(self, sentences: list[str]) -> str:
        return ("" if self.lang == "zh" else " ").join(sentences)

    def _where(self, certainty: str) -> str:
        return where_text(self.lists, certainty, self.lang)

    def _far(self, far: Far) -> str:
        """Mean and nine in ten; where people are assigned, beside the nearest site of all."""
        where, lang = self._where(far.certainty), self.lang
        if far.mean is None:
            key = "mostly_undetermined" if far.mostly_undetermined else "nobody"
            return self._say(f"how_far.{key}", where=where)
        values = {
            "where": where,
            "own": decimal(far.mean, lang),
            "p90": decimal(far.p90, lang),
            "nearest": decimal(far.nearest_mean, lang),
            "much": whole(far.much_longer, lang),
            "share": percent(far.much_longer, far.compared, lang),
            "minutes": MUCH_LONGER_MINUTES,
        }
        if not is_assigned(self.layer):
            return self._say("how_far.chosen", **values)
        key = "assigned" if far.nearest_mean is not None else "assigned_alone"
        return self._say(f"how_far.{key}", **values)

    def _per_person(self) -> list[str]:
        if self.layer.per_person == "residents_per_site":
            return [self._load(certainty) for certainty in CERTAINTIES if self._known(certainty)]
        group = self.labels.group(self.layer.group)
        digits = SUPPLY_DIGITS[self.layer.per_person]
        return [
            self._say(
                f"how_much.{self.layer.per_person}",
                where=self._where(certainty),
                group=group,
                value=decimal(mean, self.lang, digits),
            )
            for certainty in CERTAINTIES
            if (mean := mean_supply(self.lists, self.layer, certainty)) is not None
        ]

    def _known(self, certainty: str) -> bool:
        return load_total(self.lists, self.layer, certainty) is not None

    def _load(self, certainty: str) -> str:
        """The mean load, the largest and the smallest by name, and how far they are apart."""
        total, lang = load_total(self.lists, self.layer, certainty) or {}, self.lang
        values = {
            "where": self._where(certainty),
            "mean": whole(total["residents_per_site_mean"], lang),
            "largest": self.labels.area(total["largest_area_id"]),
            "most": whole(total["largest_residents_per_site"], lang),
            "smallest": self.labels.area(total["smallest_area_id"]),
            "least": whole(total["smallest_residents_per_site"], lang),
            "ratio": decimal(total["ratio"], lang),
        }
        told = [self._say("how_much.load" if total["areas"] > 1 else "how_much.one_load", **values)]
        if total["areas_shared"]:
            told.append(counted("report.how_much.shared", total["areas_shared"], lang))
        return self._joined(told)

    def _without(self) -> list[str]:
        """Counties and townships without a site, by name as far as they are few."""
        told = []
        counties = lacking(self.lists, self.layer, "county_without_site")
        if counties:
            told.append(self._say("without.counties", names=self._names(counties)))
        unserved = lacking(self.lists, self.layer, "township_unserved")
        if unserved:
            n = whole(len(unserved), self.lang)
            told.append(self._say("without.unserved", n=n, names=self._names(unserved)))
        for certainty in CERTAINTIES:
            rows = lacking(self.lists, self.layer, "township_without_site", certainty)
            if not rows:
                continue
            values = {
                "where": self._where(certainty),
                "n": whole(len(rows), self.lang),
                "people": whole(sum(row["population"] for row in rows), self.lang),
                "names": self._names(rows, FEW),
            }
            told.append(self._say("without.townships", **values))
        return told or [self._say("without.none")]

    def _names(self, rows: Records, most: int = NAMED) -> str:
        return enumerated([self.labels.place(row["place_code"]) for row in rows], self.lang, most)

    def _needy(self) -> list[str]:
        """By which figures, and how many of the listed townships are among the neediest."""
        study = self.lists.plan.study
        profile = study.need.profile_of(self.layer.id).id
        told = [self._say("how_needy.profile", profile=self.labels.cell("profile", profile))]
        parts = {"firm": self.lists.firm, "provisional": self.lists.provisional}
        for certainty, listed in parts.items():
            rows = listed.of(self.layer.id)
            values = {
                "listed": whole(len(rows), self.lang),
                "severe": whole(sum(row["status"] == "severe" for row in rows), self.lang),
                "percentile": self._needy_from(),
            }
            told += [self._say(f"how_needy.{certainty}", **values)] if rows else []
        return told if len(told) > 1 else [*told, self._say("how_needy.none")]

    def _needy_from(self) -> str:
        percentiles = {
            f"{percentile:g}"
            for rule in self.lists.plan.study.rules
            if rule.layer == self.layer.id
            for percentile in rule.thresholds("need_percentile")
        }
        return "/".join(sorted(percentiles)) or say("unknown", self.lang)

    def _load_rows(self, ranked: Records) -> list[dict[str, str]]:
        few = len(ranked) <= LARGEST_LOADS + SMALLEST_LOADS
        shown = ranked if few else [*ranked[:LARGEST_LOADS], *ranked[-SMALLEST_LOADS:]]
        return [
            {
                "rank": whole(row["rank"], self.lang),
                "name": self.labels.area(row["area_id"]),
                "county": self.labels.place(row["county_code"] or ""),
                "sites": whole(row["sites"], self.lang),
                "load": whole(row["residents_per_site"], self.lang),
                "times": decimal(row["times_mean"], self.lang, 2),
            }
            for row in shown
        ]


def where_text(lists: Lists, certainty: str, lang: Lang) -> str:
    """Where the figures of a certainty are from; of one county there is no elsewhere."""
    scope = "here" if len(lists.plan.counties) == 1 else "where"
    return say(f"report.{scope}.{certainty}", lang)


def enumerated(names: list[str], lang: Lang, most: int = NAMED) -> str:
    """The first names, and how many more there are; English names have commas of their own."""
    told = ("、" if lang == "zh" else "; ").join(names[:most])
    more = len(names) - most
    return told + say("report.and_more", lang, n=whole(more, lang)) if more > 0 else told
