"""Pages of docs do what they say: their tables, their commands, what they write and tell."""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import geoplan

DOCS = Path(__file__).resolve().parent.parent / "docs"
TABLE = r"`([\w./-]+\.csv)`:\n\n```csv\n(.*?)```"
COMMAND = r"```console\n\$ geoplan (.*?)\n(.*?)```"


@pytest.mark.parametrize(("page", "expected"), [("own-tables.md", (4, 4)), ("site.md", (2, 4))])
def test_the_page_does_what_it_says(page: str, expected: tuple[int, int], tmp_path: Path) -> None:
    commands, results = 0, 0
    for found in re.finditer(f"{TABLE}|{COMMAND}", (DOCS / page).read_text("utf-8"), re.DOTALL):
        name, table, words, told = found.groups()
        if words is not None:
            done = geoplan(*shlex.split(words), cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert all(line in done.stderr + done.stdout for line in told.splitlines())
            commands += 1
        elif (tmp_path / name).exists():
            written, shown = (pd.read_csv(each) for each in (tmp_path / name, StringIO(table)))
            pd.testing.assert_frame_equal(written, shown, rtol=1e-5, check_dtype=False)
            results += 1
        else:
            (tmp_path / name).write_text(table, encoding="utf-8")
    assert (commands, results) == expected
