"""The report of a nation or of a county: what was asked, each service, method, limits, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geoplan.export.cells import clean
from geoplan.export.lists import Lists
from geoplan.export.words import Labels, date_text, limits, notes_of_run, whole
from geoplan.reporting.content import Block, Bullets, Facts, Report, Section, Table, Text, fitted
from geoplan.reporting.equity import Evenness, chance_text
from geoplan.reporting.html import html_bytes
from geoplan.reporting.parts import completeness, modelled, targets
from geoplan.reporting.programme import programme_section
from geoplan.reporting.service import Service
from geoplan.reporting.sure import drawn_text
from geoplan.results.rule_words import rule_text
from geoplan.texts import LANGS, Lang, say

SAID_IN_TABLES = frozenset(
    {
        *("network_roads", "network_straight_line", "usable_points"),
        *("named_of_reported", "existing_unknown", "provisional", "draws", "draws_none"),
    }
)
"""Notes that the report's own sections tell."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is told from.

    `lists` are the nation's, or those of the one county `county`; `nation` are the nation's always.
    `notes` are the run's in each language. Without `maps` there are none: map.html stands beside.
    """

    nation: Lists
    lists: Lists
    notes: Mapping[Lang, Sequence[str]]
    county: str = ""
    maps: bool = True


def report_html(lists: Lists) -> bytes:
    """report.html of a run: the nation's report in each language on one page, without maps."""
    notes = {lang: notes_of_run(lists.plan, lang, SAID_IN_TABLES) for lang in LANGS}
    material = Material(lists, lists, notes, maps=False)
    return html_bytes(*(report_of(material, lang) for lang in LANGS))


def report_of(material: Material, lang: Lang) -> Report:
    """The whole report of the nation or of a county in one language."""
    plan, county = material.nation.plan, material.county
    labels = Labels(plan, lang)
    services = tuple(
        Service(material.nation, material.lists, layer, labels, f"{lang}{at}").section(
            material.maps
        )
        for at, layer in enumerate(plan.study.layers)
    )
    title = clean(plan.study.title_zh if lang == "zh" else plan.study.title_en)
    if county:
        title = say("reporting.title.county", lang, county=labels.place(county), title=title)
    made = () if county else (_equity, _targets, _completeness)
    nation = [make(material.nation, labels) for make in made]
    programme = programme_section(material.nation, lang, county)
    return Report(
        name=f"report-{county or 'all'}-{lang}",
        lang=lang,
        title=title,
        kind=say("report.kind", lang),
        meta=meta(material.nation, lang),
        foot=foot(material.nation, lang),
        date=plan.data_date,
        sections=(
            _question(material.lists, labels),
            *services,
            *nation,
            *([programme] if programme else []),
            _method(material.nation, labels),
            _limits(material, lang),
            _sources(material.nation, labels),
        ),
        words=form_words(lang),
    )


def form_words(lang: Lang) -> dict[str, str]:
    """What a form says of its own: contents, page numbers, tables that paper leaves out."""
    return {
        "contents": say("reporting.contents", lang),
        "page": say("reporting.page", lang, n="{n}", of="{of}"),
        "folded": say("reporting.folded", lang, n="{n}"),
        "language": say("report.other_language", lang),
    }


def meta(lists: Lists, lang: Lang) -> tuple[str, ...]:
    """Date of the data, run, version."""
    plan = lists.plan
    space = " "
    return (
        say("report.data_date", lang) + space + date_text(plan.data_date, lang),
        say("report.run", lang) + space + plan.run_id,
        f"geoplan {plan.version}",
    )


def foot(lists: Lists, lang: Lang) -> str:
    return say("reporting.foot", lang, run=lists.plan.run_id, study=lists.plan.study.id)


def _question(lists: Lists, labels: Labels) -> Section:
    """What is asked, what is firm, and how many townships stand on each list."""
    lang = labels.lang
    points = whole(lists.plan.village_rows["village_code"].nunique(), lang)
    parts = (lists.firm, lists.provisional, lists.undetermined, lists.others)
    rows = []
    for layer in lists.plan.study.layers:
        counts = [len(part.of(layer.id)) for part in parts]
        rows.append((labels.layer(layer.id), *(whole(n, lang) for n in (*counts, sum(counts)))))
    names = ("service", "firm", "provisional", "undetermined", "others", "all")
    table = Table(
        say("reporting.counts.caption", lang),
        tuple(say(f"reporting.column.{name}", lang) for name in names),
        tuple(rows),
        frozenset(range(1, 6)),
        (3, 1, 1, 1, 1, 1),
    )
    told = (
        Text(say("report.question.text", lang, points=points)),
        Text(say("reporting.firm", lang)),
        table,
        Text(say("report.numbers.text", lang), small=True),
        Text(say("report.lists", lang), small=True),
    )
    return Section(say("report.question.title", lang), told, id="question")


