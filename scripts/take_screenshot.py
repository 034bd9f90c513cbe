"""Renew docs/map.png, the picture of the README, from a finished run (needs Chromium).

Usage: python scripts/take_screenshot.py maps/tw-2030/map.html
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "map.png"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def main(page: Path) -> None:
    browser_path = shutil.which("chromium")
    if browser_path is None:
        sys.exit("take_screenshot: no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        view = browser.new_context(
            viewport={"width": 1600, "height": 1000}, locale="zh-TW", offline=True
        )
        tab = view.new_page()
        tab.goto(page.resolve().as_uri())
        tab.wait_for_timeout(2000)
        tab.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
