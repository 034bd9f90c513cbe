"""The file of a trial (`.trial.json`): read as it came, every fault told at once."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geoplan.door.reading import CONTROL
from geoplan.door.study_checks import nearest
from geoplan.errors import BadInput, Fault, SourceMissing
from geoplan.model import Inputs
from geoplan.study import Layer
from geoplan.tables import STANDING
from geoplan.trial import AREA, FORMAT, LayerChange, Trial

MOST_BYTES = 4_000_000
MOST_SHOWN = 40
"""So many signs of what stands in the file are shown."""
KEYS = ("geoplan", "format", "study", "run", "version", "layers", "weights")
LAYER_KEYS = ("close", "open", "minutes")
MOST_MINUTES = 1440


def read_trial(path: Path, inputs: Inputs) -> Trial:
    """The trial in the file, its ids held against the study's own.

    Raises:
        SourceMissing: there is no such file.
        BadInput: it is no trial of this study, or names what the study does not have.
    """
    if not path.is_file():
        raise SourceMissing("files_missing", files=[str(path)])
    parsed = _parsed(path)
    reading = _Reading(path.name, inputs)
    if not isinstance(parsed, dict) or parsed.get("geoplan") != "trial":
        raise BadInput([Fault("trial_kind", path.name)])
    reading.head(parsed)
    layers = {
        layer.id: reading.layer(layer, change)
        for layer, change in reading.layers(reading.table(parsed, "layers"))
    }
    weights = reading.weights(reading.table(parsed, "weights"))
    if reading.faults:
        raise BadInput(reading.faults)
    return Trial(layers=layers, weights=weights, run=str(parsed.get("run", "")))


def _parsed(path: Path) -> Any:
    """What the JSON says; a name that stands twice in one object is a fault."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        again = [name for name in names if names.count(name) > 1]
        if again:
            raise BadInput([Fault("trial_twice", path.name, values={"given": _shown(again[0])})])
        return dict(pairs)

    def no_number(given: str) -> None:
        raise ValueError(given)

    why = ""
    try:
        raw = path.read_bytes()
        if len(raw) > MOST_BYTES:
            raise BadInput([Fault("trial_large", path.name, values={"most": MOST_BYTES // 10**6})])
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=no_number)
    except BadInput:
        raise
    except OSError as error:
        why = error.strerror or str(error)
    except RecursionError:
        why = "nested too deeply"
    except ValueError as error:  # not UTF-8, not JSON, or a number without end
        why = _shown(str(error))
    raise BadInput([Fault("trial_syntax", path.name, values={"why": why})])


def _shown(given: object) -> str:
    """What stands in the file, short and on one line."""
    text = CONTROL.sub("", str(given)).replace("\n", " ")
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


@dataclass(slots=True)
class _Reading:
    """The faults of one file, gathered while its parts are read."""

    file: str
    inputs: Inputs
    faults: list[Fault] = field(default_factory=list)

    def fault(self, code: str, key: str, **values: object) -> None:
        self.faults.append(Fault(code, self.file, (), _shown(key), values))

    def known(self, given: Iterable[str], choices: Iterable[str], at: str = "") -> list[str]:
        """Those of `given` that can stand there; a fault for each of the others."""
        may = list(choices)
        right = []
        for name in given:
            if name in may:
                right.append(name)
                continue
            near = nearest(name, may) if len(name) <= MOST_SHOWN else None
            told = {"near": near} if near else {"known": ", ".join(may)}
            self.fault("key_unknown_near" if near else "key_unknown", f"{at}{name}", **told)
        return right

    def head(self, parsed: Mapping[str, Any]) -> None:
        self.known(parsed, KEYS)
        given = parsed.get("format")
        if given != FORMAT or isinstance(given, bool):
            self.fault("trial_format", "format", given=_shown(given), wanted=FORMAT)
        if parsed.get("study") != self.inputs.study.id:
            wanted = self.inputs.study.id
            self.fault("trial_study", "study", given=_shown(parsed.get("study")), wanted=wanted)

    def table(self, parsed: Mapping[str, Any], key: str, at: str = "") -> dict[str, Any]:
        """The object at a key; none where there is none, and a fault where it is something else."""
        given = parsed.get(key, {})
        if isinstance(given, dict):
            return given
        self.fault("key_kind", f"{at}{key}", wanted="{...}", given=_kind(given))
        return {}

    def layers(self, given: Mapping[str, Any]) -> list[tuple[Layer, dict[str, Any]]]:
        layers = {layer.id: layer for layer in self.inputs.study.layers}
        names = self.known(given, layers, "layers.")
        return [(layers[name], self.table(given, name, "layers.")) for name in names]

    def layer(self, layer: Layer, given: Mapping[str, Any]) -> LayerChange:
        at = f"layers.{layer.id}."
        self.known(given, LAYER_KEYS, at)
        minutes = None
        if "minutes" in given:
            minutes = self.number(given["minutes"], f"{at}minutes", MOST_MINUTES)
        return LayerChange(
            close=self.ids(given, at, "close", _closable(self.inputs, layer)),
            open=self.ids(given, at, "open", _openable(self.inputs, layer)),
            minutes=minutes,
        )

    def ids(
        self, given: Mapping[str, Any], at: str, key: str, can: Callable[[str], bool]
    ) -> tuple[str, ...]:
        """Ids sorted; a fault for those that cannot be closed or opened."""
        listed = given.get(key, [])
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            self.fault("key_kind", f"{at}{key}", wanted='["..."]', given=_kind(listed))
            return ()
        if len(set(listed)) < len(listed):
            again = next(each for each in listed if listed.count(each) > 1)
            self.fault("id_twice", f"{at}{key}", id=_shown(again))
        wrong = [each for each in listed if not can(each)]
        if wrong:
            told = ", ".join(_shown(each) for each in wrong[:5])
            self.fault(f"trial_{key}", f"{at}{key}", ids=told, count=len(wrong))
        return tuple(sorted(listed))

    def weights(self, given: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        need = self.inputs.study.need
        if given and need.weighting != "given":
            self.fault("trial_weighting", "weights", weighting=need.weighting)
            return {}
        profiles = {
            profile.id: profile
            for profile in (need.profile_of(layer.id) for layer in self.inputs.study.layers)
        }
        found = {}
        for name in self.known(given, profiles, "weights."):
            table, at = self.table(given, name, "weights."), f"weights.{name}."
            right = self.known(table, profiles[name].indicators, at)
            read = {each: self.number(table[each], at + each, math.inf) for each in right}
            found[name] = {each: number for each, number in read.items() if number is not None}
        return found

    def number(self, given: object, key: str, most: float) -> float | None:
        """A number above 0 and at most `most`."""
        try:
            number = math.nan
            if isinstance(given, int | float) and not isinstance(given, bool):
                number = float(given)
        except OverflowError:
            number = math.inf
        if 0 < number <= most and math.isfinite(number):
            return number
        limit = f"0 < x <= {most}" if math.isfinite(most) else "0 < x"
        self.fault("trial_number", key, given=_shown(given), limit=limit)
        return None


def _kind(given: object) -> str:
    kinds = {dict: "{...}", list: "[...]", str: "text", bool: "true/false", type(None): "null"}
    return kinds.get(type(given), "number")


def _closable(inputs: Inputs, layer: Layer) -> Callable[[str], bool]:
    """Existing sites of the layer with a usable point."""
    sites = inputs.sites
    usable = (sites["status"] == "existing") & (sites["point_use"] == "distance")
    ids = set(sites.loc[(sites["layer"] == layer.id) & usable, "site_id"])
    return ids.__contains__


def _openable(inputs: Inputs, layer: Layer) -> Callable[[str], bool]:
    """One area a township, and sites of the services beside which the layer may stand."""
    sites = inputs.sites
    beside = sites["layer"].isin(layer.siting.also_at) & sites["status"].isin(STANDING)
    usable = (sites["point_use"] == "distance") & (sites["township_code"] != "")
    ids = {AREA + code for code in inputs.townships["township_code"]}
    ids |= set(sites.loc[beside & usable, "site_id"])
    return ids.__contains__
