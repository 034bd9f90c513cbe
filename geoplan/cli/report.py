"""`geoplan report`: a finished result as a report to read, print and edit."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geoplan.cli.common import OPTIONS, LangChoice, guarded
from geoplan.texts import say


class Form(StrEnum):
    """What `--format` may be."""

    html = "html"
    pdf = "pdf"
    docx = "docx"


@guarded
def report(  # noqa: PLR0913 - every option of the command
    folder: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    county: Annotated[
        str | None, typer.Option(help="Of this county alone: its name or its code.")
    ] = None,
    township: Annotated[
        str | None, typer.Option(help="Of this township alone, on one page: name or code.")
    ] = None,
    form: Annotated[
        list[Form] | None, typer.Option("--format", help="One or more (default: pdf).")
    ] = None,
    lang: Annotated[LangChoice, typer.Option(help="Language of the report.")] = LangChoice.zh,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder, or a file with the format's ending (<folder>-report)."),
    ] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="Fonts of this folder alone, not those of the system.")
    ] = None,
) -> None:
    """Write a finished result as a report: findings, maps, charts, lists, method, sources.

    Reads the folder and computes nothing anew. The PDF is tagged, the DOCX is there to be edited;
    both need a font that prints Chinese (Debian: fonts-noto-cjk).

    Examples:

    geoplan report maps/tw-2030

    geoplan report maps/tw-2030 --county 屏東縣 --format pdf --format docx

    geoplan report maps/tw-2030 --township 屏東縣霧臺鄉

    geoplan report maps/tw-2030 --lang en --out plan.pdf
    """
    from geoplan.retelling.write import Asked, write_report

    forms = list(dict.fromkeys(each.value for each in form or (Form.pdf,)))
    asked = Asked(forms, lang.value, county, township, out, fonts)
    written = write_report(folder, asked)
    if OPTIONS.json:
        print(json.dumps({"files": [str(path) for path in written]}, ensure_ascii=False))
        return
    for path in written:
        print(say("reporting.written", OPTIONS.lang, file=path))
