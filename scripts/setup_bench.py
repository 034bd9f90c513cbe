"""Install the peers that the benchmarks compare with into .venv, pinned by hash.

Runs after setup_env.py and takes nothing away: the versions agree with requirements.txt.
"""

from __future__ import annotations

import importlib.util
import sys

from setup_env import PYTHON, run


def main() -> None:
    # where Debian left out ensurepip, .venv has no pip of its own and the one outside is used
    outside = importlib.util.find_spec("pip") is not None
    inside = run(PYTHON, "-c", "import importlib.util as i, sys; sys.exit(not i.find_spec('pip'))")
    if not (inside or outside):
        sys.exit("setup: there is no pip; install the package python3-pip and try again.")
    pip = [PYTHON, "-m", "pip"] if inside else [sys.executable, "-m", "pip", "--python", PYTHON]
    quiet = ("install", "--quiet", "--disable-pip-version-check")
    if not run(*pip, *quiet, "--require-hashes", "-r", "requirements-bench.txt"):
        sys.exit("setup: the peers could not be installed; see the lines above.")


if __name__ == "__main__":
    main()
