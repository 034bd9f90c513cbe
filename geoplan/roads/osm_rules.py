"""What the values of OpenStreetMap tags mean: one small rule a kind of value, text in, plain out.

The meanings are those of the OpenStreetMap wiki (pages Key:maxspeed, Key:oneway, Key:access,
Key:duration, Tag:route=ferry); where the wiki leaves room, the choice is said here.
"""

from __future__ import annotations

import math
import re

KPH_PER_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
WORDS_KPH = {"none": math.inf, "walk": 7.0}
"""`none` is a stated absence of a limit; `walk` is taken as the 7 km/h of German practice."""
ZONE_KPH = {
    "urban": 50.0,
    "rural": 90.0,
    "living_street": 20.0,
    "walk": 7.0,
    "bicycle_road": 30.0,
    "motorway": math.inf,
    "trunk": math.inf,
}
"""Limits by the kind of zone where the tag names one ("DE:urban"): the commonest in Europe.

They are caps only, so a rural 90 where a country has 80 or 100 changes few minutes.
"""
MOST_KPH = 200.0
"""No limit is above it; such a number is a slip."""

BARRED = frozenset(
    {
        "no",
        "private",
        "agricultural",
        "forestry",
        "military",
        "delivery",
        "emergency",
        "official",
        "psv",
        "bus",
        "restricted",
        "service",
        "use_sidepath",
    }
)
"""Values of the access keys that keep the public out; any other value lets it in.

`private` is left out: a way over private ground would be offered as a short cut to everybody.
Who lives on such ground joins the nearest open road. `destination`, `customers`, `permissive` stay.
"""
OPEN_BARRIERS = frozenset(
    {
        "border_control",
        "bump_gate",
        "cattle_grid",
        "coupure",
        "entrance",
        "gate",
        "height_restrictor",
        "lift_gate",
        "no",
        "sally_port",
        "spikes",
        "swing_gate",
        "toll_booth",
        "kerb",
        "wall",
        "fence",
        "hedge",
        "retaining_wall",
        "guard_rail",
        "yes",
    }
)
"""Barriers that do not stop a car unless an access tag says so.

Gates are mostly open by day; a wall or fence on a node of a road is a line drawn through it.
"""

_NUMBER = re.compile(r"(\d+(?:\.\d+)?) ?(km/h|kmh|kph|mph|knots)?")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_ISO_8601 = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def unescaped(text: str) -> str:
    """A value as it was before OPL wrote characters as `%<hex>%`."""
    return re.sub(r"%([0-9a-fA-F]+)%", lambda found: chr(int(found[1], 16)), text)


def maxspeed_kph(text: str) -> float:
    """The limit in km/h; infinite where it is stated that there is none; NaN if not understood.

    Of a list ("50;60", "80|100") the lowest counts. Signs that change (`signals`, `variable`) state
    no number and count as not understood.

    >>> maxspeed_kph("50"), maxspeed_kph("30 mph"), maxspeed_kph("none"), maxspeed_kph("DE:zone:30")
    (50.0, 48.28032, inf, 30.0)
    """
    parts = [_one_maxspeed(part.strip().lower()) for part in re.split(r"[;|]", text)]
    return math.nan if any(math.isnan(kph) for kph in parts) else min(parts)


def _one_maxspeed(text: str) -> float:
    if text in WORDS_KPH:
        return WORDS_KPH[text]
    number = _NUMBER.fullmatch(text)
    if number:
        kph = float(number[1]) * KPH_PER_UNIT[number[2] or ""]
        return kph if 0 < kph <= MOST_KPH else math.nan
    zone = re.fullmatch(r"(?:[a-z]{2}|\*)[:_](.+)|(zone:?\d+|living_street)", text)
    if zone is None:
        return math.nan
    name = zone[1] or zone[2]
    numbered = re.fullmatch(r"(?:zone:?)?(\d{2,3})", name)
    return float(numbered[1]) if numbered else ZONE_KPH.get(name, math.nan)


def duration_minutes(text: str) -> float:
    """Minutes of a ferry: hh:mm, hh:mm:ss, plain minutes, or ISO 8601; NaN if not understood.

    >>> duration_minutes("01:30"), duration_minutes("20"), duration_minutes("PT1H30M")
    (90.0, 20.0, 90.0)
    """
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    if clock:
        minutes = int(clock[1]) * 60 + int(clock[2]) + int(clock[3] or 0) / 60
    elif re.fullmatch(r"\d+(?:\.\d+)?", text):
        minutes = float(text)
    elif (iso := _ISO_8601.fullmatch(text.upper())) is not None:
        days, hours, whole, seconds = (int(part or 0) for part in iso.groups())
        minutes = days * 1440 + hours * 60 + whole + seconds / 60
    else:
        return math.nan
    return minutes if minutes > 0 else math.nan


BOTH, ALONG, AGAINST, UNCLEAR = 0, 1, -1, 2


def oneway(text: str) -> int:
    """BOTH, ALONG the way, AGAINST it, or UNCLEAR (then taken as both, and counted).

    `reversible` and `alternating` change with the hour; somebody may pass in each direction at some
    hour, so they are BOTH.

    >>> oneway("yes"), oneway("-1"), oneway("no"), oneway("reversible")
    (1, -1, 0, 0)
    """
    text = text.strip().lower()
    if text in {"yes", "true", "1"}:
        return ALONG
    if text in {"-1", "reverse"}:
        return AGAINST
    return BOTH if text in {"no", "false", "0", "reversible", "alternating"} else UNCLEAR


def admits(text: str) -> bool:
    """Whether an access value lets the public in; of a list, whether any of its values does.

    >>> admits("destination"), admits("private"), admits("no;permissive")
    (True, False, True)
    """
    text = text.strip().lower()
    if text in BARRED:
        return False
    return any(part.strip() not in BARRED for part in text.split(";"))
