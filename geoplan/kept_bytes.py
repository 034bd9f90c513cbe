"""Bytes kept from one start to the next, with a digest of them and of their file's name: whole and
in their own place, or as if they were not there."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path


def kept_bytes(path: Path) -> bytes | None:
    """What is kept there, or None where there is nothing or it is not whole."""
    try:
        digest, content = path.read_bytes().split(b"\n", 1)
    except (OSError, ValueError):
        return None
    return content if digest == _digest(path, content) else None


def keep_bytes(path: Path, content: bytes) -> None:
    """Keep it, whole or not at all; a folder that cannot be written to is let be."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(path, content) + b"\n" + content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise


def _digest(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + b"\0" + content).hexdigest().encode()
