"""What became of each township since a previous run: who came on the list, who went, and why.

Both runs are given as they were written; nothing is read or planned again here. Minutes, shares
and percentiles count as equal when they are equal at the decimals in which results are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoplan.designation import Between, Counted, judge
from geoplan.model import Bools, Floats
from geoplan.results.listing import UNDETERMINED
from geoplan.results.rule_values import measures_of
from geoplan.rules import Rule
from geoplan.travel.network import MS_PER_MINUTE

CHANGES = ("new", "kept", "leaving", "withdrawn", "under_review", "none")
"""What may become of a township; every one has exactly one of these words."""

REASONS = ("rule", "site", "minutes", "people", "need", "supply", "list", "other")
"""Why: in this order, joined by `;`."""

KEY = ["layer", "township_code"]
COMPARED = (
    *KEY,
    *("rule_id", "rule_version", "status", "certainty", "listed", "reasons", "own_state"),
    *("own_site_ids", "own_minutes_mean", "own_minutes_max", "need_percentile"),
    *("target_people", "target_undetermined", "beyond_people", "beyond_share"),
    *("own_minutes_p90", "people_per_capacity", "per_person_basis"),
    *("per_person_value", "list_completeness"),
)
"""Columns of tables.ROWS that both runs must have."""

SAME = 1.1e-5
"""Results are written with five decimals: two figures closer than this are the same."""


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier run of the study: its id, its rows (columns COMPARED) and its rules."""

    run_id: str
    rows: pd.DataFrame
    rules: Sequence[Rule]


def with_changes(
    rows: pd.DataFrame, previous: Previous | None, rules: Sequence[Rule]
) -> pd.DataFrame:
    """The rows with `change` and `change_reason`, both blank without a previous run."""
    if previous is None:
        return rows.assign(change="", change_reason="")
    found = life_cycle(previous, rows, rules)
    return rows.assign(change=found["change"], change_reason=found["change_reason"])


