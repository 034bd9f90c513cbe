"""A township in words: a heading a service, then its numbers, the rule, and what would help."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from geoplan.explain.facts import Facts
from geoplan.export.words import date_text, decimal, percent, place_name, whole
from geoplan.finished import Finished
from geoplan.results.rule_words import comparison_text, test_name, value_text
from geoplan.rules import Comparison, Rule
from geoplan.texts import Lang, say
from geoplan.typeset import counted, lined_up

NAMED = 3
"""So many sites are named; the rest is counted."""
OF_PROGRAMME = ("services", "programme")
"""Files that say what the programme is; no figure of a township rests on them."""
Line = tuple[str, ...]


def tell(finished: Finished, layers: Sequence[Facts], sources: Sequence[Facts], lang: Lang) -> str:
    """The whole explanation as text."""
    plan = finished.plan
    code = layers[0]["township_code"]
    row = next(row for row in finished.rows if row["township_code"] == code)
    about = {
        "population": f"{int(row['population']):,}",
        "date": date_text(plan["data_date"], lang),
        "study": plan["study"]["id"],
        "run": plan["run_id"],
    }
    lines = [
        say("explain.head", lang, place=place_name(row, lang), code=code),
        say("explain.about", lang, **about),
        *([say("note.trial", lang)] if plan.get("trial") else []),
    ]
    rules = {rule.id: rule for rule in finished.rules}
    for facts in layers:
        name = facts[f"name_{lang}"]
        rule = rules[facts["rule"]["id"]]
        lines += ["", name, f"  {facts[f'sentence_{lang}']}", ""]
        told = (
            _far(facts, lang),
            _supply_and_need(facts, lang),
            _listing(facts, rule, lang),
            _draws(facts["draws"], lang),
            _lift(facts, lang),
            _rests(facts, sources, lang),
        )
        lines += lined_up([line for part in told for line in part], indent=2)
    lines += ["", say("explain.sources", lang)]
    used = [_source(each, lang) for each in sources if each["role"] not in OF_PROGRAMME]
    return "\n".join([*lines, *lined_up(used, indent=2)])


def _far(facts: Facts, lang: Lang) -> Iterator[Line]:
    """Own against nearest site, by name, with minutes."""
    far = facts["how_far"]
    own = say("explain.far_own" if facts["assigned"] else "explain.far_chosen", lang)
    yield say("explain.how_far", lang), minutes_text(far, lang)
    yield _under(own), sites_text(far["own_sites"], lang)
    if facts["assigned"]:
        mean = far["nearest_minutes_mean"]
        nearest = sites_text(far["nearest_sites"], lang)
        if mean is not None:
            minutes = say("explain.minutes_mean", lang, mean=decimal(mean, lang))
            nearest += ("：" if lang == "zh" else ": ") + minutes
        yield _under(say("explain.far_nearest", lang)), nearest
        apart = _told("explain.difference_value", far["own_minus_nearest_minutes"], lang)
        yield _under(say("explain.difference", lang)), apart
    group, unsure = facts["group"], far["undetermined_people"]
    told = say(
        "explain.measured_value",
        lang,
        n=whole(far["measured_people"], lang),
        of=whole(group["people"], lang),
        group=group[f"name_{lang}"],
        modelled=say("explain.modelled", lang) if group["modelled"] else "",
    )
    if unsure:
        told += say("explain.undetermined", lang, n=whole(unsure, lang))
    yield _under(say("explain.measured", lang)), told
    links = far["modelled_share"]
    told = _told("explain.links_value", None if links is None else 100 * links, lang)
    yield _under(say("explain.links", lang)), told


def minutes_text(far: Facts, lang: Lang) -> str:
    if far["minutes_mean"] is None:
        state = far["state"] if far["state"] != "measured" else "unknown"
        return say(f"state.{state}", lang)
    values = {"mean": "minutes_mean", "p90": "minutes_p90", "longest": "minutes_max"}
    told = {name: decimal(far[column], lang) for name, column in values.items()}
    return say("explain.minutes", lang, **told)


def sites_text(sites: Sequence[Facts], lang: Lang) -> str:
    """Sites by name, the one most people go to first."""
    told = []
    for site in sites[:NAMED]:
        place = f"{site['county_name']}{site['township_name']}"
        key = "explain.site" if place else "explain.site_bare"
        told.append(say(key, lang, name=site["name"], id=site["site_id"], place=place))
    more = len(sites) - NAMED
    tail = say("explain.and_more", lang, n=more) if more > 0 else ""
    return _comma(lang).join(told) + tail if told else say("explain.rests_none", lang)


def _supply_and_need(facts: Facts, lang: Lang) -> Iterator[Line]:
    supply, need = facts["per_person"], facts["need"]
    basis = say(f"basis.{supply['basis']}", lang)
    digits = 0 if supply["basis"] == "residents_per_site" else 1
    told = _told("explain.per_person_value", supply["value"], lang, digits=digits, basis=basis)
    yield say("explain.per_person", lang), told
    universe = say(f"export.universe.{need['universe']}", lang)
    told = _told("explain.need_value", need["percentile"], lang, universe=universe)
    yield say("explain.need", lang), told
    names = [
        say("explain.indicator", lang, name=each[f"name_{lang}"], id=each["id"])
        for each in need["leading"]
    ]
    yield _under(say("explain.need_leading", lang)), _joined(names, lang)


def _listing(facts: Facts, rule: Rule, lang: Lang) -> Iterator[Line]:
    """The rule's answer, each of its tests, reasons and flags."""
    values = {
        "status": say(f"status.{facts['status']}", lang),
        "certainty": say(f"certainty.{facts['certainty']}", lang),
        "rule": rule.id,
        "version": rule.version,
    }
    yield say("explain.rule", lang), say("explain.rule_value", lang, **values)
    tests = facts["rule"]["tests"]
    for last, test in zip([None, *tests], tests, strict=False):
        yield _under(_joint(last, test, lang)), _comparison(test, rule, lang)
    for kind, name in (("reason", "reasons"), ("flag", "flags")):
        words = [say(f"{kind}.{code}", lang) for code in facts[name]]
        yield _under(say(f"explain.{name}", lang)), _joined(words, lang)
    if facts["change"]:
        why = [say(f"why.{code}", lang) for code in facts["change_reason"]]
        told = [say(f"change.{facts['change']}", lang), *why]
        yield _under(say("explain.change", lang)), _joined(told, lang)


