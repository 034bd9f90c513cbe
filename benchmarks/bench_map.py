"""The council map beside stock Folium, in one real Chromium without a network: `make bench-map`.

Plans the default study once, or takes the folder of a run of it. Asserts no times: a bar that is
missed is printed loudly and the run goes on. Times of the browser are wall milliseconds and grow
with what else the machine does, so the load is printed beside them.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.apart import Figures, measured_apart
from benchmarks.ledger import Ledger
from benchmarks.map_browser import READY_LOADED, READY_SIGN, Chromium, Shown, chromium
from benchmarks.map_trial import (
    Edit,
    advised_ms,
    begin,
    differing_after_undo,
    edits,
    growth,
    percentile,
    reset,
)
from geoplan.export.folder import MANIFEST
from geoplan.maps.page import page_data

LAYERS = ("food_banks", "welfare_centres", "mental_health_centres", "collaboration_sites")
"""The first one has most sites, so its trial has most to do."""
COUNTY = "10013"
"""Pingtung: long from north to south, with mountains and an island."""
EDITS, EDITS_ELSEWHERE, EDITS_TRACED, UNDONE = 160, 40, 40, 50
PARTS = ("opening", "offline", "trial", "county", "advice")
FAR_FUTURE = datetime(2036, 2, 29, 12, tzinfo=UTC)
PATIENCE_OFFLINE = 5.0
# What pages of stock Folium fetch -> package on npm and the file in it. A link that is not here
# (two small style sheets) is answered by nothing.
PEER_FILES = {
    "leaflet.js": ("leaflet@1.9.3", "dist/leaflet.js"),
    "leaflet.css": ("leaflet@1.9.3", "dist/leaflet.css"),
    "jquery-3.7.1.min.js": ("jquery@3.7.1", "dist/jquery.min.js"),
    "bootstrap.bundle.min.js": ("bootstrap@5.2.2", "dist/js/bootstrap.bundle.min.js"),
    "bootstrap.min.css": ("bootstrap@5.2.2", "dist/css/bootstrap.min.css"),
    "leaflet.awesome-markers.js": (
        "leaflet.awesome-markers@2.0.5",
        "dist/leaflet.awesome-markers.js",
    ),
    "leaflet.awesome-markers.css": (
        "leaflet.awesome-markers@2.0.5",
        "dist/leaflet.awesome-markers.css",
    ),
    "all.min.css": ("@fortawesome/fontawesome-free@6.2.0", "css/all.min.css"),
    "d3.min.js": ("d3@3.5.5", "d3.min.js"),
}


def fetch_peer_files(folder: Path) -> None:
    """Scripts and styles of stock Folium, from npm."""
    for package in sorted({package for package, _ in PEER_FILES.values()}):
        command = ["npm", "pack", "--silent", package]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench-map: npm has no {package}: {done.stderr}")
        with tarfile.open(folder / done.stdout.split()[-1]) as archive:
            for name, (of, path) in PEER_FILES.items():
                if of == package and (stream := archive.extractfile(f"package/{path}")):
                    (folder / name).write_bytes(stream.read())


def with_files_beside(page: Path, peers: Path) -> Path:
    """The page with its links to the network turned into files of the disk: it is as quick as can
    be, and ready at all."""

    def local(link: re.Match[str]) -> str:
        name = link.group(2).rsplit("/", 1)[1]
        file = peers / name
        if not file.exists():
            file.write_bytes(b"")
        return f'{link.group(1)}="{file.resolve().as_uri()}"'

    text = re.sub(r'\b(src|href)="(https?://[^"]+\.(?:js|css))"', local, page.read_text("utf-8"))
    beside = page.with_name("beside.html")
    beside.write_text(text, "utf-8")
    return beside


def told_ms(values: list[float]) -> str:
    """Median and extremes."""
    return f"{median(values):7.0f} ({min(values):.0f} to {max(values):.0f})"


def opened_often(browser: Chromium, file: Path, ready: str, times: int) -> dict[str, list[float]]:
    """Milliseconds until ready and after each zoom, over several openings."""
    found: dict[str, list[float]] = {"ready": [], "zoom": []}
    for _ in range(times):
        with browser.show(file, ready=ready) as shown:
            if shown.ready_ms is not None:
                found["ready"].append(shown.ready_ms)
                found["zoom"] += shown.zoom_ms()
    return found


def load_note(ledger: Ledger) -> None:
    one, five, _ = os.getloadavg()
    ledger.note(f"load of the machine: {one:.1f} (5 minutes: {five:.1f}), {os.cpu_count()} cores")


def built(ledger: Ledger, result: Path, folder: Path) -> dict[str, Figures]:
    """Every page, written in a process of its own; CPU seconds without reading and imports."""
    ledger.open_graph("build", "pages written from one finished run")
    names = ("geoplan_page", "folium_townships", "folium_choropleth", "folium_villages")
    figures = {}
    for name in (*names, "geoplan_counties"):
        figures[name] = measured_apart(name, str(result), folder, "benchmarks.map_apart")
        cpu, mb, peak = (figures[name][key] for key in ("cpu", "mb", "peak_mb"))
        ledger.note(f"{name:<20} {cpu:7.2f} CPU s {mb:8.2f} MB {peak:7.0f} MB peak memory")
    ours, counties = figures["geoplan_page"], figures["geoplan_counties"]
    for peer in names[1:]:
        ledger.note(f"{peer} of ours: CPU {figures[peer]['cpu'] / ours['cpu']:.1f}")
    ledger.at_most("start page, national page, all counties: CPU seconds", counties["cpu"], 60)
    return figures


def sizes(ledger: Ledger, page: Path, county: Path, planned: Figures | None) -> None:
    ledger.open_graph("size", "megabytes of a file")
    if planned:
        ledger.note(f"planning took {planned['plan_cpu']:.1f} CPU s, the page {planned['cpu']:.1f}")
    for name, file, bar in (("national page", page, 1), ("largest county page", county, 3)):
        size = file.stat().st_size
        _, trial = page_data(file.read_text("utf-8"))
        bare = size - sum(len(part or "") for part in trial.values())
        ledger.at_most(f"{name} without what a trial needs", bare / 1e6, bar)
        ledger.at_most(f"{name}", size / 1e6, 6)


def opening(ledger: Ledger, browser: Chromium, pages: dict[str, Path], times: int) -> None:
    ledger.open_graph("opening", f"median (least to most) of {times} openings, milliseconds")
    found = {}
    for name, file in pages.items():
        ready = READY_SIGN if name.startswith("geoplan") else READY_LOADED
        found[name] = opened_often(browser, file, ready, times)
        part = found[name]
        ledger.note(f"{name:<24} ready {told_ms(part['ready'])}   zoom {told_ms(part['zoom'])}")
    load_note(ledger)
    middle = {name: {key: median(part[key]) for key in part} for name, part in found.items()}
    for ours, peer in (
        ("geoplan national", "folium townships"),
        ("geoplan national", "folium choropleth"),
        ("geoplan county", "folium villages"),
    ):
        ratio = {key: middle[peer][key] / middle[ours][key] for key in ("ready", "zoom")}
        ledger.note(f"{peer} of {ours}: ready {ratio['ready']:.1f}, zoom {ratio['zoom']:.1f}")
    ledger.at_most("national page ready, s", middle["geoplan national"]["ready"] / 1000, 1.5)
    ledger.at_most("county page ready, s", middle["geoplan county"]["ready"] / 1000, 3)


def offline(ledger: Ledger, browser: Chromium, pages: dict[str, Path]) -> None:
    """The files as they were written, without a network and far from today."""
    ledger.open_graph("offline", "no network")
    for name, file in pages.items():
        ours = name.startswith("geoplan")
        ready, patience = (READY_SIGN, 60.0) if ours else (READY_LOADED, PATIENCE_OFFLINE)
        with browser.show(file, ready=ready, patience=patience) as shown:
            drawn = shown.page.locator("path.leaflet-interactive").count()
            told = f"{len(shown.requests)} requests, {len(shown.complaints)} errors"
            ledger.note(f"{name:<24} {told}, {drawn} shapes drawn")
            if ours:
                wrong = len(shown.requests) + len(shown.complaints)
                ledger.at_most(f"{name}: requests and console errors", wrong, 0)
    with browser.show(pages["geoplan national"], clock=FAR_FUTURE) as shown:
        begin(shown)
        wrong = len(shown.requests) + len(shown.complaints) + (shown.ready_ms is None)
        year = shown.page.evaluate("new Date().getUTCFullYear()")
        ledger.at_most(f"a trial in {year}: requests and console errors", wrong, 0)


STAGES = ("told", "drawn", "painted")
HEAD = "p50 and p95 until the figures stand, until they are drawn, until the second frame begins"


def by_kind(ledger: Ledger, title: str, made: list[Edit]) -> None:
    for kind in ("all", *sorted({each.kind for each in made})):
        some = [each for each in made if kind in ("all", each.kind)]
        columns = ([getattr(each, f"{of}_ms") for each in some] for of in STAGES)
        parts = [f"{median(each):5.0f} {percentile(each, 0.95):5.0f}" for each in columns]
        ledger.note(f"{title} {kind:<8} {len(some):4} {''.join(f'{each:>14}' for each in parts)}")


def national_trial(ledger: Ledger, browser: Chromium, page: Path) -> None:
    ledger.open_graph("trial", f"national page, {LAYERS[0]}; edits of four kinds, ms")
    ledger.note(HEAD)
    with browser.show(page, f"#layer={LAYERS[0]}") as shown:
        ledger.note(f"a trial begins in {begin(shown):.0f}")
        different, of = differing_after_undo(shown, UNDONE)
        ledger.at_most(f"after {UNDONE} edits and as many undos, of {of} texts other", different, 0)
        reset(shown)
        made = edits(shown, EDITS)
        by_kind(ledger, LAYERS[0], made)
        load_note(ledger)
        everything = [each.painted_ms for each in made]
        ledger.at_most("edit to painted, p95, ms", percentile(everything, 0.95), 100)
        ledger.at_most(f"edit no. {len(made)} of no. 1 (medians of 20)", growth(made), 1.5)
        sliding = [each.told_ms for each in made if each.kind == "minutes"]
        ledger.at_most("slider until its figures stand, p50, ms", median(sliding), 50)
        ledger.at_most("heap after all that, MB", shown.heap_mb(), 150)
        reset(shown)
        cpu = browser.main_thread_ms(shown, lambda: edits(shown, EDITS_TRACED, 5)) / EDITS_TRACED
        ledger.note(f"main thread, CPU ms an edit, opening the profile included: {cpu:.0f}")
        for layer in LAYERS[1:]:
            shown.look_at(f"layer={layer}")
            by_kind(ledger, layer, edits(shown, EDITS_ELSEWHERE))
        ledger.at_most("requests and console errors", len(shown.requests + shown.complaints), 0)


def advice(ledger: Ledger, browser: Chromium, page: Path) -> None:
    ledger.open_graph("advice", "every candidate, every closure tried; milliseconds")
    taken: dict[str, list[float]] = {"next": [], "worst": []}
    longest = 0.0
    with browser.show(page, f"#layer={LAYERS[0]}") as shown:
        begin(shown)
        for layer in LAYERS:
            for county in (COUNTY, ""):
                shown.look_at(f"layer={layer}" + (f"&county={county}" if county else ""))
                shown.longest_task_ms()
                found = {name: advised_ms(shown, name) for name in taken}
                task = shown.longest_task_ms()
                longest = max(longest, task)
                told = ", ".join(f"{name} {ms:.0f}" for name, ms in found.items())
                ledger.note(f"{layer:<24} {county or 'whole':<8} {told}, longest task {task:.0f}")
                if county:
                    taken["next"].append(found["next"])
                else:
                    taken["worst"].append(found["worst"])
        load_note(ledger)
    ledger.at_most("best next site of a county, s", max(taken["next"]) / 1000, 3)
    ledger.at_most("closure that hurts most, nation, s", max(taken["worst"]) / 1000, 10)
    ledger.at_most("longest task meanwhile, ms", longest, 200)


def county_trial(ledger: Ledger, browser: Chromium, page: Path) -> None:
    ledger.open_graph("county", f"trial on {page.name}, ms")
    ledger.note(HEAD)
    with browser.show(page, f"#layer={LAYERS[0]}") as shown:
        ledger.note(f"a trial begins in {begin(shown):.0f}")
        if not _in_trial(shown):
            ledger.note("this page has no trial")
            return
        made = edits(shown, EDITS_ELSEWHERE * 2)
        by_kind(ledger, LAYERS[0], made)
        load_note(ledger)
        painted = [each.painted_ms for each in made]
        ledger.at_most("edit to painted, p95, ms", percentile(painted, 0.95), 50)
        ledger.at_most("requests and console errors", len(shown.requests + shown.complaints), 0)


def _in_trial(shown: Shown) -> bool:
    return bool(shown.page.locator("#trial").is_visible())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path, nargs="?", help="folder of a finished run of tw-2030")
    parser.add_argument("--openings", type=int, default=5, help="of each page, for the medians")
    parser.add_argument("--parts", nargs="+", choices=PARTS, help="of what is asked of the browser")
    asked = parser.parse_args()
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as name:
        folder, planned = Path(name), None
        result = asked.result or folder / "result"
        if asked.result is None:
            planned = measured_apart("geoplan_planned", str(result), folder, "benchmarks.map_apart")
        elif not (result / MANIFEST).exists():
            sys.exit(f"bench-map: {result} is no finished run")
        fetch_peer_files(folder)
        built(ledger, result, folder)
        national = folder / "geoplan_page" / "map.html"
        written = (folder / "geoplan_counties").glob("county-*.html")
        county = max(written, key=lambda file: file.stat().st_size)
        sizes(ledger, national, county, planned)
        ours = {"geoplan national": national, "geoplan county": county}
        peers = {
            f"folium {kind}": folder / f"folium_{kind}" / "map.html"
            for kind in ("townships", "choropleth", "villages")
        }
        beside = {name: with_files_beside(file, folder) for name, file in peers.items()}
        with chromium() as browser:
            parts = {
                "opening": lambda: opening(ledger, browser, {**ours, **beside}, asked.openings),
                "offline": lambda: offline(ledger, browser, {**ours, **peers}),
                "trial": lambda: national_trial(ledger, browser, national),
                "county": lambda: county_trial(ledger, browser, county),
                "advice": lambda: advice(ledger, browser, national),
            }
            for each in asked.parts or parts:
                parts[each]()
    ledger.summary()


if __name__ == "__main__":
    main()