def life_cycle(previous: Previous, rows: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Columns `change` and `change_reason` for each of `rows`, in their order and with their index.

    change: `new` listed now and not before; `kept` listed both times; `leaving` listed both times,
    but close to coming off it (`is_leaving`); `withdrawn` listed before and now found not to be
    underserved; `under_review` an input is missing now, so the rule gives no answer, whatever it
    gave before; `none` not listed, neither before nor now.

    change_reason: what is different, for townships that are on the list, were on it, or changed
    their status; blank where nothing is. `rule` its version or content; `site` other own sites;
    `minutes` the way to the same sites; `people` the target group; `need` the need percentile,
    which also moves when other places change; `supply` the capacity, where it is a reason; `list`
    how complete the list of sites is; `other` none of these (settings, or a version of geoplan).

    Args:
        previous: the earlier run, of the same layers and townships.
        rows: rows (tables.ROWS) of this run.
        rules: the rules of this run.

    Raises:
        KeyError: a township or a layer that the previous run does not have.
    """
    before = previous.rows.set_index(KEY).loc[pd.MultiIndex.from_frame(rows[KEY])].reset_index()
    now = rows.reset_index(drop=True)
    was, is_on = before["listed"].to_numpy(bool), now["listed"].to_numpy(bool)
    change = np.select(
        [
            (now["status"] == "undetermined").to_numpy(bool),
            is_on & ~was,
            was & ~is_on,
            was & is_on & is_leaving(before, now, rules),
            was & is_on,
        ],
        ["under_review", "new", "withdrawn", "leaving", "kept"],
        "none",
    )
    told = (change != "none") | _differs(before, now, "status")
    other_rule = now["rule_id"].isin(changed_rules(previous.rules, rules)).to_numpy(bool)
    return pd.DataFrame(
        {
            "change": change,
            "change_reason": np.where(told, _reasons(before, now, other_rule), ""),
        },
        index=rows.index,
        dtype=object,
    )


def changed_rules(previous: Sequence[Rule], rules: Sequence[Rule]) -> list[str]:
    """Ids of the rules that are not the same in both runs, in whatever part."""
    before, now = ({rule.id: rule for rule in each} for each in (previous, rules))
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def is_leaving(before: pd.DataFrame, now: pd.DataFrame, rules: Sequence[Rule]) -> Bools:
    """Rows (n,), listed both times, that came closer to coming off the list and are close to it.

    Fewer people are beyond than before; and with a tenth fewer still, all else the same, the rule
    would surely not list the township: what is not known never says that one is leaving.
    """
    fewer = (now["beyond_people"] < before["beyond_people"]).to_numpy(bool)
    target, beyond, unsure = (
        now[name].to_numpy(np.int64)
        for name in ("target_people", "beyond_people", "target_undetermined")
    )
    less = beyond * 9 // 10
    values = Counted(target, less, unsure, less, unsure).measures()
    values |= {name: Between.exactly(value) for name, value in _row_measures(now).items()}
    stays = np.ones(len(now), bool)
    for rule in rules:
        here = (now["rule_id"] == rule.id).to_numpy(bool)
        asked = measures_of([rule])
        if asked <= set(values):
            judged = judge(rule, values)
            stays[here] = (judged.listed | (judged.status == UNDETERMINED))[here]
    return fewer & ~stays


def _row_measures(rows: pd.DataFrame) -> dict[str, Floats]:
    """What rules compare beside people, as the rows tell it; NaN where it is not known."""
    supply = _number(rows["per_person_value"])
    found = {
        "need_percentile": _number(rows["need_percentile"]) / 100,
        "own_minutes_p90": _number(rows["own_minutes_p90"]) * MS_PER_MINUTE,
        "people_per_capacity": _number(rows["people_per_capacity"]),
    }
    for basis in ("residents_per_site", "sites_per_1000", "sites_within_reach"):
        of_basis = (rows["per_person_basis"] == basis).to_numpy(bool)
        found[basis] = np.where(of_basis, supply, np.nan)
    return found


def _reasons(before: pd.DataFrame, now: pd.DataFrame, other_rule: Bools) -> list[str]:
    """The reasons that hold for each row, joined by `;`."""
    sites = _other_sites(before["own_site_ids"], now["own_site_ids"])
    people = _differs(before, now, "target_people")
    way = _any_differs(before, now, "own_state", "own_minutes_mean", "own_minutes_max")
    # With the same people, other people beyond have come nearer or farther; with others, who knows.
    far = _any_differs(before, now, "beyond_people", "target_undetermined") & ~people
    of_capacity = np.logical_or(*(_has(each["reasons"], "capacity") for each in (before, now)))
    holds = {
        "rule": other_rule,
        "site": sites,
        "minutes": (way | far) & ~sites,
        "people": people,
        "need": _differs(before, now, "need_percentile"),
        "supply": _differs(before, now, "per_person_value") & of_capacity,
        "list": _any_differs(before, now, "list_completeness", "certainty"),
    }
    none = ~np.logical_or.reduce(list(holds.values()))
    holds["other"] = none & _differs(before, now, "status")
    return [";".join(name for name in REASONS if holds[name][place]) for place in range(len(now))]


def _any_differs(before: pd.DataFrame, now: pd.DataFrame, *columns: str) -> Bools:
    return np.asarray(np.logical_or.reduce([_differs(before, now, name) for name in columns]))


def _differs(before: pd.DataFrame, now: pd.DataFrame, column: str) -> Bools:
    """Where one column is not the same; an absent figure is the same as an absent figure."""
    if not pd.api.types.is_numeric_dtype(now[column]):
        return (before[column].astype(str) != now[column].astype(str)).to_numpy(bool)
    then, here = _number(before[column]), _number(now[column])
    return np.asarray((np.abs(here - then) > SAME) | (np.isnan(then) != np.isnan(here)))


def _number(values: pd.Series[Any]) -> Floats:
    return values.to_numpy(float, na_value=np.nan)


def _other_sites(before: pd.Series[Any], now: pd.Series[Any]) -> Bools:
    """Where the sites are not the same ones; which of them most people go to does not matter."""
    pairs = zip(before, now, strict=True)
    return np.array([set(then.split(";")) != set(here.split(";")) for then, here in pairs], bool)


def _has(codes: pd.Series[Any], code: str) -> Bools:
    return np.array([code in cell.split(";") for cell in codes], bool)
