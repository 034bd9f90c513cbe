"""report.html: the result on a few pages, in Chinese and English, as one file without scripts.

Everything that is shown is prepared here as text; the template only lays it out, with autoescape
on. The bars are drawn by the template from the numbers of `Bar`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2

from geoplan.export import report_parts
from geoplan.export.cells import clean
from geoplan.export.lists import Lists, Records
from geoplan.export.report_equity import Evenness, chance_text
from geoplan.export.report_headline import headline, proposed
from geoplan.export.report_numbers import Numbers
from geoplan.export.report_programme import programme_part
from geoplan.export.report_siting import BuildUp
from geoplan.export.report_sure import HowSure, drawn_text
from geoplan.export.words import Labels, date_text, decimal, limits, notes_of_run, percent, whole
from geoplan.study import Layer
from geoplan.texts import LANGS, Lang, say

HARDEST = 10
"""Rows shown per service; the workbook holds all."""
FIRST_PROPOSALS = 5
IN_TABLES = frozenset(
    {
        *("network_roads", "network_straight_line", "usable_points"),
        *("named_of_reported", "existing_unknown", "provisional", "draws", "draws_none"),
    }
)
"""Notes that the report's own sections tell."""


def report_html(lists: Lists) -> bytes:
    """The report as one self-contained HTML file."""
    template = _environment().get_template("report.html")
    parts = [_Part(lists, lang, Labels(lists.plan, lang)).context() for lang in LANGS]
    page = template.render(parts=parts, title=clean(lists.plan.study.title_zh))
    return page.encode()


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> str:
    return (files("geoplan.export") / "templates" / name).read_text("utf-8")


