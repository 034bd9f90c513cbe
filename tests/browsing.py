"""Pages in a real browser, opened from the disk with the network blocked.

Needs Debian's Chromium (`make test` installs it when it can). In CI a missing browser is a
failure; elsewhere these tests are skipped with the reason. The fixtures `browser`, `axe` and
`screen` are in conftest.py; `screen` shows the pages of the module's own fixture `folder`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

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
ELSEWHERE = re.compile("^(?!file:|blob:|data:)")


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


# Every rule is run; of the elements that pass, which are thousands, only their number comes back.
JUDGE = """async ([part, rules]) => {
  const asked = { runOnly: rules, resultTypes: ["violations"] };
  const { passes, violations } = await axe.run(part || document, asked);
  const places = (each) => each.nodes.slice(0, 3).map((node) => node.target);
  return [passes.length, violations.map((each) => [each.id, places(each)])];
}"""


class Judged(NamedTuple):
    """How many rules of axe-core the page keeps; those it breaks, and where first."""

    passes: int
    violations: list[Any]


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

    def judged(self, axe: str, part: str | None = None) -> Judged:
        """What axe-core finds in a part of the page (a selector; None: all of it)."""
        self.page.evaluate(axe)
        passes, violations = self.page.evaluate(JUDGE, [part, RULES])
        assert passes > 0
        return Judged(passes, violations)

    def lay_out(self, seen: bool) -> None:
        """Whether the page is laid out and painted: where only values of very many states are read,
        that takes most of the time."""
        self.page.evaluate(
            "(style) => { document.documentElement.style.display = style; }",
            "" if seen else "none",
        )

    def look_at(self, hash_: str) -> None:
        """Follow a link into the open page."""
        self.page.evaluate(
            "(hash) => { location.hash = hash; dispatchEvent(new Event('hashchange')); }", hash_
        )


class Tabs:
    """Tabs that stay open from test to test, each in a window of its own: opening one takes longer
    than loading a page in it. Every request to anywhere but the disk is refused."""

    def __init__(self, browser: Any) -> None:
        self.browser, self.free = browser, list[Any]()

    def take(self, size: tuple[int, int]) -> Any:
        if not self.free:
            context = self.browser.new_context(locale="zh-TW", accept_downloads=True)
            context.route(ELSEWHERE, lambda route: route.abort("internetdisconnected"))
            self.free.append(context.new_page())
        page = self.free.pop()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        return page

    def give_back(self, page: Any) -> None:
        page.unroute_all()
        page.emulate_media(media="null")
        page.mouse.move(0, 0)
        page.goto("about:blank")
        self.free.append(page)


class Screen:
    """Opens pages from the disk; every request to anywhere else is noted."""

    def __init__(self, tabs: Tabs, folder: Path) -> None:
        self.tabs, self.folder, self.shown = tabs, folder, list[tuple[Opened, dict[str, Any]]]()

    def show(self, name: str, hash_: str = "", size: tuple[int, int] = WIDE) -> Opened:
        opened = Opened(self.tabs.take(size))

        def asked(request: Any) -> None:
            if not request.url.startswith((f"file://{self.folder}", "blob:", "data:")):
                opened.requests.append(request.url)

        def said(message: Any) -> None:
            if message.type in ("error", "warning"):
                opened.complaints.append(message.text)

        def broke(error: Any) -> None:
            opened.complaints.append(str(error))

        hears = {"request": asked, "console": said, "pageerror": broke}
        for event, hear in hears.items():
            opened.page.on(event, hear)
        self.shown.append((opened, hears))
        opened.page.goto(f"file://{self.folder}/{name}.html{hash_}")
        opened.page.wait_for_selector('html[data-ready="yes"]', state="attached", timeout=30_000)
        return opened

    def close(self) -> None:
        for opened, hears in self.shown:
            for event, hear in hears.items():
                opened.page.remove_listener(event, hear)
            self.tabs.give_back(opened.page)
        self.shown.clear()


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
    rows: list[list[str]] = table.locator("tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.querySelectorAll('th, td')]"
        ".map((cell) => cell.innerText.trim()))"
    )
    return rows


def class_counts(page: Any, rows: str = "#classes tbody tr") -> list[tuple[str, list[int]]]:
    """The legend's classes, and how many places it counts in each: firm, then provisional."""
    shown = page.locator(rows).evaluate_all(
        "(rows) => rows.map((row) => [row.dataset.class,"
        " [...row.querySelectorAll('td')].map((cell) => cell.innerText)])"
    )
    return [(name, [int(text) for text in texts]) for name, texts in shown]
