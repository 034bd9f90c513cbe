"""Why a township is on the list, read from a finished result: nothing is computed again."""

from __future__ import annotations

import csv
import difflib
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoplan.errors import SourceMissing, WrongUsage
from geoplan.export import changed_files
from geoplan.texts import Lang, say

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One township over all layers: its rows, and the same in words."""

    township_code: str
    rows: list[Row]
    text: str

    def as_dict(self) -> dict[str, Any]:
        return {"township_code": self.township_code, "rows": self.rows}


def explain_township(folder: Path, name: str, lang: Lang) -> Explanation:
    """Explain the township called `name` (county and name, name alone, or code) from `folder`.

    Raises:
        SourceMissing: if the folder holds no finished result.
        WrongUsage: if no township, or more than one, is called so.
    """
    changed = changed_files(folder)
    if changed is None:
        raise SourceMissing("no_result", folder=folder)
    if changed:
        raise SourceMissing("result_changed", folder=folder, files=", ".join(changed))
    with (folder / "townships.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    code = _find(rows, name)
    mine = [row for row in rows if row["township_code"] == code]
    return Explanation(code, mine, _tell(mine, plan, lang))


def fold(name: str) -> str:
    """For matching only: compatibility forms, 台 as 臺, no spaces."""
    return "".join(unicodedata.normalize("NFKC", name).replace("台", "臺").split())


def _find(rows: list[Row], name: str) -> str:
    """The code of the one township called so: by code, full name, English name, or a part."""
    wanted = fold(name).casefold()
    places = {row["township_code"]: row["county_name"] + row["township_name"] for row in rows}
    names = {
        row["township_code"]: [
            row["township_code"].lstrip("0"),
            fold(places[row["township_code"]]).casefold(),
            fold(f"{row['township_name_en']},{row['county_name_en']}").casefold(),
        ]
        for row in rows
    }
    if name.strip() in places:
        return name.strip()
    for called in (
        [code for code, all_of_it in names.items() if wanted in all_of_it],
        [code for code, (_, own, english) in names.items() if own.endswith(wanted)],
        [code for code, all_of_it in names.items() if any(wanted in part for part in all_of_it)],
    ):
        if len(called) == 1:
            return called[0]
        if called:
            which = "、".join(f"{places[code]} ({code})" for code in called[:12])
            raise WrongUsage("township_many", name=name, which=which)
    near = difflib.get_close_matches(wanted, [own for _, own, _ in names.values()], 5, 0.3)
    raise WrongUsage("township_unknown", name=name, near="、".join(near) or "geoplan layers")


def _tell(rows: list[Row], plan: dict[str, Any], lang: Lang) -> str:
    first = rows[0]
    names = {layer["layer"]: layer[f"name_{lang}"] for layer in plan["layers"]}
    lines = [
        say(
            "explain.head",
            lang,
            place=first["county_name"] + first["township_name"],
            code=first["township_code"],
            population=f"{int(first['population']):,}",
            date=plan["data_date"],
        )
    ]
    for row in rows:
        lines += ["", names[row["layer"]], f"  {row[f'sentence_{lang}']}", *_plain(row, lang)]
    return "\n".join(lines)


def _plain(row: Row, lang: Lang) -> list[str]:
    basis = say(f"basis.{row['per_person_basis']}", lang)
    return [
        say("explain.far", lang, own=_own(row, lang), nearest=_nearest(row, lang)),
        say("explain.supply", lang, value=_number(row["per_person_value"], lang), basis=basis),
        say(
            "explain.need",
            lang,
            need=_number(row["need_percentile"], lang),
            leading=row["need_leading"].replace(";", "、") or say("none", lang),
        ),
        say(
            "explain.rule",
            lang,
            rule=row["rule_id"],
            version=row["rule_version"],
            status=say(f"status.{row['status']}", lang),
            certainty=say(f"certainty.{row['certainty']}", lang),
            beyond=f"{int(row['beyond_people']):,}",
            share=_number(row["beyond_share"], lang, 100),
            margin=_number(row["margin_share"], lang, 100),
        ),
        say(
            "explain.reasons",
            lang,
            reasons=_words("reason", row["reasons"], lang),
            flags=_words("flag", row["flags"], lang),
        ),
        say(
            "explain.lift",
            lang,
            over=_number(row["minutes_over_threshold"], lang),
            proposed=row["proposed_sites"],
            before=f"{int(row['target_covered']):,}",
            after=f"{int(row['target_covered_after']):,}",
        ),
    ]


def _own(row: Row, lang: Lang) -> str:
    if row["own_state"] != "measured":
        return say(f"state.{row['own_state']}", lang)
    return say(
        "explain.minutes",
        lang,
        mean=_number(row["own_minutes_mean"], lang),
        p90=_number(row["own_minutes_p90"], lang),
        longest=_number(row["own_minutes_max"], lang),
        ids=row["own_site_ids"],
    )


def _nearest(row: Row, lang: Lang) -> str:
    if not row["nearest_minutes_mean"]:
        return say("unknown", lang)
    mean = _number(row["nearest_minutes_mean"], lang)
    return say("explain.minutes_short", lang, mean=mean, ids=row["nearest_site_ids"])


def _words(kind: str, codes: str, lang: Lang) -> str:
    told = [say(f"{kind}.{code}", lang) for code in codes.split(";") if code]
    return ("、" if lang == "zh" else ", ").join(told) or say("none", lang)


def _number(text: str, lang: Lang, times: int = 1) -> str:
    return f"{float(text) * times:,.1f}" if text else say("unknown", lang)
