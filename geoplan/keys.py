"""What may stand at a key of a TOML file that people write: kinds of values, and the strict base.

The study, its need section and its rules are made of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geoplan.door.study_checks import Loc, TomlFile
from geoplan.errors import Fault

Text = Annotated[str, StringConstraints(strict=True, min_length=1, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Date = Annotated[str, StringConstraints(strict=True, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
Crs = Annotated[str, StringConstraints(strict=True, pattern=r"^EPSG:\d{4,6}$")]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Percentile = Annotated[float, Field(ge=0, le=100, strict=True)]


class Model(BaseModel):
    """A part of such a file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def twice(read: TomlFile, path: str, ids: Sequence[str]) -> list[Fault]:
    """A fault for each id that stands more than once."""
    again = sorted({each for each in ids if ids.count(each) > 1})
    return [read.fault("id_twice", (path,), id=each) for each in again]


def refers(read: TomlFile, loc: Loc, names: Iterable[str], known: Iterable[str]) -> list[Fault]:
    """A fault for each name that is not among those the file defines."""
    choices = sorted(known)
    return [read.not_a_choice(loc, name, choices) for name in names if name not in choices]
