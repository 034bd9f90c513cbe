"""What solving has come to so far: the best plan, the bound, the time, and the log of stages."""

from __future__ import annotations

import time

from geoplan.model import Bools
from geoplan.siting.location import Effort, Stage
from geoplan.travel.compiled import seconds_at_work


class Progress:
    """The best plan and the best bound of one search; larger is better here."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.chosen: Bools | None = None
        self.value: int | None = None
        self.bound = 2**62
        self.stages: list[Stage] = []
        self.stopped = False
        self.impossible = False  # a solver proved that no plan keeps the rules
        self._began = seconds_at_work()
        self._cpu = time.process_time()

    @property
    def left(self) -> float:
        """Seconds of wall time that are left: none once a person has stopped the search."""
        if self.stopped:
            return 0.0
        return self.effort.seconds - (seconds_at_work() - self._began)

    def proven(self) -> bool:
        return self.value is not None and self.value >= self.bound

    def offer(self, chosen: Bools, value: int) -> None:
        if self.value is None or value > self.value:
            self.chosen, self.value = chosen.copy(), value

    def limit(self, bound: int | None) -> None:
        if bound is not None:
            self.bound = min(self.bound, bound)
        if self.value is not None:
            self.bound = max(self.bound, self.value)

    def ended(self, name: str) -> None:
        """A stage is over: log it with its CPU seconds."""
        now = time.process_time()
        self.stages.append(Stage(name, now - self._cpu))
        self._cpu = now
