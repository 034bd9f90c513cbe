"""What `geoplan site` says: what was read, the plan in its order, or why there is none."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from geoplan.cli.common import OPTIONS, note
from geoplan.export.words import note_text
from geoplan.measuring.siting import ReadySiting, SiteRequest
from geoplan.measuring.siting_answer import Answer, left_out
from geoplan.measuring.siting_files import answer_json, counts_word, plan_json
from geoplan.measuring.siting_words import (
    amount,
    gap_words,
    number,
    proof_words,
    status_word,
    units_of,
    why_words,
)
from geoplan.model import Ints
from geoplan.siting.location import Found
from geoplan.siting.models import MODELS
from geoplan.siting.otherwise import in_words
from geoplan.texts import say

MOST_SITES = 30
"""So many new sites are shown; all stand in sites.csv."""


def tell_ready(ready: ReadySiting) -> None:
    """What was read, and first of all who can reach nothing; on standard error."""
    if OPTIONS.quiet:
        return
    for each in ready.notes:
        note(note_text(each, OPTIONS.lang))
    problem = ready.problem
    values = {
        "points": problem.points,
        "people": number(amount(int(problem.weight.sum()), ready.scales.people)),
        "sites": problem.sites,
        "fixed": int(problem.fixed.sum()),
        "pairs": len(problem.site),
    }
    note(say("site.read", OPTIONS.lang, **values))


def tell_nothing(request: SiteRequest, ready: ReadySiting, found: Found) -> None:
    """There is no plan: why."""
    lang = OPTIONS.lang
    if OPTIONS.json:
        told = answer_json(request, ready, found)
        print(json.dumps(told, ensure_ascii=False, indent=1))
    note(status_word(found, lang))
    for line in why_words(ready, found, lang):
        note(f"  - {line}")


def tell_answer(request: SiteRequest, ready: ReadySiting, answer: Answer) -> None:
    """The plan on standard output, in words and a table, or as JSON."""
    if OPTIONS.json:
        told = plan_json(request, ready, answer)
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    lang, found = OPTIONS.lang, answer.found
    unit = MODELS[request.name].unit
    units = units_of(ready)
    print(f"{status_word(found, lang)}  {gap_words(request, ready, found, lang)}")
    counts = say(f"site.counts.{counts_word(ready, unit)}", lang)
    values = {
        "counts": counts,
        "objective": number(units.of(found.objective, unit)),
        "bound": number(units.of(found.bound, unit)),
        "rests": proof_words(found, lang),
    }
    print(say("site.objective", lang, **values))
    problem = ready.problem
    people = [each.people for each in (answer.before, answer.after)]
    everybody = int(problem.weight.sum())
    key = "site.reached" if ready.question.threshold_ms is not None else "site.with_way"
    shown = {
        "before": number(amount(people[0], units.people)),
        "after": number(amount(people[1], units.people)),
        "all": number(amount(everybody, units.people)),
        "share": percent_of(people[1], everybody),
        "threshold": request.threshold,
    }
    print(say(key, lang, **shown))
    _print_sites(ready, answer)
    _print_beside(request, ready, answer)
    print(say("site.written", lang, folder=request.out))


def percent_of(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "0"


def _print_sites(ready: ReadySiting, answer: Answer) -> None:
    """New sites in the order of opening: what each adds, what is lost without it, how sure."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    sites, lang = answer.sites, OPTIONS.lang
    new = [at for at in range(len(sites.site)) if sites.order[at]]
    if not new:
        print(say("site.no_new", lang))
        return
    table = Table(box=box.SIMPLE)
    figures = _figures(ready, answer)
    runs = ["runs"] if answer.frequency is not None else []
    for name in ("order", "site_id", *figures, *runs):
        heading = say(f"site.column.{name}", lang)
        right = name not in ("site_id", "runs")
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for at in new[:MOST_SITES]:
        cells = [str(sites.order[at]), ready.own.sites.id[sites.site[at]]]
        cells += [number(amount(int(values[at]), per)) for values, per in figures.values()]
        table.add_row(*cells, *_how_often(answer, int(sites.site[at])))
    # Drawn apart and printed by us: rich itself ends the program with 1 when a reader goes away.
    drawn = io.StringIO()
    Console(file=drawn, force_terminal=sys.stdout.isatty()).print(table)
    print(drawn.getvalue(), end="")
    if len(new) > MOST_SITES:
        print(say("site.more_sites", lang, count=len(new) - MOST_SITES))


def _figures(ready: ReadySiting, answer: Answer) -> dict[str, tuple[Ints, int]]:
    """Columns of the table, each with how many whole units one of it has. Where everybody has a
    way, what a site is worth is minutes; else it is people."""
    sites, units = answer.sites, units_of(ready)
    people, minutes = units.people, units.people * units.minutes
    if ready.problem.capacity is not None:
        return {
            "gain_people": (sites.gain_people, people),
            "loss_people": (sites.loss_people, people),
        }
    by_people = ready.question.threshold_ms is not None
    return {
        "gain_people": (sites.gain_people, people),
        "gain_minutes": (sites.gain_person_ms, minutes),
        **(
            {"loss_people": (sites.loss_people, people)}
            if by_people
            else {"loss_minutes": (sites.loss_person_ms, minutes)}
        ),
    }


def _how_often(answer: Answer, site: int) -> list[str]:
    if answer.frequency is None:
        return []
    share = answer.frequency.share(site)
    if share is None:
        return [""]
    word = say(f"site.often.{in_words(share)}", OPTIONS.lang)
    return [f"{share:.0%} {word}"]


def _print_beside(request: SiteRequest, ready: ReadySiting, answer: Answer) -> None:
    """The nearest other plan, the existing site that is missed least, evenness."""
    lang, units = OPTIONS.lang, units_of(ready)
    unit = MODELS[request.name].unit
    if answer.alternatives:
        other = answer.alternatives[0]
        worse = units.of(abs(other.found.objective - answer.found.objective), unit)
        counts = say(f"site.counts.{counts_word(ready, unit)}", lang)
        key = "site.other" if worse else "site.other_as_good"
        print(say(key, lang, differs=other.differs, worse=number(worse), counts=counts))
    if left := left_out(request, ready, answer):
        options = " ".join(f"--{name} {many}" for name, many in left.items())
        print(say("site.left_out", lang, options=options))
    existing = [at for at in range(len(answer.sites.site)) if not answer.sites.order[at]]
    if existing:
        losses = answer.sites
        least = min(existing, key=lambda at: (losses.loss_people[at], losses.loss_person_ms[at]))
        values: dict[str, Any] = {
            "site": ready.own.sites.id[losses.site[least]],
            "people": number(amount(int(losses.loss_people[least]), units.people)),
            "minutes": number(units.of(int(losses.loss_person_ms[least]), "person_ms")),
        }
        print(say("site.missed_least", lang, **values))
    areas = answer.areas
    if len(areas.people) > 1 and areas.gini_after is not None:
        before = "-" if areas.gini_before is None else f"{areas.gini_before:.3f}"
        print(say("site.gini", lang, before=before, after=f"{areas.gini_after:.3f}"))
