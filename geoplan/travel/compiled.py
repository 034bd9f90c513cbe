"""Whether hot loops are compiled: numba where it is installed, scipy's searches where it is not."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

from geoplan.paths import compiled_folder

F = TypeVar("F", bound=Callable[..., Any])


def _numba() -> Any:
    try:
        import numba
    except ImportError:  # the searches of `plain` answer the same questions, slower
        return None
    return numba


NUMBA = _numba()
COMPILED = NUMBA is not None


def kernel(function: F) -> F:
    """Compile a loop over arrays; the machine code is kept for the next start.

    Kernels hold no lock (nogil), so two threads may run them side by side.
    """
    return _compiled(function, {}) if COMPILED else function


def inlined(function: F) -> F:
    """As `kernel`, for the small parts of kernels that must not cost a call."""
    return _compiled(function, {"inline": "always"}) if COMPILED else function


def _compiled(function: F, options: dict[str, str]) -> F:
    """numba's version of a loop, kept where `paths.compiled_folder` says unless the user set a
    folder of numba's own; where nothing can be kept it is compiled at every start."""
    given = NUMBA.config.CACHE_DIR
    NUMBA.config.CACHE_DIR = given or str(compiled_folder())
    try:
        return cast(F, _forgiving(NUMBA.njit(cache=True, nogil=True, **options)(function)))
    except RuntimeError:
        return cast(F, NUMBA.njit(nogil=True, **options)(function))
    finally:
        NUMBA.config.CACHE_DIR = given


def _forgiving(loop: Any) -> Any:
    """Throw away kept machine code that cannot be read, and compile anew; go on without keeping
    what cannot be written (the disk is full, another version has tidied the folder away).

    numba itself would stop at every start until somebody removes the damaged file.
    """
    kept = getattr(loop, "_cache", None)
    if kept is None:
        return loop
    load, save = kept.load_overload, kept.save_overload

    def load_or_compile(signature: Any, context: Any) -> Any:
        try:
            with _uninterrupted():
                return load(signature, context)
        except Exception:  # whatever a damaged file makes of itself
            kept.flush()
            return None

    def save_where_possible(signature: Any, overload: Any) -> None:
        with suppress(OSError):
            save(signature, overload)

    kept.load_overload, kept.save_overload = load_or_compile, save_where_possible
    return loop


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C is heard after it: within the compiler's callbacks it would be lost."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    heard: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


class _Compiling:
    """How long loops have been compiled in this process, whichever thread asked for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._since = 0.0
        self._seconds = 0.0

    def notify(self, event: Any) -> None:
        """Told by numba at the start and the end of each loop it compiles, inner ones too."""
        with self._lock:
            now = time.monotonic()
            if event.is_start:
                self._since = self._since if self._open else now
                self._open += 1
                return
            self._open -= 1
            self._seconds += 0.0 if self._open else now - self._since

    def seconds(self) -> float:
        with self._lock:
            return self._seconds + (time.monotonic() - self._since if self._open else 0.0)


_COMPILING = _Compiling()
if COMPILED:
    NUMBA.core.event.Listener.register(_Compiling)
    NUMBA.core.event.register("numba:compile", _COMPILING)


def seconds_at_work() -> float:
    """A clock for limits: seconds of wall time, less those in which loops were compiled.

    They are compiled once after an installation, which can take longer than the work itself.
    """
    return time.monotonic() - _COMPILING.seconds()


def threads() -> int:
    """How many threads there are to use; no result depends on it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
