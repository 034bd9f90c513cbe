"""Whether hot loops are compiled: numba where it is installed, scipy's searches where it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
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
    """Throw away kept machine code that cannot be read, and compile anew.

    numba itself would stop at every start until somebody removes the damaged file.
    """
    kept = getattr(loop, "_cache", None)
    if kept is None:
        return loop
    load = kept.load_overload

    def load_or_compile(signature: Any, context: Any) -> Any:
        try:
            return load(signature, context)
        except Exception:  # whatever a damaged file makes of itself
            kept.flush()
            return None

    kept.load_overload = load_or_compile
    return loop


def threads() -> int:
    """How many threads there are to use; no result depends on it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
