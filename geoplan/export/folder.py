"""The result folder: written aside, moved into place whole, never half there.

Everything is written into a hidden folder beside the target (`.<name>.geoplan/new`) and synced;
`manifest.json` (bytes and sha256 of every file) comes last. Then the old result is moved aside and
the new one in. A process that dies on the way leaves the old or the new result complete; the next
one puts in order what it finds. A lock on the folder keeps a second run out.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from filelock import FileLock, Timeout

from geoplan.errors import CannotWrite

MANIFEST = "manifest.json"
FORMAT = "geoplan-result"
JUNK = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Left by file managers; nobody's work, so they do not stand in the way of a new result."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY})
_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTDIR, errno.ENOTEMPTY, errno.EISDIR})


@dataclass(frozen=True, slots=True)
class Place:
    """Where one result goes: the target folder and the hidden working folder beside it."""

    target: Path

    @property
    def aside(self) -> Path:
        return self.target.parent / f".{self.target.name}.geoplan"

    @property
    def new(self) -> Path:
        return self.aside / "new"

    @property
    def old(self) -> Path:
        return self.aside / "old"


@contextmanager
def claim(out: Path) -> Iterator[Place]:
    """Hold the result folder `out` for this process, and be sure beforehand that it may be written.

    A program that works for long before it writes claims the folder first; claims of one thread
    may be nested. What a killed run left is put in order. While the claim lasts, SIGTERM raises
    KeyboardInterrupt, so that a stopped run tidies up like an interrupted one.

    Raises:
        CannotWrite: if another process holds it, something foreign stands there, or the disk or
            its permissions say no.
    """
    place = Place(Path(os.path.realpath(out)))
    with _told(place):
        if place.target == place.target.parent or _is_working_folder(place.target):
            raise CannotWrite("folder_is_working", folder=str(place.target))
        _make_aside(place)
    with _locked(place), _stoppable():
        with _told(place):
            recover(place)
            check_target(place.target)
        yield place


def write_result(out: Path, files: Iterable[tuple[str, bytes]], about: Mapping[str, Any]) -> None:
    """Write the named files as the result folder `out`, with their manifest.

    Args:
        out: the folder; a former result there is replaced, anything else is refused.
        files: name and content, one at a time; names are plain file names.
        about: what else the manifest says (run id, version); JSON values.

    Raises:
        CannotWrite: as `claim` does; what stood in `out` before is untouched then.
    """
    with claim(out) as place:
        try:
            with _told(place):
                _fill(place.new, files, about)
                check_target(place.target)
                _swap(place)
        except BaseException:
            # Whatever happened, the folder is left with the old or the new result, whole.
            with suppress(OSError):
                recover(place)
            raise
        with suppress(OSError):
            _discard_old(place)


def recover(place: Place) -> None:
    """Put in order what a killed process left: a whole result in place, nothing half-written.

    To be called with the claim held.
    """
    if not os.path.lexists(place.target):
        if is_whole(place.new):
            place.new.replace(place.target)
        elif place.old.is_dir():
            place.old.replace(place.target)
    if place.new.is_dir():
        shutil.rmtree(place.new)
    _discard_old(place)


def read_manifest(folder: Path) -> dict[str, dict[str, Any]] | None:
    """File name -> {"bytes", "sha256"} of a result folder; None if it holds no manifest of ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["format"] != FORMAT:
            return None
        entries = {str(entry["name"]): entry for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    plain = all(Path(name).name == name and name != MANIFEST for name in entries)
    return entries if plain else None


def changed_files(folder: Path) -> list[str] | None:
    """Files of a result that are missing or not as its manifest says; None without a manifest."""
    entries = read_manifest(folder)
    if entries is None:
        return None
    return [name for name, entry in sorted(entries.items()) if not _is_as_written(folder, entry)]


def is_whole(folder: Path) -> bool:
    """Whether `folder` is a result with its manifest and every file is as the manifest says."""
    return changed_files(folder) == []


def check_target(target: Path) -> None:
    """Refuse a target that is anything but free, empty, or a former result as it was written.

    Raises:
        CannotWrite: naming what stands there; nothing is ever deleted to make room for a result.
    """
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise CannotWrite("file_in_the_way", path=str(target))
    present = {entry.name for entry in target.iterdir() if not _is_bare_lock(entry)} - JUNK
    if not present:
        return
    entries = read_manifest(target)
    foreign = sorted(present - (set(entries) | {MANIFEST} if entries is not None else set()))
    if foreign:
        raise CannotWrite("foreign_files", folder=str(target), files=_some(foreign))
    changed = [name for name in changed_files(target) or [] if name in present]
    if changed:
        raise CannotWrite("changed_files", folder=str(target), files=_some(changed))


def _is_bare_lock(path: Path) -> bool:
    """Whether this is the hidden folder of another result with nothing in it but its free lock."""
    named = path.name.startswith(".") and path.name.endswith(".geoplan")
    return named and path.is_dir() and {each.name for each in path.iterdir()} <= {"lock"}


def _is_as_written(folder: Path, entry: Mapping[str, Any]) -> bool:
    try:
        content = (folder / str(entry["name"])).read_bytes()
    except OSError:
        return False
    return len(content) == entry.get("bytes") and _sha256(content) == entry.get("sha256")


def _fill(folder: Path, files: Iterable[tuple[str, bytes]], about: Mapping[str, Any]) -> None:
    folder.mkdir()
    entries = []
    for name, content in files:
        _write_synced(folder / name, content)
        entries.append({"name": name, "bytes": len(content), "sha256": _sha256(content)})
    manifest = {"format": FORMAT, **about, "files": sorted(entries, key=lambda each: each["name"])}
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    _write_synced(folder / MANIFEST, text.encode())
    _sync_folder(folder)


def _swap(place: Place) -> None:
    if place.target.is_dir():
        place.target.replace(place.old)
    place.new.replace(place.target)
    _sync_folder(place.target.parent)


def _discard_old(place: Place) -> None:
    """Delete the former result that was moved aside, file by file, its manifest last.

    A file that somebody laid into it at the last moment goes into the new result's folder.
    """
    if not place.old.is_dir():
        return
    for name in [*(read_manifest(place.old) or {}), *JUNK, MANIFEST]:
        (place.old / name).unlink(missing_ok=True)
    for foreign in place.old.iterdir():
        foreign.replace(place.target / foreign.name)
    place.old.rmdir()


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot sync a folder
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_aside(place: Place) -> None:
    place.target.parent.mkdir(parents=True, exist_ok=True)
    place.aside.mkdir(exist_ok=True)


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    """The lock, with the holder's pid in a file beside it for whoever is kept out."""
    holder = place.aside / "pid"
    lock = FileLock(place.aside / "lock", timeout=0, is_singleton=True)
    outermost = not lock.is_locked
    with _told(place):
        try:
            lock.acquire()
        except Timeout:
            pid = _read_pid(holder)
            raise CannotWrite("folder_locked", folder=str(place.target), pid=pid) from None
        try:
            holder.write_text(f"{os.getpid()}\n", "utf-8")
        except OSError:
            lock.release()
            raise
    try:
        yield
    finally:
        if outermost:
            with suppress(OSError):
                holder.unlink(missing_ok=True)
        lock.release()


def _read_pid(holder: Path) -> str:
    try:
        return holder.read_text("utf-8").strip() or "?"
    except OSError:
        return "?"


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt here, unless the program has its own answer to it."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt("SIGTERM")

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if ours:
        signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """What the operating system says no to, told as CannotWrite."""
    try:
        yield
    except CannotWrite:
        raise
    except OSError as error:
        code = "cannot_write"
        if error.errno in _FULL:
            code = "disk_full"
        elif error.errno in _REFUSED:
            code = "write_refused"
        elif error.errno in _IN_THE_WAY:
            code = "file_in_the_way"
        why = error.strerror or str(error)
        path = str(error.filename or place.target)
        told = CannotWrite(code, folder=str(place.target), path=path, why=why)
        raise told from error


def _is_working_folder(target: Path) -> bool:
    here = Path(os.path.realpath(Path.cwd()))
    return target == here or target in here.parents


def _some(names: list[str]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" (+{more})" if more > 0 else "")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
