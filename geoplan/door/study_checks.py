"""What can be wrong with a study's TOML, told with the key path, the line and the nearest key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from geoplan.errors import BadInput, Fault

M = TypeVar("M", bound=BaseModel)
Loc = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class FromToml(Generic[M]):
    """A model, or None and the faults that stood in its way."""

    value: M | None
    faults: list[Fault]


@dataclass(slots=True)
class TomlFile:
    """A parsed TOML file: its table, its text for finding lines, and how it is named to people."""

    shown: str
    table: dict[str, Any]
    text: str
    faults: list[Fault] = field(default_factory=list)

    def line_of(self, key: str) -> tuple[int, ...]:
        """The line where `key` is set, if it is set on exactly one; else nothing."""
        setting = re.compile(rf'^\s*(?:"{re.escape(key)}"|{re.escape(key)})\s*=')
        table = re.compile(rf"^\s*\[+[^\]]*\b{re.escape(key)}\s*\]+")
        lines = self.text.splitlines()
        hits = [n for n, line in enumerate(lines, 1) if setting.match(line) or table.match(line)]
        return (hits[0],) if len(hits) == 1 else ()

    def fault(self, code: str, loc: Loc, **values: object) -> Fault:
        """A fault at a key path."""
        names = [part for part in loc if isinstance(part, str)]
        rows = self.line_of(names[-1]) if names else ()
        return Fault(code, self.shown, rows, key_path(loc), values)

    def unknown_key(self, loc: Loc, model: type[BaseModel]) -> Fault:
        """A key that means nothing, with the nearest one that would."""
        known = keys_of(model, loc[:-1])
        near = nearest(str(loc[-1]), known)
        if near:
            return self.fault("key_unknown_near", loc, near=near)
        return self.fault("key_unknown", loc, known=", ".join(sorted(known)))

    def not_a_choice(self, loc: Loc, given: str, choices: Iterable[str]) -> Fault:
        """A value that is none of those that can stand there, with the nearest one."""
        near, known = nearest(given, choices), ", ".join(choices)
        code = "key_choice_near" if near else "key_choice"
        return self.fault(code, loc, given=given, choices=known, near=near or "")

    def validate(self, model: type[M], table: dict[str, Any]) -> FromToml[M]:
        """The model, or every fault of the table."""
        try:
            return FromToml(model.model_validate(table), [])
        except ValidationError as error:
            return FromToml(None, [self.tell(each, model) for each in error.errors()])

    def tell(self, error: Any, model: type[BaseModel]) -> Fault:
        """One of pydantic's findings in our words."""
        kind, loc, given = error["type"], error["loc"], error.get("input")
        limits = error.get("ctx", {})
        if kind == "extra_forbidden":
            return self.unknown_key(loc, model)
        if kind == "missing":
            return self.fault("key_missing", loc)
        if kind == "literal_error":
            choices = re.findall(r"'([^']*)'", str(limits.get("expected", "")))
            return self.not_a_choice(loc, str(given), choices)
        if kind in RANGES:
            name = RANGES[kind]
            return self.fault(
                "key_range", loc, given=given, sign=name, limit=f"{limits[kind_of(kind)]:g}"
            )
        if kind == "string_pattern_mismatch":
            form = next((form for start, form in FORMS if start in limits["pattern"]), "?")
            return self.fault("key_pattern", loc, given=given, form=form)
        if kind in ("too_short", "string_too_short"):
            return self.fault("key_empty", loc)
        wanted = next((word for part, word in KINDS if part in kind), "value")
        return self.fault("key_kind", loc, wanted=wanted, given=toml_kind(given))


RANGES = {
    "greater_than": ">",
    "greater_than_equal": ">=",
    "less_than": "<",
    "less_than_equal": "<=",
}
# What a pattern of `study` or `manifest` asks for, by an example.
FORMS = (
    ("EPSG", "EPSG:3826"),
    (r"\d{4}", "2025-12"),
    ("A-Za-z0-9", "food_banks-2"),
    ("0-9a-f", "sha256: 64 x 0-9 a-f"),
)
KINDS = (
    ("string", "text"),
    ("bool", "true/false"),
    ("int", "integer"),
    ("float", "number"),
    ("finite", "finite number"),
    ("tuple", "[list]"),
    ("model", "[table]"),
)


def kind_of(kind: str) -> str:
    """The name under which pydantic hands over the limit of a range."""
    return {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt"}.get(kind, "le")


def toml_kind(value: object) -> str:
    """What a TOML value is, in words a writer of TOML knows."""
    if isinstance(value, bool):
        return "true/false"
    kinds: tuple[tuple[type, str], ...] = (
        (str, "text"),
        (int, "integer"),
        (float, "number"),
        (list, "[list]"),
        (dict, "[table]"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "value")


def key_path(loc: Loc) -> str:
    """`layer[2].siting.county_at_least`: places in lists are counted from 1, as people do."""
    path = ""
    for part in loc:
        path += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, if any is like it."""
    found = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def keys_of(model: type[BaseModel], loc: Loc) -> set[str]:
    """The keys that may stand in the TOML at a key path."""
    for part in loc:
        if isinstance(part, int):
            continue
        inner = next(
            (
                found
                for name, each in model.model_fields.items()
                if part in (name, each.alias)
                for found in models_in(each.annotation)
            ),
            None,
        )
        if inner is None:
            return set()
        model = inner
    hidden = {"folder", "rules"} if "folder" in model.model_fields else set()
    return {each.alias or name for name, each in model.model_fields.items()} - hidden


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models named by a type annotation, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def parse_toml(path: Path, shown: str | None = None) -> TomlFile:
    """The table of a TOML file.

    Raises:
        BadInput: if it cannot be read, is not UTF-8 or not TOML; with the line.
    """
    name, text = shown or path.name, ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return TomlFile(name, tomllib.loads(text), text)
    except OSError as error:
        fault = Fault("unreadable", name, values={"why": error.strerror or str(error)})
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = Fault("toml_encoding", name, (line,))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        fault = Fault("toml_syntax", name, (line,), values={"why": str(error)})
    except RecursionError:
        fault = Fault("toml_syntax", name, values={"why": "nested too deeply"})
    raise BadInput([fault]) from None
