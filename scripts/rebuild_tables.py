"""Rebuild the tables of data/ from local copies of the files their manifests name.

    python scripts/rebuild_tables.py --sources DIR           # build and write
    python scripts/rebuild_tables.py --sources DIR --check   # build and compare, write nothing

DIR may have subfolders; a file is found by its name. Every missing file and every file with
another sha256 than the manifests name is told before anything is built.

Exit codes: 0 done, 4 a committed table differs (--check), 5 an input is missing or another one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from builders import boundaries, facilities, indicators, programme, roads, services
from builders.common import DATA, Builder, Sources, csv_bytes, sha256_of
from manifests import read_manifest, refresh

# names and codes first: the other builders look places up in them
BUILDERS: dict[str, Builder] = {
    **boundaries.BUILDERS,
    **indicators.BUILDERS,
    **facilities.BUILDERS,
    **programme.BUILDERS,
    **services.BUILDERS,
    **roads.BUILDERS,
}


def needed() -> dict[str, str]:
    """The input files of all tables built here and their sha256, from the manifests."""
    files: dict[str, str] = {}
    for table in BUILDERS:
        for source in read_manifest((DATA / table).with_suffix(".toml"))["inputs"]:
            if not source.get("committed", False):
                files[str(source["file"])] = str(source["sha256"])
    return files


def find(folder: Path, files: dict[str, str]) -> tuple[Sources, list[str]]:
    """The path of each input under `folder`, and a line for each one missing or different."""
    found: Sources = {}
    faults: list[str] = []
    for name, expected in sorted(files.items()):
        paths = sorted(folder.rglob(name))
        matching = [path for path in paths if sha256_of(path) == expected]
        if matching:
            found[name] = matching[0]
        elif paths:
            faults.append(f"another file: {name} (its sha256 is not the one in the manifest)")
        else:
            faults.append(f"missing: {name} (sha256 {expected})")
    return found, faults


def rebuild(sources: Sources, check: bool) -> int:
    """Build every table; write it, or with `check` compare it with the committed one."""
    changed: list[str] = []
    for table, build in BUILDERS.items():
        path = DATA / table
        content = csv_bytes(build(sources))
        if path.is_file() and path.read_bytes() == content:
            continue
        changed.append(table)
        if not check:
            path.write_bytes(content)
            refresh(path.with_suffix(".toml"))
    for table in changed:
        print(f"{'differs' if check else 'written'}: {table}")
    print(f"{len(BUILDERS)} tables, {len(changed)} changed")
    return 4 if check and changed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Rebuild the tables of data/.")
    parser.add_argument("--sources", type=Path, required=True, help="folder with the input files")
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    options = parser.parse_args()
    sources, faults = find(options.sources, needed())
    if faults:
        print("\n".join(faults), file=sys.stderr)
        print(f"{len(faults)} of {len(needed())} input files cannot be used", file=sys.stderr)
        return 5
    return rebuild(sources, options.check)


if __name__ == "__main__":
    sys.exit(main())
