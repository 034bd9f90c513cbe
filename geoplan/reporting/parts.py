"""Parts of the report that need a computation: bars, completeness, what is modelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geoplan.export.cells import clean
from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, date_text, percent, whole
from geoplan.study import Layer, Study
from geoplan.tables import CERTAINTIES, COMPLETENESS
from geoplan.texts import Lang, say

STATES_OF_BAR = ("covered", "undetermined", "uncovered", "unreachable")
BAR_WIDTH = 600.0
"""Width of a bar in units of its drawing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a bar: where it begins, how wide it is, and what it says."""

    state: str
    x: float
    width: float
    label: str
    people: str
    share: str


@dataclass(frozen=True, slots=True)
class Bar:
    """People of the target group by coverage, as one bar of full width."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Today and after the plan, of counties whose list is complete (firm) or of the others."""

    certainty: str
    label: str
    name: str
    bars: tuple[Bar, ...]


def bars(lists: Lists, layer: Layer, lang: Lang) -> list[Bars]:
    """Firm and provisional bars of one layer, never added up; one that holds nobody is left out."""
    found = []
    for certainty in CERTAINTIES:
        rows = [row for row in lists.townships.of(layer.id) if row["certainty"] == certainty]
        total = sum(row["target_people"] for row in rows)
        if not total:
            continue
        pair = [
            bar(
                say(f"report.bar.{name}", lang),
                {s: sum(row[f"target_{s}{suffix}"] for row in rows) for s in STATES_OF_BAR},
                lang,
            )
            for name, suffix in (("before", ""), ("after", "_after"))
        ]
        title = say(f"report.bar.{certainty}", lang, total=whole(total, lang))
        found.append(Bars(certainty, say(f"certainty.{certainty}", lang), title, tuple(pair)))
    return found


def bar(name: str, people: Mapping[str, int], lang: Lang) -> Bar:
    """A bar whose pieces add up to its width; a bar of nobody has pieces of no width."""
    total = sum(people.values())
    pieces, begin = [], 0
    for state, count in people.items():
        x = BAR_WIDTH * begin / total if total else 0.0
        begin += count
        end = BAR_WIDTH * begin / total if total else 0.0
        pieces.append(
            Piece(
                state=state,
                x=round(x, 2),
                width=round(end - x, 2),
                label=say(f"report.{state}", lang),
                people=whole(count, lang),
                share=percent(count, total, lang),
            )
        )
    return Bar(name, tuple(pieces))


def targets(lists: Lists, layer: Layer, lang: Lang) -> dict[str, str]:
    """Named, standing without a name, proposed, and the target that they add up to."""
    counts = lists.national(layer.id)
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


def completeness(lists: Lists, layer: Layer, labels: Labels) -> dict[str, str]:
    """How complete the layer's list is: usable points, reported number, counties by state."""
    lang = labels.lang
    counts, said = lists.national(layer.id), lists.completeness.of(layer.id)
    nation = next((row for row in said if not row["county_code"]), None)
    of_state = {
        state: sum(row["completeness"] == state and bool(row["county_code"]) for row in said)
        for state in COMPLETENESS
    }
    # A county of which nothing is said is a county of which nothing is known.
    of_state["unknown"] += len(lists.plan.counties) - sum(of_state.values())
    told = [
        say(
            "report.completeness.counties",
            lang,
            label=labels.cell("completeness", state),
            n=whole(number, lang),
        )
        for state, number in of_state.items()
        if number > 0
    ]
    reported = whole(nation["reported_existing"] if nation else None, lang)
    if nation and nation["reported_existing"] is not None and nation["reported_date"]:
        as_of = date_text(nation["reported_date"], lang)
        reported += say("report.completeness.as_of", lang, date=as_of)
    return {
        "usable": f"{whole(counts['usable_points'], lang)}／{whole(counts['existing_named'], lang)}"
        if lang == "zh"
        else f"{whole(counts['usable_points'], lang)} / {whole(counts['existing_named'], lang)}",
        "reported": reported,
        "counties": ("、" if lang == "zh" else ", ").join(told),
    }


def modelled(lists: Lists, labels: Labels) -> list[str]:
    """What is a model and not a count or a measurement, one sentence each."""
    study, lang = lists.plan.study, labels.lang
    shown = {layer.group for layer in study.layers}
    told = [
        say(
            "report.modelled.group",
            lang,
            group=labels.group(group.id),
            level=say(f"report.modelled.level.{group.level}", lang),
            by=say("report.modelled.by_population", lang),
        )
        for group in study.groups
        if group.id in shown and group.level != "village"
    ]
    return [
        *(told or [say("report.modelled.nobody", lang)]),
        _roads(lists, lang),
        *_needs(study, labels),
    ]


def _needs(study: Study, labels: Labels) -> list[str]:
    """Which indicators make the need percentile of which services."""
    lang = labels.lang
    layers: dict[str, list[str]] = {}
    for layer in study.layers:
        layers.setdefault(study.need.profile_of(layer.id).id, []).append(layer.id)
    joint = "、" if lang == "zh" else ", "
    return [
        say(
            "report.modelled.need",
            lang,
            profile=labels.cell("profile", profile),
            layers=joint.join(labels.layer(each) for each in those),
            indicators=joint.join(
                labels.cell("indicator", each)
                for each in study.need.profile_of(those[0]).indicators
            ),
        )
        for profile, those in layers.items()
    ]


def _roads(lists: Lists, lang: Lang) -> str:
    network = lists.plan.study.minutes_from
    if network.code == "straight_line":
        return say("report.modelled.straight", lang)
    name = network.name_zh if lang == "zh" else network.name_en
    shares = [
        share
        for layer in lists.plan.study.layers
        if (share := _modelled_share(lists.townships.of(layer.id))) is not None
    ]
    return say(
        "report.modelled.roads",
        lang,
        roads=clean(name),
        least=percent(min(shares), 1, lang) if shares else say("unknown", lang),
        most=percent(max(shares), 1, lang) if shares else say("unknown", lang),
    )


def _modelled_share(rows: Records) -> float | None:
    """Share of all measured minutes of the target group that are on modelled links."""
    measured = [
        (row["modelled_share"], row["own_minutes_mean"] * row["own_measured_people"])
        for row in rows
        if row["modelled_share"] is not None and row["own_minutes_mean"] is not None
    ]
    minutes = sum(weight for _, weight in measured)
    return sum(share * weight for share, weight in measured) / minutes if minutes else None
