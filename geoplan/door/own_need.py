"""A table of one's own and the need section to read it by: `geoplan need`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoplan.door.checks import tell_missing
from geoplan.door.large import LargeTable, numbers, read_large
from geoplan.door.manifest import SourceFile
from geoplan.door.need_values import Figure, figure_of, tell_useless
from geoplan.door.own_pairs import coded, tell_double
from geoplan.door.reading import Found
from geoplan.door.study_checks import FromToml, Loc, TomlFile, keys_of, parse_toml
from geoplan.errors import BadInput, WrongUsage
from geoplan.keys import Model
from geoplan.model import Ints, Strings
from geoplan.need_spec import ALL_INDICATORS, Indicator, Need, Profile, need_faults
from geoplan.study import Study
from geoplan.tables import Column, Table

PLACE = Column("place_id", "id", "地方", "place")
UNIVERSE = Column("universe", "id", "適用範圍", "universe", required=False)


class NeedFile(Model):
    """A file with a `[need]` table, as a study has it."""

    need: Need


@dataclass(frozen=True, slots=True)
class OwnSpec:
    """The need section of a file, and which of its profiles was asked for."""

    file: str
    need: Need
    profile: Profile

    @property
    def indicators(self) -> list[Indicator]:
        return self.need.indicators_of(self.profile)


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """n places in the order of their rows; `universe` (n,) is a position in `universes`, which is
    empty where the table has no such column; a figure (n,) for each indicator."""

    place_id: Strings
    universe: Ints
    universes: tuple[str, ...]
    figures: Mapping[str, Figure]


def read_spec(path: Path, profile: str | None, found: Found) -> OwnSpec | None:
    """The need section of a file: its `[need]` table (a whole study will do), or the file itself.

    Names may be left out: the id then stands for them. None, with every fault, when it is not
    right.

    Raises:
        WrongUsage: if there is no profile of this name.
    """
    try:
        read = parse_toml(path)
    except BadInput as error:
        found.faults.extend(error.faults)
        return None
    before = len(found.faults)
    need, at = _validated(read, found)
    if need is None:
        return None
    chosen = need.whole
    if profile is not None and profile != ALL_INDICATORS:
        known = [ALL_INDICATORS, *(each.id for each in need.profiles)]
        if profile not in known:
            raise WrongUsage("profile_unknown", given=profile, known=", ".join(known))
        chosen = next(each for each in need.profiles if each.id == profile)
    found.faults += need_faults(need, read, at, [chosen])
    return OwnSpec(read.shown, need, chosen) if len(found.faults) == before else None


def _validated(read: TomlFile, found: Found) -> tuple[Need | None, Loc]:
    table = read.table
    if not isinstance(table.get("need"), dict):
        alone: FromToml[Need] = read.validate(Need, _named(table))
        found.faults += [*read.faults, *alone.faults]
        return alone.value, ()
    known = keys_of(Study, ())
    strange = [key for key in table if key not in known]
    parts: FromToml[NeedFile] = read.validate(NeedFile, {"need": _named(table["need"])})
    found.faults += [
        *read.faults,
        *(read.unknown_key((key,), Study) for key in strange),
        *parts.faults,
    ]
    return (parts.value.need if parts.value else None), ("need",)


def _named(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with names where only ids are given."""

    def named(each: Any) -> Any:
        if not isinstance(each, dict) or "id" not in each:
            return each
        return {"name_zh": each["id"], "name_en": each["id"], **each}

    done = {"profile_zh": ALL_INDICATORS, "profile_en": ALL_INDICATORS, **table}
    for key in ("indicator", "profile"):
        if isinstance(done.get(key), list):
            done[key] = [named(each) for each in done[key]]
    return done


def read_own_places(source: SourceFile, spec: OwnSpec | None, found: Found) -> OwnPlaces | None:
    """The table with the figures of the profile's indicators; None, with every fault, when it
    cannot be used, or when there is no spec to read it by. A blank figure is not known; counts and
    people of a rate are from 0."""
    before = len(found.faults)
    indicators = spec.indicators if spec else []
    columns = _columns(indicators)
    table = read_large(source, Table("need", (PLACE, UNIVERSE), ("place_id",)), found)
    if table is None:
        return None
    code, ids = coded(table, "place_id", found)
    tell_double(table, code, ids, "place_id", found)
    universe, universes = _universes(table, found)
    frame = {}
    for each in columns:
        if each.name in table.columns:
            frame[each.name] = numbers(table, each, found)
        else:
            tell_missing(each, table.columns, table.file, found)
    if len(found.faults) > before:
        return None
    figures = {one.id: figure_of(one, pd.DataFrame(frame)) for one in indicators}
    for one in indicators:
        tell_useless(one, figures[one.id], table.file, found)
    if spec is None or len(found.faults) > before:
        return None
    return OwnPlaces(np.array(ids, object)[code], universe, universes, figures)


def _columns(indicators: Iterable[Indicator]) -> list[Column]:
    """The columns of the indicators, each once; those of a rate are counts."""
    least: dict[str, float | None] = {}
    for each in indicators:
        rate = each.denominator is not None
        least |= {name: 0.0 if rate else least.get(name) for name in each.columns}
    return [
        Column(name, "number", name, name, may_be_empty=True, least=floor)
        for name, floor in least.items()
    ]


def _universes(table: LargeTable, found: Found) -> tuple[Ints, tuple[str, ...]]:
    if UNIVERSE.name not in table.columns:
        return np.zeros(len(table.row), np.int64), ()
    code, names = coded(table, UNIVERSE.name, found)
    return code, tuple(names)
