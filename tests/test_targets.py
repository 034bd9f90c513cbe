"""The targets of the documents by year, and what the documents do not say."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoplan.targets import year_of, yearly_targets

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return pd.read_csv(DATA / "programme/programme.csv", dtype=str, keep_default_na=False)


def test_targets_of_2030_and_their_lines(figures: pd.DataFrame) -> None:
    aims = {"welfare_centres": (158, "003:214"), "mental_health_centres": (101, "003:144,211")}
    aims |= {"collaboration_sites": (83, "003:146,212"), "food_banks": (368, "003:213")}
    for layer, (sites, source) in aims.items():
        last = yearly_targets(layer, figures)[-1]
        assert (last.year, last.sites, last.source) == (2030, sites, source)


def test_no_document_gives_steps_between_2025_and_2030(figures: pd.DataFrame) -> None:
    for layer in ("welfare_centres", "mental_health_centres", "food_banks"):
        between = [each for each in yearly_targets(layer, figures) if 2026 <= each.year < 2030]
        assert [each.year for each in between] == [2026, 2027, 2028, 2029]
        assert all(each.sites is None and each.source == "" for each in between)


def test_documents_that_disagree_stand_beside_each_other(figures: pd.DataFrame) -> None:
    in_2025 = [e for e in yearly_targets("mental_health_centres", figures) if e.year == 2025]
    assert [(each.sites, each.source) for each in in_2025] == [(71, "001:120"), (77, "000:166")]
    agreed = [e for e in yearly_targets("collaboration_sites", figures) if e.year == 2025]
    assert [(e.sites, e.source) for e in agreed] == [(49, "000:69; 001:121; 002:218")]


def test_years() -> None:
    named = {"119": 2030, "114-05": 2025, "111-114": 2022, "from 112": 2023, "109-01..06": 2020}
    assert {text: year_of(text) for text in named} == named
