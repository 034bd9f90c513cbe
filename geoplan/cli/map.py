"""`geoplan map`: pages of a finished result, one a county."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded, progress_bar
from geoplan.errors import WrongUsage
from geoplan.texts import say


class BaseMapChoice(StrEnum):
    """Base maps that a page can be drawn with."""

    emap = "emap"


@guarded
def draw_map(
    folder: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    county: Annotated[
        str | None, typer.Option(help="The page of this county: its name or its code.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every county's page, and a start page that links them.")
    ] = False,
    base_map: Annotated[
        BaseMapChoice | None,
        typer.Option(
            help="A base map from the internet that readers may switch on; by default none."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the pages (default: <folder>-pages).")
    ] = None,
) -> None:
    """Draw pages of a result: a county down to its villages, all counties, or the nation anew.

    Nothing is computed again: the figures are those of map.html. Every page is one file that opens
    without a network, unless --base-map is given: then a reader may switch on picture tiles of the
    National Land Surveying and Mapping Center.

    Examples:

    geoplan map maps/tw-2030 --county 屏東縣

    geoplan map maps/tw-2030 --all --out pages
    """
    from geoplan.mapping import Pages, draw_pages

    if county is not None and every:
        raise WrongUsage("county_or_all")
    pages = Pages(county, every, base_map and base_map.value)
    target = out or folder.parent / f"{folder.resolve().name}-pages"
    with progress_bar() as told:
        written = draw_pages(folder, target, pages, told)
    print(say("cli.drawn", OPTIONS.lang, page=target / written[0], count=len(written)))
