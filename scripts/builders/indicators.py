"""Population and need tables: columns chosen, renamed and summed as their manifests say.

In a manifest's `[columns]` table `ours = "theirs"` names one source column, and
`ours = "a + b"` the sum of two or more.
"""

from __future__ import annotations

import tomllib

import pandas as pd

from builders.common import DATA, Builder, Sources, add_columns, read_text_table, sorted_by, whole

# figures that are not whole numbers; every other figure counts people, households or events
FRACTIONS = (
    "share_",
    "density_",
    "median_age",
    "area_km2_",
    "income_",
    "population_point_",
    "inside_point_",
    "disability_share_percent_",
    "ltc_coverage_percent_",
)
TEXTS = ("_code", "_name")


def is_text(name: str) -> bool:
    """True for codes and names, which are copied as they stand."""
    return name.endswith(TEXTS)


def shape_table(raw: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The table of `columns` (ours -> theirs) taken from `raw`, all cells text."""
    out = pd.DataFrame(index=raw.index)
    for ours, theirs in columns.items():
        parts = [part.strip() for part in theirs.split("+")]
        if is_text(ours):
            out[ours] = raw[theirs]
        elif ours.startswith(FRACTIONS):
            out[ours] = [shorten(value) for value in raw[theirs]]
        else:
            figures = raw[parts].apply(lambda column: whole(column, str(column.name)))
            out[ours] = figures[parts[0]] if len(parts) == 1 else add_columns(figures, parts)
    return out


def shorten(value: str) -> str:
    """A fraction without the noise of binary sums: at most six decimals, none that say nothing."""
    if value == "" or len(value.partition(".")[2]) <= 6:
        return value.removesuffix(".0")
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


def columns_of(table: str) -> dict[str, str]:
    """`[columns]` of the manifest beside a table."""
    manifest = (DATA / table).with_suffix(".toml").read_text("utf-8")
    return {str(k): str(v) for k, v in tomllib.loads(manifest)["columns"].items()}


def places(table: str, source: str) -> Builder:
    """The builder of a table of townships or counties."""

    def build(sources: Sources) -> pd.DataFrame:
        columns = columns_of(table)
        return sorted_by(
            shape_table(read_text_table(sources[source]), columns), next(iter(columns))
        )

    return build


def villages(table: str, registered: bool) -> Builder:
    """The builder of a table of villages, either those of the register of 2025-12 or the others."""

    def build(sources: Sources) -> pd.DataFrame:
        raw = read_text_table(sources["village_population.csv"])
        raw = raw[(raw["in_ris_202512"] == "True") == registered]
        return sorted_by(shape_table(raw, columns_of(table)), "village_code")

    return build


BUILDERS: dict[str, Builder] = {
    "population/townships.csv": places("population/townships.csv", "township_indicators.csv"),
    "population/counties.csv": places("population/counties.csv", "county_indicators.csv"),
    "population/villages.csv": villages("population/villages.csv", True),
    "population/retired_villages.csv": villages("population/retired_villages.csv", False),
    "need/townships.csv": places("need/townships.csv", "township_indicators.csv"),
    "need/counties.csv": places("need/counties.csv", "county_indicators.csv"),
    "need/villages.csv": villages("need/villages.csv", True),
}
