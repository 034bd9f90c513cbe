"""The report of a nation or of a county: what was asked, each service, method, limits, sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geoplan.explain.sources import sources_of
from geoplan.export.cells import clean
from geoplan.export.report_parts import modelled
from geoplan.export.report_sure import drawn_text
from geoplan.export.words import SAID_ELSEWHERE, Labels, date_text, limits, whole
from geoplan.reporting.content import Block, Bullets, Facts, Report, Section, Table, Text
from geoplan.reporting.ground import Ground, of_county
from geoplan.reporting.service import Service
from geoplan.results.rule_words import rule_text
from geoplan.texts import Lang, say


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom a report tells: the nation, or one county by its code."""

    county: str = ""


def report_of(ground: Ground, scope: Scope, lang: Lang) -> Report:
    """The whole report of the nation or of a county in one language."""
    labels = Labels(ground.plan, lang)
    lists = of_county(ground, scope.county) if scope.county else ground.lists
    services = tuple(
        Service(ground, lists, layer, labels, f"s{at}").section()
        for at, layer in enumerate(ground.plan.study.layers)
    )
    study = ground.plan.study
    title = study.title_zh if lang == "zh" else study.title_en
    if scope.county:
        title = say("reporting.title.county", lang, county=labels.place(scope.county), title=title)
    asked = Section(
        say("report.question.title", lang),
        (
            Text(say("report.question.text", lang, points=_points(lists.plan.village_rows, lang))),
            Text(say("reporting.firm", lang)),
            _counted(lists, labels),
        ),
    )
    return Report(
        name=f"report-{scope.county or 'all'}-{lang}",
        lang=lang,
        title=title,
        kind=say("report.kind", lang),
        meta=meta(ground, lang),
        foot=foot(ground, lang),
        date=ground.plan.data_date,
        sections=(asked, *services, method(ground, labels), *closing(ground, labels)),
        words=form_words(lang),
    )


def form_words(lang: Lang) -> dict[str, str]:
    """What a form says of its own: contents, page numbers."""
    page = say("reporting.page", lang, n="{n}", of="{of}")
    return {"contents": say("reporting.contents", lang), "page": page}


def meta(ground: Ground, lang: Lang) -> tuple[str, ...]:
    """Date of the data, run, version."""
    plan = ground.plan
    space = " "
    return (
        say("report.data_date", lang) + space + date_text(plan.data_date, lang),
        say("report.run", lang) + space + plan.run_id,
        f"geoplan {plan.version}",
    )


def foot(ground: Ground, lang: Lang) -> str:
    return say("reporting.foot", lang, run=ground.plan.run_id, study=ground.plan.study.id)


def _points(villages: Any, lang: Lang) -> str:
    return whole(villages["village_code"].nunique(), lang)


def _counted(lists: Any, labels: Labels) -> Table:
    """How many townships stand on each list; the same counts as the lists."""
    lang = labels.lang
    parts = (lists.firm, lists.provisional, lists.undetermined, lists.others)
    rows = []
    for layer in lists.plan.study.layers:
        counts = [len(part.of(layer.id)) for part in parts]
        rows.append((labels.layer(layer.id), *(whole(n, lang) for n in (*counts, sum(counts)))))
    names = ("service", "firm", "provisional", "undetermined", "others", "all")
    return Table(
        say("reporting.counts.caption", lang),
        tuple(say(f"reporting.column.{name}", lang) for name in names),
        tuple(rows),
        frozenset(range(1, 6)),
        (3, 1, 1, 1, 1, 1),
    )


def method(ground: Ground, labels: Labels) -> Section:
    """How the figures come about: measure, draws, each rule in words, what is a model."""
    lang, plan = labels.lang, ground.plan
    table = Table(
        say("reporting.rules.caption", lang),
        tuple(say(f"reporting.column.{name}", lang) for name in ("rule", "says")),
        tuple(
            (labels.cell("rule_id", rule.id), rule_text(rule, lang)) for rule in plan.study.rules
        ),
        weights=(2, 6),
    )
    steps = tuple(say(f"reporting.method.{at}", lang) for at in range(1, 6))
    return Section(
        say("reporting.method.title", lang),
        (
            Bullets(steps),
            Text(drawn_text(ground.lists, lang)),
            table,
            Text(say("report.modelled.title", lang), strong=True),
            Bullets(tuple(modelled(ground.lists, labels))),
        ),
        page=True,
    )


def closing(ground: Ground, labels: Labels) -> tuple[Section, Section]:
    """What the data do not say, and where they come from: date, licence and hash of each file."""
    lang, plan = labels.lang, ground.plan
    lacks = tuple(
        (each.name_zh, each.why_zh) if lang == "zh" else (each.name_en, each.why_en)
        for each in plan.study.need.missing
    )
    said: list[Block] = [Bullets(tuple(limits(plan.study, lang)))]
    if lacks:
        said += [Text(say("reporting.missing", lang), strong=True), Facts(lacks)]
    notes = [
        clean(note[lang])
        for note in ground.finished.plan["notes"]
        if note["code"] not in SAID_ELSEWHERE
    ]
    if notes:
        said += [Text(say("reporting.notes", lang), strong=True), Bullets(tuple(notes))]
    return Section(say("report.limits.title", lang), tuple(said)), sources(ground, labels)


def sources(ground: Ground, labels: Labels) -> Section:
    lang = labels.lang
    licences = {each.file: labels.licence(each.licence) for each in ground.plan.sources}
    rows = tuple(
        (
            say(f"explain.role.{each['role']}", lang),
            each["file"],
            date_text(each["date"], lang) if each["date"] else say("unknown", lang),
            licences[each["file"]],
            each["sha256"],
        )
        for each in sources_of(ground.finished, ground.finished.rows[0])
    )
    names = ("matter", "file", "date", "licence", "sha256")
    table = Table(
        say("reporting.sources.caption", lang),
        tuple(say(f"reporting.column.{name}", lang) for name in names),
        rows,
        weights=(2, 3, 1.6, 2, 3.4),
    )
    return Section(say("report.sources.title", lang), (table,))
