"""The toy country byte for byte, as text that a person can read in a review.

Renew with `python scripts/renew_golden.py` and read what changed before it is committed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geoplan.export import write_plan
from geoplan.maps import write_page
from geoplan.model import Plan

GOLDEN = Path(__file__).parent / "golden" / "toy"
NAMES = ("townships.csv", "underserved.csv", "sites.csv", "sites.geojson", "plan.json")


@pytest.fixture(scope="module")
def written(toy_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden") / "toy"
    write_plan(toy_plan, write_page(toy_plan), folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_output_is_as_committed(written: Path, name: str) -> None:
    assert (written / name).read_bytes() == (GOLDEN / name).read_bytes()
