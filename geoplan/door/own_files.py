"""Files that a planner names on the command line: opened all at once, what is absent told once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from geoplan.door.manifest import SourceFile, open_source
from geoplan.door.reading import Found
from geoplan.errors import SourceMissing


def open_own_files(files: Mapping[str, Path | None], found: Found) -> dict[str, SourceFile]:
    """The files that are named, by their roles; one that cannot be read is a fault and left out.

    A file is called by its name, or by its path where two have the same name.

    Raises:
        SourceMissing: naming every file that is not there, or every one that is not what its
            manifest tells of.
    """
    named = {role: path for role, path in files.items() if path is not None}
    absent = [str(path) for path in named.values() if not path.is_file()]
    if absent:
        raise SourceMissing("files_missing", files=absent)
    different = {path.resolve() for path in named.values()}
    names = [path.name for path in different]
    opened: dict[str, SourceFile] = {}
    for role, path in named.items():
        shown = path.name if names.count(path.name) == 1 else str(path)
        source = open_source(path, shown, found)
        if source is not None:
            opened[role] = source
    changed = [source.shown for source in opened.values() if source.changed]
    if changed:
        raise SourceMissing("sources_changed", files=changed)
    return opened
