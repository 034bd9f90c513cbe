"""A service in a few sentences: who is listed, and what the proposed sites change."""

from __future__ import annotations

from typing import Any

from geoplan.export.lists import Lists
from geoplan.export.words import Labels, whole
from geoplan.study import Layer
from geoplan.texts import say

_FIGURES = (
    *("listed_firm", "listed_firm_people", "beyond_firm_people", "undetermined_firm_people"),
    *("listed_provisional", "listed_provisional_people", "beyond_provisional_people"),
    *("undetermined_provisional_people", "undetermined_townships"),
)


def headline(lists: Lists, layer: Layer, labels: Labels) -> dict[str, Any]:
    """Firm figures first; provisional and undetermined ones as lines of their own."""
    lang, total = labels.lang, lists.total(layer.id)
    figures = {name: whole(total[name], lang) for name in _FIGURES}
    minutes = f"{layer.minutes:g}"

    def told(name: str, **values: Any) -> str:
        return say(f"report.headline.{name}", lang, **values)

    here = "_here" if len(lists.plan.counties) == 1 else ""
    complete = bool(total["target_firm_people"])
    listed = complete and bool(total["listed_firm"])
    return {
        "listed": told("firm", townships=figures["listed_firm"]) if listed else "",
        "none": told("none", why=told(("none_reached" if complete else "no_complete") + here)),
        "people": told(
            "people",
            group=labels.group(layer.group),
            minutes=minutes,
            people=figures["beyond_firm_people"],
        )
        if complete
        else "",
        "listed_people": told("listed_people", people=figures["listed_firm_people"])
        if listed
        else "",
        "apart": [
            told(
                "provisional",
                minutes=minutes,
                beyond=figures["beyond_provisional_people"],
                townships=figures["listed_provisional"],
                people=figures["listed_provisional_people"],
            ),
            told(
                f"undetermined{here}",
                people=whole(_undetermined(total), lang),
                firm=figures["undetermined_firm_people"],
                provisional=figures["undetermined_provisional_people"],
            ),
            told("undetermined_townships", townships=figures["undetermined_townships"]),
        ],
    }


def _undetermined(total: dict[str, Any]) -> int:
    return int(total["undetermined_firm_people"] + total["undetermined_provisional_people"])


def proposed(lists: Lists, layer: Layer, labels: Labels) -> tuple[str, list[str]]:
    """How many sites are proposed, and what they change, beside the bound of any plan."""
    lang, total = labels.lang, lists.total(layer.id)
    sites = lists.proposals.of(layer.id)
    short = total["listed_gain_bound"] - total["listed_gain"]
    conditional = [site for site in sites if site["conditional"]]
    no_gain = sum(site["gain"] == 0 for site in sites)
    settled = total["target_undetermined"] - total["target_undetermined_after"]
    of = whole(len(sites), lang)
    values = {
        "group": labels.group(layer.group),
        "minutes": f"{layer.minutes:g}",
        "gain": whole(total["gain"], lang),
        "listed": whole(total["listed_gain"], lang),
        "listed_bound": whole(total["listed_gain_bound"], lang),
        "gain_bound": whole(total["gain_bound"], lang),
        "short": whole(short, lang),
        "plain_gain": whole(total["plain_gain"], lang),
        "plain_listed": whole(total["plain_listed_gain"], lang),
        "of": of,
        "n": whole(no_gain, lang),
        "settled": whole(settled, lang),
        "people": whole(sum(site["gain"] for site in conditional), lang),
    }
    told = [
        "change",
        *(["conditional_gain"] if conditional else []),
        *(["settled"] if settled else []),
        *(["no_gain"] if no_gain else []),
        "bound",
        "short" if short > 0 else "best",
        "plain",
    ]
    count = say("report.proposals.count", lang, n=of)
    if conditional:
        n = whole(len(conditional), lang)
        count += say("report.proposals.conditional", lang, n=n)
    return count, [say(f"report.proposals.{name}", lang, **values) for name in told]
