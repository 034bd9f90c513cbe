"""What a study says of the programme it plans for: tables of its documents, tiers, staff ratio."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from geoplan.keys import Model, Text


class Programme(Model):
    """The programme's tables; which county columns are fiscal tiers; the study's own staff ratio.

    `fiscal_tier` and `former_fiscal_tier` are columns of the study's county figures.
    `workers_per_supervisor` replaces the ratio of the documents.
    """

    figures: Text
    documents: Text
    contradictions: Text | None = None
    county_targets: Text | None = None
    fiscal_tier: Text | None = None
    former_fiscal_tier: Text | None = None
    fiscal_tier_source_zh: Text = "－"
    fiscal_tier_source_en: Text = "-"
    workers_per_supervisor: Annotated[int, Field(strict=True, gt=0)] | None = None

    @property
    def files(self) -> list[str | None]:
        """Every file of the programme, None where there is none."""
        return [self.figures, self.documents, self.contradictions, self.county_targets]

    @property
    def tier_columns(self) -> frozenset[str]:
        """The county columns that hold fiscal tiers."""
        return frozenset(name for name in (self.fiscal_tier, self.former_fiscal_tier) if name)
