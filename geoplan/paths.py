"""Where the bundled data and studies are, in the wheel or in the checkout, and the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

import platformdirs

CACHE = "GEOPLAN_CACHE"
"""The environment variable that says where to keep things, instead of the user's cache folder."""
VERSIONS_KEPT = 4
"""Compiled loops of so many versions of the code stay."""
ROOMS_WITH_LOOPS = ("access", "siting", "travel")
"""The packages that hold loops to compile."""


def bundled(kind: str) -> Path:
    """The bundled folder `data` or `studies`.

    In an installed wheel both stand inside the package (`geoplan/bundle/`); in a checkout they
    stand beside it.
    """
    package = Path(__file__).parent
    for folder in (package / "bundle" / kind, package.parent / kind):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the bundled folder {kind!r} is missing from this installation")


def user_cache(kind: str) -> Path:
    """Where things of this kind are kept from one start to the next; it need not exist yet."""
    own = os.environ.get(CACHE)
    return (Path(own) if own else platformdirs.user_cache_path("geoplan")) / kind


@cache
def compiled_folder() -> Path:
    """Where the machine code of this very version of the loops is kept.

    Loops call one another across modules, and what is compiled from one module does not see that
    another has changed: so a change in any of them starts a folder of its own.
    """
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for room in ROOMS_WITH_LOOPS:
        for source in sorted((package / room).glob("*.py")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    folder = user_cache("compiled") / digest.hexdigest()[:16]
    with suppress(OSError):  # another process may tidy at the same moment
        if folder.parent.is_dir() and not folder.exists():
            _keep_newest(folder.parent, VERSIONS_KEPT - 1)
    return folder


def loops_folder() -> Path:
    """Where the machine code of loops is kept: the folder that the user chose for numba's code,
    which serves for all versions of the loops, or `compiled_folder`."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else compiled_folder()


def _keep_newest(parent: Path, count: int) -> None:
    """Remove all but the folders changed last; what cannot be removed stays."""
    folders = [each for each in parent.iterdir() if each.is_dir() and not each.is_symlink()]
    folders.sort(key=lambda each: (-each.stat().st_mtime, each.name))
    for old in folders[count:]:
        shutil.rmtree(old, ignore_errors=True)
