"""A wheel of buckets in which nodes wait for their turn in a search, by the labels they carry.

Nodes wait in slots by the upper bits of their labels. The wheel has levels, as a timing wheel
has: a slot of one level covers all slots of the level below it, so a label of any size finds its
place (Varghese and Lauck 1987). Each node waits in one slot at most, in a list that runs through
the nodes themselves; nothing has to grow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geoplan.model import Ints
from geoplan.travel.compiled import inlined, kernel
from geoplan.travel.graph import Int32s

DIGIT_BITS = 8
SLOTS = 2**DIGIT_BITS
"""Slots of one level: a level goes by one digit of the labels."""
LEVELS = 8
NOBODY = 2**63 - 1
"""The label of a node that nothing has reached."""

Wheel = tuple[Int32s, int, int]
"""First node of every slot, now, width.

`width` is how many lower bits of labels share a slot, `now` the upper bits of the slot whose turn
it is.
"""


class Marks(NamedTuple):
    """What a search writes down about the N nodes; ready for the next when all is put back.

    `label` (N, 2) holds the label in column 0; column 1 is the memory of the lists. `link` (N, 4)
    is the same memory read as int32: column 2 the next node in the slot (-1: none), column 3 the
    one before (-1: the node does not wait; -2 - s: it is the first of slot s). Label and links
    lie side by side because a search reads them together. `slot` is the wheel of the search: the
    first node of each of its slots, or -1.
    """

    label: Ints
    link: Int32s
    slot: Int32s


def fresh_marks(nodes: int) -> Marks:
    label = np.full((nodes, 2), -1, np.int64)
    label[:, 0] = NOBODY
    return Marks(label, label.view(np.int32), np.full(LEVELS * SLOTS, -1, np.int32))


@inlined
def wait(node: int, label: int, wheel: Wheel, link: Int32s) -> None:
    """Put a node into the slot of its label.

    The level is that of the highest digit in which the label differs from now.
    """
    first, now, width = wheel
    key = label >> width
    gap = key ^ now
    level = 0
    while gap >= SLOTS:
        gap >>= DIGIT_BITS
        level += 1
    slot = level * SLOTS + ((key >> (level * DIGIT_BITS)) & (SLOTS - 1))
    after = first[slot]
    link[node, 2] = after
    link[node, 3] = -2 - slot
    if after >= 0:
        link[after, 3] = node
    first[slot] = node


@inlined
def move(node: int, labels: tuple[int, int], wheel: Wheel, link: Int32s) -> int:
    """Put a node whose label became better (old, new) where it now belongs.

    Returns 1 if it did not wait before, or 0.
    """
    first, _, width = wheel
    old, new = labels
    before = link[node, 3]
    if before == -1:
        wait(node, new, wheel, link)
        return 1
    if old >> width == new >> width:  # it stays in its slot, or in the one being emptied
        return 0
    after = link[node, 2]
    if before <= -2:
        first[-2 - before] = after
    else:
        link[before, 2] = after
    if after >= 0:
        link[after, 3] = before
    wait(node, new, wheel, link)
    return 0


@kernel
def earliest(wheel: Wheel, marks: Marks) -> tuple[int, int]:
    """Empty the earliest slot in which a node waits: the new now, and the first of its nodes.

    A slot of an upper level is dealt out over the levels below it first. Some node must wait.
    """
    first, now, width = wheel
    labels, link, _ = marks
    while True:
        level, at = 0, now & (SLOTS - 1)
        while first[level * SLOTS + at] < 0:
            at += 1
            while at == SLOTS:
                level += 1
                at = ((now >> (level * DIGIT_BITS)) & (SLOTS - 1)) + 1
        above = (now >> ((level + 1) * DIGIT_BITS)) << DIGIT_BITS
        now = (above | at) << (level * DIGIT_BITS)
        node = first[level * SLOTS + at]
        first[level * SLOTS + at] = -1
        if level == 0:
            return now, node
        while node >= 0:
            after = link[node, 2]
            wait(node, labels[node, 0], (first, now, width), link)
            node = after
