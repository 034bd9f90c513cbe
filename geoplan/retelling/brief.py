"""One township on one page: each service's row, why, what would help, its own site, near misses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geoplan.explain.facts import Facts as Known
from geoplan.explain.facts import layer_facts
from geoplan.explain.telling import minutes_text, remedy_lines, sites_text
from geoplan.export.words import Labels, decimal, percent, place_name, whole
from geoplan.reporting.content import Block, Facts, Report, Section, Text
from geoplan.reporting.maps import Asked
from geoplan.reporting.report import foot, form_words, meta
from geoplan.reporting.service import pins, shortened
from geoplan.reporting.sure import threshold_text
from geoplan.results.rule_words import value_text
from geoplan.retelling.brief_map import Small, small_maps
from geoplan.retelling.ground import Ground
from geoplan.texts import Lang, say


def brief_of(ground: Ground, township_code: str, lang: Lang) -> Report:
    """The brief of a township in one language."""
    finished, labels = ground.finished, Labels(ground.plan, lang)
    rows = [row for row in finished.rows if row["township_code"] == township_code]
    place = place_name(rows[0], lang)
    sections = [
        _service(ground, labels, known, at)
        for at, known in enumerate(layer_facts(finished, rows), 1)
    ]
    maps = Section(say("reporting.brief.maps", lang), (_maps(ground, labels, township_code),))
    return Report(
        name=f"brief-{township_code}-{lang}",
        lang=lang,
        title=say("reporting.title.brief", lang, place=place),
        kind=say("reporting.kind.brief", lang),
        meta=(township_code, *meta(ground.lists, lang)),
        foot=foot(ground.lists, lang),
        date=ground.plan.data_date,
        sections=(*sections, maps),
        brief=True,
        words=form_words(lang),
    )


def _service(ground: Ground, labels: Labels, known: Known, at: int) -> Section:
    """Status and sentence; then own site, supply, what would help, near misses, what is planned."""
    lang = labels.lang
    row = _row(ground, known["layer"], known["township_code"])
    status = say(
        "reporting.brief.status",
        lang,
        service=known[f"name_{lang}"],
        status=say(f"status.{known['status']}", lang),
        certainty=say(f"certainty.{known['certainty']}", lang),
    )
    blocks: list[Block] = [Text(known[f"sentence_{lang}"])]
    blocks.append(Facts(tuple(_facts(ground, labels, known, row))))
    return Section(status, tuple(blocks))


def _facts(
    ground: Ground, labels: Labels, known: Known, row: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    lang = labels.lang
    far, lift = known["how_far"], known["lift"]
    joint = "；" if lang == "zh" else "; "
    own = "explain.far_own" if known["assigned"] else "explain.far_chosen"
    yield say(own, lang), sites_text(far["own_sites"], lang) + joint + minutes_text(far, lang)
    reasons = [say(f"reason.{code}", lang) for code in known["reasons"]]
    if reasons:
        yield say("explain.reasons", lang), ("、" if lang == "zh" else ", ").join(reasons)
    helps = [f"{name.strip()}{_colon(lang)}{words}" for name, words in remedy_lines(lift, lang)]
    if helps:
        yield say("explain.lift", lang), joint.join(helps)
    near = list(_near(ground, labels, known))
    yield say("reporting.brief.near", lang), joint.join(near) or say("reporting.brief.none", lang)
    yield (
        say("reporting.brief.planned", lang),
        say(
            "reporting.brief.planned_value",
            lang,
            n=whole(lift["proposed_sites"], lang),
            before=whole(lift["beyond_people"], lang),
            after=whole(lift["beyond_people_after"], lang),
        ),
    )
    if row["share_listed"] is not None:
        share = percent(row["share_listed"], 1, lang)
        low, high = (decimal(row[f"rank_{end}"], lang, 0) for end in ("low", "high"))
        told = say("reporting.brief.sure_value", lang, share=share, low=low, high=high)
        yield say("reporting.brief.sure", lang), told


def _near(ground: Ground, labels: Labels, known: Known) -> Iterator[str]:
    """What each threshold, moved by a tenth, makes of the township."""
    lang, rules = labels.lang, {rule.id: rule for rule in ground.plan.study.rules}
    for row in ground.lists.details["near_misses"].of(known["layer"]):
        if row["township_code"] == known["township_code"]:
            yield say(
                "reporting.brief.near_value",
                lang,
                parameter=threshold_text(rules[row["rule_id"]], row["parameter"], lang),
                value=value_text(row["changed_value"], row["unit"], lang),
                status=say(f"status.{row['status_then']}", lang),
            )


def _row(ground: Ground, layer: str, code: str) -> dict[str, Any]:
    rows = ground.lists.townships.of(layer)
    return next(row for row in rows if row["township_code"] == code)


def _maps(ground: Ground, labels: Labels, code: str) -> Any:
    """The township among its neighbours, once for each service."""
    lang = labels.lang
    maps = []
    for layer in ground.plan.study.layers:
        rows = ground.lists.townships.of(layer.id)
        name = "township_name_en" if lang == "en" else "township_name"
        asked = Asked(
            shapes=ground.shapes,
            inside=frozenset(row["township_code"] for row in rows),
            status={row["township_code"]: row["status"] for row in rows},
            provisional=frozenset(
                row["township_code"] for row in rows if row["certainty"] == "provisional"
            ),
            pins=pins(ground.lists.sites.of(layer.id)),
            unseen=0,
            names=shortened(
                {row["township_code"]: row[name] or row["township_name"] for row in rows}
            ),
            marked=code,
        )
        maps.append(Small(labels.layer(layer.id), asked))
    return small_maps(maps, labels.place(code), lang)


def _colon(lang: Lang) -> str:
    return "：" if lang == "zh" else ": "
