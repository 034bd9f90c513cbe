"""The files a trunk network is made from, opened once: bytes, name and sha256."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from geoplan.door.reading import Found, short
from geoplan.errors import SourceMissing

LARGEST_MEMBER_BYTES = 200_000_000
"""A file in an archive that claims to be larger than this is not a list of mileposts."""

UTF8_NAME = 0x800
"""The flag of a zip member whose name is stored as UTF-8."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as people call it, and what is in it."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def check_present(paths: Iterable[Path | None]) -> None:
    """Every file and folder asked for is there.

    Raises:
        SourceMissing: naming all that are not.
    """
    absent = [str(path) for path in paths if path is not None and not path.exists()]
    if absent:
        raise SourceMissing("files_missing", files=absent)


def open_file(path: Path, found: Found) -> Opened | None:
    """One file; None (and a fault) when it cannot be read."""
    try:
        return Opened(path.name, path.read_bytes())
    except OSError as error:
        found.fault("unreadable", path.name, why=error.strerror or type(error).__name__)
        return None


def open_folder(folder: Path, suffixes: tuple[str, ...], found: Found) -> list[Opened]:
    """The files of a folder and its subfolders with one of the suffixes, by name."""
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in suffixes]
    opened = [open_file(path, found) for path in sorted(paths) if path.is_file()]
    return [each for each in opened if each is not None]


def unpacked(archive: Opened, suffixes: tuple[str, ...], found: Found) -> list[Opened]:
    """The members of a zip archive with one of the suffixes, by name."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
            return sorted(_members(archive, opened, suffixes, found), key=lambda each: each.name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        found.fault("unreadable", archive.name, why=short(error))
        return []


def _members(
    archive: Opened, opened: zipfile.ZipFile, suffixes: tuple[str, ...], found: Found
) -> Iterator[Opened]:
    for member in opened.infolist():
        name = Path(member_name(member)).name
        if not name.lower().endswith(suffixes):
            continue
        if member.file_size > LARGEST_MEMBER_BYTES:
            found.fault("member_too_large", archive.name, member=name)
            continue
        yield Opened(name, opened.read(member))


def member_name(member: zipfile.ZipInfo) -> str:
    """The name of a member; where it is not marked as UTF-8 it is tried as Big5 (CP950)."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("cp950")
    except UnicodeError:
        return member.filename
