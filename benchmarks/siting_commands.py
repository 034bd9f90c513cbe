"""`geoplan site` asked the questions of `siting_families` as a planner would: tables and a command.

Every question is a process of its own; reading the tables and writing the results count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.siting_families import Asked, Place

SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answered:
    """What plan.json says, and what the command took."""

    status: str
    objective: float
    bound: float
    proven_bound: float | None
    cpu: float
    wall: float

    @property
    def proven(self) -> bool:
        return self.status == "optimal" and self.cpu <= SECONDS


def write_tables(place: Place, folder: Path) -> None:
    """demand.csv, candidates.csv and matrix.csv (a row a pair)."""
    n = len(place.people)
    ids = np.array([f"{at:04d}" for at in range(1, n + 1)])
    pd.DataFrame({"demand_id": ids, "population": place.people}).to_csv(
        folder / "demand.csv", index=False
    )
    pd.DataFrame({"site_id": ids}).to_csv(folder / "candidates.csv", index=False)
    pairs = {"demand_id": np.repeat(ids, n), "site_id": np.tile(ids, n)}
    table = pd.DataFrame({**pairs, "minutes": place.ways.ravel()})
    table.to_csv(folder / "matrix.csv", index=False)


def ask(asked: Asked, folder: Path) -> Answered:
    """The command's answer; RuntimeError with what it said where it gave none."""
    out = folder / "plan"
    options = {
        "--matrix": folder / "matrix.csv",
        "--demand": folder / "demand.csv",
        "--candidates": folder / "candidates.csv",
        "--model": asked.model,
        "-p": asked.count,
        "--seconds": SECONDS,
        "--out": out,
    }
    if asked.threshold is not None:
        options["--threshold"] = asked.threshold
    words = [str(word) for option in options.items() for word in option]
    command = [sys.executable, "-m", "geoplan", "site", *words]
    began = time.perf_counter()
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, code, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if code:
        raise RuntimeError(f"{' '.join(command)}\n{(folder / 'said.txt').read_text()}")
    plan = json.loads((out / "plan.json").read_text())
    return Answered(
        plan["status"],
        plan["objective"],
        plan["bound"],
        plan["proven_bound"],
        used.ru_utime + used.ru_stime,
        wall,
    )


def tried(places: Iterable[tuple[Place, tuple[Asked, ...]]], folder: Path, only: str) -> None:
    """Ask all questions whose name contains `only`, a row each; then how many were proven."""
    print(
        f"{'':<34}{'objective':>14}{'status':>10}{'gap %':>9}{'CPU s':>8}{'wall s':>8}  by prices"
    )
    met = proven = 0
    for place, questions in places:
        chosen = [asked for asked in questions if only in asked.name]
        if chosen:
            write_tables(place, folder)
        for asked in chosen:
            answer = ask(asked, folder)
            met, proven = met + 1, proven + answer.proven
            print(_row(asked, answer), flush=True)
    print(f"{proven} of {met} proven in {SECONDS} CPU seconds")


def _row(asked: Asked, answer: Answered) -> str:
    gap = 100 * abs(answer.bound - answer.objective) / max(1.0, abs(answer.objective))
    by_prices = "none"
    if answer.proven_bound is not None:
        weak = abs(answer.proven_bound - answer.objective) / max(1.0, abs(answer.objective))
        by_prices = f"{100 * weak:.4f} %"
    told = f"{answer.objective:14,.2f}{answer.status:>10}{gap:9.4f}"
    return f"{asked.name:<34}{told}{answer.cpu:8.2f}{answer.wall:8.2f}  {by_prices}"
