"""Whether hot loops are compiled: numba where it is installed, scipy's searches where it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

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
    """Compile a loop over arrays; the machine code is kept beside the source for the next start.

    Kernels hold no lock (nogil), so two threads may run them side by side.
    """
    if not COMPILED:
        return function
    return cast(F, NUMBA.njit(cache=True, nogil=True)(function))


def inlined(function: F) -> F:
    """As `kernel`, for the small parts of kernels that must not cost a call."""
    if not COMPILED:
        return function
    return cast(F, NUMBA.njit(cache=True, nogil=True, inline="always")(function))


def threads() -> int:
    """How many threads there are to use; no result depends on it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
