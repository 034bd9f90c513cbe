"""The parts of the report that need a computation: three plain numbers, bars, completeness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geoplan.export.cells import clean
from geoplan.export.lists import Lists, Records
from geoplan.export.words import Labels, date_text, decimal, percent, whole
from geoplan.model import Plan
from geoplan.study import Layer
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


def place_name(plan: Plan, row: Mapping[str, Any], lang: Lang) -> str:
    """County and township in the language; the Chinese names where no English one is known."""
    if lang == "en" and "township_name_en" in plan.townships:
        towns = plan.townships[plan.townships["township_code"] == row["township_code"]]
        for town, county in zip(towns["township_name_en"], towns["county_name_en"], strict=True):
            if isinstance(town, str) and town and isinstance(county, str) and county:
                return f"{town}, {county}"
    names = (str(row["county_name"] or ""), str(row["township_name"] or ""))
    return "".join(names) or str(row.get("name") or "")


def three_numbers(lists: Lists, layer: Layer, lang: Lang) -> list[dict[str, str]]:
    """How far, how much per person, how needy; never one score."""
    total = lists.total(layer.id)
    far = _how_far(total, layer, lang)
    firm, provisional = lists.firm.of(layer.id), lists.provisional.of(layer.id)
    which = "firm" if firm else "provisional" if provisional else "none"
    listed = firm or provisional
    percentiles = {
        f"{percentile:g}"
        for rule in lists.plan.study.rules
        if rule.layer == layer.id
        for percentile in rule.thresholds("need_percentile")
    }
    needy = say(
        f"report.how_needy.{which}",
        lang,
        listed=whole(len(listed), lang),
        severe=whole(sum(row["status"] == "severe" for row in listed), lang),
        percentile="/".join(sorted(percentiles)) or say("unknown", lang),
    )
    texts = {"how_far": far, "how_much": _per_person(lists, layer, lang), "how_needy": needy}
    return [{"name": say(f"report.{name}", lang), "text": text} for name, text in texts.items()]


def _how_far(total: Mapping[str, Any], layer: Layer, lang: Lang) -> str:
    """Mean minutes where the list is complete and elsewhere; of no part that is mostly unknown.

    Where people are assigned to a site, also the mean to the nearest one that can be measured to.
    """
    assigned = layer.eligibility[0] != "anyone"
    told = []
    for certainty in CERTAINTIES:
        people = total[f"target_{certainty}_people"]
        if not people:
            continue
        key = certainty
        if _mostly(total[f"undetermined_{certainty}_people"], people):
            key += "_unknown"
        elif certainty == "firm":
            key += "_assigned" if assigned else "_chosen"
        own = decimal(total[f"own_minutes_mean_{certainty}"], lang)
        told.append(say(f"report.how_far.{key}", lang, own=own))
    if assigned and not _mostly(total["target_undetermined"], total["target_people"]):
        nearest = decimal(total["nearest_minutes_mean"], lang)
        told.append(say("report.how_far.nearest", lang, nearest=nearest))
    return ("" if lang == "zh" else " ").join(told)


def _mostly(part: int, of: int) -> bool:
    """More than half."""
    return 2 * part > of


def _per_person(lists: Lists, layer: Layer, lang: Lang) -> str:
    total, sites = lists.total(layer.id), lists.national(layer.id)["existing_named"]
    rows = lists.townships.of(layer.id)
    values: dict[str, Any] = {"sites": whole(sites, lang)}
    if layer.per_person == "residents_per_site":
        per_site = total["population"] / sites if sites else None
        values |= {"value": decimal(per_site, lang, 0), "spread": _spread(rows, lang)}
    elif layer.per_person == "sites_per_1000":
        people = total["target_people"]
        per_1000 = 1000 * sites / people if people else None
        group = Labels(lists.plan, lang).group(layer.group)
        values |= {"value": decimal(per_1000, lang, 2), "group": group}
    else:
        values |= {"values": _within_reach(rows, lang)}
    return say(f"report.how_much.{layer.per_person}", lang, **values)


def _spread(rows: Records, lang: Lang) -> str:
    """Largest load of a site's area over the smallest, among the firm ones."""
    loads = [
        row["per_person_value"]
        for row in rows
        if row["certainty"] == "firm" and row["per_person_value"]
    ]
    if len(set(loads)) < 2:
        return ""
    return say("report.how_much.spread", lang, ratio=decimal(max(loads) / min(loads), lang))


def _within_reach(rows: Records, lang: Lang) -> str:
    """Usable sites within the threshold, firm and provisional apart."""
    told = []
    for certainty in CERTAINTIES:
        mean = _mean_within_reach([row for row in rows if row["certainty"] == certainty])
        if mean is not None:
            key = f"report.how_much.within_reach_{certainty}"
            told.append(say(key, lang, value=decimal(mean, lang)))
    return ("；" if lang == "zh" else "; ").join(told) or say("unknown", lang)


def _mean_within_reach(rows: Records) -> float | None:
    known = [row for row in rows if row["per_person_value"] is not None]
    people = sum(row["target_people"] for row in known)
    if not people:
        return None
    return float(sum(row["per_person_value"] * row["target_people"] for row in known) / people)


def completeness(lists: Lists, layer: Layer, lang: Lang) -> dict[str, str]:
    """How complete the layer's list is: usable points, reported number, counties by state."""
    counts, said = lists.national(layer.id), lists.completeness.of(layer.id)
    nation = next((row for row in said if not row["county_code"]), None)
    labels = Labels(lists.plan, lang)
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


def modelled(lists: Lists, lang: Lang) -> list[str]:
    """What is a model and not a count or a measurement, one sentence each."""
    study = lists.plan.study
    labels = Labels(lists.plan, lang)
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
    joint = "、" if lang == "zh" else ", "
    indicators = joint.join(
        labels.cell("need_leading", indicator.id) for indicator in study.need.indicators
    )
    return [
        *(told or [say("report.modelled.nobody", lang)]),
        _roads(lists, lang),
        say("report.modelled.need", lang, indicators=indicators),
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
