"""The need index of a table of one's own: read, found, written, told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.door.own_files import open_own_files
from geoplan.door.own_need import OwnPlaces, OwnSpec, read_own_places, read_spec
from geoplan.door.reading import Found
from geoplan.errors import BadInput
from geoplan.measuring.files import Columns, check_outputs, write_tables
from geoplan.model import Floats, Note
from geoplan.need import NeedIndex
from geoplan.need_step import profile_need

DIGITS = 12
"""Decimals written: what decides a rank, and the same on every machine."""


@dataclass(frozen=True, slots=True)
class NeedRequest:
    """What was asked for: a table by the need section of `spec`, all of it or one profile."""

    table: Path
    spec: Path
    out: Path
    profile: str | None


@dataclass(frozen=True, slots=True)
class OwnNeed:
    """The places, what they were read by, and their need index (n,)."""

    spec: OwnSpec
    places: OwnPlaces
    index: NeedIndex
    notes: tuple[Note, ...]

    @property
    def unknown(self) -> int:
        """Places without an index, for want of an indicator."""
        return int(np.isnan(self.index.percentile).sum())


def find_need(request: NeedRequest) -> OwnNeed:
    """The need index that was asked for.

    Raises:
        BadInput: with every fault of the table and of the need section.
        SourceMissing: if a file is not there.
        WrongUsage: if the result has no known ending, would replace an input, or names no profile.
    """
    check_outputs([request.out], [request.table, request.spec])
    found = Found()
    sources = open_own_files({"table": request.table, "spec": request.spec}, found)
    spec = read_spec(request.spec, request.profile, found)
    source = sources.get("table")
    places = read_own_places(source, spec, found) if source else None
    if found.faults or spec is None or places is None:
        raise BadInput(found.faults)
    index = profile_need(spec.need, spec.profile, places.figures, places.universe, spec.file)
    return OwnNeed(spec, places, index, tuple(found.notes))


def write_need(request: NeedRequest, own: OwnNeed) -> None:
    """place_id, universe where given, percentile, index and state; then each indicator's rank and,
    on another scale than percentiles, its score. All are 0 to 1 but z scores; blank: not known.

    Raises:
        CannotWrite: if the system says no.
    """
    index, places = own.index, own.places
    columns: dict[str, Any] = {"place_id": places.place_id}
    if places.universes:
        columns["universe"] = np.array(places.universes, object)[places.universe]
    columns["percentile"] = _rounded(index.percentile)
    columns["index"] = _rounded(index.index)
    columns["state"] = np.where(np.isnan(index.percentile), "unknown", "measured")
    for turn, name in enumerate(own.spec.profile.indicators):
        columns[f"{name}_rank"] = _rounded(index.by_indicator[turn])
        if own.spec.need.normalise != "percentile":
            columns[f"{name}_score"] = _rounded(index.score[turn])
    whole: Columns = columns
    write_tables({request.out: whole})


def told(own: OwnNeed) -> dict[str, Any]:
    """What is said beside the table: method, weights and effective influence."""
    index, need = own.index, own.spec.need
    parts = zip(
        own.spec.indicators,
        index.weights.share,
        index.influence.share,
        index.influence.correlation_squared,
        strict=True,
    )
    about: dict[str, Any] = {
        "profile": own.spec.profile.id,
        "normalise": need.normalise,
        "weighting": need.weighting,
        "places": len(own.places.place_id),
        "unknown": own.unknown,
        "indicators": [
            {
                "id": each.id,
                "higher_is": each.higher_is,
                "level": each.level,
                "shrunk": each.shrink,
                "weight": round(float(weight), DIGITS),
                "influence": round(float(share), DIGITS),
                "correlation_squared": round(float(squared), DIGITS),
            }
            for each, weight, share, squared in parts
        ],
    }
    if index.weights.consistency_ratio is not None:
        about["consistency_ratio"] = round(index.weights.consistency_ratio, DIGITS)
    if index.weights.explained is not None:
        about["explained"] = round(index.weights.explained, DIGITS)
    return about


def _rounded(value: Floats) -> Floats:
    return np.round(value, DIGITS)
