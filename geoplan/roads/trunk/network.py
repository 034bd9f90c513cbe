"""Nodes and edges: stretches split where roads meet, and thinned to what the search needs.

Length and time are summed before posts are left out, so thinning loses nothing but the drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geoplan.model import Bools, Floats, Ints, Strings
from geoplan.roads.trunk.freeway_joins import Joined
from geoplan.roads.trunk.joins import Anchor, Link, interpolated
from geoplan.roads.trunk.routes import road_class
from geoplan.roads.trunk.rulings import NO_RULING
from geoplan.roads.trunk.stretches import GAP_METRES, Stretches

KEEP_EVERY_METRES = 950
"""About every kilometre a post is kept (signs are not put up to the metre)."""
KEEP_BEND_METRES = 180
"""A post is kept where the road lies farther than this off the straight line."""


@dataclass(frozen=True, slots=True)
class Node:
    """A post, junction or interchange; its number is its position in the list."""

    x: float
    y: float
    kind: str
    route: str
    chainage: int
    elevation: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A piece of road or a link between two nodes, open in both directions."""

    one: int
    two: int
    route: str
    road_class: str
    metres: int
    speed_kph: int
    status: str
    verified: bool
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """The network; `at` gives the node of each place where something joins."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    at: Mapping[Anchor, int]


@dataclass(frozen=True, slots=True)
class Road:
    """Stretches with their class and speed (n,), and the status of each."""

    stretches: Stretches
    road_class: Strings
    speed_kph: Floats
    status: Strings


@dataclass(frozen=True, slots=True)
class Pieces:
    """A run cut at every place where something joins: p pieces between p + 1 places."""

    place: tuple[Anchor, ...]
    stretch: Ints
    metres: Floats


def make_network(road: Road, links: Sequence[Link], joined: Sequence[Joined]) -> Trunk:
    """The nodes and edges of all runs, then the links."""
    names = {each.at: each.interchange.name for each in reversed(joined)}
    anchors = {place for link in links for place in (link.one, link.two)} | set(names)
    cuts: dict[int, list[float]] = defaultdict(list)
    for place in sorted(anchors):
        cuts[place.stretch].append(place.fraction)
    nodes: list[Node] = []
    edges: list[Edge] = []
    at: dict[Anchor, int] = {}
    for rows in runs_of(road.stretches):
        pieces = cut_run(road.stretches, rows, cuts)
        kept = kept_places(road, pieces, anchors)
        first = len(nodes)
        for n, place in enumerate(kept.tolist()):
            anchor = pieces.place[place]
            at[anchor] = first + n
            nodes.append(make_node(road.stretches, anchor, anchor in anchors, names))
        edges += run_edges(road, pieces, kept, first)
    edges += link_edges(links, at)
    return Trunk(with_ramps(nodes, links, at), tuple(edges), at)


def runs_of(stretches: Stretches) -> list[Ints]:
    """The positions of the stretches of each unbroken run, in order."""
    n = len(stretches.run)
    return np.split(np.arange(n), np.flatnonzero(np.diff(stretches.run)) + 1) if n else []


def cut_run(stretches: Stretches, rows: Ints, cuts: Mapping[int, Sequence[float]]) -> Pieces:
    """The pieces of one run."""
    places: list[Anchor] = []
    metres: list[float] = []
    for row in rows.tolist():
        fractions = sorted({0.0, 1.0, *cuts.get(row, ())})
        places += [Anchor(row, fraction) for fraction in fractions[:-1]]
        parts = np.diff(fractions) * stretches.length[row]
        metres += parts.tolist()
    stretch = np.array([place.stretch for place in places], dtype=np.int64)
    places.append(Anchor(int(rows[-1]), 1.0))
    return Pieces(tuple(places), stretch, np.array(metres))


def kept_places(road: Road, pieces: Pieces, anchors: set[Anchor]) -> Ints:
    """Positions of the places that become nodes: ends, joins, changes of status, gaps, bends."""
    joins = [place in anchors for place in pieces.place]
    must = np.array(joins, dtype=bool)
    must[[0, -1]] = True
    status = road.status[pieces.stretch]
    must[1:-1] |= status[1:] != status[:-1]
    long = (road.stretches.to_metres - road.stretches.from_metres)[pieces.stretch] > GAP_METRES
    must[1:] |= long
    must[:-1] |= long
    xy = np.array([interpolated(road.stretches, place)[0] for place in pieces.place])
    return thin(xy, pieces.metres, must)


def thin(xy: Floats, metres: Floats, must: Bools) -> Ints:
    """Which of the places (p + 1, 2) along a line are kept.

    Between places that must stay, one is kept when the road since the last one is
    `KEEP_EVERY_METRES` long, or a place passed lies `KEEP_BEND_METRES` off the straight line.
    """
    kept = [0]
    since = 0.0
    for at in range(1, len(xy)):
        since += metres[at - 1]
        if must[at] or since >= KEEP_EVERY_METRES or bend(xy[kept[-1] : at + 1]) > KEEP_BEND_METRES:
            kept.append(at)
            since = 0.0
    return np.array(kept, dtype=np.int64)


def bend(xy: Floats) -> float:
    """How far (metres) a line (k, 2) lies at most off the straight line between its ends."""
    if len(xy) < 3:
        return 0.0
    away = xy - xy[0]
    chord = away[-1]
    straight = float(np.hypot(*chord))
    if straight < 1:
        return float(np.hypot(*away.T).max())
    cross = away[:, 0] * chord[1] - away[:, 1] * chord[0]
    return float(np.abs(cross).max() / straight)


def make_node(
    stretches: Stretches, place: Anchor, joins: bool, names: Mapping[Anchor, str]
) -> Node:
    """The node at a place."""
    xy, chainage, elevation = interpolated(stretches, place)
    name = names.get(place, "")
    kind = "interchange" if name else "junction" if joins else "post"
    route = str(stretches.route[place.stretch])
    return Node(float(xy[0]), float(xy[1]), kind, route, round(chainage), elevation, name)


def run_edges(road: Road, pieces: Pieces, kept: Ints, first: int) -> Iterator[Edge]:
    """An edge between each two kept places of a run; `first` is the number of the first node."""
    for n, (start, end) in enumerate(zip(kept[:-1].tolist(), kept[1:].tolist(), strict=True)):
        rows, metres = pieces.stretch[start:end], pieces.metres[start:end]
        total = float(metres.sum())
        hours = float((metres / road.speed_kph[rows]).sum())
        ruled = int(road.stretches.ruling[rows[-1]])
        ruling = None if ruled == NO_RULING else road.stretches.rulings[ruled]
        yield Edge(
            one=first + n,
            two=first + n + 1,
            route=str(road.stretches.route[rows[0]]),
            road_class=longest(road.road_class[rows], metres),
            metres=round(total),
            speed_kph=round(total / hours) if hours else round(float(road.speed_kph[rows[0]])),
            status=str(road.status[rows[-1]]),
            verified=ruling is None or ruling.verified,
            basis=longest(road.stretches.basis[rows], metres),
            note="" if ruling is None else ruling.note,
        )


def longest(words: Strings, metres: Floats) -> str:
    """The word that most of the metres bear; of equal ones the first in the alphabet."""
    sums: dict[str, float] = defaultdict(float)
    for word, each in zip(words.tolist(), metres.tolist(), strict=True):
        sums[word] += each
    return min(sums, key=lambda word: (-sums[word], word))


def link_edges(links: Sequence[Link], at: Mapping[Anchor, int]) -> Iterator[Edge]:
    """The links as edges, each pair of nodes once (the link listed first)."""
    seen: set[tuple[int, int]] = set()
    for link in links:
        one, two = at[link.one], at[link.two]
        pair = min(one, two), max(one, two)
        if one == two or pair in seen:
            continue
        seen.add(pair)
        basis = "assumed" if link.road_class == "interchange" else "geometry"
        metres = round(link.metres)
        kind, kph = link.road_class, link.speed_kph
        yield Edge(one, two, "link", kind, metres, kph, "open", True, basis, link.note)


def with_ramps(
    nodes: Sequence[Node], links: Sequence[Link], at: Mapping[Anchor, int]
) -> tuple[Node, ...]:
    """The nodes, those of motorways at which a ramp begins being interchanges."""
    changed = list(nodes)
    ramps = [link for link in links if link.road_class == "interchange"]
    for number in {at[place] for link in ramps for place in (link.one, link.two)}:
        if road_class(nodes[number].route) != "provincial":
            changed[number] = replace(nodes[number], kind="interchange")
    return tuple(changed)
