"""What all commands share: the global options, errors in clear words, a progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec

import typer

from geoplan.errors import BadInput, CannotWrite, GeoplanError
from geoplan.texts import Lang, say

P = ParamSpec("P")


class LangChoice(StrEnum):
    """Languages of messages and results."""

    zh = "zh"
    en = "en"


@dataclass(slots=True)
class Options:
    """What was asked for all commands."""

    lang: Lang = "en"
    json: bool = False
    quiet: bool = False
    debug: bool = False


OPTIONS = Options()


def default_lang() -> Lang:
    """Chinese where the terminal says so, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "zh" if spoken.startswith("zh") else "en"


def note(text: str) -> None:
    """A word beside the result, on standard error."""
    print(text, file=sys.stderr)


def kept_note(trouble: str) -> None:
    """A road network that could not be kept ready is no error; the next start is slower."""
    if not OPTIONS.quiet:
        note(trouble)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn errors into clear words and the exit codes that users rely on."""

    @wraps(command)
    def safely(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            note(say("cli.interrupted", OPTIONS.lang))
            raise typer.Exit(130) from None
        except Exception as error:
            if OPTIONS.debug:
                raise
            raise typer.Exit(exit_code(error)) from None

    return safely


def exit_code(error: Exception) -> int:
    """Say what went wrong, and with which code the command ends."""
    if isinstance(error, BrokenPipeError):
        # Whoever read the output has seen enough; nothing more can be written there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, GeoplanError):
        tell_error(error)
        return error.exit_code
    if isinstance(error, OSError):
        note(say("cli.system", OPTIONS.lang, what=error))
        return CannotWrite.exit_code
    note(say("cli.bug", OPTIONS.lang, what=f"{type(error).__name__}: {error}"))
    return 1


def tell_error(error: GeoplanError) -> None:
    """The error and, for bad input, every fault on a line of its own."""
    note(error.tell(OPTIONS.lang))
    if isinstance(error, BadInput):
        for fault in error.faults:
            note(f"  - {fault.tell(OPTIONS.lang)}")


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error; silent with --quiet or where nobody looks at a terminal."""
    if OPTIONS.quiet or not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(say(f"progress.{what}", OPTIONS.lang), total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield told
