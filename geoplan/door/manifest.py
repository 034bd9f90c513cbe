"""The manifest beside a table: where it comes from, under which licence, and its sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from geoplan.door.reading import Found
from geoplan.door.study_checks import parse_toml
from geoplan.errors import BadInput
from geoplan.model import Source


class InputFile(BaseModel):
    """A file that a table was made from; `committed` if it is one of our own tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = ""
    committed: bool = False


class Manifest(BaseModel):
    """What stands in `<table>.toml`. Only the title is needed for a table of one's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    title_zh: str = ""
    table: str = ""
    rows: int = -1
    origin: str = ""
    origin_zh: str = ""
    intermediate: str = ""
    date: str = ""
    licence: str = ""
    licence_note: str = ""
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    rebuild: str = ""
    inputs: Sequence[InputFile] = ()
    note: str = ""
    columns: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file read once: how people name it, its bytes, its sha256, its manifest if it has one."""

    path: Path
    shown: str
    content: bytes
    sha256: str
    manifest: Manifest | None

    @property
    def columns(self) -> Mapping[str, str]:
        """Ours -> theirs, as the manifest says."""
        return self.manifest.columns if self.manifest else {}

    @property
    def changed(self) -> bool:
        """Is it another file than the manifest describes?"""
        return bool(self.manifest and self.manifest.sha256 and self.manifest.sha256 != self.sha256)

    def source(self, rows: int = -1) -> Source:
        """The provenance of the file; a file without a manifest is named by itself."""
        about = self.manifest or Manifest(title=self.path.name)
        return Source(
            file=self.shown,
            title_zh=about.title_zh or about.title,
            title_en=about.title,
            origin_zh=about.origin_zh or about.origin,
            origin_en=about.origin,
            date=about.date,
            licence=about.licence,
            licence_note=about.licence_note,
            sha256=self.sha256,
            rows=about.rows if about.rows >= 0 else rows,
        )


def open_source(path: Path, shown: str, found: Found) -> SourceFile | None:
    """The file with its manifest; None (and a fault) when it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        found.fault("unreadable", shown, why=error.strerror or str(error))
        return None
    digest = hashlib.sha256(content).hexdigest()
    return SourceFile(path, shown, content, digest, read_manifest(path, shown, found))


def read_manifest(path: Path, shown: str, found: Found) -> Manifest | None:
    """The manifest beside a table; None if there is none or it is not right (a fault then)."""
    beside = path.with_suffix(".toml")
    if not beside.is_file() or beside == path:
        return None
    name = str(Path(shown).with_suffix(".toml"))
    try:
        read = parse_toml(beside, shown=name)
    except BadInput as error:
        found.faults.extend(error.faults)
        return None
    if not {"title", "sha256"} & read.table.keys():
        return None  # a study or something else of the same name
    result = read.validate(Manifest, read.table)
    found.faults.extend(result.faults)
    return result.value