def _equity(lists: Lists, labels: Labels) -> Section:
    """How evenly each service is spread, and where long ways lie side by side."""
    lang = labels.lang
    rows, spots = [], []
    names = ("quantity", "people", "left_out", "mean", "gini", "by_need", "shortfall")
    for layer in lists.plan.study.layers:
        even = Evenness(lists, layer, lang, labels)
        for row in even.rows():
            cells = (row[name].replace("\n", " ") for name in names)
            rows.append((labels.layer(layer.id), *cells))
        told = even.spots()
        spots.append((labels.layer(layer.id), ("" if lang == "zh" else " ").join(told)))
    columns = ("service", "quantity", "people", "left_out", "average", "gini", "by_need")
    heads = tuple(say(f"report.column.{name}", lang) for name in (*columns, "shortfall"))
    blocks: list[Block] = [Text(say("report.equity.text", lang))]
    if rows:
        caption = say("report.equity.title", lang)
        blocks.append(
            Table(caption, heads, tuple(rows), frozenset({2, 3, 4, 5, 7}), fitted(heads, rows))
        )
    chance = chance_text(lists, lang)
    clusters: list[Block] = [Text(chance, small=True)] if chance else []
    part = Section(say("report.spots.title", lang), (*clusters, Facts(tuple(spots))))
    return Section(say("report.equity.title", lang), tuple(blocks), (part,), page=True, id="equity")


def _targets(lists: Lists, labels: Labels) -> Section:
    """The arithmetic of the targets: what stands, what is proposed, what was aimed at."""
    lang, layers = labels.lang, lists.plan.study.layers
    title = say("report.targets.title", lang)
    names = ("named", "unnamed", "proposed", "target")
    told = [targets(lists, layer, lang) for layer in layers]
    blocks: list[Block] = [
        Text(say("report.targets.text", lang)),
        _of_services(title, names, told, labels),
    ]
    if not all(lists.national(layer.id)["unnamed_known"] for layer in layers):
        blocks.append(Text(say("report.targets.conditional", lang), small=True))
    return Section(title, tuple(blocks), id="targets")


def _completeness(lists: Lists, labels: Labels) -> Section:
    """How complete each list of sites is."""
    lang = labels.lang
    title = say("report.completeness.title", lang)
    names = ("usable", "reported", "counties")
    told = [completeness(lists, layer, labels) for layer in lists.plan.study.layers]
    text = Text(say("report.completeness.text", lang))
    return Section(title, (text, _of_services(title, names, told, labels)), id="completeness")


def _of_services(
    title: str, names: Sequence[str], told: Sequence[Mapping[str, str]], labels: Labels
) -> Table:
    """A line a service; all but what is said of counties are figures."""
    heads = tuple(say(f"report.column.{name}", labels.lang) for name in ("service", *names))
    rows = tuple(
        (labels.layer(layer), *(each[name] for name in names))
        for layer, each in zip(labels.layers, told, strict=True)
    )
    numeric = frozenset(at for at, name in enumerate(names, 1) if name != "counties")
    return Table(title, heads, rows, numeric, fitted(heads, rows))


def _method(lists: Lists, labels: Labels) -> Section:
    """How the figures come about: measure, draws, each rule in words, what is a model."""
    lang, plan = labels.lang, lists.plan
    table = Table(
        say("reporting.rules.caption", lang),
        tuple(say(f"reporting.column.{name}", lang) for name in ("rule", "says")),
        tuple(
            (labels.cell("rule_id", rule.id), rule_text(rule, lang)) for rule in plan.study.rules
        ),
        weights=(2, 6),
    )
    steps = tuple(say(f"reporting.method.{at}", lang) for at in range(1, 7))
    blocks = (Bullets(steps), Text(drawn_text(lists, lang)), table)
    told = (Bullets(tuple(modelled(lists, labels))),)
    part = Section(say("report.modelled.title", lang), told)
    return Section(say("reporting.method.title", lang), blocks, (part,), page=True, id="method")


def _limits(material: Material, lang: Lang) -> Section:
    """What the data do not say, which indicators are missing, what the run noted."""
    study = material.nation.plan.study
    lacks = tuple(
        (clean(each.name_zh), clean(each.why_zh))
        if lang == "zh"
        else (clean(each.name_en), clean(each.why_en))
        for each in study.need.missing
    )
    parts = []
    if lacks:
        parts.append(Section(say("report.missing.title", lang), (Facts(lacks),)))
    if notes := tuple(material.notes[lang]):
        parts.append(Section(say("report.notes.title", lang), (Bullets(notes),)))
    said = (Bullets(tuple(limits(study, lang))),)
    return Section(say("report.limits.title", lang), said, tuple(parts), id="limits")


def _sources(lists: Lists, labels: Labels) -> Section:
    """Each file that was read: title, origin, date, licence and hash; what the licences are."""
    lang, zh = labels.lang, labels.lang == "zh"
    stop = "。" if zh else ". "
    rows, named = [], {}
    for source in lists.plan.sources:
        title, origin = (
            (source.title_zh, source.origin_zh) if zh else (source.title_en, source.origin_en)
        )
        licence = labels.licence(source.licence)
        rows.append(
            (
                clean(stop.join(each for each in (title, origin) if each)),
                clean(source.file),
                date_text(source.date, lang) if source.date else say("unknown", lang),
                clean(licence),
                clean(source.sha256),
            )
        )
        if licence != source.licence and " " not in source.licence:
            named[source.licence] = licence  # "none stated" is no name of a licence
    names = ("matter", "file", "date", "licence", "sha256")
    heads = tuple(say(f"reporting.column.{name}", lang) for name in names)
    caption = say("reporting.sources.caption", lang)
    blocks: list[Block] = [Table(caption, heads, tuple(rows), weights=(4.2, 2.4, 1.5, 1.7, 2.5))]
    if named:
        colon, joint = ("：", "；") if zh else (": ", "; ")
        told = joint.join(clean(f"{each}{colon}{words}") for each, words in sorted(named.items()))
        blocks.append(Text(told + stop + say("report.sources.hash", lang), small=True))
    return Section(say("report.sources.title", lang), tuple(blocks), id="sources")
