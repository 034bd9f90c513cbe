"""Machine code of loops: kept from one start to the next, and called without the compiler.

numba makes the code once. What is kept is the object code alone, which llvmlite links again in
milliseconds; to import numba and let it read its own files takes about 1.5 CPU seconds and 90 MB.
Nothing here imports numba.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from geoplan.kept_bytes import keep_bytes, kept_bytes
from geoplan.paths import compiled_folder, loops_folder

ENTRY = "geoplan_loop"
"""Under this name the loop itself stands among its object code's functions."""
TRIED_HERE = sys.platform == "linux" and sys.maxsize > 2**32
"""Elsewhere nobody tried it yet: there numba keeps the code and loads it."""
Word = Any
"""The ctypes class of one argument of a native function."""


class Code(NamedTuple):
    """Object code of a loop, and the numpy name of what it returns ("int64"; "" for nothing)."""

    result: str
    image: bytes


class Flat(NamedTuple):
    """A loop's arguments as its native function takes them: values, their ctypes classes, and
    what numba would tell their types by."""

    values: list[Any]
    words: list[Word]
    kinds: list[str]


def flattened(arguments: tuple[Any, ...]) -> Flat:
    """Arrays, numbers and tuples of them in numba's calling convention.

    An array becomes (memory's owner, parent, items, bytes of an item, address, shape, strides);
    without an owner numba leaves its count of references alone. A tuple becomes its items.

    Raises:
        TypeError: for anything else. OverflowError: for an integer beyond plus or minus 2**63 - 1.
    """
    flat = Flat([], [], [])
    for argument in arguments:
        _flatten(argument, flat)
    return flat


def _flatten(argument: Any, flat: Flat) -> None:
    values, words, kinds = flat
    kind = type(argument)
    if isinstance(argument, np.ndarray):
        flags, shape, dtype = argument.flags, argument.shape, argument.dtype
        if not (dtype.isnative and flags.aligned and dtype.kind in "biuf"):
            raise TypeError(f"a loop cannot read an array of {dtype}")
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        writeable = "" if flags.writeable else "!"
        kinds.append(f"{dtype.char}{len(shape)}{layout}{writeable}")  # its name takes 2 us to tell
        address = argument.__array_interface__["data"][0]
        values += [None, None, argument.size, dtype.itemsize, address, *shape, *argument.strides]
        words += _ARRAY + 2 * len(shape) * [_SIZE]
    elif kind is int:
        if not -sys.maxsize <= argument <= sys.maxsize:
            raise OverflowError(f"{argument} takes more than 64 bits")
        kinds.append("int")
        values.append(argument)
        words.append(ctypes.c_ssize_t)
    elif kind is float or kind is bool:
        kinds.append(kind.__name__)
        values.append(argument)
        words.append(ctypes.c_double if kind is float else ctypes.c_bool)
    elif isinstance(argument, np.generic) and argument.dtype.kind in "biuf":
        kinds.append(argument.dtype.name)
        values.append(argument.item())
        words.append(_c_type(argument.dtype.name))
    elif isinstance(argument, tuple):
        kinds.append(f"{kind.__module__}.{kind.__qualname__}(")
        for item in argument:
            _flatten(item, flat)
        kinds.append(")")
    else:
        raise TypeError(f"a loop cannot take a {kind.__name__}")


_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_ssize_t
_ARRAY: list[Word] = [_POINTER, _POINTER, _SIZE, _SIZE, _POINTER]


def _c_type(name: str) -> Word:
    """The ctypes class of numpy's numbers of that name."""
    kind: Any = np.dtype(name)
    return np.ctypeslib.as_ctypes_type(kind)


@cache
def _machine() -> tuple[Any, Any]:
    """This processor as llvmlite's target, and the linker that loads code into this process."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()

    def machine() -> Any:
        processor, features = binding.get_host_cpu_name(), binding.get_host_cpu_features()
        return target.create_target_machine(
            cpu=processor, features=features.flatten(), opt=3, jit=True
        )

    return machine(), binding.create_lljit_compiler(machine())


@cache
def _made_for() -> str:
    """Everything besides a loop and its types that its machine code depends on."""
    from llvmlite import binding

    features = binding.get_host_cpu_features().flatten()
    processor = f"{binding.get_default_triple()} {binding.get_host_cpu_name()} {features}"
    return f"{compiled_folder().name} {version('numba')} {version('llvmlite')} {processor}"


def place(name: str, kinds: list[str]) -> str:
    """The file name under which the code of the loop for arguments of these kinds is kept."""
    asked = hashlib.sha256("\0".join([_made_for(), name, *kinds]).encode()).hexdigest()
    return f"{name}-{asked[:24]}.o"


def kept(place: str) -> Code | None:
    """The code kept there, or None where there is none or it is not whole."""
    content = kept_bytes(loops_folder() / place)
    if content is None:
        return None
    result, _, image = content.partition(b"\n")
    return Code(result.decode(), image)


def keep(place: str, code: Code) -> None:
    keep_bytes(loops_folder() / place, code.result.encode() + b"\n" + code.image)


def translated(ir: str, entry: str, result: str) -> Code:
    """Object code of numba's optimised LLVM IR, in which the loop is the function `entry`."""
    from llvmlite import binding

    machine, _ = _machine()
    module = binding.parse_assembly(ir)
    module.get_function(entry).name = ENTRY
    return Code(result, machine.emit_object(module))


def loaded(name: str, code: Code, words: list[Word]) -> Callable[[list[Any]], Any]:
    """The code linked into this process, as a function of flat values; it holds no lock (GIL).

    Raises:
        RuntimeError: if the code asks for a symbol that this process does not have.
    """
    from llvmlite import binding

    builder = binding.JITLibraryBuilder().add_object_img(code.image).add_current_process()
    linked = builder.export_symbol(ENTRY).link(_machine()[1], name)
    native = ctypes.CFUNCTYPE(ctypes.c_int32, _POINTER, _POINTER, *words)(linked[ENTRY])
    room = _c_type(code.result) if code.result else _POINTER

    def call(values: list[Any], library: Any = linked) -> Any:  # unlinked when nobody holds it
        found, fault = room(), _POINTER()
        if native(ctypes.byref(found), ctypes.byref(fault), *values):
            raise ArithmeticError(f"the loop {name} ended with a fault")
        return found.value if code.result else None

    return call
