"""The siting models beside spopt with CBC, in one run: `make bench-siting`.

Every question is asked in a fresh process. Prints CPU and wall seconds, objectives, gaps and each
bar with what was measured. Asserts no times: a bar that is missed is printed loudly and the run
goes on. Time limits are wall seconds, so a busy machine makes gaps wider.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmarks.apart import Figures, measured_apart
from benchmarks.ledger import Ledger, Took
from benchmarks.siting_apart import LARGE_COUNT, SMALL_COUNT, SMALL_POINTS, SMALL_SITES
from benchmarks.siting_commands import tried
from benchmarks.siting_country import SITES, VILLAGES
from benchmarks.siting_families import cities, graphs

SMALL, LARGE, LARGER, LARGEST = SMALL_POINTS, VILLAGES, 77_000, 770_000
SMALL_MEDIANS = (8, 20, 40)
LARGE_MEDIANS = (24, 34, 83, 101, 158, 368)


@dataclass(frozen=True, slots=True)
class Bench:
    ledger: Ledger
    folder: Path

    def ask(self, engine: str, part: str, argument: int = 0) -> Figures:
        """Ask, and print the row."""
        figures = measured_apart(part, str(argument), self.folder, "benchmarks.siting_apart")
        cpu, wall, median = (figures[key] for key in ("cpu", "wall", "median"))
        note = f"objective {figures['objective']:,.0f}" if figures["objective"] else "no plan"
        note += ", cut off" if figures.get("cut_off") else ""
        if "gap_percent" in figures:
            note += f", gap {figures['gap_percent']:.4f} %"
        took = Took(None, cpu, wall, median, int(figures["calls"]))
        self.ledger.engine(engine, took, f"{note}, peak {figures['peak_mb']:,.0f} MB")
        return figures

    def proven(self, what: str, figures: Figures, seconds: float) -> None:
        self.ledger.at_most(f"{what}: CPU seconds", figures["cpu"], seconds)
        self.ledger.at_least(f"{what}: proven", figures["proven"], 1)

    def beside(self, what: str, figures: tuple[Figures, Figures], bar: float, most: bool) -> None:
        """Ours and spopt's: the ratio, and that our objective is no worse."""
        ours, theirs = figures
        self.ledger.at_least(f"{what}: times quicker, CPU", theirs["cpu"] / ours["cpu"], bar)
        worse = theirs["objective"] - ours["objective"] if most else _none_worse(ours, theirs)
        self.ledger.at_most(f"{what}: objective worse than spopt's by", worse, 0.5)


def _none_worse(ours: Figures, theirs: Figures) -> float:
    """By how much ours costs more; where CBC found no plan at all there is nothing to beat."""
    return ours["objective"] - theirs["objective"] if theirs["objective"] > 0 else 0.0


def small(bench: Bench) -> None:
    ledger = bench.ledger
    ledger.open_graph("small", f"{SMALL:,} points x {SMALL_SITES} sites, all ways known")
    ledger.question(f"MCLP, {SMALL_COUNT} sites")
    ours, theirs = bench.ask("geoplan", "geoplan_mclp"), bench.ask("spopt + CBC", "spopt_mclp")
    bench.proven("MCLP", ours, 0.5)
    bench.beside("MCLP", (ours, theirs), 20, most=True)
    ledger.question("LSCP")
    ours, theirs = bench.ask("geoplan", "geoplan_lscp"), bench.ask("spopt + CBC", "spopt_lscp")
    bench.proven("LSCP", ours, 0.5)
    bench.beside("LSCP", (ours, theirs), 50, most=False)
    for count in SMALL_MEDIANS:
        ledger.question(f"p-median, {count} sites")
        ours = bench.ask("geoplan", "geoplan_median", count)
        bench.proven(f"p-median {count}", ours, 0.5)
        theirs = bench.ask("spopt + CBC", "spopt_median", count)
        bench.beside(f"p-median {count}", (ours, theirs), 100, most=False)


def large(bench: Bench, peers: bool) -> None:
    ledger = bench.ledger
    ledger.open_graph("large", f"{LARGE:,} points x {SITES:,} sites")
    for seconds, gap in ((10, 0.3), (30, 0.1)):
        ledger.question(f"MCLP, {LARGE_COUNT} sites, {seconds} seconds")
        ours = bench.ask("geoplan", "large_mclp", seconds)
        ledger.at_most(f"MCLP in {seconds} s: gap, %", ours["gap_percent"], gap)
    ledger.at_most("MCLP: CPU seconds to build, reduce and a first plan", ours["ready"], 0.5)
    if peers:
        bench.ask("spopt + CBC", "spopt_large_mclp")
    ledger.question("LSCP")
    bench.proven("LSCP", bench.ask("geoplan", "large_lscp"), 3)
    if peers:
        bench.ask("spopt + CBC", "spopt_large_lscp")
    ledger.question("p-median, 20 seconds each")
    for count in LARGE_MEDIANS:
        ours = bench.ask(f"geoplan, {count} sites", "large_median", count)
        ledger.at_most(f"p-median {count}: gap, %", ours["gap_percent"], 0.3)
    ledger.question(f"p-centre, {LARGE_COUNT} sites")
    bench.proven("p-centre", bench.ask("geoplan", "large_centre", LARGE_COUNT), 2)


def huge(bench: Bench, points: int, bars: tuple[float, float]) -> None:
    gap, most_mb = bars
    bench.ledger.open_graph(
        f"{points:,}", f"{points:,} points x {SITES:,} sites, the pairs in reach"
    )
    bench.ledger.question(f"MCLP, {LARGE_COUNT} sites, 60 seconds")
    ours = bench.ask("geoplan", "huge_mclp", points)
    made = f"{ours['pairs']:,.0f} pairs; {ours['made_mb']:,.0f} MB before the call"
    bench.ledger.note(made)
    bench.ledger.at_most("MCLP in 60 s: gap, %", ours["gap_percent"], gap)
    bench.ledger.at_most("peak MB", ours["peak_mb"], most_mb)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = (SMALL, LARGE, LARGER, LARGEST)
    parser.add_argument("--sizes", type=int, nargs="+", choices=sizes, default=list(sizes))
    parser.add_argument(
        "--large-peers",
        action="store_true",
        help="ask spopt the large questions too: many minutes and 10 GB",
    )
    parser.add_argument(
        "--families",
        nargs="?",
        const="",
        metavar="PART",
        help="ask `geoplan site` the random graphs and city blocks instead (those whose name has "
        "PART in it): half an hour",
    )
    asked = parser.parse_args()
    if asked.families is not None:
        with tempfile.TemporaryDirectory() as name:
            tried(chain(graphs(), cities()), Path(name), asked.families)
        return
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Ledger(), Path(name))
        if SMALL in asked.sizes:
            small(bench)
        if LARGE in asked.sizes:
            large(bench, asked.large_peers)
        if LARGER in asked.sizes:
            huge(bench, LARGER, (1.0, 512))
        if LARGEST in asked.sizes:
            huge(bench, LARGEST, (3.0, 1_024))
        bench.ledger.summary()


if __name__ == "__main__":
    main()
