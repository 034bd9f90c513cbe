"""Figures of villages, townships and counties, joined to their places by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoplan.door.checks import PEOPLE, TOTALS, check_codes, conform, figures, some
from geoplan.door.reading import Found, trim
from geoplan.door.study_checks import nearest
from geoplan.door.tables import COUNTY_FIGURES, POPULATION, TOWNSHIP_FIGURES
from geoplan.tables import Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geoplan.study import Study

NAMES = frozenset(
    (
        "village_code",
        "village_name",
        "township_code",
        "township_name",
        "township_name_en",
        "county_code",
        "county_name",
        "county_name_en",
    )
)
TABLES: dict[str, Table] = {
    "village_code": POPULATION,
    "township_code": TOWNSHIP_FIGURES,
    "county_code": COUNTY_FIGURES,
}


@dataclass(frozen=True, slots=True)
class FigureFile:
    """A table of figures as text (None when it could not be read) and its manifest's columns."""

    file: str
    frame: pd.DataFrame | None
    foreign: Mapping[str, str]


Files = Sequence[FigureFile]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a study asks of the figures of one kind of place: the columns it uses, and those of
    them that must be known everywhere because people are counted by them."""

    key: str
    used: frozenset[str]
    needed: frozenset[str]
    place: str


def people_of_points(
    points: pd.DataFrame, files: Files, study: Study, found: Found
) -> pd.DataFrame | None:
    """Demand points with the population columns of their villages; both lists must agree."""
    needed = {name for group in study.groups if group.level == "village" for name in group.columns}
    needed |= {group.spread_by for group in study.groups if group.spread_by} | {"population"}
    wanted = Wanted("village_code", frozenset(needed), frozenset(needed), "village")
    joined: pd.DataFrame | None = join_figures(points, files, wanted, found)
    if joined is None:
        return None
    for name in needed & set(joined.columns):
        # Unknown cells are faults by now; 0 only lets the other checks go on.
        joined[name] = joined[name].fillna(0).astype(np.int64)
    return joined


def join_figures(
    base: gpd.GeoDataFrame, files: Files, wanted: Wanted, found: Found
) -> gpd.GeoDataFrame | None:
    """`base` sorted by its key with the figure columns of all files beside it.

    Each file has one row for each place of `base`. A column that stands in two files has the same
    figures in both. None when a file cannot be read.
    """
    base = base.sort_values(wanted.key, kind="stable", ignore_index=True)
    columns: dict[str, pd.Series] = {}
    came_from: dict[str, str] = {}
    failed = False
    for each in files:
        file, read = each.file, read_figures(each, base, wanted, found)
        failed |= read is None
        if read is None:
            continue
        for name in read.columns:
            if name in NAMES or name in base.columns:
                continue
            if name in columns and not same(columns[name], read[name]):
                found.fault("figures_differ", file, column=name, other=came_from[name])
            columns[name], came_from[name] = read[name], file
    if failed:
        return None
    tell_absent(wanted, sorted({*columns, *base.columns}), [each.file for each in files], found)
    return base.assign(**{name: whole_people(name, cells) for name, cells in columns.items()})


def whole_people(name: str, cells: pd.Series) -> pd.Series:
    """Columns of people that are known everywhere as integers."""
    if PEOPLE.search(name) and cells.dtype.kind == "f" and not cells.isna().any():
        return cells.astype(np.int64)
    return cells


def read_figures(
    read: FigureFile, base: pd.DataFrame, wanted: Wanted, found: Found
) -> pd.DataFrame | None:
    """One file's figures in the order of `base`; None when it has no key column."""
    key, file = wanted.key, read.file
    if read.frame is None:
        return None
    frame = without_totals(read.frame, file, found)
    typed = conform(frame, TABLES[key], file, found, read.foreign)
    if typed is None:
        return None
    typed[key] = check_codes(typed[key], frozenset(base[key]), wanted.place, file, found)
    typed = figures(typed, wanted.used, NAMES, file, found)
    for name in sorted(wanted.needed & set(typed.columns)):
        cells = typed[name]
        unknown = cells.isna() if cells.dtype.kind == "f" else np.zeros(len(cells), bool)
        if unknown.any() and not any(f.column == name and f.file == file for f in found.faults):
            found.fault("number_not_known", file, typed.index[unknown], name, given="")
    absent = base.loc[~base[key].isin(typed[key]), key]
    if len(absent):
        found.fault("places_absent", file, column=key, codes=some(list(absent)), count=len(absent))
    return typed.drop_duplicates(key).set_index(key).reindex(base[key]).reset_index()


def without_totals(frame: pd.DataFrame, file: str, found: Found) -> pd.DataFrame:
    """The table without its rows of totals, which is said."""
    named = [name for name in frame.columns if name in NAMES]
    if not named:
        return frame
    total = frame[named].map(lambda cell: trim(cell) in TOTALS).any(axis=1)
    if not total.any():
        return frame
    rows = ", ".join(str(row) for row in frame.index[total])
    found.note("totals_left_out", file=file, rows=rows)
    return frame[~total]


def same(one: pd.Series, other: pd.Series) -> bool:
    """Are two columns of figures equal, unknown where the other is unknown?"""
    if "O" in (one.dtype.kind, other.dtype.kind):
        return list(one) == list(other)
    return bool(np.array_equal(one.to_numpy(float), other.to_numpy(float), equal_nan=True))


def tell_absent(wanted: Wanted, given: list[str], files: list[str], found: Found) -> None:
    """A fault for each column the study uses that no file has."""
    for name in sorted(wanted.used - set(given)):
        near = nearest(name, given)
        found.fault(
            "figure_absent_near" if near else "figure_absent",
            ", ".join(files),
            column=name,
            near=near or "",
            place=wanted.place,
        )


def check_sums(points: pd.DataFrame, townships: pd.DataFrame, file: str, found: Found) -> None:
    """Villages add up to their township; where they do not, the planner is told."""
    if "population" not in townships or townships["population"].dtype.kind == "O":
        return
    summed = points.groupby("township_code")["population"].sum()
    stated = townships.set_index("township_code")["population"]
    gap = (summed.reindex(stated.index).fillna(0) - stated).dropna()
    wrong = gap[gap != 0]
    if len(wrong):
        largest = str(wrong.abs().idxmax())
        found.note(
            "sums_differ",
            file=file,
            count=len(wrong),
            township=largest,
            difference=int(wrong[largest]),
        )
