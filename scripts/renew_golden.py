"""Write the toy country's outputs anew into tests/golden/toy; read the difference afterwards."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from geoplan.export import write_plan
from geoplan.maps import write_page
from geoplan.pipeline import run
from geoplan.study import read_study

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "toy"
NAMES = ("townships.csv", "underserved.csv", "sites.csv", "sites.geojson", "plan.json")


def main() -> None:
    plan = run(read_study("toy"))
    GOLDEN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "toy"
        write_plan(plan, write_page(plan), out)
        for name in NAMES:
            shutil.copyfile(out / name, GOLDEN / name)


if __name__ == "__main__":
    main()
