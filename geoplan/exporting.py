"""A finished result written once more, in other forms: what `geoplan export` does."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from geoplan.errors import SourceMissing
from geoplan.export.folder import write_result
from geoplan.export.gis import RESERVED
from geoplan.export.gis_formats import Layers, exported, of_county, read_layers
from geoplan.finished import whole_files
from geoplan.gazetteer import find_county

GEOPACKAGE = "plan.gpkg"


def export_result(folder: Path, out: Path, formats: list[str], county: str | None) -> int:
    """Write the layers of the result in `folder` into the folder `out`; how many files it has.

    The run's plan.json goes along: which data, versions and rules the figures come from.

    Raises:
        SourceMissing: there is no finished result, it was changed, or it has no plan.gpkg.
        WrongUsage: no county of the result is called so.
        CannotWrite: `out` is in use for something else, locked, full or read-only.
    """
    lacking = sorted({GEOPACKAGE, "plan.json"} - whole_files(folder))
    if lacking:
        raise SourceMissing("result_other", folder=folder, what=", ".join(lacking))
    origin = (folder / "plan.json").read_bytes()
    plan = json.loads(origin)
    layers = read_layers(folder / GEOPACKAGE)
    if county is not None:
        layers = of_county(layers, find_county(_rows(layers), county))
    about = {"geoplan": plan["geoplan"], "run_id": plan["run_id"], "study": plan["study"]["id"]}
    files = [*exported(layers, formats, plan["data_date"]), ("plan.json", origin)]
    write_result(out, files, about)
    return len(files)


def _rows(layers: Layers) -> pd.DataFrame:
    """The rows of one service: every township and its county."""
    return next(frame for name, frame in layers.items() if name not in RESERVED)
