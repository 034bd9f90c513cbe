"""Pages in a real browser, opened from the disk with the network blocked.

Needs Debian's Chromium (`make test` installs it when it can). In CI a missing browser is a
failure; elsewhere these tests are skipped with the reason. The fixtures `browser`, `axe` and
`screen` are in conftest.py; `screen` shows the pages of the module's own fixture `folder`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = (1280, 860), (390, 844)
AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def missing(what: str) -> None:
    """Fail in CI, skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing; see scripts/setup_browser.py")


@contextmanager
def chromium() -> Iterator[Any]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        missing("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield opened
        opened.close()


def fetch_axe(folder: Path) -> None:
    """axe-core from npm; it is no part of geoplan."""
    if shutil.which("npm") is None:
        missing("npm (for axe-core)")
    fetched = subprocess.run(
        ["npm", "pack", "--silent", AXE], cwd=folder, capture_output=True, check=False
    )
    if fetched.returncode:
        missing("axe-core from npm")


def axe_text(folder: Path) -> str:
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        stream = archive.extractfile("package/axe.min.js")
        assert stream is not None
        return stream.read().decode()


@dataclass
class Opened:
    """A page in the browser, and what it asked for and complained about."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def choose(self, layer: str, measure: str = "status") -> None:
        self.page.locator(f'[data-layer="{layer}"] h3 button').click()
        self.page.select_option("#measure", measure)

    def judged(self, axe: str, part: str | None = None) -> dict[str, Any]:
        """What axe-core finds in a part of the page (a selector; None: all of it)."""
        self.page.evaluate(axe)
        run = "([part, rules]) => axe.run(part || document, { runOnly: rules })"
        found: dict[str, Any] = self.page.evaluate(run, [part, RULES])
        assert found["passes"]
        return found

    def look_at(self, hash_: str) -> None:
        """Follow a link into the open page."""
        self.page.evaluate(
            "(hash) => { location.hash = hash; dispatchEvent(new Event('hashchange')); }", hash_
        )


class Screen:
    """Opens pages from the disk; every request to anywhere else is noted and refused."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser, self.folder, self.contexts = browser, folder, list[Any]()

    def show(self, name: str, hash_: str = "", size: tuple[int, int] = WIDE) -> Opened:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-TW", accept_downloads=True
        )
        self.contexts.append(context)
        opened = Opened(context.new_page())

        def decide(route: Any) -> None:
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                route.abort("internetdisconnected")

        def note(request: Any) -> None:
            if not request.url.startswith((f"file://{self.folder}", "blob:", "data:")):
                opened.requests.append(request.url)

        context.route("**/*", decide)
        opened.page.on("request", note)
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on(
            "console",
            lambda message: (
                opened.complaints.append(message.text)
                if message.type in ("error", "warning")
                else None
            ),
        )
        opened.page.goto(f"file://{self.folder}/{name}.html{hash_}")
        opened.page.wait_for_selector('html[data-ready="yes"]', state="attached", timeout=30_000)
        return opened


def violations(found: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """What axe-core forbids, and the first places where it stands."""
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found["violations"]
    ]


def tab_to(opened: Opened, test: str, key: str = "Tab") -> None:
    """Press the key until the focused element `e` passes the test (JavaScript)."""
    for _ in range(120):
        opened.page.keyboard.press(key)
        if opened.page.evaluate(
            f"(() => {{ const e = document.activeElement; return {test}; }})()"
        ):
            return
    raise AssertionError(f"no way by keyboard to {test}")


def cells(table: Any) -> list[list[str]]:
    return [
        [text.strip() for text in row.locator("th, td").all_inner_texts()]
        for row in table.locator("tbody tr").all()
    ]
