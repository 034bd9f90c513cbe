"""One sentence a row, in both languages, built from nothing but the row's own fields."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoplan.study import Layer, Study
from geoplan.tables import UNIVERSES
from geoplan.texts import LANGS, Lang, say


def with_sentences(rows: pd.DataFrame, study: Study, layer: Layer) -> pd.DataFrame:
    """The rows with `sentence_zh` and `sentence_en`."""
    told = rows.copy()
    records = rows.to_dict("records")
    for lang in LANGS:
        told[f"sentence_{lang}"] = [
            sentence({str(name): value for name, value in row.items()}, study, layer, lang)
            for row in records
        ]
    return told


def sentence(row: dict[str, Any], study: Study, layer: Layer, lang: Lang) -> str:
    """What the row says, for somebody who reads one line of it."""
    group = next(group for group in study.groups if group.id == layer.group)
    values = {
        "place": _place(row, lang),
        "layer": layer.name_zh if lang == "zh" else layer.name_en,
        "group": group.name_zh if lang == "zh" else group.name_en,
        "target": f"{row['target_people']:,}",
        "beyond": f"{row['beyond_people']:,}",
        "share": _number(row["beyond_share"], 100, lang),
        "minutes": f"{layer.minutes:g}",
        "own": say("own.chosen" if layer.eligibility[0] == "anyone" else "own.assigned", lang),
        "mean": _number(row["own_minutes_mean"], 1, lang),
        "undetermined": f"{row['target_undetermined']:,}",
        "need": _number(row["need_percentile"], 1, lang, 0),
        "status": say(f"status.{row['status']}", lang),
        "certainty": say(f"certainty.{row['certainty']}", lang),
    }
    everybody = row["target_undetermined"] == row["target_people"] > 0
    parts = [say(f"sentence.{_opening(row, everybody)}", lang, **values)]
    if row["own_state"] == "measured":
        parts.append(say("sentence.mean", lang, **values))
    if row["target_undetermined"] and not everybody:
        parts.append(say("sentence.undetermined", lang, **values))
    parts.append(say("sentence.need", lang, **values))
    parts.append(say(f"sentence.because.{_because(row)}", lang, **values))
    return ("" if lang == "zh" else " ").join(parts)


def _opening(row: dict[str, Any], everybody_undetermined: bool) -> str:
    if everybody_undetermined:
        return "all_undetermined"
    if "no_own_site" in row["flags"].split(";"):
        return "no_own_site"
    return "people" if row["universe"] == UNIVERSES[0] else "islanders"


def _place(row: dict[str, Any], lang: Lang) -> str:
    """County and township; in English the township first, in Chinese names where there are none."""
    english = [row["township_name_en"], row["county_name_en"]]
    if lang == "en" and all(english):
        return ", ".join(english)
    return str(row["county_name"]) + str(row["township_name"])


def _because(row: dict[str, Any]) -> str:
    return row["reasons"].split(";")[0] or "none"


def _number(value: Any, times: int, lang: Lang, digits: int = 1) -> str:
    if pd.isna(value):
        return say("unknown", lang)
    return f"{value * times:,.{digits}f}"
