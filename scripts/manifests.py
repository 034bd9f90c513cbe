"""Keep rows and sha256 in the manifests of data/ true.

    python scripts/manifests.py            # rewrite what has drifted
    python scripts/manifests.py --check    # say what has drifted, exit 4 when anything has

Everything else in a manifest is written by people and left alone.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from builders.common import DATA, sha256_of


def read_manifest(path: Path) -> dict[str, Any]:
    """A manifest as a dictionary."""
    return tomllib.loads(path.read_text("utf-8"))


def table_of(manifest: Path) -> Path:
    """The table file a manifest stands beside."""
    for suffix in (".csv", ".parquet"):
        if manifest.with_suffix(suffix).is_file():
            return manifest.with_suffix(suffix)
    raise FileNotFoundError(f"no table beside {manifest.name}")


def columns_and_rows(table: Path) -> tuple[list[str], int]:
    """The column names and the number of rows of a table file."""
    if table.suffix == ".parquet":
        parquet = pq.ParquetFile(table)
        return list(parquet.schema_arrow.names), parquet.metadata.num_rows
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    return list(frame.columns), len(frame)


def refreshed(path: Path) -> str:
    """The text of a manifest with `rows`, `sha256` and the sums of committed inputs made true."""
    table = table_of(path)
    text = path.read_text("utf-8")
    _, rows = columns_and_rows(table)
    text = re.sub(r"(?m)^rows = .*$", f"rows = {rows}", text)
    text = re.sub(r"(?m)^sha256 = .*$", f'sha256 = "{sha256_of(table)}"', text)

    def committed(match: re.Match[str]) -> str:
        return f'{match[1]}"{sha256_of(DATA / match[2])}"{match[3]}'

    pattern = r'(?m)^(.*file = "([^"]+)", sha256 = )"[^"]*"(, committed = true.*)$'
    return re.sub(pattern, committed, text)


def refresh(path: Path) -> bool:
    """Rewrite one manifest; True when something had drifted."""
    text = refreshed(path)
    if text == path.read_text("utf-8"):
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep rows and sha256 of data/ manifests true.")
    parser.add_argument("--check", action="store_true", help="say what has drifted, write nothing")
    options = parser.parse_args()
    drifted: list[str] = []
    for path in sorted(DATA.rglob("*.toml")):
        stale = refreshed(path) != path.read_text("utf-8") if options.check else refresh(path)
        if stale:
            drifted.append(path.relative_to(DATA).as_posix())
    for name in drifted:
        print(f"{'drifted' if options.check else 'refreshed'}: {name}")
    return 4 if options.check and drifted else 0


if __name__ == "__main__":
    sys.exit(main())
