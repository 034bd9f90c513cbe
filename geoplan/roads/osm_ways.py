"""Which ways a profile may use, in which direction, and how fast the signs allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from geoplan.model import Bools, Floats, Ints
from geoplan.roads.osm_read import Barriers, OsmWays, Tag
from geoplan.roads.osm_rules import (
    AGAINST,
    ALONG,
    BOTH,
    OPEN_BARRIERS,
    UNCLEAR,
    admits,
    duration_minutes,
    maxspeed_kph,
    oneway,
)

Profile = Literal["drive", "walk"]

ACCESS_KEYS: Mapping[str, tuple[str, ...]] = {
    "drive": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "walk": ("foot", "access"),
}
"""From the most particular to the most general; the most particular that is stated decides."""
ONEWAY_KEYS: Mapping[str, tuple[str, ...]] = {
    "drive": ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
    "walk": ("oneway:foot",),
}
ROUNDABOUTS = frozenset({"roundabout", "circular"})
NOT_STATED = -9


@dataclass(frozen=True, slots=True)
class Ways:
    """The usable ways (W,): `row` in what was read, class, directions, limits, ferry minutes.

    `along_kph` and `against_kph` are limits, infinite where none is stated or none is understood;
    `stated` tells where every direction in use has one. `ferry_minutes` is NaN unless stated.
    `counts` says how many ways were left out, and how many values were not understood.
    """

    row: Ints
    road_class: tuple[str, ...]
    class_at: Ints
    along: Bools
    against: Bools
    along_kph: Floats
    against_kph: Floats
    stated: Bools
    ferry: Bools
    ferry_minutes: Floats
    counts: Mapping[str, int]


def usable_ways(read: OsmWays, profile: Profile, classes: tuple[str, ...]) -> Ways:
    """The ways that `profile` may use; `classes` are the road classes that have a speed.

    Left out: areas; ways whose access keys keep the public out; for walking, motor roads without a
    word for walkers; for driving, ferries without a word for motor vehicles, because most ferries
    carry people only.
    """
    tags = read.tags
    ferry = tags["route"].read(lambda value: value == "ferry", False)
    class_at = tags["highway"].read(lambda value: _place(value, classes), -1)
    class_at = np.where(ferry, _place("ferry", classes), class_at)
    known = class_at >= 0
    area = tags["area"].read(lambda value: value == "yes", False)
    stated_open = admitted(tags, ACCESS_KEYS[profile])
    silent = stated_open == NOT_STATED
    own_word = admitted(tags, ACCESS_KEYS[profile][:-1]) == 1
    motor_road = tags["motorroad"].read(lambda value: value == "yes", False)
    wordless = (ferry & ~own_word) if profile == "drive" else (motor_road & ~own_word)
    barred = ~silent & (stated_open == 0)
    row = np.flatnonzero(known & ~area & ~barred & ~wordless)
    one = first_stated(tags, ONEWAY_KEYS[profile], oneway)[row]
    direction = np.where(one == NOT_STATED, _implied(tags, profile)[row], one)
    along, against = direction != AGAINST, direction != ALONG
    along_kph, against_kph = _limits(tags, row, profile)
    unstated = (np.isnan(along_kph) & along) | (np.isnan(against_kph) & against)
    ferry_minutes = tags["duration"].read(duration_minutes, math.nan)[row]
    return Ways(
        row=row,
        road_class=classes,
        class_at=class_at[row],
        along=along,
        against=against,
        along_kph=np.where(np.isnan(along_kph), math.inf, along_kph),
        against_kph=np.where(np.isnan(against_kph), math.inf, against_kph),
        stated=~unstated,
        ferry=ferry[row],
        ferry_minutes=np.where(ferry[row], ferry_minutes, math.nan),
        counts={
            "ways_barred": int((known & ~area & barred).sum()),
            "ways_of_areas": int((known & area).sum()),
            "ferries_without_word": int((known & ~area & ~barred & wordless & ferry).sum()),
            "oneway_not_understood": int((one == UNCLEAR).sum()),
        },
    )


def not_understood(read: OsmWays, ways: Ways) -> dict[str, int]:
    """Values of maxspeed on usable ways that no rule understands, with how many ways have each."""
    found: dict[str, int] = {}
    for key in ("maxspeed", "maxspeed:forward", "maxspeed:backward"):
        tag = read.tags[key]
        code = tag.code[ways.row]
        counts = np.bincount(code[code >= 0], minlength=len(tag.values))
        for value, count in zip(tag.values, counts.tolist(), strict=True):
            if count and math.isnan(maxspeed_kph(value)):
                found[value] = found.get(value, 0) + count
    return dict(sorted(found.items()))


def blocked_nodes(barriers: Barriers, profile: Profile) -> Ints:
    """Ids of the nodes that `profile` cannot pass: the access keys decide, then the barrier's kind.

    A walker gets past every kind of barrier unless an access key says no.
    """
    stated = admitted(barriers.tags, ACCESS_KEYS[profile])
    passed = barriers.tags["barrier"].read(
        lambda value: profile == "walk" or value in OPEN_BARRIERS, True
    )
    shut: Bools = np.where(stated == NOT_STATED, ~passed, stated == 0)
    return barriers.node[shut]


def first_stated(
    tags: Mapping[str, Tag], keys: tuple[str, ...], rule: Callable[[str], int]
) -> Ints:
    """(N,) what `rule` makes of the first of `keys` that each object has, else NOT_STATED."""
    told: Ints = np.full(len(tags[keys[0]].code), NOT_STATED, np.int64)
    for key in reversed(keys):
        tag = tags[key]
        told[tag.stated] = tag.read(rule, NOT_STATED)[tag.stated]
    return told


def admitted(tags: Mapping[str, Tag], keys: tuple[str, ...]) -> Ints:
    """(N,) 1 let in, 0 kept out, NOT_STATED."""
    return first_stated(tags, keys, lambda value: int(admits(value)))


def _place(value: str, classes: tuple[str, ...]) -> int:
    return classes.index(value) if value in classes else -1


def _implied(tags: Mapping[str, Tag], profile: Profile) -> Any:
    """Direction where no key states one: motorways and roundabouts are driven along the way."""
    if profile == "walk":
        return np.full(len(tags["highway"].code), BOTH)
    motorway = tags["highway"].read(lambda value: value == "motorway", False)
    circle = tags["junction"].read(lambda value: value in ROUNDABOUTS, False)
    return np.where(motorway | circle, ALONG, BOTH)


def _limits(tags: Mapping[str, Tag], row: Ints, profile: Profile) -> tuple[Floats, Floats]:
    """Limits along and against each way, NaN where none is stated; none binds who walks."""
    if profile == "walk":
        none = np.full(len(row), math.nan)
        return none, none
    both = tags["maxspeed"].read(maxspeed_kph, math.nan)
    sides = []
    for key in ("maxspeed:forward", "maxspeed:backward"):
        own = tags[key].read(maxspeed_kph, math.nan)
        sides.append(np.where(np.isnan(own), both, own)[row])
    return sides[0], sides[1]
