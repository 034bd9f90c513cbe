"""Install Debian's Chromium and a Chinese font for the browser tests, where that can be done.

Does nothing when a browser is there. Without apt or without rights it says what is missing; the
tests then skip the browser, except in CI, where a missing browser is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def main() -> None:
    if shutil.which("chromium") and shutil.which("fc-list"):
        fonts = subprocess.run(["fc-list", ":lang=zh-tw"], capture_output=True, check=False)
        if fonts.stdout.strip():
            return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        print(
            "setup: no Chromium with a Chinese font here; the browser tests need "
            "'apt-get install chromium fonts-noto-cjk' (as root).",
            file=sys.stderr,
        )
        return
    print(
        "setup: installing Chromium and a Chinese font for the browser tests ...", file=sys.stderr
    )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        [
            "apt-get",
            "-qq",
            "install",
            "-y",
            "--no-install-recommends",
            "chromium",
            "fonts-noto-cjk",
        ],
    ):
        subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
