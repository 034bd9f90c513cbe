"""Two results of one study, township by township and layer by layer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoplan.comparing.differences import Differences, differences
from geoplan.errors import BadInput, Fault
from geoplan.export.lists import rank
from geoplan.finished import Finished, read_finished, rows_frame
from geoplan.model import Inputs
from geoplan.results.life_cycle import CHANGES, COMPARED, KEY, Previous, life_cycle
from geoplan.rules import Rule
from geoplan.tables import COMPARISON, checked

PLACE = (*("county_code", "county_name", "township_name", "county_name_en", "township_name_en"),)
READ = (*COMPARED, *PLACE)
"""Columns of a result that are read."""
NAMED = 8
"""So many names of a fault are told; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two results have not in common: `rows` are tables.COMPARISON, `layers` their sums."""

    first: Finished
    second: Finished
    differences: Differences
    rows: pd.DataFrame
    layers: tuple[dict[str, Any], ...]


def compare_folders(first: Path, second: Path) -> Comparison:
    """Compare the earlier result in `first` with the later one in `second`.

    Raises:
        SourceMissing: one of them is not a finished result, or not as it was written.
        BadInput: they are of different studies, layers or townships.
    """
    return compare_results(*(read_finished(folder, READ) for folder in (first, second)))


def compare_results(one: Finished, other: Finished) -> Comparison:
    """Compare two results that were read with the columns READ, the earlier one first.

    Raises:
        BadInput: they are of different studies, layers or townships.
    """
    faults = mismatches(one, study_of(other), keys_of(other), str(other.folder))
    if faults:
        raise BadInput(faults)
    before = Previous(one.plan["run_id"], rows_frame(one, READ), one.rules)
    now = rows_frame(other, READ)
    rows = checked(comparison_rows(before, now, other.rules), COMPARISON)
    sums = tuple(layer_sums(rows[rows["layer"] == layer]) for layer in other.layers)
    return Comparison(one, other, differences(one, other), rows, sums)


def read_previous(folder: Path, inputs: Inputs) -> Previous:
    """The result of an earlier run of the study, for the columns `change` of the rows.

    Raises:
        SourceMissing: it is not a finished result, or not as it was written.
        BadInput: it is of another study, of other layers or townships.
    """
    finished = read_finished(folder, COMPARED)
    codes = set(inputs.townships["township_code"])
    keys = {(layer.id, str(code)) for layer in inputs.study.layers for code in codes}
    faults = mismatches(finished, inputs.study.id, keys, f"{inputs.study.id}.toml")
    if faults:
        raise BadInput(faults)
    return Previous(finished.plan["run_id"], rows_frame(finished, COMPARED), finished.rules)


Keys = set[tuple[str, str]]
"""Layer and township code."""


def study_of(finished: Finished) -> str:
    return str(finished.plan["study"]["id"])


def keys_of(finished: Finished) -> Keys:
    return {(row["layer"], row["township_code"]) for row in finished.rows}


def mismatches(finished: Finished, study: str, keys: Keys, other: str) -> list[Fault]:
    """Why the result cannot be compared with `other`, a result or run of `study` with `keys`."""
    file, faults = str(finished.folder), []
    if study_of(finished) != study:
        values: dict[str, object] = {"study": study_of(finished), "other": other, "its": study}
        faults.append(Fault("other_study", file, values=values))
    ours = keys_of(finished)
    for place, code in enumerate(("other_layers", "other_townships")):
        mine, theirs = ({key[place] for key in each} for each in (ours, keys))
        if mine != theirs:
            values = {"only": _some(mine - theirs), "other": other, "others": _some(theirs - mine)}
            faults.append(Fault(code, file, values=values))
    return faults


def _some(names: Collection[str]) -> str:
    shown = sorted(names)[:NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" (+{more})" if more else "") or "–"


def comparison_rows(before: Previous, now: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """tables.COMPARISON of the rows of two runs (columns COMPARED and PLACE), in the order of
    `now`, whose rules are `rules`."""
    then = before.rows.set_index(KEY).loc[pd.MultiIndex.from_frame(now[KEY])].reset_index()
    rows = now[[*KEY, *PLACE]].join(life_cycle(before, now, rules))
    for name in COMPARISON.names:
        if name in now and name not in rows:
            rows[f"{name}_before"], rows[name] = then[name], now[name]
    rows["beyond_people_change"] = now["beyond_people"] - then["beyond_people"]
    rows["rank_before"], rows["rank"] = places(then), places(now)
    rows["rank_change"] = (rows["rank"] - rows["rank_before"]).astype("Int64")
    rows["rank_reason"] = _rank_reasons(rows)
    return rows[COMPARISON.names]


def places(rows: pd.DataFrame) -> pd.Series[int]:
    """Place of each row on its layer's list, 1 the first; NA where it is not listed.

    In the order of the lists: people beyond times severity, ties to the lowest code.
    """
    listed = rows[rows["listed"]]
    keys = {index: rank(dict(row)) for index, row in listed.iterrows()}
    place = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    for _, mine in listed.groupby("layer"):
        place[sorted(mine.index, key=keys.__getitem__)] = np.arange(1, len(mine) + 1)
    return place


def _rank_reasons(rows: pd.DataFrame) -> Any:
    """Why a listed township's place changed: by its own people beyond, by its severity (the rule,
    or its need), or only because others moved."""
    moved = rows["rank_change"].fillna(0).to_numpy(int) != 0
    own = (rows["beyond_people_change"] != 0).to_numpy(bool)
    severity = (rows["status"] != rows["status_before"]).to_numpy(bool)
    other_rule = np.array(["rule" in why.split(";") for why in rows["change_reason"]], bool)
    return np.select(
        [~moved, own, severity & other_rule, severity],
        ["none", "own", "rule", "need"],
        "others",
    )


def layer_sums(rows: pd.DataFrame) -> dict[str, Any]:
    """The sums of one layer: townships and people beyond, for the list before and now and for
    each word of the life cycle; before = stayed + withdrawn + under review, now = stayed + new.

    `kept_share` is the share of the townships listed before that still are, None of none.
    """
    was, is_on = rows["listed_before"], rows["listed"]
    firm_before, firm = rows["certainty_before"] == "firm", rows["certainty"] == "firm"
    stayed = int((was & is_on).sum())
    review = rows["change"] == "under_review"
    return {
        "layer": rows["layer"].iloc[0],
        "listed_before": _sums(rows[was]),
        "listed": _sums(rows[is_on]),
        "firm_before": _sums(rows[was & firm_before]),
        "firm": _sums(rows[is_on & firm]),
        **{word: _sums(rows[rows["change"] == word]) for word in CHANGES},
        "under_review_listed_before": _sums(rows[review & was]),
        "kept_share": stayed / int(was.sum()) if was.any() else None,
    }


def _sums(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "townships": len(rows),
        "people_before": int(rows["beyond_people_before"].sum()),
        "people": int(rows["beyond_people"].sum()),
    }


def changed_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows worth a line: another status, on or off the list, or listed with other figures.

    In the order of the words new, kept, leaving, withdrawn, under review, none, most people first.
    """
    on = rows["listed"] | rows["listed_before"]
    other_status = rows["status"] != rows["status_before"]
    figures = (rows["beyond_people_change"] != 0) | (rows["rank_reason"] != "none")
    shown = rows[other_status | (on & figures) | (rows["change"] == "leaving")]
    order = shown["change"].map(CHANGES.index)
    people = shown[["beyond_people", "beyond_people_before"]].max(axis=1)
    return shown.assign(order=order, people=-people).sort_values(
        ["layer", "order", "people", "township_code"], kind="stable"
    )[COMPARISON.names]
