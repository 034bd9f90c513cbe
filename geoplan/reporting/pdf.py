"""The report as a tagged PDF (PDF/UA-1), set by typst."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from geoplan.reporting.content import Block, Report, Section, Table, on_paper
from geoplan.reporting.fonts import chinese_fonts

PIXELS_PER_INCH = 200
WITHOUT_FONT = re.compile(r"the text `(.+?)` could not be displayed")
BY_NUMBER = re.compile(r"\\u\{([0-9a-f]+)\}")
"""How typst says which letters no font has."""
JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
MOST_WITHOUT_FONT = 12


def pdf_bytes(report: Report, fonts: Path | None = None) -> bytes:
    """The report as PDF; the same report and fonts give the same bytes.

    A letter that no font has, which PDF/UA forbids, is told by its number (`[U+E123]`). Where many
    letters have none (a script without a font), they are empty boxes, and it is not PDF/UA.

    Raises:
        SourceMissing: there is no font for Chinese.
    """
    import typst

    told = as_json(on_paper(report), chinese_fonts(fonts))
    for _ in range(MOST_WITHOUT_FONT):
        try:
            return _typeset("report.typ", told, fonts)
        except typst.TypstError as error:
            if not WITHOUT_FONT.search(str(error)):
                raise
            for letter in _without_font(str(error)):
                told = told.replace(letter, f"[U+{ord(letter):04X}]")
            told = JOINERS.sub("", told)  # there is nothing to join to a number
    return _typeset("report.typ", told, fonts, strict=False)


def _without_font(error: str) -> set[str]:
    """The letters that typst says no font has; it writes some of them as numbers."""
    found = set()
    for text in WITHOUT_FONT.findall(error):
        found |= set(BY_NUMBER.sub(lambda at: chr(int(at[1], 16)), text))
    return {letter for letter in found if not letter.isascii()}


def png_bytes(svg: str, fonts: Path | None = None) -> bytes:
    """A drawing as PNG, for a form that knows no SVG."""
    return _typeset("picture.typ", json.dumps({"svg": svg}), fonts, "png")


def as_json(report: Report, families: list[str]) -> str:
    """What the template reads: texts, numbers and drawings; no markup and no code."""
    told = {
        "lang": report.lang,
        "title": report.title,
        "kind": report.kind,
        "meta": report.meta,
        "foot": report.foot,
        "date": date_of(report),
        "brief": report.brief,
        "words": report.words,
        "fonts": families,
        "sections": [_section(each) for each in report.sections],
    }
    return json.dumps(told, ensure_ascii=False)


def date_of(report: Report) -> list[int]:
    """Year, month and day of the data; what is not said is the first."""
    parts = [int(part) for part in report.date.split("-") if part.isdigit()][:3]
    return [*parts, *(1970, 1, 1)[len(parts) :]]


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "page": section.page,
        "blocks": [_block(each) for each in section.blocks],
        "parts": [_section(each) for each in section.parts],
    }


def _block(block: Block) -> dict[str, Any]:
    told = asdict(block) | {"kind": type(block).__name__.lower()}
    if isinstance(block, Table):
        told["numeric"] = sorted(block.numeric)
        told["weights"] = block.weights or [1] * len(block.heads)
    return told


def _typeset(
    template: str,
    told: str,
    fonts: Path | None,
    form: Literal["pdf", "png"] = "pdf",
    strict: bool = True,
) -> bytes:
    import typst

    source = (files("geoplan.reporting") / "templates" / template).read_bytes()
    folders = [] if fonts is None else [str(fonts)]
    compiler = typst.Compiler(
        font_paths=folders,
        ignore_system_fonts=fonts is not None,
        sys_inputs={"report": told},
    )
    made = compiler.compile(
        source,
        format=form,
        ppi=PIXELS_PER_INCH,
        pdf_standards=["ua-1"] if form == "pdf" and strict else [],
        timestamp=0,
    )
    page = made[0] if isinstance(made, list) else made
    return page or b""