def _joint(last: Facts | None, test: Facts, lang: Lang) -> str:
    """The name of the test before its first comparison; before the others how they are joined."""
    if last is None or last["test"] != test["test"]:
        return say("explain.test", lang, name=test_name(test["test"], lang))
    return say("explain.and" if last["sentence"] == test["sentence"] else "explain.or", lang)


def _comparison(test: Facts, rule: Rule, lang: Lang) -> str:
    """The comparison as the rule writes it, the value here, how far apart, and whether it holds."""

    def told(value: float | None) -> str:
        return say("unknown", lang) if value is None else value_text(value, test["unit"], lang)

    least, most, margin = (told(test[name]) for name in ("value_least", "value_most", "margin"))
    compared = Comparison(test["measure"], test["sign"], test["parameter"])
    return say(
        "explain.comparison",
        lang,
        says=comparison_text(rule, compared, lang),
        parameter=test["parameter"],
        value=least if least == most else say("explain.range", lang, least=least, most=most),
        margin=margin if (test["margin"] or 0) <= 0 else f"+{margin}",
        holds=say(f"explain.holds.{test['holds'] or 'unknown'}", lang),
    )


def _draws(draws: Facts | None, lang: Lang) -> Iterator[Line]:
    if draws is None:
        return
    listed = say("explain.draws_listed", lang, share=percent(draws["share_listed"], 1, lang))
    yield say("explain.draws", lang), listed
    for name, digits in (
        ("rank", 0),
        ("beyond_people", 0),
        ("beyond_share", None),
        ("own_minutes_mean", 1),
        ("need_percentile", 1),
    ):
        ends = [draws[f"{name}_{end}"] for end in ("low", "high")]
        if None in ends:
            continue
        low, high = (
            percent(end, 1, lang) if digits is None else decimal(end, lang, digits) for end in ends
        )
        told = say("explain.draws_range", lang, low=low, high=high)
        yield _under(say(f"explain.draws_{name}", lang)), told


