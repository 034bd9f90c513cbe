"""Make .venv with the pinned dependencies and geoplan itself; needs only Python's own library.

Runs again only when requirements.txt or pyproject.toml have changed. Where Debian or Ubuntu ship
Python without ensurepip, it says which package to install and falls back to a pip already there.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.sha256"


def fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(*command: str | Path) -> bool:
    return subprocess.run([str(part) for part in command], check=False, cwd=ROOT).returncode == 0


def make_venv() -> list[str]:
    """Create .venv; returns the pip command that fills it."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(
            f"setup: this Python has no ensurepip. On Debian or Ubuntu: "
            f"apt-get install python{version}-venv. Trying a pip that is already here ...",
            file=sys.stderr,
        )
        if not run(sys.executable, "-m", "pip", "--version"):
            sys.exit("setup: no pip either; install the package named above and try again.")
        if not run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV):
            sys.exit("setup: could not create .venv")
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        sys.exit("setup: could not create .venv")
    return [str(PYTHON), "-m", "pip"]


def main() -> None:
    if STAMP.is_file() and STAMP.read_text() == fingerprint():
        return
    print("setup: installing geoplan's pinned dependencies into .venv ...", file=sys.stderr)
    pip = make_venv()
    quiet = ("install", "--quiet", "--disable-pip-version-check")
    if not run(*pip, *quiet, "--require-hashes", "-r", "requirements.txt"):
        sys.exit("setup: the dependencies could not be installed; see the lines above.")
    if not run(*pip, *quiet, "--no-deps", "--no-build-isolation", "-e", "."):
        sys.exit("setup: geoplan itself could not be installed; see the lines above.")
    STAMP.write_text(fingerprint())


if __name__ == "__main__":
    main()
