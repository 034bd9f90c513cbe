"""A whole-number programme in the making: blocks of variables, and rows as triples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from geoplan.model import Bools, Ints
from geoplan.siting.programme import Named, Programme

Name = tuple[str, tuple[int, ...]]  # the kind of a rule, and whom it is about
Triples = tuple[Ints, Ints, Ints]  # row (from 0 in its block), variable, value


class Draft:
    """Variables and rows are numbered in the order in which they are added."""

    def __init__(self) -> None:
        self.variables = 0
        self.limits = 0
        self._variables: list[tuple[Ints, Ints, Ints, Bools]] = []
        self._rows: list[Triples] = []
        self._limit: list[Ints] = []
        self._names: list[Named] = []

    def add(self, worth: Ints, upper: Ints, lower: Ints | None = None, whole: bool = False) -> Ints:
        """New variables; returns their positions."""
        number = len(worth)
        low = np.zeros(number, np.int64) if lower is None else lower
        self._variables.append((worth, low, upper, np.full(number, whole)))
        first, self.variables = self.variables, self.variables + number
        return np.arange(first, self.variables)

    def keep(self, triples: Triples, limit: Ints, names: Sequence[Name] = ()) -> None:
        """New rows: the sum of value x variable is at most `limit`. None has a name, or all."""
        row, variable, value = triples
        self._rows.append((row + self.limits, variable, value))
        self._names += [Named(self.limits + at, *name) for at, name in enumerate(names)]
        self._limit.append(limit)
        self.limits += len(limit)

    def make(self) -> Programme:
        row, variable, value = (np.concatenate(part) for part in zip(*self._rows, strict=True))
        shape = (self.limits, self.variables)
        worth, lower, upper, whole = (
            np.concatenate(part) for part in zip(*self._variables, strict=True)
        )
        return Programme(
            worth=worth.astype(np.int64),
            rows=sparse.csr_array((value.astype(np.int64), (row, variable)), shape=shape),
            limit=np.concatenate(self._limit).astype(np.int64),
            lower=lower,
            upper=upper.astype(np.int64),
            whole=whole,
            names=tuple(self._names),
        )
