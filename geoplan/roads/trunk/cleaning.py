"""From signs to one clean line of posts per route.

A list of signs holds left and right pairs, signs put down at the coordinates of a depot, and
mistyped coordinates. What is dropped is counted and told; nothing is moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.model import Bools, Floats, Ints

BUCKET_METRES = 50
"""Signs whose chainage falls into one bucket stand at one place."""

CELL_METRES = 20
REPEATED_OVER_METRES = 300
"""Signs in one cell of ground whose chainages are farther apart carry somebody's office."""

PAIR_APART_METRES = 150
"""Signs of one bucket farther apart are not a left and right pair: one of them is wrong."""
NEIGHBOUR_BUCKETS = 40

CHAINAGE_FACTOR, CHAINAGE_SLACK_METRES = 1.15, 200
"""Two posts may be this much farther apart than their chainage says (old surveys, side strips)."""
WORST_EXCESS_METRES = 600
"""Beyond the factor, a pair of posts this far apart is wrong even if each has a good neighbour."""
FEWEST_POSTS = 6
"""A route of so few posts gives no ground to call one of them wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """The posts of one route in order: chainage in metres (n,), x and y (n, 2), elevation (n,)."""

    route: str
    chainage: Floats
    xy: Floats
    elevation: Floats
    """Metres, not-a-number where unknown."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A line, the chainages of signs dropped from it, and how many of a pair were merged."""

    line: Line
    repeated: Floats
    stray: Floats
    merged: int


def clean(signs: Line) -> Cleaned:
    """One post for each place, without signs whose coordinates cannot be theirs."""
    order = np.lexsort((signs.xy[:, 1], signs.xy[:, 0], signs.chainage))
    signs = pick(signs, order)
    office = repeated_places(signs)
    single = merge_buckets(pick(signs, ~office))
    keep = np.ones(len(single.chainage), dtype=bool)
    while (bad := stray_post(single.chainage[keep], single.xy[keep])) is not None:
        keep[np.flatnonzero(keep)[bad]] = False
    merged = int((~office).sum()) - len(single.chainage)
    return Cleaned(pick(single, keep), signs.chainage[office], single.chainage[~keep], merged)


def pick(line: Line, chosen: Bools | Ints) -> Line:
    """Some of the posts of a line."""
    return Line(line.route, line.chainage[chosen], line.xy[chosen], line.elevation[chosen])


def repeated_places(signs: Line) -> Bools:
    """Which signs share a cell of ground with signs of quite another chainage (n,)."""
    cell = np.rint(signs.xy / CELL_METRES).astype(np.int64)
    _, which = np.unique(cell, axis=0, return_inverse=True)
    which = which.reshape(-1)
    least = np.full(which.max(initial=-1) + 1, np.inf)
    most = np.full(len(least), -np.inf)
    np.minimum.at(least, which, signs.chainage)
    np.maximum.at(most, which, signs.chainage)
    return np.asarray((most - least)[which] > REPEATED_OVER_METRES, dtype=bool)


def merge_buckets(signs: Line) -> Line:
    """One post a bucket of chainage: the middle of its signs, which come in order of chainage."""
    if not len(signs.chainage):
        return signs
    bucket = np.floor(signs.chainage / BUCKET_METRES + 0.5).astype(np.int64)
    rows = []
    for here in np.split(np.arange(len(bucket)), np.flatnonzero(np.diff(bucket)) + 1):
        if len(here) == 1:
            alone = int(here[0])
            rows.append((signs.chainage[alone], *signs.xy[alone], signs.elevation[alone]))
            continue
        if np.hypot(*np.ptp(signs.xy[here], axis=0)) > PAIR_APART_METRES:
            here = here[[best_of(here, bucket, signs.xy)]]
        heights = signs.elevation[here][~np.isnan(signs.elevation[here])]
        height = float(np.median(heights)) if len(heights) else np.nan
        rows.append((np.median(signs.chainage[here]), *signs.xy[here].mean(axis=0), height))
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return Line(signs.route, table[:, 0], table[:, 1:3], table[:, 3])


def best_of(here: Ints, bucket: Ints, xy: Floats) -> int:
    """Of signs of one bucket, the one nearest to the signs before and behind it."""
    apart = np.abs(bucket - bucket[here[0]])
    around = xy[(apart > 0) & (apart <= NEIGHBOUR_BUCKETS)]
    if not len(around):
        return 0
    away = np.hypot(*(xy[here][:, None] - around[None]).transpose(2, 0, 1))
    return int(np.argmin(np.sort(away, axis=1)[:, :2].mean(axis=1)))


def stray_post(chainage: Floats, xy: Floats) -> int | None:
    """The position of one post whose place cannot be right; None when all may be.

    First a post that fits neither neighbour while these fit each other, then an end that does not
    fit its one neighbour, then of the worst pair the post farther from what is two posts away.
    """
    if len(chainage) <= FEWEST_POSTS:
        return None
    excess = np.hypot(*np.diff(xy, axis=0).T) - CHAINAGE_FACTOR * np.diff(chainage)
    bad = excess > CHAINAGE_SLACK_METRES
    if not bad.any():
        return None
    for at in (np.flatnonzero(bad[:-1] & bad[1:]) + 1).tolist():
        if fits(chainage, xy, at - 1, at + 1):
            return int(at)
    for pair, at in ((0, 0), (len(bad) - 1, len(chainage) - 1)):
        if bad[pair]:
            return at
    worst = int(np.argmax(excess))
    if excess[worst] <= WORST_EXCESS_METRES:
        return None
    return max((worst, worst + 1), key=lambda at: loneliness(xy, at))


def fits(chainage: Floats, xy: Floats, one: int, two: int) -> bool:
    """Are two posts as near to each other as their chainage allows?"""
    apart = float(np.hypot(*(xy[two] - xy[one])))
    along = float(chainage[two] - chainage[one])
    return apart <= CHAINAGE_FACTOR * along + CHAINAGE_SLACK_METRES


def loneliness(xy: Floats, at: int) -> float:
    """How far a post lies from the posts two before and two behind it."""
    ends = xy[[max(at - 2, 0), min(at + 2, len(xy) - 1)]]
    return float(np.hypot(*(ends - xy[at]).T).sum())
