"""Timing, and the table that is printed: engines side by side, and the bars at the end."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Generic, TypeVar

T = TypeVar("T")

ENOUGH_SECONDS = 1.0
"""A call is repeated until it has taken so much CPU time, whichever engine it asks."""
FEWEST_CALLS = 3
LONG_SECONDS = 4.0
"""A call that takes so long counts at once and is not repeated."""
RULE = (
    f"Every time is the least CPU time of many equal calls, all threads counted: after a first call"
    f" that does not count, as many as take {ENOUGH_SECONDS:g} CPU second together, at least"
    f" {FEWEST_CALLS}. A call longer than {LONG_SECONDS:g} s is made once."
)


@dataclass(frozen=True, slots=True)
class Took(Generic[T]):
    """What a call gave, the CPU seconds (of all its threads) and wall seconds it took at best.

    `median` is the median of the CPU seconds of all `calls` that counted.
    """

    value: T
    cpu: float
    wall: float
    median: float
    calls: int = 1


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


def best_of(call: Callable[[], T]) -> Took[T]:
    """What a call takes by the `RULE`, the same for every engine."""
    first = once(call)
    if max(first.cpu, first.wall) > LONG_SECONDS:
        return first
    taken = [once(call) for _ in range(FEWEST_CALLS)]
    while sum(took.cpu for took in taken) < ENOUGH_SECONDS:
        took = once(call)
        taken.append(replace(took, value=first.value))  # answers may be large
    best = min(taken, key=lambda took: took.cpu)
    return replace(best, median=median(took.cpu for took in taken), calls=len(taken))


def once(call: Callable[[], T]) -> Took[T]:
    """What one call takes, the first of its kind or not."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    value = call()
    cpu = cpu_seconds() - cpu
    return Took(value, cpu, time.perf_counter() - wall, cpu)


def cpu_seconds() -> float:
    """Of this process, all its threads, and the programmes it started that have ended (CBC)."""
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + started.ru_utime + started.ru_stime


def scaled(took: Took[T], factor: float) -> Took[T]:
    """What a sample took, times how many such samples the whole would be."""
    return replace(
        took, cpu=took.cpu * factor, wall=took.wall * factor, median=took.median * factor
    )


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
        head = f"{'CPU s':>11}{'median':>11}{'wall s':>11}{'calls':>7}{'x first':>9}"
        print(f"\n{title}\n  {'':<48}{head}", flush=True)

    def engine(self, name: str, took: Took[T], note: str = "") -> None:
        self.base = self.base or took.cpu
        times = f"{took.cpu / self.base:9.2f}" if self.base else " " * 9
        taken = f"{took.cpu:11.5f}{took.median:11.5f}{took.wall:11.5f}{took.calls:7}"
        print(f"  {name:<48}{taken}{times}   {note}".rstrip(), flush=True)

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
