"""A travel matrix of one's own: demand_id, site_id, minutes; or a row a point, a column a site.

A pair that is absent, or a cell that is empty, is out of reach. Minutes become whole milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.door.checks import some
from geoplan.door.manifest import SourceFile
from geoplan.door.own_pairs import places_in, read_minutes_of_pairs
from geoplan.door.own_roads import LONGEST_MS, MS_PER_MINUTE
from geoplan.door.reading import Found
from geoplan.model import Ints, Strings, TravelMatrix


@dataclass(frozen=True, slots=True)
class OwnMatrix:
    """Trips that are possible (K,), by demand and then by site: positions and milliseconds.

    `demand_id` and `site_id` are the lists that were asked for, in their order, or all ids of the
    file in the order of their text.
    """

    demand_id: Strings
    site_id: Strings
    demand: Ints
    site: Ints
    ms: Ints

    def dense(self, demand_id: Strings, site_id: Strings) -> TravelMatrix:
        """The matrix of these demand points (n,) and sites (m,); pairs not in the table are out
        of reach, and nothing of it is known to be modelled."""
        row = places_in(demand_id, list(self.demand_id))[self.demand]
        column = places_in(site_id, list(self.site_id))[self.site]
        known = (row >= 0) & (column >= 0)
        shape = (len(demand_id), len(site_id))
        ms, reachable = np.zeros(shape, np.int32), np.zeros(shape, bool)
        ms[row[known], column[known]] = self.ms[known]
        reachable[row[known], column[known]] = True
        return TravelMatrix(site_id, ms, np.zeros(shape, np.int32), reachable)


def read_matrix(
    source: SourceFile,
    found: Found,
    demand_id: Strings | None = None,
    site_id: Strings | None = None,
) -> OwnMatrix | None:
    """The matrix of a file; None, with every fault, when it cannot be used.

    With lists of ids only their pairs are kept. Ids of the file that are not among them are said
    in a note; if none is among them it is a fault. Points and sites without any trip are said too.
    """
    before = len(found.faults)
    pairs = read_minutes_of_pairs(source, found, LONGEST_MS / MS_PER_MINUTE)
    if pairs is None:
        return None
    kept = np.ones(len(pairs.minutes), bool)
    place: list[Ints] = []
    lists: list[Strings] = []
    sides = (
        ("demand_id", pairs.demand, pairs.demand_ids, demand_id),
        ("site_id", pairs.site, pairs.site_ids, site_id),
    )
    for name, code, own, asked in sides:
        ordered = np.array(sorted(own), object) if asked is None else asked
        at = places_in(ordered, own)
        if asked is not None:
            _tell_strangers(name, own, at, asked, (source.shown, found))
        place.append(at[code])
        lists.append(ordered)
        kept &= place[-1] >= 0
    if len(found.faults) > before:
        return None
    demand, site = place[0][kept], place[1][kept]
    ms = np.rint(pairs.minutes[kept] * MS_PER_MINUTE).astype(np.int64)
    order = np.lexsort((site, demand))
    return OwnMatrix(lists[0], lists[1], demand[order], site[order], ms[order])


def _tell_strangers(
    name: str, own: list[str], at: Ints, asked: Strings, where: tuple[str, Found]
) -> None:
    """Ids of the file that nobody asks for, and ids asked for of which the file has nothing."""
    file, found = where
    strange = sorted(each for each, place in zip(own, at, strict=True) if place < 0)
    absent = sorted({str(each) for each in asked} - set(own))
    if own and len(strange) == len(own):
        bare = {each.lstrip("0") for each in absent} & {each.lstrip("0") for each in strange}
        code = "ids_lost_zeros" if bare else "no_id_known"
        found.fault(code, file, (), name, ids=some(strange), asked=some(absent))
        return
    if strange:
        found.note(
            "matrix_strangers", file=file, column=name, count=len(strange), ids=some(strange)
        )
    if absent:
        found.note("matrix_absent", file=file, column=name, count=len(absent), ids=some(absent))
