"""`geoplan export`: a finished result in the forms that a GIS reads."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, guarded
from geoplan.texts import say


class Form(StrEnum):
    """What `--format` may be."""

    geojson = "geojson"
    geoparquet = "geoparquet"
    kml = "kml"
    csv = "csv"
    gpkg = "gpkg"


@guarded
def export(
    folder: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files (default: <folder>-export).")
    ] = None,
    form: Annotated[
        list[Form] | None,
        typer.Option("--format", help="One or more (default: geojson, geoparquet and kml)."),
    ] = None,
    county: Annotated[
        str | None, typer.Option(help="Only this county: its name or its code.")
    ] = None,
) -> None:
    """Write the areas, sites and villages of a result as GeoJSON, GeoParquet, KML, CSV, GeoPackage.

    One file for each service (its townships with every figure), for sites and for villages; KML has
    the sites alone. Coordinates are WGS 84. columns.csv says what each column means.

    Examples:

    geoplan export maps/tw-2030

    geoplan export maps/tw-2030 --format gpkg --format csv --county 屏東縣 --out gis/pingtung
    """
    from geoplan.exporting import export_result

    forms = [each.value for each in form or (Form.geojson, Form.geoparquet, Form.kml)]
    target = out or folder.parent / f"{folder.resolve().name}-export"
    count = export_result(folder, target, list(dict.fromkeys(forms)), county)
    print(say("cli.exported", OPTIONS.lang, folder=target, count=count))