@dataclass(frozen=True, slots=True)
class _Part:
    """The report in one language."""

    lists: Lists
    lang: Lang
    labels: Labels

    def context(self) -> dict[str, Any]:
        plan, lang = self.lists.plan, self.lang
        study = plan.study
        return {
            "lang": lang,
            "tag": "zh-Hant-TW" if lang == "zh" else "en",
            "t": lambda key, **values: say(f"report.{key}", lang, **values),
            "title": clean(study.title_zh if lang == "zh" else study.title_en),
            "data_date": date_text(plan.data_date, lang),
            "run_id": plan.run_id,
            "version": plan.version,
            "points": whole(plan.village_rows["village_code"].nunique(), lang),
            "layers": [self._layer(layer) for layer in study.layers],
            "conditional": any(
                not self._national(layer)["unnamed_known"] for layer in study.layers
            ),
            "modelled": report_parts.modelled(self.lists, self.labels),
            "sure": drawn_text(self.lists, lang),
            "chance": chance_text(self.lists, lang),
            "limits": limits(study, lang),
            "programme": programme_part(self.lists, lang),
            "missing": [
                {
                    "name": clean(each.name_zh if lang == "zh" else each.name_en),
                    "why": clean(each.why_zh if lang == "zh" else each.why_en),
                }
                for each in study.need.missing
            ],
            "notes": notes_of_run(plan, lang, IN_TABLES),
            "sources": self._sources(),
            "licences": self._licences(),
            "rules": sorted({f"{rule.id} {rule.version}" for rule in study.rules}),
        }

    def _national(self, layer: Layer) -> dict[str, Any]:
        return self.lists.national(layer.id)

    def _layer(self, layer: Layer) -> dict[str, Any]:
        labels = self.labels
        group = labels.group(layer.group)
        asked = (self.lists, layer, self.lang, labels)
        numbers, sure, even = Numbers(*asked), HowSure(*asked), Evenness(*asked)
        build_up = BuildUp(*asked)
        return {
            "id": layer.id,
            "name": labels.layer(layer.id),
            "group": group,
            "minutes": f"{layer.minutes:g}",
            "headline": headline(self.lists, layer, labels),
            "facts": numbers.told(),
            "loads": numbers.loads(),
            "indicators": numbers.indicators(),
            "shares": sure.shares(),
            "near": sure.near_misses(),
            "flips": sure.flips(),
            "equity": even.rows(),
            "spots": even.spots(),
            "caption": say(
                "report.bar.caption", self.lang, group=group, minutes=f"{layer.minutes:g}"
            ),
            "bars": report_parts.bars(self.lists, layer, self.lang),
            "hardest": self._hardest(layer, labels),
            "targets": self._targets(layer),
            "proposals": self._proposals(layer),
            "build_up": {"sentences": build_up.sentences(), "views": build_up.views()},
            "completeness": report_parts.completeness(self.lists, layer, labels),
        }

    def _hardest(self, layer: Layer, labels: Labels) -> dict[str, Any]:
        firm = self.lists.firm.of(layer.id)
        provisional = self.lists.provisional.of(layer.id)
        chosen = firm or provisional
        sheet = say(f"export.sheet.{'firm' if firm else 'provisional'}", "zh")
        more = len(chosen) > HARDEST
        return {
            "provisional": bool(chosen) and not firm,
            "rows": self._rows(chosen[:HARDEST], labels),
            "more": say("report.see_sheet", self.lang, sheet=sheet) if more else "",
        }

    def _rows(self, records: Records, labels: Labels) -> list[dict[str, str]]:
        lang = self.lang
        return [
            {
                "place": self._place(row),
                "status": labels.cell("status", row["status"]),
                "beyond": whole(row["beyond_people"], lang),
                "share": percent(row["beyond_people"], row["target_people"], lang),
                "mean": decimal(row["own_minutes_mean"], lang)
                if row["own_state"] == "measured"
                else labels.cell("own_state", row["own_state"]),
                "after": whole(row["beyond_people_after"], lang),
            }
            for row in records
        ]

    def _place(self, row: dict[str, Any]) -> str:
        return report_parts.place_name(self.lists.plan, row, self.lang)

    def _targets(self, layer: Layer) -> dict[str, str]:
        counts, lang = self._national(layer), self.lang
        unnamed, proposed = whole(counts["existing_unnamed"], lang), whole(counts["proposed"], lang)
        known, planned = counts["unnamed_known"], counts["planned"]
        kinds = ("existing_named", "existing_unnamed", "planned", "proposed")
        stands = sum(counts[kind] for kind in kinds)
        target = whole(counts["target"], lang)
        if counts["target"] is not None and stands > counts["target"]:
            target += say("report.targets.beyond", lang)
        proposed = proposed if known else say("report.targets.at_most", lang, n=proposed)
        if planned:
            told = {"n": proposed, "planned": whole(planned, lang)}
            proposed = say("report.targets.planned", lang, **told)
        return {
            "named": whole(counts["existing_named"], lang),
            "unnamed": unnamed if known else say("report.targets.unknown", lang, n=unnamed),
            "proposed": proposed,
            "target": target,
        }

    def _proposals(self, layer: Layer) -> dict[str, Any]:
        lang = self.lang
        sites = self.lists.proposals.of(layer.id)
        count, sentences = proposed(self.lists, layer, self.labels)
        return {
            "count": count,
            "sentences": sentences,
            "rows": [
                {
                    "order": whole(site["order"], lang),
                    "place": self._place(site),
                    "listed_gain": whole(site["listed_gain"], lang),
                    "gain": whole(site["gain"], lang),
                }
                for site in sites[:FIRST_PROPOSALS]
            ],
            "more": say("report.see_sheet", lang, sheet=say("export.sheet.proposals", "zh"))
            if len(sites) > FIRST_PROPOSALS
            else "",
        }

    def _licences(self) -> list[str]:
        """What the short names of the licences stand for."""
        labels = self.labels
        known = sorted({source.licence for source in self.lists.plan.sources})
        words = {licence: labels.licence(licence) for licence in known}
        joint = "：" if self.lang == "zh" else ": "
        return [
            clean(f"{each}{joint}{word}")
            for each, word in words.items()
            if word != each and " " not in each  # "none stated" is no name of a licence
        ]

    def _sources(self) -> list[dict[str, str]]:
        """Tables of one origin, date and licence are named together."""
        zh = self.lang == "zh"
        titles: dict[tuple[str, str, str], list[str]] = {}
        for source in self.lists.plan.sources:
            origin = source.origin_zh if zh else source.origin_en
            key = (origin, source.date, source.licence)
            titles.setdefault(key, []).append(source.title_zh if zh else source.title_en)
        return [
            {
                "titles": clean(("、" if zh else ", ").join(named)),
                "origin": clean(origin),
                "date": date_text(date, self.lang),
                "licence": clean(self.labels.licence(licence)),
            }
            for (origin, date, licence), named in titles.items()
        ]
