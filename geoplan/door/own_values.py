"""A table of one's own for equity figures: a value a place, with people, need, group and state."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import numpy as np

from geoplan.door.checks import some
from geoplan.door.large import LargeTable, numbers, read_large, texts
from geoplan.door.manifest import SourceFile
from geoplan.door.own_access import whole_people
from geoplan.door.own_pairs import coded, tell_double
from geoplan.door.reading import Found, trim
from geoplan.door.tables import DEMAND
from geoplan.model import Codes, Floats, Ints, State
from geoplan.tables import Column, Table

PLACE = Column("place_id", "id", "地方", "place")
POPULATION = replace(DEMAND.column("population"), required=False)
NEED = Column("need", "number", "需求", "need", required=False)
GROUP = Column("group", "id", "群組", "group", required=False)
STATE_WORDS = {
    "": State.MEASURED,
    "zero": State.MEASURED,
    **{each.name.lower(): each for each in State},
}
"""Zero is a figure like any other; every other state but measured leaves a place out."""


@dataclass(frozen=True, slots=True)
class OwnValues:
    """n places in the order of their rows. `people` is 1 each where the table has no population
    (`weighted` is False); `need` and `group` are None where it has none. `value` is not a number
    where `state` is not MEASURED and none is given."""

    value: Floats
    people: Ints
    state: Codes
    weighted: bool
    need: Floats | None
    group: Ints | None


def read_values(source: SourceFile, column: str, found: Found) -> OwnValues | None:
    """The table; None, with every fault, when it cannot be used."""
    before = len(found.faults)
    name = trim(unicodedata.normalize("NFKC", column))
    value = Column(name, "number", "數值", "value", may_be_empty=True, least=0)
    asked = Table("values", (PLACE, value, POPULATION, NEED, GROUP), ("place_id",))
    table = read_large(source, asked, found)
    if table is None:
        return None
    code, ids = coded(table, "place_id", found)
    tell_double(table, code, ids, "place_id", found)
    state = _states(table, name, found)
    amount = numbers(table, value, found, state == State.MEASURED, "value_not_known")
    weighted = "population" in table.columns
    people = whole_people(table, POPULATION, found) if weighted else np.ones(len(code))
    need = numbers(table, NEED, found) if "need" in table.columns else None
    group = coded(table, "group", found)[0] if "group" in table.columns else None
    if len(found.faults) > before:
        return None
    return OwnValues(amount, people.astype(np.int64), state, weighted, need, group)


def _states(table: LargeTable, value: str, found: Found) -> Codes:
    """What is known of each value, by the column `<value>_state` or `state`; else measured."""
    name = next((each for each in (f"{value}_state", "state") if each in table.columns), None)
    if name is None:
        return np.full(len(table.row), State.MEASURED, np.uint8)
    words = [str(word).lower().replace(" ", "_") for word in texts(table, name)]
    wrong = np.array([word not in STATE_WORDS for word in words], bool)
    choices = some([word for word in STATE_WORDS if word], most=len(STATE_WORDS))
    table.tell("not_a_choice", wrong, name, found, choices=choices)
    return np.array([STATE_WORDS.get(word, State.UNKNOWN) for word in words], np.uint8)
