"""Plans that keep the least shares of areas: people of areas that are short count for more.

Greedy adding and exchange (`cover_search`) know no shares. They walk again and again with the
people of each area that is still short counted double, which is Lagrangian relaxation of the
shares with the coarsest of steps, until a plan keeps them all.
"""

from __future__ import annotations

import numpy as np

from geoplan.siting import cover_search as search
from geoplan.siting.allowed import Allowed, fits
from geoplan.siting.cover_programme import counted_rows, shares_kept
from geoplan.siting.reduce import Cover
from geoplan.siting.search_log import Progress

_ROUNDS = 16
_WORK = 4_000_000  # looks at a pair in each round
_MOST_STEPS = 200
_ROOM = 2**60
_NO_LIMIT = np.iinfo(np.int64).max


def walk_with_shares(cover: Cover, allowed: Allowed, progress: Progress) -> None:
    """Offer the plans met that keep the rules and the shares."""
    sets = search.sets_of(cover)
    steps = min(_MOST_STEPS, _WORK // (len(sets.site) + len(sets.usable)))
    factor = np.ones(len(cover.wanted), np.int64)
    chosen = np.zeros(len(sets.usable), np.bool_)
    for turn in range(_ROUNDS):
        counted = cover.weight * factor[cover.area]
        if progress.left <= 0 or float(cover.weight @ factor[cover.area].astype(float)) > _ROOM:
            break
        pulled = sets._replace(weight=counted)
        walk = search.begin(pulled, allowed, chosen, progress.effort.seed + turn)
        search.fill(pulled, allowed, walk, _NO_LIMIT)
        search.exchange(pulled, allowed, walk, steps, _NO_LIMIT)
        rows = counted_rows(cover, walk.best)
        kept = shares_kept(cover, rows)
        if fits(walk.best, allowed):
            chosen = walk.best.copy()
            if kept.all():
                progress.offer(chosen, int(cover.weight[rows].sum()))
                break
        factor[~kept] *= 2
