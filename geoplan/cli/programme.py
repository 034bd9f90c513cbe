"""`geoplan programme`: the figures of the programme's documents, and what stands against them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded


class Topic(StrEnum):
    """What can be told of the programme."""

    targets = "targets"
    build_out = "build-out"
    kpis = "kpis"
    staffing = "staffing"
    supervisors = "supervisors"
    budget = "budget"
    shares = "shares"
    subsidy = "subsidy"
    appraisal = "appraisal"
    contradictions = "contradictions"
    services = "services"
    facility = "facility"
    volumes = "volumes"
    county = "county"
    documents = "documents"


@guarded
def programme(
    study: Annotated[str, typer.Argument(help="A study.")] = "tw-2030",
    topic: Annotated[
        list[Topic] | None,
        typer.Option(help="One topic (may be repeated; default: the main ones)."),
    ] = None,
    county: Annotated[
        str | None, typer.Option(help="One county, by name or code: all that is known of it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder for all tables of the programme as CSV.")
    ] = None,
) -> None:
    """What the programme's documents say, line by line, and what stands against its targets.

    Every figure has its document and lines (003:214 is line 214 of document 003; topic documents
    names them). Documents that disagree stand side by side (contradictions). Years and counties of
    which no document speaks are blank: nothing is filled in. Targets by year, build-out rate by
    county, indicators to 2030, staff, supervisors (one for so many workers), money, the centre's
    share by fiscal tier, appraisal, and every service with what is held of it.

    Examples:

    geoplan programme

    geoplan --lang zh programme --topic targets --topic contradictions

    geoplan programme --county 臺南市

    geoplan --json programme --topic kpis

    geoplan programme --out programme-tables
    """
    from geoplan.programme_console import Asked, tell_programme

    topics = tuple(each.value.replace("-", "_") for each in topic or ())
    tell_programme(Asked(study, topics, county, out), OPTIONS.lang, as_json=OPTIONS.json)
