"""docs/own-tables.md does what it says: its tables, its commands, what they write and tell."""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path

import pandas as pd

from tests.commands import geoplan

PAGE = Path(__file__).resolve().parent.parent / "docs" / "own-tables.md"
TABLE = r"`([\w.-]+\.csv)`:\n\n```csv\n(.*?)```"
COMMAND = r"```console\n\$ geoplan (.*?)\n(.*?)```"


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    commands, results = 0, 0
    for found in re.finditer(f"{TABLE}|{COMMAND}", PAGE.read_text("utf-8"), re.DOTALL):
        name, table, words, told = found.groups()
        if words is not None:
            done = geoplan(*shlex.split(words), cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert all(line in done.stderr for line in told.splitlines())
            commands += 1
        elif (tmp_path / name).exists():
            written, shown = (pd.read_csv(each) for each in (tmp_path / name, StringIO(table)))
            pd.testing.assert_frame_equal(written, shown, rtol=1e-5, check_dtype=False)
            results += 1
        else:
            (tmp_path / name).write_text(table, encoding="utf-8")
    assert (commands, results) == (4, 4)
