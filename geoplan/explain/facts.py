"""What a result says of one township, layer by layer, as plain fields with names beside ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from geoplan.explain.sources import site_files
from geoplan.finished import Finished, Row, typed
from geoplan.study import Layer, Study
from geoplan.tables import REMEDIES

Facts = dict[str, Any]
DRAWN = ("rank", "beyond_people", "beyond_share", "own_minutes_mean", "need_percentile")
"""What the seeded runs give an interval of: columns `<name>_low` and `<name>_high`."""


def layer_facts(finished: Finished, rows: Sequence[Row]) -> list[Facts]:
    """The facts of each layer, in the study's order; `rows` are the township's."""
    study = finished.study
    by_layer = {row["layer"]: row for row in rows}
    sites = {site["site_id"]: site for site in finished.table("sites")}
    files = site_files(finished)
    code = rows[0]["township_code"]
    facts = []
    for layer in study.layers:
        row = by_layer[layer.id]
        value = typed(row)
        named = partial(_sites, sites=sites, files=files, layer=layer.id)
        facts.append(
            {
                **_about(layer, study, value),
                "how_far": _how_far(value, named, layer),
                "per_person": {
                    "value": value["per_person_value"],
                    "basis": value["per_person_basis"],
                },
                "need": _need(value, study),
                "rule": {
                    "id": value["rule_id"],
                    "version": value["rule_version"],
                    "tests": _tests(finished, layer.id, code),
                },
                "draws": _draws(row),
                "lift": _lift(value) | _remedy(finished, layer.id, code),
            }
        )
    return facts


def codes(cell: str) -> list[str]:
    """The codes of one cell."""
    return [code for code in cell.split(";") if code]


def _about(layer: Layer, study: Study, value: Mapping[str, Any]) -> Facts:
    group = next(group for group in study.groups if group.id == layer.group)
    said = ("status", "certainty", "listed", "sentence_zh", "sentence_en", "list_completeness")
    return {
        "layer": layer.id,
        "township_code": value["township_code"],
        "name_zh": layer.name_zh,
        "name_en": layer.name_en,
        **{name: value[name] for name in said},
        "reasons": codes(value["reasons"]),
        "flags": codes(value["flags"]),
        "change": value.get("change", ""),
        "change_reason": codes(value.get("change_reason", "")),
        "assigned": layer.eligibility[0] != "anyone",
        "by_service_area": "service_area" in layer.eligibility,
        "group": {
            "id": group.id,
            "name_zh": group.name_zh,
            "name_en": group.name_en,
            "people": value["target_people"],
            "modelled": value["target_modelled"],
        },
    }


def _sites(
    cell: str, sites: Mapping[str, Row], files: Mapping[str, str], layer: str
) -> list[Facts]:
    """The sites whose ids stand in a cell, with the file that each one's row is in."""
    found = []
    for site in codes(cell):
        row = sites.get(site, {})
        said = ("name", "county_name", "township_name", "source", "source_date")
        file = files.get(f"{row.get('origin', '')}-{layer}", "")
        found.append({"site_id": site, "file": file, **{name: row.get(name, "") for name in said}})
    return found


def _how_far(value: Mapping[str, Any], named: Callable[[str], list[Facts]], layer: Layer) -> Facts:
    return {
        "minutes": layer.minutes,
        "state": value["own_state"],
        "minutes_mean": value["own_minutes_mean"],
        "minutes_p90": value["own_minutes_p90"],
        "minutes_max": value["own_minutes_max"],
        "measured_people": value["own_measured_people"],
        "own_sites": named(value["own_site_ids"]),
        "nearest_minutes_mean": value["nearest_minutes_mean"],
        "nearest_sites": named(value["nearest_site_ids"]),
        "own_minus_nearest_minutes": value["own_minus_nearest_minutes"],
        "minutes_from": value["minutes_from"],
        "modelled_share": value["modelled_share"],
        "beyond_people": value["beyond_people"],
        "beyond_share": value["beyond_share"],
        "undetermined_people": value["target_undetermined"],
    }


def _need(value: Mapping[str, Any], study: Study) -> Facts:
    known = {each.id: each for each in study.need.indicators}
    return {
        "percentile": value["need_percentile"],
        "universe": value["universe"],
        "leading": [
            {"id": each, "name_zh": known[each].name_zh, "name_en": known[each].name_en}
            for each in codes(value["need_leading"])
        ],
    }


def _tests(finished: Finished, layer: str, code: str) -> list[Facts]:
    """Every comparison of the rule with its value, threshold and margin."""
    rows = _of(finished.table("margins"), layer, code)
    numbers = ("value_least", "value_most", "threshold", "margin")
    words = ("test", "sentence", "measure", "unit", "sign", "parameter", "holds")
    return [
        {name: row[name] for name in words}
        | {name: float(row[name]) if row[name] else None for name in numbers}
        for row in rows
    ]


def _draws(row: Row) -> Facts | None:
    """What the seeded runs say of the township; None where there were none."""
    if not row.get("share_listed"):
        return None
    ends = [f"{name}_{end}" for name in DRAWN for end in ("low", "high")]
    cells = {name: row.get(name, "") for name in ("share_listed", *ends)}
    return {name: float(cell) if cell else None for name, cell in cells.items()}


def _lift(value: Mapping[str, Any]) -> Facts:
    return {
        "minutes_over_threshold": value["minutes_over_threshold"],
        "proposed_sites": value["proposed_sites"],
        "target_covered": value["target_covered"],
        "target_covered_after": value["target_covered_after"],
        "beyond_people": value["beyond_people"],
        "beyond_people_after": value["beyond_people_after"],
        "own_minutes_mean_after": value["own_minutes_mean_after"],
    }


def _remedy(finished: Finished, layer: str, code: str) -> Facts:
    """The least that is enough alone to take a listed township off the list, and what else helps;
    nothing is named where it is not listed."""
    row = next((row for row in _of(finished.table("remedies"), layer, code)), {})
    value = typed(row, REMEDIES)
    numbers = ("people_to_bring_within", "minutes_shorter", "capacity_times")
    return {
        "remedies": codes(value["remedies"]),
        **{name: value[name] for name in numbers},
        "status_after": value["status_after"],
    }


def _of(rows: Iterable[Row], layer: str, code: str) -> list[Row]:
    """The rows of one layer and township."""
    return [row for row in rows if (row["layer"], row["township_code"]) == (layer, code)]
