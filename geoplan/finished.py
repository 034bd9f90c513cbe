"""A finished result read back from its folder: proved to be whole, nothing computed again."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from geoplan.errors import SourceMissing
from geoplan.export import changed_files
from geoplan.export.cells import WHOLE, text_in_cell
from geoplan.export.folder import read_manifest
from geoplan.rules import Rule
from geoplan.study import Study
from geoplan.tables import ROWS, Table
from geoplan.texts import Lang

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Finished:
    """The folder of a run: its summary (plan.json), its rules and its lists, cells as text."""

    folder: Path
    plan: dict[str, Any]
    rules: tuple[Rule, ...]
    rows: list[Row]  # townships.csv: one row per layer and township
    files: frozenset[str]  # what its manifest names; nothing else in the folder is read

    @property
    def study(self) -> Study:
        """The study as it was read; its rules stand in `rules`."""
        try:
            return Study.model_validate(self.plan["study"]["settings"])
        except ValidationError:
            what = "plan.json: study.settings"
            raise SourceMissing("result_other", folder=self.folder, what=what) from None

    @property
    def layers(self) -> list[str]:
        return [layer["layer"] for layer in self.plan["layers"]]

    def names(self, lang: Lang) -> dict[str, str]:
        """Layer id -> its name."""
        return {layer["layer"]: layer[f"name_{lang}"] for layer in self.plan["layers"]}

    def table(self, name: str) -> list[Row]:
        """The rows of one of its lists; empty where this result has no such list."""
        file = f"{name}.csv"
        return list(_read(self.folder / file)) if file in self.files else []


def read_finished(folder: Path, columns: Collection[str]) -> Finished:
    """The result in `folder`, whose townships.csv has at least `columns`.

    Raises:
        SourceMissing: there is no finished result, it is not as it was written, or a version of
            geoplan wrote it that did not yet say what is asked for.
    """
    files = whole_files(folder)
    lacking = [name for name in ("plan.json", "townships.csv") if name not in files]
    if lacking:
        raise SourceMissing("result_other", folder=folder, what=", ".join(lacking))
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    rows = list(_read(folder / "townships.csv"))
    lacking = [name for name in columns if rows and name not in rows[0]]
    lacking += [] if "settings" in plan["study"] else ["plan.json: study.settings"]
    rules: tuple[Rule, ...] = ()
    try:
        rules = tuple(Rule.model_validate(rule) for rule in plan["rules"])
    except ValidationError:
        lacking.append("plan.json: rules")
    if lacking:
        raise SourceMissing("result_other", folder=folder, what=", ".join(lacking))
    return Finished(folder, plan, rules, rows, files)


def whole_files(folder: Path) -> frozenset[str]:
    """The names of the files of the result in `folder`, all of them as they were written.

    Raises:
        SourceMissing: there is no finished result, or it is not as it was written.
    """
    changed = changed_files(folder)
    if changed is None:
        raise SourceMissing("no_result", folder=folder)
    if changed:
        raise SourceMissing("result_changed", folder=folder, files=", ".join(changed))
    return frozenset(read_manifest(folder) or ())


def rows_frame(finished: Finished, columns: Collection[str]) -> pd.DataFrame:
    """The named columns of townships.csv in the kinds of tables.ROWS; absent figures are NA."""
    import pandas as pd

    frame = pd.DataFrame(finished.rows, columns=list(columns), dtype=object)
    for name in columns:
        kind = ROWS.column(name).kind
        if kind == "flag":
            frame[name] = frame[name] == "true"
        elif kind not in ("id", "text"):
            number = pd.to_numeric(frame[name])
            frame[name] = number.astype("Int64" if kind in WHOLE else "Float64")
    return frame


def typed(row: Row, table: Table = ROWS) -> dict[str, Any]:
    """The cells of a row in the kinds of its table: numbers, true or false, text; None if empty."""
    found: dict[str, Any] = {}
    for column in table.columns:
        cell = row.get(column.name, "")
        if column.kind in ("id", "text"):
            found[column.name] = cell
        elif column.kind == "flag":
            found[column.name] = cell == "true"
        else:
            kind = int if column.kind in WHOLE else float
            found[column.name] = kind(cell) if cell else None
    return found


def _read(path: Path) -> Iterator[Row]:
    """The rows of a list as they were before they were made safe for a spreadsheet."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv_rows(file)


def csv_rows(file: Iterable[str]) -> Iterator[Row]:
    """The same, from the lines of a list."""
    for row in csv.DictReader(file):
        yield {name: text_in_cell(cell) for name, cell in row.items()}
