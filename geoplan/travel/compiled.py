"""Whether hot loops are compiled: numba where it is installed, scipy's searches where it is not.

numba itself is imported only to compile, and for loops that ask for memory: code of the others is
kept and loaded without it (see `machine_code`).
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, cached_property, update_wrapper
from importlib.util import find_spec
from itertools import count
from typing import Any, TypeVar, cast

from geoplan.paths import loops_folder
from geoplan.travel import machine_code
from geoplan.travel.machine_code import Code, Flat

F = TypeVar("F", bound=Callable[..., Any])

COMPILED = find_spec("numba") is not None


def kernel(function: F) -> F:
    """Compile a loop over arrays; the machine code is kept for the next start.

    It takes arrays, numbers and tuples of them, asks for no memory and returns a number or
    nothing: then its code needs numba no more. Kernels hold no lock (nogil), so two threads may
    run them side by side.
    """
    return _kept_alone(function, {})


def inlined(function: F) -> F:
    """As `kernel`, for the small parts of kernels that must not cost a call."""
    return _kept_alone(function, {"inline": "always"})


def by_numba(function: F) -> F:
    """As `kernel`, for loops that ask for memory or return arrays: numba is imported when the
    first of them is called."""
    return cast(F, _NumbasLoop(function, {})) if COMPILED else function


def _kept_alone(function: F, options: dict[str, str]) -> F:
    loop = _Loop if machine_code.TRIED_HERE else _NumbasLoop
    return cast(F, loop(function, options)) if COMPILED else function


@cache
def _numba() -> Any:
    """numba, which from then on tells when it compiles."""
    import numba
    import numba.core.event

    numba.core.event.Listener.register(_Compiling)
    numba.core.event.register("numba:compile", _COMPILING)
    return numba


_AT_WORK = threading.RLock()
"""Held by the thread that compiles or loads a kernel."""
_NUMBER = count()
"""No two pieces of loaded code may have one name."""


class _NumbasLoop:
    """A loop as Python calls it, which numba compiles and keeps.

    numba sees in it what the loop is to other loops: `_numba_type_`, `targetoptions` and
    `py_func` are what it asks of a function that one of them calls.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, str]) -> None:
        self.py_func = function
        self.targetoptions = options
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        return self._dispatcher(*arguments)

    @cached_property
    def _dispatcher(self) -> Any:
        with _AT_WORK:
            return self._numbas()

    def _numbas(self) -> Any:
        """Kept where `paths.loops_folder` says; where nothing can be kept it is compiled at every
        start."""
        config, njit = _numba().config, _numba().njit
        given = config.CACHE_DIR
        config.CACHE_DIR = str(loops_folder())
        try:
            return _forgiving(njit(cache=True, nogil=True, **self.targetoptions)(self.py_func))
        except RuntimeError:
            return njit(nogil=True, **self.targetoptions)(self.py_func)
        finally:
            config.CACHE_DIR = given

    @property
    def _numba_type_(self) -> Any:
        return self._dispatcher._numba_type_


class _Loop(_NumbasLoop):
    """A loop whose code is kept alone: its code for each kind of arguments, found once."""

    def __init__(self, function: Callable[..., Any], options: dict[str, str]) -> None:
        super().__init__(function, options)
        self._native: dict[tuple[str, ...], Callable[[list[Any]], Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        flat = machine_code.flattened(arguments)
        kinds = tuple(flat.kinds)
        native = self._native.get(kinds)
        if native is None:
            with _AT_WORK, _uninterrupted():
                native = self._native.get(kinds) or self._made(arguments, flat)
                self._native[kinds] = native
        return native(flat.values)

    def _made(self, arguments: tuple[Any, ...], flat: Flat) -> Callable[[list[Any]], Any]:
        """The kept code, or where there is none that can be read, new code that is then kept."""
        name = f"{self.py_func.__module__}.{self.py_func.__qualname__}"
        place = machine_code.place(name, flat.kinds)
        unique = f"{place}-{next(_NUMBER)}"
        code = machine_code.kept(place)
        if code is not None:
            with suppress(RuntimeError):  # it asks for what this system does not have
                return machine_code.loaded(unique, code, flat.words)
        code = self._code(arguments)
        machine_code.keep(place, code)
        return machine_code.loaded(f"{unique}-new", code, flat.words)

    def _code(self, arguments: tuple[Any, ...]) -> Code:
        numba = _numba()
        types = tuple(numba.typeof(argument) for argument in arguments)
        self._dispatcher.compile(types)
        made = self._dispatcher.overloads[types]
        result = made.signature.return_type
        nothing = result == numba.none
        told = "" if nothing else numba.np.numpy_support.as_dtype(result).name
        ir = self._dispatcher.inspect_llvm(types)
        return machine_code.translated(ir, made.fndesc.llvm_func_name, told)

    def _numbas(self) -> Any:
        alone = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
        return _numba().njit(**alone, **self.targetoptions)(self.py_func)


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


def seconds_at_work() -> float:
    """A clock for limits: seconds of wall time, less those in which loops were compiled.

    They are compiled once after an installation, which can take longer than the work itself.
    """
    return time.monotonic() - _COMPILING.seconds()


def threads() -> int:
    """How many threads there are to use; no result depends on it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
