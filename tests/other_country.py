"""The toy country as another state might write it: codes with every sign, names that look like
formulas, counties that share a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geoplan.study import Study, read_study
from tests.inputs import toy_copy

COUNTIES = {"01": "../b&c d#%41", "02": "R2"}
Change = Callable[[pd.DataFrame], pd.DataFrame]


def recoded(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with other codes of counties and townships, sites whose names begin as formulas
    do, and a county that has not published one figure of need."""
    changed = {}
    if "county_code" in frame:
        changed["county_code"] = frame["county_code"].map(lambda code: COUNTIES.get(code, code))
    if "township_code" in frame:
        changed["township_code"] = frame["township_code"].map(lambda code: code and f"-{code}")
    if "county_name" in frame:
        changed["county_name"] = frame["county_name"].where(frame["county_name"] == "", "同名郡")
    if "point_use" in frame:
        changed["name"] = "=" + frame["name"]
        changed["phone"] = "+886 2 1234"
    if "income_median" in frame:
        changed["income_median"] = frame["income_median"].where(frame["county_code"] == "01", "…")
    return frame.assign(**changed)


def other_country(folder: Path, target: int | None = None, change: Change = recoded) -> Study:
    """The study in `folder`, its tables changed; `target`: of every service, if another."""
    study = toy_copy(folder)
    for path in (folder / "toy").rglob("*.*"):
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            change(table).to_csv(path, index=False)
        elif path.parent.name == "boundaries":
            shapes = gpd.read_parquet(path)
            change(shapes).to_parquet(path)
    text = study.read_text("utf-8")
    if target is not None:
        text = re.sub(r"(?m)^target = \d+", f"target = {target}", text)
        text = text.replace("county_at_least = 3", "county_at_least = 0")
    study.write_text(text, "utf-8")
    return read_study(study)
