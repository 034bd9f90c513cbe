"""What is not the same in what went into two results: rules, sources, settings, version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from geoplan.finished import Finished


@dataclass(frozen=True, slots=True)
class Setting:
    """One value, at its dotted path, as it was and as it is; None where it is not there."""

    path: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """A rule that is not the same: its versions (None: no such rule) and every value changed."""

    id: str
    version_before: str | None
    version: str | None
    settings: tuple[Setting, ...]
    tried: bool
    """A trial set the threshold, and nothing else of the rule is another one."""

    @property
    def silent(self) -> bool:
        """The rule changed and its version did not, and by no trial."""
        return self.version_before == self.version and not self.tried


@dataclass(frozen=True, slots=True)
class SourceDifference:
    """A source whose content is not the same; None where one run did not use it."""

    file: str
    date_before: str | None
    date: str | None
    sha256_before: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that can make two results differ."""

    version_before: str
    version: str
    rules: tuple[RuleDifference, ...]
    sources: tuple[SourceDifference, ...]
    settings: tuple[Setting, ...]

    @property
    def any(self) -> bool:
        parts = (self.rules, self.sources, self.settings)
        return self.version_before != self.version or any(parts)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def differences(first: Finished, second: Finished) -> Differences:
    """What differs between the earlier result and the later one, in the order of their names."""
    before, now = first.plan, second.plan
    return Differences(
        version_before=before["geoplan"],
        version=now["geoplan"],
        rules=tuple(_rules(before, now)),
        sources=tuple(_sources(_by(before["inputs"], "file"), _by(now["inputs"], "file"))),
        settings=changed_settings(_settings(before), _settings(now)),
    )


def _settings(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The study's settings, and what a trial closed, opened and moved."""
    return {**plan["study"]["settings"], "trial": plan.get("trial") or {}}


def changed_settings(before: object, now: object) -> tuple[Setting, ...]:
    """Every value of two nested tables that is not the same, by its dotted path."""
    old, new = dict(_leaves("", before)), dict(_leaves("", now))
    paths = sorted({*old, *new})
    return tuple(
        Setting(path, old.get(path), new.get(path))
        for path in paths
        if old.get(path) != new.get(path)
    )


def _leaves(path: str, value: object) -> Iterator[tuple[str, Any]]:
    """Dotted path and value of everything in a nested table; parts of a list go by their id."""
    if isinstance(value, Mapping):
        parts = [(str(name), each) for name, each in value.items()]
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        parts = [
            (str(each.get("id", place)) if isinstance(each, Mapping) else str(place), each)
            for place, each in enumerate(value, start=1)
        ]
    else:
        yield path, value
        return
    for name, each in parts:
        yield from _leaves(f"{path}.{name}" if path else name, each)


Parts = Mapping[str, Mapping[str, Any]]


def _by(parts: list[Mapping[str, Any]], key: str) -> Parts:
    return {part[key]: part for part in parts}


def _rules(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[RuleDifference]:
    before, now = _by(first["rules"], "id"), _by(second["rules"], "id")
    for name in sorted({*before, *now}):
        old, new = before.get(name, {}), now.get(name, {})
        if old != new:
            changed = changed_settings(old, new)
            settings = tuple(each for each in changed if each.path != "version")
            layer = new.get("layer", old.get("layer"))
            tried = len(changed) == 1 and (
                _set_by_trial(first, layer, changed[0].before)
                or _set_by_trial(second, layer, changed[0].now)
            )
            yield RuleDifference(name, old.get("version"), new.get("version"), settings, tried)


def _set_by_trial(plan: Mapping[str, Any], layer: str, value: object) -> bool:
    """Whether the value is what the plan's trial made the layer's threshold."""
    changes = (plan.get("trial") or {}).get("layers", {}).get(layer, {})
    return "minutes" in changes and changes["minutes"] == value


def _sources(before: Parts, now: Parts) -> Iterator[SourceDifference]:
    for file in sorted({*before, *now}):
        then, here = before.get(file, {}), now.get(file, {})
        if then.get("sha256") != here.get("sha256"):
            yield SourceDifference(
                file, then.get("date"), here.get("date"), then.get("sha256"), here.get("sha256")
            )
