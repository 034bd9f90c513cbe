"""Timing, and the table that is printed: engines side by side, and the bars at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

RUNS = 3
LONG_SECONDS = 4.0
"""A call that has taken so long is not repeated."""


@dataclass(frozen=True, slots=True)
class Took(Generic[T]):
    """What a call gave, and the CPU seconds (of all its threads) and wall seconds it took."""

    value: T
    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bound on a ratio, what was measured, and whether the answers were equal (None: unasked)."""

    graph: str
    what: str
    measured: float
    bound: float
    at_least: bool
    equal: bool | None

    @property
    def held(self) -> bool:
        beyond = self.measured >= self.bound if self.at_least else self.measured <= self.bound
        return beyond and self.equal is not False


def best_of(call: Callable[[], T], runs: int = RUNS) -> Took[T]:
    """The run that took the least CPU time of up to `runs`; long calls run once."""
    best: Took[T] | None = None
    spent = 0.0
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        value = call()
        took = Took(value, time.process_time() - cpu, time.perf_counter() - wall)
        best = took if best is None or took.cpu < best.cpu else best
        spent += took.wall
        if spent > LONG_SECONDS:
            break
    if best is None:
        raise ValueError("a call must run at least once")
    return best


def scaled(took: Took[T], factor: float) -> Took[T]:
    """What a sample took, times how many such samples the whole would be."""
    return Took(took.value, took.cpu * factor, took.wall * factor)


@dataclass(slots=True)
class Ledger:
    """Prints rows as they come and keeps the bars for the summary."""

    graph: str = ""
    bars: list[Bar] = field(default_factory=list)
    base: float = 0.0
    """CPU seconds of the question's first row, to which the rows below it are compared."""

    def open_graph(self, name: str, told: str) -> None:
        self.graph = name
        print(f"\n=== {name}: {told}", flush=True)

    def question(self, title: str) -> None:
        self.base = 0.0
        print(f"\n{title}\n  {'':<48}{'CPU s':>10}{'wall s':>10}{'x first':>10}", flush=True)

    def engine(self, name: str, took: Took[T], note: str = "") -> None:
        self.base = self.base or took.cpu
        times = f"{took.cpu / self.base:10.2f}" if self.base else " " * 10
        print(f"  {name:<48}{took.cpu:10.4f}{took.wall:10.4f}{times}   {note}".rstrip(), flush=True)

    def note(self, text: str) -> None:
        print(f"  {text}", flush=True)

    def at_least(self, what: str, measured: float, bound: float, equal: bool | None = None) -> None:
        self._bar(Bar(self.graph, what, measured, bound, True, equal))

    def at_most(self, what: str, measured: float, bound: float, equal: bool | None = None) -> None:
        self._bar(Bar(self.graph, what, measured, bound, False, equal))

    def _bar(self, bar: Bar) -> None:
        self.bars.append(bar)
        print(f"  -> {_line(bar)}", flush=True)

    def summary(self) -> None:
        print("\n=== Bars")
        for bar in self.bars:
            print(f"{bar.graph:<8} {_line(bar)}")
        missed = [bar for bar in self.bars if not bar.held]
        print(f"\n{len(self.bars) - len(missed)} of {len(self.bars)} bars held")
        for bar in missed:
            print(f"!!! NOT HELD: {bar.graph}: {_line(bar)}")


def _line(bar: Bar) -> str:
    sign = ">=" if bar.at_least else "<="
    equal = "" if bar.equal is None else f", equal to scipy to the millisecond: {bar.equal}"
    held = "held" if bar.held else "NOT HELD"
    return f"{bar.what:<60} {bar.measured:9.2f}  bar {sign} {bar.bound:6.2f}  {held}{equal}"
