"""A comparison in words: first what went in differently, then layer by layer who came and went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from geoplan.comparing.compare import Comparison, changed_rows
from geoplan.comparing.differences import Differences, RuleDifference, SourceDifference
from geoplan.export.cells import as_records
from geoplan.export.words import date_text, place_name
from geoplan.finished import Finished
from geoplan.results.life_cycle import CHANGES
from geoplan.tables import COMPARISON
from geoplan.texts import Lang, say
from geoplan.typeset import counted, lined_up

SHOWN = 20
"""Townships of a layer on the screen; the file has all."""

Record = dict[str, Any]


def tell(found: Comparison, lang: Lang) -> str:
    """The whole comparison as text."""
    heads = [("runs.earlier", found.first), ("runs.later", found.second)]
    lines = lined_up([(say(key, lang), _run(each, lang)) for key, each in heads])
    lines += ["", *_differences(found.differences, lang)]
    names = found.second.names(lang)
    records = as_records(changed_rows(found.rows), COMPARISON)
    for sums in found.layers:
        mine = [row for row in records if row["layer"] == sums["layer"]]
        told = [row for row in mine if not _only_moved(row)]
        lines += ["", names[sums["layer"]], *lined_up(list(_sums(sums, lang)), indent=2)]
        lines += lined_up(_table(told, lang), indent=4) if told else []
        lines += [] if mine else [f"  {say('runs.no_rows', lang)}"]
        for key, count in (("more", len(told) - SHOWN), ("moved", len(mine) - len(told))):
            if count > 0:
                lines.append("    " + counted(f"runs.{key}", count, lang))
    return "\n".join(lines)


def _only_moved(row: Record) -> bool:
    """Nothing of the township itself changed; its place did, because others moved."""
    return bool(row["rank_reason"] == "others" and not row["change_reason"])


def as_dict(found: Comparison) -> dict[str, Any]:
    """The whole comparison for other programs; the rows are those that changed."""
    return {
        "first": _about(found.first),
        "second": _about(found.second),
        "differences": found.differences.as_dict(),
        "layers": list(found.layers),
        "compared": len(found.rows),
        "rows": as_records(changed_rows(found.rows), COMPARISON),
    }


def _about(result: Finished) -> dict[str, Any]:
    plan = result.plan
    return {
        "folder": str(result.folder),
        "study": plan["study"]["id"],
        "run_id": plan["run_id"],
        "geoplan": plan["geoplan"],
        "data_date": plan["data_date"],
        "rules": {rule.id: rule.version for rule in result.rules},
    }


def _run(result: Finished, lang: Lang) -> str:
    plan = result.plan
    date = date_text(plan["data_date"], lang)
    values = {"run": plan["run_id"], "date": date, "version": plan["geoplan"]}
    return say("runs.run", lang, folder=result.folder, **values)


def _differences(found: Differences, lang: Lang) -> list[str]:
    """Rules and what changed in them first, then sources, settings and the version."""
    lines: list[str] = []
    for rule in found.rules:
        lines.append(f"  {_rule(rule, lang)}")
        if rule.version_before is not None and rule.version is not None:
            lines += [f"    {_setting('runs.setting', each, lang)}" for each in rule.settings]
    lines += [f"  {_source(source, lang)}" for source in found.sources]
    lines += [f"  {_setting('runs.study_setting', each, lang)}" for each in found.settings]
    if found.version_before != found.version:
        values = {"before": found.version_before, "now": found.version}
        lines.append("  " + say("runs.version", lang, **values))
    return [say("runs.differ", lang), *lines] if lines else [say("runs.same", lang)]


def _rule(rule: RuleDifference, lang: Lang) -> str:
    key = "runs.rule_tried" if rule.tried else "runs.rule_silent" if rule.silent else "runs.rule"
    if rule.version_before is None:
        key = "runs.rule_new"
    elif rule.version is None:
        key = "runs.rule_gone"
    return say(key, lang, id=rule.id, before=rule.version_before, now=rule.version)


def _source(source: SourceDifference, lang: Lang) -> str:
    unknown = say("unknown", lang)
    before, now = (
        date_text(date, lang) if date else unknown for date in (source.date_before, source.date)
    )
    key = "runs.source"
    if source.sha256_before is None:
        key = "runs.source_new"
    elif source.sha256 is None:
        key = "runs.source_gone"
    return say(key, lang, file=source.file, before=before, now=now)


def _setting(key: str, setting: Any, lang: Lang) -> str:
    before, now = (_value(value, lang) for value in (setting.before, setting.now))
    return say(key, lang, path=setting.path, before=before, now=now)


def _value(value: Any, lang: Lang) -> str:
    if value is None:
        return say("runs.absent", lang)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sums(sums: Record, lang: Lang) -> Iterator[tuple[str, ...]]:
    """The list before and now, and each word of the life cycle that any township has."""
    was, now = sums["listed_before"], sums["listed"]
    values = {
        "townships": _span("runs.townships", was["townships"], now["townships"], lang),
        "people": _span("runs.people", was["people_before"], now["people"], lang),
        "firm": _arrow(sums["firm_before"]["townships"], sums["firm"]["townships"]),
    }
    yield (say("runs.on_list", lang, **values),)
    for word in CHANGES[:-1]:
        here = sums[word]
        if not here["townships"]:
            continue
        told = _span("runs.people", here["people_before"], here["people"], lang)
        if word == "under_review":
            told = say("runs.were_listed", lang, n=sums[f"{word}_listed_before"]["townships"])
        townships = counted("runs.townships", here["townships"], lang)
        yield f"  {say(f'change.{word}', lang)}", townships, told
    share = sums["kept_share"]
    key = "runs.kept_none" if share is None else "runs.kept_share"
    yield (say(key, lang, share=f"{share or 0:.1%}"),)


def _span(key: str, before: int, now: int, lang: Lang) -> str:
    """`3 -> 5 townships`, or only the one count where it stayed the same."""
    number = "one" if before == now == 1 else "many"
    return say(f"{key}.{number}", lang, n=_arrow(before, now))


def _table(records: list[Record], lang: Lang) -> list[tuple[str, ...]]:
    names = ("place", "change", "status", "people", "rank", "why")
    head = tuple(say(f"runs.column.{name}", lang) for name in names)
    return [head, *(_line(row, lang) for row in records[:SHOWN])]


def _line(row: Record, lang: Lang) -> tuple[str, ...]:
    status = (say(f"status.{row[name]}", lang) for name in ("status_before", "status"))
    why = [say(f"why.{code}", lang) for code in row["change_reason"].split(";") if code]
    if row["rank_reason"] != "none":
        why.append(say(f"rank.{row['rank_reason']}", lang))
    return (
        place_name(row, lang),
        say(f"change.{row['change']}", lang),
        _arrow(*status),
        _arrow(row["beyond_people_before"], row["beyond_people"]),
        _arrow(row["rank_before"], row["rank"]),
        ("、" if lang == "zh" else ", ").join(why),
    )


def _arrow(before: str | int | None, now: str | int | None) -> str:
    """Two values with an arrow between them, one where they are the same, a dash for none."""
    ends = [
        "–" if end is None else f"{end:,}" if isinstance(end, int) else end for end in (before, now)
    ]
    return ends[0] if ends[0] == ends[1] else " → ".join(ends)
