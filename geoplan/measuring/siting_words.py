"""A siting answer in words: its status, how much better a plan could be, why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from geoplan.door.checks import some
from geoplan.errors import Fault
from geoplan.measuring.siting import ReadySiting, SiteRequest
from geoplan.siting.location import ALL, Found, Positions
from geoplan.siting.models import MODELS, Unit
from geoplan.texts import Lang, say

_NAMED = 8
_IN_PEOPLE = ("location_share_uncoverable", "location_share_out_of_reach")
_IN_COST = ("budget", "needed")
_SEVERAL = "location_rule_conflict"
Number = int | float


class Ids(tuple[str, ...]):
    """Ids in place of positions; the first few stand in a text."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return some(self, _NAMED)


@dataclass(frozen=True, slots=True)
class Units:
    """Whole units back into what the tables count: minutes, people, costs."""

    minutes: int
    people: int
    cost: int

    def of(self, value: int, unit: Unit) -> Number:
        """An objective in minutes, people, person-minutes, costs or a share."""
        per = {
            "people": self.people,
            "person_ms": self.people * self.minutes,
            "ms": self.minutes,
            "cost": self.cost,
            "millionths": ALL,
        }[unit]
        return amount(value, per)


def amount(value: int, per: int) -> Number:
    """A whole number where it divides, else a float."""
    value = int(value)
    return value // per if value % per == 0 else value / per


def units_of(ready: ReadySiting) -> Units:
    """Where sites have no cost each counts 1."""
    scales = ready.scales
    return Units(scales.minutes, scales.people, 1 if ready.problem.cost is None else scales.cost)


def status_word(found: Found, lang: Lang) -> str:
    """OPTIMAL, WITHIN x %, CUT OFF or INFEASIBLE BECAUSE."""
    if found.status == "cut_off" and not found.has_plan:
        return say("site.status.no_plan", lang)
    return say(f"site.status.{found.status}", lang, gap=percent(found.gap))


def percent(share: float) -> str:
    """A gap in percent, rounded up at its second digit: it is never told smaller than it is."""
    if share == 0:
        return "0"
    hundred, digits = share * 100, 2
    while hundred < 10.0 ** (1 - digits) and digits < 9:
        digits += 1
    rounded = -(-hundred * 10**digits // 1) / 10**digits
    return f"{rounded:.{digits}f}".rstrip("0").rstrip(".")


def gap_words(request: SiteRequest, ready: ReadySiting, found: Found, lang: Lang) -> str:
    """How much better any other plan could be, in people, sites or minutes."""
    model = MODELS[request.name]
    key = f"site.gap.{_gap_key(ready, model.unit)}"
    if found.bound == found.objective:
        return say(f"{key}.none", lang)
    units = units_of(ready)
    more = units.of(abs(found.bound - found.objective), model.unit)
    people = amount(int(ready.problem.weight.sum()), ready.scales.people)
    bound = units.of(found.bound, model.unit)
    return say(key, lang, more=number(more), each=number(more / people), bound=number(bound))


def _gap_key(ready: ReadySiting, unit: Unit) -> str:
    return "sites" if unit == "cost" and ready.problem.cost is None else unit


def number(value: Number) -> str:
    """With thousands; three decimals at most, and more where there would be nothing left."""
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 else f"{value:.2g}"


def proof_words(found: Found, lang: Lang) -> str:
    """What the bound rests on."""
    if found.proof is None or found.proof.bound != found.bound:
        return say("site.rests_on_solver", lang)
    return say("site.rests_on_prices", lang)


def why_words(ready: ReadySiting, found: Found, lang: Lang) -> list[str]:
    """Each rule or demand point of the conflict, by its id."""
    return [told(fault, lang) for fault in named(ready, found.why)]


def told(fault: Fault, lang: Lang) -> str:
    """A fault of the question, with the rows of the demand table where it is about some."""
    return fault.tell(lang) if fault.file else say(f"fault.{fault.code}", lang, **fault.values)


def named(ready: ReadySiting, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The faults with ids in place of positions, and the rows of the demand table."""
    own = ready.own
    lists: dict[str, tuple[str, ...] | list[str]] = {
        "points": own.demand.id,
        "sites": own.sites.id,
        "groups": ready.group_id,
        "areas": ready.area_id,
    }

    units = units_of(ready)

    def with_ids(code: str, key: str, value: Any) -> Any:
        if isinstance(value, Positions) and key in lists:
            return Ids(lists[key][at] for at in value)
        if key in ("group", "area") and isinstance(value, int):
            return lists[f"{key}s"][value]
        if code in _IN_PEOPLE and key in ("wanted", "most"):
            return number(units.of(value, "people"))
        if key in _IN_COST and "budget" in code:
            return number(units.of(value, "cost"))
        return value

    if len(faults) == 2 and faults[0].code == _SEVERAL:
        faults = faults[1:]  # one rule by itself needs no count
    return tuple(
        replace(
            fault,
            file=own.demand.file if fault.rows else "",
            rows=tuple(sorted(int(own.demand.row[row - 2]) for row in fault.rows)),
            values={key: with_ids(fault.code, key, value) for key, value in fault.values.items()},
        )
        for fault in faults
    )