def _lift(facts: Facts, lang: Lang) -> Iterator[Line]:
    """Minutes to shorten, sites proposed and what they bring, workers."""
    lift, minutes = facts["lift"], f"{facts['how_far']['minutes']:g}"
    over = lift["minutes_over_threshold"]
    key = "explain.lift_minutes_value" if over else "explain.lift_minutes_none"
    told = _told(key, over and math.ceil(10 * over) / 10, lang, minutes=minutes)
    yield say("explain.lift", lang), ""
    yield from remedy_lines(lift, lang)
    yield _under(say("explain.lift_minutes", lang)), told
    sites = counted("explain.lift_sites_value", lift["proposed_sites"], lang)
    yield _under(say("explain.lift_sites", lang)), sites
    after = {
        "before": whole(lift["target_covered"], lang),
        "after": whole(lift["target_covered_after"], lang),
        "far_before": whole(lift["beyond_people"], lang),
        "far_after": whole(lift["beyond_people_after"], lang),
        "mean_before": decimal(facts["how_far"]["minutes_mean"], lang),
        "mean_after": decimal(lift["own_minutes_mean_after"], lang),
    }
    told = say("explain.lift_after_value", lang, **after)
    if lift["status_after"]:
        then = say(f"status.{lift['status_after']}", lang)
        told += say("explain.lift_status", lang, status=then)
    yield _under(say("explain.lift_after", lang)), told
    key = "explain.lift_workers_unknown"
    if any(test["test"] == "capacity" for test in facts["rule"]["tests"]):
        key = "explain.lift_workers_tested"
    yield _under(say("explain.lift_workers", lang)), say(key, lang)


def remedy_lines(lift: Facts, lang: Lang) -> Iterator[Line]:
    """What is enough alone to take the township off the list, and what else helps.

    Numbers are rounded up: a little less would not be enough.
    """
    people, minutes, times = (
        lift[name] for name in ("people_to_bring_within", "minutes_shorter", "capacity_times")
    )
    enough = [] if people is None else [counted("explain.leave_people", people, lang)]
    for key, value in (("explain.leave_minutes", minutes), ("explain.leave_capacity", times)):
        if value is not None:
            enough.append(say(key, lang, value=f"{math.ceil(10 * value) / 10:,.1f}"))
    if enough:
        told = say("explain.leave_or", lang).join(enough)
        yield _under(say("explain.leave", lang)), told
    words = [say(f"remedy.{code}", lang) for code in lift["remedies"]]
    if words:
        yield _under(say("explain.helps", lang)), _joined(words, lang)


def _rests(facts: Facts, sources: Sequence[Facts], lang: Lang) -> Iterator[Line]:
    """Rows of the layer's own sources; those that all layers share stand at the end."""
    far = facts["how_far"]
    by_file: dict[str, list[str]] = {}
    for site in [*far["own_sites"], *far["nearest_sites"]]:
        ids = by_file.setdefault(site["file"], [])
        ids += [] if site["site_id"] in ids else [site["site_id"]]
    rows = [
        say("explain.rests_row", lang, file=file, ids=_comma(lang).join(ids))
        for file, ids in by_file.items()
    ]
    yield say("explain.rests", lang), ""
    sites = ("；" if lang == "zh" else "; ").join(rows)
    yield _under(say("explain.rests_sites", lang)), sites or say("explain.rests_none", lang)
    by_role = {source["role"]: _found_by(source, lang) for source in sources}
    if facts["by_service_area"] and "service_areas" in by_role:
        yield _under(say("explain.role.service_areas", lang)), by_role["service_areas"]
    complete = say(f"export.completeness.{facts['list_completeness']}", lang)
    said = by_role.get("completeness")
    told = complete if said is None else say("explain.list_value", lang, word=complete, file=said)
    yield _under(say("explain.role.completeness", lang)), told


def _source(source: Facts, lang: Lang) -> Line:
    date = date_text(source["date"], lang) if source["date"] else say("unknown", lang)
    values = {"date": date, "sha256": source["sha256"]}
    told = say("explain.source", lang, file=_found_by(source, lang), **values)
    return say(f"explain.role.{source['role']}", lang), told


def _found_by(source: Facts, lang: Lang) -> str:
    """The file and, where the township has rows of its own in it, by what they are found."""
    if not source["key"]:
        return str(source["file"])
    ((column, value),) = source["key"].items()
    return say("explain.rests_key", lang, file=source["file"], column=column, value=value)


def _told(key: str, value: float | None, lang: Lang, digits: int = 1, **values: str) -> str:
    """The text `key` with the number `value`, or that it is not known."""
    if value is None:
        return say("unknown", lang)
    return say(key, lang, value=decimal(value, lang, digits), **values)


def _under(label: str) -> str:
    return f"  {label}"


def _comma(lang: Lang) -> str:
    return "、" if lang == "zh" else ", "


def _joined(words: Sequence[str], lang: Lang) -> str:
    return _comma(lang).join(words) or say("none", lang)
