"""A real Chromium for `bench_map`: pages opened from the disk, and how long until they are painted.

Every request that leaves the disk is refused and noted. Painted means: the second animation frame
after what was done has begun, so the frame that shows it is finished; up to two frames of waiting
(17 ms each) are part of it. Drawn means: the frame that shows it has been handed over, one task
after its animation frame began.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

WIDE = {"width": 1280, "height": 860}
READY_SECONDS = 120
WATCH = """
window.bench = { longest: 0 };
bench.frame = () => new Promise((done) => requestAnimationFrame(done));
bench.painted = () => bench.frame().then(bench.frame);
bench.drawn = () => new Promise((done) => requestAnimationFrame(() => {
  const after = new MessageChannel();
  after.port1.onmessage = done;
  after.port2.postMessage(0);
}));
bench.isReady = () => bench.painted().then(() => {
  document.documentElement.dataset.readyMs = performance.now();
});
new PerformanceObserver((list) => list.getEntries().forEach((task) => {
  bench.longest = Math.max(bench.longest, task.duration);
})).observe({ type: 'longtask' });
"""
READY_SIGN = """
new MutationObserver((seen, watcher) => {
  if (document.documentElement.dataset.ready === 'yes') { watcher.disconnect(); bench.isReady(); }
}).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
"""
READY_LOADED = "addEventListener('load', bench.isReady);"
ZOOM = """
async (steps) => {
  const map = Object.values(window).find((each) => window.L && each instanceof L.Map);
  const taken = [];
  for (const step of steps) {
    await bench.painted();
    const began = performance.now();
    map.setZoom(map.getZoom() + step, { animate: false });
    await bench.painted();
    taken.push(performance.now() - began);
  }
  return taken;
}
"""
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
ZOOM_STEPS = (1, 1, -1, -1, 1, 1, -1, -1)


@dataclass
class Shown:
    """A page in the browser, and what it asked for and complained about."""

    page: Any
    session: Any
    ready_ms: float | None
    """From the beginning of the navigation until painted; None: it never got so far."""
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def look_at(self, hash_: str) -> None:
        """Follow a link into the open page."""
        self.page.evaluate(
            "async (hash) => { location.hash = hash; dispatchEvent(new Event('hashchange'));"
            " await bench.painted(); }",
            hash_,
        )

    def zoom_ms(self) -> list[float]:
        found: list[float] = self.page.evaluate(ZOOM, list(ZOOM_STEPS))
        return found

    def heap_mb(self) -> float:
        """In use once the rubbish is gone: objects, the document's nodes and arrays of numbers."""
        self.session.send("HeapProfiler.collectGarbage")
        used = self.session.send("Runtime.getHeapUsage")
        names = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
        return float(sum(used.get(name, 0) for name in names)) / 2**20

    def longest_task_ms(self) -> float:
        """Of the tasks since the last call; those of less than 50 ms are not told and count 0."""
        found: float = self.page.evaluate(
            "() => { const found = bench.longest; bench.longest = 0; return found; }"
        )
        return found


class Chromium:
    """Opens pages, each in a profile of its own."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    @contextmanager
    def show(
        self,
        file: Path,
        hash_: str = "",
        *,
        ready: str = READY_SIGN,
        clock: datetime | None = None,
        patience: float = READY_SECONDS,
    ) -> Iterator[Shown]:
        """The page of a file; `ready`: the script that knows when it is, `clock`: the day it is."""
        context = self._browser.new_context(viewport=WIDE, locale="zh-TW")
        if clock is not None:
            context.clock.set_fixed_time(clock)
        page = context.new_page()
        shown = Shown(page, context.new_cdp_session(page), None)
        _watched(context, page, shown)
        page.add_init_script(WATCH + ready)
        page.goto(f"{file.resolve().as_uri()}{hash_}", wait_until="commit")
        shown.ready_ms = _ready(page, patience)
        try:
            yield shown
        finally:
            context.close()

    def main_thread_ms(self, shown: Shown, work: Callable[[], Any]) -> float:
        """CPU milliseconds of the page's main thread while `work` goes on."""
        self._browser.start_tracing(page=shown.page, categories=TRACED)
        work()
        events = json.loads(self._browser.stop_tracing())["traceEvents"]
        painting = Counter((each["pid"], each["tid"]) for each in events if each["name"] == "Paint")
        main = painting.most_common(1)[0][0]
        tasks = (
            each.get("tdur", 0)
            for each in events
            if each["name"] == "RunTask" and (each["pid"], each["tid"]) == main
        )
        return float(sum(tasks)) / 1000


@contextmanager
def chromium() -> Iterator[Chromium]:
    """The browser that Debian ships, as the tests use it."""
    from playwright.sync_api import sync_playwright

    from tests.browsing import FLAGS

    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        sys.exit("bench-map: there is no Chromium; 'make test' tells how to get one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield Chromium(browser)
        browser.close()


def _watched(context: Any, page: Any, shown: Shown) -> None:
    def decide(route: Any) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            shown.requests.append(route.request.url)
            route.abort("internetdisconnected")

    context.route("**/*", decide)
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            shown.complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )


def _ready(page: Any, patience: float) -> float | None:
    from playwright.sync_api import TimeoutError as TooLate

    try:
        page.wait_for_selector("html[data-ready-ms]", state="attached", timeout=patience * 1000)
    except TooLate:
        return None
    return float(page.get_attribute("html", "data-ready-ms"))
