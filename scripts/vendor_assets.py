"""Fetch the browser libraries of the council map from npm and commit them with their hashes.

    python scripts/vendor_assets.py            fetch, write geoplan/maps/vendor/ and its hash file
    python scripts/vendor_assets.py --check    compare the committed files with their hash file

Needs `npm` and the package index only when fetching.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "geoplan" / "maps" / "vendor"
HASHES = VENDOR / "sha256.txt"
# package, version, {path inside the package: our file name}
PACKAGES = (
    (
        "leaflet",
        "1.9.4",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "LICENSE": "leaflet.LICENSE",
        },
    ),
    (
        "topojson-client",
        "3.1.0",
        {"dist/topojson-client.min.js": "topojson-client.js", "LICENSE": "topojson-client.LICENSE"},
    ),
)


def fetch() -> None:
    """Write every file listed above, then the hash file."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for package, version, members in PACKAGES:
            subprocess.run(
                ["npm", "pack", "--silent", f"{package}@{version}"], cwd=folder, check=True
            )
            with tarfile.open(Path(folder) / f"{package}-{version}.tgz") as archive:
                for inside, ours in members.items():
                    stream = archive.extractfile(f"package/{inside}")
                    if stream is None:
                        raise FileNotFoundError(f"{package} {version} has no {inside}")
                    (VENDOR / ours).write_bytes(stream.read())
    lines = [f"{digest(VENDOR / name)}  {name}\n" for name in sorted(names())]
    HASHES.write_text("".join(lines), "utf-8")


def names() -> list[str]:
    return [ours for _, _, members in PACKAGES for ours in members.values()]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def changed() -> list[str]:
    """Vendored files that are absent or differ from the hash file."""
    noted = dict(line.split()[::-1] for line in HASHES.read_text("utf-8").splitlines())
    wrong = [n for n in names() if not (VENDOR / n).is_file() or noted.get(n) != digest(VENDOR / n)]
    return sorted(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="compare, fetch nothing")
    if not parser.parse_args().check:
        fetch()
    wrong = changed()
    for name in wrong:
        print(f"{name}: not the file that {HASHES.name} describes", file=sys.stderr)
    return 4 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
