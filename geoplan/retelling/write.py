"""Writes a report in the forms that are asked for, each file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from geoplan.errors import CannotWrite, SeveralMissing, SourceMissing, WrongUsage
from geoplan.explain.finding import find_township
from geoplan.finished import whole_files
from geoplan.gazetteer import find_county
from geoplan.reporting.content import Report
from geoplan.reporting.fonts import chinese_fonts
from geoplan.reporting.html import html_bytes
from geoplan.reporting.pdf import pdf_bytes
from geoplan.reporting.report import report_of
from geoplan.reporting.word import docx_bytes
from geoplan.retelling.brief import brief_of
from geoplan.retelling.ground import Ground, read_ground
from geoplan.texts import Lang

FORMS: dict[str, Callable[[Report, Path | None], bytes]] = {
    "html": lambda report, _: html_bytes(report),
    "pdf": pdf_bytes,
    "docx": docx_bytes,
}
"""Name of a form (and ending of its file) -> what makes it of a report and a folder of fonts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: of whom, in which forms and language, where to, with which fonts."""

    forms: Sequence[str]
    lang: Lang
    county: str | None = None
    township: str | None = None
    out: Path | None = None
    fonts: Path | None = None


def write_report(folder: Path, asked: Asked) -> list[Path]:
    """Write the report of the result in `folder`; the files, in the order of the forms.

    Raises:
        SourceMissing: there is no finished result, it was changed, or there is no Chinese font.
        WrongUsage: no county or township is called so, or `out` does not fit the forms.
        CannotWrite: a file cannot be written there.
    """
    if asked.county and asked.township:
        raise WrongUsage("report_one_place")
    one_file = _is_file(asked)
    _check(folder, asked)
    ground = read_ground(folder)
    report = _report(ground, asked)
    out = asked.out or folder.parent / f"{folder.resolve().name}-report"
    written = []
    for form in asked.forms:
        path = out if one_file else out / f"{report.name}.{form}"
        write_whole(path, FORMS[form](report, asked.fonts))
        written.append(path)
    return written


def _check(folder: Path, asked: Asked) -> None:
    """The result and the fonts, before the work: what is absent of either is told together."""
    checks: list[Callable[[], object]] = [lambda: whole_files(folder)]
    if asked.forms != ["html"]:
        checks.append(lambda: chinese_fonts(asked.fonts))
    missing = []
    for check in checks:
        try:
            check()
        except SourceMissing as error:
            missing.append(error)
    if len(missing) == 1:
        raise missing[0]
    if missing:
        raise SeveralMissing(missing)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there: it is the old one or the new one, whole.

    Raises:
        CannotWrite: the folder or the disk says no.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).chmod(0o644)
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        why = error.strerror or str(error)
        told = {"folder": str(path.parent), "path": str(path), "why": why}
        raise CannotWrite("cannot_write", **told) from error


def _is_file(asked: Asked) -> bool:
    """Whether `out` names one file: it has the ending of a form."""
    ending = asked.out.suffix.lower().lstrip(".") if asked.out is not None else ""
    if ending not in FORMS:
        return False
    if list(asked.forms) != [ending]:
        raise WrongUsage("report_one_file", file=str(asked.out))
    return True


def _report(ground: Ground, asked: Asked) -> Report:
    if asked.township:
        code = find_township(ground.finished.rows, asked.township)
        return brief_of(ground, code, asked.lang)
    county = find_county(ground.shapes, asked.county) if asked.county else ""
    return report_of(ground.material(county), asked.lang)
