"""Is every file of a result as its manifest says, and is nothing else there?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geoplan.errors import BadInput, Fault
from geoplan.export.folder import FORMAT, JUNK, MANIFEST, read_manifest
from geoplan.verifying.findings import Finding, bad, good, judged


def check_files(folder: Path) -> Iterator[Finding]:
    """Hash every file; name each that is changed, missing or not expected.

    Raises:
        BadInput: the folder is no result at all.
    """
    if not folder.is_dir():
        code = "verify_a_file" if folder.exists() else "verify_missing"
        raise BadInput([Fault(code, str(folder))])
    entries = read_manifest(folder)
    if entries is None:
        text = _bytes(folder / MANIFEST) or b""
        if FORMAT.encode() not in text:
            raise BadInput([Fault("verify_no_result", str(folder))])
        yield bad("manifest_unreadable", file=MANIFEST)
        return
    found = list(_each_file(folder, entries))
    yield from found
    if not found:
        size = sum(int(entry["bytes"]) for entry in entries.values())
        yield good("files", count=len(entries), bytes=size)
    yield judged(_is_as_we_write(folder), "manifest", file=MANIFEST)


def _each_file(folder: Path, entries: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    for name, entry in sorted(entries.items()):
        content = _bytes(folder / name)
        if content is None:
            yield bad("file_missing", file=name)
        elif hashlib.sha256(content).hexdigest() != entry.get("sha256"):
            yield bad("file_changed", file=name)
        elif len(content) != entry.get("bytes"):
            yield bad("file_size", file=name)
    for path in sorted(folder.iterdir()):
        if path.name not in entries and path.name not in {MANIFEST, *JUNK}:
            yield bad("file_unexpected", file=path.name)


def _is_as_we_write(folder: Path) -> bool:
    """Whether the manifest, which has no checksum, says what plan.json says, letter by letter."""
    text = (folder / MANIFEST).read_text("utf-8")
    manifest = json.loads(text)
    if json.dumps(manifest, ensure_ascii=False, indent=1) + "\n" != text:
        return False
    try:
        plan = json.loads((folder / "plan.json").read_text("utf-8"))
        known = {
            "format": FORMAT,
            "geoplan": plan["geoplan"],
            "run_id": plan.get("run_id"),
            "kind": plan["format"],
            "study": plan["study"]["id"] if "study" in plan else None,
            "files": manifest["files"],
        }
    except (OSError, ValueError, KeyError, TypeError):
        return True  # told already: the file is missing or changed
    about = all(name in known and known[name] == value for name, value in manifest.items())
    return about and all(set(each) == {"name", "bytes", "sha256"} for each in manifest["files"])


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
