"""Commands run as a user runs them, in this process, so that imports are paid for once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from geoplan.cli import app


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def geoplan(*words: object, cwd: Path, lang: str = "en") -> Done:
    """The command, started in a folder."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(app, ["--lang", lang, *map(str, words)])
    return Done(done.exit_code, done.stdout, done.stderr)


def write(path: Path, *lines: str) -> Path:
    """A table of these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def lines(path: Path) -> list[str]:
    """The lines of a table."""
    return path.read_text("utf-8").splitlines()
