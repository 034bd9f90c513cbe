"""Hierarchies kept on disk, so that a road network is contracted once and not at every start.

Each lies in a folder named by what it was made from: arrays as .npy files, and a manifest with
their hashes that is written last. A folder appears under its name whole or not at all. What is
cut short, changed or of another version is found by its hash and made anew; where nothing can be
written the work goes on without, and says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoplan.paths import user_cache
from geoplan.texts import Lang, say
from geoplan.travel.contraction import NotLikeRoads
from geoplan.travel.engine import Ways, worth_preparing
from geoplan.travel.graph import Graph
from geoplan.travel.hierarchy import VERSION, Hierarchy, contract

FORMAT = f"1.{VERSION}"
"""Layout of these files, and version of what the arrays mean."""
MOST_KEPT = 8
"""So many hierarchies stay, those used last (60 MB each for a million nodes)."""
ABANDONED_SECONDS = 24 * 3600
"""An unfinished folder as old as this belongs to a process that died."""

ARRAYS = ("position", "indptr", "higher", "up", "down")
MANIFEST = "manifest.json"
UNFINISHED = ".new-"
KEY = re.compile("[0-9a-f]{64}")
"""The name of a hierarchy's folder; nothing else is ever taken away."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A hierarchy; whether it came from disk; and why it could not be kept, '' if it could."""

    ways: Hierarchy
    from_disk: bool
    trouble: str = ""

    def note(self, lang: Lang) -> str:
        """What to tell the user, '' if all is well."""
        return say("cache.not_kept", lang, what=self.trouble) if self.trouble else ""


def cache_folder() -> Path:
    """Where hierarchies are kept; it need not exist yet."""
    return user_cache("hierarchies")


def kept_hierarchy(graph: Graph) -> Kept:
    """The hierarchy of a graph, from disk if it was made before, otherwise made and kept.

    Never fails because of the disk: whatever is wrong there is told in the result.
    """
    key = _key(graph)
    folder = cache_folder() / key
    ways = _read(folder, key, graph)
    if ways is not None:
        return Kept(ways, from_disk=True)
    ways = contract(graph)
    try:
        _keep(folder, key, ways)
    except OSError as error:
        return Kept(ways, from_disk=False, trouble=str(error))
    return Kept(ways, from_disk=False)


def _key(graph: Graph) -> str:
    """What a hierarchy depends on: the versions and every number of the graph."""
    digest = hashlib.sha256(FORMAT.encode())
    for array in (graph.indptr, graph.indices, graph.weight):
        digest.update(f"{array.dtype.str}{len(array)};".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _read(folder: Path, key: str, graph: Graph) -> Hierarchy | None:
    """The hierarchy in the folder, mapped into memory; None unless every byte is as it was written.

    Pages are mapped to be copied when written to, which nobody does: compiled loops know one kind
    of array less than if some could not be written to.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if (manifest["format"], manifest["key"]) != (FORMAT, key):
            return None
        arrays = {}
        for name in ARRAYS:
            path = folder / f"{name}.npy"
            if _hash(path) != manifest["sha256"][name]:
                return None
            arrays[name] = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    with suppress(OSError):  # a folder of somebody else's may be read and not touched
        os.utime(folder)
    return Hierarchy(graph, **arrays)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(folder: Path, key: str, ways: Hierarchy) -> None:
    """Write a hierarchy beside the folder and give it its name when it is whole.

    Two processes may do so at once: the first whole folder stays, and both hold the same.

    Raises:
        OSError: if the disk does not let it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        hashes = {}
        for name in ARRAYS:
            path = unfinished / f"{name}.npy"
            np.save(path, getattr(ways, name), allow_pickle=False)
            hashes[name] = _hash(path)
        manifest = {"format": FORMAT, "key": key, "sha256": hashes}
        (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        if _read(folder, key, ways.graph) is None:
            _remove(folder)
            with suppress(FileExistsError):
                _rename(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _tidy(folder.parent)


def _rename(unfinished: Path, folder: Path) -> None:
    """Give the folder its name; FileExistsError if another process was first."""
    try:
        unfinished.rename(folder)
    except OSError:
        if (folder / MANIFEST).exists():
            raise FileExistsError(folder) from None
        raise


def _remove(folder: Path) -> None:
    """Take a folder away: its name first, so that nobody finds half of it."""
    with suppress(FileNotFoundError):
        gone = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder.parent))
        try:
            folder.rename(gone / folder.name)
        finally:
            shutil.rmtree(gone, ignore_errors=True)


def _tidy(root: Path) -> None:
    """Keep the hierarchies used last, and clear away what processes that died left unfinished.

    Another process may do the same at this moment, so what is gone already is no error.
    """
    used = {}
    for folder in root.iterdir():
        with suppress(FileNotFoundError):
            used[folder] = folder.stat().st_mtime
    unfinished = {folder for folder in used if folder.name.startswith(UNFINISHED)}
    for folder in unfinished:
        if used[folder] < time.time() - ABANDONED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
    ours = {folder for folder in used if KEY.fullmatch(folder.name)}
    whole = sorted(ours, key=lambda folder: (used[folder], folder.name))
    for folder in whole[:-MOST_KEPT]:
        _remove(folder)


def prepared(tell: Callable[[str], None], lang: Lang = "en") -> Callable[[Graph], Ways]:
    """What makes graphs ready for a run: large ones by a hierarchy from disk, others as they are.

    `tell` gets a word when a hierarchy could not be kept.
    """

    def made(graph: Graph) -> Ways:
        ways, trouble = ready(graph)
        if trouble:
            tell(say("cache.not_kept", lang, what=trouble))
        return ways

    return made


def ready(graph: Graph) -> tuple[Ways, str]:
    """What many questions are best asked of, and what stood in the way of keeping it, '' if
    nothing did: a large road graph's hierarchy, any other graph itself."""
    if not worth_preparing(graph):
        return graph, ""
    try:
        kept = kept_hierarchy(graph)
    except NotLikeRoads:
        return graph, ""
    return kept.ways, kept.trouble
