"""Trials of Taiwan in the page against geoplan's own steps, and how long an edit takes there.

    python -m benchmarks.trial_taiwan maps/tw-2030

The page of a finished result opens random plans as files, as anybody would; people, statuses and
order of the list have to be equal, minutes and measures to 1e-9. Then the pages of all counties are
drawn, and in each sites are closed and opened again: processor time from the click to the frame.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from geoplan import __version__
from geoplan.catalog import read_inputs
from geoplan.mapping import Pages, draw_pages
from geoplan.study import read_study
from geoplan.trial import Trial, trial_text
from tests.browsing import FLAGS
from tests.trial_land import READ, Wanted, land_of, numbers, some_trials, wanted

STUDY = "tw-2030"
PLANS = 10
CLOSE = 1e-9
EDITS = 20
READY = 'html[data-ready="yes"]'

# Closes a site of the table of the area's sites, or opens it again, and waits for the frame.
EDIT = """
(at) => new Promise((done) => {
  const buttons = [...document.querySelectorAll('#trial-sites button')];
  buttons[at % buttons.length].click();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  });
})
"""


def different(page: dict[str, Any], python: Wanted) -> list[str]:
    """Names of what is not the same."""
    figures = {name: page["figures"][name][-1] for name in python.figures}
    firm = [code for table, code, _ in page["rows"] if table == "rank-firm"]
    rows = sorted(tuple(row) for row in page["rows"] if row[0] != "rank-left")
    same = {
        "figures": figures == python.figures,
        "rows": rows == python.rows,
        "order": firm == python.order,
        "status": page["status"] == (python.status or ""),
    }
    for name in ("three", "harm", "even"):
        told = getattr(python, name)
        shown = numbers(page[name])[: len(told)]
        same[name] = len(shown) == len(told) and np.allclose(shown, told, CLOSE, CLOSE)
    return [name for name, equal in same.items() if not equal]


def begun(browser: Any, page: Path, look: str) -> Any:
    """The page with a trial begun."""
    tab = browser.new_page(viewport={"width": 1280, "height": 860})
    tab.goto(f"file://{page.resolve()}{look}")
    tab.wait_for_selector(READY, state="attached")
    tab.click("#trial-begin")
    tab.wait_for_selector("#trial:not([hidden])")
    return tab


def against_python(browser: Any, page: Path) -> int:
    """Print what differs between page and Python; how many answers do."""
    land = land_of(read_inputs(read_study(STUDY)))
    codes = land.inputs.townships["township_code"].tolist()
    layers = [layer.id for layer in land.inputs.study.layers]
    asked = [
        (layer, trial, codes[(turn * 37 + 11 * at) % len(codes)])
        for turn, (_, trial) in enumerate(some_trials(land.inputs, PLANS))
        for at, layer in enumerate(layers)
    ]
    tab = begun(browser, page, "")
    tab.click("#list-more")  # the list in full
    began = time.perf_counter()
    answers = tab.evaluate(
        READ,
        [
            {"text": trial_text(trial, STUDY, __version__), "layer": layer, "place": place}
            for layer, trial, place in asked
        ],
    )
    seconds = time.perf_counter() - began
    base = {layer: land.holds(Trial(), layer)[0] for layer in layers}
    wrong = 0
    for (layer, trial, place), found in zip(asked, answers, strict=True):
        python = wanted(land, base[layer], trial, place, layer)
        lacks = different(found, python)
        wrong += bool(lacks)
        if lacks:
            print(f"{layer} {place}: {', '.join(lacks)} differ; the page said: {found['told']}")
    print(
        f"{PLANS} plans x {len(layers)} layers: {len(asked) - wrong} of {len(asked)} equal; ",
        end="",
    )
    print(f"the page took {seconds / len(asked) * 1000:.0f} ms for each, file to figures")
    tab.close()
    return wrong


def edit_ms(tab: Any) -> list[float]:
    """Processor milliseconds of the page's own thread for each edit, from the click to the frame,
    sorted; empty where the county has no site to close."""
    told = tab.context.new_cdp_session(tab)
    told.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = told.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    if not tab.locator("#trial-sites button").count():
        return []
    found = []
    for turn in range(EDITS + 2):
        before = worked()
        tab.evaluate(EDIT, turn // 2)
        found.append((worked() - before) * 1000)
    return sorted(found[2:])


def county_edits(browser: Any, result: Path) -> None:
    """Print size and work of an edit of every county's page."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        began = time.process_time()
        draw_pages(result, pages, Pages(every=True), lambda what, done, of: None)
        print(f"pages of all counties: {time.process_time() - began:.1f} CPU s")
        for page in sorted(pages.glob("county-*.html")):
            tab = begun(browser, page, "#layer=welfare_centres&measure=village_minutes")
            ms = edit_ms(tab)
            told = f"p50 {median(ms):.0f} ms, p95 {np.quantile(ms, 0.95):.0f} ms" if ms else "none"
            print(f"{page.stem}: {page.stat().st_size / 1000:.0f} kB, edit {told}")
            tab.close()


def main() -> int:
    """0 if every answer is equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path, help=f"folder of a finished run of {STUDY}")
    result = parser.parse_args().result
    with sync_playwright() as playwright:
        executable = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        wrong = against_python(browser, result / "map.html")
        county_edits(browser, result)
        browser.close()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
