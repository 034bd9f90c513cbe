"""A trial (what-if): sites closed, sites opened, thresholds and weights moved, and nothing else.

A trial changes what a study starts from; everything after it is planned as ever. A closed site
counts as closed. An opened one is `planned`: it stands before the first year of the plan, at its
township's settlement (an area to search, not an address) or beside a site of another service, and
counts towards the target. Whoever may use any site may use it; else the people of its county, each
the nearest of it and the sites they may use anyway (access/eligibility).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoplan.need_spec import Need
from geoplan.rules import Rule
from geoplan.study import Study
from geoplan.texts import LANGS, say

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.model import Inputs

FORMAT = 1
ENDING = ".trial.json"
AREA = "area-"
"""Before a township's code: the id of a candidate that is an area to search; any other candidate
has the id of the existing site at which it stands."""
LEAST = "least:"
"""Before the id of a column of least times, which is no site."""
PROPOSED = "proposed-"
"""Before a layer and the name of a candidate: the id of a proposed site."""
ORIGIN = "trial"
PLANNED = "planned"


def is_trial(path: Path) -> bool:
    """Whether a path means the file of a trial, be it there or not."""
    return path.is_file() or path.name.endswith(ENDING)


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What is tried in one layer: ids sorted; `minutes` None keeps the threshold."""

    close: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """Changes by layer, and weights by need profile and indicator; `run` is the page's."""

    layers: Mapping[str, LayerChange] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    run: str = ""

    @property
    def empty(self) -> bool:
        """Nothing is changed."""
        changed = any(each != LayerChange() for each in self.layers.values())
        return not changed and not any(self.weights.values())

    def told(self) -> dict[str, Any]:
        """The changes as plain values: what is empty is absent, ids sorted."""
        layers = {
            name: {
                key: list(value) if isinstance(value, tuple) else value
                for key, value in (
                    ("close", tuple(sorted(each.close))),
                    ("open", tuple(sorted(each.open))),
                    ("minutes", _plain(each.minutes)),
                )
                if value not in ((), None)
            }
            for name, each in sorted(self.layers.items())
        }
        weights = {
            name: {key: _plain(number) for key, number in sorted(each.items())}
            for name, each in sorted(self.weights.items())
        }
        parts = {
            "layers": {name: each for name, each in layers.items() if each},
            "weights": {name: each for name, each in weights.items() if each},
        }
        return {name: part for name, part in parts.items() if part}


def _plain(number: float | None) -> float | None:
    """A whole number without its point, as a browser writes it."""
    return number if number is None or not float(number).is_integer() else int(number)


def trial_text(trial: Trial, study: str, version: str) -> str:
    """The file of a trial: the same trial gives the same bytes."""
    head = {
        "geoplan": "trial",
        "format": FORMAT,
        "study": study,
        "run": trial.run,
        "version": version,
    }
    return json.dumps(head | trial.told(), ensure_ascii=False, indent=1) + "\n"


def with_trial(inputs: Inputs, trial: Trial) -> Inputs:
    """The inputs as they would be; a trial that changes nothing gives the same inputs back."""
    if trial.empty:
        return inputs
    return replace(
        inputs,
        study=_study(inputs.study, trial),
        sites=_sites(inputs, trial),
        trial=trial,
    )


def _study(study: Study, trial: Trial) -> Study:
    minutes = {name: each.minutes for name, each in trial.layers.items() if each.minutes}
    layers = tuple(
        layer.model_copy(update={"minutes": minutes[layer.id]}) if layer.id in minutes else layer
        for layer in study.layers
    )
    rules = tuple(_rule(rule, minutes.get(rule.layer)) for rule in study.rules)
    need = _need(study.need, trial.weights)
    titles = {
        f"title_{lang}": say("note.trial_title", lang, title=getattr(study, f"title_{lang}"))
        for lang in LANGS
    }
    return study.model_copy(update={"layers": layers, "rules": rules, "need": need, **titles})


def _rule(rule: Rule, minutes: float | None) -> Rule:
    """The rule with the parameter that says who is beyond set to `minutes`."""
    if minutes is None or rule.beyond is None:
        return rule
    name = rule.beyond.split()[2]
    parameters = tuple(
        each.model_copy(update={"value": minutes}) if each.id == name else each
        for each in rule.parameters
    )
    return rule.model_copy(update={"parameters": parameters})


def _need(need: Need, weights: Mapping[str, Mapping[str, float]]) -> Need:
    profiles = tuple(
        each.model_copy(update={"weights": {**each.weights, **weights[each.id]}})
        if each.id in weights
        else each
        for each in need.profiles
    )
    whole = weights.get(need.whole.id, {})
    indicators = tuple(
        each.model_copy(update={"weight": whole[each.id]}) if each.id in whole else each
        for each in need.indicators
    )
    return need.model_copy(update={"profiles": profiles, "indicators": indicators})


def _sites(inputs: Inputs, trial: Trial) -> pd.DataFrame:
    import pandas as pd

    sites = inputs.sites.copy()
    for layer, change in trial.layers.items():
        closed = (sites["layer"] == layer) & sites["site_id"].isin(change.close)
        sites.loc[closed, ["status", "origin"]] = ["closed", ORIGIN]
    planned = [
        row
        for layer, change in sorted(trial.layers.items())
        for row in _planned(inputs, layer, change.open)
    ]
    if not planned:
        return sites
    opened = pd.DataFrame(planned, columns=sites.columns).astype(sites.dtypes.to_dict())
    return pd.concat([sites, opened], ignore_index=True).sort_values(
        ["site_id", "layer"], kind="stable", ignore_index=True
    )


def _planned(inputs: Inputs, layer: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of the sites that are opened; one in an area has no point yet (`is_area`)."""
    townships = inputs.townships.set_index("township_code")
    rows = []
    for site in ids:
        beside = None if site.startswith(AREA) else _other(inputs.sites, site)
        code = site.removeprefix(AREA) if beside is None else str(beside["township_code"])
        place = townships.loc[code]
        where = f"{place['county_name']}{place['township_name']}"
        blank = {name: "" if inputs.sites[name].dtype == object else None for name in inputs.sites}
        rows.append(
            blank
            | {
                "site_id": site,
                "layer": layer,
                "name": say("note.trial_name", "zh", place=where),
                "county_code": place["county_code"],
                "county_name": place["county_name"],
                "township_code": code,
                "township_name": place["township_name"],
                "lon": None if beside is None else beside["lon"],
                "lat": None if beside is None else beside["lat"],
                "point_precision": "area",
                "point_use": "area",
                "status": PLANNED,
                "origin": ORIGIN,
                "note": "" if beside is None else f"beside {site}",
            }
        )
    return rows


def _other(sites: pd.DataFrame, site: str) -> pd.Series[Any]:
    """The site of another service beside which one is opened."""
    return sites[(sites["site_id"] == site) & (sites["status"] != PLANNED)].iloc[0]
