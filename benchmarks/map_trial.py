"""The trial in the page, measured for `bench_map`: edits of four kinds, undo, advice."""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.map_browser import Shown

SEED = 36
KINDS = ("close", "open", "minutes", "weight")
EDIT = """
async ([kind, at, value]) => {
  const all = (where) => [...document.querySelectorAll(where)];
  const one = (where) => all(where)[at % all(where).length];
  let act = null;
  if (kind === 'close') {
    const button = one('#trial-sites button');
    act = button && (() => button.click());
  } else if (kind === 'open') {
    const map = Object.values(window).find((each) => window.L && each instanceof L.Map);
    const areas = [];
    map.eachLayer((each) => each.feature && each.listens('click') && areas.push(each));
    areas.sort((some, other) => (some.feature.id < other.feature.id ? -1 : 1));
    areas[at % areas.length].fire('click');
    await bench.painted();
    const button = document.getElementById('trial-here');
    act = button && (() => button.click());
  } else {
    const slider = one(kind === 'minutes' ? '#trial-minutes' : '#trial-controls .weights input');
    act = slider && (() => {
      const [least, most] = [Number(slider.min), Number(slider.max)];
      slider.value = String(least + value * (most - least));
      slider.dispatchEvent(new Event('input'));
      slider.dispatchEvent(new Event('change'));
    });
  }
  let taken = null;
  if (act) {
    await bench.painted();
    const began = performance.now();
    act();
    const told = performance.now() - began;
    await bench.drawn();
    const drawn = performance.now() - began;
    await bench.frame();
    taken = [told, drawn, performance.now() - began];
  }
  const back = document.getElementById('back');
  if (back) { back.click(); await bench.painted(); }
  return taken;
}
"""
FIGURES = """
() => [...document.querySelectorAll('main data')].map((e) => e.value + '|' + e.textContent)
  .concat(['#classes', '#list', '#cards', '#trial-figures', '#trial-report', '#symbols']
    .map((where) => document.querySelector(where).textContent))
"""
UNDO = """
async (times) => {
  const undo = document.getElementById('trial-undo');
  for (let turn = 0; turn < times && undo.getAttribute('aria-disabled') !== 'true'; turn += 1) {
    undo.click();
    await bench.painted();
  }
}
"""
ADVICE = """
async ([name, patience]) => {
  const told = document.getElementById('told');
  const began = performance.now();
  document.getElementById('trial-' + name).click();
  const looking = told.textContent;
  while (told.textContent === looking && performance.now() - began < patience) {
    await new Promise((done) => setTimeout(done, 5));
  }
  await bench.painted();
  return performance.now() - began;
}
"""
PATIENCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: until its figures stand in the page, until the frame that shows them is drawn, and
    until the next one begins."""

    kind: str
    told_ms: float
    drawn_ms: float
    painted_ms: float


def begin(shown: Shown) -> float:
    """Begin a trial; milliseconds until it is painted."""
    taken: float = shown.page.evaluate(
        """async () => {
          const began = performance.now();
          document.getElementById('trial-begin').click();
          while (document.getElementById('trial').hidden) {
            await new Promise((done) => setTimeout(done, 5));
          }
          await bench.painted();
          return performance.now() - began;
        }"""
    )
    return taken


def edits(shown: Shown, number: int, seed: int = SEED) -> list[Edit]:
    """So many edits, one kind after another, of sites and values drawn from the seed."""
    drawn = random.Random(seed)  # noqa: S311 - a seed, no secret
    made = list[Edit]()
    for turn in range(number):
        kind = KINDS[turn % len(KINDS)]
        asked = [kind, drawn.randrange(10_000), drawn.random()]
        taken: list[float] | None = shown.page.evaluate(EDIT, asked)
        if taken is not None:
            made.append(Edit(kind, *taken))
    return made


def reset(shown: Shown) -> None:
    shown.page.evaluate("document.getElementById('trial-reset').click()")


def differing_after_undo(shown: Shown, number: int) -> tuple[int, int]:
    """Edit so often, undo all; how many figures and texts are then other ones, and of how many."""
    was: list[Any] = shown.page.evaluate(FIGURES)
    made = edits(shown, number, SEED + 1)
    shown.page.evaluate(UNDO, len(made))
    now: list[Any] = shown.page.evaluate(FIGURES)
    different = sum(one != other for one, other in zip(was, now, strict=False))
    return different + abs(len(was) - len(now)), len(was)


def advised_ms(shown: Shown, name: str) -> float:
    """`next`: the best next site; `worst`: the closure that hurts most."""
    taken: float = shown.page.evaluate(ADVICE, [name, PATIENCE_MS])
    return taken


def growth(made: list[Edit], of: int = 20) -> float:
    """The last edits' time to paint, of the first ones'."""
    first, last = made[:of], made[-of:]
    return median(each.painted_ms for each in last) / median(each.painted_ms for each in first)


def percentile(values: list[float], share: float) -> float:
    """The least value not exceeded by at least this share."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
